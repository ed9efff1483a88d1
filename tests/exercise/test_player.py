"""Playing a day: in order, when due, through the gate, once however often it is started."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.domain.envelope import Origin
from command.domain.submission import Answer, Submission
from command.errors import Busy, Unavailable
from command.exercise import player
from command.exercise.player import Clock, Stamp, due, play, turns
from command.exercise.scenario import Item, Scenario
from tests.exercise.fake_log import FakeLog
from tests.exercise.world import a_world

START = datetime(2016, 5, 2, 0, 30, tzinfo=UTC)
MAY_DAY = date(2016, 5, 1)


def item(minutes: float, person: str = "a", name: str = "RecordEntry", expect: str = "accepted") -> Item:
    at = START + timedelta(minutes=minutes)
    submission = Submission(cmd=f"{person}-{name}-{minutes}", command=msgspec.Raw(b"{}"), occurred_at=at)
    return Item(at, person, "spd", submission, Origin("script"), name, expect)


def day(*items: Item) -> Scenario:
    return Scenario("d", "D", MAY_DAY, START, START, (), (0, 0, 1, 1), items, ())


class Time:
    """A wall clock that sleeping moves, and the incident's clock on it."""

    def __init__(self, rate: float = 60.0) -> None:
        self.wall = datetime(2026, 1, 1, tzinfo=UTC)
        self.began = self.wall
        self.slept: list[float] = []
        self.clock = Clock(lambda: START + (self.wall - self.began) * rate, rate)
        self.stamp = Stamp(lambda: self.wall, lambda: 7)

    async def sleep(self, wait_s: float) -> None:
        self.slept.append(wait_s)
        self.wall += timedelta(seconds=wait_s)


# Pure -----------------------------------------------------------------------------------


@given(st.lists(st.integers(-60, 60)), st.integers(-60, 60))
def test_due_is_what_has_come_and_nothing_else(minutes: list[int], upto: int) -> None:
    items = tuple(item(minute) for minute in sorted(minutes))
    ready = due(items, START + timedelta(minutes=upto))
    assert ready == items[: len(ready)]
    assert [one.at <= START + timedelta(minutes=upto) for one in items] == [one in ready for one in items]


@given(st.lists(st.sampled_from("ab"), max_size=300))
def test_turns_keep_the_order_one_author_each_and_a_bound(people: list[str]) -> None:
    items = [item(number, person) for number, person in enumerate(people)]
    cut = list(turns(items))
    assert [one for turn in cut for one in turn] == items
    assert all(0 < len(turn) <= player.BATCH and len({one.person for one in turn}) == 1 for turn in cut)


# The loop -------------------------------------------------------------------------------


async def test_nothing_is_sent_before_it_is_due_and_no_sleep_is_long() -> None:
    time, log, when = Time(), FakeLog(), dict[str, datetime]()

    async def send_as(person: str, agency: str, pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        when.update({submission.cmd: time.clock.now() for submission, _ in pairs})
        return await log.send_as(person, agency, pairs)

    items = (item(-60), item(0), item(5), item(200, "b"))
    played = await play(day(*items), send_as, time.clock, time.stamp, sleep=time.sleep)
    assert (played.sent, played.statuses, played.done) == (4, {"accepted": 4}, True)
    for one in items:
        late_s = (when[one.submission.cmd] - max(one.at, START)).total_seconds()
        assert 0 <= late_s <= 60 * player.LONGEST_SLEEP_S
    assert max(time.slept) <= player.LONGEST_SLEEP_S


async def test_until_ends_the_play_early() -> None:
    time, log = Time(), FakeLog()
    played = await play(
        day(item(0), item(5)),
        log.send_as,
        time.clock,
        time.stamp,
        until=START + timedelta(minutes=3),
        sleep=time.sleep,
    )
    assert (played.sent, played.done) == (1, False)


async def test_an_ask_says_what_its_author_had_seen_and_a_report_does_not() -> None:
    time, log = Time(), FakeLog()
    await play(day(item(0, name="GiveOrder"), item(0)), log.send_as, time.clock, time.stamp, sleep=time.sleep)
    ask, report = [submission for _, submission, _ in log.kept.values()]
    assert (ask.basis_seq, ask.issued_at) == (7, time.wall)
    assert (report.basis_seq, report.issued_at) == (None, None)


async def test_answers_that_the_script_does_not_expect_are_told() -> None:
    time, log = Time(), FakeLog()
    wrong, right = item(0), item(1, expect="refused")
    log.answers = {one.submission.cmd: Answer(one.submission.cmd, "refused") for one in (wrong, right)}
    taken = item(2, expect="refused")
    played = await play(day(wrong, right, taken), log.send_as, time.clock, time.stamp, sleep=time.sleep)
    assert [surprise.item for surprise in played.surprises] == [wrong, taken]


@pytest.mark.parametrize("error", [Busy("busy", retry_after_s=0.5), Unavailable("away")])
async def test_a_shut_gate_is_tried_again_a_bounded_number_of_times(error: Exception) -> None:
    time, log, tries = Time(), FakeLog(), [0]

    async def opens_late(person: str, agency: str, pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        tries[0] += 1
        if tries[0] < 5:
            raise error
        return await log.send_as(person, agency, pairs)

    played = await play(day(item(0)), opens_late, time.clock, time.stamp, sleep=time.sleep)
    assert played.statuses == {"accepted": 1}

    async def never(person: str, agency: str, pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        tries[0] += 1
        raise error

    tries[0] = 0
    with pytest.raises(type(error)):
        await play(day(item(0)), never, time.clock, time.stamp, sleep=time.sleep)
    assert tries[0] == player.TRIES


# Through the real gate --------------------------------------------------------------------


async def test_may_day_plays_as_written_and_playing_it_again_adds_nothing() -> None:
    """Every ask of the script is answered as the script expects, under the model plan."""
    async with a_world() as world:
        scenario = await world.open(MAY_DAY)
        first = await world.play(scenario)
        assert [(str(s.item.at), s.item.name, s.answer.decision) for s in first.surprises] == []
        assert first.done
        events = await world.events()
        again = await world.play(scenario)
        assert set(again.statuses) <= {"duplicate", "conflict"}
        assert again.surprises == ()
        assert len(await world.events()) == len(events)


async def test_a_play_that_was_cut_off_goes_on_where_it_was() -> None:
    async with a_world() as world, a_world() as straight:
        scenario = await world.open(MAY_DAY)
        await world.play(scenario, until=scenario.starts_at + timedelta(minutes=90))
        await world.play(await world.open(MAY_DAY))
        await straight.play(await straight.open(MAY_DAY))
        cut, whole = await world.events(), await straight.events()
    assert Counter(entry.header.type for entry in cut) == Counter(entry.header.type for entry in whole)
    assert {entry.header.cmd for entry in cut} == {entry.header.cmd for entry in whole}


async def test_each_real_row_is_in_the_log_once_without_authorization_and_everything_else_is_marked() -> None:
    async with a_world() as world:
        await world.play(await world.open(MAY_DAY))
        events = await world.events()
    force = [entry.header for entry in events if entry.header.type == "ForceReported"]
    assert len({header.cmd for header in force}) == len(force) == 38
    assert all(header.finding is not None for header in force)
    assert {header.finding.kind for header in force if header.finding} == {"no authorization on record"}
    opening = events[0].header.cmd
    for entry in events:
        origin = entry.header.origin
        if entry.header.cmd != opening:
            assert origin is not None
            assert origin.kind == ("import" if entry.header.cmd in {h.cmd for h in force} else "script")


async def test_a_day_without_a_script_plays_too() -> None:
    async with a_world() as world:
        played = await world.play(await world.open(date(2014, 5, 1), rate=600.0))
        assert played.surprises == ()
        assert (await world.state()).counts["ForceReported"] == 87
