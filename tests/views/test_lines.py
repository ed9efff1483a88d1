"""The sentences themselves, for what has more than one form."""

from __future__ import annotations

from typing import cast

import pytest

from command.domain import commands as c
from command.domain import events as e
from command.domain import events_custody as ec
from command.policy.decision import Finding
from command.policy.stack import Rung, Stack
from command.views.lines import line
from command.views.names import author, level_name, position_title, sector_name, unit_name, who
from command.views.rows import Who
from tests.support.given import ALLIED, IC, LEAD, OFFICER, STAFFED, by, given
from tests.support.given import START as NOW

WORLD = given(
    *ALLIED, e.UnitFormed("u1", "Bike 1", "bicycle", LEAD),
    e.DutyStarted("d1", "x", "Look after it.", "the liaison-officer", "r1", None),
).world  # fmt: skip
FINDING = Finding("authorized")


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (e.IncidentOpened("May Day", "planned", LEAD, "UTC", (), "plan", "ic"),
         "May Day opened from its plan at Plan and liaison, Ines Castro in command"),
        (e.IncidentOpened("It", "spontaneous", LEAD, "UTC", (), "x", "new"),
         "It opened from the standing template at level x, new in command"),
        (e.UnitAssigned("u1", None), "Bike 1 to staging"),
        (e.UnitAssigned("u1", "north", "traffic"), "Bike 1 to North side: traffic"),
        (e.UnitAssigned("u7", "south"), "u7 to south"),
        (e.CommandTransferred(None, "chief", "b", True),
         "Command transferred from nobody to Chief; the briefing was read"),
        (e.CommandTransferred("ic", "chief", "b", True),
         "Command transferred from Ines Castro to Chief; the briefing was read"),
        (e.ObservationRecorded("o", None, "x"), "Observation in the incident"),
        (e.ObservationRecorded("o", "north", "x", ("march-moving", "odd")),
         "Observation in North side: A march or crowd uses or blocks a street or sidewalk. odd"),
        (e.LiaisonContacted("k", "organizer", "phone", "north"), "Contact with organizer by phone in North side"),
        (e.LiaisonContacted("k", "organizer", "phone", reached=False), "Tried to reach organizer by phone"),
        (e.WarningGiven("w", "north", "dispersal-order", None, "es", True, exits=("5th", "6th")),
         "Warning given in North side: dispersal order (es, amplified); exits 5th, 6th"),
        (e.WarningGiven("w", "north", "notice"), "Warning given in North side: notice (en)"),
        (e.ForceReported("r", "p", "ic", None, None, None, None, "Level 1 - Use of Force"),
         "Force reported: kind not stated by the source, by Ines Castro · source calls it “Level 1 - Use of Force”"),
        (e.ForceReported("r", "p", "4711", None, "oc-hand", "north", None, None),
         "Force reported in North side: oc hand, by 4711"),
        (ec.PersonReleased("s-1", None, "rel", "on own word"), "A person without a record of arrest released on own word"),
        (ec.PersonReleased("s-1", None, "rel", "died in custody"), "A person without a record of arrest died in custody"),
        (e.AskRefused("RaiseLevel", "north", "engage"), "Refused: raise level (engage) for North side"),
        (e.Redacted("p1", (), "Court", "order 7"),
         "Redaction of a person's private record on the authority of Court: order 7"),
        (e.Redacted(None, (1, 2), "Court", "order 7", "sealing"),
         "Sealing of private fields of 2 events on the authority of Court: order 7"),
        (e.OrderGiven("o2", "x", ("u1", "u2", "u3", "u4", "u5"), "o1"),
         "Order to Bike 1, u2, u3, u4 and 1 more, superseding an order"),
        (e.LogRestored("b1", 1, 7, NOW, "muster:i:2"),
         f"The log was restored from a backup of {NOW:%Y-%m-%d %H:%M} UTC: whatever came after event 7 of epoch 1 lost"),
        (e.LogRestored("b1", 1, 7, NOW, "muster:i:2", 9),
         f"The log was restored from a backup of {NOW:%Y-%m-%d %H:%M} UTC: events 8 to 9 of epoch 1 lost"),
        (e.OrderGiven("o2", "x", ("u1",)), "Order to Bike 1"),
        (e.DecisionRecorded("d", "Which?", "north", "x", (e.RejectedOption("s", "h"),) * 2, "ic", NOW),
         "Decision: Which? — north; 2 other options rejected"),
        (e.DecisionRecorded("d", "Which?", "north", "x", (e.RejectedOption("s", "h"),), "ic", NOW),
         "Decision: Which? — north; 1 other option rejected"),
        (e.DutyStarted("d2", "x", "Look after it.", "the liaison-officer", "r1", None),
         "Owed by the liaison officer: Look after it."),
        (e.DutyDischarged("d1"), "Done: Look after it."),
        (e.DutyDischarged("ghost"), "Done: ghost"),
        (e.EntryRecorded("e", "x", "north"), "Log entry, North side"),
        (e.EntryRecorded("e", "x"), "Log entry"),
        (e.FindingReopened("r", FINDING, "corrected"), "Finding reopened: authorized (corrected)"),
        (e.PersonCheckedIn("x", "X. Y.", LEAD, "deputy-chief", "17"), "X. Y. (deputy chief, Metro Police, badge 17) checked in"),
        (e.PersonCheckedIn("x", "X. Y.", "elsewhere", "officer"), "X. Y. (officer, elsewhere) checked in"),
    ],
)  # fmt: skip
def test_what_a_line_says(event: e.Event, says: str) -> None:
    assert line(WORLD.state, WORLD.stack, event) == says


def test_no_line_about_an_ask_or_an_order_shows_its_id() -> None:
    """What was asked for is said, also once the ask is off the board; an order by its place in the log."""
    ask = c.AskLevel("k1", "north", "facilitate", ("people-assembling",), None, None, None, "x")
    story = given(*STAFFED, by(OFFICER, ask)).world
    assert line(story.state, story.stack, e.AskDenied("k1", "no")) == "Request denied: Facilitate in North side"
    over = given(*STAFFED, by(OFFICER, ask), e.AskWithdrawn("k1"), e.OrderGiven("o1", "x", ("u1",))).world
    assert line(over.state, over.stack, e.AskWithdrawn("k1")) == "Request withdrawn: Facilitate in North side"
    assert line(over.state, over.stack, e.AskDenied("nobody", "no")) == "Request denied: a request"
    number = over.state.journal.orders["o1"].seq
    assert line(over.state, over.stack, e.OrderAcknowledged("o1", "u1")) == f"u1 acknowledged order #{number}"


def test_names_fall_back_to_ids() -> None:
    state, stack = WORLD.state, WORLD.stack
    assert (unit_name(state, "u9"), sector_name(state, None), sector_name(state, "x")) == ("u9", "", "x")
    assert (level_name(stack, "x"), position_title(stack, "juggler")) == ("level x", "juggler")
    assert who(state, None) is None and who(state, "x", position="p") == Who("x", "x", "", "p")
    assert who(state, "ic") == Who("ic", "Ines Castro", LEAD) and author(state, IC).agency == LEAD


def test_a_level_has_a_number_only_where_the_plan_numbers_its_levels() -> None:
    """Elsewhere a number of ours would be taken for a city's class of force reports."""
    stack = WORLD.stack
    assert level_name(stack, "engage") == "Engage"
    [rung] = [rung for rung in stack.ladder if rung.id == "engage"]
    numbered = rung._replace(id="2")
    assert level_name(cast(Stack, Numbered(numbered)), "2") == "level 2 · Engage"


class Numbered:
    """A stack with one rung, which its plan calls by a number."""

    def __init__(self, rung: Rung) -> None:
        self._rung = rung

    def level(self, level: str) -> Rung | None:
        """That rung."""
        return self._rung if level == self._rung.id else None
