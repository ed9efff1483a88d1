"""The store's contract, written once: test_memory and test_postgres run it on their stores."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from command.errors import Conflict, MusterError, NotFound, Unreadable
from command.store.ports import (
    AuditQuery,
    AuditRow,
    Batch,
    CommandRow,
    DisclosureRow,
    EventRow,
    Head,
    KeyStore,
    PackRow,
    Store,
)

LOG = "0199a000-0000-7000-8000-000000000001"
OTHER = "0199a000-0000-7000-8000-000000000002"
T0 = datetime(2026, 5, 1, 17, 0, tzinfo=UTC)
AUDIT = AuditRow(T0, "p1", "s1", "10.0.0.7", "incident.act", LOG, "ok", "RecordObservation")


def audit_of(minute: int, who: str, action: str, about: str, outcome: str) -> AuditRow:
    """An entry so many minutes in."""
    return AuditRow(T0 + timedelta(minutes=minute), who, "s1", "10.0.0.7", action, about, outcome)


def header(seq: int, cmd: str = "", kind: str = "Noted", body: object = None, at: datetime | None = None) -> bytes:
    """The header fields that a store looks at."""
    return msgspec.json.encode(
        {
            "log": LOG,
            "seq": seq,
            "id": f"{cmd or f'c{seq}'}.{seq}",
            "type": kind,
            "recorded_at": at or T0 + timedelta(seconds=seq),
            "body": body or {"text": {"sha256": "x"}},
        }
    )


def event(seq: int, raw: bytes | None = None) -> EventRow:
    """An event row with its leaf."""
    raw = header(seq) if raw is None else raw
    return EventRow(seq, raw, hashlib.sha256(b"\0" + raw).digest())


def cmd_row(cmd: str, first: int, last: int) -> CommandRow:
    """An answered command."""
    return CommandRow(cmd, "p1", hashlib.sha256(cmd.encode()).digest(), first, last, b'{"accepted":true}')


def batch(
    head: Head,
    events: Sequence[EventRow],
    disclosures: Sequence[DisclosureRow] = (),
    commands: Sequence[CommandRow] = (),
    audit: Sequence[AuditRow] = (),
    redact_subjects: Sequence[str] = (),
    redact_seqs: Sequence[int] = (),
) -> Batch:
    """A batch that continues `head`."""
    last = head.recorded_at
    if events:
        last = msgspec.convert(msgspec.json.decode(events[-1].header)["recorded_at"], datetime)
    new = msgspec.structs.replace(
        head,
        seq=head.seq + len(events),
        frontier=tuple(row.leaf for row in events[-2:]) or head.frontier,
        root=events[-1].leaf if events else head.root,
        recorded_at=last,
    )
    return Batch(
        new,
        tuple(events),
        tuple(disclosures),
        tuple(commands),
        tuple(audit),
        tuple(redact_subjects),
        tuple(redact_seqs),
    )


def unreadable(head: Head) -> Batch:
    """A batch whose event has bytes that are no header."""
    right = batch(head, [event(head.seq + 1)])
    return msgspec.structs.replace(right, events=(EventRow(head.seq + 1, b"{}", b"l" * 32),))


async def fill(store: Store, count: int, log: str = LOG) -> None:
    """Append `count` plain events, each with a disclosure of subject `p<seq % 2>`."""
    await store.create_log(log)
    async with store.append(log) as append:
        seqs = range(append.head.seq + 1, append.head.seq + count + 1)
        events = [event(seq) for seq in seqs]
        boxes = [DisclosureRow(seq, "text", f"p{seq % 2}", b"box" * seq) for seq in seqs]
        await append.commit(batch(append.head, events, boxes))


def redacted(seq: int, subject: str | None = None, seqs: Sequence[int] = ()) -> EventRow:
    """A Redacted event."""
    return event(seq, header(seq, kind="Redacted", body={"subject": subject, "seqs": list(seqs), "authority": "court"}))


class StoreContract:
    """What every store does. Subclasses give a `store` fixture with an empty store."""

    async def test_a_new_log_is_empty_and_creating_it_again_changes_nothing(self, store: Store) -> None:
        await store.create_log(LOG, [AUDIT])
        await store.create_log(LOG, [AUDIT])
        head = await store.head(LOG)
        assert head is not None
        assert (head.log, head.epoch, head.seq, head.frontier) == (LOG, 1, 0, ())
        assert head.root == hashlib.sha256(b"").digest()
        assert head.recorded_at is None
        assert head.wall.utcoffset() == timedelta(0)
        assert [row for _, row in await store.audit_entries(None, 10)] == [AUDIT]

    async def test_an_unknown_log_is_not_found(self, store: Store) -> None:
        assert await store.head(LOG) is None
        assert await store.events(LOG, 0, 10) == []
        assert await store.seq_at(LOG, T0) == 0
        assert await store.snapshot(LOG, 10, "v1") is None
        with pytest.raises(NotFound):
            async with store.append(LOG):
                pass
        with pytest.raises(NotFound):
            await store.put_snapshot(LOG, 1, b"r" * 32, "v1", b"{}")

    async def test_what_is_committed_is_read_back_byte_for_byte(self, store: Store) -> None:
        await store.create_log(LOG)
        events = [event(seq) for seq in (1, 2, 3)]
        boxes = [DisclosureRow(2, "text", "p1", b"\x00\xff"), DisclosureRow(2, "name", "p1", b"b")]
        async with store.append(LOG) as append:
            assert append.head.seq == 0
            await append.commit(batch(append.head, events, boxes, [cmd_row("c1", 1, 3)], [AUDIT]))
            written = batch(append.head, events).head
        head = await store.head(LOG)
        assert head is not None
        assert msgspec.structs.replace(head, wall=written.wall) == written
        assert await store.events(LOG, 0, 10) == events
        assert await store.disclosures(LOG, [1, 2, 3]) == [boxes[1], boxes[0]]
        assert [row for _, row in await store.audit_entries(None, 10)] == [AUDIT]

    async def test_reads_are_bounded_and_in_order(self, store: Store) -> None:
        await fill(store, 10)
        assert [row.seq for row in await store.events(LOG, 3, 4)] == [4, 5, 6, 7]
        assert [row.seq for row in await store.events(LOG, 8, 4)] == [9, 10]
        assert [row.seq for row in await store.events_before(LOG, 5, 3)] == [2, 3, 4]
        assert [row.seq for row in await store.events_before(LOG, 3, 9)] == [1, 2]
        assert await store.events_before(LOG, 1, 9) == []
        assert await store.events_before(LOG, 5, 0) == []
        assert await store.leaves(LOG, 8, 5) == [(9, event(9).leaf), (10, event(10).leaf)]

    async def test_logs_are_apart(self, store: Store) -> None:
        await fill(store, 2)
        await fill(store, 3, OTHER)
        assert [(head.log, head.seq) for head in await store.logs()] == [(LOG, 2), (OTHER, 3)]
        assert len(await store.events(LOG, 0, 10)) == 2

    async def test_leaving_without_commit_leaves_nothing(self, store: Store) -> None:
        await store.create_log(LOG)
        async with store.append(LOG):
            pass
        with pytest.raises(ZeroDivisionError):
            async with store.append(LOG):
                raise ZeroDivisionError
        head = await store.head(LOG)
        assert head is not None and head.seq == 0
        await fill(store, 1)

    async def test_two_appenders_of_a_log_take_turns(self, store: Store) -> None:
        """Each of 40 tasks reads the head and appends one event behind it: gapless only if the lock holds."""
        await store.create_log(LOG)

        async def one() -> None:
            async with store.append(LOG) as append:
                await asyncio.sleep(0)
                await append.commit(batch(append.head, [event(append.head.seq + 1)]))

        await asyncio.gather(*(one() for _ in range(40)))
        assert [row.seq for row in await store.events(LOG, 0, 100)] == list(range(1, 41))

    async def test_appenders_of_different_logs_do_not_wait_for_each_other(self, store: Store) -> None:
        await store.create_log(LOG)
        await store.create_log(OTHER)
        async with store.append(LOG) as first:
            async with store.append(OTHER) as second:
                await second.commit(batch(second.head, [event(1)]))
            await first.commit(batch(first.head, [event(1)]))
        assert [head.seq for head in await store.logs()] == [1, 1]

    async def test_under_the_lock_one_reads_what_others_appended(self, store: Store) -> None:
        await fill(store, 5)
        async with store.append(LOG) as append:
            assert [row.seq for row in await append.events_after(2)] == [3, 4, 5]
            assert await append.events_after(5) == []

    async def test_answered_commands_are_known_in_their_own_log_only(self, store: Store) -> None:
        await store.create_log(LOG)
        await store.create_log(OTHER)
        async with store.append(LOG) as append:
            assert await append.commands(["c1"]) == {}
            await append.commit(batch(append.head, [event(1)], commands=[cmd_row("c1", 1, 1), cmd_row("c2", 1, 0)]))
        async with store.append(LOG) as append:
            assert await append.commands(["c1", "c2", "c3"]) == {"c1": cmd_row("c1", 1, 1), "c2": cmd_row("c2", 1, 0)}
        async with store.append(OTHER) as append:
            assert await append.commands(["c1"]) == {}

    async def test_a_batch_may_hold_an_answer_and_no_event(self, store: Store) -> None:
        await fill(store, 1)
        async with store.append(LOG) as append:
            await append.commit(batch(append.head, [], commands=[cmd_row("c9", 2, 1)]))
        head = await store.head(LOG)
        assert head is not None and head.seq == 1

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            (lambda head: batch(head, [event(head.seq + 2)]), Conflict),
            (lambda head: batch(head, [event(head.seq + 1), event(head.seq + 3)]), Conflict),
            (lambda head: batch(msgspec.structs.replace(head, log=OTHER), [event(head.seq + 1)]), Conflict),
            (lambda head: batch(msgspec.structs.replace(head, epoch=0), [event(head.seq + 1)]), Conflict),
            (lambda head: batch(head, [event(head.seq + 1, header(head.seq + 1, at=T0))]), Conflict),
            (unreadable, Unreadable),
            (lambda head: batch(head, [], commands=[cmd_row("c1", 1, 1)]), Conflict),
            (lambda head: batch(head, [event(head.seq + 1, header(2).replace(b"c2.2", b"c1.1"))]), Conflict),
            (lambda head: batch(head, [event(head.seq + 1)], [DisclosureRow(1, "x", "p", b"")]), Conflict),
        ],
        ids=["gap", "gap-inside", "log", "epoch", "time-backwards", "no-header", "command", "event-id", "disclosure"],
    )
    async def test_a_batch_that_does_not_continue_the_log_is_refused_whole(
        self, store: Store, change: Callable[[Head], Batch], error: type[MusterError]
    ) -> None:
        await store.create_log(LOG)
        async with store.append(LOG) as append:
            await append.commit(batch(append.head, [event(1)], commands=[cmd_row("c1", 1, 1)]))
        before = await store.head(LOG)
        assert before is not None
        with pytest.raises(error):
            async with store.append(LOG) as append:
                await append.commit(change(append.head))
        after = await store.head(LOG)
        assert after is not None and after.seq == before.seq
        assert len(await store.events(LOG, 0, 10)) == 1

    async def test_one_lock_commits_once(self, store: Store) -> None:
        await store.create_log(LOG)
        async with store.append(LOG) as append:
            await append.commit(batch(append.head, [event(1)]))
            with pytest.raises(Conflict):
                await append.commit(batch(append.head, [event(1)]))
        assert len(await store.events(LOG, 0, 10)) == 1

    async def test_redaction_destroys_a_subjects_disclosures_and_keeps_the_events(self, store: Store) -> None:
        await fill(store, 6)
        async with store.append(LOG) as append:
            own = DisclosureRow(7, "reason", "p1", b"z")
            assert await store.told_of(LOG, ["p0", "p1", "nobody"]) == {"p0", "p1"}
            await append.commit(batch(append.head, [redacted(7, "p1")], [own], redact_subjects=["p1"]))
        assert await store.told_of(LOG, ["p0", "p1"]) == {"p0"}
        assert await store.told_of("no-log", ["p0"]) == await store.told_of(LOG, []) == set()
        assert [row.seq for row in await store.disclosures(LOG, range(1, 8))] == [2, 4, 6]
        assert len(await store.events(LOG, 0, 10)) == 7

    async def test_redaction_of_events_destroys_their_disclosures_only(self, store: Store) -> None:
        await fill(store, 4)
        async with store.append(LOG) as append:
            await append.commit(batch(append.head, [redacted(5, None, [2, 3])], redact_seqs=[2, 3]))
        assert [row.seq for row in await store.disclosures(LOG, range(1, 6))] == [1, 4]

    async def test_nothing_is_destroyed_without_a_redacted_event_that_covers_it(self, store: Store) -> None:
        await fill(store, 4)
        for rows in ({"redact_subjects": ["p0"]}, {"redact_seqs": [1, 4]}):
            with pytest.raises(Conflict):
                async with store.append(LOG) as append:
                    await append.commit(batch(append.head, [redacted(5, "p1", [1])], **rows))
        assert len(await store.disclosures(LOG, range(1, 6))) == 4

    async def test_a_redaction_can_be_repeated_later(self, store: Store) -> None:
        """After an unknown outcome the destruction is done again: the event is in the log by then."""
        await fill(store, 2)
        async with store.append(LOG) as append:
            await append.commit(batch(append.head, [redacted(3, "p1")]))
        async with store.append(LOG) as append:
            await append.commit(batch(append.head, [], redact_subjects=["p1"]))
        assert [row.seq for row in await store.disclosures(LOG, [1, 2])] == [2]

    async def test_seq_at_is_the_last_event_not_after_a_time(self, store: Store) -> None:
        await store.create_log(LOG)
        seconds = [1, 2, 2, 2, 5]
        async with store.append(LOG) as append:
            rows = [event(n, header(n, at=T0 + timedelta(seconds=s))) for n, s in enumerate(seconds, 1)]
            await append.commit(batch(append.head, rows))
        for second, seq in ((0, 0), (1, 1), (2, 4), (3, 4), (5, 5), (99, 5)):
            assert await store.seq_at(LOG, T0 + timedelta(seconds=second)) == seq, second

    async def test_the_newest_fitting_snapshot_is_given(self, store: Store) -> None:
        await store.create_log(LOG)
        for seq in (10, 20, 30):
            await store.put_snapshot(LOG, seq, bytes([seq]) * 32, "v1", b"state %d" % seq)
        await store.put_snapshot(LOG, 25, b"r" * 32, "v2", b"other")
        await store.put_snapshot(LOG, 20, b"q" * 32, "v1", b"again")
        assert await store.snapshot(LOG, 29, "v1") == (20, b"q" * 32, b"again")
        assert await store.snapshot(LOG, 30, "v1") == (30, bytes([30]) * 32, b"state 30")
        assert await store.snapshot(LOG, 9, "v1") is None
        assert await store.snapshot(LOG, 99, "v3") is None

    async def test_audit_entries_are_read_newest_first_in_pages(self, store: Store) -> None:
        rows = [msgspec.structs.replace(AUDIT, detail=str(n)) for n in range(5)]
        await store.audit(rows[:2])
        await store.audit([])
        await store.audit(rows[2:])
        page = await store.audit_entries(None, 2)
        assert [row.detail for _, row in page] == ["4", "3"]
        page = await store.audit_entries(page[-1][0], 10)
        assert [row for _, row in page] == [rows[2], rows[1], rows[0]]
        assert await store.audit_entries(page[-1][0], 10) == []

    async def test_audit_entries_are_found_by_who_what_about_what_how_and_when(self, store: Store) -> None:
        """Each condition alone and together; pages go by number within what is wanted."""
        rows = [
            audit_of(0, "anna", "incident.read", "i-1", "ok"),
            audit_of(1, "ben", "incident.read", "i-1", "denied"),
            audit_of(2, "anna", "incident.export", "i-2", "ok"),
            audit_of(3, "anna", "incident.read", "i-2", "failed"),
            audit_of(4, "ben", "audit.read", "-", "ok"),
        ]
        await store.audit(rows)

        async def found(limit: int = 10, before: int | None = None, **wanted: object) -> list[int]:
            page = await store.audit_entries(before, limit, AuditQuery(**wanted))  # type: ignore[arg-type]  # as named
            return [rows.index(row) for _, row in page]

        assert await found(who="anna") == [3, 2, 0]
        assert await found(action="incident.read") == [3, 1, 0]
        assert await found(object="i-1") == [1, 0]
        assert await found(outcome="denied") == [1]
        assert await found(since=rows[2].at) == [4, 3, 2]
        assert await found(until=rows[2].at) == [1, 0]
        assert await found(who="anna", object="i-2", since=rows[3].at) == [3]
        assert await found(who="nobody") == []
        first = await store.audit_entries(None, 2, AuditQuery(who="anna"))
        assert [rows.index(row) for _, row in first] == [3, 2]
        assert await found(before=first[-1][0], who="anna") == [0]

    async def test_an_entry_is_still_there_after_a_year_and_a_try_leaves_none(self, store: Store) -> None:
        """There is no way to take one out at all; trying the trail adds none and leaves no hole in its numbers."""
        long_ago = msgspec.structs.replace(AUDIT, at=AUDIT.at - timedelta(days=400))
        await store.audit([long_ago])
        await store.try_audit()
        await store.audit([AUDIT])
        (late, _), (early, kept) = await store.audit_entries(None, 10)
        assert kept == long_ago and late == early + 1

    async def test_packs_are_kept_with_their_entry(self, store: Store) -> None:
        pack = PackRow("0" * 64, "p.toml", b"x")
        pack = msgspec.structs.replace(pack, digest=hashlib.sha256(pack.raw).hexdigest())
        await store.put_packs([pack], [AUDIT])
        assert await store.packs([pack.digest]) == [pack]
        assert [row for _, row in await store.audit_entries(None, 10)] == [AUDIT]

    async def test_a_session_without_a_row_has_ended_but_the_command_lines_own_has_not(self, store: Store) -> None:
        await store.create_log(LOG)
        async with store.append(LOG) as append:
            assert await append.revoked(["gone", "cli:root", "system:clock"]) == {"gone"}
            assert await append.revoked([]) == set()

    async def test_packs_are_kept_once_and_by_their_digest(self, store: Store) -> None:
        rows = [PackRow(hashlib.sha256(raw).hexdigest(), "plan.toml", raw) for raw in (b"one", b"two")]
        await store.put_packs(rows)
        await store.put_packs([PackRow(rows[0].digest, "renamed.toml", b"one")])
        assert sorted(await store.packs([rows[0].digest, "0" * 64]), key=lambda row: row.digest) == [rows[0]]
        assert len(await store.packs([row.digest for row in rows])) == 2


class KeyStoreContract:
    """What every key store does. Subclasses give a `keys` fixture with an empty key store."""

    async def test_a_key_once_created_stays(self, keys: KeyStore) -> None:
        one, two = b"1" * 32, b"2" * 32
        assert await keys.create(LOG, {"p1": one, "p2": two}) == {"p1": one, "p2": two}
        assert await keys.create(LOG, {"p1": two, "p3": two}) == {"p1": one, "p3": two}
        assert await keys.get(LOG, ["p1", "p3", "p4"]) == {"p1": one, "p3": two}
        assert await keys.get(LOG, []) == {}
        assert await keys.create(LOG, {}) == {}

    async def test_keys_belong_to_their_log(self, keys: KeyStore) -> None:
        await keys.create(LOG, {"p1": b"1" * 32})
        assert await keys.get(OTHER, ["p1"]) == {}
        assert await keys.destroy(OTHER, ["p1"]) == 0
        assert await keys.get(LOG, ["p1"]) == {"p1": b"1" * 32}

    async def test_a_destroyed_key_is_gone(self, keys: KeyStore) -> None:
        await keys.create(LOG, {"p1": b"1" * 32, "p2": b"2" * 32})
        assert await keys.destroy(LOG, ["p1", "p1", "p9"]) == 1
        assert await keys.get(LOG, ["p1", "p2"]) == {"p2": b"2" * 32}
        assert await keys.destroy(LOG, ["p1"]) == 0

    async def test_a_key_has_32_bytes(self, keys: KeyStore) -> None:
        with pytest.raises(Unreadable):
            await keys.create(LOG, {"p1": b"short"})
        assert await keys.get(LOG, ["p1"]) == {}


async def first_hint(store: Store, of: Store) -> str:
    """Listen on `store` while `of` notifies, until a hint arrives: a hint may be lost before listening began."""
    async with aclosing(store.hints()) as hints:  # type: ignore[type-var]  # hints() are generators in both stores

        async def knock() -> None:
            while True:
                await of.notify(LOG)
                await asyncio.sleep(0.02)

        task = asyncio.create_task(knock(), name="knock")
        try:
            async with asyncio.timeout(60):
                return await anext(hints)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
