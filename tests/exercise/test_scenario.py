"""The replayed day: real rows as they are, everything else scripted and marked so."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from command.domain.commands import COMMANDS, DefineSector, ReportForce
from command.domain.deciding import Context
from command.errors import NotFound, Unreadable
from command.exercise import seattle
from command.exercise.scenario import RECORDS_AUTHOR, Scenario, opening, scenario, script_for
from command.exercise.script import Line, Script, standing
from tests.exercise.fake_log import decoded
from tests.support.packs import MODEL

MAY_DAY = date(2016, 5, 1)


@pytest.fixture(scope="module")
def may_day() -> Scenario:
    return scenario(script_for(MAY_DAY), "incident-1")


def rows(of: Scenario) -> list[Any]:
    return [item for item in of.items if item.origin.kind == "import"]


def scripted(of: Scenario) -> list[Any]:
    return [item for item in of.items if item.origin.kind == "script"]


# Real rows ------------------------------------------------------------------------------


def test_every_row_of_the_day_is_there_as_the_import_takes_it(may_day: Scenario) -> None:
    taken = seattle.day_rows(MAY_DAY, "incident-1")
    assert len(taken) == 38
    assert [(item.submission, item.origin) for item in rows(may_day)] == [(row.submission, row.origin) for row in taken]
    assert {(item.person, item.agency) for item in rows(may_day)} == {(RECORDS_AUTHOR, "spd")}


def test_force_comes_from_rows_alone_and_rows_are_nothing_but_force(may_day: Scenario) -> None:
    assert {item.name for item in rows(may_day)} == {"ReportForce"}
    assert "ReportForce" not in {item.name for item in scripted(may_day)}


def test_no_script_names_a_row_its_officer_or_its_subject(may_day: Scenario) -> None:
    """No script item touches a real row: nothing that a row is known by stands in anything scripted."""
    secret: set[str] = set()
    for item in rows(may_day):
        cmd = decoded(item.submission)
        assert isinstance(cmd, ReportForce)
        secret |= {cmd.report, cmd.subject, cmd.officer, item.submission.cmd, item.origin.record}
    for item in scripted(may_day):
        text = bytes(item.submission.command).decode()
        assert not [name for name in secret if f'"{name}' in text]
        assert item.person != RECORDS_AUTHOR
        assert not {"grant", "report"} & set(msgspec.json.decode(item.submission.command))


def test_no_member_of_the_cast_has_a_real_officers_number() -> None:
    for member in standing().person:
        assert not member.person.startswith("SPD-")
        assert "(scripted)" in member.name


# The script -----------------------------------------------------------------------------


def test_every_scripted_command_decodes_and_bears_the_mark(may_day: Scenario) -> None:
    for item in scripted(may_day):
        assert isinstance(decoded(item.submission), COMMANDS[item.name])
        assert (item.origin.kind, item.origin.source) == ("script", "mayday2016")


def test_command_ids_are_unique_and_differ_by_incident(may_day: Scenario) -> None:
    other = scenario(script_for(MAY_DAY), "incident-2")
    ids = [item.submission.cmd for item in (*may_day.items, *other.items)]
    assert len(set(ids)) == len(ids)
    again = scenario(script_for(MAY_DAY), "incident-1")
    assert again == may_day


def test_an_ask_is_judged_when_sent_and_a_report_says_when_it_was(may_day: Scenario) -> None:
    for item in may_day.items:
        assert item.submission.occurred_at == (None if item.is_ask else item.at)


def test_every_sector_that_is_named_is_defined_first(may_day: Scenario) -> None:
    defined: set[str] = set()
    for item in may_day.items:
        cmd = decoded(item.submission)
        if isinstance(cmd, DefineSector):
            defined.add(cmd.sector)
            assert cmd.boundary is not None
            assert 3 <= len(cmd.boundary) <= 2000
        else:
            assert getattr(cmd, "sector", None) in {None, *defined}
    assert defined == set(may_day.sectors)
    assert {"K1", "K2", "M1", "M2", "M3", "N3", "O2"} <= defined


def test_a_scripted_place_lies_in_its_sector(may_day: Scenario) -> None:
    for item in scripted(may_day):
        cmd: Any = decoded(item.submission)
        if getattr(cmd, "place", None) is not None and cmd.sector is not None:
            assert inside(cmd.place.lon, cmd.place.lat, seattle.beat(cmd.sector).boundary), (item.at, cmd)


def inside(lon: float, lat: float, ring: Any) -> bool:
    crossings = 0
    for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1


def test_items_are_in_order_after_the_standing_organisation(may_day: Scenario) -> None:
    setup = [item for item in may_day.items if item.at == may_day.starts_at - timedelta(hours=1)]
    assert may_day.items[: len(setup)] == tuple(setup)
    times = [item.at for item in may_day.items[len(setup) :]]
    assert times == sorted(times)
    assert len(may_day.prelude) >= 70, "the board is rich from the start"
    assert may_day.items[: len(may_day.prelude)] == may_day.prelude


def test_ids_of_ranks_positions_levels_and_indicators_are_the_model_plans() -> None:
    from command.policy.load import read_pack

    pack = read_pack(MODEL.read_bytes(), MODEL.name)
    assert pack.ranks is not None
    positions = {position.id for position in pack.position}
    for member in standing().person:
        assert member.rank in pack.ranks.order
        assert member.position is None or member.position in positions
    known = {indicator.id for indicator in pack.indicator}
    levels = {level.id for level in pack.level}
    texts = {text.id for text in pack.text}
    for line in script_for(MAY_DAY).line:
        assert set(line.given.get("indicators", ())) <= known
        assert line.given.get("level", "plan") in levels
        assert line.does != "ReportWarning" or line.given["text"] in texts


def test_opening_runs_on_a_clock_of_its_own_and_says_what_it_is() -> None:
    cmd, cmd_id = opening(script_for(MAY_DAY), 30.0)
    assert (str(cmd.clock_origin), cmd.clock_rate) == ("2016-05-02 00:30:00+00:00", 30.0)
    assert "scripted" in cmd.reason
    assert cmd_id == opening(script_for(MAY_DAY))[1] != opening(script_for(date(2015, 5, 1)))[1]


# Other days -----------------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2014, 5, 1), date(2015, 5, 1), date(2020, 9, 26), date(2014, 4, 19)])
def test_another_day_has_the_same_cast_its_own_sectors_and_starts_before_its_first_row(day: date) -> None:
    other = scenario(script_for(day), "i")
    assert other.cast == standing().person
    assert other.sectors == tuple(sorted(seattle.the_day(day).beats))
    assert rows(other)
    assert other.starts_at <= rows(other)[0].at
    assert all(item.at >= other.starts_at for item in rows(other))
    west, south, east, north = other.area
    assert west < east
    assert south < north


def test_a_day_that_begins_with_unknown_times_starts_before_its_first_known_one() -> None:
    """Rows of 00:00 have a time error of a day; they do not move the start to midnight."""
    other = scenario(script_for(date(2020, 9, 7)), "i")
    assert rows(other)[0].submission.clock_error_ms == 86_400_000
    assert rows(other)[0].at < other.starts_at


def test_a_day_without_rows_names_the_nearest_that_have_some() -> None:
    with pytest.raises(NotFound) as caught:
        script_for(date(2020, 5, 30))
    assert "2020-05-28" in caught.value.message
    assert "2020-06-04" in caught.value.message
    assert "not the whole of the published set" in caught.value.message


# Scripts that are wrong -----------------------------------------------------------------


def broken(**line: Any) -> Script:
    return Script(
        id="x", name="X", day=MAY_DAY, starts="17:30", ends="21:00", line=(Line(**{"at": "18:00", "by": "ic", **line}),)
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"does": "ReportForce"}, "expected no scripted report of force: force comes from the records alone"),
        ({"does": "Nonsense"}, "expected a command, came 'Nonsense'"),
        ({"does": "CheckOut", "by": "nobody"}, "expected someone of the cast, came 'nobody'"),
        ({"does": "CheckOut"}, "CheckOut: Object missing required field `person`"),
        ({"does": "CheckOut", "at": "25:00"}, "expected a local time such as 18:30, came '25:00'"),
        ({"does": "DischargeDuty", "given": {"duty": "@gone/rule"}}, "expected an earlier line named 'gone'"),
    ],
)
def test_a_script_that_cannot_be_played_is_refused_with_its_place(line: dict[str, Any], message: str) -> None:
    with pytest.raises(Unreadable) as caught:
        scenario(broken(**line), "i")
    assert caught.value.message == message
    assert caught.value.where


def test_a_packaged_file_that_is_broken_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    from command.exercise import script

    monkeypatch.setattr(script, "Standing", Line)
    with pytest.raises(Unreadable) as caught:
        script.standing()
    assert caught.value.where == "standing.toml"


def test_a_duty_of_a_line_is_named_as_the_domain_names_it() -> None:
    """`@name/rule` and domain.deciding.Context.made must say the same."""
    lines = (
        Line(at="18:00", by="ic", does="RecordEntry", given={"entry": "e", "text": "t"}, name="opener"),
        Line(at="18:01", by="ic", does="DischargeDuty", given={"duty": "@opener/some-rule"}),
    )
    items = scenario(msgspec.structs.replace(broken(does="x"), line=lines), "i").items
    opener, done = [item for item in items if item.name in ("RecordEntry", "DischargeDuty")]
    at = opener.at
    context = Context(opener.submission.cmd, None, at, at, None, at)  # type: ignore[arg-type]  # only the id is used
    assert msgspec.json.decode(done.submission.command)["duty"] == context.made("d0-some-rule")
