"""How fast a log is replayed from the database, and how fast a moment in it is found.

    python -m bench.replay [--events 200000] [--million] [--json]

The log is made by the service from bench.world's mix (some thousand events, decided one by one) and then copied on
under new numbers and later times until it is as long as asked: what is folded is real, and varied enough, but repeats itself. Replay is
keyset reads of 5,000 rows, decoding and `evolve`. Its limit is the same reads and decoding without `evolve`. Runs
of both alternate. A seek is `Service.state_at` of a random place, warm: after one walk through the log, which is what
leaves keyframes; the first walk is reported as well.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
from datetime import timedelta

import asyncpg
import msgspec

from bench.world import AUTHOR, World, a_world, an_incident, mix, percentile, spread
from command.domain.codec import decode_recorded
from command.domain.envelope import encode_header
from command.domain.fold import evolve, initial
from command.ledger import merkle
from command.service.history import READ_CHUNK

AIM, AIM_SEEK_MS = 0.50, 50.0
REAL_EVENTS = 5_000
RUN_EVENTS = 50_000
SEEKS = 200


class Result(msgspec.Struct):
    """Events a second, and milliseconds."""

    events: int
    runs: int
    replay_per_s: float
    read_per_s: float
    ratio: float
    replay_spread: str
    read_spread: str
    load_s: float
    seek_p50_ms: float
    seek_p95_ms: float
    aim: float = AIM
    aim_seek_ms: float = AIM_SEEK_MS


async def grow(world: World, events: int) -> str:
    """A log of so many events: its id."""
    log, commands = await an_incident(world.service), mix()
    while world.service.position(log)[1] < min(events, REAL_EVENTS):
        await world.service.submit(log, AUTHOR, [next(commands) for _ in range(100)])
    headers = [decode_recorded(row.header).header for row in await world.store.events(log, 0, events)]
    long = f"{log[:-4]}long"
    await world.store.create_log(long)
    once = 100  # the opening and the first units are there once
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(world.dsn)
    frontier: merkle.Frontier = ()
    seq, lap = 0, timedelta()
    try:
        while seq < events:
            part = []
            for header in headers[0 if seq == 0 else once :]:
                seq += 1
                moved = msgspec.structs.replace(
                    header, log=long, seq=seq, id=f"c{seq}.0",
                    occurred_at=header.occurred_at + lap, recorded_at=header.recorded_at + lap,
                )  # fmt: skip
                raw = encode_header(moved)
                leaf = merkle.leaf_hash(raw)
                frontier = merkle.extend(frontier, seq - 1, leaf)
                part.append((long, seq, moved.recorded_at, moved.id, moved.type, raw, leaf))
            lap += headers[-1].recorded_at - headers[0].recorded_at
            columns = ("log", "seq", "recorded_at", "id", "type", "header", "leaf")
            await connection.copy_records_to_table("events", columns=columns, records=part)
            await connection.execute(
                "UPDATE heads SET seq = $2, frontier = $3, root = $4, recorded_at = $5 WHERE log = $1",
                long, seq, list(frontier), merkle.root_of(frontier), part[-1][2],
            )  # fmt: skip
        await connection.execute("VACUUM ANALYZE events")
    finally:
        await connection.close()
    return long


async def read(world: World, log: str, *, fold: bool) -> float:
    """Events a second of reading and decoding RUN_EVENTS events, folded or not."""
    state, seq = initial(log), 0
    started = time.perf_counter()
    while seq < RUN_EVENTS:
        rows = await world.store.events(log, seq, READ_CHUNK)
        if not rows:
            break
        for row in rows:
            entry = decode_recorded(row.header)
            if fold:
                state = evolve(state, entry)
        seq = rows[-1].seq
    return seq / (time.perf_counter() - started)


async def run(events: int) -> Result:
    """Grow a log, replay a part of it again and again, walk through it once, then seek."""
    random.seed(1)
    async with a_world() as world:
        log = await grow(world, events)
        with_fold: list[float] = []
        without: list[float] = []
        for _ in range(5):
            with_fold.append(await read(world, log, fold=True))
            without.append(await read(world, log, fold=False))
        started = time.perf_counter()
        head = (await world.service.state(log)).seq
        load_s = time.perf_counter() - started
        seeks = []
        for _ in range(SEEKS):
            seq = random.randint(1, head)
            began = time.perf_counter()
            await world.service.state_at(log, seq)
            seeks.append((time.perf_counter() - began) * 1e3)
    ours, limit = statistics.median(with_fold), statistics.median(without)
    return Result(
        head, len(with_fold), round(ours), round(limit), round(ours / limit, 2), spread(with_fold), spread(without),
        round(load_s, 2), round(statistics.median(seeks), 1), round(percentile(seeks, 0.95), 1),
    )  # fmt: skip


def main() -> int:
    """Measure, and print a few lines or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--million", action="store_true", help="a log of 1,000,000 events: takes some minutes")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = asyncio.run(run(1_000_000 if options.million else options.events))
    if options.json:
        print(json.dumps(msgspec.to_builtins(found)))
        return 0
    print(f"replay of a log of {found.events:,} events; {found.runs} runs of each, median (least to most)")
    print(f"  read, decode, fold  {found.replay_spread} events/s")
    print(f"  read, decode        {found.read_spread} events/s")
    print(f"  ratio               {found.ratio:.2f} (aim >= {AIM:.2f}); the whole log loads in {found.load_s:g} s")
    print(f"  seek, warm          p50 {found.seek_p50_ms:g} ms, p95 {found.seek_p95_ms:g} ms (aim <= {AIM_SEEK_MS:g})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
