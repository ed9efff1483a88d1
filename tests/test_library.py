"""Rule packs from disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import library
from command.errors import Misconfigured
from command.policy.problems import PackProblems


def test_the_model_plan_is_the_default() -> None:
    stack = library.load_stack(library.read_files())
    assert stack.digests[0].startswith("muster-model@sha256:")


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
