"""The rest of a plan as it is written: calendar, links between words, succession, and the rules of other rooms.

The tables `deescalation`, `arrest`, `guideline`, `mutual_aid` and `conduct` hold rules that the
gate does not judge yet: they are read, checked, shown with their source and published.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from command.policy.durations import Span
from command.policy.grammar import Id, Rule, Short, Table


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


class ArrestRule(Rule, frozen=True, kw_only=True):
    """A rule on arrests: the bar, citation first, its coded exceptions, the record, clocks, restraints, release."""

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
    ]
    within: Span | None = None
    code: Id | None = None


class Guideline(Rule, frozen=True, kw_only=True):
    """What the prosecutor has said about an offence before the event."""

    offence: Short
    charge: Literal["supported", "declined", "citation"]


class MutualAidRule(Rule, frozen=True, kw_only=True):
    """A rule between the agency that asks for help and those that give it."""

    topic: Literal["command", "policy", "agreement", "training", "terms", "briefing", "recall", "proxy", "resources"]


class ConductRule(Rule, frozen=True, kw_only=True):
    """What is expected of everyone at work here."""

    topic: Literal[
        "identification", "media", "recording", "cameras", "intervention", "reporting", "aid", "supervision", "pursuit",
        "equality", "publication", "crisis", "uniform",
    ]  # fmt: skip
