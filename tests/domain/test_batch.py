"""Of several commands in one request each is read by itself."""

from __future__ import annotations

import msgspec

from command.domain.batch import in_place, read_each, readable
from command.domain.submission import Answer, Submission

ONE: msgspec.json.Decoder[Submission] = msgspec.json.Decoder(Submission)
GOOD = [b'{"cmd":"c1","command":{}}', b'{"cmd":"c2","command":{}}']


def words(error: Exception) -> tuple[str, str]:
    """The kind of the complaint, and always the same place."""
    return type(error).__name__, "$.here"


def test_what_cannot_be_read_is_answered_at_its_place_and_under_its_own_id() -> None:
    bad = [
        b'{"cmd":"c3","command":{},"issued_at":"yesterday"}',
        b'{"cmd":"no id","command":{}}',
        b"7",
        b'{"cmd":"c4","command":{},"more":"\xff"}',
    ]
    read = read_each([GOOD[0], *bad, GOOD[1]], ONE, "$.commands", words)
    assert [one.cmd for one in readable(read)] == ["c1", "c2"]
    told = [one for one in read if isinstance(one, Answer)]
    assert [one.cmd for one in told] == ["c3", "", "", "c4"]
    assert {one.status for one in told} == {"unreadable"}
    assert [one.where for one in told] == [f"$.commands[{n}].here" for n in (1, 2, 3, 4)]
    assert all(one.problem in ("ValidationError", "DecodeError", "UnicodeDecodeError") for one in told)


def test_answers_come_in_the_order_of_the_request() -> None:
    read = read_each([b"7", GOOD[0], b"8", GOOD[1]], ONE, "$", words)
    answers = in_place(read, [Answer("c1", "accepted"), Answer("c2", "refused")])
    assert [one.status for one in answers] == ["unreadable", "accepted", "unreadable", "refused"]


def test_nothing_that_is_nested_too_deep_gets_through() -> None:
    (told,) = read_each([b'{"cmd":' + b"[" * 100_000], ONE, "$", words)
    assert isinstance(told, Answer) and (told.cmd, told.status) == ("", "unreadable")
