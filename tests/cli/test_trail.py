"""`muster audit` on a real database."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import msgspec
import pytest

from command.cli.verbs import VERBS
from command.store.ports import AuditRow
from tests.cli.program import muster

BY_ITSELF = {
    "demo": "a throw-away server; whoever plays in it is on its trail",
    "serve": "what is done through it is on the trail by itself",
    "doctor": "writes its entry after the looks, of which one is whether it can",
    "incident open": "a command, with the entry of its own transaction",
    "incident send": "commands, each with the entry of its own transaction",
    "import": "commands, each with the entry of its own transaction",
    "device import": "commands, each with the entry of its own transaction, and before them one of each act for the device",
    "tls init": "touches no database: files that the operator may write anyway",
    "tls renew": "touches no database",
    "tls show": "touches no database; public certificates",
}
"""Commands whose own code writes no entry, and why."""

INVITE = ("--name", "A. Lopez", "--agency", "spd", "--role", "field")


class Line(AuditRow, frozen=True, kw_only=True):
    """What `--json` prints."""

    number: int


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which two people were invited and one was shut out."""
    place = tmp_path_factory.mktemp("data")
    for person in ("lopez", "quinn"):
        muster("user", "invite", person, *INVITE, data=place)
    muster("user", "disable", "quinn", data=place)
    return place


def found(data: Path, *words: str) -> list[Line]:
    """The entries, newest first."""
    return [msgspec.json.decode(line, type=Line) for line in muster("audit", "--json", *words, data=data).splitlines()]


def test_the_trail_is_searched_by_action_object_outcome_and_time(data: Path) -> None:
    invited = found(data, "--action", "user.invite")
    assert [row.object for row in invited] == ["quinn", "lopez"]
    assert [row.action for row in found(data, "--object", "quinn")] == ["audit.read", "user.disable", "user.invite"]
    assert found(data, "--outcome", "denied") == []
    cut = invited[0].at.isoformat()
    assert [row.object for row in found(data, "--action", "user.invite", "--since", cut)] == ["quinn"]
    assert [row.object for row in found(data, "--action", "user.invite", "--until", cut)] == ["lopez"]
    assert found(data, "--who", "nobody-such") == []
    assert len(found(data, "--limit", "1")) == 1


def test_who_looks_is_on_it(data: Path) -> None:
    """The newest entry is one's own look; the text says the same."""
    newest = found(data)[0]
    assert (newest.action, newest.source, newest.outcome) == ("audit.read", "cli", "ok")
    assert "\taudit.read\t" in muster("audit", "--limit", "1", data=data)


@pytest.mark.parametrize(
    ("words", "says"),
    [(("--action", "no.such"), "expected an action"), (("--since", "soon"), "a time"), (("--limit", "0"), "from 1")],
)
def test_what_cannot_be_asked_is_told(data: Path, words: tuple[str, ...], says: str) -> None:
    assert says in muster("audit", *words, data=data, fails=2)


def test_no_command_is_forgotten() -> None:
    """Whatever opens the database on the command line says so on the trail, in its own code or for a reason above."""
    silent = {
        " ".join(verb.words)
        for verb in VERBS
        if verb.settings and not re.search(r"\b(audited|operator)\(", inspect.getsource(verb.run))
    }
    assert silent == BY_ITSELF.keys()
