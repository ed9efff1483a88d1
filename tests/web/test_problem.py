"""Problems say where and what was expected, and nothing of what came."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import pytest

from command.domain.commands import Command
from command.errors import Conflict, Corrupt, NotFound, TooLarge, Unavailable
from command.web import problem


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    """Something with every kind of bound."""

    n: int = 0
    text: Annotated[str, msgspec.Meta(max_length=3)] = ""
    word: Literal["a", "b"] = "a"
    at: Annotated[msgspec.Raw, None] = msgspec.Raw(b"0")


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    """Something to look into."""

    inner: dict[str, Inner]


@pytest.mark.parametrize(
    ("raw", "detail", "where"),
    [
        (b'{"inner":{"CANARY":{"n":"CANARY"}}}', "expected `int`, got `str`", "$.inner[...].n"),
        (b'{"inner":{"a":{"text":"CANARY"}}}', "expected `str` of length <= 3", "$.inner[...].text"),
        (b'{"inner":{"a":{"word":"CANARY"}}}', "expected one of the known values, got another", "$.inner[...].word"),
        (b'{"inner":{"a":{"CANARY":1}}}', "expected only known fields, got another", "$.inner[...]"),
        (b"{}", "expected a required field, which is missing", "$"),
        (b'{"CANARY', "expected json, got a part of it", "$"),
        (b"CANARY", "expected json, got text that is not", "$"),
    ],
)
def test_msgspecs_complaints_lose_what_they_quote(raw: bytes, detail: str, where: str) -> None:
    """The type, the bound and the place stay."""
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(raw, type=Outer)
    error = problem.unreadable(caught.value)
    assert (error.message, error.where) == (detail, where)


def test_an_unknown_command_is_not_repeated() -> None:
    """msgspec quotes an unknown tag."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b'{"type":"CANARY"}', type=Command)
    assert "CANARY" not in repr(problem.of(problem.unreadable(caught.value), "id"))


def test_each_error_has_its_code_and_status() -> None:
    """As in the tree of errors; what is the server's own fault keeps its words to itself."""
    assert problem.of(NotFound("no such incident"), "x").status == 404
    assert problem.of(TooLarge("expected less", where="body"), "x").where == "body"
    assert problem.of(Unavailable("the store is away"), "x").detail == "the store is away"
    corrupt = problem.of(Corrupt("CANARY"), "x")
    assert (corrupt.status, corrupt.code) == (500, "corrupt")
    assert "CANARY" not in repr(corrupt)
    assert problem.unexpected("x").id == "x"
    assert problem.plain("method-not-allowed", 405, "x").type == "urn:muster:problem:method-not-allowed"


def test_what_lies_below_an_error_is_for_logs_alone() -> None:
    """Neither the driver's error nor the database's code or constraint goes out."""
    for kind in (Conflict, Unavailable):
        error = kind(
            "the database refused what was to be written", within="UniqueViolationError, sqlstate 23505, constraint x"
        )
        assert "sqlstate" in error.message and "sqlstate" in str(error)
        assert "sqlstate" not in repr(problem.of(error, "id")) + problem.words(error)
    assert "CANARY" not in problem.words(Corrupt("CANARY"))
