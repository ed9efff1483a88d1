"""Which fields are private follows from their type alone."""

from __future__ import annotations

from typing import Optional, Union

import msgspec

from command.domain import events as e
from command.domain.private import PrivateOptional, PrivateText, Sealed, private_fields


class Sample(msgspec.Struct):
    plain: str
    number: int | None
    several: tuple[str, ...]
    text: PrivateText
    optional: PrivateOptional
    old_style: Optional[Sealed]  # noqa: UP045  both spellings of a union are to be found
    other: Union[str, Sealed]  # noqa: UP007  as above
    only: Sealed


def test_every_spelling_of_a_private_field_is_found_in_order() -> None:
    assert private_fields(Sample) == ("text", "optional", "old_style", "other", "only")


def test_force_reports_hold_everything_about_the_person_in_private() -> None:
    assert len(private_fields(e.ForceReported)) == 16
    assert private_fields(e.UnitAssigned) == ()
