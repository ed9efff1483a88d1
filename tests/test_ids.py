"""Identifiers that sort by when they were made."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from command.ids import uuid7

NOW = datetime(2026, 5, 1, 12, 0, 0, 123_000, tzinfo=UTC)


def test_it_is_a_version_7_uuid_of_its_moment() -> None:
    made = uuid.UUID(uuid7(NOW))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(NOW.timestamp() * 1000)


def test_later_ones_sort_later_and_none_is_made_twice() -> None:
    made = [uuid7(NOW + timedelta(milliseconds=step)) for step in range(200)]
    assert made == sorted(made)
    assert len({uuid7(NOW) for _ in range(1000)}) == 1000
