"""The HTTP interface as OpenAPI 3.1, made from the table of routes and the structs themselves. Pure."""

from __future__ import annotations

import re
from typing import Any, Final, get_args

import msgspec

from command import __doc__ as about
from command.access.audit import OPERATORS, Outcome
from command.access.authorizer import ACTIONS, PUBLIC
from command.domain.commands import COMMANDS, OpenIncident
from command.reports.leaving import Paper
from command.uploads.kept import LARGEST
from command.web import problem, schemas, tus
from command.web.handlers_arrests import DISPOSITIONS, ITEMS
from command.web.handlers_arrests import MAX_PAGE as MAX_ARRESTS
from command.web.handlers_arrests import PAGE as ARRESTS
from command.web.limits import MAX_REPORTS, MAX_SUBMISSIONS, MOST_SEQ
from command.web.routes import ROUTES, Route

VERSION: Final = "1"

_ID: Final = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"}
_FROM_1: Final = {"type": "integer", "minimum": 1, "maximum": MOST_SEQ}
_LINE: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": r"^[^\x00-\x1f\x7f]+$"}
_AS_KEPT: Final[dict[str, Any]] = {"type": "string", "pattern": "^[A-Za-z0-9?-][A-Za-z0-9._:-]{0,63}$"}
_QUERY: Final[dict[str, dict[str, Any]]] = {
    "at": {
        "description": "A seq, or a time as in RFC 3339 (the incident's time). Absent: now.",
        "schema": {"anyOf": [_FROM_1, {"type": "string", "format": "date-time"}]},
    },
    "after": {"description": "Events with a greater seq.", "schema": {**_FROM_1, "minimum": 0}},
    "before": {"description": "The last entries before this one; not with `after`.", "schema": _FROM_1},
    "sector": {"description": "The sector that is looked at.", "required": True, "schema": _ID},
    "who": {"description": "Only entries of this person; `-` is nobody.", "schema": _AS_KEPT},
    "object": {"description": "Only entries about this.", "schema": _AS_KEPT},
    "action": {
        "description": "Only this action.",
        "schema": {"type": "string", "enum": [*sorted(ACTIONS | OPERATORS), "unknown"]},
    },
    "outcome": {"description": "Only what ended so.", "schema": {"type": "string", "enum": [*get_args(Outcome)]}},
    "since": {"description": "Only entries from this time on.", "schema": {"type": "string", "format": "date-time"}},
    "until": {"description": "Only entries before this time.", "schema": {"type": "string", "format": "date-time"}},
    "limit": {"description": "How many.", "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 200}},
}
_TUS: Final[dict[str, dict[str, Any]]] = {
    "Tus-Resumable": {"required": True, "schema": {"type": "string", "enum": [tus.VERSION]}},
    "Upload-Length": {
        "required": True, "description": "Bytes.", "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST},
    },
    "Upload-Metadata": {
        "required": True,
        "description": "attachment, subject, kind and sha256 as AddAttachment has them, each in base64.",
        "schema": {"type": "string", "maxLength": 4096},
    },
    "Upload-Offset": {"required": True, "schema": {"type": "integer", "minimum": 0}},
    "Upload-Checksum": {"description": "sha256 or sha1, a space, the digest in base64.", "schema": {"type": "string"}},
}  # fmt: skip
_QUERY_OF: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "leaving_pdf": {
        "paper": {
            "description": "Which paper.",
            "required": True,
            "schema": {"type": "string", "enum": [*get_args(Paper)]},
        },
        "in": {
            "description": "The language of its words; a text of the plan must be in it. Absent: en.",
            "schema": {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"},
        },
    },
    "arrests": {
        "number": {"description": "The record's number or the wristband's, whole.", "schema": _LINE},
        "wristband": {"description": "How the wristband's number begins.", "schema": _LINE},
        "sector": {"description": "Only arrests in this sector.", "schema": _ID},
        "officer": {"description": "Only arrests that this officer made.", "schema": _ID},
        "disposition": {"description": "What became of it.", "schema": {"type": "string", "enum": [*DISPOSITIONS]}},
        "missing": {"description": "Only records that lack this.", "schema": {"type": "string", "enum": [*ITEMS]}},
        "overdue": {
            "description": "Whether the clock of something that is missing has run out.",
            "schema": {"type": "string", "enum": ["yes", "no"]},
        },
        "before": {"description": "Records that began before this seq; as a page gave it.", "schema": _FROM_1},
        "limit": {
            "description": "How many.",
            "schema": {"type": "integer", "minimum": 1, "maximum": MAX_ARRESTS, "default": ARRESTS},
        },
    },
}
"""What a parameter means on one route (by its handler), where that is not what it means elsewhere."""
_STOPPED: Final[dict[str, Any]] = {"type": "string", "description": "The directive; only this is read."}
_REPORTS: Final[dict[str, dict[str, Any]]] = {
    "application/reports+json": {
        "type": "array",
        "maxItems": MAX_REPORTS,
        "items": {
            "type": "object",
            "properties": {
                "type": {"type": "string"},
                "body": {"type": "object", "properties": {"effectiveDirective": _STOPPED}},
            },
        },
    },
    "application/csp-report": {
        "type": "object",
        "properties": {
            "csp-report": {
                "type": "object",
                "properties": {"effective-directive": _STOPPED, "violated-directive": _STOPPED},
            }
        },
        "required": ["csp-report"],
    },
}
_PROBLEMS: Final = {
    "400": "It could not be read.",
    "401": "There is no session, or it has ended.",
    "403": "Access does not allow it.",
    "404": "There is no such thing, or it is not for you.",
    "429": "Too much at once; see Retry-After.",
    "503": "The record cannot be kept or read right now; nothing was done.",
}


_TUS_PROBLEMS: Final = {
    "409": "The upload is at another offset.",
    "412": "Another version of the protocol.",
    "460": "The bytes are not those of the checksum; nothing of them was kept.",
}


def document() -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(path_of(route), {})[route.method.lower()] = _operation(route)
    types = {kind.__name__: kind for route in ROUTES for kind in (route.body, route.answer) if isinstance(kind, type)}
    wanted: list[type[msgspec.Struct]] = [*types.values(), *COMMANDS.values(), problem.Problem]
    components = schemas.components(wanted)
    components["Submission"]["properties"]["command"] = {
        "oneOf": [schemas.ref(kind) for kind in COMMANDS.values()],
        "discriminator": {"propertyName": "type"},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Muster", "version": VERSION, "description": (about or "").strip()},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-muster"},
                "device": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Signature",
                    "description": "HTTP Message Signatures (RFC 9421); see docs/design/015-devices.md.",
                },
            },
        },
    }


def path_of(route: Route) -> str:
    """The path as OpenAPI writes it: without the router's patterns."""
    return re.sub(r"\{(\w+):[^}]*\}", r"{\1}", route.path)


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{re.sub(r'[^a-z]+', '_', path_of(route)).strip('_') or 'index'}",
        "summary": route.says,
        "x-action": route.action,
        "responses": _responses(route),
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _ID if name == "id" else {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path_of(route))
    ]
    parameters += [{"name": name, "in": "query", **_QUERY_OF.get(route.handler, _QUERY)[name]} for name in route.query]
    parameters += [{"name": name, "in": "header", **_TUS[name]} for name in _tus_headers(route)]
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _body(route)}}}
    elif tus.MEDIA in route.media:
        schema = {"type": "string", "format": "binary"}
        operation["requestBody"] = {"required": True, "content": {tus.MEDIA: {"schema": schema}}}
    elif route.anonymous:
        content = {media: {"schema": _REPORTS[media]} for media in route.media}
        operation["requestBody"] = {"required": True, "content": content}
    operation["security"] = [{"device" if route.device else "session": []}] if _closed(route) else []
    return operation


def _tus_headers(route: Route) -> tuple[str, ...]:
    of_tus = route.action == "incident.upload" and route.method not in ("GET", "OPTIONS")
    return ("Tus-Resumable", *route.sent) if of_tus else ()


def _closed(route: Route) -> bool:
    return route.action not in PUBLIC


def _body(route: Route) -> dict[str, Any]:
    assert route.body is not None, "only where there is one"
    one = schemas.ref(route.body)
    if route.action == "incident.open":
        return {"allOf": [one, {"properties": {"command": schemas.ref(OpenIncident)}}]}
    if not route.many:
        return one
    return {"oneOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_SUBMISSIONS}]}


def _responses(route: Route) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    match route.answer:
        case "none":
            responses["204"] = {"description": "Done."}
        case "created":
            responses["201"] = {"description": "Made; see Location."}
        case "websocket":
            responses["101"] = {"description": "The socket, subprotocol muster.1; see /asyncapi.json."}
        case str(media):
            responses["200"] = {"description": route.says, "content": {media: {}}}
        case kind:
            content = {"application/json": {"schema": schemas.ref(kind)}}
            responses["200"] = {"description": route.says, "content": content}
            makes = route.path.count("/") == 2 or route.path.endswith("/deconfliction")
            if route.method == "POST" and makes and not route.many:
                responses["201"] = {"description": "Made.", "content": content}
    problems = {problem.CONTENT_TYPE: {"schema": schemas.ref(problem.Problem)}}
    for status, says in _PROBLEMS.items():
        responses[status] = {"description": says, "content": problems}
    if route.sent:
        responses |= {status: {"description": says, "content": problems} for status, says in _TUS_PROBLEMS.items()}
    if route.action == "incident.upload" and route.method == "DELETE":
        responses["409"] = {"description": "It is whole, and kept.", "content": problems}
        responses["412"] = {"description": _TUS_PROBLEMS["412"], "content": problems}
    if route.body is not None or route.anonymous or route.sent:
        responses["413"] = {"description": "It is over a limit.", "content": problems}
    return responses


def encoded() -> bytes:
    """The description as it is served."""
    return msgspec.json.encode(document())
