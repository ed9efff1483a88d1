"""What was promised against what is there. Knows acknowledgements, streams, and the rows of one table; nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

import asyncpg

from tests.support.clients import Follower, Writer

Row = tuple[int, str, bytes]
"""(seq, event id, header bytes)"""


async def rows_of(dsn: str, log: str) -> list[Row]:
    """The log as the database holds it."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(dsn)
    try:
        found = await connection.fetch("SELECT seq, id, header FROM events WHERE log = $1 ORDER BY seq", log)
    finally:
        await connection.close()
    return [(row["seq"], row["id"], row["header"]) for row in found]


def check_promises(rows: Sequence[Row], writers: Sequence[Writer]) -> None:
    """Every acknowledged command is in the log once, where and as it was said; nothing else of theirs is."""
    assert [seq for seq, _, _ in rows] == list(range(1, len(rows) + 1)), "the log has a gap"
    by_id = {event: (seq, header) for seq, event, header in rows}
    assert len(by_id) == len(rows), "an event is there twice"
    for writer in writers:
        places = []
        for ack in writer.acks:
            seq, header = by_id[f"{ack.cmd}.0"]
            assert seq == ack.seq, f"{ack.cmd} was acknowledged at {ack.seq} and is at {seq}"
            assert header == base64.urlsafe_b64decode(ack.header + "=" * (-len(ack.header) % 4))
            assert json.loads(header)["actor"]["person"] == writer.seat.person
            places.append(seq)
        assert places == sorted(places), f"the order of {writer.seat.person} was not kept"
        assert len(set(places)) == len(places)
    sent = {cmd for writer in writers for cmd in writer.sent_ids}
    kept = [event.rpartition(".")[0] for _, event, _ in rows if event.rpartition(".")[0] in sent]
    acked = {ack.cmd for writer in writers for ack in writer.acks}
    assert set(kept) <= sent
    assert acked <= set(kept)
    assert len(kept) == len(set(kept)), "a command had its effect twice"


def check_streams(rows: Sequence[Row], followers: Sequence[Follower]) -> None:
    """Every stream is a gapless prefix of the log, each event once, and they all came to its end."""
    for follower in followers:
        assert follower.order == list(range(1, follower.seq + 1)), f"{follower.seat.person}: a gap or a repeat"
        assert follower.seq == len(rows)
        assert [follower.shown[seq] for seq in follower.order] == [event for _, event, _ in rows]
