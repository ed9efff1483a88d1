"""The socket that a server listens on, and how long a peer may be gone before its connection is."""

from __future__ import annotations

import asyncio
import resource
import socket
import ssl
from typing import Final

import msgspec
from aiohttp import web

from command.errors import Misconfigured
from command.web.services import Rates

GONE_AFTER_S: Final = 30
"""What we sent and nobody acknowledged for so long ends the connection (RFC 5482): a tablet that drove out of reach, a
router that forgot. The kernel would try for a quarter of an hour, and each holds a place. A peer that takes nothing for
so long is cut as well. A socket's own pings find it as soon."""

ASK_AFTER_S: Final = 60
ASK_EVERY_S: Final = 10
"""A connection on which nothing is under way is asked whether anybody is there: the kernel waits two hours by itself."""


KEPT_FREE: Final = 500
"""Open files that are not for connections: the database's, keys, logs, files that are handed out."""

LEAST: Final = 100


class Site(web.SockSite):
    """A site whose connections have so long to begin TLS: asyncio gives a minute to each, and counts none of them."""

    def __init__(
        self, runner: web.BaseRunner, sock: socket.socket, ssl_context: ssl.SSLContext | None, within_s: float
    ) -> None:
        super().__init__(runner, sock, ssl_context=ssl_context)
        self._shakes_hands = ssl_context
        self._listens = sock
        self._within_s = within_s

    async def start(self) -> None:
        """Listen."""
        if self._shakes_hands is None:
            await super().start()
            return
        await web.BaseSite.start(self)
        assert self._runner.server is not None, "a runner is set up before its sites start"
        self._server = await asyncio.get_running_loop().create_server(
            self._runner.server, sock=self._listens, ssl=self._shakes_hands, backlog=self._backlog,
            ssl_handshake_timeout=self._within_s,
        )  # fmt: skip


def within_files(rates: Rates) -> Rates:
    """The same, with no more connections than this process may have files open; that is raised as far as it may be.

    Systems begin with 1,024. Beyond it nothing is accepted, the database's connections neither, whoever took them up.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = rates.connections + KEPT_FREE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return rates
    return msgspec.structs.replace(rates, connections=max(LEAST, soft - KEPT_FREE))


def listener(host: str, port: int) -> socket.socket:
    """Bound, not listening yet; connections inherit what is set here. Raises Misconfigured where the address is not free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_USER_TIMEOUT", GONE_AFTER_S * 1000),
        ("TCP_KEEPIDLE", ASK_AFTER_S),
        ("TCP_KEEPINTVL", ASK_EVERY_S),
    ):
        if hasattr(socket, name):  # Linux has all of them
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    try:
        made.bind((host, port))
    except OSError as exc:
        made.close()
        raise Misconfigured(
            f"expected a free address to listen on (another port: --port): {exc.strerror}", where=f"{host}:{port}"
        ) from None
    return made
