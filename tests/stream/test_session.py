"""The session by transcript: what came and when, what is to be done."""

from __future__ import annotations

import json

import pytest

from command.domain.submission import Answer, Submission
from command.stream.frames import CLOSE_BAD_FRAME, CLOSE_TOO_BIG, CLOSE_TRY_LATER, MAX_MESSAGE_BYTES, Position
from command.stream.session import (
    BURST,
    HELLO_WITHIN_S,
    MESSAGES_PER_MIN,
    REFUSALS,
    Bucket,
    Close,
    Effect,
    Pong,
    Problem,
    Resume,
    Session,
    Submit,
)

HELLO = '{"t":"hello"}'
PING = '{"t":"ping","n":7}'


def submit(ref: str = "r1", cmd: str = "c1", **more: object) -> str:
    return json.dumps({"t": "submit", "ref": ref, "commands": [{"cmd": cmd, "command": {"type": "X"}}], **more})


def live(now: float = 0.0) -> Session:
    session = Session(now)
    assert session.receive(HELLO, now) == (Resume(None),)
    return session


def only(effects: tuple[Effect, ...]) -> Effect:
    assert len(effects) == 1
    return effects[0]


# the hello


def test_a_hello_without_position_asks_for_a_snapshot_and_makes_the_session_live() -> None:
    session = Session(0.0)
    assert session.phase == "waiting-hello"
    assert session.receive(HELLO, 1.0) == (Resume(None),)
    assert session.phase == "live"


def test_a_hello_with_position_and_lens_hands_both_on() -> None:
    text = '{"t":"hello","protocol":"muster.1","lens":"field","resume":{"log":"i","epoch":1,"seq":9}}'
    assert Session(0.0).receive(text, 1.0) == (Resume(Position("i", 1, 9), "field"),)


def test_no_hello_within_ten_seconds_closes() -> None:
    session = Session(100.0)
    assert session.deadline == 100.0 + HELLO_WITHIN_S
    assert session.tick(109.9) == ()
    closed = only(session.tick(110.0))
    assert isinstance(closed, Close) and closed.code == CLOSE_BAD_FRAME
    assert session.phase == "closed"


def test_after_the_hello_there_is_no_deadline() -> None:
    session = live()
    assert session.deadline is None
    assert session.tick(1e9) == ()


@pytest.mark.parametrize("text", [PING, submit(), '{"t":"hello","protocol":"muster.2"}'])
def test_anything_else_first_closes(text: str) -> None:
    session = Session(0.0)
    closed = only(session.receive(text, 0.0))
    assert isinstance(closed, Close) and closed.code == CLOSE_BAD_FRAME


def test_an_unreadable_first_message_is_named_and_closes() -> None:
    problem, closed = Session(0.0).receive('{"t":"hello","resume":{"log":"i","epoch":1,"seq":-1}}', 0.0)
    assert isinstance(problem, Problem) and "$.resume.seq" in problem.detail
    assert isinstance(closed, Close) and closed.code == CLOSE_BAD_FRAME


def test_a_second_hello_closes() -> None:
    closed = only(live().receive(HELLO, 1.0))
    assert isinstance(closed, Close) and closed.code == CLOSE_BAD_FRAME


# what is taken


def test_a_submit_hands_its_commands_on_as_the_bytes_that_came() -> None:
    text = '{"t":"submit","ref":"r","commands":[{"cmd":"c1","command":{ "type" : "X"}},{"cmd":"c2","command":{}}]}'
    effect = only(live().receive(text, 1.0))
    assert isinstance(effect, Submit) and effect.ref == "r"
    sent = [one for one in effect.submissions if isinstance(one, Submission)]
    assert [(one.cmd, bytes(one.command)) for one in sent] == [("c1", b'{ "type" : "X"}'), ("c2", b"{}")]


def test_of_a_batch_what_cannot_be_read_is_answered_and_the_others_go_on() -> None:
    bad = '{"cmd":"c2","command":{},"issued_at":"yesterday"}'
    text = f'{{"t":"submit","ref":"r","commands":[{{"cmd":"c1","command":{{}}}},{bad},{{"cmd":"c3","command":{{}}}}]}}'
    effect = only(live().receive(text, 1.0))
    assert isinstance(effect, Submit)
    assert [one.cmd for one in effect.submissions] == ["c1", "c2", "c3"]
    told = effect.submissions[1]
    assert isinstance(told, Answer) and told.status == "unreadable" and told.where == "$.commands[1].issued_at"
    none = only(live().receive(f'{{"t":"submit","ref":"r","commands":[{bad}]}}', 1.0))
    assert isinstance(none, Problem) and none.ref == "r", "nothing of it was taken"


def test_a_ping_is_answered_with_its_number() -> None:
    assert live().receive(PING, 1.0) == (Pong(7),)


# what is not


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "truncated"),
        ('{"t":"nonsense"}', "invalid value"),
        ('{"t":"ping","n":1,"extra":2}', "unknown field"),
        (submit(extra=1), "unknown field"),
        ('{"t":"submit","ref":"r1","commands":[]}', "length"),
        (submit(cmd="not an id"), "$.commands[0].cmd"),
        ('"\ud800"', "surrogates"),
    ],
)
def test_an_unreadable_frame_is_named_and_the_socket_stays_open(text: str, says: str) -> None:
    session = live()
    problem = only(session.receive(text, 1.0))
    assert isinstance(problem, Problem) and problem.code == "unreadable"
    assert says in problem.detail
    assert problem.ref == ("r1" if "submit" in text else None)
    assert session.phase == "live"


def test_a_ref_longer_than_any_we_take_is_cut_in_the_answer() -> None:
    problem = only(live().receive(submit(ref="x" * 100), 1.0))
    assert isinstance(problem, Problem) and problem.ref == "x" * 64


def test_a_binary_message_closes() -> None:
    closed = only(live().receive_binary())
    assert isinstance(closed, Close) and closed.code == CLOSE_BAD_FRAME


@pytest.mark.parametrize("text", ["x" * (MAX_MESSAGE_BYTES + 1), "ß" * (MAX_MESSAGE_BYTES // 2 + 1)])
def test_a_message_over_64_kib_closes(text: str) -> None:
    closed = only(live().receive(text, 1.0))
    assert isinstance(closed, Close) and closed.code == CLOSE_TOO_BIG


def test_a_message_of_exactly_64_kib_is_read() -> None:
    problem = only(live().receive("ß" * (MAX_MESSAGE_BYTES // 2), 1.0))
    assert isinstance(problem, Problem) and problem.code == "unreadable"


def test_after_a_close_nothing_follows() -> None:
    session = live()
    session.receive_binary()
    assert session.receive(PING, 1.0) == session.receive_binary() == session.tick(99.0) == ()


# the rate


def test_over_the_rate_a_submit_is_told_to_come_again_and_never_dropped_unsaid() -> None:
    session = live()
    for _ in range(int(BURST) - 1):  # the hello took one
        assert isinstance(only(session.receive(submit(), 0.0)), Submit)
    busy = only(session.receive(submit(ref="late"), 0.0))
    assert isinstance(busy, Problem) and (busy.code, busy.ref) == ("busy", "late")
    wait_s = 60.0 / MESSAGES_PER_MIN
    assert f"{wait_s:.1f} s" in busy.detail
    assert isinstance(only(session.receive(submit(ref="late"), wait_s)), Submit)


def test_the_sustained_rate_is_a_hundred_a_minute() -> None:
    session = live()
    taken = sum(isinstance(only(session.receive(PING, second * 0.5)), Pong) for second in range(1200))
    assert taken == pytest.approx(BURST + 10 * MESSAGES_PER_MIN, abs=2)


def test_a_flood_is_answered_up_to_a_limit_and_then_closed() -> None:
    session = live()
    effects = [only(session.receive(PING, 0.0)) for _ in range(int(BURST - 1 + REFUSALS))]
    assert sum(isinstance(effect, Problem) for effect in effects) == REFUSALS
    closed = only(session.receive(PING, 0.0))
    assert isinstance(closed, Close) and closed.code == CLOSE_TRY_LATER


def test_a_bucket_ignores_time_that_runs_backwards() -> None:
    bucket = Bucket(60.0, 1.0, 100.0)
    assert bucket.take(100.0)
    assert not bucket.take(0.0)
    assert not bucket.take(100.5)
    assert bucket.take(101.0)


def test_every_message_yields_at_least_one_effect() -> None:
    """Nothing that a live client sends disappears: each of many odd messages is answered or closes."""
    for text in ("", "null", "[]", "{}", '{"t":1}', '{"t":"ping"}', submit(), "\x00", "NaN"):
        assert live().receive(text, 1.0)


def test_a_message_nested_beyond_all_measure_is_unreadable_like_any_other() -> None:
    """Deep nesting must not become an exception that ends the connection's task."""
    session = Session(0.0)
    effects = session.receive('{"t":"hello","resume":' + "[" * 60_000, 1.0)
    assert any(isinstance(effect, Close) for effect in effects)
