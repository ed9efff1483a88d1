"""Parts of files as a tablet keeps them: sealed under a key of the file's own, which lies in a box that opens here.

A part is ciphertext ‖ tag (AES-256-GCM) of at most 256 KiB of the file, bound to its file and place by
`muster file 1|<attachment>|<number>|<parts>`, counted from 0; its nonce is its number, for the key is of this file alone
and each part is sealed once. All parts but the last are full, so a part's number follows from where it begins. The box is
HPKE's, as an outbox's, bound by `muster file 1|<incident>|<device>|<attachment>`.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from command.devices.brought import Sealed
from command.devices.sealing import Sealing
from command.errors import Unreadable
from command.ledger.box import KEY_BYTES, NONCE_BYTES
from command.ledger.disclosure import decode_bytes
from command.uploads.kept import PART_BYTES, Announced


def file_info(incident: str, device: str, attachment: str) -> bytes:
    """What binds a file's key to its place."""
    return f"muster file 1|{incident}|{device}|{attachment}".encode()


def part_aad(attachment: str, number: int, parts: int) -> bytes:
    """What binds a part to its place."""
    return f"muster file 1|{attachment}|{number}|{parts}".encode()


def part_nonce(number: int) -> bytes:
    """A part's number, in the last bytes."""
    return number.to_bytes(NONCE_BYTES, "big")


async def opened_part(
    sealing: Sealing, log: str, device: str, of: Announced, key: Sealed, offset: int, part: bytes
) -> bytes:
    """The bytes of the part that begins at `offset`. Raises Unreadable, naming the key, the offset or the part."""
    if offset % PART_BYTES:
        raise Unreadable(f"expected a part that begins at a multiple of {PART_BYTES}, got {offset}", where="offset")
    secret = await sealing.open(key.key, decode_bytes(key.box), file_info(log, device, of.attachment))
    number, parts = offset // PART_BYTES, -(-of.size_bytes // PART_BYTES)
    if len(secret) != KEY_BYTES:
        raise Unreadable(f"expected a key of {KEY_BYTES} bytes in the box", where="key.box")
    try:
        data = AESGCM(secret).decrypt(part_nonce(number), part, part_aad(of.attachment, number, parts))
    except (InvalidTag, ValueError):
        raise Unreadable("expected the part of this file that begins here", where="part") from None
    if not data or len(data) > PART_BYTES or (len(data) < PART_BYTES and offset + len(data) != of.size_bytes):
        raise Unreadable(f"expected {PART_BYTES} bytes, or the file's last ones", where="part")
    return data
