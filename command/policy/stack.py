"""Several packs on top of each other, compiled once so that judging is only comparing.

Where packs speak of the same thing the strictest wins: authorizers, entry conditions
and needs of all packs must hold; reviews and deadlines take the shortest known;
skipping needs every pack's leave; a tool is what the sternest pack says it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from command.policy.decision import RuleRef
from command.policy.durations import Span
from command.policy.model import (
    INCIDENT_COMMANDER,
    ApprovedText,
    AskRule,
    Authorizer,
    DutyRule,
    Enter,
    Force,
    Indicator,
    Level,
    Limits,
    Pack,
    Position,
    Rule,
    Starts,
    TemplatePart,
    Tool,
)
from command.policy.problems import PackProblems, Problem

DEFAULT_ASK_AGE_S = 60.0
"""Where no pack says: an ask older than a minute was made on another street."""

DEFAULT_ASK_EXPIRES_S = 600.0


class Way(NamedTuple):
    """A compiled authorizer: `rank_from` is a place in the stack's order of ranks."""

    positions: tuple[str, ...]
    rank_from: int | None
    agency: str
    requester_may: bool
    words: str


class Gate(NamedTuple):
    """One pack's rule on who may: any of the ways."""

    ref: RuleRef
    ways: tuple[Way, ...]


class Rung(NamedTuple):
    """A level of the stack. `place` counts from 0 at the lowest; `review` is None only there."""

    id: str
    place: int
    order: int
    name: str
    says: str
    permits: tuple[str, ...]
    indicators: tuple[tuple[str, str], ...]  # (id, sentence) of those the entry conditions name
    rules: tuple[RuleRef, ...]
    gates: tuple[Gate, ...]
    enters: tuple[tuple[RuleRef, Enter], ...]
    needs: tuple[str, ...]
    skip: bool
    review: Span | None
    who_may: tuple[str, ...]


class Post(NamedTuple):
    """A position of the stack: `agency` is "lead" as soon as one pack says so."""

    id: str
    title: str
    training: tuple[str, ...]
    agency: str
    rules: tuple[RuleRef, ...]


class Ruled(NamedTuple):
    """An action of the stack with who may and what it needs."""

    rules: tuple[RuleRef, ...]
    gates: tuple[Gate, ...]
    needs: tuple[str, ...]
    who_may: tuple[str, ...]


class ToolRule(NamedTuple):
    """A tool of the stack: the sternest of what its packs say."""

    id: str
    grant: str
    exigent: bool
    rules: tuple[RuleRef, ...]


class Window(NamedTuple):
    """When a pack is in force: from (inclusive) and until (exclusive), each None where open."""

    pack: str
    begin: datetime | None
    end: datetime | None


class Stack:
    """The rules of an incident. Immutable once made; share it freely.

    digests         ("id@sha256:<64 hex>", …) in the order given
    digest          SHA-256 in hex over `digests`, a line each
    ladder          levels, lowest first; `first_level` is the lowest one's id
    positions       id → Post; `indicators` id → Indicator; `texts` id → ApprovedText
    template_parts  what a spontaneous incident lacks
    ask_age_s, ask_expires_s, basis_required   the limits of an ask
    """

    def __init__(self, packs: Sequence[Pack]) -> None:
        """Raises PackProblems where the packs cannot stand on each other; see `of`."""
        self.packs = tuple(packs)
        self.ranks = _one_order(packs)
        self.rank_places = {rank: place for place, rank in enumerate(self.ranks)}
        self.digests = tuple(f"{pack.id}@sha256:{pack.digest}" for pack in packs)
        self.digest = hashlib.sha256("\n".join(self.digests).encode()).hexdigest()
        self.windows = tuple(_window(pack) for pack in packs)
        self.positions = {
            key: self._post(key) for key in _in_order(item.id for pack in packs for item in pack.position)
        }
        self.indicators: dict[str, Indicator] = {}
        self.texts: dict[str, ApprovedText] = {}
        for pack in packs:
            self.indicators = {item.id: item for item in pack.indicator} | self.indicators
            self.texts = {item.id: item for item in pack.text} | self.texts
        self.ladder = self._ladder()
        self.first_level = self.ladder[0].id
        self._levels = {rung.id: rung for rung in self.ladder}
        self.asks = {key: self._ruled(key) for key in _in_order(item.action for pack in packs for item in pack.ask)}
        self.force = tuple(ref(pack, pack.force) for pack in packs if pack.force)
        self.tools = {key: self._tool(key) for key in _in_order(item.id for pack in packs for item in pack.tool)}
        self.duties = _strictest(item for pack in packs for item in pack.duty)
        self.template_parts = tuple(item for pack in packs for item in pack.part)
        self.template_duties = _strictest(_as_duty(item) for pack in packs for item in pack.part)
        commander = Authorizer(positions=(INCIDENT_COMMANDER,))
        self.commander_gate = Gate(self.positions[INCIDENT_COMMANDER].rules[0], (self._way(commander),))
        self._limits([(pack.id, pack.limits) for pack in packs if pack.limits])

    @classmethod
    def of(cls, packs: Sequence[Pack]) -> Stack:
        """Put packs together, the most general first.

        Raises PackProblems: no pack, an id twice, no levels, another ladder or
        another order of ranks in a second pack.
        """
        return cls(packs)

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

    def not_in_force(self, at: datetime) -> tuple[str, ...]:
        """Ids of the packs whose dates of force do not cover `at`. Days begin and end at midnight UTC."""
        return tuple(
            window.pack
            for window in self.windows
            if (window.begin is not None and at < window.begin) or (window.end is not None and at >= window.end)
        )

    def _limits(self, given: list[tuple[str, Limits]]) -> None:
        self.ask_age_s = min((item.ask_age.seconds or 0.0 for _, item in given), default=DEFAULT_ASK_AGE_S)
        self.ask_expires_s = min((item.ask_expires.seconds or 0.0 for _, item in given), default=DEFAULT_ASK_EXPIRES_S)
        self.basis_required = not given or any(item.basis == "required" for _, item in given)
        says = f"An ask is judged within {self.ask_age_s:.0f} s, on what its author can see by then."
        bound = next((pack for pack, item in given if item.ask_age.seconds == self.ask_age_s), "muster")
        self.limits_ref = RuleRef(pack=bound, rule="limits", says=says)

    def _post(self, key: str) -> Post:
        found = [(pack, item) for pack in self.packs for item in pack.position if item.id == key]
        return Post(
            id=key,
            title=found[0][1].title,
            training=_in_order(course for _, item in found for course in item.training),
            agency="lead" if any(item.agency == "lead" for _, item in found) else "any",
            rules=tuple(ref(pack, item) for pack, item in found),
        )

    def _ladder(self) -> tuple[Rung, ...]:
        laddered = [pack for pack in self.packs if pack.level]
        if not laddered:
            raise _stack_problem(self.packs, "a pack with levels", "none")
        shape = _shape(laddered[0])
        for pack in laddered[1:]:
            if _shape(pack) != shape:
                expected = f"the ladder of {laddered[0].id}: {', '.join(shape)}"
                raise _stack_problem([pack], expected, ", ".join(_shape(pack)))
        return tuple(self._rung(place, key) for place, key in enumerate(shape))

    def _rung(self, place: int, key: str) -> Rung:
        found = [(pack, item) for pack in self.packs for item in pack.level if item.id == key]
        level = found[0][1]
        gates = tuple(self._gate(ref(pack, item), item.authorizer) for pack, item in found if item.authorizer)
        enters = tuple((ref(pack, item), item.enter) for pack, item in found if item.enter)
        reviews = [item.review for _, item in found if item.review]
        return Rung(
            id=key,
            place=place,
            order=level.order,
            name=level.name,
            says=level.says,
            permits=_permits([item for _, item in found]),
            indicators=tuple((word, self.indicators[word].says) for word in _words(enter for _, enter in enters)),
            rules=tuple(ref(pack, item) for pack, item in found),
            gates=gates,
            enters=enters,
            needs=_in_order(need for _, item in found for need in item.needs),
            skip=all(item.skip == "allowed" for _, item in found),
            review=min(reviews, key=_length) if reviews else None,
            who_may=_who_may(gates),
        )

    def _ruled(self, action: str) -> Ruled:
        found = [(pack, item) for pack in self.packs for item in pack.ask if item.action == action]
        gates = tuple(self._gate(ref(pack, item), item.who) for pack, item in found)
        needs = _in_order(need for _, item in found for need in item.needs)
        return Ruled(tuple(gate.ref for gate in gates), gates, needs, _who_may(gates))

    def _gate(self, rule: RuleRef, ways: Iterable[Authorizer]) -> Gate:
        return Gate(rule, tuple(self._way(way) for way in ways))

    def _way(self, way: Authorizer) -> Way:
        rank = way.rank.removesuffix(" or above") if way.rank else None
        return Way(
            way.positions,
            self.ranks.index(rank) if rank else None,
            way.agency,
            way.requester == "may authorize",
            self._in_words(way),
        )

    def _in_words(self, way: Authorizer) -> str:
        agency = {
            "lead": "of the lead agency",
            "any": "of any agency",
            "own unit": "of the assisting agency whose unit it is",
        }
        who = " or ".join(self.positions[key].title for key in way.positions)
        rank = (way.rank or "").replace("-", " ")
        if who and rank:
            return f"{who}, being {rank}, {agency[way.agency]}"
        return f"{who or rank or 'anyone on duty'} {agency[way.agency]}"

    def _tool(self, key: str) -> ToolRule:
        found = [(pack, item) for pack in self.packs for item in pack.tool if item.id == key]
        sternness = ("not needed", "needed", "never")
        return ToolRule(
            id=key,
            grant=max((item.grant for _, item in found), key=sternness.index),
            exigent=all(item.exigent == "accepted" for _, item in found),
            rules=tuple(ref(pack, item) for pack, item in found),
        )


_KINDS: dict[type, str] = {Position: "position", Level: "level", AskRule: "ask", Tool: "tool", Force: "force"}


def ref(pack: Pack, rule: Rule) -> RuleRef:
    """How a decision names a rule. Ids are unique within their kind, so the kind stands before it."""
    name = f"{_KINDS[type(rule)]}.{rule.id}"
    return RuleRef(pack=pack.id, rule=name, says=rule.says, source=rule.source, verified=rule.verified)


def _in_order(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _one_order(packs: Sequence[Pack]) -> tuple[str, ...]:
    if not packs:
        raise PackProblems([Problem("stack", 0, "packs", "at least one pack", "none")])
    seen: set[str] = set()
    for pack in packs:
        if pack.id in seen:
            raise _stack_problem([pack], "each pack once", f'"{pack.id}" again')
        seen.add(pack.id)
    ranked = [pack for pack in packs if pack.ranks]
    orders = [pack.ranks.order for pack in ranked if pack.ranks]
    for pack, order in zip(ranked, orders, strict=True):
        if order != orders[0]:
            raise _stack_problem([pack], f"the order of ranks of {ranked[0].id}", ", ".join(order))
    return orders[0] if orders else ()


def _stack_problem(packs: Sequence[Pack], expected: str, came: str) -> PackProblems:
    return PackProblems([Problem(packs[0].name, 0, "stack", expected, came)])


def _window(pack: Pack) -> Window:
    begin, end = pack.pack.in_force.from_, pack.pack.in_force.to
    return Window(
        pack.id,
        datetime.combine(begin, time(), UTC) if begin else None,
        datetime.combine(end, time(), UTC) + timedelta(days=1) if end else None,
    )


def _shape(pack: Pack) -> tuple[str, ...]:
    return tuple(level.id for level in sorted(pack.level, key=lambda level: level.order))


def _permits(levels: list[Level]) -> tuple[str, ...]:
    """What every pack permits: a sentence that one of them leaves out is not permitted."""
    return tuple(says for says in levels[0].permits if all(says in level.permits for level in levels[1:]))


def _words(enters: Iterable[Enter]) -> tuple[str, ...]:
    found: list[str] = []
    for enter in enters:
        for item in (*enter.any, *enter.all):
            found.extend((item,) if isinstance(item, str) else item.all)
    return _in_order(found)


def _length(span: Span) -> float:
    return float("inf") if span.seconds is None else span.seconds


def _who_may(gates: tuple[Gate, ...]) -> tuple[str, ...]:
    """One entry for each way in; where several packs must agree, one entry for each pack, beginning "also"."""
    if not gates:
        return ()
    first, *others = gates
    also = tuple("also: " + " or ".join(way.words for way in gate.ways) for gate in others)
    return _in_order((*(way.words for way in first.ways), *also))


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


def _strictest(found: Iterable[DutyRule]) -> dict[str, DutyRule]:
    """Duties by id; of two with one id the one that is due first."""
    duties: dict[str, DutyRule] = {}
    for duty in found:
        other = duties.get(duty.id)
        if other is None or _length(duty.within) < _length(other.within):
            duties[duty.id] = duty
    return duties
