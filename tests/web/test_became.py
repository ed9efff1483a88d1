"""What a device learns of its records that were held back: which were let in, claimed or turned down, and nothing of others'."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest_asyncio

from command.devices.quarantine import CLAIMED
from command.domain.envelope import UNCLAIMED
from command.ledger import disclosure
from tests.support import tablet as sealed_by
from tests.support.tablet import Tablet, receipt_holds
from tests.web.harness import START, Site
from tests.web.street import Street, hand_in

REASON = "CANARY-REASON: written after it was stolen"


@pytest_asyncio.fixture
async def street(site: Site) -> Street:
    """Everyone is there."""
    return await Street(site).begin()


async def became(tablet: Tablet, street: Street, *numbers: int, incident: str = "") -> list[dict[str, Any]]:
    got = await tablet.signed(f"/api/incidents/{incident or street.incident}/statements/held", {"numbers": numbers})
    assert got.status == 200, got
    rows: list[dict[str, Any]] = got.json["became"]
    return rows


async def locked(street: Street, tablet: Tablet, author: str = UNCLAIMED) -> dict[str, Any]:
    """Captured with nobody signed in, and held."""
    made = tablet.entry(street.incident, author, START, "she let go when asked")
    shown = (await street.site.call("GET", "/api/devices/sealing")).json
    (answer,) = await hand_in(
        tablet, street, sealed_by.boxed(street.incident, tablet.id, tablet.seq, made, shown, a="a2V5")
    )
    assert answer["status"] == "quarantined"
    return made


async def item_of(street: Street, tablet: Tablet, number: int) -> str:
    rows = await street.held(street.chief)
    (item,) = (str(row["item"]) for row in rows if (row["device"], row["device_seq"]) == (tablet.id, number))
    return item


async def decide(street: Street, item: str, decision: str, reason: str = REASON) -> None:
    body = {"decision": decision, "reason": reason}
    path = f"/api/incidents/{street.incident}/quarantine/{item}"
    got = await street.site.call("POST", path, body, cookie=street.admin)
    assert got.status == 200, got.body


async def claim(street: Street, item: str, cookie: str) -> None:
    got = await street.site.call("POST", f"/api/incidents/{street.incident}/held/{item}", {}, cookie=cookie)
    assert got.status == 200, got.body


async def test_a_record_waits_and_is_let_in_with_an_answer_that_binds_it(street: Street) -> None:
    """However often it is asked, the answer is the same, and asking writes nothing into the log."""
    tablet = await street.tablet(officer=False)
    made = await locked(street, tablet, "officer-1")
    item = await item_of(street, tablet, 1)
    assert await became(tablet, street, 1) == [{"device_seq": 1, "became": "waiting", "item": item, "answer": None}]
    await decide(street, item, "release", "seen in person")
    before = len(await street.entries())
    first, second = (await became(tablet, street, 1))[0], (await became(tablet, street, 1))[0]
    assert first == second and (first["became"], first["item"]) == ("let in", item)
    assert first["answer"]["status"] == "accepted" and receipt_holds(made, first["answer"])
    assert len(await street.entries()) == before


async def test_a_claim_whose_answer_was_lost_is_told_and_whoever_claimed_it_is_in_the_header(street: Street) -> None:
    """In nobody's name, in one's own: the log's answer binds what the tablet signed."""
    tablet = await street.tablet(officer=False)
    for number, named in enumerate((UNCLAIMED, "officer-1"), start=1):
        made = await locked(street, tablet, named)
        await claim(street, await item_of(street, tablet, number), street.officer)
        (row,) = await became(tablet, street, number)
        assert row["became"] == "claimed" and receipt_holds(made, row["answer"])
        header = json.loads(disclosure.decode_bytes(row["answer"]["header"]))
        assert (header["actor"]["person"], header["statement"]["proof"]) == ("officer-1", "claimed")


async def test_what_an_administrator_let_in_is_no_claim_whatever_the_reason_says(street: Street) -> None:
    """Of a record that its author could not claim the same words are a reason like any."""
    tablet = await street.tablet()
    made = tablet.entry(street.incident, "nobody-known", START)
    await hand_in(tablet, street, made)
    await decide(street, await item_of(street, tablet, 1), "release", CLAIMED)
    (row,) = await became(tablet, street, 1)
    assert row["became"] == "let in" and receipt_holds(made, row["answer"])


async def test_what_was_turned_down_is_said_and_its_author_alone_reads_why(street: Street) -> None:
    """The device learns that it was; the reason is for who it names, in a session of theirs."""
    tablet = await street.tablet(officer=False)
    await locked(street, tablet, "officer-1")
    item = await item_of(street, tablet, 1)
    await decide(street, item, "reject")
    got = await tablet.signed(f"/api/incidents/{street.incident}/statements/held", {"numbers": [1]})
    assert got.json["became"] == [{"device_seq": 1, "became": "turned down", "item": item, "answer": None}]
    assert "CANARY" not in json.dumps(got.json)
    path = f"/api/incidents/{street.incident}/held/{item}"
    read = await street.site.call("GET", path, cookie=street.officer)
    assert (read.status, read.json["why"], read.json["row"]["outcome"]) == (200, REASON, "rejected")
    colleague = await street.site.sign_in("field", person="officer-2")
    assert (await street.site.call("GET", path, cookie=colleague)).status == 404
    assert (await street.site.call("POST", path, {}, cookie=street.officer)).status == 404, "decided once"


async def test_a_device_asks_of_its_own_records_only(street: Street) -> None:
    """Another's number, another incident, one that was never held: nothing is here. Without a signature nobody is heard."""
    tablet, other = await street.tablet(officer=False), await street.tablet(officer=False)
    await locked(street, tablet)
    assert [row["became"] for row in await became(tablet, street, 2, 1)] == ["not here", "waiting"]
    assert await became(other, street, 1) == [{"device_seq": 1, "became": "not here", "item": None, "answer": None}]
    elsewhere = await street.site.open(street.chief, "Another")
    assert [row["became"] for row in await became(tablet, street, 1, incident=elsewhere)] == ["not here"]
    path = f"/api/incidents/{street.incident}/statements/held"
    assert (await street.site.call("POST", path, {"numbers": [1]})).status == 401
    assert (await street.site.call("POST", path, {"numbers": [1]}, cookie=street.chief)).status == 401
    for wrong in ([], [0], list(range(1, 102)), ["1"]):
        assert (await tablet.signed(path, {"numbers": wrong})).status == 400
    assert (await tablet.signed("/api/incidents/none/statements/held", {"numbers": [1]})).status == 404


async def test_a_revoked_device_learns_that_and_nothing_of_what_it_says(street: Street) -> None:
    """Whoever stole it gets no header: what stands open in that is not theirs to read."""
    tablet = await street.tablet()
    made = tablet.entry(street.incident, "officer-1", START)
    await street.revoke(tablet)
    await hand_in(tablet, street, made)
    item = await item_of(street, tablet, 1)
    await decide(street, item, "release", "seen in person")
    assert await became(tablet, street, 1) == [{"device_seq": 1, "became": "let in", "item": item, "answer": None}]


async def test_what_cannot_be_read_any_more_is_let_in_without_an_answer(street: Street) -> None:
    """Its key was destroyed since: the tablet keeps its box, and no door falls over."""
    tablet = await street.tablet(officer=False)
    await locked(street, tablet, "officer-1")
    item = await item_of(street, tablet, 1)
    await decide(street, item, "release", "seen in person")
    keys = street.site.services.devices.quarantine._keys
    assert await keys.destroy(street.incident, [item]) == 1
    assert await became(tablet, street, 1) == [{"device_seq": 1, "became": "let in", "item": item, "answer": None}]


async def test_what_is_told_is_in_the_trail_and_what_waits_is_not(street: Street) -> None:
    """A tablet asks every five minutes: that something waits costs no entry; what was decided, one each time it is told."""
    tablet = await street.tablet(officer=False)
    await locked(street, tablet)
    acts, kept = len(street.site.acts), len(await street.site.kept())
    await became(tablet, street, 1)
    assert (len(street.site.acts), len(await street.site.kept())) == (acts, kept)
    await decide(street, await item_of(street, tablet, 1), "reject")
    kept = len(await street.site.kept())
    await became(tablet, street, 1)
    assert [(row.action, row.who, row.object, row.outcome) for row in await street.site.kept(kept)] == [
        ("incident.statements", tablet.id, street.incident, "ok")
    ]


async def test_a_report_in_confidence_is_not_claimed_and_says_what_to_do(street: Street) -> None:
    """Whoever claimed it would be named by that. Let in, its answer binds, and nothing in the log leads to the device."""
    tablet = await street.tablet(officer=False)
    made = tablet.state(
        street.incident, "officer-1", START,
        {"type": "ReportExcessiveForce", "witness": "x-1", "kind": "excessive force", "confidential": True},
        {"what": "CANARY", "officer": "o-9"},
    )  # fmt: skip
    (answer,) = await hand_in(tablet, street, made)
    assert (answer["status"], answer["code"]) == ("quarantined", "author")
    assert "reports anew, signed in" in answer["problem"]
    item = await item_of(street, tablet, 1)
    got = await street.site.call("GET", f"/api/incidents/{street.incident}/held", cookie=street.officer)
    assert got.json["held"] == []
    for method in ("GET", "POST"):
        path = f"/api/incidents/{street.incident}/held/{item}"
        body: dict[str, str] | None = {} if method == "POST" else None
        assert (await street.site.call(method, path, body, cookie=street.officer)).status == 404
    await decide(street, item, "release", "its author was heard")
    (row,) = await became(tablet, street, 1)
    assert row["became"] == "let in" and receipt_holds(made, row["answer"])
    told = [json.dumps(one) for one in await street.entries() if "in quarantine let in" in json.dumps(one)]
    assert len(told) == 1 and "a report in confidence" in told[0]
    assert tablet.id not in told[0] and "ReportExcessiveForce" not in told[0] and "Tablet 7" not in told[0]
    assert msgspec.json.encode(row["answer"]).count(tablet.id.encode()) == 0
