"""What may not be lost when one plan follows another, and what people are told of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from command.policy.replacing import against, notes
from tests.support.packs import changed
from tests.support.plans import illinois, model_text, stack_of, without_batons

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
FULL = stack_of(illinois(), model_text())


def law(old: str = "", new: str = "") -> str:
    return changed(old, new, illinois()) if old else illinois()


def test_another_version_of_the_plan_under_the_same_law_may_follow() -> None:
    """And the note says which pack changed from what to what."""
    fresh = stack_of(illinois(), without_batons())
    assert against(FULL, fresh, NOW) == ()
    (said,) = notes(FULL, fresh)
    assert f"from {FULL.packs[1].digest[:12]} to {fresh.packs[1].digest[:12]}" in said


def test_the_same_plan_changes_nothing() -> None:
    assert against(FULL, FULL, NOW) == ("this is the plan in force already",)
    assert notes(FULL, FULL) == ()


def test_a_law_is_not_left_out() -> None:
    """Its name, its id and whose law it is are said."""
    (why,) = against(FULL, stack_of(without_batons()), NOW)
    for word in ("leaves out", "us-il-force-and-citation", "US-IL", "nobody here can take it away"):
        assert word in why


def test_a_law_whose_dates_of_force_have_ended_may_go() -> None:
    over = law('kind         = "law"', 'kind         = "law"\nin_force     = { to = 2026-04-30 }')
    assert against(stack_of(over, model_text()), stack_of(without_batons()), NOW) == ()


def test_a_law_does_not_become_something_else() -> None:
    agreement = law('kind         = "law"', 'kind         = "agreement"')
    assert "not a law but: agreement" in against(FULL, stack_of(agreement, model_text()), NOW)[0]


@pytest.mark.parametrize(
    ("more", "word"),
    [('status = "draft"', "is draft"), ('status = "amended"', "is amended"),
     ("in_force = { from = 2027-01-01 }", "is not in force on 2026-05-01")],
)  # fmt: skip
def test_a_plan_that_would_bar_everything_does_not_follow(more: str, word: str) -> None:
    """Nobody could change it back."""
    draft = changed('kind         = "template"', f'kind         = "template"\n{more}', without_batons())
    assert any(word in why for why in against(FULL, stack_of(illinois(), draft), NOW))


def test_what_comes_and_goes_is_said() -> None:
    assert notes(stack_of(model_text()), FULL)[0].startswith("from now on with Illinois")
    assert notes(FULL, stack_of(model_text()))[0].startswith("from now on without Illinois")


def test_a_law_that_says_of_itself_that_it_is_enjoined_is_named() -> None:
    off = law('kind         = "law"', 'kind         = "law"\nstatus       = "enjoined"')
    assert any("binds nobody" in said for said in notes(FULL, stack_of(off, model_text())))


def test_a_plan_that_nobody_could_change_again_is_named() -> None:
    head, _, rest = model_text().partition('[[ask]]\nid       = "change-the-plan"')
    fixed = head + rest[rest.index("[[ask]]") :]
    fresh = stack_of(illinois(), fixed)
    assert any("could not be changed again" in said for said in notes(FULL, fresh))
