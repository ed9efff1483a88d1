"""What the gate is asked, and what a report of force claims: values only, made by the fold."""

from __future__ import annotations

from datetime import datetime

import msgspec

from command.policy.model import Action

__all__ = ["Action", "ForceClaim", "Request"]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One ask. `person` and `agency` come from the session, never from the author's words.

    Which fields an action reads (None or empty: not said, and not-said never permits):

    level.raise              sector, level, indicators, liaison, others_may_continue, extent
    level.ask                sector, level; the rest as for level.raise, to note what a grant will still need
    level.grant              the same, taken from the waiting ask, and `requester`, who made it
    level.lower              sector, level
    level.renew              sector
    ask.deny                 sector, level (of the waiting ask)
    command.transfer         subject (the incoming commander), briefing_read
    position.assign          position, subject (who is to hold it)
    position.vacate          position
    agency.admit             unit_agency (who is admitted), agreement, accepted_plan
    unit.*                   unit_agency (whose unit it is)
    incident.open            unit_agency (the lead; None: the author's own), level (None: the lowest)

    `ask_age_s`: age of the ask at the server's now. `basis_age_s`: for how long what
    its author had seen has been out of date, counted from when the first event that
    they had not seen was recorded; 0.0 where they had seen everything. Both in seconds.
    """

    action: Action
    person: str
    agency: str
    sector: str | None = None
    level: str | None = None
    requester: str | None = None
    indicators: tuple[str, ...] = ()
    liaison: str | None = None
    others_may_continue: str | None = None
    extent: str | None = None
    subject: str | None = None
    position: str | None = None
    unit_agency: str | None = None
    agreement: str | None = None
    accepted_plan: bool = False
    briefing_read: bool = False
    ask_age_s: float | None = None
    basis_age_s: float | None = None


class ForceClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What a report of force says that bears on its finding. `at` is the claimed time, UTC."""

    tool: str | None
    officer: str
    officer_agency: str | None
    sector: str | None
    at: datetime
    grant: str | None = None
    exigent: bool = False
    exigent_reason_given: bool = False
    clock_error_ms: int = 0
