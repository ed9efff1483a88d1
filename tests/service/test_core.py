"""Commands in, durable answers out: every kind of answer, idempotency, signed statements, reading."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.fold import evolve, initial
from command.domain.submission import Answer
from command.errors import Busy, MusterError, NotFound, Unavailable
from command.ledger import disclosure
from command.ledger.merkle import root_of
from command.policy.decision import Decision
from command.service import log as log_module
from command.service.api import Applied
from command.service.core import Service
from tests.support.desk import EVERYTHING, IC, LOG, Desk, author, raw, until
from tests.support.given import LEAD, OPEN, START

ENTRY = c.RecordEntry("e1", "all quiet")
RAISE = c.RaiseLevel("north", "facilitate", "they move", ("march-moving",))


def decision(answer: Answer) -> Decision:
    assert answer.decision is not None
    return answer.decision


# Answers -----------------------------------------------------------------------------


async def test_an_accepted_command_says_where_it_stands_and_shows_its_header() -> None:
    async with Desk() as desk:
        await desk.staffed()
        answer = await desk.one(RAISE)
        rows = await desk.store.events(LOG, (answer.seq or 0) - 1, 1)
        assert answer.status == "accepted" and (answer.seq, answer.last_seq) == (7, 8), "with the duty that it starts"
        assert disclosure.decode_bytes(answer.header or "") == rows[0].header
        assert decision(answer).allows


async def test_a_refusal_is_recorded_with_its_decision() -> None:
    async with Desk() as desk:
        await desk.staffed()
        answer = await desk.one(RAISE, author("stranger"))
        assert answer.status == "refused" and decision(answer).effect == "missing"
        last = (await desk.log())[-1]
        assert last.event == e.AskRefused("RaiseLevel", "north", "facilitate") and last.seq == answer.seq


async def test_the_same_bytes_again_get_the_first_answer() -> None:
    async with Desk() as desk:
        await desk.open()
        sub = desk.sub(ENTRY)
        first, second = await desk.submit([sub, sub])
        (third,) = await desk.submit([sub])
        assert first.status == "accepted" and second.status == third.status == "duplicate"
        for again in (second, third):
            assert again.first == first
        assert (await desk.state()).counts["EntryRecorded"] == 1


async def test_other_bytes_or_another_author_under_the_same_id_are_a_conflict_that_tells_nothing() -> None:
    async with Desk() as desk:
        await desk.open()
        sub = desk.sub(ENTRY, "c-1")
        await desk.submit([sub])
        (other,) = await desk.submit([replace(sub, command=raw(c.RecordEntry("e1", "other words")))])
        (someone,) = await desk.submit([sub], author("officer"))
        assert other == someone == Answer("c-1", "conflict", problem="this command id was used for something else")


@pytest.mark.parametrize(
    ("command", "where"),
    [
        (b'{"type":"NoSuchCommand"}', "type"),
        (b'{"type":"RecordEntry","entry":"e1"}', "command"),
        (b'{"type":"RecordEntry","entry":"e 1","text":"x"}', "entry"),
        (b'{"type":"RecordEntry","entry":"e1","text":"x","more":1}', "command"),
        (b"[1]", "command"),
        (b"no json", "command"),
        (b'{"type":"RecordEntry","entry":"e1","text":"\xff"}', "command"),
    ],
)
async def test_what_cannot_be_read_is_answered_and_holds_nobody_up(command: bytes, where: str) -> None:
    async with Desk() as desk:
        await desk.open()
        bad = replace(desk.sub(ENTRY), command=msgspec.Raw(command))
        first, second, third = await desk.submit([desk.sub(ENTRY), bad, desk.sub(c.RecordEntry("e2", "x"))])
        assert (first.status, third.status) == ("accepted", "accepted")
        assert second.status == "unreadable" and where in (second.where or "")
        assert (second.problem or "")[:1].islower()


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"occurred_at": datetime.max.replace(tzinfo=UTC)}, "occurred_at"),
        ({"occurred_at": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))}, "occurred_at"),
        ({"issued_at": datetime.min.replace(tzinfo=UTC)}, "issued_at"),
    ],
)
async def test_times_beyond_the_calendar_are_unreadable_and_break_nothing(changes: dict[str, Any], where: str) -> None:
    async with Desk() as desk:
        await desk.open()
        answer = await desk.one(c.ReportForce("r1", "p1", "4711"), **changes)
        assert (answer.status, answer.where) == ("unreadable", where)
        assert (await desk.one(ENTRY)).status == "accepted"


async def test_an_exercise_clock_beyond_the_calendar_does_not_open() -> None:
    async with Desk() as desk:
        cmd = replace(OPEN, clock_origin=datetime.max.replace(tzinfo=UTC))
        _, answer = await desk.service.open_incident(IC, cmd, "open", incident=LOG, issued_at=desk.now)
        assert (answer.status, answer.where) == ("unreadable", "command.clock_origin")


async def test_an_author_whom_a_header_cannot_name_never_gets_into_the_log() -> None:
    async with Desk() as desk:
        await desk.open()
        for who in (author("José López"), author("ic", ""), author("ic", device="a b")):
            answer = await desk.one(ENTRY, who)
            assert (answer.status, answer.where) == ("unreadable", "author")
        assert len(await desk.log()) == 4


async def test_access_denies_what_it_does_not_name_and_sessions_that_have_ended() -> None:
    async with Desk() as desk:
        await desk.open()
        desk.store.add_session("s1")
        assert (await desk.one(ENTRY, author(session="s1"))).status == "accepted"
        denied = await desk.one(ENTRY, author(session="s1", may=frozenset({"CheckIn"})))
        desk.store.end_session("s1")
        ended = await desk.one(ENTRY, author(session="s1"))
        assert denied.status == ended.status == "denied" and "RecordEntry" in (denied.problem or "")
        entries = [row for _, row in await desk.store.audit_entries(None, 2)]
        assert {row.outcome for row in entries} == {"denied"}
        assert len(await desk.log()) == 5, "a denial by access is an audit entry, not an event"


async def test_an_ended_session_learns_nothing_of_its_earlier_commands() -> None:
    async with Desk() as desk:
        await desk.open()
        desk.store.add_session("s1")
        sub = desk.sub(ENTRY)
        await desk.submit([sub], author(session="s1"))
        desk.store.end_session("s1")
        (answer,) = await desk.submit([sub], author(session="s1"))
        assert (answer.status, answer.first) == ("denied", None)


async def test_an_ask_goes_stale_and_a_report_does_not() -> None:
    async with Desk() as desk:
        await desk.staffed()
        old_ask, old_report = desk.sub(RAISE), desk.sub(ENTRY)
        desk.wait(61)
        ask, report = await desk.submit([old_ask, old_report])
        assert ask.status == "refused" and "stale: asked 61 s ago" in " ".join(decision(ask).reasons)
        assert report.status == "accepted"


async def test_what_the_author_had_seen_may_be_old_but_not_out_of_date_for_long() -> None:
    """Counted from the first event that they had not seen, also where this node was started since."""
    async with Desk() as desk:
        await desk.staffed()
        seen = (await desk.state()).seq
        desk.wait(600)
        assert (await desk.one(RAISE, basis_seq=seen)).status == "accepted", "nothing has happened since"
        async with Desk(desk) as fresh:
            desk.wait(61)
            lower = c.LowerLevel("north", "plan", "calm")
            for node in (desk, fresh):
                answer = await node.one(lower, basis_seq=seen)
                assert "61 s out of date" in " ".join(decision(answer).reasons), answer
        assert (await desk.one(lower, basis_seq=(await desk.state()).seq)).status == "accepted"


async def test_times_of_other_zones_are_kept_in_utc() -> None:
    async with Desk() as desk:
        await desk.open()
        local = START.astimezone(timezone(timedelta(hours=-7)))
        await desk.one(ENTRY, occurred_at=local)
        header = (await desk.log())[-1].header
        assert header.occurred_at == START and header.occurred_at.utcoffset() == timedelta(0)
        assert b'"occurred_at":"2026-05-01T12:00:00Z"' in (await desk.store.events(LOG, 4, 1))[0].header


# The queue ---------------------------------------------------------------------------------


async def test_a_full_queue_takes_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Desk() as desk:
        await desk.open()
        monkeypatch.setattr(log_module, "QUEUE_MAX", 2)
        with pytest.raises(Busy) as caught:
            await desk.send(*(c.RecordEntry(f"e{n}", "x") for n in range(3)))
        assert caught.value.retry_after_s > 0
        assert "EntryRecorded" not in (await desk.state()).counts and desk.service.queued() == 0
        assert [answer.status for answer in await desk.send(ENTRY, ENTRY)] == ["accepted", "accepted"]


async def test_stopping_leaves_nobody_waiting() -> None:
    """Neither whoever is being written, nor whoever waits in the queue, nor whoever comes afterwards."""
    async with Desk() as desk:
        await desk.open()
        async with desk.store.append(LOG):  # the head is locked elsewhere: the writer waits
            live = desk.service._logs[LOG]
            sends = [asyncio.create_task(desk.one(c.RecordEntry("e0", "x")), name="send-0")]
            await until(lambda: len(live._writing) == 1)
            sends += [asyncio.create_task(desk.one(c.RecordEntry(f"e{n}", "x")), name=f"send-{n}") for n in range(1, 5)]
            await until(lambda: desk.service.queued() == 4)
            await desk.service.stop()
            ends = await asyncio.gather(*sends, return_exceptions=True)
        assert all(isinstance(end, Unavailable) for end in ends)
        with pytest.raises(Unavailable):
            await desk.one(ENTRY)
        assert len(await desk.store.events(LOG, 0, 99)) == 4


async def test_a_caller_who_gives_up_does_not_take_the_record_back() -> None:
    async with Desk() as desk:
        await desk.open()
        async with desk.store.append(LOG):
            send = asyncio.create_task(desk.one(ENTRY), name="impatient")
            await until(lambda: len(desk.service._logs[LOG]._writing) == 1)
            send.cancel()
        assert (await desk.one(c.RecordEntry("e2", "x"))).status == "accepted"
        assert (await desk.state()).counts["EntryRecorded"] == 2


# Opening and reading ---------------------------------------------------------------------------


async def test_the_same_opening_twice_is_one_incident() -> None:
    async with Desk() as desk:
        first = await desk.service.open_incident(IC, OPEN, "open-1", issued_at=desk.now)
        again = await desk.service.open_incident(IC, OPEN, "open-1", issued_at=START)
        assert first[0] == again[0] == "open-1" and again[1].status == "duplicate"
        await desk.service.open_incident(IC, replace(OPEN, name="Later"), "open-2", issued_at=desk.now)
        assert {log for log, _ in await desk.service.incidents()} == {"open-1", "open-2"}


async def test_a_log_that_was_never_opened_is_no_incident() -> None:
    async with Desk() as desk:
        await desk.store.create_log("empty")
        assert await desk.service.incidents() == []
        assert desk.service.stack_of(await desk.service.state("empty")) is desk.service.stack


async def test_unknown_incidents_are_not_found() -> None:
    async with Desk() as desk:
        for call in (
            desk.service.state("nope"),
            desk.service.recorded("nope", 0, 9),
            desk.service.private("nope", [1]),
        ):
            with pytest.raises(NotFound):
                await call
        with pytest.raises(NotFound):
            await desk.one(ENTRY)


async def test_every_past_state_is_the_fold_of_its_prefix() -> None:
    async with Desk() as desk:
        await desk.staffed()
        await desk.send(RAISE, ENTRY, c.ReportForce("r1", "p1", "ic", account="x"), c.CloseIncident("over"))
        head = (await desk.state()).seq
        assert desk.service.position(LOG)[1] == head
        state = initial(LOG)
        for entry in await desk.log():
            assert await desk.service.state_at(LOG, state.seq) == state
            state = evolve(state, entry)
        assert await desk.service.state_at(LOG, head) == state == await desk.state()
        for beyond in (-1, head + 1):
            with pytest.raises(NotFound):
                await desk.service.state_at(LOG, beyond)


async def test_events_and_their_values_are_read_only_up_to_what_was_applied() -> None:
    async with Desk() as desk:
        await desk.open()
        await desk.one(ENTRY)
        assert [entry.seq for entry in await desk.service.recorded(LOG, 3, 9)] == [4, 5]
        assert await desk.service.private(LOG, [0, 4, 5, 6]) == {4: {}, 5: {"text": "all quiet"}}
        await desk.one(c.RecordEntry("e2", "later"))
        assert (await desk.service.private(LOG, [6]))[6] == {"text": "later"}, (
            "asked for too early, it was not kept empty"
        )


async def test_whoever_follows_is_told_once_in_order_until_they_stop() -> None:
    async with Desk() as desk:
        await desk.open()
        seen: list[int] = []
        stop = desk.service.subscribe(LOG, lambda applied: seen.extend(entry.seq for entry in applied.events))
        await desk.send(ENTRY, c.RecordEntry("e2", "x"))
        stop()
        stop()
        await desk.one(c.RecordEntry("e3", "x"))
        assert seen == [5, 6]
        for one in desk.applied:
            assert one.before.seq == one.events[0].seq - 1 and one.after.seq == one.events[-1].seq
        heads = await desk.store.head(LOG)
        assert heads is not None and desk.applied[-1].root == heads.root == root_of(heads.frontier)


async def test_a_listener_that_fails_costs_nobody_anything() -> None:
    async with Desk() as desk:
        await desk.open()

        def fails(_applied: Applied) -> None:
            raise ZeroDivisionError

        desk.service.subscribe(LOG, fails)
        desk.service.subscribe(LOG, desk.applied.append)
        before = len(desk.applied)
        assert (await desk.one(ENTRY)).status == "accepted"
        assert len(desk.applied) == before + 2


async def test_an_audit_entry_can_be_made_on_its_own() -> None:
    async with Desk() as desk:
        await desk.open()
        (_, row), *_ = await desk.store.audit_entries(None, 1)
        await desk.service.audit(replace(row, action="incident.export"))
        assert (await desk.store.audit_entries(None, 1))[0][1].action == "incident.export"


# Following other nodes --------------------------------------------------------------------------------


async def test_hints_that_break_off_are_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what one log's trouble is, is not the others'."""
    async with Desk() as writer:
        await writer.open()
        calls: list[str] = []

        class Broken(type(writer.store)):  # type: ignore[misc]  # a store whose hints fail once
            async def hints(self) -> Any:
                calls.append("hints")
                if len(calls) == 1:
                    raise Unavailable("the connection was lost")
                async for log in super().hints():
                    yield log

        monkeypatch.setattr(writer.store, "__class__", Broken)
        async with Desk(writer, poll_s=0.005) as reader:
            await reader.service.state(LOG)
            live = reader.service._logs[LOG]
            real, failures = live.catch_up, [ValueError("ours"), Unavailable("theirs")]

            async def catch_up() -> None:
                if failures:
                    raise failures.pop()
                await real()

            monkeypatch.setattr(live, "catch_up", catch_up)
            await writer.one(ENTRY)
            await until(lambda: reader.service.position(LOG)[1] == 5)
            await until(lambda: len(calls) > 1)
            assert not failures
            await reader.service._catch_up("a log that this node has not loaded")


async def test_errors_of_the_service_are_of_the_one_tree() -> None:
    assert issubclass(Unavailable, MusterError) and EVERYTHING == frozenset(c.COMMANDS) and LEAD
    assert isinstance(Desk().service, Service)
