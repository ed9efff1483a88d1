"""Errors as a program can read them (RFC 9457): fixed words, a code, an id to quote; never a value or a stack."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from command.errors import MusterError, Unreadable
from command.policy import problems as policy

CONTENT_TYPE: Final = "application/problem+json"

TITLES: Final = {
    "unreadable": "this could not be read",
    "too-large": "this is over a limit",
    "pack-unreadable": "a rule pack has problems",
    "not-signed-in": "sign in first",
    "locked": "unlock your session first",
    "denied": "you are not allowed to do this",
    "step-up": "confirm your identity again",
    "enrol-first": "set up a passkey or a password first",
    "tries-used-up": "too many wrong tries",
    "not-found": "there is no such thing here",
    "wrong-checksum": "the bytes are not those that were announced",
    "wrong-version": "this needs another version of the protocol",
    "wrong-offset": "the upload has reached another position",
    "conflict": "this id was used for something else",
    "busy": "too much at once",
    "unavailable": "the record cannot be kept right now",
    "error": "the server failed",
    "method-not-allowed": "this method is not allowed here",
}

_TYPE = re.compile(r"Expected `[^`]*`(?:, got `[^`]*`)?")
_PLACE = re.compile(r" - at `([^`]*)`$")
# `[...]` is how msgspec shows an index or a key of a mapping; field names in a place are ours.
_SAFE_PLACE = re.compile(r"[$.\[\]A-Za-z0-9_…]{1,200}")
_WORDS = (
    ("Invalid value", "expected one of the known values, got another"),
    ("Invalid enum value", "expected one of the known values, got another"),
    ("Object contains unknown field", "expected only known fields, got another"),
    ("Object missing required field", "expected a required field, which is missing"),
    ("JSON is malformed", "expected json, got text that is not"),
    ("Input data was truncated", "expected json, got a part of it"),
    ("Invalid RFC3339", "expected a time as in RFC 3339"),
)


class Problem(msgspec.Struct, frozen=True):
    """The body of every answer that is an error."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    id: str
    where: str = ""


class PackProblem(Problem, frozen=True):
    """With every problem of the packs that were sent: file, line (0: none to blame), expected, came, suggestion."""

    problems: tuple[policy.Problem, ...] = ()


def of(error: MusterError, request_id: str) -> Problem:
    """How an error of ours looks from outside. A fault of the server itself keeps its words to itself."""
    if isinstance(error, policy.PackProblems):
        base = _problem(error.code, error.status, error.message, request_id, error.where)
        return PackProblem(**msgspec.structs.asdict(base), problems=error.problems)
    return _problem(error.code, error.status, words(error), request_id, error.where)


def words(error: MusterError) -> str:
    """What a client is told of an error of ours."""
    return error.told if error.status < 500 or error.code == "unavailable" else "quote the id to whoever runs this"


def unexpected(request_id: str) -> Problem:
    """For what should not have happened."""
    return _problem("error", 500, "quote the id to whoever runs this", request_id)


def plain(code: str, status: int, request_id: str) -> Problem:
    """For what the router answers itself."""
    return _problem(code, status, TITLES[code], request_id)


def unreadable(error: msgspec.DecodeError) -> Unreadable:
    """msgspec's complaint without anything of what was sent: it quotes unknown tags and field names otherwise."""
    text = str(error)
    place = _PLACE.search(text)
    where = place.group(1) if place and _SAFE_PLACE.fullmatch(place.group(1)) else "$"
    kind = _TYPE.match(text)
    if kind:
        bound = _PLACE.sub("", text)
        return Unreadable(_lower(bound if _ours(bound) else kind.group(0)), where=where)
    for start, words in _WORDS:
        if text.startswith(start):
            return Unreadable(words, where=where)
    return Unreadable("expected another form", where=where)


def _ours(text: str) -> bool:
    """`Expected …` names types, bounds and patterns, all from our own declarations."""
    return text.startswith("Expected ") and len(text) <= 200


def _lower(text: str) -> str:
    """A sentence without its capital; "JSON" keeps its own."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _problem(code: str, status: int, detail: str, request_id: str, where: str = "") -> Problem:
    return Problem(
        type=f"urn:muster:problem:{code}",
        title=TITLES.get(code, TITLES["error"]),
        status=status,
        detail=detail,
        code=code,
        id=request_id,
        where=where,
    )
