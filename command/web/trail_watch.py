"""Whether the audit trail can be written, asked every so often and told to whoever watches the metrics.

CJISSECPOL AU-5 wants an alert within the hour; ours is there within the minute, also while nobody does anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from command.errors import MusterError

EVERY_S: Final = 20.0
"""A third of the minute within which an alert must be there."""

_log = structlog.get_logger("command.web.trail")


class TrailWatch:
    """Tries the trail. `run` is the task that does it; whoever starts it ends it."""

    def __init__(
        self, try_audit: Callable[[], Awaitable[None]], pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._try = try_audit
        self._pause = pause
        self.writable = True

    async def run(self) -> None:
        """Look at once, and then every 20 s, until cancelled."""
        while True:
            await self.look()
            await self._pause(EVERY_S)

    async def look(self) -> None:
        """Try now. Logs an error for as long as it fails, and one line when it works again."""
        before = self.writable
        try:
            await self._try()
        except MusterError as exc:
            self.writable = False
            _log.error("the audit trail cannot be written: nothing is done or shown until it can", problem=exc.message)
            return
        self.writable = True
        if not before:
            _log.info("the audit trail can be written again")

    def gauges(self) -> Mapping[str, float]:
        """For `/metrics`: 1 while entries can be written. Alert on 0."""
        return {"muster_audit_writable": float(self.writable)}
