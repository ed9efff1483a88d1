"""The security headers, on every route and on every error."""

from __future__ import annotations

import asyncio
import re

import msgspec
import pytest

from command.web import assets
from command.web.headers import IMMUTABLE, headers_for, page_policy
from command.web.routes import ROUTES, Route
from tests.web.harness import Site, running

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def path_of(route: Route) -> str:
    """A path that this route matches."""
    return (
        route.path.replace("{id}", "i-1").replace("{build}", "0123456789abcdef").replace("{path:.+}", "static/app.js")
    )


async def check(site: Site, method: str, path: str, cookie: str) -> None:
    """One answer's headers."""
    answer = await site.call(method, path, cookie=cookie)
    for name, value in EVERYWHERE.items():
        assert answer.headers.getall(name) == [value], (path, name)
    assert "Server" not in answer.headers
    shell = path in ("/field/", "/enrol", "/field/worker.js", "/field/app.webmanifest") and answer.status == 200
    assert f"camera={'(self)' if shell else '()'}" in answer.headers["Permissions-Policy"]
    assert answer.headers["X-Request-Id"]
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'"), path
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "" if shell else "unsafe")
    if "/files/" not in path or answer.status != 200:
        assert answer.headers["Cache-Control"] == "no-store", path
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_answers_with_all_of_them(site: Site, route: Route) -> None:
    """Signed in and not, so good and bad answers both."""
    cookie = await site.sign_in("commander")
    for sent in ("", cookie):
        await check(site, route.method, path_of(route), sent)


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("PUT", "/"), ("TRACE", "/api/me"), ("GET", "//x")])
async def test_so_does_what_is_no_route(site: Site, method: str, path: str) -> None:
    """404 and 405 are answers too, and problems."""
    await check(site, method, path, "")
    answer = await site.call(method, path)
    assert answer.status in (404, 405)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert ("Allow" in answer.headers) is (answer.status == 405)


async def test_a_page_may_load_our_own_files_and_open_our_own_socket_and_nothing_else(site: Site) -> None:
    """The whole policy, word by word; its nonce is another in each answer."""
    answer = await site.call("GET", "/")
    socket = site.base.replace("http", "ws")
    nonce = re.search("'nonce-([A-Za-z0-9_-]{22})'", answer.headers["Content-Security-Policy"])
    assert nonce is not None
    assert nonce.group(1) not in (await site.call("GET", "/")).headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"] == (
        f"default-src 'none'; script-src 'nonce-{nonce.group(1)}'; style-src 'self'; img-src 'self' blob:; media-src blob:; "
        f"connect-src 'self' {socket}; font-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'; report-uri /api/policy-reports; report-to policy"
    )
    assert answer.headers["Reporting-Endpoints"] == 'policy="/api/policy-reports"'


def test_a_page_that_is_kept_for_offline_names_no_nonce() -> None:
    """It would be the same for ever, and no secret."""
    shell = headers_for("shell", ("https://muster.example",), tls=True, nonce="abc")["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in shell
    assert "trusted-types muster-worker;" in shell
    assert "abc" not in shell


async def test_every_real_file_and_page_has_them() -> None:
    """The repository's own: kept for good where they are good, not where they are not there."""
    files = assets.load(assets.find_roots())
    async with running(assets=files) as site:
        for name in files.files:
            await check(site, "GET", f"{files.base}/{name}", "")
            await check(site, "GET", f"/files/0000000000000000/{name}", "")
        for name in files.pages:
            if "/" in name:
                continue  # the tablets' shell: tests/web/test_handlers_field.py
            page = await site.call("GET", "/" if name == "index" else f"/{name}")
            nonce = re.search("'nonce-([^']+)'", page.headers["Content-Security-Policy"])
            assert nonce is not None, name
            tags = re.findall(rb"<script[^>]*>", page.body)
            assert tags, name
            assert all(f'nonce="{nonce.group(1)}"'.encode() in tag for tag in tags), name
            assert not re.search(rb"<style|\sstyle=|\son\w+=", page.body), name


async def test_a_file_is_kept_for_good(site: Site) -> None:
    """Its path holds the hash."""
    answer = await site.call("GET", "/files/0123456789abcdef/static/app.js")
    assert answer.headers["Cache-Control"] == IMMUTABLE
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_tls_adds_two_years_of_hsts_and_wss() -> None:
    """Only there: over plain http it would be ignored, and a demonstration must not pin localhost."""
    headers = headers_for("page", ("https://muster.example",), tls=True)
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert "connect-src 'self' wss://muster.example;" in page_policy(("https://muster.example",), "n")


async def test_an_expectation_that_nobody_knows_is_not_said_back(site: Site) -> None:
    """aiohttp answers it before any middleware: for a route, for none, and whatever the host."""
    host = site.base.removeprefix("http://")
    for line, name in (
        ("GET / ", host),
        ("POST /api/session/banner ", host),
        ("GET /nowhere ", host),
        ("GET / ", "evil"),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(host.rsplit(":", 1)[1]))
        writer.write(f"{line}HTTP/1.1\r\nHost: {name}\r\nExpect: <b>CANARY\r\nContent-Length: 0\r\n\r\n".encode())
        async with asyncio.timeout(60):
            answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 417") and b"CANARY" not in answer, line
        assert b"application/problem+json" in answer and b"nosniff" in answer and b"\r\nServer:" not in answer
        assert msgspec.json.decode(answer.rpartition(b"\r\n\r\n")[2])["id"]


@pytest.mark.parametrize(
    "sent",
    [
        b"CANARY not http at all\r\n\r\n",
        b"GET / HTTP/1.1\r\nCANARY\r\n\r\n",
        b"GET /" + b"CANARY" * 3000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"CANARY" * 3000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: CANARY\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nCANARY",
    ],
)
async def test_what_is_no_http_gets_neither_our_name_nor_its_own_words_back(
    site: Site, sent: bytes, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does it get into a log."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(site.base.rsplit(":", 1)[1]))
    writer.write(sent)
    answer = await reader.read()
    writer.close()
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert b"application/problem+json" in answer
    written = repr(answer) + caplog.text + "".join(capsys.readouterr())
    for canary in ("CANARY", "Server:", "aiohttp", "Python"):
        assert canary not in written
