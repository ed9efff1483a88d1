"""How fast events become durable, against a bulk COPY of the same rows into the same tables in the same run.

    python -m bench.append [--producers 256] [--seconds 24] [--profile] [--json]

256 producers each send one command at a time to `Service.submit` and wait for its answer: decoding, deciding,
sealing, encrypting, hashing and the commit are in it; HTTP is not (see bench.ack). The limit is one transaction that
COPYs the rows of that very run, under another log id, into events, disclosures, commands and audit, and its subject
keys into the key store. Between the two stands the store alone: the same rows, decided before, through `Store.append`
in batches of the size that the service made. Runs of all alternate; medians are compared. The mix is bench.world's.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import pstats
import statistics
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import asyncpg
import msgspec

from bench.world import AUTHOR, World, a_world, an_incident, mix, spread
from command.store.ports import AuditRow, Batch, CommandRow, DisclosureRow, EventRow

AIM = 0.60
RUN_S = 2.0
_TABLES = {
    "events": ("log", "seq", "recorded_at", "id", "type", "header", "leaf"),
    "disclosures": ("log", "seq", "path", "subject", "box"),
    "commands": ("log", "cmd", "actor", "digest", "first_seq", "last_seq", "answer"),
}
_AUDIT = ("at", "who", "session", "source", "action", "object", "outcome", "detail")


class Result(msgspec.Struct):
    """Events per second, medians."""

    producers: int
    runs: int
    events_per_s: float
    copy_events_per_s: float
    ratio: float
    aim: float
    spread: str
    copy_spread: str
    store_spread: str  # the store alone
    store_ratio: float
    events_in_a_commit: float
    us_per_event: float  # of this process's CPU


async def produce(world: World, log: str, producers: int, for_s: float) -> tuple[float, float, int]:
    """(events a second, CPU microseconds an event, commits) of one run."""
    commands = mix()
    until = time.monotonic() + for_s
    commits = 0

    def count(_applied: object) -> None:
        nonlocal commits
        commits += 1

    async def one() -> None:
        while time.monotonic() < until:
            (answer,) = await world.service.submit(log, AUTHOR, [next(commands)])
            assert answer.status == "accepted", answer

    forget = world.service.subscribe(log, count)
    before = world.service.position(log)[1]
    started, cpu = time.monotonic(), time.process_time()
    await asyncio.gather(*(one() for _ in range(producers)))
    wall, cpu = time.monotonic() - started, time.process_time() - cpu
    forget()
    events = world.service.position(log)[1] - before
    return events / wall, cpu / events * 1e6, commits


async def rows_of(world: World, log: str) -> tuple[dict[str, list[Any]], list[Any]]:
    """Everything that the run wrote, as tuples for COPY; and its keys."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(world.dsn)
    keys: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(world.keys_dsn)
    order = {"events": "seq", "disclosures": "seq", "commands": "first_seq"}
    try:
        found: dict[str, list[Any]] = {}
        for table, columns in _TABLES.items():
            listed = ", ".join(columns)
            found[table] = [
                tuple(row)
                for row in await connection.fetch(
                    f"SELECT {listed} FROM {table} WHERE log = $1 ORDER BY {order[table]}", log
                )
            ]
        listed = ", ".join(_AUDIT)
        found["audit"] = [
            tuple(row) for row in await connection.fetch(f"SELECT {listed} FROM audit WHERE object = $1", log)
        ]
        return found, [
            tuple(row) for row in await keys.fetch("SELECT log, subject, wrapped FROM subject_keys WHERE log = $1", log)
        ]
    finally:
        await connection.close()
        await keys.close()


async def copy(world: World, rows: dict[str, list[Any]], keys: list[Any], name: str) -> float:
    """Events a second of one bulk COPY under another log id."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(world.dsn)
    key_store: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(world.keys_dsn)
    renamed = {table: [(name, *row[1:]) for row in rows[table]] for table in _TABLES}
    try:
        started = time.monotonic()
        await key_store.copy_records_to_table("subject_keys", records=[(name, *row[1:]) for row in keys])
        async with connection.transaction():
            for table, columns in _TABLES.items():
                await connection.copy_records_to_table(table, columns=columns, records=renamed[table])
            await connection.copy_records_to_table("audit", columns=_AUDIT, records=rows["audit"])
        return len(rows["events"]) / (time.monotonic() - started)
    finally:
        await connection.close()
        await key_store.close()


async def stored(world: World, rows: dict[str, list[Any]], name: str, size: int) -> float:
    """Events a second of the store alone: the same rows, decided long ago, in batches of `size` events."""
    store = world.store
    await store.create_log(name)
    events = [EventRow(row[1], row[5], row[6]) for row in rows["events"]]
    disclosures = deque(DisclosureRow(*row[1:]) for row in rows["disclosures"])
    commands = deque(CommandRow(*row[1:]) for row in rows["commands"])
    audit = [AuditRow(*row) for row in rows["audit"]]
    share = len(audit) / len(events)
    started = time.monotonic()
    for first in range(0, len(events), size):
        part = tuple(events[first : first + size])
        async with store.append(name) as append:
            mine = _until(commands, part[-1].seq, lambda row: row.last_seq)
            await append.commands([row.cmd for row in mine])
            head = msgspec.structs.replace(
                append.head, seq=part[-1].seq, recorded_at=rows["events"][part[-1].seq - 1][2]
            )
            noted = audit[int(first * share) : int((first + len(part)) * share)]
            boxes = _until(disclosures, part[-1].seq, lambda row: row.seq)
            await append.commit(Batch(head, part, boxes, mine, tuple(noted)))
    return len(events) / (time.monotonic() - started)


def _until(rows: deque[Any], last: int, seq_of: Callable[[Any], int]) -> tuple[Any, ...]:
    taken = []
    while rows and seq_of(rows[0]) <= last:
        taken.append(rows.popleft())
    return tuple(taken)


async def run(producers: int, seconds: float, *, profile: bool) -> Result:
    """Alternate for about `seconds`."""
    ours: list[float] = []
    theirs: list[float] = []
    alone: list[float] = []
    cpu: list[float] = []
    sizes: list[float] = []
    async with a_world() as world:
        await produce(world, await an_incident(world.service), producers, 0.5)
        profiler = cProfile.Profile()
        until = time.monotonic() + seconds
        while len(ours) < 3 or time.monotonic() < until:
            log = await an_incident(world.service)
            if profile:
                profiler.enable()
            rate, us, commits = await produce(world, log, producers, RUN_S)
            profiler.disable()
            ours.append(rate)
            cpu.append(us)
            sizes.append(world.service.position(log)[1] / commits)
            rows, keys = await rows_of(world, log)
            theirs.append(await copy(world, rows, keys, f"copy-{len(ours)}"))
            alone.append(await stored(world, rows, f"stored-{len(ours)}", max(1, round(sizes[-1]))))
        if profile:
            pstats.Stats(profiler).sort_stats("tottime").print_stats(45)
    rate, limit = statistics.median(ours), statistics.median(theirs)
    return Result(
        producers, len(ours), round(rate), round(limit), round(rate / limit, 2), AIM, spread(ours), spread(theirs),
        spread(alone), round(statistics.median(alone) / limit, 2),
        round(statistics.median(sizes)), round(statistics.median(cpu), 1),
    )  # fmt: skip


def main() -> int:
    """Measure, and print a line or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.append", description=__doc__)
    parser.add_argument("--producers", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=24.0)
    parser.add_argument("--profile", action="store_true", help="say where this process spends its time")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = asyncio.run(run(options.producers, options.seconds, profile=options.profile))
    if options.json:
        print(json.dumps(msgspec.to_builtins(found)))
        return 0
    print(f"append, {found.producers} producers, durable; {found.runs} runs of each, median (least to most)")
    print(f"  service    {found.spread} events/s, {found.events_in_a_commit:g} events a commit")
    print(f"  bulk COPY  {found.copy_spread} events/s")
    print(
        f"  store      {found.store_spread} events/s: the same rows through Store.append, ratio {found.store_ratio:.2f}"
    )
    print(f"  ratio      {found.ratio:.2f} (aim >= {found.aim:.2f}); {found.us_per_event:g} us of our CPU an event")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
