"""Plain http beside TLS: what it leads on, what it refuses, and the page from which devices take the authority."""

from __future__ import annotations

import hashlib
import plistlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from cryptography import x509

from command.tls.authority import der, fingerprint, make_authority, read_names
from command.web import installer
from command.web.app import build_runner
from command.web.plain import BURST, Plain, build_plain, qr_svg
from command.web.routes import ROUTES
from command.web.services import WebSettings
from tests.support.node import free_port

AUTHORITY = make_authority(read_names(["muster.local", "10.1.2.3"]), (), datetime(2026, 5, 1, tzinfo=UTC)).cert_pem
HOST = {"Host": "muster.local:8080"}


class Door(NamedTuple):
    """A running plain listener."""

    client: aiohttp.ClientSession
    base: str
    clock: list[float]

    async def ask(self, method: str, path: str, headers: dict[str, str] = HOST) -> tuple[int, Any, bytes]:
        """Status, headers, body."""
        async with self.client.request(method, self.base + path, headers=headers, allow_redirects=False) as got:
            return got.status, got.headers.copy(), await got.read()


@pytest_asyncio.fixture(params=[AUTHORITY])
async def door(request: pytest.FixtureRequest) -> AsyncIterator[Door]:
    """Beside two https addresses."""
    port, clock = free_port(), [0.0]
    urls = ("https://muster.local:8765", "https://10.1.2.3:8765")
    runner = build_runner(build_plain(Plain(urls, port, request.param, lambda: clock[0])), WebSettings(urls))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with aiohttp.ClientSession() as client:
        yield Door(client, f"http://127.0.0.1:{port}", clock)
    await runner.cleanup()


@pytest.mark.parametrize("path", ["/", "/link"])
@pytest.mark.parametrize(
    ("host", "url"), [("muster.local:8080", "https://muster.local:8765"), ("10.1.2.3", "https://10.1.2.3:8765")]
)
async def test_a_page_is_led_to_https_on_the_same_host(door: Door, path: str, host: str, url: str) -> None:
    """Without the query: what someone put there in the clear does not travel on."""
    status, headers, _ = await door.ask("GET", path + "?x=CANARY", {"Host": host})
    assert (status, headers["Location"]) == (308, url + path)
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "", "muster.local.evil.example", "10.1.2.30"])
async def test_a_host_that_is_not_ours_is_led_nowhere(door: Door, host: str) -> None:
    status, headers, _ = await door.ask("GET", "/", {"Host": host})
    assert status == 400
    assert "Location" not in headers


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.kind == "api"], ids=lambda one: f"{one.method} {one.path}"
)
async def test_the_interface_is_refused_and_not_led_on(door: Door, route: Any) -> None:
    """A redirect would teach a client to send its cookie in the clear first (ASVS 4.1.2)."""
    status, headers, body = await door.ask(route.method, route.path.replace("{id}", "i-1"))
    assert status == 403
    assert "Location" not in headers
    assert headers["Content-Type"] == "application/problem+json"
    assert b"expected https" in body


async def test_writing_to_a_page_is_refused(door: Door) -> None:
    assert (await door.ask("POST", "/"))[0] == 403


async def test_the_page_shows_the_fingerprint_in_groups_and_where_to_go(door: Door) -> None:
    """Under a policy without any script, with a nonce of its own each time."""
    status, headers, body = await door.ask("GET", "/install")
    assert status == 200
    assert fingerprint(AUTHORITY).encode() in body
    assert b'href="https://muster.local:8765/"' in body
    assert b"http://muster.local:" in body
    nonce = re.search(r"style-src 'nonce-([^']{20,})'", headers["Content-Security-Policy"])
    assert nonce is not None
    assert f'nonce="{nonce.group(1)}"'.encode() in body
    assert "script-src" not in headers["Content-Security-Policy"]
    assert b"<script" not in body
    for platform in (b"iPad", b"Android", b"Windows", b"macOS", b"Linux"):
        assert platform in body
    again = await door.ask("GET", "/install")
    assert again[1]["Content-Security-Policy"] != headers["Content-Security-Policy"]
    assert (await door.ask("HEAD", "/install"))[::2] == (200, b"")


async def test_every_file_is_the_same_authority(door: Door) -> None:
    """DER, PEM and Apple's profile."""
    found = {}
    for path, kind in installer.FILES.items():
        status, headers, found[path] = await door.ask("GET", path)
        assert (status, headers["Content-Type"]) == (200, kind)
        assert headers["Content-Disposition"] == "attachment"
        assert "Server" not in headers
    assert found["/install/muster-authority.crt"] == der(AUTHORITY)
    assert x509.load_pem_x509_certificate(found["/install/muster-authority.pem"]) == x509.load_pem_x509_certificate(
        AUTHORITY
    )
    profile = plistlib.loads(found["/install/muster.mobileconfig"])
    [inner] = profile["PayloadContent"]
    assert inner["PayloadType"] == "com.apple.security.root"
    assert hashlib.sha256(inner["PayloadContent"]).digest() == hashlib.sha256(der(AUTHORITY)).digest()
    assert inner["PayloadUUID"] != profile["PayloadUUID"]


async def test_the_qr_code_is_a_picture_of_this_page_only(door: Door) -> None:
    """An SVG without script, style or link."""
    status, headers, body = await door.ask("GET", "/install/qr.svg")
    assert (status, headers["Content-Type"]) == (200, "image/svg+xml")
    assert body == qr_svg(f"http://muster.local:{door.base.rsplit(':', 1)[1]}/install")
    assert not re.search(rb"<script|<style|href|on\w+=", body)


@pytest.mark.parametrize("path", ["/install/ca.key", "/install/../ca.key", "/install/", "/installer"])
async def test_there_is_nothing_else(door: Door, path: str) -> None:
    assert (await door.ask("GET", path))[0] in (403, 404)


@pytest.mark.parametrize("door", [b""], indirect=True)
async def test_without_an_authority_of_ours_there_is_none_to_install(door: Door) -> None:
    """As with a certificate that every device trusts anyway."""
    assert (await door.ask("GET", "/install"))[0] == 404
    assert (await door.ask("GET", "/"))[0] == 308


async def test_a_flood_is_told_to_come_back(door: Door) -> None:
    answers = [(await door.ask("GET", "/"))[0] for _ in range(int(BURST) + 1)]
    assert answers[-1] == 429
    assert set(answers[:-1]) == {308}
    door.clock[0] += 1.0
    assert (await door.ask("GET", "/"))[0] == 308
