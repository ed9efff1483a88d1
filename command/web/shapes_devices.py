"""Bodies and answers about devices that sign: enrolment, who is at them, what is held back. Bytes are base64url."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from command.devices.brought import Sealed
from command.devices.deciding import MOST_DECIDED
from command.devices.model import Cause, Fate, Outcome
from command.domain.ids import AgencyId, Line, Note, RecordId, SubjectId
from command.domain.submission import MAX_SEQ, Answer
from command.ledger.algorithms import Algorithm
from command.uploads.kept import LARGEST, Kind
from command.web.limits import MAX_SUBMISSIONS

Code = Annotated[str, Meta(min_length=1, max_length=100)]
Challenge = Annotated[str, Meta(max_length=200)]
Bytes = Annotated[str, Meta(max_length=200, pattern=r"^[A-Za-z0-9_-]*$")]


class NewDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a device will be called, and whose it is; without an agency it is yours."""

    label: Line
    agency: AgencyId | None = None


class DeviceInvited(msgspec.Struct, frozen=True):
    """The code, which is shown once and kept nowhere; `qr` is an SVG of `url`, which holds the code and, on a closed
    network, the SHA-256 of the certificate authority in hex."""

    code: str
    url: str
    qr: str
    expires_at: datetime


class WithCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code, as typed or scanned."""

    code: Code


class OfDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which device asks."""

    device: RecordId


class Challenged(msgspec.Struct, frozen=True):
    """To be signed once, within two minutes. `now` is the server's clock, for a device to know how far its own is off."""

    challenge: str
    now: datetime


class Enrolment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key and the proof that its private half is there: a signature over the lines
    `muster device enrolment 1`, challenge, alg, public_key, each ended by a line feed."""

    code: Code
    challenge: Challenge
    alg: Algorithm
    public_key: Bytes
    signature: Bytes


class Sealing(msgspec.Struct, frozen=True):
    """What an outbox is sealed to: HPKE (RFC 9180), base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
    `public_key` is the point, uncompressed; `id` names it in boxes."""

    id: str
    public_key: str


class Enrolled(msgspec.Struct, frozen=True):
    """The device is in. `device` is its id from now on, in statements and as `keyid`."""

    device: str
    agency: str
    label: str
    enrolled_at: datetime
    sealing: Sealing


class OwnKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person's own key on the device, with its proof: a signature over the lines `muster author key 1`, the request's
    nonce, the device, the person, alg, public_key, each ended by a line feed."""

    alg: Algorithm
    public_key: Bytes
    signature: Bytes


class AtDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Your session is at the device that signed this request."""

    author_key: OwnKey | None = None


class DeviceRow(msgspec.Struct, frozen=True):
    """A device. `fingerprint` is the SHA-256 of its key; `missing` are numbers that it skipped: records still out there;
    `held` are statements that wait for a decision."""

    device: str
    agency: str
    label: str
    alg: Algorithm
    fingerprint: str
    enrolled_at: datetime
    enrolled_by: str
    seen_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str
    statements: int
    missing: int
    held: int


class Devices(msgspec.Struct, frozen=True):
    """All devices, the newest first."""

    devices: tuple[DeviceRow, ...]


class HeldRow(msgspec.Struct, frozen=True):
    """A record in quarantine: whose, of what kind, from where; not what it says. `person`: it may be about someone who
    is in custody."""

    item: str
    device: str
    device_seq: int
    author: str
    type: str
    person: bool
    cause: Cause
    received_at: datetime
    outcome: Outcome | None
    decided_at: datetime | None
    decided_by: str


class MissingRow(msgspec.Struct, frozen=True):
    """A device that skipped numbers: so many records are still out there, on it or lost with it. Seen last at `seen_at`."""

    device: str
    label: str
    missing: int
    seen_at: datetime | None
    revoked_at: datetime | None


class HeldRows(msgspec.Struct, frozen=True):
    """What is held back of an incident, decided or not, by device in its own order; and which devices of its agencies have
    records still out there, of whatever incident, the longest unseen first."""

    held: tuple[HeldRow, ...]
    missing: tuple[MissingRow, ...] = ()


class HeldPlace(msgspec.Struct, frozen=True):
    """An incident, and how many records of it wait for a decision."""

    incident: str
    waiting: int


class HeldPlaces(msgspec.Struct, frozen=True):
    """Incidents where something waits."""

    incidents: tuple[HeldPlace, ...]


class HeldContents(msgspec.Struct, frozen=True):
    """What a held record says, and why it was decided as it was."""

    row: HeldRow
    command: msgspec.Raw
    occurred_at: datetime
    signed_at: datetime
    clock_error_ms: int
    why: str | None


class HeldDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`release` lets a record in, marked as what it is; `reject` leaves it where it is, marked. Both for good."""

    decision: Literal["release", "reject"]
    reason: Note


class HeldDecisions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same for several of one device, each by its name, as they stood on the screen: nothing that came since is decided."""

    device: RecordId
    items: Annotated[tuple[RecordId, ...], Meta(min_length=1, max_length=MOST_DECIDED)]
    decision: Literal["release", "reject"]
    reason: Note


class SettledRow(msgspec.Struct, frozen=True):
    """What came of one of them; `outcome` null where it waits on, with why in `problem`. `seq`: where the log has it."""

    item: str
    device_seq: int | None
    outcome: Outcome | None
    problem: str = ""
    seq: int | None = None


class SettledRows(msgspec.Struct, frozen=True):
    """All that were named, in the device's order, behind them what is not here."""

    settled: tuple[SettledRow, ...]


class OfNumbers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of its own statements a device asks about."""

    numbers: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=MAX_SEQ)], ...], Meta(min_length=1, max_length=MAX_SUBMISSIONS)
    ]


class BecameRow(msgspec.Struct, frozen=True):
    """What became of one that was held back. `answer` is the log's, with the header that binds what was signed, of what was
    let in or claimed; a device that was revoked gets none. `item` is its name in quarantine: by it the author, in a
    session of theirs, reads why it was decided so."""

    device_seq: int
    became: Fate
    item: str | None = None
    answer: Answer | None = None


class BecameRows(msgspec.Struct, frozen=True):
    """One for each number that was asked about, and the newest signed head of the log."""

    became: tuple[BecameRow, ...]
    checkpoint: str | None = None


class Claimed(msgspec.Struct, frozen=True):
    """The log's answer to what was claimed; the keys of its files by attachment, for the tablet that has their bytes."""

    answer: Answer
    files: dict[str, str]


class DeviceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that a record of this device names, brought by the device itself."""

    attachment: RecordId
    subject: SubjectId
    kind: Kind
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    size_bytes: Annotated[int, Meta(ge=1, le=LARGEST)]


class FilePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part that begins at `offset`, sealed under the file's key (base64url), and that key in its box."""

    key: Sealed
    offset: Annotated[int, Meta(ge=0, le=LARGEST)]
    part: Annotated[str, Meta(max_length=400_000)]


class FileState(msgspec.Struct, frozen=True):
    """How far it has come. `state`: `under way`, or what became of it."""

    upload: str
    offset: int
    size_bytes: int
    state: str
