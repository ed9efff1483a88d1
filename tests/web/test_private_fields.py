"""What the tablet commits to is what the server expects commitments for."""

from __future__ import annotations

from pathlib import Path

import msgspec

from command.domain.commands import COMMANDS
from command.web import private_fields

FIELD = Path(__file__).resolve().parents[2] / "field_app"


def test_the_generated_file_is_fresh() -> None:
    """field_app/private_fields.js says what the structs say today."""
    assert (FIELD / "private_fields.js").read_text() == private_fields.text(), (
        "stale: run python -m command.web.private_fields > field_app/private_fields.js"
    )


def test_a_private_field_without_a_default_is_required() -> None:
    """So a command that leaves out the others can always be parted."""
    defaults = private_fields.defaults()
    for name, fields in private_fields.private().items():
        required = {one.name for one in msgspec.structs.fields(COMMANDS[name]) if one.required}
        assert set(fields) == set(defaults.get(name, {})) | (required & set(fields))
    assert "conduct" in private_fields.private()["RecordArrest"]
