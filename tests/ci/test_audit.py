"""The audit fails on what is known, and claims nothing where it could not look."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load() -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


AUDIT = load()
GOOD = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("found", "code", "says"),
    [
        ([GOOD], 0, "1 libraries, no known vulnerability"),
        ([GOOD, BAD], 1, "b 2: CVE-1, mended in 3"),
        ([BAD, SKIPPED], 1, "NOT looked up: c"),
        ([GOOD, SKIPPED], 0, "NOT looked up: c"),
        ([SKIPPED], 0, "NOT DONE"),
    ],
)
def test_a_verdict_says_what_was_looked_at(
    found: list[dict[str, Any]], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert AUDIT.verdict(found) == code
    said = capsys.readouterr().out
    assert says in said
    assert ("no known" in said) is (found == [GOOD])


@pytest.mark.parametrize(("out", "err"), [("", "ConnectionError: no route"), ("{}", ""), ("[]x", "")])
def test_without_an_answer_it_is_not_done_and_does_not_fail(
    out: str, err: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    done = subprocess.CompletedProcess([], 1, out, err)
    monkeypatch.setattr(AUDIT.subprocess, "run", lambda *words, **more: done)
    assert AUDIT.audit(tmp_path / "r.txt") == 0
    assert "NOT DONE" in capsys.readouterr().out


def test_it_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def hang(*words: Any, timeout: float, **more: Any) -> None:
        raise subprocess.TimeoutExpired("pip-audit", timeout)

    monkeypatch.setattr(AUDIT.subprocess, "run", hang)
    assert AUDIT.audit(tmp_path / "r.txt") == 0
    assert "NOT DONE" in capsys.readouterr().out


def test_ci_runs_it() -> None:
    assert ".ci/audit.py" in (ROOT / ".ci" / "run").read_text()
