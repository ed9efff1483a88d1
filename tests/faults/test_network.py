"""A bad network between people and server: nothing is lost or doubled, and everyone is up to date once it heals.

The matrix's F3 and F4. In the short form both ends notice silence after a second; the long one (MUSTER_LONG=1)
leaves them their real limits, under which a half-open connection is found within 30 s.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from command.store.attach import running_dsn
from command.store.provision import DATABASE, SUPERUSER
from command.stream import client
from tests.faults.conftest import LONG
from tests.support.checker import check_promises, check_streams, rows_of
from tests.support.clients import Follower, Seat, Writer, call, entry, open_incident, settings_of, sign_in
from tests.support.node import MusterNode, until
from tests.support.proxy import Fault, FaultProxy

SILENCE_S = 15.0 if LONG else 1.0


class Field:
    """A server, a bad network in front of it, and people on either side."""

    def __init__(self, node: MusterNode, proxy: FaultProxy, chief: Seat, people: list[Seat], incident: str):
        self.node = node
        self.proxy = proxy
        self.chief = chief
        self.people = people
        self.incident = incident

    def outside(self, number: int) -> Seat:
        """Someone who reaches the server through the bad network."""
        return self.people[number].at(self.proxy.url)

    async def gauge(self, name: str) -> float:
        """A number of the server's metrics."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.node.url}/metrics") as got:
            assert got.status == 200
            lines = (await got.text()).splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))

    async def check(self, writers: list[Writer], followers: list[Follower]) -> None:
        """Everyone comes to the log's end; every promise is kept."""
        dsn = running_dsn(self.node.data / "postgres")
        assert dsn is not None
        rows = await rows_of(dsn(DATABASE, SUPERUSER), self.incident)
        await until(lambda: all(follower.seq >= len(rows) for follower in followers), 90)
        check_promises(rows, writers)
        check_streams(rows, followers)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One database for all of them: making one takes longer than any."""
    return tmp_path_factory.mktemp("network")


@asynccontextmanager
async def a_field(folder: Path, env: dict[str, str]) -> AsyncIterator[Field]:
    """A running server with a network in front of it, and an incident."""
    node = MusterNode(folder / "node", env=env)
    async with FaultProxy(node.port) as proxy:
        node.origins.append(proxy.url)
        await node.start()
        try:
            people = [("chief", "commander"), *((f"officer-{n}", "field") for n in range(4)), ("eye", "reviewer")]
            chief, *rest = await sign_in(settings_of(folder / "node"), node.url, people)  # type: ignore[arg-type]  # literals in a list
            async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
                incident = await open_incident(http, chief)
            yield Field(node, proxy, chief, rest, incident)
        finally:
            await node.kill()


@pytest.fixture
async def field(folder: Path) -> AsyncIterator[Field]:
    """Both ends with their own limits."""
    async with a_field(folder, {}) as made:
        yield made


@pytest.fixture
async def jumpy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Field]:
    """Both ends notice silence after SILENCE_S."""
    monkeypatch.setattr(client, "PING_S", SILENCE_S)
    async with a_field(folder, {"MUSTER_PROBE_HEARTBEAT_S": str(SILENCE_S)}) as made:
        yield made


@asynccontextmanager
async def running(*workers: Writer | Follower) -> AsyncIterator[list[asyncio.Task[None]]]:
    """The workers at work; ended with the block."""
    async with asyncio.timeout(300):
        tasks = [asyncio.create_task(worker.run(), name=f"{worker.seat.person}") for worker in workers]
        try:
            yield tasks
        finally:
            for task in tasks:
                task.cancel()
            for end in await asyncio.gather(*tasks, return_exceptions=True):
                assert end is None or isinstance(end, asyncio.CancelledError), end


async def test_a_silent_network_is_noticed_at_both_ends_and_what_was_missed_follows(jumpy: Field) -> None:
    """Bytes vanish, connections stay: the follower comes back by itself, the server lets its half go."""
    far, near = Follower(jumpy.outside(4), jumpy.incident), Follower(jumpy.people[4], jumpy.incident)
    inside = [Writer(jumpy.people[0], jumpy.incident, 20), Writer(jumpy.people[1], jumpy.incident, 20)]
    outside = Writer(jumpy.outside(2), jumpy.incident, 5, within_s=2 * SILENCE_S)
    async with running(far, near) as _:
        await until(lambda: far.seq and near.seq)
        jumpy.proxy.fault = Fault(blackhole=True)
        async with running(*inside, outside) as hands:
            await asyncio.gather(*hands[:2])
            last = max(ack.seq for writer in inside for ack in writer.acks)
            await until(lambda: near.seq >= last)
            assert far.seq < last
            async with asyncio.timeout(120):
                while await jumpy.gauge("muster_sockets") > 1:
                    await asyncio.sleep(0.5)  # an address may not ask as often as it likes
            connections = jumpy.proxy.connections
            await until(lambda: jumpy.proxy.connections > connections, 120)
            assert not outside.acks
            jumpy.proxy.fault = Fault()
            await hands[2]
        await jumpy.check([*inside, outside], [far, near])
    assert far.resumes >= 1
    assert [gap[2] for gap in far.gaps] == ["first"], "what was missed followed without a gap"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(latency_s=0.3, jitter_s=0.1),
        Fault(slice_bytes=1),
        Fault(bytes_per_s=16 * 1024),
    ],
    ids=["300 ± 100 ms", "one byte at a time", "16 KB/s"],
)
async def test_a_slow_network_changes_nothing_but_the_pace(field: Field, fault: Fault) -> None:
    field.proxy.fault = fault
    far, near = Follower(field.outside(4), field.incident), Follower(field.people[4], field.incident)
    writers = [Writer(field.outside(n), field.incident, 4, socket=n % 2 == 0, within_s=60) for n in range(4)]
    async with running(far, near, *writers) as tasks:
        await asyncio.gather(*tasks[2:])
        await field.check(writers, [far, near])
    assert not any(writer.problems for writer in writers)


async def test_resets_in_the_middle_of_everything_cost_nothing(field: Field) -> None:
    """All connections are reset again and again, each time some more is acknowledged."""
    far = Follower(field.outside(4), field.incident)
    writers = [Writer(field.outside(n), field.incident, 25, socket=n % 2 == 0) for n in range(4)]
    async with running(far, *writers) as tasks:
        for share in range(8, 96, 8):
            await until(lambda at=share: sum(len(w.acks) for w in writers) >= at)  # type: ignore[misc]  # bound now
            field.proxy.cut()
        await asyncio.gather(*tasks[1:])
        await field.check(writers, [far])
    assert sum(len(writer.problems) for writer in writers) > 0


async def test_an_answer_that_is_lost_after_the_commit_is_given_again(field: Field) -> None:
    """One effect each; the retry gets the first answer, and the same id with other bytes is a conflict."""
    field.proxy.fault = Fault(drop_answers=0.3)
    writers = [Writer(field.outside(n), field.incident, 15) for n in range(4)]
    async with running(*writers) as tasks:
        await asyncio.gather(*tasks)
    assert field.proxy.dropped > 0
    assert sum(writer.tries for writer in writers) > 60, "at least one answer was lost and asked for again"
    await field.check(writers, [])
    other = {**entry("other words"), "cmd": writers[0].acks[0].cmd}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        _, raw = await call(http, field.people[0], "POST", f"/api/incidents/{field.incident}/commands", other)
    assert b'"conflict"' in raw
