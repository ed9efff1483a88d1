"""A whole server for the tests of the web room: real service, real views, memory for a database, a clock to move."""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import aiohttp
import msgspec
from aiohttp import web

from command.access.links import invite
from command.access.memory import MemoryAccess
from command.access.memory_credentials import MemoryCredentials
from command.access.model import Account, Role, Subject
from command.access.oidc import OidcClient, Provider
from command.access.sessions import token_digest
from command.access.signin import Settings as SignInSettings
from command.access.signin import SignIn
from command.devices.desk import open_desk
from command.devices.intake import StoredDevices
from command.devices.memory import MemoryDevices
from command.service.attachments import Attachments
from command.service.checkpoints import Checkpoints
from command.service.core import Service
from command.store.memory import MemoryKeyStore, MemoryStore
from command.store.memory_blobs import MemoryBlobs
from command.store.memory_checkpoints import MemoryCheckpoints
from command.store.ports import AuditRow
from command.views.bound import BoundViews
from command.web.app import build_app, build_runner
from command.web.assets import Asset, Assets
from command.web.counters import Counters
from command.web.routes import Route
from command.web.services import Rates, Services, WebSettings
from tests.support.node import free_port
from tests.web.plan import plan

SIGNING_KEY = bytes(range(32))
START = datetime(2016, 5, 1, 18, 0, tzinfo=UTC)
OPERATOR = Subject(person="installer", name="", agency="spd", rank="", session="", source="cli")
ASSETS = Assets(
    build="0123456789abcdef",
    files={"static/app.js": Asset(b"export {};", "text/javascript; charset=utf-8")},
    pages={"index": b'<!doctype html><script type="module" src="/files/0123456789abcdef/static/app.js"></script>'},
)
PEOPLE: dict[Role, str] = {
    "commander": "spd", "field": "spd", "assisting": "kcso", "reviewer": "opa", "administrator": "spd",
    "display": "spd", "supervisor": "spd", "processing": "spd", "medical": "ems", "public": "spd",
}  # fmt: skip


async def _no_socket(request: web.Request) -> web.StreamResponse:
    """The socket has tests of its own; here it is only reached."""
    return web.Response(text="reached")


class Answer(msgspec.Struct):
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


class Site:
    """A running server and the hands to use it."""

    def __init__(self, services: Services, store: MemoryStore, access: MemoryAccess, base: str) -> None:
        self.services = services
        self.store = store
        self.access = access
        self.base = base
        self.now = START
        self.acts: list[AuditRow] = []  # entries that access wrote in its own acts
        self.on_act: Callable[[AuditRow], None] = self.acts.append  # a test may make it fail
        self.ended: list[str] = []
        self.on_socket: Callable[[web.Request], Awaitable[web.StreamResponse]] = _no_socket
        self.client: aiohttp.ClientSession
        self.sessions: dict[str, str] = {}

    def move(self, **delta: float) -> None:
        """Let time pass."""
        self.now += timedelta(**delta)

    def hurry(self, body_within_s: float) -> None:
        """From here on a body has only so long: said once everything before it has had its time."""
        settings = msgspec.structs.replace(self.services.settings, body_within_s=body_within_s)
        msgspec.structs.force_setattr(self.services, "settings", settings)

    async def kept(self, since: int = 0) -> list[AuditRow]:
        """Audit entries that the door and the service wrote, oldest first, after the first `since`."""
        return [row for _, row in reversed(await self.store.audit_entries(None, 10_000))][since:]

    async def trail(self) -> list[AuditRow]:
        """Every audit entry so far, those of access's own acts last."""
        return await self.kept() + self.acts

    async def link(
        self, role: Role | None, incident: str = "*", person: str | None = None, **scope: Sequence[Any]
    ) -> str:
        """A one-time link's token for someone of this role; `scope` are its units and compartments."""
        name = person or f"{role}-1"
        account = Account(person=name, name=f"CANARY-NAME {name}", agency=PEOPLE.get(role or "field", "spd"))
        purpose: Literal["enrol", "display"] = "display" if role == "display" else "enrol"
        url = await invite(
            self.access, account, role, incident=incident, base_url=self.base, now=self.now, by=OPERATOR,
            purpose=purpose, **scope,
        )  # fmt: skip
        return url.partition("#")[2]

    async def sign_in(self, role: Role, incident: str = "*", person: str | None = None, **scope: Sequence[Any]) -> str:
        """Sign someone in through the front door; returns the Cookie header."""
        answer = await self.call("POST", "/api/session", {"link": await self.link(role, incident, person, **scope)})
        assert answer.status == 204, answer.body
        cookie: str = answer.headers["Set-Cookie"].partition(";")[0]
        found = await self.access.signed_in(token_digest(cookie.partition("=")[2]) or b"")
        assert found is not None
        self.store.add_session(found.session.id, found.session.absolute_until)
        self.sessions[cookie] = found.session.id
        return cookie

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        cookie: str = "",
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """One request, with our own Origin unless `headers` say otherwise ("" leaves one out)."""
        sent = {"Origin": self.base, "Cookie": cookie, **(headers or {})}
        text = raw if raw is not None else None if body is None else json.dumps(body).encode()
        data = None if text is None else io.BytesIO(text)
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        sent = {name: value for name, value in sent.items() if value}
        url = self.base.replace("https:", "http:") + path
        async with self.client.request(method, url, data=data, headers=sent, allow_redirects=False) as got:
            return Answer(got.status, got.headers.copy(), await got.read())

    async def open(self, cookie: str, name: str = "May Day") -> str:
        """Open an incident; returns its id."""
        command = {
            "type": "OpenIncident", "name": name, "kind": "planned", "lead_agency": "spd",
            "lead_agency_name": "Seattle Police", "time_zone": "America/Los_Angeles", "commander": "commander-1",
        }  # fmt: skip
        answer = await self.call(
            "POST", "/api/incidents", submission(command, issued_at=self.now.isoformat()), cookie=cookie
        )
        assert answer.status == 201, answer.body
        incident: str = answer.json["incident"]
        return incident


def path_of(route: Route, incident: str = "i-1") -> str:
    """A path that this route matches."""
    path = route.path.replace("{id}", incident).replace("{build}", "0123456789abcdef").replace("{path:.+}", "app.js")
    return re.sub(r"\{\w+\}", "x-1", path)


def submission(command: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A command in the form in which it is sent."""
    return {"cmd": str(uuid.uuid4()), "command": command, "issued_at": START.isoformat(), **more}


def note(text: str = "CANARY-TEXT") -> dict[str, Any]:
    """A log entry as a submission."""
    return submission({"type": "RecordEntry", "entry": str(uuid.uuid4()), "text": text})


@asynccontextmanager
async def running(
    rates: Rates | None = None,
    *,
    tls: bool = False,
    assets: Assets = ASSETS,
    exercise: bool = True,
    host: str = "127.0.0.1",
    providers: tuple[Provider, ...] = (),
    port: int | None = None,
    **settings: Any,
) -> AsyncIterator[Site]:
    """A site on a free port, its own database, its own clock; `tls`: as behind a proxy that speaks it.

    In an `exercise` links sign in by themselves, which is what most tests want; those of signing in do without.
    """
    port = port or free_port()
    base = f"{'https' if tls else 'http'}://{host}:{port}"
    site: Site

    def keep(row: AuditRow) -> None:
        site.on_act(row)

    store, access = MemoryStore(lambda: site.now), MemoryAccess(keep)
    credentials = MemoryCredentials(access, keep)
    sign_in = SignIn(credentials, access, SignInSettings(key=b"k" * 32, exercise=exercise))
    devices, keys = MemoryDevices(access, keep, store), MemoryKeyStore()
    service = Service(store, keys, plan(), devices=StoredDevices(devices))

    async def erasure(_log: str, _subject: str) -> str:
        return "complete: a store in memory has no copies"

    async def socket(request: web.Request) -> web.StreamResponse:
        return await site.on_socket(request)

    services = Services(
        service=service,
        store=store,
        access=access,
        sign_in=sign_in,
        oidc=OidcClient(sign_in, providers),
        devices=open_desk(devices, keys, service, b"k" * 32),
        views=BoundViews(service.stack_of, lambda: site.now),
        settings=WebSettings(base_urls=(base,), rates=rates or Rates(), **settings),
        assets=assets,
        counters=Counters(),
        now=lambda: site.now,
        monotonic=lambda: site.now.timestamp(),
        socket=socket,
        open_disclosures=service.vault.open,
        basemap=lambda state: b'{"type":"FeatureCollection","features":[]}',
        session_ended=lambda session: site.ended.append(session),
        attachments=Attachments(MemoryBlobs(store), keys, lambda: site.now),
        checkpoints=Checkpoints(MemoryCheckpoints(store, lambda: site.now), lambda: (SIGNING_KEY,), lambda row: None),
        erasure=erasure,
        gauges=lambda: {"sockets": 3.0, "events_appended_total": 17.0},
    )
    site = Site(services, store, access, base)
    runner = build_runner(build_app(services), services.settings)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await service.start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
            site.client = client
            yield site
    finally:
        await service.stop()
        await runner.cleanup()
