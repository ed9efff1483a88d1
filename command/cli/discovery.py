"""`muster discovery | report`: one record as a package that needs no server to be checked, the whole operation as a paper."""

from __future__ import annotations

import argparse
import os
import sys
import zipfile
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from command.bootstrap import Backend, open_service
from command.cli.operator import audited
from command.cli.parser import EXIT_OK, EXIT_REFUSED
from command.cli.serve import settings_of
from command.clock import utc_now
from command.domain.state import State
from command.erasures import Erasures
from command.errors import Misconfigured, NotFound
from command.ledger.heads import SignedHeads, origin_of
from command.ledger.package import PackageVerification, verify_package
from command.reports.pdf import as_pdf
from command.service.attachments import Attachments
from command.service.core import Service
from command.views.bound import BoundViews
from command.views.lens import MAY_HOLD, Lens, lens
from command.web.arrest_index import ArrestIndexes
from command.web.discovery import gather, write
from command.web.one_record import Sources
from command.web.operation import gather_operation


def discovery_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster discovery`."""
    parser.add_argument("incident", help="the incident's id (muster incident list)")
    parser.add_argument("arrest", help="the record's id, as the page of the record has it")
    _through(parser)


def report_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `muster report`."""
    parser.add_argument("incident", help="the incident's id (muster incident list)")
    _through(parser)


def _through(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the file to write; it must not exist yet"
    )
    parser.add_argument("--at", type=int, metavar="SEQ", help="as it stood after this event")
    parser.add_argument(
        "--compartment", action="append", default=[], choices=sorted(MAY_HOLD["oversight"]), metavar="NAME",
        help="include what lies in this compartment (repeat): " + ", ".join(sorted(MAY_HOLD["oversight"])),
    )  # fmt: skip


def sources(backend: Backend, service: Service) -> Sources:
    """What a record is read from, without a server."""
    return Sources(
        service=service,
        store=backend.store,
        views=BoundViews(service.stack_of, utc_now, service.stack_of),
        attachments=Attachments(backend.blobs, backend.keys, utc_now),
        open_disclosures=service.vault.open,
        erasure=Erasures(backend.store, backend.keys, utc_now).of_subject,
        arrest_indexes=ArrestIndexes(),
    )


async def discovery(args: argparse.Namespace) -> int:
    """Write a package of one record as oversight sees it, with the compartments that were asked for, and no others."""
    async with open_service(settings_of(args), attach=True, existing=True) as (backend, service):
        then, at = await _moment(args, service)
        ports = sources(backend, service)
        package = await gather(ports, args.incident, args.arrest, _lens(args), then, at, originals=True)
        await backend.store.audit([audited("incident.export", args.incident, utc_now(), package.detail)])
        with _new(args.out) as out:
            async with aclosing(write(ports, package)) as pieces:
                async for piece in pieces:
                    out.write(piece)
    sys.stdout.write(f"{args.out}: {package.detail}\n")
    return EXIT_OK


async def report(args: argparse.Namespace) -> int:
    """Write the whole operation as a paper, as oversight sees it."""
    async with open_service(settings_of(args), attach=True, existing=True) as (backend, service):
        then, at = await _moment(args, service)
        paper = await gather_operation(sources(backend, service), args.incident, _lens(args), then, at)
        detail = f"the operation on paper as of event {then.seq}"
        await backend.store.audit([audited("incident.export", args.incident, utc_now(), detail)])
        with _new(args.out) as out:
            out.write(as_pdf(paper, at))
    sys.stdout.write(f"{args.out}: {detail}\n")
    return EXIT_OK


def _lens(args: argparse.Namespace) -> Lens:
    return lens("oversight", (), args.compartment)


async def _moment(args: argparse.Namespace, service: Service) -> tuple[State, datetime]:
    """The state that was asked for, at its own time: the same again whenever it is asked for."""
    head = await service.state(args.incident)
    state = head if args.at is None else await service.state_at(args.incident, args.at)
    if state.recorded_at is None:
        raise NotFound(f"expected an event from 1 to {head.seq}, got {args.at}", where="--at")
    return state, state.recorded_at


def _new(file: Path) -> BinaryIO:
    """A file that was not there, for its owner alone: who else may read it is for people to say. Raises Misconfigured."""
    try:
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError as exc:
        raise Misconfigured(f"expected a file that can be made: {exc.strerror}", where=str(file)) from None


def is_package(file: Path) -> bool:
    """Whether this is the file of a package, and no export and no incident."""
    return file.is_file() and zipfile.is_zipfile(file)


def verify_file(file: Path, *, as_json: bool, notes: Sequence[str] = (), vkeys: Sequence[str] = ()) -> int:
    """Check a package from its own bytes, and its root against signed heads that were brought along.

    Raises Unreadable, Misconfigured.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            found = verify_package(archive)
    except (OSError, zipfile.BadZipFile) as exc:
        raise Misconfigured(f"expected a readable package: {exc}", where=str(file)) from None
    against, said = _against_heads(found, notes, vkeys)
    found = msgspec.structs.replace(
        found, problems=(*found.problems, *against), problem_count=found.problem_count + len(against)
    )
    if as_json:
        sys.stdout.write(msgspec.json.encode(msgspec.structs.asdict(found) | {"head": said}).decode() + "\n")
    else:
        sys.stdout.write(_in_words(found, said))
    return EXIT_OK if found.ok else EXIT_REFUSED


def _against_heads(found: PackageVerification, notes: Sequence[str], vkeys: Sequence[str]) -> tuple[list[str], str]:
    """What a signed head says against the root, and in words whether one was compared at all."""
    if not notes:
        return [], "compare the root with a head that was signed or noted elsewhere"
    heads = SignedHeads(found.log, notes, vkeys)
    last = heads.last
    if last is None or heads.problems:
        return heads.problems, "no signed head could be read"
    if (last.origin, last.size) != (origin_of(found.log, found.epoch), found.size):
        return [], f"the signed head is of {last.size} events ({last.origin}): have the package made --at {last.size}"
    if last.root.hex() != found.root:
        return [f"expected the signed root {last.root.hex()}, got {found.root}"], "the signed head is of another log"
    return [], "a signed head has the same root"


def _in_words(found: PackageVerification, said: str) -> str:
    counts = (
        f"{found.files} files; {found.events} events in that log; private values: {found.shown} verified, "
        f"{found.withheld} withheld, {found.absent} destroyed; {found.originals} originals as the log has them"
    )
    lines = [
        f"record {found.arrest} of {found.log}, after event {found.size} of epoch {found.epoch}",
        f"root {found.root}: {said}",
        counts,
        *(f"  {problem}" for problem in found.problems),
        "the package verifies" if found.ok else f"{found.problem_count} problems: the package does not verify",
    ]
    return "\n".join(lines) + "\n"
