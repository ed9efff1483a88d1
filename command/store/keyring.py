"""The files under `DATA/keys`: what wraps the subject keys, what is coming after it, and the node's own secret.

    kek         the key-encryption key: wraps every subject key
    kek.next    there only while keys are wrapped anew (`muster keys rotate`): becomes `kek` once all of them are
    sign        signs the heads of logs (Ed25519)
    sign.old    there only while that key is exchanged: signs beside the new one until everyone trusts it
    secret      from which signing in and imports derive keys of their own; not rotated with the other

Each holds 64 hexadecimal digits and is readable for its owner alone. A key's id is a digest of it: it may be shown.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

from command.errors import Conflict, Misconfigured
from command.ledger.box import KEY_BYTES

KEK: Final = "kek"
NEXT: Final = "kek.next"
SECRET: Final = "secret"
SIGN: Final = "sign"
SIGN_OLD: Final = "sign.old"


def key_id(key: bytes) -> str:
    """What a wrapping key is called: 16 hexadecimal digits that do not help to find it."""
    return hashlib.sha256(b"muster wrapping key\0" + key).hexdigest()[:16]


def load_key(path: Path) -> bytes:
    """The key in a file; made, readable for us only, where there is none.

    Raises Misconfigured for a file that others can read or that holds something else.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_key(path, secrets.token_bytes(KEY_BYTES))
    return read_key(path)


def write_key(path: Path, key: bytes) -> bool:
    """Write a key that is not there yet, durably; False where the file is there. A half-written file is never seen."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
    finally:
        draft.unlink(missing_ok=True)
    sync_directory(path.parent)  # a key that a power cut takes away would take every private value with it
    return True


def put_key(path: Path, key: bytes) -> None:
    """Put a key in place of the one that is there, at once."""
    if path.exists() and read_key(path) == key:
        return
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    write_key(draft, key)
    os.replace(draft, path)
    sync_directory(path.parent)


def read_key(path: Path) -> bytes:
    """The key in a file. Raises Misconfigured where it is none, or where others can read it."""
    try:
        if path.stat().st_mode & 0o077:
            raise Misconfigured("expected a key file that only its owner can read (chmod 600)", where=str(path))
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (ValueError, UnicodeDecodeError):
        key = b""
    except OSError as exc:
        raise Misconfigured(f"expected a key file: {exc.strerror}", where=str(path)) from None
    if len(key) != KEY_BYTES:
        raise Misconfigured("expected a key file of 64 hexadecimal digits, got something else", where=str(path))
    return key


def wrapping_keys(directory: Path) -> tuple[bytes, ...]:
    """The wrapping key, and the one that is coming where there is one. Raises Misconfigured."""
    return tuple(read_key(directory / name) for name in (KEK, NEXT) if (directory / name).exists())


def signing_keys(directory: Path) -> tuple[bytes, ...]:
    """The keys that sign heads, the one in force first; that one is made where there is none. Raises Misconfigured."""
    current = load_key(directory / SIGN)
    return (current, read_key(directory / SIGN_OLD)) if (directory / SIGN_OLD).exists() else (current,)


def turn_signing(directory: Path, key: bytes) -> None:
    """Sign with this new key from now on, and with the one before beside it until `retire_signing`.

    Raises Conflict while an earlier exchange is under way. Cut off between its two steps, there is the old key under
    both names, which signs once; run again after `retire_signing`.
    """
    if (directory / SIGN_OLD).exists():
        raise Conflict("expected no exchange of the signing key under way: retire the old one first", where="keys")
    write_key(directory / SIGN_OLD, load_key(directory / SIGN))
    put_key(directory / SIGN, key)


def retire_signing(directory: Path) -> bool:
    """The old key signs no longer, and is gone. False where there is none."""
    found = (directory / SIGN_OLD).exists()
    (directory / SIGN_OLD).unlink(missing_ok=True)
    sync_directory(directory)
    return found


def promote(directory: Path) -> None:
    """The coming key is the key: the old file is gone with this, at once. Again: no-op."""
    if (directory / NEXT).exists():
        os.replace(directory / NEXT, directory / KEK)
        sync_directory(directory)


def sync_directory(directory: Path) -> None:
    """Make what was made or renamed in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
