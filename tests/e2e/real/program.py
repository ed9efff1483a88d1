"""The program as a person starts it, in a process of its own, to be read, killed and started again."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

from command.access.model import Role
from tests.support.proxy import Fault, FaultProxy

WAIT_S = 180.0
ROOT = Path(__file__).resolve().parents[3]


class Program:
    """`muster` with these words."""

    def __init__(self, *words: str) -> None:
        self._words = words
        self._process: subprocess.Popen[str]
        self._said: list[str] = []
        self._news = threading.Condition()
        self._readers: list[threading.Thread] = []

    def start(self, ready: str) -> Program:
        """Start it and wait until it has said what matches `ready`."""
        self._said.clear()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "command", *self._words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")},
        )
        for stream in (self._process.stdout, self._process.stderr):
            reader = threading.Thread(target=self._read, args=(stream,), name="reader of muster")
            reader.start()
            self._readers.append(reader)
        with self._news:
            assert self._news.wait_for(lambda: self.find(ready) or self._process.poll() is not None, WAIT_S)
        assert self.find(ready), "".join(self._said)
        return self

    def find(self, pattern: str) -> list[str]:
        """What it has said so far that matches."""
        return re.findall(pattern, "".join(self._said), re.DOTALL)

    def _read(self, stream: object) -> None:
        for line in stream:  # type: ignore[attr-defined]  # a text pipe; Popen types both pipes as optional
            with self._news:
                self._said.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def kill(self) -> None:
        """SIGKILL, as a power cut."""
        self._process.kill()
        self._end()

    def stop(self) -> None:
        """SIGTERM, as an operator; it must end well."""
        self._process.terminate()
        assert self._end() == 0, "".join(self._said)[-4000:]

    def _end(self) -> int:
        code = self._process.wait(WAIT_S)
        for reader in self._readers:
            reader.join(WAIT_S)
        self._readers.clear()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        return code


class Demo(Program):
    """`muster demo` on a free port: its four links by role, each good once."""

    def __init__(self, *words: str) -> None:
        super().__init__("demo", "--port", "0", *words)

    def begin(self) -> Demo:
        """Start, and wait for the last link."""
        self.start(r"Each link signs")
        return self

    def link(self, role: Role) -> str:
        """The link that was printed for a role."""
        order: tuple[Role, ...] = ("commander", "field", "assisting", "reviewer")
        return self.find(r"(http://\S+/link#\S+)")[order.index(role)]


class Server(Program):
    """`muster serve` on a folder and a port that stay the same, for browsers that reach it at other ports as well."""

    def __init__(self, data: Path, port: int, *others: int) -> None:
        self.port, self.others = port, others
        self.url = f"http://localhost:{port}"
        urls = ",".join(f"http://localhost:{one}" for one in (port, *others))
        super().__init__("serve", "--data", str(data), "--port", str(port), "--base-url", urls, "--exercise")

    def begin(self) -> Server:
        """Start, or start again, and wait until it listens."""
        self.start(r"Muster is at (\S+)")
        return self


class Cable:
    """A bad network between browsers and a server: a `FaultProxy` on a thread of its own."""

    def __init__(self, upstream_port: int, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self._ready = threading.Event()
        self._proxy = FaultProxy(upstream_port, port=port)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="a cable")

    def start(self) -> Cable:
        """Plug it in."""
        self._thread.start()
        assert self._ready.wait(WAIT_S)
        return self

    async def _run(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with self._proxy:
            self._ready.set()
            await self._end.wait()

    def cut(self) -> None:
        """Every connection is reset, as when a router loses its power."""
        self._loop.call_soon_threadsafe(self._proxy.cut)

    def silent(self, silent: bool) -> None:
        """Bytes vanish on the way and nobody is told, as where a tablet loses its cell."""
        self._proxy.fault = Fault(blackhole=silent)

    def close(self) -> None:
        """Put it away."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(WAIT_S)
