"""Shapes of who can see what."""

from __future__ import annotations

import msgspec

from command.views import sight_words


class SeesRow(msgspec.Struct, frozen=True):
    """One grant here: whose, as what, through which lens, until when, by whom; `in_force` now, `open` to sign in."""

    person: str
    name: str
    agency: str
    role: str
    incident: str  # "*": every incident
    lens: str  # "": sees no incident
    compartments: tuple[str, ...]
    units: tuple[str, ...]
    not_before: str
    not_after: str
    given_by: str
    in_force: bool


class SightAnswer(msgspec.Struct, frozen=True):
    """Answer to `/api/incidents/{id}/sight`."""

    people: tuple[SeesRow, ...]
    lenses: tuple[sight_words.LensWords, ...]
    events: tuple[sight_words.EventSight, ...]
    sections: tuple[sight_words.SectionSight, ...]
    commands: dict[str, tuple[str, ...]]  # by role: what access lets it send; the plan judges each one still
