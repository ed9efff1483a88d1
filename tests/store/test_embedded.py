"""The supervisor: starts, stops, survives crashes, refuses what is not its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from command.errors import Misconfigured, Unavailable
from command.store.embedded import Cluster, embedded
from command.store.migrate import migrate
from command.store.pg_files import SOCKET_NAME, clear_stale_pid
from command.store.postgres import PostgresStore
from command.store.provision import APP, DATABASE, KEYS_DATABASE, OWNER, SUPERUSER
from tests.store.contract import StoreContract

SCRIPT = Path(__file__).parents[1] / "support" / "run_cluster.py"
NOBODY = 65534


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory made once, to copy: initdb is the slow part."""

    async def make(directory: Path) -> None:
        async with embedded(directory):
            pass

    directory = tmp_path_factory.mktemp("made")
    asyncio.run(make(directory))
    return directory


@pytest.fixture
def data_dir(made: Path, tmp_path: Path) -> Path:
    """A copy of a made data directory."""
    return Path(shutil.copytree(made, tmp_path / "d"))


async def value(dsn: str, query: str) -> object:
    """One value of a query over a connection of its own."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(dsn, timeout=10)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


def running(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


@asynccontextmanager
async def script(directory: Path, *python: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, object]]]:
    """The cluster run by another process, and what that process printed."""
    process = await asyncio.create_subprocess_exec(
        *(python or (sys.executable,)), str(SCRIPT), str(directory), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None and process.stdin is not None
    try:
        async with asyncio.timeout(60):
            yield process, json.loads(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.stdin.close()
            await process.wait()


async def test_the_first_start_makes_a_cluster_that_keeps_what_it_acknowledges(tmp_path: Path) -> None:
    async with embedded(tmp_path / "new") as cluster:
        dsn = cluster.dsn(DATABASE, APP)
        settings = {
            name: await value(dsn, f"SELECT current_setting('{name}')")
            for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums", "listen_addresses")
        }
        assert list(settings.values()) == ["on", "on", "on", "on", ""]
        assert await value(dsn, "SHOW server_encoding") == "UTF8"
        assert await value(dsn, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C"
        assert await value(cluster.dsn(KEYS_DATABASE, APP), "SELECT 1") == 1
        assert not await value(dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert stat.S_IMODE(cluster.socket_dir.stat().st_mode) == 0o700
        assert (cluster.socket_dir / SOCKET_NAME).is_socket()
    assert not running(cluster.postgres_pid)


async def test_another_postgresql_on_path_does_as_well(tmp_path: Path) -> None:
    """The wheel is a choice, not a need: the system's PostgreSQL takes the same schema and the same log."""
    found = shutil.which("postgres")
    if found is None:
        pytest.skip("no other PostgreSQL on PATH")
    async with embedded(tmp_path, bin_dir=Path(found).resolve().parent) as cluster:
        await migrate(cluster.dsn(DATABASE, OWNER), APP)
        async with await PostgresStore.connect(cluster.dsn(DATABASE, APP)) as store:
            await StoreContract().test_redaction_destroys_a_subjects_disclosures_and_keeps_the_events(store)


async def test_a_second_start_finds_what_the_first_wrote_after_a_clean_stop(data_dir: Path) -> None:
    async with embedded(data_dir) as cluster:
        await value(cluster.dsn(DATABASE, SUPERUSER), "CREATE TABLE kept AS SELECT 7 AS n")
    assert "database system is shut down" in cluster.log_path.read_text()
    async with embedded(data_dir) as cluster:
        assert await value(cluster.dsn(DATABASE, SUPERUSER), "SELECT n FROM kept") == 7


async def test_a_killed_postgres_is_restarted_with_what_was_committed(data_dir: Path) -> None:
    async with embedded(data_dir) as cluster:
        dsn = cluster.dsn(DATABASE, SUPERUSER)
        await value(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
        keeper = asyncio.create_task(cluster.keep_alive(), name="keeper")
        killed = cluster.postgres_pid
        os.kill(killed, signal.SIGKILL)
        await until(lambda: cluster.postgres_pid != killed and cluster.ready)
        assert await value(dsn, "SELECT n FROM kept") == 7
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)


async def test_restarting_is_bounded(data_dir: Path) -> None:
    """A PostgreSQL that dies again and again is given up, with a named error, not restarted for ever."""
    async with embedded(data_dir) as cluster:

        async def kill_always() -> None:
            while True:
                await until(lambda: cluster.ready)
                os.kill(cluster.postgres_pid, signal.SIGKILL)
                await until(lambda: not cluster.ready)

        killer = asyncio.create_task(kill_always(), name="killer")
        try:
            async with asyncio.timeout(60):
                with pytest.raises(Unavailable, match="died 5 times"):
                    await cluster.keep_alive()
        finally:
            killer.cancel()
            await asyncio.gather(killer, return_exceptions=True)


async def test_a_restart_that_fails_is_tried_again_and_then_given_up(data_dir: Path) -> None:
    async with embedded(data_dir) as cluster:
        with (cluster.data / "postgresql.auto.conf").open("a") as file:
            file.write("no_such_setting = 1\n")
        os.kill(cluster.postgres_pid, signal.SIGKILL)
        with pytest.raises(Unavailable, match="no_such_setting"):
            await cluster.keep_alive()


async def test_a_full_disk_is_waited_out(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL dies of it more often than restarting is bounded to, and comes back when there is room."""
    looked = 0

    def free(place: Path) -> int:
        nonlocal looked
        looked += 1
        return 0 if looked < 20 else 10**12

    async with embedded(data_dir) as cluster:
        cluster._restarts = [time.monotonic()] * 5
        monkeypatch.setattr("command.store.embedded._ROOM_S", 0.01)
        monkeypatch.setattr("command.store.embedded.free_bytes", free)
        killed = cluster.postgres_pid
        os.kill(killed, signal.SIGKILL)
        keeper = asyncio.create_task(cluster.keep_alive(), name="keeper")
        await until(lambda: keeper.done() or (cluster.postgres_pid != killed and cluster.ready))
        assert looked >= 20
        assert not keeper.done()
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)


async def test_a_first_start_without_room_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.store.pg_files.free_bytes", lambda place: 20_000_000)
    with pytest.raises(Unavailable, match="256 MB free on the disk to make a database, found 20 MB"):
        async with embedded(tmp_path / "d"):
            pass
    assert not (tmp_path / "d" / "pgdata").exists()


async def test_keeping_alive_ends_with_the_cluster(data_dir: Path) -> None:
    async with embedded(data_dir) as cluster:
        keeper = asyncio.create_task(cluster.keep_alive(), name="keeper")
        await asyncio.sleep(0)
    async with asyncio.timeout(60):
        await keeper


async def test_a_postgres_that_does_not_stop_is_stopped_harder(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stopped process hears neither SIGINT nor SIGQUIT; SIGKILL ends it."""
    monkeypatch.setattr("command.store.embedded._FAST_STOP_S", 0.05)
    monkeypatch.setattr("command.store.embedded._HARD_STOP_S", 0.05)
    async with embedded(data_dir) as cluster:
        os.kill(cluster.postgres_pid, signal.SIGSTOP)
    assert await cluster.wait_died() == -signal.SIGKILL


async def test_after_a_crash_the_next_start_recovers(data_dir: Path) -> None:
    """The postmaster is killed and its pid file stays: the next supervisor starts all the same."""
    async with embedded(data_dir) as cluster:
        await value(cluster.dsn(DATABASE, SUPERUSER), "CREATE TABLE kept AS SELECT 7 AS n")
        os.kill(cluster.postgres_pid, signal.SIGKILL)
        assert await cluster.wait_died() == -signal.SIGKILL
        assert (cluster.data / "postmaster.pid").exists()
    async with embedded(data_dir) as cluster:
        assert await value(cluster.dsn(DATABASE, SUPERUSER), "SELECT n FROM kept") == 7


@pytest.fixture
def pids() -> Iterator[dict[str, int]]:
    """The ids of a live process that is no PostgreSQL, and of a zombie."""
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    yield {"alive": other.pid, "zombie": zombie.pid}
    zombie.wait()
    other.communicate(b"\n")


@pytest.mark.parametrize("content", ["{alive}\n/elsewhere\n", "{zombie}\n", "999999999\n", "no number\n", ""])
async def test_a_stale_pid_file_does_not_stop_the_start(data_dir: Path, pids: dict[str, int], content: str) -> None:
    """Another machine's pid that is somebody else's here, a zombie's, nobody's, and nonsense."""
    (data_dir / "pgdata" / "postmaster.pid").write_text(content.format(**pids))
    (data_dir / "socket").mkdir(mode=0o700, exist_ok=True)
    (data_dir / "socket" / f"{SOCKET_NAME}.lock").write_text(content.format(**pids))
    async with embedded(data_dir) as cluster:
        assert await value(cluster.dsn(DATABASE, APP), "SELECT 1") == 1


async def test_a_second_supervisor_on_the_same_directory_is_refused(data_dir: Path) -> None:
    async with embedded(data_dir) as cluster:
        with pytest.raises(Misconfigured, match=f"another Muster \\(process {os.getpid()}\\)"):
            async with embedded(data_dir):
                pass
        async with script(data_dir) as (_, printed):
            assert printed["error"] == "misconfigured"
        assert await value(cluster.dsn(DATABASE, APP), "SELECT 1") == 1


async def test_a_live_postmaster_of_the_directory_is_never_taken_for_a_stale_one(data_dir: Path) -> None:
    async with embedded(data_dir) as cluster:
        with pytest.raises(Misconfigured, match=f"process {cluster.postgres_pid}"):
            clear_stale_pid(cluster.data)
        assert cluster.ready


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
async def test_when_the_server_is_killed_postgres_stops_cleanly(data_dir: Path) -> None:
    async with script(data_dir) as (process, printed):
        pid = printed["pid"]
        assert isinstance(pid, int) and running(pid)
        process.kill()
        await process.wait()
        await until(lambda: not running(pid))
    assert "database system is shut down" in (data_dir / "postgres.log").read_text()
    async with embedded(data_dir) as cluster:
        assert await value(cluster.dsn(DATABASE, APP), "SELECT 1") == 1


async def test_a_path_too_long_for_a_socket_gets_a_short_directory_of_its_own(made: Path, tmp_path: Path) -> None:
    data_dir = Path(shutil.copytree(made, tmp_path / ("x" * 100)))
    async with embedded(data_dir) as cluster:
        try:
            assert len(os.fsencode(cluster.socket_dir / SOCKET_NAME)) <= 103
            assert stat.S_IMODE(cluster.socket_dir.stat().st_mode) == 0o700
            assert await value(cluster.dsn(DATABASE, APP), "SELECT 1") == 1
        finally:
            short = cluster.socket_dir
    shutil.rmtree(short)


async def test_a_start_that_fails_says_what_postgres_said(data_dir: Path) -> None:
    with pytest.raises(Misconfigured, match="no_such_setting"):
        async with embedded(data_dir, settings={"no_such_setting": "1"}):
            pass


async def test_a_cluster_of_another_major_version_is_refused(data_dir: Path) -> None:
    (data_dir / "pgdata" / "PG_VERSION").write_text("12\n")
    with pytest.raises(Misconfigured, match="expected PostgreSQL 12"):
        async with embedded(data_dir):
            pass


async def test_a_directory_that_is_no_cluster_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pgdata").mkdir()
    with pytest.raises(Misconfigured, match="found something else"):
        async with embedded(tmp_path):
            pass


async def test_a_half_made_cluster_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "pgdata.new" / "base").mkdir(parents=True)
    async with embedded(tmp_path) as cluster:
        assert await value(cluster.dsn(DATABASE, APP), "SELECT 1") == 1


async def test_the_log_holds_no_values(data_dir: Path) -> None:
    """A violated constraint names itself, not the values that violated it."""
    async with embedded(data_dir) as cluster:
        dsn = cluster.dsn(DATABASE, SUPERUSER)
        await value(dsn, "CREATE TABLE t (name text PRIMARY KEY)")
        await value(dsn, "INSERT INTO t VALUES ('canary-7319')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await value(dsn, "INSERT INTO t VALUES ('canary-7319')")
    assert "unique constraint" in cluster.log_path.read_text()
    assert "canary-7319" not in cluster.log_path.read_text()


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that `nobody` can work in: pytest's own are closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="muster-test-"))
    os.chown(directory, NOBODY, NOBODY)
    yield directory
    shutil.rmtree(directory)


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def _ordinary() -> tuple[str, ...] | None:
    """How to run our Python as nobody: as it is, or where it is closed to others, the system's with our packages."""
    become = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    packages = f"PYTHONPATH={os.pathsep.join(path for path in sys.path if path)}"
    for python in (sys.executable, "/usr/bin/python3"):
        tried = (*become, "env", packages, python)
        same = f"import sys, asyncpg, cryptography; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
        if not shutil.which("setpriv"):
            return None
        if subprocess.run([*tried, "-c", same], check=False, capture_output=True).returncode == 0:
            return tried
    return None


@as_root
async def test_an_ordinary_user_can_run_it(open_dir: Path) -> None:
    python = await asyncio.to_thread(_ordinary)
    if python is None:
        pytest.skip("no Python that another user may run")
    async with script(open_dir / "d", *python) as (_, printed):
        assert "error" not in printed, printed
        assert (open_dir / "d" / "pgdata").stat().st_uid == NOBODY
        assert await value(str(printed["dsn"]), "SELECT 1") == 1


@as_root
async def test_root_without_user_namespaces_runs_it_as_nobody(open_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(open_dir, 0, 0)
    open_dir.chmod(0o755)
    monkeypatch.setattr("command.store.pg_programs.candidate_modes", lambda *_: [f"setuid:{NOBODY}:{NOBODY}"])
    try:
        async with embedded(open_dir / "d") as cluster:
            assert await value(cluster.dsn(DATABASE, APP), "SELECT 1") == 1
            assert cluster.data.stat().st_uid == NOBODY
    except Misconfigured as error:
        if "Permission denied" in error.message:
            pytest.skip("this checkout is closed to other users")
        raise
    monkeypatch.undo()
    async with embedded(open_dir / "d") as cluster:
        assert Path(f"/proc/{cluster.postgres_pid}").stat().st_uid == NOBODY, "the owner of the files decides"


@as_root
async def test_root_where_neither_way_works_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.store.pg_programs.candidate_modes", lambda *_: ["setuid:no:body"])
    with pytest.raises(Misconfigured, match="ordinary user, or give the URL .* --database"):
        async with embedded(tmp_path):
            pass


def test_a_cluster_names_a_database_and_role_in_its_url() -> None:
    cluster = Cluster.__new__(Cluster)
    cluster._socket_dir = Path("/tmp/a b")
    assert cluster.dsn("d", "u@x") == "postgresql://u%40x@/d?host=%2Ftmp%2Fa+b&port=5432"
