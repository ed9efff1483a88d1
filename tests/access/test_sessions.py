"""Sessions by a clock that the test moves: when they lock, when they end, and that nothing but an act keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from command.access.model import Account, Grant
from command.access.sessions import (
    ABSOLUTE,
    IDLE_MOST_S,
    IDLE_S,
    TOUCH_EVERY_S,
    Cookie,
    Session,
    SignedIn,
    due_for_touch,
    liveness,
    new_session,
    new_token,
    subject_of,
    token_digest,
)

START = datetime(2016, 5, 1, 12, 0, tzinfo=UTC)
S = timedelta(seconds=1)
TOKEN = "A" * 43


def session() -> Session:
    """A session that began at START."""
    return new_session(TOKEN, person="p-1", source="10.0.0.9", assurance="link", now=START)


@pytest.mark.parametrize(("idle_s", "minutes"), [(IDLE_S, 15), (IDLE_MOST_S, 30)])
def test_live_a_second_before_and_idle_on_the_minute(idle_s: int, minutes: int) -> None:
    """The lock falls to the second, at fifteen minutes unless set and at thirty at most."""
    opened = new_session(TOKEN, person="p-1", source="x", assurance="passkey", now=START, idle_s=idle_s)
    assert liveness(opened, START + timedelta(minutes=minutes) - S) == "live"
    assert liveness(opened, START + timedelta(minutes=minutes)) == "idle"


def test_put_away_by_hand_is_idle_at_once() -> None:
    """And no act brings it back."""
    locked = replace(session(), locked_at=START + 5 * S)
    assert liveness(locked, START + 4 * S) == "live"
    assert liveness(locked, START + 5 * S) == "idle"
    assert not due_for_touch(locked, START + 60 * S)


def test_a_wall_does_not_idle_and_ends_after_twelve_hours() -> None:
    """Nobody touches it all day; its session is made anew for each shift."""
    wall = new_session(TOKEN, person="wall-1", source="x", assurance="display", now=START)
    assert liveness(wall, START + ABSOLUTE - S) == "live"
    assert liveness(wall, START + ABSOLUTE) == "ended"


def test_a_wall_is_nobody_and_nobody_is_a_wall() -> None:
    """A display's session carries display grants alone; a person's carries all others."""
    account = Account(person="p-1", name="A", agency="spd")
    grants = tuple(Grant(person="p-1", role=role, incident="*") for role in ("commander", "display"))
    for assurance, role in (("display", "display"), ("passkey", "commander")):
        opened = new_session(TOKEN, person="p-1", source="x", assurance=assurance, now=START)
        found = subject_of(SignedIn(opened, account, grants), "x", START)
        assert found is not None
        assert [grant.role for grant in found.grants] == [role]


def test_an_account_ends_to_the_second() -> None:
    """Also for whoever is signed in."""
    account = Account(person="p-1", name="A", agency="spd", expires_at=START + 60 * S)
    assert subject_of(SignedIn(session(), account, ()), "x", START + 59 * S) is not None
    assert subject_of(SignedIn(session(), account, ()), "x", START + 60 * S) is None


@pytest.mark.parametrize(
    ("assurance", "must_enrol", "exercise"),
    [("link", True, False), ("setup", True, False), ("passkey", False, False), ("exercise", False, True)],
)
def test_a_link_lets_in_to_set_up_a_credential(assurance: str, must_enrol: bool, exercise: bool) -> None:
    """Outside an exercise nobody works on the strength of a link."""
    opened = new_session(TOKEN, person="p-1", source="x", assurance=assurance, now=START)
    found = subject_of(SignedIn(opened, Account(person="p-1", name="A", agency="spd"), ()), "x", START)
    assert found is not None
    assert (found.must_enrol, found.exercise) == (must_enrol, exercise)


def test_twelve_hours_end_it_however_active() -> None:
    """An act a second ago does not carry it past the absolute end."""
    busy = replace(session(), last_active_at=START + ABSOLUTE - S)
    assert liveness(busy, START + ABSOLUTE - S) == "live"
    assert liveness(busy, START + ABSOLUTE) == "ended"


def test_revoked_is_ended_at_once() -> None:
    """Revocation counts from its own moment."""
    revoked = replace(session(), revoked_at=START + 5 * S)
    assert liveness(revoked, START + 4 * S) == "live"
    assert liveness(revoked, START + 5 * S) == "ended"


@given(st.lists(st.integers(1, IDLE_S * 2), max_size=60))
def test_pings_never_keep_a_session(pings: list[int]) -> None:
    """Whatever arrives, only last_active_at counts: a silent user locks at 30:00 in any pattern of pings."""
    now, lock = START, START + timedelta(seconds=IDLE_S)
    for wait in pings:
        now += wait * S
        assert (liveness(session(), now) == "live") == (now < lock)


@given(st.lists(st.integers(1, IDLE_S + 60), min_size=1, max_size=80))
def test_touching_never_locks_late_and_at_most_ten_seconds_early(waits: list[int]) -> None:
    """Replayed against the exact rule: written-down activity lags the true one by less than TOUCH_EVERY_S."""
    current, now, truly_active = session(), START, START
    for wait in waits:
        now += wait * S
        if now - truly_active >= IDLE_S * S:
            assert liveness(current, now) != "live"
            return
        if liveness(current, now) != "live":
            early = IDLE_S * S - (now - truly_active)
            assert now >= current.absolute_until or early <= TOUCH_EVERY_S * S
            return
        truly_active = now
        if due_for_touch(current, now):
            current = replace(current, last_active_at=now)


def test_an_idle_session_is_not_brought_back() -> None:
    """An act after the lock is not worth a write."""
    assert not due_for_touch(session(), START + IDLE_S * S)
    assert due_for_touch(session(), START + (IDLE_S - 1) * S)
    assert not due_for_touch(session(), START + (TOUCH_EVERY_S - 1) * S)


def test_a_subject_needs_a_live_session_of_an_enabled_account() -> None:
    """And carries the grants as they are now."""
    account = Account(person="p-1", name="A", agency="spd", rank="captain")
    known = SignedIn(session(), account, (Grant(person="p-1", role="field", incident="i-1"),))
    found = subject_of(known, "10.0.0.9", START)
    assert found is not None
    assert (found.person, found.agency, found.rank, found.session) == ("p-1", "spd", "captain", known.session.id)
    assert found.grants == known.grants
    assert subject_of(known, "x", START + IDLE_S * S) is None
    assert subject_of(replace(known, account=replace(account, disabled=True)), "x", START) is None
    assert subject_of(replace(known, account=replace(account, person="p-2")), "x", START) is None


def test_tokens_are_256_bits_and_only_their_digest_is_kept() -> None:
    """Forty-three base64url characters, never the same twice, and not in the session."""
    tokens = {new_token() for _ in range(2_000)}
    assert len(tokens) == 2_000
    assert not any(token.startswith("-") for token in tokens), "a command would take it for an option"
    assert all(token_digest(token) is not None for token in tokens)
    token = tokens.pop()
    made = new_session(token, person="p", source="cli", assurance="link", now=START)
    assert token not in repr(made)
    assert token.encode() not in made.token_sha256


@pytest.mark.parametrize("bad", ["", "A" * 42, "A" * 44, "A" * 42 + "=", "é" * 43, "A" * 42 + "\n", "A" * 43 + "\n"])
def test_what_cannot_be_a_token_has_no_digest(bad: str) -> None:
    """The store is never asked for it."""
    assert token_digest(bad) is None
    with pytest.raises(ValueError, match="43"):
        new_session(bad, person="p", source="cli", assurance="link", now=START)


def test_the_cookie_is_host_bound_secure_and_out_of_reach_of_script() -> None:
    """Every attribute that ASVS 3.3 asks for."""
    assert Cookie().set(TOKEN) == f"__Host-muster={TOKEN}; Path=/; Secure; HttpOnly; SameSite=Strict"
    assert "Max-Age=0" in Cookie().clear()
