"""What is encoded piecewise for many equals what would be encoded whole for one."""

from __future__ import annotations

import msgspec

from command.stream import render
from command.stream.frame_bytes import text_frame
from command.stream.frames import Gap, Me, Position, ServerHello, ServerPing, ServerSnapshot
from command.views.lens import COMMAND, FIELD
from command.views.rows import ClockInfo
from tests.stream.fakes import NOON, FakeRenderer, FakeService

AT = Position("i1", 1, 3)
ME = Me("p1", "Ada", "a1", "commander", "command", ("RaiseLevel",))
CLOCK = ClockInfo(NOON)
GAP = Gap(0, 3, "first")


def log() -> FakeService:
    service = FakeService()
    service.commit(2, text="hidden place")
    service.commit(text="open place")
    return service


def test_a_hello_with_a_picture_is_the_hello_of_the_frames() -> None:
    service, views = log(), FakeRenderer()
    state = service.states[-1]
    picture = render.picture(views, state, service.events, COMMAND, service.secrets)
    feed = render.entries(views, state, service.events, COMMAND, service.secrets)
    board = views.board(state, COMMAND, service.secrets)
    whole = ServerHello("i1", AT, ME, CLOCK, "ab", gap=GAP, board=board, feed=feed)
    assert render.hello_frame("i1", AT, ME, CLOCK, "ab", GAP, picture) == text_frame(msgspec.json.encode(whole))


def test_a_resumed_hello_is_the_hello_of_the_frames() -> None:
    whole = ServerHello("i1", AT, ME, CLOCK, "", resumed=True)
    assert render.resumed_frame("i1", AT, ME, CLOCK, "") == text_frame(msgspec.json.encode(whole))


def test_a_snapshot_with_a_picture_is_the_snapshot_of_the_frames() -> None:
    service, views = log(), FakeRenderer()
    state = service.states[-1]
    picture = render.picture(views, state, service.events, FIELD, service.secrets)
    feed = render.entries(views, state, service.events, FIELD, service.secrets)
    whole = ServerSnapshot(AT, ME, CLOCK, GAP, views.board(state, FIELD, service.secrets), feed)
    assert render.snapshot_frame(AT, ME, CLOCK, GAP, picture) == text_frame(msgspec.json.encode(whole))


def test_entries_leave_out_what_the_lens_may_not_see() -> None:
    service = log()
    seen = render.entries(FakeRenderer(), service.states[-1], service.events, FIELD, service.secrets)
    assert [entry.seq for entry in seen] == [3]


def test_a_batch_covers_its_whole_range_though_all_of_it_is_hidden() -> None:
    service = log()
    data = render.batch_frame(
        FakeRenderer(), service.states[0], service.states[2], service.events[:2], FIELD, service.secrets
    )
    batch = msgspec.json.decode(data[data.index(b"{") :])
    assert (batch["first"], batch["last"]) == (1, 2) and "events" not in batch


def test_a_range_is_cut_into_chunks_that_join_without_a_gap() -> None:
    service = log()
    frames = render.range_frames(
        FakeRenderer(), service.states[0], service.states[-1], service.events, COMMAND, service.secrets, chunk=2
    )
    batches = [msgspec.json.decode(data[data.index(b"{") :]) for data in frames]
    assert [(batch["first"], batch["last"]) for batch in batches] == [(1, 2), (3, 3)]
    assert ["changes" in batch for batch in batches] == [False, True]


def test_any_frame_becomes_a_text_frame() -> None:
    assert render.frame(ServerPing(3, CLOCK)) == text_frame(msgspec.json.encode(ServerPing(3, CLOCK)))
