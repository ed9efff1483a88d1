"""What each event tells: from when it bears on reports, under which keys, in which words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.bearing import EVERYWHERE, of_officer, of_sector
from command.domain.deciding import Draft
from command.domain.events_arrest import HighVolumeEnded
from command.domain.telling import Told, telling
from tests.support.given import OFFICER, STAFFED, START, Wait, World, by, given

NORTH = of_sector("north")
EARLY = START + timedelta(seconds=30)


def world() -> World:
    """An hour in; the officer has warned in the north, and an order for a baton was relayed there."""
    granted = e.ForceGranted(
        grant="g1", ask=None, tool="baton", purpose="arrest", sector="north", authorizer="ic", requester="ops",
        facts="seen", until=START + timedelta(hours=9), relayed=True,
    )  # fmt: skip
    return given(*STAFFED, by(OFFICER, c.ReportWarning("w0", "north", "dispersal-order")), granted, Wait(3600)).world


def told(event: Any, at: datetime = EARLY, **about: Any) -> Told | None:
    now = world()
    return telling(now.state, Draft(event), now.context(OFFICER, occurred_at=at, **about))


def warned() -> e.WarningGiven:
    return e.WarningGiven("w1", "north", "dispersal-order", "", "en", True, True, None, ())


@pytest.mark.parametrize(
    ("event", "keys", "because"),
    [
        (e.AudibilityReported("h1", "w1", "north", False), (NORTH,), "a warning was not heard, by a word of 12:00:30 UTC"),
        (e.AudibilityReported("h1", "w1", "north", True), (NORTH,), "a warning was heard, by a word of 12:00:30 UTC"),
        (e.ExitsObserved("x1", "north", (), ()), (NORTH,), "the ways out were looked at, at 12:00:30 UTC"),
        (e.CrowdMoved("m1", "north"), (NORTH,), "the crowd moved on at 12:00:30 UTC"),
        (e.ObservationRecorded("o1", "north", "", ("bottles",)), (NORTH,), "something was seen at 12:00:30 UTC"),
        (e.PersonCheckedOut("late"), (of_officer("late"),), "a check-out is of 12:00:30 UTC"),
        (e.PersonCheckedOut("officer"), (of_officer("officer"), NORTH), "a check-out is of 12:00:30 UTC"),
        (e.PresenceReported("officer", "north"), (of_officer("officer"), NORTH), "a place of somebody is of 12:00:30 UTC"),
    ],
)  # fmt: skip
def test_what_happened_bears_from_its_own_moment_on(event: Any, keys: tuple[str, ...], because: str) -> None:
    found = told(event)
    assert found is not None and (found.moment, found.keys) == (EARLY, keys)
    assert found.because == because + ", told later" and not found.arrests_only


def test_what_bears_on_no_report() -> None:
    for event in (
        e.ObservationRecorded("o1", "north", "a dog"),
        e.ObservationRecorded("o1", None, "", ("bottles",)),
        e.LiaisonContacted("l1", "organizer", "phone", "north"),
        e.GrantRevoked("ghost", "x"),
        e.RelayConfirmed("ghost"),
    ):
        assert told(event) is None


def test_what_is_told_of_now_is_not_told_later() -> None:
    found = told(e.CrowdMoved("m1", "north"), world().now)
    assert found is not None and "later" not in found.because


def test_the_clock_of_who_tells_may_be_off() -> None:
    found = told(e.CrowdMoved("m1", "north"), clock_error_ms=5000)
    assert found is not None and found.moment == EARLY - timedelta(seconds=5)
    begin = datetime.min.replace(tzinfo=UTC)
    first = told(e.CrowdMoved("m1", "north"), begin, clock_error_ms=5000)
    assert first is not None and first.moment == begin


def test_what_was_seen_bears_as_long_as_a_finding_counts() -> None:
    seen = e.ObservationRecorded("o1", "north", "", (), findings=("bottles",))
    found, last = told(seen), told(seen, datetime.max.replace(tzinfo=UTC))
    assert found is not None and found.until == EARLY + world().stack.longest_finding
    assert last is not None and last.until is None


@pytest.mark.parametrize(
    ("event", "keys", "because", "arrests_only"),
    [
        (e.LevelLowered("north", "a", "b", "calm", None), (NORTH,), "the level was set at", False),
        (e.CommandTransferred("ic", "chief", "said", True), (EVERYWHERE,), "command changed hands at", False),
        (e.PlanChanged((), (), "3", "x"), (EVERYWHERE,), "the plan changed at", False),
        (HighVolumeEnded("h1"), (EVERYWHERE,), "a declaration of many arrests changed at", True),
    ],
)
def test_orders_bear_from_their_record_on(event: Any, keys: tuple[str, ...], because: str, arrests_only: bool) -> None:
    """Whatever time their author gives: only on a report whose clock may have been that far behind."""
    found = told(event)
    assert found is not None and (found.moment, found.keys, found.arrests_only) == (world().now, keys, arrests_only)
    assert found.because.startswith(because) and "later" not in found.because


def test_what_is_said_of_a_grant_reaches_back_as_far_as_it_says() -> None:
    """For arrests: the uses of force counted under it are looked at by `reopening`."""
    now = world()
    held = now.state.grants.all["g1"]
    granted = told(replace(e.ForceGranted("g2", None, "baton", "arrest", "north", "ic", "ops", "seen"), until=None))
    assert granted is not None and granted.moment == now.now and not granted.arrests_only
    revoked = told(e.GrantRevoked("g1", "x"))
    assert revoked is not None and revoked.moment == EARLY and revoked.arrests_only
    for event, words in ((e.GrantRevoked("g1", "x", True), "never given"), (e.RelayConfirmed("g1"), "was confirmed")):
        found = told(event)
        assert found is not None and found.moment == held.since and found.keys == (NORTH,) and words in found.because
