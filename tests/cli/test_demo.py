"""The demonstration's plan."""

from __future__ import annotations

import argparse
from pathlib import Path

from msgspec.structs import replace

from command.cli.demo import PLAN, under_a_plan
from command.cli.serve import settings_of
from command.config import Settings
from command.library import DEFAULT, MODEL


def settings(tmp_path: Path) -> Settings:
    """Settings as the program has them where nothing is said."""
    return replace(settings_of(argparse.Namespace(data=str(tmp_path), config=None)), packs=())


def test_seattle_is_not_replayed_under_the_statutes_of_illinois(tmp_path: Path) -> None:
    """The default stack holds a law that never bound Seattle; the demonstration runs on the model alone."""
    assert under_a_plan(settings(tmp_path)).packs == PLAN == (MODEL,)
    assert set(PLAN) < set(DEFAULT)


def test_a_plan_that_was_named_is_kept(tmp_path: Path) -> None:
    """Whoever names packs gets them."""
    own = replace(settings(tmp_path), packs=("us-dc/first-amendment-assemblies.toml", MODEL))
    assert under_a_plan(own) is own
