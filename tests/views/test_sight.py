"""Who sees an event at all, and which of its private fields: closed by default, and by hand."""

from __future__ import annotations

import typing

import pytest

from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain import events_custody as ec
from command.domain.private import compartments, private_fields
from command.views import sight
from command.views.lens import (
    COMMAND,
    DISPLAY,
    FIELD,
    MAY_HOLD,
    MEDICAL,
    NOTHING,
    OVERSIGHT,
    PROCESSING,
    PUBLIC,
    SUPERVISION,
    Lens,
    LensClass,
    agency_lens,
    is_command,
    lens,
    sight_of,
)
from command.views.rows import SECTIONS
from command.views.sight_table import LETTERS, SECTIONS_SEEN, SIGHT
from tests.support.given import ALLIED, ALLY, LEAD, OPS, PARTNER, by, given

CLASSES = typing.get_args(LensClass)
EVENTS = sorted(typing.get_args(e.Event), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", sorted(SIGHT, key=lambda kind: kind.__name__))
def test_what_is_opened_by_name_is_a_private_field_of_that_event(kind: type) -> None:
    """A field that was renamed must not stay open, or shut, by accident."""
    row = SIGHT[kind]
    assert kind in EVENTS
    assert set(row.fields) <= set(private_fields(kind))
    known = set(LETTERS.values()) | {"a", "s"}
    assert all(set(letters) <= known for letters in (row.who, row.bare, *row.fields.values()))


def test_every_event_and_private_field_of_today_was_decided_by_hand() -> None:
    """A new one is command's alone until somebody names it, and this says so to whoever adds it."""
    assert set(SIGHT) == set(EVENTS)
    missing = {f"{kind.__name__}.{name}" for kind in EVENTS for name in private_fields(kind)} - {
        f"{kind.__name__}.{name}" for kind, row in SIGHT.items() for name in row.fields
    }
    assert not missing


def test_an_event_that_nobody_named_is_invisible_to_all_but_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """And its private fields are nobody's, command's neither."""
    monkeypatch.setattr(sight, "SIGHT", {k: v for k, v in SIGHT.items() if k is not e.EntryRecorded})
    world = given(*ALLIED, e.EntryRecorded("n1", "words")).world
    entry = world.entries[-1]
    for kind in CLASSES:
        seen_through = every_lens(kind, holding=True)
        assert sight.shows(world.state, entry, seen_through) is (kind == "command")
        assert not sight.shown_private(world.state, entry, seen_through)


def test_a_section_that_nobody_named_is_commands_alone() -> None:
    assert set(SECTIONS_SEEN) <= set(SECTIONS), "a section that went is struck from the table too"
    assert [kind for kind in CLASSES if sight.has_section(every_lens(kind), "new")] == ["command"]


@pytest.mark.parametrize("kind", CLASSES)
def test_what_a_lens_is_never_shown_is_named_and_nothing_else(kind: LensClass) -> None:
    seen_through = every_lens(kind)
    unseen = set(sight.unseen_sections(seen_through))
    assert unseen == {name for name in SECTIONS if not sight.has_section(seen_through, name)}


def every_lens(kind: LensClass, *, holding: bool = False) -> Lens:
    """The lens of a class, with all that it may hold."""
    scope = (ALLY,) if kind == "agency" else ("u1",) if kind == "supervision" else ()
    return lens(kind, scope, MAY_HOLD[kind] if holding else ())


@pytest.mark.parametrize("kind", CLASSES)
def test_a_field_in_a_compartment_is_read_by_nobody_without_its_grant(kind: LensClass) -> None:
    for event in EVENTS:
        for name, where in compartments(event).items():
            open_ = sight.may_read(event, name, every_lens(kind), own=True)
            assert not open_ or where == "account", (event, name)


# Class × compartment, by hand: what reading a field of it takes besides the grant. C S P M A O are the only classes
# that hold any at all.
HOLDS = """
identity     C S P - A O
demographics - - P - A O
medical      - - - M - O
juvenile     - - P M A O
complaint    C - - - - O
welfare      C S - - - -
"""


def test_which_class_may_hold_which_compartment_is_as_written() -> None:
    for line in HOLDS.split("\n"):
        if line:
            name, *letters = line.split()
            may = {LETTERS[kind] for kind in CLASSES if name in MAY_HOLD[kind]}
            assert may == set(letters) - {"-"}, name


def test_lenses_are_a_closed_set_and_few() -> None:
    """Without scopes and what is owed, there are so many; and through what is none nothing is seen."""
    assert sum(2 ** len(held) for held in MAY_HOLD.values()) == 8 + 4 + 1 + 8 + 4 + 8 + 32 + 1 + 1
    for odd in ("", "owner", "agency", "agency:", "command+medical", "field+identity", "display+x", "Command"):
        assert sight_of(Lens(odd)) == NOTHING
        assert not any(sight.has_section(Lens(odd), name) for name in SECTIONS)


def test_the_wall_and_the_public_read_no_free_text_but_a_warnings_words() -> None:
    for event in EVENTS:
        for name in private_fields(event):
            assert not sight.may_read(event, name, PUBLIC, own=True)
            assert not sight.may_read(event, name, DISPLAY, own=True) or (event, name) == (e.WarningGiven, "words")


def test_medical_help_reads_nothing_of_conduct() -> None:
    """Injuries, care, and where people are; accounts, identities and reasons are not theirs."""
    open_ = {
        f"{event.__name__}.{name}": compartments(event).get(name)
        for event in EVENTS
        for name in private_fields(event)
        if sight.may_read(event, name, every_lens("medical", holding=True), own=True)
    }
    told = {name for name, where in open_.items() if where not in ("medical", "juvenile")}
    assert told == {"WarningGiven.words", "DistressFlagged.what", "DistressAnswered.note"}


def test_processing_reads_no_medical_detail_and_none_of_commands_deliberation() -> None:
    for event in EVENTS:
        for name in private_fields(event):
            if sight.may_read(event, name, every_lens("processing", holding=True)):
                assert compartments(event).get(name) not in ("medical", "complaint", "welfare"), (event, name)
                assert event not in (e.DecisionRecorded, e.ReviewFiled, e.ExcessiveForceReported)
    world = given(*ALLIED, e.AskRefused("RaiseLevel")).world
    assert not sight.shows(world.state, world.entries[-1], PROCESSING)


def test_what_describes_a_person_is_opened_to_no_lens_but_by_name() -> None:
    assert is_command(COMMAND) and is_command(OVERSIGHT) and not is_command(FIELD)
    assert not any(sight.may_read(e.ForceReported, name, FIELD) for name in private_fields(e.ForceReported))


def test_the_field_does_not_see_commands_deliberation() -> None:
    world = given(*ALLIED, e.AskRefused("RaiseLevel"), e.UnitReleased("u1")).world
    refused, released = world.entries[-2:]
    assert not sight.shows(world.state, refused, FIELD) and sight.shows(world.state, released, FIELD)
    assert sight.shows(world.state, refused, OVERSIGHT)


def test_a_unit_that_nobody_knows_is_nobodys() -> None:
    state = given(*ALLIED).world.state
    assert not sight.owns_unit(state, "ghost", LEAD)
    world = given(*ALLIED, e.PersonCheckedOut("ghost"), e.UnitReleased("ghost")).world
    for entry in world.entries[-2:]:
        assert not sight.shows(world.state, entry, agency_lens(ALLY))


def test_counts_are_of_what_the_lens_sees_each_of() -> None:
    """A number of hidden things would tell that they are there."""
    for kind in CLASSES:
        for event in EVENTS:
            if sight.counts_type(every_lens(kind), event.__name__) and kind != "command":
                assert LETTERS[kind] in SIGHT[event].who
    assert not sight.counts_type(FIELD, "ExcessiveForceReported") and not sight.counts_type(COMMAND, "GuardianCalled")
    assert not sight.counts_type(MEDICAL, "ArrestStepCleared") and sight.counts_type(SUPERVISION, "ForceReported")


@pytest.mark.parametrize("name", [None, "W-1"])
def test_what_was_told_by_a_band_is_as_of_the_record_once_it_is_there(name: str | None) -> None:
    """Their agency's share has it, whoever wrote it."""
    cuffs = ca.RecordRestraint(name or "W-1", "W-1", "f1", "applied", reason="x")
    world = given(*ALLIED, by(OPS, cc.RecordCare("W-1", "water", "given", name)), by(OPS, cuffs)).world
    care, restraint = (one for one in world.entries if type(one.event) in (ec.CareRecorded, ea.RestraintRecorded))
    share = agency_lens(ALLY)
    assert not sight.shows(world.state, care, share) and not sight.shows(world.state, restraint, share)
    world.happened(by(PARTNER, ca.RecordArrest("a1", "s1", "partner", ALLY, wristband="W-1")))
    assert sight.shows(world.state, care, share) and sight.shows(world.state, restraint, share)
