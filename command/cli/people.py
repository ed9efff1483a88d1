"""`muster user …`: who may sign in."""

from __future__ import annotations

import argparse
import sys
from typing import get_args

import msgspec

from command.access import links
from command.access.enrolment import expires
from command.access.model import Account, Grant, Role
from command.bootstrap import open_backend, reached_at
from command.cli.agencies import named
from command.cli.operator import audited, operator
from command.cli.parser import EXIT_OK, json_flag, over_zero, training
from command.cli.serve import settings_of
from command.clock import utc_now
from command.domain.ids import AgencyId, Line, PersonId, RuleId
from command.errors import Unreadable
from command.views.lens import GrantedCompartment


def invite_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster user invite`."""
    parser.add_argument("person", help="an id for the person: letters, digits, . _ : -")
    parser.add_argument("--name", required=True, help="the name that screens show")
    parser.add_argument("--agency", required=True, help="the agency's id")
    parser.add_argument("--rank", default="officer", help="the rank, in the plan's words (default officer)")
    parser.add_argument("--role", required=True, choices=get_args(Role), help="the role")
    parser.add_argument("--incident", default="*", help="only at this incident (default: any)")
    parser.add_argument(
        "--hours",
        type=over_zero("hours", MOST_HOURS),
        help="the role ends after so many hours (assisting: 72 unless given)",
    )
    parser.add_argument(
        "--training",
        action="append",
        default=[],
        metavar="COURSE[=EXPIRES]",
        help="a course on the agency's record (repeat)",
    )
    parser.add_argument(
        "--unit",
        action="append",
        default=[],
        metavar="UNIT",
        help="a unit that a supervisor is responsible for (repeat)",
    )
    parser.add_argument(
        "--compartment",
        action="append",
        default=[],
        choices=get_args(GrantedCompartment),
        help="a group of private fields opened to this role (repeat)",
    )
    json_flag(parser)


ASSISTING_HOURS = 72.0
"""CJISSECPOL AC-2(2): temporary accounts end within 72 hours. Mutual aid is temporary unless someone says otherwise."""

MOST_HOURS = 87_600  # ten years


class _Invited(msgspec.Struct):
    """What the log and the routes ask of these words, so that no account is made that they cannot name."""

    person: PersonId
    name: Line
    agency: AgencyId
    rank: RuleId


async def invite(args: argparse.Namespace) -> int:
    """Make an account with a role, and the one link that lets it set up a credential (in an exercise: signs it in)."""
    settings = settings_of(args)
    try:
        who = msgspec.convert(vars(args), _Invited)
    except msgspec.ValidationError as exc:
        raise Unreadable(f"expected what an account can be called: {exc}", where="muster user invite") from None
    lasts = args.hours if args.hours is not None else (ASSISTING_HOURS if args.role == "assisting" else None)
    now = utc_now()
    async with open_backend(settings, attach=True) as backend:
        await named(backend.access, who.agency)
        url = await links.invite(
            backend.access,
            Account(
                who.person, who.name, who.agency, who.rank, training=tuple(training(text) for text in args.training),
                expires_at=expires(lasts, now) if args.role == "assisting" else None,
            ),
            args.role,
            incident=args.incident,
            base_url=reached_at(settings),
            now=now,
            by=operator(),
            not_after=expires(lasts, now),
            units=args.unit,
            compartments=args.compartment,
        )  # fmt: skip
    if args.json:
        sys.stdout.write(msgspec.json.encode({"url": url, "expires_at": now + links.LIFETIME}).decode() + "\n")
    else:
        until = now + links.LIFETIME
        sys.stdout.write(f"{url}\n(signs one browser in as {args.person}, once, until {until:%H:%M:%S} UTC)\n")
    return EXIT_OK


async def list_users(args: argparse.Namespace) -> int:
    """Accounts and their roles."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        found = await backend.access.accounts()
        await backend.store.audit([audited("user.list", "accounts", utc_now())])
    if args.json:
        rows = [{"account": account, "grants": grants} for account, grants in found]
        sys.stdout.write(msgspec.json.encode(rows).decode() + "\n")
        return EXIT_OK
    for account, grants in found:
        roles = ", ".join(f"{grant.role}{_opens(grant)} at {grant.incident}" for grant in grants) or "no role"
        disabled = " (disabled)" if account.disabled else ""
        sys.stdout.write(f"{account.person}\t{account.name}\t{account.agency}\t{roles}{disabled}\n")
    return EXIT_OK


def _opens(grant: Grant) -> str:
    opened = (*grant.units, *grant.compartments)
    return f" ({', '.join(opened)})" if opened else ""
