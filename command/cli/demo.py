"""`muster demo`: May Day 2016 in Seattle, played on the incident's own clock, through the same doors as everything."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from datetime import date
from functools import partial
from typing import NamedTuple

import msgspec
import structlog
from msgspec.structs import replace

from command.access import links
from command.access.model import Account, Role
from command.bootstrap import Node, authority_of, open_node
from command.cli.operator import author, import_secret, operator
from command.cli.parser import EXIT_OK, a_day, over_zero
from command.cli.serve import settings_of, stop_signals, until_stopped
from command.clock import utc_now
from command.config import Settings
from command.devices import enrolling
from command.domain.clock import incident_time
from command.domain.envelope import Origin
from command.domain.state import State
from command.domain.submission import Answer, Submission
from command.errors import Unavailable
from command.exercise import scenario as scenarios
from command.exercise.basemap import Box, map_features
from command.exercise.player import Clock, Stamp, play
from command.exercise.scenario import Scenario, opening, scenario, script_for
from command.exercise.script import Script
from command.library import MODEL
from command.service.core import Service
from command.views.lens import GrantedCompartment

_log = structlog.get_logger("command.demo")

MAYDAY = date(2016, 5, 1)

PLAN = (MODEL,)
"""The day was Seattle's: Illinois's statutes, which stand in the default stack, never bound it, and what Seattle's own
plan said that day is not known. So the records are replayed under the model alone, and the demonstration says so."""

UNDER_THE_MODEL = "Replayed under the model plan, a template: not Seattle's plan of that day, and no State's law."


TABLET = "The field officer's tablet: in the browser of the link above; records with no network, and hands in later"


class Visitor(NamedTuple):
    """A link of the demonstration: as whom it signs in, and what that role can do today."""

    person: str
    role: Role
    title: str
    can: str
    compartments: tuple[GrantedCompartment, ...] = ()


VISITORS = (
    Visitor(
        "ic",
        "commander",
        "Incident commander",
        "sees the whole incident; raises, renews and lowers levels, decides requests, gives orders, transfers command",
    ),
    Visitor(
        "bike-officer",
        "field",
        "Field officer",
        "sees the ground, but no personal details; reports what happened, asks for a level",
    ),
    Visitor(
        "kcso-commander",
        "assisting",
        "Assisting agency's commander",
        "sees its own agency's share; moves its own units and reports; requests beyond that are refused and recorded",
    ),
    Visitor(
        "reviewer",
        "reviewer",
        "After-action reviewer",
        "reads what its grant opens, replays any moment, exports the log; sends nothing",
        ("complaint", "demographics"),
    ),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster demo`."""
    parser.add_argument("--date", type=a_day, default=MAYDAY, metavar="YYYY-MM-DD", help="another day of the records")
    parser.add_argument(
        "--speed",
        type=over_zero("a speed", 3600),  # as domain.events.IncidentClock has it
        default=scenarios.DEFAULT_RATE,
        metavar="N",
        help="how many incident seconds pass in one real second",
    )
    parser.add_argument("--keep", action="store_true", help="keep the data in --data instead of a throw-away folder")


async def demo(args: argparse.Namespace) -> int:
    """Start a server on throw-away data, open the day's incident, print the links, play until stopped."""
    with ExitStack() as cleanup:
        if not args.keep and args.data is None:
            args.data = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="muster-demo-"))
        args.exercise = True  # everybody is somebody else every ten minutes: its links sign in by themselves
        settings = under_a_plan(settings_of(args))
        script = script_for(args.date)
        async with (
            stop_signals() as stop,
            open_node(settings, basemap=lambda state: _basemap(script.area, state)) as node,
        ):
            incident, day = await _open(node, script, args.speed, import_secret(settings))
            if settings.packs == PLAN:
                sys.stdout.write(f"\n{UNDER_THE_MODEL}\n")
            say_links = partial(_print_links, node, incident, day, authority_of(settings))
            await say_links()
            await until_stopped(node, stop, _play(node.service, incident, day), _more_links(say_links))
    return EXIT_OK


def _basemap(area: Box | None, state: State) -> bytes:
    return msgspec.json.encode(map_features(area or tuple(state.response.sectors)))


def under_a_plan(settings: Settings) -> Settings:
    """The settings with the demonstration's own plan, where nobody named packs."""
    return settings if settings.packs else replace(settings, packs=PLAN)


async def _open(node: Node, script: Script, speed: float, secret: bytes) -> tuple[str, Scenario]:
    """Open the day's incident and put everything that had happened before its start into it."""
    cmd, cmd_id = opening(script, speed)
    by = author(cmd.commander, cmd.lead_agency, Origin("script", script.id))
    incident, answer = await node.service.open_incident(by, cmd, cmd_id, issued_at=utc_now())
    if answer.status not in ("accepted", "duplicate", "conflict"):  # kept data, opened on an earlier run
        raise Unavailable(f"expected the demonstration to open, the plan answered {answer.status}")
    day = scenario(script, incident, secret)
    clock, stamp = await _clock(node.service, incident)
    await play(day, partial(_send, node.service, incident), clock, stamp, until=day.starts_at)
    return incident, day


async def _clock(service: Service, incident: str) -> tuple[Clock, Stamp]:
    state = await service.state(incident)
    own = state.incident.clock if state.incident else None
    clock = Clock(lambda: incident_time(own, utc_now()), own.rate if own else 1.0)
    return clock, Stamp(utc_now, lambda: service.position(incident)[1])


async def _play(service: Service, incident: str, day: Scenario) -> None:
    """Send what is due when it is due. What the gate answered otherwise than the script expects is said."""
    clock, stamp = await _clock(service, incident)
    played = await play(day, partial(_send, service, incident), clock, stamp)
    for surprise in played.surprises:
        _log.warning("scripted command answered otherwise", command=surprise.item.name, status=surprise.answer.status)
    _log.info("the day is played; the incident stays open", sent=played.sent)


async def _send(
    service: Service, incident: str, person: str, agency: str, pairs: list[tuple[Submission, Origin]]
) -> list[Answer]:
    return await service.submit_each(incident, [(author(person, agency, origin), sub) for sub, origin in pairs])


async def _print_links(node: Node, incident: str, day: Scenario, authority: str) -> None:
    """One link a role, through the same door as `muster user invite`, and one for a tablet."""
    cast = {member.person: member for member in day.cast}
    out = [f"\n{day.name}. Records: real. Everything marked SCRIPTED: written for this demonstration.\n"]
    for visitor in VISITORS:
        member = cast.get(visitor.person)
        account = (
            Account(member.person, member.name, member.agency, member.rank)
            if member is not None
            else Account(visitor.person, visitor.title, "oversight", "civilian")
        )
        url = await links.invite(
            node.backend.access,
            account,
            visitor.role,
            incident=incident,
            base_url=node.base_urls[0],
            now=utc_now(),
            by=operator(),
            compartments=visitor.compartments,
        )
        out.append(f"  {visitor.title}: {visitor.can}\n    {url}\n")
        if visitor.role == "field":
            out.append(f"  {TABLET}\n    {await _tablet(node, account.agency, authority)}\n")
    out.append(
        "Each link signs one browser in, or enrols one tablet, once, within ten minutes. Ctrl-C ends the demonstration.\n"
    )
    sys.stdout.write("\n".join(out))
    sys.stdout.flush()


async def _tablet(node: Node, agency: str, authority: str) -> str:
    """Where one browser enrols as a device, through the same door as `muster device invite`."""
    made = await enrolling.invite(
        node.backend.devices,
        agency=agency,
        label="Tablet of the demonstration",
        base_url=node.base_urls[0],
        authority=authority,
        now=utc_now(),
        by=operator(),
    )
    return made.url


async def _more_links(again: Callable[[], Awaitable[None]]) -> None:
    """At a terminal, Enter prints fresh links; without one there is nothing to wait for."""
    if not sys.stdin.isatty():
        return
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    sys.stdout.write("Press Enter for fresh links.\n")
    sys.stdout.flush()
    while await reader.readline():
        await again()
