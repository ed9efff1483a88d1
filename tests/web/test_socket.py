"""The stream over real sockets: our server, and a client that was not written by us."""

from __future__ import annotations

import asyncio
import contextlib
from typing import get_args

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from command.errors import MusterError, NotSignedIn, Unavailable, Unreadable
from command.stream.client import Batch, Cursor, Frame, Hello, Link, Snapshot, follow
from command.stream.frames import (
    CLOSE_DENIED,
    CLOSE_TRY_LATER,
    Position,
    ServerAnswers,
    ServerPing,
    ServerPong,
    ServerProblem,
)
from command.stream.session import Effect, Resume, Submit
from command.web.socket import TRAIL
from tests.web.socket_client import HELLO, closed, link, one, raw, take
from tests.web.socket_server import House, until

# following


async def test_hello_then_batches_without_a_gap(home: House) -> None:
    home.service.commit(3)
    async with link(home) as mine:
        frames = mine.__aiter__()
        hello = await take(frames, Hello)
        assert hello.at == Position("i1", 1, 3) and hello.gap.reason == "first"
        assert [entry.text for entry in hello.feed] == ["line 1", "line 2", "line 3"]
        assert hello.board["positions"]["count"]["title"] == "3 through command"
        for _ in range(20):
            home.service.commit(2)
            await take(frames, Batch)
        while mine.cursor.position.seq < 43:
            await take(frames, Batch)


async def test_a_position_resumes_and_misses_nothing(home: House) -> None:
    home.service.commit(2)
    cursor = Cursor()
    async with link(home, cursor=cursor) as mine:
        await take(mine.__aiter__(), Hello)
    home.service.commit(5)
    async with link(home, cursor=cursor) as mine:
        frames = mine.__aiter__()
        hello = await take(frames, Hello)
        assert hello.resumed and hello.board is None
        batch = await take(frames, Batch)
        assert (batch.first, batch.last) == (3, 7)


async def test_a_position_that_cannot_be_resumed_is_an_open_gap(home: House) -> None:
    home.service.commit(2)
    async with link(home, cursor=Cursor(Position("i1", 7, 1))) as mine:
        hello = await take(mine.__aiter__(), Hello)
        assert hello.gap.reason == "another epoch" and hello.at.seq == 2


async def test_two_lenses_see_different_things_over_the_same_ranges(home: House) -> None:
    home.watch.lenses["f"] = "field"
    async with link(home, "c") as commander, link(home, "f") as officer:
        command_frames, field_frames = commander.__aiter__(), officer.__aiter__()
        await take(command_frames, Hello)
        await take(field_frames, Hello)
        home.service.commit(text="hidden place")
        theirs, ours = await take(command_frames, Batch), await take(field_frames, Batch)
        assert (theirs.first, theirs.last) == (ours.first, ours.last) == (1, 1)
        assert [entry.text for entry in theirs.events] == ["hidden place"]
        assert ours.events == ()


async def test_a_changed_grant_gives_a_snapshot(home: House) -> None:
    home.service.commit()
    async with link(home) as mine:
        frames = mine.__aiter__()
        await take(frames, Hello)
        home.watch.grant("s1", "field")
        home.service.commit()
        snapshot = await take(frames, Snapshot)
        assert snapshot.gap.reason == "sight changed" and snapshot.me.lens == "field"
        assert mine.cursor.position.seq == 2


async def test_frames_of_every_length_arrive_whole(home: House) -> None:
    async with link(home) as mine:
        frames = mine.__aiter__()
        await take(frames, Hello)
        for size in (1, 100, 1_000, 70_000, 300_000):
            home.service.commit(text="x" * size)
            batch = await take(frames, Batch)
            assert len(batch.events[0].text) == size


# submitting


async def test_commands_are_answered_and_come_back_as_events(home: House) -> None:
    async with link(home) as mine:
        frames = mine.__aiter__()
        await take(frames, Hello)
        submitting = asyncio.ensure_future(mine.submit([one("c1"), one("c2")]))
        seen: list[Frame] = []
        while mine.cursor.position.seq < 2 or not any(isinstance(frame, ServerAnswers) for frame in seen):
            seen.append(await anext(frames))
        answers = await submitting
        assert [(answer.cmd, answer.status, answer.seq) for answer in answers] == [
            ("c1", "accepted", 1),
            ("c2", "accepted", 2),
        ]
        assert [entry.text for frame in seen if isinstance(frame, Batch) for entry in frame.events] == ["c1", "c2"]
        author, submission = home.service.submitted[0]
        assert author.session == "s1" and bytes(submission.command) == b'{"type":"RecordEntry"}'


async def test_every_submit_is_authorized_anew(home: House) -> None:
    async with link(home) as mine:
        frames = mine.__aiter__()
        await take(frames, Hello)
        home.deny_submits("s1")
        submitting = asyncio.ensure_future(mine.submit([one("c1")]))
        problem = await take(frames, ServerProblem)
        assert (problem.code, problem.ref) == ("denied", "r1")
        with pytest.raises(MusterError, match="not yours to do"):
            await submitting
        assert home.service.submitted == []
        home.service.commit()
        await take(frames, Batch)


async def test_a_submit_after_the_session_ended_closes(home: House) -> None:
    async with raw(home) as socket:
        await socket.send(HELLO)
        await socket.recv()
        home.gate.signed_out.add("s1")
        await socket.send('{"t":"submit","ref":"r","commands":[{"cmd":"c1","command":{}}]}')
        assert await closed(socket) == 4401
    assert home.service.submitted == []


async def test_a_record_that_cannot_be_kept_now_is_a_problem_and_the_socket_stays(home: House) -> None:
    async with raw(home) as socket:
        await socket.send(HELLO)
        await socket.recv()
        home.service.failing = Unavailable("the database is away")
        await socket.send('{"t":"submit","ref":"r","commands":[{"cmd":"c1","command":{}}]}')
        problem = msgspec.json.decode(await socket.recv())
        assert (problem["code"], problem["ref"]) == ("unavailable", "r")
        home.service.failing = None
        await socket.send('{"t":"submit","ref":"r","commands":[{"cmd":"c1","command":{}}]}')
        kinds = {msgspec.json.decode(await socket.recv())["t"] for _ in range(2)}
        assert kinds == {"answers", "batch"}


async def test_a_ping_is_answered(home: House) -> None:
    async with link(home) as mine:
        frames = mine.__aiter__()
        await mine.ping(42)
        assert (await take(frames, ServerPong)).n == 42


async def test_a_flood_is_answered_and_then_closed(home: House) -> None:
    async with raw(home, max_queue=None) as socket:
        await socket.send(HELLO)
        await socket.recv()
        for _ in range(200):
            try:
                await socket.send('{"t":"ping"}')
            except ConnectionClosed:
                break
        assert await closed(socket) == 1013


# too slow


async def test_a_reader_that_stops_is_closed_with_resync_and_the_others_go_on(home: House) -> None:
    async with raw(home, "slow", max_queue=1) as slow, link(home, "good") as good:
        await slow.send(HELLO)
        frames = good.__aiter__()
        await take(frames, Hello)
        await until(lambda: home.hub.sockets() == 2)
        while not home.hub.dropped:  # time stands still: only the bounds on frames and bytes can do it
            home.service.commit(text="x" * 200_000)
            await take(frames, Batch)
        assert set(home.hub.dropped) <= {"bytes", "frames"}
        assert home.hub.sockets() == 1
        home.service.commit()
        await take(frames, Batch)
        assert good.cursor.position.seq == home.service.states[-1].seq
        assert await closed(slow) == 1013, "it reads on and is told what to do"


async def test_a_reader_that_never_reads_again_is_aborted(home: House) -> None:
    async with raw(home, "slow", max_queue=1, close_timeout=0.1) as slow, link(home, "good") as good:
        await slow.send(HELLO)
        frames = good.__aiter__()
        await take(frames, Hello)
        await until(lambda: home.hub.sockets() == 2)
        while not home.hub.dropped:
            home.service.commit(text="x" * 200_000)
            await take(frames, Batch)
        home.now += 60.0
        await until(lambda: not home.hub._closing)
        home.service.commit()
        await take(frames, Batch)


async def test_answers_that_are_not_read_close_with_resync(home: House) -> None:
    """The bound holds for what a client asked for itself."""
    async with raw(home, "slow", max_queue=1, max_size=None) as slow:
        await slow.send(HELLO)
        await until(lambda: home.hub.sockets() == 1)
        home.service.padding = "x" * 500_000
        commands = ",".join(f'{{"cmd":"c{n}","command":{{}}}}' for n in range(10))
        for n in range(20):
            if home.hub.dropped:
                break
            with contextlib.suppress(ConnectionClosed):
                await slow.send(f'{{"t":"submit","ref":"r{n}","commands":[{commands}]}}')
        await until(lambda: home.hub.dropped)
        assert await closed(slow) == 1013


async def test_an_incident_that_is_gone_at_the_hello_is_not_found(home: House) -> None:
    async with raw(home) as socket:
        home.service.log = "another"
        await socket.send(HELLO)
        assert await closed(socket) == 4404


async def test_a_record_with_a_hole_closes_with_resync(home: House) -> None:
    home.service.commit(3)
    del home.service.events[1]
    async with raw(home) as socket:
        await socket.send(HELLO)
        assert await closed(socket) == 1013


# many


async def test_a_storm_of_reconnecting_clients_misses_nothing(home: House) -> None:
    """The network is cut again and again under a busy log; everyone comes back and sees each event once."""
    seen: list[list[int]] = [[] for _ in range(40)]
    waits: list[float] = []

    async def one_client(mine: list[int]) -> None:
        frames = follow(
            home.url, "i1", cookie="s=s1", jitter=lambda low, high: 0.0, on_wait=lambda wait_s, _: waits.append(wait_s)
        )
        async with contextlib.aclosing(frames):
            async for frame in frames:
                if isinstance(frame, Hello):
                    assert frame.resumed or frame.gap.reason == "first"
                    mine += [entry.seq for entry in frame.feed or ()]
                elif isinstance(frame, Batch):
                    mine += [entry.seq for entry in frame.events]
                if mine and mine[-1] == 100:
                    return

    async with asyncio.TaskGroup() as clients:
        for mine in seen:
            clients.create_task(one_client(mine))
        await until(lambda: home.hub.sockets() == len(seen))
        for n in range(100):
            if n % 20 == 10:
                home.cut()
            home.service.commit()
            await asyncio.sleep(0.002)
    assert all(mine == list(range(1, 101)) for mine in seen)
    assert len(waits) >= len(seen)


async def test_following_ends_where_trying_again_would_not_help(home: House) -> None:
    async def read() -> None:
        async for _ in follow(home.url, "i1", cookie="s=s1", jitter=lambda low, high: 0.0):
            home.hub.close_sessions({"s1"})

    with pytest.raises(NotSignedIn):
        await asyncio.wait_for(read(), 30)


async def test_a_frame_of_ours_that_is_unreadable_to_the_client_is_said() -> None:
    with pytest.raises(Unreadable):
        async with Link("ftp://x", "i1"):
            pass


async def test_a_ping_of_the_server_keeps_the_position(home: House) -> None:
    home.service.commit(3)
    async with link(home) as mine:
        frames = mine.__aiter__()
        await take(frames, Hello)
        home.now += 11.0
        ping = await take(frames, ServerPing)
        assert ping.seq == 3


# the trail


def test_every_operation_of_a_socket_says_what_the_trail_says_of_it() -> None:
    """A new effect is either on the trail or has a reason why not."""
    assert set(TRAIL) == set(get_args(Effect))
    assert {kind for kind, says in TRAIL.items() if not says.startswith("none: ")} == {Resume, Submit}


async def test_a_hello_is_on_the_trail_before_anything_is_shown(home: House) -> None:
    """Once; and where it cannot be written nothing is shown at all."""
    home.service.commit(text="secret place")
    async with link(home) as mine:
        await take(mine.__aiter__(), Hello)
    assert home.gate.trail == [("s1", "ok", "hello")]
    home.gate.untraceable = True
    async with raw(home) as socket:
        await socket.send(HELLO)
        received = []
        with pytest.raises(ConnectionClosed):
            while True:
                received.append(await socket.recv())
        assert socket.close_code == CLOSE_TRY_LATER and received == []


async def test_a_hello_that_is_not_answered_is_on_the_trail_as_failed(home: House) -> None:
    """The gate let it through, and then it was not to be seen."""
    home.watch.lenses["s1"] = "none"
    async with raw(home) as socket:
        await socket.send(HELLO)
        assert await closed(socket) == CLOSE_DENIED
    assert home.gate.trail == [("s1", "failed", "denied")]


async def test_commands_that_fail_as_a_whole_are_on_the_trail(home: House) -> None:
    """What was read has its entry by its own act: the socket adds none."""
    async with raw(home) as socket:
        await socket.send(HELLO)
        await socket.recv()
        home.gate.trail.clear()
        await socket.send('{"t":"submit","ref":"r1","commands":[{"cmd":"c1","command":{"type":"RecordEntry"}}]}')
        while "answers" not in str(await socket.recv()):
            pass
        assert home.gate.trail == []
        home.service.failing = Unavailable("away")
        await socket.send('{"t":"submit","ref":"r2","commands":[{"cmd":"c2","command":{"type":"RecordEntry"}}]}')
        while "unavailable" not in str(await socket.recv()):
            pass
        assert home.gate.trail == [("s1", "failed", "unavailable")]
