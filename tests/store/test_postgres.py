"""The PostgreSQL store keeps the contract, and says truly what happened when the database fails it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import asyncpg
import pytest
import structlog.testing

from command.errors import Conflict, Misconfigured, Unavailable
from command.store.embedded import Cluster, embedded
from command.store.keys import PostgresKeyStore
from command.store.migrate import migrate
from command.store.ports import OutcomeUnknown, Store
from command.store.postgres import PostgresStore, check_settings
from command.store.provision import APP, DATABASE, OWNER, SUPERUSER
from tests.store.contract import LOG, StoreContract, batch, event, fill, first_hint
from tests.support.database import admin, fresh_database


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def store(self, pg_store: PostgresStore) -> Store:
        return pg_store


@pytest.fixture
async def database(cluster: Cluster) -> AsyncIterator[str]:
    """The name of a fresh database."""
    async with fresh_database(cluster) as name:
        yield name


# Sessions -----------------------------------------------------------------------


async def test_a_session_lives_while_it_is_neither_revoked_nor_over_nor_idle(cluster: Cluster, database: str) -> None:
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    rows = [
        # id, last active, absolute limit, idle_s, revoked
        ("live", now, now + hour, 600, None),
        ("revoked", now, now + hour, 600, now),
        ("over", now, now - hour, 600, None),
        ("idle", now - hour, now + hour, 600, None),
    ]
    async with await PostgresStore.connect(cluster.dsn(database, APP)) as store:
        for name, active, until, idle_s, revoked in rows:
            await store.pool.execute(
                "INSERT INTO sessions VALUES ($1, 'p1', sha256(convert_to($1::text, 'UTF8')), $2, $2, $3, $4, $5, '-', 'link')",
                *(name, active, until, idle_s, revoked),
            )
        await store.create_log(LOG)
        async with store.append(LOG) as append:
            asked = ["live", "revoked", "over", "idle", "unknown", "cli:op"]
            assert await append.revoked(asked) == {"revoked", "over", "idle", "unknown"}


# Several nodes ------------------------------------------------------------------


async def test_two_nodes_append_in_one_order(cluster: Cluster, database: str) -> None:
    dsn = cluster.dsn(database, APP)
    async with await PostgresStore.connect(dsn) as one, await PostgresStore.connect(dsn) as two:
        await one.create_log(LOG)

        async def appends(store: PostgresStore) -> None:
            for _ in range(25):
                async with store.append(LOG) as append:
                    await append.commit(batch(append.head, [event(append.head.seq + 1)]))

        await asyncio.gather(appends(one), appends(two), appends(two))
        rows = await one.events(LOG, 0, 100)
        assert [row.seq for row in rows] == list(range(1, 76))
        assert rows == await two.events(LOG, 0, 100)


async def test_a_hint_reaches_other_nodes_also_after_the_connection_was_lost(cluster: Cluster, database: str) -> None:
    dsn = cluster.dsn(database, APP)
    cut = f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = '{database}' AND application_name = 'muster hints'"""
    async with await PostgresStore.connect(dsn) as one, await PostgresStore.connect(dsn) as two:
        assert await first_hint(one, two) == LOG
        hints = one.hints()
        waiting = asyncio.ensure_future(anext(hints))
        for _ in range(3):
            while not await one.pool.fetchval(
                f"SELECT count(*) FROM ({cut.replace('pg_terminate_backend(pid)', '1')}) s"
            ):
                await asyncio.sleep(0.01)
            await admin(cluster, cut)
        async with asyncio.timeout(60):
            while not waiting.done():
                await two.notify(LOG)
                await asyncio.sleep(0.02)
        assert waiting.result() == LOG
        await hints.aclose()  # type: ignore[attr-defined]  # an async generator


async def test_a_nodes_own_hints_are_left_out(cluster: Cluster, database: str) -> None:
    dsn = cluster.dsn(database, APP)
    async with await PostgresStore.connect(dsn) as one, await PostgresStore.connect(dsn) as two:
        await one.notify("own")
        assert await first_hint(one, two) == LOG


async def test_a_node_that_stops_in_an_append_gives_the_lock_up(cluster: Cluster, database: str) -> None:
    """After 2 s idle in the transaction the database ends it; the other node goes on, the first one cannot commit."""
    dsn = cluster.dsn(database, APP)
    async with await PostgresStore.connect(dsn) as one, await PostgresStore.connect(dsn) as two:
        await one.create_log(LOG)
        with pytest.raises(Unavailable):
            async with one.append(LOG) as stopped:
                async with two.append(LOG) as append:  # waits for the lock
                    await append.commit(batch(append.head, [event(1)]))
                await stopped.commit(batch(stopped.head, [event(1)]))
        assert len(await one.events(LOG, 0, 10)) == 1
        await fill(one, 1)


async def test_a_node_that_stops_in_a_copy_is_ended_by_whoever_waits_for_the_lock(
    cluster: Cluster, database: str
) -> None:
    """No time limit of the database ends a COPY whose sender is silent: the waiting node does."""
    dsn = cluster.dsn(database, APP)

    async def silence() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async with await PostgresStore.connect(dsn) as other:
        await other.create_log(LOG)
        stopped: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(dsn)
        await stopped.execute("BEGIN; SELECT FROM heads FOR UPDATE")
        copy = asyncio.create_task(stopped.copy_to_table("events", source=silence()))
        await fill(other, 1)
        copy.cancel()
        await asyncio.gather(copy, return_exceptions=True)
        stopped.terminate()
        assert len(await other.events(LOG, 0, 10)) == 1


# Failures -----------------------------------------------------------------------


@asynccontextmanager
async def proxy(cluster: Cluster, directory: Path, at_commit: Literal["before", "after"]) -> AsyncIterator[Path]:
    """A door to the cluster that cuts a connection at COMMIT: before PostgreSQL sees it, or after it has answered."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_unix_connection(str(cluster.socket_dir / ".s.PGSQL.5432"))
        committing = False

        async def up() -> None:
            nonlocal committing
            while data := await reader.read(65536):
                if b"COMMIT\0" in data:
                    if at_commit == "before":
                        writer.close()
                        break
                    committing = True
                up_writer.write(data)
            up_writer.close()

        async def down() -> None:
            while data := await up_reader.read(65536):
                if committing:
                    break
                writer.write(data)
            writer.close()

        for part in (up(), down()):
            task = asyncio.create_task(part, name="proxy")
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    server = await asyncio.start_unix_server(serve, str(directory / ".s.PGSQL.5432"))
    try:
        yield directory
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def short_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory whose path a socket's name fits in."""
    directory = tmp_path_factory.mktemp("p")
    yield directory
    shutil.rmtree(directory)


@pytest.mark.parametrize(("cut", "kept"), [("before", 0), ("after", 1)])
async def test_a_connection_lost_at_commit_leaves_an_unknown_outcome(
    cluster: Cluster, database: str, short_dir: Path, cut: Literal["before", "after"], kept: int
) -> None:
    async with proxy(cluster, short_dir, cut) as door:
        dsn = f"postgresql://{APP}@/{database}?host={quote(str(door), safe='')}"
        async with (
            await PostgresStore.connect(dsn) as cut_off,
            await PostgresStore.connect(cluster.dsn(database, APP)) as store,
        ):
            await store.create_log(LOG)
            with pytest.raises(OutcomeUnknown):
                async with cut_off.append(LOG) as append:
                    await append.commit(batch(append.head, [event(1)]))
            async with store.append(LOG) as append:  # the lock tells when PostgreSQL has ended the other transaction
                assert append.head.seq == kept
            assert len(await store.events(LOG, 0, 10)) == kept


async def test_a_commit_whose_waiter_is_cancelled_is_carried_to_its_end(pg_store: PostgresStore) -> None:
    """A COMMIT under way is not torn: the batch is there, and the connection goes on being used."""
    await pg_store.create_log(LOG)

    async def one() -> None:
        async with pg_store.append(LOG) as append:
            await append.commit(batch(append.head, [event(append.head.seq + 1)]))

    waiter = asyncio.ensure_future(one())
    async with asyncio.timeout(60):
        while not any(task.get_name() == f"commit {LOG}" for task in asyncio.all_tasks()):
            await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert [row.seq for row in await pg_store.events(LOG, 0, 10)] == [1]
    await fill(pg_store, 1)


async def test_an_append_cancelled_before_its_commit_leaves_nothing(pg_store: PostgresStore) -> None:
    await pg_store.create_log(LOG)
    entered = asyncio.Event()

    async def one() -> None:
        async with pg_store.append(LOG):
            entered.set()
            await asyncio.Event().wait()

    waiter = asyncio.ensure_future(one())
    await entered.wait()
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    await fill(pg_store, 1)
    assert len(await pg_store.events(LOG, 0, 10)) == 1


async def test_a_commit_that_the_database_refuses_is_known_to_have_failed(cluster: Cluster, database: str) -> None:
    """An error of COMMIT itself (here a deferred trigger's) says that all was rolled back."""
    late = """CREATE CONSTRAINT TRIGGER late AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED
              FOR EACH ROW EXECUTE FUNCTION refuse_change()"""
    await admin(cluster, late, database)
    async with await PostgresStore.connect(cluster.dsn(database, APP)) as store:
        await store.create_log(LOG)
        with pytest.raises(Conflict):
            async with store.append(LOG) as append:
                await append.commit(batch(append.head, [event(1)]))
        assert await store.events(LOG, 0, 10) == []


async def test_a_crash_during_an_append_is_unavailable_and_the_store_recovers(tmp_path: Path) -> None:
    async with embedded(tmp_path) as cluster:
        await migrate(cluster.dsn(DATABASE, OWNER), APP)
        async with await PostgresStore.connect(cluster.dsn(DATABASE, APP)) as store:
            await fill(store, 2)
            with pytest.raises(Unavailable):
                async with store.append(LOG) as append:
                    os.kill(cluster.postgres_pid, signal.SIGKILL)
                    await cluster.wait_died()
                    await append.commit(batch(append.head, [event(3)]))
            with pytest.raises(Unavailable):
                await store.head(LOG)
            await cluster.restart()
            await fill(store, 2)
            assert [row.seq for row in await store.events(LOG, 0, 10)] == [1, 2, 3, 4]


async def test_an_error_names_the_constraint_and_no_values(pg_store: PostgresStore) -> None:
    await fill(pg_store, 1)
    with pytest.raises(Conflict, match="events_log_id_key") as caught:
        async with pg_store.append(LOG) as append:
            twin = re.sub(rb'"id":"[^"]+"', b'"id":"c1.1"', event(2).header)
            await append.commit(batch(append.head, [event(2, twin)]))
    assert "c1.1" not in str(caught.value)


# The start ----------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
async def test_a_database_that_would_not_keep_its_word_is_refused(tmp_path: Path, setting: str) -> None:
    async with embedded(tmp_path, settings={setting: "off"}) as cluster:
        with pytest.raises(Misconfigured, match=setting):
            await PostgresStore.connect(cluster.dsn(DATABASE, APP))
        with pytest.raises(Misconfigured, match=setting):
            await PostgresKeyStore.connect(cluster.dsn("muster_keys", APP), b"k" * 32)


async def test_missing_checksums_are_warned_of() -> None:
    class Answers:
        async def fetchval(self, _query: str, name: str) -> str:
            return "off" if name == "data_checksums" else "on"

    with structlog.testing.capture_logs() as logs:
        await check_settings(Answers())  # type: ignore[arg-type]  # stands for a server made without checksums
    assert [entry["log_level"] for entry in logs] == ["warning"]


@pytest.mark.parametrize(
    ("dsn", "error"),
    [
        ("postgresql://u@/d?host=/nowhere", Unavailable),
        ("mysql://u:secret@host/d", Misconfigured),
        ("nonsense", Misconfigured),
    ],
)
async def test_an_unusable_url_is_named_without_its_password(dsn: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        await PostgresStore.connect(dsn)
    assert "secret" not in str(caught.value)


async def test_a_database_or_role_that_is_not_there_is_a_setting_to_mend(cluster: Cluster, database: str) -> None:
    for dsn in (cluster.dsn("no_such", APP), cluster.dsn(database, "no_such")):
        with pytest.raises(Misconfigured):
            await PostgresStore.connect(dsn)


async def test_an_appender_that_finds_no_free_connection_is_told_so(
    cluster: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("command.store.postgres._ACQUIRE_S", 0.1)
    async with await PostgresStore.connect(cluster.dsn(database, APP), appenders=1) as store:
        await store.create_log(LOG)
        async with store.append(LOG) as first:
            with pytest.raises(Unavailable):
                async with store.append(LOG):
                    pass
            await first.commit(batch(first.head, [event(1)]))


async def test_closing_does_not_wait_for_ever(cluster: Cluster, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.store.postgres._ACQUIRE_S", 0.1)
    store = await PostgresStore.connect(cluster.dsn(database, APP))
    await store.create_log(LOG)
    with pytest.raises(Unavailable):
        async with store.append(LOG) as append:
            await store.close()
            await append.commit(batch(append.head, [event(1)]))
    connection = await asyncpg.connect(cluster.dsn(database, SUPERUSER))
    try:
        assert await connection.fetchval("SELECT seq FROM heads") == 0
    finally:
        await connection.close()
