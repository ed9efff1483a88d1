"""Every route as data: method, path, the action that it is asked for by, and the name of its handler.

The application is built from this table and from nothing else; tests/web/test_routes.py
fails where a registered route is not in it or where a row declares no action.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from command.access.agencies import Agency
from command.devices.brought import HandedIn
from command.domain.submission import Submission
from command.views.plan_words import PlanWords
from command.views.processing import ProcessingView
from command.views.record_rows import AlikeView, ArrestsPage, RecordView, StepsView
from command.views.rows import PermitsView
from command.web import shapes_agencies as agencies
from command.web import shapes_devices as devices
from command.web import shapes_sign_in as sign_in
from command.web import tus
from command.web.headers import REPORTS, Kind
from command.web.shapes import (
    Answers,
    AttachmentsPage,
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
    UploadState,
    Users,
)
from command.web.shapes_sight import NoticeRow, Notices, NoticeWish, SightAnswer

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
    device: bool = False  # a device that signed the request is at the door, and no session
    names_device: bool = False  # the body says which device asks, unproven: it is only counted
    anonymous: bool = False  # who asks is not looked at, nor from which page: what is sent is only counted
    media: tuple[str, ...] = ("application/json",)  # of the body
    body: type[msgspec.Struct] | None = None
    many: bool = False  # the body may also be a list of them
    answer: type[msgspec.Struct] | str = "none"  # a struct, or a media type
    query: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()  # headers of tus 1.0 that say what else would be a body

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
_OCTETS = "application/octet-stream"
_TEXT = "text/plain"

ROUTES: Final[tuple[Route, ...]] = (
    Route("GET", "/", "page.read", "page", "The dashboard, an empty shell.",
          trail="refusals", kind="page", answer=_HTML),
    Route("GET", "/link", "page.read", "page", "Redeems the one-time link in the fragment.",
          trail="refusals", kind="page", answer=_HTML),
    Route("GET", "/sign-in", "page.read", "page", "Signing in, unlocking, and the first administrator.",
          trail="refusals", kind="page", answer=_HTML),
    Route("GET", "/account", "page.read", "page", "One's own credentials and sessions.",
          trail="refusals", kind="page", answer=_HTML),
    Route("GET", "/admin", "page.read", "page", "Accounts, displays, the audit trail.",
          trail="refusals", kind="page", answer=_HTML),
    Route("GET", "/wall", "page.read", "page", "The board for the command post's wall: shows, and sends nothing.",
          trail="refusals", kind="page", answer=_HTML),
    Route("GET", "/oidc", "page.read", "page", "Where an agency's own sign-in sends the browser back to.",
          trail="refusals", kind="page", answer=_HTML),
    Route("GET", "/field/", "page.read", "field_page", "The tablets' app, an empty shell.",
          trail="refusals", kind="shell", answer=_HTML),
    Route("GET", "/enrol", "page.read", "field_page", "The same where a tablet comes in by the code in the fragment.",
          trail="refusals", kind="shell", answer=_HTML),
    Route("GET", "/field/worker.js", "page.read", "field_worker", "The tablets' service worker, which keeps the app.",
          trail="refusals", kind="shell", answer="text/javascript"),
    Route("GET", "/field/app.webmanifest", "page.read", "field_manifest", "What installs the app.",
          trail="refusals", kind="shell", answer="application/manifest+json"),
    Route("GET", "/files/{build}/{path:.+}", "asset.read", "asset", "A file of the browser's, kept for good.",
          trail="refusals", kind="asset", answer="*/*"),
    Route("GET", "/healthz", "health.read", "health", "Whether the store can be reached.",
          trail="refusals", any_host=True, answer=Health),
    Route("GET", "/metrics", "metrics.read", "metrics", "Counts, for an administrator or from this machine.",
          trail="refusals", any_host=True, answer=_TEXT),
    Route("POST", REPORTS, "policy.report", "policy_report", "What a page's policy stopped; only counted.",
          trail="refusals", anonymous=True, media=("application/reports+json", "application/csp-report")),
    Route("GET", "/checkpoint-keys", "schema.read", "vkeys",
          "The verifier keys under which heads of logs are signed, one a line.", trail="refusals", answer=_TEXT),
    Route("GET", "/openapi.json", "schema.read", "openapi", "This interface, as OpenAPI 3.1.",
          trail="refusals", answer=_JSON),
    Route("GET", "/asyncapi.json", "schema.read", "asyncapi", "The socket, as AsyncAPI 3.0.",
          trail="refusals", answer=_JSON),
    Route("POST", "/api/session", "session.redeem", "redeem", "Trade a one-time link for a session.",
          trail="act", body=Redeem),
    Route("GET", "/api/session", "session.look", "look", "Where this browser stands, and how one may sign in.",
          trail="refusals", answer=sign_in.SessionLook),
    Route("POST", "/api/session/banner", "session.begin", "begin", "The banner is acknowledged: a sign-in begins.",
          trail="refusals", body=sign_in.Acknowledged, answer=sign_in.Flow),
    Route("POST", "/api/session/passkey/options", "session.verify", "sign_in_options", "A challenge for a passkey.",
          trail="refusals", body=sign_in.InFlow, answer=sign_in.Options),
    Route("POST", "/api/session/passkey", "session.verify", "sign_in_passkey",
          "Sign in with a passkey, or prove again who you are.",
          trail="act", body=sign_in.WithPasskey, answer=sign_in.SignedInAs),
    Route("POST", "/api/session/password", "session.verify", "sign_in_password",
          "Sign in with a password and a one-time code, or prove again who you are.",
          trail="act", body=sign_in.WithPassword, answer=sign_in.SignedInAs),
    Route("POST", "/api/session/oidc/start", "session.verify", "oidc_start", "Begin at an agency's own sign-in.",
          trail="refusals", body=sign_in.OidcStart, answer=sign_in.OidcStarted),
    Route("POST", "/api/session/oidc", "session.verify", "oidc", "Finish an agency's own sign-in.",
          trail="act", body=sign_in.OidcCallback, answer=sign_in.SignedInAs),
    Route("POST", "/api/session/set-up", "session.set-up", "set_up",
          "Make the first administrator, with the code that the server printed.",
          trail="act", body=sign_in.SetUp, answer=sign_in.SignedInAs),
    Route("POST", "/api/session/lock", "session.lock", "lock", "Put the session away until its person comes back.",
          trail="act"),
    Route("POST", "/api/session/unlock", "session.unlock", "unlock",
          "Go on with a session of an exercise that locked.", trail="act", body=sign_in.Nothing),
    Route("POST", "/api/session/role", "session.choose", "choose_role",
          "Act and look as one of your several roles at an incident.",
          trail="act", active=True, body=agencies.Choice, answer=agencies.Chosen),
    Route("DELETE", "/api/session", "session.end", "sign_out", "End the session and close its sockets.",
          trail="act"),
    Route("POST", "/api/session/active", "session.read", "active", "The user is at the screen: do not lock.",
          trail="refusals", active=True),
    Route("GET", "/api/session/drafts", "session.read", "draft_key", "The key of your drafts in this browser.",
          trail="refusals", answer=sign_in.DraftKey),
    Route("GET", "/api/me", "session.read", "me", "Who the server takes you for, and where you may go.",
          answer=MeAnswer),
    Route("GET", "/api/sessions", "session.list", "sessions", "Your own sessions.", answer=sign_in.Sessions),
    Route("DELETE", "/api/sessions/{session}", "session.end", "end_session", "End a session of your own.",
          trail="act", answer=sign_in.Ended),
    Route("GET", "/api/credentials", "credential.list", "credentials", "What you can sign in with.",
          answer=sign_in.Credentials),
    Route("POST", "/api/credentials/passkey/options", "credential.add", "new_passkey_options",
          "A challenge for a new passkey of yours.",
          trail="refusals", active=True, body=sign_in.Nothing, answer=sign_in.Options),
    Route("POST", "/api/credentials/passkey", "credential.add", "add_passkey", "Keep a new passkey of yours.",
          trail="act", active=True, body=sign_in.NewPasskey, answer=sign_in.SignedInAs),
    Route("DELETE", "/api/credentials/passkey/{passkey}", "credential.remove", "remove_passkey",
          "End a passkey of yours.", trail="act", active=True),
    Route("POST", "/api/credentials/totp", "credential.add", "offer_totp", "A secret for one-time codes.",
          trail="refusals", active=True, body=sign_in.Nothing, answer=sign_in.TotpOffer),
    Route("POST", "/api/credentials/password", "credential.add", "set_password",
          "Keep a password with its one-time codes; recovery codes come back, once.",
          trail="act", active=True, body=sign_in.NewPassword, answer=sign_in.Recovery),
    Route("POST", "/api/credentials/recovery", "credential.add", "new_recovery", "Ten new recovery codes.",
          trail="act", active=True, body=sign_in.Nothing, answer=sign_in.Recovery),
    Route("GET", "/api/incidents", "incident.list", "incidents", "The incidents that you may see.",
          answer=Incidents),
    Route("POST", "/api/incidents", "incident.open", "open_incident", "Open an incident: one OpenIncident.",
          trail="act", active=True, body=Submission, answer=Opened),
    Route("POST", "/api/incidents/{id}/commands", "incident.submit", "submit", "Send commands, at most a hundred.",
          trail="act", active=True, body=Submission, many=True, answer=Answers),
    Route("GET", "/api/incidents/{id}/board", "incident.read", "board",
          "The board and the end of the feed, now or as they were at a seq or a time.",
          answer=BoardAt, query=("at",)),
    Route("GET", "/api/incidents/{id}/permits", "incident.read", "permits",
          "What the plan does not bar in a sector now (or at a seq or a time), what it would take, and who could: for "
          "you, without asking.",
          answer=PermitsView, query=("sector", "at")),
    Route("GET", "/api/incidents/{id}/arrests", "incident.read", "arrests",
          "Records of arrests, newest first, by public facts only.",
          answer=ArrestsPage,
          query=("number", "wristband", "sector", "officer", "disposition", "missing", "overdue", "before", "limit")),
    Route("GET", "/api/incidents/{id}/arrests/{arrest}", "incident.read", "arrest",
          "One record, whole: every version, who signed, custody, property, clocks, what is missing; now, or as it stood "
          "at a seq or a time.",
          answer=RecordView, query=("at",)),
    Route("GET", "/api/incidents/{id}/arrests/{arrest}/alike/{other}", "incident.read", "alike",
          "Two accounts that read alike, side by side, for whoever may compare them.", answer=AlikeView),
    Route("GET", "/api/incidents/{id}/arrests/{arrest}/steps", "incident.read", "arrest_steps",
          "What transport, booking and closing would take for one record; nothing is asked for by looking.",
          answer=StepsView),
    Route("GET", "/api/incidents/{id}/arrests/{arrest}/record.pdf", "incident.read", "record_pdf",
          "One record as a paper, as it stands or as it stood.", answer="application/pdf", query=("at",)),
    Route("GET", "/api/incidents/{id}/arrests/{arrest}/leaving.pdf", "incident.read", "leaving_pdf",
          "The notice of options or release papers, in a language.", answer="application/pdf",
          query=("paper", "in")),
    Route("GET", "/api/incidents/{id}/arrests/{arrest}/bags/{bag}/receipt.pdf", "incident.read", "receipt_pdf",
          "A receipt for one bag of property.", answer="application/pdf"),
    Route("GET", "/api/incidents/{id}/arrests/{arrest}/discovery.zip", "incident.export", "discovery",
          "A package of one record for prosecutor and defence: every version, the events with their proofs, files, rules, "
          "and what is not in it with the reason; now, or as it stood.",
          active=True, answer="application/zip", query=("at",)),
    Route("GET", "/api/incidents/{id}/operation.pdf", "incident.export", "operation_pdf",
          "The whole operation as a paper: its course, levels, warnings, force, arrests, custody and findings; now, or as it "
          "stood.", active=True, answer="application/pdf", query=("at",)),
    Route("GET", "/api/incidents/{id}/tables/arrests.csv", "incident.export", "arrests_table",
          "Every record of an arrest as a row.", answer="text/csv"),
    Route("GET", "/api/incidents/{id}/tables/nibrs.csv", "incident.export", "nibrs_table",
          "Arrests in NIBRS's data elements 40 to 52.", answer="text/csv"),
    Route("GET", "/api/incidents/{id}/tables/nibrs-faults.csv", "incident.export", "nibrs_faults",
          "What NIBRS's rules say against the rows of that file.", answer="text/csv"),
    Route("GET", "/api/incidents/{id}/processing", "incident.read", "processing",
          "Processing in numbers: queues, waits, what is missing, what is overdue; custody against citation.",
          answer=ProcessingView),
    Route("GET", "/api/incidents/{id}/words", "incident.read", "plan_words",
          "The words of the incident's plan: tools, approved texts, findings, measures, for the forms that offer them.",
          answer=PlanWords),
    Route("GET", "/api/incidents/{id}/plan.html", "incident.read", "plan_page",
          "The plan that the incident is judged by, as a page to read, print and publish.",
          active=True, answer=_HTML),
    Route("GET", "/api/incidents/{id}/packs", "incident.read", "plans",
          "The plans that were in force here, since when, and their rule packs word for word.",
          active=True, answer=Plans),
    Route("POST", "/api/incidents/{id}/packs", "incident.packs", "keep_packs",
          "Check rule packs and keep them for a ChangePlan to name; nothing is in force by that.",
          trail="act", active=True, body=PackTexts, answer=PacksKept),
    Route("GET", "/api/incidents/{id}/events", "incident.events", "events", "A page of the feed, oldest first.",
          answer=EventsPage, query=("after", "before", "limit")),
    Route("GET", "/api/incidents/{id}/export", "incident.export", "export",
          "The log: exact header bytes, leaves, and the disclosures that you may see.",
          active=True, answer=_NDJSON),
    Route("GET", "/api/incidents/{id}/checkpoint", "incident.read", "checkpoint",
          "The newest signed head: a C2SP checkpoint, which any witness reads.", answer=_TEXT),
    Route("GET", "/api/incidents/{id}/map", "incident.map", "map_layers", "The ground under it: public data.",
          answer=_GEOJSON),
    Route("GET", "/api/incidents/{id}/audit", "incident.audit", "incident_audit", "Who did and saw what here.",
          active=True, answer=AuditPage, query=("who", "action", "outcome", "since", "until", "before", "limit")),
    Route("OPTIONS", "/api/incidents/{id}/uploads", "incident.upload", "upload_offers",
          "What is spoken here of tus 1.0.", answer="none"),
    Route("POST", "/api/incidents/{id}/uploads", "incident.upload", "announce_upload",
          "Begin to bring a file, by tus 1.0; the same file announced again is the same upload.",
          trail="act", answer="created", sent=("Upload-Length", "Upload-Metadata")),
    Route("GET", "/api/incidents/{id}/uploads/{upload}", "incident.upload", "look_upload",
          "How far an upload of your own has come; HEAD by tus 1.0.", answer=UploadState),
    Route("PATCH", "/api/incidents/{id}/uploads/{upload}", "incident.upload", "append_upload",
          "The next bytes of it, by tus 1.0.",
          trail="act", media=(tus.MEDIA,), sent=("Upload-Offset", "Upload-Checksum")),
    Route("DELETE", "/api/incidents/{id}/uploads/{upload}", "incident.upload", "drop_upload",
          "Give up an upload that is not whole.", trail="act"),
    Route("GET", "/api/incidents/{id}/attachments", "incident.attachments", "attachments",
          "The files that records name, and whether they have arrived as named.",
          answer=AttachmentsPage, query=("after", "limit")),
    Route("GET", "/api/incidents/{id}/attachments/{attachment}", "incident.attachments", "attachment",
          "The copy of a file that is for screens; one range of bytes at a time.", answer="*/*"),
    Route("GET", "/api/incidents/{id}/attachments/{attachment}/original", "incident.originals", "original",
          "A file as it was taken: evidence, and only ever a download.", active=True, answer=_OCTETS),
    Route("GET", "/api/incidents/{id}/sight", "incident.sight", "sight",
          "Who can see what here, by which grant; and the tables of every lens.",
          active=True, answer=SightAnswer),
    Route("GET", "/api/incidents/{id}/sight.html", "incident.sight", "sight_page", "The same as a page to read and print.",
          active=True, answer=_HTML),
    Route("GET", "/api/incidents/{id}/deconfliction", "deconfliction.read", "notices",
          "Where not to arrest before calling a number: command's alone, and never who it is.",
          active=True, answer=Notices),
    Route("POST", "/api/incidents/{id}/deconfliction", "deconfliction.keep", "keep_notice",
          "Register such a place, sealed, for so many hours.",
          trail="act", active=True, body=NoticeWish, answer=NoticeRow),
    Route("DELETE", "/api/incidents/{id}/deconfliction/{notice}", "deconfliction.keep", "end_notice",
          "It is over, and deleted.", trail="act", active=True),
    Route("GET", "/api/incidents/{id}/stream", "incident.stream", "stream", "The socket: see /asyncapi.json.",
          answer="websocket"),
    Route("GET", "/api/audit", "audit.read", "audit", "The audit trail, newest first: all of it, or what is looked for.",
          active=True, answer=AuditPage,
          query=("who", "action", "object", "outcome", "since", "until", "before", "limit")),
    Route("GET", "/api/users", "user.list", "users", "Accounts and their grants.", active=True, answer=Users),
    Route("POST", "/api/users", "user.invite", "invite", "Give someone a role, and a link that signs them in.",
          trail="act", active=True, body=Invitation, answer=Invited),
    Route("POST", "/api/users/{person}/disable", "user.disable", "disable", "Shut an account at once.",
          trail="act", active=True, body=sign_in.Nothing, answer=sign_in.Ended),
    Route("POST", "/api/users/{person}/enable", "user.enable", "enable", "Let an account sign in again.",
          trail="act", active=True, body=sign_in.Renewal),
    Route("POST", "/api/users/{person}/release", "user.release", "release", "Open what wrong tries have shut.",
          trail="act", active=True, body=sign_in.Release, answer=sign_in.Released),
    Route("GET", "/api/locks", "user.list", "locks", "Accounts that wrong tries have shut.",
          active=True, answer=sign_in.Locks),
    Route("POST", "/api/users/{person}/reset", "user.reset", "reset",
          "End all credentials of someone who lost them, and make a link for new ones.",
          trail="act", active=True, body=sign_in.Nothing, answer=Invited),
    Route("POST", "/api/users/{person}/identity", "user.identify", "identify",
          "Say what an agency's own sign-in calls someone.", trail="act", active=True, body=sign_in.NewIdentity),
    Route("GET", "/api/users/{person}/identities", "user.list", "identities",
          "What agencies' own sign-ins call someone.", active=True, answer=sign_in.Identities),
    Route("POST", "/api/users/{person}/identity/end", "user.identify", "end_identity",
          "Nobody signs in by this link any more.", trail="act", active=True, body=sign_in.EndedIdentity),
    Route("GET", "/api/users/{person}/sessions", "user.sessions", "user_sessions", "Someone's sessions.",
          active=True, answer=sign_in.Sessions),
    Route("DELETE", "/api/users/{person}/sessions", "user.end-sessions", "end_sessions", "End someone's sessions.",
          trail="act", active=True, answer=sign_in.Ended),
    Route("DELETE", "/api/users/{person}/sessions/{session}", "user.end-sessions", "end_user_session",
          "End one of someone's sessions.", trail="act", active=True, answer=sign_in.Ended),
    Route("GET", "/api/agencies", "agency.list", "agencies", "Agencies that accounts, devices and incidents name.",
          active=True, answer=agencies.Agencies),
    Route("POST", "/api/agencies", "agency.add", "add_agency", "A new agency.",
          trail="act", active=True, body=agencies.NewAgency, answer=Agency),
    Route("POST", "/api/agencies/{agency}", "agency.change", "change_agency", "Other words for an agency.",
          trail="act", active=True, body=agencies.AgencyWords, answer=Agency),
    Route("POST", "/api/agencies/{agency}/end", "agency.end", "end_agency", "Nothing new may name an agency.",
          trail="act", active=True, body=sign_in.Nothing, answer=Agency),
    Route("GET", "/api/devices", "device.list", "devices", "Devices that sign.", active=True, answer=devices.Devices),
    Route("POST", "/api/devices/invite", "device.invite", "invite_device", "Make a code that lets one device enrol.",
          trail="act", active=True, body=devices.NewDevice, answer=devices.DeviceInvited),
    Route("POST", "/api/devices/enrol/begin", "device.enrol", "begin_enrolment", "A challenge for a device with a code.",
          trail="refusals", body=devices.WithCode, answer=devices.Challenged),
    Route("POST", "/api/devices/enrol", "device.enrol", "enrol_device", "Enrol a device by a code and a key's proof.",
          trail="act", body=devices.Enrolment, answer=devices.Enrolled),
    Route("POST", "/api/devices/challenge", "device.challenge", "challenge_device",
          "A challenge for a device's next signed request.",
          trail="refusals", names_device=True, body=devices.OfDevice, answer=devices.Challenged),
    Route("GET", "/api/devices/sealing", "device.sealing", "sealing_key", "The key that outboxes are sealed to.",
          trail="refusals", answer=devices.Sealing),
    Route("POST", "/api/devices/session", "device.attach", "attach",
          "Say that your session is at the device that signed this request.", trail="act", body=devices.AtDevice),
    Route("POST", "/api/devices/{device}/revoke", "device.revoke", "revoke_device", "End a device for good, at once.",
          trail="act", active=True, body=sign_in.Nothing, answer=sign_in.Ended),
    Route("POST", "/api/incidents/{id}/statements", "incident.statements", "statements",
          "Hand in what a device signed, at most a hundred; the request is signed by the device, and no session is "
          "needed.", trail="act", device=True, body=HandedIn, many=True, answer=Answers),
    Route("POST", "/api/incidents/{id}/statements/held", "incident.statements", "became",
          "What became of statements of this device that were held back, by their numbers.",
          trail="act", device=True, body=devices.OfNumbers, answer=devices.BecameRows),
    Route("POST", "/api/incidents/{id}/files", "incident.files", "announce_file",
          "Begin to bring a file that a record of this device names; no session is needed.",
          trail="act", device=True, body=devices.DeviceFile, answer=devices.FileState),
    Route("POST", "/api/incidents/{id}/files/{upload}", "incident.files", "append_file", "Its next part, sealed.",
          trail="act", device=True, body=devices.FilePart, answer=devices.FileState),
    Route("GET", "/api/incidents/{id}/held", "incident.held", "my_held",
          "What was captured on a locked device in your name, or in nobody's, and waits to be claimed.",
          answer=devices.HeldRows),
    Route("GET", "/api/incidents/{id}/held/{item}", "incident.held", "my_held_contents", "What one of them says.",
          active=True, answer=devices.HeldContents),
    Route("POST", "/api/incidents/{id}/held/{item}", "held.claim", "claim_held", "Take it as yours: it is recorded.",
          trail="act", active=True, body=sign_in.Nothing, answer=devices.Claimed),
    Route("GET", "/api/quarantine", "device.list", "held_places",
          "Incidents where records are held back and wait for a decision.", active=True, answer=devices.HeldPlaces),
    Route("GET", "/api/incidents/{id}/quarantine", "incident.quarantine", "held",
          "What is held back of devices' statements: whose and of what kind.", answer=devices.HeldRows),
    Route("GET", "/api/incidents/{id}/quarantine/{item}", "quarantine.open", "held_contents",
          "What a held record says.", active=True, answer=devices.HeldContents),
    Route("POST", "/api/incidents/{id}/quarantine/{item}", "quarantine.decide", "decide_held",
          "Let a held record in or turn it down, for good and with a reason.",
          trail="act", active=True, body=devices.HeldDecision, answer=Answers),
    Route("POST", "/api/incidents/{id}/quarantine", "quarantine.decide", "decide_held_all",
          "The same decision and reason for several held records of one device, each named; what could not be decided "
          "waits on, and is said.",
          trail="act", active=True, body=devices.HeldDecisions, answer=devices.SettledRows),
    Route("POST", "/api/displays", "display.invite", "invite_display",
          "Make a browser a display on the wall, by a link of its own kind.",
          trail="act", active=True, body=sign_in.NewDisplay, answer=Invited),
)  # fmt: skip
