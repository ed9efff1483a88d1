"""What a tablet brings: a signed submission in the open, or the same in a box that only this server opens. Pure shapes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from command.domain.ids import RecordId
from command.domain.submission import MAX_SEQ, Submission

_FileKey = Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")]
FileKeys = Annotated[Mapping[RecordId, _FileKey], Meta(max_length=50)]
"""By attachment: the key under which its bytes wait on the tablet, base64url. They follow when its author is back."""


class Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A box: sealed to the server's key of that id, base64url of `enc` and ciphertext."""

    key: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$")]
    box: Annotated[str, Meta(max_length=200_000)]


class HandedIn(Submission, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A submission, or instead of its fields a box that holds one, with the number that the device gave it."""

    command: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))
    device_seq: Annotated[int, Meta(ge=1, le=MAX_SEQ)] | None = None
    sealed: Sealed | None = None


class Record(msgspec.Struct, frozen=True):
    """What is in a box: the submission, the keys of its files, and what its author called it."""

    submission: Submission
    files: FileKeys = msgspec.field(default_factory=dict)
    title: Annotated[str, Meta(max_length=200)] = ""


class Kept(Submission, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A submission as it is held back, with the keys of its files where it came in a box."""

    files: FileKeys = msgspec.field(default_factory=dict)


def plain(handed: Submission) -> Submission:
    """The submission alone, whose bytes are the same whether it came in the open, in a box, or was held back."""
    return Submission(
        cmd=handed.cmd, command=handed.command, issued_at=handed.issued_at, occurred_at=handed.occurred_at,
        clock_error_ms=handed.clock_error_ms, basis_seq=handed.basis_seq, statement=handed.statement,
        signature=handed.signature, author_signature=handed.author_signature, disclosures=handed.disclosures,
    )  # fmt: skip
