"""Warnings as given, ways out as seen, a crowd that moved on: kept word for word, and answered as of a moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.facts import StateFacts
from command.domain.ids import Place
from tests.support.given import OFFICER, OPS, STAFFED, START, STRANGER, Wait, by, given

WARN = c.ReportWarning(
    "w1", "north", "dispersal-order", "leave by 5th", "en", True, True, True, ("5th Ave",), Place(1.0, 2.0),
    "oc-hand", ("es",), ("the law violated",), True, 2,
)  # fmt: skip


def test_a_warning_is_kept_word_for_word_and_so_is_what_judgement_needs() -> None:
    spec = given(*STAFFED).when(WARN, OFFICER)
    (draft,) = spec.drafts
    assert isinstance(draft.event, e.WarningGiven)
    for name in WARN.__struct_fields__:
        assert getattr(draft.event, name) == getattr(WARN, name)
    (fact,) = StateFacts(spec.world.state).warnings("north", spec.world.now)
    assert (fact.warning, fact.text, fact.by, fact.weapon, fact.places) == (
        "w1",
        "dispersal-order",
        "officer",
        "oc-hand",
        2,
    )
    assert fact.languages == ("en", "es") and fact.says == ("the law violated",)
    assert fact.amplified and fact.on_camera and fact.audible and fact.exits_open and fact.exits == ("5th Ave",)
    assert [w.warning for w in spec.world.state.warnings.recent] == ["w1"] and spec.world.state.warnings.count == 1


def test_a_late_report_of_a_warning_takes_its_place() -> None:
    late = by(OFFICER, c.ReportWarning("w0", "north", "notice"), occurred_at=START)
    world = given(*STAFFED, by(OFFICER, WARN), late).world
    facts = StateFacts(world.state)
    assert [w.warning for w in facts.warnings("north", world.now)] == ["w0", "w1"]
    assert [w.warning for w in facts.warnings("north", START)] == ["w0"] and facts.warnings("south", world.now) == ()


def test_ways_out_are_what_someone_last_saw() -> None:
    look: list[Any] = [
        by(OFFICER, c.ReportExits("x1", "north", ("5th Ave", "6th Ave"))), Wait(60),
        by(OFFICER, c.ReportExits("x2", "north", ("5th Ave", "6th Ave"), ("6th Ave",))), Wait(60),
        by(STRANGER, c.ReportExits("x3", "north")),
    ]  # fmt: skip
    world = given(*STAFFED, *look).world
    facts, now = StateFacts(world.state), world.now
    assert facts.exits_open("north", now) == () and facts.exits_open("south", now) is None
    assert facts.exits_open("north", now - timedelta(seconds=62)) == ("5th Ave",), "open and closed is closed"
    assert facts.exits_open("north", START) is None


def test_a_crowd_has_moved_when_it_was_last_seen_to() -> None:
    spec = given(*STAFFED, by(OFFICER, c.ReportCrowdMoved("m1", "north", "south", "eastward")), Wait(60))
    world = spec.world
    earlier = c.ReportCrowdMoved("m2", "north")
    told = spec.when(earlier, OFFICER, occurred_at=START).then(e.CrowdMoved("m2", "north"))
    facts = StateFacts(told.world.state)
    assert facts.crowd_moved("north", world.now) == world.now - timedelta(seconds=62)
    assert facts.crowd_moved("north", START) == START and facts.crowd_moved("south", world.now) is None


def test_a_word_on_a_warning_of_another_sector_is_kept_and_says_so() -> None:
    """With where the warning was given; of one that the log does not have yet nothing can be said."""
    past = given(*STAFFED, by(OFFICER, replace(WARN, warning="w1", sector="north")))
    heard = c.ReportAudibility("h1", "w1", "square", True)
    found = past.when(heard, OPS).drafts[0].finding
    assert found is not None and found.kind == "cannot tell" and found.rules
    assert found.reasons == (
        "the warning was given in the sector north, and this names the sector square: that it was heard confirms nothing",
    )
    unheard = past.when(replace(heard, check="h2", heard=False), OPS).drafts[0].finding
    assert unheard is not None and unheard.reasons[0].endswith("that it was not heard counts all the same")
    assert past.when(replace(heard, check="h3", sector="north"), OPS).drafts[0].finding is None
    assert past.when(replace(heard, check="h4", warning="w9"), OPS).drafts[0].finding is None
