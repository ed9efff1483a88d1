"""A Muster server as a process of its own, to be killed, stopped and asked."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
START_S = 180.0


def free_port() -> int:
    """A port that nobody listens on, below the range from which the system gives ports to clients: a client that
    tries a dead server's port again and again must never be given that port itself and connect to itself."""
    for _ in range(200):
        port = random.randrange(20_000, 30_000)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


async def until(true: Callable[[], object], within_s: float = 60.0) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


class MusterNode:
    """One server. `origins` are further addresses (a proxy's) under which clients reach it."""

    def __init__(
        self,
        data: Path,
        *,
        flags: tuple[str, ...] = (),
        env: Mapping[str, str] | None = None,
        origins: tuple[str, ...] = (),
    ) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.starts = 0
        self.origins = [self.url, *origins]
        self._flags = flags
        self._env = {**os.environ, **(env or {})}
        self._turn = asyncio.Lock()
        self.process: asyncio.subprocess.Process

    @property
    def log(self) -> Path:
        """What it wrote to standard error."""
        return self.data / "server.log"

    async def start(self) -> None:
        """Start it and wait until it listens."""
        self.data.mkdir(parents=True, exist_ok=True)
        args = ("serve", "--data", str(self.data), "--port", str(self.port), "--trusted-proxies", "127.0.0.1",
                "--base-url", ",".join(self.origins), "--exercise")  # fmt: skip
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.support.probed", *args, "--log-format", "json", *self._flags,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log, cwd=ROOT, env=self._env,
            )  # fmt: skip
        self.starts += 1
        assert self.process.stdout is not None
        async with asyncio.timeout(START_S):
            line = await self.process.stdout.readline()
        assert line, f"the server did not start: {self.log.read_text()[-2000:]}"

    async def probe(self, **asked: str) -> dict[str, Any]:
        """Ask the probe."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        async with self._turn, asyncio.timeout(60):
            self.process.stdin.write(json.dumps(asked).encode() + b"\n")
            answer: dict[str, Any] = json.loads(await self.process.stdout.readline())
            return answer

    async def holding(self, text: str) -> list[str]:
        """Where its memory holds a text."""
        answer = await self.probe(holds=text[::-1])
        return list(answer["held"])

    async def state_hash(self, log: str) -> tuple[int, str]:
        """(seq, hash) of its live state."""
        answer = await self.probe(hash=log)
        return answer["seq"], answer["hash"]

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.process.pid, number)

    async def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; returns its exit code. Killed where that takes too long."""
        if self.process.returncode is None:
            self.process.terminate()
        try:
            async with asyncio.timeout(60):
                return await self.process.wait()
        except TimeoutError:
            await self.kill()
            raise

    def postgres_pid(self) -> int:
        """The postmaster of its embedded database."""
        return int((self.data / "postgres" / "pgdata" / "postmaster.pid").read_text().splitlines()[0])

    def kill_postgres(self) -> None:
        """SIGKILL to the whole process group of its embedded database."""
        os.killpg(os.getpgid(self.postgres_pid()), signal.SIGKILL)

    def memory_bytes(self) -> int:
        """Resident memory."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")


async def muster(*args: str) -> tuple[int, str]:
    """Run the program; returns its exit code and standard output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "command", *args, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT
    )
    out, err = await process.communicate()
    if process.returncode and not out:
        return process.returncode, err.decode()
    return process.returncode or 0, out.decode()
