"""The first administrator, from the printed code to a passkey, on a real server; and accounts by the command line."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from command.bootstrap import Node, open_node, open_sign_in
from command.cli.serve import first_run
from command.clock import utc_now
from command.config import load
from command.errors import Misconfigured
from tests.cli.program import muster
from tests.support.authenticator import Authenticator


@pytest_asyncio.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """A server without anyone in it."""
    async with open_node(load({"data": str(tmp_path), "port": 0}, {})) as node:
        yield node


class Browser:
    """Cookies, our Origin, JSON."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self.http, self.base = http, base
        self.cookies: dict[str, str] = {}

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """(status, JSON or None)."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Origin": self.base, **({"Cookie": cookie} if cookie else {})}
        async with self.http.request(method, self.base + path, json=body, headers=headers) as got:
            for given in got.headers.getall("Set-Cookie", []):
                name, _, value = given.partition(";")[0].partition("=")
                self.cookies[name] = value
            raw = await got.read()
            return got.status, json.loads(raw) if raw else None

    async def flow(self) -> str:
        """The banner, acknowledged."""
        _, look = await self.call("GET", "/api/session")
        _, begun = await self.call("POST", "/api/session/banner", {"banner": look["banner"]["id"]})
        return str(begun["flow"])

    async def set_up(self, code: str, person: str = "root") -> int:
        """Try the set-up code."""
        body = {"flow": await self.flow(), "code": code, "person": person, "name": "R. Oot", "agency": "spd"}
        return (await self.call("POST", "/api/session/set-up", body))[0]

    async def make_passkey(self) -> Authenticator:
        """Set up a passkey."""
        key = Authenticator(self.base)
        _, offer = await self.call("POST", "/api/credentials/passkey/options", {})
        body = {"ceremony": offer["ceremony"], "credential": key.create(offer["options"])}
        status, made = await self.call("POST", "/api/credentials/passkey", body)
        assert status == 200, made
        return key


Run = Callable[..., Awaitable[str]]


@pytest.fixture
def run(node: Node, tmp_path: Path) -> Run:
    """The program, beside the running server."""

    async def beside(*words: str, fails: int = 0) -> str:
        return await asyncio.to_thread(muster, *words, data=tmp_path, fails=fails)

    return beside


async def test_the_printed_code_makes_the_first_administrator_once(
    node: Node, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a real database: code, banner, passkey; then no further code is any good, and none is printed."""
    await first_run(node)
    printed = capsys.readouterr().err
    found = re.search(r": ([a-z0-9-]{19})\n", printed)
    assert found is not None, printed
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        browser = Browser(http, node.base_urls[0])
        assert await browser.set_up("aaaa-bbbb-cccc-dddd") == 403
        assert await browser.set_up(found[1].upper().replace("-", " ")) == 200
        assert (await browser.call("GET", "/api/users"))[1]["code"] == "enrol-first"
        assert await Browser(http, node.base_urls[0]).set_up(found[1], "second") == 403
        key = await browser.make_passkey()
        status, users = await browser.call("GET", "/api/users")
        assert status == 200
        assert [user["account"]["person"] for user in users["users"]] == ["root"]
        again = Browser(http, node.base_urls[0])
        flow = await again.flow()
        _, offer = await again.call("POST", "/api/session/passkey/options", {"flow": flow})
        body = {"flow": flow, "ceremony": offer["ceremony"], "credential": key.get(offer["options"])}
        assert (await again.call("POST", "/api/session/passkey", body))[0] == 200
        assert (await again.call("POST", "/api/session/passkey", body))[0] == 403
    assert "there is an administrator" in await run("user", "setup", fails=1)
    await first_run(node)
    assert capsys.readouterr().err == ""


async def test_accounts_by_the_command_line(node: Node, run: Run) -> None:
    """Shut, open, released, reset, listed, ended; a browser notices at its next request."""
    invited = json.loads(
        await run("user", "invite", "anna", "--name", "A", "--agency", "spd", "--role", "commander", "--json")
    )
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        browser = Browser(http, node.base_urls[0])
        body = {"link": invited["url"].partition("#")[2], "flow": await browser.flow()}
        assert (await browser.call("POST", "/api/session", body))[0] == 204
        await browser.make_passkey()
        [session] = json.loads(await run("session", "list", "anna", "--json"))
        assert session["how"] == "passkey"
        assert "sessions ended: 1" in await run("session", "end", "anna", "--session", session["session"])
        assert (await browser.call("GET", "/api/me"))[0] == 401
        assert "is locked out" in await run("user", "disable", "anna")
        assert "expected an account that is not disabled" in await run("user", "reset", "anna", fails=2)
        assert "may sign in from now on" in await run("user", "enable", "anna")
        assert "locks released: 0" in await run("user", "release", "anna")
        reset = json.loads(await run("user", "reset", "anna", "--json"))
        body = {"link": reset["url"].partition("#")[2], "flow": await browser.flow()}
        assert (await browser.call("POST", "/api/session", body))[0] == 204
        assert (await browser.call("GET", "/api/credentials"))[1]["passkeys"] == []
    assert "no account nobody" in await run("user", "disable", "nobody", fails=1)
    assert "no account is locked" in await run("user", "locks")


async def test_a_wall_follows_and_does_nothing_else(node: Node, run: Run) -> None:
    """By a link of its own kind; a person's id is not taken for a device."""
    made = json.loads(await run("user", "display", "wall-1", "--name", "Wall", "--agency", "spd", "--json"))
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        wall = Browser(http, node.base_urls[0])
        body = {"link": made["url"].partition("#")[2], "flow": await wall.flow()}
        assert (await wall.call("POST", "/api/session", body))[0] == 204
        assert (await wall.call("GET", "/api/incidents"))[0] == 200
        assert (await wall.call("POST", "/api/credentials/totp", {}))[0] == 403
    await run("user", "invite", "anna", "--name", "A", "--agency", "spd", "--role", "field")
    assert "a person's" in await run("user", "display", "anna", "--name", "W", "--agency", "spd", fails=2)


async def test_an_exercise_is_refused_where_someone_has_a_credential(node: Node, run: Run, tmp_path: Path) -> None:
    """Links alone would sign in beside real people."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        browser = Browser(http, node.base_urls[0])
        code = json.loads(await run("user", "setup", "--json"))["code"]
        assert await browser.set_up(code) == 200
        await browser.make_passkey()
    with pytest.raises(Misconfigured, match="without credentials"):
        await open_sign_in(load({"data": str(tmp_path), "exercise": True}, {}), node.backend, utc_now)


async def test_agencies_by_the_command_line(node: Node, run: Run, tmp_path: Path) -> None:
    """The first account founds the first agency; from then on another is told what it may have meant."""
    assert "no agency is named yet" in await run("agency", "list")
    await run("user", "invite", "anna", "--name", "A", "--agency", "spd", "--role", "commander")
    words = ("--name", "King County", "--kind", "county", "--agreement", "MOU 12", "--agreement-until", "2027-01-31")
    assert "kcso added" in await run("agency", "add", "kcso", *words)
    listed = json.loads(await run("agency", "list", "--json"))
    assert [(one["id"], one["kind"], one["agreement_until"]) for one in listed] == [
        ("kcso", "county", "2027-02-01T00:00:00Z"), ("spd", "unstated", None),
    ]  # fmt: skip
    for command in (
        ("user", "invite", "ben", "--name", "B", "--role", "field"),
        ("user", "display", "wall-1", "--name", "W"),
        ("device", "invite", "Tablet 1"),
    ):
        assert "did you mean spd?" in await run(*command, "--agency", "spdd", fails=2)
    assert "duty desk" in await run("agency", "change", "spd", "--contact", "duty desk", "--kind", "local")
    assert "expected something to change" in await run("agency", "change", "spd", fails=2)
    assert "accounts: anna" in await run("agency", "show", "spd")
    assert "did you mean kcso" in await run("agency", "end", "kcsso", fails=1)
    assert "until they end or are disabled: anna" in await run("agency", "end", "spd")
    assert "has not ended" in await run(
        "user", "invite", "ben", "--name", "B", "--role", "field", "--agency", "spd", fails=2
    )
    await run("agency", "change", "spd", "--reopen")
    await run("user", "invite", "ben", "--name", "B", "--role", "field", "--agency", "spd")
    changed = [json.loads(line) for line in (await run("audit", "--changes", "--object", "spd", "--json")).splitlines()]
    assert [one["action"] for one in changed] == ["agency.change", "agency.end", "agency.change", "agency.add"]
    assert [one["before"] for one in changed] == [*(one["after"] for one in changed[1:]), None]
    assert "user.invite by cli:" in await run("audit", "--changes", "--object", "anna")
    head = await run("audit", "--head")
    assert head.startswith("muster::changes:1\n") and "\n\n\u2014 muster." in head
    assert json.loads(await run("audit", "--head", "--json"))["note"] == head, "what is signed is signed once"
    kept = tmp_path / "kept.txt"
    kept.write_text(head)
    assert "yes: the first " in await run("audit", "--extends", str(kept))
    kept.write_text(json.dumps({"note": head}))
    assert json.loads(await run("audit", "--extends", str(kept), "--json"))["extends"] is True
    size = head.split("\n")[1]
    kept.write_text(head.replace(f"\n{size}\n", f"\n{int(size) + 1}\n"))
    assert "no: expected signed heads" in await run("audit", "--extends", str(kept), fails=1)
    kept.write_bytes(b"\xff")
    assert "expected a head as" in await run("audit", "--extends", str(kept), fails=2)
    assert "expected a head that was kept" in await run("audit", "--extends", str(tmp_path / "none"), fails=2)
    assert "no agency's own sign-in is linked to this account" in await run("user", "identities", "anna")
