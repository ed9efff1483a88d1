"""Signed heads in memory keep the contract."""

from __future__ import annotations

import pytest

from command.clock import utc_now
from command.store.memory import MemoryStore
from command.store.memory_checkpoints import MemoryCheckpoints
from command.store.ports_checkpoints import CheckpointStore
from tests.store.checkpoints_contract import CheckpointsContract


class TestMemoryCheckpoints(CheckpointsContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore(utc_now)

    @pytest.fixture
    def checkpoints(self, store: MemoryStore) -> CheckpointStore:
        return MemoryCheckpoints(store, utc_now)
