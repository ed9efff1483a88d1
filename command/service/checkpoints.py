"""Signing heads: each log's, at least once a second or every 256 events while something happens.

Any node may do it, and all of them do: what one has signed the others find signed. A head is read from the committed
record and from nowhere else, so nothing is ever signed that a crash could take back. The keys are read anew at every
signing, so that a rotation needs no restart; a head bears the signature of each key there is, the one that is being
retired included.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from command.errors import MusterError
from command.ledger import signing
from command.ledger.checkpoint import checkpoint_body, sign_all, verifier_key
from command.ledger.heads import key_name, origin_of
from command.service.api import Applied
from command.store.ports_checkpoints import CheckpointRow, CheckpointStore

EVERY_S: Final = 1.0
EVERY_EVENTS: Final = 256
AT_ONCE: Final = 1_000
"""Heads in one look; more than that many incidents at once are signed in the next ones."""

_log = structlog.get_logger(__name__)

Keys = Callable[[], Sequence[bytes]]
"""The private keys that sign now, the one in force first. Raises Misconfigured where a file is none."""


class Checkpoints:
    """Owned by whoever runs `run` as a task. `note` is to be told of every commit that this node applies."""

    def __init__(self, store: CheckpointStore, keys: Keys, told: Callable[[CheckpointRow], None]) -> None:
        self.store = store
        self._keys = keys
        self._told = told
        self._applied: dict[str, int] = {}
        self._covered: dict[str, CheckpointRow] = {}
        self._published: set[bytes] = set()
        self._wake = asyncio.Event()

    def note(self, applied: Applied) -> None:
        """A log has grown."""
        self._applied[applied.log] = applied.after.seq
        covered = self._covered.get(applied.log)
        if applied.after.seq - (covered.size if covered else 0) >= EVERY_EVENTS:
            self._wake.set()

    async def covering(self, log: str) -> CheckpointRow | None:
        """The last signed head of a log. Raises Unavailable."""
        return (await self.store.latest([log])).get(log)

    async def publish(self) -> None:
        """Put down which keys sign from now on. Raises Unavailable, Misconfigured."""
        for key in self._keys():
            if key not in self._published:
                await self.store.keep_vkey(vkey_of(key))
                self._published.add(key)

    async def turn(self) -> int:
        """Sign what is not signed yet, and tell of it; how many heads. Raises Unavailable, Misconfigured."""
        heads = await self.store.unsigned(AT_ONCE)
        if heads:
            await self.publish()
            keys = [(key_name(signing.public_key_of(key)), key) for key in self._keys()]
            rows = []
            for head in heads:
                body = checkpoint_body(origin_of(head.log, head.epoch), head.size, head.root)
                rows.append(CheckpointRow(head.log, head.size, head.root, sign_all(body, keys), head.wall))
            await self.store.keep(rows)
        await self._tell()
        return len(heads)

    async def _tell(self) -> None:
        """Say what is covered by now of the logs that this node follows, whichever node signed it."""
        behind = [
            log for log, seq in self._applied.items() if log not in self._covered or self._covered[log].size < seq
        ]
        for log, row in (await self.store.latest(behind)).items() if behind else ():
            known = self._covered.get(log)
            if known is None or known.size < row.size:
                self._covered[log] = row
                self._told(row)

    async def run(self) -> None:
        """Sign until cancelled. What cannot be signed now is signed with the next turn."""
        while True:
            self._wake.clear()
            try:
                await self.turn()
            except MusterError as exc:
                _log.warning("heads are not signed; trying again", code=exc.code, problem=exc.message)
            except Exception:  # noqa: BLE001  a defect met in one turn must not end the signing of every log
                _log.exception("heads are not signed; trying again")
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                continue


def vkey_of(private_key: bytes) -> str:
    """The line by which a signing key is published."""
    public = signing.public_key_of(private_key)
    return verifier_key(key_name(public), public)
