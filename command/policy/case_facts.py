"""An incident written down in a few sentences, for the cases beside the rules: `Facts` without a fold.

Each line of a case's `given` is a time and a sentence; `SENTENCES` lists every form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from command.policy import facts as f
from command.policy.problems import nearest

T = TypeVar("T")

LEAD = "lead"
"""The lead agency of every case; people without an `agency` are of it."""


class Casting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person of a case: on duty from the beginning, with courses that do not lapse unless a date says so."""

    rank: str
    agency: str = LEAD
    positions: tuple[str, ...] = ()
    training: tuple[str, ...] = ()
    lapsed: tuple[str, ...] = ()


class CaseFacts(f.NothingKnown):
    """Facts as lists of what has happened; every answer is about a moment."""

    lead_agency: str | None = LEAD

    def __init__(self, people: dict[str, Casting], begin: datetime) -> None:
        self.people = people
        self.begin = begin
        self._out: dict[str, datetime] = {}
        self._held = [(key, who, begin) for who, cast in people.items() for key in cast.positions]
        self._left: list[tuple[str, datetime]] = []
        self._levels: list[tuple[str, f.LevelFact]] = []
        self._found: list[tuple[str, f.FoundFact]] = []
        self._warned: list[tuple[str, f.WarningFact]] = []
        self._moved: list[tuple[str, datetime]] = []
        self._exits: list[tuple[str, datetime, tuple[str, ...]]] = []
        self._tried: list[tuple[str, f.AttemptFact]] = []
        self._signed: list[tuple[str, f.CoSignFact]] = []
        self._grants: dict[str, f.GrantFact] = {}
        self._posture: list[tuple[str, f.PostureFact]] = []
        self._suspended: list[f.SuspensionFact] = []
        self._delegated: list[f.DelegationFact] = []
        self._where: list[tuple[str, f.PresenceFact]] = []
        self._accepted = {LEAD: begin}
        self._kinds: dict[str, str] = {}
        self._involved: dict[str, tuple[str, ...]] = {}

    # What a rule asks ------------------------------------------------------------

    def person(self, person: str, at: datetime) -> f.PersonFact | None:
        """On duty from the beginning, until they check out."""
        cast = self.people.get(person)
        if cast is None:
            return None
        courses = (*((word, None) for word in cast.training), *((word, self.begin) for word in cast.lapsed))
        out = self._out.get(person)
        return f.PersonFact(person, cast.agency, cast.rank, courses, out is None or at < out)

    def agency_kind(self, agency: str) -> str | None:
        """The lead agency leads; every other assists."""
        return "lead" if agency == LEAD else "assisting"

    def agency_accepted_plan(self, agency: str, at: datetime) -> bool:
        """As a sentence says: from its time on."""
        since = self._accepted.get(agency)
        return since is not None and since <= at

    def jurisdiction_kind(self, agency: str) -> str | None:
        """As a sentence says."""
        return self._kinds.get(agency)

    def positions_of(self, person: str, at: datetime) -> tuple[str, ...]:
        """Every position that the person holds."""
        return tuple(sorted({key for key, _, _ in self._held if self.holder(key, at) == person}))

    def holder(self, position: str, at: datetime) -> str | None:
        """The last to take it, unless it was left since."""
        held = [(since, who) for key, who, since in self._held if key == position and since <= at]
        left = max((when for key, when in self._left if key == position and when <= at), default=None)
        if not held or (left is not None and left >= held[-1][0]):
            return None
        return held[-1][1]

    def holder_since(self, position: str, at: datetime) -> datetime | None:
        """Since the last taking of it."""
        since = [when for key, _, when in self._held if key == position and when <= at]
        return since[-1] if self.holder(position, at) is not None else None

    def level(self, sector: str, at: datetime) -> f.LevelFact | None:
        """The last one said."""
        return _last(fact for key, fact in self._levels if key == sector and fact.since <= at)

    def warnings(self, sector: str, at: datetime) -> tuple[f.WarningFact, ...]:
        """In the order of their times."""
        found = (fact for key, fact in self._warned if key == sector and fact.at <= at)
        return tuple(sorted(found, key=lambda fact: fact.at))

    def crowd_moved(self, sector: str, at: datetime) -> datetime | None:
        """The last time."""
        return max((when for key, when in self._moved if key == sector and when <= at), default=None)

    def exits_open(self, sector: str, at: datetime) -> tuple[str, ...] | None:
        """As last seen."""
        return _last(ways for key, when, ways in self._exits if key == sector and when <= at)

    def exits_seen(self, sector: str, at: datetime) -> datetime | None:
        """When that look was."""
        return _last(when for key, when, _ in self._exits if key == sector and when <= at)

    def indicators(self, sector: str, at: datetime) -> tuple[tuple[str, datetime, str], ...]:
        """The same as the findings."""
        return tuple((fact.finding, fact.at, fact.by) for fact in self.findings(sector, at))

    def findings(self, sector: str, at: datetime) -> tuple[f.FoundFact, ...]:
        """As said."""
        return tuple(fact for key, fact in self._found if key == sector and fact.at <= at)

    def attempt(self, what: f.Attempted, sector: str, at: datetime) -> f.AttemptFact | None:
        """The last one."""
        return _last(fact for key, fact in self._tried if key == sector and fact.what == what and fact.at <= at)

    def liaison_tried(self, sector: str | None, at: datetime) -> datetime | None:
        """Never: an ask says it."""
        return None

    def presence(self, person: str, at: datetime) -> f.PresenceFact | None:
        """As last said."""
        return _last(fact for who, fact in self._where if who == person and fact.since <= at)

    def cosigns(self, ask: str, at: datetime) -> tuple[f.CoSignFact, ...]:
        """As said."""
        return tuple(fact for key, fact in self._signed if key == ask and fact.at <= at)

    def grants(self, at: datetime) -> tuple[f.GrantFact, ...]:
        """Those begun by then."""
        return tuple(fact for fact in self._grants.values() if fact.since <= at)

    def grant(self, grant: str, at: datetime) -> f.GrantFact | None:
        """By its id."""
        fact = self._grants.get(grant)
        return fact if fact is not None and fact.since <= at else None

    def posture(self, sector: str, posture: str, at: datetime) -> f.PostureFact | None:
        """As last said."""
        return _last(
            fact for key, fact in self._posture if key == sector and fact.posture == posture and fact.since <= at
        )

    def suspensions(self, at: datetime) -> tuple[f.SuspensionFact, ...]:
        """As said."""
        return tuple(fact for fact in self._suspended if fact.since <= at)

    def delegations(self, person: str, at: datetime) -> tuple[f.DelegationFact, ...]:
        """To that person."""
        return tuple(fact for fact in self._delegated if fact.delegate == person and fact.since <= at)

    def involved(self, record: str, at: datetime) -> tuple[str, ...] | None:
        """As said."""
        return self._involved.get(record)

    # What a sentence says ----------------------------------------------------------

    def happen(self, at: datetime, sentence: str, when: Callable[[str], datetime]) -> str | None:
        """Take a sentence in. Returns None, or the form that was probably meant. `when` reads a time."""
        for pattern, take in _FORMS:
            if match := pattern.fullmatch(sentence):
                take(self, at, match, when)
                return None
        return nearest(sentence, SENTENCES) or SENTENCES[0]


def _last(items: Iterable[T]) -> T | None:
    found = list(items)
    return found[-1] if found else None


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(re.split(r" and |, ", text)) if text else ()


Match = re.Match[str]
When = Callable[[str], datetime]


def _stands(facts: CaseFacts, at: datetime, m: Match, when: When) -> None:
    until = when(m["until"]) if m["until"] else None
    facts._levels.append((m["sector"], f.LevelFact(m["level"], at, until)))


def _finds(facts: CaseFacts, at: datetime, m: Match, _when: When) -> None:
    for word in _words(m["what"]):
        facts._found.append((m["sector"], f.FoundFact(word, at, m["who"], bool(m["seen"]))))


def _warns(facts: CaseFacts, at: datetime, m: Match, _when: When) -> None:
    said = [part.strip() for part in (m["how"] or "").split(",")]
    after = {word: next((part.removeprefix(word) for part in said if part.startswith(word)), "") for word in _AFTER}
    places = re.search(r"from (\d+) places", m["how"] or "")
    facts._warned.append(
        (
            m["sector"],
            f.WarningFact(
                at=at,
                text=m["text"],
                amplified="amplified" in said,
                on_camera="on camera" in said,
                audible=True if "heard" in said else False if "not heard" in said else None,
                exits=_words(after["exits "]),
                by=m["who"],
                says=_words(after["saying "]),
                weapon=after["naming "] or None,
                languages=_words(after["in "]),
                exits_open=False if "exits closed" in said else None,
                places=int(places[1]) if places else 1,
                rear=_words(after["confirmed from the rear by "]),
            ),
        )
    )


_AFTER = ("exits ", "naming ", "in ", "saying ", "confirmed from the rear by ")


def _tries(facts: CaseFacts, at: datetime, m: Match, _when: When) -> None:
    tried = m["how"] == "tries"
    fact = f.AttemptFact(m["what"], at, m["who"], tried, not tried)  # type: ignore[arg-type]  # the form holds the word
    facts._tried.append((m["sector"], fact))


def _signs(facts: CaseFacts, at: datetime, m: Match, _when: When) -> None:
    office = m["office"] or ""
    sign = f.CoSignFact(m["who"] or office, at, office, bool(office), bool(m["read"]))
    facts._signed.append((m["ask"], sign))


def _grants(facts: CaseFacts, at: datetime, m: Match, when: When) -> None:
    facts._grants[m["grant"]] = f.GrantFact(
        m["grant"], m["tool"], at, when(m["until"]), m["who"],
        purpose=m["purpose"], sector=m["sector"], users=_words(m["users"]), subject=m["subject"],
        quantity=int(m["count"]) if m["count"] else None, requester=m["asked"],
        relayed=bool(m["relayed"]), read_back=bool(m["read"]),
    )  # fmt: skip


def _changes(facts: CaseFacts, at: datetime, m: Match, _when: When) -> None:
    grant = facts._grants[m["grant"]]
    changed: dict[str, Any] = {"ended": at} if "revoke" in m[0] else {"confirmed": at}
    facts._grants[m["grant"]] = msgspec.structs.replace(grant, **changed)


def _uses(facts: CaseFacts, _at: datetime, m: Match, _when: When) -> None:
    grant = facts._grants[m["grant"]]
    facts._grants[m["grant"]] = msgspec.structs.replace(grant, used=grant.used + int(m["count"]))


def _postured(facts: CaseFacts, at: datetime, m: Match, when: When) -> None:
    until = when(m["until"]) if m["until"] else None
    state: Any = m["state"]
    facts._posture.append((m["sector"], f.PostureFact(m["item"], state, at, until)))


def _delegates(facts: CaseFacts, at: datetime, m: Match, when: When) -> None:
    position = None if m["what"] == "their rank" else m["what"]
    rank = facts.people[m["who"]].rank if m["who"] in facts.people else None
    facts._delegated.append(f.DelegationFact(m["to"], m["who"], at, when(m["until"]), position, rank))


def _one(
    name: str, value: Callable[[Match, datetime, When], Any]
) -> Callable[[CaseFacts, datetime, Match, When], None]:
    """A sentence that adds one thing to a list."""

    def take(facts: CaseFacts, at: datetime, m: Match, when: When) -> None:
        getattr(facts, name).append(value(m, at, when))

    return take


def _sets(
    name: str, key: str, value: Callable[[Match, datetime], Any]
) -> Callable[[CaseFacts, datetime, Match, When], None]:
    """A sentence that sets one thing in a table."""

    def take(facts: CaseFacts, at: datetime, m: Match, _when: When) -> None:
        getattr(facts, name)[m[key]] = value(m, at)

    return take


_W = r"(?P<who>[\w.-]+)"
_S = r"sector (?P<sector>[\w.-]+)"
_UNTIL = r"(?: until (?P<until>[\d:]+))?"

_TABLE: tuple[tuple[str, str, Callable[[CaseFacts, datetime, Match, When], None]], ...] = (
    ("sector 4 stands at dispersal until 12:40", rf"{_S} stands at (?P<level>[\w.-]+){_UNTIL}", _stands),
    ("sergeant finds imminent-danger in sector 4, as an eyewitness",
     rf"{_W} finds (?P<what>.+) in {_S}(?P<seen>, as an eyewitness)?", _finds),
    ("sergeant warns sector 4 with dispersal-order: amplified, on camera, heard, exits north and west, naming oc-hand",
     rf"{_W} warns {_S} with (?P<text>[\w.-]+)(?:: (?P<how>.+))?", _warns),
    ("the crowd in sector 4 moves on", rf"the crowd in {_S} moves on",
     _one("_moved", lambda m, at, _: (m["sector"], at))),
    ("exits of sector 4: north and west", rf"exits of {_S}: (?P<ways>.+)",
     _one("_exits", lambda m, at, _: (m["sector"], at, () if m["ways"] == "none" else _words(m["ways"])))),
    ("sergeant tries de-escalation in sector 4",
     rf"{_W} (?P<how>tries|writes why there is no) (?P<what>de-escalation|targeted action) in {_S}", _tries),
    ("the mayor signs ask-1 by call-back with read-back",
     r"(?:the (?P<office>[\w -]+?) signs (?P<ask>[\w.-]+) by call-back(?P<read> with read-back)?)(?P<who>)", _signs),
    ("chief signs ask-1", r"(?P<who>[\w.-]+) signs (?P<ask>[\w.-]+)(?P<office>)(?P<read>)", _signs),
    ("commander grants g-1: oc-hand to arrest in sector 4 until 12:40, to officer, against p-1, 2 of it, asked by sergeant",
     (rf"{_W} grants (?P<grant>[\w.-]+): (?P<tool>[\w.-]+) to (?P<purpose>[\w ]+?) in {_S} until (?P<until>[\d:]+)"
     r"(?:, to (?P<users>[\w.-]+(?: and [\w.-]+)*))?(?:, against (?P<subject>[\w.-]+))?(?:, (?P<count>\d+) of it)?"
     r"(?:, asked by (?P<asked>[\w.-]+))?(?P<relayed>, relayed(?P<read> with read-back)?)?"), _grants),
    ("g-1 is revoked", r"(?P<grant>[\w.-]+) is (?:revoked|confirmed)", _changes),
    ("2 of g-1 are used", r"(?P<count>\d+) of (?P<grant>[\w.-]+) are used", _uses),
    ("deputy takes incident-commander", rf"{_W} takes (?P<post>[\w.-]+)",
     _one("_held", lambda m, at, _: (m["post"], m["who"], at))),
    ("nobody holds incident-commander", r"nobody holds (?P<post>[\w.-]+)",
     _one("_left", lambda m, at, _: (m["post"], at))),
    ("protective-gear in sector 4 is ready", rf"(?P<item>[\w.-]+) in {_S} is (?P<state>staged|ready|deployed){_UNTIL}",
     _postured),
    ("tactic.oc-at-a-person of muster-model is suspended until 13:00",
     r"(?P<rule>[\w.-]+) of (?P<pack>[\w.-]+) is suspended until (?P<until>[\d:]+)",
     _one("_suspended", lambda m, at, when: f.SuspensionFact(m["pack"], m["rule"], at, when(m["until"]), "commander"))),
    ("chief delegates their rank to lieutenant until 13:00",
     rf"{_W} delegates (?P<what>their rank|[\w.-]+) to (?P<to>[\w.-]+) until (?P<until>[\d:]+)", _delegates),
    ("lieutenant is in sector 5", rf"{_W} is in {_S}",
     _one("_where", lambda m, at, _: (m["who"], f.PresenceFact(m["sector"], at)))),
    ("sergeant checks out", rf"{_W} checks out", _sets("_out", "who", lambda _m, at: at)),
    ("county-so accepts the plan", rf"{_W} accepts the plan", _sets("_accepted", "who", lambda _m, at: at)),
    ("the lead agency is a county-sheriff", r"the (?P<who>lead) agency is a (?P<kind>[\w-]+)",
     _sets("_kinds", "who", lambda m, _at: m["kind"])),
    ("r-1 involves officer and sergeant", r"(?P<record>[\w.-]+) involves (?P<people>.+)",
     _sets("_involved", "record", lambda m, _at: _words(m["people"]))),
)  # fmt: skip

SENTENCES = tuple(example for example, _, _ in _TABLE)
"""Every form of a `given` sentence, by an example."""

_FORMS = tuple((re.compile(pattern), take) for _, pattern, take in _TABLE)
