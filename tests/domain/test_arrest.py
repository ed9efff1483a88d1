"""The individual arrest record: kept whole, each on its own facts, with what the plan makes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import arrest
from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain.facts_arrest import charges_of, record_of
from command.domain.wristband import make
from command.policy.decision import Finding
from tests.support.given import CHIEF, IC, LEAD, OFFICER, OPS, SERGEANT, STAFFED, Wait, When, by, given

CARD = ca.RecordArrest(
    arrest="a1",
    subject="s1",
    officer="officer",
    officer_agency=LEAD,
    sector="north",
    wristband="W-001-4",
    offences=("vandalism",),
    observed_by=("officer",),
    injured=False,
    warned="warned, with a chance to comply",
    conduct="broke the window of the shop at the corner with a hammer",
)
MADE = (*STAFFED, by(OFFICER, CARD))
OTHER = replace(CARD, arrest="a2", subject="s2", wristband="W-002-2")
WARNING = c.ReportWarning(
    warning="w1",
    sector="north",
    text="dispersal-order",
    words="leave",
    amplified=True,
    on_camera=True,
    audible=True,
    exits=("pine street",),
    exits_open=True,
)


def first(spec: When) -> Finding:
    """The finding of what was asked for, which must have one."""
    found = spec.drafts[0].finding
    assert found is not None
    return found


SEEN = (
    "march-moving", "tension-between-groups", "individual-probable-cause", "targeted-action-failed",
    "voluntary-compliance-failed",
)  # fmt: skip
RAISED = tuple(
    by(IC, c.RaiseLevel("north", level, "seen", SEEN, "few", "tried", "yes"))
    for level in ("facilitate", "engage", "targeted", "dispersal")
)


def ordered(number: int = 3, wait_s: float = 121.0) -> tuple[Any, ...]:
    """So many warnings, far enough apart, with the ways out looked at, where the commander had raised to dispersal."""
    steps: list[Any] = [by(OPS, c.ReportExits("x1", "north", open=("pine street",))), *RAISED]
    for index in range(number):
        steps += [by(OPS, replace(WARNING, warning=f"w{index}")), Wait(wait_s)]
    return tuple(steps)


def test_a_street_card_is_kept_and_stands_where_the_plan_bears_it_out() -> None:
    spec = given(*STAFFED).when(CARD, OFFICER)
    assert isinstance(spec.drafts[0].event, ea.ArrestRecorded)
    assert first(spec).kind == "authorized"
    arrest = spec.world.state.arrests.all["a1"]
    assert (arrest.officer, arrest.by.person, arrest.conduct_written) == ("officer", "officer", True)
    assert spec.world.state.custody.people["s1"].now.holder == "officer"  # type: ignore[union-attr]  # held since the arrest


def test_the_card_of_an_arrest_opens_the_record_the_review_and_the_48_hours() -> None:
    spec = given(*STAFFED).when(CARD, OFFICER)
    spec.owing("arrest-record", "grounds-review", "judge-in-48-hours")
    judge = next(
        d.event for d in spec.drafts if isinstance(d.event, e.DutyStarted) and d.event.rule.startswith("judge")
    )
    assert judge.due == spec.drafts[0].at or judge.due is not None
    begun = spec.world.entries[-1].header.occurred_at
    assert judge.due == begun + timedelta(hours=48)


def test_nothing_that_is_missing_refuses_a_card() -> None:
    bare = ca.RecordArrest(arrest="a9", subject="s9", officer="nobody-checked-in")
    spec = given(*STAFFED).when(bare, OFFICER)
    assert first(spec).kind == "cannot tell"
    assert "a9" in spec.world.state.arrests.all


def test_presence_in_a_group_is_nobodys_basis() -> None:
    found = first(given(*STAFFED).when(replace(CARD, basis="presence in a group"), OFFICER))
    assert found.kind == "contrary to plan"
    assert "arrest.no-group-cause" in {rule.rule for rule in found.rules}


def test_who_writes_down_anothers_arrest_is_said_and_the_arresting_officer_still_has_to_sign() -> None:
    spec = given(*STAFFED).when(CARD, SERGEANT)
    assert (
        "written down by somebody else; the arresting officer signs for it with their own credential"
        in first(spec).reasons
    )
    assert "officer signature" not in record_of(spec.world.state, spec.world.state.arrests.all["a1"]).items
    signed = given(*STAFFED, by(SERGEANT, CARD)).when(ca.SignArrest("a1", "s1", "arresting", _version(spec)), OFFICER)
    assert first(signed).kind == "authorized"
    assert "officer signature" in record_of(signed.world.state, signed.world.state.arrests.all["a1"]).items


def _version(spec: When) -> int:
    return spec.world.state.arrests.all["a1"].versions[-1]


def test_signing_for_an_arrest_that_another_made_is_found_signs_nothing_and_owes_an_answer() -> None:
    """The officer of 2004 who swore to arrests that he had not made (D5)."""
    card = given(*STAFFED, by(SERGEANT, CARD))
    version = card.world.state.arrests.all["a1"].versions[-1]
    spec = card.when(ca.SignArrest("a1", "s1", "arresting", version), OPS)
    assert first(spec).kind == "contrary to plan"
    assert "ops signs for an arrest that officer made" in first(spec).reasons
    spec.owing("arrest-by-another-hand")
    assert spec.world.state.arrests.all["a1"].signed == ()


@pytest.mark.parametrize("signing", ["observing", "assisting"])
def test_who_is_not_named_on_the_record_does_not_sign_as_having_been_there(signing: Any) -> None:
    spec = given(*MADE).when(ca.SignArrest("a1", "s1", signing, 1), SERGEANT)
    assert first(spec).kind == "cannot tell"
    assert spec.world.state.arrests.all["a1"].signed == ()


def test_a_signature_for_an_older_version_signs_nothing() -> None:
    again = given(*MADE, by(OFFICER, replace(CARD, conduct="broke two windows")))
    old, new = again.world.state.arrests.all["a1"].versions
    stale = again.when(ca.SignArrest("a1", "s1", "arresting", old), OFFICER)
    assert first(stale).kind == "cannot tell"
    assert f"stands at {new}" in first(stale).reasons[0]


def test_a_correction_stands_and_the_first_version_stays() -> None:
    spec = given(*MADE).when(replace(CARD, offences=("trespass",)), OFFICER)
    assert spec.drafts[0].supersedes is not None
    arrest = spec.world.state.arrests.all["a1"]
    assert arrest.offences == ("trespass",) and len(arrest.versions) == 2
    kept = [entry for entry in spec.world.entries if isinstance(entry.event, ea.ArrestRecorded)]
    assert [entry.event.offences for entry in kept] == [("vandalism",), ("trespass",)]  # type: ignore[union-attr]  # those kept


def test_anothers_card_under_the_same_number_is_kept_and_changes_nothing() -> None:
    stranger = replace(CARD, conduct="something else", offences=("arson",))
    spec = given(*MADE).when(stranger, SERGEANT, rank="sergeant")
    assert first(spec).reasons == ("recorded under the number of another's record, which stands",)
    assert spec.world.state.arrests.all["a1"].offences == ("vandalism",)
    spec = given(*MADE).when(replace(CARD, subject="s7"), OFFICER, rank="officer")
    assert first(spec).kind == "cannot tell" and spec.world.state.arrests.all["a1"].subject == "s1"


def test_a_correction_moves_the_arrest_only_to_a_time_before_it_was_written_down() -> None:
    """The card is corrected five hours later, and nobody says anew when it was: the arrest stays where it was, and so do
    its findings, its clocks and its clock's error."""
    world = given(*MADE).world
    made = world.state.arrests.all["a1"]
    world.now += timedelta(hours=5)
    closed = c.ReportExits("x9", "north", open=(), closed=("pine street",))
    world.send(closed, OPS)
    world.send(replace(CARD, conduct="broke the window of the bank"), OFFICER)
    stands = world.state.arrests.all["a1"]
    assert (stands.at, stands.finding, len(stands.versions)) == (made.at, made.finding, 2)
    earlier = made.at - timedelta(minutes=20)
    world.send(replace(CARD, conduct="broke the window of the bank"), OFFICER, occurred_at=earlier)
    assert world.state.arrests.all["a1"].at == earlier, "said anew"


def test_wristbands_that_were_swapped_are_right_once_both_cards_are_corrected() -> None:
    """In between one number is on two records, which is an alarm; a number that nobody bears is nobody's."""
    world = given(*MADE, by(OFFICER, OTHER)).world
    world.send(replace(CARD, wristband=OTHER.wristband), OFFICER)
    assert dict(world.state.arrests.wristbands.items()) == {"W-002-2": "a2"}
    world.send(replace(OTHER, wristband=CARD.wristband), OFFICER)
    assert dict(world.state.arrests.wristbands.items()) == {"W-002-2": "a1", "W-001-4": "a2"}
    world.send(replace(OTHER, wristband=None), OFFICER)
    assert dict(world.state.arrests.wristbands.items()) == {"W-002-2": "a1"}


@pytest.mark.parametrize(
    ("said", "apart"),
    [
        ({"age": "15"}, True), ({"age": "17, perhaps 18"}, True), ({"age": "34"}, None), ({"born": "2009-05-03"}, True),
        ({"born": "2008-04-20"}, None), ({"minor": "perhaps, by her looks"}, True), ({"minor": "no"}, None), ({}, None),
        ({"age": "15", "apart": False}, False),
    ],
)  # fmt: skip
def test_who_is_under_18_by_what_is_said_is_kept_apart_though_nobody_ticked_it(said: Any, apart: bool | None) -> None:
    spec = given(*MADE).when(ca.DescribePerson("a1", "s1", **said), OFFICER)
    event = spec.drafts[0].event
    assert isinstance(event, ea.PersonDescribed) and event.apart is apart
    assert spec.world.state.custody.people["s1"].apart is bool(apart)


def test_the_keepers_of_the_record_may_correct_it_and_a_changed_finding_is_reopened() -> None:
    wrong = replace(CARD, basis="presence in a group")
    spec = given(*STAFFED, by(OFFICER, wrong)).when(CARD, IC)
    assert [type(d.event) for d in spec.drafts[:2]] == [ea.ArrestRecorded, e.FindingReopened]
    assert spec.world.state.arrests.all["a1"].finding == first(spec)


def test_one_wristband_on_two_records_is_said() -> None:
    spec = given(*MADE).when(replace(OTHER, wristband="W-001-4"), OFFICER)
    assert first(spec).kind == "cannot tell"
    assert any("the wristband W-001-4 is on the record a1 as well" in why for why in first(spec).reasons)


def test_a_wristbands_number_that_was_misread_is_said() -> None:
    good = make("W", "204", 173)
    assert first(given(*STAFFED).when(replace(CARD, wristband=good), OFFICER)).kind == "authorized"
    bad = first(given(*STAFFED).when(replace(CARD, wristband=good.replace("0173", "0174")), OFFICER))
    assert bad.kind == "cannot tell" and "misread?" in " ".join(bad.reasons)


def test_a_run_of_wristbands_that_does_not_add_up_is_said() -> None:
    def issue(first: int, last: int, quantity: int, number: str = "i1") -> ca.IssueWristbands:
        return ca.IssueWristbands(
            number, "sergeant", "wristbands", make("W", "7", first), make("W", "7", last), quantity
        )

    whole = given(*STAFFED).when(issue(1, 50, 50))
    assert whole.drafts[0].finding is None
    short = first(given(*STAFFED).when(issue(1, 50, 40)))
    assert "has 50" in short.reasons[0]
    twice = first(given(*STAFFED, issue(1, 50, 50)).when(issue(50, 60, 11, "i2")))
    assert "the run overlaps another one, which sergeant has" in twice.reasons
    misread = replace(issue(1, 50, 50), last=make("W", "7", 51)[:-1] + make("W", "7", 50)[-1])
    assert "misread?" in first(given(*STAFFED).when(misread)).reasons[0]


def test_rights_that_come_after_the_questions_are_said() -> None:
    rights = ca.RecordRights("a1", "s1", "rights before questions", "es", True, "asked already")
    found = first(given(*MADE).when(rights, OFFICER))
    assert found.kind == "contrary to plan" and "arrest.rights-first" in {rule.rule for rule in found.rules}
    fine = given(*MADE).when(replace(rights, questions="not asked yet"), OFFICER)
    assert fine.drafts[0].finding is None


# The order to disperse ------------------------------------------------------------------


DISPERSED = replace(CARD, offences=("failure-to-disperse",), exits="open")


def test_an_arrest_on_an_order_to_disperse_stands_once_the_order_was_complete() -> None:
    assert first(given(*STAFFED, *ordered()).when(DISPERSED, OFFICER)).kind == "authorized"


@pytest.mark.parametrize("steps", [(), ordered(2), ordered(3, 60.0), ordered(3)[:-1]])
def test_too_few_too_near_or_too_early_and_the_finding_says_so(steps: tuple[Any, ...]) -> None:
    found = first(given(*STAFFED, *steps).when(DISPERSED, OFFICER))
    assert found.kind == "contrary to plan"
    assert "the order to disperse was not complete" in " ".join(found.reasons)
    assert "charge.failure-to-disperse" in {rule.rule for rule in found.rules}


def test_an_order_that_nobody_had_authorized_is_no_ground_for_an_arrest() -> None:
    """Three complete warnings in a sector that never stood at dispersal: said by somebody, ordered by nobody."""
    steps = tuple(step for step in ordered() if step not in RAISED)
    found = first(given(*STAFFED, *steps).when(DISPERSED, OFFICER))
    assert found.kind == "contrary to plan"
    assert "given before the level Dispersal, so nobody had authorized it" in " ".join(found.reasons)


def test_nobody_obeys_an_order_when_the_way_out_is_closed() -> None:
    found = first(given(*STAFFED, *ordered()).when(replace(DISPERSED, exits="closed"), OFFICER))
    assert found.kind == "contrary to plan" and "the way out was closed" in " ".join(found.reasons)
    shut = by(OPS, c.ReportExits("x2", "north", open=(), closed=("pine street",)))
    found = first(given(*STAFFED, *ordered(), shut).when(DISPERSED, OFFICER))
    assert found.kind == "contrary to plan"


def test_an_order_that_came_to_hold_within_the_clocks_error_cannot_be_told() -> None:
    past = given(*STAFFED, *ordered())
    edge = past.world.now - timedelta(seconds=1)
    found = first(past.when(DISPERSED, OFFICER, occurred_at=edge, clock_error_ms=90_000))
    assert found.kind == "cannot tell"
    nowhere = first(given(*STAFFED, *ordered()).when(replace(DISPERSED, sector=None), OFFICER))
    assert nowhere.kind == "cannot tell"


CURFEW = replace(CARD, offences=("curfew",), curfew=True)


def test_a_curfew_stands_only_where_a_way_home_was_open() -> None:
    """Mott Haven 2020: closed in ten minutes before the curfew (D12). The model gives no time to get home: unknown denies."""
    no_way = "no way home was open when the curfew was enforced"
    opened = first(given(*STAFFED).when(replace(CURFEW, exits="open"), OFFICER))
    assert opened.kind == "contrary to plan" and no_way not in opened.reasons
    assert "the notice of the curfew was not complete" in " ".join(opened.reasons)
    assert no_way in first(given(*STAFFED).when(replace(CURFEW, exits="closed"), OFFICER)).reasons
    look = by(OPS, c.ReportExits("x1", "north", open=()))
    assert no_way in first(given(*STAFFED, look).when(CURFEW, OFFICER)).reasons
    alone = first(given(*STAFFED).when(replace(CURFEW, offences=("trespass",)), OFFICER))
    assert "nobody wrote down whether a way home was open" in alone.reasons


# The rest of the record --------------------------------------------------------------------


OFFENCE = ca.RecordOffence(
    "a1", "s1", "o1", "trespass", sector="north", facts="was inside after closing", evidence="the guard's account"
)


def test_each_offence_stands_on_its_own_facts_and_a_withdrawn_one_counts_no_more() -> None:
    spec = given(*MADE).when(OFFENCE, OFFICER)
    assert spec.drafts[0].finding is None
    arrest = spec.world.state.arrests.all["a1"]
    assert charges_of(arrest) == ("vandalism", "trespass")
    assert {"facts", "evidence", "offence place"} <= record_of(spec.world.state, arrest).items
    gone = given(*MADE, by(OFFICER, OFFENCE)).when(replace(OFFENCE, withdrawn=True), OFFICER)
    assert charges_of(gone.world.state.arrests.all["a1"]) == ("vandalism",)
    other = given(*MADE, by(OFFICER, OFFENCE)).when(replace(OFFENCE, facts="else"), SERGEANT, rank="sergeant")
    assert first(other).kind == "cannot tell"
    assert (
        other.world.state.arrests.all["a1"].charges
        == given(*MADE, by(OFFICER, OFFENCE)).world.state.arrests.all["a1"].charges
    )
    unknown = given(*STAFFED).when(OFFENCE, OFFICER)
    assert first(unknown).reasons == ("no record of an arrest a1 is there yet",)


def test_an_offence_that_rests_on_an_order_nobody_gave_is_found() -> None:
    spec = given(*MADE).when(replace(OFFENCE, charge="failure-to-disperse"), OFFICER)
    assert first(spec).kind == "contrary to plan"


def test_answers_are_private_and_that_a_question_was_answered_is_not() -> None:
    said = ca.DescribePerson("a1", "s1", name="Ada Doe", race_perceived="W", ethnicity_stated="N", medical="none")
    spec = given(*MADE).when(said, OFFICER)
    event = spec.drafts[0].event
    assert isinstance(event, ea.PersonDescribed)
    assert event.answered == ("name", "race", "ethnicity", "medical")
    stored = spec.world.raw[-1]
    assert b"Ada" not in stored
    assert {"name", "race and ethnicity", "medical"} <= record_of(
        spec.world.state, spec.world.state.arrests.all["a1"]
    ).items
    nobody = given(*MADE).when(ca.DescribePerson("a1", "s1", unidentified=True), OFFICER)
    assert "name" in record_of(nobody.world.state, nobody.world.state.arrests.all["a1"]).items


def test_a_minor_starts_the_clocks_once() -> None:
    minor = ca.DescribePerson("a1", "s1", apart=True, age="15")
    spec = given(*MADE).when(minor, OFFICER).owing("minor-out-in-six-hours", "call-the-guardian")
    assert spec.world.state.custody.people["s1"].apart
    given(*MADE, by(OFFICER, minor)).when(minor, OFFICER).owing()
    grown = given(*MADE, by(OFFICER, minor)).when(ca.DescribePerson("a1", "s1", apart=False, age="22"), SERGEANT)
    ended = {d.event.duty for d in grown.drafts if isinstance(d.event, e.DutyDischarged)}
    assert len(ended) == 2 and not grown.world.state.arrests.all["a1"].apart


def test_an_individual_warning_or_why_not_completes_that_item() -> None:
    quick = given(*STAFFED, by(OFFICER, replace(CARD, warned=None)))
    assert "warning" not in record_of(quick.world.state, quick.world.state.arrests.all["a1"]).items
    why = ca.RecordIndividualWarning("a1", "s1", "not warned", not_warned_because="it was over in a second")
    spec = quick.when(why, OFFICER)
    assert "warning" in record_of(spec.world.state, spec.world.state.arrests.all["a1"]).items
    silent = given(*STAFFED, by(OFFICER, replace(CARD, warned="not warned"))).world.state
    assert "warning" not in record_of(silent, silent.arrests.all["a1"]).items


def test_wrist_to_ankle_is_found_and_restraints_have_a_clock() -> None:
    on = ca.RecordRestraint("a1", "s1", "r1", "applied", "flex cuffs", "behind")
    spec = given(*MADE).when(on, OFFICER).owing("restraint-check")
    assert spec.drafts[0].finding is None
    (item,) = spec.world.state.custody.people["s1"].restraints
    assert item.on_since is not None and item.position == "behind"
    off = given(*MADE, by(OFFICER, on)).when(replace(on, act="removed"), OFFICER)
    assert any(isinstance(d.event, e.DutyDischarged) for d in off.drafts)
    assert off.world.state.custody.people["s1"].restraints[0].on_since is None
    painful = given(*MADE).when(replace(on, position="wrist to ankle"), OFFICER)
    assert first(painful).kind == "contrary to plan"
    assert [rule.rule for rule in first(painful).rules] == ["arrest.never-painful"]


def test_press_and_medics_get_a_supervisor() -> None:
    flag = ca.FlagProtectedRole("a1", "s1", "f1", role="press")
    given(*MADE).when(flag, OFFICER).owing("supervisor-for-protected-role")
    upheld = given(*MADE, by(OFFICER, flag)).when(
        replace(flag, outcome="arrest upheld", supervisor="sergeant"), SERGEANT
    )
    assert any(isinstance(d.event, e.DutyDischarged) for d in upheld.drafts)


def test_probable_cause_is_reviewed_by_someone_without_a_part_in_it() -> None:
    review = ca.ReviewGrounds("a1", "s1", "v1", "supported", "the window, the hammer, the officer's own eyes")
    spec = given(*MADE).when(review, SERGEANT)
    assert "grounds review" in record_of(spec.world.state, spec.world.state.arrests.all["a1"]).items
    given(*MADE).when(review, OFFICER).refused()
    assisted = replace(CARD, assisting=("sergeant",))
    given(*STAFFED, by(OFFICER, assisted)).when(review, SERGEANT).refused(containing="took part")
    given(*MADE).when(replace(review, reasons=" "), SERGEANT).refused("missing", containing="facts")
    given(*MADE).when(replace(review, arrest="ghost"), SERGEANT).refused(containing="no record")
    given(*MADE, by(SERGEANT, review)).when(review, CHIEF).refused(containing="filed already")
    more = given(*MADE).when(replace(review, conclusion="more is needed"), SERGEANT)
    assert "grounds review" not in record_of(more.world.state, more.world.state.arrests.all["a1"]).items


BLOCKING = replace(CARD, offences=("blocking-traffic",))


def test_what_is_cited_first_takes_a_coded_reason_for_custody() -> None:
    made = (*STAFFED, by(OFFICER, BLOCKING))
    cited = given(*made).when(ca.DecideDisposition("a1", "s1", "cited", citation="C-1"), OFFICER)
    assert first(cited).kind == "authorized"
    bare = first(given(*made).when(ca.DecideDisposition("a1", "s1", "custody"), OFFICER))
    assert bare.kind == "contrary to plan" and "arrest.citation-first" in {rule.rule for rule in bare.rules}
    coded = first(given(*made).when(ca.DecideDisposition("a1", "s1", "custody", "threat"), OFFICER))
    assert coded.kind == "authorized"
    odd = first(given(*made).when(ca.DecideDisposition("a1", "s1", "custody", "because"), OFFICER))
    assert odd.kind == "contrary to plan" and 'got "because"' in odd.reasons[0]
    heavy = given(*MADE).when(ca.DecideDisposition("a1", "s1", "custody"), OFFICER)
    assert heavy.drafts[0].finding is None


def test_transport_waits_for_what_the_plan_wants_by_then_and_says_each_item() -> None:
    bare = replace(CARD, observed_by=(), injured=None)
    spec = given(*STAFFED, by(OFFICER, bare)).when(ca.AskArrestStep("a1", "s1", "transport"), OFFICER)
    spec.refused("missing", containing="who saw the conduct")
    spec.refused("missing", containing="whether the person is hurt")
    ready = given(*MADE).when(ca.AskArrestStep("a1", "s1", "transport", "van-1"), OFFICER)
    assert isinstance(ready.drafts[0].event, ea.ArrestStepCleared)
    given(*MADE).when(ca.AskArrestStep("a1", "s1", "booking"), OFFICER).refused(
        "missing", containing="the facts of each"
    )
    given(*STAFFED).when(ca.AskArrestStep("a1", "s1", "transport"), OFFICER).refused(containing="street card")


def test_near_identical_accounts_are_on_record_once_and_both_sides_name_the_other() -> None:
    past = given(*MADE)
    spec = past.when(OTHER, SERGEANT, alike=(("a1", 0.91), ("a3", 0.2)))
    (pair,) = [d.event for d in spec.drafts if isinstance(d.event, ea.NarrativesAlike)]
    assert (pair.arrest, pair.other, pair.likeness) == ("a2", "a1", 0.91)
    card = spec.drafts[0].finding
    assert card is not None and any("another arrest" in why for why in card.reasons), "the writer is warned"
    assert not any("a1" in why for why in card.reasons), "and not told whose it is"
    state = spec.world.state
    assert state.arrests.all["a1"].alike == ("a2",) and state.arrests.all["a2"].alike == ("a1",)
    again = given(*MADE, by(SERGEANT, OTHER, alike=(("a1", 0.91),))).when(OTHER, SERGEANT, alike=(("a1", 0.9),))
    assert not [d for d in again.drafts if isinstance(d.event, ea.NarrativesAlike)]


def test_the_bar_is_part_of_how_an_arrest_stands() -> None:
    bar = ca.SetArrestBar("b1", ("vandalism",), ("arson",), "cite for windows", ("trespass",))
    custody = replace(CARD, category="T")
    below = first(given(*STAFFED, bar).when(custody, OFFICER))
    assert below.kind == "contrary to plan" and "is cited under the bar" in below.reasons[0]
    assert first(given(*STAFFED, bar).when(CARD, OFFICER)).kind == "authorized"
    declined = first(given(*STAFFED, bar).when(replace(CARD, offences=("trespass",)), OFFICER))
    assert declined.kind == "contrary to plan" and "prosecutor" in declined.reasons[0]


def test_papers_photos_and_bands_are_on_the_record() -> None:
    photo = ca.AddAttachment("p1", "a1", "s1", "photo with officer", "0" * 64, 10, "image/jpeg")
    state = given(
        *MADE,
        by(OFFICER, photo),
        by(OFFICER, ca.RecordRights("a1", "s1", "notice of options", "es", True)),
        by(OPS, ca.IssueWristbands("i1", "officer", "wristbands", "W-001-4", "W-050-1", 50)),
        by(OPS, ca.ReadBackArrest("a1", "s1", "form 17", "officer")),
    ).world.state
    assert {"photo with officer", "notice"} <= record_of(state, state.arrests.all["a1"]).items
    assert state.arrests.issues["i1"].quantity == 50


def test_a_form_on_paper_that_stands_elsewhere_or_was_never_handed_out_is_said() -> None:
    run = by(OPS, ca.IssueWristbands("i3", "officer", "paper forms", "F-2-0001-A", "F-2-0009-T", 9))
    read = ca.ReadBackArrest("a1", "s1", "F-2-0003-6")
    good = given(*MADE, run).when(read, OFFICER)
    assert good.drafts[0].finding is None
    assert good.world.state.arrests.forms.get("F-2-0003-6") == "a1" and good.world.state.arrests.all["a1"].forms
    twice = given(*MADE, by(OFFICER, OTHER), run, by(OFFICER, read)).when(
        replace(read, arrest="a2", subject="s2", form="f2-0003-6"), OFFICER
    )
    assert first(twice).reasons == ("the form F-2-0003-6 was entered as the record a1 as well",)
    odd = given(*MADE, run).when(replace(read, form="F-3-0001-F"), OFFICER)
    assert first(odd).reasons == ("the form F-3-0001-F is of no run that was handed out",)
    assert given(*MADE).when(replace(read, form="F-3-0001-F"), OFFICER).drafts[0].finding is None, "no run on record"
    misread = given(*MADE, run).when(replace(read, form="F-2-0004-6"), OFFICER)
    assert "does not fit its check character" in first(misread).reasons[0]


@pytest.mark.parametrize(
    "told",
    [
        ca.RecordOffence("a1", "s2", "o9", "arson"),
        ca.DescribePerson("a1", "s2", unidentified=True, age="15"),
        ca.DecideDisposition("a1", "s2", "cited"),
        ca.SignArrest("a1", "s2", "arresting", 1),
    ],
)
def test_what_is_told_of_one_person_never_lands_on_anothers_record(told: Any) -> None:
    """A number from another table, or a slip: it is kept, it is found, and the record stays as it was."""
    before = given(*MADE, by(OFFICER, OTHER)).world
    spec = given(*MADE, by(OFFICER, OTHER)).when(told, OFFICER)
    assert first(spec).kind == "cannot tell" and first(spec).reasons == (arrest.ANOTHERS_PERSON,)
    assert spec.world.state.arrests.all["a1"] == before.state.arrests.all["a1"]


def test_a_review_names_the_person_whose_record_it_is() -> None:
    given(*MADE).when(ca.ReviewGrounds("a1", "s2", "v1", "not supported", "mistaken"), CHIEF).refused()
