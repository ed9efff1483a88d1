"""The trail is tried within the minute, also while nobody does anything, and the metrics say how it went."""

from __future__ import annotations

import asyncio

import pytest
import structlog.testing

from command.errors import Unavailable, Untraceable
from command.web.trail_watch import EVERY_S, TrailWatch


async def test_a_trail_that_fails_is_told_within_a_minute_and_again_until_it_works() -> None:
    """In virtual time: each pause is one look."""
    paused: list[float] = []
    told: list[float] = []
    works = [True, False, False, True]

    async def try_audit() -> None:
        if not works.pop(0):
            raise Untraceable("the disk is full")

    async def pause(wait_s: float) -> None:
        paused.append(wait_s)
        told.append(watch.gauges()["muster_audit_writable"])
        if not works:
            raise asyncio.CancelledError

    watch = TrailWatch(try_audit, pause)
    with structlog.testing.capture_logs() as lines, pytest.raises(asyncio.CancelledError):
        await watch.run()
    assert told == [1.0, 0.0, 0.0, 1.0]
    assert paused == [EVERY_S] * 4 and EVERY_S <= 60.0
    assert [line["log_level"] for line in lines] == ["error", "error", "info"]


async def test_a_database_that_is_away_is_a_trail_that_cannot_be_written() -> None:
    async def try_audit() -> None:
        raise Unavailable("away")

    watch = TrailWatch(try_audit)
    await watch.look()
    assert watch.gauges() == {"muster_audit_writable": 0.0}
