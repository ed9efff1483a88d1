"""Who sees which copy of a file, and what came of it against its record."""

from __future__ import annotations

import typing
from datetime import UTC, datetime

import pytest

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain.envelope import Recorded
from command.domain.events_arrest import AttachmentAdded, AttachmentKind
from command.domain.state import State
from command.domain.state_arrest import Attached
from command.uploads.kept import MOST_BYTES, Blob, End
from command.views.attached import OF_NOBODY, Copy, blob_of, finding_of, may_see
from command.views.lens import COMMAND, Lens, LensClass, lens, withholding
from tests.support.given import ALLIED, ALLY, LEAD, OFFICER, by, given

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
        assert may_see(state, entry, seen(who), copy) is (copy in copies and kind in OF_NOBODY)


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
    assert world.state.arrests.attached["p1"] == Attached("p1", "a1", "s1", "photo", "0" * 64, 10, seq)
    assert list(world.state.arrests.files) == ["p1"]


def test_every_kind_has_a_size() -> None:
    """A new kind is decided on here as well."""
    assert set(MOST_BYTES) == set(KINDS)
