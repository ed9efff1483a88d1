"""WebSocket frames as bytes (RFC 6455, section 5.2), built once and written to many sockets.

A server's frames are not masked and Muster's are never compressed or fragmented,
so the same bytes serve every socket, and several frames joined are one write.
"""

from __future__ import annotations

import struct

_TEXT = 0x81  # FIN, opcode 1
_CLOSE = 0x88  # FIN, opcode 8
_MAX_CONTROL_BYTES = 125  # RFC 6455, section 5.5


def text_frame(payload: bytes) -> bytes:
    """One unmasked, unfragmented text frame around `payload` (UTF-8)."""
    return _head(_TEXT, len(payload)) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame; a reason that a control frame cannot hold is cut at a character."""
    room = _MAX_CONTROL_BYTES - 2
    text = reason.encode()[:room].decode(errors="ignore").encode()
    return _head(_CLOSE, 2 + len(text)) + struct.pack("!H", code) + text


def _head(first: int, length: int) -> bytes:
    if length < 126:
        return struct.pack("!BB", first, length)
    if length < 1 << 16:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)
