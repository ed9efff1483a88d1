"""Entries of the audit trail: who did, saw, exported or tried what, and how it ended. Never what was in it.

An entry holds ids, an action of the closed set and a reason in fixed words.
What comes from outside passes `_id`: a text that is no id is not kept.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, Literal

from command.access.authorizer import ACTIONS
from command.access.model import Subject
from command.store.ports import AuditRow

Outcome = Literal["ok", "refused", "denied", "failed"]

OPERATORS: Final = frozenset(
    {
        "incident.verify",
        "backup.make",
        "backup.restore",
        "backup.gone",
        "keys.rotate",
        "keys.list",
        "keys.sign",
        "keys.secret",
        "doctor.run",
    }
)
"""Acts of whoever runs the server, at the machine itself: no door asks for them."""

NOBODY = "-"
"""Who it was before sign-in; also the object where an act is about none."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]{2,45}|cli|loopback|unix|script")


def entry(
    subject: Subject | None,
    action: str,
    object_: str | None,
    outcome: Outcome,
    now: datetime,
    *,
    source: str,
    detail: str = "",
) -> AuditRow:
    """One audit entry. `detail` is a verdict's reason or an error's code: fixed words, never input.

    An action outside the closed set is written as `unknown`, an object or source that is not of an id's or an
    address's form as `?`: the trail must not become a place where text can be left.
    """
    return AuditRow(
        at=now,
        who=subject.person if subject is not None else NOBODY,
        session=subject.session if subject is not None else "",
        source=source if _ADDRESS.fullmatch(source) else "?",
        action=action if action in ACTIONS | OPERATORS else "unknown",
        object=_id(object_),
        outcome=outcome,
        detail=detail,
    )


def _id(text: str | None) -> str:
    if text is None or text == NOBODY:
        return NOBODY
    return text if _ID.fullmatch(text) else "?"
