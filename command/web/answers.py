"""Making answers: JSON, NDJSON, text. Headers about security are set in one place, `web.shell`."""

from __future__ import annotations

import msgspec
from aiohttp import web

_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """JSON bytes of any shape of ours."""
    return _encoder.encode(value)


def json(value: object, *, status: int = 200, content_type: str = "application/json") -> web.Response:
    """A JSON answer."""
    return web.Response(body=_encoder.encode(value), status=status, content_type=content_type)


def nothing() -> web.Response:
    """Done, and nothing to say."""
    return web.Response(status=204)
