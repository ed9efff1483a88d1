"""Access in PostgreSQL keeps the contract, as the application's role, and that role cannot do more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from command.access.agencies import Agency
from command.access.postgres import PostgresAccess
from command.store.embedded import Cluster
from command.store.migrate import SQL_DIR, migrate
from command.store.ports import AuditRow
from command.store.provision import APP, OWNER
from tests.access.contract import NOW, AccessContract, Bench, audit_row, signed_in, token_for
from tests.support.database import fresh_database


@pytest_asyncio.fixture
async def database(cluster: Cluster) -> AsyncIterator[str]:
    """The name of a migrated database."""
    async with fresh_database(cluster) as name:
        yield name


@pytest_asyncio.fixture
async def pool(cluster: Cluster, database: str) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
    """Connections as the application."""
    async with asyncpg.create_pool(cluster.dsn(database, APP), min_size=1, max_size=8) as pool:
        yield pool


@pytest.fixture
def bench(cluster: Cluster, database: str, pool: asyncpg.Pool[asyncpg.Record]) -> Bench:
    """The store, its trail, and a way to take the trail's table away."""

    async def trail() -> list[AuditRow]:
        rows = await pool.fetch(
            "select at, who, session, source, action, object, outcome, detail from audit order by number"
        )
        return [AuditRow(**dict(row)) for row in rows]

    async def break_audit() -> None:
        owner: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(cluster.dsn(database, OWNER))
        try:
            await owner.execute("alter table audit rename to audit_gone")
        finally:
            await owner.close()

    return Bench(store=PostgresAccess(pool), trail=trail, break_audit=break_audit)


class TestPostgresAccess(AccessContract):
    """The contract, in PostgreSQL."""

    @pytest.mark.parametrize(
        "statement",
        [
            "delete from accounts",
            "delete from grants",
            "delete from links",
            "truncate links",
            "update links set expires_at = now() + interval '1 year'",
            "update links set person = 'someone'",
            "drop table grants",
        ],
    )
    async def test_the_application_cannot_forget_or_stretch(
        self, pool: asyncpg.Pool[asyncpg.Record], statement: str
    ) -> None:
        """Accounts, grants and links are never deleted, and a link never lives longer."""
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)

    async def test_a_role_outside_the_closed_set_is_refused(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        """The database knows the roles too."""
        await pool.execute("insert into accounts values ('p', 'P', 'spd', 'officer')")
        with pytest.raises(asyncpg.CheckViolationError):
            await pool.execute("insert into grants values ('p', 'owner', '*', null, null, 'x')")


CHANGES = "select c.kind, c.object, c.before, c.after, a.action from changes c left join audit a on a.number = c.audit order by c.number"


async def test_each_change_is_noted_with_digests_of_before_and_after_and_its_entry(
    pool: asyncpg.Pool[asyncpg.Record], bench: Bench
) -> None:
    """One chain for each thing, by the entry of the same transaction whichever was written first; nothing legible."""
    await signed_in(bench)
    await token_for(bench)  # the same words again: no change
    await bench.store.disable("anna", NOW, audit_row("user.disable"))
    await bench.store.add_agency(Agency("spd", "CANARY", "local", since=NOW), audit_row("agency.add"))
    rows = [tuple(row) for row in await pool.fetch(CHANGES)]
    assert [(kind, thing, action) for kind, thing, _, _, action in rows] == [
        ("account", "anna", "user.invite"),
        ("grant", "anna commander *", "user.invite"),
        ("account", "anna", "user.disable"),
        ("agency", "spd", "agency.add"),
    ]
    account = [(before, after) for kind, _, before, after, _ in rows if kind == "account"]
    assert account[0][0] is None
    assert account[0][1] == account[1][0] != account[1][1]
    assert all(len(after) == 32 for _, _, _, after, _ in rows)
    assert await pool.fetch("select * from not_as_noted()") == []


async def test_what_goes_past_the_program_is_noted_without_an_entry_and_what_goes_past_the_triggers_is_found(
    cluster: Cluster, database: str, pool: asyncpg.Pool[asyncpg.Record], bench: Bench
) -> None:
    """By the owner's hand; by one who switches the triggers off. Nobody changes what was noted."""
    await signed_in(bench)
    owner: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(cluster.dsn(database, OWNER))
    try:
        await owner.execute("update grants set role = 'reviewer' where person = 'anna'")
        last = (await pool.fetch(CHANGES))[-1]
        assert (last["kind"], last["object"], last["action"]) == ("grant", "anna reviewer *", None)
        await owner.execute("alter table accounts disable trigger accounts_noted")
        await owner.execute("update accounts set rank = 'chief' where person = 'anna'")
        found = [tuple(row) for row in await pool.fetch("select kind, object from not_as_noted()")]
        assert found == [("account", "anna")]
        for statement in ("delete from changes", "update changes set audit = 1", "truncate changes"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await owner.execute(statement)
    finally:
        await owner.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("insert into changes (at, kind, object, after) values (now(), 'account', 'x', 'x')")


async def test_agencies_from_before_are_those_that_accounts_and_devices_name(cluster: Cluster, tmp_path: Path) -> None:
    """A database of an earlier version: what was only a word becomes an agency of no stated kind, and works on."""
    early = tmp_path / "sql"
    early.mkdir()
    for one in SQL_DIR.glob("*.sql"):
        if one.name < "095":
            (early / one.name).write_text(one.read_text())
    async with fresh_database(cluster, template="template0") as name:
        await migrate(cluster.dsn(name, OWNER), APP, early)
        db: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(cluster.dsn(name, OWNER))
        try:
            await db.execute(
                "insert into accounts (person, name, agency, rank) values ('a', 'A', 'spd', 'o'), ('b', 'B', 'spd', 'o')"
            )
            await db.execute(
                "insert into device_codes values (sha256('x'), 'kcso', 'T', now(), now(), 'a'), (sha256('y'), 'no id', 'T', now(), now(), 'a')"
            )
            assert "095_agencies.sql" in await migrate(cluster.dsn(name, OWNER), APP)
            rows = [tuple(row) for row in await db.fetch("select id, name, kind, ended_at from agencies order by id")]
        finally:
            await db.close()
    assert rows == [("kcso", "kcso", "unstated", None), ("spd", "spd", "unstated", None)]
