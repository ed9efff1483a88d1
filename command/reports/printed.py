"""What is printed before the day: wristbands with their numbers, and the arrest form for when all power fails. Pure.

The form asks for what a complete record holds (`policy.charges.SAYS`), in the order in which it is known: what cannot wait
first, then what happened, then who the person is, then who held them. It is entered later as it was written (origin
`paper`), under its own number, and read back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec
import segno

from command.domain.wristband import MOST_IN_A_RUN, make
from command.errors import Unreadable

MOST_BANDS = 1_000
MOST_FORMS = 250
"""In one file: a printer's tray, and a minute of one core."""

Shape = Literal["line", "lines", "boxes", "table"]


class Ask(msgspec.Struct, frozen=True):
    """One question of the form. `items`: what of a complete record it answers. `width` in twelfths of the page."""

    label: str
    shape: Shape = "line"
    width: int = 12
    items: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    rows: int = 1
    heads: tuple[str, ...] = ()


class Block(msgspec.Struct, frozen=True):
    """Questions that belong together."""

    heading: str
    asks: tuple[Ask, ...]
    turns: bool = False  # it begins the other side of the sheet


def _boxes(label: str, *options: str, width: int = 12, items: tuple[str, ...] = ()) -> Ask:
    return Ask(label, "boxes", width, items, options)


FORM: tuple[Block, ...] = (
    Block(
        "What cannot wait",
        (
            _boxes("Hurt, or says so", "no", "yes: call aid now", width=5, items=("injury answered",)),
            Ask("Medicine, breathing, pregnancy, a child left behind", width=7, items=("medical",)),
            _boxes("Could be under 18", "no", "yes: keep apart from adults, call the guardian", width=8),
            Ask("Language; interpreter", width=4, items=("language",)),
        ),
    ),
    Block(
        "The arrest",
        (
            Ask("Date, time and zone", width=4),
            Ask("Place: street, corner, sector", width=8, items=("place",)),
            Ask("Wristband", width=4, items=("wristband",)),
            _boxes("Photo of the person with the officer", "taken", "not taken", width=8, items=("photo with officer",)),
            Ask("Arresting officer: name, badge, agency", width=12, items=("badge",)),
            Ask("Who saw what this person did: name, badge, agency", width=12, items=("observer",)),
            Ask(
                "What THIS person did: what was seen and heard, by whom. Not what the group did.",
                "lines",
                items=("conduct",),
                rows=6,
            ),
            _boxes("Warned, with a chance to comply", "yes", "no, because:", width=12, items=("warning",)),
            Ask("Order to disperse: when, by whom, heard how", width=7),
            _boxes("A way out was open", "yes", "no", "not known", width=5),
            Ask("Force: tool, by whom, why. Each user writes a report of their own.", width=12),
            Ask("Cameras that recorded it, or none", width=6, items=("camera",)),
            _boxes("At work as", "press", "medic", "legal observer", width=6),
        ),
    ),
    Block(
        "Each offence on its own facts",
        (
            Ask(
                "",
                "table",
                items=("offence", "offence place", "facts", "evidence"),
                rows=4,
                heads=("Offence and statute", "Where", "Facts", "Evidence"),
            ),
        ),
        turns=True,
    ),
    Block(
        "Who the person is",
        (
            Ask("Name, or: unidentified", width=8, items=("name",)),
            Ask("Born, or age as it appears", width=4),
            Ask("Address", width=8),
            Ask("Disability; what helps", width=4),
            Ask("Race and ethnicity as perceived", width=6, items=("race and ethnicity",)),
            Ask("As the person states, or not asked", width=6),
        ),
    ),
    Block(
        "Restraints and property",
        (
            Ask("Restraints on: time, kind, position", width=6),
            Ask("Checked or loosened: times", width=4),
            Ask("Off", width=2),
            Ask("Bags: numbers and what is in them", width=8),
            _boxes("Receipt given", "yes", "no property", width=4, items=("receipt",)),
        ),
    ),
    Block(
        "Who held the person",
        (Ask("", "table", rows=5, heads=("Time", "From (name, badge)", "To (name, badge)", "Place", "Received: signature")),),
    ),
    Block(
        "What became of it",
        (
            _boxes(
                "", "cited and free", "released", "detention only", "diverted", "custody, because:",
                items=("disposition",),
            ),
            _boxes("Notice of options, in the person's language", "given", "not given, because:", items=("notice",)),
            Ask("I made this arrest: signature, badge, time", width=6, items=("officer signature",)),
            Ask("Supervisor's review of probable cause: finding, signature, time", width=6, items=("grounds review",)),
        ),
    ),
)  # fmt: skip
"""The arrest form, block by block."""


class Numbered(msgspec.Struct, frozen=True):
    """A number with its code, as SVG."""

    number: str
    code: str


class Sheets(msgspec.Struct, frozen=True):
    """What the template sets. `blocks` is empty for wristbands."""

    title: str
    agency: str
    numbers: tuple[Numbered, ...]
    blocks: tuple[Block, ...] = ()


def wristbands(series: str, first: int, count: int, agency: str) -> Sheets:
    """Bands with the numbers of a run. Raises Unreadable for a run that is none."""
    return Sheets("Wristbands", agency, tuple(_numbers("W", series, first, count, MOST_BANDS)))


def paper_forms(series: str, first: int, count: int, agency: str) -> Sheets:
    """Arrest forms with the numbers of a run. Raises Unreadable for a run that is none."""
    return Sheets("Record of an arrest", agency, tuple(_numbers("F", series, first, count, MOST_FORMS)), FORM)


def _numbers(kind: str, series: str, first: int, count: int, most: int) -> Iterator[Numbered]:
    if not 1 <= count <= most:
        raise Unreadable(f"expected 1 to {most} at once, got {count}", where="--count")
    if first < 1 or first + count - 1 > MOST_IN_A_RUN:
        raise Unreadable(
            f"expected numbers from 1 to {MOST_IN_A_RUN}, got {first} to {first + count - 1}", where="--first"
        )
    for number in range(first, first + count):
        text = make(kind, series, number)
        yield Numbered(text, segno.make(text, error="q", micro=False).svg_inline(border=0, omitsize=True))
