"""Two who decide upon one held record at once, each at a server of their own, on a real PostgreSQL: one decision counts, the
other is told so, and the log and the mark say the same, wherever a server stops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime

import asyncpg
import msgspec
import pytest
import pytest_asyncio

from command.access.model import Subject
from command.access.postgres import PostgresAccess
from command.devices.intake import StoredDevices
from command.devices.model import Decided, Held
from command.devices.postgres import PostgresDevices
from command.devices.quarantine import Quarantine
from command.domain.submission import Answer, Submission
from command.errors import Conflict
from command.ledger.disclosure import decode_bytes
from command.ledger.statement import read
from command.service.api import Author
from command.service.core import Service
from command.store.embedded import Cluster
from command.store.keys import PostgresKeyStore
from command.store.ports import AuditRow
from command.store.postgres import PostgresStore
from command.store.provision import APP
from tests.devices.contract import CODE, Bench, device, row
from tests.support.database import fresh_database
from tests.support.desk import IC, SOON_S
from tests.support.given import OPEN, model_stack
from tests.support.tablet import Got, Tablet

LOG = "0198-decided"
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ADA = Subject("admin-1", "Ada", "spd", "", "cli:one", "cli")
BEA = Subject("admin-2", "Bea", "spd", "", "cli:two", "cli")


class Gate:
    """Where somebody stands still until they may go on."""

    def __init__(self) -> None:
        self.reached, self.open = asyncio.Event(), asyncio.Event()
        self.open.set()

    async def pass_(self) -> None:
        self.reached.set()
        await self.open.wait()

    async def somebody(self) -> None:
        async with asyncio.timeout(SOON_S):
            await self.reached.wait()


class Devices(PostgresDevices):
    """With a gate between the log, which has the record, and the mark that says so."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        super().__init__(pool)
        self.marking = Gate()

    async def decide(self, item: str, decided: Decided, audit: AuditRow, *, unlogged: bool = False) -> bool:
        """As ever, a little later."""
        if decided.outcome == "released":
            await self.marking.pass_()
        return await super().decide(item, decided, audit, unlogged=unlogged)


class Node(Service):
    """With a gate before what is let in reaches the log."""

    letting_in: Gate

    async def submit(self, log: str, author: Author, submissions: Sequence[Submission]) -> list[Answer]:
        """As ever, a little later."""
        if author.held:
            await self.letting_in.pass_()
        return await super().submit(log, author, submissions)


class Two:
    """Two nodes on one database, and a device that was revoked."""

    def __init__(
        self, devices: Devices, one: Node, other: Service, keys: PostgresKeyStore, store: PostgresStore
    ) -> None:
        self.devices, self.one, self.other = devices, one, other
        self.store = store
        self.lets_in = Quarantine(devices, keys, one)
        self.turns_down = Quarantine(devices, keys, other)
        self.tablet = Tablet(_nowhere, "")
        self.tablet.id = "d-1"

    async def begin(self, access: PostgresAccess) -> Two:
        await self.one.open_incident(IC, OPEN, "open", incident=LOG, issued_at=NOW)
        await Bench(self.devices, access, _no_trail, _nothing).signed_in("officer-1", NOW)
        await self.devices.invite(CODE, row("device.invite"))
        assert await self.devices.enrol(CODE.sha256, device("d-1", self.tablet.key.public, CODE.created_at), row())
        await self.devices.revoke("d-1", NOW, "admin-1", row("device.revoke"))
        return self

    async def hold(self) -> Held:
        """One more record that waits."""
        sub = msgspec.json.decode(json.dumps(self.tablet.entry(LOG, "officer-1", NOW)), type=Submission)
        there = await self.devices.device("d-1")
        assert there is not None
        stated = read(decode_bytes(sub.statement or ""))
        answer = await self.turns_down.hold(there, stated, "RecordEntry", sub, "revoked", NOW, "10.0.0.1")
        assert answer.status == "quarantined", answer
        (held,) = [one for one in await self.devices.held(LOG) if one.cmd == sub.cmd]
        return held

    async def release(self, held: Held) -> Answer:
        return await self.lets_in.release(LOG, held.id, "confirmed", ADA, NOW)

    async def reject(self, held: Held) -> None:
        await self.turns_down.reject(LOG, held.id, "stolen", BEA, NOW)

    async def stands(self, held: Held) -> tuple[str | None, bool]:
        """(how it is marked, whether its record is in the log)."""
        now = await self.devices.held_one(held.id)
        assert now is not None
        headers = [json.loads(one.header) for one in await self.store.events(LOG, 0, 10_000)]
        kept = [one for one in headers if (one.get("origin") or {}).get("record") == held.id]
        assert len(kept) <= 1, "a record means once"
        return now.outcome, bool(kept)


async def _nowhere(_method: str, _path: str, _body: bytes, _headers: Mapping[str, str]) -> Got:
    raise AssertionError("this tablet sends nothing")


async def _no_trail() -> list[AuditRow]:
    return []


async def _nothing() -> None:
    return None


@pytest_asyncio.fixture
async def two(cluster: Cluster, pg_keys: PostgresKeyStore) -> AsyncIterator[Two]:
    """Two nodes on a fresh database."""
    async with (
        fresh_database(cluster) as name,
        asyncpg.create_pool(cluster.dsn(name, APP), min_size=1, max_size=8) as pool,
        await PostgresStore.connect(cluster.dsn(name, APP)) as store,
        await PostgresStore.connect(cluster.dsn(name, APP)) as second,
    ):
        devices = Devices(pool)
        one = Node(store, pg_keys, model_stack(), devices=StoredDevices(devices))
        one.letting_in = Gate()
        other = Service(second, pg_keys, model_stack(), devices=StoredDevices(devices))
        await one.start()
        await other.start()
        try:
            yield await Two(devices, one, other, pg_keys, store).begin(PostgresAccess(pool))
        finally:
            await one.stop()
            await other.stop()


async def test_what_is_let_in_cannot_be_turned_down_before_it_is_marked(two: Two) -> None:
    """The log has it: whoever turns it down now is refused, and told why; the first decision is written down."""
    held = await two.hold()
    two.devices.marking.open.clear()
    letting_in = asyncio.create_task(two.release(held), name="lets it in")
    await two.devices.marking.somebody()
    assert await two.stands(held) == (None, True)
    with pytest.raises(Conflict, match="in the log"):
        await two.reject(held)
    two.devices.marking.open.set()
    assert (await letting_in).status == "accepted"
    assert await two.stands(held) == ("released", True)
    with pytest.raises(Conflict, match="released before"):
        await two.reject(held)


async def test_what_is_turned_down_is_not_let_in_on_its_way_to_the_log(two: Two) -> None:
    """Whoever began to let it in is refused at the log's own lock, and told why."""
    held = await two.hold()
    two.one.letting_in.open.clear()
    letting_in = asyncio.create_task(two.release(held), name="lets it in")
    await two.one.letting_in.somebody()
    await two.reject(held)
    two.one.letting_in.open.set()
    with pytest.raises(Conflict, match="rejected before"):
        await letting_in
    assert await two.stands(held) == ("rejected", False)


async def test_of_two_at_once_one_decides(two: Two) -> None:
    """Whichever comes first, again and again: the mark and the log say the same, and exactly one was told that it is done."""
    for number in range(20):
        held = await two.hold()
        acts = [two.release(held), two.reject(held)]
        done = await asyncio.gather(*(acts if number % 2 else reversed(acts)), return_exceptions=True)
        outcome, logged = await two.stands(held)
        assert (outcome, logged) in {("released", True), ("rejected", False)}
        failed = [one for one in done if isinstance(one, BaseException)]
        assert [type(one) for one in failed] == [Conflict], done


async def test_what_a_stopped_server_let_in_is_let_in_again_and_means_once(two: Two) -> None:
    """Cut off between the log and the mark it waits on; it cannot be turned down, and anyone may end what was begun."""
    held = await two.hold()
    two.devices.marking.open.clear()
    letting_in = asyncio.create_task(two.release(held), name="lets it in")
    await two.devices.marking.somebody()
    letting_in.cancel()
    await asyncio.wait([letting_in])
    two.devices.marking.open.set()
    with pytest.raises(Conflict, match="in the log"):
        await two.reject(held)
    answer = await two.turns_down.release(LOG, held.id, "confirmed", BEA, NOW)
    assert answer.status == "duplicate"
    assert await two.stands(held) == ("released", True)


async def test_what_a_server_never_brought_to_the_log_can_be_decided_either_way(two: Two) -> None:
    """Cut off before the log: nothing was taken, nothing is stuck."""
    for decided in ("released", "rejected"):
        held = await two.hold()
        two.one.letting_in = Gate()
        two.one.letting_in.open.clear()
        letting_in = asyncio.create_task(two.release(held), name="lets it in")
        await two.one.letting_in.somebody()
        letting_in.cancel()
        await asyncio.wait([letting_in])
        two.one.letting_in.open.set()
        await (two.release(held) if decided == "released" else two.reject(held))
        assert await two.stands(held) == (decided, decided == "released")


async def test_another_command_under_the_same_id_holds_nothing_up(two: Two) -> None:
    """A device that signs two texts under one command's id: of what is not in the log it can be said no."""
    first = await two.hold()
    assert (await two.release(first)).status == "accepted"
    sub = msgspec.json.decode(json.dumps(two.tablet.entry(LOG, "officer-1", NOW, cmd=first.cmd)), type=Submission)
    there = await two.devices.device("d-1")
    assert there is not None
    stated = read(decode_bytes(sub.statement or ""))
    await two.turns_down.hold(there, stated, "RecordEntry", sub, "revoked", NOW, "10.0.0.1")
    (other,) = [one for one in await two.devices.held(LOG) if one.cmd == first.cmd]
    await two.reject(other)
    assert await two.stands(other) == ("rejected", False)
    assert await two.stands(first) == ("released", True)
