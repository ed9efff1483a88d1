"""Devices in memory keep the contract."""

from __future__ import annotations

import pytest

from command.access.memory import MemoryAccess
from command.devices.memory import MemoryDevices
from command.errors import Untraceable
from command.store.ports import AuditRow
from tests.devices.contract import Bench, DevicesContract


@pytest.fixture
def bench() -> Bench:
    """A store with its trail."""
    rows: list[AuditRow] = []
    broken = False

    def keep(row: AuditRow) -> None:
        if broken:
            raise Untraceable("no trail")
        rows.append(row)

    async def trail() -> list[AuditRow]:
        return rows

    async def break_audit() -> None:
        nonlocal broken
        broken = True

    access = MemoryAccess(keep)
    return Bench(MemoryDevices(access, keep), access, trail, break_audit)


class TestMemoryDevices(DevicesContract):
    """The contract, in memory."""
