"""A file that nobody reads or changes without the key: a stream of chunks, each sealed, in order, with a marked end.

    magic ‖ length of the header (4 bytes) ‖ header (JSON) ‖ chunk ‖ chunk ‖ … ‖ last chunk

The file's key is HKDF-SHA256 over what the passphrase (Argon2id) or the recipient's key (X25519, with a key of this
file alone) gives, salted, and bound to the exact header by its digest. Each chunk is AES-256-GCM over 64 KiB under a
nonce of its number and of whether it is the last: chunks that are missing, swapped, repeated or cut off do not open
(the STREAM construction; Hoang, Reyhanitabar, Rogaway and Vizár 2015, as age uses it). Nothing of the cryptography is
our own; of ours is that the parts are put together, and this page says how.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator
from typing import IO, Final, Literal

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from command.errors import Corrupt, Misconfigured, Unreadable

MAGIC: Final = b"MUSTER-SEALED-1\n"
CHUNK_BYTES: Final = 64 * 1024
TAG_BYTES: Final = 16
MAX_HEADER_BYTES: Final = 4096
MIN_PASSPHRASE: Final = 15
"""Characters; as for passwords (NIST SP 800-63B-4). Whoever has the file may try as often as they like."""

RECIPIENT: Final = "muster-recipient-"
IDENTITY: Final = "MUSTER-IDENTITY-"

# RFC 9106, the second recommended option: 64 MiB, three passes, four lanes.
_TIME, _MEMORY_KIB, _LANES = 3, 65_536, 4


class Passphrase(msgspec.Struct, frozen=True, tag="passphrase"):
    """How a passphrase becomes a key: Argon2id."""

    salt: bytes
    time: int = _TIME
    memory_kib: int = _MEMORY_KIB
    lanes: int = _LANES


class Recipient(msgspec.Struct, frozen=True, tag="recipient"):
    """For whom the file is, and the public key that was made for it alone."""

    to: bytes
    once: bytes


class SealedHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be known of a file without its key; all of it is authenticated."""

    kind: Literal["data", "keys"]
    id: str
    made_at: str
    expires_at: str  # "" for what has no end
    salt: bytes
    how: Passphrase | Recipient
    chunk_bytes: int = CHUNK_BYTES


class Secret(msgspec.Struct, frozen=True):
    """What opens files: a passphrase, or a private key (32 bytes)."""

    passphrase: bytes = b""
    identity: bytes = b""


class Lock(msgspec.Struct, frozen=True):
    """What seals files: a passphrase, or a public key (32 bytes)."""

    passphrase: bytes = b""
    recipient: bytes = b""


def new_identity() -> tuple[str, str]:
    """(private, public) as lines of text: the first to keep in a safe, the second for `--recipient`."""
    private = X25519PrivateKey.generate()
    return (
        IDENTITY + _text(private.private_bytes_raw()),
        RECIPIENT + _text(private.public_key().public_bytes_raw()),
    )


def read_recipient(text: str) -> bytes:
    """A public key from its line. Raises Misconfigured."""
    return _key(text, RECIPIENT, "--recipient")


def read_identity(text: str) -> bytes:
    """A private key from its line. Raises Misconfigured."""
    return _key(text, IDENTITY, "--identity")


def read_passphrase(text: str) -> bytes:
    """A passphrase from a file's first line. Raises Misconfigured for a short one."""
    phrase = text.split("\n", 1)[0].strip()
    if len(phrase) < MIN_PASSPHRASE:
        raise Misconfigured(f"expected a passphrase of at least {MIN_PASSPHRASE} characters, got fewer")
    return phrase.encode()


class Sealer:
    """Writes a sealed file. `close` marks the end: without it nobody takes the file for whole."""

    def __init__(
        self, out: IO[bytes], lock: Lock, *, kind: Literal["data", "keys"], id: str, made_at: str, expires_at: str = ""
    ) -> None:
        how, shared = _locked(lock)
        header = SealedHeader(kind, id, made_at, expires_at, secrets.token_bytes(32), how)
        raw = msgspec.json.encode(header)
        self._out = out
        self._cipher = AESGCM(_file_key(shared, header.salt, raw))
        self._buffer = bytearray()
        self._number = 0
        out.write(MAGIC + len(raw).to_bytes(4, "big") + raw)

    def write(self, data: bytes) -> None:
        """Take some bytes of the content."""
        self._buffer += data
        while len(self._buffer) > CHUNK_BYTES:  # not "from … on": the last chunk must be known as such
            self._seal(bytes(self._buffer[:CHUNK_BYTES]), last=False)
            del self._buffer[:CHUNK_BYTES]

    def close(self) -> None:
        """Seal what is left, as the end."""
        self._seal(bytes(self._buffer), last=True)
        self._buffer.clear()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last=last), chunk, None))
        self._number += 1


def read_header(file: IO[bytes]) -> tuple[SealedHeader, bytes]:
    """The header of a sealed file, and its exact bytes. Raises Unreadable where it is none of ours."""
    if file.read(len(MAGIC)) != MAGIC:
        raise Unreadable("expected a sealed file of Muster, got something else", where="backup")
    size = int.from_bytes(file.read(4), "big")
    raw = file.read(size) if 0 < size <= MAX_HEADER_BYTES else b""
    try:
        header = msgspec.json.decode(raw, type=SealedHeader)
    except msgspec.MsgspecError:
        raise Unreadable("expected the header of a sealed file, got something else", where="backup") from None
    if header.chunk_bytes != CHUNK_BYTES:
        raise Unreadable(f"expected chunks of {CHUNK_BYTES} bytes, got {header.chunk_bytes}", where="backup")
    return header, raw


def opened(file: IO[bytes], secret: Secret) -> tuple[SealedHeader, Iterator[bytes]]:
    """The header, and the content a chunk at a time.

    Raises Unreadable for another file or key; Corrupt, while it is read, for a chunk that was changed, is missing or
    is out of its place: what came before is then worth nothing either.
    """
    header, raw = read_header(file)
    cipher = AESGCM(_file_key(_unlocked(header.how, secret), header.salt, raw))
    return header, _chunks(file, cipher)


def _chunks(file: IO[bytes], cipher: AESGCM) -> Iterator[bytes]:
    number, held = 0, file.read(CHUNK_BYTES + TAG_BYTES)
    while True:
        after = file.read(CHUNK_BYTES + TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(number, last=not after), held, None)
        except (InvalidTag, ValueError):
            if number == 0:
                raise Unreadable("expected the key or passphrase of this file, or the file is damaged") from None
            raise Corrupt("expected the next part of the file, got a changed, missing or misplaced one") from None
        if not after:
            return
        number, held = number + 1, after


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")


def _file_key(shared: bytes, salt: bytes, header: bytes) -> bytes:
    info = b"muster sealed file 1\0" + hashlib.sha256(header).digest()
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(shared)


def _locked(lock: Lock) -> tuple[Passphrase | Recipient, bytes]:
    if lock.recipient:
        once = X25519PrivateKey.generate()
        how = Recipient(lock.recipient, once.public_key().public_bytes_raw())
        return how, _agreed(once, lock.recipient)
    made = Passphrase(secrets.token_bytes(16))
    return made, _stretched(made, lock.passphrase)


def _unlocked(how: Passphrase | Recipient, secret: Secret) -> bytes:
    if isinstance(how, Passphrase):
        if not secret.passphrase:
            raise Unreadable("expected a passphrase: this file was sealed with one", where="--passphrase-file")
        if (how.time, how.memory_kib, how.lanes) != (_TIME, _MEMORY_KIB, _LANES):
            raise Unreadable("expected the cost of a passphrase as this version sets it", where="backup")
        return _stretched(how, secret.passphrase)
    if not secret.identity:
        raise Unreadable("expected a private key: this file was sealed for one", where="--identity")
    private = X25519PrivateKey.from_private_bytes(secret.identity)
    if private.public_key().public_bytes_raw() != how.to:
        raise Unreadable("expected the private key that this file was sealed for, got another", where="--identity")
    return _agreed(private, how.once)


def _stretched(how: Passphrase, phrase: bytes) -> bytes:
    return hash_secret_raw(phrase, how.salt, how.time, how.memory_kib, how.lanes, 32, Type.ID)


def _agreed(private: X25519PrivateKey, public: bytes) -> bytes:
    """The shared secret with both public keys, so that no other pair gives the same."""
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise Misconfigured("expected a public key that a secret can be shared with", where="--recipient") from None
    ours = private.public_key().public_bytes_raw()
    return shared + b"".join(sorted((ours, public)))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _key(text: str, prefix: str, where: str) -> bytes:
    word = text.strip()
    try:
        raw = base64.b64decode(word.removeprefix(prefix) + "=", altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    if not word.startswith(prefix) or len(raw) != 32:
        raise Misconfigured(f"expected a key that begins with {prefix}", where=where)
    return raw
