"""Every route as data: method, path, the action that it is asked for by, and the name of its handler.

The application is built from this table and from nothing else; tests/web/test_routes.py
fails where a registered route is not in it or where a row declares no action.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from command.domain.submission import Submission
from command.views.plan_words import PlanWords
from command.views.rows import PermitsView
from command.web.headers import REPORTS, Kind
from command.web.shapes import (
    Answers,
    AuditPage,
    BoardAt,
    EventsPage,
    Health,
    Incidents,
    Invitation,
    Invited,
    MeAnswer,
    Opened,
    PacksKept,
    PackTexts,
    Plans,
    Redeem,
    Users,
)

Trail = Literal["always", "act", "refusals"]
"""When the door writes an audit entry. `always`: after each request, success or failure. `act`: only after a failure,
because the act keeps its own entry in its own transaction. `refusals`: only when it was denied (nothing was seen that
is not public or one's own)."""


class Route(msgspec.Struct, frozen=True):
    """One door. `{id}` in a path is an incident's id."""

    method: str
    path: str
    action: str
    handler: str
    says: str
    trail: Trail = "always"
    kind: Kind = "api"
    active: bool = False  # an act of the user, which keeps the session from locking
    any_host: bool = False  # reached by probes that know no name of ours
    anonymous: bool = False  # who asks is not looked at, nor from which page: what is sent is only counted
    media: tuple[str, ...] = ("application/json",)  # of the body
    body: type[msgspec.Struct] | None = None
    many: bool = False  # the body may also be a list of them
    answer: type[msgspec.Struct] | str = "none"  # a struct, or a media type
    query: tuple[str, ...] = ()

    @property
    def unsafe(self) -> bool:
        """Whether it changes something, so that the Origin must be ours."""
        return self.method not in ("GET", "HEAD")

    @property
    def methods(self) -> tuple[str, ...]:
        """What it is registered for: whoever may GET may ask for the head of it alone. A socket has no head."""
        return ("GET", "HEAD") if self.method == "GET" and self.answer != "websocket" else (self.method,)

    @property
    def scoped(self) -> bool:
        """Whether it is about one incident."""
        return "{id}" in self.path


_GEOJSON = "application/geo+json"
_HTML = "text/html"
_JSON = "application/json"
_NDJSON = "application/x-ndjson"
_TEXT = "text/plain"

ROUTES: Final[tuple[Route, ...]] = (
    Route("GET", "/", "page.read", "page", "The dashboard, an empty shell.",
          trail="refusals", kind="page", answer=_HTML),
    Route("GET", "/link", "page.read", "page", "Redeems the one-time link in the fragment.",
          trail="refusals", kind="page", answer=_HTML),
    Route("GET", "/static/{build}/{path:.+}", "asset.read", "asset", "A file of the browser's, kept for good.",
          trail="refusals", kind="asset", answer="*/*"),
    Route("GET", "/healthz", "health.read", "health", "Whether the store can be reached.",
          trail="refusals", any_host=True, answer=Health),
    Route("GET", "/metrics", "metrics.read", "metrics", "Counts, for an administrator or from this machine.",
          trail="refusals", any_host=True, answer=_TEXT),
    Route("POST", REPORTS, "policy.report", "policy_report", "What a page's policy stopped; only counted.",
          trail="refusals", anonymous=True, media=("application/reports+json", "application/csp-report")),
    Route("GET", "/openapi.json", "schema.read", "openapi", "This interface, as OpenAPI 3.1.",
          trail="refusals", answer=_JSON),
    Route("GET", "/asyncapi.json", "schema.read", "asyncapi", "The socket, as AsyncAPI 3.0.",
          trail="refusals", answer=_JSON),
    Route("POST", "/api/session", "session.redeem", "redeem", "Trade a one-time link for a session.",
          trail="act", body=Redeem),
    Route("DELETE", "/api/session", "session.end", "sign_out", "End the session and close its sockets.",
          trail="act"),
    Route("POST", "/api/session/active", "session.read", "active", "The user is at the screen: do not lock.",
          trail="refusals", active=True),
    Route("GET", "/api/me", "session.read", "me", "Who the server takes you for, and where you may go.",
          trail="refusals", answer=MeAnswer),
    Route("GET", "/api/incidents", "incident.list", "incidents", "The incidents that you may see.",
          answer=Incidents),
    Route("POST", "/api/incidents", "incident.open", "open_incident", "Open an incident: one OpenIncident.",
          trail="act", active=True, body=Submission, answer=Opened),
    Route("POST", "/api/incidents/{id}/commands", "incident.submit", "submit", "Send commands, at most a hundred.",
          trail="act", active=True, body=Submission, many=True, answer=Answers),
    Route("GET", "/api/incidents/{id}/board", "incident.read", "board",
          "The board and the end of the feed, now or as they were at a seq or a time.",
          active=True, answer=BoardAt, query=("at",)),
    Route("GET", "/api/incidents/{id}/permits", "incident.read", "permits",
          "What the plan does not bar in a sector now (or at a seq or a time), what it would take, and who could: for "
          "you, without asking.",
          active=True, answer=PermitsView, query=("sector", "at")),
    Route("GET", "/api/incidents/{id}/words", "incident.read", "plan_words",
          "The words of the incident's plan: tools, approved texts, findings, measures, for the forms that offer them.",
          answer=PlanWords),
    Route("GET", "/api/incidents/{id}/plan.html", "incident.read", "plan_page",
          "The plan that the incident is judged by, as a page to read, print and publish.",
          kind="page", active=True, answer=_HTML),
    Route("GET", "/api/incidents/{id}/packs", "incident.read", "plans",
          "The plans that were in force here, since when, and their rule packs word for word.",
          active=True, answer=Plans),
    Route("POST", "/api/incidents/{id}/packs", "incident.packs", "keep_packs",
          "Check rule packs and keep them for a ChangePlan to name; nothing is in force by that.",
          active=True, body=PackTexts, answer=PacksKept),
    Route("GET", "/api/incidents/{id}/events", "incident.events", "events", "A page of the feed, oldest first.",
          answer=EventsPage, query=("after", "before", "limit")),
    Route("GET", "/api/incidents/{id}/export", "incident.export", "export",
          "The log: exact header bytes, leaves, and the disclosures that you may see.",
          active=True, answer=_NDJSON),
    Route("GET", "/api/incidents/{id}/map", "incident.map", "map_layers", "The ground under it: public data.",
          trail="refusals", answer=_GEOJSON),
    Route("GET", "/api/incidents/{id}/audit", "incident.audit", "incident_audit", "Who did and saw what here.",
          active=True, answer=AuditPage, query=("before", "limit")),
    Route("GET", "/api/incidents/{id}/stream", "incident.stream", "stream", "The socket: see /asyncapi.json.",
          answer="websocket"),
    Route("GET", "/api/audit", "audit.read", "audit", "The whole audit trail, newest first.",
          active=True, answer=AuditPage, query=("before", "limit")),
    Route("GET", "/api/users", "user.list", "users", "Accounts and their grants.", active=True, answer=Users),
    Route("POST", "/api/users", "user.invite", "invite", "Give someone a role, and a link that signs them in.",
          trail="act", active=True, body=Invitation, answer=Invited),
)  # fmt: skip
