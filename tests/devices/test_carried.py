"""The file that a tablet saves: read one thing at a time, whole or cut off, and never past what its lines say."""

from __future__ import annotations

import io
import json
from typing import Any

import msgspec
import pytest

from command.devices.carried import (
    FORMAT,
    LINE_BYTES,
    TAG_BYTES,
    Boxed,
    CarriedFile,
    CutOff,
    Receipt,
    carried,
    device_of,
)
from command.errors import Unreadable
from command.uploads.kept import PART_BYTES

HEAD = {"format": FORMAT, "device": "d-1"}
SEALED = {"key": "0" * 16, "box": "AAAA"}
RECORD = {"record": {"incident": "i-1", "cmd": "c-1", "device_seq": 1, "sealed": SEALED}}
SIZE = PART_BYTES + 10
PARTS = [b"\n" * (PART_BYTES + TAG_BYTES), b"z" * (10 + TAG_BYTES)]


def file_line(**more: Any) -> dict[str, Any]:
    told = {
        "incident": "i-1", "attachment": "p-1", "subject": "s-1", "kind": "photo", "sha256": "0" * 64, "size_bytes": SIZE,
        "key": SEALED, "sealed_bytes": SIZE + 2 * TAG_BYTES, **more,
    }  # fmt: skip
    return {"file": told}


def line(said: Any) -> bytes:
    return json.dumps(said).encode() + b"\n"


def whole(*items: bytes, records: int = 1, files: int = 1) -> io.BytesIO:
    return io.BytesIO(line(HEAD) + b"".join(items) + line({"end": {"records": records, "files": files}}))


PHOTO = line(file_line()) + b"".join(PARTS) + b"\n"


def test_records_and_files_come_one_at_a_time_wherever_the_reader_has_been() -> None:
    """Parts are found by their place, line feeds among their bytes or not; behind them the next line is found."""
    receipt = {"incident": "i-1", "seq": 4, "leaf": "A" * 43}
    stream = whole(
        line(RECORD),
        line({"receipt": receipt}),
        PHOTO,
        line(file_line(attachment="p-2", sealed_bytes=0, key=None)),
        b"\n",
        files=2,
    )
    assert device_of(stream) == "d-1"
    found = carried(stream)
    assert isinstance(next(found), Boxed)
    assert next(found) == Receipt("i-1", 4, "A" * 43)
    first = next(found)
    assert isinstance(first, tuple) and first[0].whole
    of, begins = first
    assert [of.part(stream, begins, at) for at in (PART_BYTES, 0)] == PARTS[::-1]
    second = next(found)
    assert isinstance(second, tuple) and (second[0].attachment, second[0].whole) == ("p-2", False)
    assert list(found) == []


@pytest.mark.parametrize("most", [-1, -10, -40, len(line(HEAD)) + len(line(RECORD)) + 500, len(line(HEAD)) + 20])
def test_one_that_was_cut_off_says_so_after_what_is_whole(most: int) -> None:
    """Wherever it was cut: never an error, never a record that is half there."""
    stream = io.BytesIO(whole(line(RECORD), PHOTO).getvalue()[:most])
    device_of(stream)
    found = list(carried(stream))
    assert isinstance(found[-1], CutOff)
    assert all(isinstance(one, (Boxed, tuple)) for one in found[:-1])


def test_one_that_counts_more_than_it_holds_was_cut_in_the_middle() -> None:
    stream = whole(line(RECORD), records=2, files=0)
    device_of(stream)
    assert isinstance(list(carried(stream))[-1], CutOff)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (line({"record": {**RECORD["record"], "more": 1}}), "line 2"),
        (line({"other": 1}), "line 2"),
        (line({}), "line 2"),
        (line(RECORD) + line(file_line(size_bytes=0)), "line 3"),
        (line(RECORD) + b"\xff\n", "line 3"),
        (b"x" * (LINE_BYTES + 5) + b"\n", "line 2"),
    ],
)
def test_what_is_no_record_and_no_file_is_named_by_its_line(text: bytes, where: str) -> None:
    stream = whole(text)
    device_of(stream)
    with pytest.raises(Unreadable) as error:
        list(carried(stream))
    assert error.value.where == where


@pytest.mark.parametrize("text", [b"", b"{}\n", b"\xff\n", line({**HEAD, "format": "muster outbox 1"}), b"PK\x03\x04"])
def test_what_is_no_tablets_file_is_said_by_its_first_line(text: bytes) -> None:
    with pytest.raises(Unreadable, match=FORMAT):
        device_of(io.BytesIO(text))


def test_a_files_length_follows_from_its_size() -> None:
    """One that says otherwise is not whole."""
    told = file_line()["file"]
    sizes = [told["sealed_bytes"] + more for more in (-1, 0, 1)]
    files = [msgspec.convert({**told, "sealed_bytes": size}, CarriedFile) for size in sizes]
    assert [one.whole for one in files] == [False, True, False]
