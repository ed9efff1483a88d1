"""Snapshots on disk: a cache that makes a start fast, never trusted by verification."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import msgspec

from command import domain, policy
from command.domain.persistent import dec_hook, enc_hook
from command.domain.state import State

_encoder = msgspec.json.Encoder(enc_hook=enc_hook)
_decoder = msgspec.json.Decoder(State, dec_hook=dec_hook)


@cache
def fold_version() -> str:
    """A digest of the code that folds: another version of the fold never reads this one's snapshots."""
    digest = hashlib.sha256()
    for package in (domain, policy):
        for folder in package.__path__:
            for source in sorted(Path(folder).glob("*.py")):
                digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()[:16]


def encode_state(state: State) -> bytes:
    """Equal states give equal bytes: the digest of this is the state hash."""
    return _encoder.encode(state)


def decode_state(raw: bytes) -> State | None:
    """None for bytes that this version cannot read: the log is folded instead."""
    try:
        return _decoder.decode(raw)
    except (msgspec.MsgspecError, TypeError, ValueError):
        return None


def state_hash(state: State) -> str:
    """Hex SHA-256 over the state: equal on every node at the same position."""
    return hashlib.sha256(encode_state(state)).hexdigest()
