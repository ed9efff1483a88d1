"""The memory store keeps the contract, and fails on demand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from command.errors import Unavailable
from command.store.memory import MemoryKeyStore, MemoryStore
from command.store.ports import KeyStore, OutcomeUnknown, Store
from tests.store.contract import LOG, T0, KeyStoreContract, StoreContract, batch, event, first_hint


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore(lambda: T0)


class TestMemoryKeyStore(KeyStoreContract):
    @pytest.fixture
    def keys(self) -> KeyStore:
        return MemoryKeyStore()


async def test_a_hint_reaches_the_listener() -> None:
    store = MemoryStore(lambda: T0)
    assert await first_hint(store, store) == LOG


@pytest.mark.parametrize(
    ("fault", "error", "kept"),
    [("unavailable", Unavailable, 0), ("unknown-lost", OutcomeUnknown, 0), ("unknown-kept", OutcomeUnknown, 1)],
)
async def test_an_injected_fault_strikes_the_next_commit_only(fault: str, error: type[Exception], kept: int) -> None:
    store = MemoryStore(lambda: T0)
    await store.create_log(LOG)
    store.inject(fault)  # type: ignore[arg-type]  # the parametrized values are the literals
    with pytest.raises(error):
        async with store.append(LOG) as append:
            await append.commit(batch(append.head, [event(1)]))
    assert len(await store.events(LOG, 0, 10)) == kept
    async with store.append(LOG) as append:
        await append.commit(batch(append.head, [event(kept + 1)]))


async def test_a_session_lives_until_it_is_ended_or_over() -> None:
    now = T0
    store = MemoryStore(lambda: now)
    await store.create_log(LOG)
    store.add_session("a")
    store.add_session("b", until=T0 + timedelta(hours=1))
    async with store.append(LOG) as append:
        assert await append.revoked(["a", "b"]) == set()
        now = T0 + timedelta(hours=1)
        store.end_session("a")
        assert await append.revoked(["a", "b"]) == {"a", "b"}
