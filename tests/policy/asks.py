"""Asks that would not be barred, to be spoilt by tests one field at a time."""

from __future__ import annotations

import msgspec

from command.policy.request import Request
from tests.support.facts import LEAD

STATED = {
    "liaison": "spoke with the stewards",
    "others_may_continue": "yes, on the east side",
    "extent": "about 20 of 400",
}
DISPERSAL = ("targeted-action-failed", "voluntary-compliance-failed")
FORCE = ("significant-number-violent", "serious-harm-present")


def ask(action: str, person: str = "ic", **fields: object) -> Request:
    """A fresh ask by a member of the lead agency."""
    base: dict[str, object] = {"agency": LEAD, "ask_age_s": 1.0, "basis_age_s": 0.0}
    return msgspec.convert({**base, "action": action, "person": person, **fields}, Request)


def raise_to(level: str, sector: str, person: str, *indicators: str, **fields: object) -> Request:
    """A complete ask for a level, with everything stated that any level needs."""
    return ask("level.raise", person, level=level, sector=sector, indicators=indicators, **{**STATED, **fields})


FACILITATE = raise_to("facilitate", "north", "sergeant", "people-assembling")
ENGAGE = raise_to("engage", "south", "sergeant", "tension-between-groups")
TARGETED = raise_to("targeted", "east", "ic", "individual-probable-cause")
DISPERSE = raise_to("dispersal", "west", "ic", *DISPERSAL)
FORCE_ASSISTED = raise_to("force-assisted", "centre", "chief", *FORCE)


def spoilt(request: Request, **fields: object) -> Request:
    """The same ask with some fields changed."""
    return msgspec.structs.replace(request, **fields)
