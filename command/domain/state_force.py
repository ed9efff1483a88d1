"""The fold's values about authority over force, and about the ground that a rule rests on."""

from __future__ import annotations

from datetime import datetime

from command.domain.envelope import Actor
from command.domain.events_force import PostureState
from command.domain.events_ground import Attempted
from command.domain.ids import Place
from command.domain.item import Item, Span
from command.domain.persistent import PMap, Series
from command.domain.timeline import Timeline
from command.policy.decision import Decision
from command.policy.model import Purpose


class Scope(Item, frozen=True):
    """What is asked for, or authorized. None or empty: no such limit was set."""

    tool: str
    purpose: Purpose
    sector: str
    zones: tuple[str, ...] = ()
    indiscriminate: bool | None = None
    place: Place | None = None
    subject: str | None = None
    users: tuple[str, ...] = ()
    quantity: int | None = None
    grounds: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    imminent: bool = False
    distance_m: float | None = None


class ForceAskItem(Item, frozen=True):
    """An ask for a tool that waits."""

    ask: str
    sector: str
    scope: Scope
    at: datetime
    expires: datetime
    by: Actor
    lasts_s: float | None
    deescalation: tuple[str, ...]
    deescalation_excused: bool
    targeted: tuple[str, ...]
    targeted_excused: bool
    decision: Decision | None
    seq: int
    resistance_met: tuple[str, ...] = ()
    scribe: str | None = None  # who wrote a spoken ask down; `by` is who spoke it
    channel: str = ""
    read_back: bool = False


class Signature(Item, frozen=True):
    """A second signature."""

    signer: str
    at: datetime
    office: str
    call_back: bool
    read_back: bool
    by: str


class Use(Item, frozen=True):
    """A reported use that counts against a grant."""

    report: str
    at: datetime
    quantity: int


class GrantItem(Item, frozen=True):
    """An authorization: in force from `since`, until `until` or `ended`, whichever comes first."""

    grant: str
    ask: str | None
    scope: Scope
    authorizer: str
    requester: str | None
    by: Actor
    since: datetime
    until: datetime | None
    relayed: bool
    channel: str
    read_back: bool
    seq: int
    deescalation: tuple[str, ...] = ()
    deescalation_excused: bool = False
    targeted: tuple[str, ...] = ()
    targeted_excused: bool = False
    renews: str | None = None
    renewed_by: str | None = None
    confirmed: datetime | None = None
    ended: datetime | None = None
    how_ended: str = ""  # revoked | renewed | denied: never spoken, says its speaker
    uses: tuple[Use, ...] = ()

    def stands(self, at: datetime) -> bool:
        """In force by the clock alone; what a relayed one is worth, the plan says."""
        return self.since <= at and (self.until is None or at < self.until) and (self.ended is None or at < self.ended)


class Given(Item, frozen=True):
    """A grant among others for its tool and sector. `over`: when it and all before it have ended, None: never."""

    grant: str
    since: datetime
    over: datetime | None


class Grants(Item, frozen=True):
    """Asks for force, signatures under them, and grants in the order of their record."""

    asks: PMap[str, ForceAskItem] = PMap()
    signed: PMap[str, tuple[Signature, ...]] = PMap()  # ask, or grant to be renewed -> signatures
    all: PMap[str, GrantItem] = PMap()
    order: Series[str] = Series()
    by: PMap[str, Series[Given]] = PMap()  # "tool|sector" -> grants, in the order of their record


class PostureSpan(Item, frozen=True):
    """A state of gear or a vehicle from `since`; `until` is when it is to stand down unless renewed."""

    state: PostureState
    since: datetime
    until: datetime | None
    by: Actor
    seq: int
    purpose: Purpose | None = None


class PostureAskItem(Item, frozen=True):
    """An ask for gear or a vehicle that waits."""

    ask: str
    sector: str
    posture: str
    state: PostureState
    at: datetime
    expires: datetime
    by: Actor
    purpose: Purpose | None
    findings: tuple[str, ...]
    decision: Decision | None
    seq: int


class Postures(Item, frozen=True):
    """Gear and vehicles by "sector|posture"."""

    asks: PMap[str, PostureAskItem] = PMap()
    spans: PMap[str, Series[PostureSpan]] = PMap()


class Stock(Item, frozen=True):
    """Munitions of one kind with one holder; `counted` None: nobody has counted."""

    tool: str
    holder: str
    issued: int = 0
    returned: int = 0
    counted: int | None = None
    counted_at: datetime | None = None


class Munitions(Item, frozen=True):
    """Issued, returned and counted by "holder|tool"; used, as reported, by "officer|tool"."""

    stocks: PMap[str, Stock] = PMap()
    used: PMap[str, int] = PMap()


class Heard(Item, frozen=True):
    """Somebody's word on whether a warning was heard where they stood."""

    at: datetime
    heard: bool
    by: str
    seq: int
    rear: bool = False  # at the rear of the crowd
    sector: str = ""  # where they say that it was given


class Looked(Item, frozen=True):
    """The ways out as someone saw them."""

    at: datetime
    open: tuple[str, ...]
    closed: tuple[str, ...]
    by: str
    seq: int


class Tried(Item, frozen=True):
    """An attempt to do with less."""

    attempt: str
    kind: Attempted
    at: datetime
    by: str
    tried: bool
    reason_written: bool
    outcome: str
    measures: tuple[str, ...]
    seq: int


class Distress(Item, frozen=True):
    """Someone in a crisis, until somebody has come."""

    distress: str
    sector: str | None
    place: Place | None
    at: datetime
    by: Actor
    seq: int
    unit: str | None = None
    outcome: str = ""
    answered_at: datetime | None = None


class Ground(Item, frozen=True):
    """What a rule may rest on, per sector; where people said they were, and where units were sent."""

    exits: PMap[str, Timeline[Looked]] = PMap()
    moved: PMap[str, Timeline[datetime]] = PMap()
    attempts: PMap[str, Timeline[Tried]] = PMap()
    presence: PMap[str, Timeline[Span]] = PMap()  # person -> sector; "" for none
    posts: PMap[str, Timeline[Span]] = PMap()  # unit -> sector; "" for none
    distress: PMap[str, Distress] = PMap()


class Record(Item, frozen=True):
    """A record that may be reviewed, with who had a part in it, and the reviews that were filed."""

    record: str
    kind: str  # intervention | pursuit | excessive force | no one intervened | biased conduct | false report
    at: datetime
    sector: str | None
    involved: tuple[str, ...]
    seq: int
    by: str = ""  # who reported it first; "" where that is confidential
    about: str | None = None  # the report of force that it belongs to
    confidential: bool = False


class Adverse(Item, frozen=True):
    """Something that was done to a person by somebody else."""

    what: str
    at: datetime
    by: str
    seq: int


class Review(Item, frozen=True):
    """A review, as filed."""

    review: str
    record: str
    by: Actor
    at: datetime
    conclusion: str
    seq: int


class Oversight(Item, frozen=True):
    """Interventions and pursuits, reviews by record, and exigent uses counted by "unit:…", "agency:…",
    "command:…" and "authorizer:…"."""

    records: PMap[str, Record] = PMap()
    reviews: PMap[str, tuple[Review, ...]] = PMap()
    exigent: PMap[str, int] = PMap()
    adverse: PMap[str, tuple[Adverse, ...]] = PMap()  # by the person it was done to
    waived: PMap[str, tuple[str, ...]] = PMap()  # person, unit or incident -> open items


class Suspended(Item, frozen=True):
    """A rule that is suspended, from `since` until `until` or until it was taken back."""

    pack: str
    rule: str
    clause: str
    since: datetime
    until: datetime
    by: str
    seq: int
    ended: datetime | None = None


class Delegated(Item, frozen=True):
    """Authority that was delegated."""

    delegation: str
    delegate: str
    by: str
    since: datetime
    until: datetime
    position: str | None
    by_rank: str | None
    written: bool
    seq: int
    ended: datetime | None = None


class StackSpan(Item, frozen=True):
    """A stack of packs that binds from `since` until the next one; `seq` is the event that brought it."""

    packs: tuple[str, ...]
    since: datetime
    seq: int


class PlanChanges(Item, frozen=True):
    """The stacks that were in force, oldest first; suspensions by "pack|rule", delegations by id."""

    stacks: Series[StackSpan] = Series()
    suspended: PMap[str, Series[Suspended]] = PMap()
    delegated: PMap[str, Delegated] = PMap()
    to: PMap[str, tuple[str, ...]] = PMap()  # person -> delegations to them, in the order of their record
