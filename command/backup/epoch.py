"""The event with which a restored log goes on: another epoch, and what was lost with the one that ended. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from command.domain.clock import incident_time
from command.domain.codec import SCHEMAS, decode_recorded
from command.domain.envelope import HEADER_VERSION, Actor, Header, encode_header
from command.domain.events import IncidentClock, IncidentOpened, LogRestored
from command.ledger import merkle
from command.ledger.heads import origin_of
from command.store.ports import EventRow, Head

_START: Final = datetime(2020, 1, 1, tzinfo=UTC)


def next_epoch(left: int, now: datetime, known: int = 0) -> int:
    """A number that no epoch of this log ever had, also one that nobody remembers.

    A log may be restored from the same backup twice, and the first restore be lost with the second disaster: counting
    on from the backup would then give clients of both the same positions. Minutes since 2020 do not come again.
    """
    return max(left + 1, known + 1, int((now - _START).total_seconds() // 60))


def opened_as(first: bytes) -> tuple[IncidentClock | None, str]:
    """The incident's own clock and its lead agency, by the event that opened it, or the first one if none did."""
    entry = decode_recorded(first)
    if isinstance(entry.event, IncidentOpened):
        return entry.event.clock, entry.event.lead_agency
    return None, entry.header.actor.agency


def opening(
    head: Head,
    clock: IncidentClock | None,
    *,
    backup: str,
    taken_at: datetime,
    epoch: int,
    by: Actor,
    lost_to: int | None = None,
) -> tuple[EventRow, Head]:
    """The first event of the new epoch and the head after it. `head` is the restored one; its `wall` is now."""
    seq = head.seq + 1
    now = incident_time(clock, head.wall)
    recorded_at = now if head.recorded_at is None else max(now, head.recorded_at)
    event = LogRestored(backup, head.epoch, head.seq, taken_at, origin_of(head.log, epoch), lost_to)
    cmd = f"restore:{backup}:{epoch}"
    raw = encode_header(
        Header(
            v=HEADER_VERSION,
            log=head.log,
            epoch=epoch,
            seq=seq,
            id=f"{cmd}.0",
            type=LogRestored.__name__,
            schema=SCHEMAS[LogRestored.__name__],
            occurred_at=recorded_at,
            recorded_at=recorded_at,
            actor=by,
            cmd=cmd,
            body=msgspec.Raw(msgspec.json.encode(event)),
            wall_at=None if clock is None else head.wall,
        )
    )
    decode_recorded(raw)  # what could not be read back must not come into the log
    leaf = merkle.leaf_hash(raw)
    frontier = merkle.extend(head.frontier, head.seq, leaf)
    after = msgspec.structs.replace(
        head, epoch=epoch, seq=seq, frontier=frontier, root=merkle.root_of(frontier), recorded_at=recorded_at
    )
    return EventRow(seq, raw, leaf), after


def frontier_of(leaves: Sequence[bytes], size: int, frontier: merkle.Frontier) -> merkle.Frontier:
    """The frontier after more leaves."""
    for place, leaf in enumerate(leaves, size):
        frontier = merkle.extend(frontier, place, leaf)
    return frontier
