"""Codes that people type: one-time codes (RFC 6238), recovery codes, the set-up code. Pure but for its randomness.

A one-time code counts in its own 30 seconds and one step either side, for clocks that drift; each step counts once
(CJISSECPOL IA-5(1)(d)). A recovery code stands in for the one-time code, once, and never for the password.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from datetime import datetime
from typing import Final

import pyotp
import segno
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from command.ledger.box import NONCE_BYTES, open_, seal

STEP_S: Final = 30
DRIFT: Final = 1
RECOVERY_CODES: Final = 10
_CODE = re.compile(r"[0-9]{6}")
_TYPED = re.compile(r"[\s-]+")
# Without letters and digits that are taken for each other.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 4
_LETTERS: Final = 4  # 16 letters of 31: 79 bits


class Keys:
    """The keys of signing in, each derived for its own purpose from one that stands outside the database."""

    def __init__(self, root: bytes) -> None:
        self._box = _derived(root, b"one-time code secrets")
        self._mac = _derived(root, b"codes and names")

    def seal(self, person: str, secret: bytes) -> bytes:
        """The box of a one-time code's secret: bound to its owner, so that it opens for nobody else."""
        return seal(self._box, secrets.token_bytes(NONCE_BYTES), secret, f"totp|{person}".encode())

    def open(self, person: str, box: bytes) -> bytes:
        """The secret. Raises Corrupt where the box is another person's, of another key, or changed."""
        return open_(self._box, box, f"totp|{person}".encode())

    def mac(self, purpose: str, *parts: str) -> bytes:
        """A keyed digest of texts, of 32 bytes: says nothing to whoever has only the database."""
        return hmac.digest(self._mac, "\0".join((purpose, *parts)).encode(), "sha256")


def _derived(root: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"muster sign-in: " + purpose).derive(root)


def new_totp_secret() -> bytes:
    """160 bits, as RFC 4226 recommends."""
    return secrets.token_bytes(20)


def base32(secret: bytes) -> str:
    """As authenticator apps and people who type want it."""
    return base64.b32encode(secret).decode()


def totp_uri(secret: bytes, person: str) -> str:
    """What the QR code says."""
    return pyotp.TOTP(base32(secret), interval=STEP_S).provisioning_uri(name=person, issuer_name="Muster")


def qr_svg(text: str) -> str:
    """A QR code as SVG, without a script or a style."""
    return segno.make(text, error="m").svg_inline(scale=4, border=4, svgclass=None, lineclass=None)


def totp_step(secret: bytes, code: str, now: datetime, last_step: int) -> int | None:
    """The step that `code` is of, where it lies within the drift and after `last_step`; else None."""
    typed = _TYPED.sub("", code)
    if not _CODE.fullmatch(typed):
        return None
    otp = pyotp.TOTP(base32(secret), interval=STEP_S)
    current = int(now.timestamp()) // STEP_S
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):  # all of them, whichever it is
        if hmac.compare_digest(otp.generate_otp(step), typed) and step > last_step and found is None:
            found = step
    return found


def new_code() -> str:
    """A code of 79 bits that people can read to each other."""
    letters = [secrets.choice(_ALPHABET) for _ in range(_GROUPS * _LETTERS)]
    return "-".join("".join(letters[at : at + _LETTERS]) for at in range(0, len(letters), _LETTERS))


def plain_code(typed: str) -> str:
    """A typed code without the marks between its groups, in lower case."""
    return _TYPED.sub("", typed).lower()


def recovery_mac(keys: Keys, person: str, typed: str) -> bytes:
    """The kept form of a recovery code, as its owner typed it. 79 random bits need no slow hash."""
    return keys.mac("recovery", person, plain_code(typed))
