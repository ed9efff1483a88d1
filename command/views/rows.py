"""The rows that a screen shows: the wire shape of the board and of the feed.

The browser holds no rule of its own: it draws these rows and counts clocks down.
A board is a set of sections; a section is a map from key to row; a change is
(section, key, row) with None for a row that is gone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from command.domain.envelope import Origin
from command.domain.ids import Place
from command.policy.decision import Decision, Finding, RuleRef
from command.views.row import Row, Who
from command.views.rows_aftercare import CareRow, CareStepRow, CriticalRow
from command.views.rows_arrest import SECTIONS_ARREST, AnyArrestRow
from command.views.rows_force import (
    AskPermit,
    DistressRow,
    ExigentRow,
    FiledRow,
    GapRow,
    GrantRow,
    LevelPermit,
    MunitionRow,
    PermitsView,
    PlanRow,
    PosturePermit,
    PostureRow,
    ReviewRow,
    SignRow,
    ToolPermit,
    WarnedRow,
    WarningRow,
    WatchRow,
)

__all__ = [
    "SECTIONS",
    "AgencyRow",
    "AnyRow",
    "AskPermit",
    "AskRow",
    "Board",
    "CareRow",
    "CareStepRow",
    "Change",
    "ClockInfo",
    "CriticalRow",
    "DistressRow",
    "DutyRow",
    "Entry",
    "ExigentRow",
    "FiledRow",
    "FindingRow",
    "GapRow",
    "GrantRow",
    "IncidentRow",
    "LevelPermit",
    "LevelRow",
    "MunitionRow",
    "OrderRow",
    "PermitsView",
    "PersonRow",
    "PlanPack",
    "PlanRow",
    "PointRow",
    "PositionRow",
    "PosturePermit",
    "PostureRow",
    "ReviewRow",
    "Row",
    "SectorRow",
    "SignRow",
    "ToolPermit",
    "UnitRow",
    "WarnedRow",
    "WarningRow",
    "WatchRow",
    "Who",
]


class PlanPack(msgspec.Struct, frozen=True):
    """A rule pack of the plan in force; `digest` is the whole SHA-256 of its file, in hex."""

    id: str
    title: str
    kind: str
    digest: str
    in_force: date | None = None  # its own first day of force, where it gives one


class IncidentRow(Row, frozen=True):
    """The header line. Section `incident`, key `incident`."""

    id: str
    name: str
    kind: str
    status: Literal["open", "closed"]
    time_zone: str
    opened_at: datetime
    lead_agency: str
    objectives: tuple[str, ...] = ()
    commander: Who | None = None
    commander_since: datetime | None = None
    packs: tuple[str, ...] = ()
    exercise: bool = False  # the incident runs on a clock of its own: say so on every screen
    clock_rate: float = 1.0
    counts: dict[str, int] = msgspec.field(default_factory=dict)  # arrests, force reports, warnings, refusals, … so far
    plan: tuple[PlanPack, ...] = ()  # `packs` with their titles, the most general first
    plan_since: datetime | None = None  # when this plan came into force here
    plan_changes: int = 0


class LevelRow(Row, frozen=True):
    """A rung of the plan's ladder. Section `levels`, key = level id."""

    id: str
    order: int
    name: str
    says: str
    permits: tuple[str, ...] = ()
    who_may: tuple[str, ...] = ()
    indicators: tuple[tuple[str, str], ...] = ()  # (id, sentence) that may be named when raising to it
    rules: tuple[RuleRef, ...] = ()


class SectorRow(Row, frozen=True):
    """A sector with its level and why. Section `sectors`."""

    id: str
    name: str
    level: str
    level_order: int
    level_name: str
    since: datetime
    until: datetime | None = None  # after this the level permits nothing until renewed
    by: Who | None = None
    why: str = ""  # the authorizer's facts, where this lens may read them
    indicators: tuple[str, ...] = ()
    seq: int = 0  # the event that set the level
    boundary: tuple[tuple[float, float], ...] = ()
    units: int = 0
    unauthorized: int = 0  # reports in this sector without authorization on record or contrary to plan
    last_warning_at: datetime | None = None
    warnings: int = 0


class UnitRow(Row, frozen=True):
    """A unit. Section `units`."""

    id: str
    name: str
    kind: str
    agency: str
    size: int = 0
    leader: Who | None = None
    sector: str | None = None
    assignment: str = ""
    since: datetime | None = None
    place: Place | None = None
    released: bool = False


class AgencyRow(Row, frozen=True):
    """An agency. Section `agencies`."""

    id: str
    name: str
    kind: str
    agreement: str = ""
    accepted_plan: bool = False
    units: int = 0
    people: int = 0


class PersonRow(Row, frozen=True):
    """Someone on duty. Section `people`."""

    id: str
    name: str
    agency: str
    rank: str
    badge: str = ""
    unit: str = ""
    helmet: str = ""
    camera: str = ""
    camera_absent: str = ""
    identification_visible: bool | None = None
    lapsed_training: tuple[str, ...] = ()
    training: tuple[tuple[str, datetime | None], ...] = ()
    since: datetime | None = None
    on_scene: bool = True
    positions: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()  # what the check-in said beyond what counts: presence, agency, rank, training


class PositionRow(Row, frozen=True):
    """An ICS position. Section `positions`."""

    id: str
    title: str
    holder: Who | None = None
    since: datetime | None = None


class AskRow(Row, frozen=True):
    """An ask that waits for a decision. Section `asks`; gone once decided, withdrawn or (by the clock) expired."""

    id: str
    what: str
    sector: str
    level: str
    at: datetime
    expires: datetime
    by: Who
    who_may: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    extent: str = ""
    facts: str = ""
    decision: Decision | None = None  # how the plan stood when it was asked
    seq: int = 0
    kind: str = "level"  # level | force | posture; `level` is "" for the others
    tool: str = ""
    purpose: str = ""
    posture: str = ""
    state: str = ""  # of the posture
    zones: tuple[str, ...] = ()
    distance_m: float | None = None  # the nearest from which it would be used
    users: tuple[Who, ...] = ()
    quantity: int | None = None
    lasts_s: float | None = None
    subject: str = ""
    grounds: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    imminent: bool = False
    deescalation: tuple[str, ...] = ()
    targeted: tuple[str, ...] = ()
    resistance_met: tuple[str, ...] = ()
    scribe: Who | None = None  # who wrote a spoken ask down; `by` spoke it
    channel: str = ""
    read_back: bool = False
    signed: tuple[SignRow, ...] = ()
    deescalation_why_not: str = ""  # the requester's words, where this lens may read them
    targeted_why_not: str = ""
    indiscriminate: bool | None = None  # at nobody in particular; None: not said
    place: Place | None = None
    liaison: str = ""  # of a level: which contact was tried
    others_may_continue: str = ""


class DutyRow(Row, frozen=True):
    """Something owed. Section `duties`; stays, done, until the incident closes."""

    id: str
    rule: str
    says: str
    owed_by: str
    started_at: datetime
    due: datetime | None = None
    done_at: datetime | None = None
    sector: str = ""
    started_by: str = ""
    seq: int = 0


class OrderRow(Row, frozen=True):
    """An order and who has not acknowledged it. Section `orders`."""

    id: str
    text: str
    at: datetime
    by: Who
    to: tuple[str, ...] = ()
    outstanding: tuple[str, ...] = ()
    superseded_by: str = ""
    seq: int = 0


class FindingRow(Row, frozen=True):
    """A report that needs a look: no authorization on record, contrary to plan, exigent or cannot tell. Section `findings`."""

    id: str
    seq: int
    what: str
    at: datetime
    finding: Finding
    sector: str = ""
    officer: str = ""
    origin: Origin | None = None


class PointRow(Row, frozen=True):
    """Something on the map. Section `points`."""

    id: str
    kind: Literal["observation", "force", "warning"]
    place: Place
    at: datetime
    label: str
    seq: int
    sector: str = ""
    finding: str = ""


class Entry(Row, frozen=True):
    """A line of the feed: one event as this lens may see it."""

    seq: int
    id: str
    type: str
    line: str  # one plain sentence
    occurred_at: datetime
    recorded_at: datetime
    who: Who
    sector: str = ""
    text: str = ""  # private text joined by the lens; "" where there is none
    withheld: tuple[str, ...] = ()  # private fields that this lens does not show
    redacted: bool = False
    finding: Finding | None = None
    decision: Decision | None = None
    origin: Origin | None = None
    record: str = ""  # the id of the record the event is about: report, order, ask, duty
    fields: dict[str, str] = msgspec.field(default_factory=dict)  # further private and public details, by label
    late_s: float = 0.0  # how long after it happened it was recorded, where over a minute
    clock_off_s: float = 0.0  # how far off the clock may be that says when it happened, where over a minute
    supersedes: str = ""  # the event (by id) that this one corrects; both stay readable
    struck: bool = False  # a later entry strikes this one through; it stays readable
    strikes: str = ""  # the record that this entry strikes through


class ClockInfo(msgspec.Struct, frozen=True):
    """The incident's clock: `now` at sending, `rate` incident seconds per second; `exercise` must be shown."""

    now: datetime
    rate: float = 1.0
    exercise: bool = False


SECTIONS: tuple[str, ...] = (
    "incident",
    "levels",
    "sectors",
    "units",
    "agencies",
    "people",
    "positions",
    "asks",
    "duties",
    "orders",
    "findings",
    "points",
    "grants",
    "warnings",
    "posture",
    "reviews",
    "munitions",
    "distress",
    "exigent",
    "plan",
    "care",
    "critical",
    "watch",
    *SECTIONS_ARREST,
)

AnyRow = (
    IncidentRow
    | LevelRow
    | SectorRow
    | UnitRow
    | AgencyRow
    | PersonRow
    | PositionRow
    | AskRow
    | DutyRow
    | OrderRow
    | FindingRow
    | PointRow
    | GrantRow
    | WarningRow
    | PostureRow
    | ReviewRow
    | MunitionRow
    | DistressRow
    | ExigentRow
    | PlanRow
    | CareRow
    | CriticalRow
    | WatchRow
    | AnyArrestRow
)

Board = dict[str, dict[str, AnyRow]]
"""Section -> key -> row, as a screen starts with it."""

Change = tuple[str, str, AnyRow | None]
"""(section, key, row or None when it is gone)."""
