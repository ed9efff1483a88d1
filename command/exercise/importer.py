"""Bringing records of elsewhere into an incident, through the same gate as everything else.

`plan` is pure: rows in, and for each row either what to send or why not. `run_import`
sends it in batches and accounts for every row. Command ids are derived from the
incident, the source and the record's id, so that a second run adds nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import uuid
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from command.domain.arrest import LANDED_NOWHERE
from command.domain.envelope import Origin
from command.domain.submission import Answer, Submission
from command.errors import Busy, MusterError, Unavailable
from command.exercise.cells import Unmapped
from command.exercise.held import not_from_the_table
from command.exercise.mapping import Ids, Mapped, Mapping, apply, left_out
from command.exercise.readers import BadRow, Row
from command.exercise.report import FLAG_ASTRAY, ImportReport, Tally

BATCH = 100  # what the HTTP door takes in one body
BUSY_TRIES = 20
# A database on a machine with much to do ends a transaction that stood still; one that restarts is back in seconds.
AWAY_WAITS_S = (0.5, 1.0, 2.0, 4.0)

_NAMESPACE = uuid.UUID("6c3f5f0e-6a55-5b0e-9d2b-7a1c0f6f2a51")  # ours, made once; changing it would double every import

_AHEAD = timedelta(days=1)  # where a time is known to the day, or its zone is a mistake of hours, it may lie ahead

Send = Callable[[list[tuple[Submission, Origin]]], Awaitable[list[Answer]]]
"""Takes at most BATCH commands with their origins; one answer each, in order."""

Why = Literal["unreadable", "repeated", "conflict", "other day", "left out", "blank", "header again"]

FLAG_DIFFERS = "what its rows share differs from the first of them, which stands"


class Target(msgspec.Struct, frozen=True):
    """Where records go. With a `secret` of the incident the ids of persons cannot be found by trying all numbers.

    `now`: a record of a later time is not taken, for what has not happened is no record; None: nothing is compared.
    """

    incident: str
    secret: bytes = b""
    now: datetime | None = None


class Taken(msgspec.Struct, frozen=True):
    """A row that will be sent. `flags` say what is uncertain about it; `before` is sent before it, once.

    `said`: for each of its commands, in the order of sending, its name and the mapped fields that the source leaves open.
    """

    line: int
    submission: Submission
    origin: Origin
    flags: tuple[str, ...] = ()
    before: tuple[tuple[Submission, Origin], ...] = ()
    said: tuple[tuple[str, tuple[str, ...]], ...] = ()


class NotTaken(msgspec.Struct, frozen=True):
    """A row that will not be sent, and why.

    `unreadable`: the row or a cell. `repeated`: the same record, alike, stood on an
    earlier line. `conflict`: an earlier line gave the same id to other values.
    `other day`: not of the day asked for. `left out`: not a row that the mapping asks for (`only`). `blank`: an empty line. `header again`: files were put together.
    """

    line: int
    kind: Why
    why: str


def plan(
    rows: Iterable[Row | BadRow], mapping: Mapping, target: Target, day: date | None = None
) -> Iterator[Taken | NotTaken]:
    """What becomes of each row, in order and one for one. With `day`, only records of that local day are sent."""
    ids = _ids(mapping.system, target)
    seen: dict[str, tuple[int, bytes]] = {}
    shared: dict[str, bytes] = {}
    for row in rows:
        yield _planned(row, mapping, target, ids, seen, shared, day)


def command_id(incident: str, system: str, record: str) -> str:
    """The id under which this record is sent to this incident, for ever."""
    return _derived("command", incident, system, record)


def _planned(
    row: Row | BadRow,
    mapping: Mapping,
    target: Target,
    ids: Ids,
    seen: dict[str, tuple[int, bytes]],
    shared: dict[str, bytes],
    day: date | None,
) -> Taken | NotTaken:
    if isinstance(row, BadRow):
        return NotTaken(row.line, "blank" if row.blank else "header again" if row.header else "unreadable", row.why)
    if why := left_out(mapping, row):
        return NotTaken(row.line, "left out", why)
    try:
        mapped = apply(mapping, row, ids)
    except Unmapped as reason:
        return NotTaken(row.line, "unreadable", str(reason))
    if target.now is not None and mapped.moment.at > target.now + _AHEAD:
        ahead = f"column {mapping.time.column!r}: expected a time that has passed, came {mapped.moment.at.isoformat()}"
        return NotTaken(row.line, "unreadable", ahead)
    whole = b"".join((mapped.command, *(one.command for one in mapped.shared)))
    digest = hashlib.sha256(whole + mapped.moment.at.isoformat().encode()).digest()
    first, same = seen.setdefault(mapped.record, (row.line, digest))
    if first != row.line:
        if same == digest:
            return NotTaken(row.line, "repeated", f"record {mapped.record!a} stood on line {first} already")
        return NotTaken(row.line, "conflict", f"record {mapped.record!a} stood on line {first} with other values")
    if day is not None and mapped.local_day != day:
        return NotTaken(row.line, "other day", f"of {mapped.local_day}, not of {day}")
    before, said, flags = [], [], list(mapped.flags)
    for one in mapped.shared:
        digest = hashlib.sha256(one.command).digest()
        if one.key not in shared:
            shared[one.key] = digest
            before.append(_sending(one.key, one.command, row.line, mapped, mapping, target))
            said.append((one.name, one.unknown))
        elif shared[one.key] != digest:
            flags.append(f"{FLAG_DIFFERS} ({one.name})")
    submission, origin = _sending(mapped.record, mapped.command, row.line, mapped, mapping, target)
    said.append((mapping.command, mapped.unknown))
    return Taken(row.line, submission, origin, tuple(flags), tuple(before), tuple(said))


def _sending(
    record: str, command: bytes, line: int, mapped: Mapped, mapping: Mapping, target: Target
) -> tuple[Submission, Origin]:
    submission = Submission(
        cmd=command_id(target.incident, mapping.system, record),
        command=msgspec.Raw(command),
        occurred_at=mapped.moment.at,
        clock_error_ms=mapped.moment.error_ms,
    )
    return submission, Origin(kind="import", source=mapping.system, record=record, line=line)


def _ids(system: str, target: Target) -> Ids:
    def private(text: str) -> str:
        return _derived("person", target.incident, system, text, secret=target.secret)

    return Ids(lambda text: _derived("record", system, text), private)


def _derived(*parts: str, secret: bytes = b"") -> str:
    """A UUID from these parts; lengths are part of the name, so that no two lists of parts share one."""
    name = "".join(f"{len(part)}:{part}" for part in parts)
    if secret:
        return str(uuid.UUID(bytes=hmac.digest(secret, name.encode(), "sha256")[:16], version=5))
    return str(uuid.uuid5(_NAMESPACE, name))


# Sending ----------------------------------------------------------------------------


async def run_import(
    outcomes: Iterable[Taken | NotTaken],
    mapping: Mapping,
    send: Send | None,
    *,
    incident: str = "",
    on_batch: Callable[[int], None] = lambda _: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> ImportReport:
    """Send what is to be sent, at most BATCH at a time, and account for every row. `send` None is a dry run.

    `on_batch` gets the rows read so far. A server that cannot take more ends the import
    with `stopped` saying where and why: a later run goes on from there by itself.
    """
    tally = Tally(mapping.system, incident, dry_run=send is None, commands=not_from_the_table(mapping))
    batch: list[Taken] = []
    try:
        for outcome in outcomes:
            tally.read += 1
            if isinstance(outcome, NotTaken):
                tally.count(outcome.kind, outcome.line, outcome.why)
                continue
            batch.append(outcome)  # before anything can fail: what was read is in the batch or counted
            if (weight := _weight(batch)) >= BATCH:
                await _flush(batch, len(batch) - (weight > BATCH), send, tally, sleep)
                on_batch(tally.read)
        await _flush(batch, len(batch), send, tally, sleep)
    except (MusterError, OSError) as error:
        for taken in batch:
            tally.count("not sent", taken.line, "the import stopped before this row was answered")
        tally.stopped = said(error)
    return tally.report()


def said(error: MusterError | OSError) -> str:
    """What went wrong, in words."""
    if isinstance(error, OSError):
        return (error.strerror or str(error) or "cannot be read").lower()
    return error.message + (f" ({error.where})" if error.where else "")


async def _flush(
    batch: list[Taken], count: int, send: Send | None, tally: Tally, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Send the first `count` rows, count their answers, and drop them. Leaves all as it is when nothing was answered."""
    if not count:
        return
    sent = batch[:count]
    pairs = [pair for taken in sent for pair in (*taken.before, (taken.submission, taken.origin))]
    answers = [Answer(submission.cmd, "accepted") for submission, _ in pairs]
    if send is not None:
        answers = await _sent(pairs, send, sleep)
    told = iter(answers)
    for taken in sent:
        shared, own = [next(told) for _ in taken.before], next(told)
        kept = ("accepted", "duplicate")
        lost = tuple(f"what its rows share was not taken: {one.status}" for one in shared if one.status not in kept)
        tally.answered(taken.line, own, (*taken.flags, *lost, *_astray((*shared, own))))
        for (name, unknown), answer in zip(taken.said, (*shared, own), strict=False):
            tally.command(name, answer, unknown)
    del batch[:count]


def _astray(answers: Iterable[Answer]) -> tuple[str, ...]:
    """That something of a row is on nobody's record, for its number was another's before: of another table, say."""
    findings = (one.finding or (one.first.finding if one.first else None) for one in answers)
    astray = any(not LANDED_NOWHERE.isdisjoint(found.reasons) for found in findings if found is not None)
    return (FLAG_ASTRAY,) if astray else ()


def _weight(batch: list[Taken]) -> int:
    """How many commands the batch holds."""
    return sum(1 + len(taken.before) for taken in batch)


async def _sent(
    pairs: list[tuple[Submission, Origin]], send: Send, sleep: Callable[[float], Awaitable[None]]
) -> list[Answer]:
    """Send, waiting as long as a busy server asks for, and a while for one that is away, a bounded number of times.

    What was sent is sent again as it was: the ids see to it that nothing is doubled.
    """
    answers = await _patiently(pairs, send, sleep)
    if [answer.cmd for answer in answers] != [submission.cmd for submission, _ in pairs]:
        raise MusterError(f"expected {len(pairs)} answers, one for each command in order; came {len(answers)} others")
    return answers


async def _patiently(
    pairs: list[tuple[Submission, Origin]], send: Send, sleep: Callable[[float], Awaitable[None]]
) -> list[Answer]:
    busy_tries, away_waits = BUSY_TRIES, list(AWAY_WAITS_S)
    while True:
        try:
            return await send(pairs)
        except Busy as busy:
            busy_tries -= 1
            if not busy_tries:
                raise
            wait_s = busy.retry_after_s
        except Unavailable:
            if not away_waits:
                raise
            wait_s = away_waits.pop(0)
        await sleep(wait_s)
