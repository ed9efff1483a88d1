"""The grammar for editors takes what the reader takes, and refuses a misspelt field."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

from command.library import all_packs
from command.policy.load import MANY, SINGLE
from command.policy.schema import pack_schema
from tests.support.street import STREET

SCHEMA = pack_schema()


def read(text: str) -> Any:
    """TOML as JSON has it: a date is a text."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return value.isoformat() if isinstance(value, date) else value

    return plain(tomllib.loads(text))


def test_it_is_a_schema() -> None:
    """Of the draft that it says, with every table and a sentence for each."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["properties"]) == {*SINGLE, *MANY}
    assert all(table["description"] for table in SCHEMA["$defs"].values())


@pytest.mark.parametrize("path", all_packs(), ids=lambda path: path.name)
def test_our_packs_fit(path: Any) -> None:
    """Every pack that comes with Muster."""
    jsonschema.validate(read(path.read_text()), SCHEMA, cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('deescalation = "tried"', 'deescalaton = "tried"'),
        ('deescalation = "tried"', 'deescalation = "maybe"'),
        ("quantity = 10", "quantity = 0"),
        ("quantity = 10", 'quantity = "ten"'),
        ('tools = ["gas", "net"]', "tools = []"),
        ('id = "gas"', 'id = "a gas"'),
        ("[[tactic]]", "[[tactics]]"),
    ],
)
def test_a_mistake_does_not_fit(old: str, new: str) -> None:
    """An editor underlines it."""
    assert old in STREET
    jsonschema.validate(read(STREET), SCHEMA, cls=jsonschema.Draft202012Validator)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(read(STREET.replace(old, new)), SCHEMA, cls=jsonschema.Draft202012Validator)
