"""Uploads by tus 1.0 through the front door: once, in order, one's own, bounded, and on the trail."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
from typing import Any, cast

import pytest

from command.access.audit import entry
from command.errors import Unavailable
from command.store.memory_blobs import MemoryBlobs
from command.uploads.kept import LARGEST, MOST_BYTES, PART_BYTES
from command.web import tus
from command.web.services import Rates
from tests.uploads.corpus import jpeg, png
from tests.web.harness import START, Answer, Site, running, submission

PHOTO = jpeg()


def digest(raw: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(raw).hexdigest()


def told(raw: bytes = PHOTO, **more: str) -> str:
    """Upload-Metadata."""
    given = {
        "attachment": "at-1",
        "subject": "s-1",
        "kind": "photo",
        "sha256": digest(raw),
        "filename": "x.jpg",
        **more,
    }
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in given.items() if value)


class Officer:
    """Somebody with a file to bring."""

    def __init__(self, site: Site, incident: str, cookie: str) -> None:
        self.site = site
        self.incident = incident
        self.cookie = cookie

    async def ask(self, method: str, path: str, raw: bytes | None = None, **headers: str) -> Answer:
        """One request of the protocol."""
        sent = {"Tus-Resumable": "1.0.0", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if raw is not None:
            sent.setdefault("Content-Type", tus.MEDIA)
        return await self.site.call(method, path, cookie=self.cookie, headers=sent, raw=raw)

    async def begin(self, raw: bytes = PHOTO, size: int | None = None, **more: Any) -> str:
        """The path of a new upload."""
        answer = await self.announce(raw, size, **more)
        assert answer.status == 201, answer.body
        return str(answer.headers["Location"])

    async def announce(self, raw: bytes = PHOTO, size: int | None = None, **more: Any) -> Answer:
        """The answer to a new upload."""
        return await self.ask(
            "POST", f"/api/incidents/{self.incident}/uploads", Upload_Length=str(len(raw) if size is None else size),
            Upload_Metadata=told(raw, **more),
        )  # fmt: skip

    async def send(self, path: str, raw: bytes, offset: int = 0, **headers: str) -> Answer:
        """The next bytes."""
        return await self.ask("PATCH", path, raw, Upload_Offset=str(offset), **headers)

    async def state(self, path: str) -> str:
        """What the server says of an upload."""
        return str((await self.ask("GET", path)).json["state"])


@pytest.fixture
async def officer(site: Site) -> Officer:
    """At an incident."""
    incident = await site.open(await site.sign_in("commander"))
    return Officer(site, incident, await site.sign_in("field"))


async def test_a_file_is_brought_in_pieces(officer: Officer) -> None:
    """Announced, sent in two, asked about, whole; each answer names the protocol and where things stand."""
    path = await officer.begin()
    first = await officer.send(path, PHOTO[:50])
    assert (first.status, first.headers["Upload-Offset"]) == (204, "50")
    head = await officer.ask("HEAD", path)
    assert (head.status, head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (200, "50", str(len(PHOTO)))
    assert "Upload-Expires" in head.headers
    assert head.headers["Cache-Control"] == "no-store"
    last = await officer.send(path, PHOTO[50:], 50)
    assert (last.status, last.headers["Upload-Offset"]) == (204, str(len(PHOTO)))
    assert "Upload-Expires" not in last.headers
    assert {answer.headers["Tus-Resumable"] for answer in (first, head, last)} == {"1.0.0"}
    assert await officer.state(path) == "kept"


async def test_what_the_server_offers(officer: Officer) -> None:
    """The extensions, the checksums, the largest size."""
    answer = await officer.ask("OPTIONS", f"/api/incidents/{officer.incident}/uploads")
    assert answer.status == 204
    assert answer.headers["Tus-Extension"] == "creation,termination,checksum,expiration"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"
    assert answer.headers["Tus-Max-Size"] == str(LARGEST)


async def test_the_same_file_announced_again_is_the_same_upload(officer: Officer) -> None:
    """An answer that was lost costs nothing; another file for the record is another upload."""
    path = await officer.begin()
    await officer.send(path, PHOTO[:50])
    assert await officer.begin() == path
    assert await officer.begin(png()) != path


async def test_another_offset_is_a_conflict_and_keeps_nothing(officer: Officer) -> None:
    """Behind, before, and a body that goes beyond the end."""
    path = await officer.begin()
    await officer.send(path, PHOTO[:50])
    for offset in (0, 49, 51):
        answer = await officer.send(path, b"x", offset)
        assert (answer.status, answer.json["code"], answer.headers["Tus-Resumable"]) == (409, "wrong-offset", "1.0.0")
    assert (await officer.send(path, PHOTO + b"x", 50)).status == 413
    assert (await officer.ask("HEAD", path)).headers["Upload-Offset"] == "50"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_a_body_that_does_not_fit_its_checksum_is_not_kept(officer: Officer, algorithm: str) -> None:
    """460; the right one is."""
    path = await officer.begin()
    right = base64.b64encode(hashlib.new(algorithm, PHOTO).digest()).decode()
    wrong = await officer.send(path, PHOTO[:-1] + b"x", Upload_Checksum=f"{algorithm} {right}")
    assert (wrong.status, wrong.json["code"]) == (460, "wrong-checksum")
    assert (await officer.ask("HEAD", path)).headers["Upload-Offset"] == "0"
    assert (await officer.send(path, PHOTO, Upload_Checksum=f"{algorithm} {right}")).status == 204
    assert await officer.state(path) == "kept"


@pytest.mark.parametrize("text", ["md5 AAAA", "sha256 AAAA", "sha256", "sha256 !!"])
async def test_a_checksum_of_another_kind_cannot_be_read(officer: Officer, text: str) -> None:
    """And nothing is kept."""
    path = await officer.begin()
    assert (await officer.send(path, PHOTO, Upload_Checksum=text)).status == 400
    assert (await officer.ask("HEAD", path)).headers["Upload-Offset"] == "0"


async def test_an_upload_is_its_authors_own(officer: Officer) -> None:
    """To others it is not there: not to look at, to add to or to remove; nor in another incident."""
    path = await officer.begin()
    for role, person in (("field", "field-2"), ("commander", None)):
        other = Officer(officer.site, officer.incident, await officer.site.sign_in(role, person=person))  # type: ignore[arg-type]  # literals
        for answer in (
            await other.ask("HEAD", path), await other.ask("GET", path), await other.send(path, PHOTO),
            await other.ask("DELETE", path),
        ):  # fmt: skip
            assert answer.status == 404
    elsewhere = await officer.site.open(await officer.site.sign_in("commander"), "another")
    assert (await officer.ask("HEAD", path.replace(officer.incident, elsewhere))).status == 404
    assert (await officer.ask("HEAD", path)).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("role", ["reviewer", "medical", "display", "administrator"])
async def test_who_adds_no_attachments_brings_no_files(officer: Officer, role: Any) -> None:
    """The same people as the command."""
    other = Officer(officer.site, officer.incident, await officer.site.sign_in(role))
    assert (await other.announce()).status == 403


async def test_a_stranger_and_a_foreign_page_are_stopped_at_the_door(officer: Officer) -> None:
    """As everywhere."""
    path = await officer.begin()
    assert (await Officer(officer.site, officer.incident, "").send(path, PHOTO)).status == 401
    assert (await officer.send(path, PHOTO, Origin="https://evil.example")).status == 403


async def test_each_kind_has_its_size(officer: Officer) -> None:
    """Over it the answer is 413, before a byte is sent."""
    for kind, most in MOST_BYTES.items():
        assert (await officer.announce(size=most + 1, kind=kind)).status == 413
        assert (await officer.announce(size=most, kind=kind)).status == 201
    assert (await officer.announce(size=10**14)).status == 413
    assert (await officer.announce(size=0)).status == 400


@pytest.mark.parametrize(
    "more",
    [{"attachment": ""}, {"subject": ""}, {"kind": "selfie"}, {"sha256": "AB" * 32}, {"sha256": "ab"},
     {"subject": "two words"}],
)  # fmt: skip
async def test_what_is_announced_without_its_record_cannot_be_read(officer: Officer, more: dict[str, str]) -> None:
    """Which attachment of whom, of which kind, with which digest."""
    assert (await officer.announce(**cast("dict[str, Any]", more))).status == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Tus-Resumable": ""}, 412),
        ({"Upload-Length": "x"}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Metadata": "attachment !"}, 400),
        ({"Upload-Metadata": "a" * 5000}, 413),
        ({"X-HTTP-Method-Override": "PATCH"}, 400),
    ],
)
async def test_headers_that_are_not_the_protocols(officer: Officer, headers: dict[str, str], status: int) -> None:
    """Another version, no length, a method that is another one's."""
    given = {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Metadata": told(), **headers}
    answer = await officer.site.call(
        "POST", f"/api/incidents/{officer.incident}/uploads", cookie=officer.cookie, headers=given
    )
    assert answer.status == status


async def test_a_body_of_another_type_is_not_taken(officer: Officer) -> None:
    """Nor one that is compressed, nor one without an offset."""
    path = await officer.begin()
    assert (await officer.send(path, PHOTO, Content_Type="image/jpeg")).status == 400
    assert (await officer.send(path, gzip.compress(PHOTO), Content_Encoding="gzip")).status == 400
    assert (await officer.ask("PATCH", path, PHOTO)).status == 400
    assert (await officer.ask("HEAD", path)).headers["Upload-Offset"] == "0"


async def test_an_upload_may_be_given_up_until_it_is_whole(officer: Officer) -> None:
    """Afterwards it belongs to the record."""
    path = await officer.begin()
    await officer.send(path, PHOTO[:50])
    assert (await officer.ask("DELETE", path)).status == 204
    assert (await officer.ask("HEAD", path)).status == 404
    path = await officer.begin()
    await officer.send(path, PHOTO)
    assert (await officer.ask("DELETE", path)).status == 409
    assert await officer.state(path) == "kept"


async def test_an_upload_whose_time_is_over_is_gone(officer: Officer) -> None:
    """Seven days; the same file may be announced anew."""
    path = await officer.begin()
    officer.site.move(days=6)
    officer.cookie = await officer.site.sign_in("field")
    assert (await officer.send(path, PHOTO[:50])).status == 204
    officer.site.move(days=1)
    officer.cookie = await officer.site.sign_in("field")
    assert (await officer.send(path, PHOTO[50:], 50)).status == 404
    assert await officer.begin() != path


async def test_what_is_no_picture_or_another_file_is_kept_and_said(officer: Officer) -> None:
    """Evidence is not refused for its form, nor for a digest that does not fit: both are told."""
    odd = b"MZ" + bytes(100)
    path = await officer.begin(odd)
    assert (await officer.send(path, odd)).status == 204
    assert await officer.state(path) == "unreadable"
    path = await officer.begin(PHOTO, attachment="at-2")
    assert (await officer.send(path, PHOTO[:-3] + b"\x00\xff\xd9")).status == 204
    assert await officer.state(path) == "another digest"


async def test_what_came_before_the_connection_broke_is_kept(officer: Officer) -> None:
    """Whole parts and the piece behind them, as far as they arrived; the next request goes on from there."""
    raw = jpeg() + bytes(3 * PART_BYTES)
    path = await officer.begin(raw)
    came = 2 * PART_BYTES + 1000
    _, writer = await asyncio.open_connection("127.0.0.1", int(officer.site.base.rsplit(":", 1)[1]))
    head = {
        "Host": officer.site.base.partition("//")[2], "Origin": officer.site.base, "Cookie": officer.cookie,
        "Tus-Resumable": "1.0.0", "Content-Type": tus.MEDIA, "Upload-Offset": "0", "Content-Length": str(len(raw)),
    }  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"PATCH {path} HTTP/1.1\r\n{lines}\r\n".encode() + raw[:came])
    await writer.drain()
    writer.close()
    offset = 0
    async with asyncio.timeout(60):
        while offset < came:
            offset = int((await officer.ask("HEAD", path)).headers["Upload-Offset"])
    assert offset == came
    assert (await officer.send(path, raw[came:], came)).status == 204
    assert await officer.state(path) == "kept"


async def test_whose_session_ended_meanwhile_brings_no_more_parts(officer: Officer) -> None:
    """What came before is kept; the next sign-in goes on from there."""
    raw = jpeg() + bytes(3 * PART_BYTES)
    path = await officer.begin(raw)
    site = officer.site
    reader, writer = await asyncio.open_connection("127.0.0.1", int(site.base.rsplit(":", 1)[1]))
    writer.write(
        f"PATCH {path} HTTP/1.1\r\nHost: {site.base.partition('//')[2]}\r\nOrigin: {site.base}\r\nCookie: {officer.cookie}\r\n"
        f"Tus-Resumable: 1.0.0\r\nContent-Type: {tus.MEDIA}\r\nUpload-Offset: 0\r\nConnection: close\r\n"
        f"Content-Length: {len(raw)}\r\n\r\n".encode()
        + raw[: PART_BYTES + 10]
    )
    async with asyncio.timeout(60):
        while (await officer.ask("HEAD", path)).headers["Upload-Offset"] != str(PART_BYTES):
            await asyncio.sleep(0.01)
        row = entry(None, "session.end", None, "ok", START, source="cli")
        await site.access.revoke(site.sessions[officer.cookie], site.now, row)
        writer.write(raw[PART_BYTES + 10 :])
        assert b" 401 " in await reader.readline()
    writer.close()
    officer.cookie = await site.sign_in("field")
    assert (await officer.ask("HEAD", path)).headers["Upload-Offset"] == str(PART_BYTES)


async def test_who_sends_nothing_for_long_is_let_go() -> None:
    """429, and what came is kept."""
    async with running() as site:
        officer = Officer(site, await site.open(await site.sign_in("commander")), await site.sign_in("field"))
        path = await officer.begin()
        site.hurry(body_within_s=0.2)
        port = int(site.base.rsplit(":", 1)[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {site.base}\r\nCookie: {officer.cookie}\r\n"
            f"Tus-Resumable: 1.0.0\r\nContent-Type: {tus.MEDIA}\r\nUpload-Offset: 0\r\n"
            f"Content-Length: {len(PHOTO)}\r\n\r\n".encode()
            + PHOTO[:50]
        )
        assert b" 429 " in await reader.readline()
        writer.close()
        assert (await officer.ask("HEAD", path)).headers["Upload-Offset"] == "50"


async def test_of_two_who_send_at_once_one_goes_on(officer: Officer) -> None:
    """Both reach the store at the same offset; the other is told that the upload is elsewhere."""
    blobs: Any = officer.site.services.attachments._blobs
    assert isinstance(blobs, MemoryBlobs)
    path = await officer.begin()
    both, there = asyncio.Event(), 0

    async def wait() -> None:
        nonlocal there
        there += 1
        if there == 2:
            both.set()
        await both.wait()

    blobs.on_add = wait
    answers = await asyncio.gather(officer.send(path, PHOTO), officer.send(path, PHOTO))
    assert sorted(answer.status for answer in answers) == [204, 409]
    assert await officer.state(path) == "kept"


async def test_while_the_database_is_away_the_answer_is_503(officer: Officer) -> None:
    """Clients of the protocol try that again by themselves; nothing was kept."""
    blobs: Any = officer.site.services.attachments._blobs
    path = await officer.begin()

    async def away() -> None:
        raise Unavailable("the database cannot do this now")

    blobs.on_add = away
    assert (await officer.send(path, PHOTO)).status == 503
    blobs.on_add = None
    assert (await officer.ask("HEAD", path)).headers["Upload-Offset"] == "0"
    assert (await officer.send(path, PHOTO)).status == 204


async def test_what_a_dead_node_left_whole_is_judged_when_somebody_asks(officer: Officer) -> None:
    """The last bytes were kept, and then the server died."""
    path = await officer.begin()
    attachments = officer.site.services.attachments
    found = await attachments.progress(officer.incident, path.rsplit("/", 1)[1], "field-1")
    await attachments.write(found, 0, PHOTO)
    assert (await officer.ask("HEAD", path)).headers["Upload-Offset"] == str(len(PHOTO))
    assert await officer.state(path) == "kept"


async def test_each_act_is_on_the_trail_once_and_pieces_are_none(officer: Officer) -> None:
    """Begun, ended; looked at; refused. Never what was in it."""
    start = len(await officer.site.kept())
    path = await officer.begin()
    await officer.begin()
    await officer.send(path, PHOTO[:50])
    await officer.send(path, PHOTO[50:], 50)
    await officer.send(path, b"x", 7)
    rows = [(row.action, row.outcome) for row in await officer.site.kept(start)]
    assert rows == [("incident.upload", "ok"), ("incident.upload", "ok"), ("incident.upload", "failed")]


async def test_a_redacted_persons_upload_ends_with_them(officer: Officer) -> None:
    """Under way or yet to come: 404."""
    path = await officer.begin()
    await officer.send(path, PHOTO[:50])
    administrator = await officer.site.sign_in("administrator")
    order = submission(
        {"type": "Redact", "subject": "s-1", "seqs": [], "authority": "court order 4711", "reason": "expunged"}
    )
    answer = await officer.site.call("POST", f"/api/incidents/{officer.incident}/commands", order, cookie=administrator)
    assert answer.json["answers"][0]["status"] == "accepted", answer.body
    assert (await officer.send(path, PHOTO[50:], 50)).status == 404
    assert (await officer.announce()).status == 404


async def test_one_session_brings_so_many_files_at_once_and_no_more() -> None:
    """The next is told to come back; when one has ended, there is room again."""
    async with running(Rates(files_per_session=2)) as site:
        officer = Officer(site, await site.open(await site.sign_in("commander")), await site.sign_in("field"))
        blobs: Any = site.services.attachments._blobs
        paths = [await officer.begin(attachment=f"at-{n}") for n in range(3)]
        both, go, there = asyncio.Event(), asyncio.Event(), 0

        async def wait() -> None:
            nonlocal there
            there += 1
            if there == 2:
                both.set()
            await go.wait()

        blobs.on_add = wait
        sending = [asyncio.create_task(officer.send(path, PHOTO), name=path) for path in paths[:2]]
        async with asyncio.timeout(60):
            await both.wait()
        late = await officer.send(paths[2], PHOTO)
        assert (late.status, "Retry-After" in late.headers) == (429, True)
        go.set()
        assert [(await task).status for task in sending] == [204, 204]
        assert (await officer.send(paths[2], PHOTO)).status == 204
