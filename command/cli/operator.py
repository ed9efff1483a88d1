"""Who acts on the command line: whoever may read the data directory, named as such in every trail."""

from __future__ import annotations

import hmac
import os
import pwd
from datetime import datetime

from command.access.audit import entry
from command.access.model import Subject
from command.config import Settings
from command.domain.commands import COMMANDS
from command.domain.envelope import Origin
from command.service.api import Author
from command.store.keyring import KEK, SECRET
from command.store.own_secret import load_secret
from command.store.ports import AuditRow


def account_name() -> str:
    """The operating system's name of whoever runs this, as an id."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return f"cli:{name}"[:64]


def operator(agency: str = "-") -> Subject:
    """The operator as the authorizer and the audit trail see them."""
    return Subject(
        person=account_name(), name=account_name(), agency=agency, rank="", session=account_name(), source="cli"
    )


def author(person: str, agency: str, origin: Origin | None = None) -> Author:
    """Commands sent from this machine by someone who may read its data directory anyway."""
    return Author(person, agency, account_name(), "cli", frozenset(COMMANDS), origin=origin, rank=None)


def audited(action: str, about: str, now: datetime, detail: str = "") -> AuditRow:
    """The trail's entry of an act on the command line."""
    return entry(operator(), action, about, "ok", now, source="cli", detail=detail)


def import_secret(settings: Settings) -> bytes:
    """What makes ids of persons from imported numbers: without the key file nobody can find them by trying numbers."""
    place = settings.data / "keys"
    return hmac.digest(
        load_secret(place / SECRET, first=not (place / KEK).exists()), b"muster import subjects", "sha256"
    )
