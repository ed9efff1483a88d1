"""No audit, no act, on the real database: whatever hinders an entry hinders what it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from command.access.model import Account, Grant
from command.access.ports import Link
from command.access.postgres import PostgresAccess
from command.errors import Untraceable
from command.store.embedded import Cluster
from command.store.ports import PackRow
from command.store.postgres import PostgresStore
from command.store.provision import APP
from tests.store.contract import AUDIT, LOG, T0, batch, event, fill
from tests.support.database import admin, fresh_database

FAULTS = {
    "grant": "REVOKE INSERT ON audit FROM muster_app",
    "constraint": "ALTER TABLE audit ADD CONSTRAINT full_disk CHECK (false) NOT VALID",
    "trigger": """
        CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN RAISE EXCEPTION ''no'' USING TABLE = ''audit''; END';
        CREATE TRIGGER broken BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION broken()
    """,
}


@pytest_asyncio.fixture(params=[*FAULTS])
async def broken(cluster: Cluster, request: pytest.FixtureRequest) -> AsyncIterator[PostgresStore]:
    """A store with a log of two events, whose trail takes no entry from now on."""
    async with fresh_database(cluster) as name, await PostgresStore.connect(cluster.dsn(name, APP)) as store:
        await fill(store, 2)
        await admin(cluster, FAULTS[request.param], name)
        yield store


async def test_an_append_is_rolled_back(broken: PostgresStore) -> None:
    with pytest.raises(Untraceable):
        async with broken.append(LOG) as append:
            await append.commit(batch(append.head, [event(3)], audit=[AUDIT]))
    head = await broken.head(LOG)
    assert head is not None and head.seq == 2
    assert [row.seq for row in await broken.events(LOG, 0, 10)] == [1, 2]


async def test_no_log_is_made_no_pack_is_kept_and_nobody_is_let_in(broken: PostgresStore) -> None:
    pack = PackRow("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "p.toml", b"x")
    access = PostgresAccess(broken.pool)
    link = Link(b"t" * 32, "anna", T0, T0 + timedelta(minutes=10), "ben")
    account = Account("anna", "Anna", "spd", "officer")
    for act in (
        broken.create_log("0199a000-0000-7000-8000-000000000009", [AUDIT]),
        broken.put_packs([pack], [AUDIT]),
        access.invite(account, [Grant("anna", "field", "*")], link, AUDIT),
        broken.audit([AUDIT]),
        broken.try_audit(),
    ):
        with pytest.raises(Untraceable):
            await act
    assert [head.log for head in await broken.logs()] == [LOG]
    assert await broken.packs([pack.digest]) == []
    assert await access.account("anna") is None
