"""Weighing warnings fast says, to the letter, what weighing them plainly says: on any history, at any moment.

The plain form below is the reference: every fact made anew from the whole record, every warning asked everything, every
moment written by strftime. It is slow and easy to read, and it is not to be made faster.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from command.domain.facts import StateFacts
from command.domain.persistent import PMap
from command.domain.state import State
from command.domain.state import Warned as Given
from command.domain.timeline import Timeline
from command.policy import sequence
from command.policy.authority import Weighing, authority
from command.policy.durations import Count, Span, span
from command.policy.facts import Facts, WarningFact
from command.policy.measures import Warned
from command.policy.request import Request
from command.policy.stack import Stack
from tests.support.given import STAFFED, START
from tests.support.given import given as opened
from tests.support.street import stack_of

STACK: Stack = stack_of()
MOST, TOLD = 200, 5


@functools.cache
def staffed() -> State:
    """An incident with its people checked in, the sergeant and the officer among them, within its first minute."""
    return opened(*STAFFED).world.state


class Plain:
    """The plain form."""

    def __init__(self, warned: Warned, facts: Facts, told: list[Given], request: Request, now: datetime) -> None:
        self.warned, self.facts, self.told, self.request, self.now = warned, facts, told, request, now
        self.weighing = Weighing()
        self.uncounted: list[tuple[datetime, str]] = []

    def check(self, found: frozenset[str]) -> Weighing:
        self.weighing.name(self.warned.rules)
        count = sequence._count(self.warned, self.request, found, self.weighing).number
        assert count is not None
        counted = self.counted(count)
        if len(counted) < count:
            sequence._next(self.warned, counted, count, self.now, self.weighing)
        else:
            sequence._waited(self.warned, counted[count - 1 :], self.now, self.weighing)
        return self.weighing

    def since_moved(self, moved: datetime | None) -> Iterator[WarningFact]:
        """By when they were given; of two at one moment the later record stands last; the newest two hundred."""
        told = [one for one in sorted(self.told, key=lambda one: one.at) if one.at <= self.now]
        for one in [one for one in told if moved is None or one.at >= moved][-MOST:]:
            yield WarningFact(
                one.at, one.text, one.amplified, one.on_camera, one.audible, one.exits, one.by, one.warning, one.says,
                one.weapon, one.languages, one.exits_open, one.places,
            )  # fmt: skip

    def counted(self, wanted: int) -> tuple[WarningFact, ...]:
        assert self.request.sector is not None
        moved = self.facts.crowd_moved(self.request.sector, self.now) if self.warned.lapses_when_moved else None
        if moved is not None:
            self.weighing.note(f"warnings from before {moved:%H:%M:%S} UTC do not count: the crowd has moved on since")
        good: list[WarningFact] = []
        for fact in self.since_moved(moved):
            if fact.text in self.warned.texts:
                lacks = list(self.lacks(fact))
                if lacks:
                    self.uncounted.append((fact.at, "; ".join(lacks)))
                else:
                    good.append(fact)
        speakers = dict.fromkeys(fact.by for fact in good)
        each = [[fact for fact in good if fact.by == who] for who in speakers] if self.warned.same_person else [good]
        runs = [self.spaced(one) for one in each]
        if len(self.uncounted) > TOLD:
            self.weighing.note(f"{len(self.uncounted) - TOLD} earlier warnings do not count either")
        for at, why in sorted(self.uncounted)[-TOLD:]:
            self.weighing.note(f"the warning at {at:%H:%M:%S} UTC does not count: {why}")
        return max(runs, key=lambda run: (min(len(run), wanted), run[-1].at if run else self.now), default=())

    def lacks(self, fact: WarningFact) -> Iterator[str]:
        warned, text = self.warned, STACK.texts.get(fact.text)
        if warned.amplified and not fact.amplified:
            yield "not amplified"
        if warned.on_camera and not fact.on_camera:
            yield "not on camera"
        if fact.audible is False:
            yield "found not to be heard"
        elif warned.audible == "confirmed" and fact.audible is None:
            yield "nobody confirmed that it was heard"
        if warned.exits_open and not fact.exits:
            yield "it named no way out"
        elif warned.exits_open and fact.exits_open is False:
            yield "the way out was closed"
        if warned.names_weapon and (fact.weapon is None or self.request.tool not in (None, fact.weapon)):
            yield f"it did not name {self.request.tool or 'the tool'}"
        languages = fact.languages or (tuple(text.words) if text else ())
        yield from (f"not in the language {word}" for word in warned.languages if word not in languages)
        said = (*fact.says, *(text.holds if text else ()))
        yield from (f"it did not say {word}" for word in warned.says_what if word not in said)
        if warned.places is not None and (warned.places.number is None or fact.places < warned.places.number):
            yield "from too few places" if warned.places.number else "from how many places, no pack says"
        if warned.by_authorizer and fact.by != (self.request.speaker or self.request.person):
            yield "not given by the one who authorizes"
        if warned.by and not self.may_warn(fact):
            yield f"{fact.by} is not one of those who may give it"

    def may_warn(self, fact: WarningFact) -> bool:
        person = self.facts.person(fact.by, fact.at)
        if person is None:
            return False
        asker = Request(action="force.ask", person=fact.by, agency=person.agency, on_scene=True, witnessed=True)
        return not authority(self.warned.by, STACK, self.facts, asker, fact.at, trained=False)

    def spaced(self, good: list[WarningFact]) -> tuple[WarningFact, ...]:
        warned = self.warned
        run: list[WarningFact] = []
        gap: datetime | None = None
        for fact in good:
            if run and self.over(run[-1].at, fact.at):
                run = []
            if run and warned.interval and (gap is None or fact.at < gap):
                if gap is not None:
                    self.uncounted.append((fact.at, f"{warned.interval.text} between two"))
                continue
            run.append(fact)
            gap = warned.interval.after(fact.at) if warned.interval else None
        if run and self.over(run[-1].at, self.now):
            self.weighing.note(
                f"the warnings up to {run[-1].at:%H:%M:%S} UTC have lapsed: they count for {self.warned.lapses and self.warned.lapses.text} after the last"
            )
            return ()
        return tuple(run)

    def over(self, since: datetime, at: datetime) -> bool:
        end = self.warned.lapses.after(since) if self.warned.lapses is not None else None
        return end is not None and at >= end


SPEAKERS = ("officer", "sergeant", "stranger")
CONTENTS = ("the law", "the ways out")


def some_of(words: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words), unique=True).map(tuple)


MOSTLY = st.sampled_from((True, True, True, True, False))
# Every quarter of a minute, so that intervals and lapses are met to the second, and now and then a part of one.
MOMENTS = st.builds(
    lambda quarter, part: START + timedelta(seconds=15 * quarter, microseconds=part),
    st.integers(0, 50),
    st.sampled_from((0, 0, 0, 499_000)),
)

GIVEN = st.builds(
    Given,
    at=MOMENTS,
    text=st.sampled_from(("order", "order", "warned", "notice")),
    amplified=MOSTLY,
    on_camera=MOSTLY,
    audible=st.sampled_from((True, True, True, None, False)),
    exits=st.sampled_from((("north",), ("north",), ())),
    by=st.sampled_from(SPEAKERS),
    warning=st.just("w"),
    says=some_of(CONTENTS),
    weapon=st.sampled_from(("gas", "gas", "net", None)),
    languages=st.sampled_from((("en", "es"), ("en", "es"), ("en",), ())),
    exits_open=st.sampled_from((True, None, False)),
    places=st.integers(1, 3),
    sector=st.just("1"),
    place=st.none(),
    seq=st.just(1),
)

SPANS: st.SearchStrategy[Span | None] = st.sampled_from((None, span("30 s"), span("2 min"), span("10 min")))


@st.composite
def asked_for(draw: st.DrawFn) -> Warned:
    """What a plan may ask of warnings: mostly little, so that some of them count."""
    warned = STACK.measures.sequence(frozenset({(STACK.packs[0].id, "warned")}))
    assert warned is not None
    now_and_then = st.sampled_from((False, False, True))
    says_what = draw(some_of(CONTENTS)) if draw(now_and_then) else ()
    return warned._replace(
        whole_texts=frozenset(
            key for key in warned.texts if set(says_what) <= set(STACK.texts[key].holds if key in STACK.texts else ())
        ),
        wanted=Count("some", draw(st.integers(1, 4))),
        interval=draw(st.one_of(SPANS, st.just(span("unknown")))),
        wait=draw(SPANS),
        lapses=draw(SPANS),
        places=draw(st.sampled_from((None, None, Count("2", 2), Count("unknown")))),
        amplified=draw(now_and_then),
        languages=draw(st.sampled_from(((), (), ("en", "es")))),
        says_what=says_what,
        names_weapon=draw(now_and_then),
        same_person=draw(now_and_then),
        by_authorizer=draw(now_and_then),
        audible=draw(st.sampled_from(("", "", "believed", "confirmed"))),
        on_camera=draw(now_and_then),
        exits_open=False,
        lapses_when_moved=draw(st.booleans()),
        by=warned.by if draw(now_and_then) else (),
    )


def folded(told: list[Given], moved: list[datetime]) -> State:
    """The state with these records, in the order in which they came in."""
    state = staffed()
    given_: Timeline[Given] = Timeline()
    for one in told:
        given_ = given_.add(one.at, one)
    line: Timeline[datetime] = Timeline()
    for at in moved:
        line = line.add(at, at)
    return replace(
        state,
        warnings=replace(state.warnings, given=PMap({"1": given_}) if told else PMap()),
        ground=replace(state.ground, moved=PMap({"1": line}) if moved else PMap()),
    )


def answers(warned: Warned, told: list[Given], moved: list[datetime], now: datetime, request: Request) -> list[str]:
    """Both answers, to the letter."""
    facts, found = StateFacts(folded(told, moved)), frozenset({"danger"})
    fast = Weighing()
    sequence.check(warned, STACK, facts, request, now, found, fast)
    plain = Plain(warned, facts, told, request, now).check(found)
    return [repr(fast.decision()), repr(plain.decision())]


REQUESTS = st.builds(
    Request,
    action=st.just("force.grant"),
    person=st.sampled_from(SPEAKERS),
    agency=st.just("pd"),
    sector=st.just("1"),
    tool=st.sampled_from(("gas", None)),
    speaker=st.sampled_from((None, "sergeant")),
    imminent=st.booleans(),
)


@settings(max_examples=400, deadline=None)
@given(asked_for(), st.lists(GIVEN, min_size=3, max_size=30), st.lists(MOMENTS, max_size=2), MOMENTS, REQUESTS)
def test_the_answer_is_the_plain_ones(
    warned: Warned, told: list[Given], moved: list[datetime], now: datetime, request: Request
) -> None:
    """Late reports, many at one moment, other texts, each thing that a warning may lack, before and after the crowd moved."""
    fast, plain = answers(warned, told, moved, now, request)
    assert fast == plain


@settings(max_examples=30, deadline=None)
@given(asked_for(), st.lists(GIVEN, min_size=1, max_size=12), st.integers(190, 330), MOMENTS, REQUESTS)
def test_more_than_are_looked_at_make_no_difference(
    warned: Warned, kinds: list[Given], many: int, now: datetime, request: Request
) -> None:
    """Over several chunks of the record, and over the two hundred newest."""
    told = [replace(kinds[n % len(kinds)], at=START + timedelta(seconds=n * 37 % 2399)) for n in range(many)]
    fast, plain = answers(warned, told, [], now, request)
    assert fast == plain
