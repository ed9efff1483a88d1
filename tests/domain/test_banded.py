"""Who is meant by the number of a band or a record, and that what was signed stays as it was signed."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain import banded
from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain import events_custody as ec
from tests.domain.test_arrest import CARD, OTHER
from tests.domain.test_custody import TO_YARD
from tests.domain.test_custody_join import BAND, READY
from tests.support.given import CHIEF, OFFICER, SERGEANT, by, given

CARDED = (*READY, by(OFFICER, CARD))
NOTE = ca.AddAttachment("x1", BAND, BAND, "photo with officer", "0" * 64, 9, "image/jpeg")


def test_a_hand_over_by_band_is_judged_as_of_the_person_and_kept_as_it_was_signed() -> None:
    spec = given(*CARDED).when(replace(TO_YARD, subject=BAND, from_holder="sergeant"), SERGEANT)
    found, event = spec.drafts[0].finding, spec.drafts[0].event
    assert found is not None and "given over by sergeant; the log has them with officer" in found.reasons[0]
    assert isinstance(event, ec.CustodyTransferred) and (event.subject, event.arrest) == (BAND, "a1")
    assert given(*CARDED).when(replace(TO_YARD, subject=BAND), SERGEANT).drafts[0].finding is None


def test_an_id_that_is_somebodys_own_is_never_a_band() -> None:
    own = replace(OTHER, subject=BAND)
    state = given(*READY, by(OFFICER, own), by(OFFICER, CARD)).world.state
    assert banded.person_of(state, BAND) == BAND and set(state.custody.people) == {BAND, "s1"}
    assert banded.person_of(state, "a1") == "s1" and banded.person_of(state, "nobody") == "nobody"


def test_a_command_that_names_the_person_is_itself() -> None:
    state = given(*CARDED).world.state
    for cmd in (TO_YARD, replace(TO_YARD, arrest="a1"), c.RecordEntry("e1", "x"), CARD):
        assert banded.meant(state, cmd) is cmd
    assert banded.meant(state, replace(TO_YARD, subject=BAND, arrest=BAND)) == replace(TO_YARD, arrest="a1")


def test_a_file_is_of_the_record_and_lies_under_the_subject_with_which_it_was_sent() -> None:
    spec = given(*CARDED).when(NOTE, OFFICER)
    event, state = spec.drafts[0].event, spec.world.state
    assert isinstance(event, ea.AttachmentAdded) and (event.record, event.subject) == ("a1", BAND)
    assert state.arrests.all["a1"].attachments == ("photo with officer",)
    report = replace(NOTE, belongs_to="force report")
    assert banded.meant(state, report) is report


def test_a_record_is_known_by_what_an_event_says_of_it() -> None:
    state = given(*CARDED).world.state
    care = ec.CareRecorded(BAND, None, "water", "given")
    for event in (care, replace(care, arrest=BAND), replace(care, subject="s1"), replace(care, arrest="a1")):
        found = banded.record_named(state, event)
        assert found is not None and found.arrest == "a1"
    assert banded.record_named(state, replace(care, subject="x")) is None
    assert banded.record_named(state, e.EntryRecorded("e1", "x")) is None


def test_a_band_that_changes_hands_is_of_each_from_then_on() -> None:
    """The first card had the band by mistake; until it is corrected, what is told under it is that person's."""
    by_band = replace(TO_YARD, subject=BAND)
    world = given(*CARDED, by(SERGEANT, by_band)).world
    told = world.state.seq
    world.happened(by(OFFICER, replace(CARD, wristband="W-009-9")))
    world.happened(by(SERGEANT, replace(by_band, transfer="t2", from_holder=None)))
    between = world.state.seq
    assert BAND in world.state.custody.people and banded.bearer(world.state, BAND, between) == ""
    world.happened(by(OFFICER, replace(OTHER, wristband=BAND)))
    state = world.state
    assert banded.bearer(state, BAND, told) == "a1" and banded.bearer(state, BAND, between) == "a2"
    assert set(state.custody.people) == {"s1", "s2"} and banded.person_of(state, BAND) == "s2"
    one, other = state.arrests.all["a1"], state.arrests.all["a2"]
    assert banded.names_of(state, one) == banded.names_of(state, other) == (BAND,)
    assert banded.only_theirs(state, "s1") == banded.only_theirs(state, "s2") == ()


def test_the_heir_of_a_band_is_the_first_other_record_that_bears_it() -> None:
    others = (by(OFFICER, replace(OTHER, arrest=f"b{n}", subject=f"p{n}", wristband=BAND)) for n in range(9))
    state = given(*CARDED, *others, by(OFFICER, replace(CARD, wristband=None))).world.state
    assert banded.person_of(state, BAND) == "p0"


def test_with_a_person_goes_what_was_told_by_their_band() -> None:
    """Under a key of its own; and nothing, where nobody told anything under it."""
    order = c.Redact("Court", "order 7", subject="s1", scope="expungement")
    given(*CARDED).when(order, CHIEF).then(e.Redacted("s1", (), "Court", "order 7", "expungement"))
    for steps in ((*CARDED, by(SERGEANT, replace(TO_YARD, subject=BAND))), (*CARDED, by(OFFICER, NOTE))):
        spec = given(*steps).when(order, CHIEF)
        spec.then(
            e.Redacted("s1", (), "Court", "order 7", "expungement"),
            e.Redacted(BAND, (), "Court", "order 7", "expungement"),
        )
        assert set(spec.world.state.redacted_subjects) == {"s1", BAND}
    given(*CARDED).when(cc.RecordCare("s1", "water", "given"), OFFICER).then(
        ec.CareRecorded("s1", "a1", "water", "given")
    )
