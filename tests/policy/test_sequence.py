"""Warnings count when they are as the plan wants them; the answer says which did not, and when the next one can."""

from __future__ import annotations

from typing import Any

import pytest

from command.policy.sequence import ordinal
from tests.support.packs import changed
from tests.support.street import GAS, READY, SIGNED, STREET, WARNED, asked, when, words

BASE = (*READY, *SIGNED)
FIRST, SECOND = WARNED


def test_both_sides_of_the_interval_and_of_the_wait() -> None:
    """To the second."""
    early = SECOND.replace("12:02", "12:01:59")
    decision = asked((*BASE, FIRST, early), **{**GAS, "at": "12:01:59"})
    assert decision.missing[0] == "warned: second warning of 2, possible at 12:02:00 UTC, in 0:01 (2 min between two)"
    assert decision.until == when("12:02")
    decision = asked((*BASE, FIRST, SECOND), **{**GAS, "at": "12:02:59"})
    assert decision.until == when("12:03")
    assert asked((*BASE, FIRST, SECOND), **{**GAS, "at": "12:03"}).effect == "not barred"
    assert "possible now" in words(asked((*BASE, FIRST), **GAS))


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (SECOND.replace("naming gas, ", ""), "it did not name gas"),
        (SECOND.replace("naming gas", "naming baton"), "it did not name gas"),
        (SECOND.replace("from 2 places", "from 1 places"), "from too few places"),
        (SECOND + ", in en", "not in the language es"),
        (SECOND.replace("with order", "with warned"), "it did not say the law"),
        (SECOND.replace("sergeant", "officer"), "officer is not one of those who may give it"),
        (SECOND.replace("sergeant", "stranger"), "stranger is not one of those who may give it"),
    ],
)
def test_a_warning_that_lacks_something_is_not_counted(spoilt: str, why: str) -> None:
    """And the answer says what it lacked."""
    decision = asked((*BASE, FIRST, spoilt), **GAS)
    assert decision.effect == "missing"
    assert f"the warning at 12:02:00 UTC does not count: {why}" in decision.reasons or why in words(decision)


def test_another_text_is_no_warning() -> None:
    """And is not even mentioned."""
    assert "does not count" not in words(asked((*BASE, FIRST, SECOND.replace("with order", "with notice")), **GAS))


def test_contents_and_languages_may_be_said_instead_of_written() -> None:
    """What was recorded as said counts as well as what the approved text holds."""
    said = [line.replace("with order", "with warned") + ", saying the law, in en and es" for line in WARNED]
    assert asked((*BASE, *said), **GAS).effect == "not barred"


def test_a_sequence_lapses_with_time_and_when_the_crowd_moves() -> None:
    """On the second."""
    assert asked((*BASE, FIRST, SECOND), **{**GAS, "at": "12:11:59"}).effect == "not barred"
    assert "have lapsed" in words(asked((*BASE, FIRST, SECOND), **{**GAS, "at": "12:12"}))
    assert "the crowd has moved on" in words(
        asked((*BASE, FIRST, SECOND, "12:04 the crowd in sector 1 moves on"), **GAS)
    )
    late = SECOND.replace("12:02", "12:10")
    assert "second warning of 2" in words(asked((*BASE, FIRST, late), **{**GAS, "at": "12:11"}))


def test_imminent_danger_takes_fewer_where_it_is_found() -> None:
    """A sign with an unknown life counts only in the grant itself."""
    one: dict[str, Any] = {**GAS, "imminent": True, "at": "12:02"}
    assert asked((*BASE, FIRST), **{**one, "findings": ["danger"]}).effect == "not barred"
    assert "only with the finding danger" in words(asked((*BASE, FIRST), **one))
    assert "only with the finding danger" in words(
        asked((*BASE, FIRST, "12:01 officer finds danger in sector 1"), **one)
    )


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ("count = 2\n", 'count = "unknown"\n', "how many warnings warned takes"),
        ('interval = "2 min"', 'interval = "unknown"', "the time between two is unknown"),
        ('wait = "1 min"', 'wait = "unknown"', "how long people have to leave"),
        ('lapses = "10 min"', 'lapses = "unknown"', "for how long the warnings of warned hold"),
        ("places = 2", 'places = "unknown"', "first warning"),
    ],
)
def test_unknown_denies(old: str, new: str, missing: str) -> None:
    """Each number that no pack gives."""
    assert missing in words(asked((*BASE, FIRST, SECOND), changed(old, new, STREET), **GAS))


def test_the_rest_of_a_warning() -> None:
    """Amplified, on camera, heard, the way out, one person, the authorizer."""
    more = 'amplified = true\non_camera = true\nexits_open = true\naudible = "confirmed"\nsame_person = true\n'
    text = changed("names_weapon = true", f"names_weapon = true\n{more}", STREET)
    whole = tuple(f"{line}, amplified, on camera, heard, exits north" for line in WARNED)
    exits = "12:00 exits of sector 1: north"
    assert asked((*BASE, exits, *whole), text, **GAS).effect == "not barred"
    for word in (", amplified", ", on camera", ", heard", ", exits north"):
        said = words(asked((*BASE, exits, whole[0], whole[1].replace(word, "")), text, **GAS))
        assert "second warning of 2" in said, word
    assert "the way out was closed" in words(asked((*BASE, exits, whole[0], whole[1] + ", exits closed"), text, **GAS))
    assert "found not to be heard" in words(
        asked((*BASE, exits, whole[0], whole[1].replace("heard", "not heard")), text, **GAS)
    )
    other = whole[1].replace("sergeant", "lieutenant")
    assert "second warning of 2" in words(asked((*BASE, exits, whole[0], other), text, **GAS))
    assert "sees a way out open" in words(asked((*BASE, *whole), text, **GAS))
    assert "no way out of 1 is open" in words(asked((*BASE, "12:00 exits of sector 1: none", *whole), text, **GAS))
    assert "first warning of 2" in words(asked((*BASE, exits), text, **GAS))
    own = changed("same_person = true", "by_authorizer = true", text)
    assert "not given by the one who authorizes" in words(asked((*BASE, exits, *whole), own, **GAS))


def test_without_a_sector_nothing_was_warned() -> None:
    """The ask must say where."""
    assert "which sector was warned" in words(asked((*BASE, *WARNED), **{**GAS, "sector": None}))


def test_ordinals() -> None:
    """As people say them."""
    assert [ordinal(n) for n in (1, 3, 6, 7)] == ["first", "third", "sixth", "7th"]
