"""The hub with fake peers and time as a value: order, bounds, sight, sessions. Never a socket, never a sleep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from command.errors import Busy, Corrupt, Denied, NotFound, NotSignedIn, Unavailable
from command.stream import channel as channel_module
from command.stream.catchup import CHUNK, FEED, MAX_BEHIND, CatchUp
from command.stream.channel import QUEUED
from command.stream.frames import Position
from command.stream.hub import FLUSH_S, Hub
from command.stream.member import Member
from command.stream.outlet import MAX_FRAMES, Outlet
from tests.stream.fakes import FakePeer, FakeRenderer, FakeService, FakeWatch, subject


class Room:
    """A hub over fakes, with a clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.service = FakeService()
        self.renderer = FakeRenderer()
        self.watch = FakeWatch()
        self.peers: list[FakePeer] = []
        self.hub = Hub(self.service, self.renderer, self.watch, now=lambda: self.now)

    async def join(
        self,
        session: str = "s1",
        resume: Position | None = None,
        seen_through: str = "",
        *,
        reads: bool = True,
        incident: str = "i1",
    ) -> tuple[Member, FakePeer]:
        self.peers.append(peer := FakePeer(reads=reads))
        outlet = Outlet(peer, self.now)
        member = await self.hub.join(incident, outlet, subject(session), resume, seen_through)
        return member, peer

    def sweep(self, after_s: float = 0.0) -> None:
        self.now += after_s
        self.hub.sweep(self.now)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    room = Room()
    async with room.hub:
        yield room
        for peer in room.peers:
            room.hub.leave("i1", peer)


async def until(true: Callable[[], object]) -> None:
    """Let the tasks run until something holds; a generous number of turns, no time."""
    for _ in range(10_000):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to hold")


def covered(peer: FakePeer) -> list[tuple[int, int]]:
    return [(frame["first"], frame["last"]) for frame in peer.frames() if frame["t"] == "batch"]


def last_seq(peer: FakePeer) -> int:
    ranges = covered(peer)
    return ranges[-1][1] if ranges else 0


def assert_gapless(ranges: list[tuple[int, int]], since: int) -> None:
    for first, last in ranges:
        assert first == since + 1 and last >= first
        since = last


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


# resuming


async def test_a_position_that_is_the_head_resumes_with_nothing_to_send(room: Room) -> None:
    room.service.commit(5)
    _, peer = await room.join(resume=Position("i1", 1, 5))
    (hello,) = peer.frames()
    assert hello["resumed"] and "board" not in hello and "gap" not in hello
    assert hello["root"] == (5).to_bytes(32, "big").hex()


async def test_a_position_behind_resumes_with_the_missing_range_and_the_changes_of_the_board(room: Room) -> None:
    room.service.commit(5)
    _, peer = await room.join(resume=Position("i1", 1, 2))
    hello, batch = peer.frames()
    assert hello["resumed"] and hello["at"]["seq"] == 2 and hello["root"] == ""
    assert (batch["first"], batch["last"]) == (3, 5)
    assert [line["text"] for line in batch["events"]] == ["line 3", "line 4", "line 5"]
    assert [change[2]["title"] for change in batch["changes"]] == ["5 through command"]
    room.service.commit()
    await until(lambda: covered(peer) == [(3, 5), (6, 6)])


async def test_a_long_range_comes_in_several_frames_and_the_changes_with_the_last(room: Room) -> None:
    room.service.commit(MAX_BEHIND)
    _, peer = await room.join(resume=Position("i1", 1, 0))
    assert_gapless(covered(peer), 0)
    assert last_seq(peer) == MAX_BEHIND
    _, *batches = peer.frames()
    assert len(batches) == -(-MAX_BEHIND // CHUNK)
    assert [bool(batch.get("changes")) for batch in batches] == [False] * (len(batches) - 1) + [True]


@pytest.mark.parametrize(("behind", "resumes"), [(FEED, True), (FEED + 1, False)])
async def test_a_display_that_resumes_gets_no_more_of_the_past_than_its_first_screen(
    room: Room, behind: int, resumes: bool
) -> None:
    """It may not page the feed, so an old position must not do it for it."""
    room.service.commit(behind + 3)
    room.watch.lenses["wall"] = "display"
    _, peer = await room.join("wall", Position("i1", 1, 3))
    hello, *batches = peer.frames()
    assert hello.get("resumed", False) == resumes
    assert sum(len(batch["events"]) for batch in batches) == (FEED if resumes else 0)
    assert resumes or (hello["gap"]["reason"] == "too far behind" and len(hello["feed"]) == FEED)


@pytest.mark.parametrize(
    ("resume", "reason"),
    [
        (Position("i1", 1, 0), "too far behind"),
        (Position("i1", 2, 2000), "another epoch"),
        (Position("i2", 1, 2000), "another log"),
    ],
)
async def test_a_position_that_cannot_be_resumed_gets_a_snapshot_that_says_why(
    room: Room, resume: Position, reason: str
) -> None:
    room.service.commit(MAX_BEHIND + 1)
    _, peer = await room.join(resume=resume)
    (hello,) = peer.frames()
    assert hello["gap"] == {"since": resume.seq, "upto": MAX_BEHIND + 1, "reason": reason}
    assert hello["board"] and "resumed" not in hello


async def test_a_position_ahead_of_the_log_gets_a_snapshot_that_says_so(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "REACH_S", 0.0)
    room.service.commit(5)
    _, peer = await room.join(resume=Position("i1", 1, 6))
    assert peer.frames()[0]["gap"] == {"since": 6, "upto": 5, "reason": "ahead of the log"}


async def test_a_position_that_another_node_gave_is_waited_for(room: Room) -> None:
    room.service.commit(5)
    await room.join("s0")
    joining = asyncio.ensure_future(room.join(resume=Position("i1", 1, 6)))
    await until(lambda: room.hub.sockets() == 2)
    room.service.commit()
    _, peer = await joining
    assert peer.frames()[0]["resumed"] and peer.frames()[0]["at"]["seq"] == 6


async def test_a_position_seen_through_another_lens_gets_a_snapshot(room: Room) -> None:
    room.service.commit(5)
    _, peer = await room.join(resume=Position("i1", 1, 3), seen_through="field")
    assert peer.frames()[0]["gap"]["reason"] == "sight changed"
    _, same = await room.join(resume=Position("i1", 1, 3), seen_through="command")
    assert same.frames()[0]["resumed"]


async def test_a_range_that_redacts_is_not_replayed(room: Room) -> None:
    """What the client still holds must go, so it starts over."""
    room.service.commit(5)
    room.service.redact(2)
    _, peer = await room.join(resume=Position("i1", 1, 3))
    assert peer.frames()[0]["gap"]["reason"] == "redacted"
    assert b"line 2" not in peer.written


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


# redaction


async def test_a_redaction_makes_every_screen_start_over(room: Room) -> None:
    room.service.commit(2, text="canary")
    _, peer = await room.join()
    assert b"canary" in peer.written
    before = len(peer.written)
    room.service.secrets.clear()
    room.service.redact(1)
    await until(lambda: "snapshot" in peer.kinds())
    snapshot = peer.frames()[-1]
    assert snapshot["gap"] == {"since": 2, "upto": 3, "reason": "redacted"}
    assert b"canary" not in peer.written[before:]
    _, late = await room.join("late")
    assert b"canary" not in late.written, "nothing kept from before is sent"


def rendered(kept: CatchUp) -> str:
    """All that is kept for late comers, as text."""
    pictures = b"".join(bytes(one.board) + bytes(one.feed) for one in kept._pictures.values())
    return (pictures + b"".join(b"".join(frames or ()) for frames in kept._ranges.values())).decode("latin-1")


async def test_what_was_rendered_before_a_redaction_is_kept_nowhere(room: Room) -> None:
    room.service.commit(text="canary")
    _, peer = await room.join()
    _, late = await room.join("late", Position("i1", 1, 0))
    kept = room.hub._channels["i1"]._catch_up
    assert "canary" in rendered(kept)
    room.service.redact(1)
    await until(lambda: room.hub._channels["i1"].frontier.seq == 2)
    await until(lambda: "snapshot" in peer.kinds() and "snapshot" in late.kinds())
    assert "canary" not in rendered(kept)


async def test_a_redaction_with_nobody_left_to_tell_forgets_as_well(room: Room) -> None:
    room.service.commit(text="canary")
    _, peer = await room.join()
    kept = room.hub._channels["i1"]._catch_up
    assert "canary" in rendered(kept)
    room.hub.leave("i1", peer)
    room.service.redact(1)
    await until(lambda: room.hub._channels["i1"].frontier.seq == 2)
    assert "canary" not in rendered(kept)


async def test_a_record_with_a_hole_is_said_and_not_sent(room: Room) -> None:
    room.service.commit(3)
    del room.service.events[1]
    with pytest.raises(Corrupt):
        await room.join()
    room.service.events.clear()
    with pytest.raises(Corrupt, match="got none"):
        await room.join()


async def test_a_peer_is_closed_for_a_reason_of_its_own(room: Room) -> None:
    _, peer = await room.join()
    room.hub.close_peer("i1", peer, 4400, "two hellos")
    assert peer.closed == (4400, "two hellos") and room.hub.sockets() == 0


async def test_an_answer_that_exceeds_a_bound_closes_with_resync(room: Room) -> None:
    member, peer = await room.join()
    room.hub.too_slow("i1", member.outlet, "bytes")
    assert peer.closed == (1013, "resync") and room.hub.dropped == {"bytes": 1}


async def test_a_ping_to_a_peer_that_is_full_closes_it(room: Room) -> None:
    member, peer = await room.join()
    peer.reads = False
    for _ in range(MAX_FRAMES):
        assert member.outlet.send(b"x", room.now) is None
    room.hub.sweep(room.now)
    assert peer.closed is None
    room.now += 0.0
    room.hub._channels["i1"]._spoke_at = room.now - 11.0
    room.hub.sweep(room.now)
    assert peer.closed == (1013, "resync") and room.hub.dropped == {"frames": 1}


async def test_a_redaction_while_joining_is_what_the_hello_shows(room: Room) -> None:
    room.service.commit(text="canary")
    _, other = await room.join("s0")
    room.watch.lenses["s1"] = "command"
    room.service.commit()
    await until(lambda: last_seq(other) == 2)
    room.service.gate = asyncio.Event()
    asked = len(room.service.asked)
    joining = asyncio.ensure_future(room.join())
    await until(lambda: len(room.service.asked) > asked)
    gate, room.service.gate = room.service.gate, None
    room.service.redact(1)
    await until(lambda: room.hub._channels["i1"].frontier.seq == 3)
    gate.set()
    _, peer = await joining
    assert b"canary" not in peer.written
    assert peer.frames()[0]["at"]["seq"] == 3


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
