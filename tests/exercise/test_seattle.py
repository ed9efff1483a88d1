"""The packaged data is what its SOURCE.md says."""

from __future__ import annotations

import io
from datetime import date
from importlib import resources

import msgspec
import pytest

from command.errors import NotFound, Unreadable
from command.exercise import seattle


def test_days_and_rows_add_up() -> None:
    days = seattle.days()
    assert sum(len(day.lines) for day in days.values()) == 14_466
    assert (min(days), max(days)) == (date(2014, 1, 27), date(2023, 1, 19))
    assert not {date(2020, 5, 30), date(2020, 6, 1), date(2020, 7, 25)} & set(days), "as SOURCE.md says"


def test_beats_with_most_rows_come_first_and_unknown_ones_not_at_all() -> None:
    assert seattle.the_day(date(2016, 5, 1)).beats == ("K2", "K1", "M2", "M3", "O2", "N3", "D2", "M1")


def test_rows_of_a_day_come_in_the_order_in_which_they_happened() -> None:
    times = [row.submission.occurred_at for row in seattle.day_rows(date(2014, 5, 1), "i")]
    assert times == sorted(times)  # type: ignore[type-var]  # every packaged row has a time


def test_a_broken_packaged_file_is_never_a_shorter_day(monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = seattle.force_mapping()
    broken = msgspec.structs.replace(mapping, record="Subject_Race")
    monkeypatch.setattr(seattle, "force_mapping", lambda: broken)
    with pytest.raises(Unreadable, match="expected the record.s id, came .Not Specified."):
        seattle.day_rows(date(2016, 5, 1), "i")


def test_a_packaged_row_that_cannot_be_read_is_never_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seattle, "open_force", lambda: io.BytesIO(b"occurred_local,Beat\n2016-05-01T00:00:00\n"))
    with pytest.raises(Unreadable, match="expected 2 columns, came 1"):
        seattle.days.__wrapped__()


def test_layers_have_the_features_that_the_source_counts() -> None:
    counts = {name: len(seattle.layer(name)) for name in ("beats", "city", "parks", "precincts", "streets")}
    assert counts == {"beats": 51, "city": 29, "parks": 545, "precincts": 5, "streets": 1906}


def test_a_beat_has_a_name_and_its_largest_part() -> None:
    assert seattle.beat("K1").name == "King 1"
    assert len(seattle.beat("O3").boundary) == 64
    assert all(4 <= len(seattle.beat(code).boundary) <= 2000 for code in seattle.beat_codes())
    with pytest.raises(NotFound, match="expected a beat of Seattle, came 'XX'"):
        seattle.beat("XX")


def test_the_west_precinct() -> None:
    assert seattle.west_precinct() == ("D1", "D2", "D3", "K1", "K2", "K3", "M1", "M2", "M3", "Q1", "Q2", "Q3")


def test_credits_are_in_the_package() -> None:
    text = (resources.files("command.exercise") / "data" / "seattle" / "SOURCE.md").read_text("utf-8")
    for word in ("© OpenStreetMap contributors", "CC0", "public domain", "MIT", "Open Database License"):
        assert word in text
