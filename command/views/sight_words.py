"""The tables of sight as people read them: who sees which event, field and section, in words."""

from __future__ import annotations

from typing import Final, get_args

import msgspec

from command.domain.private import compartments, private_fields
from command.views.lens import MAY_HOLD, LensClass, lens, sight_of
from command.views.sight_table import LETTERS, SECTIONS_SEEN, SIGHT

WORDS: Final[dict[LensClass, str]] = {
    "command": "The incident. Identities, complaints and welfare only with their compartment.",
    "supervision": "As field, and the people and reports of the units supervised.",
    "field": "What officers of the lead agency need on the ground. Nobody's account, nothing that describes a person.",
    "processing": "Who is in custody, why, where and with which property. No medical detail, no command deliberation.",
    "medical": "Injuries, care, and where the people in custody are. Nothing else about conduct.",
    "agency": "An assisting agency's share: the ground, the levels, and its own people's work.",
    "oversight": "The whole incident afterwards. Compartments by grant; never an officer's need of support.",
    "display": "A wall: no free text, nobody in custody, no list of people.",
    "public": "What may be published: no free text, no names.",
}


class LensWords(msgspec.Struct, frozen=True):
    """A class of lenses, and the compartments that a grant may open to it."""

    lens: str
    says: str
    may_hold: tuple[str, ...]


class FieldSight(msgspec.Struct, frozen=True):
    """A private field: in which compartment it lies, which classes may read it (`own`: only what is theirs)."""

    field: str
    compartment: str
    readers: tuple[str, ...]


class EventSight(msgspec.Struct, frozen=True):
    """A type of event: which classes see that it happened, and its private fields."""

    event: str
    seen_by: tuple[str, ...]
    fields: tuple[FieldSight, ...]


class SectionSight(msgspec.Struct, frozen=True):
    """A section of the board."""

    section: str
    seen_by: tuple[str, ...]


def lenses() -> tuple[LensWords, ...]:
    """The closed set."""
    return tuple(LensWords(kind, WORDS[kind], tuple(sorted(MAY_HOLD[kind]))) for kind in get_args(LensClass))


def events() -> tuple[EventSight, ...]:
    """Every type of event that was decided on; any other is command's alone."""
    return tuple(_event(kind) for kind in sorted(SIGHT, key=lambda kind: kind.__name__))


def sections() -> tuple[SectionSight, ...]:
    """Every section that others than command have."""
    return tuple(
        SectionSight(name, ("command", *_named(letters.replace("C", "")))) for name, letters in SECTIONS_SEEN.items()
    )


def _event(kind: type[msgspec.Struct]) -> EventSight:
    row = SIGHT[kind]
    where = compartments(kind)
    seen = _named(row.who.replace("C", ""), row.within)
    command = () if row.within else ("command",)
    fields = tuple(
        FieldSight(name, where.get(name, ""), _named(row.fields.get(name, ""), where.get(name, "")))
        for name in private_fields(kind)
    )
    return EventSight(kind.__name__, (*command, *seen), fields)


def _named(letters: str, compartment: str = "") -> tuple[str, ...]:
    """Classes by their letters, without those that could never hold the compartment."""
    return tuple(name for kind in get_args(LensClass) if (name := _reader(kind, letters, compartment)))


def _reader(kind: LensClass, letters: str, compartment: str) -> str:
    letter = LETTERS[kind]
    own = kind in ("agency", "supervision") and letter.lower() in letters
    if (letter not in letters and not own) or not _could(kind, compartment):
        return ""
    return kind if letter in letters else f"{kind} (own)"


def _could(kind: LensClass, compartment: str) -> bool:
    if compartment in ("", "account"):
        return True
    return compartment in sight_of(lens(kind, ("x",) if kind == "agency" else (), (compartment,))).compartments
