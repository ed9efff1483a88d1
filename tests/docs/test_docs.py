"""The documents say what is true: settings, links, commands, examples."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from command import config
from command.cli.parser import build
from command.cli.verbs import VERBS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "ARCHITECTURE.md", *ROOT.glob("docs/**/*.md"), ROOT / "protocols/README.md"])


def test_the_table_of_settings_is_the_programs_own() -> None:
    """docs/run.md holds the table that `python -m command.config` prints."""
    page = (ROOT / "docs/run.md").read_text("utf-8")
    shown = re.search(r"<!-- settings:[^\n]*\n(.*?)\n?<!-- /settings -->", page, re.DOTALL)
    assert shown is not None
    assert shown.group(1).strip() == config.table()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page is a file or folder of the project."""
    for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text("utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), target


def _examples() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                if line.startswith("muster "):
                    found.append((page.name, line))
    found += [("--help", verb.example) for verb in VERBS]
    return found


@pytest.mark.parametrize(("page", "line"), _examples(), ids=lambda value: str(value)[:60])
def test_examples_are_commands_of_the_program(page: str, line: str) -> None:
    """Every `muster …` in a shell block, and every example of --help, parses."""
    words = shlex.split(line, comments=True)[1:]
    if ">" in words:
        words = words[: words.index(">")]
    build(VERBS, "0").parse_args(words)


def test_the_readme_runs_and_tests_with_the_commands_that_ci_runs() -> None:
    """.ci/run calls the README's test command."""
    readme, script = (ROOT / "README.md").read_text("utf-8"), (ROOT / ".ci/run").read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)\n```", readme, re.DOTALL)
    assert any("muster demo" in block for block in blocks)
    tests = next(block for block in blocks if "pytest" in block)
    for part in tests.split(" && "):
        assert part.replace("run -q", "run -q --locked") in script or part in script


def test_the_compose_file_sets_only_settings_of_the_table() -> None:
    """Every MUSTER_ variable of docker-compose.yml is one that the program reads."""
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    named = set(re.findall(r"^\s+(MUSTER_[A-Z_]+):", compose, re.MULTILINE))
    assert named
    assert named <= {setting.variable for setting in config.SETTINGS}
    values = re.findall(r"^\s+[A-Z_]*PASSWORD: (.*)$", compose, re.MULTILINE)
    assert values
    assert all(value.startswith("${") for value in values), "no password stands in the file"
