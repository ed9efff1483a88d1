"""`muster incident plan change | show`: which plan binds an incident, and another one from here on."""

from __future__ import annotations

import argparse
import re
import sys

import msgspec

from command.bootstrap import open_service
from command.cli.incident import in_words
from command.cli.operator import audited, author
from command.cli.parser import EXIT_OK, EXIT_REFUSED, json_flag
from command.cli.serve import settings_of
from command.clock import utc_now
from command.domain.commands import ChangePlan
from command.domain.state import State
from command.domain.submission import Answer, Submission
from command.errors import Unreadable
from command.ids import uuid7
from command.library import read_files
from command.service.core import Service

NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}@sha256:[0-9a-f]{64}")
"""A pack that is on the shelf, by its name."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster incident plan`."""
    parser.add_argument("act", choices=("change", "show"), help="put another plan in force, or say which ones were")
    parser.add_argument("incident", help="the incident's id (muster incident list)")
    parser.add_argument(
        "--pack",
        action="append",
        default=[],
        metavar="FILE|NAME",
        help="a pack of the new plan, the most general first: a file, or a name as `show` prints it; each one is named",
    )
    parser.add_argument("--reason", help="why, in the authorizer's words")
    parser.add_argument("--clause", help="under which clause of the plan or of the law")
    parser.add_argument("--person", help="in whose name: judged by their rank, training and position")
    parser.add_argument("--agency", help="that person's agency")
    json_flag(parser)


async def plan(args: argparse.Namespace) -> int:
    """Show the plans of an incident, or change its plan through the gate."""
    if args.act == "show":
        return await _show(args)
    wanted = {"--pack": args.pack, "--reason": args.reason, "--clause": args.clause}
    missing = [
        flag for flag, value in (wanted | {"--person": args.person, "--agency": args.agency}).items() if not value
    ]
    if missing:
        raise Unreadable(f"expected {', '.join(missing)}, got none", where="muster incident plan change")
    async with open_service(settings_of(args), attach=True, existing=True) as (backend, service):
        state = await service.state(args.incident)
        packs = await _kept(service, args.incident, args.pack)
        await backend.store.audit([audited("incident.packs", args.incident, utc_now(), f"{len(packs)} packs")])
        answer = await _send(service, state, args, ChangePlan(packs, args.clause, args.reason))
    sys.stdout.write(msgspec.json.encode(answer).decode() + "\n" if args.json else in_words(answer))
    return EXIT_OK if answer.status == "accepted" else EXIT_REFUSED


async def _kept(service: Service, incident: str, wanted: list[str]) -> tuple[str, ...]:
    """The names of the packs, once their files are on the shelf. Raises PackProblems with every problem of them."""
    files = iter(await service.keep_packs(incident, read_files([one for one in wanted if not NAMED.fullmatch(one)]))
                 if any(not NAMED.fullmatch(one) for one in wanted) else ())  # fmt: skip
    return tuple(one if NAMED.fullmatch(one) else next(files) for one in wanted)


async def _send(service: Service, state: State, args: argparse.Namespace, cmd: ChangePlan) -> Answer:
    now = utc_now()
    body = msgspec.Raw(msgspec.json.encode(cmd))
    sent = Submission(uuid7(now), body, issued_at=now, basis_seq=state.seq)
    (answer,) = await service.submit(args.incident, author(args.person, args.agency), [sent])
    return answer


async def _show(args: argparse.Namespace) -> int:
    async with open_service(settings_of(args), attach=True, existing=True) as (backend, service):
        state = await service.state(args.incident)
        kept = {name: row.name for name, row in await service.packs(args.incident)}
        await backend.store.audit([audited("incident.read", args.incident, utc_now(), "plans")])
    rows = [
        {"since": span.since, "seq": span.seq, "packs": [{"name": one, "file": kept.get(one)} for one in span.packs]}
        for span in state.plan.stacks
    ]
    if args.json:
        sys.stdout.write(msgspec.json.encode(rows).decode() + "\n")
        return EXIT_OK
    for span in state.plan.stacks:
        sys.stdout.write(f"since {span.since:%Y-%m-%d %H:%M:%S} UTC (#{span.seq})\n")
        for name in span.packs:
            sys.stdout.write(f"  {name}\t{kept.get(name, 'not on the shelf')}\n")
    return EXIT_OK
