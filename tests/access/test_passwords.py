"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command.access.passwords import (
    LEAST,
    MOST,
    PBKDF2_ROUNDS,
    Hasher,
    Profile,
    check_new,
    common,
    is_common,
    nobodys,
    normal,
)
from command.errors import Unreadable

GOOD = (
    "seven lamps on the far jetty",
    "violet harbor 17 lanterns",
    "пароль из четырёх слов",
    "十五文字以上の合言葉を選びました",
    "🦊 fox in the 🌧️ rain again",
    " leading and trailing ",
)


@pytest.mark.parametrize("password", GOOD)
def test_length_is_the_only_rule_of_form(password: str) -> None:
    """Any script, any character, spaces as they are."""
    check_new(password, ("anna", "Anna Quinn", "spd"))


def test_from_fifteen_to_a_thousand_characters_and_nothing_cut_off() -> None:
    """Sixty-four are common with managers; the last character counts as the first does."""
    long = "abcdefgh ijklm nopq " * 50
    check_new(long[:64] + "x")
    check_new(("zebra lamp " + long)[:MOST])
    for bad in ("zebra lamp 42x"[: LEAST - 1], ("zebra lamp " + long)[: MOST + 1] + "y"):
        with pytest.raises(Unreadable, match="characters"):
            check_new(bad)
    hasher = Hasher()
    phc = hasher.hash(long)
    assert hasher.check(phc, long)
    assert not hasher.check(phc, long[:-1] + "x")


def test_each_of_the_common_ones_is_refused() -> None:
    """The first three thousand and all others on the list: as they are, and filled up in the ways that people do."""
    assert len(common()) >= 3000
    for word in common():
        assert is_common(word)
        assert is_common(f"{word}2024!") or not word[-1].isalpha()
        filled = word * (LEAST // len(word) + 1)
        with pytest.raises(Unreadable):
            check_new(word)
        with pytest.raises(Unreadable):
            check_new(filled)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "1234567890123456789",
        "abcdefghijklmnopqrs",
        "zyxwvutsrqponmlkjih",
        "Anna Quinn spd 2016",
        "anna.quinn@spd!!!!!",
        "muster-command-anna",
        "password12345678901",
        "correcthorsebatterystaple",
        "Correct Horse Battery Staple 1!",
        "To protect and to serve",
        "sunshinebaseball",
        "Dragon_Princess-99",
    ],
)
def test_what_an_attacker_tries_first_is_refused_with_the_reason(password: str) -> None:
    """Repetitions, runs, one's own name and agency, the name of the program."""
    with pytest.raises(Unreadable, match="expected another password") as caught:
        check_new(password, ("anna", "Anna Quinn", "spd"))
    assert caught.value.where == "password"
    assert password not in caught.value.message


@pytest.mark.parametrize("profile", ["default", "fips"])
def test_a_hash_says_what_it_is_and_checks_by_either_profile(profile: Profile) -> None:
    """With the parameters of the notes, and a salt of its own each time."""
    hasher, other = Hasher(profile), Hasher("fips" if profile == "default" else "default")
    phc = hasher.hash(GOOD[0])
    assert phc.startswith(
        "$argon2id$v=19$m=19456,t=2,p=1$" if profile == "default" else f"$pbkdf2-sha256$i={PBKDF2_ROUNDS}$"
    )
    assert phc != hasher.hash(GOOD[0])
    for one in (hasher, other):
        assert one.check(phc, GOOD[0])
        assert not one.check(phc, GOOD[1])
    assert (hasher.outdated(phc), other.outdated(phc)) == (False, True)


def test_fewer_rounds_are_outdated() -> None:
    """They are checked still, and made anew."""
    weak = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
    assert Hasher().outdated(weak)
    assert Hasher("fips").outdated("$pbkdf2-sha256$i=1000$" + "A" * 22 + "$" + "A" * 43)
    assert not Hasher().check("no hash at all", "x")


def test_two_keyboards_agree() -> None:
    """A letter typed as one or as two is the same letter."""
    composed, apart = "é" * LEAST + "x y z", unicodedata.normalize("NFD", "é" * LEAST + "x y z")
    assert composed != apart
    assert Hasher().check(Hasher().hash(composed), apart)


def test_nobodys_hash_is_made_once_a_profile() -> None:
    """A name that nobody has costs one check, as another does."""
    assert nobodys("default") == nobodys("default")
    assert nobodys("fips").startswith("$pbkdf2")


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_nothing_breaks_whatever_is_typed(text: str) -> None:
    """Taken or refused with a reason."""
    try:
        check_new(text, (text[:5],))
    except Unreadable:
        return
    assert len(normal(text)) >= LEAST
