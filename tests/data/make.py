"""Writes completeness.json: what the packs ask of a record, and what is missing of a set of records.

    python -m tests.data.make

Made anew whenever a pack asks for something else; `tests/policy/test_vectors.py` says when it is out of date.
"""

from __future__ import annotations

import json
from pathlib import Path

from command.library import load_stack, read_files
from command.policy.vectors import vectors

PATH = Path(__file__).parent / "completeness.json"

STACKS = (
    ("model/muster-model.toml",),
    ("us-dc/first-amendment-assemblies.toml", "model/muster-model.toml"),
    ("us-il/force-and-citation.toml", "model/muster-model.toml"),
)


def text() -> str:
    """The file as it should be."""
    made = [vectors(load_stack(read_files(names))) for names in STACKS]
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), "utf-8")
