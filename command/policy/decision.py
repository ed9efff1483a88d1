"""What the plan answers: a decision on an ask, a finding on a report.

These are the only words in which a rule speaks to the rest of Muster. They
travel in event headers, on the wire and onto the screen unchanged.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Effect = Literal["not barred", "missing", "refused"]
"""`not barred`: the plan does not stand in the way (it never recommends).
`missing`: it would not, once what is listed is there. `refused`: it does."""

FindingKind = Literal["authorized", "exigent", "no authorization on record", "contrary to plan", "cannot tell"]
"""How a report stands against what was in force when it happened. Never a reason to refuse the report."""


class RuleRef(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, cache_hash=True):
    """A rule that took part: which pack, which rule, its sentence and its source."""

    pack: str
    rule: str
    says: str
    source: str = ""
    verified: str = ""  # V read in the source, P partly, G general knowledge; "" for a local plan's own rule


class Bound(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which pack set a number or a demand where several speak: field, what it is now, pack and rule."""

    field: str
    value: str
    pack: str
    rule: str


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The answer to an ask, in plain words and as data.

    `until` is when a `missing` answer can change by itself (a wait ends, a next warning
    counts), or when a `not barred` one lapses; None where time alone changes nothing.
    `bound` says which pack set each field, where packs speak of the same thing.
    """

    effect: Effect
    rules: tuple[RuleRef, ...] = ()
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    who_may: tuple[str, ...] = ()
    until: datetime | None = None
    bound: tuple[Bound, ...] = ()

    @property
    def allows(self) -> bool:
        """True only for `not barred`: what cannot be judged or is incomplete does not permit."""
        return self.effect == "not barred"


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a report stands; kept as it was known, later facts append FindingReopened."""

    kind: FindingKind
    rules: tuple[RuleRef, ...] = ()
    reasons: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()  # by which packs it was judged, where the plan changed during the incident
