"""Rule packs from disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import library
from command.errors import Misconfigured
from command.policy.problems import PackProblems
from command.policy.stack import Stack


def test_the_default_is_the_model_adapted_to_illinois() -> None:
    """The state's statutes stand first, for the most general does; the model, whose ladder they stand on, is local."""
    stack = library.load_stack(library.read_files())
    assert [pack.id for pack in stack.packs] == ["us-il-force-and-citation", "muster-model"]
    assert [level.id for level in stack.ladder] == [level.id for level in _model().ladder]
    assert stack.ranks == _model().ranks


def test_illinois_only_narrows_what_the_model_bars() -> None:
    """Nothing that the model alone refuses is open under the default, and its zones for energy weapons are barred."""
    stack, model = library.load_stack(library.read_files()), _model()
    for tool, rule in model.tools.items():
        stern = ("not needed", "needed", "never")
        assert stern.index(stack.tools[tool].grant) >= stern.index(rule.grant)
        assert rule.exigent or not stack.tools[tool].exigent
    zones = {zone for bar in stack.measures.bars("conducted-energy", "arrest", None) for zone in bar.bars.zones}
    assert zones == {"head", "chest", "neck", "groin", "anterior-pelvis"}


def _model() -> Stack:
    return library.load_stack(library.read_files((library.MODEL,)))


def test_a_pack_may_be_a_path_or_a_name_below_the_folder() -> None:
    named = library.pack_files(("model/muster-model.toml",))
    assert library.pack_files((str(named[0]),)) == named


def test_a_pack_that_is_not_there_is_named() -> None:
    with pytest.raises(Misconfigured, match="no file nowhere.toml"):
        library.pack_files(("nowhere.toml",))


def test_a_pack_that_cannot_be_read_says_every_problem(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text('[pack]\nid = "x"\n')
    with pytest.raises(PackProblems) as told:
        library.load_stack(library.read_files((str(broken),)))
    assert len(told.value.problems) > 1
