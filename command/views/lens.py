"""Lenses: the closed set of ways in which an incident is seen.

`access` decides through which lens someone looks; `views.sight` says what a lens
shows. Every event and every board row is rendered once per lens, for REST,
sockets, replay and export alike.

A lens is written as one text, so that it can be a key everywhere:

    class [":" scope] ["+" compartment …] ["~" record …]

`scope` is the agency of a share, or the units of a supervisor. The compartments
are those of the grant, and only such as the class may hold at all, so that few
combinations exist. Behind `~` stand the records of which the one person who
looks still owes a first account (`views.first_account`).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NewType, get_args

import msgspec

Lens = NewType("Lens", str)

LensClass = Literal[
    "command", "supervision", "field", "processing", "medical", "agency", "oversight", "display", "public"
]
"""command      the incident; no compartment without its grant
supervision  as field, and the people and reports of the units that are supervised
field        what officers of the lead agency need on the ground; nobody's account, nothing that describes a person
processing   who is in custody, why, where, with which property; no medical detail, none of command's deliberation
medical      injuries, care, and where the people in custody are; nothing else about conduct
agency       an assisting agency's share: the ground, the levels, its own people and what they wrote or did
oversight    the whole incident afterwards; compartments by grant
display      the wall of a command post: no free text, nobody in custody, no list of people
public       what may be published of the response; no free text and no names
"""

GrantedCompartment = Literal["identity", "demographics", "medical", "juvenile", "complaint", "welfare"]
"""Compartments (`domain.private`) that are read by grant. `account` is not among them: see `views.first_account`."""

MAY_HOLD: Final[Mapping[LensClass, frozenset[GrantedCompartment]]] = {
    "command": frozenset({"identity", "complaint", "welfare"}),
    "supervision": frozenset({"identity", "welfare"}),
    "field": frozenset(),
    "processing": frozenset({"identity", "demographics", "juvenile"}),
    "medical": frozenset({"medical", "juvenile"}),
    "agency": frozenset({"identity", "demographics", "juvenile"}),
    "oversight": frozenset({"identity", "demographics", "medical", "juvenile", "complaint"}),
    "display": frozenset(),
    "public": frozenset(),
}
"""What a class may hold at all. An officer's need of support is no part of judging anybody (domain A50): oversight
never reads it. Command judges acts and numbers without medicine, race or age."""

MOST_UNITS: Final = 8
"""Units of one supervisor: a span of control (ICS: three to seven), and one over."""

MOST_RECORDS: Final = 16
"""Records that a lens names as owed; beyond it all accounts are withheld, which is `EVERY_RECORD`."""

EVERY_RECORD: Final = "*"


class Sight(msgspec.Struct, frozen=True):
    """A lens, read."""

    kind: LensClass | Literal["nothing"]
    scope: tuple[str, ...] = ()
    compartments: frozenset[str] = frozenset()
    owed: frozenset[str] = frozenset()

    @property
    def agency(self) -> str | None:
        """The agency whose share this is."""
        return self.scope[0] if self.kind == "agency" else None

    @property
    def units(self) -> tuple[str, ...]:
        """The units that are supervised."""
        return self.scope if self.kind == "supervision" else ()

    @property
    def whole(self) -> bool:
        """Command and oversight see the whole incident; compartments are cut out of both."""
        return self.kind in ("command", "oversight")

    def withholds(self, records: Iterable[str]) -> bool:
        """Whether a first account is owed of one of these records."""
        return bool(self.owed) and (EVERY_RECORD in self.owed or not self.owed.isdisjoint(records))


def lens(kind: LensClass, scope: Iterable[str] = (), compartments: Iterable[str] = ()) -> Lens:
    """The lens of a class. What the class may not hold is left out."""
    named = ",".join(sorted(set(scope))[:MOST_UNITS])
    held = "".join(f"+{one}" for one in sorted(set(compartments)) if one in MAY_HOLD[kind])
    return Lens(f"{kind}{':' + named if named else ''}{held}")


def withholding(seen_through: Lens, records: Iterable[str]) -> Lens:
    """The same lens for someone who owes a first account of these records."""
    base = seen_through.partition("~")[0]
    owed = sorted(set(records))
    if len(owed) > MOST_RECORDS:
        owed = [EVERY_RECORD]
    return Lens(f"{base}~{','.join(owed)}") if owed else Lens(base)


NOTHING: Final = Sight("nothing")
"""What is not a lens shows this much."""


@functools.lru_cache(maxsize=4096)
def sight_of(seen_through: Lens) -> Sight:
    """A lens, read. Through what is none nothing is shown: no rule knows it."""
    base, _, owed = seen_through.partition("~")
    first, *held = base.split("+")
    kind, _, scope = first.partition(":")
    if kind not in get_args(LensClass) or (kind == "agency") > bool(scope):
        return NOTHING
    known: LensClass = kind  # type: ignore[assignment]  # held against the closed set above
    if not MAY_HOLD[known].issuperset(held):
        return NOTHING
    names = (scope,) if known == "agency" else tuple(part for part in scope.split(",") if part)
    return Sight(known, names, frozenset(held), frozenset(owed.split(",")) if owed else frozenset())


COMMAND = lens("command")
SUPERVISION = lens("supervision")
FIELD = lens("field")
PROCESSING = lens("processing")
MEDICAL = lens("medical")
OVERSIGHT = lens("oversight")
DISPLAY = lens("display")
PUBLIC = lens("public")


def agency_lens(agency: str) -> Lens:
    """The share of an assisting agency."""
    return lens("agency", (agency,))


def lens_agency(seen_through: Lens) -> str | None:
    """The agency whose share this lens is, or None."""
    return sight_of(seen_through).agency


def is_command(seen_through: Lens) -> bool:
    """Command and oversight see the whole incident; the compartments are cut out of both by name."""
    return sight_of(seen_through).whole
