"""The register of agencies: whom it knows, what it says to a mistyped one, what it copies into a command by value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from command.access import agency_acts
from command.access.agencies import Agency, AgencyBook, agreement_of, check, founding, in_force, unknown
from command.access.memory import MemoryAccess
from command.access.model import Subject
from command.domain.commands import AdmitAgency, OpenIncident
from command.errors import Conflict, NotFound, Unreadable
from command.store.ports import AuditRow

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
S = timedelta(seconds=1)
ADMIN = Subject(person="admin", name="", agency="spd", rank="", session="", source="cli")
KCSO = Agency("kcso", "King County Sheriff", "county", agreement="MOU 12", agreement_until=NOW + S, since=NOW)
OPEN = OpenIncident(
    name="March", kind="planned", lead_agency="spd", lead_agency_name="Seattle Police", time_zone="UTC",
    commander="lopez", commander_name="Lopez",
)  # fmt: skip


def register(*agencies: Agency) -> tuple[MemoryAccess, list[AuditRow]]:
    """A register that holds these, and its trail."""
    trail: list[AuditRow] = []
    access = MemoryAccess(trail.append)
    access.agencies_by_id = {one.id: one for one in agencies}
    return access, trail


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("kcsso", "; did you mean kcso?"),
        ("KCSO", "; did you mean kcso?"),
        ("spdd", "; did you mean spd?"),
        ("zzz", ""),
    ],
)
def test_an_unknown_agency_is_told_what_it_may_have_meant(typed: str, says: str) -> None:
    """By likeness, whatever the case; nothing is offered for what is like none."""
    assert unknown(typed, ["spd", "kcso"]) == f"expected an agency of the register, got {typed}{says}"


async def test_an_empty_register_refuses_nobody_and_a_filled_one_the_unknown_and_the_ended() -> None:
    """The end counts from its very moment; what has ended is not offered either."""
    assert await check(register()[0], "anything", NOW) is None
    access, _ = register(KCSO, Agency("spd", "Seattle Police", "local", ended_at=NOW))
    assert await check(access, "kcso", NOW) == KCSO
    assert (await check(access, "spd", NOW - S)) is not None
    with pytest.raises(Unreadable, match="that has not ended, got spd") as ended:
        await check(access, "spd", NOW)
    assert ended.value.where == "agency"
    with pytest.raises(Unreadable) as met:
        await check(access, "spdd", NOW, where="--agency")
    assert met.value.where == "--agency"
    assert "spd?" not in met.value.message


def test_an_agreement_is_over_with_its_last_moment() -> None:
    """One that names no end goes on; none is none."""
    assert agreement_of(KCSO, NOW) == "MOU 12"
    assert agreement_of(KCSO, NOW + S) == ""
    assert agreement_of(replace(KCSO, agreement_until=None), NOW + timedelta(days=9999)) == "MOU 12"
    assert in_force(founding("spd", NOW), NOW)


async def test_what_judging_needs_is_copied_into_the_command() -> None:
    """Agreement and kind where it names none; never over its own words, an agreement that is over, or signed bytes."""
    access, _ = register(KCSO)
    book, late = AgencyBook(access, lambda: NOW), AgencyBook(access, lambda: NOW + S)
    bare, own = AdmitAgency("kcso", "KCSO"), AdmitAgency("kcso", "KCSO", "MOU 9", jurisdiction="state")
    assert await book.named(bare, signed=False) == replace(bare, agreement="MOU 12", jurisdiction="county")
    assert await book.named(own, signed=False) == own
    assert await book.named(bare, signed=True) == bare
    assert await late.named(bare, signed=False) == replace(bare, jurisdiction="county")
    access.agencies_by_id["kcso"] = replace(KCSO, kind="unstated", agreement="")
    assert await book.named(bare, signed=False) == bare
    for cmd, where in ((replace(bare, agency="kcsso"), "command.agency"), (OPEN, "command.lead_agency")):
        with pytest.raises(Unreadable) as met:
            await book.named(cmd, signed=True)
        assert met.value.where == where
    access.agencies_by_id.clear()
    assert await book.named(bare, signed=False) == bare
    assert await book.named(OPEN, signed=False) == OPEN


async def test_an_agency_is_added_once_changed_and_ended_each_on_the_trail() -> None:
    """Ending again is no act; what is not there is not found, with what it may have been."""
    access, trail = register()
    made = await agency_acts.add(access, replace(KCSO, since=None, ended_at=NOW), NOW, ADMIN)
    assert (made.since, made.ended_at) == (NOW, None)
    with pytest.raises(Conflict):
        await agency_acts.add(access, KCSO, NOW, ADMIN)
    await agency_acts.change(access, "kcso", {"contact": "duty desk"}, NOW, ADMIN)
    ended = await agency_acts.end(access, "kcso", NOW, ADMIN)
    assert await agency_acts.end(access, "kcso", NOW + S, ADMIN) == ended
    assert await access.agencies() == [ended]
    assert (ended.contact, ended.ended_at, ended.since) == ("duty desk", NOW, NOW)
    assert [(row.action, row.object, row.who) for row in trail] == [
        ("agency.add", "kcso", "admin"), ("agency.change", "kcso", "admin"), ("agency.end", "kcso", "admin"),
    ]  # fmt: skip
    east = datetime(2027, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    moved = await agency_acts.change(access, "kcso", {"agreement_until": east}, NOW, ADMIN)
    assert moved.agreement_until is not None
    assert moved.agreement_until.tzinfo is UTC
    with pytest.raises(Unreadable):
        beyond = datetime(1, 1, 1, tzinfo=east.tzinfo)
        await agency_acts.change(access, "kcso", {"agreement_until": beyond}, NOW, ADMIN)
    with pytest.raises(NotFound, match="did you mean kcso"):
        await agency_acts.change(access, "kcsso", {}, NOW, ADMIN)
