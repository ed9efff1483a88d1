"""What it takes to try docs/closed-network.md as it is written: its commands, a name that leads here, tablets that trust."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

import aiohttp
import pyotp
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.support.quick import HELPER
from tests.support.tablet import Tablet
from tests.web.harness import Answer

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/closed-network.md"
WAIT_S = 180.0
NAME = "muster.lan"
PASSWORD = "eleven lanterns on a quay 5"


class Desk:
    """The laptop: the page's file in a folder of its own, its ports free ones, its home ours. All else as the page says."""

    def __init__(self, home: Path, ports: Mapping[str, str]) -> None:
        self.home, self._ports = home, dict(ports)
        text = PAGE.read_text("utf-8")
        self.blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        (config,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
        (home / "muster.toml").write_text(self.here(config).replace("/home/sergeant", str(home)))
        self._said: list[str] = []
        self._news = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread

    def here(self, text: str) -> str:
        """With the ports of this try."""
        return re.sub("|".join(self._ports), lambda found: self._ports[found[0]], text)

    def commands(self) -> Iterator[str]:
        """Each command of the page in its order; a loop as often as it says, without the waiting for a key."""
        for block in self.blocks:
            loop = re.fullmatch(r"for (\w+) in ([^;]+); do\n(.*?)\n\s*read [^\n]*\ndone\n", block, re.DOTALL)
            times = [(loop[1], one) for one in loop[2].split()] if loop else [("", "")]
            body = loop[3] if loop else block
            for name, value in times:
                for line in body.splitlines():
                    yield line.strip().replace(f"${name}", value) if name else line.strip()

    @property
    def _env(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
        return {**own, "HOME": str(self.home), "MUSTER_CONFIG": str(self.home / "muster.toml")}

    def muster(self, line: str, fails: int = 0) -> str:
        """Run one command of the page; what it printed."""
        words = shlex.split(line)
        assert words[0] == "muster", line
        code, out, err = HELPER.run(tuple(words[1:]), self._env, WAIT_S)
        assert code == fails, (line, out, err)
        return out

    def serve(self) -> None:
        """`muster serve` in its terminal."""
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "command", "serve"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, cwd=ROOT, env=self._env,
        )  # fmt: skip
        assert process.stderr is not None
        self._reader = threading.Thread(target=self._read, args=(process.stderr,), name="the terminal of muster serve")
        self._reader.start()

    def _read(self, terminal: IO[str]) -> None:
        for line in terminal:
            with self._news:
                self._said.append(line)
                self._news.notify_all()

    def said(self, pattern: str) -> str:
        """Wait until the server has said it; the first group."""
        with self._news:
            end = time.monotonic() + WAIT_S
            while not re.search(pattern, "".join(self._said)) and self._reader.is_alive() and time.monotonic() < end:
                self._news.wait(0.2)
            found = re.search(pattern, "".join(self._said))
        assert found, "".join(self._said)[-4000:]
        return found[1]

    def ctrl_c(self) -> int:
        """Its exit code; 0 where nothing runs."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(signal.SIGINT)
        code = process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        assert process.stderr is not None
        process.stderr.close()
        return code


class Here(AbstractResolver):
    """The router's DNS: every name is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        pass


class Wifi:
    """A tablet on that network, at its own address. Until it has an authority to trust it speaks plain http alone."""

    def __init__(self, base: str, authority: bytes = b"", n: int = 1) -> None:
        self.base, self._address = base, f"127.0.0.{n}"
        self._trust = ssl.create_default_context(cadata=authority) if authority else None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=Here(), local_addr=(self._address, 0), **({"ssl": self._trust} if self._trust else {})
        )
        self._http = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request with our own Origin."""
        sent = {"Origin": self.base, "Content-Type": "application/json", **(headers or {})}
        async with (
            asyncio.timeout(WAIT_S),
            self._http.request(method, self.base + path, data=body, headers=sent) as got,
        ):
            return Answer(got.status, got.headers.copy(), await got.read())

    async def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """As a tablet in software sends."""
        return await self.call(method, path, body, headers)


class Person:
    """Somebody at a browser on that network."""

    def __init__(self, wifi: Wifi, name: str) -> None:
        self.wifi, self.name = wifi, name
        self._cookies: dict[str, str] = {}

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        """A request that must succeed; its JSON, or None."""
        raw = None if body is None else json.dumps(body).encode()
        got = await self.wifi.call(method, path, raw, {"Cookie": self.cookie} if self._cookies else {})
        assert got.status < 300, (path, got.status, got.body)
        for given in got.headers.getall("Set-Cookie", []):
            name, _, value = given.partition(";")[0].partition("=")
            self._cookies[name] = value
        self._cookies = {name: value for name, value in self._cookies.items() if value}
        return got.json if got.body else None

    async def comes(self, path: str, **body: str) -> None:
        """The notice, then by a link or by the set-up code; then a password with codes, which counts at once."""
        look = await self.ok("GET", "/api/session")
        flow = (await self.ok("POST", "/api/session/banner", {"banner": look["banner"]["id"]}))["flow"]
        await self.ok("POST", path, {"flow": flow, **body})
        offer = await self.ok("POST", "/api/credentials/totp", {})
        code = pyotp.TOTP(offer["secret"]).at(datetime.now(UTC))
        await self.ok(
            "POST", "/api/credentials/password", {"ceremony": offer["ceremony"], "password": PASSWORD, "code": code}
        )


async def enrolled(wifi: Wifi, code: str, officer: Person) -> Tablet:
    """A tablet in software, with its officer signed in at it."""
    made = Tablet(wifi.send, wifi.base.partition("://")[2])
    got = await made.enrol(code)
    assert got.status == 200, got
    attached = await made.attach(officer.cookie, officer.name, own_key=True)
    assert attached.status == 204, attached
    return made


async def handed_in(tablet: Tablet, log: str, author: str) -> str:
    """One record; what came of it."""
    record = tablet.entry(log, author, datetime.now(UTC), f"written on {tablet.id}")
    got = await tablet.signed(f"/api/incidents/{log}/statements", [record])
    assert got.status == 200, got
    return str(got.json["answers"][0]["status"])
