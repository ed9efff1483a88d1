"""Signing the heads of the tree of changes, with the key that signs the heads of logs."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from command.errors import MusterError
from command.ledger import signing
from command.ledger.change_leaf import LOG
from command.ledger.checkpoint import checkpoint_body, sign_all
from command.ledger.heads import key_name, origin_of
from command.service.checkpoints import Keys
from command.store.ports_checkpoints import ChangeTree

EVERY_S: Final = 5.0
"""Changes are people let in and out: a few an hour, and a few hundred in the hour before."""

_log = structlog.get_logger(__name__)


class ChangeHeads:
    """Owned by whoever runs `run` as a task. Any node may do it, and all of them do."""

    def __init__(self, tree: ChangeTree, keys: Keys) -> None:
        self._tree = tree
        self._keys = keys

    async def turn(self) -> int:
        """Sign what is not signed yet; how many changes that were. Raises Unavailable, Misconfigured."""
        return await self._tree.grow(self._note)

    def _note(self, epoch: int, size: int, root: bytes) -> str:
        keys = [(key_name(signing.public_key_of(key)), key) for key in self._keys()]
        return sign_all(checkpoint_body(origin_of(LOG, epoch), size, root), keys)

    async def run(self) -> None:
        """Sign until cancelled. What cannot be signed now is signed with the next turn."""
        while True:
            try:
                await self.turn()
            except MusterError as exc:
                _log.warning("changes are not signed; trying again", code=exc.code, problem=exc.message)
            except Exception:  # noqa: BLE001  a defect met in one turn must not end the signing
                _log.exception("changes are not signed; trying again")
            await asyncio.sleep(EVERY_S)
