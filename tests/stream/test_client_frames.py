"""A client's frames from outside: what is masked goes on, however it is cut; what is not, or too much, ends it."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.stream.client_frames import BURST, FRAMES_PER_MIN, ClientFrames
from command.stream.frame_bytes import text_frame


def masked(payload: bytes, first: int = 0x81) -> bytes:
    """A frame as a client must send it."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", first, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    key = b"\x5a\x00\xff\x13"
    return head + key + bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))


@given(st.lists(st.sampled_from([0, 1, 125, 126, 300, 70_000]), max_size=6), st.data())
def test_masked_frames_pass_however_they_are_cut(sizes: list[int], data: st.DataObject) -> None:
    raw = b"".join(masked(bytes(size)) for size in sizes)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    frames = ClientFrames(0.0)
    assert all(
        frames.feed(raw[start:end], 0.0) is None for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)
    )
    assert frames.feed(b"\x81", 0.0) is None
    assert frames.feed(b"\x02", 0.0) == (1002, "expected masked frames"), "the next head is where the last frame ended"


@pytest.mark.parametrize("payload", [b"", b"hi", bytes(300), bytes(70_000)])
@pytest.mark.parametrize("before", [b"", masked(b"{}"), masked(bytes(70_000))])
def test_a_frame_without_a_mask_ends_it(payload: bytes, before: bytes) -> None:
    """RFC 6455 5.1, the first frame or a later one."""
    assert ClientFrames(0.0).feed(before + text_frame(payload), 0.0) == (1002, "expected masked frames")
    frames = ClientFrames(0.0)
    said = [frames.feed(bytes([byte]), 0.0) for byte in (before + text_frame(payload))[: len(before) + 2]]
    assert said[-1] == (1002, "expected masked frames") and not any(said[:-1])


def test_frames_have_a_rate() -> None:
    """Pings and pieces of messages are frames too; time gives them back."""
    frames, one = ClientFrames(0.0), masked(b"", 0x89)
    assert frames.feed(one * int(BURST), 0.0) is None
    assert frames.feed(one * int(FRAMES_PER_MIN), 60.0) is None
    assert frames.feed(one, 60.0) == (1008, "too many frames")
