"""What all commands share: an ask can still be prevented, a report is of what has happened."""

from __future__ import annotations

import msgspec


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag=True):
    """What can still be prevented: judged at the server's now, refused when stale or barred."""


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag=True):
    """What has happened: kept whatever the plan says of it."""
