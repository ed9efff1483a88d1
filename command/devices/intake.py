"""Statements that a device hands in without anyone signed in: each is recorded, repeated, held back, or said why not.

A device brings them in its own order, and they are decided in that order. Whatever happens on the way (a cut line, a
503, a killed server), the same bytes sent again mean once: numbers are taken for bytes, command ids are answered once,
and what is held back is known by its content.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from command.access.audit import Outcome, entry
from command.devices.authority import UNATTENDED, Vouched, vouch
from command.devices.brought import FileKeys, HandedIn, Record, plain
from command.devices.model import Cause, Device, Writer
from command.devices.ports import DeviceStore
from command.devices.quarantine import Quarantine
from command.devices.sealing import Sealing, info
from command.domain.commands import COMMANDS
from command.domain.submission import Answer, Submission
from command.errors import Unreadable
from command.ledger.disclosure import decode_bytes
from command.ledger.statement import Statement
from command.service.api import Author, ServiceApi
from command.service.signed import Signer, check, named
from command.store.ports import AuditRow


class StoredDevices:
    """Implements what the service asks about devices over the store that keeps them."""

    def __init__(self, store: DeviceStore) -> None:
        self._store = store

    async def signer(self, device: str) -> Signer | None:
        """See `service.signed.Devices`."""
        found = await self._store.device(device)
        return None if found is None else signer_of(found)

    async def claim(self, device: str, device_seq: int, sha256: bytes) -> bool:
        """See `service.signed.Devices`."""
        return not await self._store.claim(device, [(device_seq, sha256)])


def signer_of(device: Device) -> Signer:
    """A device's key as the service wants it."""
    return Signer(device.alg, device.public_key, device.revoked_at is not None)


class _Brought(msgspec.Struct, frozen=True):
    """A statement that this device signed."""

    sub: Submission
    stated: Statement
    signed: bytes
    type: str
    files: FileKeys


class Intake:
    """Takes what devices hand in."""

    def __init__(self, store: DeviceStore, service: ServiceApi, quarantine: Quarantine, sealing: Sealing) -> None:
        self._store = store
        self._sealing = sealing
        self._service = service
        self._quarantine = quarantine

    async def take(
        self, log: str, device: Device, submissions: Sequence[Submission], now: datetime, source: str
    ) -> tuple[list[Answer], list[AuditRow]]:
        """The answer to each, in order; and trail entries of what neither the log nor the quarantine wrote down.

        Raises NotFound, Busy, Unavailable: then what was not answered is sent again.
        """
        await self._service.state(log)  # NotFound before anything is kept
        brought = [await self._opened(log, device, sub) for sub in submissions]
        brought = await self._claimed(device, brought)
        writers: dict[str, Writer | None] = {}
        answers: list[Answer | None] = []
        passed: list[tuple[int, _Brought, Author]] = []
        for place, item in enumerate(brought):
            answers.append(item if isinstance(item, Answer) else None)
            if isinstance(item, Answer):
                continue
            author = item.stated.author
            if author not in writers:
                writers[author] = await self._store.writer(device.id, author)
            own = _own_signature(item.sub)
            how = vouch(item.stated, item.type, item.signed, own, device, writers[author], now)
            if isinstance(how, Vouched):
                passed.append((place, item, _author(device, how, source)))
            else:
                answers[place] = await self._held(device, item, how, now, source)
        for (place, item, _), answer in zip(passed, await self._recorded(log, passed), strict=True):
            answers[place] = await self._unless_revoked(device, item, answer, now, source)
        done = [answer for answer in answers if answer is not None]
        trail = [
            msgspec.structs.replace(
                entry(None, "incident.statements", log, _outcome(answer), now, source=source, detail=_detail(answer)),
                who=device.id,
            )
            for answer, item in zip(done, brought, strict=True)
            if isinstance(item, Answer) or answer.status == "unreadable"
        ]
        return done, trail

    async def _claimed(self, device: Device, brought: list[_Brought | Answer]) -> list[_Brought | Answer]:
        """All numbers in one look; what is not the first text under its number is none."""
        numbers = [
            (item.stated.device_seq, sha256(item.signed).digest()) for item in brought if isinstance(item, _Brought)
        ]
        first: dict[int, bytes] = {}
        for seq, digest in numbers:
            first.setdefault(seq, digest)
        taken = await self._store.claim(device.id, list(first.items())) if first else set()
        return [
            _conflict(item)
            if isinstance(item, _Brought)
            and (item.stated.device_seq in taken or first[item.stated.device_seq] != sha256(item.signed).digest())
            else item
            for item in brought
        ]

    async def _recorded(self, log: str, passed: Sequence[tuple[int, _Brought, Author]]) -> list[Answer]:
        if not passed:
            return []
        return await self._service.submit_each(log, [(author, item.sub) for _, item, author in passed])

    async def _unless_revoked(
        self, device: Device, item: _Brought, answer: Answer, now: datetime, source: str
    ) -> Answer:
        """What the log did not take because the device was revoked while it was on its way is held back like the rest."""
        if answer.status not in ("denied", "unreadable"):
            return answer
        again = await self._store.device(device.id)
        if again is None or again.revoked_at is None:
            return answer
        return await self._held(again, item, "revoked", now, source)

    async def _held(self, device: Device, item: _Brought, why: Cause, now: datetime, source: str) -> Answer:
        return await self._quarantine.hold(device, item.stated, item.type, item.sub, why, now, source, files=item.files)

    async def _opened(self, log: str, device: Device, sub: Submission) -> _Brought | Answer:
        """What it states; where it came in a box, what lies in that: of this very place, and nothing else."""
        if not isinstance(sub, HandedIn) or sub.sealed is None:
            return _read(log, device, plain(sub), {})
        try:
            if sub.device_seq is None:
                raise Unreadable("expected the device's number beside the box", where="device_seq")
            bound = info(log, device.id, sub.cmd, sub.device_seq)
            raw = await self._sealing.open(sub.sealed.key, decode_bytes(sub.sealed.box), bound)
            record = _record(raw)
            if record.submission.cmd != sub.cmd:
                raise Unreadable(
                    "expected a box that holds the record it is sent for, got another's", where="sealed.box"
                )
        except Unreadable as exc:
            return _unreadable(sub, exc)
        return _read(log, device, record.submission, record.files)


_records = msgspec.json.Decoder(Record)


def _record(raw: bytes) -> Record:
    try:
        return _records.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Unreadable("expected a record in the box, got something else", where="sealed.box") from None


def _read(log: str, device: Device, sub: Submission, files: FileKeys) -> _Brought | Answer:
    """What this device signed for this incident, where it is a report; else the answer."""
    if sub.statement is None:
        return _unreadable(sub, Unreadable("expected a signed statement, got a command without one", where="statement"))
    try:
        stated, signed, _ = check(log, signer_of(device), sub)
        if stated.device != device.id:
            raise Unreadable(f"expected a statement of the device {device.id}, got another's", where="device")
    except Unreadable as exc:
        return _unreadable(sub, exc)
    name = named(stated.command)
    if name in COMMANDS and name not in UNATTENDED:
        problem = "an ask is judged now, before someone who is there: sign in and ask again"
        return Answer(sub.cmd, "denied", problem=problem, code="stale")
    if name not in COMMANDS:
        return _unreadable(sub, Unreadable("expected one of the known commands, got another", where="command.type"))
    return _Brought(sub, stated, signed, name, files)


def _own_signature(sub: Submission) -> bytes:
    """b"" where there is none; what cannot be read is one that does not hold."""
    try:
        return decode_bytes(sub.author_signature or "")
    except Unreadable:
        return b"\0"


def _author(device: Device, how: Vouched, source: str) -> Author:
    account = how.writer.account
    return Author(
        person=account.person, agency=account.agency, session=device.session, source=source, may=how.may,
        device=device.id, rank=account.rank, training=account.training, proof=how.proof,
    )  # fmt: skip


def _unreadable(sub: Submission, exc: Unreadable) -> Answer:
    return Answer(sub.cmd, "unreadable", problem=exc.message, where=exc.where or None)


def _conflict(item: _Brought) -> Answer:
    problem = f"this device signed something else under its number {item.stated.device_seq}"
    return Answer(item.sub.cmd, "conflict", problem=problem, where="device_seq")


def _outcome(answer: Answer) -> Outcome:
    return "denied" if answer.status == "denied" else "failed"


def _detail(answer: Answer) -> str:
    """Fixed words."""
    return answer.code or answer.status
