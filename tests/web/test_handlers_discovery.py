"""A package of one record through the real door: it verifies by itself, is the same bytes again, and tells no more than
its reader's lens."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from pypdf import PdfReader

from command.errors import Unreadable
from command.ledger.package import PackageVerification, verify_package
from command.library import read_files
from tests.uploads.corpus import jpeg, segment
from tests.web.harness import Site
from tests.web.test_handlers_arrests import CANARIES, CARD, CONDUCT, OTHER, arrested, send
from tests.web.test_handlers_papers import OFFENCE, text_of
from tests.web.test_handlers_uploads import Officer

PHOTO = jpeg(2, 2, segment(0xFE, b"MADE-BY-CAMERA"))
FORCE = {
    "type": "ReportForce", "report": "f1", "subject": "s9", "officer": "field-1", "tool": "hands", "sector": "west",
    "account": "held by both arms",
}  # fmt: skip
ATTACHED = {
    "type": "AddAttachment", "attachment": "p1", "record": "a1", "subject": "s1", "kind": "property photo",
    "sha256": hashlib.sha256(PHOTO).hexdigest(), "size_bytes": len(PHOTO), "media": "image/jpeg",
}  # fmt: skip


def opened(body: bytes) -> dict[str, bytes]:
    """The files of a package."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def verified(body: bytes) -> PackageVerification:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return verify_package(archive)


def events_of(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files["events.ndjson"].splitlines()]


async def whole(site: Site) -> tuple[str, str, str]:
    """An incident with an arrest, corrected once, in a sector with a warning and a look at the ways out, with force."""
    commander = await site.sign_in("commander")
    incident = await site.open(commander)
    await site.services.service.keep_packs(incident, read_files())
    officer = await site.sign_in("field")
    sector = {"type": "DefineSector", "sector": "west", "name": "West"}
    ground = (
        {"type": "ReportWarning", "warning": "w1", "sector": "west", "text": "order", "amplified": True, "words": "go home"},
        {"type": "ReportExits", "observation": "x1", "sector": "west", "open": ["3rd Ave"], "closed": ["Pine St"]},
    )  # fmt: skip
    card = {**CARD, "sector": "west", "warning": "w1", "force": ["f1"]}
    for answer in [
        *await send(site, incident, commander, sector),
        *await send(site, incident, officer, *ground, FORCE, card, OFFENCE, ATTACHED, OTHER),
        *await send(site, incident, officer, {**card, "conduct": "threw two stones"}),
    ]:
        assert answer["status"] == "accepted", answer
    return incident, commander, officer


async def test_a_package_holds_the_record_its_history_and_its_proof_and_verifies_by_itself(site: Site) -> None:
    incident, commander, _ = await whole(site)
    path = f"/api/incidents/{incident}/arrests/a1/discovery.zip"
    answer = await site.call("GET", path, cookie=commander)
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "application/zip"
    files, found = opened(answer.body), verified(answer.body)
    assert found.ok, found.problems
    assert found.root == site.services.service.position(incident)[2].hex() and found.shown > 0
    told = events_of(files)
    about = {event["about"] for event in told if event["type"] == "event"}
    assert about == {"record", "force", "warning", "exits"}
    record = json.loads(files["record.json"])
    assert [one["said"]["conduct"] for one in record["versions"]] == [CONDUCT, "threw two stones"], "both are visible"
    assert record["dispersal"]["given"][0]["id"] == "w1" and record["dispersal"]["exits_open"] == ["3rd Ave"]
    assert record["force"][0]["report"] == "f1"
    paper = text_of(files["record.pdf"])
    assert CONDUCT in paper and "threw two stones" in paper and "3rd Ave" in paper
    words = files["README.txt"].decode()
    assert "RECORD OF ARREST W-001-4" in words and found.root in words
    assert [name for name in files if name.startswith("rules/")], "what it was judged by"
    assert b"a2" not in files["record.json"] or b"NarrativesAlike" in files["record.json"]
    row = (await site.kept())[-1]
    assert (row.action, row.outcome) == ("incident.export", "ok")
    assert row.detail.startswith("package of record a1 as of event ")


async def test_the_same_record_as_of_the_same_event_is_the_same_bytes(site: Site) -> None:
    """However much later it is asked for, and however the log has grown since."""
    incident, commander, officer = await whole(site)
    path = f"/api/incidents/{incident}/arrests/a1/discovery.zip"
    seq = site.services.service.position(incident)[1]
    first = await site.call("GET", path, cookie=commander)
    site.move(minutes=3)
    assert (await site.call("GET", path, cookie=commander)).body == first.body
    await send(site, incident, officer, {"type": "RecordEntry", "entry": "e1", "text": "later"})
    assert (await site.call("GET", path, cookie=commander)).body != first.body, "the root is another"
    assert (await site.call("GET", f"{path}?at={seq}", cookie=commander)).body == first.body


async def test_nothing_is_in_it_that_the_lens_forbids_and_what_is_withheld_says_why(site: Site) -> None:
    incident, commander, officer = await arrested(site, ATTACHED)
    path = f"/api/incidents/{incident}/arrests/a1/discovery.zip"
    assert (await site.call("GET", path, cookie=officer)).status == 403, "an export is not an officer's"
    assert (await site.call("GET", path, cookie=await site.sign_in("reviewer", incident="other"))).status == 403
    seen = await site.call("GET", path, cookie=commander)
    assert not any(canary in seen.body for canary in CANARIES)
    files = opened(seen.body)
    assert verified(seen.body).ok and not any(canary.decode() in text_of(files["record.pdf"]) for canary in CANARIES)
    described = [one for one in json.loads(files["withheld.json"]) if one["type"] == "PersonDescribed"]
    assert [(one["field"], one["reason"]) for one in described] == [("", "lens")], "its public part could tell a minor"
    (event,) = [one for one in events_of(files) if one.get("seq") == described[0]["seq"]]
    assert event.get("header", "") == "" and event["proof"], "that it was there is proven, what it says is not there"

    granted = ("identity", "demographics", "medical", "juvenile")
    reviewer = await site.sign_in("reviewer", compartments=granted)
    answer = await site.call("GET", path, cookie=reviewer)
    assert verified(answer.body).ok and all(canary in opened(answer.body)["record.json"] for canary in CANARIES)

    admin = await site.sign_in("administrator")
    order = {"type": "Redact", "subject": "s1", "authority": "Superior Court", "reason": "order 7"}
    assert (await send(site, incident, admin, order))[0]["status"] == "accepted"
    after = await site.call("GET", path, cookie=reviewer)
    files = opened(after.body)
    assert verified(after.body).ok and not any(canary in after.body for canary in (*CANARIES, CONDUCT.encode()))
    sealed = [one for one in json.loads(files["withheld.json"]) if one["reason"] == "sealed"]
    assert {"conduct", "name"} <= {one["field"] for one in sealed} and "names the authority" in sealed[0]["says"]
    assert "destroyed on someone's authority" in files["README.txt"].decode()
    assert PdfReader(io.BytesIO(files["record.pdf"])).pages


async def test_a_file_goes_as_it_was_taken_to_oversight_and_cleaned_to_command(site: Site) -> None:
    incident, commander, officer = await arrested(site, ATTACHED)
    path = f"/api/incidents/{incident}/arrests/a1/discovery.zip"
    waiting = opened((await site.call("GET", path, cookie=commander)).body)
    (row,) = json.loads(waiting["attachments.json"])
    assert (row["copy"], row["finding"]) == ("none", "waiting") and "not here" in row["why"]
    hand = Officer(site, incident, officer)
    await hand.send(await hand.begin(PHOTO, attachment="p1", subject="s1"), PHOTO)
    reviewer = await site.sign_in("reviewer")
    for cookie, copy, made in ((commander, "cleaned", False), (reviewer, "original", True)):
        answer = await site.call("GET", path, cookie=cookie)
        found, files = verified(answer.body), opened(answer.body)
        (row,) = json.loads(files["attachments.json"])
        assert found.ok and row["copy"] == copy and found.originals == made
        assert (files[row["file"]] == PHOTO) == made and (b"MADE-BY-CAMERA" in files[row["file"]]) == made


async def test_a_recording_of_the_force_goes_with_the_record_of_the_arrest(site: Site) -> None:
    """Under a subject of its own: what the record names, and nothing of another's."""
    incident, _, officer = await whole(site)
    film = {
        **ATTACHED,
        "attachment": "p7",
        "record": "f1",
        "belongs_to": "force report",
        "subject": "s9",
        "kind": "photo",
    }
    other = {**film, "attachment": "p8", "record": "f2"}
    assert [one["status"] for one in await send(site, incident, officer, film, other)] == ["accepted", "accepted"]
    hand = Officer(site, incident, officer)
    await hand.send(await hand.begin(PHOTO, attachment="p7", subject="s9", kind="photo"), PHOTO)
    reviewer = await site.sign_in("reviewer", compartments=("identity",))
    answer = await site.call("GET", f"/api/incidents/{incident}/arrests/a1/discovery.zip", cookie=reviewer)
    rows = {row["attachment"]: row for row in json.loads(opened(answer.body)["attachments.json"])}
    assert verified(answer.body).ok and set(rows) == {"p1", "p7"}
    assert rows["p7"]["finding"] == "matches" and opened(answer.body)[rows["p7"]["file"]] == PHOTO


async def test_a_package_of_nothing_is_not_there(site: Site) -> None:
    incident, commander, _ = await arrested(site)
    for path in ("arrests/x/discovery.zip", "arrests/a1/discovery.zip?at=1"):
        assert (await site.call("GET", f"/api/incidents/{incident}/{path}", cookie=commander)).status == 404
    with pytest.raises(Unreadable), zipfile.ZipFile(io.BytesIO(), "w") as empty:
        verify_package(empty)
