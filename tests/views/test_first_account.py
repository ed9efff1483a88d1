"""Whoever was involved tells first: until then others' accounts of the same record are withheld from them."""

from __future__ import annotations

import msgspec

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain.deciding import Draft
from command.views import first_account
from command.views.lens import COMMAND, EVERY_RECORD, MOST_RECORDS, OVERSIGHT, sight_of, withholding
from command.views.sight import shown_private, shows
from command.views.timeline import entry
from tests.support.given import IC, OFFICER, SERGEANT, STAFFED, World, by, given

TOLD = c.ReportForce("r1", "p1", "officer", account="he fell", resistance="none", injury="knee")


def seen(world: World, kind: type, person: str, viewer: str | None = None) -> object:
    """The newest event of a kind, as command shows it to this very person."""
    one = [found for found in world.entries if type(found.event) is kind][-1]
    lens = first_account.narrowed(COMMAND, person, first_account.owing(world.state))
    return entry(world.state, world.stack, one, lens, world.plain[one.seq], viewer)


def test_the_officer_of_a_report_that_another_wrote_reads_its_account_after_their_own() -> None:
    world = given(*STAFFED, by(SERGEANT, TOLD)).world
    assert first_account.owing(world.state) == {"officer": ("r1",)}
    assert "he fell" not in str(seen(world, e.ForceReported, "officer"))
    assert "he fell" in str(seen(world, e.ForceReported, "ic")), "whoever had no part in it reads on"
    before = world.state
    world.send(msgspec.structs.replace(TOLD, account="I held him"), OFFICER)
    assert first_account.changed(before, world.state) and first_account.owing(world.state) == {}
    assert "I held him" in str(seen(world, e.ForceReported, "officer"))


def test_authors_read_their_own_and_safety_information_stays() -> None:
    world = given(*STAFFED, by(SERGEANT, TOLD), c.RecordEntry("n1", "gas on 5th")).world
    assert "he fell" in str(seen(world, e.ForceReported, "officer", viewer="sergeant"))
    assert "gas on 5th" in str(seen(world, e.EntryRecorded, "officer"))


def test_a_review_of_the_record_is_withheld_as_its_accounts_are() -> None:
    world = given(*STAFFED, by(SERGEANT, TOLD)).world
    world.apply((Draft(e.ReviewFiled("v1", "r1", "cannot tell", *["canary"] * 6)),), world.context(IC))
    assert "canary" not in str(seen(world, e.ReviewFiled, "officer"))
    assert "canary" in str(seen(world, e.ReviewFiled, "ic"))


def test_who_saw_or_helped_with_an_arrest_signs_before_they_read_it_and_see_its_footage() -> None:
    card = ca.RecordArrest("a1", "p1", "sergeant", "metro-pd", "north", None, observed_by=("officer",), conduct="ran")
    world = given(*STAFFED, by(SERGEANT, card)).world
    world.apply(
        (Draft(ea.AttachmentAdded("f1", "a1", "p1", "video", "0" * 64, 9, "video/mp4")),),
        world.context(SERGEANT),
    )
    assert first_account.owing(world.state) == {"officer": ("a1",)}
    assert seen(world, ea.AttachmentAdded, "officer") is None and seen(world, ea.AttachmentAdded, "ic") is not None
    assert "ran" not in str(seen(world, ea.ArrestRecorded, "officer"))
    version = world.state.arrests.all["a1"].versions[-1]
    world.send(ca.SignArrest("a1", "p1", "observing", version), OFFICER)
    assert first_account.owing(world.state) == {}
    assert "ran" in str(seen(world, ea.ArrestRecorded, "officer"))


def test_the_text_of_a_lens_names_a_few_records_and_beyond_them_all() -> None:
    few = withholding(OVERSIGHT, ["r2", "r1", "r1"])
    assert few == "oversight~r1,r2" and withholding(few, ["r3"]) == "oversight~r3" and withholding(few, []) == OVERSIGHT
    many = withholding(COMMAND, [f"r{n}" for n in range(MOST_RECORDS + 1)])
    assert sight_of(many).owed == {EVERY_RECORD} and sight_of(many).withholds(["anything"])
    assert not sight_of(COMMAND).withholds(["r1"])


def test_of_other_records_nothing_is_withheld() -> None:
    other = msgspec.structs.replace(TOLD, report="r2", subject="p2", officer="sergeant", account="she stood")
    world = given(*STAFFED, by(SERGEANT, TOLD), by(SERGEANT, other)).world
    lens = first_account.narrowed(COMMAND, "officer", first_account.owing(world.state))
    reports = [one for one in world.entries if isinstance(one.event, e.ForceReported)]
    assert ["account" in shown_private(world.state, one, lens) for one in reports] == [False, True]
    assert all(shows(world.state, one, lens) for one in reports), "that it happened stays"
