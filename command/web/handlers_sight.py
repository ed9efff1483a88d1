"""Who can see what of an incident, by which grant: for administrators and the incident's commander; the tables in words."""

from __future__ import annotations

import secrets
from html import escape

from aiohttp import web

from command.access.authorizer import COMMAND_ACTIONS, EVERY_INCIDENT, LENS_OF_ROLE, authorize, lens_for
from command.access.model import Grant, Subject
from command.views import sight_words
from command.views.lens import Lens, sight_of
from command.web import answers
from command.web.door import Call
from command.web.shapes_sight import SeesRow, SightAnswer


async def sight(call: Call) -> web.Response:
    """As JSON."""
    return answers.json(await _answer(call))


async def sight_page(call: Call) -> web.Response:
    """As a page of tables, to read and to print."""
    found = await _answer(call)
    call.request[answers.NONCE] = secrets.token_urlsafe(16)  # makes it a page; no script bears it
    html = _page(found, escape(call.services.assets.base))
    return web.Response(text=html, content_type="text/html", charset="utf-8")


async def _answer(call: Call) -> SightAnswer:
    await call.services.service.state(call.log)  # NotFound for what is none
    rows = []
    for account, grants in await call.services.access.accounts():
        for grant in grants:
            if grant.incident in (EVERY_INCIDENT, call.log):
                rows.append(_row(call, account.name, account.agency, account.disabled, grant))
    return SightAnswer(
        tuple(sorted(rows, key=lambda row: (row.lens, row.person, row.role))),
        sight_words.lenses(),
        sight_words.events(),
        sight_words.sections(),
        {role: _sends(call, role) for role in LENS_OF_ROLE},
    )


def _row(call: Call, name: str, agency: str, disabled: bool, grant: Grant) -> SeesRow:
    seen = lens_for(grant.role, agency, (grant,))
    in_force = (grant.not_before is None or grant.not_before <= call.now) and (
        grant.not_after is None or call.now < grant.not_after
    )
    return SeesRow(
        person=grant.person,
        name=name,
        agency=agency,
        role=grant.role,
        incident=grant.incident,
        lens=seen or "",
        compartments=tuple(sorted(sight_of(Lens(seen)).compartments)) if seen else (),
        units=grant.units,
        not_before=grant.not_before.isoformat() if grant.not_before else "",
        not_after=grant.not_after.isoformat() if grant.not_after else "",
        given_by=grant.given_by,
        in_force=in_force and not disabled,
    )


def _sends(call: Call, role: str) -> tuple[str, ...]:
    """Asked of the authorizer itself, so that the page cannot say otherwise than the doors do."""
    grant = Grant("x", role, EVERY_INCIDENT)  # type: ignore[arg-type]  # a key of the table of roles
    someone = Subject("x", "", "x", "", "x", "", (grant,), exercise=True)
    may = (name for name in COMMAND_ACTIONS if authorize(someone, name, call.log, call.now).allow)
    return tuple(sorted(name.removeprefix("command.") for name in may))


def _page(found: SightAnswer, base: str) -> str:
    title = "Who can see what, by which grant"
    people = _table(
        "People and their grants",
        ("Person", "Agency", "Role", "Lens", "Compartments", "Units", "Until", "Given by", "In force"),
        [
            (f"{row.name} ({row.person})", row.agency, row.role, row.lens or "sees no incident",
             ", ".join(row.compartments) or "none", ", ".join(row.units), row.not_after or "without an end",
             row.given_by, "yes" if row.in_force else "no")
            for row in found.people
        ],
    )  # fmt: skip
    lenses = _table(
        "Lenses", ("Lens", "Shows", "Compartments that a grant may open"),
        [(row.lens, row.says, ", ".join(row.may_hold) or "none") for row in found.lenses],
    )  # fmt: skip
    events = _table(
        "Events and their private fields", ("Event or field", "Compartment", "Read by"),
        [line for event in found.events for line in _lines(event)],
    )  # fmt: skip
    sections = _table(
        "Sections of the board", ("Section", "On the screens of"),
        [(row.section, ", ".join(row.seen_by)) for row in found.sections],
    )  # fmt: skip
    sends = _table("Commands that each role may send", ("Role", "Commands"),
                   [(role, ", ".join(names) or "none") for role, names in found.commands.items()])  # fmt: skip
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><link rel="stylesheet" href="{base}/static/css/plan.css">'
        f'<link rel="icon" href="{base}/static/icon.svg"></head>\n<body class="plan"><header><h1>{title}</h1>'
        "<p>What is not named here is not shown. A first account comes before sight of others'; authors read their "
        f"own.</p></header>\n<main>{people}{lenses}{events}{sections}{sends}</main></body></html>\n"
    )


def _lines(event: sight_words.EventSight) -> list[tuple[str, ...]]:
    own = [(f"{event.event}.{one.field}", one.compartment, ", ".join(one.readers) or "nobody") for one in event.fields]
    return [(event.event, "", ", ".join(event.seen_by)), *own]


def _table(caption: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(one)}</td>" for one in rest)}</tr>'
        for first, *rest in rows
    )
    # A wide table scrolls by itself, by keyboard too.
    return (
        f'<section><h2>{escape(caption)}</h2><figure role="group" tabindex="0" aria-label="{escape(caption)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></figure></section>"
    )
