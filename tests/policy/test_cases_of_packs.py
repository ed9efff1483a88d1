"""The packs that come with Muster keep their own cases, and every rule that is judged has one."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from command.library import all_cases, all_packs, load_stack, pack_files, read_files
from command.policy.cases import CaseFile, Result, judged, read_cases, run, uncovered
from command.policy.load import read_pack
from command.policy.sides import gaps


@functools.cache
def file_of(path: Path) -> CaseFile:
    """The cases of a file."""
    return read_cases(path.read_text(), path.name)


@functools.cache
def results(path: Path) -> dict[str, Result]:
    """How its cases went."""
    cases = file_of(path)
    return {result.says: result for result in run(cases, load_stack(read_files(cases.stack)))}


ALL = [(path, case.says) for path in all_cases() for case in file_of(path).case]


@pytest.mark.parametrize(("path", "says"), ALL, ids=[f"{path.parent.name}: {says}" for path, says in ALL])
def test_a_case_holds(path: Path, says: str) -> None:
    """Asked and reported as the case says, the answer is the one beside the rule, by the rules named."""
    assert results(path)[says].held, results(path)[says].told


@pytest.mark.parametrize("path", all_cases(), ids=lambda path: path.parent.name)
def test_no_two_cases_say_the_same(path: Path) -> None:
    """A sentence is a case's name."""
    assert len(results(path)) == len(file_of(path).case)


@pytest.mark.parametrize("path", all_packs(), ids=lambda path: path.name)
def test_every_rule_that_is_judged_has_a_case(path: Path) -> None:
    """A rule without a case is a rule that nobody has tried."""
    pack = read_pack(path.read_bytes(), path.name)
    assert judged(pack)
    assert uncovered([file_of(path.parent / "cases.toml")], pack) == ()


@pytest.mark.parametrize("path", all_packs(), ids=lambda path: path.name)
def test_every_rule_and_every_number_is_shown_from_both_sides(path: Path) -> None:
    """Permitted and refused, a little more and a little less; what has one side only says why (`policy.sides`)."""
    cases = file_of(path.parent / "cases.toml")
    stack = load_stack(read_files(cases.stack))
    pack = next(held for held in stack.packs if held.name == path.name)
    assert [str(gap) for gap in gaps(cases, stack, pack)] == []


@pytest.mark.parametrize("path", all_packs(), ids=lambda path: path.name)
def test_every_rule_says_where_it_is_from(path: Path) -> None:
    """Source and mark, on each; and an id names one rule."""
    pack = read_pack(path.read_bytes(), path.name)
    for rule in judged(pack):
        assert rule.source
        assert rule.verified in ("V", "P", "G")


def test_the_cases_stand_beside_packs_of_their_folder() -> None:
    """Each folder of packs has its cases, and the cases judge at least one pack of it."""
    assert {path.parent for path in all_packs()} == {path.parent for path in all_cases()}
    for path in all_cases():
        assert path.parent in {file.parent for file in pack_files(file_of(path).stack)}
