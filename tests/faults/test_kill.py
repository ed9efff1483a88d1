"""Fifty people write while the server and the database are killed: nothing acknowledged is lost, doubled or reordered.

Short: 50 writers, 1,000 commands, 3 + 3 kills. Long (MUSTER_LONG=1): 200 writers, 10,000 commands, 20 + 20 kills.
Kills are of processes: what a power cut does is PostgreSQL's promise, with the settings that the server insists on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from command.store.attach import running_dsn
from command.store.provision import DATABASE, SUPERUSER
from tests.faults.conftest import LONG
from tests.support.checker import check_promises, check_streams, rows_of
from tests.support.clients import Follower, Seat, Writer, ask, open_incident, settings_of, sign_in
from tests.support.node import MusterNode, muster, until

WRITERS, EACH, KILLS, FOLLOWERS = (200, 50, 20, 5) if LONG else (50, 20, 3, 5)
WITHIN_S = 3600.0 if LONG else 600.0


async def test_kills_of_server_and_database_cost_no_acknowledged_command(tmp_path: Path) -> None:
    """Matrix F1 and F2. Half of the writers use the socket, half HTTP; a server that ends by itself is started again."""
    node = MusterNode(tmp_path / "node")
    await node.start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            commander, seats, eyes = await _people(node)
            incident = await open_incident(http, commander)
            writers = [Writer(seat, incident, EACH, socket=n % 2 == 0) for n, seat in enumerate(seats)]
            followers = [Follower(seat, incident) for seat in eyes]
            await _storm(node, writers, followers)
            live = await node.state_hash(incident)
            board = (await ask(http, eyes[0], "GET", f"/api/incidents/{incident}/board"))["board"]
            dsn = running_dsn(node.data / "postgres")
            assert dsn is not None
            rows = await rows_of(dsn(DATABASE, SUPERUSER), incident)
        check_promises(rows, writers)
        check_streams(rows, followers)
        assert all(writer.done for writer in writers)
        assert all(follower.board == board for follower in followers)
        code, out = await muster("verify", incident, "--data", str(node.data), "--json")
        assert code == 0, out
        assert json.loads(out)["size"] == len(rows)
        # Once more from nothing but the log: a start folds it anew.
        await node.kill()
        await node.start()
        assert await node.state_hash(incident) == live
    finally:
        await node.kill()
    assert node.starts >= KILLS + 2
    problems = {problem for writer in writers for problem in writer.problems}
    assert problems, "the kills hit nobody: the test proved nothing"


async def _people(node: MusterNode) -> tuple[Seat, list[Seat], list[Seat]]:
    people = [("chief", "commander"), *((f"officer-{n}", "field") for n in range(WRITERS))]
    people += [(f"eye-{n}", "reviewer") for n in range(FOLLOWERS)]
    seats = await sign_in(settings_of(node.data), node.url, people)  # type: ignore[arg-type]  # literals in a list
    return seats[0], seats[1 : 1 + WRITERS], seats[1 + WRITERS :]


async def _storm(node: MusterNode, writers: Sequence[Writer], followers: Sequence[Follower]) -> None:
    """Write, follow and kill until all is written and seen."""
    async with asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(_keep_alive(node), name="supervisor")
        eyes = [tasks.create_task(follower.run(), name=f"follower {n}") for n, follower in enumerate(followers)]
        hands = [tasks.create_task(writer.run(), name=f"writer {n}") for n, writer in enumerate(writers)]
        await _kill_often(node, writers)
        await asyncio.gather(*hands)
        last = max(ack.seq for writer in writers for ack in writer.acks)
        await until(lambda: all(follower.seq >= last for follower in followers), WITHIN_S)
        for task in (watch, *eyes):
            task.cancel()


async def _kill_often(node: MusterNode, writers: Sequence[Writer]) -> None:
    """Kill in turn, each time a share of the work is done: so that work is under way when it happens."""
    share = WRITERS * EACH / (2 * KILLS + 1)
    for number in range(1, 2 * KILLS + 1):
        await until(lambda at=number * share: sum(len(w.acks) for w in writers) >= at, WITHIN_S)  # type: ignore[misc]  # bound now
        if number % 2:
            if node.process.returncode is None:  # it may be ending by itself, without its database
                node.process.kill()
        else:
            await until(lambda: _database_killed(node), WITHIN_S)


def _database_killed(node: MusterNode) -> bool:
    """Not while it is just being started, by a server that was killed a moment ago."""
    try:
        node.kill_postgres()
    except (OSError, ValueError, IndexError):
        return False
    return True


async def _keep_alive(node: MusterNode) -> None:
    """What an init system does: start it again whenever it ends."""
    while True:
        await node.process.wait()
        await node.start()
