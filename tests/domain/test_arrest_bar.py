"""The bar for arrest, and the declaration that many are coming."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain import commands_arrest as ca
from command.domain import events_arrest as ea
from tests.support.given import IC, OFFICER, OPS, STAFFED, by, given

BAR = ca.SetArrestBar("b1", ("blocking-traffic",), ("arson",), "cite first")
MANY = ca.DeclareHighVolume("h1", "the square is blocked by forty people who sit", "citations were refused", 3600.0)


def test_the_commander_sets_the_bar_beforehand_and_nobody_else() -> None:
    spec = given(*STAFFED).when(BAR)
    assert isinstance(spec.drafts[0].event, ea.ArrestBarSet)
    given(*STAFFED).when(BAR, OFFICER).refused()
    given(*STAFFED).when(replace(BAR, custody=("blocking-traffic",))).refused(containing="under both")
    given(*STAFFED, BAR).when(BAR).refused(containing="is set already")


def test_who_read_it_and_how_it_was_announced_are_on_record() -> None:
    state = given(
        *STAFFED,
        BAR,
        by(OFFICER, ca.AcknowledgeArrestBar("b1", "officer")),
        by(OPS, ca.AnnounceArrestBar("b1", "loudspeaker", ("en", "es"))),
        by(OPS, ca.AnnounceArrestBar("ghost", "loudspeaker")),
    ).world.state
    assert "b1|officer" in state.arrests.read
    assert state.arrests.bars[0].announced == ("loudspeaker",)


def test_many_arrests_are_declared_with_reason_and_alternatives_by_the_commander_alone() -> None:
    spec = given(*STAFFED).when(MANY)
    event = spec.drafts[0].event
    assert isinstance(event, ea.HighVolumeDeclared) and not event.procedure_written
    given(*STAFFED).when(MANY, OFFICER).refused()
    given(*STAFFED).when(replace(MANY, alternatives=" ")).refused("missing", containing="what else was considered")


def test_a_declaration_can_be_ended_once() -> None:
    spec = given(*STAFFED, MANY).when(ca.EndHighVolume("h1"), IC)
    assert spec.world.state.arrests.high[0].ended is not None
    given(*STAFFED, MANY, ca.EndHighVolume("h1")).when(ca.EndHighVolume("h1")).refused(containing="no declaration")
    given(*STAFFED, MANY).when(ca.EndHighVolume("h1"), OFFICER).refused()
