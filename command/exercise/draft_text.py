"""A drafted mapping as text: guesses written out, questions marked ?, and no value of any cell. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from command.exercise.draft_guess import Column, Guess, clockless, reads
from command.exercise.readers import Encoding
from command.exercise.times import read_time

BLANK = (
    "", "-", "--", "?", "N/A", "n/a", "NA", "#N/A", "NaN", "nan", "NULL", "Null", "null", "(null)", "None", "NONE", "Unknown",
    "UNKNOWN", "unknown", "UNK", "Unk", "unk", "REDACTED", "Redacted",
)  # fmt: skip
"""How tables write that something is not known."""

QUESTION = 'zone     = "?"'
"""The line with the question that every draft leaves open."""


ONLY = "only    "
"""How the line begins that asks for a part of the rows."""

MOST_PREFIX = 16
"""Letters of the file's name before an id: enough to tell tables apart, and room for the id itself."""


class Form(msgspec.Struct, frozen=True):
    """How a file is written."""

    format: str
    separator: str = ","
    encoding: Encoding = "utf-8"
    skip: int = 0  # lines above the header


def written(file: str, form: Form, guess: Guess, columns: list[Column]) -> str:
    """The draft of a mapping for `file`, as TOML."""
    named = {one.name: one for one in columns}
    out = [
        f"# A draft for {ascii(file)[1:-1]}, from its header and its first {columns[0].rows} rows. Check every line against the table;",
        "# what is marked ? has to be answered by someone who knows it. docs/import.md tells what each line means.",
        "",
        f"system   = {_toml(_slug(file))}",
        f"format   = {_toml(form.format)}",
        'command  = "RecordOffence"               # each row a charge; the arrest and the person are said once, below',
        f"record   = {_record_toml(guess)}",
        f"unknown  = [{', '.join(_toml(word) for word in BLANK)}]",
    ]
    out[6] += "" if guess.record else "                         # ? no column tells one row from every other"
    if form.separator != ",":
        out.append(f"separator = {_toml(form.separator)}")
    if form.encoding != "utf-8":
        out.append(f"encoding = {_toml(form.encoding)}")
    if guess.made:
        out.append(f'{ONLY} = {{ {_toml(guess.made)} = ["?"] }}   # ? what it holds where somebody was arrested')
    if form.skip:
        out.append(f"skip     = {form.skip}                           # lines above the header")
    return (
        "\n".join(
            [
                *out,
                "",
                *_time_lines(guess, named),
                *_field_lines(guess, f"{_slug(file)[:MOST_PREFIX].strip('-')}-"),
                "",
                *_several(guess, named),
                *_unused(guess, columns),
            ]
        )
        + "\n"
    )


def _record_toml(guess: Guess) -> str:
    if len(guess.record) > 1:
        return "[" + ", ".join(_toml(name) for name in guess.record) + "]"
    return _toml(guess.record[0] if guess.record else "?")


def _time_lines(guess: Guess, named: dict[str, Column]) -> Iterator[str]:
    yield "[time]"
    if guess.maybe_time:
        yield f"column   = {_toml(guess.maybe_time)}"
        yield 'formats  = ["?"]   # ? how its cells are written, in the letters of strptime: docs/import.md has a list'
    else:
        yield f"column   = {_toml(guess.time or '?')}" + ("" if guess.time else "   # ? no column reads as a time")
        yield f"formats  = [{', '.join(_toml(form) for form in guess.formats or ('iso',))}]" + _either(guess, named)
    yield f"{QUESTION}                           # ? where the clocks of the table run, e.g. America/Chicago"
    if guess.clock:
        yield f"clock    = {_toml(guess.clock)}"
        yield f"clock_formats = [{', '.join(_toml(form) for form in guess.clock_formats)}]"
    elif guess.time and clockless(named[guess.time], guess.formats):
        yield "day_only = true                          # every time is midnight, or a day alone"


def _either(guess: Guess, named: dict[str, Column]) -> str:
    """A word of warning where day and month cannot be told apart by the sample."""
    if guess.time is None or not any(form.startswith("%m/%d") for form in guess.formats):
        return ""
    swapped = [form.replace("%m/%d", "%d/%m") for form in guess.formats]
    if all(any(reads(value, read_time, form) for form in swapped) for value in named[guess.time].values):
        return "   # ? month or day first: these rows read both ways"
    return ""


def _field_lines(guess: Guess, prefix: str) -> Iterator[str]:
    """`prefix` keeps the ids of this table apart from those of others in the same incident."""
    arrest = guess.arrest or (guess.record[0] if guess.record else "?")
    yield from _table("fields.arrest", column=arrest, kind="id", prefix=prefix)
    yield from _table("fields.subject", column=arrest, kind="private id", note="one person of one arrest")
    if len(guess.record) == 1:
        yield from _table("fields.offence", column=guess.record[0], kind="id", prefix=prefix)
    else:
        joined = "-".join(f"{{{name}}}" for name in guess.record) or "?"
        yield from _table("fields.offence", template=joined, kind="id", prefix=prefix)
    if guess.charge:
        yield from _table("fields.charge", column=guess.charge, kind="code", when_unknown="not-stated")
    else:
        yield from _table("fields.charge", constant="not-stated", note="no column with a charge was recognised")
    yield from _statute("fields.statute", guess.charge, guess.described)
    if guess.location:
        yield from _table("fields.location", column=guess.location)
    yield from ("", "[once.arrest]", f"by      = {_toml(arrest)}", 'command = "RecordArrest"')
    yield from _shared("arrest", arrest, prefix)
    if guess.officer:
        yield from _table(
            "once.arrest.fields.officer", column=guess.officer, kind="id", prefix=prefix, when_unknown="not-stated"
        )
    else:
        yield from _table("once.arrest.fields.officer", constant="not-stated", note="no column names the officer")
    if guess.location:
        yield from _table("once.arrest.fields.location", column=guess.location)
    if guess.place:
        yield from (
            "",
            "[once.arrest.fields.place]",
            f"lat     = {_toml(guess.place[0])}",
            f"lon     = {_toml(guess.place[1])}",
        )
    if guess.person:
        yield from ("", "[once.person]", f"by      = {_toml(arrest)}", 'command = "DescribePerson"')
        yield from _shared("person", arrest, prefix)
        for field, column in guess.person.items():
            yield from _table(f"once.person.fields.{field}", column=column)
    for number, (charge, described) in enumerate(guess.more.items(), 2):
        yield from _further(guess, arrest, number, charge, described, prefix)


def _further(guess: Guess, arrest: str, number: int, charge: str, described: str | None, prefix: str) -> Iterator[str]:
    """One more charge of the same row."""
    word = f"charge-{number}"
    yield from ("", f"[once.{word}]", f"by      = {_toml(guess.record[0] if guess.record else arrest)}")
    yield from ('command = "RecordOffence"', f"only_with = {_toml(charge)}")
    yield from _shared(word, arrest, prefix)
    joined = "-".join(f"{{{name}}}" for name in guess.record) or "?"
    yield from _table(f"once.{word}.fields.offence", template=f"{joined}-{number}", kind="id", prefix=prefix)
    yield from _table(f"once.{word}.fields.charge", column=charge, kind="code")
    yield from _statute(f"once.{word}.fields.statute", charge, described)


def _statute(table: str, charge: str | None, described: str | None) -> Iterator[str]:
    words = [name for name in (charge, described) if name]
    if len(words) > 1 and all(_fits_template(name) for name in words):
        yield from _table(table, template=" ".join(f"{{{name}}}" for name in words))
    elif described:
        yield from _table(table, column=described)


def _shared(word: str, arrest: str, prefix: str) -> Iterator[str]:
    yield from _table(f"once.{word}.fields.arrest", column=arrest, kind="id", prefix=prefix)
    yield from _table(f"once.{word}.fields.subject", column=arrest, kind="private id")


def _table(name: str, note: str = "", **keys: str) -> Iterator[str]:
    yield ""
    yield f"[{name}]" + (f"   # {note}" if note else "")
    yield from (f"{key:<7} = {_toml(value)}" for key, value in keys.items())


def _fits_template(name: str) -> bool:
    return not set(name) & set("{}!:.[]")


def _several(guess: Guess, named: dict[str, Column]) -> Iterator[str]:
    """A hint where the cells of a column seem to hold more than one charge."""
    cells = named[guess.charge].values if guess.charge else ()
    counts = {mark: sum(mark in cell for cell in cells) for mark in (";", "|")}
    for mark, count in counts.items():
        if count > len(cells) * 0.05 and count == max(counts.values()):
            yield f"# ? {_toml(guess.charge or '')[1:-1]}: several charges in a cell, between {mark} as it seems."
            yield '#   kind = "codes" reads such a cell; docs/import.md shows how.'


def _unused(guess: Guess, columns: list[Column]) -> Iterator[str]:
    """The columns that are not used, by what can be said of them without a value: those values may be personal data."""
    used = guess.used()
    rest = [one for one in columns if one.name not in used]
    if rest:
        yield "# Not used, each with how many of the rows have a value, and how many different ones there are:"
    for one in rest:
        yield f"#   {_toml(one.name)[1:-1]}: {len(one.values)} of {one.rows}, {one.distinct} different"


def _toml(text: str) -> str:
    return json.dumps(text).replace("\x7f", "\\u007f")


def _slug(file: str) -> str:
    stem = re.sub(r"\.(csv|tsv|txt|ndjson|jsonl?|gz)\b", "", file.lower())
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:60] or "records"
