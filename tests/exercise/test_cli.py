"""`muster import`: exit codes that mean something, JSON, progress, and files that are not what they seem."""

from __future__ import annotations

import gzip
import io
import json
from datetime import date
from pathlib import Path

import pytest

from command.domain.envelope import Origin
from command.domain.submission import Answer, Submission
from command.errors import Unavailable
from command.exercise.cli import ImportArgs, import_command
from command.exercise.completeness import Completeness
from tests.exercise.fake_log import FakeLog

DATA = Path(__file__).parent / "data"
PACKAGED = Path(__file__).parents[2] / "command" / "exercise" / "data" / "seattle" / "force.csv.gz"


async def run(args: ImportArgs, log: FakeLog | None = None) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = await import_command(args, log.send if log else None, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


def small(tmp_path: Path, rows: bytes, name: str = "rows.csv") -> ImportArgs:
    mapping = tmp_path / "m.toml"
    form = "ndjson" if name.endswith("ndjson") else "csv"
    mapping.write_text(
        f'system = "s"\ncommand = "RecordEntry"\nrecord = "id"\nformat = "{form}"\n[time]\ncolumn = "at"\n'
        'formats = ["iso"]\nzone = "UTC"\n[fields.entry]\ncolumn = "id"\n[fields.text]\ncolumn = "id"\n'
    )
    (tmp_path / name).write_bytes(rows)
    return ImportArgs(tmp_path / name, str(mapping), "incident-1")


async def test_a_day_of_the_packaged_file_by_the_built_in_mapping() -> None:
    log = FakeLog()
    args = ImportArgs(PACKAGED, "seattle", "incident-1", day=date(2016, 5, 1))
    code, out, err = await run(args, log)
    assert (code, err) == (0, "")
    assert "     38  taken" in out
    assert "  14466  in all" in out
    assert len(log.kept) == 38
    assert "     38  already there" in (await run(args, log))[1]


async def test_json_is_one_object_with_everything(tmp_path: Path) -> None:
    args = small(tmp_path, b"id,at\nr1,2020-01-01\nr2,never\n")
    code, out, _ = await run(ImportArgs(args.file, args.mapping, "i", json=True), FakeLog())
    got = json.loads(out)
    assert code == 1
    assert (got["read"], got["counts"]["taken"], got["counts"]["unreadable"], got["complete"]) == (2, 1, 1, False)
    assert got["notes"][0]["line"] == 3


async def test_a_dry_run_never_calls_the_server(tmp_path: Path) -> None:
    args = small(tmp_path, b"id,at\nr1,2020-01-01\n")
    log = FakeLog()
    code, out, _ = await run(ImportArgs(args.file, args.mapping, "i", dry_run=True), log)
    assert code == 0
    assert "would be sent" in out
    assert not log.batches


async def test_ndjson_is_read_by_its_mapping(tmp_path: Path) -> None:
    args = small(tmp_path, b'{"id":"r1","at":"2020-01-01"}\n{"id":"r2"}\n', "rows.ndjson")
    code, out, _ = await run(args, FakeLog())
    assert code == 1
    assert "line 2: unreadable: column 'at': expected a value, came a row without that column" in out


async def test_progress_is_told_on_a_long_file(tmp_path: Path) -> None:
    rows = b"id,at\n" + b"".join(b"r%d,2020-01-01\n" % n for n in range(2_500))
    code, _, err = await run(small(tmp_path, rows), FakeLog())
    assert code == 0
    assert err == "1000 rows read\n2000 rows read\n"


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (
            "nowhere.toml",
            "expected a mapping file, or one of 2020pb, charlottesville, seattle, new (to draft one); came 'nowhere.toml'",
        ),
        ("seattle", "no such file or directory"),
    ],
)
async def test_a_file_that_is_not_there_is_exit_2(mapping: str, said: str, tmp_path: Path) -> None:
    code, out, err = await run(ImportArgs(tmp_path / "none.csv", mapping, "i"), FakeLog())
    assert (code, out) == (2, "")
    assert said in err


async def test_a_mapping_that_is_no_text_is_exit_2(tmp_path: Path) -> None:
    args = small(tmp_path, b"id,at\n")
    Path(args.mapping).write_bytes(b"\xff")
    code, _, err = await run(args, FakeLog())
    assert code == 2
    assert "expected UTF-8, came byte 0xff" in err


async def test_a_header_that_does_not_fit_is_exit_2_and_says_so(tmp_path: Path) -> None:
    code, out, _ = await run(small(tmp_path, b"x,y\n1,2\n"), FakeLog())
    assert code == 2
    assert "stopped: header: expected column 'id', 'at', came 'x', 'y' (line 1)" in out
    assert f"muster import {tmp_path / 'rows.csv'} --mapping new" in out


@pytest.mark.parametrize("cut", [True, False], ids=["cut off", "not gzip"])
async def test_a_damaged_compressed_file_stops_with_a_reason(tmp_path: Path, cut: bool) -> None:
    rows = b"id,at\n" + b"".join(b"r%d,2020-01-01\n" % n for n in range(50_000))
    args = small(tmp_path, gzip.compress(rows)[:-20_000] if cut else b"plain", "rows.csv.gz")
    code, out, _ = await run(args, FakeLog())
    assert code == (3 if cut else 2)
    assert ("the compressed file is cut off or damaged" if cut else "not a gzipped file") in out


async def test_a_server_that_goes_away_is_exit_3(tmp_path: Path) -> None:
    async def send(_: list[tuple[Submission, Origin]]) -> list[Answer]:
        raise Unavailable("the database is away")

    async def sleep(_: float) -> None: ...

    async def standing(_: str) -> Completeness:
        raise Unavailable("the database is away")

    args = small(tmp_path, b"id,at\nr1,2020-01-01\n")
    out, err = io.StringIO(), io.StringIO()
    assert await import_command(args, send, out=out, err=err, standing=standing, sleep=sleep) == 3
    assert err.getvalue() == "what the records lack could not be found out: the database is away\n"
    assert "1  not sent" in out.getvalue()
