"""The listening socket: what its connections inherit, and an address that is taken."""

from __future__ import annotations

import socket

import pytest

from command.errors import Misconfigured
from command.web.listening import ASK_AFTER_S, ASK_EVERY_S, GONE_AFTER_S, listener


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
