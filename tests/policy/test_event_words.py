"""The table of fields that a duty may speak of is the vocabulary's own."""

from __future__ import annotations

import types
import typing

from command.domain.events import Event
from command.domain.private import private_fields
from command.policy.event_words import EVENT_WORDS, OF_A_TOOL, YES_NO, values_of


def closed(kind: type) -> dict[str, tuple[str, ...]]:
    """The public fields of an event whose values are a list: Literal or bool, perhaps None."""
    hints, private = typing.get_type_hints(kind), private_fields(kind)
    found: dict[str, tuple[str, ...]] = {}
    for name in kind.__struct_fields__:  # type: ignore[attr-defined]  # every event is a struct
        union = typing.get_origin(hints[name]) in (typing.Union, types.UnionType)
        parts = [
            part for part in (typing.get_args(hints[name]) if union else (hints[name],)) if part is not types.NoneType
        ]
        if name in private or len(parts) != 1:
            continue
        if parts[0] is bool:
            found[name] = YES_NO
        elif typing.get_origin(parts[0]) is typing.Literal:
            found[name] = typing.get_args(parts[0])
    return found


def test_the_table_holds_every_public_field_with_a_list_of_values_and_no_private_one() -> None:
    told = {kind.__name__: fields for kind in typing.get_args(Event) if (fields := closed(kind))}
    assert {event: dict(fields) for event, fields in EVENT_WORDS.items()} == told


def test_an_event_without_such_fields_has_none() -> None:
    assert values_of("NarrativesAlike") == {}
    assert values_of("RestraintRecorded")["act"] == ("applied", "checked", "loosened", "removed")


def test_the_events_about_a_tool_are_those_with_such_a_public_field() -> None:
    told = {
        kind.__name__
        for kind in typing.get_args(Event)
        if "tool" in kind.__struct_fields__ and "tool" not in private_fields(kind)
    }
    assert told == OF_A_TOOL
