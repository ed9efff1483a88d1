"""What a batch appends: pure, so tested without a store, a loop or a clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain.codec import decode_recorded
from command.domain.state import initial
from command.domain.submission import Answer, Submission
from command.ledger import merkle
from command.ledger.disclosure import decode_bytes
from command.service.compose import Composed, Given, Pending, compose
from command.store.ports import CommandRow, Head
from tests.support.desk import author, raw
from tests.support.given import COURSES, LEAD, LOG, OPEN, START, model_stack, salts

HEAD = Head(LOG, 1, 0, (), merkle.EMPTY_ROOT, None, START)
FRESH = Given(initial(LOG), HEAD, {}, frozenset(), model_stack(), salts("compose"), lambda _seen: None)


def pending(cmd: c.Command, cmd_id: str, who: str = "ic", **sub: Any) -> Pending:
    made = Submission(cmd_id, raw(cmd), START, **sub)
    return Pending(author(who), made, cmd, cmd_id.encode())


OPENING = pending(OPEN, "open")


def after(composed: Composed, wait_s: float = 1.0, **changes: Any) -> Given:
    """What the next writer finds."""
    known = {row.cmd: row for row in composed.commands}
    head = replace(composed.head, wall=START + timedelta(seconds=wait_s))
    return replace(FRESH, state=composed.state, head=head, known=known, **changes)


def test_a_batch_continues_the_head_and_every_leaf_is_of_its_bytes() -> None:
    done = compose(FRESH, [OPENING, pending(c.DefineSector("n", "N"), "c2")])
    assert [row.seq for row in done.events] == list(range(1, 6)) and done.head.seq == done.state.seq == 5
    assert all(row.leaf == merkle.leaf_hash(row.header) for row in done.events)
    assert done.head.root == merkle.root_of(done.head.frontier) and done.head.recorded_at == START
    assert [entry.header.id for entry in done.recorded] == [*(f"open.{n}" for n in range(4)), "c2.0"]
    assert [decode_recorded(row.header) for row in done.events] == list(done.recorded)


def test_a_later_command_is_decided_on_what_the_earlier_brought_about() -> None:
    sector = c.DefineSector("n", "N")
    done = compose(FRESH, [OPENING, pending(sector, "c2"), pending(sector, "c3")])
    assert [answer.status for answer in done.answers] == ["accepted", "accepted", "refused"]


def test_time_never_runs_backwards_though_the_wall_clock_does() -> None:
    opened = compose(FRESH, [OPENING])
    done = compose(after(opened, wait_s=-60), [pending(c.RecordEntry("e1", "x"), "c2")])
    assert done.recorded[0].header.recorded_at == START and done.head.recorded_at == START


def test_an_exercise_keeps_the_wall_clock_beside_its_own() -> None:
    origin = START - timedelta(days=3650)
    cmd = replace(OPEN, clock_origin=origin, clock_rate=60.0)
    opened = compose(FRESH, [pending(cmd, "open")])
    assert {(e.header.recorded_at, e.header.wall_at) for e in opened.recorded} == {(origin, START)}
    later = compose(after(opened, wait_s=2), [pending(c.RecordEntry("e1", "x"), "c2")]).recorded[0].header
    assert (later.recorded_at, later.wall_at) == (origin + timedelta(seconds=120), START + timedelta(seconds=2))
    plain = compose(FRESH, [OPENING]).recorded[0].header
    assert plain.wall_at is None


@pytest.mark.parametrize(
    ("held", "expected"), [((), None), (("safety",), "safety"), (("safety", "operations"), "operations")]
)
def test_an_event_names_the_position_held(held: tuple[str, ...], expected: str | None) -> None:
    """Command before any other, then by name."""
    ops = c.CheckIn("ops", "Ops", LEAD, "lieutenant", training=COURSES)
    assigned = [pending(c.AssignPosition(key, "ops"), key) for key in held]
    done = compose(
        FRESH, [OPENING, pending(ops, "in", "ops"), *assigned, pending(c.RecordEntry("e1", "x"), "e", "ops")]
    )
    assert done.recorded[-1].header.actor.position == expected
    assert done.recorded[0].header.actor.position is None, "nobody holds anything before the opening"
    both = compose(
        after(done), [pending(c.AssignPosition("deputy", "ic"), "d"), pending(c.RecordEntry("e2", "x"), "e2")]
    )
    assert both.recorded[-1].header.actor.position == "incident-commander"


def test_answers_and_remembered_answers_hold_no_private_value() -> None:
    said = [
        pending(c.RecordEntry("e1", "canary"), "c2"),
        pending(c.ReportForce("r1", "p1", "ic", account="canary"), "c3"),
    ]
    done = compose(FRESH, [OPENING, *said])
    assert b"canary" not in msgspec.json.encode(done.answers) + b"".join(row.answer for row in done.commands)
    assert all(b"canary" not in row.header for row in done.events) and "canary" not in repr(done.audit)
    assert decode_bytes(done.answers[1].header or "") == done.events[4].header
    assert {secret.subject for secret in done.secrets} == {"e:c2.0", "p1"}
    assert [secret.plain for secret in done.secrets] == [{"text": "canary"}, {"account": "canary"}]


def test_a_repeat_in_the_batch_or_from_before_is_answered_and_appends_nothing() -> None:
    entry = pending(c.RecordEntry("e1", "x"), "c2")
    opened = compose(FRESH, [OPENING, entry, entry])
    assert [answer.status for answer in opened.answers] == ["accepted", "accepted", "duplicate"]
    again = compose(after(opened), [entry, replace(entry, retried=True), replace(entry, digest=b"other")])
    assert [answer.status for answer in again.answers] == ["duplicate", "accepted", "conflict"]
    assert again.answers[1] == opened.answers[1] and not again.events and not again.commands
    assert again.head.seq == opened.head.seq and again.head.root == opened.head.root


def test_denials_are_audited_and_append_nothing() -> None:
    opened = compose(FRESH, [OPENING])
    gone = replace(OPENING, author=author(session="s9"))
    barred = replace(pending(c.RecordEntry("e1", "x"), "c2"), author=author(may=frozenset()))
    done = compose(after(opened, revoked=frozenset({"s9"})), [gone, barred])
    assert [answer.status for answer in done.answers] == ["denied", "denied"]
    assert [(row.action, row.outcome) for row in done.audit] == [
        ("command.OpenIncident", "denied"),
        ("command.RecordEntry", "denied"),
    ]
    assert not done.events and all(isinstance(answer, Answer) for answer in done.answers)


def test_every_command_that_is_decided_is_audited_and_remembered() -> None:
    done = compose(FRESH, [OPENING, pending(c.CloseIncident("x"), "c2", "officer")])
    assert done.audit[0].outcome == "ok" and done.audit[1].outcome != "ok"
    assert [(row.first_seq, row.last_seq) for row in done.commands] == [(1, 4), (5, 5)]
    assert all(isinstance(row, CommandRow) and row.actor in ("ic", "officer") for row in done.commands)


def test_what_is_to_be_redacted_is_named_once_for_the_store() -> None:
    opened = compose(FRESH, [OPENING])
    done = compose(
        after(opened),
        [pending(c.Redact("Court", "x", "p1", (1, 2)), "c2"), pending(c.Redact("C", "x", seqs=(3,)), "c3")],
    )
    assert (done.redact_subjects, done.redact_seqs) == (("p1",), (1, 2, 3))


def test_what_an_author_had_seen_counts_from_the_head_as_the_batch_found_it() -> None:
    opened = compose(FRESH, [OPENING])
    sector = pending(c.DefineSector("n", "N"), "c2")
    seen = after(opened)
    for basis, age, status in (
        (4, None, "accepted"),
        (99, None, "refused"),
        (3, 5.0, "accepted"),
        (3, 61.0, "refused"),
    ):
        raised = pending(c.RaiseLevel("n", "facilitate", "x", ("march-moving",)), "c3", basis_seq=basis)
        ages = {3: age}.get
        done = compose(replace(seen, basis_age_s=ages), [sector, raised])
        assert done.answers[1].status == status, (basis, age)
        assert done.recorded[-1].header.basis_seq in (basis, None)


def test_an_ask_happens_when_it_is_judged_whatever_it_claims() -> None:
    """Else duties would begin, and units be formed, at a moment of the author's choosing."""
    opened = compose(FRESH, [OPENING])
    long_ago = START - timedelta(days=9000)
    sector = pending(c.DefineSector("n", "N"), "c2", occurred_at=long_ago)
    entry = pending(c.RecordEntry("e1", "seen earlier"), "c3", occurred_at=long_ago)
    done = compose(after(opened), [sector, entry])
    asked, told = (one.header for one in done.recorded)
    assert asked.occurred_at == asked.recorded_at
    assert told.occurred_at == long_ago
