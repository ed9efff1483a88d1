"""`muster import`: the command line's side of bringing records in. Argument parsing is the program's; the work is here."""

from __future__ import annotations

import asyncio
import gzip
import shlex
import zlib
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

import msgspec

from command.errors import MusterError, Unreadable
from command.exercise.completeness import Completeness
from command.exercise.draft import draft
from command.exercise.importer import Send, Target, plan, run_import, said
from command.exercise.mapping import Mapping, load_mapping
from command.exercise.readers import BadRow, Row, read_csv, read_ndjson
from command.exercise.report import ImportReport, as_text
from command.exercise.sniff import not_a_table

EXIT_OK = 0
EXIT_SOME_NOT_TAKEN = 1  # every row is accounted for, and at least one was not taken
EXIT_UNREADABLE = 2  # the file, its header or its mapping
EXIT_STOPPED = 3  # the server could not take more; run it again to go on

BUILT_IN = {
    "seattle": "seattle/force.toml",
    "2020pb": "pb2020/incidents.toml",
    "charlottesville": "charlottesville/arrests.toml",
}
"""Mappings that come with Muster, by the name to give instead of a file."""

_GZIP = b"\x1f\x8b"

PROGRESS_EVERY = 1_000  # rows


NEW = "new"
"""Given as the mapping: draft one from the table's header and its first rows."""

Standing = Callable[[str], Awaitable[Completeness]]
"""What the records of a source (a mapping's system) need under the incident's plan now."""


class ImportArgs(msgspec.Struct, frozen=True):
    """What was asked for. `mapping` is a file, a name of BUILT_IN or NEW; `day` is a local day of the records."""

    file: Path
    mapping: str
    incident: str = ""
    dry_run: bool = False
    json: bool = False
    day: date | None = None
    secret: bytes = b""


async def import_command(
    args: ImportArgs,
    send: Send | None,
    *,
    out: TextIO,
    err: TextIO,
    now: datetime | None = None,
    standing: Standing | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> int:
    """Read, send (unless a dry run), report to `out`; progress and errors to `err`. Returns the exit code.

    `send` carries the commands to the incident, in batches; it is not called in a dry run. `standing` is asked at the
    end what the records lack. A record of a time after `now` is not taken.
    """
    try:
        if args.mapping == NEW:
            return draft_command(args.file, out, err)
        mapping = find_mapping(args.mapping)
        with open_records(args.file, mapping.format) as source:
            report = await run_import(
                plan(read_rows(source, mapping), mapping, Target(args.incident, args.secret, now), args.day),
                mapping,
                None if args.dry_run else send,
                incident=args.incident,
                on_batch=_progress(err, args.json),
                sleep=sleep,
            )
    except OSError as error:
        err.write(f"{args.file}: {(error.strerror or 'cannot be read').lower()}\n")
        return EXIT_UNREADABLE
    except MusterError as error:
        err.write(f"{error.where or args.file}: {error.message}\n")
        return EXIT_UNREADABLE
    if standing is not None and not args.dry_run and report.read:
        try:
            report = msgspec.structs.replace(report, records=await standing(mapping.system))
        except (MusterError, OSError) as error:  # the account of the rows is told all the same
            err.write(f"what the records lack could not be found out: {said(error)}\n")
    if report.stopped.startswith("header: expected column"):
        report = msgspec.structs.replace(report, stopped=f"{report.stopped}. {_draft_hint(args.file)}")
    out.write((msgspec.json.encode(_as_data(report)).decode() if args.json else as_text(report)) + "\n")
    return exit_code(report)


def exit_code(report: ImportReport) -> int:
    """What the report means to a shell script."""
    if report.stopped:
        return EXIT_STOPPED if report.read else EXIT_UNREADABLE
    return EXIT_OK if report.complete else EXIT_SOME_NOT_TAKEN


def find_mapping(name: str) -> Mapping:
    """The mapping of this name or file. Raises Unreadable."""
    if name in BUILT_IN:
        packaged = resources.files("command.exercise") / "data" / BUILT_IN[name]
        return load_mapping(packaged.read_text("utf-8"), BUILT_IN[name])
    try:
        return load_mapping(Path(name).read_text("utf-8"), name)
    except UnicodeDecodeError as error:
        raise Unreadable(f"expected UTF-8, came byte 0x{error.object[error.start]:02x}", where=name) from None
    except OSError:
        known = ", ".join((*sorted(BUILT_IN), f"{NEW} (to draft one)"))
        raise Unreadable(f"expected a mapping file, or one of {known}; came {name!a}", where=name) from None


def read_rows(source: BinaryIO, mapping: Mapping) -> Iterator[Row | BadRow]:
    """The rows of a stream in the mapping's format."""
    if mapping.format == "ndjson":
        return read_ndjson(source)
    return read_csv(source, mapping.columns, separator=mapping.separator, encoding=mapping.encoding, skip=mapping.skip)


def open_records(file: Path, form: str = "csv") -> BinaryIO:
    """The file's bytes; what is compressed with gzip is decompressed as it is read. The caller closes it.

    Raises OSError, or Unreadable for what is no table by its first bytes.
    """
    plain = file.open("rb")
    start = plain.peek(512)  # looked at and not taken: a pipe cannot be opened twice
    if file.suffix == ".gz" or start.startswith(_GZIP):
        return cast(BinaryIO, _Gzip(plain))
    if problem := not_a_table(start, form):
        plain.close()
        raise Unreadable(problem, where=str(file))
    return plain


def draft_command(file: Path, out: TextIO, err: TextIO) -> int:
    """Write a mapping drafted from the table to `out`, and to `err` how it was tried. Raises OSError, Unreadable."""
    with open_records(file, "") as source:
        made = draft(source, file.name)
    out.write(made.text)
    err.write(made.tried + "\n")
    return EXIT_OK


def _draft_hint(file: Path) -> str:
    return f"a mapping for this table is drafted by: muster import {shlex.quote(str(file))} --mapping {NEW}"


class _Gzip(gzip.GzipFile):
    """A compressed file whose damage is an OSError with a reason, like any other file that cannot be read."""

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__(fileobj=packed)
        self._packed = packed

    def close(self) -> None:
        super().close()
        self._packed.close()

    def readline(self, size: int | None = -1) -> bytes:
        try:
            return super().readline(-1 if size is None else size)
        except (EOFError, zlib.error) as error:
            raise OSError(0, "the compressed file is cut off or damaged") from error


def _progress(err: TextIO, quiet: bool) -> Callable[[int], None]:
    """Say how many rows were read, about every PROGRESS_EVERY of them."""
    said = 0

    def on_batch(read: int) -> None:
        nonlocal said
        if not quiet and read - said >= PROGRESS_EVERY:
            said = read
            err.write(f"{read} rows read\n")

    return on_batch


def _as_data(report: ImportReport) -> dict[str, Any]:
    return {**cast(dict[str, Any], msgspec.to_builtins(report)), "complete": report.complete}
