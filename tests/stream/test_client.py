"""The client's own promises: a hole in the stream is never passed over, and a cut is waited out with jitter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from command.domain.submission import Submission
from command.errors import Busy, Corrupt, Denied, MusterError, NotFound, NotSignedIn, Unavailable, Unreadable
from command.policy.decision import Finding
from command.stream.client import (
    BACKOFF_MAX_S,
    BACKOFF_S,
    Batch,
    Cursor,
    Frame,
    Hello,
    Link,
    Snapshot,
    follow,
    stream_uri,
    tail,
)
from command.stream.frames import Gap, Me, Position, ServerPing, ServerProblem
from command.views.rows import ClockInfo, Entry, Who
from tests.stream.fakes import NOON

CLOCK = ClockInfo(NOON)
ME = Me("p1", "Ada", "a1", "commander", "command")


def at(seq: int, epoch: int = 1) -> Position:
    return Position("i1", epoch, seq)


def entry(seq: int, text: str = "") -> Entry:
    return Entry(seq, f"c{seq}.0", "EntryRecorded", "a log entry", NOON, NOON, Who("p1", "Ada"), text=text)


def hello(seq: int, reason: str = "first", *entries: Entry, since: int = 0) -> Hello:
    return Hello("i1", at(seq), ME, CLOCK, "ab", gap=Gap(since, seq, reason), board={}, feed=entries)


def resumed(seq: int) -> Hello:
    return Hello("i1", at(seq), ME, CLOCK, "", resumed=True)


def batch(first: int, last: int, *entries: Entry, epoch: int = 1) -> Batch:
    return Batch(epoch, first, last, CLOCK, entries)


# the cursor


def test_the_cursor_moves_over_a_stream_without_a_gap() -> None:
    cursor = Cursor()
    for frame in (hello(3), batch(4, 4, entry(4)), ServerPing(4, CLOCK), batch(5, 9)):
        cursor.take(frame)
    assert cursor.position == at(9) and cursor.lens == "command"


def test_a_snapshot_moves_the_cursor_anywhere_because_it_says_so() -> None:
    cursor = Cursor(at(3))
    cursor.take(Snapshot(at(50, 2), ME, CLOCK, Gap(3, 50, "another epoch"), {}, ()))
    assert cursor.position == at(50, 2)


@pytest.mark.parametrize(
    "bad",
    [
        batch(5, 6),  # 4 is missing
        batch(3, 4),  # 3 is doubled
        batch(4, 3),
        batch(4, 4, epoch=2),
        batch(4, 4, entry(5)),
        resumed(2),
        Hello("i1", at(9), ME, CLOCK, "ab"),  # neither resumed nor a snapshot
        Hello("i1", at(9), ME, CLOCK, "ab", board={}, feed=()),  # a gap that is not stated
    ],
)
def test_the_cursor_refuses_a_hole(bad: Frame) -> None:
    cursor = Cursor(at(3))
    with pytest.raises(Corrupt):
        cursor.take(bad)
    assert cursor.position == at(3)


def test_a_batch_before_any_hello_is_refused() -> None:
    with pytest.raises(Corrupt):
        Cursor().take(batch(1, 1))


# a scripted server, which is not ours

Script = Callable[[ServerConnection, list[dict[str, Any]]], Awaitable[None]]


class Scripted:
    """Runs one script a connection, the last one for all that follow; `heard` are the clients' hellos."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.heard: list[dict[str, Any]] = []
        self.url = ""

    async def __call__(self, socket: ServerConnection) -> None:
        self.heard.append(msgspec.json.decode(await socket.recv()))
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        await script(socket, self.heard)


@asynccontextmanager
async def running(*scripts: Script) -> AsyncIterator[Scripted]:
    scripted = Scripted(*scripts)
    async with serve(scripted, "127.0.0.1", 0, subprotocols=[Subprotocol("muster.1")]) as server:
        scripted.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield scripted


def say(*frames: Frame | str, code: int | None = None) -> Script:
    """Send these, then close with a code, cut (0), or stay."""

    async def script(socket: ServerConnection, heard: list[dict[str, Any]]) -> None:
        for frame in frames:
            await socket.send(frame if isinstance(frame, str) else msgspec.json.encode(frame), text=True)
        if code == 0:
            socket.transport.abort()
        elif code is not None:
            await socket.close(code)
        else:
            await socket.wait_closed()

    return script


async def read(frames: AsyncIterator[Frame], count: int) -> list[Frame]:
    async with asyncio.timeout(60):
        return [await anext(frames) for _ in range(count)]


async def test_after_a_cut_it_resumes_from_its_position_and_lens() -> None:
    async with running(say(hello(3), batch(4, 6), code=1013), say(resumed(6), batch(7, 7))) as server:
        frames = follow(server.url, "i1", jitter=lambda low, high: 0.0)
        await read(frames, 4)
        await frames.aclose()
    assert server.heard[0] == {"t": "hello", "resume": None, "protocol": "muster.1", "lens": "", "checkpoints": False}
    assert server.heard[1]["resume"] == {"log": "i1", "epoch": 1, "seq": 6}
    assert server.heard[1]["lens"] == "command"


async def test_it_waits_with_full_jitter_and_a_limit_that_doubles() -> None:
    limits: list[tuple[float, float]] = []
    told: list[float] = []

    def jitter(low: float, high: float) -> float:
        limits.append((low, high))
        return 0.0

    async with running(*[say(code=1001)] * 8, say(hello(1), code=1013), say(hello(1))) as server:
        frames = follow(server.url, "i1", jitter=jitter, on_wait=lambda wait_s, error: told.append(wait_s))
        await read(frames, 2)
        await frames.aclose()
    expected = [min(BACKOFF_MAX_S, BACKOFF_S * 2**n) for n in range(8)]
    assert limits == [(0.0, high) for high in expected] + [(0.0, BACKOFF_S)], "a frame starts the series again"
    assert len(told) == 9


async def test_an_abrupt_cut_is_waited_out_too() -> None:
    async with running(say(hello(1), code=0), say(resumed(1))) as server:
        frames = follow(server.url, "i1", jitter=lambda low, high: 0.0)
        await read(frames, 2)
        await frames.aclose()


@pytest.mark.parametrize(
    ("code", "error"), [(4401, NotSignedIn), (4404, NotFound), (4400, Unreadable), (1013, Unavailable)]
)
async def test_a_link_says_why_it_ended(code: int, error: type[MusterError]) -> None:
    async with running(say(hello(1), code=code)) as server, Link(server.url, "i1") as link:
        with pytest.raises(error):
            await read(link.__aiter__(), 2)


async def test_a_hole_ends_the_following() -> None:
    async with running(say(hello(3), batch(5, 5))) as server:
        frames = follow(server.url, "i1")
        with pytest.raises(Corrupt):
            await read(frames, 2)


async def test_a_frame_that_is_none_is_unreadable() -> None:
    async with running(say('{"t":"hello"}')) as server:
        with pytest.raises(Unreadable):
            await read(follow(server.url, "i1"), 1)


async def test_nobody_there_is_unavailable() -> None:
    async with running(say()) as server:
        url = server.url
    with pytest.raises(Unavailable):
        async with Link(url, "i1"):
            pass


async def test_a_name_that_nobody_has_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        async with Link("http://nobody.invalid", "i1"):
            pass


async def test_a_submit_whose_answer_is_cut_off_is_unknown() -> None:
    async def hang_up(socket: ServerConnection, heard: list[dict[str, Any]]) -> None:
        await socket.recv()
        await socket.close(1013)

    async with running(hang_up) as server, Link(server.url, "i1") as link:
        reading = asyncio.ensure_future(read(link.__aiter__(), 1))
        with pytest.raises(Unavailable, match="before the answer"):
            await link.submit([Submission("c1", msgspec.Raw(b"{}"))])
        with pytest.raises(Unavailable):
            await reading
        with pytest.raises(Unavailable):
            await link.ping(1)


async def test_a_submit_without_any_answer_is_given_up() -> None:
    async with running(say()) as server, Link(server.url, "i1") as link:
        with pytest.raises(Unavailable, match="no answer"):
            await link.submit([Submission("c1", msgspec.Raw(b"{}"))], within_s=0.01)


@pytest.mark.parametrize(("code", "error"), [("busy", Busy), ("denied", Denied), ("odd", MusterError)])
async def test_a_problem_with_a_submit_is_the_error_of_its_code(code: str, error: type[MusterError]) -> None:
    async def refuse(socket: ServerConnection, heard: list[dict[str, Any]]) -> None:
        ref = msgspec.json.decode(await socket.recv())["ref"]
        await socket.send(msgspec.json.encode(ServerProblem(code, "come again", ref)), text=True)
        await socket.wait_closed()

    async with running(refuse) as server, Link(server.url, "i1") as link:
        reading = asyncio.ensure_future(read(link.__aiter__(), 1))
        with pytest.raises(error, match="come again") as raised:
            await link.submit([Submission("c1", msgspec.Raw(b"{}"))])
        assert type(raised.value) is error
        await reading


async def test_a_submit_on_a_link_that_has_ended_is_unavailable() -> None:
    async with running(say(hello(1), code=1013)) as server, Link(server.url, "i1") as link:
        with pytest.raises(Unavailable):
            await read(link.__aiter__(), 2)
        with pytest.raises(Unavailable):
            await link.submit([Submission("c1", msgspec.Raw(b"{}"))])


async def test_an_answer_to_something_else_is_not_taken_for_ours() -> None:
    async with running(say('{"t":"answers","ref":"other","answers":[]}')) as server, Link(server.url, "i1") as link:
        await read(link.__aiter__(), 1)


# tail


async def tailed(*scripts: Script, lines: int, json: bool = False) -> list[str]:
    seen: list[str] = []
    enough = asyncio.Event()

    def on_line(line: str) -> None:
        seen.append(line)
        if len(seen) == lines:
            enough.set()

    async with running(*scripts) as server:
        following = asyncio.ensure_future(tail(server.url, "s=1", "i1", on_line=on_line, json=json))
        async with asyncio.timeout(60):
            await enough.wait()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    return seen


async def test_tail_prints_the_feed_and_then_what_happens() -> None:
    script = say(hello(2, "first", entry(1), entry(2, "two\n lines \x1b[31m")), batch(3, 4, entry(3)))
    assert await tailed(script, lines=3) == [
        "     1 2016-05-01 12:00:00Z EntryRecorded a log entry (Ada)",
        "     2 2016-05-01 12:00:00Z EntryRecorded a log entry (Ada): two lines \N{REPLACEMENT CHARACTER}[31m",
        "     3 2016-05-01 12:00:00Z EntryRecorded a log entry (Ada)",
    ]


async def test_tail_shows_a_finding() -> None:
    found = msgspec.structs.replace(entry(1), finding=Finding("contrary to plan"))
    assert "[contrary to plan]" in (await tailed(say(hello(1, "first", found)), lines=1))[0]


async def test_tail_says_a_gap_and_prints_nothing_twice() -> None:
    scripts = (
        say(hello(2, "first", entry(1), entry(2)), code=4000),
        say(hello(9, "too far behind", entry(2), entry(9), since=2)),
    )
    lines = await tailed(*scripts, lines=4)
    assert [line.split()[0] for line in lines] == ["1", "2", "gap:", "9"]
    assert lines[2] == "       gap: from 2 to 9, too far behind"


async def test_tail_as_json_is_one_entry_a_line() -> None:
    scripts = (
        say(hello(1, "first", entry(1)), code=4000),
        say(hello(9, "ahead of the log", entry(9), since=2)),
    )
    lines = await tailed(*scripts, lines=3, json=True)
    assert msgspec.json.decode(lines[0], type=Entry) == entry(1)
    assert msgspec.json.decode(lines[1])["gap"]["reason"] == "ahead of the log"
    assert msgspec.json.decode(lines[2])["seq"] == 9


# addresses


@pytest.mark.parametrize(
    ("url", "uri"),
    [
        ("http://h:1", "ws://h:1/api/incidents/i1/stream"),
        ("https://h/", "wss://h/api/incidents/i1/stream"),
        ("wss://h/at", "wss://h/at/api/incidents/i1/stream"),
    ],
)
def test_the_address_of_the_socket(url: str, uri: str) -> None:
    assert stream_uri(url, "i1") == uri


def test_an_incident_id_cannot_leave_its_place_in_the_address() -> None:
    assert stream_uri("http://h", "../x?y") == "ws://h/api/incidents/..%2Fx%3Fy/stream"


@pytest.mark.parametrize(
    "url", ["ftp://h", "h:1", "http://", "", "http://h:bad", "http://[::1", "http://h:99999", "http://h:0"]
)
def test_what_is_no_address_is_unreadable(url: str) -> None:
    with pytest.raises(Unreadable):
        stream_uri(url, "i1")
