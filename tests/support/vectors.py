"""Third-party test vectors, read where they lie; they carry another licence and are not part of this repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE_CHECKOUT = Path(__file__).resolve().parents[2].parent / "shared" / "vectors"


def vectors(name: str) -> Path:
    """The path of a vector file or directory, such as `merkle/inclusion.json`. Skips the test where it is absent."""
    root = os.environ.get("MUSTER_VECTORS")
    path = (Path(root) if root else _BESIDE_CHECKOUT) / name
    if not path.exists():
        pytest.skip(
            f"third-party vectors {name!r} are not here: set MUSTER_VECTORS to a directory that holds them, "
            "or put it at shared/vectors beside the checkout"
        )
    return path
