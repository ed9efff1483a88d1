"""Verification of a log: an honest one passes, and every way to break one is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.domain import envelope, events
from command.domain.private import Sealed
from command.ledger import disclosure, merkle
from command.ledger.verify import LogVerifier, Outcome, Problem, Verification, verify_log

LOG = "0190-log"
SALT = bytes(16)


class Row(msgspec.Struct):
    """One stored event, as a test bends it."""

    seq: int
    header: bytes
    leaf: bytes
    disclosures: dict[str, str | None] = {}


def row(seq: int, kind: str = "EntryRecorded", private: Mapping[str, str] | None = None, **changes: Any) -> Row:
    """An event with its private values sealed; `changes` go into the header, `body` into the body."""
    texts = {path: disclosure.make(SALT, path, value) for path, value in (private or {}).items()}
    body = {"type": kind, **changes.pop("body", {})}
    body |= {path: {"sha256": disclosure.digest(text)} for path, text in texts.items()}
    header = {
        "v": 1,
        "log": LOG,
        "epoch": 1,
        "seq": seq,
        "id": f"c{seq}.1",
        "type": kind,
        "recorded_at": f"2016-05-01T19:{seq:02}:00Z",
        "body": body,
        **changes,
    }
    raw = msgspec.json.encode(header)
    return Row(seq, raw, merkle.leaf_hash(raw), dict(texts))


def redacted(seq: int, subject: str | None = None, seqs: tuple[int, ...] = (), **more: Any) -> Row:
    facts = {"subject": subject, "seqs": seqs, "authority": "court order 7", "reason": "expunged", **more}
    return row(seq, "Redacted", body=facts)


def person(seq: int, subject: str = "s1") -> Row:
    return row(seq, "ForceReported", {"account": "He sat down.", "injury": "none"}, body={"subject": subject})


def lost(event: Row) -> Row:
    event.disclosures = dict.fromkeys(event.disclosures)
    return event


def root(rows: list[Row]) -> bytes:
    return merkle.root_from_leaves([merkle.leaf_hash(event.header) for event in rows])


def check(rows: list[Row], **more: Any) -> Verification:
    head = {"size": len(rows), "root": root(rows), **more}
    return verify_log(LOG, [(event.seq, event.header, event.leaf, event.disclosures) for event in rows], **head)


def kinds(result: Verification) -> list[tuple[str, int | None]]:
    return [(problem.kind, problem.seq) for problem in result.problems]


# An honest log -------------------------------------------------------------------------


def test_an_honest_log_is_ok() -> None:
    """Size, root, epoch and counts are what the events say."""
    rows = [row(1), person(2), row(3, "LogRestored", epoch=2), row(4, recorded_at="2016-05-01T19:03:00Z", epoch=2)]
    result = check(rows, epoch=2, checkpoints={0: merkle.EMPTY_ROOT, 2: root(rows[:2]), 4: root(rows)})
    assert result.ok, result.problems
    assert (result.log, result.size, result.root, result.epoch) == (LOG, 4, root(rows), 2)
    assert (result.fields.shown, result.fields.missing) == (2, 0)


def test_an_epoch_that_begins_without_saying_what_was_lost_is_a_problem() -> None:
    """A log that went on from somewhere else, and hides it."""
    assert kinds(check([row(1), row(2, epoch=2), row(3, epoch=2)])) == [("epoch", 2)]


def test_an_empty_log_is_ok() -> None:
    """Its root is the empty tree's, and any epoch may be about to begin."""
    assert check([], epoch=3).ok
    assert check([]).root == merkle.EMPTY_ROOT


def test_the_domains_own_events_are_read() -> None:
    """Headers as the server writes them: sealed fields, a subject, a redaction."""
    text = disclosure.make(SALT, "reason", "The march is over.")
    closed = events.IncidentClosed(reason=Sealed(disclosure.digest(text)))
    gone = events.Redacted(subject="e:c1.1", seqs=(), authority="court order 7", reason="expunged")
    rows = []
    for seq, event in enumerate((closed, closed, gone), 1):
        raw = envelope.encode_header(
            envelope.Header(
                v=envelope.HEADER_VERSION,
                log=LOG,
                epoch=1,
                seq=seq,
                id=f"c{seq}.1",
                type=type(event).__name__,
                schema=1,
                occurred_at=datetime(2016, 5, 1, 19, tzinfo=UTC),
                recorded_at=datetime(2016, 5, 1, 19, 0, seq, 250_000, tzinfo=UTC),
                actor=envelope.Actor(person="p1", agency="a1"),
                cmd=f"c{seq}",
                body=msgspec.Raw(msgspec.json.encode(event)),
            )
        )
        rows.append(Row(seq, raw, merkle.leaf_hash(raw)))
    rows[1].disclosures = {"reason": text}
    result = check(rows, epoch=1)
    assert result.ok, result.problems
    assert (result.fields.redacted, result.fields.shown) == (1, 1)


def test_each_event_reports_what_it_showed() -> None:
    """So that progress over a long log can name problems as they come."""
    verifier = LogVerifier(LOG)
    good, bad = row(1), row(2, log="another")
    assert verifier.feed(1, good.header, good.leaf) == ()
    (problem,) = verifier.feed(2, bad.header, bad.leaf)
    assert problem == Problem("log", "expected log '0190-log' in the header, got 'another'", 2)
    assert verifier.finish(2, root([good, bad])).problems == (problem,)


# Tree and order -------------------------------------------------------------------------


def test_a_leaf_alone_keeps_its_place_in_the_tree_and_is_counted() -> None:
    """Whoever may not see an event still recomputes the root, and passes a head that was signed over it."""
    rows = [row(1), person(2), row(3)]
    verifier = LogVerifier(LOG, checkpoints={2: root(rows[:2]), 3: root(rows)})
    verifier.feed(1, rows[0].header, rows[0].leaf)
    assert verifier.feed_leaf(2, rows[1].leaf) == ()
    verifier.feed(3, rows[2].header, rows[2].leaf)
    result = verifier.finish(3, root(rows), 1)
    assert result.ok and (result.leaves, result.size, result.fields.shown) == (1, 3, 0)


def test_a_leaf_alone_that_is_not_the_logs_or_opens_something_is_a_problem() -> None:
    """Another leaf gives another root; what is no leaf, comes twice, or brings a disclosure, is named."""
    rows = [row(1), person(2)]
    verifier = LogVerifier(LOG)
    verifier.feed(1, rows[0].header, rows[0].leaf)
    verifier.feed_leaf(2, bytes(31), ["a disclosure"])
    verifier.feed_leaf(2, rows[1].leaf)
    result = verifier.finish(2, root(rows), 1)
    assert kinds(result) == [("leaf", 2), ("disclosure", 2), ("order", 2), ("root", None)] and result.leaves == 1


def test_a_left_out_event_is_a_gap() -> None:
    """Named where it is missed, and the head then fits neither in size nor in root."""
    rows = [row(1), row(2), row(3)]
    result = check([rows[0], rows[2]], size=3, root=root(rows))
    assert kinds(result) == [("gap", 3), ("size", None), ("root", None)]


@pytest.mark.parametrize("again", [1, 2, 0])
def test_an_event_that_comes_again_is_not_counted(again: int) -> None:
    """Nor one from before the first."""
    rows = [row(1), row(2), row(again)]
    assert kinds(check(rows, size=2, root=root(rows[:2]))) == [("order", again)]


def test_a_changed_header_is_noticed_in_leaf_and_root() -> None:
    """The stored leaf is compared with the header, never used instead of it."""
    rows = [row(1), row(2), row(3)]
    honest = root(rows)
    rows[1].header = row(2, id="c2.forged").header
    assert kinds(check(rows, root=honest)) == [("leaf", 2), ("root", None)]


def test_a_changed_header_with_a_matching_leaf_is_noticed_in_the_root() -> None:
    """Rewriting both rows of the database is not enough."""
    rows = [row(1), row(2)]
    honest = root(rows)
    rows[1] = row(2, id="c2.forged")
    assert kinds(check(rows, root=honest)) == [("root", None)]


def test_a_whole_rewritten_log_does_not_pass_an_earlier_checkpoint() -> None:
    """With head, leaves and headers rewritten, a head kept elsewhere still tells."""
    rows = [row(1), row(2), row(3)]
    signed = root(rows[:2])
    rows[0] = row(1, id="c1.forged")
    assert kinds(check(rows, checkpoints={2: signed})) == [("checkpoint", 2)]


def test_a_log_shorter_than_a_checkpoint_was_cut() -> None:
    """A restore from an old backup, or worse."""
    rows = [row(1), row(2)]
    assert kinds(check(rows[:1], checkpoints={2: root(rows)})) == [("checkpoint", None)]


def test_a_false_checkpoint_of_nothing_is_noticed() -> None:
    """Size 0 has one root."""
    assert kinds(check([], checkpoints={0: bytes(32)})) == [("checkpoint", 0)]


@given(st.integers(1, 30), st.data())
def test_any_single_changed_bit_of_any_header_is_noticed(size: int, data: st.DataObject) -> None:
    """Whatever else it may break, leaf and root always tell."""
    rows = [row(seq) for seq in range(1, size + 1)]
    honest = root(rows)
    at = data.draw(st.integers(0, size - 1))
    changed = bytearray(rows[at].header)
    bit = data.draw(st.integers(0, len(changed) * 8 - 1))
    changed[bit // 8] ^= 1 << (bit % 8)
    rows[at].header = bytes(changed)
    result = check(rows, root=honest)
    assert {("leaf", at + 1), ("root", None)} <= set(kinds(result))


# The envelope ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bent", "kind"),
    [
        (row(2, log="another"), "log"),
        (msgspec.structs.replace(row(3), seq=2), "seq"),
        (row(2, epoch=1), "epoch"),
        (row(2, epoch=2, recorded_at="2016-05-01T18:59:59Z"), "time"),
        (row(2, epoch=2, body={"type": "Redacted"}), "header"),
        (row(2, recorded_at="2016-05-01T19:02:00"), "header"),
        (row(2, epoch="2"), "header"),
    ],
)
def test_a_header_out_of_place_is_named(bent: Row, kind: str) -> None:
    """Other log, other seq, an epoch or a time that runs back, another body, a local time, another form."""
    first = row(1, epoch=2)
    problems = check([first, bent]).problems
    assert kind in {problem.kind for problem in problems if problem.seq == 2}


def test_time_is_compared_with_the_latest_and_not_the_last() -> None:
    """One event far in the past does not let the next ones follow it."""
    rows = [row(3), row(2), row(2)]
    for seq, event in enumerate(rows, 1):
        event.seq = seq
        event.header = event.header.replace(b'"seq":%d' % (3 if seq == 1 else 2), b'"seq":%d' % seq)
        event.leaf = merkle.leaf_hash(event.header)
    assert kinds(check(rows)) == [("time", 2), ("time", 3)]


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", pytest.param(b'{"body":' + b"[" * 20_000, id="nested")])
def test_bytes_that_are_no_header_are_named_and_still_hashed(raw: bytes) -> None:
    """The next events are checked all the same."""
    rows = [row(1), Row(2, raw, merkle.leaf_hash(raw)), row(3)]
    assert kinds(check(rows)) == [("header", 2)]


def test_a_header_with_two_readings_is_named() -> None:
    """Two readers would see two events under one leaf."""
    event = row(1)
    event.header = event.header.replace(b'"id":"c1.1"', b'"id":"c1.1","id":"c9.1"')
    event.leaf = merkle.leaf_hash(event.header)
    assert kinds(check([event])) == [("header", 1)]


def test_the_last_epoch_is_the_heads() -> None:
    """A head of a newer epoch without an event in it was not made by a restore."""
    assert kinds(check([row(1)], epoch=2)) == [("epoch", None)]


# Private fields -------------------------------------------------------------------------------


def test_a_disclosure_of_another_value_is_mismatched() -> None:
    """Other value, other field, no disclosure at all: each is named with its field."""
    swapped = disclosure.make(SALT, "injury", "He sat down.")
    for text in (disclosure.make(SALT, "account", "He stood up."), "AAAA", "ö"):
        event = person(1)
        event.disclosures["account"] = text
        result = check([event])
        assert [(problem.kind, problem.path) for problem in result.problems] == [("disclosure", "account")]
        assert (result.fields.shown, result.fields.mismatched) == (1, 1)
    moved = row(1, body={"account": {"sha256": disclosure.digest(swapped)}})
    moved.disclosures = {"account": swapped}
    assert check([moved]).fields.mismatched == 1
    short = disclosure.encode_bytes(b'["AAAA","account","x"]')
    weak = row(1, body={"account": {"sha256": disclosure.digest(short)}})
    weak.disclosures = {"account": short}
    assert "salt" in check([weak]).problems[0].says


def test_a_disclosure_without_a_commitment_is_named() -> None:
    """Nothing in the log stands behind it."""
    event = row(1)
    event.disclosures = {"text": disclosure.make(SALT, "text", "x")}
    assert [(p.kind, p.path) for p in check([event]).problems] == [("disclosure", "text")]


def test_a_lost_disclosure_is_an_alarm() -> None:
    """Whether the source says that it is missing, or does not have it though it should."""
    silent = person(2)
    silent.disclosures = {}
    result = check([lost(person(1)), silent])
    assert result.fields.missing == 4
    assert [(p.kind, p.seq, p.path) for p in result.problems] == [
        ("missing", seq, path) for seq in (1, 2) for path in ("account", "injury")
    ]


def test_what_a_lens_leaves_out_is_withheld() -> None:
    """A source that does not claim to hold all may leave out; what it calls missing still is."""
    silent, admitted = person(1), lost(person(2))
    silent.disclosures = {}
    result = check([silent, admitted], holds_all=False)
    assert (result.fields.withheld, result.fields.missing) == (2, 2)
    assert kinds(result) == [("missing", 2), ("missing", 2)]


@pytest.mark.parametrize("holds_all", [True, False])
def test_a_redaction_explains_what_is_gone(holds_all: bool) -> None:
    """By subject, by seq, by event where there is no subject; and only what is gone."""
    gone = [lost(person(1)), lost(person(2, "s2")), lost(row(3, private={"text": "x"})), person(4, "s4")]
    rows = [*gone, redacted(5, "s1"), redacted(6, seqs=(2, 99)), redacted(7, "e:c3.1"), redacted(8, "s1", (1,))]
    result = check(rows, holds_all=holds_all)
    assert result.ok, result.problems
    assert (result.fields.redacted, result.fields.shown) == (5, 2)


def test_a_redaction_covers_nothing_after_it() -> None:
    """Nor another subject, nor its own place."""
    rows = [lost(person(1, "s2")), redacted(2, "s1", (2, 3)), lost(person(3))]
    result = check(rows)
    assert kinds(result) == [("missing", 1)] * 2 + [("missing", 3)] * 2


@pytest.mark.parametrize("blank", [{"authority": ""}, {"reason": ""}, {"authority": None}])
def test_a_redaction_without_authority_or_reason_covers_nothing(blank: dict[str, Any]) -> None:
    """Destroying a record needs a name behind it."""
    rows = [lost(person(1)), redacted(2, "s1", **blank)]
    assert kinds(check(rows)) == [("header", 2), ("missing", 1), ("missing", 1)]


def test_seqs_of_another_form_cover_nothing() -> None:
    """A body of another shape is read as far as it can be."""
    rows = [lost(person(1)), redacted(2, seqs="1"), redacted(3, seqs=["1", None])]  # type: ignore[arg-type]  # bent
    assert kinds(check(rows)) == [("missing", 1), ("missing", 1)]


def test_what_is_still_there_after_its_redaction_is_named() -> None:
    """The authority was given, the destruction did not happen."""
    rows = [person(1), redacted(2, "s1")]
    result = check(rows)
    assert [(p.kind, p.seq, p.path) for p in result.problems] == [
        ("not destroyed", 1, "account"),
        ("not destroyed", 1, "injury"),
    ]


def test_every_field_gets_one_outcome() -> None:
    """Told as soon as it is final: what is gone waits for its redaction, or for the end."""
    told: list[tuple[int, str, Outcome]] = []
    verifier = LogVerifier(LOG, on_field=lambda seq, path, outcome: told.append((seq, path, outcome)))
    wrong = person(1)
    wrong.disclosures |= {"injury": "AAAA"}
    rows = [wrong, lost(row(2, private={"text": "x"})), lost(row(3, private={"text": "y"})), redacted(4, seqs=(2,))]
    for event in rows:
        verifier.feed(event.seq, event.header, event.leaf, event.disclosures)
    assert told == [(1, "account", "shown-ok"), (1, "injury", "mismatched"), (2, "text", "redacted")]
    verifier.finish(4, root(rows))
    assert told[3:] == [(3, "text", "MISSING")]


def test_a_hundred_problems_are_kept() -> None:
    """Unless told otherwise."""
    result = check([row(1)] * 150)
    assert len(result.problems) == 100 < result.problem_count


def test_only_the_first_problems_are_kept_and_all_are_counted() -> None:
    """A log that is broken everywhere does not fill the memory."""
    verifier = LogVerifier(LOG, problems_kept=3)
    rows = [row(seq, log="another") for seq in range(1, 11)]
    for event in rows:
        assert len(verifier.feed(event.seq, event.header, event.leaf)) == 1
    result = verifier.finish(10, root(rows))
    assert ([problem.seq for problem in result.problems], result.problem_count, result.ok) == ([1, 2, 3], 10, False)
