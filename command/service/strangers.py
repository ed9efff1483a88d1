"""Of whom an incident keeps nothing. An order to erase such a person would be carried out, be called complete, and leave
everything where it is, under the name that was meant."""

from __future__ import annotations

from collections.abc import Iterable

from command.domain.commands import Command, Redact
from command.domain.state import State
from command.service.vault import Vault
from command.store.ports import Store


async def strangers(log: str, state: State, commands: Iterable[Command], store: Store, vault: Vault) -> frozenset[str]:
    """Those whom orders to erase name, and of whom nothing is kept in this log and nothing was erased before.

    A person's key is there as soon as anything of theirs is, also a file that came before any record or is on its way;
    what is told of somebody counts even where their key was lost. Ask under the head lock. Costs nothing where nothing is
    to be erased.
    """
    named = {one.subject for one in commands if isinstance(one, Redact) and one.subject is not None}
    asked = sorted(named - set(state.redacted_subjects))
    if not asked:
        return frozenset()
    return frozenset(asked) - await store.told_of(log, asked) - await vault.with_keys(log, asked)
