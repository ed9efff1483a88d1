"""The proof as its reader has it: an export checked without the server, and the signed heads that clients learn of."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from command.ledger import bundle, checkpoint, disclosure, merkle
from command.ledger.bundle import Checked
from command.ledger.heads import origin_of
from command.ledger.signers import DeviceKey, PersonKey, Statements
from command.library import read_files
from command.service.checkpoints import vkey_of
from tests.support.device_keys import fresh
from tests.web.harness import SIGNING_KEY, START, Site, note, running
from tests.web.street import Street, hand_in

VKEY = vkey_of(SIGNING_KEY)


@pytest_asyncio.fixture
async def street(site: Site) -> Street:
    """Everyone is there."""
    return await Street(site).begin()


Bend = Callable[[list[dict[str, Any]]], None]


async def exported(street: Street) -> list[dict[str, Any]]:
    """The lines of what the chief takes out."""
    await street.site.services.service.keep_packs(street.incident, read_files())  # as a node does when it starts
    answer = await street.site.call("GET", f"/api/incidents/{street.incident}/export", cookie=street.chief)
    assert answer.status == 200, answer.body
    return [json.loads(line) for line in answer.body.splitlines()]


def check(lines: Iterable[Any], **more: Any) -> Checked:
    raw = [json.dumps(line).encode() for line in lines]
    return bundle.check(lambda: raw, **more)


def problems(done: Checked) -> list[str]:
    return [problem.kind for problem in done.verification.problems]


async def told(street: Street) -> tuple[list[dict[str, Any]], Any]:
    """An export with a statement that the device and its author signed; and the tablet."""
    tablet = await street.tablet()
    (answer,) = await hand_in(tablet, street, tablet.entry(street.incident, "officer-1", START))
    assert answer["status"] == "accepted", answer
    return await exported(street), tablet


async def test_an_export_verifies_without_the_server_signatures_heads_and_all(street: Street) -> None:
    """With the published key; every statement by the device's key and the author's own."""
    lines, tablet = await told(street)
    done = check(lines, vkeys=[VKEY])
    assert done.ok, done
    assert done.verification.statements == Statements(verified=1)
    assert (done.trusted, done.heads, done.last_head) == (True, 1, done.verification.size)
    (device,) = [line for line in lines if line["type"] == "device"]
    assert device["device"] == tablet.id and "revoked_at" not in device and "label" not in device
    assert [line["person"] for line in lines if line["type"] == "author"] == ["officer-1"]


def of_kind(lines: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (line,) = [line for line in lines if line["type"] == kind]
    return line


def rehead(lines: list[dict[str, Any]], change: Callable[[dict[str, Any]], None]) -> None:
    """Whoever owns the server rewrites a statement's event, its leaf and the root, so that only proof is left."""
    events = [line for line in lines if line["type"] == "event"]
    (at,) = [n for n, line in enumerate(events) if b'"statement"' in disclosure.decode_bytes(line["header"])]
    header = json.loads(disclosure.decode_bytes(events[at]["header"]))
    change(header)
    raw = json.dumps(header).encode()
    events[at]["header"], events[at]["leaf"] = disclosure.encode_bytes(raw), merkle.leaf_hash(raw).hex()
    lines[0]["root"] = merkle.root_from_leaves([bytes.fromhex(line["leaf"]) for line in events]).hex()


def tampered(lines: list[dict[str, Any]]) -> None:
    def change(header: dict[str, Any]) -> None:
        signed = base64.b64decode(header["statement"]["signed"]).replace(
            b'"clock_error_ms":200', b'"clock_error_ms":201'
        )
        header["statement"]["signed"] = base64.b64encode(signed).decode()

    rehead(lines, change)


def exchanged(lines: list[dict[str, Any]]) -> None:
    key = fresh()
    line = of_kind(lines, "device")
    line["public_key"] = json.loads(msgspec.json.encode(key.public))


def another_author(lines: list[dict[str, Any]]) -> None:
    of_kind(lines, "author")["public_key"] = json.loads(msgspec.json.encode(fresh().public))


def left_out(lines: list[dict[str, Any]]) -> None:
    lines.remove(of_kind(lines, "device"))


def revoked_before(lines: list[dict[str, Any]]) -> None:
    of_kind(lines, "device")["revoked_at"] = "2016-05-01T10:00:00Z"


def enrolled_later(lines: list[dict[str, Any]]) -> None:
    of_kind(lines, "device")["enrolled_at"] = "2016-05-02T10:00:00Z"


@pytest.mark.parametrize(
    ("bend", "found"),
    [
        (tampered, ["signature", "author", "checkpoint"]),
        (exchanged, ["signature"]),
        (another_author, ["author"]),
        (left_out, ["device key"]),
        (revoked_before, ["revoked"]),
        (enrolled_later, ["enrolment"]),
    ],
    ids=lambda it: getattr(it, "__name__", ""),
)
async def test_what_was_bent_is_found_and_named(street: Street, bend: Bend, found: list[str]) -> None:
    """The statement, the keys, the moment; the tree itself is whole each time, and the signed head is held to it."""
    lines, _ = await told(street)
    bend(lines)
    done = check(lines, vkeys=[VKEY])
    assert sorted(problems(done)) == sorted(found), done.verification.problems


async def test_a_revoked_device_is_marked_and_what_was_let_in_is_told_apart(street: Street) -> None:
    """Before its revocation it speaks; after it only through a person who let the record in."""
    tablet = await street.tablet()
    await hand_in(tablet, street, tablet.entry(street.incident, "officer-1", START))
    late = tablet.entry(street.incident, "officer-1", START)
    await street.revoke(tablet)
    street.site.move(minutes=1)
    await hand_in(tablet, street, late)
    (row,) = await street.held(street.admin)
    body = {"decision": "release", "reason": "the officer confirms it"}
    path = f"/api/incidents/{street.incident}/quarantine/{row['item']}"
    street.admin = await street.site.sign_in("administrator", person="administrator-1")
    assert (await street.site.call("POST", path, body, cookie=street.admin)).status == 200
    street.chief = await street.site.sign_in("commander", person="chief")
    lines = await exported(street)
    done = check(lines, vkeys=[VKEY])
    assert done.ok and done.verification.statements == Statements(verified=1, released=1)
    assert of_kind(lines, "device")["revoked_at"].startswith("2016-05-01")


async def test_a_confidential_author_is_not_found_by_the_keys_that_go_out(street: Street) -> None:
    """Their statement is not in the header, and neither their key nor their device's is in the export."""
    tablet = await street.tablet()
    secret = tablet.state(
        street.incident, "officer-1", START,
        {"type": "ReportExcessiveForce", "witness": "x-1", "kind": "excessive force", "confidential": True},
        {"officer": "o-9", "what": "CANARY"},
    )  # fmt: skip
    (answer,) = await hand_in(tablet, street, secret)
    assert answer["status"] == "accepted", answer
    lines = await exported(street)
    assert not [line for line in lines if line["type"] in ("device", "author")]
    assert tablet.id not in json.dumps(lines) and check(lines, vkeys=[VKEY]).ok


async def test_another_servers_key_proves_nothing(street: Street) -> None:
    """A reader who brings the published key finds heads that it did not sign; one who brings none is told so."""
    lines, _ = await told(street)
    other = vkey_of(bytes(range(7, 39)))
    assert problems(check(lines, vkeys=[other])) == ["checkpoint"]
    assert not check(lines).trusted


async def test_a_head_that_left_the_building_shows_a_log_that_was_cut(street: Street) -> None:
    """Kept elsewhere as a file, it needs no word of the server's."""
    lines, _ = await told(street)
    kept = of_kind(lines, "head")["note"]
    events = [line for line in lines if line["type"] == "event"]
    cut = [line for line in lines if line not in events[-1:] and line["type"] != "head"]
    cut[0]["seq"] -= 1
    cut[-1]["events"] -= 1
    cut[0]["root"] = merkle.root_from_leaves([bytes.fromhex(line["leaf"]) for line in events[:-1]]).hex()
    left_of_device = [line for line in cut if line["type"] not in ("device", "author")]
    assert check(left_of_device, vkeys=[VKEY]).verification.ok
    assert "checkpoint" in problems(check(left_of_device, vkeys=[VKEY], notes=[kept]))


async def test_an_export_that_was_cut_off_is_not_whole(street: Street) -> None:
    """Its last line counts its events."""
    lines, _ = await told(street)
    assert not check(lines[:-1], vkeys=[VKEY]).ok
    missing = [line for line in lines if line["type"] != "pack"]
    assert check(missing, vkeys=[VKEY]).packs_missing or not [line for line in lines if line["type"] == "pack"]


# What clients learn of signed heads ------------------------------------------------------------------------------


async def test_the_newest_head_is_there_for_witnesses_and_its_key_is_published() -> None:
    """As a C2SP note under the incident's origin; the key without a session, since it is meant to be kept elsewhere."""
    async with running() as site:
        cookie = await site.sign_in("commander")
        incident = await site.open(cookie)
        await site.call("POST", f"/api/incidents/{incident}/commands", note(), cookie=cookie)
        got = await site.call("GET", f"/api/incidents/{incident}/checkpoint", cookie=cookie)
        keys = await site.call("GET", "/checkpoint-keys")
        assert got.headers["Content-Type"].startswith("text/plain") and keys.body.decode() == f"{VKEY}\n"
        name, key = checkpoint.read_verifier_key(VKEY)
        head = checkpoint.verify_note(got.body.decode(), name, key)
        epoch, seq, root = site.services.service.position(incident)
        assert (head.origin, head.size, head.root) == (origin_of(incident, epoch), seq, root)


async def test_a_head_needs_sight_of_the_incident(site: Site) -> None:
    """Its size says how much happens."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    path = f"/api/incidents/{incident}/checkpoint"
    assert (await site.call("GET", path)).status == 401
    assert (await site.call("GET", path, cookie=await site.sign_in("administrator"))).status == 403
    assert (await site.call("GET", path.replace(incident, "0196-none"), cookie=cookie)).status == 404


async def test_a_device_learns_what_is_covered_with_each_answer(street: Street) -> None:
    """It keeps a record until a signed head covers the record's place; it has no socket and no session to ask with."""
    tablet = await street.tablet()
    sub = tablet.entry(street.incident, "officer-1", START)
    path = f"/api/incidents/{street.incident}/statements"
    first = (await tablet.signed(path, [sub])).json
    await street.site.services.checkpoints.turn()
    again = (await tablet.signed(path, [sub])).json
    name, key = checkpoint.read_verifier_key(VKEY)
    head = checkpoint.verify_note(again["checkpoint"], name, key)
    assert head.size >= first["answers"][0]["seq"]


def test_a_line_of_an_export_reads_back() -> None:
    """Keys too, whose times and bytes have one form; and kinds that are not ours are passed over."""
    for line in (
        DeviceKey("d-1", "spd", "es256", fresh().public, START, START),
        PersonKey("d-1", "o-1", "es256", fresh().public, START),
        bundle.ExportSigned(3, "…"),
    ):
        assert bundle.read_line(bundle.encode(line)) == line
    assert bundle.read_line(b'{"type":"later"}') is None
