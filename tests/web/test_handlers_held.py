"""What a tablet captured while nobody was signed in: it comes in a box, is said at once, and its author takes it as theirs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec

from command.devices.sealing import LOG, SUITE, Sealing, info
from command.domain.envelope import UNCLAIMED
from command.ledger import disclosure
from tests.support import tablet as sealed_by
from tests.support.tablet import Tablet, receipt_holds
from tests.web.harness import START, Site
from tests.web.street import Street, hand_in

MINUTE = timedelta(minutes=1)


@pytest_asyncio.fixture
async def street(site: Site) -> Street:
    """Everyone is there."""
    return await Street(site).begin()


async def boxed(street: Street, tablet: Tablet, submission: dict[str, Any], **files: str) -> dict[str, Any]:
    """The same as a locked tablet sends it."""
    shown = (await street.site.call("GET", "/api/devices/sealing")).json
    return sealed_by.boxed(street.incident, tablet.id, tablet.seq, submission, shown, **files)


async def mine(street: Street, cookie: str) -> list[dict[str, Any]]:
    got = await street.site.call("GET", f"/api/incidents/{street.incident}/held", cookie=cookie)
    assert got.status == 200, got.body
    rows: list[dict[str, Any]] = got.json["held"]
    return rows


async def test_an_enrolled_device_learns_the_key_it_seals_to(street: Street) -> None:
    """With its enrolment and from then on: the same one on each look, and it is a point of P-256."""
    asked = (await street.site.call("GET", "/api/devices/sealing")).json
    assert asked == (await street.site.call("GET", "/api/devices/sealing")).json
    assert len(disclosure.decode_bytes(asked["public_key"])) == 65


async def test_a_box_means_what_is_in_it_and_means_it_once(street: Street) -> None:
    """Sent in a box, then in the open: one record, and both answers bind the statement."""
    tablet = await street.tablet()
    made = tablet.entry(street.incident, "officer-1", START)
    box = await boxed(street, tablet, made)
    (first,) = await hand_in(tablet, street, box)
    assert first["status"] == "accepted", first
    assert receipt_holds(made, first)
    for again in (box, made):
        (answer,) = await hand_in(tablet, street, again)
        assert answer["status"] == "duplicate"
        assert answer["first"]["seq"] == first["seq"]
        assert receipt_holds(made, answer)


async def test_a_box_opens_at_its_own_place_only(street: Street) -> None:
    """Another number, another id, another incident, a changed byte, another's key: each is said, and nothing is kept."""
    tablet = await street.tablet()
    made = tablet.entry(street.incident, "officer-1", START)
    box = await boxed(street, tablet, made)
    other = tablet.entry(street.incident, "officer-1", START)
    text = box["sealed"]["box"]
    changed = text[:200] + ("A" if text[200] != "A" else "B") + text[201:]
    for wrong, where in (
        ({**box, "device_seq": 77}, "sealed.box"),
        ({**box, "cmd": other["cmd"]}, "sealed.box"),
        ({**box, "sealed": {**box["sealed"], "box": changed}}, "sealed.box"),
        ({**box, "sealed": {**box["sealed"], "box": "AAAA"}}, "sealed.box"),
        ({**box, "sealed": {**box["sealed"], "key": "0" * 16}}, "sealed.key"),
        ({"cmd": box["cmd"], "sealed": box["sealed"]}, "device_seq"),
    ):
        (answer,) = await hand_in(tablet, street, wrong)
        assert (answer["status"], answer["where"]) == ("unreadable", where)
    (answer,) = await hand_in(tablet, street, box)
    assert answer["status"] == "accepted"


async def test_a_box_that_holds_no_record_is_said(street: Street) -> None:
    """Rubbish, sealed with care."""
    tablet = await street.tablet()
    made = tablet.entry(street.incident, "officer-1", START)
    for rubbish in (b"", b"[]", b"\xff\xfe", b'{"submission": 7}'):
        shown = (await street.site.call("GET", "/api/devices/sealing")).json
        point = disclosure.decode_bytes(shown["public_key"])
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        sealed = SUITE.encrypt(rubbish, public, info(street.incident, tablet.id, made["cmd"], 1))
        body = {"key": shown["id"], "box": disclosure.encode_bytes(sealed)}
        (answer,) = await hand_in(tablet, street, {"cmd": made["cmd"], "device_seq": 1, "sealed": body})
        assert (answer["status"], answer["where"]) == ("unreadable", "sealed.box")


@pytest.mark.parametrize("named", ["officer-1", UNCLAIMED])
async def test_what_was_captured_locked_is_held_and_its_author_claims_it(street: Street, named: str) -> None:
    """Nobody was signed in: it is said at once, its author reads it and takes it, and it is theirs with its own proof."""
    tablet = await street.tablet(officer=False)
    made = tablet.entry(street.incident, named, START, "she let go when asked")
    (answer,) = await hand_in(tablet, street, await boxed(street, tablet, made, a="a2V5"))
    assert (answer["status"], answer["code"]) == ("quarantined", "author")
    (row,) = await mine(street, street.officer)
    path = f"/api/incidents/{street.incident}/held/{row['item']}"
    said = await street.site.call("GET", path, cookie=street.officer)
    assert said.json["command"]["text"] == "she let go when asked"
    claimed = await street.site.call("POST", path, {}, cookie=street.officer)
    assert claimed.status == 200, claimed.body
    assert claimed.json["answer"]["status"] == "accepted"
    assert claimed.json["files"] == {"a": "a2V5"}
    assert receipt_holds(made, claimed.json["answer"])
    header = json.loads(disclosure.decode_bytes(claimed.json["answer"]["header"]))
    assert header["actor"]["person"] == "officer-1"
    assert header["statement"]["proof"] == "claimed"
    assert await mine(street, street.officer) == []
    repeated = await street.site.call("POST", path, {}, cookie=street.officer)
    assert repeated.status == 200, "the answer was lost: the same again"
    assert repeated.json["answer"]["status"] == "duplicate"
    assert repeated.json["answer"]["first"]["header"] == claimed.json["answer"]["header"]
    assert repeated.json["files"] == {"a": "a2V5"}
    colleague = await street.site.sign_in("field", person="officer-2")
    assert (await street.site.call("POST", path, {}, cookie=colleague)).status == 404
    (again,) = await hand_in(tablet, street, await boxed(street, tablet, made))
    assert again["status"] in ("duplicate", "quarantined")
    told = [one for one in await street.entries() if "claimed by its author" in json.dumps(one)]
    assert len(told) == 1


async def test_nobody_claims_what_another_named_as_theirs(street: Street) -> None:
    """Not a colleague, not a commander, not an administrator; they do not even learn that it is there."""
    tablet = await street.tablet(officer=False)
    made = tablet.entry(street.incident, "officer-1", START)
    await hand_in(tablet, street, await boxed(street, tablet, made))
    (row,) = await mine(street, street.officer)
    path = f"/api/incidents/{street.incident}/held/{row['item']}"
    colleague = await street.site.sign_in("field", person="officer-2")
    for cookie in (colleague, street.chief):
        assert await mine(street, cookie) == []
        assert (await street.site.call("GET", path, cookie=cookie)).status == 404
        assert (await street.site.call("POST", path, {}, cookie=cookie)).status == 404
    assert (await street.site.call("POST", path, {}, cookie=street.admin)).status == 403
    assert (await street.site.call("POST", path, {})).status == 401
    assert len(await mine(street, street.officer)) == 1


async def test_who_had_no_grant_then_claims_nothing(street: Street) -> None:
    """Authority is that of when it happened: whoever had left by then cannot say that they did it."""
    tablet = await street.tablet(officer=False)
    known = street.site.access.grants_by_key
    key = ("officer-1", "field", "*")
    known[key] = msgspec.structs.replace(known[key], not_before=START + 5 * MINUTE)
    street.site.move(minutes=10)
    made = tablet.entry(street.incident, UNCLAIMED, START, signed_at=START + MINUTE)
    await hand_in(tablet, street, await boxed(street, tablet, made))
    (row,) = await mine(street, street.officer)
    path = f"/api/incidents/{street.incident}/held/{row['item']}"
    assert (await street.site.call("POST", path, {}, cookie=street.officer)).status == 403
    assert len(await mine(street, street.officer)) == 1


async def test_old_boxes_open_after_the_key_was_turned(street: Street) -> None:
    """A tablet comes back after months."""
    tablet = await street.tablet()
    made = tablet.entry(street.incident, "officer-1", START)
    box = await boxed(street, tablet, made)
    before = (await street.site.call("GET", "/api/devices/sealing")).json
    desk = street.site.services.devices
    turned = await desk.sealing.turn()
    assert turned.id != before["id"]
    assert (await street.site.call("GET", "/api/devices/sealing")).json["id"] == turned.id
    (answer,) = await hand_in(tablet, street, box)
    assert answer["status"] == "accepted"


async def test_two_nodes_make_one_key(street: Street) -> None:
    """The store keeps the first of two; both get it."""
    keys = street.site.services.devices.sealing._keys
    one, other = Sealing(keys), Sealing(keys)
    assert (await one.current()).id == (await other.current()).id
    assert set(await keys.get(LOG, ["seal:1", "seal:2"])) == {"seal:1"}
