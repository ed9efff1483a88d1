"""Who sees which copy of a file, and what came of it against its record."""

from __future__ import annotations

import typing
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain.attaching import NOT_AS_SAID
from command.domain.envelope import Recorded
from command.domain.events_arrest import AttachedTo, AttachmentAdded, AttachmentKind
from command.domain.state import State
from command.domain.state_arrest import Attached
from command.uploads.kept import MOST_BYTES, Blob, End
from command.views.attached import OF_NOBODY, Copy, blob_of, finding_of, may_see
from command.views.lens import COMMAND, MAY_HOLD, Lens, LensClass, lens, withholding
from command.views.sight import counts_type, shows
from tests.support.given import ALLIED, ALLY, LEAD, OFFICER, Step, by, given

KINDS: tuple[AttachmentKind, ...] = typing.get_args(AttachmentKind)
HOLDS = ("identity",)


def attached(kind: AttachmentKind) -> tuple[State, Recorded]:
    """A record of the lead agency with a file of this kind."""
    world = given(
        *ALLIED,
        by(OFFICER, ca.RecordArrest("a1", "s1", "officer", LEAD)),
        by(OFFICER, ca.AddAttachment("p1", "a1", "s1", kind, "0" * 64, 10, "image/jpeg")),
    ).world
    (entry,) = [one for one in world.entries if isinstance(one.event, AttachmentAdded)]
    return world.state, entry


def seen(kind: LensClass, *compartments: str) -> Lens:
    """A lens of this class, of the lead agency where it has one."""
    return lens(kind, (LEAD,) if kind == "agency" else (), compartments)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("who", "copies"),
    [
        ("command", {"shown"}), ("processing", {"shown"}), ("agency", {"shown"}), ("oversight", {"shown", "original"}),
        ("field", set()), ("supervision", set()), ("medical", set()), ("display", set()), ("public", set()),
    ],
)  # fmt: skip
def test_each_class_sees_its_copies_and_faces_take_the_compartment(
    kind: AttachmentKind, who: LensClass, copies: set[Copy]
) -> None:
    """A supervisor without units supervises nobody; originals are oversight's alone."""
    state, entry = attached(kind)
    for copy in typing.get_args(Copy):
        assert may_see(state, entry, seen(who, *HOLDS), copy) is (copy in copies)
        assert may_see(state, entry, seen(who), copy) is (copy in copies and ("arrest", kind) in OF_NOBODY)


def test_another_agencys_files_are_not_in_a_share() -> None:
    """Whoever made the arrest."""
    state, entry = attached("photo")
    assert not may_see(state, entry, lens("agency", (ALLY,), HOLDS), "shown")


def test_whoever_owes_a_first_account_sees_no_footage_of_it() -> None:
    """Nor a photograph; of other records they do."""
    state, entry = attached("video")
    open_ = seen("processing", *HOLDS)
    assert may_see(state, entry, open_, "shown")
    assert not may_see(state, entry, withholding(open_, ["a1"]), "shown")
    assert may_see(state, entry, withholding(open_, ["another"]), "shown")


def test_an_event_that_reports_no_file_shows_none() -> None:
    """Whatever seq somebody asks for."""
    world = given(*ALLIED).world
    assert not may_see(world.state, world.entries[0], COMMAND, "shown")


def blob(sha256: str = "0" * 64, subject: str = "s1", size_bytes: int = 10, judged: str = "kept") -> Blob:
    """A file that came."""
    return Blob("b", subject, sha256, size_bytes, judged, b"")  # type: ignore[arg-type]  # a literal


FORCE = c.ReportForce("r1", "s1", "officer", LEAD, "oc-hand", "north")
STEPPED_IN = c.ReportIntervention("i1", "held him back", "r1", "north", "sergeant")
ALL_SEE: dict[AttachedTo, str] = {
    "force report": "command agency oversight", "warning": "command supervision field agency oversight",
    "observation": "command supervision field agency oversight", "entry": "command supervision field agency oversight",
    "injury": "command medical agency oversight", "distress": "command medical agency oversight", "intervention": "",
}  # fmt: skip


def belonging(
    record: str, belongs_to: AttachedTo, *before: Step, kind: AttachmentKind = "photo"
) -> tuple[State, Recorded]:
    """A file of some other record than an arrest's."""
    file = ca.AddAttachment("p1", record, "f1", kind, "0" * 64, 10, "image/jpeg", belongs_to=belongs_to)
    world = given(*ALLIED, *before, by(OFFICER, file)).world
    return world.state, world.entries[-1]


@pytest.mark.parametrize("belongs_to", [one for one in typing.get_args(AttachedTo) if one != "arrest"])
def test_a_file_is_seen_by_whoever_reads_the_record_that_it_belongs_to(belongs_to: AttachedTo) -> None:
    """The event by class, the bytes by compartment; of a report of a colleague nobody, while the log does not have it."""
    state, entry = belonging("x1", belongs_to)
    saw = {who for who in typing.get_args(LensClass) if shows(state, entry, seen(who))}
    assert saw == set(ALL_SEE[belongs_to].split())
    takes = "medical" if belongs_to in ("injury", "distress") else "identity"
    for who in saw:
        assert not may_see(state, entry, seen(who), "shown")
        assert may_see(state, entry, seen(who, takes), "shown") is (takes in MAY_HOLD[who])


def test_how_a_warning_sounded_shows_who_nobody_is() -> None:
    """Whoever sees the warning's file hears it; a picture of the crowd takes the compartment."""
    state, entry = belonging("w1", "warning", kind="audio")
    assert may_see(state, entry, seen("field"), "shown") and not may_see(state, entry, seen("field"), "original")
    state, entry = belonging("w1", "warning")
    assert not may_see(state, entry, seen("field"), "shown")


def test_a_file_of_force_is_of_whose_people_used_it_and_waits_for_the_first_account() -> None:
    """Whoever wrote the report down; another agency's share has neither."""
    state, entry = belonging("r1", "force report", by(OFFICER, FORCE))
    assert shows(state, entry, lens("agency", (LEAD,))) and not shows(state, entry, lens("agency", (ALLY,)))
    assert not shows(state, entry, withholding(seen("command"), ["r1"])) and shows(state, entry, seen("command"))
    ours = replace(FORCE, officer="partner", officer_agency=ALLY)
    assert shows(*belonging("r1", "force report", by(OFFICER, ours)), lens("agency", (ALLY,)))


def test_a_file_of_an_intervention_is_seen_as_the_report_and_of_a_confidential_one_as_its_author() -> None:
    """Its header names who brought it: so with a confidential report it is for those who may read who that was."""
    state, entry = belonging("i1", "intervention", by(OFFICER, STEPPED_IN))
    for who in typing.get_args(LensClass):
        assert not shows(state, entry, seen(who))
        assert shows(state, entry, seen(who, "complaint")) is (who in ("command", "oversight"))
    kept = state.oversight.records.insert("i1", replace(state.oversight.records["i1"], confidential=True, by=""))
    hidden = replace(state, oversight=replace(state.oversight, records=kept))
    for who in typing.get_args(LensClass):
        assert shows(hidden, entry, seen(who, "complaint")) is (who == "oversight")


@pytest.mark.parametrize("said", ["warning", "arrest", "entry"])
def test_a_wrong_word_for_its_record_shows_a_file_to_nobody_else(said: AttachedTo) -> None:
    """The log's own word counts, and that the two differ is found, without saying which it is."""
    state, entry = belonging("i1", said, by(OFFICER, STEPPED_IN))
    assert not shows(state, entry, seen("field")) and not shows(state, entry, seen("command"))
    assert entry.header.finding is not None and entry.header.finding.reasons == (NOT_AS_SAID,)
    state, entry = belonging("r1", said, by(OFFICER, FORCE))
    assert not shows(state, entry, seen("field")) and shows(state, entry, seen("command"))


def test_files_are_counted_for_those_alone_who_see_every_one() -> None:
    """A number would say that there is one on a report of a colleague."""
    counted = {who for who in typing.get_args(LensClass) if counts_type(seen(who, "complaint"), "AttachmentAdded")}
    assert counted == {"oversight"} and not counts_type(seen("oversight"), "AttachmentAdded")


def test_what_came_is_held_against_the_record() -> None:
    """By person, digest and size; told anew each time."""
    state, _ = attached("photo")
    record = state.arrests.attached["p1"]
    end = End("u", "p1", "b", "1" * 64, 10, "kept", "officer", datetime(2026, 5, 1, tzinfo=UTC))
    other = End("u", "p2", "b", "1" * 64, 10, "kept", "officer", end.at)
    assert finding_of(state, record, blob_of(record, []), [other]) == "waiting"
    assert finding_of(state, record, blob_of(record, [blob("1" * 64)]), [end]) == "differs"
    assert finding_of(state, record, blob_of(record, [blob("1" * 64), blob()]), [end]) == "matches"
    assert finding_of(state, record, blob_of(record, [blob(judged="unreadable")]), [end]) == "unreadable"
    assert blob_of(record, [blob(subject="s2"), blob(size_bytes=11)]) is None


def test_of_a_person_whose_records_were_ordered_away_the_file_is_destroyed() -> None:
    """Also where nobody has deleted it yet."""
    past = (
        *ALLIED, by(OFFICER, ca.RecordArrest("a1", "s1", "officer", LEAD)),
        by(OFFICER, ca.AddAttachment("p1", "a1", "s1", "photo", "0" * 64, 10, "image/jpeg")),
        c.Redact("court order 4711", "expunged", subject="s1"),
    )  # fmt: skip
    state = given(*past).world.state
    record = state.arrests.attached["p1"]
    assert finding_of(state, record, blob(), []) == "destroyed"


def test_the_first_report_of_a_file_stands() -> None:
    """Whoever repeats its id with another digest changes nothing; both are in the log."""
    world = given(
        *ALLIED,
        by(OFFICER, ca.AddAttachment("p1", "a1", "s1", "photo", "0" * 64, 10, "image/jpeg")),
        by(OFFICER, ca.AddAttachment("p1", "a1", "s1", "photo", "1" * 64, 10, "image/jpeg")),
    ).world
    seq = world.state.seq - 1
    assert world.state.arrests.attached["p1"] == Attached("p1", "a1", "arrest", "s1", "photo", "0" * 64, 10, seq)
    assert list(world.state.arrests.files) == ["p1"]


def test_every_kind_has_a_size() -> None:
    """A new kind is decided on here as well."""
    assert set(MOST_BYTES) == set(KINDS)
