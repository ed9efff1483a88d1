"""The way down: no sign, no course, and always somebody who may. Authority fails closed upwards and never downwards."""

from __future__ import annotations

from typing import Any

import pytest

from command.policy.decision import Decision
from tests.support.packs import changed
from tests.support.street import STREET, asked, words

HIGH = "11:00 sector 1 stands at high"
OFF = "11:10 nobody holds incident-commander"
TEXT = changed(
    '{ rank = "lieutenant or above" }]\nreview', '{ rank = "chief or above", on_scene = true }]\nreview', STREET
) + """
[[position]]
id = "operations"
title = "operations section chief"
says = "Directs."
training = ["incident-command"]

[[position]]
id = "deputy-north"
title = "deputy in the north"
says = "Stands in too."

[[position]]
id = "planning"
title = "planning section chief"
says = "Plans."
agency = "any"
"""  # fmt: skip


def down(who: str, *given: str, text: str = TEXT, **said: Any) -> Decision:
    """Someone lowers sector 1 from high to low."""
    about = {"action": "level.lower", "level": "low", "sector": "1", "at": "12:00", "who": who}
    return asked((HIGH, *given), text, **{**about, **said})


@pytest.mark.parametrize(
    ("who", "given"),
    [
        ("ic", ()),
        ("officer", ("11:30 officer takes deputy",)),
        ("officer", ("11:30 officer takes deputy-north",)),
        ("officer", ("11:30 officer takes operations",)),
        ("chief", ()),
        ("officer", (OFF, "11:30 officer takes deputy")),
    ],
)
def test_each_of_them_may(who: str, given: tuple[str, ...]) -> None:
    """The commander, any deputy, operations, the level's own authorizer: without the position's course, wherever they are."""
    decision = down(who, *given)
    assert decision.allows, words(decision)
    assert "way-down" in {rule.rule for rule in decision.rules}


@pytest.mark.parametrize(
    ("who", "given", "told"),
    [
        ("lieutenant", (), "lieutenant is lieutenant, below chief"),
        ("officer", ("11:30 officer takes planning",), "does not hold the position incident commander"),
        ("partner", (), "not the lead agency"),
        ("chief", ("11:30 chief checks out",), "has checked out"),
        ("stranger", (), "check-in of stranger"),
    ],
)
def test_others_may_not_while_there_is_someone(who: str, given: tuple[str, ...], told: str) -> None:
    """There is a commander: nobody else is needed."""
    decision = down(who, *given)
    assert not decision.allows
    assert told in words(decision)
    assert decision.who_may[0] == "incident commander of the lead agency"
    assert any("deputy in the north" in way for way in decision.who_may)
    assert "operations section chief of the lead agency" in decision.who_may


@pytest.mark.parametrize("gone", [OFF, "11:10 ic checks out"])
def test_where_none_of_them_is_there_the_highest_present_position_may(gone: str) -> None:
    """In the plan's own order of positions; one whose holder has left does not count as filled."""
    both = (gone, "11:20 sergeant takes liaison", "11:20 officer takes planning")
    assert down("sergeant", *both).allows
    assert not down("officer", *both).allows
    left = (*both, "11:40 sergeant checks out")
    assert down("officer", *left).allows
    assert "planning section chief of the lead agency" in down("lieutenant", *left).who_may


def test_a_helper_in_a_position_is_not_the_lead_agency() -> None:
    """Command stays with the lead agency, on the way down too (A29)."""
    assert not down("partner", OFF, "11:20 partner takes planning").allows
    assert down("officer", OFF, "11:20 partner takes planning").allows


def test_where_no_position_is_filled_anyone_of_the_lead_agency_may() -> None:
    """An empty board holds no level up."""
    decision = down("officer", OFF)
    assert decision.allows, words(decision)
    assert not down("partner", OFF).allows


def test_the_levels_own_positions_count_as_someone() -> None:
    """Where the plan names a position of its own for the level and it is filled, nobody further down is needed."""
    text = changed(
        'positions = ["incident-commander"] }, { rank = "chief', 'positions = ["liaison"] }, { rank = "chief', TEXT
    )
    held = (OFF, "11:20 sergeant takes liaison", "11:20 officer takes planning")
    assert down("sergeant", *held, text=text).allows
    assert not down("officer", *held, text=text).allows


def test_one_packs_leave_is_enough() -> None:
    """A local authorizer that is stricter on the way up is no condition on the way down."""
    raised = down("ic", action="level.raise", level="high", sector="2", indicators=("bottles",), extent="few")
    assert not raised.allows, "sector 2 has no level: this only shows that raising is judged apart"
    assert down("chief").allows


def test_raising_is_untouched() -> None:
    """Operations lowers this level and does not raise to it."""
    given = ("11:30 sector 1 stands at low", "11:30 officer takes operations")
    up = down("officer", *given, action="level.raise", level="high", indicators=("bottles",), extent="few")
    assert up.effect == "refused"


def test_a_plan_without_these_positions_still_has_a_way_down() -> None:
    """The small plan knows a commander and a liaison officer; the commander and the authorizer of the level may."""
    assert down("lieutenant", text=STREET).allows
    assert not down("sergeant", text=STREET).allows
    assert down("sergeant", OFF, "11:20 sergeant takes liaison", text=STREET).allows


def test_a_draft_holds_nobody_up() -> None:
    """Nothing is permitted under a draft, and going down is always possible."""
    text = changed('kind = "plan"', 'kind = "plan"\nstatus = "draft"', STREET)
    assert down("ic", text=text).allows
    assert not down("ic", text=text, action="level.renew").allows
