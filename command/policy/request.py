"""What the gate is asked, and what a report of force claims: values only, made by the fold."""

from __future__ import annotations

from datetime import datetime

import msgspec

from command.policy.model import Action

__all__ = ["Action", "ForceClaim", "Request"]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One ask. `person`, `agency` and `rank` come from the account, never from the author's words.

    `rank` None: no account stands behind the ask, but the operator of the machine.

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

    force.ask                sector, tool, purpose and whatever the author can already say of the rest
    force.grant              taken from the waiting ask: sector, tool, purpose, zones, indiscriminate, subject, users,
                             quantity, grounds, imminent, deescalation(_why_not), targeted(_why_not), requester, ask,
                             findings; the authorizer's own: findings, witnessed, on_scene, statement, lasts_s;
                             speaker, channel, read_back where the order was spoken and a scribe records it
    force.deny               sector, tool, purpose (of the waiting ask); may come from the one who asked
    force.cosign             sector, tool, purpose (of the waiting ask), ask, requester, office
    force.renew              grant, and what force.grant reads (renewing is granting again)
    force.revoke             grant, or sector, tool, purpose
    relay.confirm            grant, speaker (who is said to have spoken); the author must be that speaker
    posture.ask              sector, posture, state
    posture.raise            sector, posture, state ("ready" or "deployed"), findings, statement
    posture.renew            sector, posture, findings, statement
    posture.stand-down       sector, posture, state
    plan.suspend             pack, rule (as RuleRef names it), statement, lasts_s
    plan.resume              pack, rule
    plan.change              statement
    authority.delegate       position (None: the author's rank), subject (to whom), lasts_s, written
    review.file              record (what is reviewed)
    arrest.bar               statement (the bar, in words)
    arrest.high-volume       sector, statement (the reason), alternatives, lasts_s, procedure (a written one stands in
                             place of the record); state "ended": it is over
    site.open                site_kind, capacity, staff, present, checked_age_s, adults, minors, minors_apart

    `ask_age_s`: age of the ask at the server's now. `basis_age_s`: for how long what
    its author had seen has been out of date, counted from when the first event that
    they had not seen was recorded; 0.0 where they had seen everything. Both in seconds.
    """

    action: Action
    person: str
    agency: str
    rank: str | None = None
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
    # Force
    tool: str | None = None  # a tool, or a measure against a whole group ("encirclement", "mass-arrest")
    purpose: str | None = None  # one of model.PURPOSES
    zones: tuple[str, ...] = ()  # where on the body it would be aimed
    distance_m: float | None = None  # the nearest from which it would be used
    indiscriminate: bool | None = None  # into a crowd, at nobody in particular
    users: tuple[str, ...] = ()  # the officers who would use it; their training is looked up
    quantity: int | None = None
    lasts_s: float | None = None  # for how long it is asked
    grounds: tuple[str, ...] = ()  # why, in the plan's words; each of `never_solely_for` alone is not enough
    findings: tuple[str, ...] = ()  # made by the author in this very ask, beside those on record
    imminent: bool = False  # imminent danger is stated; counts only where the finding is there too
    deescalation: str | None = None
    deescalation_why_not: str | None = None
    targeted: str | None = None
    targeted_why_not: str | None = None
    witnessed: bool = False  # the author saw it with their own eyes
    on_scene: bool = False  # the author says that they are at the place
    statement: str | None = None  # the author's own facts or reason, in their words
    ask: str | None = None  # the waiting ask, for its co-signers
    office: str | None = None  # what a co-signer signs as
    grant: str | None = None
    speaker: str | None = None  # who spoke a relayed order; authority is the speaker's, the scribe is `person`
    channel: str | None = None
    read_back: bool = False
    # Posture, plan, delegation, review
    posture: str | None = None
    state: str | None = None
    pack: str | None = None
    rule: str | None = None
    written: bool = False
    record: str | None = None
    # Many arrests
    alternatives: str | None = None  # what else was considered
    procedure: bool = False
    # A site for people in custody
    site_kind: str | None = None
    capacity: int | None = None
    staff: tuple[str, ...] = ()  # who is named as trained for it; their training is looked up
    present: tuple[str, ...] | None = None  # what its newest checklist found there; None: nobody has looked
    checked_age_s: float | None = None
    adults: bool = True
    minors: bool = False
    minors_apart: bool = False
    # What the one who goes leaves open, by names that can be read aloud
    reports_open: tuple[str, ...] = ()
    munitions_open: tuple[str, ...] = ()
    grants_open: tuple[str, ...] = ()
    people_open: tuple[str, ...] = ()  # in their custody
    restraints_open: tuple[str, ...] = ()
    property_open: tuple[str, ...] = ()
    transfers_open: tuple[str, ...] = ()


class ForceClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What a report of force says that bears on its finding. `at` is the claimed time, UTC.

    Without `grant`, the grant that covers the use is looked for among those on record.
    """

    tool: str | None
    officer: str
    officer_agency: str | None
    sector: str | None
    at: datetime
    grant: str | None = None
    exigent: bool = False
    exigent_reason_given: bool = False
    clock_error_ms: int = 0
    purpose: str | None = None
    zones: tuple[str, ...] = ()  # where it struck
    distance_m: float | None = None  # from how far
    indiscriminate: bool | None = None
    subject: str | None = None
    quantity: int | None = None
    grounds: tuple[str, ...] = ()
