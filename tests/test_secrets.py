"""No secret and no one's number stands in a file of the project: keys are made where it runs, people are made up."""

from __future__ import annotations

import math
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

KNOWN = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}"),
    "an AWS key": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    "a Google key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"),
    "a database's password": re.compile(r"postgres(?:ql)?://[^\s:/@{]+:[^\s@{}<$*…]{4,}@(?!localhost|127\.)"),
}
ASSIGNED = re.compile(
    r"""(?i)\b\w*(?:secret|token|api_?key|passwd|password)\w*\s*[:=]\s*["']([A-Za-z0-9+/=_-]{20,})["']"""
)
SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")


def tracked() -> list[Path]:
    """The project's own text files."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs git and its files")
    paths = (ROOT / name for name in listed.split("\0") if name and "vendor/" not in name and name != "uv.lock")
    return [path for path in paths if path.is_file() and path.stat().st_size < 2_000_000]


def entropy(text: str) -> float:
    """Bits a letter; words have under 3.8, random base64 over 4."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def found_in(text: str) -> list[str]:
    """What a text holds that it should not."""
    found = [name for name, pattern in KNOWN.items() if pattern.search(text)]
    found += ["an assigned secret" for value in ASSIGNED.findall(text) if entropy(value) > 4.0]
    return found + (["a social security number"] if SSN.search(text) else [])


def test_no_file_holds_one() -> None:
    found = {}
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        if path != Path(__file__) and (what := found_in(text)):
            found[str(path.relative_to(ROOT))] = what
    assert found == {}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04f\n", "a private key"),
        ("AKIAIOSFODNN7EXAMPLE", "an AWS key"),
        ('api_key = "q8Zr2Lx9Vb4Tn7Wk1Pd6Hs3Jf5Mc0Ga"', "an assigned secret"),
        ("postgresql://muster:hunter22@db.example/muster", "a database's password"),
        ("his number is 219-09-9999.", "a social security number"),
    ],
)
def test_what_should_be_found_is_found(text: str, what: str) -> None:
    assert what in found_in(text)


@pytest.mark.parametrize(
    "text", ["postgresql://muster_app@db/muster", "token = 'the-token-of-the-link'", "2016-05-01", "1-800-555-0199"]
)
def test_what_is_harmless_is_left_alone(text: str) -> None:
    assert found_in(text) == []
