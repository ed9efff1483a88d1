"""Bodies and answers over HTTP, beside those of the domain and the stream."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from command.access.model import Account, Grant, Role
from command.domain.events import Training
from command.domain.events_arrest import AttachedTo, AttachmentKind
from command.domain.ids import AgencyId, Line, PersonId, RuleId, UnitId
from command.domain.submission import Answer
from command.store.ports import AuditRow
from command.stream.frames import Position
from command.views.attached import FileFinding
from command.views.lens import MOST_UNITS, GrantedCompartment
from command.views.rows import Board, ClockInfo, Entry


class Redeem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of a one-time link, from the URL's fragment. `flow`: of the acknowledged banner; an exercise has none."""

    link: Annotated[str, Meta(max_length=200)]
    flow: Annotated[str, Meta(max_length=200)] = ""


class Invitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to let in, and as what. A grant at one incident only, unless `incident` is `*`."""

    person: PersonId
    name: Line
    agency: AgencyId
    role: Role
    rank: RuleId = "officer"
    training: Annotated[tuple[Training, ...], Meta(max_length=100)] = ()  # as on the agency's record
    incident: Annotated[str, Meta(pattern=r"^(\*|[A-Za-z0-9][A-Za-z0-9._:-]{0,63})$")] = "*"
    # A mutual-aid account ends by itself (CJISSECPOL AC-2(2)); None is for the lead agency's own people.
    hours: Annotated[int, Meta(ge=1, le=24 * 365)] | None = 72
    units: Annotated[tuple[UnitId, ...], Meta(max_length=MOST_UNITS)] = ()  # that a supervisor answers for
    compartments: Annotated[tuple[GrantedCompartment, ...], Meta(max_length=6)] = ()


class Invited(msgspec.Struct, frozen=True):
    """The link, which is shown once and kept nowhere."""

    url: str
    expires_at: datetime
    qr: str = ""  # SVG, to scan


class Signed(msgspec.Struct, frozen=True):
    """Who the server takes you for; `may` are acts that are not about one incident."""

    person: str
    name: str
    agency: str
    rank: str
    may: tuple[str, ...]
    enrol: bool = False  # a credential of one's own comes first
    exercise: bool = False  # signed in by a link of an exercise


class Seen(msgspec.Struct, frozen=True):
    """An incident that you may see, as what, and through which lens."""

    id: str
    name: str
    status: str  # "open" | "closed"
    role: str
    lens: str


class MeAnswer(msgspec.Struct, frozen=True):
    """Answer to `/api/me` and to a sign-in."""

    me: Signed
    incidents: tuple[Seen, ...]


class Incidents(msgspec.Struct, frozen=True):
    """Answer to `/api/incidents`."""

    incidents: tuple[Seen, ...]


class Opened(msgspec.Struct, frozen=True):
    """A new incident, or why the plan does not allow it."""

    incident: str
    answer: Answer


class PackText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule pack's file, character for character: its bytes are this text in UTF-8."""

    file: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$(?!\n)")]
    text: str


class PackTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Packs to check and to keep; nothing is in force by that."""

    files: Annotated[tuple[PackText, ...], Meta(min_length=1, max_length=20)]


class PacksKept(msgspec.Struct, frozen=True):
    """The names of packs that were kept, in the order given: what a ChangePlan names."""

    packs: tuple[str, ...]


class PlanSpan(msgspec.Struct, frozen=True):
    """A stack of packs, the most general first, and since when it binds; `seq` is the event that brought it."""

    packs: tuple[str, ...]
    since: datetime
    seq: int


class PackKept(msgspec.Struct, frozen=True):
    """A pack that was in force here: `text` in UTF-8 is the file whose SHA-256 stands in `name`."""

    name: str
    file: str
    text: str


class Plans(msgspec.Struct, frozen=True):
    """Which plans were in force here, oldest first, and every pack of theirs."""

    plans: tuple[PlanSpan, ...]
    packs: tuple[PackKept, ...]


class UploadState(msgspec.Struct, frozen=True):
    """An upload of one's own. `state`: under way, kept, unreadable (kept as it came, for no screen), another digest."""

    attachment: str
    offset: int
    size_bytes: int
    state: str


class AttachmentRow(msgspec.Struct, frozen=True):
    """A file that a record names, and what came of it."""

    attachment: str
    record: str
    belongs_to: AttachedTo
    kind: AttachmentKind
    sha256: str
    size_bytes: int
    seq: int
    finding: FileFinding


class AttachmentsPage(msgspec.Struct, frozen=True):
    """Those that the lens sees, up to event `last`, which is one of them: go on `after` it, until a page goes no further."""

    attachments: tuple[AttachmentRow, ...]
    last: int


class Answers(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of each command, in order. To a device, `checkpoint` is the newest signed head: a C2SP note. A record
    stays on the device until one covers it."""

    answers: tuple[Answer, ...]
    checkpoint: str | None = None


class EventsPage(msgspec.Struct, frozen=True):
    """A page of the feed through your lens. It covers first…last, whether or not you may see an event in it."""

    entries: tuple[Entry, ...]
    at: Position
    first: int
    last: int


class BoardAt(msgspec.Struct, frozen=True):
    """The board after event `at.seq` as it looked at `time` (incident time); `feed` is oldest first."""

    at: Position
    time: datetime
    clock: ClockInfo
    board: Board
    feed: tuple[Entry, ...]


class AuditEntry(msgspec.Struct, frozen=True):
    """One entry of the trail with its number."""

    n: int
    entry: AuditRow


class AuditPage(msgspec.Struct, frozen=True):
    """Entries, newest first; `before` continues, None at the end."""

    entries: tuple[AuditEntry, ...]
    before: int | None


class User(msgspec.Struct, frozen=True):
    """An account and what it may be, where."""

    account: Account
    grants: tuple[Grant, ...]


class Users(msgspec.Struct, frozen=True):
    """All accounts."""

    users: tuple[User, ...]


class Health(msgspec.Struct, frozen=True):
    """`ok`: the store answered."""

    status: str
