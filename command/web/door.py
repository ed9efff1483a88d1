"""The door in front of every handler: limits, origin, session, authorizer, handler, audit, in this order.

A handler is only ever reached through here, with a `Call` that says who asks and
what the authorizer answered. What it raises becomes an answer in `web.shell`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web

from command.access.audit import Outcome, entry
from command.access.authorizer import OPERATOR, authorize, may, stale
from command.access.model import Subject, Verdict
from command.access.sessions import Session, SignedIn, due_for_touch, liveness, subject_of, token_digest, usable
from command.devices.model import Device
from command.domain.submission import Answer, Submission
from command.errors import (
    Busy,
    Denied,
    EnrolFirst,
    MusterError,
    NotFound,
    NotSignedIn,
    SessionLocked,
    StepUpNeeded,
    TooLarge,
    Unreadable,
)
from command.service.api import Author
from command.store.ports import AuditRow
from command.web import bodies, tus
from command.web.device_door import identify_device, name_device
from command.web.limits import Buckets, Places, check_depth, line_of
from command.web.routes import Route
from command.web.services import LOOPBACK_HOSTS, Services, host_name

T = TypeVar("T")
S = TypeVar("S", bound=Submission)

_INCIDENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")  # as domain.ids has it
_NOT_ASKED: Final = Verdict(allow=False, reason="not asked yet")
_SIGN_INS: Final = frozenset({"session.begin", "session.redeem", "session.verify", "session.set-up", "device.enrol"})
_OURS: Final = "same-origin"
_FOREIGN: Final = Verdict(allow=False, reason="another origin")


class Call:
    """One request at the door. Handlers read it; only the door and the gate write it."""

    def __init__(self, request: web.Request, route: Route, services: Services) -> None:
        self.request = request
        self.route = route
        self.services = services
        self.action = route.action
        self.now: datetime = services.now()
        self.source = source_of(request, services)
        self.incident: str | None = request.match_info.get("id") if route.scoped else None
        self.object: str | None = self.incident
        self.session: Session | None = None
        self.subject: Subject | None = None
        self.locked = False  # the session waits for its person
        self.device: Device | None = None  # that signed the request, where a device is at the door
        self.named: str | None = None  # an enrolled device that the body names, unproven
        self.unsigned: NotSignedIn | None = None  # what is wrong with its signature
        self.verdict = _NOT_ASKED
        self.audited = False
        self.streaming: web.StreamResponse | None = None  # set once a long answer has begun

    @property
    def who(self) -> Subject:
        """Whoever is signed in. Raises NotSignedIn for nobody."""
        if self.subject is None:
            raise NotSignedIn("expected a session")
        return self.subject

    @property
    def log(self) -> str:
        """The incident this is about."""
        assert self.incident is not None, "only on routes about one incident"
        return self.incident

    def author(self) -> Author:
        """As whom this session sends commands to the incident (or opens one)."""
        who = self.who
        names = may(who, self.incident, self.now) if self.incident is not None else frozenset({"OpenIncident"})
        return Author(
            person=who.person,
            agency=who.agency,
            session=who.session,
            source=self.source,
            may=names,
            rank=who.rank,
            training=who.training,
            stale=stale(who, self.now, within=self.services.sign_in.settings.step_up_within) & names,
        )

    def judge(self, action: str) -> Verdict:
        """What the authorizer says to `action` now; it is what the trail then says."""
        self.action = action
        self.verdict = authorize(
            self.subject, action, self.incident, self.now, within=self.services.sign_in.settings.step_up_within
        )
        return self.verdict

    def also(self, action: str) -> Verdict:
        """Ask for a further action that this request turns out to be. Raises Denied."""
        verdict = self.judge(action)
        if not verdict.allow:
            raise denial(self)
        return verdict

    async def still(self) -> None:
        """Look again, in an answer that takes long: whoever lost their session or their sight gets no more of it.

        A screen that locked meanwhile, and a fresh proof that grew old, are as they were when it began.
        Raises NotSignedIn or Denied, which cuts the answer off.
        """
        before, who = self.verdict, self.subject
        await identify_again(self)
        if self.locked:
            self.subject = who
            return
        verdict = self.judge(self.action)
        if verdict.code != "step-up" and (not verdict.allow or verdict.lens != before.lens):
            raise denial(self)
        self.verdict = before

    async def record(self, outcome: Outcome, detail: str = "") -> None:
        """Write this request's audit entry; the first one stands."""
        if self.audited:
            return
        self.audited = True
        await self.services.store.audit([self.entry(outcome, detail)])

    def entry(self, outcome: Outcome, detail: str = "") -> AuditRow:
        """What the trail says of this request, for an act that keeps it in a transaction of its own."""
        now = self.services.now()
        return entry(self.subject, self.action, self.object, outcome, now, source=self.source, detail=detail)

    async def read(self, decoder: msgspec.json.Decoder[T]) -> T:
        """The body, decoded. Raises Unreadable (with the place, without the value) and TooLarge."""
        return bodies.decoded(decoder, await self._json())

    async def batch(self, one: msgspec.json.Decoder[S]) -> list[S | Answer]:
        """One submission or a list of them. One of several that cannot be read is answered at its place.

        Raises Unreadable and TooLarge where that is so of all of them.
        """
        return bodies.batch(one, await self._json())

    async def _json(self) -> bytes:
        raw = await self.raw(("application/json",), self.services.settings.max_body_bytes)
        check_depth(raw)
        return raw

    async def raw(self, media: Collection[str], limit: int) -> bytes:
        """The body as it came. Raises Unreadable for another media type, TooLarge, and Busy where it is too slow.

        Whoever lets us wait for it is looked at again: a session that ended meanwhile does nothing more.
        """
        waits = not self.request.content.is_eof()
        body = await _body(self.request, media, limit, self.services.settings.body_within_s)
        if waits:
            self.now = (
                self.services.now()
            )  # what a body asks for is judged when it is there: a code, a link, a challenge
            if self.session is not None and self.verdict.allow:
                await identify_again(self)
                _check_access(self)
        return body


Handler = Callable[[Call], Awaitable[web.StreamResponse]]
CALL: Final = web.RequestKey("call", Call)


class Limiter:
    """The rate limits of one application."""

    def __init__(self, services: Services) -> None:
        rates = services.settings.rates
        self._now = services.monotonic
        self._addresses = Buckets(rates.address_per_s, rates.address_burst)
        self._sessions = Buckets(rates.session_per_s, rates.session_burst)
        self._strangers = Buckets(rates.stranger_per_s, rates.stranger_burst)
        self._devices = Buckets(rates.device_per_s, rates.device_burst)
        self._sign_ins = Buckets(rates.sign_in_per_s, rates.sign_in_burst)
        self._reports = Buckets(rates.report_per_s, rates.report_burst)
        self._files = Places(rates.files, session=rates.files_per_session)
        self._sockets = Places(rates.sockets, session=rates.sockets_per_session, address=rates.sockets_per_address)

    def arrival(self, call: Call) -> None:
        """Before anything is looked up. Raises Busy."""
        line = line_of(call.source)
        self._addresses.take(line, self._now())
        if call.route.action in _SIGN_INS:
            self._sign_ins.take(line, self._now())

    def known(self, call: Call) -> None:
        """Once it is known who asks. Raises Busy. Files and pages are for anyone and cost no look-up."""
        if call.subject is not None and call.subject.session:
            self._sessions.take(call.subject.session, self._now())
        elif call.named is not None:
            # By address too: whoever knows a device's id elsewhere must not use up what it has where it is.
            self._devices.take(f"{call.named} {line_of(call.source)}", self._now())
        elif call.route.anonymous:
            self._reports.take(line_of(call.source), self._now())
        elif call.route.kind == "api":
            self._strangers.take(line_of(call.source), self._now())

    def place(self, call: Call) -> AbstractContextManager[None]:
        """Room for as long as the request lasts, where it becomes a socket or brings a file. Raises Busy on entry."""
        if tus.MEDIA in call.route.media:
            return self._files.hold(session=call.who.session)
        if call.route.answer != "websocket":
            return nullcontext()
        return self._sockets.hold(session=call.who.session, address=line_of(call.source))


def door(route: Route, handler: Handler, services: Services, limiter: Limiter) -> Callable[[web.Request], Any]:
    """The aiohttp handler of a route: everything in order around `handler`."""

    async def enter(request: web.Request) -> web.StreamResponse:
        call = Call(request, route, services)
        request[CALL] = call
        limiter.arrival(call)
        _check_id(call)
        if route.device:
            await identify_device(call)
        elif route.names_device:
            await name_device(call)
        elif route.kind == "api" and not route.anonymous:
            await identify(call)
        limiter.known(call)
        try:
            _check_origin(call)
            _check_access(call)
            _check_path(call.request)
            _check_query(call)
            if route.active:
                await touch(call)
            with limiter.place(call):
                response = await handler(call)
            if route.trail == "always":
                await call.record("ok", call.verdict.reason)
            return response
        except (Denied, NotSignedIn) as error:
            await call.record("denied", error.code if call.verdict.allow else call.verdict.reason)
            raise
        except MusterError as error:
            if route.trail != "refusals":
                await call.record("failed", error.code)
            raise
        except web.HTTPException:
            raise
        except (
            ConnectionError
        ):  # the client's line, for the database's is told as Unavailable: no fault of the server's
            if route.trail != "refusals":
                await call.record("failed", "cut")
            raise Unreadable("the line was cut before the answer was out", where="connection") from None
        except Exception:  # a fault of ours is in the trail as well; the shell answers it
            if route.trail != "refusals":
                await call.record("failed", "error")
            raise

    return enter


def _check_id(call: Call) -> None:
    """Raises NotFound for what no incident is called: it goes neither to the database nor into the trail."""
    if call.incident is not None and not _INCIDENT.fullmatch(call.incident):
        raise NotFound("there is no such incident")


async def identify(call: Call) -> None:
    """Set `call.subject` from the cookie as it stands in the store now; None where there is no live session."""
    services = call.services
    await identify_as(call, call.request.cookies.get(services.cookie.name, ""))
    if call.subject is None and call.action == "metrics.read" and _at_this_machine(call.request):
        call.subject = Subject(person="operator", name="", agency="", rank="", session="", source=OPERATOR)


async def identify_as(call: Call, token: str) -> None:
    """The same by a token itself, as at the sign-in that has just made it."""
    services = call.services
    call.now = services.now()
    call.subject = call.session = None
    digest = token_digest(token)
    _known(call, await services.access.signed_in(digest) if digest is not None else None)


async def identify_again(call: Call) -> None:
    """Look at the session that this call began with as it stands now: its token may be another since."""
    call.now = call.services.now()
    if call.session is not None:
        _known(call, await call.services.access.session(call.session.id))


def _known(call: Call, known: SignedIn | None) -> None:
    call.locked = False
    if known is None:
        call.subject = call.session = None
        return
    call.session, call.subject = known.session, subject_of(known, call.source, call.now)
    call.locked = usable(known.account, call.now) and liveness(known.session, call.now) == "idle"


def source_of(request: web.Request, services: Services) -> str:
    """The address of whoever asks: the peer, or what a trusted proxy says it passed on."""
    peer = request.remote or "unix"
    if peer in services.settings.trusted_proxies:
        passed_on = request.headers.getall("X-Forwarded-For", [])
        if passed_on:
            return passed_on[-1].rsplit(",", 1)[-1].strip() or peer
    return peer


def _at_this_machine(request: web.Request) -> bool:
    """A program on this machine that asks this machine by name, and no proxy between."""
    return (
        request.remote in ("127.0.0.1", "::1")
        and host_name(request.headers.get("Host", "").lower()) in LOOPBACK_HOSTS
        and not any(name.lower().startswith(("forwarded", "x-forwarded", "via")) for name in request.headers)
        and "Origin" not in request.headers
    )


def _check_origin(call: Call) -> None:
    """Raises Denied unless an unsafe request, or a socket from a browser, comes from a page of ours, exactly.

    And for a request of any method to the interface of which the browser itself says that another site's page made it
    (Fetch Metadata; ASVS 3.5.8): such a page could not read the answer, and has no business to ask.
    """
    site = call.request.headers.get("Sec-Fetch-Site", _OURS)
    if (
        call.route.kind == "api"
        and not call.route.anonymous
        and not call.route.any_host
        and site not in (_OURS, "none")
    ):
        call.verdict = _FOREIGN
        raise Denied("expected a page of this server to ask, or nobody's", where="Sec-Fetch-Site")
    sent = call.request.headers.getall("Origin", [])
    needed = (call.route.unsafe and not call.route.anonymous) or (sent and call.route.action == "incident.stream")
    if needed and (len(sent) != 1 or sent[0] not in call.services.settings.origins):
        call.verdict = _FOREIGN
        raise Denied("expected a page of this server as the origin", where="Origin")


def _check_path(request: web.Request) -> None:
    """Raises NotFound for a name with a zero byte: nothing is called so, and no text of a database can hold one."""
    if any("\0" in part for part in request.match_info.values()):
        raise NotFound("there is no such thing here")


def _check_query(call: Call) -> None:
    """Raises Unreadable for a parameter that the route does not know, or twice: a mistyped one would change what is
    asked for without a word. Pages keep theirs to themselves, and what is open to anyone is not looked at."""
    given = call.request.query
    if call.route.kind != "api" or call.route.any_host:
        return
    if len(given) != len(set(given)) or not set(given) <= set(call.route.query):
        known = f"of the query only {', '.join(call.route.query)}, each once" if call.route.query else "no query"
        raise Unreadable(f"expected {known}", where="query")


def _check_access(call: Call) -> None:
    """Raises NotSignedIn or Denied."""
    if not call.judge(call.action).allow:
        raise denial(call)


def denial(call: Call) -> MusterError:
    """The error that says what the authorizer said."""
    if call.unsigned is not None:
        return call.unsigned
    if call.subject is None or not call.subject.session:
        if call.locked:
            return SessionLocked("the session is locked: the same person signs in again, and goes on")
        return NotSignedIn("expected a session")
    match call.verdict.code:
        case "step-up":
            return StepUpNeeded(call.verdict.reason)
        case "enrol-first":
            return EnrolFirst(call.verdict.reason)
        case _:
            return Denied(call.verdict.reason)


async def touch(call: Call) -> None:
    """Write down an act of the user, where it is worth a write. Pings, pushes and polling never come here."""
    if call.session is not None and due_for_touch(call.session, call.now):
        await call.services.access.touch(call.session.id, call.now)


async def _body(request: web.Request, media: Collection[str], limit: int, within_s: float) -> bytes:
    if request.content_type not in media:
        raise Unreadable(f"expected content type {' or '.join(media)}", where="Content-Type")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unreadable("expected a body that is not compressed", where="Content-Encoding")
    if (request.content_length or 0) > limit:
        raise TooLarge(f"expected at most {limit} bytes", where="body")
    try:
        async with asyncio.timeout(within_s):
            return await request.read()
    except TimeoutError:
        raise Busy(f"the body did not arrive within {within_s:g} s", where="body") from None
    except ConnectionError:  # a tablet that walked out of reach: nobody hears this, and it is no fault of the server's
        raise Unreadable("expected the whole body, and the line was cut", where="body") from None
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge(f"expected at most {limit} bytes", where="body") from None
