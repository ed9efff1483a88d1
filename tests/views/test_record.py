"""One record, whole: both versions, who signed what, the chain of custody and of property, and what each lens reads."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain.private import compartments, private_fields
from command.reports.record import record_paper
from command.views.lens import COMMAND, FIELD, MEDICAL, OVERSIGHT, PROCESSING, PUBLIC, Lens, agency_lens, lens
from command.views.record import about, record, seen, steps_view, tells_of
from command.views.record_rows import RecordView
from command.views.scene import Scene
from tests.domain.test_arrest import CARD, MADE, OTHER, WARNING
from tests.domain.test_custody import IN_YARD, TO_YARD
from tests.support.given import ALLIED, ALLY, CHIEF, LEAD, OFFICER, OPS, PARTNER, SERGEANT, STAFFED, World, by, given
from tests.support.stories import arrests_story

EVERYTHING = ("identity", "demographics", "juvenile")
PROCESSOR = lens("processing", (), EVERYTHING)
DESCRIBED = ca.DescribePerson(
    "a1", "s1", name="Ann Example", race_perceived="white", race_stated="declined", age="17", medical="asthma",
)  # fmt: skip


def look(world: World, through: Lens, viewer: str | None = None, arrest: str = "a1", **private: Any) -> RecordView:
    scene = Scene(world.state, world.stack, through, private.get("private", world.plain), world.now)
    found = seen(scene, arrest)
    assert found is not None
    mine = {found.arrest, found.subject}
    return record(scene, found, [one for one in world.entries if mine & set(about(one.event))], viewer)


def view(*steps: Any, through: Lens = COMMAND, viewer: str | None = None) -> RecordView:
    return look(given(*steps).world, through, viewer)


def test_both_versions_stay_readable_and_one_stands() -> None:
    found = view(*MADE, by(OFFICER, replace(CARD, conduct="broke one window", exits="open")))
    first, second = found.versions
    assert (first.stands, second.stands, second.of) == (False, True, first.event)
    assert first.said["conduct"] != second.said["conduct"] == "broke one window"
    assert second.public["exits"] == "open" and "conduct" not in second.public and "subject" not in second.public


def test_another_card_under_the_same_number_is_readable_and_never_stands() -> None:
    found = view(*MADE, by(PARTNER, replace(CARD, conduct="not mine"), rank="officer"))
    assert [one.stands for one in found.versions] == [True, False] and found.record.versions == 1


def test_each_offence_has_its_own_facts_and_its_corrections() -> None:
    said = ca.RecordOffence("a1", "s1", "o1", "vandalism", facts="the window of the shop", evidence="a hammer")
    other = replace(said, offence="o2", charge="trespass", facts="inside the yard", withdrawn=True, evidence=None)
    found = view(*MADE, by(OFFICER, said), by(OFFICER, replace(said, facts="the door of the shop")), by(OFFICER, other))
    one, two = found.offences
    assert [told.said["facts"] for told in one.versions] == ["the window of the shop", "the door of the shop"]
    assert [told.stands for told in one.versions] == [False, True] and one.says and one.rules
    assert two.withdrawn and two.charge == "trespass" and two.versions[0].said["facts"] == "inside the yard"


def test_perceived_and_stated_stand_apart_for_those_who_may_read_them() -> None:
    steps = (*MADE, by(OFFICER, DESCRIBED))
    found = view(*steps, through=PROCESSOR).person
    assert found is not None
    race = next(pair for pair in found.pairs if pair.what == "race")
    assert (race.perceived, race.stated, race.withheld) == ("white", "declined", False)
    assert found.answers["name"] == "Ann Example" and found.answers["age"] == "17" and "medical" not in found.answers
    assert "medical" in found.withheld
    command = view(*steps).person
    assert command is not None and not command.answers and command.answered == () and command.versions[0].public == {}
    assert {"name", "age", "race_perceived"} <= set(command.withheld)
    assert view(*steps, through=FIELD).person is None, "the field does not see that it was asked"


def test_authors_read_their_own_and_the_trail_would_say_which_compartments() -> None:
    own = view(*MADE, by(OFFICER, DESCRIBED), through=FIELD, viewer="officer")
    assert own.person is not None and own.person.answers["name"] == "Ann Example"
    assert own.compartments == ("account", "demographics", "identity", "juvenile", "medical")
    assert view(*MADE, by(OFFICER, DESCRIBED)).compartments == ("account",)
    assert view(*MADE, by(OFFICER, DESCRIBED), through=FIELD, viewer="sergeant").compartments == ()


def test_signatures_that_sign_nothing_are_there_with_their_finding() -> None:
    card = (*STAFFED, by(SERGEANT, CARD))
    version = given(*card).world.state.arrests.all["a1"].versions[-1]
    sign = ca.SignArrest("a1", "s1", "arresting", version)
    found = view(*card, by(CHIEF, sign), by(OFFICER, sign))
    wrong, right = found.signatures
    assert wrong.finding is not None and wrong.finding.kind == "contrary to plan" and wrong.by.person == "chief"
    assert right.finding is not None and right.finding.kind == "authorized" and found.record.signed
    assert [one.who.person for one in found.record.signatures] == ["officer"]


def test_the_dispersal_sequence_in_force_there_and_then_with_the_ways_out() -> None:
    late = by(OPS, replace(WARNING, warning="w9"))
    steps = (
        *STAFFED, by(OPS, replace(WARNING, warning="w1")), by(OPS, c.ReportExits("x1", "north", ("5th Ave",), ("6th Ave",))),
        by(OFFICER, replace(CARD, warning="w1", exits="open")), late, by(OPS, c.ReportExits("x2", "north", (), ("5th Ave",))),
    )  # fmt: skip
    found = view(*steps).dispersal
    assert found is not None and [one.id for one in found.given] == ["w1"] and found.named == "w1"
    assert (found.exits_said, found.exits_open, found.exits_closed) == ("open", ("5th Ave",), ("6th Ave",))
    assert view(*STAFFED, by(OFFICER, replace(CARD, sector=None))).dispersal is None


def test_restraints_are_intervals_with_the_looks_between() -> None:
    def act(what: Any, restraint: str = "r1", **more: Any) -> Any:
        return by(OFFICER, ca.RecordRestraint("a1", "s1", restraint, what, **more))

    steps = (
        act("removed", "r9"), act("applied", kind="cuffs", position="front"), act("checked"), act("removed"),
        act("applied", position="behind"), act("loosened"),
    )  # fmt: skip
    first, second = view(*MADE, *steps).restraints
    assert (first.kind, first.position, len(first.looks)) == ("cuffs", "front", 2) and first.off == first.looks[-1]
    assert second.off is None and second.position == "behind" and len(second.looks) == 1 and second.on > first.on


def test_the_chain_of_custody_and_of_property_has_no_hole() -> None:
    steps = (
        *IN_YARD, by(OFFICER, cc.TakeProperty("s1", "g1", receipt="R-1", contents="keys")),
        by(OFFICER, cc.MoveBag("g1", "s1", "room-1", "evidence room", "officer")),
        by(OFFICER, cc.EnterStation("s1", "yard", "search")), by(OPS, cc.ReleasePerson("s1", "l1", "without charge")),
    )  # fmt: skip
    found = view(*steps, through=PROCESSOR)
    names = [span.holder.name if span.holder else span.how for span in found.custody]
    assert names == ["Officer", "School yard", "without charge"]
    ends = [span.until for span in found.custody]
    assert ends == [found.custody[1].since, found.custody[2].since, None]
    (bag,) = found.property
    assert (bag.keeper.id, bag.receipt, [one.type for one in bag.chain]) == (
        "room-1",
        "R-1",
        ["PropertyTaken", "BagMoved"],
    )
    assert bag.chain[0].said == {"contents": "keys"} and found.stations[0].public["station"] == "search"
    assert view(*steps, through=FIELD).property == (), "the field sees nothing of property"


def test_a_death_in_custody_is_no_release() -> None:
    """Nobody holds the person, no clock of theirs runs, nothing calls them free, and what is owed after a death is."""
    found = view(*MADE, by(OPS, cc.ReleasePerson("s1", "l1", "died in custody")), through=PROCESSOR)
    assert (found.record.held, found.record.released_how) == (False, "died in custody")
    open_now = {one.rule for one in found.duties if one.done_at is None}
    assert {rule for rule in open_now if rule.startswith("death-")} == {
        "death-is-looked-into-from-outside", "death-is-told-the-family", "death-is-reported",
    }  # fmt: skip
    assert not open_now & {"judge-in-48-hours", "water-and-toilet"}
    paper = record_paper(found, "May Day", "UTC", "2026-05-01 14:00")
    first = [row[0] for section in paper.sections for table in section.tables for row in table.rows]
    assert "died in custody" in first and not any(cell.startswith("free") for cell in first)


def test_force_care_clocks_refusals_and_steps_are_there() -> None:
    force = by(OFFICER, c.ReportForce("f1", "p1", "officer", LEAD, "baton", "north"))
    asked = by(OFFICER, e.AskRefused("AskArrestStep", "north", "a1"))
    other = by(OFFICER, e.AskRefused("AskLevel", "north", "a1"))
    steps = (*STAFFED, force, by(OFFICER, replace(CARD, force=("f1", "ghost"))), asked, other)
    found = view(*steps, by(OPS, cc.ReleasePerson("s1", "l1", "without charge")))
    assert [(one.report, one.tool) for one in found.force] == [("f1", "baton"), ("ghost", "")]
    assert found.force[0].care is not None and len(found.refusals) == 1
    done = {one.rule: one.done_at is not None for one in found.duties}
    assert done["judge-in-48-hours"] and not done["arrest-record"]
    assert [one.step for one in found.steps] == ["transport", "booking", "closing"]
    assert view(*steps, through=PROCESSING).force == (), "processing has no board of force"


def test_aid_under_the_records_own_number_is_there() -> None:
    aid = by(OFFICER, c.RecordAid("a1", "given", "officer", None, True, "pressed on it"))
    found = view(*MADE, aid).aid
    assert found is not None and [step.what for step in found.steps] == ["AidGiven"]
    assert view(*MADE).aid is None and view(*MADE, aid, through=PROCESSING).aid is None


def test_a_record_reopened_flagged_reviewed_attached_and_alike_keeps_all_of_it() -> None:
    steps = (
        *MADE, by(OFFICER, OTHER, alike=(("a1", 0.9),)), by(OFFICER, ca.FlagProtectedRole("a1", "s1", "f1", role="press")),
        by(CHIEF, ca.ReviewGrounds("a1", "s1", "v1", "supported", "read and heard")),
        by(OFFICER, ca.RecordRights("a1", "s1", "notice of options", "es", True)),
        by(OFFICER, ca.RecordIndividualWarning("a1", "s1", "not warned", not_warned_because="he ran")),
        by(OFFICER, ca.ReadBackArrest("a1", "s1", "form 3")), by(OFFICER, cc.RecordCare("s1", "water", "given")),
        by(OFFICER, cc.ExplainHold("s1", "a1", "h1", True, "no interpreter yet")),
        by(OFFICER, ca.DecideDisposition("a1", "s1", "cited")), by(OFFICER, replace(CARD, basis="presence in a group")),
    )  # fmt: skip
    found = view(*steps)
    whole = {name: getattr(found, name) for name in ("roles", "reviews", "rights", "warnings", "read_back", "care", "holds",
             "dispositions", "alike", "findings")}  # fmt: skip
    assert {name: len(told) for name, told in whole.items()} == dict.fromkeys(whole, 1)
    assert (
        found.reviews[0].said["reasons"] == "read and heard"
        and found.warnings[0].said["not_warned_because"] == "he ran"
    )
    assert found.basis == "presence in a group" and found.record.alike == 1
    assert view(*steps, through=FIELD).alike == () and view(*steps, through=FIELD).reviews == ()


def test_what_was_redacted_is_shown_as_such() -> None:
    steps = (*MADE, by(OFFICER, DESCRIBED), c.Redact("Court", "order 7", "s1"))
    world = given(*steps).world
    found = look(world, OVERSIGHT, private={})
    assert found.redacted and found.versions[0].redacted and found.versions[0].said == {}
    assert not view(*MADE, by(OFFICER, DESCRIBED)).redacted


def test_a_share_and_those_who_only_treat_have_no_record_that_is_not_theirs() -> None:
    theirs = replace(CARD, arrest="a7", subject="s7", officer="partner", officer_agency=ALLY, wristband=None)
    world = given(*ALLIED, by(OFFICER, CARD), by(PARTNER, theirs)).world
    for through, has in ((agency_lens(ALLY), {"a7"}), (MEDICAL, set()), (PUBLIC, set()), (FIELD, {"a1", "a7"})):
        scene = Scene(world.state, world.stack, through, {}, world.now)
        assert {arrest for arrest in ("a1", "a7", "zz") if seen(scene, arrest)} == has
        assert (steps_view(scene, "a1") is None) == ("a1" not in has)
    assert steps_view(Scene(world.state, world.stack, COMMAND, {}, world.now), "a1") is not None
    assert look(world, agency_lens(ALLY), arrest="a7").versions[0].said["conduct"] == CARD.conduct


LENSES = (
    COMMAND, lens("command", (), ("identity",)), FIELD, OVERSIGHT, lens("oversight", (), EVERYTHING), PROCESSING, PROCESSOR,
    lens("supervision", ("u1",)), agency_lens(ALLY), agency_lens(LEAD), lens("agency", (ALLY,), EVERYTHING),
)  # fmt: skip


@pytest.mark.parametrize("through", LENSES)
def test_no_lens_reads_a_compartment_without_its_grant(through: Lens) -> None:
    """Every private value is a canary that names its compartment; a lens shows those that were granted, and no other."""
    granted = {part for part in through.partition("~")[0].split("+")[1:]}
    for seed in range(3):
        world = arrests_story(seed)
        canaries = {one.seq: _canaries(type(one.event)) for one in world.entries}
        for arrest in world.state.arrests.all:
            scene = Scene(world.state, world.stack, through, canaries, world.now)
            if seen(scene, arrest) is None:
                continue
            found = look(world, through, arrest=arrest, private=canaries)
            text = json.dumps(msgspec.to_builtins(found))
            shown = {part.partition(">")[0] for part in text.split("CANARY<")[1:]}
            assert shown <= granted | {"", "account"}, shown - granted


def _canaries(kind: type[msgspec.Struct]) -> dict[str, str]:
    where = compartments(kind)
    return {name: f"CANARY<{where.get(name, '')}>" for name in private_fields(kind)}


def test_events_belong_to_the_records_that_they_name() -> None:
    assert about(ea.NarrativesAlike("a1", "a2", "conduct", 0.8)) == ("a1", "a2")
    assert about(e.AskRefused("AskLevel", "north", "a1")) == () == about(e.AskRefused("AskArrestStep", None, None))
    assert about(e.PositionVacated("safety")) == ()


def test_a_late_hand_over_takes_its_place() -> None:
    early = given(*MADE).world.now
    found = view(
        *IN_YARD, by(OFFICER, replace(TO_YARD, transfer="t2", to_holder="van", kind="vehicle"), occurred_at=early)
    )
    assert [span.holder.id for span in found.custody if span.holder] == ["officer", "van", "yard"]


def test_what_was_told_by_the_number_of_the_band_is_on_the_persons_record() -> None:
    """Before the card and after it, and never on the record of whoever has the band later."""
    band = "W-001-4"
    told = (by(SERGEANT, replace(TO_YARD, subject=band)), by(SERGEANT, cc.RecordCare(band, "water", "given")))
    world = given(*STAFFED, told[0], by(OFFICER, CARD), told[1]).world
    world.happened(by(OFFICER, replace(CARD, wristband="W-009-9")))
    world.happened(by(SERGEANT, cc.RecordCare(band, "food", "given")))
    world.happened(by(OFFICER, replace(OTHER, wristband=band)))
    first, second = (seen(Scene(world.state, world.stack, COMMAND, {}, world.now), key) for key in ("a1", "a2"))
    assert first is not None and second is not None
    of = {one.arrest: [e_.event for e_ in world.entries if tells_of(world.state, one, e_)] for one in (first, second)}
    kinds = {
        key: [type(one).__name__ for one in events if getattr(one, "subject", "") == band] for key, events in of.items()
    }
    assert kinds == {"a1": ["CustodyTransferred", "CareRecorded"], "a2": ["CareRecorded"]}
    page = record(
        Scene(world.state, world.stack, COMMAND, world.plain, world.now), first,
        [one for one in world.entries if tells_of(world.state, first, one)],
    )  # fmt: skip
    assert [one.line for one in page.transfers] and len(page.care) == 1
    assert {span.holder.name for span in page.custody if span.holder} >= {"yard"}
