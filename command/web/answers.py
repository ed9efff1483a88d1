"""Making answers: JSON, NDJSON, text. Headers about security are set in one place, `web.shell`."""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

NONCE: Final = web.RequestKey("nonce", str)
"""Set by the handler of a page: what its policy names, in this one answer."""

MORE: Final = web.RequestKey("more", dict[str, str])
"""Set by a handler whose protocol has headers of its own: they stand in every answer to this request, errors too."""

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
