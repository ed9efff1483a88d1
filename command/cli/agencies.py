"""`muster agency …`: whom accounts, devices and incidents may name, and under which agreement they help."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec

from command.access import agency_acts
from command.access.agencies import Agency, AgencyStore, Kind, check, founding, in_force, unknown
from command.bootstrap import open_backend
from command.cli.operator import audited, operator
from command.cli.parser import EXIT_OK, json_flag
from command.cli.serve import settings_of
from command.clock import utc_now
from command.domain.ids import AgencyId, Line
from command.errors import NotFound, Unreadable


class _New(msgspec.Struct):
    """What the log and the routes ask of these words."""

    id: AgencyId
    name: Line


def _words(parser: argparse.ArgumentParser, *, needed: bool) -> None:
    parser.add_argument("id", help="its id, as accounts and devices name it: letters, digits, . _ : -")
    parser.add_argument("--name", required=needed, help="the name that screens show")
    parser.add_argument(
        "--kind", required=needed, choices=get_args(Kind), help="what kind of body it is: decides which rules bind it"
    )
    parser.add_argument("--contact", help="a desk or a channel to reach it by, never a person")
    parser.add_argument("--agreement", help="the mutual-aid agreement, as it is cited")
    parser.add_argument("--agreement-until", metavar="DATE", type=_day, help="the agreement's last day, as 2027-01-31")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster agency add`."""
    _words(parser, needed=True)
    json_flag(parser)


def change_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster agency change`: what is left out stays."""
    _words(parser, needed=False)
    parser.add_argument("--reopen", action="store_true", help="put an ended agency back in force")
    json_flag(parser)


def one_argument(parser: argparse.ArgumentParser) -> None:
    """Which one."""
    parser.add_argument("id", help="its id, as muster agency list shows it")
    json_flag(parser)


async def list_agencies(args: argparse.Namespace) -> int:
    """All agencies."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        found = await backend.access.agencies()
        await backend.store.audit([audited("agency.list", "agencies", utc_now())])
    return _say(args, found, "\n".join(_line(one) for one in found) or "no agency is named yet")


async def show(args: argparse.Namespace) -> int:
    """One agency, with its people and devices."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        known = {one.id: one for one in await backend.access.agencies()}
        if args.id not in known:
            raise NotFound(unknown(args.id, known))
        people = [account.person for account, _ in await backend.access.accounts() if account.agency == args.id]
        devices = [one.device.id for one in await backend.devices.devices() if one.device.agency == args.id]
        await backend.store.audit([audited("agency.list", args.id, utc_now())])
    shown = {"agency": known[args.id], "accounts": people, "devices": devices}
    said = f"{_line(known[args.id])}\naccounts: {', '.join(people) or 'none'}\ndevices: {', '.join(devices) or 'none'}"
    return _say(args, shown, said)


async def add(args: argparse.Namespace) -> int:
    """Name a new agency."""
    try:
        new = msgspec.convert(vars(args), _New)
    except msgspec.ValidationError as exc:
        raise Unreadable(f"expected what an agency can be called: {exc}", where="muster agency add") from None
    given = {name: value for name, value in _given(args).items() if value is not None}
    async with open_backend(settings_of(args), attach=True) as backend:
        made = await agency_acts.add(backend.access, Agency(id=new.id, **given), utc_now(), operator())
    return _say(args, made, f"{made.id} added")


async def change(args: argparse.Namespace) -> int:
    """Other words for an agency."""
    words = {name: value for name, value in _given(args).items() if value is not None}
    if args.reopen:
        words["ended_at"] = None
    if not words:
        raise Unreadable("expected something to change, e.g. --name", where="muster agency change")
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        kept = await agency_acts.change(backend.access, args.id, words, utc_now(), operator())
    return _say(args, kept, _line(kept))


async def end(args: argparse.Namespace) -> int:
    """Let nothing new name an agency."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        kept = await agency_acts.end(backend.access, args.id, utc_now(), operator())
        left = [account.person for account, _ in await backend.access.accounts() if account.agency == kept.id]
    said = f"{kept.id} has ended; its accounts, which stay until they end or are disabled: {', '.join(left) or 'none'}"
    return _say(args, {"agency": kept, "accounts": left}, said)


async def named(store: AgencyStore, agency: str) -> None:
    """Check an agency that the command line was given. Where there is none at all, this one is the first.

    Raises Unreadable with what it may have meant.
    """
    now = utc_now()
    if await check(store, agency, now, where="--agency") is None:
        await store.add_agency(founding(agency, now), audited("agency.add", agency, now))


def _given(args: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(args, name) for name in ("name", "kind", "contact", "agreement", "agreement_until")}


def _day(text: str) -> datetime:
    """The end of a day, UTC."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a date as 2027-01-31, got {text!r}") from None


def _line(one: Agency) -> str:
    over = "" if in_force(one, utc_now()) else f"ended {one.ended_at:%Y-%m-%d}"
    until = f" until {one.agreement_until:%Y-%m-%d %H:%M} UTC" if one.agreement_until else ""
    return "\t".join((one.id, one.name, one.kind, one.contact, one.agreement + until, over)).rstrip()


def _say(args: argparse.Namespace, data: object, text: str) -> int:
    sys.stdout.write((msgspec.json.encode(data).decode() if args.json else text) + "\n")
    return EXIT_OK
