"""The words in which grounds, parts of the body and tools are stated: what lies in what, what is a typing error."""

from __future__ import annotations

import pytest

from command.policy.load import read_pack
from command.policy.stack import Stack
from command.policy.stated import GROUNDS, KNOWN_ZONES, TOOLS, WITHIN, ZONES, misspelt, overlapping
from tests.support.packs import changed
from tests.support.street import BATON, READY, STREET, asked

WORDS = '\n[words]\ngrounds = { trespass = "Entering a closed building." }\nzones = { wings = "Wings" }\n'


@pytest.mark.parametrize(
    ("aimed", "barred", "hit"),
    [
        ("head", "head", True),
        ("face", "head", True),
        ("eyes", "head", True),
        ("head", "face", True),
        ("torso", "back", True),
        ("spine", "torso", True),
        ("chest", "back", False),
        ("legs", "head", False),
        ("pelvis", "anterior-pelvis", True),
        ("wings", "head", False),
    ],
)
def test_who_aims_at_a_part_aims_at_what_it_lies_in(aimed: str, barred: str, hit: bool) -> None:
    """And who aims at the whole does not spare the part."""
    assert (aimed in overlapping(barred)) is hit
    assert (barred in overlapping(aimed)) is hit


def test_the_parts_are_known_and_lie_in_known_ones() -> None:
    """Every word of the table can be stated, and what forms offer too."""
    assert set(ZONES) <= KNOWN_ZONES and set(WITHIN) <= KNOWN_ZONES
    assert all(set(wholes) <= KNOWN_ZONES for wholes in WITHIN.values())


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("oc-hand", ""),
        ("oc-hnad", "oc-hand"),
        ("chemical_area", "chemical-area"),
        ("Baton", "baton"),
        ("kinetic-drect", "kinetic-direct"),
        ("water-cannon", ""),
        ("kinetic-area", ""),
    ],
)
def test_a_typing_error_is_told_from_another_tool(word: str, meant: str) -> None:
    """Only what is nearly a known word is taken for one."""
    assert misspelt(word, TOOLS) == meant


@pytest.mark.parametrize(
    ("zones", "grounds", "effect", "says"),
    [
        (("legs",), ("violence",), "not barred", ""),
        (("face",), ("violence",), "refused", "never at face"),
        (("wings",), ("violence",), "refused", 'the plan knows no part of the body "wings"'),
        (("legs",), ("curfew",), "refused", "never solely for curfew"),
        (("legs",), ("curfew", "violence"), "not barred", ""),
        (("legs",), ("trespass",), "refused", 'the plan knows no ground "trespass"'),
    ],
)
def test_a_word_that_nobody_knows_lifts_no_bar(
    zones: tuple[str, ...], grounds: tuple[str, ...], effect: str, says: str
) -> None:
    """Unknown denies, and says what was probably meant."""
    answer = asked(READY, **{**BATON, "zones": zones, "grounds": grounds})
    assert answer.effect == effect, answer
    assert says in " / ".join(answer.reasons)


def test_a_pack_brings_words_of_its_own() -> None:
    """What stands in its [words] is known, and permits what the common words permit."""
    answer = asked(READY, STREET + WORDS, **{**BATON, "zones": ("wings",), "grounds": ("trespass",)})
    assert answer.effect == "not barred", answer
    stack = Stack.of([read_pack(STREET + WORDS, "street.toml")])
    assert {"trespass", *GROUNDS, "curfew"} <= stack.known_grounds and "wings" in stack.known_zones


def test_a_ground_that_bars_bars_beside_any_other() -> None:
    """`never_for` is not outweighed."""
    text = changed('never_solely_for = ["curfew"]', 'never_solely_for = ["curfew"], never_for = ["spite"]', STREET)
    assert asked(READY, text, **{**BATON, "grounds": ("violence",)}).effect == "not barred"
    answer = asked(READY, text, **{**BATON, "grounds": ("violence", "spite")})
    assert answer.effect == "refused" and answer.reasons[0].startswith("never for spite")
