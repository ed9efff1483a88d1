"""The words that all kinds of rules are made of: ids, sentences, conditions, authorizers."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

# The same form as the ids of the vocabulary (domain.ids), which this room may not import.
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Sentence = Annotated[str, Meta(min_length=1, max_length=600)]
Short = Annotated[str, Meta(min_length=1, max_length=200)]

INCIDENT_COMMANDER = "incident-commander"

Purpose = Literal["protect person", "arrest", "prevent damage", "disperse", "contain", "barricade"]
"""What force may be asked for. "disperse" moves a crowd; "contain" keeps one where it is."""

PURPOSES: tuple[str, ...] = get_args(Purpose)


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of everything that is written as a table."""


class Rule(Table, frozen=True, kw_only=True):
    """What every rule carries: its sentence, where it comes from, how far that was checked.

    verified: V read in the source, P partly, G general knowledge. Packs of kind
    `law` and `template` give both for every rule; an agency's own plan is its own source.
    """

    id: Id
    says: Sentence
    source: Annotated[str, Meta(max_length=300)] = ""
    verified: Literal["V", "P", "G", ""] = ""


class AllOf(Table, frozen=True, kw_only=True):
    """Several indicators that count only together."""

    all: Annotated[tuple[Id, ...], Meta(min_length=1)]


class Enter(Table, frozen=True, kw_only=True):
    """The entry condition of a level: one of `any`, and every one of `all`."""

    any: tuple[Id | AllOf, ...] = ()
    all: tuple[Id, ...] = ()


class Exit(Table, frozen=True, kw_only=True):
    """When the way down from a level is prompted (domain A28): one of `any`, every one of `all`, none of `gone`.

    All of it is read from the record. It never stands in the way: whoever may lower a
    level may do so at any time, for no reason at all.
    """

    any: tuple[Id | AllOf, ...] = ()
    all: tuple[Id, ...] = ()
    gone: tuple[Id, ...] = ()


class Authorizer(Table, frozen=True, kw_only=True):
    """One way to be the right person; everything that is written in it must hold.

    positions   holds one of these at that moment
    rank        "lieutenant or above"
    agency      lead: the lead agency's member; any: any agency's;
                own unit: an assisting agency's member, for that agency's units
    requester   may the one who asked also grant?
    on_scene    is at the place
    witnessed   saw with their own eyes what the finding rests on
    designee    a rank that will do where one of `rank` has delegated to them in writing
    training    courses in date, beside those of the position
    """

    positions: tuple[Id, ...] = ()
    rank: str | None = None
    agency: Literal["lead", "any", "own unit"] = "lead"
    requester: Literal["may authorize", "may not authorize"] = "may not authorize"
    on_scene: bool = False
    witnessed: bool = False
    designee: str | None = None
    training: tuple[Id, ...] = ()
