"""`muster serve` with a probe: `python -m tests.support.probed serve …` is the whole program, and answers on standard
input what no door of it tells: its live state's hash, and whether anything in it still holds a text.

One line of JSON each way; the first line out says where the server is. It ends with its standard input.
MUSTER_PROBE_HEARTBEAT_S sets the socket's heartbeat, MUSTER_PROBE_DEAF makes the node hear no hints of others.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from command import __main__, bootstrap
from command.bootstrap import Node
from command.config import Settings
from command.service.snapshots import state_hash
from command.store.postgres import PostgresStore
from command.web import socket


@asynccontextmanager
async def probed(settings: Settings) -> AsyncIterator[Node]:
    """The node, with the probe beside it."""
    async with bootstrap.open_node(settings) as node:
        task = asyncio.create_task(_answer(node), name="probe")
        try:
            yield node
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _answer(node: Node) -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print(json.dumps({"url": node.base_urls[0]}), flush=True)
    while line := await reader.readline():
        print(json.dumps(await _probe(node, json.loads(line))), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)  # whoever started us is gone


async def _probe(node: Node, asked: dict[str, str]) -> dict[str, Any]:
    if "hash" in asked:
        state = await node.service.state(asked["hash"])
        return {"seq": state.seq, "hash": state_hash(state)}
    # Written backwards, the question is no answer to itself.
    return {"held": held(asked["holds"][::-1].encode())}


def held(needle: bytes) -> list[str]:
    """What in this process holds `needle` in a text or buffer that can be reached, as type names.

    Walks on from all containers that the collector knows, for small ones of texts alone are not among them.
    """
    gc.unfreeze()  # what stands since the start counts too
    gc.collect()
    text = needle.decode()
    left: list[object] = gc.get_objects()
    seen = {id(one) for one in left} | {id(needle), id(text), id(left)}
    found = []
    while left:
        holder = left.pop()
        for value in gc.get_referents(holder):
            if id(value) in seen:
                continue
            seen.add(id(value))
            if isinstance(value, str):
                hit = text in value
            elif isinstance(value, bytes | bytearray):
                hit = needle in value
            else:
                left.append(value)
                continue
            if hit:
                found.append(f"{type(value).__name__} in {type(holder).__module__}.{type(holder).__qualname__}")
    return found


class _Deaf(PostgresStore):
    async def hints(self) -> AsyncIterator[str]:  # hears nothing
        await asyncio.Event().wait()
        yield ""


def main() -> int:
    """Run the program of this repository with the probe in it."""
    heartbeat_s = float(os.environ.get("MUSTER_PROBE_HEARTBEAT_S", socket.HEARTBEAT_S))
    store = _Deaf if os.environ.get("MUSTER_PROBE_DEAF") else PostgresStore
    with (
        patch("command.cli.serve.open_node", probed),
        patch("command.web.socket.HEARTBEAT_S", heartbeat_s),
        patch("command.bootstrap.PostgresStore", store),
    ):
        return __main__.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
