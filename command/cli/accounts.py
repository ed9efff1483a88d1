"""`muster user …` and `muster session …` for accounts that there are: shut, open, release, reset, name, and end.

Whoever may read the data directory acts here as the operator, and the trail says so. A running server notices within
five seconds: sockets of ended sessions close.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta

import msgspec

from command.access import links
from command.access.authorizer import EVERY_INCIDENT
from command.access.codes import Keys
from command.access.enrolment import SET_UP_LIVES, new_set_up_code
from command.access.enrolment import identify as link_identity
from command.access.enrolment import reset as reset_credentials
from command.access.model import Account, Grant
from command.access.sessions import Session, liveness
from command.bootstrap import Backend, open_backend, reached_at
from command.cli.agencies import named
from command.cli.operator import audited, operator
from command.cli.parser import EXIT_OK, EXIT_REFUSED, json_flag, over_zero
from command.cli.serve import settings_of
from command.clock import utc_now
from command.domain.ids import AgencyId, Line, PersonId
from command.errors import NotFound, Unreadable
from command.signing_in import read_providers
from command.store.noted import EVERYONE

MOST_HOURS = 87_600  # ten years
DISPLAY_HOURS = 72.0
RELEASE_REASONS = ("mistyped", "new device", "asked in person", "tries by others", "other")


def person_argument(parser: argparse.ArgumentParser) -> None:
    """Arguments of commands about one account."""
    parser.add_argument("person", help="the account's id")
    json_flag(parser)


def enable_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster user enable`."""
    person_argument(parser)
    parser.add_argument(
        "--hours", type=over_zero("hours", MOST_HOURS), help="for so many hours (default: without an end)"
    )


def identify_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster user identify`."""
    person_argument(parser)
    parser.add_argument("--provider", required=True, help="the provider's id in the --oidc file")
    parser.add_argument("--subject", required=True, help='what it calls this person (the token\'s "sub")')


def release_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster user release`."""
    person_argument(parser)
    parser.add_argument("--reason", choices=RELEASE_REASONS, default="other", help="why, for the trail (default other)")


def identity_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster user identities`."""
    person_argument(parser)
    parser.add_argument("--end", metavar="SUBJECT", help="end the link to this one of them")


def end_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster session end`."""
    parser.add_argument("person", nargs="?", help="the account's id")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--session", help="only this one (default: all of them)")
    group.add_argument(
        "--everyone",
        action="store_true",
        help="everyone's sessions, and every link and unfinished sign-in: after a wrong clock, or a break-in",
    )
    json_flag(parser)


def display_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster user display`."""
    parser.add_argument("display", help="an id for the device on the wall")
    parser.add_argument("--name", required=True, help="the name that screens show")
    parser.add_argument("--agency", required=True, help="the agency's id")
    parser.add_argument("--incident", default=EVERY_INCIDENT, help="only this incident (default: any)")
    parser.add_argument(
        "--hours",
        type=over_zero("hours", MOST_HOURS),
        default=DISPLAY_HOURS,
        help="ends after so many hours (default 72)",
    )
    json_flag(parser)


async def disable(args: argparse.Namespace) -> int:
    """Shut an account at once."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        account = await _account(backend, args.person)
        now = utc_now()
        row = audited("user.disable", account.person, now)
        ended = await backend.access.disable(account.person, now, row)
    return _say(args, {"ended": ended}, f"{args.person} is locked out; sessions ended: {len(ended)}")


async def enable(args: argparse.Namespace) -> int:
    """Let an account sign in again."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        account = await _account(backend, args.person)
        now = utc_now()
        until = None if args.hours is None else now + timedelta(hours=args.hours)
        await backend.credentials.enable(account.person, until, audited("user.enable", account.person, now))
    return _say(args, {"until": until}, f"{args.person} may sign in {_until(until)}")


async def release(args: argparse.Namespace) -> int:
    """Open what wrong tries have shut."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        account = await _account(backend, args.person)
        row = audited("user.release", account.person, utc_now(), args.reason)
        opened = await backend.credentials.release(account.person, row)
    return _say(args, {"locks": opened}, f"locks released: {opened}")


async def reset(args: argparse.Namespace) -> int:
    """End all credentials of someone who lost them, and print a link for new ones."""
    settings = settings_of(args)
    async with open_backend(settings, attach=True, existing=True) as backend:
        account = await _account(backend, args.person)
        now = utc_now()
        done = await reset_credentials(
            backend.credentials, account.person, base_url=reached_at(settings), now=now, by=operator()
        )
    if done is None:
        raise Unreadable("expected an account that is not disabled", where="person")
    url, ended = done
    until = now + links.LIFETIME
    said = f"{url}\n(lets {args.person} set up a credential, once, until {until:%H:%M:%S} UTC; sessions ended: {len(ended)})"
    return _say(args, {"url": url, "expires_at": until, "ended": ended}, said)


async def identify(args: argparse.Namespace) -> int:
    """Say what an agency's own sign-in calls someone."""
    settings = settings_of(args)
    found = {one.id: one.issuer for one in read_providers(settings.oidc)}
    if args.provider not in found:
        raise NotFound(f"there is no provider {args.provider} in the --oidc file")
    async with open_backend(settings, attach=True, existing=True) as backend:
        account = await _account(backend, args.person)
        now = utc_now()
        row = audited("user.identify", account.person, now)
        await link_identity(backend.credentials, found[args.provider], args.subject, account.person, now, row)
    return _say(args, {"person": args.person}, f"{args.person} can sign in through {args.provider}")


async def identities(args: argparse.Namespace) -> int:
    """What agencies' own sign-ins call someone, or the end of one of these links."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        account = await _account(backend, args.person)
        found = await backend.credentials.identities(account.person)
        now = utc_now()
        if args.end is not None:
            ours = [one for one in found if one.subject == args.end]
            if len(ours) != 1:
                raise NotFound(f"expected one link of theirs with that subject, found {len(ours)}")
            row = audited("user.identify", account.person, now, "ended")
            await backend.credentials.forget_identity(ours[0].issuer, args.end, account.person, now, row)
            return _say(args, {"ended": args.end}, f"{args.person} can no longer sign in through it")
        await backend.store.audit([audited("user.list", account.person, now)])
    lines = [f"{one.subject}\tat {one.issuer}\tby {one.linked_by}, {one.linked_at:%Y-%m-%d %H:%M} UTC" for one in found]
    return _say(args, found, "\n".join(lines) or "no agency's own sign-in is linked to this account")


async def set_up(args: argparse.Namespace) -> int:
    """Print a set-up code for the first administrator."""
    async with open_backend(settings_of(args), attach=True) as backend:
        if (await backend.credentials.anyone())[0]:
            sys.stdout.write("there is an administrator who can sign in: they invite others\n")
            return EXIT_REFUSED
        await backend.store.audit([audited("session.set-up", "code", utc_now())])
        code = await new_set_up_code(backend.credentials, Keys(backend.sign_in_key), utc_now())
    minutes = int(SET_UP_LIVES.total_seconds() // 60)
    return _say(args, {"code": code}, f"{code}\n(makes the first administrator, once, within {minutes} minutes)")


async def locks(args: argparse.Namespace) -> int:
    """Accounts that wrong tries have shut."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        found = await backend.credentials.locks()
        await backend.store.audit([audited("user.list", "locks", utc_now())])
    lines = [f"{one.key}\tfrom {one.source}\tsince {one.since:%Y-%m-%d %H:%M} UTC" for one in found]
    return _say(args, found, "\n".join(lines) or "no account is locked")


async def list_sessions(args: argparse.Namespace) -> int:
    """Someone's sessions that have not ended."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        account = await _account(backend, args.person)
        now = utc_now()
        found = await backend.credentials.sessions_of(account.person, now)
        await backend.store.audit([audited("user.sessions", account.person, now)])
    rows = [_session(one, now) for one in found]
    lines = ["\t".join(str(value) for value in row.values()) for row in rows]
    return _say(args, rows, "\n".join(lines) or "no session is open")


async def end_sessions(args: argparse.Namespace) -> int:
    """End someone's sessions, or one of them, or everyone's."""
    if args.everyone == (args.person is not None):
        raise Unreadable("expected a person or --everyone", where="muster session end")
    if args.everyone:
        return await _end_everyone(args)
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        account = await _account(backend, args.person)
        now = utc_now()
        row = audited("user.end-sessions", account.person, now)
        if args.session is None:
            ended = await backend.credentials.end_all(account.person, now, row)
        else:
            if args.session not in {one.id for one in await backend.credentials.sessions_of(account.person, now)}:
                raise NotFound("there is no such session of theirs")
            await backend.access.revoke(args.session, now, row)
            ended = (args.session,)
    return _say(args, {"ended": ended}, f"sessions ended: {len(ended)}")


async def _end_everyone(args: argparse.Namespace) -> int:
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        now = utc_now()
        ended = await backend.credentials.end_everyone(now, audited("user.end-sessions", "-", now, EVERYONE))
    return _say(args, {"ended": ended}, f"sessions ended: {ended}; all links and unfinished sign-ins are void")


class _Display(msgspec.Struct):
    """What the log and the routes ask of these words."""

    display: PersonId
    name: Line
    agency: AgencyId


async def display(args: argparse.Namespace) -> int:
    """Print a link that makes one browser a display on the wall."""
    settings = settings_of(args)
    try:
        device = msgspec.convert(vars(args), _Display)
    except msgspec.ValidationError as exc:
        raise Unreadable(f"expected what a device can be called: {exc}", where="muster user display") from None
    now = utc_now()
    until = now + timedelta(hours=args.hours)
    async with open_backend(settings, attach=True) as backend:
        await named(backend.access, device.agency)
        known = {account.person: grants for account, grants in await backend.access.accounts()}
        if any(grant.role != "display" for grant in known.get(device.display, ())):
            raise Unreadable("expected an id of its own for the device: this one is a person's", where="display")
        url = await links.invite(
            backend.access,
            Account(device.display, device.name, device.agency, "civilian", expires_at=until),
            None,
            base_url=reached_at(settings),
            now=now,
            by=operator(),
            more=(Grant(device.display, "display", args.incident, not_after=until, given_by=operator().person),),
            purpose="display",
        )
    return _say(
        args, {"url": url}, f"{url}\n(makes one browser the display {device.display}, once, within ten minutes)"
    )


async def _account(backend: Backend, person: str) -> Account:
    found = await backend.access.account(person)
    if found is None:
        raise NotFound(f"there is no account {person}")
    return found


def _session(session: Session, now: datetime) -> dict[str, str]:
    """A session as a line: no token, and nothing of what was seen through it."""
    return {
        "session": session.id,
        "how": session.assurance,
        "from": session.source,
        "since": f"{session.created_at:%Y-%m-%d %H:%M}",
        "last": f"{session.last_active_at:%H:%M}",
        "state": "locked" if liveness(session, now) == "idle" else "open",
    }


def _until(until: datetime | None) -> str:
    return "from now on" if until is None else f"until {until:%Y-%m-%d %H:%M} UTC"


def _say(args: argparse.Namespace, data: object, text: str) -> int:
    sys.stdout.write((msgspec.json.encode(data).decode() if args.json else text) + "\n")
    return EXIT_OK
