"""The rows of authority over force: grants, warnings, posture, reviews, munitions, distress, exigent use, the plan."""

from __future__ import annotations

from datetime import datetime

from command.domain.ids import Place
from command.policy.decision import Decision
from command.policy.stepping import StepDown
from command.views.row import Row, Who

__all__ = [
    "ActionRow",
    "AskPermit",
    "DistressRow",
    "ExigentRow",
    "FiledRow",
    "GapRow",
    "GrantRow",
    "LevelPermit",
    "MunitionRow",
    "PermitsView",
    "PlanRow",
    "PosturePermit",
    "PostureRow",
    "ResponderRow",
    "ReviewRow",
    "SignRow",
    "ToolPermit",
    "WarnedRow",
    "WarningRow",
    "WatchRow",
]


class SignRow(Row, frozen=True):
    """A second signature."""

    who: Who
    at: datetime
    office: str = ""
    call_back: bool = False
    read_back: bool = False


class GapRow(Row, frozen=True):
    """A time in which an authorization rests on nothing. `until` None: to its end, unless a further record ends it."""

    since: datetime
    until: datetime | None
    why: str


class GrantRow(Row, frozen=True):
    """An authorization. Section `grants`; whether it is over is a comparison of `until` and `ended` with now.

    Whether it rests on nothing now is one of `gaps` with now: a use would then be found so.
    """

    id: str
    tool: str
    purpose: str
    sector: str
    authorizer: Who
    since: datetime
    until: datetime | None = None
    ended: datetime | None = None
    how_ended: str = ""  # revoked | renewed
    requester: Who | None = None
    users: tuple[Who, ...] = ()
    zones: tuple[str, ...] = ()
    distance_m: float | None = None  # the nearest from which it may be used
    quantity: int | None = None  # None: no number was set
    used: int = 0
    left: int | None = None
    subject: str = ""
    place: Place | None = None
    grounds: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    facts: str = ""  # the authorizer's own, where this lens may read them
    relayed: bool = False  # with `confirmed` None: relayed, unconfirmed
    channel: str = ""
    read_back: bool = False
    confirmed: datetime | None = None
    scribe: Who | None = None
    signed: tuple[SignRow, ...] = ()
    renews: str = ""
    renewed_by: str = ""
    ask: str = ""
    gaps: tuple[GapRow, ...] = ()
    given_up: str = ""  # what its authorizer was then and is no longer
    seq: int = 0


class WarnedRow(Row, frozen=True):
    """One warning of a sequence."""

    id: str
    at: datetime
    text: str
    by: Who
    amplified: bool = False
    audible: bool | None = None  # None: nobody said so either way
    heard_at: datetime | None = None  # the newest word on it that came after it
    heard_by: Who | None = None
    on_camera: bool = False
    languages: tuple[str, ...] = ()
    weapon: str = ""
    says_what: tuple[str, ...] = ()
    exits: tuple[str, ...] = ()
    rear: tuple[Who, ...] = ()  # who confirmed from the rear of the crowd that it was heard there
    exits_open: bool | None = None
    places: int = 1
    seq: int = 0


class WarningRow(Row, frozen=True):
    """The warnings in a sector so far, oldest first, and what they rest on. Section `warnings`, key = sector."""

    sector: str
    given: tuple[WarnedRow, ...] = ()
    moved_at: datetime | None = None  # what was said before was said to another place
    exits_open: tuple[str, ...] | None = None  # None: nobody looked; empty: none is
    exits_closed: tuple[str, ...] = ()
    exits_at: datetime | None = None
    exits_by: Who | None = None


class PostureRow(Row, frozen=True):
    """Gear or a vehicle in a sector. Section `posture`, key "sector|posture"; after `until` it is to stand down."""

    id: str
    sector: str
    posture: str
    title: str
    state: str = "staged"
    since: datetime | None = None
    until: datetime | None = None
    by: Who | None = None
    purpose: str = ""
    why: str = ""
    who_may: tuple[str, ...] = ()
    seq: int = 0


class FiledRow(Row, frozen=True):
    """A review that was filed."""

    id: str
    by: Who
    at: datetime
    conclusion: str
    seq: int = 0


class ReviewRow(Row, frozen=True):
    """A record that is to be reviewed, or was. Section `reviews`. Nobody among `involved` may review it."""

    id: str
    what: str
    at: datetime
    sector: str = ""
    finding: str = ""
    involved: tuple[Who, ...] = ()
    filed: tuple[FiledRow, ...] = ()
    seq: int = 0


class ActionRow(Row, frozen=True):
    """Something that was done to a person by somebody else."""

    what: str
    at: datetime
    by: Who
    seq: int = 0


class WatchRow(Row, frozen=True):
    """What was done to someone after they had reported a colleague. Section `watch`, key = their report. Oversight's alone.

    A flag to look, and no finding: each action may have its reason.
    """

    id: str
    kind: str
    at: datetime
    reporter: Who
    confidential: bool = False
    actions: tuple[ActionRow, ...] = ()
    seq: int = 0


class MunitionRow(Row, frozen=True):
    """Munitions of one kind with one holder. Section `munitions`, key "holder|tool"."""

    id: str
    holder: str
    name: str
    tool: str
    issued: int = 0
    returned: int = 0
    used: int = 0
    counted: int | None = None
    counted_at: datetime | None = None
    unexplained: int | None = None  # None: nobody has counted since


class ResponderRow(Row, frozen=True):
    """Someone who could go to a person in a crisis: a unit of such a kind, or an officer trained for it."""

    kind: str  # crisis-responder | cit | medic
    name: str
    unit: str = ""
    person: str = ""
    sector: str = ""
    near: bool = False  # in the same sector
    free: bool = True  # without another assignment elsewhere
    distance_m: float | None = None  # as the crow flies; None where either place is unknown


class DistressRow(Row, frozen=True):
    """Someone in a crisis. Section `distress`; `first` are the units to prompt, those in the sector foremost.

    `responders` are the same and trained officers, by kind, near before far and free before busy.
    """

    id: str
    at: datetime
    by: Who
    sector: str = ""
    place: Place | None = None
    first: tuple[str, ...] = ()
    responders: tuple[ResponderRow, ...] = ()
    unit: str = ""
    outcome: str = ""
    answered_at: datetime | None = None
    seq: int = 0


class ExigentRow(Row, frozen=True):
    """How often force was reported as exigent. Section `exigent`, key "unit:…", "agency:…", "command:…" or "authorizer:…"."""

    id: str
    of: str  # unit | agency | command (who was in command) | authorizer (of the grant that the report names)
    name: str
    count: int


class PlanRow(Row, frozen=True):
    """A rule suspended, or authority delegated. Section `plan`; over by `until` or `ended`."""

    id: str
    kind: str  # suspension | delegation
    what: str
    since: datetime
    until: datetime
    by: Who
    ended: datetime | None = None
    clause: str = ""
    to: Who | None = None
    written: bool = False
    why: str = ""
    seq: int = 0


# What may be done now, and what it would take -------------------------------------------


class LevelPermit(Row, frozen=True):
    """A level, as the plan stands on the asking person raising or lowering to it now."""

    level: str
    name: str
    order: int
    direction: str  # here | up | down
    decision: Decision | None = None  # None: it is in force here


class ToolPermit(Row, frozen=True):
    """A tool for a purpose. `decision` is about the asking person granting it now; `grants` are in force for it.

    `resting`: grants that run by the clock and rest on nothing now, and why a use under one would be found so.
    """

    tool: str
    purpose: str
    grant: str  # needed | not needed | never
    decision: Decision
    grants: tuple[str, ...] = ()
    resting: tuple[tuple[str, str], ...] = ()
    group: bool = False  # a measure against a whole group, not a tool


class PosturePermit(Row, frozen=True):
    """Gear or a vehicle, one step up from where it is."""

    posture: str
    title: str
    state: str
    to: str = ""  # "": it is deployed
    decision: Decision | None = None


class AskPermit(Row, frozen=True):
    """A waiting ask, as the plan stands now on the asking person granting it."""

    ask: str
    decision: Decision


class PermitsView(Row, frozen=True):
    """What the plan does not bar in a sector at `now`, what it would take, and who could. Looking refuses nothing."""

    sector: str
    now: datetime
    level: str | None
    level_name: str
    lapsed: bool
    until: datetime | None
    permits: tuple[str, ...] = ()
    levels: tuple[LevelPermit, ...] = ()
    tools: tuple[ToolPermit, ...] = ()
    postures: tuple[PosturePermit, ...] = ()
    asks: tuple[AskPermit, ...] = ()
    then: bool = False  # as it stood at a moment of a replay
    step_down: StepDown | None = None  # what would speak for going down; None at the lowest level
