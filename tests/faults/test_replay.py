"""Live equals replayed, at every prefix: the whole script of May Day 2016 through the real service on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from command.clock import utc_now
from command.domain.clock import incident_time
from command.domain.codec import decode_recorded
from command.domain.commands import COMMANDS
from command.domain.envelope import Origin
from command.domain.fold import evolve, initial
from command.domain.state import State
from command.domain.submission import Answer, Submission
from command.exercise.player import Clock, Stamp, play
from command.exercise.scenario import Scenario, opening, scenario, script_for
from command.ids import uuid7
from command.library import load_stack, read_files
from command.service.api import Applied, Author
from command.service.core import Service
from command.service.snapshots import encode_state, state_hash
from command.store.keys import PostgresKeyStore
from command.store.postgres import PostgresStore
from command.views.bound import BoundViews
from command.views.lens import COMMAND, FIELD, OVERSIGHT, Lens, agency_lens
from command.views.rows import Board
from tests.faults.conftest import LONG

MAYDAY = datetime(2016, 5, 1, tzinfo=UTC).date()
RATE = 600.0 if LONG else 3_600.0  # incident seconds in one of ours
LENSES = (COMMAND, FIELD, OVERSIGHT, agency_lens("kcso"))


async def test_live_state_and_boards_equal_the_replayed_ones_at_every_prefix(
    pg_store: PostgresStore, pg_keys: PostgresKeyStore
) -> None:
    service = Service(pg_store, pg_keys, load_stack(read_files()))
    await service.start()
    try:
        log, day = await _open(service)
        applied: list[Applied] = []
        await service.state(log)
        service.subscribe(log, applied.append)
        first = await service.state(log)
        await _play(service, log, day)
        await _compare_states(service, log, applied)
        await _compare_boards(service, log, first, applied)
    finally:
        await service.stop()


async def _open(service: Service) -> tuple[str, Scenario]:
    script = script_for(MAYDAY)
    cmd, _ = opening(script, RATE)
    log, answer = await service.open_incident(_author(cmd.commander, "spd"), cmd, uuid7(utc_now()), issued_at=utc_now())
    assert answer.status == "accepted"
    return log, scenario(script, log)


def _author(person: str, agency: str, origin: Origin | None = None) -> Author:
    return Author(person, agency, "system:exercise", "script", frozenset(COMMANDS), origin=origin, rank=None)


async def _send(
    service: Service, log: str, person: str, agency: str, pairs: list[tuple[Submission, Origin]]
) -> list[Answer]:
    """One at a time, so that there is a commit, and a live state, after each command."""
    answers = []
    for sub, origin in pairs:
        answers += await service.submit_each(log, [(_author(person, agency, origin), sub)])
    return answers


async def _play(service: Service, log: str, day: Scenario) -> None:
    state = await service.state(log)
    assert state.incident is not None
    clock = state.incident.clock
    played = await play(
        day,
        partial(_send, service, log),
        Clock(lambda: incident_time(clock, utc_now()), RATE),
        Stamp(utc_now, lambda: service.position(log)[1]),
    )
    assert played.done
    assert played.sent == len(day.items)
    assert set(played.statuses) <= {"accepted", "refused"}


async def _compare_states(service: Service, log: str, applied: list[Applied]) -> None:
    """The states that were live, the fold of the stored bytes, and the states that a replay asks for."""
    live = {one.after.seq: one.after for one in applied}
    state = initial(log)
    rows = await service.store.events(log, 0, 100_000)
    assert len(rows) == (await service.state(log)).seq > 300
    for row in rows:
        state = evolve(state, decode_recorded(row.header))
        expected = encode_state(state)
        assert encode_state(await service.state_at(log, row.seq)) == expected, f"replayed to {row.seq}"
        if row.seq in live:
            assert encode_state(live[row.seq]) == expected, f"live at {row.seq}"
    assert state_hash(await service.state(log)) == state_hash(state)
    assert len(live) > 100


async def _compare_boards(service: Service, log: str, first: State, applied: list[Applied]) -> None:
    """A screen that followed all changes shows what one shows that starts over from the replayed state."""
    head = await service.state(log)
    later = utc_now() + timedelta(days=1)
    views = BoundViews(service.stack_of, lambda: later)
    private = await service.private(log, range(1, head.seq + 1))
    replayed = initial(log)
    for row in await service.store.events(log, 0, 100_000):
        replayed = evolve(replayed, decode_recorded(row.header))
    for lens in LENSES:
        followed = views.board(first, lens, private)
        for one in applied:
            _change(followed, views, one, lens, private)
        assert followed == views.board(replayed, lens, private), lens


def _change(board: Board, views: BoundViews, one: Applied, lens: Lens, private: object) -> None:
    for section, key, row in views.changes(one.before, one.after, lens, private):  # type: ignore[arg-type]  # a mapping
        if row is None:
            board[section].pop(key)
        else:
            board[section][key] = row
