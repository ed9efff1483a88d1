"""Shapes of who can see what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from command.access.deconflict import MOST_HOURS
from command.domain.ids import Line, Place
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


class NoticeWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where not to arrest before calling which number, for how long. Nothing says who it is, and nothing may."""

    place: Place
    call: Line
    radius_m: Annotated[int, Meta(ge=1, le=2_000)] = 50
    hours: Annotated[int, Meta(ge=1, le=MOST_HOURS)] = 12


class NoticeRow(msgspec.Struct, frozen=True):
    """A notice in force."""

    id: str
    says: str
    call: str
    place: Place
    radius_m: int
    until: datetime


class Notices(msgspec.Struct, frozen=True):
    """Answer to `/api/incidents/{id}/deconfliction`."""

    notices: tuple[NoticeRow, ...]
