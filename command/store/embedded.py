"""Our own small supervisor: PostgreSQL as a direct child of the server (docs/design/001-embedded-postgresql.md).

    async with embedded(Path("data/postgres")) as cluster:
        dsn = cluster.dsn("muster", "muster_app")

The socket lies in a directory that only we can enter and no network port is opened; whoever
can enter it may be any role, so the two roles contain our own bugs, not a taken-over host.
Layout of the data directory: `pgdata/` the cluster, `socket/`, `postgres.log`, two lock files.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import structlog

from command.errors import Misconfigured, MusterError, Unavailable
from command.store.pg_files import (
    check_room,
    clear_stale_pid,
    clear_stale_socket,
    complaints,
    free_bytes,
    last_lines,
    lock_for_postgres,
    lock_for_supervisor,
    open_log,
    socket_dir,
    trim_log,
)
from command.store.pg_programs import Programs, environment, find_programs, run
from command.store.provision import provision

_NEW_BYTES = 256_000_000  # a new cluster with both databases takes some 100 MB, and the write-ahead log wants to grow
_START_BYTES = 32_000_000  # two segments of the write-ahead log: with less PostgreSQL may not even recover
_ROOM_S = 1.0  # how often a full disk is looked at again
_INITDB_S = 120.0  # seconds on a good disk; minutes on a bad one mean that nothing will work
_START_S = 60.0  # recovery after a crash reads at most max_wal_size (1 GB)
_FAST_STOP_S = 10.0
_HARD_STOP_S = 5.0
_KILL_S = 5.0
_RESTARTS = 5  # within _RESTARTS_S; more means that restarting does not help
_RESTARTS_S = 60.0
_TRIM_S = 30.0

_SETTINGS: Mapping[str, str] = {
    # An acknowledgement is a promise: these three are what it stands on.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Only who can enter the socket's directory can connect.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # every query is short
    # No personal data in the log: neither statements, nor values, nor the details of a violated constraint.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}

_log = structlog.get_logger("store.embedded")


class Cluster:
    """A running PostgreSQL. Made by `embedded`, which also ends it."""

    def __init__(self, data_dir: Path, programs: Programs, settings: Mapping[str, str]) -> None:
        self.data_dir = data_dir
        self.version = programs.version
        self._programs = programs
        self._settings = settings
        self._socket_dir = data_dir
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._restarts: list[float] = []

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.data_dir / "pgdata"

    @property
    def log_path(self) -> Path:
        """PostgreSQL's log."""
        return self.data_dir / "postgres.log"

    @property
    def socket_dir(self) -> Path:
        """The 0700 directory of the socket."""
        return self._socket_dir

    @property
    def postgres_pid(self) -> int:
        """The process id of the postmaster (of the last one, if it died)."""
        assert self._process is not None
        return self._process.pid

    def dsn(self, database: str, user: str) -> str:
        """The URL of a database for a role."""
        place = urlencode({"host": str(self._socket_dir), "port": "5432"})
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?{place}"

    async def wait_died(self) -> int:
        """Wait until PostgreSQL ends; returns its exit code (negative: the signal that killed it)."""
        assert self._process is not None
        return await self._process.wait()

    async def start(self) -> None:
        """Start PostgreSQL and return when it takes connections. Raises Misconfigured with the end of its log."""
        owner = self._programs.owner()
        self._socket_dir = socket_dir(self.data_dir, owner)
        lock = await lock_for_postgres(self.data_dir)
        try:
            clear_stale_pid(self.data)
            clear_stale_socket(self._socket_dir)
            log = open_log(self.log_path)
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *self._programs.argv("postgres", self._args()),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(lock,),
                    env=environment(),
                    cwd="/",
                    start_new_session=True,  # a Ctrl-C at the terminal is for the server, which then ends PostgreSQL
                )
            finally:
                os.close(log)
        finally:
            os.close(lock)  # PostgreSQL's processes hold it from here on
        await self._until_ready()

    def _args(self) -> list[str]:
        settings = {**_SETTINGS, "unix_socket_directories": str(self._socket_dir), **self._settings}
        args = ["-D", str(self.data)]
        for name, value in settings.items():
            args += ["-c", f"{name}={value}"]
        return args

    async def _until_ready(self) -> None:
        assert self._process is not None
        until = time.monotonic() + _START_S
        while not self.ready:
            if self._process.returncode is not None:
                check_room(self.data_dir, _START_BYTES, "for PostgreSQL to start")
                raise Misconfigured(
                    f"expected PostgreSQL to start, it ended with {self._process.returncode}: "
                    f"{last_lines(self.log_path)}",
                    where=str(self.data_dir),
                )
            if time.monotonic() > until:
                await self.stop()
                raise Misconfigured(
                    f"expected PostgreSQL to start within {_START_S:g} s: {last_lines(self.log_path)}",
                    where=str(self.data_dir),
                )
            await asyncio.sleep(0.005)

    @property
    def ready(self) -> bool:
        """Whether it takes connections: the eighth line of postmaster.pid; pg_ctl waits for the same word."""
        if self._process is None or self._process.returncode is not None:
            return False
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(self._process.pid) and lines[7].strip() == "ready"

    async def restart(self) -> None:
        """Start again after it died, waiting longer each time. Raises Unavailable after five times in a minute.

        A full disk is waited out: whatever ends PostgreSQL then is no reason to give up, and space may come back.
        """
        if await self._until_room():
            self._restarts.clear()
        now = time.monotonic()
        self._restarts = [at for at in self._restarts if now - at < _RESTARTS_S]
        if len(self._restarts) >= _RESTARTS:
            raise Unavailable(
                f"PostgreSQL died {_RESTARTS} times within {_RESTARTS_S:g} s: {last_lines(self.log_path)}",
                where=str(self.data_dir),
            )
        await asyncio.sleep(0.0 if not self._restarts else 0.1 * 2 ** len(self._restarts))
        self._restarts.append(time.monotonic())
        await self.start()

    async def _until_room(self) -> bool:
        """Wait for room to start in. Whether there was none."""
        waited = False
        while free_bytes(self.data_dir) < _START_BYTES:
            if not waited:
                _log.error("postgres waits for room on the disk", need_bytes=_START_BYTES)
            waited = True
            await asyncio.sleep(_ROOM_S)
        return waited

    async def keep_alive(self) -> None:
        """Restart PostgreSQL whenever it dies, until cancelled. Raises Unavailable when restarting does not help."""
        while True:
            code = await self.wait_died()
            if self._stopping:
                return
            _log.error("postgres died", exit_code=code, pid=self.postgres_pid)
            try:
                await self.restart()
            except MusterError as error:
                if isinstance(error, Unavailable) and free_bytes(self.data_dir) >= _START_BYTES:
                    raise
                _log.error("postgres did not restart", error=error.message)
                continue
            _log.info("postgres restarted", pid=self.postgres_pid)

    async def stop(self) -> None:
        """End PostgreSQL: a fast shutdown, and where that takes too long, harder ones."""
        self._stopping = True
        process = self._process
        if process is None:
            return
        steps = ((signal.SIGINT, _FAST_STOP_S), (signal.SIGQUIT, _HARD_STOP_S), (signal.SIGKILL, _KILL_S))
        for number, wait_s in steps:
            if process.returncode is not None:
                return
            try:
                process.send_signal(number)
                async with asyncio.timeout(wait_s):
                    await process.wait()
            except ProcessLookupError:
                await process.wait()
            except TimeoutError:
                _log.warning("postgres did not stop", signal=number.name, wait_s=wait_s)


@asynccontextmanager
async def embedded(
    data_dir: Path, *, bin_dir: Path | None = None, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Cluster]:
    """Run PostgreSQL on `data_dir`, made on first use, with the databases and roles of `provision`.

    `bin_dir`: where its programs are (default: MUSTER_PG_BIN, the wheel, PATH). `settings` override PostgreSQL's,
    for tests. Call it from the thread that lives as long as the server: Linux ends PostgreSQL with that thread.
    Raises Misconfigured with what to do about it.
    """
    data_dir = data_dir.absolute()
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise Misconfigured(
            f"expected a data directory that can be made: {exc.strerror}", where=str(data_dir)
        ) from None
    supervisor = lock_for_supervisor(data_dir)
    try:
        programs = await find_programs(bin_dir, data_dir / "pgdata")
        if not (data_dir / "pgdata").exists():
            await _initdb(data_dir, programs)
        cluster = Cluster(data_dir, programs, settings or {})
        await cluster_version_fits(cluster, programs)
        trimmer: asyncio.Task[None] | None = None
        try:
            await cluster.start()
            await provision(cluster.dsn)
            trimmer = asyncio.create_task(_trim(cluster.log_path), name="postgres log trimmer")
            yield cluster
        finally:
            if trimmer is not None:
                trimmer.cancel()
                await asyncio.gather(trimmer, return_exceptions=True)
            await cluster.stop()
    finally:
        os.close(supervisor)


async def cluster_version_fits(cluster: Cluster, programs: Programs) -> None:
    """Check that the programs are of the major version that made the cluster. Raises Misconfigured."""
    try:
        made_by = int((cluster.data / "PG_VERSION").read_text().strip())
    except (FileNotFoundError, ValueError):
        raise Misconfigured("expected a PostgreSQL cluster, found something else", where=str(cluster.data)) from None
    if made_by != programs.major:
        raise Misconfigured(
            f"expected PostgreSQL {made_by}, which made this data directory, got {programs.version} in "
            f"{programs.bin_dir}: name the older one with MUSTER_PG_BIN, or move the data with pg_upgrade or dump",
            where=str(cluster.data),
        )


async def _initdb(data_dir: Path, programs: Programs) -> None:
    """Make the cluster beside its place and rename it there, so that a half-made one is never taken for whole."""
    new = data_dir / "pgdata.new"
    if new.exists():
        shutil.rmtree(new)
    check_room(data_dir, _NEW_BYTES, "to make a database")
    owner = programs.owner()
    new.mkdir(mode=0o700)
    if owner is not None:
        data_dir.chmod(0o711)  # the other user has to pass through
        os.chown(new, *owner)
    args = ["-D", str(new), "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
    args += ["--data-checksums", "--no-instructions"]
    if programs.major >= 17 and os.uname().sysname == "Linux":
        args.append("--sync-method=syncfs")  # one call for a thousand small files
    code, output = await run(programs.argv("initdb", args), _INITDB_S)
    if code != 0:
        shutil.rmtree(new, ignore_errors=True)
        check_room(data_dir, _START_BYTES, "to make a database")  # somebody else may have filled it meanwhile
        raise Misconfigured(f"expected initdb to make a cluster, got: {complaints(output)}", where=str(data_dir))
    new.rename(data_dir / "pgdata")
    directory = os.open(data_dir, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


async def _trim(path: Path) -> None:
    while True:
        await asyncio.sleep(_TRIM_S)
        trim_log(path)
