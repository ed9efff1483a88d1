"""`muster incident …`: open one, list them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from command.access.agencies import in_force, unknown
from command.bootstrap import open_service
from command.cli.operator import audited, author
from command.cli.parser import EXIT_OK, EXIT_REFUSED, json_flag, training
from command.cli.serve import settings_of
from command.clock import utc_now
from command.domain.commands import OpenIncident
from command.domain.submission import Answer, Submission
from command.erasures import Erasures
from command.errors import Unreadable
from command.ids import uuid7


def open_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster incident open`."""
    parser.add_argument("name", help="what the incident is called")
    parser.add_argument("--agency", required=True, help="the lead agency's id")
    parser.add_argument("--agency-name", required=True, help="the lead agency's name")
    parser.add_argument("--commander", required=True, help="the incident commander's person id")
    parser.add_argument("--commander-name", required=True)
    parser.add_argument("--commander-rank", required=True, help="in the plan's words, e.g. captain")
    parser.add_argument(
        "--training", action="append", default=[], metavar="COURSE[=EXPIRES]", help="the commander's, as on record"
    )
    parser.add_argument("--time-zone", required=True, help="e.g. America/Chicago")
    parser.add_argument("--objective", action="append", default=[])
    parser.add_argument("--spontaneous", action="store_true", help="from the standing template; gaps become duties")
    json_flag(parser)


async def open_incident(args: argparse.Namespace) -> int:
    """Open an incident at the plan's lowest level."""
    settings = settings_of(args)
    cmd = OpenIncident(
        name=args.name,
        kind="spontaneous" if args.spontaneous else "planned",
        lead_agency=args.agency,
        lead_agency_name=args.agency_name,
        time_zone=args.time_zone,
        commander=args.commander,
        commander_name=args.commander_name,
        commander_rank=args.commander_rank,
        commander_training=tuple(training(text) for text in args.training),
        objectives=tuple(args.objective),
    )
    async with open_service(settings, attach=True) as (_, service):
        by = author(args.commander, args.agency)
        log, answer = await service.open_incident(by, cmd, uuid7(utc_now()), issued_at=utc_now())
    _say(args, log, answer)
    return EXIT_OK if answer.status == "accepted" else EXIT_REFUSED


def _say(args: argparse.Namespace, log: str, answer: Answer) -> None:
    if args.json:
        sys.stdout.write(msgspec.json.encode({"incident": log, "answer": answer}).decode() + "\n")
    elif answer.status == "accepted":
        sys.stdout.write(f"{log}\n")
    else:
        why = "; ".join(answer.decision.reasons) if answer.decision else answer.problem
        sys.stderr.write(f"muster: not opened: {answer.status}: {why}\n")


async def list_incidents(args: argparse.Namespace) -> int:
    """The incidents of this store."""
    async with open_service(settings_of(args), attach=True, existing=True) as (backend, service):
        found = await service.incidents()
        await backend.store.audit([audited("incident.list", "incidents", utc_now())])
    rows = [
        {
            "id": log,
            "name": s.incident.name,
            "opened_at": s.incident.opened_at,
            "seq": s.seq,
            "closed_at": s.incident.closed_at,
        }
        for log, s in found
        if s.incident
    ]
    if args.json:
        sys.stdout.write(msgspec.json.encode(rows).decode() + "\n")
        return EXIT_OK
    for row in rows:
        status = "closed" if row["closed_at"] else "open"
        sys.stdout.write(f"{row['id']}\t{row['name']}\t{status}\t{row['seq']} events\n")
    return EXIT_OK


async def erasures(args: argparse.Namespace) -> int:
    """What was ordered away in an incident, and whether it is gone from every copy of the keys."""
    async with open_service(settings_of(args), attach=True, existing=True) as (backend, service):
        await backend.store.audit([audited("incident.erasures", args.incident, utc_now())])
        found = await Erasures(backend.store, backend.keys, utc_now).every(await service.state(args.incident))
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return EXIT_OK
    for one in found:
        whose = ", ".join([*([f"person {one.subject}"] if one.subject else ()), *(f"event {n}" for n in one.events)])
        sys.stdout.write(
            f"#{one.seq}\t{one.at:%Y-%m-%d %H:%M} UTC\t{one.scope}\t{one.authority}\t{whose}\t{one.says}\n"
        )
    if not found:
        sys.stdout.write("no order to erase\n")
    return EXIT_OK


def send_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster incident send`."""
    parser.add_argument("incident", help="the incident's id (muster incident list)")
    parser.add_argument("file", help="a command as JSON, or a list of them; - reads standard input")
    parser.add_argument("--person", required=True, help="in whose name: judged by their rank, training and position")
    parser.add_argument("--agency", required=True, help="that person's agency")
    json_flag(parser)


async def send(args: argparse.Namespace) -> int:
    """Send commands through the gate in someone's name; the trail says which operator of this machine did."""
    settings = settings_of(args)
    commands = _read_commands(args.file)
    async with open_service(settings, attach=True, existing=True) as (backend, service):
        state = await service.state(args.incident)
        now = utc_now()
        registered = [one.id for one in await backend.access.agencies() if in_force(one, now)]
        _expect_agency(args.agency, {*state.structure.agencies, *registered}, commands)
        sent = [
            Submission(uuid7(now), msgspec.Raw(raw), issued_at=now, basis_seq=state.seq) for raw in map(bytes, commands)
        ]
        answers = await service.submit(args.incident, author(args.person, args.agency), sent)
    for answer in answers:
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n" if args.json else in_words(answer))
    return EXIT_OK if all(answer.status == "accepted" for answer in answers) else EXIT_REFUSED


class _Admits(msgspec.Struct):
    """What is read of a command before it is sent."""

    type: str = ""
    agency: str | None = None


def _expect_agency(wanted: str, known: Collection[str], commands: Sequence[msgspec.Raw]) -> None:
    """Raises Unreadable for an agency that neither the incident nor the register knows, nor one of these commands admits:
    what somebody reports is kept, and would for good be the word of an agency that does not exist."""
    for raw in commands:
        with suppress(msgspec.DecodeError, UnicodeDecodeError):  # then the gate says what is wrong with it
            found = msgspec.json.decode(raw, type=_Admits)
            if found.type == "AdmitAgency" and found.agency == wanted:
                return
    if wanted not in known:
        said = unknown(wanted, known, "of this incident or of the register")
        raise Unreadable(f"{said}: nothing was sent", where="--agency")


def _read_commands(file: str) -> list[msgspec.Raw]:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return msgspec.json.decode(raw, type=list[msgspec.Raw]) if raw.lstrip()[:1] == b"[" else [msgspec.Raw(raw)]
    except OSError as exc:
        raise Unreadable(f"expected a file with commands: {exc.strerror}", where=file) from None
    except msgspec.DecodeError as exc:
        raise Unreadable(f"expected JSON: {exc}", where=file) from None


def in_words(answer: Answer) -> str:
    """An answer as text: what became of it, and why not."""
    head = f"{answer.status}" + (f" #{answer.seq}" if answer.seq else "")
    said = (
        [*answer.decision.reasons, *(f"missing: {what}" for what in answer.decision.missing)] if answer.decision else []
    )
    more = [answer.problem] if answer.problem else said if answer.status != "accepted" else []
    return "\n  ".join([head, *more]) + "\n"
