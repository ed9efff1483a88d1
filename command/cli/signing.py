"""`muster keys sign`: which key signs the heads of logs, as others are to know it; and how it is exchanged."""

from __future__ import annotations

import argparse
import secrets
import sys
from typing import Final

import msgspec

from command.bootstrap import open_backend, open_checkpoints
from command.cli.operator import audited
from command.cli.parser import EXIT_OK, json_flag
from command.cli.serve import settings_of
from command.clock import utc_now
from command.errors import NotFound
from command.ledger.box import KEY_BYTES
from command.ledger.heads import key_name
from command.ledger.signing import public_key_of
from command.service.checkpoints import vkey_of
from command.store.keyring import retire_signing, signing_keys, turn_signing

ACKNOWLEDGE: Final = "acknowledge"
RESTORE: Final = "restore"
ANNOUNCED: Final = ("rotate", ACKNOWLEDGE, RESTORE)
"""Entries of the trail that say of a key, by its name, that it is meant to sign."""


def sign_arguments(parser: argparse.ArgumentParser) -> None:
    """Look, exchange in two steps, or nothing else."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--rotate", action="store_true", help="sign with a new key, and with the old one beside it")
    group.add_argument("--retire", action="store_true", help="destroy the old key")
    group.add_argument(
        "--acknowledge",
        action="store_true",
        help="confirm a signing key that nobody rotated to",
    )
    json_flag(parser)


async def sign(args: argparse.Namespace) -> int:
    """Print the verifier keys, the one in force first. A running server signs with what is here within a second."""
    settings = settings_of(args)
    place = settings.data / "keys"
    async with open_backend(settings, attach=True, existing=True) as backend:
        act = next((one for one in ("rotate", "retire", ACKNOWLEDGE) if getattr(args, one)), "look")
        key = secrets.token_bytes(KEY_BYTES) if args.rotate else signing_keys(place)[0]
        about = key_name(public_key_of(key)) if act in ANNOUNCED else "-"
        await backend.store.audit([audited("keys.sign", about, utc_now(), act)])
        if args.rotate:
            turn_signing(place, key)
        if args.retire and not retire_signing(place):
            raise NotFound("expected an old key beside the one that signs, there is none")
        await open_checkpoints(settings, backend).publish()
        now = [vkey_of(key) for key in signing_keys(place)]
        ever = await backend.checkpoints.vkeys()
    if args.json:
        sys.stdout.write(msgspec.json.encode({"signing": now, "ever": ever}).decode() + "\n")
        return EXIT_OK
    for row in ever:
        state = "signs" if row.vkey == now[0] else "signs beside it" if row.vkey in now else "retired"
        sys.stdout.write(f"{row.vkey}\t{state}\tsince {row.since:%Y-%m-%d %H:%M} UTC\n")
    return EXIT_OK
