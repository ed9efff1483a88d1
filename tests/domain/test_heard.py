"""Whether a warning was heard: each one's newest word by a moment, and one who did not hear it outweighs who did."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.facts import StateFacts
from command.domain.heard import as_heard, last_words
from command.domain.state import Warned
from command.domain.state_force import Heard
from command.domain.warning import MOST_HEARD
from tests.support.given import OFFICER, OPS, SERGEANT, STAFFED, START, Wait, by, given

GIVEN = Warned(
    at=START, text="dispersal-order", amplified=True, on_camera=True, audible=None, exits=(), by="officer", warning="w1",
    sector="north", place=None, seq=1,
)  # fmt: skip
WARNING = c.ReportWarning("w1", "north", "dispersal-order", amplified=True)


def word(after_s: float, heard: bool, by_: str = "rear", seq: int = 2) -> Heard:
    """Somebody's word, so long after the warning."""
    return Heard(START + timedelta(seconds=after_s), heard, by_, seq)


def later(after_s: float = 3600) -> object:
    return START + timedelta(seconds=after_s)


@pytest.mark.parametrize(
    ("own", "words", "becomes"),
    [
        (None, (), None),
        (True, (), True),
        (None, (word(10, True),), True),
        (None, (word(10, False),), False),
        (None, (word(10, True), word(11, False, "left")), False),
        (None, (word(10, False), word(11, True)), True),  # the same officer, nearer by then
        (False, (word(10, True),), False),  # the author did not hear it, and has not said otherwise
        (False, (word(10, True, "officer"),), True),
        (None, (word(10, True, seq=2), word(10, False, seq=3)), False),  # at one moment the later record stands
    ],
)
def test_each_ones_newest_word_counts(own: bool | None, words: tuple[Heard, ...], becomes: bool | None) -> None:
    for order in permutations(words):
        assert as_heard(replace(GIVEN, audible=own), order, START + timedelta(hours=1)).audible is becomes


def test_what_is_said_later_is_not_known_before() -> None:
    """As of a moment, for whoever relied on it then."""
    words = (word(60, True), word(120, False, "left"))
    told = [as_heard(GIVEN, words, START + timedelta(seconds=after)).audible for after in (59, 60, 119, 120)]
    assert told == [None, True, True, False]
    assert as_heard(GIVEN, words, START) is GIVEN and last_words(GIVEN, words, START) == ()


def test_a_report_of_it_is_kept_and_judged_from_then_on() -> None:
    said = c.ReportAudibility("h1", "w1", "north", True, "sergeant", note="clear by the stage")
    past = given(*STAFFED, by(OFFICER, WARNING), Wait(60))
    spec = past.when(said, OPS)
    (draft,) = spec.drafts
    assert draft.event == e.AudibilityReported("h1", "w1", "north", True, "sergeant", note="clear by the stage")
    facts, now = StateFacts(spec.world.state), spec.world.now
    (fact,) = facts.warnings("north", now)
    (before,) = facts.warnings("north", now - timedelta(seconds=30))
    assert fact.audible is True and before.audible is None
    (kept,) = spec.world.state.warnings.heard["w1"]
    assert (kept.by, kept.heard) == ("sergeant", True), "whoever listened, not who wrote it down"


def test_it_may_come_before_the_warning_itself() -> None:
    """Tablets hand in in any order; what happened when is the same."""
    at = START + timedelta(seconds=30)
    told = by(SERGEANT, c.ReportAudibility("h1", "w1", "north", False), occurred_at=at)
    warned = by(OFFICER, WARNING, occurred_at=START)
    for past in ((told, warned), (warned, told)):
        world = given(*STAFFED, Wait(60), *past).world
        (fact,) = StateFacts(world.state).warnings("north", world.now)
        assert fact.audible is False


def test_words_on_one_warning_are_bounded() -> None:
    """The newest are kept."""
    many = (by(OFFICER, c.ReportAudibility(f"h{n}", "w1", "north", n > 0)) for n in range(MOST_HEARD + 1))
    kept = given(*STAFFED, *many).world.state.warnings.heard["w1"]
    assert len(kept) == MOST_HEARD and all(one.heard for one in kept)


def test_who_heard_a_warning_in_another_sector_heard_another_warning() -> None:
    """It confirms nothing, from the rear neither; that it was not heard counts whatever sector somebody names."""
    hour = START + timedelta(hours=1)
    astray = Heard(START + timedelta(seconds=5), True, "rear", 2, rear=True, sector="south")
    assert as_heard(GIVEN, (astray,), hour) is GIVEN
    here = as_heard(GIVEN, (replace(astray, sector="north"),), hour)
    assert (here.audible, here.rear) == (True, ("rear",))
    assert as_heard(GIVEN, (replace(astray, heard=False),), hour).audible is False
    mixed = (replace(astray, heard=False, sector="north", seq=1), replace(astray, at=START + timedelta(seconds=9)))
    assert as_heard(GIVEN, mixed, hour).audible is False, "nor does it take back what was said of this one"
