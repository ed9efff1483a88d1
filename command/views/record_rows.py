"""The shapes of one whole record, of the list of records, and of what a step would take."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from command.policy.decision import Decision, Finding, RuleRef
from command.views.row import Row, Who
from command.views.rows_aftercare import CareRow
from command.views.rows_arrest import ArrestRow, HolderRow
from command.views.rows_force import WarnedRow


class Told(Row, frozen=True):
    """One event of a record as this lens may see it. Two versions of one thing are two of these, both readable.

    `public` are its public fields that say something, `said` the private ones that the lens reads, by name;
    `withheld` those that it does not. `redacted`: what was private in it was destroyed on someone's authority.
    `of` is what it supersedes (an event's id), `stands` False: something newer stands in its place.
    """

    seq: int
    event: str
    type: str
    line: str
    at: datetime
    recorded_at: datetime
    by: Who
    public: dict[str, Any] = msgspec.field(default_factory=dict)
    said: dict[str, str] = msgspec.field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    redacted: bool = False
    finding: Finding | None = None
    decision: Decision | None = None
    of: str = ""
    stands: bool = True


class OffenceView(Row, frozen=True):
    """One offence of one person with its own facts and evidence; `versions` oldest first."""

    offence: str
    charge: str  # in the plan's words
    says: str = ""
    statute: str = ""
    ucr: str = ""
    rests_on: str = ""
    rules: tuple[RuleRef, ...] = ()
    at: datetime | None = None
    sector: str = ""
    observers: tuple[Who, ...] = ()
    withdrawn: bool = False
    versions: tuple[Told, ...] = ()


class PairView(Row, frozen=True):
    """What an officer perceived and what the person stated stand apart; "" where nothing was said, or not to this lens."""

    what: str
    perceived: str = ""
    stated: str = ""
    withheld: bool = False


class PersonView(Row, frozen=True):
    """Who the person is, as far as this lens may know: the newest answer to each question, and every version."""

    answered: tuple[str, ...] = ()
    unidentified: bool = False
    pairs: tuple[PairView, ...] = ()
    answers: dict[str, str] = msgspec.field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    versions: tuple[Told, ...] = ()


class DispersalView(Row, frozen=True):
    """The warnings in force in that place at that moment, and the ways out as they were last seen before it."""

    sector: str
    at: datetime
    given: tuple[WarnedRow, ...] = ()  # oldest first
    named: str = ""  # the one that the card names
    exits_said: str = ""  # by the card: open, closed, not known
    exits_open: tuple[str, ...] | None = None
    exits_closed: tuple[str, ...] = ()
    exits_at: datetime | None = None
    exits_by: Who | None = None
    moved_at: datetime | None = None


class ForceLink(Row, frozen=True):
    """A force report that belongs to the record."""

    report: str
    tool: str = ""
    at: datetime | None = None
    finding: str = ""
    seq: int = 0
    care: CareRow | None = None


class RestraintSpan(Row, frozen=True):
    """Restraints from when to when, and when they were looked at; `off` None: they are on."""

    restraint: str
    on: datetime
    off: datetime | None = None
    kind: str = ""
    position: str = ""
    looks: tuple[datetime, ...] = ()
    findings: tuple[Finding, ...] = ()


class SpanView(Row, frozen=True):
    """Who had the person from when to when; a holder of None: they were free, and `how`.

    `received`: "signed" by the receiver's own hand (who and when), "told" by another or by a count, "awaited" where nobody
    has said so yet; "" where nothing was handed over. `before`: whom the card had named as arresting officer until the
    event `corrected`; both stay readable. `relieved`: who was in charge of them there before `officer`, oldest first.
    """

    since: datetime
    until: datetime | None = None
    holder: HolderRow | None = None
    officer: Who | None = None
    how: str = ""
    seq: int = 0
    received: str = ""
    received_by: Who | None = None
    received_at: datetime | None = None
    before: tuple[Who, ...] = ()
    corrected: int = 0
    relieved: tuple[Who, ...] = ()


class BagView(Row, frozen=True):
    """A bag of property and its way, oldest first."""

    bag: str
    keeper: HolderRow
    since: datetime
    receipt: str = ""
    evidence: bool = False
    items: int | None = None
    lost: str = ""
    chain: tuple[Told, ...] = ()


class DutyView(Row, frozen=True):
    """A clock of this record, running or done."""

    duty: str
    rule: str
    says: str
    owed_by: str
    since: datetime
    due: datetime | None = None
    done_at: datetime | None = None


class StepView(Row, frozen=True):
    """What going on to a step would take. Looked at and forgotten: no refusal is recorded by looking."""

    step: str
    decision: Decision


class StepsView(Row, frozen=True):
    """The steps of one record. Release, care, water and loosening restraints are no steps: they are never asked for."""

    arrest: str
    number: str
    now: datetime
    steps: tuple[StepView, ...]


class RecordView(Row, frozen=True):
    """One record, whole, through a lens, at `now` of the incident. `compartments` are those of which a value is here."""

    now: datetime
    record: ArrestRow
    basis: str
    versions: tuple[Told, ...]
    exits: str = ""
    curfew: bool = False
    authorized_by: Who | None = None
    cameras: tuple[str, ...] = ()
    offences: tuple[OffenceView, ...] = ()
    ucr: tuple[str, ...] = ()  # codes of all that stands, on the street card alone too; each once
    person: PersonView | None = None
    warnings: tuple[Told, ...] = ()  # of this very person
    dispersal: DispersalView | None = None
    roles: tuple[Told, ...] = ()
    force: tuple[ForceLink, ...] = ()
    aid: CareRow | None = None  # given or called under the record's own number
    signatures: tuple[Told, ...] = ()  # each, also one that signs nothing
    read_back: tuple[Told, ...] = ()
    reviews: tuple[Told, ...] = ()
    rights: tuple[Told, ...] = ()
    restraints: tuple[RestraintSpan, ...] = ()
    restraint_events: tuple[Told, ...] = ()
    custody: tuple[SpanView, ...] = ()
    transfers: tuple[Told, ...] = ()
    stations: tuple[Told, ...] = ()
    care: tuple[Told, ...] = ()
    guardian: tuple[Told, ...] = ()
    holds: tuple[Told, ...] = ()
    property: tuple[BagView, ...] = ()
    attachments: tuple[Told, ...] = ()
    dispositions: tuple[Told, ...] = ()
    releases: tuple[Told, ...] = ()
    alike: tuple[Told, ...] = ()
    findings: tuple[Told, ...] = ()  # judged anew
    refusals: tuple[Told, ...] = ()  # of steps that were asked for
    cleared: tuple[Told, ...] = ()
    duties: tuple[DutyView, ...] = ()
    steps: tuple[StepView, ...] = ()
    redacted: bool = False
    erasure: str = ""  # where it is: whether that is complete, or where older copies of its key are
    compartments: tuple[str, ...] = ()


class ArrestsPage(Row, frozen=True):
    """Records, newest first; `before` goes on, None at the end. A page may be short, or empty, and still go on."""

    arrests: tuple[ArrestRow, ...]
    before: int | None = None


class AccountView(Row, frozen=True):
    """One of two accounts that read alike; `shared` are the runs of words that the other has too, as pairs of where
    each begins and ends in UTF-16 code units, which is how a browser counts."""

    arrest: str
    number: str
    officer: Who
    field: str
    seq: int
    text: str = ""
    shared: tuple[tuple[int, int], ...] = ()
    withheld: bool = False


class AlikeView(Row, frozen=True):
    """Two accounts side by side, each in the version that was compared. Officers who stood side by side saw the same:
    this is a question, not an answer. `likeness`: the share of runs of words in common, 0 to 1."""

    likeness: float
    one: AccountView
    other: AccountView
