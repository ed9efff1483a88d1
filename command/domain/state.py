"""The fold of one incident's log: what is true now, and what was in force when.

Frozen throughout. A command is decided on one of these values, and every commit
makes the next; nothing here holds a private value, only commitments.
"""

from __future__ import annotations

from datetime import datetime

from command.domain.bearing import Index
from command.domain.envelope import Actor, Origin
from command.domain.events import IncidentClock, Training
from command.domain.ids import Place
from command.domain.item import Item, Span
from command.domain.persistent import PMap, Series, Traced
from command.domain.state_aftercare import Aftercare
from command.domain.state_arrest import Arrests, Custody
from command.domain.state_force import Grants, Ground, Heard, Munitions, Oversight, PlanChanges, Postures
from command.domain.timeline import Timeline
from command.policy.decision import Decision, Finding
from command.policy.facts import WarningFact
from command.policy.model import Purpose

# How many of the newest findings, observations, warnings and refusals a screen starts with.
# All of them are in the log; these windows only bound what every snapshot carries.
RECENT = 300

# Distinct signs of a sector that are kept at hand. A plan has some twenty; words that no plan knows push none of the
# newer ones out, and a sign that is let go is asked for again, which denies and loses nothing.
SIGNS = 128


class Incident(Item, frozen=True):
    """The header of the incident."""

    name: str
    kind: str
    lead_agency: str
    time_zone: str
    packs: tuple[str, ...]
    objectives: tuple[str, ...]
    opened_at: datetime
    clock: IncidentClock | None = None
    closed_at: datetime | None = None


class PlanWord(Item, frozen=True):
    """What an agency said of the lead agency's plan, from `since` on."""

    since: datetime
    accepted: bool


class Agency(Item, frozen=True):
    """An agency that takes part; `words` are all that it said of the plan, oldest first, the last one being `accepted_plan`."""

    agency: str
    name: str
    kind: str
    agreement: str | None
    accepted_plan: bool
    joined_at: datetime
    jurisdiction: str | None = None
    words: tuple[PlanWord, ...] = ()


class Person(Item, frozen=True):
    """A check-in: one version of a person's duty here, in force from `since` to `ended`."""

    person: str
    name: str
    agency: str
    rank: str
    badge: str | None
    training: tuple[Training, ...]
    camera: str | None
    camera_absent: str | None
    identification_visible: bool | None
    helmet: str | None
    unit: str | None
    since: datetime
    ended: datetime | None = None
    unconfirmed: tuple[str, ...] = ()  # what the check-in said beyond what counts


class Unit(Item, frozen=True):
    """A unit and where it works."""

    unit: str
    name: str
    kind: str
    agency: str
    leader: str | None
    size: int
    formed_at: datetime
    sector: str | None = None
    assignment: str | None = None
    place: Place | None = None
    assigned_at: datetime | None = None
    released_at: datetime | None = None


class Structure(Item, frozen=True):
    """Agencies, people, units, positions."""

    agencies: PMap[str, Agency] = PMap()
    people: PMap[str, Series[Person]] = PMap()
    units: PMap[str, Unit] = PMap()
    positions: PMap[str, Series[Span]] = PMap()
    left: PMap[str, tuple[datetime, ...]] = PMap()  # check-outs that are on record before any check-in that they end


class LevelSpan(Item, frozen=True):
    """A level in force in a sector from `since`; `until` is its lapse, not its end."""

    level: str
    since: datetime
    until: datetime | None
    seq: int
    by: Actor | None
    indicators: tuple[str, ...] = ()
    why_seq: int = 0  # the event whose private `facts` say why


class Sector(Item, frozen=True):
    """A part of the ground."""

    sector: str
    name: str
    boundary: tuple[tuple[float, float], ...]
    levels: Series[LevelSpan]


class LevelAskItem(Item, frozen=True):
    """An ask for a level that waits."""

    ask: str
    sector: str
    level: str
    indicators: tuple[str, ...]
    at: datetime
    expires: datetime
    by: Actor
    extent: str | None
    liaison: str | None
    others_may_continue: str | None
    decision: Decision | None
    seq: int
    scribe: str | None = None  # who wrote a spoken ask down; `by` is who spoke it
    channel: str = ""
    read_back: bool = False


class Decided(Item, frozen=True):
    """An ask that no longer waits: what became of it, and what it was for."""

    how: str  # granted | denied | withdrawn | expired
    sector: str
    level: str = ""
    tool: str = ""
    purpose: str = ""
    posture: str = ""
    state: str = ""  # of the posture


class Response(Item, frozen=True):
    """Sectors with their levels, and the asks that wait."""

    sectors: PMap[str, Sector] = PMap()
    asks: PMap[str, LevelAskItem] = PMap()
    decided: PMap[str, Decided] = PMap()  # by ask id, of any kind


class Observation(Item, frozen=True):
    """An observation, as the map and the rules need it."""

    observation: str
    sector: str | None
    indicators: tuple[str, ...]
    at: datetime
    by: str
    place: Place | None
    seq: int
    findings: tuple[str, ...] = ()
    witnessed: bool = False


class Sign(Item, frozen=True):
    """The newest time at which a sign or finding was recorded in a sector."""

    what: str
    at: datetime
    by: str
    witnessed: bool


class Crowd(Item, frozen=True):
    """What was seen, and which contact was tried."""

    signs: PMap[str, Timeline[Observation]] = PMap()  # sector -> observations that name an indicator or a finding
    recent: tuple[Observation, ...] = ()
    liaison: PMap[str, datetime] = PMap()  # sector or "" -> newest contact tried
    observed: int = 0
    newest: PMap[str, tuple[Sign, ...]] = PMap()  # sector -> each sign's newest record, for judging now in no time


class Warned(WarningFact, frozen=True, kw_only=True):
    """A warning as it was given: what the plan asks of one, which judgement takes from here as it stands, and the rest."""

    sector: str
    place: Place | None
    seq: int


class Warnings(Item, frozen=True):
    """Warnings per sector."""

    given: PMap[str, Timeline[Warned]] = PMap()
    recent: tuple[Warned, ...] = ()
    count: int = 0
    heard: PMap[str, tuple[Heard, ...]] = PMap()  # by the warning that it is about, in the order of the log
    speakers: PMap[str, tuple[str, ...]] = PMap()  # who gave one -> the sectors where


class ForceReport(Item, frozen=True):
    """The newest version of a force report."""

    report: str
    event: str  # id of the event, for `supersedes`
    officer: str
    officer_agency: str | None
    subject: str
    sector: str | None
    tool: str | None
    classification: str | None
    place: Place | None
    at: datetime
    finding: Finding | None
    origin: Origin | None
    seq: int
    by: str = ""  # the person who reported it first
    supervisor: str | None = None
    exigent: bool = False
    reason_given: bool = False
    grant: str | None = None  # as the report says
    counts_for: str | None = None  # the grant that its use is counted under
    counted: tuple[str, ...] = ()  # the keys under which an exigent use is counted
    clock_error_ms: int = 0
    purpose: Purpose | None = None
    zones: tuple[str, ...] = ()
    indiscriminate: bool | None = None
    quantity: int | None = None
    grounds: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # what the newest version does not say
    complete: bool = False  # nothing is missing any more
    told: tuple[str, ...] = ()  # who wrote a later version: whose own account is on record
    distance_m: float | None = None


class Force(Item, frozen=True):
    """Force reports and how they stand."""

    reports: PMap[str, ForceReport] = PMap()
    recent: tuple[str, ...] = ()  # newest reports that are not `authorized`
    open_by_sector: PMap[str, int] = PMap()  # no authorization on record, or contrary to plan
    told: Index = PMap()  # what a fact told later may bear on


class Order(Item, frozen=True):
    """An order and its acknowledgements."""

    order: str
    to: tuple[str, ...]
    at: datetime
    by: Actor
    seq: int
    acknowledged: tuple[str, ...] = ()
    supersedes: str | None = None
    superseded_by: str | None = None


class Journal(Item, frozen=True):
    """Struck entries and orders; the texts themselves are in the log."""

    struck: PMap[str, int] = PMap()  # entry -> seq of the one that strikes it through
    orders: PMap[str, Order] = PMap()


class Duty(Item, frozen=True):
    """Something owed."""

    duty: str
    rule: str
    says: str
    owed_by: str
    started_by: str
    started_at: datetime
    due: datetime | None
    sector: str | None
    seq: int
    done_at: datetime | None = None
    confidential: bool = False  # begun by a confidential report: oversight's alone
    juvenile: bool = False  # that it is owed says that somebody is, or may be, a minor


class Duties(Item, frozen=True):
    """Open and done duties; the open ones also by the record that started them and by their rule.

    A long day leaves thousands open: what an event ends is looked up, never searched for.
    """

    all: Traced[str, Duty] = Traced()
    open: PMap[str, None] = PMap()
    of: Traced[str, tuple[str, ...]] = Traced()  # record -> its open duties, oldest first
    under: PMap[str, PMap[str, None]] = PMap()  # rule -> open duties


class State(Item, frozen=True):
    """Everything, after event `seq` of `log`."""

    log: str
    epoch: int = 1
    seq: int = 0
    recorded_at: datetime | None = None
    incident: Incident | None = None
    structure: Structure = Structure()
    response: Response = Response()
    crowd: Crowd = Crowd()
    warnings: Warnings = Warnings()
    force: Force = Force()
    grants: Grants = Grants()
    postures: Postures = Postures()
    munitions: Munitions = Munitions()
    ground: Ground = Ground()
    oversight: Oversight = Oversight()
    aftercare: Aftercare = Aftercare()
    plan: PlanChanges = PlanChanges()
    journal: Journal = Journal()
    duties: Duties = Duties()
    arrests: Arrests = Arrests()
    custody: Custody = Custody()
    counts: PMap[str, int] = PMap()  # event type -> how many
    redacted_subjects: PMap[str, int] = PMap()  # subject -> seq of the Redacted event
    redacted_seqs: PMap[int, int] = PMap()


def initial(log: str) -> State:
    """The state of a log that holds nothing yet."""
    return State(log=log)
