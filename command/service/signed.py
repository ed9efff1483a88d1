"""A device's statement on its way in: whose key, whose word, and the command that it states."""

from __future__ import annotations

from hashlib import sha256
from typing import Protocol

import msgspec

from command.domain.envelope import UNCLAIMED, Statement
from command.domain.submission import Submission
from command.errors import Unreadable
from command.ledger import statement as statements
from command.ledger.algorithms import Algorithm
from command.ledger.disclosure import decode_bytes, read
from command.service.api import Author
from command.service.sealing import private_of_command


class Signer(msgspec.Struct, frozen=True):
    """The public key of an enrolled device. One that is revoked signs nothing new: what it signed before is held back."""

    alg: Algorithm
    public_key: bytes
    revoked: bool = False


class Devices(Protocol):
    """What the service asks about devices."""

    async def signer(self, device: str) -> Signer | None:
        """A device's key; None for one that was never enrolled."""

    async def claim(self, device: str, device_seq: int, sha256: bytes) -> bool:
        """Take the number for these bytes (their SHA-256); False where it is taken for others."""


class NoDevices:
    """Where nobody enrols any."""

    async def signer(self, device: str) -> Signer | None:
        """None."""
        return None

    async def claim(self, device: str, device_seq: int, sha256: bytes) -> bool:
        """Nothing is taken."""
        return False


class Read(msgspec.Struct, frozen=True):
    """A statement that holds: what was sent, stamped with its times; the command's JSON in plain; what the log keeps."""

    submission: Submission
    author: Author
    command: bytes
    statement: Statement
    given: dict[str, str]


def check(log: str, signer: Signer | None, sub: Submission) -> tuple[statements.Statement, bytes, bytes]:
    """What was signed, with its bytes and signature: by this key, for this incident and command id. Raises Unreadable."""
    signed, signature = decode_bytes(sub.statement or ""), decode_bytes(sub.signature or "")
    stated = statements.read(signed)
    if signer is None:
        raise Unreadable(f"expected a statement of an enrolled device, got {stated.device}", where="statement")
    if stated.alg != signer.alg:
        raise Unreadable(f"expected a statement signed by {signer.alg}, got {stated.alg}", where="alg")
    statements.verify(signer.public_key, signed, signature, signer.alg)
    if (stated.log, stated.cmd) != (log, sub.cmd):
        raise Unreadable("expected a statement of this incident and command id, got another's", where="statement")
    return stated, signed, signature


async def read_statement(log: str, devices: Devices, author: Author, sub: Submission) -> Read:
    """Its signature verifies, its author is who sends it, and the command it states is the one to be judged.

    Raises Unreadable naming what does not hold.
    """
    device = statements.read(decode_bytes(sub.statement or "")).device
    signer = await devices.signer(device)
    stated, signed, signature = check(log, signer, sub)
    if author.device not in (None, stated.device):
        raise Unreadable(f"expected a statement of the device {author.device}, got {stated.device}", where="device")
    claimed = stated.author == UNCLAIMED and author.proof == "claimed"
    if author.person != stated.author and not claimed:
        raise Unreadable("expected a statement of the person who sends it, got another's", where="author")
    if signer is not None and signer.revoked and author.proof != "released":
        raise Unreadable("expected a device that is not revoked: its statements are handed in apart", where="device")
    # Whoever vouches otherwise has taken the number before.
    taken = author.proof != "session" or await devices.claim(device, stated.device_seq, sha256(signed).digest())
    if not taken:
        raise Unreadable(
            f"expected one statement under the device's number {stated.device_seq}, got another one", where="device_seq"
        )
    private = private_of_command(named(stated.command))
    command = statements.bind(stated, sub.disclosures, private)
    given = {read(text).path: text for text in sub.disclosures}
    stamped = msgspec.structs.replace(
        sub, occurred_at=stated.occurred_at, clock_error_ms=stated.clock_error_ms, basis_seq=stated.basis_seq
    )
    own = decode_bytes(sub.author_signature or "") if author.proof == "key" else None
    kept = Statement(stated.device, signed, signature, author.proof, own)
    return Read(stamped, msgspec.structs.replace(author, device=stated.device), command, kept, given)


class _Named(msgspec.Struct):
    type: str = ""


def named(command: msgspec.Raw) -> str:
    """The name that a stated command gives itself, "" where it gives none: then it is not read further."""
    try:
        return msgspec.json.decode(command, type=_Named).type
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
