"""`muster keys secret`: which secret signing in derives its keys from; and another one, where every copy is lost."""

from __future__ import annotations

import argparse
import secrets
import sys

import msgspec

from command.bootstrap import open_backend
from command.cli.operator import audited
from command.cli.parser import EXIT_OK, json_flag
from command.cli.serve import settings_of
from command.clock import utc_now
from command.ledger.box import KEY_BYTES
from command.store.keyring import SECRET, put_key, read_key
from command.store.own_secret import name_secret, secret_id


def secret_arguments(parser: argparse.ArgumentParser) -> None:
    """Look, or begin anew."""
    parser.add_argument(
        "--renew", action="store_true", help="every copy is lost: make another; codes end with the old one"
    )
    json_flag(parser)


async def secret(args: argparse.Namespace) -> int:
    """Print its id, which nodes that share a key store must share. A renewed one counts from each node's next start."""
    settings = settings_of(args)
    path = settings.data / "keys" / SECRET
    async with open_backend(settings, attach=True, existing=True, restoring=args.renew) as backend:
        await backend.store.audit([audited("keys.secret", "-", utc_now(), "renew" if args.renew else "look")])
        if args.renew:
            put_key(path, secrets.token_bytes(KEY_BYTES))
            await name_secret(backend.keys.pool, read_key(path))
        named = secret_id(read_key(path))
    if args.json:
        sys.stdout.write(msgspec.json.encode({"secret": named}).decode() + "\n")
        return EXIT_OK
    sys.stdout.write(f"{named}\n")
    if args.renew:
        sys.stdout.write(
            f"copy {path} to every server and restart them. One-time and recovery codes are void (muster user "
            "reset), and what tablets or the plain-clothes register encrypted with the old one stays closed.\n"
        )
    return EXIT_OK
