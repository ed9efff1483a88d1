"""The end of a redaction: the keys of what was redacted are destroyed, exactly those, whatever failed meanwhile.

The rows of a redacted value are gone with the commit itself. Its key goes under
the head lock, when no node can be sealing: so a report that is written about the
same person afterwards always gets a new key, and never loses it to a redaction
that was made before.
"""

from __future__ import annotations

from collections.abc import Sequence

from command.domain.codec import decode_recorded
from command.domain.envelope import Recorded
from command.domain.events import Redacted
from command.domain.state import State
from command.service.sealing import subject_of
from command.service.vault import Vault
from command.store.ports import Store


class Erasing:
    """Keys of one log that still have to be destroyed, as far as this node knows."""

    def __init__(self, log: str, store: Store, vault: Vault) -> None:
        self._log = log
        self._store = store
        self._vault = vault
        self._subjects: set[str] = set()
        self._seqs: set[int] = set()

    def note(self, entries: Sequence[Recorded]) -> bool:
        """Remember the redactions among the entries; whether there were any."""
        found = [entry for entry in entries if isinstance(entry.event, Redacted)]
        for entry in found:
            assert isinstance(entry.event, Redacted)
            if entry.event.subject is not None:
                self._subjects.add(entry.event.subject)
            self._seqs.update(entry.event.seqs)
        return bool(found)

    def note_state(self, state: State) -> None:
        """Remember all redactions of a log that was just loaded: a node may have died before their end."""
        self._subjects.update(state.redacted_subjects)
        self._seqs.update(state.redacted_seqs)

    @property
    def waiting(self) -> bool:
        """Whether anything is left to do."""
        return bool(self._subjects or self._seqs)

    async def finish(self) -> int:
        """Destroy. Call it under the head lock. Returns how many keys there were.

        A subject of whom a disclosure is kept was written of since, for the redaction's own commit left none: that
        key serves what is new, whatever kind of record it is.
        """
        subjects = self._subjects - await self._store.told_of(self._log, sorted(self._subjects))
        for seq in self._seqs:
            for row in await self._store.events(self._log, seq - 1, 1):
                entry = decode_recorded(row.header)
                own = subject_of(entry.event, entry.header.id)
                if own.startswith("e:"):  # a person's key serves their other events still
                    subjects.add(own)
        destroyed = await self._vault.destroy(self._log, sorted(subjects))
        self._subjects.clear()
        self._seqs.clear()
        return destroyed
