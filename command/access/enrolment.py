"""Credentials of one's own: making, listing and ending them; the set-up code; the link for lost ones."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from command.access import codes, passkeys
from command.access.audit import entry
from command.access.authorizer import EVERY_INCIDENT
from command.access.credentials import SET_UP, Ceremony, CredentialStore, Passkey
from command.access.links import LIFETIME
from command.access.model import Account, Grant, Subject
from command.access.passwords import check_new
from command.access.ports import Link
from command.access.sessions import ENROL_ONLY, Session, new_session, new_token, token_digest
from command.access.signin import (
    CHALLENGE_LIVES,
    At,
    Challenge,
    Offer,
    Opened,
    SignIn,
    keep,
    new_challenge,
    take,
)
from command.errors import Denied, NotFound, Unreadable
from command.store.ports import AuditRow

SET_UP_LIVES: Final = timedelta(minutes=30)
"""Long enough to walk from the console to a browser; `muster user setup` prints another."""

TOTP_LIVES: Final = timedelta(minutes=10)
_PASSKEY, _TOTP = "new passkey", "new one-time codes"

_challenges: msgspec.json.Decoder[Challenge] = msgspec.json.Decoder(Challenge)


class TotpOffer(msgspec.Struct, frozen=True):
    """A secret that is not kept yet."""

    ceremony: str
    secret: str
    uri: str
    qr: str


class Enrolment:
    """What someone who is signed in does about their own credentials. Raises Denied, NotFound, Unreadable."""

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in
        self._store = sign_in.store

    async def passkey_options(self, at: At, who: Subject) -> Offer:
        """A challenge for a new passkey of `who`, bound to their session."""
        await self._first(at, who)
        challenge, host = new_challenge(at)
        held = await self._store.held(who.person)
        data = msgspec.json.encode(Challenge(challenge, host, at.origin))
        ceremony = await keep(self._store, _PASSKEY, _bound(who), who.person, data, at.now, CHALLENGE_LIVES)
        options = passkeys.creation(
            host=host, handle=self._sign_in.handle(who.person), person=who.person, name=who.name,
            challenge=challenge, known=held.passkeys,
        )  # fmt: skip
        return Offer(ceremony, options)

    async def add_passkey(self, at: At, who: Subject, ceremony: str, label: str, credential: dict[str, Any]) -> Opened:
        """Keep a new passkey; the session goes on as a verified one under a new token."""
        await self._first(at, who)
        kept = await take(self._store, ceremony, _PASSKEY, _bound(who), at.now)
        if kept is None:
            raise Denied("expected an answer to a challenge of this session, in time", where="ceremony")
        asked = _challenges.decode(kept.data)
        found = passkeys.made(credential, challenge=asked.challenge, host=asked.host, origin=asked.origin)
        if found is None:
            raise Denied("expected a passkey made here just now, with its user verified", where="credential")
        passkey = Passkey(found.id, who.person, found.public_key, found.counter, asked.host, label, at.now)
        token, session = self._renewed(at, who, "passkey")
        row = _row(who, "credential.add", at, "passkey")
        if not await self._store.add_passkey(passkey, session, row):
            raise Denied("expected a passkey that is not known yet, and a session that goes on", where="credential")
        return Opened(token, session, resumed=True)

    async def offer_totp(self, at: At, who: Subject) -> TotpOffer:
        """A secret for one-time codes. It counts once a code of it comes back with a password."""
        await self._first(at, who)
        secret = codes.new_totp_secret()
        box = self._sign_in.keys.seal(who.person, secret)
        ceremony = await keep(self._store, _TOTP, _bound(who), who.person, box, at.now, TOTP_LIVES)
        uri = codes.totp_uri(secret, who.person)
        return TotpOffer(ceremony, codes.base32(secret), uri, codes.qr_svg(uri))

    async def set_password(
        self, at: At, who: Subject, ceremony: str, password: str, code: str
    ) -> tuple[Opened, tuple[str, ...]]:
        """Keep a password with its one-time codes; returns the session under a new token, and recovery codes.

        Raises Unreadable with the reason for a password that is not taken; the offer stays for another.
        """
        await self._first(at, who)
        check_new(password, (who.person, who.name, who.agency))
        kept = await self._look(ceremony, at, who)
        secret = self._sign_in.keys.open(who.person, kept.data)
        step = codes.totp_step(secret, code, at.now, 0)
        if step is None:
            raise Unreadable("expected the code that the app shows now", where="code")
        if await take(self._store, ceremony, _TOTP, _bound(who), at.now) is None:
            raise Denied("expected an offer of this session, in time", where="ceremony")
        made = await self._sign_in.new_password(who.person, secret, step, password, at.now)
        plain, macs = self._codes(who.person)
        token, session = self._renewed(at, who, "password+totp")
        if not await self._store.set_password(made, macs, session, _row(who, "credential.add", at, "password")):
            raise Denied("expected a session that has not ended")
        return Opened(token, session, resumed=True), plain

    async def _first(self, at: At, who: Subject) -> None:
        """Raises Denied for whoever came by a link where its person has a way in already.

        A link is made by somebody else. If it could add a credential beside a person's own, whoever may invite could
        become anyone, and that person would notice nothing; a reset ends what they have, and shows.
        """
        if at.current is None or at.current.assurance not in ENROL_ONLY:
            return
        held = await self._store.held(who.person)
        if held.passkeys or held.password is not None or await self._store.identities(who.person):
            raise Denied("whoever has a credential signs in with it; if it is lost, an administrator resets it")

    async def _look(self, ceremony: str, at: At, who: Subject) -> Ceremony:
        digest = token_digest(ceremony)
        found = None if digest is None else await self._store.look(digest, _TOTP, _bound(who), at.now)
        if found is None:
            raise Denied("expected an offer of this session, in time", where="ceremony")
        return found

    async def new_recovery(self, at: At, who: Subject) -> tuple[str, ...]:
        """Ten recovery codes in the place of those from before."""
        if (await self._store.held(who.person)).password is None:
            raise Unreadable("expected a password first: recovery codes stand in for its one-time codes")
        plain, macs = self._codes(who.person)
        await self._store.set_recovery(who.person, macs, at.now, _row(who, "credential.add", at, "recovery codes"))
        return plain

    async def remove_passkey(self, at: At, who: Subject, credential: bytes) -> None:
        """End a passkey. Raises Unreadable for the last way in: another comes first."""
        held = await self._store.held(who.person)
        if held.password is None and [one.id for one in held.passkeys] == [credential]:
            raise Unreadable("expected another credential first: this is the only one", where="passkey")
        row = _row(who, "credential.remove", at, "passkey")
        if not await self._store.revoke_passkey(credential, who.person, at.now, row):
            raise NotFound("there is no such passkey")

    def _codes(self, person: str) -> tuple[tuple[str, ...], list[bytes]]:
        plain = tuple(codes.new_code() for _ in range(codes.RECOVERY_CODES))
        return plain, [codes.recovery_mac(self._sign_in.keys, person, code) for code in plain]

    def _renewed(self, at: At, who: Subject, how: str) -> tuple[str, Session]:
        """The caller's session under a new token, as proved just now."""
        assert at.current is not None, "a route about one's own credentials has a session"
        token = new_token()
        digest = token_digest(token)
        assert digest is not None, "new_token makes tokens that token_digest reads"
        # A session that a link or the set-up code opened is a full one from here on; an exercise stays one.
        assurance = at.current.assurance if who.exercise else how
        session = msgspec.structs.replace(
            at.current, token_sha256=digest, last_active_at=at.now, verified_at=at.now, assurance=assurance
        )
        return token, session


async def new_set_up_code(store: CredentialStore, keys: codes.Keys, now: datetime) -> str:
    """A code that makes the first administrator, once, within half an hour. Kept as a MAC."""
    code = codes.new_code()
    digest = keys.mac(SET_UP, codes.plain_code(code))
    await store.begin(Ceremony(digest, SET_UP, b"", "", b"", now, now + SET_UP_LIVES))
    return code


async def set_up(sign_in: SignIn, at: At, flow: str, code: str, account: Account) -> Opened:
    """Make the first administrator, who sets up a credential next. Raises Denied."""
    await sign_in.check_flow(at, flow)
    token = new_token()
    session = new_session(
        token, person=account.person, source=at.source, assurance="setup", now=at.now,
        idle_s=sign_in.settings.idle_s, desk=at.desk,
    )  # fmt: skip
    grant = Grant(person=account.person, role="administrator", incident=EVERY_INCIDENT, given_by="setup")
    row = entry(None, "session.set-up", session.id, "ok", at.now, source=at.source)
    row = msgspec.structs.replace(row, who=account.person, session=session.id)
    digest = sign_in.keys.mac(SET_UP, codes.plain_code(code))
    if not await sign_in.store.set_up(digest, account, [grant], session, row, at.now):
        raise Denied("this code was used, has expired, or never existed")
    return Opened(token, session, resumed=False)


async def identify(
    store: CredentialStore, issuer: str, subject: str, person: str, now: datetime, row: AuditRow, *, own: bool = False
) -> None:
    """Say what a provider calls someone who has no way in yet; `own`: whoever says so is that very person.

    Raises Unreadable. As with links: whoever may say it could otherwise name themselves beside a person's own credential,
    sign in as that person, and nothing would show. A reset ends what they have, and shows.
    """
    if await store.identity(issuer, subject) not in (None, person):
        raise Unreadable("expected a subject that is nobody else's here: end that link first", where="subject")
    held = await store.held(person)
    linked = [one for one in await store.identities(person) if (one.issuer, one.subject) != (issuer, subject)]
    if not own and (held.passkeys or held.password is not None or linked):
        raise Unreadable(
            "expected somebody without a way in: whoever has a credential is reset first, and a link is ended first",
            where="person",
        )
    await store.identify(issuer, subject, person, now, row)


async def reset(
    store: CredentialStore, person: str, *, base_url: str, now: datetime, by: Subject
) -> tuple[str, tuple[str, ...]] | None:
    """For lost credentials: all of them and all sessions end, and a link lets in to set up new ones.

    Returns (link, ids of the ended sessions), None where there is no such person or they are disabled.
    """
    token = new_token()
    digest = token_digest(token)
    assert digest is not None, "new_token makes tokens that token_digest reads"
    link = Link(digest, person, now, now + LIFETIME, by.person)
    row = entry(by, "user.reset", person, "ok", now, source=by.source)
    ended = await store.reset(person, link, now, row)
    return None if ended is None else (f"{base_url.rstrip('/')}/link#{token}", ended)


def _bound(who: Subject) -> bytes:
    return hashlib.sha256(b"session " + who.session.encode()).digest()


def _row(who: Subject, action: str, at: At, what: str) -> AuditRow:
    return entry(who, action, who.person, "ok", at.now, source=at.source, detail=what)


def expires(hours: float | None, now: datetime) -> datetime | None:
    """When an account ends that is made for so many hours."""
    return None if hours is None else now + timedelta(hours=hours)
