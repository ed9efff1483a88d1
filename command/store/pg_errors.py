"""The driver's errors as ours: what cannot be done now, what must not be done, what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from command.errors import Conflict, Unavailable, Untraceable

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""All that asyncpg raises when a statement or a connection fails; the third where a statement is sent just as the
connection is being lost."""

# The database refused the content: repeating the same would fail again.
_REFUSED = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.DataError,
)

_REFUSED_SAYS = "the database refused what was to be written"
_UNABLE_SAYS = "the database cannot do this now"


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise Conflict where the database refused the content, Unavailable where it could not be reached or is unfit;
    Untraceable where it refused an entry of the audit trail: the fault is ours then, and nothing was done.

    Only the name and code of the driver's error are passed on: its text may hold values. And these to logs alone: what
    the database is and how it is built is no client's to know.
    """
    try:
        yield
    except asyncpg.PostgresError as error:
        if _of_the_trail(error):
            raise Untraceable("the audit trail cannot be written", where=where, within=_named(error)) from error
        kind, says = (Conflict, _REFUSED_SAYS) if isinstance(error, _REFUSED) else (Unavailable, _UNABLE_SAYS)
        raise kind(says, where=where, within=_named(error)) from error
    except DRIVER_ERRORS as error:
        raise Unavailable(_UNABLE_SAYS, where=where, within=_named(error)) from error


def _of_the_trail(error: asyncpg.PostgresError) -> bool:
    """Whether it was the table `audit` that a statement failed at: named by the error, or in the server's own words."""
    if getattr(error, "table_name", None) == "audit":
        return True
    return isinstance(error, asyncpg.InsufficientPrivilegeError) and str(error).endswith(" audit")


def _named(error: BaseException) -> str:
    code = getattr(error, "sqlstate", None)
    constraint = getattr(error, "constraint_name", None)
    words = [type(error).__name__, f"sqlstate {code}" if code else "", f"constraint {constraint}" if constraint else ""]
    return ", ".join(word for word in words if word)


def outcome_is_known(error: BaseException) -> bool:
    """Whether an error of COMMIT says that the transaction was rolled back.

    A plain error does. A lost connection, a server that ends (57P01 to 57P05, class 08) or a time limit on our side
    does not: the commit may have happened before.
    """
    if not isinstance(error, asyncpg.PostgresError):
        return False
    code = error.sqlstate or ""
    return bool(code) and not code.startswith(("08", "57P", "XX"))
