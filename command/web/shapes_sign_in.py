"""Bodies and answers of signing in, of one's own credentials and sessions, and of accounts. docs/design/009-sign-in.md"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from command.domain.ids import AgencyId, Line, PersonId, RuleId

# No control characters: none of ours has one, and the database takes no NUL.
Token = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Secret = Annotated[str, Meta(max_length=1000)]
State = Literal["none", "live", "locked", "enrol"]
Credential = Annotated[dict[str, Any], Meta(max_length=20)]
"""What the browser's `credential.toJSON()` gave (WebAuthn level 3)."""


class Banner(msgspec.Struct, frozen=True):
    """What everyone acknowledges before they sign in (CJISSECPOL AC-8). `id` changes with the text."""

    id: str
    text: str


class Provider(msgspec.Struct, frozen=True):
    """An agency's own sign-in."""

    id: str
    name: str


class AtDesk(msgspec.Struct, frozen=True):
    """Someone whose session waits, locked, at this browser."""

    person: str
    name: str


class SessionLook(msgspec.Struct, frozen=True):
    """Where this browser stands. `person` and `name` are of the session that is live or locked."""

    state: State
    banner: Banner
    passkeys: bool  # whether they can work under this address: a name, not a number
    providers: tuple[Provider, ...]
    desk: tuple[AtDesk, ...]
    exercise: bool  # links alone sign in: nothing here is real
    setup: bool  # there is no administrator yet: the set-up code makes the first
    idle_s: int
    person: str | None = None
    name: str | None = None
    verified_at: datetime | None = None
    ends_at: datetime | None = None  # whatever happens


class Acknowledged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The banner was read."""

    banner: Token


class Flow(msgspec.Struct, frozen=True):
    """A sign-in that has begun, in this browser, for ten minutes."""

    flow: str
    expires_at: datetime


class InFlow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of a sign-in."""

    flow: Token


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object."""


class Options(msgspec.Struct, frozen=True):
    """What `navigator.credentials` is asked with; byte values in base64url. `ceremony` goes back with the answer."""

    ceremony: str
    options: dict[str, Any]


class WithPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the authenticator signed."""

    flow: Token
    ceremony: Token
    credential: Credential
    keep: bool = False  # lock whoever is signed in here instead of ending their session


class WithPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A password and a one-time code, or a recovery code in its place."""

    flow: Token
    person: Token
    password: Secret
    code: Annotated[str, Meta(max_length=40)]
    keep: bool = False


class OidcStart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By which provider."""

    flow: Token
    provider: Token
    keep: bool = False


class OidcStarted(msgspec.Struct, frozen=True):
    """Where the browser goes."""

    url: str


class OidcCallback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the provider sent the browser back with."""

    state: Token
    code: Annotated[str, Meta(max_length=4000)]


class SetUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first administrator, with the code that the server printed."""

    flow: Token
    code: Token
    person: PersonId
    name: Line
    agency: AgencyId
    rank: RuleId = "officer"


class SignedInAs(msgspec.Struct, frozen=True):
    """A sign-in that worked. `resumed`: an earlier session goes on."""

    session: str
    person: str
    state: State
    resumed: bool
    recovery_left: int | None = None  # set where a recovery code was used


class DraftKey(msgspec.Struct, frozen=True):
    """Under what one's drafts lie in this browser: `name` in the place of one's own, `key` for AES-256-GCM (base64url)."""

    name: str
    key: str


class NewPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the authenticator made, and what its owner calls it."""

    ceremony: Token
    credential: Credential
    label: Line = "passkey"


class PasskeyRow(msgspec.Struct, frozen=True):
    """A passkey of one's own."""

    id: str  # base64url
    label: str
    host: str
    created_at: datetime
    used_at: datetime | None


class Credentials(msgspec.Struct, frozen=True):
    """What one can sign in with."""

    passkeys: tuple[PasskeyRow, ...]
    password: bool
    recovery_left: int


class TotpOffer(msgspec.Struct, frozen=True):
    """A fresh secret for an authenticator app; it counts once a code from it came back with a password."""

    ceremony: str
    secret: str  # base32, for typing
    uri: str
    qr: str  # SVG


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A password, with the first code of the secret that was offered."""

    ceremony: Token
    password: Secret
    code: Annotated[str, Meta(max_length=40)]


class Recovery(msgspec.Struct, frozen=True):
    """Recovery codes, shown this once."""

    recovery: tuple[str, ...]


class SessionRow(msgspec.Struct, frozen=True):
    """A session that has not ended."""

    id: str
    person: str
    created_at: datetime
    last_active_at: datetime
    ends_at: datetime
    source: str
    how: str  # how the sign-in was proven
    state: State
    current: bool


class Sessions(msgspec.Struct, frozen=True):
    """Sessions, newest first."""

    sessions: tuple[SessionRow, ...]


class Ended(msgspec.Struct, frozen=True):
    """Ids of the sessions that an act ended."""

    sessions: tuple[str, ...]


class NewDisplay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A screen on the wall: an id and a name for the device, and what it shows."""

    display: PersonId
    name: Line
    agency: AgencyId
    incident: Annotated[str, Meta(pattern=r"^(\*|[A-Za-z0-9][A-Za-z0-9._:-]{0,63})$")] = "*"
    hours: Annotated[int, Meta(ge=1, le=24 * 365)] | None = 72


class NewIdentity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a provider calls someone: its `sub`."""

    provider: Token
    subject: Annotated[str, Meta(min_length=1, max_length=255)]


ReleaseReason = Literal["mistyped", "new device", "asked in person", "tries by others", "other"]
"""Why an administrator opens what wrong tries have shut: fixed words, for the trail keeps no text."""


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Open what wrong tries have shut."""

    reason: ReleaseReason


class LockRow(msgspec.Struct, frozen=True):
    """What wrong tries have shut: an account's password, from an address or (`*`) from everywhere."""

    person: str
    source: str
    since: datetime


class Locks(msgspec.Struct, frozen=True):
    """All that is shut now."""

    locks: tuple[LockRow, ...]


class IdentityRow(msgspec.Struct, frozen=True):
    """What a provider calls someone. `provider`: its id in the settings, empty where they name it no longer."""

    provider: str
    issuer: str
    subject: str
    linked_at: datetime
    linked_by: str


class Identities(msgspec.Struct, frozen=True):
    """Someone's links to agencies' own sign-ins."""

    identities: tuple[IdentityRow, ...]


class EndedIdentity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which link is to end."""

    issuer: Annotated[str, Meta(min_length=1, max_length=500)]
    subject: Annotated[str, Meta(min_length=1, max_length=255)]


class Renewal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long an account may sign in again; None: without an end."""

    hours: Annotated[int, Meta(ge=1, le=24 * 365)] | None = 72


class Released(msgspec.Struct, frozen=True):
    """How many locks were opened."""

    locks: int
