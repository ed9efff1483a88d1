"""When the trail last noted something: what a clock is held against that may have been set back while nothing ran."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from command.store.pg_errors import translated
from command.store.postgres import leased

if TYPE_CHECKING:
    from command.store.postgres import Pool

EVERYONE: Final = "everyone"
"""The detail of the entry by which all sessions, links and codes ended: no clock makes older ones live longer."""

NOTED_LAST: Final = f"""
SELECT max(at) FROM audit WHERE number > coalesce((
    SELECT max(number) FROM audit WHERE action = 'user.end-sessions' AND detail = '{EVERYONE}' AND source = 'cli'
), 0)
"""


async def noted_last(pool: Pool) -> datetime | None:
    """The latest time in the trail since everyone's sessions were ended by hand; None where there is none."""
    async with leased(pool, "start") as connection:
        with translated("start"):
            found: datetime | None = await connection.fetchval(NOTED_LAST)
    return found
