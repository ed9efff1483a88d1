"""One decision on many that a device holds back: named, in its order, each with its own entry; what stays is said.

Over `command/devices/deciding.py` and its route.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import pytest_asyncio

from command.cli.operator import operator
from command.devices import deciding
from command.devices.deciding import MOST_DECIDED
from command.errors import Busy, Unreadable
from tests.support.tablet import Tablet
from tests.web.harness import START, Answer, Site
from tests.web.street import Street, hand_in

REASON = "all confirmed by the officer in person"


@pytest_asyncio.fixture
async def street(site: Site) -> Street:
    """Everyone is there."""
    return await Street(site).begin()


async def lost(street: Street, count: int = 3) -> tuple[Tablet, list[dict[str, Any]], list[dict[str, Any]]]:
    """A revoked tablet that brought so many; what it brought, and how they are listed."""
    tablet = await street.tablet()
    subs = [tablet.entry(street.incident, "officer-1", START, text=f"note {n}") for n in range(count)]
    await street.revoke(tablet)
    await hand_in(tablet, street, *subs)
    return tablet, subs, [row for row in await street.held(street.admin) if row["device"] == tablet.id]


async def decide(street: Street, device: str, items: list[str], decision: str = "release", **more: Any) -> Answer:
    body = {"device": device, "items": items, "decision": decision, "reason": more.get("reason", REASON)}
    path = f"/api/incidents/{street.incident}/quarantine"
    return await street.site.call("POST", path, body, cookie=more.get("cookie", street.admin))


async def test_all_that_a_lost_tablet_brought_is_let_in_in_its_order(street: Street) -> None:
    """However they are named; in its authors' names, with the same reason beside each and an entry of its own."""
    tablet, subs, rows = await lost(street)
    done = await decide(street, tablet.id, [row["item"] for row in reversed(rows)])
    assert done.status == 200, done.body
    settled = done.json["settled"]
    assert [(one["item"], one["device_seq"], one["outcome"]) for one in settled] == [
        (row["item"], row["device_seq"], "released") for row in rows
    ]
    seqs = [one["seq"] for one in settled]
    assert seqs == sorted(seqs) and len(set(seqs)) == 3
    texts = [one["text"] for one in await street.entries() if one["seq"] in seqs]
    assert texts == [f"note {n}" for n in range(len(subs))]
    trail = [one for one in await street.site.trail() if one.action == "quarantine.decide"]
    assert [(one.object, one.who, one.detail) for one in trail if one.detail == "released"] == [
        (row["item"], "administrator-1", "released") for row in rows
    ]
    assert REASON not in repr(await street.site.trail())
    for row in rows:
        why = await street.site.call(
            "GET", f"/api/incidents/{street.incident}/quarantine/{row['item']}", cookie=street.chief
        )
        assert why.json["why"] == REASON


async def test_only_what_was_named_is_decided(street: Street) -> None:
    """What came since waits; what was decided meanwhile, and what is not here, is said and changes nothing."""
    tablet, _, rows = await lost(street)
    first = f"/api/incidents/{street.incident}/quarantine/{rows[0]['item']}"
    await street.site.call("POST", first, {"decision": "reject", "reason": "twice"}, cookie=street.admin)
    named = [rows[0]["item"], rows[1]["item"], "q-nothing"]
    done = await decide(street, tablet.id, named, "reject")
    assert [(one["item"], one["outcome"], one["problem"]) for one in done.json["settled"]] == [
        (rows[0]["item"], None, "this was rejected before"),
        (rows[1]["item"], "rejected", ""),
        ("q-nothing", None, "nothing of that name is held back here"),
    ]
    assert [row["outcome"] for row in await street.held(street.admin)] == ["rejected", "rejected", None]


async def test_what_the_log_cannot_read_stays_and_the_next_goes_on(street: Street) -> None:
    tablet = await street.tablet()
    bad = {**tablet.entry(street.incident, "officer-1", START), "disclosures": []}
    good = tablet.entry(street.incident, "officer-1", START)
    await street.revoke(tablet)
    await hand_in(tablet, street, bad, good)
    rows = await street.held(street.admin)
    done = await decide(street, tablet.id, [row["item"] for row in rows])
    (stays, let_in) = done.json["settled"]
    assert stays["outcome"] is None and stays["problem"] and let_in["outcome"] == "released"
    assert [row["outcome"] for row in await street.held(street.admin)] == [None, "released"]


async def test_behind_a_node_that_takes_nothing_nothing_is_tried(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is kept: what comes after one that could not go in does not overtake it."""
    tablet, _, rows = await lost(street)
    desk = street.site.services.devices
    release, tried = desk.quarantine.release, []

    async def busy(log: str, item: str, *rest: Any) -> Any:
        tried.append(item)
        if item == rows[1]["item"]:
            raise Busy("the queue is full")
        return await release(log, item, *rest)

    monkeypatch.setattr(desk.quarantine, "release", busy)
    done = await decide(street, tablet.id, [row["item"] for row in rows])
    assert [one["outcome"] for one in done.json["settled"]] == ["released", None, None]
    assert {one["problem"] for one in done.json["settled"][1:]} == {"not tried: the queue is full"}
    assert tried == [row["item"] for row in rows[:2]]


async def test_another_devices_record_undoes_the_whole_request(street: Street) -> None:
    """One decision is about one device: nothing is decided where a name is another's."""
    one, _, first = await lost(street, 1)
    locked = await street.tablet(officer=False)
    await hand_in(locked, street, locked.entry(street.incident, "officer-1", START))
    second = [row for row in await street.held(street.admin) if row["device"] == locked.id]
    done = await decide(street, one.id, [first[0]["item"], second[0]["item"]])
    assert (done.status, done.json["where"]) == (400, second[0]["item"])
    assert {row["outcome"] for row in await street.held(street.admin)} == {None}


async def test_no_more_than_were_on_a_screen(street: Street) -> None:
    """The shape says so at the door, and the desk itself for whoever comes without one."""
    tablet, _, _ = await lost(street, 1)
    for items in ([], [f"q-{n}" for n in range(MOST_DECIDED + 1)]):
        assert (await decide(street, tablet.id, items)).status == 400
    desk = street.site.services.devices
    with pytest.raises(Unreadable, match="at most 200"):
        await deciding.decide_all(
            desk.store,
            desk.quarantine,
            street.incident,
            tablet.id,
            ["q"] * (MOST_DECIDED + 1),
            "reject",
            "x",
            operator(),
            START,
        )


@pytest.mark.parametrize("reason", ["", "x" * 8001])
async def test_without_a_reason_nothing_is_decided(street: Street, reason: str) -> None:
    tablet, _, rows = await lost(street, 1)
    assert (await decide(street, tablet.id, [rows[0]["item"]], reason=reason)).status == 400
    assert [row["outcome"] for row in await street.held(street.admin)] == [None]


async def test_it_is_an_administrators_alone_with_a_fresh_proof(street: Street) -> None:
    """As the decision on one is."""
    tablet, _, rows = await lost(street, 2)
    items = [row["item"] for row in rows]
    for cookie in (street.chief, await street.site.sign_in("field", person="officer-2")):
        assert (await decide(street, tablet.id, items, cookie=cookie)).status == 403
    site = street.site
    session = site.access.sessions_by_id[site.sessions[street.admin]]
    site.access.sessions_by_id[session.id] = msgspec.structs.replace(session, assurance="passkey", verified_at=site.now)
    site.move(minutes=6)
    assert (await decide(street, tablet.id, items)).json["code"] == "step-up"
    assert {row["outcome"] for row in await street.held(street.chief)} == {None}
