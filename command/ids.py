"""Identifiers that the shell makes: UUIDv7, so that they sort by when they were made (RFC 9562)."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime


def uuid7(now: datetime) -> str:
    """A UUIDv7 of this moment: 48 bits of milliseconds, 74 random bits."""
    value = int(now.timestamp() * 1000) << 80 | secrets.randbits(80)
    value = value & ~(0xF000 << 64) | 0x7000 << 64
    value = value & ~(0xC000 << 48) | 0x8000 << 48
    return str(uuid.UUID(int=value))
