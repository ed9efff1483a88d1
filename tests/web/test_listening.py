"""The listening socket: what its connections inherit, and an address that is taken."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from command.errors import Misconfigured
from command.tls import files
from command.tls.live import Certificate
from command.web.listening import ASK_AFTER_S, ASK_EVERY_S, GONE_AFTER_S, KEPT_FREE, LEAST, Site, listener, within_files
from command.web.services import Rates


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux has it")
def test_a_connection_is_not_kept_for_a_peer_that_is_gone() -> None:
    """The kernel ends it: it is set on each connection, not only on the socket that listens."""
    with listener("127.0.0.1", 0) as listening:
        listening.listen()
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == GONE_AFTER_S * 1000
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == ASK_AFTER_S
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == ASK_EVERY_S
            assert taken.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_an_address_that_is_taken_is_said() -> None:
    with listener("127.0.0.1", 0) as first:
        first.listen()
        with pytest.raises(Misconfigured, match="expected a free address"):
            listener("127.0.0.1", first.getsockname()[1])


async def _hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


async def test_whoever_does_not_begin_tls_is_let_go(tmp_path: Path) -> None:
    """No place counts them before; whoever does begin is served."""
    place = files.place_of(tmp_path)
    files.init(place, ["localhost", "127.0.0.1"], [], datetime.now(UTC))
    certificate = Certificate(place.server, place.server)
    app = web.Application()
    app.router.add_get("/", _hello)
    runner = web.AppRunner(app)
    await runner.setup()
    listening, patient = listener("127.0.0.1", 0), listener("127.0.0.1", 0)
    try:
        await Site(runner, listening, certificate.context, 0.2).start()
        await Site(runner, patient, certificate.context, 60.0).start()
        silent, line = await asyncio.open_connection("127.0.0.1", listening.getsockname()[1])
        async with asyncio.timeout(30):
            assert await silent.read() == b""
        line.close()
        trusting = ssl.create_default_context(cafile=str(place.ca_cert))
        async with aiohttp.ClientSession() as client:
            url = f"https://localhost:{patient.getsockname()[1]}/"
            async with client.get(url, ssl=trusting) as answer:
                assert await answer.text() == "hello"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("soft", "hard", "raised", "connections"),
    [
        (1024, 20_000, 1000 + KEPT_FREE, 1000),
        (1024, resource.RLIM_INFINITY, 1000 + KEPT_FREE, 1000),
        (1024, 1200, 1200, 1200 - KEPT_FREE),
        (256, 256, 256, LEAST),
        (50_000, 50_000, 50_000, 1000),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, resource.RLIM_INFINITY, 1000),
    ],
)
def test_no_more_connections_than_files_may_be_open(
    soft: int, hard: int, raised: int, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is raised as far as it may be; what is left of it bounds the connections."""
    kept = [(soft, hard)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: kept[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: kept.append(both))
    assert within_files(Rates(connections=1000)).connections == connections
    assert kept[-1] == (raised, hard)
