"""Signing in: from an acknowledged banner, by a proof, to a session. See docs/design/009-sign-in.md.

Nothing here says which part of a sign-in was wrong, and a name that nobody has takes the same way and time as another.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from command.access import codes, passkeys
from command.access.audit import entry
from command.access.authorizer import STEP_UP_WITHIN
from command.access.credentials import STRANGER, Ceremony, CredentialStore, Entered, Held, Password, Proof
from command.access.passwords import Hasher, Profile, nobodys
from command.access.ports import AccessStore
from command.access.sessions import IDLE_S, Session, new_session, new_token, token_digest
from command.errors import Corrupt, Denied, TriesUsedUp, Unreadable

FLOW_LIVES: Final = timedelta(minutes=10)
CHALLENGE_LIVES: Final = timedelta(minutes=5)
HASHES_AT_ONCE: Final = 4
"""Each takes 19 MiB and some tens of milliseconds of a core; the others wait their turn behind the rate limits."""

BANNER: Final = """\
This is a system of a law enforcement agency. It may be used by authorized persons only.
Its use may be monitored, recorded and audited.
Unauthorized use is prohibited and may be prosecuted under criminal and civil law.
Whoever uses it consents to being monitored and recorded."""
"""The four statements of CJISSECPOL AC-8; an agency sets its own words."""

_FAILED: Final = "that did not work"
_FLOW, _PASSKEY = "flow", "passkey"


class Settings(msgspec.Struct, frozen=True):
    """How this server signs people in. `key`: 32 bytes from outside the database."""

    key: bytes
    exercise: bool = False  # one-time links sign in by themselves: nothing here is real
    idle_s: int = IDLE_S
    step_up_within: timedelta = STEP_UP_WITHIN
    profile: Profile = "default"
    banner: str = BANNER

    @property
    def banner_id(self) -> str:
        """Changes with the text, so that nobody acknowledges words that they were not shown."""
        return hashlib.sha256(self.banner.encode()).hexdigest()[:16]


class At(msgspec.Struct, frozen=True):
    """Where and when someone stands: a browser (its desk), an address, an origin of ours, and who sits there so far."""

    desk: bytes
    source: str
    origin: str
    now: datetime
    current: Session | None = None  # whoever's session the browser holds, live or locked


class Challenge(msgspec.Struct, frozen=True):
    """What a passkey is to sign, and where. Kept as a ceremony's data."""

    challenge: bytes
    host: str
    origin: str


class Offer(msgspec.Struct, frozen=True):
    """What the browser is asked with, and the name under which its answer comes back."""

    ceremony: str
    options: dict[str, Any]


class Opened(msgspec.Struct, frozen=True):
    """A sign-in that worked: the cookie's token, and the session that it is for."""

    token: str
    session: Session
    resumed: bool
    recovery_left: int | None = None


_challenges: msgspec.json.Decoder[Challenge] = msgspec.json.Decoder(Challenge)


class SignIn:
    """The ways in. Raises Denied without saying why, TriesUsedUp, Unreadable, Unavailable."""

    def __init__(self, store: CredentialStore, accounts: AccessStore, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.keys = codes.Keys(settings.key)
        self._accounts = accounts
        self._hasher = Hasher(settings.profile)
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)

    async def begin(self, at: At, banner: str) -> tuple[str, datetime]:
        """The banner was acknowledged: a flow for this browser, and until when."""
        if banner != self.settings.banner_id:
            raise Unreadable("expected the banner that is shown now", where="banner")
        return await keep(self.store, _FLOW, at.desk, "", b"", at.now, FLOW_LIVES), at.now + FLOW_LIVES

    async def check_flow(self, at: At, flow: str) -> None:
        """Raises Denied unless the banner was acknowledged in this browser within ten minutes."""
        digest = token_digest(flow)
        if digest is None or await self.store.look(digest, _FLOW, at.desk, at.now) is None:
            raise Denied("expected the banner to be acknowledged first", where="flow")

    async def passkey_options(self, at: At, flow: str) -> Offer:
        """A challenge for whichever passkey of this host."""
        await self.check_flow(at, flow)
        return await self.offer(at, _PASSKEY, at.desk, "")

    async def offer(self, at: At, kind: str, binding: bytes, person: str) -> Offer:
        """A fresh challenge for `navigator.credentials.get`, once, for five minutes."""
        challenge, host = new_challenge(at)
        data = msgspec.json.encode(Challenge(challenge, host, at.origin))
        ceremony = await keep(self.store, kind, binding, person, data, at.now, CHALLENGE_LIVES)
        return Offer(ceremony, passkeys.request(host=host, challenge=challenge))

    async def passkey(self, at: At, flow: str, ceremony: str, credential: dict[str, Any]) -> Opened:
        """Sign in with what an authenticator signed. The challenge is used up whatever comes of it."""
        await self.check_flow(at, flow)
        kept = await take(self.store, ceremony, _PASSKEY, at.desk, at.now)
        identifier = passkeys.credential_id(credential)
        known = await self.store.passkey(identifier) if kept is not None and identifier is not None else None
        if kept is None or known is None:
            raise Denied(_FAILED)
        asked = _challenges.decode(kept.data)
        handle = self.handle(known.person)
        found = passkeys.signed(
            credential, known, challenge=asked.challenge, host=asked.host, origin=asked.origin, handle=handle
        )
        if not isinstance(found, int):
            raise PasskeyRefused(known.person, found)
        return await self.enter(at, known.person, Proof(passkey=(known.id, known.counter, found)), "passkey")

    async def password(self, at: At, flow: str, typed: str, password: str, code: str) -> Opened:
        """Sign in with a password and a one-time code, or a recovery code in its place."""
        await self.check_flow(at, flow)
        account = await self._accounts.account(typed)
        person = account.person if account is not None else None
        key = person or STRANGER + self.keys.mac("stranger", typed).hex()[:32]
        if not await self.store.attempt(key, at.source, at.now):
            raise TriesUsedUp("too many wrong tries: an administrator can unlock it, and a passkey still works")
        held = await self.store.held(key)
        proof = await self._proof(held, password, code, at.now)
        if person is not None and proof is not None:
            how = "password+recovery" if proof.recovery is not None else "password+totp"
            left = held.recovery_left - 1 if proof.recovery is not None else None
            opened = await self._enter(at, person, proof, how, left)
            if opened is not None:
                return opened
        wrong = entry(None, "session.verify", person, "denied", at.now, source=at.source, detail="password")
        shut = msgspec.structs.replace(wrong, detail="shut after wrong tries")
        await self.store.wrong(key, at.source, at.now, wrong, shut)
        raise WrongTry(_FAILED)

    async def _proof(self, held: Held, password: str, code: str, now: datetime) -> Proof | None:
        """What the password and code amount to. The hash is checked whether or not there is one to check."""
        kept = held.password
        phc = kept.phc if kept is not None else nobodys(self.settings.profile)
        async with self._hashing:
            right, fresh = await asyncio.to_thread(_check, self._hasher, phc, password)
        if kept is None or not right:
            return None
        try:
            step = codes.totp_step(self.keys.open(kept.person, kept.totp), code, now, kept.last_step)
        except Corrupt:  # of a secret that was renewed: no code is right, and that says nothing of the password
            step = None
        if step is not None:
            return Proof(totp=(kept.last_step, step), phc=(phc, fresh))
        return Proof(recovery=codes.recovery_mac(self.keys, kept.person, code), phc=(phc, fresh))

    async def hashed(self, password: str) -> str:
        """A hash of a new password."""
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def new_password(self, person: str, secret: bytes, step: int, password: str, now: datetime) -> Password:
        """A password as it is kept, beside the secret of its codes."""
        return Password(person, await self.hashed(password), self.keys.seal(person, secret), step, now)

    def handle(self, person: str) -> bytes:
        """What authenticators call someone: says nothing about them (WebAuthn §14.6.1)."""
        return self.keys.mac("user handle", person)

    async def enter(
        self, at: At, person: str, proof: Proof, how: str, *, verified_at: datetime | None = None
    ) -> Opened:
        """Open a session on a proof, or go on with one. Raises Denied where the proof does not hold any more."""
        opened = await self._enter(at, person, proof, how, None, verified_at)
        if opened is None:
            raise Denied(_FAILED)
        return opened

    async def _enter(
        self, at: At, person: str, proof: Proof, how: str, left: int | None, verified_at: datetime | None = None
    ) -> Opened | None:
        token = new_token()
        session = new_session(
            token, person=person, source=at.source, assurance=how, now=at.now, idle_s=self.settings.idle_s,
            verified=True, desk=at.desk,
        )  # fmt: skip
        if verified_at is not None:
            session = msgspec.structs.replace(session, verified_at=min(verified_at, at.now))
        resume = at.current.id if at.current is not None and at.current.person == person else None
        row = entry(None, "session.verify", session.id, "ok", at.now, source=at.source, detail=how)
        entered: Entered | None = await self.store.enter(person, proof, session, resume, row, at.now)
        return None if entered is None else Opened(token, entered.session, entered.resumed, left)


class WrongTry(Denied):
    """A sign-in that did not work and is on the trail already."""


class PasskeyRefused(Denied):
    """A passkey that is known, and an answer that is not its proof. `why` is for the trail alone."""

    def __init__(self, person: str, why: str) -> None:
        super().__init__(_FAILED)
        self.person = person
        self.why = why


def new_challenge(at: At) -> tuple[bytes, str]:
    """(challenge, host). Raises Unreadable where this address can have no passkeys."""
    host = passkeys.host_of(at.origin)
    if host is None:
        raise Unreadable("expected a host name in the address: passkeys do not work under a number", where="Origin")
    return secrets.token_bytes(passkeys.CHALLENGE_BYTES), host


async def keep(
    store: CredentialStore, kind: str, binding: bytes, person: str, data: bytes, now: datetime, lives: timedelta
) -> str:
    """Begin a ceremony; returns the token that stands for it."""
    token = new_token()
    digest = token_digest(token)
    assert digest is not None, "new_token makes tokens that token_digest reads"
    await store.begin(Ceremony(digest, kind, binding, person, data, now, now + lives))
    return token


async def take(store: CredentialStore, token: str, kind: str, binding: bytes, now: datetime) -> Ceremony | None:
    """Use a ceremony up."""
    digest = token_digest(token)
    return None if digest is None else await store.take(digest, kind, binding, now)


def _check(hasher: Hasher, phc: str, password: str) -> tuple[bool, str]:
    """Whether the password is right, and its hash as it should be kept from now on."""
    right = hasher.check(phc, password)
    return right, hasher.hash(password) if right and hasher.outdated(phc) else phc
