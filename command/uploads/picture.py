"""What each reader of pictures gives, and how it says that something is wrong."""

from __future__ import annotations

from typing import NamedTuple

from command.errors import Unreadable
from command.uploads.exif import Told


class Picture(NamedTuple):
    """Size in pixels, the copy to show, and what the original said of itself."""

    width: int
    height: int
    shown: bytes
    told: Told


def broken(kind: str) -> Unreadable:
    """The one complaint: which part of it is broken helps only whoever broke it."""
    return Unreadable(f"expected a whole {kind} picture", where="body")
