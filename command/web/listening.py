"""The socket that a server listens on, and how long a peer may be gone before its connection is."""

from __future__ import annotations

import socket
from typing import Final

from command.errors import Misconfigured

GONE_AFTER_S: Final = 30
"""What we sent and nobody acknowledged for so long ends the connection (RFC 5482): a tablet that drove out of reach, a
router that forgot. The kernel would try for a quarter of an hour, and each holds a place. A peer that takes nothing for
so long is cut as well. A socket's own pings find it as soon."""

ASK_AFTER_S: Final = 60
ASK_EVERY_S: Final = 10
"""A connection on which nothing is under way is asked whether anybody is there: the kernel waits two hours by itself."""


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
        raise Misconfigured(f"expected a free address to listen on (another port: --port): {exc.strerror}", where=f"{host}:{port}") from None
    return made
