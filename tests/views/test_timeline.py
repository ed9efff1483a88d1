"""The feed: one line for each event, and nothing that a lens must not see."""

from __future__ import annotations

import typing
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command.domain import commands as c
from command.domain import events as e
from command.domain.deciding import Draft
from command.domain.private import compartments, private_fields
from command.views.board import board, needs
from command.views.lens import COMMAND, FIELD, MAY_HOLD, agency_lens, is_command, lens_agency
from command.views.lens import lens as lens_of
from command.views.lines import LINES, line
from command.views.rows import Entry
from command.views.sight import is_bare, shown_private, shows
from command.views.timeline import entry, is_redacted
from tests.support.given import (
    ALLIED,
    ALLY,
    IC,
    LEAD,
    OFFICER,
    OPENED,
    PARTNER,
    STAFFED,
    Wait,
    World,
    by,
)  # fmt: skip
from tests.support.given import given as spec
from tests.support.stories import story
from tests.support.strategies import EVENTS, actors

LENSES = (
    *(lens_of(kind, (), held) for kind, may in MAY_HOLD.items() if kind != "agency" for held in ((), may)),
    *(lens_of("agency", (agency,), held) for agency in (ALLY, "elsewhere") for held in ((), MAY_HOLD["agency"])),
    lens_of("supervision", ("u1",)),
)


def canary(event: e.Event, path: str) -> str:
    return f"canary-{type(event).__name__}-{path}"


def with_canaries(event: e.Event) -> e.Event:
    return msgspec.structs.replace(event, **{path: canary(event, path) for path in private_fields(type(event))})


def told(event: e.Event, actor: e.Event | object = IC) -> World:
    world = spec(*ALLIED).world
    world.apply((Draft(event),), world.context(typing.cast(typing.Any, actor)))
    return world


def seen(world: World, lens: typing.Any) -> Entry | None:
    last = world.entries[-1]
    return entry(world.state, world.stack, last, lens, world.plain[last.seq])


def test_every_event_has_a_line() -> None:
    assert set(LINES) == set(typing.get_args(e.Event)) and len(LINES) >= 70


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(EVENTS)).flatmap(lambda name: EVENTS[name]), actors, st.sampled_from(LENSES))
def test_no_lens_shows_a_private_value_that_it_may_not_read(event: e.Event, actor: object, lens: typing.Any) -> None:
    event = with_canaries(event)
    world = told(event, actor)
    last, found = world.entries[-1], seen(world, lens)
    assert (found is None) != shows(world.state, last, lens)
    raw = msgspec.json.encode(found)
    allowed = shown_private(world.state, last, lens)
    every = private_fields(type(event))
    if found is None:
        return
    assert found.line and (is_bare(last, lens) or found.line == line(world.state, world.stack, last.event))
    for path in every:
        assert (canary(event, path).encode() in raw) == (path in allowed), path
    assert set(found.withheld) == set(every) - allowed
    if is_command(lens) and "+" not in lens:
        apart = {name for name, where in compartments(type(event)).items() if where != "account"}
        assert set(every) - apart == allowed, "command and oversight read all that lies in no compartment"


MUST_NOT: dict[typing.Any, dict[str, typing.Any]] = {
    FIELD: {"ForceReported": "all", "CommandTransferred": ("briefing",), "DecisionRecorded": "all"},
    agency_lens(ALLY): {"ForceReported": "all", "EntryRecorded": "all", "LevelRaised": "all", "OrderGiven": "all",
                        "ObservationRecorded": "all", "LiaisonContacted": "all", "IncidentClosed": "all"},
}  # fmt: skip


@pytest.mark.parametrize("lens", list(MUST_NOT))
def test_what_is_withheld_is_named_here_once_more(lens: typing.Any) -> None:
    """By hand, not derived from the table under test: the lead agency's events seen by others."""
    for name, paths in MUST_NOT[lens].items():
        kind = next(kind for kind in typing.get_args(e.Event) if kind.__name__ == name)
        hidden = private_fields(kind) if paths == "all" else paths
        world = spec(*ALLIED).world
        sample = spec_event(kind)
        world.apply((Draft(with_canaries(sample)),), world.context(IC))
        raw = msgspec.json.encode(seen(world, lens))
        assert hidden and not [path for path in hidden if canary(sample, path).encode() in raw]


def spec_event(kind: type) -> e.Event:
    samples: dict[type, e.Event] = {
        e.ForceReported: e.ForceReported("r1", "p1", "ic", LEAD, "baton", "north", None, None),
        e.CommandTransferred: e.CommandTransferred("ic", "chief", "x", True),
        e.DecisionRecorded: e.DecisionRecorded("d1", "q", "c", "x", (), "ic", spec().world.now),
        e.EntryRecorded: e.EntryRecorded("e1", "x"),
        e.LevelRaised: e.LevelRaised("north", "plan", "facilitate", (), "x"),
        e.OrderGiven: e.OrderGiven("o1", "x", ("u1",)),
        e.ObservationRecorded: e.ObservationRecorded("ob1", "north", "x"),
        e.LiaisonContacted: e.LiaisonContacted("k1", "organizer", "phone"),
        e.IncidentClosed: e.IncidentClosed("x"),
    }
    return samples[kind]


@pytest.mark.parametrize("lens", [FIELD, agency_lens(ALLY)])
@pytest.mark.parametrize("seed", range(4))
def test_no_row_of_the_board_shows_a_private_value_that_the_lens_may_not_read(seed: int, lens: typing.Any) -> None:
    """Every private value becomes a canary of its own; the board gets all of them and must choose."""
    world = story(seed)
    values = {
        one.seq: {path: f"canary-{one.seq}-{path}" for path in private_fields(type(one.event))} for one in world.entries
    }
    raw = msgspec.json.encode(board(world.state, world.stack, lens, values, world.now))
    shown = 0
    for one in world.entries:
        allowed = shown_private(world.state, one, lens)
        for path, value in values[one.seq].items():
            found = f'"{value}"'.encode() in raw
            assert not found or path in allowed, (one.header.type, path)
            shown += found
    joined = [one for one in world.entries if one.seq in needs(world.state)]
    assert lens != FIELD or shown == sum(len(shown_private(world.state, one, lens)) for one in joined)


def test_an_assisting_agency_sees_its_own_and_the_ground() -> None:
    theirs, ours = c.FormUnit("u9", "County", "reserve", ALLY), c.FormUnit("u1", "Metro", "patrol", LEAD)
    told_ = spec(
        *ALLIED, ours, by(PARTNER, theirs), c.AssignUnit("u9", "north"), c.AssignUnit("u1", "north"),
        c.GiveOrder("o1", "for both", ("u1", "u9")), c.GiveOrder("o2", "for us", ("u1",)),
        c.AcknowledgeOrder("o1", "u9"), c.CheckOut("partner"), c.CheckOut("sergeant"),
        by(PARTNER, c.RecordEntry("e1", "theirs")), c.RecordEntry("e2", "ours"),
        c.ReportForce("r1", "p1", "partner", ALLY, account="x"),
    ).world  # fmt: skip
    lens = agency_lens(ALLY)
    found = {}
    for one in told_.entries:
        row = entry(told_.state, told_.stack, one, lens, told_.plain[one.seq])
        if row is not None:
            found[one.seq] = (one.header.type, row.text, row.withheld)
    kinds = [kind for kind, _, _ in found.values()]
    assert kinds.count("UnitAssigned") == kinds.count("OrderGiven") == kinds.count("PersonCheckedOut") == 1
    texts = {kind: text for kind, text, _ in found.values() if text}
    assert texts == {"OrderGiven": "for both", "EntryRecorded": "theirs"}
    assert next(hidden for kind, _, hidden in found.values() if kind == "ForceReported") == private_fields(
        e.ForceReported
    )
    assert lens_agency(lens) == ALLY and lens_agency(FIELD) is None


def test_a_lens_that_nobody_knows_sees_nothing() -> None:
    world = told(e.IncidentClosed("x"))
    odd = typing.cast(typing.Any, "display-wall")
    assert not shows(world.state, world.entries[-1], odd)
    assert shown_private(world.state, world.entries[-1], odd) == frozenset()


# Redaction, strikes, lateness -----------------------------------------------------------


def test_redacted_entries_are_marked_by_subject_and_by_event_and_later_ones_are_not() -> None:
    force = c.ReportForce("r1", "p1", "ic", account="x")
    other = c.ReportForce("r2", "p2", "ic", account="x")
    past = (*OPENED, force, other, c.RecordEntry("e1", "x"))
    world = spec(*past).world
    note = next(one.seq for one in world.entries if one.header.type == "EntryRecorded")
    world.happened(c.Redact("Court", "order", "p1", (note,)))
    world.happened(c.ReportForce("r3", "p1", "ic", account="later"))
    marked = {
        (one.header.type, getattr(one.event, "report", "")): entry(world.state, world.stack, one, COMMAND, {}).redacted  # type: ignore[union-attr]  # command sees all
        for one in world.entries
        if private_fields(type(one.event)) and one.header.type != "DutyDischarged"
    }
    assert marked == {
        ("ForceReported", "r1"): True, ("ForceReported", "r2"): False, ("EntryRecorded", ""): True,
        ("ForceReported", "r3"): False,
    }  # fmt: skip
    own = f"e:{world.entries[note - 1].header.id}"
    world.happened(c.Redact("Court", "order", own))
    assert is_redacted(world.state, world.entries[note - 1])
    assert not entry(world.state, world.stack, world.entries[0], COMMAND, {}).redacted, "it never had private values"  # type: ignore[union-attr]  # as above


def test_a_struck_entry_stays_readable() -> None:
    world = spec(*OPENED, c.RecordEntry("e1", "wrong"), c.RecordEntry("e2", "right", strikes="e1")).world
    struck, strikes = (
        entry(world.state, world.stack, one, COMMAND, world.plain[one.seq]) for one in world.entries[-2:]
    )
    assert struck is not None and strikes is not None
    assert (struck.struck, struck.text, strikes.strikes, strikes.struck) == (True, "wrong", "e1", False)


def test_a_late_record_says_by_how_much() -> None:
    world = spec(*OPENED, Wait(100)).world
    for late, expected in ((61, 61.0), (60, 0.0)):
        world.send(c.RecordEntry("e", "x"), OFFICER, occurred_at=world.now - timedelta(seconds=late))
        found = seen(world, COMMAND)
        assert found is not None and found.late_s == expected


def test_a_record_says_how_far_off_the_clock_may_be_that_told_of_it() -> None:
    """By the device's own word, and by the log's: what lies ahead of its own record was told by a clock that is ahead."""
    world = spec(*OPENED, Wait(100)).world
    for error_ms, ahead_s, expected in ((0, -90, 0.0), (60_000, 0, 0.0), (60_001, 0, 60.001), (2_000, 7_200, 7_200.0), (86_400_000, 60, 86_400.0)):  # fmt: skip
        world.send(
            c.RecordEntry("e", "x"),
            OFFICER,
            occurred_at=world.now + timedelta(seconds=ahead_s),
            clock_error_ms=error_ms,
        )
        found = seen(world, COMMAND)
        assert found is not None and found.clock_off_s == expected


def test_details_stand_beside_the_sentence() -> None:
    warning = c.ReportWarning("w1", "north", "dispersal-order", audible=False, on_camera=True)
    found = seen(spec(*STAFFED, warning).world, COMMAND)
    assert found is not None and found.fields == {"audible": "not audible", "on camera": "yes"}
    decision = c.RecordDecision("d1", "Which?", "north", "short", (e.RejectedOption("south", "hospital"),))
    found = seen(spec(*STAFFED, decision).world, COMMAND)
    assert found is not None and found.fields == {"rejected: south": "hospital"} and found.text == "short"
    force = c.ReportForce("r1", "p1", "ic", account="he fell", injury="knee")
    world = spec(*STAFFED, force).world
    report = next(one for one in world.entries if one.header.type == "ForceReported")
    row = entry(world.state, world.stack, report, COMMAND, world.plain[report.seq])
    assert row is not None and row.text == "he fell" and row.fields == {} and "injury" in row.withheld
    assert (row.record, row.finding is not None) == ("r1", True)


def test_an_ask_refused_names_no_record() -> None:
    world = spec(*OPENED).world
    world.send(c.CloseIncident("x"), OFFICER)
    found = seen(world, COMMAND)
    assert found is not None and (found.record, found.line) == ("", "Refused: close incident")


def test_a_check_in_names_whom_it_is_about() -> None:
    """So that a screen finds the check-in that a person's row stands on."""
    found = seen(told(e.PersonCheckedIn("x", "X. Y.", LEAD, "officer")), COMMAND)
    assert found is not None and found.record == "x"
