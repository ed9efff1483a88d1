"""Checkpoints: signed tree heads that can leave the building.

The body is a C2SP tlog-checkpoint (origin, size, root), the envelope a C2SP
signed-note with Ed25519 signatures (type 0x01), so that any witness or verifier
of that family reads ours. A note may carry further signatures, of witnesses or
of types that we do not know; they are passed over, never trusted.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from command.errors import Corrupt, Misconfigured, TooLarge, Unreadable
from command.ledger import signing
from command.ledger.merkle import HASH_BYTES

# A checkpoint with twenty witnesses is under 4 KiB; beyond this it is something else.
NOTE_CHARS_MAX = 65_536

_ED25519 = b"\x01"  # signed-note's signature type
_KEY_ID_BYTES = 4
_SIGNATURE_START = "\u2014 "  # an em dash and a space, as the format has it
_NAME = re.compile(r"[^\s+\ud800-\udfff]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)  # 18 digits are below 2^63, the size of a database integer


class Checkpoint(msgspec.Struct, frozen=True):
    """A tree head: whose log (`origin`), how many leaves, and their root.

    Being signed says nothing about *which* log: compare `origin` with the one that you asked about.
    """

    origin: str
    size: int
    root: bytes


def checkpoint_body(origin: str, size: int, root: bytes) -> bytes:
    """The bytes that are signed. Raises Unreadable for an origin, size or root that the format cannot hold."""
    if len(root) != HASH_BYTES:
        raise Unreadable(f"expected a root of {HASH_BYTES} bytes, got {len(root)}", where="root")
    if "\n" in origin:
        raise Unreadable(f"expected an origin of one line, got {origin!r}", where="origin")
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    _read_body(body)
    return body.encode()


def sign(body: bytes, key_name: str, private_key: bytes) -> str:
    """The signed note over a checkpoint's body.

    Raises Unreadable when the body is not a checkpoint: a log must never sign
    anything else with this key. Raises Misconfigured for an unfit key or name.
    """
    _read_body(_text(body))
    identity = _key_id(key_name, signing.public_key_of(private_key))
    signature = base64.b64encode(identity + signing.sign(private_key, body)).decode()
    return f"{_text(body)}\n{_SIGNATURE_START}{key_name} {signature}\n"


def sign_all(body: bytes, keys: Sequence[tuple[str, bytes]]) -> str:
    """The note with a signature by each (key name, private key), in that order. As `sign` otherwise."""
    notes = [sign(body, name, key) for name, key in keys]
    if not notes:
        raise Misconfigured("expected a key to sign with, got none", where="key")
    return notes[0] + "".join(note.rpartition("\n\n")[2] for note in notes[1:])


def verify_note(note: str, key_name: str, public_key: bytes) -> Checkpoint:
    """The checkpoint in a note that this key signed.

    Raises Unreadable for what is not a signed checkpoint, and Corrupt when it is
    not signed by this name and key, or the signature does not fit the text.
    """
    if len(note) > NOTE_CHARS_MAX:
        raise TooLarge(f"expected a note of at most {NOTE_CHARS_MAX} characters, got {len(note)}", where="note")
    body, block = _split(note)
    checkpoint = _read_body(body)
    identity = _key_id(key_name, public_key)
    signatures = [_read_signature(line) for line in block.split("\n")]
    ours = [raw[_KEY_ID_BYTES:] for name, raw in signatures if name == key_name and raw.startswith(identity)]
    if not ours:
        raise Corrupt(f"expected a signature of {key_name!r} with this key, got none", where="note")
    if not all(signing.is_signed(public_key, body.encode(), signature) for signature in ours):
        raise Corrupt(f"expected a signature of {key_name!r} over this text, got one over another", where="note")
    return checkpoint


def verifier_key(key_name: str, public_key: bytes) -> str:
    """The one line by which a log's key is published: `name+id+base64(type ‖ key)`."""
    identity = _key_id(key_name, public_key)
    return f"{key_name}+{identity.hex()}+{base64.b64encode(_ED25519 + public_key).decode()}"


def read_verifier_key(text: str) -> tuple[str, bytes]:
    """Name and public key of such a line. Raises Unreadable when it is not one, or its id is not the key's."""
    name, _, rest = text.partition("+")
    raw = _base64(rest.partition("+")[2], "verifier key")
    try:
        if raw[:1] == _ED25519 and verifier_key(name, raw[1:]) == text:
            return name, raw[1:]
    except Misconfigured:
        pass
    raise Unreadable("expected an Ed25519 verifier key 'name+id+key', got something else", where="verifier key")


def _key_id(key_name: str, public_key: bytes) -> bytes:
    if _NAME.fullmatch(key_name) is None:
        raise Misconfigured(f"expected a key name without blanks or '+', got {key_name!r}", where="key name")
    if not signing.is_public_key(public_key):
        raise Misconfigured(f"expected an Ed25519 public key, got {len(public_key)} unfit bytes", where="key")
    return sha256(key_name.encode() + b"\n" + _ED25519 + public_key).digest()[:_KEY_ID_BYTES]


def _split(note: str) -> tuple[str, str]:
    """Text (with its last newline) and signature lines (without theirs)."""
    body, _, block = note.rpartition("\n\n")
    if not block.endswith("\n"):
        raise Unreadable("expected a text, an empty line and signature lines, got something else", where="note")
    return body + "\n", block[:-1]


def _read_signature(line: str) -> tuple[str, bytes]:
    """Key name, and key id ‖ signature."""
    name, _, encoded = line.removeprefix(_SIGNATURE_START).partition(" ")
    if not line.startswith(_SIGNATURE_START) or _NAME.fullmatch(name) is None:
        raise Unreadable("expected a signature line '— name base64', got something else", where="note")
    raw = _base64(encoded, "note")
    if len(raw) <= _KEY_ID_BYTES:
        raise Unreadable("expected a key id and a signature, got less", where="note")
    return name, raw


def _read_body(body: str) -> Checkpoint:
    """Extension lines after the third are allowed by the format and passed over; ours never have any."""
    lines = body.split("\n")
    if len(lines) < 4 or lines.pop() != "" or "" in lines:
        raise Unreadable("expected lines of origin, size and root, got something else", where="checkpoint")
    if any(char < " " or "\ud800" <= char <= "\udfff" for line in lines for char in line):
        raise Unreadable("expected text without control characters, got some", where="checkpoint")
    origin, size, encoded = lines[:3]
    if _SIZE.fullmatch(size) is None:
        raise Unreadable(f"expected a tree size in decimal below 10^18, got {size[:40]!r}", where="checkpoint")
    root = _base64(encoded, "checkpoint")
    if len(root) != HASH_BYTES:
        raise Unreadable(f"expected a root of {HASH_BYTES} bytes, got {len(root)}", where="checkpoint")
    return Checkpoint(origin, int(size), root)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Unreadable("expected a checkpoint in UTF-8, got other bytes", where="checkpoint") from None


def _base64(text: str, where: str) -> bytes:
    """Bytes of standard base64 with padding, in its one form."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:  # binascii.Error, or characters beyond ASCII
        raw = b""
    if base64.b64encode(raw).decode() != text:
        raise Unreadable("expected standard base64, got something else", where=where)
    return raw
