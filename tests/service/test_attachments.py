"""Files sealed, judged and read back: whatever the pieces, under the person's own key, and never changed unnoticed."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command.errors import Corrupt, NotFound, TooLarge
from command.ledger import box
from command.service.attachments import Attachments, Wish, opened, sealed_parts
from command.store.memory import MemoryKeyStore, MemoryStore
from command.store.memory_blobs import MemoryBlobs
from command.uploads.kept import MOST_BYTES, OPEN_FOR, PART_BYTES, End, Part
from tests.store.blobs_contract import redact
from tests.store.contract import LOG, T0, fill
from tests.uploads.corpus import jpeg

PHOTO = jpeg()
KEY = b"k" * 32


class House:
    """The service over memory."""

    def __init__(self) -> None:
        self.now = T0
        self.store = MemoryStore(lambda: self.now)
        self.keys = MemoryKeyStore()
        self.blobs = MemoryBlobs(self.store)
        numbers = itertools.count(1)
        self.files = Attachments(self.blobs, self.keys, lambda: self.now, lambda: f"u{next(numbers)}")

    async def bring(self, raw: bytes = PHOTO, who: str = "officer", finish: bool = True, **more: Any) -> End | None:
        """A whole file, in one go."""
        wish = Wish(**{
            "attachment": "at-1", "subject": "p1", "kind": "photo", "sha256": hashlib.sha256(raw).hexdigest(),
            "size_bytes": len(raw), **more,
        })  # fmt: skip
        made = await self.files.announce(LOG, who, wish)
        await self.files.write(await self.files.progress(LOG, made.upload, who), 0, raw)
        return await self.files.finish(LOG, made.upload) if finish else None

    async def read(self, copy: Any = "original", start: int = 0, end: int | None = None) -> bytes:
        """The only file of p1."""
        (blob,) = await self.files.blobs(LOG, ["p1"])
        manifest = await self.files.manifest(LOG, blob)
        size = manifest.size_bytes if copy == "original" else manifest.shown_bytes
        pieces = self.files.read(LOG, blob, copy, size, start, size if end is None else end)
        return b"".join([piece async for piece in pieces])


@pytest.fixture
async def house() -> House:
    """With a log."""
    made = House()
    await fill(made.store, 2)
    return made


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_file_comes_back_whatever_pieces_it_came_in_and_whatever_range_is_read(data: st.DataObject) -> None:
    """Pieces of any size, across the bounds of parts; each range is exactly that of the file."""

    async def run() -> None:
        house = House()
        await fill(house.store, 2)
        raw = PHOTO + b"\x01\x02\x03" * data.draw(st.integers(0, 200_000))
        wish = Wish("at-1", "p1", "photo", hashlib.sha256(raw).hexdigest(), len(raw))
        made = await house.files.announce(LOG, "officer", wish)
        offset = 0
        while offset < len(raw):
            found = await house.files.progress(LOG, made.upload, "officer")
            assert found.offset == offset
            size = data.draw(st.integers(1, len(raw)))
            offset = await house.files.write(found, offset, raw[offset : offset + size])
        end = await house.files.finish(LOG, made.upload)
        assert (end.sha256, end.judged) == (wish.sha256, "kept")
        start = data.draw(st.integers(0, len(raw) - 1))
        behind = data.draw(st.integers(start + 1, len(raw)))
        assert await house.read(start=start, end=behind) == raw[start:behind]

    asyncio.run(run())


async def test_what_is_stored_is_ciphertext_and_the_copy_for_screens_is_silent(house: House) -> None:
    """No canary in any part or manifest; the original keeps its own, the copy has lost it."""
    assert b"CANARY" in PHOTO
    await house.bring()
    boxes = [part.box for parts in house.blobs._parts.values() for part in parts]
    boxes += [blob.manifest for blob in house.blobs._blobs.values()]
    assert boxes
    assert not any(b"CANARY" in raw or b"\xff\xd8\xff" in raw for raw in boxes)
    assert await house.read() == PHOTO
    assert b"CANARY" not in await house.read("shown")
    (blob,) = await house.files.blobs(LOG, ["p1"])
    told = (await house.files.manifest(LOG, blob)).told
    assert told.taken == "2016:05:01 18:30:00", "place and time are kept, sealed"


async def test_the_same_bytes_of_two_people_are_two_files_under_two_keys(house: House) -> None:
    """So that one may go and the other stay."""
    await house.bring()
    await house.bring(subject="p0", attachment="at-2")
    await redact(house.store, "p1")
    await house.keys.destroy(LOG, ["p1"])
    assert await house.files.blobs(LOG, ["p1"]) == []
    (blob,) = await house.files.blobs(LOG, ["p0"])
    assert (await house.files.manifest(LOG, blob)).size_bytes == len(PHOTO)


async def test_without_the_key_there_is_no_file(house: House) -> None:
    """Also where its ciphertext is still in a backup."""
    await house.bring()
    (blob,) = await house.files.blobs(LOG, ["p1"])
    await house.keys.destroy(LOG, ["p1"])
    with pytest.raises(NotFound):
        await house.files.manifest(LOG, blob)
    with pytest.raises(NotFound):
        await anext(house.files.read(LOG, blob, "original", len(PHOTO), 0, 5))


async def test_a_whole_upload_of_somebody_redacted_meanwhile_is_judged_by_nobody(house: House) -> None:
    """The sweep goes on to the next."""
    await house.bring(finish=False)
    await house.keys.destroy(LOG, ["p1"])
    with pytest.raises(NotFound):
        await house.files.finish(LOG, "u1")
    assert await house.files.sweep() == (0, 0)


async def test_an_upload_is_judged_when_it_is_whole_and_once(house: House) -> None:
    """Two at a time get one answer."""
    with pytest.raises(NotFound):
        await house.files.finish(LOG, "nothing")
    await house.bring(finish=False)
    ends = await asyncio.gather(house.files.finish(LOG, "u1"), house.files.finish(LOG, "u1"))
    assert ends[0] == ends[1]
    found = await house.files.progress(LOG, "u1", "officer")
    assert found.end == ends[0]
    assert not await house.files.drop(found)


async def test_the_sweep_ends_what_a_dead_node_left_and_what_is_over(house: House) -> None:
    """One that was whole is judged; one whose time is over is removed."""
    await house.bring(finish=False)
    wish = Wish("at-2", "p1", "photo", "0" * 64, 10)
    made = await house.files.announce(LOG, "officer", wish)
    assert await house.files.sweep() == (1, 0)
    house.now += OPEN_FOR
    with pytest.raises(NotFound):
        await house.files.progress(LOG, made.upload, "officer")
    assert await house.files.sweep() == (0, 1)
    assert await house.read() == PHOTO


async def test_one_that_cannot_be_judged_does_not_keep_the_others_waiting(house: House) -> None:
    """A changed part is logged, not shown, and left as it is."""
    await house.bring(finish=False)
    await house.bring(jpeg(3, 3), attachment="at-2", finish=False)
    parts = house.blobs._parts[LOG, "u1", "original"]
    parts[0] = Part(parts[0].start, parts[0].size_bytes, parts[0].box[:-1] + b"!")
    assert await house.files.sweep() == (1, 0)


async def test_too_large_for_its_kind_is_refused(house: House) -> None:
    """Before anything is kept."""
    for kind, most in MOST_BYTES.items():
        with pytest.raises(TooLarge):
            await house.files.announce(LOG, "officer", Wish("at-1", "p1", kind, "0" * 64, most + 1))
    assert not house.blobs._uploads


async def test_a_manifest_that_does_not_agree_with_its_row_is_not_believed(house: House) -> None:
    """Nor one of another file, though it is of the same person."""
    await house.bring()
    await house.bring(jpeg(3, 3), attachment="at-2")
    one, other = await house.files.blobs(LOG, ["p1"])
    for changed in (
        type(one)(one.blob, one.subject, one.sha256, one.size_bytes, one.judged, other.manifest),
        type(one)(one.blob, one.subject, other.sha256, one.size_bytes, one.judged, one.manifest),
        type(one)(one.blob, one.subject, one.sha256, one.size_bytes + 1, one.judged, one.manifest),
    ):
        with pytest.raises(Corrupt):
            await house.files.manifest(LOG, changed)


async def test_a_file_cut_short_in_the_store_is_noticed(house: House) -> None:
    """Whichever part is missing, and where one is there too many."""
    raw = PHOTO + bytes(3 * PART_BYTES)
    await house.bring(raw)
    parts = house.blobs._parts[LOG, "u1", "original"]
    right = list(parts)
    for wrong in (right[:-1], right[1:], [right[0], *right[2:]], [*right, Part(len(raw), 3, right[0].box)]):
        parts[:] = wrong
        with pytest.raises(Corrupt):
            await house.read(end=len(raw) + 3 if len(wrong) > len(right) else None)
    parts[:] = right
    assert await house.read() == raw


def test_a_part_opens_at_its_own_place_only() -> None:
    """Of its file, copy, start and length; in order, without a gap."""
    parts = sealed_parts(KEY, LOG, "b", "original", bytes(PART_BYTES) + b"rest", 100)
    assert [(part.start, part.size_bytes) for part in parts] == [(100, PART_BYTES), (100 + PART_BYTES, 4)]
    assert opened(KEY, LOG, "b", "original", parts) == bytes(PART_BYTES) + b"rest"
    one, two = parts
    moved = Part(0, one.size_bytes, one.box)
    shorter = Part(one.start, one.size_bytes - 1, one.box)
    for log, name, copy, wrong in (
        (LOG, "b", "original", [two, one]), (LOG, "b", "original", [one, one]), (LOG, "b", "original", [moved]),
        (LOG, "b", "original", [shorter]), (LOG, "b", "shown", [one]), (LOG, "c", "original", [one]),
        ("other", "b", "original", [one]),
    ):  # fmt: skip
        with pytest.raises(Corrupt):
            opened(KEY, log, name, copy, wrong)  # type: ignore[arg-type]  # literals
    assert opened(KEY, LOG, "b", "original", []) == b""


def test_no_place_of_a_file_reads_like_another() -> None:
    """Parts, manifests, keys and disclosures have places of their own."""
    assert len({
        box.part_aad(LOG, "b", "shown", 1, 2), box.part_aad(LOG, "b", "shown", 12, 2), box.manifest_aad(LOG, "b"),
        box.key_aad(LOG, "b"), box.aad(LOG, 1, "b"),
    }) == 5  # fmt: skip


async def test_time_is_over_after_seven_days(house: House) -> None:
    """By the clock that is handed in."""
    made = await house.files.announce(LOG, "officer", Wish("at-1", "p1", "photo", "0" * 64, 10))
    assert made.expires_at - made.created_at == timedelta(days=7)
    assert made.created_at == datetime(2026, 5, 1, 17, 0, tzinfo=UTC)
