"""What Muster must not hold, beyond the vocabulary: no shape, form, mapping, export, report, pack or query has a field
for it, and nothing that chooses (a rule, a duty, an alert, a filter, a query) chooses people by a protected trait."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import command
from command.web.asyncapi import document as asyncapi
from command.web.routes import ROUTES
from tests.domain.test_must_not import FORBIDDEN, forbidden_in, words_of

ROOT = Path(__file__).parents[2]
PACKS = sorted((ROOT / "protocols").rglob("*.toml"))
MAPPINGS = sorted((ROOT / "command" / "exercise" / "data").rglob("*.toml"))
FORMS = sorted([*(ROOT / "static").rglob("*.js"), *(ROOT / "field_app").rglob("*.js")])

ALLOWED = {
    "Held.cause": "why a device's statement is held back",
    "HeldRow.cause": "the same, on a screen",
    "Target.Target": "where an import writes to: an incident",
    "DeviceRow.fingerprint": "of a device's public key",
}
"""Names that only sound like it, each with its reason."""

TRAITS = (
    "race", "racial", "ethnicity", "ethnic", "sex", "gender", "religion", "religious", "nationality", "national_origin",
    "citizenship", "immigration", "skin", "language", "political", "viewpoint", "affiliation", "orientation",
)  # fmt: skip
"""Words of traits by which nobody may be chosen. Age and disability protect: who is a minor is kept apart from adults,
and a need is met; so they are words of duties, and choose nobody for anything to be done against them."""


def modules() -> Iterator[Any]:
    """Every module of the server."""
    for found in pkgutil.walk_packages(command.__path__, "command."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def shapes() -> list[type[msgspec.Struct]]:
    """Every struct that any of them defines: of the web, the stream, exports, reports, imports, uploads, access."""
    found = {
        value
        for module in modules()
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, msgspec.Struct) and value.__module__.startswith("command.")
    }
    return sorted(found, key=lambda kind: f"{kind.__module__}.{kind.__name__}")


SHAPES = shapes()


def test_the_walk_reaches_every_room() -> None:
    rooms = {kind.__module__.split(".")[1] for kind in SHAPES}
    assert {"web", "stream", "views", "domain", "policy", "access", "exercise", "store"} <= rooms and len(SHAPES) > 300
    assert len(PACKS) >= 8 and MAPPINGS and len(FORMS) > 30


@pytest.mark.parametrize("kind", SHAPES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_no_shape_has_a_field_for_it(kind: type[msgspec.Struct]) -> None:
    assert forbidden_in(kind) - set(ALLOWED) == set()


_FIELDS = (
    re.compile(r"""\b(?:name|id|key|field|column)\s*[:=]\s*["'`]([A-Za-z_][\w-]*)["'`]"""),
    re.compile(r"""\b[a-z]\w*\(\s*["']([A-Za-z_][\w-]*)["']\s*,"""),  # note("account", "What happened")
    re.compile(r"""[{,]\s*([a-z_]\w*)\s*:"""),  # { account: v.account }
)
"""Names of inputs and of what a form sends."""


def fields(text: str) -> set[str]:
    return {name for pattern in _FIELDS for name in pattern.findall(text)}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_no_form_or_screen_has_a_field_for_it(path: Path) -> None:
    names = fields(path.read_text())
    assert not {name for name in names for word in words_of(name.replace("-", "_")) if word in FORBIDDEN}


def test_the_search_of_forms_finds_what_it_is_for() -> None:
    assert "immigration_status" in fields('{ name: "immigration_status", says: "x" }')
    assert "viewpoint" in fields('note("viewpoint", "What they think")') & fields("command({ viewpoint: v.x })")
    assert {"sector", "account"} <= {name for path in FORMS for name in fields(path.read_text())}


TEXTS = {
    "says", "source", "title", "words", "text", "note", "verified", "why", "content", "sentence", "quote", "name",
    "comment", "because", "explains", "purpose_says", "says_what", "items", "section", "url",
}  # fmt: skip
"""Keys whose values are read by people, and choose nothing."""


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Each key with each value that a program reads."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, ""
            yield from leaves(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, key)
    elif isinstance(value, str) and key not in TEXTS:
        yield key, value


def words_in(text: str) -> set[str]:
    return words_of(re.sub(r"[^A-Za-z]+", "_", text))


@pytest.mark.parametrize("path", PACKS + MAPPINGS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_pack_case_or_mapping_has_a_field_for_it(path: Path) -> None:
    """Keys, ids and references; the sentences of laws are quoted as they are."""
    found = {
        (key, word) for key, _ in leaves(tomllib.loads(path.read_text())) for word in words_of(key.replace("-", "_"))
    }
    assert not {pair for pair in found if pair[1] in FORBIDDEN}


CHOOSES = {"when", "unless", "only", "where", "starts", "ends", "all", "any", "requires", "condition", "conditions",
           "findings", "if", "kinds", "grounds", "bars", "exception", "exceptions", "indicators"}  # fmt: skip
"""Keys of packs whose values decide whether a rule, a bar or a duty speaks."""


@pytest.mark.parametrize("path", PACKS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_rule_bar_or_duty_chooses_by_a_protected_trait(path: Path) -> None:
    chosen = list(choices(tomllib.loads(path.read_text())))
    assert not {(key, value) for key, value in chosen for word in words_in(value) if word in TRAITS}


def choices(value: Any, inside: str = "") -> Iterator[tuple[str, str]]:
    """Every text below a key that chooses."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from choices(inner, name if name in CHOOSES else inside if name not in TEXTS else "")
    elif isinstance(value, list):
        for inner in value:
            yield from choices(inner, inside)
    elif isinstance(value, str) and inside:
        yield inside, value


def test_the_search_of_choices_finds_what_it_is_for() -> None:
    duty = {"duty": [{"id": "d", "says": "race is asked", "starts": {"event": "X", "when": "race_stated = yes"}}]}
    assert [one for one in choices(duty) if words_in(one[1]) & set(TRAITS)] == [("when", "race_stated = yes")]
    assert sum(len(list(choices(tomllib.loads(path.read_text())))) for path in PACKS) > 100


def test_no_query_filter_or_alert_names_a_trait_or_a_person() -> None:
    """What may be asked for is by place, time, sector and record; nobody is searched for across incidents."""
    asked = {name for route in ROUTES for name in route.query}
    assert not {name for name in asked for word in words_of(name) if word in (*TRAITS, *FORBIDDEN)}
    assert asked <= ASKED, "say what the new parameter selects, and that it is nobody by a trait"
    frames = asyncapi()
    assert not {word for word in words_of("_".join(frames["components"]["messages"])) if word in FORBIDDEN}


ASKED = {
    "at", "since", "until", "after", "before", "limit",  # when, and how much
    "sector", "record", "kind", "status", "site", "number", "wristband",  # where, and which record
    "officer", "disposition", "missing", "overdue", "filter",  # of arrests: whose in office, how they stand, what they lack
    "paper", "in",  # of one record: which paper its person is given, and in which language it is written
    "who", "action", "object", "outcome",  # of the audit trail
}  # fmt: skip
"""Every parameter of a query, and what it selects: never a person by who or what they are."""
