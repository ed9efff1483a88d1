"""Lenses: the closed set of ways in which an incident is seen, and what each may read.

`access` decides through which lens someone looks; this module says what a lens
shows. Every event and every board row is rendered once per lens class, for
REST, sockets, replay and export alike.
"""

from __future__ import annotations

from typing import NewType

Lens = NewType("Lens", str)
"""`command`, `field`, `oversight`, or `agency:<agency id>` for an assisting agency's share."""

COMMAND = Lens("command")
FIELD = Lens("field")
OVERSIGHT = Lens("oversight")


def agency_lens(agency: str) -> Lens:
    """The share of an assisting agency."""
    return Lens(f"agency:{agency}")


def lens_agency(lens: Lens) -> str | None:
    """The agency whose share this lens is, or None."""
    return lens.removeprefix("agency:") if lens.startswith("agency:") else None


def is_command(lens: Lens) -> bool:
    """Command and oversight see the whole incident; the compartments of later records are cut out of both by name."""
    return lens in (COMMAND, OVERSIGHT)
