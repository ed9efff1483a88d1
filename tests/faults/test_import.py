"""Real days into a running server, by the command line beside it, twice: every row accounted for, nothing twice.

Short: two days. Long (MUSTER_LONG=1): all five; in one process the five are imported in tests/exercise always.
"""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path

import aiohttp

from command.exercise import seattle
from tests.exercise.test_importer import FIVE_DAYS
from tests.faults.conftest import LONG
from tests.support.clients import Follower, Seat, open_incident, settings_of, sign_in
from tests.support.node import MusterNode, muster, until

ROWS = 14_466
DAYS = FIVE_DAYS if LONG else FIVE_DAYS[:2]


async def test_real_days_come_in_whole_and_only_once(tmp_path: Path) -> None:
    table = tmp_path / "force.csv"
    with seattle.open_force() as source:
        table.write_bytes(source.read())
    node = MusterNode(tmp_path / "node")
    await node.start()
    try:
        people = [("chief", "commander"), ("eye", "reviewer")]
        chief, eye = await sign_in(settings_of(node.data), node.url, people)  # type: ignore[arg-type]  # literals in a list
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            incidents = [await open_incident(http, chief) for _ in DAYS]
        two = asyncio.Semaphore(2)
        async with asyncio.timeout(1800 if LONG else 600):
            await asyncio.gather(
                *(
                    _one_day(node, table, two, eye, incident, day, rows)
                    for incident, (day, rows) in zip(incidents, DAYS, strict=True)
                )
            )
    finally:
        await node.kill()


async def _one_day(
    node: MusterNode, table: Path, turn: asyncio.Semaphore, eye: Seat, incident: str, day: date, rows: int
) -> None:
    """A screen that is open sees the rows arrive from the other process, and nothing of the second run."""
    async with turn:
        screen = Follower(eye, incident)
        following = asyncio.create_task(screen.run(), name=f"screen {day}")
        try:
            await until(lambda: screen.seq)
            assert (await _import(node, table, incident, day))["taken"] == rows
            last = await _verified(node, incident)
            again = await _import(node, table, incident, day)
            assert again["taken"] == 0
            assert again["already there"] == rows
            await until(lambda: screen.seq >= last)
            assert await _verified(node, incident) == last
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        assert screen.order == list(range(1, last + 1))


async def _verified(node: MusterNode, incident: str) -> int:
    """How many events the log has, once it is verified."""
    code, out = await muster("verify", incident, "--data", str(node.data), "--json")
    assert code == 0, out
    size: int = json.loads(out)["size"]
    return size


async def _import(node: MusterNode, table: Path, incident: str, day: date) -> dict[str, int]:
    code, out = await muster(
        "import", str(table), "--mapping", "seattle", "--incident", incident, "--day", day.isoformat(),
        "--data", str(node.data), "--json",
    )  # fmt: skip
    assert code == 0, out
    report = json.loads(out)
    counts: dict[str, int] = report["counts"]
    assert report["complete"]
    assert report["read"] == sum(counts.values()) == ROWS
    return counts
