"""Accounts of one incident by their runs of words, on this node: what was written before that reads the same.

The core may not read private values, so the shell compares and hands in the likeness. Only digests of runs are kept,
in memory, and they go with the values that they were made from.
"""

from __future__ import annotations

from collections.abc import Sequence

from command.domain.arrest import ALIKE
from command.domain.commands import Command
from command.domain.commands_arrest import RecordArrest, RecordOffence
from command.domain.likeness import Index
from command.domain.state import State
from command.service.vault import Vault

MOST_READ = 2_000
"""Accounts that one look may still have to read; beyond it the oldest stay uncompared until the next look."""


class Narratives:
    """The index of one log. `catch_up` before a batch that holds an account, `near` while it is decided."""

    def __init__(self, log: str, vault: Vault) -> None:
        self._log = log
        self._vault = vault
        self._index = Index()
        self._seen: dict[str, int] = {}  # name -> the seq that it was read from

    async def catch_up(self, state: State) -> None:
        """Read the accounts that other nodes, or an earlier life of this one, took."""
        wanted = _accounts(state)
        for name in self._seen.keys() - wanted.keys():
            self._drop(name)
        unread = [(name, seq, field) for name, (seq, field) in wanted.items() if self._seen.get(name) != seq]
        unread = unread[-MOST_READ:]
        plain = await self._vault.plain(self._log, [seq for _, seq, _ in unread]) if unread else {}
        for name, seq, field in unread:
            self._seen[name] = seq
            text = plain.get(seq, {}).get(field)
            if text is None:
                self._index.drop(name)
            else:
                self._index.put(name, text)

    def near(self, cmd: Command) -> tuple[tuple[str, float], ...]:
        """Other arrests with an account like this one's; each once, with its greatest likeness.

        The account is kept at once, so that the next in the same batch is compared with it. Should the batch come to
        nothing, a later look finds that no such record is there.
        """
        found = _told(cmd)
        if found is None:
            return ()
        arrest, name, text = found
        best: dict[str, float] = {}
        for other, like in self._index.near(text, ALIKE):
            of = other.partition("|")[0]
            if of != arrest:
                best[of] = max(like, best.get(of, 0.0))
        self._index.put(name, text)
        self._seen.pop(name, None)
        return tuple(sorted(best.items(), key=lambda item: (-item[1], item[0])))

    def forget(self) -> None:
        """Begin anew: after a redaction what is still there is read again."""
        self._index = Index()
        self._seen.clear()

    def _drop(self, name: str) -> None:
        self._index.drop(name)
        del self._seen[name]


def needs(commands: Sequence[Command]) -> bool:
    """Whether one of these holds an account to compare."""
    return any(_told(cmd) is not None for cmd in commands)


def _told(cmd: Command) -> tuple[str, str, str] | None:
    if isinstance(cmd, RecordArrest) and cmd.conduct:
        return cmd.arrest, f"{cmd.arrest}|conduct", cmd.conduct
    if isinstance(cmd, RecordOffence) and cmd.facts:
        return cmd.arrest, f"{cmd.arrest}|facts|{cmd.offence}", cmd.facts
    return None


def _accounts(state: State) -> dict[str, tuple[int, str]]:
    """The accounts that stand, by name: the seq and field that each is in."""
    found: dict[str, tuple[int, str]] = {}
    for arrest in state.arrests.all.values():
        if arrest.conduct_written:
            found[f"{arrest.arrest}|conduct"] = (arrest.versions[-1], "conduct")
        for charge in arrest.charges:
            if charge.facts_written:
                found[f"{arrest.arrest}|facts|{charge.offence}"] = (charge.seq, "facts")
    return found
