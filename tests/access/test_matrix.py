"""role × action × agency relation × sensitivity, exhaustively, against a table written by hand.

`test_authorizer` holds who may do what. This holds what whoever may look is then shown: the authorizer chooses the lens
for every action that shows the incident, and the lens is tried on a field of each sensitivity, of the lead's people,
of the assisting agency's own and of a third agency's, without the compartment's grant and with it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import get_args

import pytest

from command.access.authorizer import ACTIONS, LENS_OF_ROLE, SCOPED, SEEING, authorize
from command.access.model import Grant, Role, Subject
from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain.deciding import Draft
from command.domain.envelope import Actor
from command.domain.private import private_fields
from command.views.lens import MAY_HOLD, Lens
from command.views.sight import shown_private
from tests.support.given import ALLIED, IC, PARTNER, World, given

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ROLES: tuple[Role, ...] = get_args(Role)
LETTER = dict(zip(ROLES, "CSPMFARXDU", strict=True))
THIRD = Actor("third", "state-police")

# Sensitivity, a field of it, who reads it without any compartment, and who with all that the role may hold.
# C S P M F A R X D U as in test_authorizer; `a`: only what the agency's own people wrote.
TABLE = """
said-to-all    WarningGiven.words            CSPMFARD     CSPMFARD
told           ObservationRecorded.what      CSFaR        CSFaR
level          LevelRaised.facts             CSFaR        CSFaR
deliberation   DecisionRecorded.reasons      CaR          CaR
briefing       CommandTransferred.briefing   CR           CR
account        ForceReported.account         CaR          CaR
conduct        ArrestRecorded.conduct        CPaR         CPaR
review         ReviewFiled.needed            CR           CR
identity       PersonDescribed.name          -            CPaR
demographics   PersonDescribed.race_stated   -            PaR
juvenile       PersonDescribed.age           -            PMaR
medical        PersonDescribed.medical       -            MR
injury         ForceReported.injury          -            MR
complaint      InterventionReported.officer  -            CR
witnessed      ExcessiveForceReported.what   -            R
welfare        WelfareChecked.offered        -            CS
distress       DistressFlagged.what          CMaR         CMaR
"""
ROWS = [line.split() for line in TABLE.split("\n") if line]


def sample(name: str) -> e.Event:
    """An event with a value in each private field."""
    events: dict[str, e.Event] = {
        "WarningGiven": e.WarningGiven("w1", "north", "dispersal-order"),
        "ObservationRecorded": e.ObservationRecorded("o1", "north", ""),
        "LevelRaised": e.LevelRaised("north", "plan", "facilitate", (), ""),
        "DecisionRecorded": e.DecisionRecorded("d1", "q", "c", "", (), "ic", NOW),
        "CommandTransferred": e.CommandTransferred("ic", "chief", "", True),
        "ForceReported": e.ForceReported("r1", "p1", "nobody", None, "baton", "north", None, None),
        "ArrestRecorded": ea.ArrestRecorded("a1", "p1", "nobody", None, "north", None),
        "ReviewFiled": e.ReviewFiled("v1", "r1", "cannot tell", *[""] * 6),
        "PersonDescribed": ea.PersonDescribed("a1", "p1"),
        "InterventionReported": e.InterventionReported("i1", None, "north", ""),
        "ExcessiveForceReported": e.ExcessiveForceReported("x1", "excessive force", None, "north", ""),
        "WelfareChecked": e.WelfareChecked("k1", True),
        "DistressFlagged": e.DistressFlagged("s1", "north", ""),
    }
    return events[name]


def world_of(name: str, actor: Actor) -> World:
    """A log that ends with such an event of this author."""
    world = given(*ALLIED).world
    event = sample(name)
    world.apply((Draft(event),), world.context(actor))
    return world


def holder(role: Role, *, holding: bool) -> Subject:
    """Someone of the role, of the assisting agency where that is the role."""
    kind = LENS_OF_ROLE[role]
    held = tuple(sorted(MAY_HOLD[kind])) if holding and kind else ()
    grant = Grant("p-1", role, "i-1", compartments=held)
    agency = PARTNER.agency if role == "assisting" else IC.agency
    return Subject("p-1", "A", agency, "officer", "s-1", "10.0.0.9", (grant,), verified_at=NOW)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_role_through_each_action_reads_what_the_table_says(row: list[str]) -> None:
    _, path, bare, held = row
    name, field = path.split(".")
    assert field in private_fields(type(sample(name)))
    asked = 0
    for actor in (IC, PARTNER, THIRD):
        world = world_of(name, actor)
        last = world.entries[-1]
        for role, holding, action in product(ROLES, (False, True), sorted(ACTIONS)):
            verdict = authorize(holder(role, holding=holding), action, "i-1" if action in SCOPED else None, NOW)
            letters = held if holding else bare
            letter = LETTER[role]
            may = letter in letters or (letter.lower() in letters and actor.agency == PARTNER.agency)
            shown = field in shown_private(world.state, last, Lens(verdict.lens)) if verdict.lens else False
            assert shown is (may and verdict.allow and action in SEEING and role != "administrator"), (
                role, holding, action, actor.agency,
            )  # fmt: skip
            asked += 1
    assert asked == 3 * len(ROLES) * 2 * len(ACTIONS)


def test_every_compartment_and_every_class_is_in_the_table() -> None:
    read = {letter.upper() for row in ROWS for letter in row[2] + row[3]} - {"-"}
    assert read == set("CSPMFARD"), "the administrator and the public read no private field at all"
    assert {row[0] for row in ROWS} >= {"identity", "demographics", "juvenile", "medical", "complaint", "welfare"}
