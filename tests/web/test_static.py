"""The browser's files keep the rules that a policy cannot see for them."""

from __future__ import annotations

import hashlib
import json
import re
import typing
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]
STATIC, FIELD = HOME / "static", HOME / "field_app"
VENDOR = STATIC / "vendor"
OWN = sorted(path for root in (STATIC, FIELD) for path in root.rglob("*.js") if VENDOR not in path.parents)
PAGES = sorted([*STATIC.glob("*.html"), *FIELD.glob("*.html")])


def test_vendored_files_are_the_ones_in_the_lock() -> None:
    """Every vendored file is named in the lock with its hash, and nothing else is there."""
    lock = json.loads((VENDOR / "vendor.lock.json").read_text())
    named = {name: digest for package in lock["packages"] for name, digest in package["files"].items()}
    there = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "vendor.lock.json"
    }
    assert there == named
    for package in lock["packages"]:
        assert package["licence"] in ("MIT", "Apache-2.0")
        assert any(name.endswith("/LICENSE") for name in package["files"])


@pytest.mark.parametrize("path", OWN, ids=lambda path: str(path.relative_to(HOME)))
def test_our_scripts_use_no_html_sink_and_no_browser_clock(path: Path) -> None:
    """Text is text, styles are set through CSSOM, and the browser's date is never believed.

    One module of the tablet's asks for it: offline there is nothing else, and it says how far it may be off.
    """
    text = path.read_text()
    if path == FIELD / "clock.js":
        assert text.count("Date.now()") == 1
        text = text.replace("Date.now()", "")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "dangerouslySetInnerHTML", "document.write", "eval(", "new Function", "Date.now", "new Date()", 'setAttribute("style"', "navigator.onLine"):  # fmt: skip
        assert word not in text, word
    assert ("new WebSocket" in text) == (path.name == "socket.js")
    for source in re.findall(r"""(?<!["'])\b(?:from|import)\s*\(?["']([^"']+)["']""", text):
        assert source.startswith(("./", "../")), source
        assert source.endswith(".d.ts") or (path.parent / source).resolve().is_file(), source


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_hold_nothing_inline_and_nothing_foreign(path: Path) -> None:
    """All scripts and styles come from our own files under the build's path."""
    text = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "<style" not in text
    assert not re.search(r"\s(style|on\w+)=", text)
    for source in re.findall(r"""(?:src|href)="([^"]+)\"""", text):
        assert source.startswith(("{{files}}/", "/field/", "/link", "/sign-in")), source
        if source.startswith("{{files}}/"):
            assert (HOME / source.removeprefix("{{files}}/")).is_file(), source


def test_the_board_sections_are_the_servers() -> None:
    """A section that the server adds does not stay unknown here."""
    from command.views.rows import SECTIONS

    found = re.search(r"export const SECTIONS = \[(.*?)\];", (STATIC / "store.js").read_text(), re.DOTALL)
    assert found
    assert tuple(re.findall(r'"(\w+)"', found[1])) == SECTIONS


def test_every_event_has_a_group_and_every_form_a_command() -> None:
    """The feed's filter knows every event of the vocabulary; forms name commands that exist."""
    from command.domain import events
    from command.domain.commands import COMMANDS

    grouped = set(re.findall(r'"([A-Z]\w+)"', (STATIC / "feed_data.js").read_text()))
    facts = {kind.__name__ for kind in typing.get_args(events.Event)}
    assert facts - grouped == set()
    text = "".join(path.read_text() for path in sorted((STATIC / "forms").glob("*.js")))
    assert set(re.findall(r'command(?::|\() ?"(\w+)"', text)) - set(COMMANDS) == set()
    assert set(COMMANDS) - set(re.findall(r'"([A-Z]\w+)"', text)) - {"OpenIncident", "Redact"} == set()
