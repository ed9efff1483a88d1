"""How long `muster serve` takes until /healthz answers ok: the first time ever, and again.

    python -m bench.start [--first 3] [--warm 7] [--events 2000] [--json]

From the start of the process, Python's own start and imports included, to the first good answer. The first start makes
the database cluster and its tables; a warm one finds them, with an incident of `--events` events that a hello would
load. The limit stated beside it is what a bare `python -c pass` and PostgreSQL's own warm start take by themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import msgspec
import structlog

from bench.world import AUTHOR, an_incident, mix
from command.bootstrap import open_service
from command.config import load
from command.store.embedded import embedded

AIM_FIRST_S, AIM_WARM_S = 3.0, 1.0


class Result(msgspec.Struct):
    """Seconds; medians, least and most."""

    first_s: float
    first_spread: list[float]
    warm_s: float
    warm_spread: list[float]
    python_s: float
    postgres_s: float
    aim_first_s: float = AIM_FIRST_S
    aim_warm_s: float = AIM_WARM_S


def start_s(folder: Path) -> float:
    """Start a server on a folder, wait for health, stop it."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    args = [sys.executable, "-m", "command", "serve", "--data", str(folder), "--port", str(port)]
    started = time.monotonic()
    process = subprocess.Popen(args, stderr=subprocess.DEVNULL)
    try:
        while not _healthy(port):
            if process.poll() is not None:
                raise SystemExit(f"the server ended with {process.returncode}")
            time.sleep(0.005)
        return time.monotonic() - started
    finally:
        process.terminate()
        process.wait()


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as got:
            return bool(got.status == 200)
    except OSError:
        return False


def python_s() -> float:
    """A Python that does nothing."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.monotonic() - started


async def postgres_s(folder: Path) -> float:
    """Our supervisor alone, on a cluster that is there."""
    started = time.monotonic()
    async with embedded(folder / "postgres"):
        return time.monotonic() - started


async def fill(folder: Path, events: int) -> None:
    """An incident with so many events, and then some."""
    async with open_service(load({"data": str(folder)}, {})) as (_, service):
        log, commands = await an_incident(service), mix()
        for _ in range(0, events, 100):
            await service.submit(log, AUTHOR, [next(commands) for _ in range(100)])


def run(first: int, warm: int, events: int) -> Result:
    """First starts on fresh folders, then warm ones on one."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    colds, warms, bare, database = [], [], [], []
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as place:
        for number in range(first):
            colds.append(start_s(Path(place) / f"first-{number}"))
        folder = Path(place) / "first-0"
        asyncio.run(fill(folder, events))
        for _ in range(warm):
            warms.append(start_s(folder))
            bare.append(python_s())
            database.append(asyncio.run(postgres_s(folder)))
    return Result(
        round(statistics.median(colds), 2), [round(min(colds), 2), round(max(colds), 2)],
        round(statistics.median(warms), 2), [round(min(warms), 2), round(max(warms), 2)],
        round(statistics.median(bare), 3), round(statistics.median(database), 3),
    )  # fmt: skip


def main() -> int:
    """Measure, and print a few lines or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    parser.add_argument("--first", type=int, default=3)
    parser.add_argument("--warm", type=int, default=7)
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = run(options.first, options.warm, options.events)
    if options.json:
        print(json.dumps(msgspec.to_builtins(found)))
        return 0
    print("from the start of the process to a good answer of /healthz, seconds: median (least to most)")
    print(
        f"  first ever  {found.first_s:g} ({found.first_spread[0]:g} to {found.first_spread[1]:g}), aim < {AIM_FIRST_S:g}"
    )
    print(
        f"  warm        {found.warm_s:g} ({found.warm_spread[0]:g} to {found.warm_spread[1]:g}), aim < {AIM_WARM_S:g}"
    )
    print(f"  of which    Python alone {found.python_s:g}, PostgreSQL under our supervisor {found.postgres_s:g}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
