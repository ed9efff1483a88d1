"""The hub with fake peers and time as a value: order, bounds, sight, sessions. Never a socket, never a sleep."""

from __future__ import annotations

import asyncio

import pytest

from command.errors import Denied, NotFound, NotSignedIn, Unavailable
from command.stream import channel as channel_module
from command.stream.catchup import FEED
from command.stream.frames import Position
from command.stream.outlet import Outlet
from tests.stream.fakes import FakePeer, subject
from tests.stream.hub_room import Room, assert_gapless, covered, last_seq, until

# joining


async def test_a_first_hello_gets_board_feed_position_root_and_an_open_gap(room: Room) -> None:
    room.service.commit(3)
    _, peer = await room.join()
    (hello,) = peer.frames()
    assert hello["t"] == "hello" and hello["at"] == {"log": "i1", "epoch": 1, "seq": 3}
    assert hello["root"] == (3).to_bytes(32, "big").hex()
    assert hello["gap"] == {"since": 0, "upto": 3, "reason": "first"}
    assert hello["board"]["positions"]["count"]["title"] == "3 through command"
    assert [line["seq"] for line in hello["feed"]] == [1, 2, 3]
    assert hello["feed"][0]["text"] == "line 1"


async def test_the_feed_of_a_snapshot_holds_the_newest_lines_only(room: Room) -> None:
    room.service.commit(FEED + 50)
    _, peer = await room.join()
    assert [line["seq"] for line in peer.frames()[0]["feed"]] == list(range(51, FEED + 51))


async def test_batches_follow_the_hello_without_a_gap(room: Room) -> None:
    room.service.commit(2)
    _, peer = await room.join()
    for _ in range(5):
        room.service.commit(2)
        await until(lambda: last_seq(peer) == room.service.states[-1].seq)
    assert_gapless(covered(peer), 2)
    assert last_seq(peer) == 12


async def test_an_empty_log_can_be_followed_from_its_first_event(room: Room) -> None:
    _, peer = await room.join()
    room.service.commit()
    await until(lambda: covered(peer) == [(1, 1)])


async def test_an_unknown_incident_is_not_found(room: Room) -> None:
    with pytest.raises(NotFound):
        await room.join(incident="other")
    room.sweep()
    assert room.hub.sockets() == 0


async def test_without_sight_there_is_no_joining(room: Room) -> None:
    room.watch.lenses["s1"] = "none"
    with pytest.raises(Denied):
        await room.join()


async def test_commits_while_a_hello_is_prepared_follow_it_once_and_in_order(room: Room) -> None:
    """Neither lost nor doubled: the hello waits for private values while the log goes on and others are served."""
    room.service.commit(3)
    _, other = await room.join("s0")
    room.service.commit()
    await until(lambda: last_seq(other) == 4)
    room.service.gate = asyncio.Event()
    room.peers.append(peer := FakePeer())
    joining = asyncio.ensure_future(room.hub.join("i1", Outlet(peer, room.now), subject("s1"), None))
    await until(lambda: len(room.service.asked) > 2)
    gate, room.service.gate = room.service.gate, None
    room.service.commit(2)
    room.service.commit(1)
    await until(lambda: last_seq(other) == 7)
    assert peer.written == b"", "nothing goes out before the hello"
    gate.set()
    await joining
    assert peer.kinds()[0] == "hello" and peer.frames()[0]["at"]["seq"] == 4
    assert_gapless(covered(peer), 4)
    room.service.commit()
    await until(lambda: last_seq(peer) == 8)
    assert_gapless(covered(peer), 4)


async def test_many_joining_at_every_moment_of_a_busy_log_see_each_event_once(room: Room) -> None:
    room.service.commit()
    peers = []
    for _ in range(40):
        room.service.commit()
        room.peers.append(peer := FakePeer())
        peers.append((peer, asyncio.ensure_future(room.hub.join("i1", Outlet(peer, room.now), subject(), None))))
        await asyncio.sleep(0)
    await asyncio.gather(*(joining for _, joining in peers))
    room.service.commit()
    head = room.service.states[-1].seq
    for peer, _ in peers:
        await until(lambda peer=peer: last_seq(peer) == head)
        assert_gapless(covered(peer), peer.frames()[0]["at"]["seq"])


async def test_someone_who_goes_while_joining_leaves_nothing_behind(room: Room) -> None:
    room.service.commit()
    room.service.gate = asyncio.Event()
    joining = asyncio.ensure_future(room.join())
    await until(lambda: room.service.asked)
    joining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await joining
    assert room.hub.sockets() == 0


async def test_many_late_ones_at_the_same_position_are_rendered_once(room: Room) -> None:
    room.service.commit(10)
    await room.join()
    room.renderer.rendered.clear()
    room.service.ranges_read = 0
    await asyncio.gather(*(room.join(f"s{n}") for n in range(50)))
    await asyncio.gather(*(room.join(f"r{n}", Position("i1", 1, 4)) for n in range(50)))
    assert room.renderer.rendered == [("changes", "command")]
    assert room.service.ranges_read == 1


# lenses


async def test_two_lenses_see_different_things_over_the_same_ranges(room: Room) -> None:
    room.watch.lenses["f"] = "field"
    _, commander = await room.join("c")
    _, officer = await room.join("f")
    room.service.commit(text="hidden place")
    room.service.commit(text="open place")
    await until(lambda: last_seq(officer) == last_seq(commander) == 2)
    assert covered(commander) == covered(officer)
    assert b"hidden place" in commander.written and b"hidden place" not in officer.written
    seen = [line["seq"] for frame in officer.frames() if frame["t"] == "batch" for line in frame.get("events", ())]
    assert seen == [2]


async def test_a_batch_is_rendered_once_per_lens_whoever_many_look(room: Room) -> None:
    for n in range(20):
        room.watch.lenses[f"f{n}"] = "field"
        await room.join(f"f{n}")
        await room.join(f"c{n}")
    room.renderer.rendered.clear()
    room.service.commit()
    await room.join("last")
    await until(lambda: {("changes", "command"), ("changes", "field")} <= set(room.renderer.rendered))
    assert sorted(one for one in room.renderer.rendered if one[0] == "changes") == [
        ("changes", "command"),
        ("changes", "field"),
    ]


async def test_between_two_lenses_whoever_waits_for_the_loop_has_a_turn(room: Room) -> None:
    """A commit's own transaction waits for this loop: long rendering for many lenses must not hold it for all of them."""
    for person in ("field", "display"):
        room.watch.lenses[person] = person
        await room.join(person)
    _, peer = await room.join("c")
    room.renderer.rendered.clear()
    room.service.commit()
    turns: list[int] = []
    while not last_seq(peer):
        turns.append(sum(one[0] == "changes" for one in room.renderer.rendered))
        await asyncio.sleep(0)
    assert {1, 2} <= set(turns), "it came about after the first lens, and after the second"


async def test_commits_that_arrived_together_are_one_frame(room: Room) -> None:
    _, peer = await room.join()
    for _ in range(16):
        room.service.commit()
    await until(lambda: last_seq(peer) == 16)
    assert covered(peer) == [(1, 16)]


async def test_a_frame_gathers_up_to_a_limit(room: Room) -> None:
    _, peer = await room.join()
    for _ in range(3):
        room.service.commit(100)
    await until(lambda: last_seq(peer) == 300)
    assert covered(peer) == [(1, 200), (201, 300)]


# signs of life


async def test_silence_is_broken_by_a_ping_within_fifteen_seconds(room: Room) -> None:
    room.service.commit(4)
    _, peer = await room.join()
    for _ in range(15):
        room.sweep(1.0)
    assert peer.kinds() == ["hello", "ping"]
    assert peer.frames()[1]["seq"] == 4


async def test_no_ping_before_the_hello(room: Room) -> None:
    room.service.commit()
    room.service.gate = asyncio.Event()
    joining = asyncio.ensure_future(room.join())
    await until(lambda: room.service.asked)
    room.sweep(11.0)
    room.service.gate.set()
    _, peer = await joining
    assert peer.kinds() == ["hello"]


# sessions


async def test_ending_a_session_closes_its_sockets_at_once_and_no_others(room: Room) -> None:
    _, mine = await room.join("s1")
    _, mine_too = await room.join("s1")
    _, other = await room.join("s2")
    assert room.hub.close_sessions({"s1", "unknown"}) == 2
    assert mine.closed == mine_too.closed == (4401, "signed out")
    assert other.closed is None
    assert room.hub.sockets() == 1


async def test_a_session_that_ended_on_another_node_is_found(room: Room) -> None:
    _, peer = await room.join("s1")
    _, other = await room.join("s2")
    room.watch.ended.add("s1")
    await room.hub.sweep_sessions()
    assert peer.closed == (4401, "signed out") and other.closed is None


async def test_a_session_that_ends_while_joining_ends_the_joining(room: Room) -> None:
    room.service.commit()
    room.service.gate = asyncio.Event()
    joining = asyncio.ensure_future(room.join())
    await until(lambda: room.service.asked)
    room.hub.close_sessions({"s1"})
    room.service.gate.set()
    with pytest.raises(NotSignedIn):
        await joining


# trouble


async def test_what_cannot_be_read_now_is_sent_later_and_nothing_is_skipped(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "RETRY_S", 0.0)
    _, peer = await room.join()
    room.service.failing = Unavailable("the database is away")
    room.service.commit(2)
    for _ in range(20):
        await asyncio.sleep(0)
    assert covered(peer) == []
    room.service.failing = None
    room.service.commit()
    await until(lambda: last_seq(peer) == 3)
    assert_gapless(covered(peer), 0)


async def test_a_defect_in_a_view_closes_that_incident_with_resync(room: Room) -> None:
    _, peer = await room.join()
    room.renderer.broken = True
    room.service.commit()
    await until(lambda: peer.closed)
    assert peer.closed == (1013, "resync")
    room.renderer.broken = False
    _, again = await room.join()
    room.service.commit()
    await until(lambda: last_seq(again) == 2)


async def test_an_incident_that_nobody_follows_is_let_go(room: Room) -> None:
    _, peer = await room.join()
    room.hub.leave("i1", peer)
    room.hub.leave("i1", peer)
    room.sweep(1.0)
    assert room.service.subscribers == []
    _, again = await room.join()
    room.service.commit()
    await until(lambda: last_seq(again) == 1)


async def test_stopping_says_goodbye_waits_for_it_and_ends_every_task() -> None:
    room = Room()
    async with asyncio.TaskGroup() as others, room.hub:
        _, peer = await room.join()

        async def far_end() -> None:
            await until(lambda: peer.closed)
            room.hub.leave("i1", peer)

        others.create_task(far_end())
    assert peer.closed == (1001, "the server stops") and not peer.aborted
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("stream")] == []
    with pytest.raises(Unavailable):
        await room.join()


async def test_stopping_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.stream.hub.FLUSH_S", 0.0)
    room = Room()
    async with room.hub:
        _, peer = await room.join()
    assert peer.closed == (1001, "the server stops") and peer.aborted


async def test_a_sweep_of_sessions_that_fails_ends_nobody(room: Room) -> None:
    _, peer = await room.join()
    room.watch.failing = Unavailable("the database is away")
    with pytest.raises(Unavailable):
        await room.hub.sweep_sessions()
    assert peer.closed is None


async def test_the_sweeps_run_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.stream.hub.SWEEP_S", 0.0)
    monkeypatch.setattr("command.stream.hub.SESSIONS_S", 0.0)
    room = Room()
    room.watch.failing = ZeroDivisionError()
    async with room.hub:
        _, peer = await room.join()
        for _ in range(50):
            await asyncio.sleep(0)
        room.watch.failing = None
        room.watch.ended.add("s1")
        await until(lambda: peer.closed)
        room.hub.leave("i1", peer)
    assert peer.closed == (4401, "signed out")


async def test_each_is_told_which_sections_they_are_never_shown(room: Room) -> None:
    """So that no screen calls empty what it does not have; command has all."""
    room.service.commit(1)
    room.watch.lenses["s2"] = "agency:ally"
    unseen = [peer.frames()[0]["me"]["unseen"] for _, peer in (await room.join("s1"), await room.join("s2"))]
    assert unseen[0] == [] and {"duties", "reviews"} <= set(unseen[1]) and "sectors" not in unseen[1]
