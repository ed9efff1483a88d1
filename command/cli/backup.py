"""`muster backup | restore` and `muster keys …`: the data and what opens them, apart, sealed, and back again."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path

import msgspec

from command.backup import files
from command.backup.archive import Manifest, Writer
from command.backup.dump import dump_data, dump_keys
from command.backup.load import Lost, Restored, in_use, load_data
from command.backup.load_keys import KeysRestored, load_keys
from command.backup.sealed import Lock, Secret, new_identity, read_identity, read_passphrase, read_recipient
from command.bootstrap import Backend, open_backend
from command.cli.operator import audited
from command.cli.parser import EXIT_OK, json_flag, over_zero
from command.cli.replacing import set_aside
from command.cli.serve import settings_of
from command.cli.signing import RESTORE
from command.clock import utc_now
from command.config import Settings
from command.errors import Conflict, Misconfigured, NotFound
from command.ledger.heads import key_name
from command.ledger.signing import public_key_of
from command.store import register, rewrap
from command.store.keyring import KEK, SECRET, put_key, read_key, signing_keys, wrapping_keys
from command.store.own_secret import name_secret

KEYS_DAYS = 7.0
"""How long a copy of the key store is kept: an expungement is complete when the last older one is gone."""
MOST_DAYS = 90.0

BEGUN, WHOLE = "begun", "whole"
"""What the trail says of a backup: everything was read from then on, and both parts are on the disk."""


def backup_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, for whom, and how long the copy of the keys may be kept."""
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="where the data go")
    parser.add_argument("--keys-to", type=Path, metavar="DIR", help="where the keys go: elsewhere (default: --to)")
    parser.add_argument(
        "--keys-days", type=over_zero("days", MOST_DAYS), default=KEYS_DAYS, help="the copy of the keys ends then (7)"
    )
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--recipient", metavar="KEY", help="seal for this public key (muster keys identity)")
    group.add_argument("--passphrase-file", type=Path, metavar="FILE", help="seal with the passphrase in this file")
    json_flag(parser)


async def backup(args: argparse.Namespace) -> int:
    """Write both parts and the note beside them; expired copies of the keys go."""
    settings, lock = settings_of(args), _lock(args)
    keys_to = args.keys_to or args.to
    async with open_backend(settings, attach=True, existing=True) as backend:
        now = utc_now()
        made = files.new_id(now, secrets.token_hex(4))
        await backend.store.audit([audited("backup.make", made, now, BEGUN)])
        ends = now + timedelta(days=args.keys_days)
        note = await _write(settings, backend, lock, args.to, keys_to, made, now, ends)
        await backend.store.audit([audited("backup.make", made, utc_now(), WHOLE)])
        gone = await _drop_expired(backend, keys_to, now)
    if args.json:
        sys.stdout.write(msgspec.json.encode({"note": note, "gone": gone}).decode() + "\n")
        return EXIT_OK
    sys.stdout.write(f"data: {args.to / note.data.name} ({note.data.size_bytes} bytes)\n")
    sys.stdout.write(f"keys: {keys_to / note.keys.name}, to be destroyed by {ends:%Y-%m-%d %H:%M} UTC\n")
    for end in note.logs:
        sys.stdout.write(f"{end.log}\tepoch {end.epoch}\tevents {end.seq}\troot {end.root}\n")
    for one in gone:
        sys.stdout.write(f"expired and deleted: the keys of {one}\n")
    if keys_to.resolve() == args.to.resolve():
        sys.stderr.write(
            "muster: data and keys lie together: whoever takes both and the secret reads all (--keys-to)\n"
        )
    return EXIT_OK


async def _write(
    settings: Settings,
    backend: Backend,
    lock: Lock,
    to: Path,
    keys_to: Path,
    made: str,
    now: datetime,
    ends: datetime,
) -> files.Note:
    program = metadata.version("muster")

    async def data(writer: Writer) -> Manifest:
        return await dump_data(backend.databases.owner, writer, made, program)

    async def keys(writer: Writer) -> Manifest:
        await register.enter(backend.keys.pool, made, ends)
        held = settings.data / "keys"
        beside = {f"kek{n}": kek for n, kek in enumerate(wrapping_keys(held))} | {SECRET: read_key(held / SECRET)}
        return await dump_keys(backend.databases.keys, writer, made, program, beside)

    manifest, data_file = await files.write_sealed(to, lock, data, kind="data", backup=made, made_at=now)
    _, keys_file = await files.write_sealed(keys_to, lock, keys, kind="keys", backup=made, made_at=now, expires_at=ends)
    note = files.Note(made, manifest.taken_at, ends.isoformat(), data_file, keys_file, manifest.logs)
    (to / f"muster-{made}.json").write_bytes(msgspec.json.format(msgspec.json.encode(note), indent=2) + b"\n")
    return note


async def _drop_expired(backend: Backend, directory: Path, now: datetime) -> list[str]:
    gone = []
    for path, header in files.expired(directory, now):
        path.unlink()
        await register.gone(backend.keys.pool, header.id)
        await backend.store.audit([audited("backup.gone", header.id, now)])
        gone.append(header.id)
    return gone


def restore_arguments(parser: argparse.ArgumentParser) -> None:
    """What from, and with which secret."""
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE", help="the data: muster-data-….sealed")
    parser.add_argument("--keys-from", type=Path, metavar="FILE", help="the keys: muster-keys-….sealed")
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--identity", type=Path, metavar="FILE", help="the private key that it was sealed for")
    group.add_argument("--passphrase-file", type=Path, metavar="FILE", help="the passphrase that it was sealed with")
    parser.add_argument("--check", action="store_true", help="read it from end to end and change nothing")
    parser.add_argument(
        "--replace", action="store_true", help="set the database that is there aside, under another name"
    )
    json_flag(parser)


async def restore(args: argparse.Namespace) -> int:
    """Check both parts whole, then bring them back. The server does not run meanwhile."""
    settings, secret = settings_of(args), _secret(args)
    if args.source is None and args.keys_from is None:
        raise Misconfigured("expected --from, --keys-from or both")
    data = None if args.source is None else files.check(args.source, "data", secret)
    keys = None if args.keys_from is None else files.check(args.keys_from, "keys", secret)
    if args.check:
        return _say_checked(args, [part for part in (data, keys) if part is not None])
    lost: Mapping[str, Lost] = {}
    if args.replace and data is not None:
        lost = await set_aside(settings, utc_now())
    async with open_backend(settings, restoring=keys is not None) as backend:
        if data is not None and (full := await in_use(backend.databases.owner)):
            raise Conflict(
                f"expected an empty database, found something in {', '.join(full)}; --replace sets it aside",
                where=str(settings.data),
            )
        held = None if keys is None else await _restore_keys(settings, backend, args.keys_from, secret)
        done: list[Restored] = []
        if data is not None:
            row = audited("backup.restore", data.id, utc_now())
            with files.reading(args.source, "data", secret) as reader:
                _, done = await load_data(backend.databases.owner, reader, row, lost)
            # Backups hold no key that signs: the heads from here on are signed by this machine's, and that is meant.
            name = key_name(public_key_of(signing_keys(settings.data / "keys")[0]))
            await backend.store.audit([audited("keys.sign", name, utc_now(), RESTORE)])
        elif keys is not None:
            await backend.store.audit([audited("backup.restore", keys.id, utc_now(), "keys")])
    return _say_restored(args, data, held, done)


async def _restore_keys(settings: Settings, backend: Backend, path: Path, secret: Secret) -> KeysRestored:
    place = settings.data / "keys"
    with files.reading(path, "keys", secret) as reader:
        done = await load_keys(backend.databases.keys, reader, read_key(place / KEK))
    if SECRET in done.files:  # what people sign in with was made with it
        put_key(place / SECRET, done.files[SECRET])
    await name_secret(backend.keys.pool, read_key(place / SECRET))
    return done


def _say_checked(args: argparse.Namespace, parts: list[Manifest]) -> int:
    if args.json:
        sys.stdout.write(msgspec.json.encode(parts).decode() + "\n")
        return EXIT_OK
    for part in parts:
        rows = sum(member.rows for member in part.members)
        sys.stdout.write(f"{part.kind} of {part.id}, as of {part.taken_at}: {rows} rows, whole\n")
        for end in part.logs:
            sys.stdout.write(f"{end.log}\tepoch {end.epoch}\tevents {end.seq}\troot {end.root}\n")
    return EXIT_OK


def _say_restored(
    args: argparse.Namespace, data: Manifest | None, held: KeysRestored | None, done: list[Restored]
) -> int:
    keys = None if held is None else {"keys": held.keys, "left_out": held.left_out}
    if args.json:
        told = {"data": None if data is None else data.id, "keys": keys, "logs": done}
        sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
        return EXIT_OK
    if held is not None:
        sys.stdout.write(f"subject keys: {held.keys} restored, {held.left_out} left out: destroyed after the backup\n")
    for one in done:
        lost = f"events {one.kept + 1} to {one.lost_to}" if one.lost_to else f"whatever came after event {one.kept}"
        sys.stdout.write(f"{one.log}\tgoes on in epoch {one.epoch}\tlost: {lost}\n")
    if data is not None:
        sys.stdout.write(
            f"restored as of {data.taken_at}; all sessions and links have ended.\n"
            "Now: muster verify on each incident; order again whatever was redacted after that time; then muster serve.\n"
        )
    return EXIT_OK


async def rotate(args: argparse.Namespace) -> int:
    """Wrap every subject key under a new key; the old one is gone afterwards. Run it again after a crash."""
    place = settings_of(args).data / "keys"
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        if args.stage:
            new = rewrap.stage(place)
            return _say(args, {"next": new}, f"the next wrapping key is {new}: copy {place / 'kek.next'} to every node")
        now = utc_now()
        await backend.store.audit([audited("keys.rotate", backend.keys.current, now)])
        old, new, count = await rewrap.rotate(backend.keys.pool, place, _progress)
    return _say(
        args, {"old": old, "new": new, "keys": count}, f"{count} subject keys are under {new}; {old} is retired"
    )


def _progress(done: int) -> None:
    sys.stderr.write(f"{done} keys\n")


def rotate_arguments(parser: argparse.ArgumentParser) -> None:
    """In one step, or in two where there are several nodes."""
    parser.add_argument("--stage", action="store_true", help="only make the next key, to copy it to every node first")
    json_flag(parser)


async def list_keys(args: argparse.Namespace) -> int:
    """The wrapping key's id, the copies of the key store, and whether expungements are complete."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        now = utc_now()
        await backend.store.audit([audited("keys.list", "-", now)])
        copies = await register.backups(backend.keys.pool)
        left = await register.copies(backend.keys.pool)
        current = backend.keys.current
    lines = [f"wrapping key\t{current}"]
    for one in copies:
        end = f"gone {one.gone_at:%Y-%m-%d}" if one.gone_at else f"to be destroyed by {one.expires_at:%Y-%m-%d %H:%M}"
        lines.append(f"copy\t{one.id}\tmade {one.made_at:%Y-%m-%d %H:%M}\t{end}")
    words = register.says(left, now)
    lines.append(f"expungements\t{words}")
    return _say(args, {"current": current, "copies": copies, "expungements": words}, "\n".join(lines))


def gone_arguments(parser: argparse.ArgumentParser) -> None:
    """Which copy."""
    parser.add_argument("backup", help="the backup's id (muster keys list)")
    json_flag(parser)


async def gone(args: argparse.Namespace) -> int:
    """Say that the last copy of a backup's keys is destroyed: the register takes your word, and the trail has it."""
    async with open_backend(settings_of(args), attach=True, existing=True) as backend:
        if args.backup not in {one.id for one in await register.backups(backend.keys.pool)}:
            raise NotFound(f"there is no copy of the keys {args.backup}")
        await backend.store.audit([audited("backup.gone", args.backup, utc_now(), "said")])
        await register.gone(backend.keys.pool, args.backup)
        words = register.says(await register.copies(backend.keys.pool), utc_now())
    return _say(args, {"expungements": words}, f"expungements: {words}")


async def identity(args: argparse.Namespace) -> int:
    """Print a new pair of keys for backups: the first line is for a safe, the second for --recipient."""
    private, public = new_identity()
    return _say(args, {"identity": private, "recipient": public}, f"{private}\n{public}")


def _say(args: argparse.Namespace, data: object, text: str) -> int:
    sys.stdout.write((msgspec.json.encode(data).decode() if args.json else text) + "\n")
    return EXIT_OK


def _lock(args: argparse.Namespace) -> Lock:
    if args.recipient is not None:
        return Lock(recipient=read_recipient(args.recipient))
    return Lock(passphrase=read_passphrase(_text(args.passphrase_file)))


def _secret(args: argparse.Namespace) -> Secret:
    if args.identity is not None:
        return Secret(identity=read_identity(_text(args.identity).split("\n", 1)[0]))
    return Secret(passphrase=read_passphrase(_text(args.passphrase_file)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Misconfigured("expected a readable file of text", where=str(path)) from None
