"""Bounded words: what one line may hold."""

from __future__ import annotations

import msgspec
import pytest

from command.domain.ids import Line


@pytest.mark.parametrize(
    "text", ["", "a\nb", "a\x00", "a\u202eb", "\u2066a", "x\u2028y", "a" * 201, "ends\n"], ids=ascii
)
def test_a_line_that_could_imitate_another_is_none(text: str) -> None:
    """Breaks, control characters and direction overrides are refused."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, Line)


@pytest.mark.parametrize("text", ["A. López", "שלום עולם", "مرحبا", "日本", "<b>&'\""], ids=ascii)
def test_a_line_in_any_script_is_welcome(text: str) -> None:
    """What people are called is not ours to narrow."""
    assert msgspec.convert(text, Line) == text
