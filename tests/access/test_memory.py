"""Access in memory keeps the contract."""

from __future__ import annotations

import pytest

from command.access.memory import MemoryAccess
from command.errors import Unavailable
from command.store.ports import AuditRow
from tests.access.contract import AccessContract, Bench


@pytest.fixture
def bench() -> Bench:
    """A fresh store with a trail that can be broken."""
    rows: list[AuditRow] = []
    broken: list[bool] = []

    def keep(row: AuditRow) -> None:
        if broken:
            raise Unavailable("the trail cannot be written")
        rows.append(row)

    async def trail() -> list[AuditRow]:
        return rows

    async def break_audit() -> None:
        broken.append(True)

    return Bench(store=MemoryAccess(keep), trail=trail, break_audit=break_audit)


class TestMemoryAccess(AccessContract):
    """The contract, in memory."""
