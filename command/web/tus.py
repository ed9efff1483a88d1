"""The words of tus 1.0 (https://tus.io/protocols/resumable-upload): headers read and written. Pure.

Core, creation, termination, checksum (SHA-1 because the protocol insists, SHA-256 because we would) and expiration.
Refused: concatenation and deferred lengths (a file is one, and known), method overrides (whoever can send `POST` here
can send `PATCH`, and a header that changes what a request does is a way around what stands in front of it).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Final

import msgspec

from command.domain.ids import RecordId, SubjectId
from command.errors import TooLarge, Unreadable, WrongChecksum, WrongVersion
from command.service.attachments import Wish
from command.uploads.kept import LARGEST, Kind

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,termination,checksum,expiration"
MEDIA: Final = "application/offset+octet-stream"

MAX_CHECKED_BYTES: Final = 4 << 20
"""A body with a checksum is held whole until it is known to be right: a tablet sends a megabyte at a time."""

_ALGORITHMS: Final = {"sha256": hashlib.sha256, "sha1": hashlib.sha1}
_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MOST_METADATA: Final = 4096


class _Told(msgspec.Struct, frozen=True):
    """The metadata that we need; a client may send others."""

    attachment: RecordId
    subject: SubjectId
    kind: Kind
    sha256: str


def check_version(headers: Mapping[str, str]) -> None:
    """Raises WrongVersion."""
    if headers.get("Tus-Resumable") != VERSION:
        raise WrongVersion(f"expected Tus-Resumable {VERSION}", where="Tus-Resumable")
    if "X-HTTP-Method-Override" in headers:
        raise Unreadable("expected the method itself", where="X-HTTP-Method-Override")


def answer_headers() -> dict[str, str]:
    """What stands in every answer."""
    return {"Tus-Resumable": VERSION, "Tus-Version": VERSION}


def offers() -> dict[str, str]:
    """What `OPTIONS` answers."""
    return {
        **answer_headers(),
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(LARGEST),
        "Tus-Checksum-Algorithm": ",".join(_ALGORITHMS),
    }


def number(headers: Mapping[str, str], name: str) -> int:
    """A header that is a whole number. Raises Unreadable."""
    text = headers.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise Unreadable("expected a whole number", where=name)
    return int(text)


def wish(headers: Mapping[str, str]) -> Wish:
    """What somebody wants to bring. Raises Unreadable, TooLarge."""
    if "Upload-Defer-Length" in headers:
        raise Unreadable("expected a length that is known", where="Upload-Defer-Length")
    size = number(headers, "Upload-Length")
    if size < 1:
        raise Unreadable("expected at least one byte", where="Upload-Length")
    if size > LARGEST:
        raise TooLarge(f"expected at most {LARGEST} bytes", where="Upload-Length")
    try:
        told = msgspec.convert(metadata(headers.get("Upload-Metadata", "")), _Told)
    except msgspec.ValidationError:
        raise Unreadable(
            "expected attachment, subject, kind and sha256 as AddAttachment has them", where="Upload-Metadata"
        ) from None
    if not _DIGEST.fullmatch(told.sha256):
        raise Unreadable("expected sha256 as 64 hexadecimal digits", where="Upload-Metadata")
    return Wish(told.attachment, told.subject, told.kind, told.sha256, size)


def metadata(text: str) -> dict[str, str]:
    """Pairs of a key and a value in base64. Raises Unreadable."""
    if len(text) > _MOST_METADATA:
        raise TooLarge(f"expected at most {_MOST_METADATA} characters", where="Upload-Metadata")
    if not text.isascii():  # bytes beyond it come as lone surrogates, which nothing behind here can write down
        raise Unreadable("expected keys in ASCII and values in base64", where="Upload-Metadata")
    found: dict[str, str] = {}
    for pair in text.split(",") if text else ():
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise Unreadable("expected values in base64", where="Upload-Metadata") from None
    return found


class Checksum(msgspec.Struct, frozen=True):
    """What a body must add up to."""

    algorithm: str
    digest: bytes

    def check(self, data: bytes) -> None:
        """Raises WrongChecksum."""
        if not hmac.compare_digest(_ALGORITHMS[self.algorithm](data).digest(), self.digest):
            raise WrongChecksum("expected bytes that fit their checksum", where="Upload-Checksum")


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """The announced checksum, if any. Raises Unreadable for an algorithm or a form that is not ours."""
    text = headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except ValueError:  # binascii.Error, or characters beyond ASCII
        digest = b""
    if algorithm not in _ALGORITHMS or len(digest) != _ALGORITHMS[algorithm]().digest_size:
        raise Unreadable(f"expected {' or '.join(_ALGORITHMS)} and a digest in base64", where="Upload-Checksum")
    return Checksum(algorithm, digest)


def http_date(at: datetime) -> str:
    """A time as headers write it."""
    return format_datetime(at, usegmt=True)
