"""protocols/COVERAGE.md names rules and cases that are there, and leaves out no rule of a law."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from command.library import all_packs, find_root
from command.policy.cases import read_cases
from command.policy.load import read_pack
from command.policy.model import Pack, Rule

PAGE = (find_root() / "COVERAGE.md").read_text("utf-8")
PACKS = {path.parent.name: read_pack(path.read_bytes(), path.name) for path in all_packs()}


def rules(pack: Pack) -> set[str]:
    """Every rule of a pack as "table.id"."""
    return {
        f"{field.name}.{rule.id}"
        for field in msgspec.structs.fields(pack)
        for value in (getattr(pack, field.name),)
        for rule in (value if isinstance(value, tuple) else (value,))
        if isinstance(rule, Rule)
    }


def part(folder: str) -> str:
    """The section about a folder's pack."""
    return next(text for text in PAGE.split("\n## ") if f"`{folder}/`" in text)


@pytest.mark.parametrize("folder", sorted(PACKS.keys() - {"model"}))
def test_every_rule_of_a_law_stands_beside_its_sentence(folder: str) -> None:
    """And every rule that is named there is one of the pack."""
    named = set(re.findall(r"`([a-z_]+\.[a-z0-9-]+)`", part(folder)))
    assert named == rules(PACKS[folder])


def test_what_is_named_of_the_model_is_in_it() -> None:
    """In the ladder's table and in that of the requirements."""
    after = PAGE[PAGE.index("\n## The model ladder") :]
    named = set(re.findall(r"\| `([a-z_]+\.[a-z0-9-]+)`|, `([a-z_]+\.[a-z0-9-]+)`", after))
    assert {first or second for first, second in named} <= rules(PACKS["model"])


def test_every_requirement_has_its_row() -> None:
    """A1 to A51, and those that came with the second reading."""
    rows = set(re.findall(r"^\| (A\d+|I \d) \|", PAGE, re.MULTILINE))
    assert rows == {*(f"A{n}" for n in range(1, 52)), "A71", *(f"I {n}" for n in range(1, 9))}


@pytest.mark.parametrize("folder", sorted(PACKS))
def test_the_cases_that_it_names_are_there(folder: str) -> None:
    """Word for word."""
    path: Path = find_root() / folder / "cases.toml"
    says = {case.says for case in read_cases(path.read_text("utf-8"), path.name).case}
    named = set(re.findall(r"“([^”]+)”", part(folder)))
    assert named
    assert named <= says
