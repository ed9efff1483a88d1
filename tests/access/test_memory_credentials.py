"""Credentials in memory keep the contract."""

from __future__ import annotations

import pytest_asyncio

from command.access.memory import MemoryAccess
from command.access.memory_credentials import MemoryCredentials
from command.errors import Unavailable
from command.store.ports import AuditRow
from tests.access.contract import Bench, token_for
from tests.access.credentials_contract import BEN, CredentialsContract, Vault


@pytest_asyncio.fixture
async def vault() -> Vault:
    """A fresh store with a trail that can be broken, in which Anna has an account."""
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

    access = MemoryAccess(keep)
    bench = Bench(store=access, trail=trail, break_audit=break_audit)
    await token_for(bench)
    assert BEN.person not in access.accounts_by_id
    return Vault(bench, MemoryCredentials(access, keep))


class TestMemoryCredentials(CredentialsContract):
    """The contract, in memory."""
