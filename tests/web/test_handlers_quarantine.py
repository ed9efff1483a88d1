"""What a revoked device brings, or nobody can vouch for, over HTTP: held back, shown, decided upon; and what is still out there."""

from __future__ import annotations

import json

import msgspec
import pytest

from command.devices import quarantine
from command.devices.quarantine import MOST_ANNOUNCED
from command.domain.submission import Submission
from tests.support.tablet import Tablet, receipt_holds
from tests.web.harness import START
from tests.web.street import Street, hand_in


async def test_a_revoked_device_is_cut_at_once(street: Street) -> None:
    """Its sessions end, their sockets are told; the session elsewhere of the same person goes on."""
    tablet = await street.tablet()
    elsewhere = await street.site.sign_in("field", person="officer-1")
    answer = await street.revoke(tablet)
    assert answer.status == 200 and answer.json["sessions"] == [street.site.sessions[street.officer]]
    assert street.site.ended == answer.json["sessions"]
    assert (await street.site.call("GET", "/api/me", cookie=street.officer)).status == 401
    assert (await street.site.call("GET", "/api/me", cookie=elsewhere)).status == 200
    got = await tablet.attach(elsewhere, "officer-1")
    assert got.status == 403, "nobody comes in there again"
    assert (await street.revoke(tablet)).json["sessions"] == []


async def test_what_a_revoked_device_brings_is_kept_apart_and_shown(street: Street) -> None:
    """Once, however often it comes; nothing of it in the log; whose and what kind for command and administrator."""
    tablet = await street.tablet()
    sub = tablet.entry(street.incident, "officer-1", START, text="CANARY-HELD")
    await street.revoke(tablet)
    before = len(await street.entries())
    for _ in range(2):
        (answer,) = await hand_in(tablet, street, sub)
        assert (answer["status"], answer["code"]) == ("quarantined", "revoked")
    (said,) = (await street.entries())[before:]
    assert said["line"].startswith("Log entry"), said
    assert said["text"] == "Records in quarantine: this device was revoked (device Tablet 7).", said
    for cookie in (street.admin, street.chief):
        (row,) = await street.held(cookie)
        assert (row["author"], row["type"], row["device"]) == ("officer-1", "RecordEntry", tablet.id)
        assert row["outcome"] is None
        assert "CANARY" not in json.dumps(row)
    officer = await street.site.sign_in("field", person="officer-3")
    path = f"/api/incidents/{street.incident}/quarantine"
    assert (await street.site.call("GET", path, cookie=officer)).status == 403
    (listed,) = (await street.site.call("GET", "/api/devices", cookie=street.admin)).json["devices"]
    assert listed["held"] == 1
    metrics = await street.site.call("GET", "/metrics", cookie=street.admin)
    assert b"muster_quarantine_waiting 1\n" in metrics.body
    assert "CANARY" not in repr(await street.site.trail())


async def test_a_person_in_a_held_record_is_said_at_once(street: Street) -> None:
    """Each of them on every screen, up to a limit that no tablet reaches honestly; never who or why."""
    tablet = await street.tablet()
    subs = [
        tablet.state(
            street.incident, "officer-1", START,
            {"type": "HandOver", "arrest": f"a-{n}", "transfer": f"t-{n}", "to": "officer-2"}, {},
        )
        for n in range(MOST_ANNOUNCED + 3)
    ]  # fmt: skip
    await street.revoke(tablet)
    before = len(await street.entries())
    answers = await hand_in(tablet, street, *subs)
    assert {one["status"] for one in answers} == {"quarantined"}
    said = [one["text"] for one in (await street.entries())[before:]]
    assert said == [
        *["Person, record in quarantine: this device was revoked (device Tablet 7)."] * MOST_ANNOUNCED,
        "Records in quarantine: this device was revoked (device Tablet 7).",
    ]
    rows = await street.held(street.admin)
    assert len(rows) == len(subs) and all(row["person"] for row in rows)
    await hand_in(tablet, street, *subs)
    assert len(await street.entries()) == before + len(said), "the same again says nothing new"


async def test_its_words_are_for_command_alone(street: Street) -> None:
    """Whoever decides as an administrator does not read; whoever reads is on the trail."""
    tablet = await street.tablet()
    sub = tablet.entry(street.incident, "officer-1", START, text="CANARY-HELD")
    await street.revoke(tablet)
    await hand_in(tablet, street, sub)
    (row,) = await street.held(street.chief)
    path = f"/api/incidents/{street.incident}/quarantine/{row['item']}"
    shut = await street.site.call("GET", path, cookie=street.admin)
    assert shut.status == 403 and b"CANARY" not in shut.body
    read = await street.site.call("GET", path, cookie=street.chief)
    assert read.status == 200 and read.json["command"]["text"] == "CANARY-HELD"
    last = (await street.site.kept())[-1]
    assert (last.action, last.object, last.outcome) == ("quarantine.open", row["item"], "ok")
    other = await street.site.open(street.chief, "Another")
    elsewhere = await street.site.call("GET", f"/api/incidents/{other}/quarantine/{row['item']}", cookie=street.chief)
    assert elsewhere.status == 404


async def test_an_administrator_lets_it_in_with_a_reason(street: Street) -> None:
    """In its author's name, as a report, marked as what it was; the device's signature stands; once and for good."""
    tablet = await street.tablet()
    sub = tablet.entry(street.incident, "officer-1", START)
    await street.revoke(tablet)
    await hand_in(tablet, street, sub)
    (row,) = await street.held(street.admin)
    path = f"/api/incidents/{street.incident}/quarantine/{row['item']}"
    body = {"decision": "release", "reason": "the officer confirms it in person"}
    assert (await street.site.call("POST", path, body, cookie=street.chief)).status == 403
    assert (
        await street.site.call("POST", path, {"decision": "release", "reason": ""}, cookie=street.admin)
    ).status == 400
    done = await street.site.call("POST", path, body, cookie=street.admin)
    assert done.status == 200, done.body
    (answer,) = done.json["answers"]
    assert answer["status"] == "accepted" and receipt_holds(sub, answer)
    (event,) = await street.site.store.events(street.incident, answer["seq"] - 1, 1)
    header = json.loads(event.header)
    assert header["actor"]["person"] == "officer-1" and header["statement"]["proof"] == "released"
    assert header["origin"] == {"kind": "quarantine", "source": tablet.id, "record": row["item"]}
    (after,) = await street.held(street.chief)
    assert (after["outcome"], after["decided_by"]) == ("released", "administrator-1")
    again = await street.site.call("POST", path, {**body, "decision": "reject"}, cookie=street.admin)
    assert again.status == 409
    assert ("quarantine.decide", "administrator-1", "released") in [
        (one.action, one.who, one.detail) for one in await street.site.trail()
    ]
    why = await street.site.call("GET", path, cookie=street.chief)
    assert why.json["why"] == body["reason"]
    assert body["reason"] not in repr(await street.site.trail())


async def test_what_is_turned_down_stays(street: Street) -> None:
    """Marked, readable, never in the log; the device gets the same answer as ever."""
    tablet = await street.tablet()
    sub = tablet.entry(street.incident, "officer-1", START)
    await street.revoke(tablet)
    await hand_in(tablet, street, sub)
    (row,) = await street.held(street.admin)
    path = f"/api/incidents/{street.incident}/quarantine/{row['item']}"
    body = {"decision": "reject", "reason": "written after the tablet was stolen"}
    done = await street.site.call("POST", path, body, cookie=street.admin)
    assert done.status == 200 and done.json["answers"] == []
    (after,) = await street.held(street.chief)
    assert after["outcome"] == "rejected"
    (answer,) = await hand_in(tablet, street, sub)
    assert answer["status"] == "quarantined"
    assert (await street.site.call("GET", path, cookie=street.chief)).json["command"]["type"] == "RecordEntry"


async def test_a_revocation_on_the_way_holds_back_what_the_log_did_not_take(street: Street) -> None:
    """The door saw the device live, the log's own look saw it revoked: nothing is lost between the two."""
    tablet = await street.tablet()
    sub = tablet.entry(street.incident, "officer-1", START)
    desk = street.site.services.devices
    live = await desk.store.device(tablet.id)
    assert live is not None
    await street.revoke(tablet)
    submission = msgspec.json.decode(json.dumps(sub), type=Submission)
    (answer,), _ = await desk.intake.take(street.incident, live, [submission], street.site.now, "10.0.0.1")
    assert (answer.status, answer.code) == ("quarantined", "revoked")


async def test_what_is_held_is_kept_unreadable(street: Street) -> None:
    """In a box under a key of its own, in another store; a box of another record's does not open."""
    tablet = await street.tablet()
    subs = [tablet.entry(street.incident, "officer-1", START, text=f"CANARY-{n}") for n in range(2)]
    await street.revoke(tablet)
    await hand_in(tablet, street, *subs)
    desk = street.site.services.devices
    one, other = await desk.store.held(street.incident)
    assert "CANARY" not in repr((one, other)) and subs[0]["statement"] not in repr((one, other))
    path = f"/api/incidents/{street.incident}/quarantine/"
    said = [await street.site.call("GET", path + item.id, cookie=street.chief) for item in (one, other)]
    assert [answer.json["command"]["text"] for answer in said] == ["CANARY-0", "CANARY-1"]
    desk.store._held[one.id] = msgspec.structs.replace(one, box=other.box)  # type: ignore[attr-defined]  # in memory here
    assert (await street.site.call("GET", path + one.id, cookie=street.chief)).status == 500


async def test_what_the_log_cannot_read_waits_on(street: Street) -> None:
    """Let in or not is not decided by that: it stays, and can still be turned down."""
    tablet = await street.tablet()
    sub = {**tablet.entry(street.incident, "officer-1", START), "disclosures": []}
    await street.revoke(tablet)
    await hand_in(tablet, street, sub)
    (row,) = await street.held(street.admin)
    path = f"/api/incidents/{street.incident}/quarantine/{row['item']}"
    shown = await street.site.call("GET", path, cookie=street.chief)
    assert shown.status == 200 and set(shown.json["command"]["text"]) == {"sha256"}
    (answer,) = (
        await street.site.call("POST", path, {"decision": "release", "reason": "try"}, cookie=street.admin)
    ).json["answers"]
    assert answer["status"] == "unreadable"
    assert [one["outcome"] for one in await street.held(street.admin)] == [None]
    await street.site.call("POST", path, {"decision": "reject", "reason": "no"}, cookie=street.admin)
    assert [one["outcome"] for one in await street.held(street.admin)] == ["rejected"]


async def test_a_device_fills_no_disk(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its share it is told so, and keeps the rest; what is there already is taken again."""
    monkeypatch.setattr(quarantine, "MOST_HELD", 2)
    tablet = await street.tablet()
    subs = [tablet.entry(street.incident, "officer-1", START) for _ in range(3)]
    await street.revoke(tablet)
    for _ in range(2):
        answers = await hand_in(tablet, street, *subs)
        assert [(one["status"], one["code"]) for one in answers] == [
            ("quarantined", "revoked"), ("quarantined", "revoked"), ("denied", "full"),
        ]  # fmt: skip
    assert len(await street.held(street.admin)) == 2


async def test_a_decision_takes_a_fresh_proof_and_so_does_an_invitation(street: Street) -> None:
    """For whoever is there by a credential: after five minutes they prove themselves again first."""
    site = street.site
    for cookie in (street.admin, street.chief):
        session = site.access.sessions_by_id[site.sessions[cookie]]
        site.access.sessions_by_id[session.id] = msgspec.structs.replace(
            session, assurance="passkey", verified_at=site.now
        )
    path = f"/api/incidents/{street.incident}/quarantine/q-1"
    for minutes, code in ((0, "not-found"), (6, "step-up")):
        site.move(minutes=minutes)
        decided = await site.call("POST", path, {"decision": "reject", "reason": "no"}, cookie=street.admin)
        assert decided.json["code"] == code
        assert (await site.call("GET", path, cookie=street.chief)).json["code"] == code
        gone = await site.call("POST", "/api/devices/d-1/revoke", {}, cookie=street.admin)
        assert gone.json["code"] == code
    assert (await street.invite()).json["code"] == "step-up"


async def test_a_confidential_report_names_nobody_in_the_list(street: Street) -> None:
    """Held back like any other; its author is in the box, and the answer still binds once it is let in."""
    tablet = await street.tablet()
    secret = tablet.state(
        street.incident, "officer-1", START,
        {"type": "ReportExcessiveForce", "report": "x-1", "confidential": True},
        {"officers": "o-9", "account": "CANARY"},
    )  # fmt: skip
    await street.revoke(tablet)
    await hand_in(tablet, street, secret)
    (row,) = await street.held(street.admin)
    assert row["author"] == "confidential"


async def test_command_sees_which_devices_have_records_still_out_there(street: Street) -> None:
    """How many numbers each skipped and when it was last seen, the longest unseen first; none of an agency that is not
    here, and none whose numbers are all in."""
    tablets = [await street.tablet() for _ in range(3)]
    for tablet, last in zip(tablets, (4, 3, 1), strict=True):
        street.site.move(minutes=1)
        entry = tablet.entry(street.incident, "officer-1", street.site.now, device_seq=last)
        assert (await hand_in(tablet, street, entry))[0]["status"] == "accepted"
    answer = await street.site.call("GET", f"/api/incidents/{street.incident}/quarantine", cookie=street.chief)
    rows = answer.json["missing"]
    assert [(row["device"], row["label"], row["missing"]) for row in rows] == [
        (tablets[0].id, "Tablet 7", 3), (tablets[1].id, "Tablet 7", 2),
    ]  # fmt: skip
    assert rows[0]["seen_at"] < rows[1]["seen_at"]


async def test_a_device_of_an_agency_that_is_not_here_is_not_commands_business(street: Street) -> None:
    """It brings its own records to its own incidents."""
    made = await street.site.call(
        "POST", "/api/devices/invite", {"label": "K 1", "agency": "kcso"}, cookie=street.admin
    )
    tablet = Tablet(street.send, street.host)
    assert (await tablet.enrol(made.json["code"])).status == 200
    street.site.store.add_session(f"device:{tablet.id}")
    await hand_in(tablet, street, tablet.entry(street.incident, "officer-1", START, device_seq=5))
    answer = await street.site.call("GET", f"/api/incidents/{street.incident}/quarantine", cookie=street.chief)
    assert [row["device"] for row in answer.json["held"]] == [tablet.id]
    assert answer.json["missing"] == []
