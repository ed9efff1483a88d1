"""docs/import.md is true: each of its mappings is one that the program takes, and does what the page says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from command.exercise.importer import NotTaken, Taken, Target, plan
from command.exercise.mapping import Mapping, load_mapping
from command.exercise.readers import Row
from command.exercise.report import OUTCOMES

PAGE = (Path(__file__).parents[2] / "docs" / "import.md").read_text("utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
WHOLE = [block for block in BLOCKS if block.startswith("system")]
PARTS = [block for block in BLOCKS if not block.startswith("system")]

ROW = {
    "charge_no": "C-1", "arrest_no": "1234", "arrested": "08/12/2017 12:00:00 AM", "time": "5", "statute": "18.2-57(A)",
    "charge_2": "18.2-119", "charges": "14:54.1 OBSTRUCT; 14:63",
}  # fmt: skip


@pytest.mark.parametrize("block", WHOLE, ids=["force", "arrests"])
def test_each_whole_mapping_is_taken(block: str) -> None:
    assert load_mapping(block, "page").columns


def with_part(part: str) -> Mapping:
    """The page's mapping of arrests with one of its parts put in."""
    merged: dict[str, Any] = tomllib.loads(WHOLE[1])
    for key, value in tomllib.loads(part).items():
        merged[key] = merged.get(key, {}) | value if key == "once" else value
    return msgspec.convert(merged, Mapping)


def as_cards(part: str) -> Mapping:
    """The page's mapping of arrests with each row a card of its own, and one of its parts put in."""
    whole = tomllib.loads(WHOLE[1])
    fields = whole.pop("once")["arrest"]["fields"] | tomllib.loads(part)["fields"]
    return msgspec.convert(whole | {"command": "RecordArrest", "fields": fields}, Mapping)


def commands(mapping: Mapping) -> list[dict[str, Any]]:
    (one,) = plan([Row(2, ROW)], mapping, Target("i"))
    assert isinstance(one, Taken), one
    return [msgspec.json.decode(sub.command) for sub, _ in one.before] + [msgspec.json.decode(one.submission.command)]


def test_its_parts_do_what_is_said_of_them() -> None:
    charges, codes, only, written, times = PARTS
    second = commands(with_part(charges))[1]
    assert (second["type"], second["offence"], second["charge"]) == ("RecordOffence", "C-1-2", "18.2-119")
    assert commands(as_cards(codes))[0]["offences"] == ["14:54.1-OBSTRUCT", "14:63"]
    stops = [Row(2, ROW | {"arrest_made": "TRUE"}), Row(3, ROW | {"arrest_made": "FALSE"})]
    assert [type(one) for one in plan(stops, with_part(only), Target("i"))] == [Taken, NotTaken]
    mapping = with_part(written)
    assert (mapping.separator, mapping.encoding, mapping.skip) == (";", "cp1252", 2)
    assert commands(mapping)[0]["arrest"] == "00001234"
    (one,) = plan([Row(2, ROW)], with_part(times), Target("i"))
    assert isinstance(one, Taken) and one.submission.occurred_at is not None
    assert one.submission.occurred_at.isoformat() == "2017-08-12T07:05:00+00:00"


def test_its_code_is_the_codes() -> None:
    assert commands(load_mapping(WHOLE[1], "page"))[1]["charge"] == "18.2-57-A"


def test_every_outcome_but_those_of_a_broken_server_is_named() -> None:
    words = {"conflict": "repeated", "denied": "refused", "not sent": "stopped", "header again": "the header once more"}
    for outcome in OUTCOMES:
        assert words.get(outcome, outcome.replace("other day", "of another day")) in PAGE
