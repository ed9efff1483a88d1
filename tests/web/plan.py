"""The plan that the tests' incidents are opened from: the model pack of this repository."""

from __future__ import annotations

from functools import cache

from command.library import load_stack, read_files
from command.policy.stack import Stack


@cache
def plan() -> Stack:
    """The model plan's stack."""
    return load_stack(read_files())
