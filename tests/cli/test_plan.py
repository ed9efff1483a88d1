"""`muster incident plan`: another plan through the gate, from a shell; what was wrong is told with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cli.program import as_json, muster
from tests.cli.test_program import OPEN
from tests.support.plans import illinois, without_batons

LAW = "us-il/force-and-citation.toml"
SAID = ("--clause", "plan § 12", "--reason", "batons were misused", "--agency", "spd")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with one open incident, in which the chief is on duty."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def incident(data: Path) -> str:
    """The id of the incident in it."""
    log = muster(*OPEN, data=data).strip()
    chief = data / "chief.json"
    chief.write_bytes(
        msgspec.json.encode({"type": "CheckIn", "person": "hill", "name": "Hill", "agency": "spd", "rank": "chief"})
    )
    muster("incident", "send", log, str(chief), "--person", "hill", "--agency", "spd", data=data)
    return log


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A file with another version of the plan."""
    path = tmp_path / "our-plan-2.toml"
    path.write_text(without_batons())
    return path


def test_a_plan_is_changed_by_who_may_and_shown(data: Path, incident: str, pack: Path) -> None:
    """By file and then back by name; verify and export carry every pack."""
    change = ("incident", "plan", "change", incident, "--pack", LAW, "--pack", str(pack), *SAID)
    refused = muster(*change, "--person", "lopez", data=data, fails=1)
    assert "refused" in refused and "below assistant-chief" in refused
    before: Any = as_json("incident", "plan", "show", incident, data=data)
    assert len(before) == 1 and [one["file"] for one in before[0]["packs"]] == [
        "force-and-citation.toml",
        "muster-model.toml",
    ]
    answer: Any = as_json(*change, "--person", "hill", data=data)
    assert answer["status"] == "accepted" and any("changes from" in why for why in answer["decision"]["reasons"])
    after: Any = as_json("incident", "plan", "show", incident, data=data)
    assert [span["seq"] for span in after] == [1, answer["seq"]] and after[1]["packs"][1]["file"] == pack.name
    assert "our-plan-2.toml" in muster("incident", "plan", "show", incident, data=data)
    names = [word for one in before[0]["packs"] for word in ("--pack", one["name"])]
    assert "accepted" in muster("incident", "plan", "change", incident, *names, *SAID, "--person", "hill", data=data)
    kept: Any = as_json("verify", incident, data=data)
    assert kept["problem_count"] == 0 and not kept["packs_missing"] and len(kept["packs"]) == 3
    lines = [msgspec.json.decode(line) for line in muster("export", incident, data=data).splitlines()]
    assert [line["name"] for line in lines if line["type"] == "pack"] == kept["packs"]
    assert "rule pack kept, by its SHA-256" in muster("verify", incident, data=data)


def test_what_is_wrong_with_it_is_told(data: Path, incident: str, pack: Path) -> None:
    """Every problem with its line (2: the input is unfit); a law left out, and a pack that is nowhere (1: refused)."""
    pack.write_text(without_batons().replace("[pack]", "[pack]\ncolour = 1", 1))
    words = ("incident", "plan", "change", incident, *SAID, "--person", "hill")
    assert "our-plan-2.toml:" in muster(*words, "--pack", str(pack), data=data, fails=2)
    pack.write_text(without_batons())
    assert "nobody here can take it away" in muster(*words, "--pack", str(pack), data=data, fails=1)
    ghost = "ghost@sha256:" + "0" * 64
    assert f"found no {ghost}" in muster(*words, "--pack", ghost, data=data, fails=1)
    assert "found no file nowhere.toml" in muster(*words, "--pack", "nowhere.toml", data=data, fails=2)
    assert "expected --pack" in muster(*words, data=data, fails=2)
    assert illinois().startswith("#"), "the law that was left out is on the shelf from the start"
