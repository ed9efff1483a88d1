"""A change of an account, grant, agency or device as a leaf of a tree: the note of it, and the trail's entry of who made it. Pure."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from command.ledger import merkle

LOG: Final = ":changes"
"""Under which the heads of the tree are kept. No incident is called so: an id begins with a letter or a digit."""

VERSION: Final = "muster change 1"


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """The trail's entry of the same transaction, whole."""

    at: datetime
    who: str
    session: str
    source: str
    action: str
    object: str
    outcome: str
    detail: str


class Change(msgspec.Struct, frozen=True):
    """What is noted of a change. `before` and `after` are salted digests; no `audit`: it was made past the program."""

    number: int
    at: datetime
    kind: str
    object: str
    before: bytes | None
    after: bytes
    audit: int | None
    entry: Entry | None


def leaf_of(change: Change) -> bytes:
    """SHA-256(0x00 || JSON). The entry goes in by its digest, times in UTC with microseconds."""
    entry = None if change.entry is None else sha256(msgspec.json.encode(change.entry)).hexdigest()
    before = None if change.before is None else change.before.hex()
    said = [
        VERSION, change.number, change.at, change.kind, change.object, before, change.after.hex(), change.audit, entry,
    ]  # fmt: skip
    return merkle.leaf_hash(msgspec.json.encode(said))
