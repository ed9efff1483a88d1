"""One reader of headers: what is none, what says two things, and which of its values may be commitments."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from command.errors import Unreadable
from command.ledger.header import read_header


def raw(**more: Any) -> bytes:
    """A header with other values in it."""
    header = {
        "log": "l", "epoch": 1, "seq": 2, "id": "c.0", "type": "EntryRecorded", "recorded_at": "2026-05-01T12:00:00Z",
        "body": {"type": "EntryRecorded", "entry": "e"},
    }  # fmt: skip
    return msgspec.json.encode({**header, **more})


def test_a_header_is_read_and_what_it_does_not_know_is_passed_over() -> None:
    header, wrong = read_header(raw(later={"x": 1}))
    assert (header.log, header.epoch, header.seq, header.type, wrong) == ("l", 1, 2, "EntryRecorded", ())
    assert header.subject == "e:c.0"
    assert read_header(raw(body={"subject": "s"}))[0].subject == "s"
    assert read_header(raw(body={"subject": 7}))[0].subject == "e:c.0"


def test_whatever_may_be_a_commitment_is_named_by_its_path() -> None:
    header, _ = read_header(raw(confidential={"person": {"sha256": "x"}}))
    assert list(header.committed()) == [("type", "EntryRecorded"), ("entry", "e"), ("actor.person", {"sha256": "x"})]


@pytest.mark.parametrize(
    "text",
    [
        b"", b"7", b"{", raw()[:-1], b"\xff", b"[" * 100_000, raw(seq="2"), raw(recorded_at="2026-05-01T12:00:00"),
        raw(recorded_at=1), raw(body=[]),
    ],
)  # fmt: skip
def test_what_is_no_header_is_told(text: bytes) -> None:
    with pytest.raises(Unreadable, match="expected a header: "):
        read_header(text)


def test_a_header_that_says_two_things_is_told() -> None:
    """A name twice, or a body of another kind than the header."""
    twice = raw().replace(b'"seq":2', b'"seq":2,"seq":3')
    other = raw(body={"type": "Redacted"})
    assert read_header(twice)[1] == ("expected each name once in a header, got 'seq' twice",)
    assert read_header(other)[1] == ("expected a body of type 'EntryRecorded', got 'Redacted'",)
