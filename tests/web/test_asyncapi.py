"""The socket's description has every frame, and its schemas hold for real frames."""

from __future__ import annotations

import typing
from datetime import UTC, datetime

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import msgspec
import pytest

from command.stream import frames
from command.stream.frames import Position
from command.views.rows import ClockInfo, SectorRow
from command.web import asyncapi
from tests.web.test_openapi import refs, resolves

DOCUMENT = asyncapi.document()
NOW = datetime(2016, 5, 1, tzinfo=UTC)
CLOCK = ClockInfo(now=NOW)
ME = frames.Me("p", "P", "spd", "commander", "command")
ROW = SectorRow("king", "King", "low", 0, "Low", NOW)
EXAMPLES: list[msgspec.Struct] = [
    frames.ClientHello(resume=Position("i", 1, 3)),
    frames.ClientSubmit("r", ()),
    frames.ClientPing(3),
    frames.ServerHello("i", Position("i", 1, 3), ME, CLOCK, "00", board={"sectors": {"king": ROW}}, feed=()),
    frames.ServerBatch(1, 4, 4, CLOCK, changes=(("sectors", "king", ROW), ("sectors", "gone", None))),
    frames.ServerSnapshot(Position("i", 1, 3), ME, CLOCK, frames.Gap(0, 3, "first"), {}, ()),
    frames.ServerAnswers("r", ()),
    frames.ServerOwn(()),
    frames.ServerCheckpoint(3, "muster:0196:1\n3\n…"),
    frames.ServerPing(3, CLOCK),
    frames.ServerPong(3, CLOCK),
    frames.ServerProblem("busy", "too much"),
]


def test_every_frame_is_a_message_in_its_direction() -> None:
    """Ours to receive are the client's, ours to send the server's."""
    for name, union in (("receive", frames.ClientFrame), ("send", frames.ServerFrame)):
        operation = DOCUMENT["operations"][name]
        assert operation["action"] == name
        named = [message["$ref"].rsplit("/", 1)[1] for message in operation["messages"]]
        assert named == [kind.__name__ for kind in typing.get_args(union)]


def test_references_lead_somewhere_and_schemas_are_schemas() -> None:
    """AsyncAPI 3.0 in what we use."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert [ref for ref in refs(DOCUMENT) if not resolves(DOCUMENT, ref)] == []
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_close_code_is_explained() -> None:
    """A new one in the frames comes with its words."""
    codes = {value for name, value in vars(frames).items() if name.startswith("CLOSE_")}
    assert {int(code) for code in DOCUMENT["channels"]["stream"]["x-close-codes"]} == codes


@pytest.mark.parametrize("frame", EXAMPLES, ids=lambda frame: type(frame).__name__)
def test_a_real_frame_fits_its_schema(frame: msgspec.Struct) -> None:
    """Encoded as it goes over the wire; a frame of another kind does not fit."""
    sent = msgspec.json.decode(msgspec.json.encode(frame))
    if isinstance(frame, frames.ClientSubmit):
        sent["commands"] = [{"cmd": "c", "command": {"type": "WithdrawAsk", "ask": "a"}}]
    for kind in (type(one) for one in EXAMPLES):
        schema = {"$ref": f"#/components/schemas/{kind.__name__}", "components": DOCUMENT["components"]}
        assert jsonschema.Draft202012Validator(schema).is_valid(sent) is (kind is type(frame))


def test_examples_cover_every_frame() -> None:
    """Guards the test above."""
    kinds = {*typing.get_args(frames.ClientFrame), *typing.get_args(frames.ServerFrame)}
    assert {type(frame) for frame in EXAMPLES} == kinds
