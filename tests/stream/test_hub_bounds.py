"""The hub, sight that changes and readers that do not read: who gets a snapshot, who is closed, and that nobody else waits."""

from __future__ import annotations

import asyncio

import pytest

from command.errors import Busy, Denied
from command.stream.channel import QUEUED
from command.stream.hub import FLUSH_S
from command.stream.outlet import MAX_FRAMES, Outlet
from tests.stream.fakes import FakePeer, subject
from tests.stream.hub_room import Room, assert_gapless, covered, last_seq, until

# sight


async def test_a_changed_grant_means_a_snapshot_before_anything_else(room: Room) -> None:
    _, peer = await room.join()
    room.service.commit(2, text="secret")
    await until(lambda: last_seq(peer) == 2)
    so_far = len(peer.frames())
    room.watch.grant("s1", "field")
    room.service.commit(text="later secret")
    await until(lambda: "snapshot" in peer.kinds())
    snapshot = peer.frames()[so_far]
    assert snapshot["t"] == "snapshot" and snapshot["gap"] == {"since": 2, "upto": 3, "reason": "sight changed"}
    assert snapshot["me"]["lens"] == "field"
    assert b"later secret" not in peer.written
    room.service.commit()
    await until(lambda: last_seq(peer) == 4)
    assert_gapless(covered(peer)[-1:], 3)


async def test_a_grant_that_ran_out_is_found_by_the_sweep(room: Room) -> None:
    _, peer = await room.join()
    room.watch.lenses["s1"] = "none"  # time passed: no version tells of it
    room.sweep(3.0)
    assert peer.closed is None
    room.sweep(1.0)
    assert peer.closed == (4403, "denied")
    assert room.hub.sockets() == 0


async def test_a_new_lens_found_by_the_sweep_means_a_snapshot_without_a_commit(room: Room) -> None:
    room.service.commit()
    _, peer = await room.join()
    room.watch.lenses["s1"] = "field"
    room.sweep(4.0)
    await until(lambda: peer.kinds() == ["hello", "snapshot"])


async def test_sight_that_changes_while_joining_is_what_the_hello_shows(room: Room) -> None:
    room.service.commit(text="secret")
    room.service.gate = asyncio.Event()
    joining = asyncio.ensure_future(room.join())
    await until(lambda: room.service.asked)
    room.watch.grant("s1", "field")
    room.sweep(1.0)
    room.service.gate.set()
    _, peer = await joining
    assert peer.frames()[0]["me"]["lens"] == "field"
    assert b"secret" not in peer.written
    room.service.gate = None
    room.service.commit()
    await until(lambda: last_seq(peer) == 2)
    assert peer.kinds() == ["hello", "batch"]


async def test_sight_that_ends_while_joining_ends_the_joining(room: Room) -> None:
    room.service.commit()
    room.service.gate = asyncio.Event()
    joining = asyncio.ensure_future(room.join())
    await until(lambda: room.service.asked)
    room.watch.grant("s1", "none")
    room.sweep(1.0)
    room.service.gate.set()
    with pytest.raises(Denied):
        await joining


async def test_lens_changing_twice_while_the_snapshot_is_prepared_shows_the_last(room: Room) -> None:
    room.service.commit(text="secret")
    _, peer = await room.join()
    room.service.gate = asyncio.Event()
    asked = len(room.service.asked)
    room.watch.grant("s1", "oversight")
    room.sweep(1.0)
    await until(lambda: len(room.service.asked) > asked)
    room.watch.grant("s1", "field")
    room.sweep(1.0)
    room.service.gate.set()
    await until(lambda: "snapshot" in peer.kinds())
    room.service.commit()
    await until(lambda: last_seq(peer) == 2)
    (snapshot,) = [frame for frame in peer.frames() if frame["t"] == "snapshot"]
    assert snapshot["me"]["lens"] == "field"
    assert snapshot["board"]["positions"]["count"]["title"] == "1 through field"


# bounds


async def test_a_reader_that_stops_is_closed_with_resync_and_the_others_go_on(room: Room) -> None:
    _, good = await room.join("good")
    _, slow = await room.join("slow", reads=False)
    for n in range(MAX_FRAMES + 1):
        room.service.commit()
        await until(lambda n=n: last_seq(good) == n + 1)
    assert slow.closed == (1013, "resync")
    assert room.hub.dropped == {"frames": 1}
    assert room.hub.sockets() == 1
    room.service.commit()
    await until(lambda: last_seq(good) == MAX_FRAMES + 2)
    assert good.closed is None


async def test_ten_seconds_without_progress_closes_even_when_nothing_is_sent(room: Room) -> None:
    _, slow = await room.join(reads=False)
    room.sweep(9.9)
    assert slow.closed is None
    room.sweep(0.1)
    assert slow.closed == (1013, "resync")
    assert room.hub.dropped == {"stalled": 1}


async def test_a_megabyte_unsent_closes(room: Room) -> None:
    _, slow = await room.join(reads=False)
    for _ in range(12):
        room.service.commit(text="x" * 100_000)
        await until(lambda: room.hub._channels["i1"].frontier.seq == room.service.states[-1].seq)
    assert slow.closed == (1013, "resync")
    assert room.hub.dropped == {"bytes": 1}


async def test_a_close_that_cannot_be_flushed_is_followed_by_an_abort(room: Room) -> None:
    _, slow = await room.join(reads=False)
    room.sweep(10.0)
    room.sweep(FLUSH_S - 0.1)
    assert not slow.aborted
    room.sweep(0.1)
    assert slow.aborted


async def test_a_socket_that_ended_after_its_close_is_not_aborted(room: Room) -> None:
    _, slow = await room.join(reads=False)
    room.sweep(10.0)
    room.hub.leave("i1", slow)
    room.sweep(FLUSH_S)
    assert not slow.aborted


async def test_too_slow_while_joining_ends_the_joining(room: Room) -> None:
    room.service.commit()
    _, other = await room.join("s0")
    room.service.gate = asyncio.Event()
    room.peers.append(peer := FakePeer())
    room.watch.lenses["s1"] = "field"
    asked = len(room.service.asked)
    joining = asyncio.ensure_future(room.hub.join("i1", Outlet(peer, room.now), subject("s1"), None))
    await until(lambda: len(room.service.asked) > asked)
    gate, room.service.gate = room.service.gate, None
    for n in range(MAX_FRAMES + 1):
        room.service.commit()
        await until(lambda n=n: last_seq(other) == n + 2)
    gate.set()
    with pytest.raises(Busy):
        await joining
    assert peer.closed == (1013, "resync")


async def test_a_queue_that_runs_over_gives_everyone_a_snapshot(room: Room) -> None:
    _, peer = await room.join()
    room.service.commit()
    await until(lambda: last_seq(peer) == 1)
    for _ in range(QUEUED + 1):  # without giving the pump a turn
        room.service.commit()
    await until(lambda: "snapshot" in peer.kinds())
    assert peer.frames()[-1]["gap"] == {"since": 1, "upto": QUEUED + 2, "reason": "too far behind"}
    room.service.commit()
    await until(lambda: last_seq(peer) == QUEUED + 3)


async def test_a_queue_that_runs_over_while_the_pump_waits_gives_everyone_a_snapshot(room: Room) -> None:
    _, peer = await room.join()
    room.service.gate = asyncio.Event()
    asked = len(room.service.asked)
    room.service.commit()
    await until(lambda: len(room.service.asked) > asked)
    for _ in range(QUEUED + 1):
        room.service.commit()
    room.service.gate.set()
    await until(lambda: "snapshot" in peer.kinds())
    assert peer.frames()[-1]["gap"] == {"since": 0, "upto": QUEUED + 2, "reason": "too far behind"}


async def test_a_log_that_goes_on_in_another_epoch_gives_everyone_a_snapshot(room: Room) -> None:
    room.service.commit(2)
    _, peer = await room.join()
    room.service.epoch = 2
    room.service.commit()
    await until(lambda: "snapshot" in peer.kinds())
    assert peer.frames()[-1]["gap"]["reason"] == "another epoch"
    assert peer.frames()[-1]["at"]["epoch"] == 2
