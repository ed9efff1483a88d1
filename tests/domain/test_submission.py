"""Commands and answers as they travel."""

from __future__ import annotations

import msgspec

from command.domain.submission import Answer
from command.policy.decision import Decision, Finding


def test_an_answer_is_read_back_as_it_was_sent_with_all_that_it_carries() -> None:
    """A stored answer is decoded for every repeat, and by every client of the socket."""
    first = Answer(
        "c", "accepted", 3, 4, "aGVhZGVy", Decision("not barred", reasons=("the plan does not bar this",)),
        Finding("no authorization on record", reasons=("no grant was in force",)),
    )  # fmt: skip
    again = Answer("c", "duplicate", first=first)
    assert msgspec.json.decode(msgspec.json.encode(again), type=Answer) == again
