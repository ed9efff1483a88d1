"""The driver's errors become ours, none excepted."""

from __future__ import annotations

import asyncpg
import pytest

from command.errors import Conflict, MusterError, Unavailable
from command.store.pg_errors import outcome_is_known, translated


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (asyncpg.UniqueViolationError("x"), Conflict),
        (asyncpg.AdminShutdownError("x"), Unavailable),
        (asyncpg.InterfaceError("connection is closed"), Unavailable),
        # What asyncpg raises where a statement is sent in the moment in which the connection is lost.
        (asyncpg.InternalClientError("cannot switch to state 12"), Unavailable),
        (ConnectionResetError(), Unavailable),
        (TimeoutError(), Unavailable),
    ],
)
def test_what_the_driver_raises_is_named_in_our_words(error: Exception, ours: type[MusterError]) -> None:
    with pytest.raises(ours) as caught, translated("here"):
        raise error
    assert caught.value.where == "here"
    assert "cannot switch" not in caught.value.message
    assert type(error).__name__ in caught.value.message and type(error).__name__ not in caught.value.told


def test_a_confused_driver_leaves_the_outcome_of_a_commit_unknown() -> None:
    assert not outcome_is_known(asyncpg.InternalClientError("cannot switch to state 12"))
