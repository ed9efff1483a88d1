"""The bytes on the wire agree with an independent reading of RFC 6455."""

from __future__ import annotations

import pytest
from websockets.exceptions import PayloadTooBig
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from command.stream.frame_bytes import close_frame, text_frame


def parse(data: bytes) -> tuple[Frame, bytes]:
    """Read one frame as the `websockets` library does, and what is left."""
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    steps = Frame.parse(reader.read_exact, mask=False, max_size=None)
    try:
        while True:
            next(steps)
    except StopIteration as done:
        rest = bytes(reader.buffer)
        return done.value, rest


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 70_000])
def test_a_text_frame_is_read_back_whatever_its_length(size: int) -> None:
    payload = b"x" * size
    frame, rest = parse(text_frame(payload))
    assert (frame.opcode, frame.data, frame.fin, rest) == (Opcode.TEXT, payload, True, b"")


def test_frames_joined_are_read_one_after_the_other() -> None:
    first, rest = parse(text_frame(b"one") + text_frame(b"two"))
    second, rest = parse(rest)
    assert (first.data, second.data, rest) == (b"one", b"two", b"")


def test_a_close_frame_says_its_code_and_reason() -> None:
    frame, _ = parse(close_frame(1013, "resync"))
    assert frame.opcode is Opcode.CLOSE
    assert frame.data == (1013).to_bytes(2, "big") + b"resync"


def test_a_reason_too_long_for_a_control_frame_is_cut_at_a_character() -> None:
    frame, _ = parse(close_frame(4400, "ß" * 100))
    assert len(frame.data) <= 125
    assert frame.data[2:].decode() == "ß" * 61


def test_the_reader_used_here_can_say_no() -> None:
    """Guard: `parse` is not a function that accepts everything."""
    reader = StreamReader()
    reader.feed_data(text_frame(b"x" * 200))
    with pytest.raises(PayloadTooBig):
        list(Frame.parse(reader.read_exact, mask=False, max_size=100))
