"""An incident as `judge` sees it, written down by hand: no fold behind it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from command.policy.facts import LevelFact, NothingKnown, PersonFact, WarningFact

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LEAD = "metro-pd"
PARTNER = "county-so"

COURSES = (("incident-command", None), ("crowd-management", NOON + timedelta(days=1)))


def officer(person: str, rank: str = "officer", agency: str = LEAD, **changes: object) -> PersonFact:
    """A trained person on duty, unless `changes` say otherwise."""
    return replace_fact(PersonFact(person, agency, rank, COURSES, True), **changes)


def replace_fact(fact: PersonFact, **changes: object) -> PersonFact:
    """A copy of the fact with some fields changed."""
    values = {name: getattr(fact, name) for name in fact.__struct_fields__}
    return PersonFact(**{**values, **changes})  # type: ignore[arg-type]  # a test's own keywords


@dataclass(frozen=True)
class FakeFacts(NothingKnown):
    """Facts as plain tables. Positions and levels are (from, value) histories, oldest first."""

    lead_agency: str | None = LEAD
    people: dict[str, PersonFact] = field(default_factory=dict)
    agencies: dict[str, str] = field(default_factory=lambda: {LEAD: "lead", PARTNER: "assisting"})
    accepted: frozenset[str] = frozenset({LEAD, PARTNER})
    holders: dict[str, tuple[tuple[datetime, str | None], ...]] = field(default_factory=dict)
    levels: dict[str, tuple[LevelFact, ...]] = field(default_factory=dict)
    liaison: datetime | None = None
    given: tuple[WarningFact, ...] = ()  # in every sector
    exits: tuple[str, ...] | None = None

    def but(self, **changes: object) -> FakeFacts:
        """A copy with some tables replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]  # a test's own keywords

    def person(self, person: str, at: datetime) -> PersonFact | None:
        return self.people.get(person)

    def agency_kind(self, agency: str) -> str | None:
        return self.agencies.get(agency)

    def agency_accepted_plan(self, agency: str, at: datetime) -> bool:
        return agency in self.accepted

    def positions_of(self, person: str, at: datetime) -> tuple[str, ...]:
        return tuple(position for position in self.holders if self.holder(position, at) == person)

    def holder(self, position: str, at: datetime) -> str | None:
        held = [person for since, person in self.holders.get(position, ()) if since <= at]
        return held[-1] if held else None

    def level(self, sector: str, at: datetime) -> LevelFact | None:
        found = [fact for fact in self.levels.get(sector, ()) if fact.since <= at]
        return found[-1] if found else None

    def warnings(self, sector: str, at: datetime) -> tuple[WarningFact, ...]:
        return tuple(fact for fact in self.given if fact.at <= at)

    def exits_open(self, sector: str, at: datetime) -> tuple[str, ...] | None:
        return self.exits

    def exits_seen(self, sector: str, at: datetime) -> datetime | None:
        return None if self.exits is None else at

    def indicators(self, sector: str, at: datetime) -> tuple[tuple[str, datetime, str], ...]:
        return ()

    def liaison_tried(self, sector: str | None, at: datetime) -> datetime | None:
        return self.liaison


def dispersal_warning(at: datetime, by: str = "sergeant", **changes: object) -> WarningFact:
    """The model's approved order as it counts, unless `changes` say otherwise."""
    said = {"amplified": True, "on_camera": True, "audible": True, "exits": ("north",), "text": "dispersal-order"}
    return WarningFact(at=at, by=by, **{**said, **changes})  # type: ignore[arg-type]  # a test's own keywords


WARNED = tuple(dispersal_warning(NOON - timedelta(minutes=minutes)) for minutes in (7, 5, 3))
"""Three, two minutes apart, the last three minutes before noon."""


def ordinary() -> FakeFacts:
    """Noon at a gathering: chief, commander, lieutenant, sergeant and officer of the lead agency; a partner's captain.

    Sectors: `north` at plan, `south` at facilitate, `east` at engage, `west` at targeted, `centre` at dispersal.
    """
    since = NOON - timedelta(minutes=8)  # before the first of the warnings
    until = NOON + timedelta(minutes=10)
    people = (
        officer("chief", "chief"),
        officer("ic", "captain"),
        officer("ops", "lieutenant"),
        officer("lieutenant", "lieutenant"),
        officer("sergeant", "sergeant"),
        officer("officer", "officer"),
        officer("partner", "captain", PARTNER),
    )
    ladder = {"north": "plan", "south": "facilitate", "east": "engage", "west": "targeted", "centre": "dispersal"}
    return FakeFacts(
        people={fact.person: fact for fact in people},
        holders={"incident-commander": ((since, "ic"),), "operations": ((since, "ops"),)},
        levels={
            sector: (LevelFact(level, since, None if level == "plan" else until),) for sector, level in ladder.items()
        },
        given=WARNED,
        exits=("north",),
    )
