"""Hypothesis strategies for every command and every event.

Ids are drawn from small pools on purpose: most generated commands then speak of
things that may exist, and a random history is a history of one incident.
"""

from __future__ import annotations

import types
import typing
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from hypothesis import strategies as st

from command.domain import commands as c
from command.domain import events as e
from command.domain import ids
from command.domain.envelope import Actor, Origin
from command.domain.private import Sealed, private_fields
from tests.support.given import CHIEF, IC, OFFICER, OPS, PARTNER, SERGEANT, STRANGER, model_stack

LEVELS = tuple(rung.id for rung in model_stack().ladder)
POOLS: dict[str, tuple[str, ...]] = {
    "person": ("ic", "ops", "chief", "sergeant", "officer", "partner", "somebody"),
    "agency": ("metro-pd", "county-so", "elsewhere"),
    "sector": ("north", "south", "nowhere"),
    "unit": ("u1", "u2", "u3"),
    "position": (*list(model_stack().positions)[:6], "juggler"),
    "level": (*LEVELS, "martial-law"),
    "indicators": (*model_stack().indicators, "bad-vibes"),
    "ask": ("a1", "a2", "a3", "g1"),
    "grant": ("g1", "g2", "g3"),
    "zones": ("head", "legs"),
    "grounds": ("non-compliance", "verbal-threat"),
    "measures": ("persuasion", "time", "distance"),
    "posture": ("helmets", "armoured-vehicle"),
    "pack": (model_stack().packs[0].id, "no-such-pack"),
    "packs": (model_stack().digests[0], "no-such-pack@sha256:" + "0" * 64),
    "kept": ("r1", "g1", "k1", "ghost"),
    "order": ("o1", "o2", "o3"),
    "report": ("r1", "r2", "r3"),
    "subject": ("p1", "p2"),
    "tool": (*list(model_stack().tools)[:4], "trebuchet"),
    "part": (*[part.id for part in model_stack().template_parts][:3], "no-such-part"),
    "entry": ("e1", "e2"),
    "rank": ("officer", "sergeant", "lieutenant", "captain", "deputy-chief", "chief", "wizard"),
    "text": (*model_stack().texts, "improvised"),
    "kind": ("patrol", "medic"),
    "rule": ("force-review", "liaison-after-raise"),
}  # fmt: skip
SAME_AS = {
    "lead_agency": "agency", "officer_agency": "agency", "incoming": "person", "outgoing": "person",
    "commander": "person", "leader": "person", "officer": "person", "decided_by": "person", "previous": "level",
    "first_level": "level", "supersedes": "order", "strikes": "entry", "to": "unit", "commander_rank": "rank",
    "record": "report", "duty": "report", "started_by": "report", "observation": "entry", "contact": "entry",
    "warning": "entry", "decision": "entry", "by": "entry", "course": "rule", "findings": "indicators",
    "users": "person", "authorizer": "person", "requester": "person", "speaker": "person", "signer": "person",
    "delegate": "person", "supervisor": "person", "renews": "grant", "weapon": "tool", "deescalation": "measures",
    "targeted": "measures", "alternatives": "measures", "condition": "indicators", "holder": "person",
    "by_rank": "rank", "before": "packs", "after": "packs", "about": "report",
}  # fmt: skip

actors = st.sampled_from((IC, IC, OPS, CHIEF, SERGEANT, OFFICER, PARTNER, STRANGER, Actor("ic", "elsewhere")))
times = st.integers(-7200, 7200).map(lambda s: datetime(2026, 5, 1, 12, tzinfo=UTC) + timedelta(seconds=s))
origins = st.none() | st.builds(
    Origin, kind=st.sampled_from(("import", "script", "paper")), line=st.none() | st.just(3)
)
words = st.text(st.characters(codec="utf-8"), max_size=12)
places = st.builds(ids.Place, st.floats(-90, 90), st.floats(-180, 180))
rings = st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=3, max_size=5).map(tuple)
sealed = st.binary(min_size=32, max_size=32).map(lambda raw: Sealed(raw.hex()))


def of(kind: type[msgspec.Struct], *, plain: bool = True) -> st.SearchStrategy[Any]:
    """Any value of a struct. `plain`: private fields as `decide` emits them, else sealed as the log holds them."""
    return st.fixed_dictionaries(
        {
            name: _field(kind, name, hint, plain)
            for name, hint in typing.get_type_hints(kind, include_extras=True).items()
        }
    ).map(lambda values: kind(**values))


def _field(kind: type[msgspec.Struct], name: str, hint: Any, plain: bool) -> st.SearchStrategy[Any]:
    if name in private_fields(kind):
        optional = type(None) in typing.get_args(hint)
        return sealed if not plain else (st.none() | words if optional else words)
    if name == "seqs":
        return st.lists(st.integers(1, 40), max_size=3).map(tuple)
    if name == "origin" and kind is not e.LogRestored:
        return times
    pool = POOLS.get(SAME_AS.get(name, name))
    return _of_hint(hint, plain, pool)


def _of_hint(hint: Any, plain: bool, pool: tuple[str, ...] | None) -> st.SearchStrategy[Any]:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated and args[0] is str:
        return _of_text(hint, pool)
    if origin is Annotated:
        return _of_bounded(args, plain, pool)
    if origin in (types.UnionType, typing.Union):
        return st.one_of(*(_of_hint(arg, plain, pool) for arg in args))
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple and args[-1] is Ellipsis:
        return st.lists(_of_hint(args[0], plain, pool), max_size=3).map(tuple)
    if hint is ids.Place:
        return places
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return of(hint, plain=plain)
    simple = {
        type(None): st.none(),
        bool: st.booleans(),
        int: st.integers(0, 9),
        str: words,
        datetime: times,
        float: st.floats(1, 3600),
    }
    return simple[hint]


def _of_text(hint: Any, pool: tuple[str, ...] | None) -> st.SearchStrategy[str]:
    meta = typing.get_args(hint)[1]
    if meta.pattern is not None:
        return st.sampled_from(pool) if pool else st.sampled_from(("x1", "x2", "x3"))
    return words.filter(lambda text: len(text) >= (meta.min_length or 0))


def _of_bounded(args: tuple[Any, ...], plain: bool, pool: tuple[str, ...] | None) -> st.SearchStrategy[Any]:
    kind, meta = args[0], args[1]
    if kind is float:
        low = meta.ge if meta.ge is not None else meta.gt or 0.0
        return st.floats(low, meta.le, exclude_min=meta.gt is not None).map(float)
    if kind is int:
        return st.integers(meta.ge, min(meta.le or 9, 99))
    if kind is datetime:
        return times
    if meta.min_length == 3:
        return rings
    if meta.min_length:
        return st.lists(_of_hint(typing.get_args(kind)[0], plain, pool), min_size=1, max_size=3).map(tuple)
    return _of_hint(kind, plain, pool)


COMMANDS: dict[str, st.SearchStrategy[Any]] = {name: of(kind) for name, kind in c.COMMANDS.items()}
EVENTS: dict[str, st.SearchStrategy[Any]] = {kind.__name__: of(kind) for kind in typing.get_args(e.Event)}
SEALED_EVENTS: dict[str, st.SearchStrategy[Any]] = {
    kind.__name__: of(kind, plain=False) for kind in typing.get_args(e.Event)
}

commands = st.one_of(*COMMANDS.values())
asks = st.one_of(*(COMMANDS[name] for name, kind in c.COMMANDS.items() if issubclass(kind, c.Ask)))
reports = st.one_of(*(COMMANDS[name] for name, kind in c.COMMANDS.items() if issubclass(kind, c.Report)))
events = st.one_of(*EVENTS.values())
sealed_events = st.one_of(*SEALED_EVENTS.values())
