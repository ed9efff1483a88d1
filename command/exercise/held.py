"""What a table holds and what it does not, command by command: nothing is made up, and this says what stands instead.

Pure: a mapping in, and for each of its commands which fields come from the table, which are the same for every row,
which stand by default because the table has nothing, and which are empty.
"""

from __future__ import annotations

import msgspec

from command.domain.commands import COMMANDS
from command.exercise.mapping import Field, Mapping

_SAYS_NOTHING = (None, (), False, "not known", msgspec.NODEFAULT)


class CommandAccount(msgspec.Struct, frozen=True):
    """One command of a mapping, and what became of it.

    `outcomes`: outcome → how many. `unknown`: mapped field → in how many of those sent the source does not know it.
    `constant`: the same for every row, from the mapping. `default`: no column is mapped, and this stands.
    `empty`: no column is mapped, and nothing stands.
    """

    command: str
    outcomes: dict[str, int]
    unknown: dict[str, int]
    constant: dict[str, str]
    default: dict[str, str]
    empty: tuple[str, ...]


class NotFromTheTable(msgspec.Struct, frozen=True):
    """What of a command does not come from the table: constants, defaults, and what is left empty."""

    constant: dict[str, str]
    default: dict[str, str]
    empty: tuple[str, ...]


def not_from_the_table(mapping: Mapping) -> dict[str, NotFromTheTable]:
    """For each command of the mapping, in the order in which they are sent."""
    used: dict[str, dict[str, Field]] = {}
    for one in mapping.once.values():
        used.setdefault(one.command, {}).update(one.fields)
    used.setdefault(mapping.command, {}).update(mapping.fields)
    return {command: _of(command, fields) for command, fields in used.items()}


def _of(command: str, fields: dict[str, Field]) -> NotFromTheTable:
    default: dict[str, str] = {}
    empty = []
    for info in msgspec.structs.fields(COMMANDS[command]):
        if info.name in fields:
            continue
        if info.default in _SAYS_NOTHING:
            empty.append(info.name)
        else:
            default[info.name] = str(info.default)
    constant = {name: str(how.constant) for name, how in fields.items() if how.constant is not None}
    return NotFromTheTable(constant, default, tuple(empty))


def as_lines(account: CommandAccount, words: dict[str, str]) -> list[str]:
    """In plain words. `words`: how outcomes are called."""
    sent = sum(account.outcomes.values())
    told = ", ".join(f"{count} {words.get(name, name)}" for name, count in account.outcomes.items())
    out = [f"  {account.command}: {told}"]
    out += [f"    {field} is not known in {count} of {sent}" for field, count in sorted(account.unknown.items())]
    out += [f"    {field} is not in the table; {value!r} stands for each" for field, value in account.constant.items()]
    out += [f"    {field} is not in the table; by default {value!r}" for field, value in account.default.items()]
    if account.empty:
        out.append(f"    left empty, as no column is mapped to it: {', '.join(account.empty)}")
    return out
