"""How much memory a server takes to hand out a log and its tables, beside what it holds anyway, and how long.

    python -m bench.export [--events 20000] [--arrests 500] [--json]

A server of its own gets an incident with so many events of bench.world's mix and so many arrests over HTTP. Then each
export is fetched whole and thrown away, while the kernel keeps the peak of the server's resident memory (Linux:
`/proc/<pid>/clear_refs`). What counts is the growth: an export that gathers before it writes grows with the log.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path

import msgspec

from bench.ack import Server, a_server
from bench.world import mix, submission
from command.domain.submission import Submission

AIM_MB = 48.0
BATCH = 100
DOORS = ("export", "tables/arrests.csv", "tables/nibrs.csv", "operation.pdf")
WHOLE = frozenset({"operation.pdf"})  # set as one, one at a time: bounded by its longest tables, not by the aim


class Door(msgspec.Struct):
    """What one export took."""

    door: str
    size_mb: float
    grew_mb: float
    took_s: float


class Result(msgspec.Struct):
    """`resident_mb`: the server before any export, its state loaded."""

    events: int
    arrests: int
    resident_mb: float
    doors: list[Door]
    aim_mb: float = AIM_MB


def _kept(pid: int, name: str) -> float:
    """A line of /proc/<pid>/status, in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def _cards(first: int, count: int) -> list[Submission]:
    """Street cards, each with an account and an offence of its own."""
    made = []
    for number in range(first, first + count):
        who = {"arrest": f"a{number}", "subject": f"s{number}"}
        facts = f"stood at place {number} of the square and threw bottle {number}; " + "was seen doing it. " * 10
        made.append(submission("RecordArrest", **who, officer="c0", wristband=f"W-{number:05}", conduct=facts))
        offence = {"offence": f"o{number}", "charge": "vandalism", "ucr": "290", "facts": facts}
        made.append(submission("RecordOffence", **who, **offence))
    return made


async def fill(server: Server, events: int, arrests: int) -> None:
    """So many arrests, then the mix until the log is as long as asked."""
    for first in range(0, arrests, BATCH // 2):
        await server.send_all(_cards(first, min(BATCH // 2, arrests - first)))
    commands = mix()
    while (await server.board_seq()) < events:
        for _ in range(10):
            await server.send_all([next(commands) for _ in range(BATCH)])


async def run(events: int, arrests: int) -> Result:
    """Fill a server, then fetch each export whole."""
    async with a_server(1) as server:
        await fill(server, events, arrests)
        seq = await server.board_seq()
        resident = _kept(server.pid, "VmRSS")
        doors = [await _measured(server, door) for door in DOORS]
        return Result(seq, arrests, round(resident, 1), doors)


async def _measured(server: Server, door: str) -> Door:
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")
    before, began = _kept(server.pid, "VmRSS"), time.perf_counter()
    size = await server.fetch(door)
    took = time.perf_counter() - began
    return Door(door, round(size / 1e6, 1), round(_kept(server.pid, "VmHWM") - before, 1), round(took, 1))


def main() -> int:
    """Measure, and print a few lines or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.export", description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--arrests", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = asyncio.run(run(options.events, options.arrests))
    if options.json:
        print(json.dumps(msgspec.to_builtins(found)))
        return 0
    print(f"{found.events} events, {found.arrests} arrests; the server holds {found.resident_mb:g} MB")
    for one in found.doors:
        aim = "" if one.door in WHOLE else f" (aim: at most {found.aim_mb:g})"
        print(f"  {one.door:<20} {one.size_mb:>7g} MB in {one.took_s:g} s, memory grew by {one.grew_mb:g} MB{aim}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
