"""The socket as AsyncAPI 3.0, made from the frames themselves. Pure."""

from __future__ import annotations

import typing
from typing import Any, Final

import msgspec

from command.domain.commands import COMMANDS
from command.stream import frames
from command.web import schemas

_CHANNEL: Final = "#/channels/stream"

_CLOSES: Final = {
    frames.CLOSE_GOING_AWAY: "the server stops: reconnect with your position",
    frames.CLOSE_TOO_BIG: "a message was over the limit",
    frames.CLOSE_TRY_LATER: "too slow or too many: reconnect and resync",
    frames.CLOSE_BAD_FRAME: "a frame could not be taken at all",
    frames.CLOSE_SIGNED_OUT: "the session has ended",
    frames.CLOSE_DENIED: "access does not allow it any more",
    frames.CLOSE_NOT_FOUND: "there is no such incident, or it is not for you",
}


def document() -> dict[str, Any]:
    """The whole description."""
    sent = typing.get_args(frames.ClientFrame)
    received = typing.get_args(frames.ServerFrame)
    components = schemas.components([*sent, *received, *COMMANDS.values()])
    components["Submission"]["properties"]["command"] = {"oneOf": [schemas.ref(kind) for kind in COMMANDS.values()]}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Muster, the socket", "version": "1", "description": (frames.__doc__ or "").strip()},
        "channels": {
            "stream": {
                "address": "/api/incidents/{id}/stream",
                "parameters": {"id": {"description": "The incident."}},
                "messages": {
                    kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"} for kind in sent + received
                },
                "bindings": {"ws": {"method": "GET", "headers": _handshake(), "bindingVersion": "0.1.0"}},
                "x-max-message-bytes": frames.MAX_MESSAGE_BYTES,
                "x-close-codes": {str(code): says for code, says in _CLOSES.items()},
            }
        },
        "operations": {
            # AsyncAPI speaks for the application described: the server receives what clients send.
            "receive": _operation("receive", sent),
            "send": _operation("send", received),
        },
        "components": {
            "schemas": components,
            "messages": {kind.__name__: _message(kind) for kind in sent + received},
        },
    }


def _handshake() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"Sec-WebSocket-Protocol": {"const": frames.PROTOCOL}, "Cookie": {"type": "string"}},
        "required": ["Sec-WebSocket-Protocol", "Cookie"],
    }


def _operation(action: str, kinds: tuple[type[msgspec.Struct], ...]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": _CHANNEL},
        "messages": [{"$ref": f"{_CHANNEL}/messages/{kind.__name__}"} for kind in kinds],
    }


def _message(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return {
        "name": kind.__name__,
        "summary": (kind.__doc__ or "").strip().split("\n")[0],
        "contentType": "application/json",
        "payload": schemas.ref(kind),
    }
