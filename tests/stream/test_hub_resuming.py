"""The hub and a screen that comes back, or whose past was redacted: what it gets again, and what nobody gets again."""

from __future__ import annotations

import asyncio

import pytest

from command.errors import Corrupt
from command.stream import channel as channel_module
from command.stream.catchup import CHUNK, FEED, MAX_BEHIND, CatchUp
from command.stream.frames import Position
from command.stream.outlet import MAX_FRAMES
from tests.stream.hub_room import Room, assert_gapless, covered, last_seq, until

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
