"""Two servers on one database: every event once, one order, equal streams and states, whatever happens to one of them."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from command.ledger.box import KEY_BYTES
from command.store.embedded import Cluster
from command.store.keyring import KEK, SECRET, SIGN, write_key
from command.store.provision import APP, OWNER, SUPERUSER
from tests.faults.conftest import LONG
from tests.support.checker import check_promises, check_streams, rows_of
from tests.support.clients import Follower, Seat, Writer, ask, open_incident, settings_of, sign_in
from tests.support.database import fresh_database
from tests.support.node import MusterNode, until

EACH = 500 if LONG else 40
WRITERS = 16 if LONG else 8  # half of them at each node


class Pair:
    """Two nodes and those who use them."""

    def __init__(
        self, nodes: tuple[MusterNode, MusterNode], dsn: str, chief: Seat, hands: list[Seat], eyes: list[Seat]
    ):
        self.nodes = nodes
        self.dsn = dsn  # as the superuser
        self.chief = chief
        self.hands = hands
        self.eyes = eyes
        self.incident = ""

    def writers(self, each: int = EACH, at: Sequence[int] = (0, 1)) -> list[Writer]:
        """Writers spread over the nodes named, patient enough for any machine: what they meet is the server's doing."""
        return [
            Writer(seat.at(self.nodes[at[n % len(at)]].url), self.incident, each, socket=n % 4 < 2, within_s=60)
            for n, seat in enumerate(self.hands)
        ]

    def followers(self) -> list[Follower]:
        """Two at each node."""
        return [Follower(seat.at(self.nodes[n % 2].url), self.incident) for n, seat in enumerate(self.eyes)]

    async def hashes(self) -> list[tuple[int, str]]:
        """Position and state hash of both, once they stand at the same place."""
        while True:
            found = [await node.state_hash(self.incident) for node in self.nodes]
            if found[0][0] == found[1][0]:
                return found
            await asyncio.sleep(0.05)


@asynccontextmanager
async def pair(cluster: Cluster, folder: Path, env: dict[str, str] | None = None) -> AsyncIterator[Pair]:
    """Two running nodes on a database of their own, with the same key files."""
    keys_of_all = {name: secrets.token_bytes(KEY_BYTES) for name in (KEK, SECRET, SIGN)}
    async with fresh_database(cluster) as data, fresh_database(cluster, template="template1", owner=APP) as keys:
        urls = {
            "database": cluster.dsn(data, APP),
            "database_owner": cluster.dsn(data, OWNER),
            "database_keys": cluster.dsn(keys, APP),
        }
        flags = tuple(part for name, url in urls.items() for part in (f"--{name.replace('_', '-')}", url))
        nodes = (MusterNode(folder / "a", flags=flags, env=env), MusterNode(folder / "b", flags=flags, env=env))
        try:
            for node in nodes:
                (node.data / "keys").mkdir(parents=True)
                for name, key in keys_of_all.items():  # as docs/run.md says: the same key files
                    write_key(node.data / "keys" / name, key)
            await asyncio.gather(*(node.start() for node in nodes))
            people = [("chief", "commander"), *((f"hand-{n}", "field") for n in range(WRITERS))]
            people += [(f"eye-{n}", "reviewer") for n in range(4)]
            seats = await sign_in(settings_of(nodes[0].data, **urls), nodes[0].url, people)  # type: ignore[arg-type]  # literals in a list
            both = Pair(nodes, cluster.dsn(data, SUPERUSER), seats[0], seats[1 : 1 + WRITERS], seats[1 + WRITERS :])
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
                both.incident = await open_incident(http, both.chief)
            yield both
        finally:
            for node in nodes:
                if hasattr(node, "process"):
                    await node.kill()


async def finish(
    both: Pair, writers: Sequence[Writer], followers: Sequence[Follower], eyes: Sequence[asyncio.Task[None]]
) -> None:
    """Wait until everyone has seen everything, and compare."""
    rows = await rows_of(both.dsn, both.incident)
    await until(lambda: all(follower.seq >= len(rows) for follower in followers))
    for task in eyes:
        task.cancel()
    check_promises(rows, writers)
    check_streams(rows, followers)
    one, other = await both.hashes()
    assert one == other
    assert one[0] == len(rows)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        path = f"/api/incidents/{both.incident}/board"
        boards = [(await ask(http, both.eyes[0].at(node.url), "GET", path))["board"] for node in both.nodes]
    assert boards[0] == boards[1]
    assert all(follower.board == boards[0] for follower in followers)


@pytest.mark.parametrize("deaf", [False, True], ids=["hints heard", "hints lost"])
async def test_two_nodes_make_one_order_that_every_screen_sees(cluster: Cluster, tmp_path: Path, *, deaf: bool) -> None:
    """Writers and screens at both. Where no hint is ever heard, the poll of a second finds everything."""
    env = {"MUSTER_PROBE_DEAF": "1"} if deaf else {}
    async with pair(cluster, tmp_path, env) as both, asyncio.timeout(600 if LONG else 300):
        writers, followers = both.writers(), both.followers()
        async with asyncio.TaskGroup() as tasks:
            eyes = [tasks.create_task(one.run(), name=f"eye {n}") for n, one in enumerate(followers)]
            hands = [tasks.create_task(one.run(), name=f"hand {n}") for n, one in enumerate(writers)]
            await asyncio.gather(*hands)
            await finish(both, writers, followers, eyes)


async def test_the_same_command_at_both_nodes_has_one_effect(cluster: Cluster, tmp_path: Path) -> None:
    """A client that changes nodes before it is answered sends the same bytes to both, at the same moment."""
    async with pair(cluster, tmp_path) as both, asyncio.timeout(1800 if LONG else 300):
        writers = both.writers(10, at=(0,))
        twins = [Writer(one.seat.at(both.nodes[1].url), both.incident, 0) for one in writers]
        for one, twin in zip(writers, twins, strict=True):
            twin.takes_over(one)
        await asyncio.gather(*(one.run() for one in (*writers, *twins)))
        assert [one.acks for one in writers] == [twin.acks for twin in twins]
        check_promises(await rows_of(both.dsn, both.incident), writers)


async def test_a_node_that_stops_in_the_middle_of_an_append_does_not_block_the_other(
    cluster: Cluster, tmp_path: Path
) -> None:
    """SIGSTOP while it holds the head row: the database takes the row back, the other node refuses nobody meanwhile."""
    async with pair(cluster, tmp_path) as both, asyncio.timeout(1800 if LONG else 300):
        mine, theirs, followers = both.writers(4 * EACH)[0::2], both.writers()[1::2], both.followers()
        async with asyncio.TaskGroup() as tasks:
            eyes = [tasks.create_task(one.run(), name=f"eye {n}") for n, one in enumerate(followers)]
            hands = [tasks.create_task(one.run(), name=f"hand {n}") for n, one in enumerate(mine)]
            await _stop_holding_the_head(both, hands)
            others = [tasks.create_task(one.run(), name=f"other hand {n}") for n, one in enumerate(theirs)]
            await asyncio.gather(*others)
            problems = {one for writer in theirs for one in writer.problems}
            assert problems <= {"busy", "429"}, "whoever writes too quickly is told so, and nothing else"
            both.nodes[0].signal(signal.SIGCONT)
            await asyncio.gather(*hands)
            await finish(both, [*mine, *theirs], followers, eyes)


async def _stop_holding_the_head(both: Pair, hands: Sequence[asyncio.Task[None]]) -> None:
    """Stop the first node at a moment in which one of its transactions is open, which a look into the database tells."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(both.dsn)
    try:
        while not all(hand.done() for hand in hands):
            both.nodes[0].signal(signal.SIGSTOP)
            # What was on its way to the database has arrived and was done once nothing is active any more.
            while await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
                " AND wait_event IS DISTINCT FROM 'ClientRead' AND pid <> pg_backend_pid()"
            ):
                await asyncio.sleep(0.001)
            held = await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity JOIN pg_locks USING (pid) WHERE datname = current_database()"
                " AND wait_event = 'ClientRead' AND relation = 'heads'::regclass AND mode = 'RowShareLock'"
            )
            if held:
                return
            both.nodes[0].signal(signal.SIGCONT)
            await asyncio.sleep(0.003)
        raise AssertionError("expected to stop the node in the middle of an append, it had none left")
    finally:
        await connection.close()
