"""Devices over HTTP, with a clock to move: in by a code, handing in without a session, out at once.

On PostgreSQL, with two real servers and kills, the same is tried in tests/faults/test_devices.py.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.support.device_keys import ED25519, P256, DeviceKey, fresh
from tests.support.tablet import Tablet, receipt_holds
from tests.web.harness import START
from tests.web.street import Street, hand_in

MINUTE = timedelta(minutes=1)


# Enrolment ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [ED25519, P256], ids=lambda key: key.alg)
async def test_a_device_enrols_over_http(street: Street, key: DeviceKey) -> None:
    """Invited by an administrator, listed with whose word let it in; and a commander may as well."""
    made = await street.invite()
    assert made.status == 200 and made.json["qr"].startswith("<svg")
    assert made.json["url"].startswith(f"{street.site.base}/enrol#code={made.json['code']}")
    tablet = Tablet(street.send, street.host, key)
    done = await tablet.enrol(made.json["code"])
    assert done.status == 200 and done.json["label"] == "Tablet 7"
    (row,) = (await street.site.call("GET", "/api/devices", cookie=street.admin)).json["devices"]
    assert (row["device"], row["alg"], row["enrolled_by"], row["agency"]) == (
        tablet.id, key.alg, "administrator-1", "spd",
    )  # fmt: skip
    assert row["revoked_at"] is None and len(row["fingerprint"]) == 64
    assert (await street.invite(street.chief)).status == 200


@pytest.mark.parametrize(("after_s", "status"), [(599, 200), (600, 403)])
async def test_a_code_is_good_for_ten_minutes(street: Street, after_s: int, status: int) -> None:
    code = (await street.invite()).json["code"]
    street.site.move(seconds=after_s)
    assert (await Tablet(street.send, street.host).enrol(code)).status == status


async def test_a_code_is_for_one_device(street: Street) -> None:
    """Used twice, by itself or by a second one: refused, and on the trail."""
    code = (await street.invite()).json["code"]
    first = Tablet(street.send, street.host)
    assert (await first.enrol(code)).status == 200
    assert (await first.enrol(code)).status == 403
    assert (await Tablet(street.send, street.host).enrol(code)).status == 403
    trail = await street.site.trail()
    assert [row.outcome for row in trail if row.action == "device.enrol"].count("denied") == 2
    assert code not in repr(trail)


async def test_only_who_runs_things_invites_and_revokes(street: Street) -> None:
    """Neither officers nor reviewers nor whoever is not signed in."""
    tablet = await street.tablet()
    for cookie in (street.officer, await street.site.sign_in("reviewer"), ""):
        assert (await street.invite(cookie)).status in (401, 403)
        gone = await street.site.call("POST", f"/api/devices/{tablet.id}/revoke", {}, cookie=cookie)
        assert gone.status in (401, 403)
    assert (await hand_in(tablet, street, tablet.entry(street.incident, "officer-1", START)))[0]["status"] == "accepted"


# Handing in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [ED25519, P256], ids=lambda key: key.alg)
async def test_a_report_comes_in_without_a_session_and_its_answer_binds_it(street: Street, key: DeviceKey) -> None:
    """The author has signed out long ago; the log holds what was signed, byte for byte, and how its author is known."""
    tablet = await street.tablet(key)
    sub = tablet.entry(street.incident, "officer-1", START)
    await street.site.call("DELETE", "/api/session", cookie=street.officer)
    street.site.move(hours=20)
    (answer,) = await hand_in(tablet, street, sub)
    assert answer["status"] == "accepted", answer
    assert receipt_holds(sub, answer)
    (row,) = await street.site.store.events(street.incident, answer["seq"] - 1, 1)
    header = json.loads(row.header)
    assert header["actor"] == {"person": "officer-1", "agency": "spd", "device": tablet.id}
    assert header["statement"]["proof"] == "key" and header["occurred_at"].startswith("2016-05-01T18:00")
    assert b"bottle" not in row.header


async def test_a_session_at_the_device_when_it_was_signed_is_proof_enough_and_marked(street: Street) -> None:
    """Where the author has no key of their own: the device says who it was, and someone of that name was there."""
    tablet = await street.tablet(own_key=False)
    street.site.move(minutes=5)
    at = street.site.now
    await street.site.call("DELETE", "/api/session", cookie=street.officer)
    street.site.move(minutes=5)
    during, after = tablet.entry(street.incident, "officer-1", at - MINUTE), tablet.entry(
        street.incident, "officer-1", at + MINUTE
    )  # fmt: skip
    first, second = await hand_in(tablet, street, during, after)
    assert first["status"] == "accepted"
    (row,) = await street.site.store.events(street.incident, first["seq"] - 1, 1)
    assert json.loads(row.header)["statement"]["proof"] == "attested"
    assert (second["status"], second["code"]) == ("quarantined", "author")


async def test_the_same_bytes_mean_once(street: Street) -> None:
    """A cut line, a 503, a reload: whatever part of a batch comes again, each answer is the first one."""
    tablet = await street.tablet()
    batch = [tablet.entry(street.incident, "officer-1", START + n * MINUTE) for n in range(3)]
    first = await hand_in(tablet, street, *batch)
    again = await hand_in(tablet, street, *batch[1:], *batch)
    assert [one["status"] for one in again] == ["duplicate"] * 5
    assert [one["first"] for one in again] == first[1:] + first
    assert all(receipt_holds(sub, answer) for sub, answer in zip(batch, again[2:], strict=True))
    assert [one["seq"] for one in first] == sorted(one["seq"] for one in first)


async def test_signed_in_authors_may_send_what_they_signed_through_their_session(street: Street) -> None:
    """The same statement, either way, is the same."""
    tablet = await street.tablet()
    sub = tablet.entry(street.incident, "officer-1", START)
    path = f"/api/incidents/{street.incident}/commands"
    (mine,) = (await street.site.call("POST", path, [sub], cookie=street.officer)).json["answers"]
    assert mine["status"] == "accepted" and receipt_holds(sub, mine)
    (again,) = await hand_in(tablet, street, sub)
    assert again["status"] == "duplicate" and again["first"] == mine
    other = await street.site.sign_in("field", person="officer-2")
    (stolen,) = (
        await street.site.call("POST", path, [tablet.entry(street.incident, "officer-1", START)], cookie=other)
    ).json["answers"]
    assert (stolen["status"], stolen["where"]) == ("unreadable", "author")


async def test_what_does_not_hold_is_said_precisely(street: Street) -> None:
    """A changed byte, another device's key, another incident, no statement: each alone, and the rest goes through."""
    tablet, other = await street.tablet(), await street.tablet(ED25519)
    log, who = street.incident, "officer-1"
    changed = tablet.entry(log, who, START)
    raw = bytearray(changed["statement"].encode())
    raw[-6] = ord("A") if raw[-6] != ord("A") else ord("B")
    wrong = [
        ({**changed, "statement": raw.decode()}, {"signature", "statement"}),
        ({**tablet.entry(log, who, START), "signature": changed["signature"]}, {"signature"}),
        (tablet.entry(log, who, START, key=fresh()), {"signature"}),
        (tablet.entry(log, who, START, key=other.key), {"alg"}),
        (tablet.entry(log, who, START, device=other.id), {"device"}),
        (tablet.entry("another-incident", who, START), {"statement"}),
        ({"cmd": "c-1", "command": {"type": "RecordEntry", "entry": "e-1", "text": "x"}}, {"statement"}),
        (tablet.state(log, who, START, {"type": "NoSuchThing"}, {}), {"command.type"}),
        (tablet.state(log, who, START, {"type": "RecordEntry", "entry": "e-2", "text": "in the open"}, {}), {"text"}),
        ({**tablet.entry(log, who, START), "disclosures": []}, {"text"}),
    ]
    misread = tablet.entry(log, who, START)
    wrong.append(({**misread, "clock_error_ms": -1}, {f"$[{len(wrong)}].clock_error_ms"}))
    good = tablet.entry(log, who, START)
    answers = await hand_in(tablet, street, *(sub for sub, _ in wrong), good)
    assert answers[-2]["cmd"] == misread["cmd"]
    assert [one["status"] for one in answers] == ["unreadable"] * len(wrong) + ["accepted"]
    for answer, (_, where) in zip(answers, wrong, strict=False):
        assert answer["where"] in where, answer
    assert await street.held(street.admin) == []


async def test_a_number_is_for_one_text(street: Street) -> None:
    """Other bytes under a number that was used are refused, in the same batch and later; nothing of them is kept."""
    tablet = await street.tablet()
    sub = tablet.entry(street.incident, "officer-1", START)
    twin = tablet.entry(street.incident, "officer-1", START, text="another", device_seq=tablet.seq)
    first, second = await hand_in(tablet, street, sub, twin)
    assert first["status"] == "accepted"
    assert (second["status"], second["where"]) == ("conflict", "device_seq")
    (later,) = await hand_in(tablet, street, twin)
    assert (later["status"], later["where"]) == ("conflict", "device_seq")


async def test_asks_never_come_late(street: Street) -> None:
    """Nobody is there to be answered: nothing is asked, nothing recorded."""
    tablet = await street.tablet()
    before = len(await street.entries())
    ask = tablet.state(street.incident, "officer-1", START, {"type": "WithdrawAsk", "ask": "a-1"}, {})
    (answer,) = await hand_in(tablet, street, ask)
    assert (answer["status"], answer["code"]) == ("denied", "stale")
    assert len(await street.entries()) == before


@pytest.mark.parametrize(
    ("grant", "at", "error_ms", "status"),
    [
        ("open", START, 0, "accepted"),
        ("ended", START - MINUTE, 0, "accepted"),
        ("ended", START + 2 * MINUTE, 0, "quarantined"),
        ("ended", START + 2 * MINUTE, 120_000, "accepted"),
        ("none", START, 0, "quarantined"),
    ],
)
async def test_authority_is_that_of_when_it_happened(
    street: Street, grant: str, at: Any, error_ms: int, status: str
) -> None:
    """The grant ended at 18:01: what happened before is taken, what happened after is held back; a clock that may be
    wrong across that moment speaks for the report."""
    tablet = await street.tablet()
    known = street.site.access.grants_by_key
    key = ("officer-1", "field", "*")
    if grant == "none":
        del known[key]
    elif grant == "ended":
        known[key] = msgspec.structs.replace(known[key], not_after=START + MINUTE)
    street.site.move(hours=1)
    sub = tablet.entry(street.incident, "officer-1", at, clock_error_ms=error_ms, signed_at=START + 3 * MINUTE)
    (answer,) = await hand_in(tablet, street, sub)
    assert answer["status"] == status, answer
    assert answer.get("code") == ("access" if status == "quarantined" else None)


async def test_nobody_lends_their_name(street: Street) -> None:
    """Signed in the name of someone who was never at this device, with another's own key, or in that of nobody."""
    tablet = await street.tablet()
    await street.site.sign_in("field", person="officer-2")
    log = street.incident
    wrong = [
        tablet.entry(log, "officer-2", START),
        tablet.entry(log, "officer-2", START, own=tablet.own["officer-1"]),
        tablet.entry(log, "officer-1", START, own=fresh()),
        tablet.entry(log, "nobody", START, own=fresh()),
    ]
    answers = await hand_in(tablet, street, *wrong)
    assert [(one["status"], one["code"]) for one in answers] == [("quarantined", "author")] * 4
    assert [row["author"] for row in await street.held(street.chief)] == [
        "officer-2", "officer-2", "officer-1", "nobody",
    ]  # fmt: skip


async def test_what_is_older_than_the_device_is_held_back(street: Street) -> None:
    tablet = await street.tablet()
    old = tablet.entry(street.incident, "officer-1", START - 10 * MINUTE)
    unsure = tablet.entry(street.incident, "officer-1", START - 10 * MINUTE, clock_error_ms=3_600_000)
    first, second = await hand_in(tablet, street, old, unsure)
    assert (first["status"], first["code"], second["status"]) == ("quarantined", "time", "accepted")


# The request ------------------------------------------------------------------------------------------------


async def test_a_request_that_no_device_signed_is_shut_out(street: Street) -> None:
    """None, another's, a changed body or path, a session instead: 401 with its place, an entry each, nothing done."""
    tablet = await street.tablet()
    raw = msgspec.json.encode([tablet.entry(street.incident, "officer-1", START)])
    nonce = await tablet.nonce()
    good = tablet.sign(street.path, raw, nonce)
    other = Tablet(street.send, street.host)
    other.id = tablet.id
    tries: list[tuple[dict[str, str], bytes, str]] = [
        ({}, raw, "Signature-Input"),
        ({"Cookie": street.officer}, raw, "Signature-Input"),
        (good, raw + b" ", "Content-Digest"),
        (tablet.sign(street.path + "x", raw, nonce), raw, "Signature"),
        (tablet.sign(street.path, raw, nonce, "PUT"), raw, "Signature"),
        (other.sign(street.path, raw, nonce), raw, "Signature"),
        (tablet.sign(street.path, raw, "AAAA"), raw, "nonce"),
    ]
    before = len(await street.site.kept())
    for headers, body, where in tries:
        got = await street.send("POST", street.path, body, headers)
        assert (got.status, got.json["where"]) == (401, where), got.json
    entries = (await street.site.kept())[before:]
    assert [(row.action, row.outcome) for row in entries] == [("incident.statements", "denied")] * len(tries)
    got = await street.send("POST", street.path, raw, good)
    assert got.status == 200 and got.json["answers"][0]["status"] == "accepted"


async def test_a_challenge_counts_once_and_in_time(street: Street) -> None:
    """The request itself sent again is none; the answer brings the next challenge."""
    tablet = await street.tablet()
    raw = msgspec.json.encode([tablet.entry(street.incident, "officer-1", START)])
    headers = tablet.sign(street.path, raw, await tablet.nonce())
    first = await street.send("POST", street.path, raw, headers)
    assert first.status == 200
    again = await street.send("POST", street.path, raw, headers)
    assert (again.status, again.json["where"]) == (401, "nonce")
    follow = await street.send("POST", street.path, raw, tablet.sign(street.path, raw, first.headers["Muster-Nonce"]))
    assert follow.status == 200 and follow.json["answers"][0]["status"] == "duplicate"
    late = tablet.sign(street.path, raw, await tablet.nonce())
    street.site.move(seconds=120)
    got = await street.send("POST", street.path, raw, late)
    assert (got.status, got.json["where"]) == (401, "nonce")


async def test_a_device_hands_in_and_does_nothing_else(street: Street) -> None:
    """It reads no board, no events, no list; its signature opens no other door."""
    tablet = await street.tablet()
    for path in (f"/api/incidents/{street.incident}/commands", "/api/devices/invite"):
        got = await tablet.signed(path, [tablet.entry(street.incident, "officer-1", START)])
        assert got.status == 401, path


async def test_there_are_limits(street: Street) -> None:
    """A hundred at once, a megabyte, an incident that is there."""
    tablet = await street.tablet()
    many = [tablet.entry(street.incident, "officer-1", START)] * 101
    assert (await tablet.signed(street.path, many)).status == 400
    assert (await tablet.signed(street.path, b"[" + b" " * (1 << 20) + b"]")).status == 413
    nowhere = tablet.entry("nowhere", "officer-1", START)
    assert (await tablet.signed("/api/incidents/nowhere/statements", [nowhere])).status == 404


# The trail ---------------------------------------------------------------------------------------------------


async def test_each_act_leaves_its_entries_and_no_more(street: Street) -> None:
    """One for enrolling, attaching, revoking, each statement, each decision: by whom, about what, never what it says."""
    site, since = street.site, len(street.site.acts)
    tablet = await street.tablet()
    good, late = (tablet.entry(street.incident, "officer-1", START) for _ in range(2))
    before = len(await site.kept())
    await hand_in(tablet, street, good)
    assert [(row.action, row.who, row.session, row.outcome) for row in await site.kept(before)] == [
        ("command.RecordEntry", "officer-1", f"device:{tablet.id}", "ok")
    ]
    await street.revoke(tablet)
    await hand_in(tablet, street, late)
    (item,) = (row["item"] for row in await street.held(street.admin))
    path = f"/api/incidents/{street.incident}/quarantine/{item}"
    await site.call("POST", path, {"decision": "reject", "reason": "no"}, cookie=street.admin)
    assert [(row.action, row.who, row.object, row.outcome, row.detail) for row in site.acts[since:]] == [
        ("device.invite", "administrator-1", "spd", "ok", ""),
        ("device.enrol", "administrator-1", tablet.id, "ok", tablet.key.alg),
        ("device.attach", "officer-1", tablet.id, "ok", "own key"),
        ("device.revoke", "administrator-1", tablet.id, "ok", ""),
        ("incident.statements", tablet.id, street.incident, "denied", "revoked"),
        ("quarantine.decide", "administrator-1", item, "ok", "rejected"),
    ]
