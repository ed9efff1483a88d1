"""Files in memory keep the contract."""

from __future__ import annotations

import pytest

from command.store.memory import MemoryStore
from command.store.memory_blobs import MemoryBlobs
from command.store.ports_blobs import BlobStore
from tests.store.blobs_contract import BlobsContract
from tests.store.contract import T0


class TestMemoryBlobs(BlobsContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore(lambda: T0)

    @pytest.fixture
    def blobs(self, store: MemoryStore) -> BlobStore:
        return MemoryBlobs(store)
