"""The mapping file: how the columns of someone's table become a command.

    system  = "seattle-spd-use-of-force"    who keeps these records; part of every command id
    format  = "csv"                         or "ndjson"
    command = "ReportForce"                 a report; an ask is never imported
    record  = "ID"                          the column with the record's own id
    unknown = ["", "-", "Not Specified"]    cells that mean "not known", in every column
    only    = { arrest_made = ["TRUE"] }    rows with anything else in that column are left out, and counted

    [time]                                  when it happened
    column  = "Occured_date_time"
    formats = ["%m/%d/%Y %I:%M:%S %p"]      strptime, or "iso"
    zone    = "America/Los_Angeles"         or zone_column with a [time.zones] table
    midnight_is_unknown = true              00:00 may stand for "time not known"

    [fields.officer]                        one table for each field of the command
    column  = "Officer_ID"
    prefix  = "SPD-"

A field is taken from `constant`, from `column`, from `template` ("{title} ({city})")
or, a place, from `lat` and `lon`. `lookup` translates a cell, and refuses one that it
does not list unless `otherwise` is "keep" or "unknown". `kind` is "text" (as it
stands), "id" (as it stands where it is fit for one, else derived), "code" (as it stands,
hyphens for what no id may hold), "private id"
(always derived, for a person; where unknown, a person of this record only), "number",
"yes or no", "list" (at `separator`) or "codes" (a list of codes, each once).

Where several rows are parts of one thing (each charge of an arrest a row), what they share is sent
once, before the first of them:

    [once.arrest]                           the rows of one arrest_group share an arrest
    by      = "arrest_group"
    command = "RecordArrest"
    [once.arrest.fields.arrest]
    column  = "arrest_group"
    kind    = "id"

Pure: text and rows in, submissions or reasons out.
"""

from __future__ import annotations

import functools
import re
import string
import tomllib
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from command.domain.commands import COMMANDS, Report
from command.domain.ids import Line, RecordId
from command.errors import Unreadable
from command.exercise.cells import Unmapped, cell_of, id_cell, shown, some
from command.exercise.localtime import Moment
from command.exercise.readers import Encoding, Row
from command.exercise.times import TimeField, check_time, moment_of

Kind = Literal["text", "id", "code", "private id", "number", "yes or no", "list", "codes"]

_BREAKS = re.compile(r"\s*[\t\n\v\f\r\x85\u2028\u2029]\s*")  # a cell over two lines, where the vocabulary has one
_UNFIT = re.compile(r"[^A-Za-z0-9._:-]+")  # what no id may hold

_LINE_PATTERN = msgspec.inspect.type_info(Line).pattern  # type: ignore[attr-defined]  # a Line is a text

_YES_OR_NO = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
_NEVER_IMPORTED = {"grant"}  # fields that no import may fill: authority comes from the log, never from a table


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one field of the command comes from."""

    constant: str | bool | int | float | None = None
    column: str | None = None
    template: str | None = None
    lat: str | None = None
    lon: str | None = None
    kind: Kind = "text"
    prefix: str = ""
    separator: str = ";"
    lookup: dict[str, str] = {}
    otherwise: Literal["refuse", "keep", "unknown"] = "refuse"
    unknown: tuple[str, ...] = ()
    when_unknown: str | None = None  # what stands for a value that the source does not know
    may_be_absent: bool = False  # a row of NDJSON need not have the column


class Once(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command that the rows with one value in the column `by` share; the first of them says it.

    `only_with`: a column; where it is not known there is nothing to say (the second charge of a row, say).
    """

    by: str
    command: str
    fields: dict[str, Field]
    only_with: str | None = None


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping file, checked. `columns` names every column that it reads."""

    system: Line
    command: str
    record: str | tuple[str, ...]  # the column, or the columns, that tell one row from every other
    time: TimeField
    fields: dict[str, Field]
    title: str = ""
    credit: str = ""
    format: Literal["csv", "ndjson"] = "csv"
    unknown: tuple[str, ...] = ("",)
    only: dict[str, tuple[str, ...]] = {}  # column -> what it holds in the rows that are asked for
    once: dict[str, Once] = {}
    separator: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = ","
    encoding: Encoding = "utf-8"
    decimal: Literal[".", ","] = "."  # what stands between a number's wholes and its parts
    skip: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0  # lines above the header: a title, a date of issue
    digits: dict[
        str, Annotated[int, msgspec.Meta(ge=1, le=40)]
    ] = {}  # column -> how many digits it has: a spreadsheet drops leading zeros

    @property
    def record_columns(self) -> tuple[str, ...]:
        """The columns of the record's id."""
        return (self.record,) if isinstance(self.record, str) else self.record

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that this mapping reads, each once."""
        names = [*self.record_columns, *self.time.columns, *self.only]
        names += [name for one in self.once.values() for name in (one.by, one.only_with)]
        for field in (*self.fields.values(), *(field for one in self.once.values() for field in one.fields.values())):
            names += [field.column, field.lat, field.lon, *_template_columns(field.template)]
        return tuple(dict.fromkeys(name for name in names if name is not None))


class Shared(msgspec.Struct, frozen=True):
    """What rows share, as a command's bytes. `key` is the same for all of them and says which command it is."""

    key: str
    command: bytes
    name: str  # of the command
    unknown: tuple[str, ...] = ()  # fields that the source does not know here


class Mapped(msgspec.Struct, frozen=True):
    """A row as a command's bytes, when it happened, and its record's id in the source."""

    record: str
    command: bytes
    moment: Moment
    local_day: date  # the day on the source's own calendar
    shared: tuple[Shared, ...] = ()
    unknown: tuple[str, ...] = ()  # fields of its own command that the source does not know here

    @property
    def flags(self) -> tuple[str, ...]:
        """What is uncertain about its time."""
        return self.moment.flags


class Ids(msgspec.Struct, frozen=True):
    """How ids are derived; given by the importer, so that this module knows no incident."""

    public: Callable[[str], str]  # the same for everyone who knows the source
    private: Callable[[str], str]  # a person's, in this incident only


# Loading --------------------------------------------------------------------------


def load_mapping(text: str, name: str) -> Mapping:
    """Read a mapping file. `name` stands in messages. Raises Unreadable: file, place, expected, came."""
    try:
        mapping = msgspec.convert(tomllib.loads(text), Mapping)
    except tomllib.TOMLDecodeError as error:
        raise Unreadable(f"expected TOML: {error}", where=name) from None
    except RecursionError:
        raise Unreadable("expected TOML that is not nested so deep", where=name) from None
    except msgspec.ValidationError as error:
        raise Unreadable(_lower(error), where=name) from None
    _check(mapping, name)
    return mapping


def _check(mapping: Mapping, name: str) -> None:
    _check_command(mapping.command, mapping.fields, name)
    for word, once in mapping.once.items():
        _check_command(once.command, once.fields, f"{name}: once.{word}")
    check_time(mapping.time, f"{name}: time")
    for column, wanted in mapping.only.items():
        if not wanted or "?" in wanted:
            raise Unreadable("expected what it holds in the rows that are asked for", where=f"{name}: only.{column}")
    if not mapping.record_columns:
        raise Unreadable("expected at least one column", where=f"{name}: record")


def _check_command(command: str, fields: dict[str, Field], name: str) -> None:
    kind = COMMANDS.get(command)
    if kind is None or not issubclass(kind, Report):
        raise Unreadable(f"expected a report such as ReportForce, came {command!r}", where=f"{name}: command")
    infos = {field.name: field for field in msgspec.structs.fields(kind)}
    for field, how in fields.items():
        where = f"{name}: fields.{field}"
        if field not in infos:
            raise Unreadable(f"expected a field of {command}, came {field!r}", where=where)
        if field in _NEVER_IMPORTED:
            raise Unreadable(f"expected no {field}: a table of records authorizes nothing", where=where)
        _check_field(how, where)
    for field, info in infos.items():
        if info.required and field not in fields:
            raise Unreadable(f"expected a table for the field {field!r} of {command}", where=f"{name}: fields")


def _check_field(how: Field, where: str) -> None:
    place = how.lat is not None or how.lon is not None
    if place and (how.lat is None or how.lon is None):
        raise Unreadable("expected both lat and lon, came one", where=where)
    ways = [how.constant is not None, how.column is not None, how.template is not None, place]
    if sum(ways) != 1:
        raise Unreadable("expected one of constant, column, template, or lat and lon", where=where)
    try:
        _template_columns(how.template)
    except ValueError as error:
        raise Unreadable(f"expected a template such as '{{title}} ({{city}})': {error}", where=where) from None


def _template_columns(template: str | None) -> list[str]:
    """The columns named in a template. Raises ValueError if it is not one."""
    if template is None:
        return []
    pieces = list(string.Formatter().parse(template))
    if any(spec or conversion for _, _, spec, conversion in pieces):
        raise ValueError("no format or conversion may be given")
    if any(name == "" for _, name, _, _ in pieces):
        raise ValueError("each {} names a column")
    return [name for _, name, _, _ in pieces if name is not None]


# Applying ---------------------------------------------------------------------------


def apply(mapping: Mapping, row: Row, ids: Ids) -> Mapped:
    """The row as a command. Raises Unmapped with the column, what was expected and what came."""
    record = _record(mapping, row)
    moment, local_day = moment_of(mapping.time, row, mapping.unknown, mapping.digits)
    command, unknown = _command(mapping, mapping.command, mapping.fields, row, ids)
    shared = tuple(
        _shared(mapping, word, once, row, ids) for word, once in mapping.once.items() if _there(mapping, once, row)
    )
    return Mapped(record, command, moment, local_day, shared, unknown)


def left_out(mapping: Mapping, row: Row) -> str:
    """Why the row is not one that the mapping asks for; "" where it is. A row without that column is not."""
    for column, wanted in mapping.only.items():
        cell = cell_of(row, column, mapping.digits, may_be_absent=True)
        if cell not in wanted:
            return f"column {column!r}: {shown(cell)}"
    return ""


def _record(mapping: Mapping, row: Row) -> str:
    """The record's id; several cells are joined with what no cell of a line holds."""
    cells = [
        id_cell(row, column, mapping.digits, mapping.unknown, "the record's id") for column in mapping.record_columns
    ]
    return cells[0] if len(cells) == 1 else "|".join(cell.replace("|", "||") for cell in cells)


def _there(mapping: Mapping, once: Once, row: Row) -> bool:
    return once.only_with is None or cell_of(row, once.only_with, mapping.digits) not in mapping.unknown


def _shared(mapping: Mapping, word: str, once: Once, row: Row, ids: Ids) -> Shared:
    key = id_cell(row, once.by, mapping.digits, mapping.unknown, f"what the rows of one {word} share")
    command, unknown = _command(mapping, once.command, once.fields, row, ids)
    return Shared(f"{word}:{key}", command, once.command, unknown)


def _command(
    mapping: Mapping, command: str, fields: dict[str, Field], row: Row, ids: Ids
) -> tuple[bytes, tuple[str, ...]]:
    """The command's bytes, and which of its mapped fields the source does not know here."""
    values: dict[str, Any] = {"type": command}
    unknown = []
    lines = _one_line(command)
    for name, how in fields.items():
        value = _value(mapping, how, row, ids)
        if name in lines and isinstance(value, str):
            value = _BREAKS.sub(" ", value).strip()
        if value is not None:
            values[name] = value
        if value is None or (value == how.when_unknown and how.column is not None):
            unknown.append(name)
    try:
        cmd = msgspec.convert(values, COMMANDS[command], strict=True)
    except msgspec.ValidationError as error:
        raise Unmapped(_refused(fields, values, error)) from None
    return msgspec.json.encode(cmd), tuple(unknown)


@functools.cache
def _one_line(command: str) -> frozenset[str]:
    """Which fields of a command are one line of text."""
    info = msgspec.inspect.type_info(COMMANDS[command])
    assert isinstance(info, msgspec.inspect.StructType)
    return frozenset(field.name for field in info.fields if any(_is_line(kind) for kind in _kinds(field.type)))


def _kinds(kind: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, ...]:
    return kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)


def _is_line(kind: msgspec.inspect.Type) -> bool:
    return isinstance(kind, msgspec.inspect.StrType) and kind.pattern == _LINE_PATTERN


def _value(mapping: Mapping, how: Field, row: Row, ids: Ids) -> Any:
    """The value of a field, or None where the source does not know it."""
    if how.constant is not None:
        return how.constant
    if how.template is not None:
        filled = {name: _cell(mapping, how, row, name) for name in _template_columns(how.template)}
        text = _filled(how.template, filled).strip()
        return _converted(mapping, how, how.template, text, ids) if text else how.when_unknown
    if how.lat is not None and how.lon is not None:
        lat, lon = (_known(mapping, how, row, name) for name in (how.lat, how.lon))
        if lat is None or lon is None:
            return None
        place = {"lat": _number(how.lat, lat, mapping.decimal), "lon": _number(how.lon, lon, mapping.decimal)}
        # 0/0 lies in the sea; it is how tables write that nobody knows where it was.
        return place if any(place.values()) else None
    assert how.column is not None  # the file was checked: exactly one way is given
    cell = _known(mapping, how, row, how.column)
    if cell is not None:
        return _converted(mapping, how, how.column, cell, ids)
    if how.kind == "private id":
        return ids.private(f"record {_record(mapping, row)}")
    return how.when_unknown


def _converted(mapping: Mapping, how: Field, column: str, cell: str, ids: Ids) -> Any:
    if how.lookup:
        if cell in how.lookup:
            cell = how.lookup[cell]
        elif how.otherwise == "unknown":
            return None
        elif how.otherwise == "refuse":
            raise Unmapped(f"column {column!r}: expected one of {some(how.lookup)}, came {shown(cell)}")
    if how.kind == "list":
        return [how.prefix + part.strip() for part in cell.split(how.separator) if part.strip()]
    if how.kind == "codes":
        codes = (_UNFIT.sub("-", part).strip("-") for part in cell.split(how.separator))
        return list(dict.fromkeys(how.prefix + code for code in codes if code))
    if how.kind == "number":
        return _number(column, cell, mapping.decimal)
    if how.kind == "yes or no":
        if cell.lower() not in _YES_OR_NO:
            raise Unmapped(f"column {column!r}: expected yes or no, came {shown(cell)}")
        return _YES_OR_NO[cell.lower()]
    if how.kind == "private id":
        return ids.private(cell)
    if how.kind == "code":
        return how.prefix + _UNFIT.sub("-", cell).strip("-")
    return _fit_id(how.prefix + cell, ids) if how.kind == "id" else how.prefix + cell


def _fit_id(text: str, ids: Ids) -> Any:
    try:
        return msgspec.convert(text, RecordId)
    except msgspec.ValidationError:
        return ids.public(text)


def _known(mapping: Mapping, how: Field, row: Row, column: str) -> str | None:
    cell = _cell(mapping, how, row, column)
    return None if cell in mapping.unknown or cell in how.unknown else cell


def _cell(mapping: Mapping, how: Field, row: Row, column: str) -> str:
    return cell_of(row, column, mapping.digits, may_be_absent=how.may_be_absent)


def _filled(template: str, cells: dict[str, str]) -> str:
    """The template with its cells put in as text; a cell is never read as a template itself."""
    return "".join(
        literal + (cells[name] if name is not None else "")
        for literal, name, _, _ in string.Formatter().parse(template)
    )


def _number(column: str, cell: str, decimal: str) -> float:
    try:
        return float(cell.replace(",", ".") if decimal == "," else cell)
    except ValueError:
        raise Unmapped(f"column {column!r}: expected a number, came {shown(cell)}") from None


# Words ------------------------------------------------------------------------------


def _refused(fields: dict[str, Field], values: dict[str, Any], error: msgspec.ValidationError) -> str:
    """The codec's reason, with the column it came from and what came."""
    said, _, path = str(error).partition(" - at `$")
    if "matching regex" in said:
        an_id = "expected an id of up to 64 letters, digits and . _ : -, the first a letter or digit"
        said = an_id if "A-Za-z0-9" in said else "expected one line without control characters"
    field = path.strip(".`").split(".")[0].split("[")[0]
    if said.startswith("Object missing required field"):
        field, said = said.split("`")[1], "expected a value"
    how = fields.get(field)
    if how is None:
        return _lower(said)
    columns = [name for name in (how.column, how.lat, how.lon, *_template_columns(how.template)) if name]
    named = "column " + ", ".join(repr(name) for name in columns) if columns else "constant"
    return f"{named}, for {field!r}: {_lower(said)}, came {shown(str(values.get(field, '')))}"


def _lower(error: object) -> str:
    text = str(error)
    return text[:1].lower() + text[1:]
