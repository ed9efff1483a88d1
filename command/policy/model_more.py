"""The rest of a plan as it is written: calendar, links between words, succession, and the rules of other rooms.

The tables `deescalation`, `mutual_aid` and `conduct`, and those of `arrest` that say nothing but a
sentence, hold rules that no gate judges: they are read, checked, shown with their source and published.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from command.policy.durations import Count, Span
from command.policy.grammar import Authorizer, Id, Rule, Short, Table


class Holiday(Table, frozen=True, kw_only=True):
    """A day that is no business day."""

    on: date
    says: Short


class Calendar(Table, frozen=True, kw_only=True):
    """The [calendar] table: what a business day is here. After `known_to` nobody has said, and it sets no clock."""

    time_zone: Short
    known_to: date
    holidays: tuple[Holiday, ...] = ()


class Links(Table, frozen=True, kw_only=True):
    """The [links] table: another pack's word = the word of this one."""

    ranks: dict[str, Id] = msgspec.field(default_factory=dict)
    levels: dict[str, Id] = msgspec.field(default_factory=dict)


class Words(Table, frozen=True, kw_only=True):
    """The [words] table: grounds and parts of the body that this place tells apart beside the common ones, in a sentence."""

    grounds: dict[str, Short] = msgspec.field(default_factory=dict)
    zones: dict[str, Short] = msgspec.field(default_factory=dict)


class Succession(Rule, frozen=True, kw_only=True):
    """Who acts in a position while nobody holds it: the first position of `order` that somebody holds."""

    position: Id
    order: Annotated[tuple[Id, ...], Meta(min_length=1)]


class Delegation(Rule, frozen=True, kw_only=True):
    """That a position's or a rank's authority may be delegated in writing, to whom, and for how long at most."""

    position: Id | None = None
    rank: str | None = None
    to: str
    longest: Span


class DeescalationRule(Rule, frozen=True, kw_only=True):
    """A way to calm things, or what is expected of officers before force. A guide, never a fixed sequence."""

    when: Literal["before the event", "during", "before force", "after"]


StepName = Literal["transport", "booking", "closing"]
STEPS: tuple[StepName, ...] = ("transport", "booking", "closing")
"""Steps of going on with a person that may ask for a complete record. Release and care are none of them."""

RestsOn = Literal["own conduct", "order to disperse", "curfew"]

Item = Literal[
    "officer signature", "observer", "conduct", "place", "offence", "offence place", "facts", "evidence", "name", "badge",
    "photo with officer", "warning", "injury answered", "grounds review", "disposition", "notice", "receipt", "camera",
    "wristband", "race and ethnicity", "medical", "language",
]  # fmt: skip
"""What a record of an arrest may be asked to hold."""


RestraintPosition = Literal["front", "behind", "seated", "wrist to ankle", "to a fixed object", "other"]


class Charge(Rule, frozen=True, kw_only=True):
    """An offence that may be charged here, as statute and NIBRS name it, and what is done first about it.

    cite       first: cited, custody needs a coded exception; allowed: either; never: custody is usual
    rests_on   order to disperse: only where the order was complete and a way out open; curfew: likewise a way home
    """

    says: Short
    statute: Short | None = None
    ucr: Short | None = None
    cite: Literal["first", "allowed", "never"] = "allowed"
    rests_on: RestsOn = "own conduct"


class ArrestRule(Rule, frozen=True, kw_only=True):
    """A rule on arrests: the bar, citation first, its coded exceptions, the record, clocks, restraints, release.

    items, before   what a record must hold, and before which step at the latest
    replaces        items that a written procedure may put off to the closing of the record while it is in force;
                    `within` is how long such a procedure lasts at the longest
    who             who may determine such a procedure
    never           restraint positions that nobody may be held in
    warning         the [[warning]] that must have been given, for an arrest that stands on a curfew
    charges         offences of the list that are not for somebody at work in a protected role either, beside those that
                    rest on an order to disperse or a curfew
    """

    topic: Literal[
        "bar",
        "citation first",
        "custody exception",
        "whole group",
        "record",
        "clock",
        "restraint",
        "release",
        "notice",
        "processing",
        "basis",
        "curfew",
        "custody",
        "juvenile",
        "guideline",
        "warning",
        "containment",
        "high volume",
        "procedure",
        "rights",
        "protected role",
    ]
    within: Span | None = None
    code: Id | None = None
    items: tuple[Item, ...] = ()
    before: StepName | None = None
    replaces: tuple[Item, ...] = ()
    who: tuple[Authorizer, ...] = ()
    never: tuple[RestraintPosition, ...] = ()
    warning: Id | None = None
    charges: tuple[Id, ...] = ()


STILL_WRITTEN: frozenset[Item] = frozenset({"officer signature", "conduct", "place", "offence", "facts"})
"""What no other procedure may put off: who arrested whom, where, for what and on which facts, each for themselves."""


SiteKind = Literal["staging", "vehicle", "processing", "holding", "juvenile", "hospital"]
"""What a place for people in custody is; a test holds it equal to the vocabulary's."""


class SiteRule(Rule, frozen=True, kw_only=True):
    """What a place or vehicle for people in custody must have before it opens, and when somebody in it counts as lost.

    kinds      of which kinds of sites it speaks; empty: of all of them
    items      what has to be there, in the words of the checklist
    staff      how many people trained for it have to be on duty, at least
    training   the courses that each of them has in date
    apart      minors only where they are apart from adults by sight and sound
    recheck    for how long a look at the checklist counts
    arrival    within which time whoever left in such a vehicle has arrived; after it they are missing
    """

    kinds: tuple[SiteKind, ...] = ()
    items: tuple[Short, ...] = ()
    staff: Count | None = None
    training: tuple[Id, ...] = ()
    apart: bool = False
    recheck: Span | None = None
    arrival: Span | None = None


class Guideline(Rule, frozen=True, kw_only=True):
    """What the prosecutor has said about an offence before the event. `offence` is the word of a [[charge]]."""

    offence: Id
    charge: Literal["supported", "declined", "citation"]


class MutualAidRule(Rule, frozen=True, kw_only=True):
    """A rule between the agency that asks for help and those that give it."""

    topic: Literal["command", "policy", "agreement", "training", "terms", "briefing", "recall", "proxy", "resources"]


class ConductRule(Rule, frozen=True, kw_only=True):
    """What is expected of everyone at work here."""

    topic: Literal[
        "identification", "media", "recording", "cameras", "intervention", "reporting", "aid", "supervision", "pursuit",
        "equality", "publication", "crisis", "uniform", "training",
    ]  # fmt: skip
