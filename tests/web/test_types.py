"""The browser's types are the server's own."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from command.web import types

STATIC = Path(__file__).resolve().parents[2] / "static"


def test_the_generated_file_is_fresh() -> None:
    """static/types.d.ts says what the structs say today."""
    assert (STATIC / "types.d.ts").read_text() == types.declarations(), (
        "stale: run python -m command.web.types > static/types.d.ts"
    )


class Inner(msgspec.Struct):
    x: int


class Outer(msgspec.Struct, omit_defaults=True, tag_field="t", tag="outer"):
    many: tuple[Inner, ...]
    pair: tuple[str, float]
    by_name: dict[str, int]
    maybe: Inner | None = None


def test_optional_means_left_out_when_default() -> None:
    """A field with a default is optional only where defaults are omitted on the wire."""
    assert types.struct_text(Outer) == (
        'export interface Outer {\n  t: "outer";\n  many: readonly (Inner)[];\n'
        "  pair: readonly [string, number];\n  by_name: { [key: string]: number };\n  maybe?: Inner | null;\n}"
    )
    assert types.structs([Outer]) == [Outer, Inner]


def test_a_type_that_does_not_travel_is_named() -> None:
    """An unknown type is an error, never `any`."""
    with pytest.raises(TypeError, match="expected a type that travels"):
        types.type_text(set[int])


def test_main_prints_the_declarations(capsys: pytest.CaptureFixture[str]) -> None:
    """The command line prints exactly what the file holds."""
    assert types.main() == 0
    assert capsys.readouterr().out == types.declarations()
