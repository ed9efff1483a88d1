"""A spoken ask: the speaker's, written down by a scribe; the speaker is the one who may not decide it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.views.board import board, needs
from command.views.lens import COMMAND
from command.views.lines import line
from tests.domain.test_granting import ASK, TARGETED
from tests.support.given import IC, OFFICER, OPS, SERGEANT, STAFFED, by, given

LEVEL = c.AskLevel("a1", "north", "facilitate", ("march-moving",), speaker="ic", channel="radio 2", read_back=True)
FORCE = replace(ASK, speaker="sergeant", channel="radio 2", read_back=True)


def test_the_ask_is_the_speakers_and_says_who_wrote_it_down() -> None:
    world = given(*STAFFED, by(OFFICER, LEVEL)).world
    ask = world.state.response.asks["a1"]
    assert (ask.by.person, ask.by.agency, ask.scribe, ask.channel, ask.read_back) == (
        "ic",
        "metro-pd",
        "officer",
        "radio 2",
        True,
    )
    force = given(*TARGETED, by(OFFICER, FORCE)).world
    item = force.state.grants.asks["f1"]
    assert (item.by.person, item.scribe, item.channel, item.read_back) == ("sergeant", "officer", "radio 2", True)
    row = board(force.state, force.stack, COMMAND, {s: force.plain[s] for s in needs(force.state)}, force.now)["asks"][
        "f1"
    ]
    assert row.by.person == "sergeant" and row.scribe.person == "officer" and row.channel == "radio 2"  # type: ignore[union-attr]  # an ask row
    told = [line(w.state, w.stack, w.entries[-1].event) for w in (world, force)]
    assert all(says.endswith(", spoken") for says in told), told


def test_the_speaker_does_not_decide_what_they_asked_for_and_another_may() -> None:
    given(*STAFFED, by(OFFICER, LEVEL)).when(c.GrantLevel("a1", "seen it"), IC).refused(
        containing="the one who asked may not"
    )
    assert given(*STAFFED, by(OFFICER, LEVEL)).when(c.GrantLevel("a1", "seen it"), SERGEANT).drafts


def test_a_scribe_does_not_grant_what_they_wrote_down() -> None:
    """Else one person could put an ask into somebody's mouth and then grant it."""
    scribed = replace(LEVEL, speaker="officer")
    given(*STAFFED, by(SERGEANT, scribed)).when(c.GrantLevel("a1", "seen it"), SERGEANT).refused(
        containing="wrote an ask"
    )
    force = replace(FORCE, speaker="officer", users=("officer",))
    given(*TARGETED, by(IC, force)).when(c.GrantForce("f1", "seen", "g1"), IC).refused(containing="wrote an ask")
    given(*TARGETED, by(IC, force)).when(c.GrantForce("f1", "seen", "g1", speaker="ic"), OPS).refused(
        containing="wrote"
    )


@pytest.mark.parametrize("speaker", ["ghost", "stranger"])
def test_a_speaker_who_is_not_on_duty_here_asks_for_nothing(speaker: str) -> None:
    given(*STAFFED).when(replace(LEVEL, speaker=speaker), OFFICER).refused(containing="on duty here")
    given(*TARGETED).when(replace(FORCE, speaker=speaker), OFFICER).refused(containing="on duty here")


def test_a_scribe_who_is_not_on_duty_here_writes_no_ask_down() -> None:
    given(*STAFFED, c.CheckOut("officer")).when(LEVEL, OFFICER).refused()


def test_one_who_names_themselves_asks_for_themselves() -> None:
    event = given(*STAFFED).when(replace(LEVEL, speaker="officer"), OFFICER).drafts[0].event
    assert isinstance(event, e.LevelAsked) and event.speaker is None and event.channel is None


@pytest.mark.parametrize("actor", [IC, OFFICER])
def test_speaker_and_scribe_may_withdraw_it_and_nobody_else(actor: object) -> None:
    assert given(*STAFFED, by(OFFICER, LEVEL)).when(c.WithdrawAsk("a1"), actor).drafts  # type: ignore[arg-type]  # an actor
    given(*STAFFED, by(OFFICER, LEVEL)).when(c.WithdrawAsk("a1"), OPS).refused()


def test_a_spoken_ask_of_someone_unknown_folds_all_the_same() -> None:
    """A log may hold what today's decide would refuse."""
    world = given(
        *STAFFED, by(OFFICER, e.LevelAsked("a9", "north", "facilitate", (), given().world.now, speaker="ghost"))
    ).world
    assert world.state.response.asks["a9"].by.person == "ghost"
