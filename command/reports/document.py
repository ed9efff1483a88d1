"""A paper as data: headings, labelled lines, tables. Built by pure functions, set by `pdf`, read by tests."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec


class Table(msgspec.Struct, frozen=True):
    """Heads and rows of as many cells."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Section(msgspec.Struct, frozen=True):
    """A part of a paper. Whatever is empty is left out. `language`: a tag such as `ar`, by which it is read from the right."""

    heading: str
    lines: tuple[tuple[str, str], ...] = ()  # label and value
    texts: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    language: str = "en"


class Document(msgspec.Struct, frozen=True):
    """A whole paper. `marks` stand across its top: an exercise, a sealed record, what the reader's role withholds."""

    title: str
    under: str
    foot: str
    sections: tuple[Section, ...]
    marks: tuple[str, ...] = ()
    language: str = "en"
    sign: tuple[str, ...] = ()  # lines to sign on, by who signs


class Clock:
    """Times as the place of the incident has them, each with its zone."""

    def __init__(self, zone: str) -> None:
        """Raises ZoneInfoNotFoundError for a name that is no time zone."""
        self._zone = ZoneInfo(zone)

    def at(self, moment: datetime | None) -> str:
        """Date, time to the second and zone; "" for none."""
        return "" if moment is None else f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M:%S %Z}"


def filled(*lines: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    """The labelled lines that say something."""
    return tuple((label, value) for label, value in lines if value)


def kept(*sections: Section) -> tuple[Section, ...]:
    """The sections that hold something."""
    return tuple(
        section for section in sections if section.lines or section.texts or any(one.rows for one in section.tables)
    )
