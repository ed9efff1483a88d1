"""Old logs stay readable: exact bytes, made once, fold to the same state for ever.

The log and its root are never edited. The state's hash may change only with a
deliberate change of the fold, in the commit that makes it and says why.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import pytest

from command.domain import events as e
from command.domain.codec import SCHEMAS, decode_recorded
from command.domain.envelope import encode_header
from tests.golden import make

HERE = Path(__file__).parent
LOGS = sorted(path.stem for path in HERE.glob("*.ndjson"))


def raws(name: str) -> list[bytes]:
    return (HERE / f"{name}.ndjson").read_bytes().splitlines()


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text())
    return found


@pytest.mark.parametrize("name", LOGS)
def test_a_golden_log_folds_to_what_it_always_did(name: str) -> None:
    assert make.facts(raws(name)) == expected(name)


@pytest.mark.parametrize("name", LOGS)
def test_todays_encoder_would_write_the_same_headers(name: str) -> None:
    """Bodies of older schemas are kept as they were written."""
    for raw in raws(name):
        assert encode_header(decode_recorded(raw).header) == raw


def test_the_logs_together_hold_every_type() -> None:
    held = {decode_recorded(raw).header.type for name in LOGS for raw in raws(name)}
    assert held == {kind.__name__ for kind in typing.get_args(e.Event)} and set(LOGS) == set(make.LIVES)


def test_the_first_log_holds_an_older_shape() -> None:
    entries = [decode_recorded(raw) for raw in raws("spine-1")]
    (warning,) = [entry for entry in entries if entry.header.type == "WarningGiven"]
    assert warning.header.schema == 1 < SCHEMAS["WarningGiven"] and b'"exit":"5th Ave"' in bytes(warning.header.body)
    assert isinstance(warning.event, e.WarningGiven) and warning.event.exits == ("5th Ave",)
    assert any(entry.header.statement for entry in entries) and any(entry.header.origin for entry in entries)
    assert any(entry.header.wall_at for entry in entries)


def test_a_golden_log_is_never_made_again() -> None:
    with pytest.raises(SystemExit, match="never made again"):
        make.main("spine-1")


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_the_state_hash_is_the_same_in_every_process(seed: str) -> None:
    """Maps hash by seed; equal states have equal bytes all the same."""
    code = (
        "import sys; from tests.golden import make; "
        "print(make.facts(open(sys.argv[1], 'rb').read().splitlines())['state'])"
    )
    path = str(HERE / "spine-1.ndjson")
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        cwd=HERE.parents[1],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected("spine-1")["state"]
