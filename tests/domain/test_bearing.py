"""The list of reports that a late fact may bear on: newest first, as far back as the fact, bounded, and it says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from command.domain.bearing import (
    END,
    EVERYWHERE,
    Index,
    earliest,
    latest,
    listed,
    of_officer,
    of_sector,
    ran_ahead,
    since,
)
from command.domain.persistent import PMap
from tests.support.given import START


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def with_reports(number: int, error_ms: int = 0) -> Index:
    """One report a second, in two sectors in turn, each handed in an hour later."""
    index: Index = PMap()
    for n in range(number):
        index = listed(index, f"r{n}", at(n), error_ms, ("north", "south")[n % 2], "officer", at(n + 3600))
    return index


def found(index: Index, key: str, moment: datetime, until: datetime | None = None, most: int = 300) -> list[str]:
    return list(since(index, (key,), moment, until, lambda _record, _latest: True, most)[0])


def test_only_what_may_be_of_that_moment_or_later_newest_first() -> None:
    index = with_reports(10)
    assert found(index, of_sector("north"), at(4)) == ["r8", "r6", "r4"]
    assert found(index, of_officer("officer"), at(8)) == found(index, EVERYWHERE, at(8)) == ["r9", "r8"]
    assert found(index, EVERYWHERE, at(9.5)) == found(index, of_sector("west"), at(0)) == []
    assert found(with_reports(10, error_ms=1500), EVERYWHERE, at(9.5)) == ["r9", "r8"], "the clock may have been slow"


def test_an_end_leaves_out_what_is_later_than_any_clock_could_have_erred() -> None:
    index = with_reports(9000)
    assert found(index, EVERYWHERE, at(10), until=at(20))[0] == "r3620"


def test_no_more_than_asked_for_and_that_there_were_more_is_said() -> None:
    index = with_reports(10)
    keys = (of_sector("north"), of_sector("south"), of_sector("north"))

    def some(most: int) -> tuple[tuple[str, ...], bool]:
        return since(index, keys, at(0), None, lambda _record, _latest: True, most)

    assert some(3) == (("r9", "r8", "r7"), True)
    assert some(5)[1] is True, "both lists were read whole, and hold ten"
    assert some(10) == (tuple(f"r{n}" for n in range(9, -1, -1)), False)


def test_a_correction_stands_in_place_of_what_it_corrects() -> None:
    index = listed(with_reports(2), "r0", at(1.5), 0, None, "officer", at(3600))
    newest = {"r0": at(1.5), "r1": at(1)}
    records, more = since(index, (EVERYWHERE,), at(0), None, lambda key, one: newest[key] == one, 300)
    assert (records, more) == (("r0", "r1"), False)


def test_a_clock_that_ran_ahead_is_in_no_list() -> None:
    assert ran_ahead(at(10), 0, at(9)) and not ran_ahead(at(10), 1000, at(9))
    assert listed(PMap(), "r0", at(10), 0, "north", "officer", at(9)) == PMap()


def test_any_time_at_all_may_be_claimed() -> None:
    begin = datetime.min.replace(tzinfo=UTC)
    assert latest(END, 10) == END and earliest(begin, 10) == begin
    assert (latest(START, 1000), earliest(START, 1000)) == (at(1), at(-1))
    assert (latest(START, -5), earliest(START, -5)) == (START, START)
