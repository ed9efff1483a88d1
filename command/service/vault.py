"""Private values in memory: few, recent, and gone at once when they are redacted."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from command.errors import Corrupt
from command.ledger import box, disclosure
from command.service.command_digests import KEY_OF
from command.service.compose import Secret
from command.store.ports import DisclosureRow, KeyStore, Store

# Values of this many events are kept: enough for every open screen's feed and board
# (a screen starts with 200 entries), small enough (tens of MB at most) to forget about.
CACHED_EVENTS = 20_000


class Vault:
    """Seals disclosures under subject keys and opens them again; one per node."""

    def __init__(self, store: Store, keys: KeyStore) -> None:
        self._store = store
        self._keys = keys
        self._cache: OrderedDict[tuple[str, int], dict[str, str]] = OrderedDict()
        self._evictions = 0
        self._command_keys: dict[str, bytes] = {}

    async def seal(self, log: str, secrets_: Sequence[Secret]) -> tuple[DisclosureRow, ...]:
        """Encrypt the disclosures of a batch. The keys are durable when this returns, before the events are."""
        if not secrets_:
            return ()
        subjects = {secret.subject for secret in secrets_}
        keys = await self._keys.create(log, {subject: box.new_key(secrets.token_bytes) for subject in subjects})
        rows: list[DisclosureRow] = []
        for secret in secrets_:
            key = keys[secret.subject]
            for path, text in secret.disclosures.items():
                nonce = secrets.token_bytes(box.NONCE_BYTES)
                sealed = box.seal(key, nonce, text.encode("ascii"), box.aad(log, secret.seq, path))
                rows.append(DisclosureRow(secret.seq, path, secret.subject, sealed))
        return tuple(rows)

    async def command_key(self, log: str) -> bytes:
        """The key under which a log's commands are remembered; made durable with the first use. Raises Unavailable."""
        key = self._command_keys.get(log)
        if key is None:
            made = await self._keys.create(log, {KEY_OF: box.new_key(secrets.token_bytes)})
            key = self._command_keys[log] = made[KEY_OF]
        return key

    async def with_keys(self, log: str, subjects: Sequence[str]) -> set[str]:
        """Those of whom something was sealed and not erased, or is about to be. Raises Unavailable."""
        return set(await self._keys.get(log, subjects))

    def remember(self, log: str, secrets_: Sequence[Secret]) -> None:
        """Keep the plain values of a committed batch at hand."""
        for secret in secrets_:
            self._put(log, secret.seq, secret.plain)

    async def plain(self, log: str, seqs: Sequence[int]) -> dict[int, Mapping[str, str]]:
        """Plain values by seq and field; nothing for what is withheld, redacted or was never private."""
        found: dict[int, Mapping[str, str]] = {}
        missing: list[int] = []
        for seq in seqs:
            known = self._cache.get((log, seq))
            if known is None:
                missing.append(seq)
            else:
                self._cache.move_to_end((log, seq))
                found[seq] = known
        if missing:
            found |= await self._load(log, missing)
        return found

    async def _load(self, log: str, seqs: list[int]) -> dict[int, dict[str, str]]:
        """Read and open. What is evicted meanwhile is read again: a redaction must never be undone by a slow read."""
        while True:
            evictions = self._evictions
            rows = await self._store.disclosures(log, seqs)
            texts = await self.open(log, rows)
            if evictions == self._evictions:
                break
        values: dict[int, dict[str, str]] = {seq: {} for seq in seqs}
        for row, text in zip(rows, texts, strict=True):
            value = disclosure.read(text).value if text is not None else None
            if value is not None:
                values[row.seq][row.path] = value if isinstance(value, str) else str(value)
        for seq, plain in values.items():
            self._put(log, seq, plain)
        return values

    async def open(self, log: str, rows: Sequence[DisclosureRow]) -> list[str | None]:
        """The disclosure texts of rows, None where the subject's key is destroyed. Raises Corrupt on changed boxes."""
        keys = await self._keys.get(log, sorted({row.subject for row in rows})) if rows else {}
        texts: list[str | None] = []
        for row in rows:
            key = keys.get(row.subject)
            if key is None:
                texts.append(None)
                continue
            place = f"{row.seq}/{row.path}"
            try:
                texts.append(box.open_(key, row.box, box.aad(log, row.seq, row.path)).decode("ascii"))
            except UnicodeDecodeError as exc:
                raise Corrupt("expected the text of a disclosure", where=place) from exc
            except Corrupt as exc:
                raise Corrupt(exc.message, where=place) from exc
        return texts

    def evict(self, log: str) -> None:
        """Forget everything of a log: after a redaction, what is still there is read anew."""
        self._evictions += 1
        for key in [key for key in self._cache if key[0] == log]:
            del self._cache[key]

    async def destroy(self, log: str, subjects: Sequence[str]) -> int:
        """Destroy the keys of subjects."""
        return await self._keys.destroy(log, subjects) if subjects else 0

    def _put(self, log: str, seq: int, plain: dict[str, str]) -> None:
        self._cache[log, seq] = plain
        self._cache.move_to_end((log, seq))
        while len(self._cache) > CACHED_EVENTS:
            self._cache.popitem(last=False)
