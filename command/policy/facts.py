"""What a rule may ask of the incident: the door between plan and fold.

`judge` and `finding` see the incident only through `Facts`. Every question takes the
moment it is about, so that the same code judges an ask now and a report about any
past second. Whatever has an end carries it (`until`, `ended`): whether it has passed
is a comparison that the plan makes, never a tick of the fold.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, Protocol

import msgspec

Attempted = Literal["de-escalation", "targeted action"]
PostureState = Literal["staged", "ready", "deployed"]


class PersonFact(msgspec.Struct, frozen=True):
    """A checked-in person as judgement needs them: copied by value at check-in."""

    person: str
    agency: str
    rank: str
    training: tuple[tuple[str, datetime | None], ...]  # (course, expires; None = does not expire)
    on_scene: bool  # on duty in the incident; where they are is `presence`


class LevelFact(msgspec.Struct, frozen=True):
    """The response level in a sector at a moment; `until` is when it lapses unless renewed."""

    level: str
    since: datetime
    until: datetime | None
    indicators: tuple[str, ...] = ()  # the signs that were named when it was entered


def lapsed(fact: LevelFact, at: datetime) -> bool:
    """True from the very second at which the review was due."""
    return fact.until is not None and at >= fact.until


class WarningFact(msgspec.Struct, frozen=True):
    """A warning given in a sector."""

    at: datetime
    text: str  # the approved text's id, or the [[warning]]'s own id
    amplified: bool
    on_camera: bool
    audible: bool | None  # None: nobody confirmed either way
    exits: tuple[str, ...]  # the ways out that it named
    by: str
    warning: str = ""  # the record's id
    says: tuple[
        str, ...
    ] = ()  # which of the contents that the rule asks for (`says_what`) it held, in the rule's words
    weapon: str | None = None  # the tool that it named
    languages: tuple[str, ...] = ()
    exits_open: bool | None = None  # None: nobody looked
    places: int = 1  # from how many places it was given
    rear: tuple[str, ...] = ()  # who confirmed from the rear of the crowd, by voice or signal, that it was heard there
    clock_error_ms: int = 0  # of `at`


class FoundFact(msgspec.Struct, frozen=True):
    """A sign observed or a finding made in a sector: an id of the plan's, by a named person."""

    finding: str
    at: datetime
    by: str
    witnessed: bool = False  # seen with their own eyes


class AttemptFact(msgspec.Struct, frozen=True):
    """De-escalation or targeted action in a sector: tried, or why it could not be."""

    what: Attempted
    at: datetime
    by: str
    tried: bool
    why_not: bool = False  # a reason was written down


class PresenceFact(msgspec.Struct, frozen=True):
    """Where a person was at a moment, by their own claim or their unit's assignment."""

    sector: str
    since: datetime


class CoSignFact(msgspec.Struct, frozen=True):
    """A second signature under an ask. `office` is what the person signs as ("mayor"); "" for one on duty here.

    Someone without an account signs by call-back: a scribe (`by`) called them on a known
    number and read the decision's text back to them.
    """

    person: str
    at: datetime
    office: str = ""
    call_back: bool = False
    read_back: bool = False
    by: str | None = None


class GrantFact(msgspec.Struct, frozen=True):
    """An authorization of a tool, as it stands at the moment asked about.

    None or empty means no such limit was set. `until` and `ended` may lie before the
    moment: the plan compares. `used` is the quantity reported as used by then.
    """

    grant: str
    tool: str
    since: datetime  # recorded_at: a grant never runs backwards
    until: datetime | None
    authorizer: str
    requester: str | None = None
    purpose: str | None = None
    sector: str | None = None
    subject: str | None = None
    users: tuple[str, ...] = ()
    quantity: int | None = None
    used: int = 0
    ended: datetime | None = None  # revoked
    relayed: bool = False
    read_back: bool = False
    confirmed: datetime | None = (
        None  # by the speaker in person: the order counts from its record, as they gave it then
    )
    denied: bool = False  # the speaker says that they never gave it
    findings: tuple[str, ...] = ()  # stated when it was asked for
    imminent: bool = False


class PostureFact(msgspec.Struct, frozen=True):
    """A [[posture]] item in a sector. Without a fact it is staged: nobody has to earn that."""

    posture: str
    state: PostureState
    since: datetime
    until: datetime | None = None


class SuspensionFact(msgspec.Struct, frozen=True):
    """A rule of a pack that is suspended: `rule` as RuleRef names it ("tactic.oc-hand")."""

    pack: str
    rule: str
    since: datetime
    until: datetime | None
    by: str


class DelegationFact(msgspec.Struct, frozen=True):
    """A written delegation of a position's or a rank's authority, known beforehand."""

    delegate: str  # the person who may act
    by: str
    since: datetime
    until: datetime | None
    position: str | None = None
    by_rank: str | None = None  # the delegator's rank when they wrote it
    written: bool = True


class Facts(Protocol):
    """Pure queries over the fold. None means "not known", and not-known never permits."""

    @property
    def lead_agency(self) -> str | None: ...

    def person(self, person: str, at: datetime) -> PersonFact | None: ...

    def agency_kind(self, agency: str) -> str | None:
        """`lead` or `assisting`."""

    def agency_accepted_plan(self, agency: str, at: datetime) -> bool:
        """Whether it had accepted the plan by `at`, and not taken that back."""

    def jurisdiction_kind(self, agency: str) -> str | None:
        """What kind of body the agency is of ("city", "county-sheriff", "state"), as packs say in `binds`."""

    def positions_of(self, person: str, at: datetime) -> tuple[str, ...]: ...

    def holder(self, position: str, at: datetime) -> str | None: ...

    def holder_since(self, position: str, at: datetime) -> datetime | None:
        """Since when that person holds it."""

    def level(self, sector: str, at: datetime) -> LevelFact | None: ...

    def warnings(self, sector: str, at: datetime) -> tuple[WarningFact, ...]:
        """Warnings given in the sector up to `at`, oldest first."""

    def warnings_since(self, sector: str, since: datetime | None, at: datetime) -> tuple[WarningFact, ...]:
        """Those not before `since`; None: all."""

    def crowd_moved(self, sector: str, at: datetime) -> datetime | None:
        """When the crowd last moved on; warnings from before were given to another place."""

    def exits_open(self, sector: str, at: datetime) -> tuple[str, ...] | None:
        """Ways out that were last seen open; empty: seen, and none is; None: nobody looked."""

    def exits_seen(self, sector: str, at: datetime) -> datetime | None:
        """When that look was; None: nobody looked."""

    def indicators(self, sector: str, at: datetime) -> tuple[tuple[str, datetime, str], ...]:
        """(indicator id, observed at, observer) recorded in the sector up to `at`, oldest first."""

    def findings(self, sector: str, at: datetime) -> tuple[FoundFact, ...]:
        """Signs observed and findings made in the sector up to `at`, oldest first."""

    def findings_since(self, sector: str, since: datetime, at: datetime) -> tuple[FoundFact, ...]:
        """The newest record of each sign and finding, where it is not before `since`, oldest first.

        What judgement asks, so that an answer need not cost what the whole day holds.
        """

    def witnessed(self, person: str, sector: str, since: datetime, at: datetime) -> bool:
        """Whether the person recorded there, from `since` to `at`, what they had seen with their own eyes."""

    def attempt(self, what: Attempted, sector: str, at: datetime) -> AttemptFact | None:
        """The newest de-escalation or targeted action in the sector."""

    def liaison_tried(self, sector: str | None, at: datetime) -> datetime | None:
        """When liaison was last tried in the sector (or incident-wide), None if never."""

    def presence(self, person: str, at: datetime) -> PresenceFact | None:
        """Where the person was. None: not known."""

    def cosigns(self, ask: str, at: datetime) -> tuple[CoSignFact, ...]:
        """Second signatures under a waiting ask."""

    def grants(self, at: datetime) -> tuple[GrantFact, ...]:
        """Every grant recorded by `at`, oldest first, ended and expired ones too."""

    def grants_of(self, tool: str, sector: str | None, since: datetime, at: datetime) -> Iterator[GrantFact]:
        """Those of the tool recorded by `at` that may reach the sector, newest first.

        Of those that were over before `since` it may leave out all but the newest few.
        """

    def grant(self, grant: str, at: datetime) -> GrantFact | None: ...

    def posture(self, sector: str, posture: str, at: datetime) -> PostureFact | None: ...

    def suspensions(self, at: datetime) -> tuple[SuspensionFact, ...]:
        """Suspensions recorded by `at` and not taken back by then."""

    def delegations(self, person: str, at: datetime) -> tuple[DelegationFact, ...]:
        """Delegations to the person, not taken back by then."""

    def involved(self, record: str, at: datetime) -> tuple[str, ...] | None:
        """Who ordered, authorized or took part in what the record is about. None: no such record."""


class NothingKnown:
    """The questions about force, answered "not known": a base for facts that do not (yet) keep such things.

    Whoever inherits overrides what they know; what stays here denies.
    """

    def jurisdiction_kind(self, agency: str) -> str | None:
        """Not known: rules that bind only some kinds bind this agency too."""
        return None

    def holder_since(self, position: str, at: datetime) -> datetime | None:
        """Not known."""
        return None

    def warnings(self, sector: str, at: datetime) -> tuple[WarningFact, ...]:
        """None recorded."""
        return ()

    def warnings_since(self, sector: str, since: datetime | None, at: datetime) -> tuple[WarningFact, ...]:
        """From `warnings`."""
        return tuple(fact for fact in self.warnings(sector, at) if since is None or fact.at >= since)

    def crowd_moved(self, sector: str, at: datetime) -> datetime | None:
        """Not known to have moved."""
        return None

    def exits_open(self, sector: str, at: datetime) -> tuple[str, ...] | None:
        """Nobody looked."""
        return None

    def exits_seen(self, sector: str, at: datetime) -> datetime | None:
        """Nobody looked."""
        return None

    def findings(self, sector: str, at: datetime) -> tuple[FoundFact, ...]:
        """None recorded."""
        return ()

    def findings_since(self, sector: str, since: datetime, at: datetime) -> tuple[FoundFact, ...]:
        """The newest of `findings`, where they are recent enough."""
        newest = {found.finding: found for found in self.findings(sector, at)}
        return tuple(found for found in newest.values() if found.at >= since)

    def witnessed(self, person: str, sector: str, since: datetime, at: datetime) -> bool:
        """From `findings`, so that one of the two is enough to write."""
        seen = self.findings(sector, at)
        return any(one.by == person and one.witnessed and one.at >= since for one in seen)

    def attempt(self, what: Attempted, sector: str, at: datetime) -> AttemptFact | None:
        """None recorded."""
        return None

    def presence(self, person: str, at: datetime) -> PresenceFact | None:
        """Not known."""
        return None

    def cosigns(self, ask: str, at: datetime) -> tuple[CoSignFact, ...]:
        """None recorded."""
        return ()

    def grants(self, at: datetime) -> tuple[GrantFact, ...]:
        """None recorded."""
        return ()

    def grants_of(self, tool: str, sector: str | None, since: datetime, at: datetime) -> Iterator[GrantFact]:
        """From `grants`, likewise."""
        known = reversed(self.grants(at))
        return (item for item in known if item.tool == tool and item.sector in (None, sector))

    def grant(self, grant: str, at: datetime) -> GrantFact | None:
        """Not on record."""
        return None

    def posture(self, sector: str, posture: str, at: datetime) -> PostureFact | None:
        """Staged."""
        return None

    def suspensions(self, at: datetime) -> tuple[SuspensionFact, ...]:
        """None recorded."""
        return ()

    def delegations(self, person: str, at: datetime) -> tuple[DelegationFact, ...]:
        """None recorded."""
        return ()

    def involved(self, record: str, at: datetime) -> tuple[str, ...] | None:
        """Not on record."""
        return None
