"""Observations, liaison contacts and warnings: always kept, and judged later."""

from __future__ import annotations

from datetime import timedelta

from command.domain import commands as c
from command.domain import events as e
from command.domain.facts import StateFacts
from command.domain.ids import Place
from tests.support.given import OFFICER, OPENED, STAFFED, START, STRANGER, Wait, given

PLACE = Place(47.6, -122.3)


def test_an_observation_that_names_a_sign_is_kept_for_judgement() -> None:
    cmd = c.RecordObservation("ob1", "bottles", "north", ("significant-number-violent",), PLACE, "about ten")
    spec = given(*STAFFED).when(cmd, OFFICER)
    spec.then(e.ObservationRecorded("ob1", "north", "bottles", ("significant-number-violent",), PLACE, "about ten"))
    at = spec.world.entries[-1].header.occurred_at
    facts = StateFacts(spec.world.state)
    assert facts.indicators("north", at) == (("significant-number-violent", at, "officer"),)
    assert facts.indicators("north", at - timedelta(seconds=1)) == facts.indicators("south", at) == ()
    assert [seen.observation for seen in spec.world.state.crowd.recent] == ["ob1"]


def test_an_observation_without_sign_sector_or_place_only_counts() -> None:
    for cmd in (
        c.RecordObservation("ob1", "calm", "north"),
        c.RecordObservation("ob1", "x", indicators=("exits-open",)),
    ):
        crowd = given(*STAFFED).when(cmd, STRANGER).world.state.crowd
        assert (crowd.observed, crowd.recent, len(crowd.signs)) == (1, (), 0)


def test_contact_tried_counts_in_its_sector_and_without_one_everywhere() -> None:
    spec = given(*OPENED).when(c.RecordLiaison("k1", "organizer", "phone", "north", "west side", False), OFFICER)
    spec.then(e.LiaisonContacted("k1", "organizer", "phone", "north", "west side", False))
    facts, at = StateFacts(spec.world.state), spec.world.entries[-1].header.occurred_at
    assert facts.liaison_tried("north", at) == at
    assert facts.liaison_tried("south", at) is None and facts.liaison_tried("north", START) is None
    whole = given(*OPENED).when(c.RecordLiaison("k1", "marshal", "in person"), OFFICER)
    assert StateFacts(whole.world.state).liaison_tried("south", whole.world.now) is not None
    assert StateFacts(whole.world.state).liaison_tried(None, whole.world.now) is not None


def test_an_earlier_contact_told_late_does_not_replace_a_newer_one() -> None:
    past = (*OPENED, Wait(100), c.RecordLiaison("k1", "organizer", "phone"))
    given(*past).when(c.RecordLiaison("k2", "organizer", "phone"), OFFICER, occurred_at=START).nothing()


def test_a_clock_that_runs_ahead_does_not_hide_a_contact() -> None:
    ahead = START + timedelta(hours=3)
    spec = given(*OPENED).when(c.RecordLiaison("k1", "organizer", "phone"), OFFICER, occurred_at=ahead)
    assert StateFacts(spec.world.state).liaison_tried(None, spec.world.now) == spec.world.entries[-1].header.recorded_at


def test_a_warning_is_kept_as_given_and_late_ones_take_their_place() -> None:
    cmd = c.ReportWarning("w1", "north", "dispersal-order", "go", "es", True, True, None, ("5th Ave",), PLACE)
    spec = given(*STAFFED).when(cmd, OFFICER)
    spec.then(e.WarningGiven("w1", "north", "dispersal-order", "go", "es", True, True, None, ("5th Ave",), PLACE))
    spec.world.send(c.ReportWarning("w0", "north", "facilitation-notice"), OFFICER, occurred_at=START)
    facts = StateFacts(spec.world.state)
    assert [w.text for w in facts.warnings("north", spec.world.now)] == ["facilitation-notice", "dispersal-order"]
    assert [w.text for w in facts.warnings("north", START)] == ["facilitation-notice"]
    assert facts.warnings("south", spec.world.now) == ()
    assert spec.world.state.warnings.count == 2
