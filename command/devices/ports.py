"""What devices need kept. PostgreSQL and memory keep one contract (tests/devices/contract.py).

Every act takes its audit row and keeps it in the same transaction: no audit, no act.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from command.devices.model import AuthorKey, Code, Decided, Device, Held, Listed, Presence, Writer
from command.store.ports import AuditRow


class DeviceStore(Protocol):
    """All methods raise Unavailable when the record cannot be kept or read; nothing was done then."""

    async def invite(self, code: Code, audit: AuditRow) -> None:
        """Keep a code."""

    async def code(self, sha256: bytes) -> Code | None:
        """A code, used or not, over or not."""

    async def enrol(self, code: bytes, device: Device, audit: AuditRow) -> bool:
        """Use the code up and keep the device, in one step. False, with nothing done, where the code is not one, was
        used, or is over at `device.enrolled_at`, or where the key was here before."""

    async def device(self, device: str) -> Device | None:
        """A device, revoked or not."""

    async def devices(self) -> list[Listed]:
        """All devices, the newest first."""

    async def answer(self, challenge: bytes, expires_at: datetime, now: datetime) -> bool:
        """Use a challenge (its SHA-256) up; False where it was. Forgets those that are over."""

    async def seen(self, device: str, at: datetime) -> None:
        """Write down that a device was here. Never moves backwards."""

    async def attach(self, presence: Presence, key: AuthorKey | None, audit: AuditRow) -> bool:
        """A session is at this device, with the person's own key there; again: the newest word. False, with nothing
        done, where the device is revoked or the key is another person's."""

    async def writer(self, device: str, person: str) -> Writer | None:
        """A person with all that could show that they wrote at this device; None: there is no such account."""

    async def claim(self, device: str, numbers: Sequence[tuple[int, bytes]]) -> set[int]:
        """Take numbers for the SHA-256 of what was signed under them. Returns those that are taken for other bytes."""

    async def revoke(self, device: str, at: datetime, by: str, audit: AuditRow) -> tuple[str, ...] | None:
        """End a device for good, and every session at it: their ids. None where there is none or it had ended."""

    async def hold(self, held: Held, most: int, audit: AuditRow) -> bool:
        """Keep a statement apart; the same again is a no-op. False where `most` of this device are held already."""

    async def held(self, log: str | None, *, decided: bool = False) -> list[Held]:
        """What is held of an incident (None: of all) and waits, or with `decided` everything; by device and number."""

    async def held_of(self, device: str, log: str, numbers: Sequence[int]) -> list[Held]:
        """What is or was held of a device under these numbers, decided or not; by number."""

    async def held_one(self, item: str) -> Held | None:
        """One of them."""

    async def decide(self, item: str, decided: Decided, audit: AuditRow, *, unlogged: bool = False) -> bool:
        """Write down what became of it. False where there is no such one or it was decided before; with `unlogged` also
        where its log has answered its command, which is looked at while nothing can be appended there."""

    async def logged(self, log: str, cmd: str) -> str | None:
        """Whose command the log has answered under this id; None where it has answered none."""

    async def waiting(self, device: str | None = None) -> int:
        """How many wait for a decision, of one device or of all."""
