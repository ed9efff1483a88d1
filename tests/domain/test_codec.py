"""Stored events to today's structs, upcasters included; anything else is named corrupt."""

from __future__ import annotations

import typing

import msgspec
import pytest
from hypothesis import given
from msgspec.structs import replace

from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain.codec import KINDS, SCHEMAS, UPCASTERS, decode_event, decode_recorded
from command.domain.envelope import encode_header
from command.domain.private import Sealed
from command.errors import Corrupt
from tests.support.given import OPENED
from tests.support.given import given as spec
from tests.support.strategies import EVENTS, SEALED_EVENTS, events, sealed_events

WARNING_1 = b'{"type":"WarningGiven","warning":"w1","sector":"n","text":"t","words":{"sha256":"x"},"exit":"5th Ave"}'


@given(events | sealed_events)
def test_every_event_goes_to_json_and_back_sealed_or_not(event: e.Event) -> None:
    kind = type(event).__name__
    assert decode_event(kind, SCHEMAS[kind], msgspec.json.encode(event)) == event


def test_every_event_has_a_strategy_a_schema_and_a_decoder() -> None:
    names = {kind.__name__ for kind in typing.get_args(e.Event)}
    assert names == set(KINDS) == set(SCHEMAS) == set(EVENTS) == set(SEALED_EVENTS)
    assert len(names) >= 70


def test_upcasters_have_no_gap() -> None:
    for kind, current in SCHEMAS.items():
        assert [old for name, old in sorted(UPCASTERS) if name == kind] == list(range(1, current))


def test_the_one_exit_of_an_old_warning_becomes_a_list() -> None:
    event = decode_event("WarningGiven", 1, WARNING_1)
    assert event == e.WarningGiven("w1", "n", "t", Sealed("x"), exits=("5th Ave",))
    without = decode_event("WarningGiven", 1, WARNING_1.replace(b',"exit":"5th Ave"', b""))
    assert isinstance(without, e.WarningGiven) and without.exits == ()


@pytest.mark.parametrize(
    ("kind", "schema", "body"),
    [
        ("NoSuchEvent", 1, b"{}"),
        ("UnitReleased", 2, b'{"type":"UnitReleased","unit":"u"}'),
        ("UnitReleased", 0, b'{"type":"UnitReleased","unit":"u"}'),
        ("UnitReleased", 1, b'{"type":"PersonCheckedOut","person":"u"}'),
        ("UnitReleased", 1, b'{"type":"UnitReleased","unit":"u","extra":1}'),
        ("UnitReleased", 1, b"no json"),
        ("WarningGiven", 1, b"no json"),
        ("WarningGiven", 1, b"[1]"),
        ("WarningGiven", 1, b'{"type":"WarningGiven","warning":3}'),
        ("WarningGiven", 2, WARNING_1),
    ],
)
def test_what_this_version_does_not_know_is_corrupt(kind: str, schema: int, body: bytes) -> None:
    with pytest.raises(Corrupt):
        decode_event(kind, schema, body)


def test_headers_that_are_none_are_corrupt() -> None:
    header = spec(*OPENED).world.entries[0].header
    for raw in (b"", b"{}", encode_header(replace(header, v=2)), encode_header(replace(header, type="Nope"))):
        with pytest.raises(Corrupt):
            decode_recorded(raw)


def test_a_file_of_an_arrest_as_it_was_stored_first_belongs_to_that_record() -> None:
    """AttachmentAdded 1 had an `arrest` and knew of no other record; one without is corrupt, as it always was."""
    old = b'{"type":"AttachmentAdded","attachment":"p1","arrest":"a1","subject":"s1","kind":"photo","sha256":"0","size_bytes":9,"media":"image/jpeg","note":{"sha256":"x"}}'
    event = decode_event("AttachmentAdded", 1, old)
    assert isinstance(event, ea.AttachmentAdded) and (event.record, event.belongs_to, event.arrest) == (
        "a1",
        "arrest",
        "a1",
    )
    with pytest.raises(Corrupt):
        decode_event("AttachmentAdded", 1, old.replace(b'"arrest":"a1",', b""))
