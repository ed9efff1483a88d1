"""docs/extend.md is true: its pack reads, stands on the model, and answers as its cases say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from command.library import MODEL, load_stack, read_files
from command.policy.cases import read_cases, run
from command.policy.page_html import as_html
from command.policy.problems import PackProblems

PAGE = (Path(__file__).resolve().parents[2] / "docs/extend.md").read_text("utf-8")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of the page, in a folder of their own."""
    for name, text in re.findall(r"^`([a-z-]+\.toml)`:\n\n```toml\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE):
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_pack_stands_on_the_model(files: Path) -> None:
    """As the page's own command reads it; and it makes a page."""
    stack = load_stack(read_files(("springfield-ordinance.toml", MODEL)))
    assert [pack.id for pack in stack.packs] == ["springfield-ordinance", "muster-model"]
    assert "Springfield Code § 12-7(b)" in as_html(stack)


def test_its_cases_hold(files: Path) -> None:
    """Each of them, and there are some."""
    cases = read_cases((files / "cases.toml").read_text("utf-8"), "cases.toml")
    told = run(cases, load_stack(read_files(cases.stack)))
    assert [result.told for result in told] == ["", "", ""]


def test_the_error_that_it_shows_is_the_one_that_comes(files: Path) -> None:
    """Word for word."""
    pack = files / "springfield-ordinance.toml"
    pack.write_text(pack.read_text("utf-8").replace('"captain or above"', '"captian or above"'), "utf-8")
    with pytest.raises(PackProblems) as caught:
        load_stack(read_files((str(pack), MODEL)))
    assert str(caught.value) in PAGE
