"""What was held back: kept whole and unreadable to whoever has only the database, shown without what it says, and let
in or turned down by one person with a reason. Nothing here happens by itself, and nothing is ever lost.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from command.access.audit import entry
from command.access.model import Subject
from command.devices.authority import UNATTENDED, could
from command.devices.brought import FileKeys, Kept, plain
from command.devices.model import Became, Cause, Decided, Device, Held, Outcome
from command.devices.ports import DeviceStore
from command.domain.commands_journal import RecordEntry
from command.domain.envelope import HIDDEN, UNCLAIMED, Origin
from command.domain.submission import Answer, Submission
from command.errors import Conflict, Corrupt, Denied, NotFound, Unreadable
from command.ledger import box, disclosure
from command.ledger.statement import Statement, bind, read
from command.service.api import Author, ServiceApi
from command.store.ports import KeyStore

MOST_HELD: Final = 2_000
"""Of one device, waiting at once. A tablet writes a hundred records a shift; a stolen one must not fill the disk. Beyond
it the device keeps what it has."""

CAUSES: Final[dict[Cause, str]] = {
    "revoked": "this device was revoked",
    "author": "nobody can know that its author wrote it",
    "access": "its author had no grant here then, or their account is shut",
    "time": "it says that it was signed before this device was enrolled",
}

MOST_ANNOUNCED: Final = 50
"""Of one device, one by one. More than any tablet holds after a shift; a stolen one must not flood the screens.
Beyond it the list and the metric say how many."""

ABOUT_A_PERSON: Final = frozenset({"RecordArrest", "HandOver", "ReleasePerson", "RecordCare", "RecordInjury"})
"""A person may be in someone's hands, and the board does not know it."""

IN_CONFIDENCE: Final = (
    "nobody can know that its author wrote it, and whoever claimed a report in confidence would be named by that: an "
    "administrator lets it in, or its author reports anew, signed in"
)

CLAIMED: Final = "claimed by its author in a session of their own"

_NO_FILES: Final[FileKeys] = {}

_SERVER: Final = "muster"
"""Who says in the log that something is held back."""

_RELEASING: Final = "system:quarantine"
"""In the place of a session: whoever decides is in the entry of the decision, and the author is not there."""

_IN_LOG: Final = "this is in the log: somebody is letting it in, or began to; let it in to write that down"

_kept = msgspec.json.Decoder(Kept)


class Contents(msgspec.Struct, frozen=True):
    """What a held statement says: the command in plain, and when."""

    command: msgspec.Raw
    occurred_at: datetime
    signed_at: datetime
    clock_error_ms: int
    why: str | None


class Quarantine:
    """Keeps, shows and decides. `agency` of an author is their account's, else their device's."""

    def __init__(self, store: DeviceStore, keys: KeyStore, service: ServiceApi) -> None:
        self._store = store
        self._keys = keys
        self._service = service

    async def hold(
        self, device: Device, stated: Statement, type_: str, sub: Submission, cause: Cause, now: datetime, source: str,
        *, files: FileKeys = _NO_FILES,
    ) -> Answer:  # fmt: skip
        """Keep a device's statement apart, and say so. The same again gets the same answer."""
        item = "q-" + sha256(msgspec.json.encode(sub)).hexdigest()[:32]
        if await self._store.held_one(item) is None:
            held = Held(
                id=item, log=stated.log, device=device.id, device_seq=stated.device_seq, cmd=stated.cmd,
                author=_shown_author(stated), type=type_, cause=cause, received_at=now,
                box=await self._seal(stated.log, item, "statement", _with_files(sub, files)),
            )  # fmt: skip
            row = msgspec.structs.replace(
                entry(None, "incident.statements", stated.log, "denied", now, source=source, detail=cause),
                who=device.id,
            )
            if not await self._store.hold(held, MOST_HELD, row):
                return Answer(
                    stated.cmd, "denied", problem=f"expected at most {MOST_HELD} statements held back", code="full"
                )
        await self._announce(device, stated, type_, cause)
        confided = cause == "author" and _shown_author(stated) == HIDDEN.person
        return Answer(stated.cmd, "quarantined", problem=IN_CONFIDENCE if confided else CAUSES[cause], code=cause)

    async def _announce(self, device: Device, stated: Statement, type_: str, cause: Cause) -> None:
        """Say in the incident's log that something is held back, once for each person it may be about, else once for
        each device and cause: on every screen at once, in the replay and in the export, and nothing of what it says.
        """
        person = type_ in ABOUT_A_PERSON and await self._store.waiting(device.id) <= MOST_ANNOUNCED
        about = f"{device.id}.{stated.device_seq}" if person else f"{device.id}.{cause}"
        text = f"{'Person, record' if person else 'Records'} in quarantine: {CAUSES[cause]} (device {device.label})."
        await self._tell(stated.log, f"q.{about}", text, device.agency)

    async def _tell(self, log: str, name: str, text: str, agency: str) -> None:
        """A log entry of the server's own; the same name again is the same entry."""
        told = RecordEntry(entry=name, text=text)
        author = Author(_SERVER, agency, _RELEASING, "script", frozenset({"RecordEntry"}))
        await self._service.submit(log, author, [Submission(name, msgspec.Raw(msgspec.json.encode(told)))])

    async def open(self, log: str, item: str) -> Contents:
        """What it says. Raises NotFound, and Corrupt where what is kept cannot be read."""
        held = await self._get(log, item)
        sub, stated = await self._read(held)
        why = None if held.why is None else (await self._open(log, item, "why", held.why)).decode()
        try:
            command = bind(stated, sub.disclosures)
        except Unreadable:  # it is shown as far as it can be
            command = bytes(stated.command)
        return Contents(msgspec.Raw(command), stated.occurred_at, stated.signed_at, stated.clock_error_ms, why)

    async def release(self, log: str, item: str, reason: str, by: Subject, now: datetime) -> Answer:
        """Let it in: the same bytes, in their author's name, marked as what they are. Returns the log's answer.

        Where the log does not take it, it waits on. What was let in by a server that stopped before it wrote that down is
        let in again, which means once. Raises NotFound, Conflict for one that was decided, also meanwhile.
        """
        held = await self._undecided(log, item)
        sub, stated = await self._read(held)
        author = msgspec.structs.replace(await self._author(held, stated.author, by.source), held=item)
        (answer,) = await self._service.submit(log, author, [plain(sub)])
        if answer.status == "denied":
            await self._undecided(log, item)
        if answer.status in ("accepted", "refused", "duplicate"):
            await self._decide(held, "released", reason, by, now)
            await self._tell_decided(held, "let in")
        return answer

    async def mine(self, log: str, by: Subject) -> list[Held]:
        """What was captured on a locked device, waits, and names this person, or nobody, as its author."""
        return [one for one in await self._store.held(log) if _claimable(one, by)]

    async def open_mine(self, log: str, item: str, by: Subject) -> Contents:
        """What one of those says; of one that was decided, to whom it names as its author, also why. Raises NotFound for
        anyone else's. A report in confidence names none, and is shown to nobody so: the trail would."""
        held = await self._get(log, item)
        if not (_claimable(held, by) if held.outcome is None else held.author == by.person):
            raise NotFound("nothing of that name waits for you here")
        return await self.open(log, item)

    async def claim(self, log: str, item: str, by: Subject, now: datetime) -> tuple[Answer, FileKeys]:
        """Its author takes it as theirs, in a live session: the same bytes, in their name, as what could be reported by
        them when it happened. Returns the log's answer, and the keys of the files that wait on the tablet. Where they
        took it before, the answer again.

        Raises NotFound for anyone else's or what was decided, Denied where they could not have reported it then.
        """
        held = await self._get(log, item)
        again = held.decided_by == by.person and await self._was_claimed(held)
        if not _claimable(held, by) or (held.outcome is not None and not again):
            raise NotFound("nothing of that name waits for you here")
        sub, stated = await self._read(held)
        writer = await self._store.writer(held.device, by.person)
        names = frozenset() if writer is None else could(stated, writer, now)
        if writer is None or held.type not in names:
            raise Denied("expected a grant here when it happened")
        author = Author(
            person=by.person, agency=writer.account.agency, session=by.session, source=by.source, may=names,
            device=held.device, proof="claimed", rank=writer.account.rank, training=writer.account.training,
            held=item,
        )  # fmt: skip
        (answer,) = await self._service.submit(log, author, [plain(sub)])
        if answer.status == "denied" and not again:
            await self._undecided(log, item)
        if answer.status in ("accepted", "duplicate") and not again:
            await self._decide(held, "released", CLAIMED, by, now, action="held.claim")
            await self._tell_decided(held, "claimed by its author")
        return answer, sub.files

    async def reject(self, log: str, item: str, reason: str, by: Subject, now: datetime) -> None:
        """Turn it down. It stays, marked. Raises NotFound, Conflict for one that was decided, or that is in the log:
        somebody lets it in just now, or their server stopped before it wrote that down, and letting it in again ends it.
        """
        held = await self._undecided(log, item)
        actor = await self._store.logged(log, held.cmd)
        if actor is not None and await self._is_in_log(held, actor, by.source):
            raise Conflict(_IN_LOG, where=item)
        await self._decide(held, "rejected", reason, by, now, unlogged=actor is None)
        await self._tell_decided(held, "turned down")

    async def _is_in_log(self, held: Held, actor: str, source: str) -> bool:
        """Whether what the log has answered under this command's id, which is `actor`'s, is this very record: the log
        says so of the same bytes, and takes nothing where it has answered. Raises Corrupt where nobody can tell."""
        try:
            sub, stated = await self._read(held)
        except Unreadable:  # nobody could have let it in
            return False
        author = await self._author(held, stated.author, source)
        if stated.author == UNCLAIMED:
            author = msgspec.structs.replace(author, person=actor, origin=None, proof="claimed")
        (answer,) = await self._service.submit(held.log, author, [plain(sub)])
        return answer.status == "duplicate"

    async def became(self, log: str, device: Device, numbers: Sequence[int], source: str) -> list[Became]:
        """What became of what this device had held back, in the order of its numbers. Nothing is decided by asking.

        What is in the log is told with the log's answer, which binds what was signed; but not to a device that was
        revoked: whoever holds it learns that it was let in, and nothing of what it says.
        """
        by_number: dict[int, Held] = {}
        for one in await self._store.held_of(device.id, log, numbers):
            known = by_number.get(one.device_seq)
            if known is None or _weight(one) > _weight(known):
                by_number[one.device_seq] = one
        found = [await self._fate(number, by_number.get(number), device, source) for number in numbers]
        asked = [pair for _, pair in found if pair is not None]
        answers = iter(await self._service.submit_each(log, asked) if asked else ())
        return [
            made if pair is None else msgspec.structs.replace(made, answer=_in_log(next(answers)))
            for made, pair in found
        ]

    async def _fate(
        self, number: int, held: Held | None, device: Device, source: str
    ) -> tuple[Became, tuple[Author, Submission] | None]:
        """What is told of it, and how the log is asked for its answer: by the same bytes again."""
        if held is None:
            return Became(number, "not here"), None
        if held.outcome != "released":
            return Became(number, "waiting" if held.outcome is None else "turned down", held.id), None
        if device.revoked_at is not None:
            return Became(number, "let in", held.id), None
        try:
            claimed = await self._was_claimed(held)
            sub, stated = await self._read(held)
        except (Corrupt, Unreadable):  # its key was destroyed since
            return Became(number, "let in", held.id), None
        told = Became(number, "claimed" if claimed else "let in", held.id)
        author = await self._author(held, stated.author, source)
        if claimed:
            person = held.decided_by if stated.author == UNCLAIMED else stated.author
            author = msgspec.structs.replace(author, person=person, origin=None, proof="claimed")
        return told, (author, plain(sub))

    async def _was_claimed(self, held: Held) -> bool:
        could = held.cause == "author" and held.author in (held.decided_by, UNCLAIMED)
        if held.outcome != "released" or held.why is None or not could:
            return False
        return await self._open(held.log, held.id, "why", held.why) == CLAIMED.encode()

    async def _tell_decided(self, held: Held, what: str) -> None:
        device = await self._store.device(held.device)
        label, agency = (device.label, device.agency) if device else (held.device, _SERVER)
        named = f"{held.type}, number {held.device_seq} of device {label}"
        if held.author == HIDDEN.person:  # nothing in the log may lead from the report to a device
            named, agency = "a report in confidence", _SERVER
        text = f"Record in quarantine {what}: {named}."
        await self._tell(held.log, f"{held.id}.decided", text, agency)

    async def _author(self, held: Held, person: str, source: str) -> Author:
        writer = await self._store.writer(held.device, person)
        device = await self._store.device(held.device)
        agency = writer.account.agency if writer else device.agency if device else ""
        return Author(
            person=person, agency=agency, session=_RELEASING, source=source, may=UNATTENDED,
            device=held.device, origin=Origin("quarantine", source=held.device, record=held.id), proof="released",
            rank=writer.account.rank if writer else "", training=writer.account.training if writer else (),
        )  # fmt: skip

    async def _decide(
        self, held: Held, outcome: Outcome, reason: str, by: Subject, now: datetime, action: str = "quarantine.decide",
        *, unlogged: bool = False,
    ) -> None:  # fmt: skip
        why = await self._seal(held.log, held.id, "why", reason.encode())
        row = entry(by, action, held.id, "ok", now, source=by.source, detail=outcome)
        if not await self._store.decide(held.id, Decided(outcome, now, by.person, why), row, unlogged=unlogged):
            await self._undecided(held.log, held.id)
            raise Conflict(_IN_LOG, where=held.id)

    async def _get(self, log: str, item: str) -> Held:
        held = await self._store.held_one(item)
        if held is None or held.log != log:
            raise NotFound("nothing of that name is held back here")
        return held

    async def _undecided(self, log: str, item: str) -> Held:
        held = await self._get(log, item)
        if held.outcome is not None:
            raise Conflict(f"this was {held.outcome} before", where=item)
        return held

    async def _read(self, held: Held) -> tuple[Kept, Statement]:
        sub = _kept.decode(await self._open(held.log, held.id, "statement", held.box))
        return sub, read(disclosure.decode_bytes(sub.statement or ""))

    async def _seal(self, log: str, item: str, what: str, raw: bytes) -> bytes:
        """The key is durable when this returns, before the row is."""
        keys = await self._keys.create(log, {item: box.new_key(secrets.token_bytes)})
        return box.seal(keys[item], secrets.token_bytes(box.NONCE_BYTES), raw, _aad(log, item, what))

    async def _open(self, log: str, item: str, what: str, sealed: bytes) -> bytes:
        key = (await self._keys.get(log, [item])).get(item)
        if key is None:
            raise Corrupt("expected the key of what was held back", where=item)
        return box.open_(key, sealed, _aad(log, item, what))


def _claimable(held: Held, by: Subject) -> bool:
    """Nobody knew who wrote it, and it names them, or nobody."""
    return held.cause == "author" and held.author in (by.person, UNCLAIMED)


def _weight(held: Held) -> int:
    """Of several under one number the one that counts: in the log, else undecided, else turned down."""
    return 2 if held.outcome == "released" else 1 if held.outcome is None else 0


def _in_log(answer: Answer) -> Answer | None:
    """The log's first answer; None where it is not the log's word on this record."""
    return answer if answer.status == "accepted" else answer.first if answer.status == "duplicate" else None


def _with_files(sub: Submission, files: FileKeys) -> bytes:
    return msgspec.json.encode(Kept(**{name: getattr(sub, name) for name in Submission.__struct_fields__}, files=files))


class _Confided(msgspec.Struct):
    confidential: bool = False


def _shown_author(stated: Statement) -> str:
    """Who wrote it, for the list; whoever reported in confidence is not in it. The box holds the name."""
    try:
        hidden = msgspec.json.decode(stated.command, type=_Confided).confidential
    except (msgspec.MsgspecError, UnicodeDecodeError):
        hidden = True
    return HIDDEN.person if hidden else stated.author


def _aad(log: str, item: str, what: str) -> bytes:
    """Where a box belongs. No disclosure's and no key's place reads like it: a seq is a number."""
    return f"{log}|quarantine|{item}|{what}".encode()
