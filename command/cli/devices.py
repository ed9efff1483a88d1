"""`muster device`: let devices in, see them, end them, and decide on what was held back of them."""

from __future__ import annotations

import argparse
import sys

import msgspec
import segno

from command.bootstrap import authority_of, open_backend, open_service, reached_at
from command.cli.agencies import named
from command.cli.operator import audited, operator
from command.cli.parser import EXIT_OK, EXIT_REFUSED, json_flag
from command.cli.serve import settings_of
from command.clock import utc_now
from command.devices import enrolling
from command.devices.deciding import MOST_DECIDED, Decision, decide_all
from command.devices.model import Held, Listed
from command.devices.ports import DeviceStore
from command.devices.quarantine import CAUSES, Quarantine
from command.domain.ids import AgencyId, Line, Note
from command.errors import Unreadable
from command.ledger.algorithms import fingerprint


class _New(msgspec.Struct):
    """What the log and the routes ask of these words."""

    label: Line
    agency: AgencyId


class _Reason(msgspec.Struct):
    reason: Note


def invite_arguments(parser: argparse.ArgumentParser) -> None:
    """What it will be called, and whose it is."""
    parser.add_argument("label", help="what people call it, as on its sticker")
    parser.add_argument("--agency", required=True, metavar="ID", help="whose device it is")
    json_flag(parser)


async def invite(args: argparse.Namespace) -> int:
    """Print a code that lets one device enrol, with its QR code."""
    settings, now = settings_of(args), utc_now()
    try:
        new = msgspec.convert(vars(args), _New)
    except msgspec.ValidationError as exc:
        raise Unreadable(f"expected what a device can be called: {exc}", where="muster device invite") from None
    async with open_backend(settings, attach=True) as backend:
        await named(backend.access, new.agency)
        made = await enrolling.invite(
            backend.devices,
            agency=new.agency,
            label=new.label,
            base_url=reached_at(settings),
            authority=authority_of(settings),
            now=now,
            by=operator(),
        )
    shown = {"code": made.code, "url": made.url, "expires_at": made.expires_at}
    _say(args, shown, f"{made.url}\n")
    if not args.json:
        segno.make(made.url, error="m", micro=False).terminal(out=sys.stdout, compact=True)
        sys.stdout.write(f"\ncode: {made.code}\n(enrols one device, once, until {made.expires_at:%H:%M:%S} UTC)\n")
    return EXIT_OK


async def list_devices(args: argparse.Namespace) -> int:
    """All devices, the newest first."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        found = await backend.devices.devices()
        await backend.store.audit([audited("device.list", "devices", utc_now())])
    rows = [_row(one) for one in found]
    lines = ["\t".join(str(value) for value in row.values()) for row in rows]
    _say(args, rows, "\n".join(["\t".join(rows[0]), *lines]) if rows else "no device is enrolled")
    return EXIT_OK


def device_argument(parser: argparse.ArgumentParser) -> None:
    """Which one."""
    parser.add_argument("device", help="its id, as muster device list shows it")
    json_flag(parser)


async def revoke(args: argparse.Namespace) -> int:
    """End a device for good."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        ended = await enrolling.revoke(backend.devices, args.device, utc_now(), operator())
    said = f"{args.device} is revoked; sessions ended: {len(ended)}, their sockets close within 5 s"
    _say(args, {"device": args.device, "sessions": ended}, said)
    return EXIT_OK


def quarantine_arguments(parser: argparse.ArgumentParser) -> None:
    """Which incident, and what to decide."""
    parser.add_argument("incident", help="the incident's id")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--release", metavar="ITEM", help="let this record in, marked as released from quarantine")
    group.add_argument("--reject", metavar="ITEM", help="turn it down: it stays held back, marked so")
    group.add_argument(
        "--release-all", metavar="DEVICE", help="let in everything held back from this device, in its order"
    )
    group.add_argument("--reject-all", metavar="DEVICE", help="turn all of it down")
    parser.add_argument("--reason", metavar="TEXT", help="why; required for a decision, and kept with the record")
    json_flag(parser)


async def quarantine(args: argparse.Namespace) -> int:
    """Show what is held back of an incident, or decide on one of them."""
    settings, item = settings_of(args), args.release or args.reject
    whole = args.release_all or args.reject_all
    if item is None and whole is None:
        async with open_backend(settings, attach=True, existing=True) as backend:
            found = await backend.devices.held(args.incident, decided=True)
            await backend.store.audit([audited("incident.quarantine", args.incident, utc_now())])
        rows = [_held(one) for one in found]
        _say(args, rows, "\n".join("\t".join(map(str, row.values())) for row in rows) or "nothing is held back")
        return EXIT_OK
    try:
        reason = msgspec.convert({"reason": args.reason}, _Reason).reason
    except msgspec.ValidationError:
        raise Unreadable("expected a reason of at most 8000 characters", where="--reason") from None
    async with open_service(settings, attach=True) as (backend, service):
        desk = Quarantine(backend.devices, backend.keys, service)
        if whole is not None:
            return await _decide_all(args, backend.devices, desk, whole, reason)
        if args.reject:
            await desk.reject(args.incident, item, reason, operator(), utc_now())
            _say(args, {"item": item, "outcome": "rejected"}, f"{item} stays held back, marked as rejected")
            return EXIT_OK
        answer = await desk.release(args.incident, item, reason, operator(), utc_now())
    taken = answer.status in ("accepted", "refused", "duplicate")
    said = f"{item} is in the log at {answer.seq}" if taken else f"{item} waits on: {answer.problem or answer.status}"
    _say(args, answer, said)
    return EXIT_OK if taken else EXIT_REFUSED


async def _decide_all(args: argparse.Namespace, store: DeviceStore, desk: Quarantine, device: str, reason: str) -> int:
    """All that waits of one device now, so many at once as one decision takes; what stays is said by name."""
    items = [one.id for one in await store.held(args.incident) if one.device == device][:MOST_DECIDED]
    decision: Decision = "release" if args.release_all else "reject"
    made = await decide_all(store, desk, args.incident, device, items, decision, reason, operator(), utc_now())
    done = [one for one in made if one.outcome is not None]
    waits = [one for one in await store.held(args.incident) if one.device == device]
    lines = [f"{len(done)} of {len(made)} {'let in' if args.release_all else 'turned down'}; {len(waits)} wait"]
    lines += [f"  {one.item}\tnumber {one.device_seq}\twaits on: {one.problem}" for one in made if one.outcome is None]
    _say(args, made, "\n".join(lines))
    return EXIT_OK if not waits else EXIT_REFUSED


def _row(listed: Listed) -> dict[str, str | int]:
    one = listed.device
    return {
        "device": one.id,
        "agency": one.agency,
        "label": one.label,
        "algorithm": one.alg,
        "key": fingerprint(one.public_key)[:16],
        "enrolled by": one.enrolled_by,
        "seen": "never" if one.seen_at is None else f"{one.seen_at:%Y-%m-%d %H:%M}",
        "state": "enrolled"
        if one.revoked_at is None
        else f"revoked {one.revoked_at:%Y-%m-%d %H:%M} by {one.revoked_by}",
        "statements": listed.statements,
        "missing": listed.missing,
        "held back": listed.held,
    }


def _held(one: Held) -> dict[str, str | int]:
    return {
        "item": one.id,
        "device": one.device,
        "number": one.device_seq,
        "author": one.author,
        "type": one.type,
        "received": f"{one.received_at:%Y-%m-%d %H:%M:%S}",
        "because": CAUSES[one.cause],
        "decided": "waits" if one.outcome is None else f"{one.outcome} by {one.decided_by}",
    }


def _say(args: argparse.Namespace, data: object, text: str) -> None:
    sys.stdout.write((msgspec.json.encode(data).decode() if args.json else text) + "\n")
