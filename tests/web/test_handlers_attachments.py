"""Reading what belongs to records: through the lens and its compartments, cleaned, in ranges, and on the trail."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from command.access.model import Role
from command.store.memory_blobs import MemoryBlobs
from command.views import first_account
from command.web.handlers_attachments import RANGE_BYTES
from tests.uploads.corpus import jpeg
from tests.web.harness import Answer, Site, submission
from tests.web.test_handlers_uploads import PHOTO, Officer, digest

M4A = b"\0\0\0\x18ftypM4A " + bytes(5 << 20)


class Desk(Officer):
    """The officer, and those who look."""

    async def order(self, **command: Any) -> None:
        """Send a command; it must be accepted."""
        answer = await self.site.call(
            "POST", f"/api/incidents/{self.incident}/commands",
            submission(command, issued_at=self.site.now.isoformat()), cookie=self.cookie,
        )  # fmt: skip
        assert answer.json["answers"][0]["status"] == "accepted", answer.body

    async def record(self, raw: bytes = PHOTO, attachment: str = "at-1", kind: str = "photo", **more: Any) -> None:
        """The record names a file."""
        await self.order(**{
            "type": "AddAttachment", "attachment": attachment, "record": "k-1", "subject": "s-1", "kind": kind,
            "sha256": digest(raw), "size_bytes": len(raw), "media": "image/jpeg", **more,
        })  # fmt: skip

    async def bring(self, raw: bytes = PHOTO, **more: Any) -> None:
        """The file itself."""
        path = await self.begin(raw, **more)
        answer = await self.send(path, raw)
        assert answer.status == 204, answer.body

    async def see(self, role: Role = "processing", what: str = "/at-1", method: str = "GET", **headers: str) -> Answer:
        """As someone whose grant opens identities."""
        scope: dict[str, Any] = {"compartments": ("identity",)} if role in WITH_IDENTITY else {}
        cookie = await self.site.sign_in(role, person=f"{role}-x", **scope)
        return await self.site.call(
            method, f"/api/incidents/{self.incident}/attachments{what}", cookie=cookie, headers=headers
        )

    async def finding(self, attachment: str = "at-1") -> str:
        """What the list says of a file."""
        rows = (await self.see(what="")).json["attachments"]
        return str(next(row["finding"] for row in rows if row["attachment"] == attachment))


WITH_IDENTITY = ("commander", "processing", "reviewer")


@pytest.fixture
async def desk(site: Site) -> Desk:
    """An incident with one arrest."""
    incident = await site.open(await site.sign_in("commander"))
    desk = Desk(site, incident, await site.sign_in("field"))
    await desk.order(type="RecordArrest", arrest="k-1", subject="s-1", officer="field-1", officer_agency="spd")
    return desk


async def test_the_cleaned_copy_is_shown_and_says_nothing_of_place_or_maker(desk: Desk) -> None:
    """Inline, in its own type, with everything that keeps a browser from taking it for something else."""
    await desk.record()
    await desk.bring()
    answer = await desk.see()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Content-Disposition"] == 'inline; filename="at-1.jpg"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert b"CANARY" in PHOTO
    assert b"CANARY" not in answer.body
    assert answer.body.startswith(b"\xff\xd8")


async def test_the_original_is_for_oversight_as_a_download_byte_for_byte(desk: Desk) -> None:
    """Nobody else gets it, whatever their compartments."""
    await desk.record()
    await desk.bring()
    answer = await desk.see("reviewer", "/at-1/original")
    assert answer.status == 200
    assert answer.body == PHOTO
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="at-1.original"'
    for role in ("commander", "processing", "field"):
        assert (await desk.see(role, "/at-1/original")).status == 403


@pytest.mark.parametrize(("role", "status"), [("commander", 200), ("reviewer", 200), ("field", 404), ("medical", 403)])
async def test_a_picture_takes_the_lens_and_the_compartment(desk: Desk, role: Role, status: int) -> None:
    """A photograph of somebody is who they are."""
    await desk.record()
    await desk.bring()
    assert (await desk.see(role)).status == status


async def test_without_the_compartment_only_things_are_shown(desk: Desk) -> None:
    """Command without `identity` sees what was in a bag and no face, and the list leaves faces out."""
    for attachment, kind in (("at-1", "photo"), ("at-2", "property photo")):
        await desk.record(attachment=attachment, kind=kind)
        await desk.bring(attachment=attachment, kind=kind)
    cookie = await desk.site.sign_in("commander")
    base = f"/api/incidents/{desk.incident}/attachments"
    assert (await desk.site.call("GET", f"{base}/at-1", cookie=cookie)).status == 404
    assert (await desk.site.call("GET", f"{base}/at-2", cookie=cookie)).status == 200
    rows = (await desk.site.call("GET", base, cookie=cookie)).json["attachments"]
    assert [row["attachment"] for row in rows] == ["at-2"]


async def test_where_a_page_ends_tells_nothing_of_what_is_hidden(desk: Desk) -> None:
    """Pages of one: each ends at a picture that is shown, or where it began, however many others lie between."""
    kinds = ["photo", "property photo", "photo", "photo", "property photo", "photo"]
    for number, kind in enumerate(kinds):
        await desk.record(attachment=f"at-{number}", kind=kind)
    whole = f"/api/incidents/{desk.incident}/attachments"
    base = f"{whole}?limit=1&after="
    everything = await desk.site.sign_in("commander", person="commander-x", compartments=("identity",))
    at = [row["seq"] for row in (await desk.site.call("GET", whole, cookie=everything)).json["attachments"]]
    assert len(at) == len(kinds)
    blind = await desk.site.sign_in("commander")
    ends, after = [], 0
    while True:
        page = (await desk.site.call("GET", f"{base}{after}", cookie=blind)).json
        assert [row["seq"] for row in page["attachments"]] == ([] if page["last"] == after else [page["last"]])
        if page["last"] == after:
            break
        ends.append(after := page["last"])
    assert ends == [at[1], at[4]]
    for seq in range(at[0] - 1, at[-1] + 1):
        page = (await desk.site.call("GET", f"{base}{seq}", cookie=blind)).json
        assert page["last"] in {seq, at[1], at[4]}, "no other event is named"


async def test_the_file_before_the_record_and_hours_after_it_are_the_same(desk: Desk) -> None:
    """Whichever comes first, the digests meet."""
    await desk.bring()
    await desk.record()
    assert await desk.finding() == "matches"
    await desk.record(attachment="at-2", raw=jpeg(3, 3))
    assert await desk.finding("at-2") == "waiting"
    assert (await desk.see(what="/at-2")).status == 404
    desk.site.move(hours=9)
    desk.cookie = await desk.site.sign_in("field")
    await desk.bring(jpeg(3, 3), attachment="at-2")
    assert await desk.finding("at-2") == "matches"
    assert (await desk.see(what="/at-2")).status == 200


@pytest.mark.parametrize("first", ["record", "file"])
async def test_another_digest_is_a_finding_and_the_file_is_kept(desk: Desk, first: str) -> None:
    """Not shown under that record; a file that fits, brought later, is."""
    other = jpeg(9, 9)
    if first == "record":
        await desk.record()
    await desk.bring(other)
    if first == "file":
        await desk.record()
    assert await desk.finding() == "differs"
    assert (await desk.see()).status == 404
    kept = await desk.site.services.attachments.blobs(desk.incident, ["s-1"])
    assert [blob.sha256 for blob in kept] == [digest(other)]
    await desk.bring()
    assert await desk.finding() == "matches"


async def test_a_file_of_another_size_or_person_is_not_the_records(desk: Desk) -> None:
    """The digest alone is not enough."""
    await desk.record(size_bytes=7)
    await desk.bring()
    assert await desk.finding() == "differs"
    await desk.record(attachment="at-2")
    await desk.bring(attachment="at-2", subject="s-2")
    assert (await desk.see(what="/at-2")).status == 200, "s-1 has that file already, by another upload"


async def test_a_later_report_of_the_same_file_does_not_change_its_digest(desk: Desk) -> None:
    """Whoever repeats an id cannot make another's photograph disappear."""
    await desk.record()
    await desk.bring()
    await desk.record(raw=jpeg(5, 5))
    assert await desk.finding() == "matches"


async def test_what_cannot_be_cleaned_is_for_no_screen(desk: Desk) -> None:
    """And is handed out as it came to those who judge."""
    odd = b"MZ" + bytes(100)
    await desk.record(odd)
    await desk.bring(odd)
    assert await desk.finding() == "unreadable"
    assert (await desk.see()).status == 404
    assert (await desk.see("reviewer", "/at-1/original")).body == odd


async def test_a_recording_is_a_download_and_comes_in_bounded_ranges(desk: Desk) -> None:
    """A player asks for more than it gets, and asks again."""
    await desk.record(M4A, kind="audio")
    await desk.bring(M4A, kind="audio")
    whole = await desk.see()
    assert hashlib.sha256(whole.body).hexdigest() == digest(M4A)
    assert whole.headers["Content-Disposition"].startswith("attachment")
    assert (whole.headers["Content-Type"], whole.headers["Accept-Ranges"]) == ("audio/mp4", "bytes")
    size = len(M4A)
    for sent, start, end in (
        ("bytes=0-", 0, RANGE_BYTES), ("bytes=10-19", 10, 20), ("bytes=-5", size - 5, size),
        (f"bytes={size - 3}-{size + 9}", size - 3, size), (f"bytes=262100-{262200}", 262100, 262201),
    ):  # fmt: skip
        part = await desk.see(Range=sent)
        assert (part.status, part.body == M4A[start:end]) == (206, True), sent
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
    for sent in ("bytes=5-2", "bytes=-", "lines=1-2", "bytes=0-1,4-5", f"bytes={size}-"):
        assert (await desk.see(Range=sent)).status == 400, sent
    head = await desk.see(method="HEAD")
    assert (head.status, head.headers["Content-Length"], head.body) == (200, str(size), b"")


async def test_each_look_is_on_the_trail_with_the_attachment_and_the_compartment(desk: Desk) -> None:
    """Before the first byte; a look in vain as well."""
    await desk.record()
    await desk.bring()
    start = len(await desk.site.kept())
    await desk.see()
    await desk.see("reviewer", "/at-1/original")
    await desk.see("field")
    rows = [row for row in await desk.site.kept(start) if row.action.startswith("incident.")]
    assert [(row.action, row.outcome, row.object) for row in rows] == [
        ("incident.attachments", "ok", desk.incident),
        ("incident.originals", "ok", desk.incident),
        ("incident.attachments", "failed", desk.incident),
    ]
    assert rows[0].detail == "granted as processing with identity, at-1"


async def test_after_a_redaction_the_file_is_gone_and_the_list_says_so(desk: Desk) -> None:
    """The row stays, as the event does; nothing of the file does, in no form."""
    await desk.record()
    await desk.bring()
    administrator = await desk.site.sign_in("administrator")
    field, desk.cookie = desk.cookie, administrator
    await desk.order(type="Redact", subject="s-1", seqs=[], authority="court order 4711", reason="expunged")
    desk.cookie = field
    assert await desk.finding() == "destroyed"
    assert (await desk.see()).status == 404
    assert (await desk.see("reviewer", "/at-1/original")).status == 404
    blobs: Any = desk.site.services.attachments._blobs
    assert isinstance(blobs, MemoryBlobs)
    assert not any(blobs._parts.values())


async def test_an_order_to_erase_somebody_of_whom_nothing_is_kept_is_not_taken(desk: Desk) -> None:
    """A mistyped name would be called erased, and everything would still be there. Who is told what was expected and what
    came; whose file came before any record is somebody, and the same order again gets the first answer."""
    administrator = await desk.site.sign_in("administrator")
    path = f"/api/incidents/{desk.incident}/commands"
    order = {"type": "Redact", "subject": "s-l", "authority": "court order 4711", "reason": "expunged"}
    before = await desk.site.services.service.state(desk.incident)
    (answer,) = (await desk.site.call("POST", path, submission(order), cookie=administrator)).json["answers"]
    assert (answer["status"], answer["where"]) == ("unreadable", "command.subject")
    assert answer["problem"] == (
        "expected a person of this incident, but nothing is kept about s-l: nothing was erased"
    )
    assert (await desk.site.services.service.state(desk.incident)).seq == before.seq
    sent = submission({**order, "subject": "s-1"})
    for status in ("accepted", "duplicate"):
        (answer,) = (await desk.site.call("POST", path, sent, cookie=administrator)).json["answers"]
        assert answer["status"] == status
    await desk.bring(subject="s-9")
    (answer,) = (
        await desk.site.call("POST", path, submission({**order, "subject": "s-9"}), cookie=administrator)
    ).json["answers"]
    assert answer["status"] == "accepted"


async def test_a_file_that_was_changed_in_the_store_is_not_handed_out(desk: Desk) -> None:
    """Cut short, put in another order, or swapped: the answer fails, and no byte of it leaves."""
    await desk.record(M4A, kind="audio")
    await desk.bring(M4A, kind="audio")
    blobs: Any = desk.site.services.attachments._blobs
    (name,) = [key for key in blobs._parts if blobs._parts[key]]
    right = list(blobs._parts[name])
    for wrong in ([right[1], right[0], *right[2:]], right[1:], [right[0], right[0], *right[1:]]):
        blobs._parts[name] = wrong
        assert (await desk.see()).status == 500


async def test_the_list_goes_on_page_by_page(desk: Desk) -> None:
    """By the seq of the reports, until a page goes no further."""
    for n in range(5):
        await desk.record(attachment=f"at-{n}")
    after, seen = 0, []
    while True:
        page = (await desk.see(what=f"?limit=2&after={after}")).json
        if page["last"] == after:
            break
        after = page["last"]
        seen += [row["attachment"] for row in page["attachments"]]
    assert seen == [f"at-{n}" for n in range(5)]


async def test_whoever_owes_a_first_account_of_an_arrests_force_sees_no_file_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked of the same function as the board and the feed, for this very person: list and file both."""
    await desk.record()
    await desk.bring()
    owing = {"processing-x": ("k-1",)}
    monkeypatch.setattr(first_account, "owing", lambda _state: owing)
    assert (await desk.see()).status == 404
    assert (await desk.see(what="")).json["attachments"] == []
    assert (await desk.see("commander")).status == 200
