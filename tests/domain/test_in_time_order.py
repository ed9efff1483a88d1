"""What is looked up in order says what reading everything through would say, at any moment, late reports included."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from command.domain import commands as c
from command.domain import events as e
from command.domain.facts import StateFacts
from command.domain.facts_force import MOST_TOLD
from command.domain.intervals import level_at, posture_at, span_at, version_at
from command.domain.item import Span
from command.domain.persistent import Series
from tests.support.given import IC, LEAD, OFFICER, SERGEANT, STAFFED, START, World
from tests.support.stories import story

SIGNS = ("a", "b", "c")


def busy(seed: int) -> World:
    """A story with a street full of late reports behind it."""
    world, rng = story(seed, 60), random.Random(seed)
    for n in range(120):
        sector = rng.choice(("north", "south"))
        said: tuple[c.Command, ...] = (
            c.RecordObservation(f"z{n}", "seen", sector, (rng.choice(SIGNS),), witnessed=rng.random() < 0.5),
            c.RecordObservation(f"z{n}", "seen", sector, (), findings=(rng.choice(SIGNS), rng.choice(SIGNS))),
            c.ReportExits(f"x{n}", sector, (rng.choice(("east", "west")),)),
            c.ReportCrowdMoved(f"m{n}", sector),
            c.RecordAttempt(f"t{n}", sector, cast(Any, rng.choice(("de-escalation", "targeted action"))), True),
            c.ReportPresence(sector),
            c.ReportWarning(f"w{n}", sector, "dispersal-order"),
            c.CheckIn("officer", "Officer", LEAD, "officer", unit=rng.choice((None, "u1"))),
            c.TransferCommand(rng.choice(("ic", "chief")), "All is said.", True),
        )
        about = {"occurred_at": world.now - timedelta(seconds=rng.choice((0, 0, 5, 5, 60, 900)))}
        world.send(rng.choice(said), rng.choice((IC, OFFICER, SERGEANT)), **about)
    return world


def moments(world: World, rng: random.Random) -> list[datetime]:
    """Any second from before the start until after the end, and those at which something happened."""
    length = (world.now - START).total_seconds()
    some = [START + timedelta(seconds=rng.uniform(-5, length + 5)) for _ in range(30)]
    return some + [entry.header.occurred_at for entry in rng.sample(world.entries, 30)]


@pytest.mark.parametrize("seed", range(4))
def test_the_ground(seed: int) -> None:
    world = busy(seed)
    facts, ground, crowd = StateFacts(world.state), world.state.ground, world.state.crowd
    for at in moments(world, random.Random(seed)):
        for sector in ("north", "south"):
            assert facts.crowd_moved(sector, at) == max(
                (m for m in ground.moved.get(sector) or () if m <= at), default=None
            )
            looks = [one for one in ground.exits.get(sector) or () if one.at <= at]
            assert facts.exits_open(sector, at) == (
                max(looks, key=lambda one: (one.at, one.seq)).open if looks else None
            )
            seen = [one for one in crowd.signs.get(sector) or () if one.at <= at]
            assert [fact.at for fact in facts.findings(sector, at)] == [
                one.at for one in seen for _ in dict.fromkeys((*one.indicators, *one.findings))
            ]
            since = at - timedelta(seconds=100)
            assert facts.witnessed("officer", sector, since, at) == any(
                one.by == "officer" and one.witnessed and one.at >= since for one in seen
            )
            tried = [one for one in ground.attempts.get(sector) or () if one.at <= at and one.kind == "de-escalation"]
            newest = max(tried, key=lambda one: (one.at, one.seq), default=None)
            found = facts.attempt("de-escalation", sector, at)
            assert (found.at if found else None) == (newest.at if newest else None)
            warned = [one.warning for one in world.state.warnings.given.get(sector) or () if one.at <= at]
            assert [fact.warning for fact in facts.warnings(sector, at)] == warned


@pytest.mark.parametrize("seed", range(4))
def test_what_was_held(seed: int) -> None:
    world = busy(seed)
    state = world.state
    for at in moments(world, random.Random(seed)):
        for spans in state.structure.positions.values():
            assert span_at(spans, at) == next((span for span in reversed(spans) if span.covers(at)), None)
        for versions in state.structure.people.values():
            assert version_at(versions, at) == next((one for one in reversed(versions) if one.since <= at), None)
        for sector in state.response.sectors.values():
            expected = next((span for span in reversed(sector.levels) if span.since <= at), None)
            assert level_at(sector.levels, at) == expected
        for key, history in state.postures.spans.items():
            expected_span = next((span for span in reversed(history) if span.since <= at), None)
            assert posture_at(state, key.partition("|")[0], key.partition("|")[2], at) == expected_span


@pytest.mark.parametrize("seed", range(4))
def test_grants_and_delegations(seed: int) -> None:
    world = busy(seed)
    facts, state = StateFacts(world.state), world.state
    for at in moments(world, random.Random(seed)):
        known = facts.grants(at)
        for tool, sector in {(item.tool, item.sector) for item in known}:
            alike = [item for item in known if (item.tool, item.sector) == (tool, sector)]
            assert list(facts.grants_of(tool, sector, START - timedelta(days=1), at)) == alike[::-1]
        assert list(facts.grants_of("baton", None, START, at)) == []
        for person in ("ic", "ops", "chief", "sergeant", "officer", "partner"):
            mine = [
                one for one in state.plan.delegated.values()
                if one.delegate == person and one.since <= at and (one.ended is None or at < one.ended)
            ]  # fmt: skip
            assert [one.since for one in facts.delegations(person, at)] == sorted(one.since for one in mine)


def test_a_long_history_is_halved() -> None:
    """Far more spans than a chunk holds, with gaps in which nobody held it."""
    spans: Series[Span] = Series()
    for n in range(500):
        begin = START + timedelta(seconds=10 * n)
        spans = spans.append(Span(f"p{n}", begin, begin + timedelta(seconds=8)))
    for second in range(-1, 5000, 7):
        at = START + timedelta(seconds=second)
        assert span_at(spans, at) == next((span for span in reversed(spans) if span.covers(at)), None)
    assert [spans[n].who for n in (0, 63, 64, 499)] == ["p0", "p63", "p64", "p499"]
    with pytest.raises(IndexError):
        spans[500]


def test_grants_long_over_are_not_looked_at() -> None:
    """Only the newest few of them, for the reason; and every one that may still have been in force, however old."""
    world = World()
    for step in STAFFED:
        world.happened(step)
    begun = world.now

    def granted(name: str, lasts_s: float) -> None:
        until = world.now + timedelta(seconds=lasts_s)
        event = e.ForceGranted(
            grant=name, ask=None, tool="baton", purpose="arrest", sector="north", authorizer="ic", requester="ops",
            facts="seen", until=until,
        )  # fmt: skip
        world.happened(event)

    for n in range(20):
        granted(f"g{n}", 0.5)
    facts = StateFacts(world.state)
    over = [item.grant for item in facts.grants_of("baton", "north", world.now + timedelta(hours=1), world.now)]
    assert over == [f"g{n}" for n in range(19, 19 - MOST_TOLD, -1)]
    early = [item.grant for item in facts.grants_of("baton", "north", begun, world.now)]
    assert early == [f"g{n}" for n in range(19, -1, -1)], "some of them were in force since then"
    granted("long", 86_400.0)
    for n in range(20, 40):
        granted(f"g{n}", 0.5)
    later = StateFacts(world.state).grants_of("baton", "north", world.now + timedelta(hours=1), world.now)
    assert "long" in [item.grant for item in later]
