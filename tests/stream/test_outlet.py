"""Each bound of a socket's way out, with a fake peer and time as a value."""

from __future__ import annotations

import pytest

from command.stream.outlet import MAX_FRAMES, MAX_UNSENT_BYTES, STALL_S, Outlet
from tests.stream.fakes import FakePeer


def test_a_peer_that_keeps_up_is_never_bounded() -> None:
    outlet = Outlet(peer := FakePeer(), 0.0)
    for n in range(10 * MAX_FRAMES):
        assert outlet.send(b"x" * 10_000, float(n)) is None
    assert peer.taken == 10 * MAX_FRAMES * 10_000
    assert outlet.check(1e9) is None
    assert not outlet.stuck


def test_one_frame_more_than_the_bound_unsent_is_too_many() -> None:
    outlet = Outlet(FakePeer(reads=False), 0.0)
    assert [outlet.send(b"x", 0.0) for _ in range(MAX_FRAMES)] == [None] * MAX_FRAMES
    assert outlet.send(b"x", 0.0) == "frames"
    assert outlet.stuck


def test_several_frames_in_one_write_count_each() -> None:
    outlet = Outlet(FakePeer(reads=False), 0.0)
    assert outlet.send(b"xx", 0.0, frames=MAX_FRAMES) is None
    assert outlet.send(b"x", 0.0) == "frames"


def test_a_byte_more_than_the_bound_unsent_is_too_many() -> None:
    outlet = Outlet(FakePeer(reads=False), 0.0)
    assert outlet.send(b"x" * MAX_UNSENT_BYTES, 0.0) is None
    assert outlet.send(b"x", 0.0) == "bytes"


def test_a_large_snapshot_alone_does_not_exceed_the_bytes_but_what_follows_it_does() -> None:
    outlet = Outlet(peer := FakePeer(reads=False), 0.0)
    assert outlet.send_large(b"x" * 5 * MAX_UNSENT_BYTES, 0.0) is None
    assert outlet.send(b"x" * MAX_UNSENT_BYTES, 0.0) is None
    assert outlet.send(b"x", 0.0) == "bytes"
    peer.read_all()
    assert outlet.check(1.0) is None
    assert outlet.send(b"x" * MAX_UNSENT_BYTES, 1.0) is None
    assert outlet.send(b"x", 1.0) == "bytes", "the allowance ended when the snapshot was gone"


def test_ten_seconds_without_progress_is_a_stall() -> None:
    outlet = Outlet(FakePeer(reads=False), 0.0)
    outlet.send(b"x" * 100, 50.0)
    assert outlet.check(50.0 + STALL_S - 0.1) is None
    assert outlet.check(50.0 + STALL_S) == "stalled"


def test_any_progress_starts_the_ten_seconds_again() -> None:
    outlet = Outlet(peer := FakePeer(reads=False), 0.0)
    outlet.send(b"x" * 100, 0.0)
    for second in range(1, 60):
        peer.read(1)
        assert outlet.check(float(second)) is None
    assert outlet.check(59.0 + STALL_S) == "stalled"


def test_writing_more_is_no_progress() -> None:
    outlet = Outlet(FakePeer(reads=False), 0.0)
    results = [outlet.send(b"x", float(second)) for second in range(11)]
    assert results == [None] * 10 + ["stalled"]


def test_progress_while_more_is_written_is_seen() -> None:
    outlet = Outlet(peer := FakePeer(reads=False), 0.0)
    for second in range(60):
        assert outlet.send(b"xy", float(second)) is None
        peer.read(1)


def test_frames_that_were_sent_no_longer_count() -> None:
    outlet = Outlet(peer := FakePeer(reads=False), 0.0)
    for n in range(5 * MAX_FRAMES):
        assert outlet.send(b"xx", n * 0.01) is None
        peer.read(2 if n > MAX_FRAMES // 2 else 0)


def test_bytes_that_others_wrote_to_the_peer_do_not_confuse_the_count() -> None:
    """A pong of the WebSocket layer goes past the outlet."""
    outlet = Outlet(peer := FakePeer(reads=False), 0.0)
    outlet.send(b"xx", 0.0)
    peer.write(b"pong")
    assert outlet.check(1.0) is None
    peer.read_all()
    assert outlet.check(2.0) is None
    assert outlet.check(100.0) is None


def test_while_held_nothing_is_written_and_release_keeps_the_order() -> None:
    outlet = Outlet(peer := FakePeer(), 0.0)
    outlet.hold()
    assert outlet.held
    outlet.send(b"b", 0.0)
    outlet.send(b"c", 0.0)
    assert peer.written == b""
    assert outlet.release(b"a", 1, 0.0) is None
    assert not outlet.held
    outlet.send(b"d", 0.0)
    assert peer.written == b"abcd"


def test_holding_again_starts_anew() -> None:
    outlet = Outlet(peer := FakePeer(), 0.0)
    outlet.hold()
    outlet.send(b"old", 0.0)
    outlet.hold()
    outlet.send(b"new", 0.0)
    outlet.release(b"first ", 1, 0.0)
    assert peer.written == b"first new"


@pytest.mark.parametrize(("size", "count", "bound"), [(1, MAX_FRAMES + 1, "frames"), (1 << 19, 3, "bytes")])
def test_what_is_held_is_bounded_too(size: int, count: int, bound: str) -> None:
    outlet = Outlet(FakePeer(), 0.0)
    outlet.hold()
    assert [outlet.send(b"x" * size, 0.0) for _ in range(count)][-1] == bound


def test_a_release_to_a_peer_that_does_not_read_is_bounded() -> None:
    outlet = Outlet(FakePeer(reads=False), 0.0)
    outlet.hold()
    for _ in range(200):
        outlet.send(b"x", 0.0)
    assert outlet.release(b"first", 100, 0.0) == "frames"
