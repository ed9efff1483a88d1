"""What the browser and the tablet work out of a record is what the plan says: the file that both are held to."""

from __future__ import annotations

import json
from typing import Any

from tests.data.make import PATH, text

STEPS = ("transport", "booking", "closing")


def stacks() -> list[dict[str, Any]]:
    """The file."""
    found: list[dict[str, Any]] = json.loads(PATH.read_text("utf-8"))
    return found


def test_the_file_is_what_the_packs_say_today() -> None:
    """If not: python -m tests.data.make."""
    assert PATH.read_text("utf-8") == text()


def test_anyone_who_reads_the_needs_comes_to_the_same_answers() -> None:
    """By nothing but the file: an item that is not there is missing before its step and before every later one."""
    for stack in stacks():
        assert tuple(stack["steps"]) == STEPS
        for record in stack["records"]:
            for number, step in enumerate(STEPS):
                key = "otherwise" if record["procedure"] else "before"
                wanted = {need["item"] for need in stack["needs"] if STEPS.index(need[key]) <= number}
                missing = sorted(wanted - set(record["items"]))
                assert record["missing"][step] == missing
                assert record["cleared"][step] is (not missing)


def test_every_item_is_missing_somewhere_and_a_procedure_matters_somewhere() -> None:
    """Vectors that show nothing prove nothing."""
    for stack in stacks():
        shown = {item for record in stack["records"] for words in record["missing"].values() for item in words}
        assert shown == {need["item"] for need in stack["needs"]}
    district = next(stack for stack in stacks() if len(stack["packs"]) == 2 and "dc" in stack["packs"][0])
    assert any(need["before"] != need["otherwise"] for need in district["needs"])
