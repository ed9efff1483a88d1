"""Several packs on top of each other, compiled once so that judging is only comparing.

Where packs speak of the same thing the strictest wins: authorizers, entry conditions
and needs of all packs must hold; reviews and deadlines take the shortest known;
skipping needs every pack's leave; a tool is what the sternest pack says it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from command.policy.calendar import PlaceCalendar
from command.policy.charges import ArrestRules
from command.policy.compiled import Post, Posture, Ruled, Rung, ToolRule, Window
from command.policy.decision import Bound, RuleRef
from command.policy.durations import Span, strictest
from command.policy.gates import Gate, Gates, Way, distinct, ref, who_may
from command.policy.measures import Measures
from command.policy.model import (
    INCIDENT_COMMANDER,
    ApprovedText,
    Authorizer,
    DutyRule,
    Enter,
    Indicator,
    Level,
    Limits,
    Pack,
    PostureRule,
    Starts,
    TemplatePart,
)
from command.policy.problems import PackProblems, Problem
from command.policy.ranks import RankOrder
from command.policy.stated import GROUNDS, KNOWN_ZONES

__all__ = ["Gate", "Post", "Posture", "Ruled", "Rung", "Stack", "ToolRule", "Way", "Window", "ref"]

DEFAULT_ASK_AGE_S = 60.0
"""Where no pack says: an ask older than a minute was made on another street."""

DEFAULT_ASK_EXPIRES_S = 600.0


class Stack:
    """The rules of an incident. Immutable once made; share it freely.

    digests         ("id@sha256:<64 hex>", …) in the order given
    digest          SHA-256 in hex over `digests`, a line each
    ladder          levels, lowest first; `first_level` is the lowest one's id
    positions       id → Post; `indicators` id → Indicator; `texts` id → ApprovedText
    template_parts  what a spontaneous incident lacks
    read            indicators that are read from the record → the (pack, [[warning]])s that must have been given;
                    `read_exits`: those of them that ask for an open way out
    ask_age_s, ask_expires_s, basis_required   the limits of an ask
    known_grounds, known_zones   the words for grounds and parts of the body: the common ones and the packs' own
    exits_hold      for how long a look at the ways out counts, where nothing else says less; None: no pack says
    warnings_hold   for how long a sequence of warnings counts, where its own rule says no less; None: no pack says
    grant_s         how long a grant runs where nothing else limits it; None: there is no such grant
    """

    def __init__(self, packs: Sequence[Pack]) -> None:
        """Raises PackProblems where the packs cannot stand on each other; see `of`."""
        _each_once(packs)
        self.packs = tuple(packs)
        self._binding = tuple(pack for pack in packs if pack.pack.status != "enjoined")
        ranks = RankOrder(self._binding)
        self.ranks, self.rank_places = ranks.order, ranks.places
        self.digests = tuple(f"{pack.id}@sha256:{pack.digest}" for pack in packs)
        self.digest = hashlib.sha256("\n".join(self.digests).encode()).hexdigest()
        self.windows = tuple(_window(pack, _zone(pack, self._binding)) for pack in self._binding)
        self.unfit = tuple(
            (pack.id, pack.pack.status) for pack in self._binding if pack.pack.status in ("draft", "amended")
        )
        self._calendar = _calendar(self._binding)
        self._words()
        self._gates = Gates(ranks, {key: post.title for key, post in self.positions.items()})
        self.ladder = self._ladder()
        self.first_level = self.ladder[0].id
        self._levels = {rung.id: rung for rung in self.ladder}
        self._rules()
        commander = Authorizer(positions=(INCIDENT_COMMANDER,))
        self.commander_gate = Gate(
            self.positions[INCIDENT_COMMANDER].rules[0], (self._gates.way(self._binding[0], commander),)
        )
        self._limits([(pack.id, pack.limits) for pack in self._binding if pack.limits])

    def _words(self) -> None:
        """What the packs give names to."""
        packs = self._binding
        self.positions = {
            key: self._post(key) for key in _in_order(item.id for pack in packs for item in pack.position)
        }
        self.indicators: dict[str, Indicator] = {}
        self.texts: dict[str, ApprovedText] = {}
        for pack in packs:
            self.indicators = {item.id: item for item in pack.indicator} | self.indicators
            self.texts = {item.id: item for item in pack.text} | self.texts
        bars = [
            *(rule.bars for pack in packs for rule in pack.tactic),
            *(rule.bars for pack in packs for rule in pack.prohibition),
        ]
        own = [pack.words for pack in packs if pack.words]
        self.known_grounds = frozenset((*GROUNDS, *(word for item in own for word in item.grounds))).union(
            *((*item.never_solely_for, *item.never_for) for item in bars)
        )
        self.known_zones = KNOWN_ZONES.union(*(item.zones for item in own), *(item.zones for item in bars))
        read = [(pack.id, item) for pack in packs for item in pack.indicator if item.warning or item.exits]
        self.read = {
            word: frozenset((pack, item.warning) for pack, item in read if item.id == word and item.warning)
            for word in _in_order(item.id for _, item in read)
        }
        self.read_exits = frozenset(item.id for _, item in read if item.exits)
        self._local_levels = {
            word: local for pack in packs for word, local in (pack.links.levels if pack.links else {}).items()
        }
        self.succession = {item.position: item.order for pack in reversed(packs) for item in reversed(pack.succession)}

    def _rules(self) -> None:
        """What the packs demand."""
        packs = self._binding
        self.asks = {key: self._ruled(key) for key in _in_order(item.action for pack in packs for item in pack.ask)}
        self.force = tuple(ref(pack, pack.force) for pack in packs if pack.force)
        self.tools = {key: self._tool(key) for key in _in_order(item.id for pack in packs for item in pack.tool)}
        self.measures = Measures(packs, self._gates, self.local_level, self.texts)
        self.postures = {
            key: self._posture(key) for key in _in_order(item.id for pack in packs for item in pack.posture)
        }
        self.procedure_gates = tuple(
            self._gates.gate(pack, ref(pack, rule), rule.who)
            for pack in packs
            for rule in pack.arrest
            if rule.who and rule.topic == "procedure"
        )
        self.release_gates = tuple(
            self._gates.gate(pack, ref(pack, rule), rule.who)
            for pack in packs
            for rule in pack.arrest
            if rule.who and rule.topic == "release"
        )
        self.relays = tuple((ref(pack, pack.relay), pack.relay) for pack in packs if pack.relay)
        self.suspension = [(pack, pack.suspension) for pack in packs if pack.suspension]
        self.delegations = [(pack, item) for pack in packs for item in pack.delegation]
        self.arrests = ArrestRules(packs)
        self.duties = _strictest((pack, self._dated(item)) for pack in packs for item in pack.duty)
        self.template_parts = tuple(item for pack in packs for item in pack.part)
        self.template_duties = _strictest((pack, self._dated(_as_duty(item))) for pack in packs for item in pack.part)

    @classmethod
    def of(cls, packs: Sequence[Pack]) -> Stack:
        """Put packs together, the most general first.

        Raises PackProblems: no pack, an id twice, no levels, another ladder or
        another order of ranks in a second pack.
        """
        return cls(packs)

    def way(self, way: Authorizer) -> Way:
        """An authorizer who is named by position, ready to be compared."""
        return self._gates.way(self._binding[0], way)

    def level(self, level: str) -> Rung | None:
        """A level by its id, None where the stack has none such."""
        return self._levels.get(level)

    def until(self, level: str, at: datetime) -> datetime | None:
        """When a level entered or renewed at `at` permits nothing any more; None: it does not lapse.

        Raises KeyError for a level that is not of this stack. A review of unknown
        length ends at once.
        """
        review = self._levels[level].review
        return None if review is None else review.after(at) or at

    def local_level(self, level: str) -> str:
        """The ladder's own word for another pack's level."""
        return self._local_levels.get(level, level)

    def place(self, level: str) -> int | None:
        """Where a level stands on the ladder, None for one that is not on it."""
        rung = self._levels.get(level)
        return None if rung is None else rung.place

    def not_in_force(self, at: datetime) -> tuple[str, ...]:
        """Ids of the packs whose dates of force do not cover `at`. Days begin and end at midnight of the place."""
        return tuple(
            window.pack
            for window in self.windows
            if (window.begin is not None and at < window.begin) or (window.end is not None and at >= window.end)
        )

    def _limits(self, given: list[tuple[str, Limits]]) -> None:
        self.ask_age_s = min((item.ask_age.seconds or 0.0 for _, item in given), default=DEFAULT_ASK_AGE_S)
        self.ask_expires_s = min((item.ask_expires.seconds or 0.0 for _, item in given), default=DEFAULT_ASK_EXPIRES_S)
        self.basis_required = not given or any(item.basis == "required" for _, item in given)
        runs = [item.grant.seconds for _, item in given if item.grant is not None and item.grant.seconds is not None]
        self.grant_s = min(runs, default=None)
        self.exits_hold = strictest(*(item.exits for _, item in given))
        self.warnings_hold = strictest(*(item.warnings for _, item in given))
        says = f"An ask is judged within {self.ask_age_s:.0f} s, on what its author can see by then."
        bound = next((pack for pack, item in given if item.ask_age.seconds == self.ask_age_s), "muster")
        lives = (item.lapses.seconds or 0.0 for item in self.indicators.values() if item.lapses)
        self.longest_finding = timedelta(seconds=max(self.ask_expires_s, *lives, 0.0))
        self.limits_ref = RuleRef(pack=bound, rule="limits", says=says)

    def _post(self, key: str) -> Post:
        found = [(pack, item) for pack in self._binding for item in pack.position if item.id == key]
        return Post(
            id=key,
            title=found[0][1].title,
            training=_in_order(course for _, item in found for course in item.training),
            agency="lead" if any(item.agency == "lead" for _, item in found) else "any",
            rules=tuple(ref(pack, item) for pack, item in found),
        )

    def _ladder(self) -> tuple[Rung, ...]:
        """The ladder of plan or template; laws and agreements add to its rungs, by its words or by links to them."""
        laddered = [pack for pack in self._binding if pack.level and pack.pack.kind in ("plan", "template")]
        if not laddered:
            raise _stack_problem(self.packs, "a pack with levels", "none")
        if INCIDENT_COMMANDER not in self.positions:
            raise _stack_problem(laddered, f'a position "{INCIDENT_COMMANDER}"', "none")
        shape = _shape(laddered[0])
        for pack in laddered[1:]:
            if _shape(pack) != shape:
                expected = f"the ladder of {laddered[0].id}: {', '.join(shape)}"
                raise _stack_problem([pack], expected, ", ".join(_shape(pack)))
        for pack in self._binding:
            spoken = (
                *(item.id for item in pack.level),
                *(tactic.level for tactic in pack.tactic),
                *(posture.level for posture in pack.posture),
                *(warning.level for warning in pack.warning),
            )
            for word in spoken:
                if word is not None and self.local_level(word) not in shape:
                    expected = f"a link in [links] levels to one of {', '.join(shape)}"
                    raise _stack_problem([pack], expected, f'"{word}"')
        return tuple(self._rung(place, key) for place, key in enumerate(shape))

    def _rung(self, place: int, key: str) -> Rung:
        found = [(pack, item) for pack in self._binding for item in pack.level if self.local_level(item.id) == key]
        found.sort(key=lambda item: item[0].pack.kind in ("law", "agreement"))  # the plan's own words come first
        level = found[0][1]
        gates = tuple(
            self._gates.gate(pack, ref(pack, item), item.authorizer) for pack, item in found if item.authorizer
        )
        said = {item.enter: (ref(pack, item), item.enter) for pack, item in reversed(found) if item.enter}
        enters = tuple(said.values())[::-1]  # packs that ask for the same ask once
        reviews = [(ref(pack, item), item.review) for pack, item in found if item.review]
        at, review = min(reviews, key=lambda item: _length(item[1])) if reviews else (None, None)
        return Rung(
            id=key,
            place=place,
            order=level.order,
            name=level.name,
            says=level.says,
            permits=_permits([item for _, item in found]),
            indicators=tuple((word, self.indicators[word].says) for word in _words(enter for _, enter in enters)),
            rules=tuple(ref(pack, item) for pack, item in found),
            gates=distinct(gates),
            enters=enters,
            needs=_in_order(need for _, item in found for need in item.needs),
            skip=_reached_directly(found),
            review=review,
            who_may=who_may(gates),
            exits=tuple((ref(pack, item), item.exit) for pack, item in found if item.exit),
            bound=(Bound("review", review.text, at.pack, at.rule),) if at and review and len(found) > 1 else (),
        )

    def _ruled(self, action: str) -> Ruled:
        found = [(pack, item) for pack in self._binding for item in pack.ask if item.action == action]
        gates = tuple(self._gates.gate(pack, ref(pack, item), item.who) for pack, item in found)
        needs = _in_order(need for _, item in found for need in item.needs)
        return Ruled(tuple(gate.ref for gate in gates), distinct(gates), needs, who_may(gates))

    def _posture(self, key: str) -> Posture:
        found: list[tuple[Pack, PostureRule]] = [
            (pack, item) for pack in self._binding for item in pack.posture if item.id == key
        ]
        gates = tuple(
            self._gates.gate(pack, ref(pack, item), item.authorizer) for pack, item in found if item.authorizer
        )
        ready = tuple(
            self._gates.gate(pack, ref(pack, item), item.ready or item.authorizer)
            for pack, item in found
            if item.ready or item.authorizer
        )
        return Posture(
            id=key,
            title=found[0][1].title,
            rules=tuple(ref(pack, item) for pack, item in found),
            ready=ready,
            gates=gates,
            needs=tuple((ref(pack, item), item.needs) for pack, item in found if item.needs),
            never_for=_in_order(purpose for _, item in found for purpose in item.never_for),
            levels=_in_order(self.local_level(item.level) for _, item in found if item.level),
            review=min((item.review for _, item in found), key=_length),
            who_may=who_may(gates),
        )

    def _dated(self, rule: DutyRule) -> DutyRule:
        """The duty with the stack's calendar, where its time is by the calendar."""
        if self._calendar is None or not rule.within.by_calendar:
            return rule
        return replace(rule, within=replace(rule.within, calendar=self._calendar))

    def _tool(self, key: str) -> ToolRule:
        found = [(pack, item) for pack in self._binding for item in pack.tool if item.id == key]
        sternness = ("not needed", "needed", "never")
        return ToolRule(
            id=key,
            grant=max((item.grant for _, item in found), key=sternness.index),
            exigent=all(item.exigent == "accepted" for _, item in found),
            rules=tuple(ref(pack, item) for pack, item in found),
            munition=self._munition(key, [item.munition for _, item in found]),
            unit=next((item.unit for _, item in found if item.unit), ""),
        )

    def _munition(self, key: str, said: list[bool | None]) -> bool | None:
        """What one pack counts is counted; where none says, whatever a tactic limits by number is."""
        if True in said or False in said:
            return True in said
        rules = (rule for pack in self._binding for rule in pack.tactic if key in rule.tools)
        return True if any(rule.quantity or "quantity" in rule.scope for rule in rules) else None


def _calendar(packs: Sequence[Pack]) -> PlaceCalendar | None:
    given = [pack.calendar for pack in packs if pack.calendar]
    return PlaceCalendar(given) if given else None


def _in_order(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _each_once(packs: Sequence[Pack]) -> None:
    if not packs:
        raise PackProblems([Problem("stack", 0, "packs", "at least one pack", "none")])
    seen: set[str] = set()
    for pack in packs:
        if pack.id in seen:
            raise _stack_problem([pack], "each pack once", f'"{pack.id}" again')
        seen.add(pack.id)


def _stack_problem(packs: Sequence[Pack], expected: str, came: str) -> PackProblems:
    return PackProblems([Problem(packs[0].name, 0, "stack", expected, came)])


def _zone(pack: Pack, packs: Sequence[Pack]) -> tzinfo:
    """Where a pack's days are: by its own calendar, else by the last of the stack (the agency's own), else UTC."""
    local = pack.calendar or next((each.calendar for each in reversed(packs) if each.calendar), None)
    return ZoneInfo(local.time_zone) if local else UTC


def _window(pack: Pack, zone: tzinfo) -> Window:
    def midnight(day: date | None, after: int) -> datetime | None:
        try:
            return datetime.combine(day + timedelta(days=after), time(), zone).astimezone(UTC) if day else None
        except OverflowError:  # at the ends of the calendar: open
            return None

    return Window(pack.id, midnight(pack.pack.in_force.from_, 0), midnight(pack.pack.in_force.to, 1))


def _shape(pack: Pack) -> tuple[str, ...]:
    return tuple(level.id for level in sorted(pack.level, key=lambda level: level.order))


def _reached_directly(found: list[tuple[Pack, Level]]) -> bool:
    """Skipping needs the leave of every plan. A template gives way to a law that says so expressly: it is there to be
    adapted to the law of the place (New York's order of 2023: tier 3 directly from tier 1), an agency's own plan has been."""
    by_law = any(item.skip == "allowed" for pack, item in found if pack.pack.kind == "law")
    return all(
        item.skip == "allowed" or (by_law and pack.pack.kind == "template")
        for pack, item in found
        if pack.pack.kind in ("plan", "template")
    )


def _permits(levels: list[Level]) -> tuple[str, ...]:
    """What every pack permits that lists anything: a sentence that one of them leaves out is not permitted."""
    return tuple(
        says for says in levels[0].permits if all(says in level.permits for level in levels[1:] if level.permits)
    )


def _words(enters: Iterable[Enter]) -> tuple[str, ...]:
    found: list[str] = []
    for enter in enters:
        for item in (*enter.any, *enter.all):
            found.extend((item,) if isinstance(item, str) else item.all)
    return _in_order(found)


def _length(span: Span) -> float:
    return float("inf") if span.seconds is None else span.seconds


def _as_duty(part: TemplatePart) -> DutyRule:
    return DutyRule(
        id=part.id,
        says=part.says,
        source=part.source,
        verified=part.verified,
        starts=Starts(event="IncidentOpened"),
        within=part.within,
        owed_by=part.owed_by,
        ends=("PlanPartSupplied", "DutyDischarged"),
    )


def _strictest(found: Iterable[tuple[Pack, DutyRule]]) -> dict[str, DutyRule]:
    """Duties by id; of two with one id the one that is due first, and both where they begin with different things."""
    duties: dict[str, DutyRule] = {}
    for pack, duty in found:
        other = duties.get(duty.id)
        if other is not None and (other.starts, other.ends) != (duty.starts, duty.ends):
            duty = replace(duty, id=f"{duty.id}.{pack.id}"[:_LONGEST_ID])
            other = duties.get(duty.id)
        if other is None or _due(duty.within) < _due(other.within):
            duties[duty.id] = duty
    return duties


_LONGEST_ID = 64


def _due(within: Span) -> float:
    """The soonest that such a time can be over: days by the calendar are no shorter than days; unknown comes last."""
    days = within.business_days if within.business_days is not None else within.calendar_days
    return days * 86_400.0 if days is not None else _length(within)
