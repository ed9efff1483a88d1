"""Whose a statement is, and whether they were allowed to make it: judged by what was so then, not by who is here. Pure.

Two moments count. *When it was signed*: the author must be known to have written it then, and the device must have been
enrolled. *When it happened*: the author's grants of that moment say what they could report. Both are the device's claim,
good to within its clock's error; where the error spans a boundary the report is given the benefit, for it is a report:
the plan's own finding says what it could not tell.

What fails here is not refused. It is signed by a device of ours, so it may be about a person in custody: it is held back
(`Cause`), and a person decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from command.access.authorizer import STEP_UP, may
from command.access.model import Subject
from command.access.sessions import usable
from command.devices.model import Cause, Device, Writer
from command.domain.command import Report
from command.domain.commands import COMMANDS
from command.domain.envelope import AuthorProof
from command.ledger.algorithms import is_signed
from command.ledger.statement import Statement

UNATTENDED: Final = frozenset(name for name, kind in COMMANDS.items() if issubclass(kind, Report)) - frozenset(
    action.removeprefix("command.") for action in STEP_UP
)
"""What can be told without anyone being there: reports. An ask is judged now, by someone who can be answered; and what
takes a fresh proof of who is there takes someone who is."""


class Vouched(msgspec.Struct, frozen=True):
    """Who wrote it, how that is known, and what they could send."""

    writer: Writer
    proof: AuthorProof
    may: frozenset[str]


def vouch(
    stated: Statement,
    name: str,
    signed: bytes,
    author_signature: bytes,
    device: Device,
    writer: Writer | None,
    now: datetime,
) -> Vouched | Cause:
    """How a device's statement of the command `name` stands, or why it is held back."""
    error = timedelta(milliseconds=stated.clock_error_ms)
    if device.revoked_at is not None:
        return "revoked"
    if stated.signed_at + error < device.enrolled_at:
        return "time"
    proof = _proof(stated, signed, author_signature, writer, error)
    if writer is None or proof is None:
        return "author"
    names = could(stated, writer, now)
    return Vouched(writer, proof, names) if name in names else "access"


def _proof(
    stated: Statement, signed: bytes, author_signature: bytes, writer: Writer | None, error: timedelta
) -> AuthorProof | None:
    """The author's own key speaks first: a signature of theirs that does not hold is not made good by a session, and neither
    is one that is not there although they had a key here by then: so a locked tablet captures, in whoever's name.
    """
    if writer is None:
        return None
    if author_signature:
        own = any(is_signed(key.alg, key.public_key, signed, author_signature) for key in writer.keys)
        return "key" if own else None
    if any(key.since <= stated.signed_at + error for key in writer.keys):
        return None
    here = any(presence.covers(stated.signed_at, error) for presence in writer.presences)
    return "attested" if here else None


def could(stated: Statement, writer: Writer, now: datetime) -> frozenset[str]:
    """The reports that the author could send at some moment within the clock's error of when it happened.

    An account that was shut by hand does not say when: then nobody can say what it could do before.
    """
    if writer.account.disabled:
        return frozenset()
    error = timedelta(milliseconds=stated.clock_error_ms)
    account = writer.account
    who = Subject(
        person=account.person, name="", agency=account.agency, rank=account.rank, session="", source="",
        grants=writer.grants,
    )  # fmt: skip
    happened = min(stated.occurred_at, now)
    moments = {happened - error, happened, min(happened + error, now)}
    return UNATTENDED & frozenset().union(*(may(who, stated.log, at) for at in moments if usable(account, at)))
