"""What a stack says about a tool for a purpose: every pack's tactics put together, the strictest of each field.

Conditions, bars, training and signatures are united; counts, intervals and waits take the
largest known number, lapses, durations and quantities the smallest; a number that is
unknown in one pack counts where another gives it, and denies where none does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from command.policy.decision import Bound, RuleRef
from command.policy.durations import Count, Span
from command.policy.gates import Gate, Gates, Way, distinct, ref, who_may
from command.policy.model import ApprovedText, Authorizer, Bars, CoSigner, Enter, Pack, Prohibition, Tactic, WarningRule
from command.policy.ranks import rank_words
from command.policy.stated import overlapping

T = TypeVar("T", Span, Count)


class Bar(NamedTuple):
    """One rule's bars. `whole`: the tool itself, for this purpose."""

    ref: RuleRef
    bars: Bars
    unless: Enter | None = None
    whole: bool = False


class CoSign(NamedTuple):
    """One signature beside the authorizer's: an office, or a way to be someone on duty."""

    ref: RuleRef
    office: str | None
    way: Way | None
    words: str
    binds: tuple[str, ...]
    when: Enter | None = None
    unless: Enter | None = None


class Warned(NamedTuple):
    """The warnings that must have been given, of all packs. Spans are None where nothing is asked."""

    rules: tuple[RuleRef, ...]
    named: str  # the first rule's id, for sentences
    texts: frozenset[str]
    whole_texts: frozenset[str]  # those of them that hold all of `says_what` themselves
    wanted: Count
    interval: Span | None
    wait: Span | None
    lapses: Span | None
    places: Count | None
    imminent_if: tuple[str, ...]
    imminent_count: Count | None  # None: as many as otherwise
    amplified: bool
    languages: tuple[str, ...]
    says_what: tuple[str, ...]
    names_weapon: bool
    same_person: bool
    by_authorizer: bool
    exits_open: bool
    audible: str
    on_camera: bool
    lapses_when_moved: bool
    by: tuple[Gate, ...]
    levels: tuple[str, ...] = ()  # in the ladder's own words; the highest counts
    rear: str = ""
    rear_by: tuple[Gate, ...] = ()


class Measure(NamedTuple):
    """A tool for a purpose under all packs of a stack. `gates` is empty where every rule only limits."""

    tool: str
    purpose: str
    rules: tuple[RuleRef, ...]
    gates: tuple[Gate, ...]
    cosigners: tuple[CoSign, ...]
    bars: tuple[Bar, ...]
    needs: tuple[tuple[RuleRef, Enter], ...]
    deescalation: str
    targeted: str
    warned: Warned | None
    levels: tuple[tuple[RuleRef, str], ...]  # each level once, with the first rule that asks for it
    user_training: tuple[str, ...]
    scope: tuple[str, ...]
    lasts: Span | None
    quantity: Count | None
    bound: tuple[Bound, ...]
    who_may: tuple[str, ...]
    asks_aim: bool = False  # some bar asks whether it is aimed at particular persons
    asks_zones: bool = False  # … where on the body
    asks_grounds: bool = False  # … on what grounds
    barred: bool = False  # a bar stands against the tool itself, for this purpose
    barred_zones: frozenset[str] = frozenset()  # and every part of the body that overlaps one
    solely: frozenset[str] = frozenset()  # grounds that are not enough, alone or together
    never_for: frozenset[str] = frozenset()  # grounds that bar it whatever stands beside them
    nearest: Count | None = None  # how near is too near, in metres; of unknown number: nobody can tell

    def clear_of_bars(
        self, zones: tuple[str, ...], wild: bool | None, grounds: tuple[str, ...], distance_m: float | None = None
    ) -> bool:
        """Whether no bar can stand against such a use, so that none has to be looked at one by one."""
        if self.barred or (wild and self.asks_aim) or not self.barred_zones.isdisjoint(zones):
            return False
        if self.nearest is not None and distance_m is not None and distance_m < (self.nearest.number or 0):
            return False
        return self.solely.isdisjoint(grounds) and self.never_for.isdisjoint(grounds)


Suspended = frozenset[tuple[str, str]]


class Measures:
    """All measures of a stack, made when first asked for and then kept: a stack has few tools and few purposes."""

    def __init__(
        self, packs: Sequence[Pack], gates: Gates, local_level: Callable[[str], str], texts: Mapping[str, ApprovedText]
    ) -> None:
        """`packs` are those that bind. Raises PackProblems where a rank of a rule can't be placed."""
        self._texts = texts
        self._packs = packs
        self._gates = gates
        self._local_level = local_level
        self._made: dict[tuple[str, str, str | None, Suspended], Measure | None] = {}
        self._sequences: dict[tuple[frozenset[tuple[str, str]], Suspended], Warned | None] = {}
        self._barred: dict[tuple[str, str | None, str | None], tuple[Bar, ...]] = {}
        self._parts = [(pack, rule, self._gate(pack, rule)) for pack in packs for rule in pack.tactic]
        self._cosign = {
            (pack.id, rule.id): tuple(self._signer(pack, rule, who) for who in rule.cosigner)
            for pack in packs
            for rule in pack.tactic
        }
        self._by = {
            (pack.id, rule.id): self._gates.gate(pack, ref(pack, rule), rule.by)
            for pack in packs
            for rule in pack.warning
            if rule.by
        }
        self._rear_by = {
            (pack.id, rule.id): self._gates.gate(pack, ref(pack, rule), rule.rear_by)
            for pack in packs
            for rule in pack.warning
            if rule.rear_by
        }
        tactics = (tool for pack in packs for rule in pack.tactic for tool in rule.tools)
        barred = (tool for pack in packs for rule in pack.prohibition for tool in rule.tools)
        self.tools: tuple[str, ...] = _unique((*tactics, *barred))
        """Every tool that a tactic or a prohibition speaks of."""

    def of(self, tool: str, purpose: str, kind: str | None, suspended: Suspended = frozenset()) -> Measure | None:
        """The measure, None where no rule speaks of it. `kind`: of the lead agency; None binds by everything."""
        key = (tool, purpose, kind, suspended)
        if key not in self._made:
            if len(self._made) >= MOST_KEPT:
                self._made.clear()
            self._made[key] = self._make(*key)
        return self._made[key]

    def bars(self, tool: str, purpose: str | None, kind: str | None) -> tuple[Bar, ...]:
        """What is barred for a tool; without a purpose, what is barred for every purpose."""
        key = (tool, purpose, kind)
        if key not in self._barred:
            if len(self._barred) >= MOST_KEPT:  # a report may name any tool at all
                self._barred.clear()
            self._barred[key] = self._bars(*key)
        return self._barred[key]

    def _bars(self, tool: str, purpose: str | None, kind: str | None) -> tuple[Bar, ...]:
        found = [
            Bar(ref(pack, rule), rule.bars, rule.unless, rule.bars == NO_BARS)
            for pack in self._packs
            for rule in pack.prohibition
            if _speaks(rule, tool, purpose) and _binds(rule.binds or pack.pack.binds, kind)
        ]
        found.extend(
            Bar(ref(pack, rule), rule.bars)
            for pack, rule, _ in self._parts
            if rule.bars != NO_BARS and _speaks(rule, tool, purpose) and _binds(rule.binds or pack.pack.binds, kind)
        )
        return tuple(found)

    def sequence(self, wanted: frozenset[tuple[str, str]], suspended: Suspended = frozenset()) -> Warned | None:
        """The warnings of these (pack, id), all at once; None where none is left."""
        key = (wanted, suspended)
        if key not in self._sequences:
            if len(self._sequences) >= MOST_KEPT:
                self._sequences.clear()
            self._sequences[key] = self._sequence(*key)
        return self._sequences[key]

    def _sequence(self, wanted: frozenset[tuple[str, str]], suspended: Suspended) -> Warned | None:
        found = [
            (pack, rule)
            for pack in self._packs
            for rule in pack.warning
            if (pack.id, rule.id) in wanted and (pack.id, f"warning.{rule.id}") not in suspended
        ]
        return self._all_of(found, []) if found else None

    def _all_of(self, found: list[tuple[Pack, WarningRule]], bound: list[Bound]) -> Warned:
        gates = [self._by[(pack.id, rule.id)] for pack, rule in found if rule.by]
        rear = [self._rear_by[(pack.id, rule.id)] for pack, rule in found if rule.rear_by and rule.rear == "confirmed"]
        levels = _unique(self._local_level(rule.level) for _, rule in found if rule.level)
        said = [(ref(pack, rule), rule) for pack, rule in found]
        bound.extend(Bound("warning.level", rule.level, at.pack, at.rule) for at, rule in said if rule.level)
        return _united(said, tuple(gates), levels, self._texts, bound)._replace(rear_by=tuple(rear))

    def _make(self, tool: str, purpose: str, kind: str | None, suspended: Suspended) -> Measure | None:
        closed = self._left_out(tool, purpose)
        parts = [
            (pack, rule, None if closed else gate)
            for pack, rule, gate in self._parts
            if tool in rule.tools
            and (not rule.purposes or purpose in rule.purposes)
            and _binds(rule.binds or pack.pack.binds, kind)
            and (pack.id, f"tactic.{rule.id}") not in suspended
        ]
        bars = self.bars(tool, purpose, kind)
        if not parts and not bars:
            return None
        bound: list[Bound] = []
        refs = [(ref(pack, rule), rule) for pack, rule, _ in parts]
        bound.extend(_who_bound(parts, refs))
        warned = self._warned(parts, bound, suspended)
        gates = distinct(gate for _, _, gate in parts if gate is not None)
        signers = [
            who for pack, rule, _ in parts for who in self._cosign[(pack.id, rule.id)] if _binds(who.binds, kind)
        ]
        lasts = _smallest("lasts", [(at, rule.lasts) for at, rule in refs], bound)
        quantity = _smallest("quantity", [(at, rule.quantity) for at, rule in refs], bound)
        return Measure(
            tool=tool,
            purpose=purpose,
            rules=_unique((*(at for at, _ in refs), *(bar.ref for bar in bars if bar.whole))),
            gates=gates,
            cosigners=tuple(signers),
            bars=bars,
            needs=tuple({rule.needs: (at, rule.needs) for at, rule in reversed(refs) if rule.needs}.values())[::-1],
            deescalation=_sterner(rule.deescalation for _, rule in refs),
            targeted=_sterner(rule.targeted for _, rule in refs),
            warned=warned,
            levels=self._levels(refs),
            user_training=_unique(course for _, rule in refs for course in rule.user_training),
            scope=_unique(what for _, rule in refs for what in rule.scope),
            lasts=lasts,
            quantity=quantity,
            bound=tuple(bound),
            who_may=(*who_may(gates), *(f"and: {who.words}" for who in signers)),
            asks_aim=any(bar.bars.indiscriminate for bar in bars),
            asks_zones=any(bar.bars.zones for bar in bars),
            asks_grounds=any(bar.bars.never_solely_for or bar.bars.never_for for bar in bars),
            barred=any(bar.whole for bar in bars),
            barred_zones=frozenset(part for bar in bars for zone in bar.bars.zones for part in overlapping(zone)),
            solely=frozenset(word for bar in bars for word in bar.bars.never_solely_for),
            never_for=frozenset(word for bar in bars for word in bar.bars.never_for),
            nearest=_farthest(bar.bars.nearer_than_m for bar in bars),
        )

    def _left_out(self, tool: str, purpose: str) -> bool:
        """Does the plan say for which purposes the tool may be authorized, and leave this one out?

        Then a law that names who may only limits: a chief's word that it asks for opens nothing that the plan keeps shut.
        """
        own = [rule for pack, rule, gate in self._parts if gate and tool in rule.tools and pack.pack.kind in LADDERED]
        return bool(own) and not any(not rule.purposes or purpose in rule.purposes for rule in own)

    def _levels(self, refs: list[tuple[RuleRef, Tactic]]) -> tuple[tuple[RuleRef, str], ...]:
        first: dict[str, RuleRef] = {}
        for at, rule in refs:
            if rule.level is not None:
                first.setdefault(self._local_level(rule.level), at)
        return tuple((at, level) for level, at in first.items())

    def _gate(self, pack: Pack, rule: Tactic) -> Gate | None:
        return self._gates.gate(pack, ref(pack, rule), rule.authorizer) if rule.authorizer else None

    def _signer(self, pack: Pack, rule: Tactic, who: CoSigner) -> CoSign:
        if who.office is not None:
            words = f"{who.office}, by call-back with read-back"
            return CoSign(ref(pack, rule), who.office, None, words, who.binds or rule.binds, who.when, who.unless)
        way = self._gates.way(pack, Authorizer(positions=who.positions, rank=who.rank))
        return CoSign(
            ref(pack, rule),
            None,
            way,
            f"a second signature: {way.words or rank_words(who)}",
            who.binds or rule.binds,
            who.when,
            who.unless,
        )

    def _warned(
        self, parts: list[tuple[Pack, Tactic, Gate | None]], bound: list[Bound], suspended: Suspended
    ) -> Warned | None:
        found = [
            (pack, rule)
            for pack, tactic, _ in parts
            for rule in pack.warning
            if rule.id == tactic.warning and (pack.id, f"warning.{rule.id}") not in suspended
        ]
        return self._all_of(found, bound) if found else None


MOST_KEPT = 1024
"""Tools times purposes times suspensions: a plan of forty tools has 240. A bound all the same."""

NO_BARS = Bars()

LADDERED = ("plan", "template")
"""Kinds of packs that let something be done; laws and agreements limit it."""


def _who_bound(parts: list[tuple[Pack, Tactic, Gate | None]], refs: list[tuple[RuleRef, Tactic]]) -> Iterator[Bound]:
    """Who set what is asked beside numbers: each authorizer and signature, level, courses, and what must have been tried."""
    for _, _, gate in parts:
        if gate is not None:
            yield Bound("authorizer", " or ".join(way.words for way in gate.ways), gate.ref.pack, gate.ref.rule)
    for at, rule in refs:
        for field in ("deescalation", "targeted", "level"):
            if value := getattr(rule, field):
                yield Bound(field, value, at.pack, at.rule)
        if rule.user_training:
            yield Bound("user_training", ", ".join(rule.user_training), at.pack, at.rule)
        if rule.scope:
            yield Bound("scope", ", ".join(rule.scope), at.pack, at.rule)


def _united(
    found: list[tuple[RuleRef, WarningRule]],
    by: tuple[Gate, ...],
    levels: tuple[str, ...],
    known: Mapping[str, ApprovedText],
    bound: list[Bound],
) -> Warned:
    rules = [rule for _, rule in found]
    texts = frozenset((*(rule.id for rule in rules), *(text for rule in rules for text in rule.texts)))
    says_what = _unique(word for rule in rules for word in rule.says_what)
    held = {key: known[key].holds if key in known else () for key in texts}

    def largest(field: str) -> Any:
        return _largest(field, [(at, getattr(rule, field)) for at, rule in found], bound)

    def asked(field: str) -> bool:
        at = next((at for at, rule in found if getattr(rule, field)), None)
        if at is not None:
            bound.append(Bound(f"warning.{field}", "yes", at.pack, at.rule))
        return at is not None

    for at, rule in found:
        for field in ("languages", "says_what"):
            if listed := getattr(rule, field):
                bound.append(Bound(f"warning.{field}", ", ".join(listed), at.pack, at.rule))
    if heard := next((at for at, rule in found if rule.audible == "confirmed"), None):
        bound.append(Bound("warning.audible", "confirmed", heard.pack, heard.rule))
    if heard := next((at for at, rule in found if rule.rear == "confirmed"), None):
        bound.append(Bound("warning.rear", "confirmed", heard.pack, heard.rule))

    # Danger makes it fewer only where a pack says so; a pack that does not keeps its own number.
    fewer: Sequence[tuple[RuleRef, Count | None]] = [(at, rule.imminent_count or rule.count) for at, rule in found]
    reduced = any(rule.imminent_if for rule in rules)
    return Warned(
        rules=_unique(at for at, _ in found),
        named=rules[0].id,
        texts=texts,
        whole_texts=frozenset(key for key, holds in held.items() if set(says_what).issubset(holds)),
        wanted=largest("count") or Count("unknown"),
        interval=largest("interval"),
        wait=largest("wait"),
        lapses=_smallest("warning.lapses", [(at, rule.lapses) for at, rule in found], bound),
        places=largest("places"),
        imminent_if=_unique(rule.imminent_if for rule in rules if rule.imminent_if),
        imminent_count=_largest("imminent_count", fewer, bound) if reduced else None,
        amplified=asked("amplified"),
        languages=_unique(word for rule in rules for word in rule.languages),
        says_what=says_what,
        names_weapon=asked("names_weapon"),
        same_person=asked("same_person"),
        by_authorizer=asked("by_authorizer"),
        exits_open=asked("exits_open"),
        audible="confirmed"
        if any(rule.audible == "confirmed" for rule in rules)
        else max(rule.audible for rule in rules),
        on_camera=asked("on_camera"),
        lapses_when_moved=asked("lapses_when_moved"),
        by=by,
        levels=levels,
        rear="confirmed" if any(rule.rear == "confirmed" for rule in rules) else max(rule.rear for rule in rules),
    )


def _farthest(said: Iterable[Count | None]) -> Count | None:
    """The strictest of distances: one that nobody has said is stricter than any."""
    given = [one for one in said if one is not None]
    return max(given, key=lambda one: float("inf") if one.number is None else one.number, default=None)


def _speaks(rule: Tactic | Prohibition, tool: str, purpose: str | None) -> bool:
    if rule.tools and tool not in rule.tools:
        return False
    return not rule.purposes or purpose in rule.purposes


def _binds(kinds: tuple[str, ...], kind: str | None) -> bool:
    """A rule for some kinds of bodies binds the others not; a body of unknown kind it binds."""
    return not kinds or kind is None or kind in kinds


def _sterner(said: Iterable[str]) -> str:
    order = ("", "tried or why not", "tried")
    return max(said, key=order.index, default="")


def _size(value: Span | Count) -> float | None:
    return value.number if isinstance(value, Count) else value.seconds


def _largest(field: str, found: Sequence[tuple[RuleRef, T | None]], bound: list[Bound]) -> T | None:
    return _strictest(f"warning.{field}", found, bound, max)


def _smallest(field: str, found: Sequence[tuple[RuleRef, T | None]], bound: list[Bound]) -> T | None:
    return _strictest(field, found, bound, min)


def _strictest(
    field: str, found: Sequence[tuple[RuleRef, T | None]], bound: list[Bound], choose: Callable[..., Any]
) -> T | None:
    said = [(at, value) for at, value in found if value is not None]
    if not said:
        return None
    known = [(at, value) for at, value in said if _size(value) is not None]
    at, value = choose(known, key=lambda item: _size(item[1])) if known else said[0]
    bound.append(Bound(field, value.text, at.pack, at.rule))
    return value


def _unique(words: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(words))
