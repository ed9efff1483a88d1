"""The contract of a store of files, written once: test_blobs and test_memory_blobs run it on theirs."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from command.errors import Busy, NotFound, WrongOffset
from command.store.ports import AuditRow, Store
from command.store.ports_blobs import BlobStore
from command.uploads.kept import Announced, Blob, End, Part
from tests.store.contract import AUDIT, LOG, T0, batch, fill, redacted

DIGEST = "a" * 64
HOUR = timedelta(hours=1)


def announced(upload: str = "u1", **more: Any) -> Announced:
    """Ten bytes of a photograph of p1."""
    given: dict[str, Any] = {
        "log": LOG, "upload": upload, "who": "officer", "attachment": "at1", "subject": "p1", "kind": "photo",
        "size_bytes": 10, "sha256": DIGEST, "created_at": T0, "expires_at": T0 + HOUR,
    }  # fmt: skip
    return Announced(**{**given, **more})


def ended(upload: str = "u1", blob: str = "u1", sha256: str = DIGEST, at: datetime = T0, **more: Any) -> End:
    """As announced, kept."""
    return End(**{
        "upload": upload, "attachment": "at1", "blob": blob, "sha256": sha256, "size_bytes": 10, "judged": "kept",
        "who": "officer", "at": at, **more,
    })  # fmt: skip


def blob(name: str = "u1", subject: str = "p1", sha256: str = DIGEST) -> Blob:
    """The file of an upload."""
    return Blob(name, subject, sha256, 10, "kept", b"manifest")


async def redact(store: Store, subject: str) -> None:
    """Order a person's records away."""
    async with store.append(LOG) as append:
        event = redacted(append.head.seq + 1, subject)
        await append.commit(batch(append.head, [event], redact_subjects=[subject]))


async def trail(store: Store) -> list[AuditRow]:
    """Oldest first."""
    return [row for _, row in reversed(await store.audit_entries(None, 100))]


class BlobsContract:
    """What every store of files does. Subclasses give `store` and `blobs`, on one database."""

    @pytest.fixture
    async def uploads(self, store: Store, blobs: BlobStore) -> BlobStore:
        """With a log to belong to."""
        await fill(store, 2)
        return blobs

    async def test_bytes_come_back_in_order_whatever_pieces_they_came_in(self, uploads: BlobStore) -> None:
        await uploads.announce(announced(), 5)
        assert await uploads.add(LOG, "u1", 0, [Part(0, 3, b"abc-sealed"), Part(3, 4, b"defg-sealed")]) == 7
        assert await uploads.add(LOG, "u1", 7, [Part(7, 3, b"hij-sealed")]) == 10
        assert [part.start for part in await uploads.parts(LOG, "u1", "original", 0, 10)] == [0, 3, 7]
        assert [part.start for part in await uploads.parts(LOG, "u1", "original", 3, 4)] == [3]
        assert [part.start for part in await uploads.parts(LOG, "u1", "original", 2, 8)] == [0, 3, 7]
        assert await uploads.parts(LOG, "u1", "shown", 0, 10) == []
        found = await uploads.progress(LOG, "u1")
        assert found is not None
        assert (found.offset, found.whole, found.end) == (10, True, None)
        assert found.announced == announced()
        assert await uploads.progress(LOG, "u2") is None

    async def test_only_the_next_bytes_are_taken(self, uploads: BlobStore) -> None:
        await uploads.announce(announced(), 5)
        await uploads.add(LOG, "u1", 0, [Part(0, 3, b"x")])
        for offset, part in (
            (0, Part(0, 3, b"y")),
            (2, Part(2, 3, b"y")),
            (4, Part(4, 3, b"y")),
            (3, Part(3, 8, b"y")),
        ):
            with pytest.raises(WrongOffset):
                await uploads.add(LOG, "u1", offset, [part])
        assert [part.box for part in await uploads.parts(LOG, "u1", "original", 0, 10)] == [b"x"]
        with pytest.raises(NotFound):
            await uploads.add(LOG, "nothing", 0, [Part(0, 3, b"y")])

    async def test_of_many_who_add_at_once_one_does(self, uploads: BlobStore) -> None:
        await uploads.announce(announced(), 5)
        answers = await asyncio.gather(
            *(uploads.add(LOG, "u1", 0, [Part(0, 3, bytes([n]))]) for n in range(6)), return_exceptions=True
        )
        assert [one for one in answers if not isinstance(one, WrongOffset)] == [3]

    async def test_the_same_file_announced_again_is_the_same_upload(self, store: Store, uploads: BlobStore) -> None:
        first = await uploads.announce(announced(), 5, [AUDIT])
        again = await uploads.announce(announced("u2", created_at=T0 + HOUR / 2), 5, [AUDIT])
        assert again == first
        others = [
            announced("u3", who="other"), announced("u4", attachment="at2"), announced("u5", sha256="b" * 64),
            announced("u6", subject="p0"), announced("u7", size_bytes=11), announced("u8", kind="document"),
        ]  # fmt: skip
        for other in others:
            assert (await uploads.announce(other, 9)).upload == other.upload
        assert await trail(store) == [AUDIT]

    async def test_an_upload_whose_time_is_over_or_that_brought_other_bytes_is_begun_anew(
        self, uploads: BlobStore
    ) -> None:
        await uploads.announce(announced(), 5)
        late = announced("u2", created_at=T0 + HOUR, expires_at=T0 + 2 * HOUR)
        assert (await uploads.announce(late, 5)).upload == "u2"
        await uploads.add(LOG, "u2", 0, [Part(0, 10, b"x")])
        await uploads.finish(LOG, ended("u2", "u2", "b" * 64), blob("u2", sha256="b" * 64), [])
        assert (await uploads.announce(announced("u3", created_at=T0 + HOUR), 5)).upload == "u3"

    async def test_too_many_under_way_are_refused(self, uploads: BlobStore) -> None:
        for n in range(2):
            await uploads.announce(announced(f"u{n}", attachment=f"at{n}"), 2)
        with pytest.raises(Busy):
            await uploads.announce(announced("u2", attachment="at2"), 2)
        await uploads.announce(announced("u3", attachment="at2", who="other"), 2)
        assert await uploads.drop(LOG, "u0")
        await uploads.announce(announced("u2", attachment="at2"), 2)

    async def test_a_whole_upload_ends_once_and_stays(self, store: Store, uploads: BlobStore) -> None:
        await uploads.announce(announced(), 5)
        await uploads.add(LOG, "u1", 0, [Part(0, 10, b"x")])
        assert await uploads.unfinished(10) == [(LOG, "u1")]
        first = await uploads.finish(LOG, ended(), blob(), [Part(0, 4, b"clean")], [AUDIT])
        again = await uploads.finish(LOG, ended(at=T0 + HOUR), blob(), [Part(0, 4, b"other")], [AUDIT])
        assert again == first == ended()
        assert await trail(store) == [AUDIT]
        assert await uploads.unfinished(10) == []
        assert [part.box for part in await uploads.parts(LOG, "u1", "shown", 0, 10)] == [b"clean"]
        assert await uploads.blobs(LOG, ["p1", "p0"]) == [blob()]
        assert await uploads.ends(LOG, ["at1", "at9"]) == [ended()]
        assert not await uploads.drop(LOG, "u1")
        assert await uploads.expire(T0 + 9 * HOUR, 10) == 0
        with pytest.raises(WrongOffset):
            await uploads.add(LOG, "u1", 10, [Part(10, 1, b"x")])
        with pytest.raises(NotFound):
            await uploads.finish(LOG, ended("u9"), blob("u9"), [])

    async def test_the_same_file_of_the_same_person_is_kept_once(self, uploads: BlobStore) -> None:
        for n in (1, 2):
            await uploads.announce(announced(f"u{n}", who=f"officer{n}"), 5)
            await uploads.add(LOG, f"u{n}", 0, [Part(0, 10, b"x")])
        await uploads.finish(LOG, ended(who="officer1"), blob(), [])
        twin = await uploads.finish(LOG, ended("u2", "u2", who="officer2"), blob("u2"), [Part(0, 4, b"clean")])
        assert twin == ended("u2", "u1", who="officer2")
        assert len(await uploads.blobs(LOG, ["p1"])) == 1
        assert await uploads.parts(LOG, "u2", "original", 0, 10) == []
        assert await uploads.parts(LOG, "u2", "shown", 0, 10) == []
        assert len(await uploads.parts(LOG, "u1", "original", 0, 10)) == 1
        found = await uploads.progress(LOG, "u2")
        assert found is not None
        assert (found.offset, found.end) == (10, twin)

    async def test_what_nobody_ended_in_time_is_removed(self, uploads: BlobStore) -> None:
        await uploads.announce(announced(), 5)
        await uploads.add(LOG, "u1", 0, [Part(0, 3, b"x")])
        assert await uploads.expire(T0 + HOUR / 2, 10) == 0
        assert await uploads.expire(T0 + HOUR, 10) == 1
        assert await uploads.progress(LOG, "u1") is None
        assert await uploads.parts(LOG, "u1", "original", 0, 10) == []

    async def test_a_redaction_takes_all_files_of_its_person_and_nothing_new_comes(
        self, store: Store, uploads: BlobStore
    ) -> None:
        for upload, subject in (("u1", "p1"), ("u2", "p1"), ("u3", "p0")):
            await uploads.announce(announced(upload, subject=subject, attachment=upload), 5)
            await uploads.add(LOG, upload, 0, [Part(0, 10, b"x")])
            if upload != "u2":
                await uploads.finish(LOG, ended(upload, upload), blob(upload, subject), [Part(0, 4, b"clean")])
        await redact(store, "p1")
        for upload in ("u1", "u2"):
            assert await uploads.progress(LOG, upload) is None
            assert await uploads.parts(LOG, upload, "original", 0, 10) == []
            assert await uploads.parts(LOG, upload, "shown", 0, 10) == []
        assert await uploads.blobs(LOG, ["p1", "p0"]) == [blob("u3", "p0")]
        with pytest.raises(NotFound):
            await uploads.announce(announced("u4"), 5)
        with pytest.raises(NotFound):
            await uploads.finish(LOG, ended("u2", "u2"), blob("u2"), [])

    async def test_an_upload_belongs_to_an_incident_that_there_is(self, blobs: BlobStore) -> None:
        with pytest.raises(NotFound):
            await blobs.announce(announced(), 5)
