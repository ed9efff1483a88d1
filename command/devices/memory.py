"""Devices kept in memory: for tests, virtual time and the contract suite; the same words as `postgres`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from command.access.memory import MemoryAccess
from command.devices.model import AuthorKey, Code, Decided, Device, Held, Listed, Presence, Writer
from command.store.ports import Append, AuditRow, Head


class Logs(Protocol):
    """What is asked of the logs in memory: their lock, and whether they have answered a command."""

    async def head(self, log: str) -> Head | None:
        """Where a log ends; None for no such log."""

    def append(self, log: str) -> AbstractAsyncContextManager[Append]:
        """Nothing else is appended meanwhile."""

    def turn_down(self, item: str) -> None:
        """Let nothing in that was turned down."""


class MemoryDevices:
    """A DeviceStore whose acts are atomic because nothing here awaits, or under the lock of a log that is in `logs`;
    `keep_audit` is called first in each."""

    def __init__(self, access: MemoryAccess, keep_audit: Callable[[AuditRow], None], logs: Logs | None = None) -> None:
        self._access = access
        self._logs = logs
        self._keep_audit = keep_audit
        self._codes: dict[bytes, Code] = {}
        self._devices: dict[str, Device] = {}
        self._answered: dict[bytes, datetime] = {}
        self._presences: dict[str, Presence] = {}
        self._keys: dict[tuple[str, bytes], AuthorKey] = {}
        self._statements: dict[tuple[str, int], bytes] = {}
        self._held: dict[str, Held] = {}

    async def invite(self, code: Code, audit: AuditRow) -> None:
        """See DeviceStore."""
        self._keep_audit(audit)
        self._codes[code.sha256] = code

    async def code(self, sha256: bytes) -> Code | None:
        """See DeviceStore."""
        return self._codes.get(sha256)

    async def enrol(self, code: bytes, device: Device, audit: AuditRow) -> bool:
        """See DeviceStore."""
        found = self._codes.get(code)
        if found is None or found.device is not None or device.enrolled_at >= found.expires_at:
            return False
        if any(device.public_key == one.public_key for one in self._devices.values()):
            return False
        self._keep_audit(audit)
        self._codes[code] = replace(found, device=device.id)
        self._devices[device.id] = device
        return True

    async def device(self, device: str) -> Device | None:
        """See DeviceStore."""
        return self._devices.get(device)

    async def devices(self) -> list[Listed]:
        """See DeviceStore."""
        return [self._listed(one) for one in sorted(self._devices.values(), key=_newest_first)]

    def _listed(self, device: Device) -> Listed:
        numbers = [seq for of, seq in self._statements if of == device.id]
        held = sum(1 for one in self._held.values() if one.device == device.id and one.outcome is None)
        return Listed(device, len(numbers), max(numbers, default=0) - len(numbers), held)

    async def answer(self, challenge: bytes, expires_at: datetime, now: datetime) -> bool:
        """See DeviceStore."""
        self._answered = {one: until for one, until in self._answered.items() if now < until}
        if challenge in self._answered:
            return False
        self._answered[challenge] = expires_at
        return True

    async def seen(self, device: str, at: datetime) -> None:
        """See DeviceStore."""
        known = self._devices[device]
        self._devices[device] = replace(known, seen_at=max(known.seen_at or at, at))

    async def attach(self, presence: Presence, key: AuthorKey | None, audit: AuditRow) -> bool:
        """See DeviceStore."""
        device = self._devices.get(presence.device)
        if device is None or device.revoked_at is not None:
            return False
        if key is not None and self._keys.get((key.device, key.public_key), key).person != key.person:
            return False
        self._keep_audit(audit)
        known = self._presences.get(presence.session)
        if known is None or (known.device, known.person) != (presence.device, presence.person):
            self._presences[presence.session] = presence
        if key is not None:
            self._keys.setdefault((key.device, key.public_key), key)
        return True

    async def writer(self, device: str, person: str) -> Writer | None:
        """See DeviceStore."""
        account = self._access.accounts_by_id.get(person)
        if account is None:
            return None
        grants = tuple(grant for grant in self._access.grants_by_key.values() if grant.person == person)
        keys = tuple(key for key in self._keys.values() if (key.device, key.person) == (device, person))
        here = [one for one in self._presences.values() if (one.device, one.person) == (device, person)]
        return Writer(account, grants, keys, tuple(self._until(one) for one in here))

    def _until(self, presence: Presence) -> Presence:
        session = self._access.sessions_by_id[presence.session]
        ended = session.revoked_at
        return replace(presence, until=session.absolute_until if ended is None else min(ended, session.absolute_until))

    async def claim(self, device: str, numbers: Sequence[tuple[int, bytes]]) -> set[int]:
        """See DeviceStore."""
        return {seq for seq, digest in numbers if self._statements.setdefault((device, seq), digest) != digest}

    async def revoke(self, device: str, at: datetime, by: str, audit: AuditRow) -> tuple[str, ...] | None:
        """See DeviceStore."""
        known = self._devices.get(device)
        if known is None or known.revoked_at is not None:
            return None
        self._keep_audit(audit)
        self._devices[device] = replace(known, revoked_at=at, revoked_by=by)
        sessions = self._access.sessions_by_id
        here = sorted(one.session for one in self._presences.values() if one.device == device)
        ended = [one for one in here if sessions[one].revoked_at is None]
        for one in ended:
            sessions[one] = replace(sessions[one], revoked_at=at)
        return tuple(ended)

    async def hold(self, held: Held, most: int, audit: AuditRow) -> bool:
        """See DeviceStore."""
        if held.id in self._held:
            return True
        if sum(1 for one in self._held.values() if one.device == held.device and one.outcome is None) >= most:
            return False
        self._keep_audit(audit)
        self._held[held.id] = held
        return True

    async def held(self, log: str | None, *, decided: bool = False) -> list[Held]:
        """See DeviceStore."""
        found = [one for one in self._held.values() if log in (None, one.log) and (decided or one.outcome is None)]
        return sorted(found, key=lambda one: (one.device, one.device_seq, one.received_at, one.id))

    async def held_of(self, device: str, log: str, numbers: Sequence[int]) -> list[Held]:
        """See DeviceStore."""
        found = await self.held(log, decided=True)
        return [one for one in found if one.device == device and one.device_seq in numbers]

    async def held_one(self, item: str) -> Held | None:
        """See DeviceStore."""
        return self._held.get(item)

    async def decide(self, item: str, decided: Decided, audit: AuditRow, *, unlogged: bool = False) -> bool:
        """See DeviceStore."""
        held = self._held.get(item)
        if held is None or not unlogged or self._logs is None or await self._logs.head(held.log) is None:
            return self._decide(item, decided, audit)
        async with self._logs.append(held.log) as append:
            if await append.commands([held.cmd]) or not self._decide(item, decided, audit):
                return False
            self._logs.turn_down(item)
        return True

    def _decide(self, item: str, decided: Decided, audit: AuditRow) -> bool:
        held = self._held.get(item)
        if held is None or held.outcome is not None:
            return False
        self._keep_audit(audit)
        self._held[item] = replace(
            held, outcome=decided.outcome, decided_at=decided.at, decided_by=decided.by, why=decided.why
        )
        return True

    async def logged(self, log: str, cmd: str) -> str | None:
        """See DeviceStore."""
        if self._logs is None or await self._logs.head(log) is None:
            return None
        async with self._logs.append(log) as append:
            found = await append.commands([cmd])
        return found[cmd].actor if cmd in found else None

    async def waiting(self, device: str | None = None) -> int:
        """See DeviceStore."""
        return sum(1 for one in self._held.values() if one.outcome is None and device in (None, one.device))


def _newest_first(device: Device) -> tuple[float, str]:
    return -device.enrolled_at.timestamp(), device.id
