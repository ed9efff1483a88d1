"""Signing in at a real OpenID Connect provider that runs beside the test: npm's oidc-provider, on Node."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import aiohttp
import pytest

from command.access.oidc import Provider
from tests.support.node import free_port
from tests.web.harness import Site, running
from tests.web.visitor import Visitor

PACKAGE = "oidc-provider@9.13.3"
SCRIPT = Path(__file__).parents[1] / "support" / "oidc_provider.mjs"
WAIT_S = 60.0


@pytest.fixture(scope="session")
def installed(request: pytest.FixtureRequest) -> Path:
    """A folder with the provider's package and our script. Without Node or a registry: skipped, and failed in CI."""
    assert request.config.cache is not None
    folder = Path(request.config.cache.mkdir("oidc-provider"))
    if not (folder / "node_modules" / "oidc-provider").is_dir():
        npm = shutil.which("npm")
        done = None
        if npm is not None and shutil.which("node") is not None:
            done = subprocess.run(
                [npm, "install", "--prefix", str(folder), "--no-save", "--ignore-scripts", PACKAGE],
                capture_output=True, timeout=300, check=False,
            )  # fmt: skip
        if done is None or done.returncode != 0:
            says = f"expected Node and npm's {PACKAGE} for a real OpenID Connect provider"
            if os.environ.get("CI"):
                pytest.fail(says)
            pytest.skip(says)
    shutil.copy(SCRIPT, folder / SCRIPT.name)
    return folder


@asynccontextmanager
async def provider(folder: Path, redirect: str) -> AsyncIterator[str]:
    """The provider's issuer, while it runs."""
    process = await asyncio.create_subprocess_exec(
        "node", SCRIPT.name, redirect, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(WAIT_S):
            port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def county(folder: Path) -> AsyncIterator[Site]:
    """A site whose people sign in at the provider, at the true time of day."""
    port = free_port()
    async with provider(folder, f"http://localhost:{port}/oidc") as issuer:
        here = Provider("county", "County", issuer, "muster", "s3cret-s3cret-s3cret-s3cret", acr=("urn:mfa",))
        async with running(exercise=False, host="localhost", providers=(here,), port=port) as site:
            site.now = datetime.now(UTC)
            yield site


async def go(url: str, back: str) -> tuple[str, str]:
    """Follow the provider's redirects as a browser does, until it sends us back: (state, code)."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        for _ in range(10):
            async with browser.get(url, allow_redirects=False) as got:
                assert got.status in (302, 303), (got.status, (await got.text())[:500])
                url = urljoin(url, got.headers["Location"])
            if url.startswith(back):
                found = parse_qs(urlsplit(url).query)
                assert "error" not in found, found
                return found["state"][0], found["code"][0]
    raise AssertionError("the provider sent us round in circles")


async def test_a_sign_in_at_a_real_provider(installed: Path) -> None:
    """By the code flow with PKCE: refused for whom nobody named, then a session; the code is good once."""
    async with county(installed) as site:
        admin, anna = Visitor(site), Visitor(site)
        await admin.come_by_link("administrator", "root")
        await admin.make_passkey()
        await site.link("commander", person="anna")

        async def attempt(visitor: Visitor) -> tuple[int, str, str]:
            body = {"flow": await visitor.flow(), "provider": "county"}
            url = (await visitor.ok("POST", "/api/session/oidc/start", body))["url"]
            state, code = await go(url, site.base)
            site.now = datetime.now(UTC)
            answer = await visitor.call("POST", "/api/session/oidc", {"state": state, "code": code})
            return answer.status, state, code

        assert (await attempt(anna))[0] == 403
        await admin.ok("POST", "/api/users/anna/identity", {"provider": "county", "subject": "sub-anna"})
        status, state, code = await attempt(anna)
        assert status == 200
        assert (await anna.ok("GET", "/api/me"))["me"]["person"] == "anna"
        replayed = await anna.call("POST", "/api/session/oidc", {"state": state, "code": code})
        assert replayed.status == 403
        [session] = (await anna.ok("GET", "/api/sessions"))["sessions"]
        assert session["how"] == "oidc"
        # With a session the provider is asked to see the person anew, and the session goes on.
        before = anna.cookies["__Host-muster"]
        assert (await attempt(anna))[0] == 200
        assert [one["id"] for one in (await anna.ok("GET", "/api/sessions"))["sessions"]] == [session["id"]]
        assert anna.cookies["__Host-muster"] != before
