"""The board of arrests and custody: equal to the fold at every event, for every lens, and nobody's name in it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events_arrest as ea
from command.domain.envelope import Origin
from command.domain.state import State
from command.views.board import board, changes, needs
from command.views.lens import (
    COMMAND,
    DISPLAY,
    FIELD,
    MEDICAL,
    OVERSIGHT,
    PROCESSING,
    PUBLIC,
    Lens,
    agency_lens,
    lens,
)
from command.views.rows import Board
from command.views.rows_arrest import SECTIONS_ARREST
from command.views.scene import Scene
from command.views.sections import TABLE
from command.views.sight import has_section
from tests.domain.test_arrest import CARD, MADE, OTHER
from tests.domain.test_custody import IN_YARD, TO_YARD, YARD
from tests.support.custody import looks, opens
from tests.support.given import ALLIED, ALLY, CHIEF, LEAD, OFFICER, OPS, PARTNER, World, by, checks_in, given
from tests.support.stories import arrests_story

SUPERVISOR = lens("supervision", ("u1",))
LENSES = (
    COMMAND, FIELD, OVERSIGHT, PROCESSING, lens("processing", (), ("juvenile",)), MEDICAL, SUPERVISOR, DISPLAY, PUBLIC,
    agency_lens(ALLY), agency_lens(LEAD),
)  # fmt: skip
CANARY = "CANARY"


def shown(world: World, state: State, through: Lens) -> Board:
    private = {seq: world.plain[seq] for seq in needs(state)}
    return board(state, world.stack, through, private, world.now)


def rows(section: str, *steps: Any, through: Lens = COMMAND) -> dict[str, Any]:
    world = given(*steps).world
    return dict(shown(world, world.state, through)[section])


@pytest.mark.parametrize("through", LENSES)
@pytest.mark.parametrize("seed", range(4))
def test_the_changes_of_each_event_lead_to_the_board_of_its_state(seed: int, through: Lens) -> None:
    follows(arrests_story(seed), through)


def follows(world: World, through: Lens) -> None:
    """Following the changes of each event gives the board of each state."""
    followed = shown(world, world.states[0], through)
    for before, state in zip(world.states, world.states[1:], strict=False):
        private = {seq: world.plain[seq] for seq in needs(state)}
        for section, key, row in changes(before, state, world.stack, through, private, world.now):
            assert followed[section].get(key) != row, "a change that changes nothing"
            if row is None:
                del followed[section][key]
            else:
                followed[section][key] = row
        fresh = shown(world, state, through)
        for section in SECTIONS_ARREST:
            assert followed.get(section) == fresh.get(section), (section, state.seq)


@pytest.mark.parametrize("through", [COMMAND, agency_lens(ALLY)])
def test_a_board_that_leaves_rows_out_is_followed_as_well(through: Lens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("command.views.sections_arrest.ARRESTS_SHOWN", 2)
    follows(arrests_story(7), through)


@pytest.mark.parametrize("through", [COMMAND, agency_lens(ALLY), agency_lens(LEAD)])
def test_what_hangs_together_crosswise_is_followed_as_well(through: Lens) -> None:
    """Two records of one person, a person in custody under another's record, a bag taken under it, a shared wristband."""
    again = replace(CARD, arrest="a2", wristband="W-002-2")
    world = given(
        *ALLIED, by(OPS, ca.IssueWristbands("i1", "ops", "wristbands", "W-001-4", "W-050-9", 50)), by(OFFICER, CARD),
        by(OFFICER, again), by(OFFICER, cc.HandOver("s9", "t1", "partner", "officer", "a1")),
        by(PARTNER, cc.TakeProperty("s9", "g9", "a1")), by(PARTNER, cc.TakeProperty("s1", "g1")),
        by(OFFICER, replace(CARD, wristband="W-003-1")), by(OFFICER, ca.DecideDisposition("a1", "s1", "cited")),
        by(OFFICER, ca.DecideDisposition("a2", "s1", "cited")), by(OFFICER, cc.RecordCare("s1", "water", "given")),
        by(OFFICER, replace(OTHER, wristband="W-003-1", officer="partner", officer_agency=ALLY)), *opens(YARD),
        by(OPS, cc.HandOver("s9", "t2", "yard", "site", "a2")), by(OPS, cc.MoveBag("g9", "s9", "room", "unclaimed")),
        by(OPS, cc.ReleasePerson("s9", "l1", "without charge")), by(OPS, cc.ReleasePerson("s1", "l2", "without charge")),
        by(OFFICER, replace(CARD, officer="partner", officer_agency=ALLY)), by(OPS, cc.CloseSite("yard")),
    ).world  # fmt: skip
    follows(world, through)


@pytest.mark.parametrize("through", LENSES)
def test_a_stranger_under_a_band_is_followed_to_where_the_record_has_them(through: Lens) -> None:
    """Until then an alarm; afterwards one person, in one row of each section, and no alarm of anybody lost."""
    band = "W-001-4"
    early = (
        *ALLIED, *opens(YARD), by(OPS, cc.HandOver(band, "t1", "yard", "site", band)),
        by(OPS, cc.EnterStation(band, "yard", "search", band)), by(OPS, cc.TakeProperty(band, "g1", band)),
        by(OPS, ca.RecordRestraint(band, band, "f1", "applied")), by(OPS, cc.CountHeads("n1", "yard", 0, "round")),
        by(OPS, ca.DescribePerson(band, band, age="15", apart=True)), by(OPS, cc.RecordCare(band, "water", "asked for")),
    )  # fmt: skip
    late = by(OFFICER, replace(CARD, arrest="a1"), occurred_at=given(*early).world.now - timedelta(seconds=60))
    world = given(*early, late, by(OPS, cc.RecordCare(band, "water", "given")), by(OFFICER, OTHER)).world
    follows(world, through)
    found = shown(world, world.state, through)
    keys = {key for section in SECTIONS_ARREST for key in found.get(section, {})}
    assert not {band, f"person:{band}"} & keys
    if through == COMMAND:
        before = given(*early).world
        assert "without a record" in shown(before, before.state, COMMAND)["numbers"][f"person:{band}"].says  # type: ignore[union-attr]  # a row of numbers
        assert set(found["custody"]) == {"s1", "s2"}
        assert "without a record" not in str(found["numbers"])


def test_a_swap_of_wristbands_is_followed_to_where_both_agree() -> None:
    swapped = (by(OFFICER, replace(CARD, wristband="W-002-2")), by(OFFICER, replace(OTHER, wristband="W-001-4")))
    world = given(*MADE, by(OFFICER, OTHER), *swapped).world
    follows(world, COMMAND)
    between = rows("numbers", *MADE, by(OFFICER, OTHER), swapped[0])
    assert between["record:a1"].alarm and "on the record a2 as well" in between["record:a1"].says
    assert rows("numbers", *MADE, by(OFFICER, OTHER), *swapped) == {}


def test_things_of_two_people_under_one_number_are_shown_until_the_bag_moves_rightly() -> None:
    steps = (
        *MADE,
        by(OFFICER, OTHER),
        by(OFFICER, cc.TakeProperty("s1", "g1")),
        by(OFFICER, cc.TakeProperty("s2", "g1")),
    )
    row = rows("bags", *steps)["g1"]
    assert (row.why, row.lost, row.subject) == ("its way does not fit", "the bag g1 is another person's", "s1")
    assert rows("bags", *steps, by(OFFICER, cc.MoveBag("g1", "s1", "room", "evidence room"))) == {}


def test_a_card_that_was_corrected_after_its_review_is_not_reviewed_until_somebody_looks_again() -> None:
    """The reviewer read another account; the review itself stays readable beside it."""
    done = (*MADE, by(CHIEF, ca.ReviewGrounds("a1", "s1", "v1", "supported", "seen on camera")))
    assert rows("arrests", *done)["a1"].reviewed
    anew = (*done, by(OFFICER, replace(CARD, conduct="threw a bottle at the door of the bank")))
    assert not rows("arrests", *anew)["a1"].reviewed and len(rows("arrests", *anew)["a1"].reviews) == 1
    again = by(CHIEF, ca.ReviewGrounds("a1", "s1", "v2", "supported", "seen on camera again"))
    assert rows("arrests", *anew, again)["a1"].reviewed
    follows(given(*anew, again).world, COMMAND)


STORIES = [arrests_story(seed) for seed in range(3)]


@pytest.mark.parametrize("through", LENSES)
def test_no_row_holds_a_private_value_of_anybodys_record(through: Lens) -> None:
    """Every private value of every event but the bar's and the declaration's own words is a canary."""
    for world in STORIES:
        named = {"ArrestBarSet", "HighVolumeDeclared"}
        everything = {
            one.seq: {path: f"{CANARY}-{one.header.type}-{path}" for path in world.plain[one.seq]}
            for one in world.entries
        }
        full = board(world.state, world.stack, through, everything, world.now)
        text = json.dumps(msgspec.to_builtins({name: full.get(name, {}) for name in SECTIONS_ARREST}))
        for part in text.split(CANARY)[1:]:
            assert part[1:].partition("-")[0] in named, part[:60]


def test_each_lens_has_the_sections_that_are_its_own() -> None:
    has = {through: {name for name in SECTIONS_ARREST if has_section(through, name)} for through in LENSES}
    assert has[COMMAND] == set(SECTIONS_ARREST) == has[OVERSIGHT]
    assert has[FIELD] == has[SUPERVISOR] - {"bags", "releases"} == set(SECTIONS_ARREST) - {"bags", "panel", "releases"}
    assert has[PROCESSING] == set(SECTIONS_ARREST) - {"panel"} == has[agency_lens(ALLY)]
    assert has[MEDICAL] == {"custody", "sites", "bar", "high_volume"}
    assert has[DISPLAY] == has[PUBLIC] == set()


def test_a_street_card_shows_what_stands_what_is_missing_and_who_signed() -> None:
    row = rows("arrests", *MADE)["a1"]
    assert (row.number, row.officer.name, row.sector, row.charges) == ("W-001-4", "Officer", "north", ("vandalism",))
    assert [one.person for one in row.observers] == ["officer"] and row.signed and not row.reviewed and row.held
    assert row.finding.kind == "authorized" and row.disposition == "" and row.versions == 1
    items = {one.item: one.before for one in row.missing}
    assert "name" in items and "conduct" not in items and set(items.values()) <= {"transport", "booking", "closing"}
    whole = next(one.duty for one in row.missing if one.item == "name")
    assert next(clock.rule for clock in row.clocks if clock.duty == whole) == "arrest-record"
    review = next(one.duty for one in row.missing if one.item == "grounds review")
    assert next(clock.rule for clock in row.clocks if clock.duty == review) in ("grounds-review", "arrest-record")


def test_a_corrected_signed_reviewed_and_decided_record_says_so() -> None:
    steps = (
        *MADE, by(OFFICER, replace(CARD, exits="open")),
        by(OFFICER, ca.DecideDisposition("a1", "s1", "cited")), by(OPS, cc.ReleasePerson("s1", "l1", "with a citation")),
        by(CHIEF, ca.ReviewGrounds("a1", "s1", "v1", "supported", "read and heard")),
        by(OFFICER, ca.FlagProtectedRole("a1", "s1", "f1", role="press")),
    )  # fmt: skip
    row = rows("arrests", *steps)["a1"]
    assert (row.versions, row.disposition, row.held, row.reviewed, row.protected) == (2, "cited", False, True, True)
    assert row.released_at is not None and [(one.who.person, one.conclusion) for one in row.reviews] == [
        ("chief", "supported")
    ]
    assert rows("arrests", *steps, through=FIELD)["a1"].reviews == ()
    last = given(*steps).world.state.arrests.all["a1"].versions[-1]
    signed = rows("arrests", *steps, by(OFFICER, ca.SignArrest("a1", "s1", "arresting", last)))["a1"]
    assert [(one.who.person, one.signing, one.of) for one in signed.signatures] == [("officer", "arresting", last)]


def test_pairs_are_counted_for_those_who_compare_them_and_for_nobody_else() -> None:
    unit = (c.FormUnit("u1", "Unit 1", "patrol", LEAD), checks_in(OFFICER, "officer", unit="u1"))
    steps = (*MADE, *unit, by(OFFICER, OTHER, alike=(("a1", 0.9),)))
    for through, count in (
        (COMMAND, 1), (OVERSIGHT, 1), (SUPERVISOR, 1), (lens("supervision", ("u2",)), 0), (FIELD, 0), (PROCESSING, 0),
        (agency_lens(LEAD), 0),
    ):  # fmt: skip
        assert rows("arrests", *steps, through=through)["a1"].alike == count, through


def test_who_holds_somebody_where_since_when_and_what_runs() -> None:
    steps = (
        *IN_YARD, by(OFFICER, cc.EnterStation("s1", "yard", "search")),
        by(OFFICER, ca.RecordRestraint("a1", "s1", "r1", "applied", "cuffs", "front")),
        by(OFFICER, ca.RecordRestraint("a1", "s1", "r1", "checked")),
        by(OFFICER, ca.RecordRestraint("a1", "s1", "r2", "applied")),
        by(OFFICER, ca.RecordRestraint("a1", "s1", "r2", "removed")),
        by(OFFICER, cc.RecordCare("s1", "water", "given")), by(OFFICER, cc.TakeProperty("s1", "g1")),
        by(OFFICER, ca.DescribePerson("a1", "s1", apart=True)), by(OFFICER, cc.CallGuardian("s1", True)),
    )  # fmt: skip
    row = rows("custody", *steps, through=PROCESSING)["s1"]
    assert (row.number, row.holder.name, row.holder.kind, row.site, row.station) == (
        "W-001-4", "School yard", "site", "yard", "search",
    )  # fmt: skip
    assert [(one.id, one.kind, one.position) for one in row.restraints] == [("r1", "cuffs", "front")]
    assert row.restraints[0].checked_at > row.restraints[0].since
    assert [(one.care, one.outcome) for one in row.care] == [("water", "given")] and row.bags == ("g1",)
    assert row.apart and row.guardian_reached and row.charges == ("vandalism",)
    assert row.due == min(clock.due for clock in row.clocks if clock.due) and not row.lost


@pytest.mark.parametrize(
    ("through", "apart", "care", "charges", "bags"),
    [
        (COMMAND, False, True, True, True),
        (FIELD, False, False, True, False),
        (MEDICAL, False, True, False, False),
        (lens("medical", (), ("juvenile",)), True, True, False, False),
        (PROCESSING, True, True, True, True),
    ],
)
def test_a_lens_reads_of_somebody_in_custody_what_it_needs(
    through: Lens, apart: bool, care: bool, charges: bool, bags: bool
) -> None:
    """That someone is kept apart can tell a minor, and so can the clock that runs for one."""
    steps = (
        *MADE, by(OFFICER, ca.DescribePerson("a1", "s1", apart=True)), by(OFFICER, cc.RecordCare("s1", "water", "given")),
        by(OFFICER, cc.TakeProperty("s1", "g1")),
    )  # fmt: skip
    row = rows("custody", *steps, through=through)["s1"]
    assert (row.apart, bool(row.care), bool(row.charges), bool(row.bags)) == (apart, care, charges, bags)
    assert ("minor-out-in-six-hours" in {clock.rule for clock in row.clocks}) == apart


def test_who_is_free_leaves_the_board_and_who_is_lost_says_why() -> None:
    assert rows("custody", *MADE, by(OPS, cc.ReleasePerson("s1", "l1", "without charge"))) == {}
    lost = by(OFFICER, replace(TO_YARD, transfer="t2", from_holder="sergeant"))
    assert "given over by sergeant" in rows("custody", *IN_YARD, lost)["s1"].lost


def test_a_share_has_whom_its_own_people_arrested_or_hold() -> None:
    theirs = replace(CARD, arrest="a7", subject="s7", officer="partner", officer_agency=ALLY, wristband=None)
    steps = (*ALLIED, by(OFFICER, CARD), by(OFFICER, OTHER), by(PARTNER, theirs))
    given_over = by(OFFICER, cc.HandOver("s2", "t1", "partner", "officer", from_holder="officer"))
    share = agency_lens(ALLY)
    assert set(rows("arrests", *steps, through=share)) == {"a7"}
    assert set(rows("custody", *steps, given_over, through=share)) == {"s7", "s2"}
    van = (c.FormUnit("v1", "Van", "transport", ALLY), *opens(cc.OpenSite("van", "Van 1", "vehicle", 6, unit="v1")))
    aboard = by(OFFICER, cc.HandOver("s1", "t1", "van", "vehicle", from_holder="officer"))
    assert set(rows("custody", *steps, *van, aboard, through=share)) == {"s7", "s1"}


def test_a_site_shows_its_queues_its_room_and_whether_trained_staff_are_there() -> None:
    at = by(OFFICER, cc.EnterStation("s1", "yard", "photo"))
    second = (by(OFFICER, OTHER), by(OFFICER, cc.HandOver("s2", "t2", "yard", "site", from_holder="officer")))
    row = rows("sites", *IN_YARD, at, *second, by(OPS, looks(YARD, lacks=("toilets within reach",))))["yard"]
    assert (row.occupancy, row.capacity, row.full, row.missing) == (2, 1, True, ("toilets within reach",))
    assert [(one.station, one.people) for one in row.queues] == [("", 1), ("photo", 1)]
    assert row.longest_since == row.queues[1].longest_since and [one.person for one in row.trained] == ["ops"]
    gone = rows("sites", *IN_YARD, c.CheckOut("ops"))["yard"]
    assert gone.trained == () and gone.trained_named == 1 and gone.missing == ()
    assert rows("sites", *IN_YARD, by(OPS, cc.CloseSite("yard")))["yard"].closed_at is not None


def test_bags_that_are_where_they_belong_have_no_row() -> None:
    taken = by(OFFICER, cc.TakeProperty("s1", "g1", receipt="R-1"))
    free = by(OPS, cc.ReleasePerson("s1", "l1", "without charge"))
    assert rows("bags", *MADE, taken) == {}
    assert rows("bags", *MADE, taken, free)["g1"].why == "its owner is free"
    assert rows("bags", *MADE, taken, by(OFFICER, cc.MoveBag("g1", "s1", "s1", "owner")), free) == {}
    left = by(OFFICER, cc.MoveBag("g1", "s1", "room-1", "unclaimed"))
    row = rows("bags", *MADE, taken, left)["g1"]
    assert (row.why, row.keeper.id, row.number, row.receipt) == ("unclaimed", "room-1", "W-001-4", "R-1")
    wrong = by(OFFICER, cc.MoveBag("g1", "s1", "room-1", "evidence room", "sergeant"))
    assert rows("bags", *MADE, taken, wrong)["g1"].why == "its way does not fit"
    evidence = by(OFFICER, cc.TakeProperty("s1", "g2", evidence=True))
    assert set(rows("bags", *MADE, evidence, free)) == set()
    assert rows("bags", *MADE, taken, left, through=agency_lens(ALLY)) == {}
    assert set(rows("bags", *MADE, taken, left, through=agency_lens(LEAD))) == {"g1"}


def test_the_bar_names_who_on_duty_has_not_read_it_and_how_it_was_announced() -> None:
    bar = ca.SetArrestBar("b1", ("blocking-traffic",), ("arson",), "cite first")
    steps = (
        *ALLIED,
        bar,
        by(OFFICER, ca.AcknowledgeArrestBar("b1", "officer")),
        ca.AnnounceArrestBar("b1", "loudspeaker"),
    )
    row = rows("bar", *steps)["b1"]
    assert [one.person for one in row.unread] == ["chief", "ic", "ops", "partner", "sergeant"] and row.read == 1
    assert (row.words, row.announced, row.cited, row.in_force) == (
        "cite first",
        ("loudspeaker",),
        ("blocking traffic",),
        True,
    )
    share = rows("bar", *steps, through=agency_lens(ALLY))["b1"]
    assert [one.person for one in share.unread] == ["partner"] and share.read == 0
    newer = rows("bar", *steps, replace(bar, bar="b2"))
    assert not newer["b1"].in_force and newer["b1"].unread == () and len(newer["b2"].unread) == 6
    assert rows("bar", *steps, c.CheckOut("chief"))["b1"].unread[0].person == "ic"


def test_a_declaration_gives_its_reasons_to_command_and_oversight_only() -> None:
    until = given(*ALLIED).world.now
    told = ea.HighVolumeDeclared("h1", "north", until, True, "many sit", "citations", "by hand")
    steps = (*ALLIED, told)
    row = rows("high_volume", *steps)["h1"]
    assert (row.reason, row.alternatives, row.procedure, row.procedure_written) == (
        "many sit",
        "citations",
        "by hand",
        True,
    )
    field = rows("high_volume", *steps, through=FIELD)["h1"]
    assert (field.reason, field.alternatives, field.procedure, field.until) == ("", "", "by hand", row.until)
    assert rows("high_volume", *steps, ea.HighVolumeEnded("h1"))["h1"].ended is not None


def test_a_change_of_one_record_makes_no_other_row_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of forty records one gets its disposition: one row of each section is rendered, twice: before and after."""
    cards = [
        by(OFFICER, replace(CARD, arrest=f"a{n}", subject=f"s{n}", wristband=f"W-{n:03}-1", conduct=None))
        for n in range(40)
    ]
    world = given(*MADE[:-1], *opens(YARD), *cards).world
    before = world.state
    world.happened(by(OFFICER, ca.DecideDisposition("a7", "s7", "cited")))
    made: list[tuple[str, str]] = []
    for name in ("arrests", "custody", "numbers", "sites"):
        section = TABLE[name]

        def counting(scene: Scene, key: str, name: str = name, row: Any = section.row) -> Any:
            made.append((name, key))
            return row(scene, key)

        monkeypatch.setitem(TABLE, name, replace(section, row=counting))
    found = changes(before, world.state, world.stack, COMMAND, {}, world.now)
    assert {(name, key) for name, key, _ in found} == {
        ("arrests", "a7"), ("custody", "s7"), ("numbers", "record:a7"), ("incident", "incident"),
        *((name, key) for name, key, _ in found if name in ("panel", "duties", "releases")),
    }  # fmt: skip
    assert sorted(set(made)) == [
        ("arrests", "a7"), ("custody", "s7"), ("numbers", "person:s7"), ("numbers", "record:a7"),
    ]  # fmt: skip
    assert len(made) == 8, "each before and after"


def test_the_newest_records_are_on_the_board_and_the_longest_held() -> None:
    world = given(*MADE, by(OFFICER, OTHER)).world
    keys = list(TABLE["arrests"].keys(Scene(world.state, world.stack, COMMAND, {}, world.now)))
    assert keys == ["a2", "a1"]


def test_beyond_what_a_board_holds_nobody_in_custody_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest records, and besides them each one about somebody who is held; whoever is free makes room."""
    monkeypatch.setattr("command.views.sections_arrest.ARRESTS_SHOWN", 1)
    third = replace(OTHER, arrest="a3", subject="s3", wristband="W-003-1")
    steps = (*MADE, by(OFFICER, OTHER), by(OFFICER, third))
    assert set(rows("custody", *steps)) == set(rows("releases", *steps)) == {"s1", "s2", "s3"}
    assert set(rows("arrests", *steps)) == {"a1", "a2", "a3"}
    free = (*steps, by(OPS, cc.ReleasePerson("s2", "l1", "without charge")))
    assert set(rows("arrests", *free)) == {"a1", "a3"} and set(rows("custody", *free)) == {"s1", "s3"}


def test_a_board_has_the_record_under_which_somebody_is_in_custody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another person's, where a hand-over said so; a record that nobody wrote has no row."""
    monkeypatch.setattr("command.views.sections_arrest.ARRESTS_SHOWN", 1)
    steps = (*MADE, by(OFFICER, OTHER), by(OFFICER, replace(OTHER, arrest="a3", subject="s3", wristband="W-003-1")))
    freed = [by(OPS, cc.ReleasePerson(one, f"l-{one}", "without charge")) for one in ("s1", "s2", "s3")]
    under = by(OFFICER, cc.HandOver("s9", "t1", "partner", "officer", "a2"))
    unwritten = by(OFFICER, cc.HandOver("s8", "t2", "partner", "officer", "a99"))
    assert set(rows("arrests", *steps, *freed, under, unwritten)) == {"a2", "a3"}


def test_what_a_table_brought_hides_no_record_that_was_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two records the older was made here and its person is free: it stays, and what was imported fills the rest."""
    monkeypatch.setattr("command.views.sections_arrest.ARRESTS_SHOWN", 2)
    freed = by(OPS, cc.ReleasePerson("s1", "l1", "without charge"))
    table = [
        by(OFFICER, replace(OTHER, arrest=f"i{n}", subject=f"p{n}", wristband=None), origin=Origin("import", "city"))
        for n in range(3)
    ]
    assert set(rows("arrests", *MADE, freed, *table)) == {"a1", "i2"}
