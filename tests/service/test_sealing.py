"""Private fields out of events."""

from __future__ import annotations

import pytest
from hypothesis import given
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.private import Sealed, private_fields
from command.ledger import disclosure
from command.service.sealing import SALT_BYTES, private_of_command, seal, subject_of
from tests.support.given import salts
from tests.support.strategies import events

REPORT = e.ForceReported("r1", "p1", "ic", None, "baton", None, None, None, account="he fell")


@given(events)
def test_every_private_field_is_committed_none_included_and_the_rest_is_untouched(event: e.Event) -> None:
    sealed = seal(event, salts("s"))
    fields = private_fields(type(event))
    assert tuple(sealed.disclosures) == fields
    for path in fields:
        commitment = getattr(sealed.event, path)
        read = disclosure.read(sealed.disclosures[path])
        assert commitment == Sealed(disclosure.digest(sealed.disclosures[path]))
        assert (read.path, read.value, len(read.salt)) == (path, getattr(event, path), SALT_BYTES)
    back = replace(sealed.event, **{path: getattr(event, path) for path in fields})
    assert back == event
    assert sealed.plain == {path: getattr(event, path) for path in fields if getattr(event, path) is not None}


def test_each_commitment_has_a_salt_of_its_own() -> None:
    sealed = seal(REPORT, salts("s"))
    digests = {getattr(sealed.event, path).sha256 for path in private_fields(e.ForceReported)}
    assert len(digests) == len(private_fields(e.ForceReported)), "equal values, None above all, do not look alike"


def test_a_devices_own_disclosure_is_used_where_it_says_the_same() -> None:
    same = disclosure.make(bytes(16), "account", "he fell")
    other = disclosure.make(bytes(16), "account", "something else")
    assert seal(REPORT, salts("s"), {"account": same}).disclosures["account"] == same
    assert seal(REPORT, salts("s"), {"account": other}).disclosures["account"] != other


def test_the_subject_of_an_event_is_a_person_or_the_event() -> None:
    assert subject_of(REPORT, "c1.0") == "p1"
    assert subject_of(e.EntryRecorded("e1", "x"), "c1.0") == "e:c1.0"
    assert subject_of(e.Redacted(None, (1,), "a", "b"), "c1.0") == "e:c1.0"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("RecordEntry", {"text"}), ("AskLevel", {"facts"}), ("GrantLevel", {"facts"}), ("UnitAssigned", set()),
        ("AssignUnit", set()), ("", set()), ("TransferCommand", {"briefing"}),
    ],
)  # fmt: skip
def test_the_private_fields_of_a_command(name: str, fields: set[str]) -> None:
    assert private_of_command(name) == fields
    assert len(private_of_command("ReportForce")) == 16 and set(c.COMMANDS) >= {"RecordEntry"}
