"""The composition root: from settings to a running node. Everything that is started here is stopped here, in reverse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
import structlog
from aiohttp import web

from command.access.agencies import AgencyBook
from command.access.credentials import CredentialStore
from command.access.oidc import OidcClient
from command.access.ports import AccessStore
from command.access.postgres import PostgresAccess
from command.access.postgres_credentials import PostgresCredentials
from command.access.signin import SignIn
from command.access.watch import SocketWatch
from command.clock import Steady, behind, utc_now
from command.config import Settings
from command.devices.desk import open_desk
from command.devices.intake import StoredDevices
from command.devices.ports import DeviceStore
from command.devices.postgres import PostgresDevices
from command.domain.state import State
from command.erasures import Erasures
from command.errors import Misconfigured
from command.library import load_stack, read_files
from command.policy.stack import Stack
from command.service.attachments import Attachments
from command.service.change_heads import ChangeHeads
from command.service.checkpoints import Checkpoints
from command.service.command_digests import keyed
from command.service.core import Service
from command.service.vault import Vault
from command.signing_in import read_providers, sign_in_settings
from command.store.attach import running_dsn
from command.store.blobs import PostgresBlobs
from command.store.change_tree import PostgresChangeTree
from command.store.checkpoints import PostgresCheckpoints
from command.store.command_keys import key_commands
from command.store.embedded import embedded
from command.store.keyring import KEK, SECRET, load_key, signing_keys, wrapping_keys
from command.store.keys import PostgresKeyStore, wrapped_under
from command.store.migrate import migrate
from command.store.noted import noted_last
from command.store.own_secret import check_secret, load_secret
from command.store.ports_checkpoints import CheckpointRow
from command.store.postgres import PostgresStore, open_pool
from command.store.provision import APP, DATABASE, KEYS_DATABASE, OWNER
from command.stream.hub import Hub
from command.tls import files as tls_files
from command.tls.authority import fingerprint, names_of
from command.tls.live import Certificate
from command.views.bound import BoundViews
from command.web import assets, listening
from command.web.app import build_app, build_runner
from command.web.counters import Counters
from command.web.gate import WebGate
from command.web.plain import Plain, build_plain
from command.web.services import Rates, Services, WebSettings
from command.web.socket import socket_handler
from command.web.trail_watch import TrailWatch

_log = structlog.get_logger("command.bootstrap")

# A part of a file is written in some milliseconds; the tablets of a whole shift come back within minutes.
BLOB_CONNECTIONS = 4

# Sessions, accounts and links are read at every request, for a millisecond each.
ACCESS_CONNECTIONS = 4

HTTPS_PORT = 443

# Where a running server says how browsers reach it, so that `muster user invite` makes links that work.
REACHED = "reached-at"

EMPTY_MAP = b'{"type":"FeatureCollection","features":[],"credits":[]}'


class Backend(NamedTuple):
    """The database's side of a node."""

    store: PostgresStore
    keys: PostgresKeyStore
    access: AccessStore
    credentials: CredentialStore
    devices: DeviceStore
    sign_in_key: bytes  # for what signing in keeps: not the one that wraps private keys, which is rotated
    blobs: PostgresBlobs
    checkpoints: PostgresCheckpoints
    database_died: Callable[[], asyncio.Task[None]] | None
    databases: Databases


class Databases(NamedTuple):
    """URLs: as application, as owner, and of the key store."""

    app: str
    owner: str
    keys: str


@asynccontextmanager
async def open_backend(
    settings: Settings, *, attach: bool = False, existing: bool = False, restoring: bool = False
) -> AsyncIterator[Backend]:
    """The stores of these settings. Starts the embedded database unless it runs already and `attach` allows that.

    `existing`: for commands that only look at what is there; a data directory that is none is not made for them.
    `restoring`: for what brings the secret of signing in back, so that whichever is there, or none, will do.
    Raises Misconfigured with what to do about it.
    """
    if existing and not settings.database and not (settings.data / "postgres" / "pgdata").is_dir():
        raise Misconfigured("expected a data directory that muster serve has made (--data)", where=str(settings.data))
    async with AsyncExitStack() as stack:
        databases, keeper = await _databases(settings, stack, attach=attach)
        await migrate(databases.owner, urlsplit(databases.app).username or APP)
        store = await stack.enter_async_context(
            await PostgresStore.connect(
                databases.app,
                appenders=settings.appenders,
                readers=settings.readers,
                wall=Steady(time.monotonic, _set_back).feed,
            )
        )
        files = settings.data / "keys"
        named = await wrapped_under(databases.keys)
        kek = _wrapping_key(files / KEK, named)
        secret = load_secret(files / SECRET, first=restoring or not named)
        keys = await stack.enter_async_context(
            await PostgresKeyStore.connect(databases.keys, kek, again=lambda: wrapping_keys(files))
        )
        await key_commands(databases.owner, Vault(store, keys).command_key, keyed)
        if not restoring:
            await check_secret(keys.pool, secret, files / SECRET)
        pool = await open_pool(databases.app, ACCESS_CONNECTIONS)
        stack.push_async_callback(pool.close)
        files_pool = await open_pool(databases.app, BLOB_CONNECTIONS)
        stack.push_async_callback(files_pool.close)
        blobs = PostgresBlobs(files_pool)
        access, credentials, devices = PostgresAccess(pool), PostgresCredentials(pool), PostgresDevices(pool)
        checkpoints = PostgresCheckpoints(store.pool)
        yield Backend(store, keys, access, credentials, devices, secret, blobs, checkpoints, keeper, databases)


def _wrapping_key(path: Path, named: str) -> bytes:
    """The wrapping key; made where there is none and nothing was wrapped yet, under the one so `named`.

    Raises Misconfigured.

    One that is gone is never made anew: it would open nothing, and hide that the file is missing.
    """
    if not path.exists() and named:
        raise Misconfigured(
            f"expected the key file that the keys were wrapped under ({named}), which is not there: bring it back from a "
            "copy or from another node",
            where=str(path),
        )
    return load_key(path)


@asynccontextmanager
async def open_databases(settings: Settings, *, attach: bool = False) -> AsyncIterator[Databases]:
    """The databases as they are: nothing is migrated, no key is made. For looking whether they are fit."""
    async with AsyncExitStack() as stack:
        yield (await _databases(settings, stack, attach=attach))[0]


async def _databases(
    settings: Settings, stack: AsyncExitStack, *, attach: bool
) -> tuple[Databases, Callable[[], asyncio.Task[None]] | None]:
    if settings.database:
        owner = settings.database_owner or settings.database
        return Databases(settings.database, owner, settings.database_keys), None
    place = settings.data / "postgres"
    dsn = running_dsn(place) if attach else None
    keeper = None
    if dsn is None:
        cluster = await stack.enter_async_context(
            embedded(place, bin_dir=Path(settings.pg_bin) if settings.pg_bin else None)
        )
        dsn = cluster.dsn
        task = asyncio.create_task(cluster.keep_alive(), name="keep postgres alive")
        stack.push_async_callback(_end, task)
        keeper = _watched(task)
    return Databases(dsn(DATABASE, APP), dsn(DATABASE, OWNER), dsn(KEYS_DATABASE, APP)), keeper


def _watched(task: asyncio.Task[None]) -> Callable[[], asyncio.Task[None]]:
    return lambda: task


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class Node(NamedTuple):
    """A running server."""

    backend: Backend
    service: Service
    stack: Stack
    base_urls: tuple[str, ...]
    stopped: asyncio.Event
    certificate: Certificate | None  # to be read again on SIGHUP
    sign_in: SignIn


@asynccontextmanager
async def open_service(
    settings: Settings, *, attach: bool = False, existing: bool = False
) -> AsyncIterator[tuple[Backend, Service]]:
    """A service on these stores, without a door: what the command line's own work goes through."""
    files = read_files(settings.packs)
    plan = load_stack(files)
    async with open_backend(settings, attach=attach, existing=existing) as backend:
        service = Service(
            backend.store, backend.keys, plan, packs=files, devices=StoredDevices(backend.devices),
            agencies=AgencyBook(backend.access, utc_now),
        )  # fmt: skip
        await service.start()
        try:
            yield backend, service
        finally:
            await service.stop()


@asynccontextmanager
async def open_node(
    settings: Settings, *, now: Callable[[], datetime] | None = None, basemap: Callable[[State], bytes] | None = None
) -> AsyncIterator[Node]:
    """A whole server, listening. Order of the end: sockets, requests, writers, database.

    `now`: a test's clock. Raises Misconfigured where this machine's clock was set back while nothing ran, and where
    something is missing that was there.
    """
    certificate = open_certificate(settings)
    async with open_service(settings) as (backend, service), AsyncExitStack() as stack:
        if now is None:
            check_clock(utc_now(), await noted_last(backend.store.pool))
            now = Steady(time.monotonic, _set_back).of(utc_now)
        sign_in = await open_sign_in(settings, backend, now)
        views = BoundViews(service.stack_of, now, service.stack_of)
        hub = await stack.enter_async_context(Hub(service, views, SocketWatch(backend.access, now)))
        checkpoints = open_checkpoints(settings, backend, hub)
        await checkpoints.publish()
        service.watch(checkpoints.note)
        stack.push_async_callback(_end, asyncio.create_task(checkpoints.run(), name="sign heads"))
        changes = open_change_heads(settings, backend)
        stack.push_async_callback(_end, asyncio.create_task(changes.run(), name="sign changes"))
        trail = TrailWatch(backend.store.try_audit)
        stack.push_async_callback(_end, asyncio.create_task(trail.run(), name="watch the audit trail"))
        attachments = Attachments(backend.blobs, backend.keys, now)
        stack.push_async_callback(_end, asyncio.create_task(attachments.run(), name="sweep uploads"))
        listener = listening.listener(settings.host, settings.port)
        port = listener.getsockname()[1]
        base_urls = urls_of(settings, port)
        rates, proxies = listening.within_files(Rates()), frozenset(settings.trusted_proxies)
        web_settings = WebSettings(base_urls=base_urls, trusted_proxies=proxies, rates=rates)
        shown = basemap or read_basemap(settings)
        services = Services(
            service=service,
            store=backend.store,
            access=backend.access,
            sign_in=sign_in,
            oidc=OidcClient(sign_in, read_providers(settings.oidc)),
            devices=open_desk(backend.devices, backend.keys, service, backend.sign_in_key, authority_of(settings)),
            views=views,
            settings=web_settings,
            assets=assets.load(assets.find_roots()),
            counters=Counters(),
            now=now,
            monotonic=time.monotonic,
            socket=socket_handler(
                hub, service, views, WebGate(), origins=web_settings.origins, covering=_covering(checkpoints)
            ),
            checkpoints=checkpoints,
            open_disclosures=service.vault.open,
            basemap=shown,
            session_ended=lambda session: _close(hub, session),
            attachments=attachments,
            erasure=Erasures(backend.store, backend.keys, now).of_subject,
            gauges=lambda: {**_gauges(service, hub), **trail.gauges()},
        )
        runner = build_runner(build_app(services), web_settings)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        stack.push_async_callback(hub.close)
        context = certificate.context if certificate else None
        await listening.Site(runner, listener, context, web_settings.head_within_s).start()
        if certificate is not None:
            await _beside_tls(settings, certificate, web_settings, now, stack)
        reached = settings.data / REACHED
        reached.write_text(base_urls[0], encoding="utf-8")
        stack.callback(reached.unlink, missing_ok=True)
        _log.info("listening", url=base_urls[0], packs=list(service.stack.digests))
        yield Node(backend, service, service.stack, base_urls, asyncio.Event(), certificate, sign_in)


def check_clock(now: datetime, noted: datetime | None) -> None:
    """Raises Misconfigured for a clock that would let sessions, links and codes live longer than they may."""
    late_s = behind(now, noted)
    if late_s:
        raise Misconfigured(
            f"expected a clock that is not behind the record: the trail's newest entry is of {noted:%Y-%m-%d %H:%M:%S} UTC, "
            f"{late_s:.0f} s from now. Set the clock right; or, where it was wrong before and is right now, end what it let "
            "live with: muster session end --everyone",
            where="clock",
        )


def _set_back(by_s: float) -> None:
    _log.error(
        "the clock was set back; the time goes on as if it were not, until it is set right or restarted", by_s=by_s
    )


async def open_sign_in(settings: Settings, backend: Backend, now: Callable[[], datetime]) -> SignIn:
    """The ways in, by the settings. Raises Misconfigured for an exercise where someone holds a credential.

    Outside an exercise, what links of an earlier one opened here ends.
    """
    if settings.exercise and (await backend.credentials.anyone())[1]:
        raise Misconfigured(
            "expected a data directory without credentials for an exercise: links alone would sign in", where="exercise"
        )
    if not settings.exercise:
        await backend.credentials.end_exercises(now())
    return SignIn(backend.credentials, backend.access, sign_in_settings(settings, backend.sign_in_key))


def reached_at(settings: Settings) -> str:
    """How browsers reach the server of these settings: the running one's own word, else what the settings say."""
    try:
        return (settings.data / REACHED).read_text(encoding="utf-8").strip() or settings.base_urls(settings.port)[0]
    except OSError:
        return settings.base_urls(settings.port)[0]


def open_checkpoints(settings: Settings, backend: Backend, hub: Hub | None = None) -> Checkpoints:
    """What signs the heads of these stores, with the keys in the data directory."""

    def told(row: CheckpointRow) -> None:
        if hub is not None:
            hub.covered(row.log, row.size, row.note)

    return Checkpoints(backend.checkpoints, lambda: signing_keys(settings.data / "keys"), told)


def open_change_heads(settings: Settings, backend: Backend) -> ChangeHeads:
    """What signs the tree of changes of these stores, with the same keys."""
    return ChangeHeads(PostgresChangeTree(backend.store.pool), lambda: signing_keys(settings.data / "keys"))


def _covering(checkpoints: Checkpoints) -> Callable[[str], Awaitable[tuple[int, str] | None]]:
    async def covering(log: str) -> tuple[int, str] | None:
        row = await checkpoints.covering(log)
        return None if row is None else (row.size, row.note)

    return covering


def _close(hub: Hub, session: str) -> None:
    hub.close_sessions((session,))


def _gauges(service: Service, hub: Hub) -> Mapping[str, float]:
    return {
        "muster_commands_waiting": float(service.queued()),
        "muster_sockets": float(hub.sockets()),
        "muster_sockets_dropped": float(sum(hub.dropped.values())),
    }


def read_basemap(settings: Settings) -> Callable[[State], bytes]:
    """The map below the sectors: the agency's own GeoJSON file, or nothing but the sectors themselves."""
    if not settings.basemap:
        return lambda _state: EMPTY_MAP
    try:
        raw = Path(settings.basemap).read_bytes()
        shape = msgspec.json.decode(raw)
    except (OSError, msgspec.DecodeError) as exc:
        raise Misconfigured(f"expected a GeoJSON file for the map: {exc}", where=settings.basemap) from None
    if not isinstance(shape, dict) or shape.get("type") != "FeatureCollection":
        raise Misconfigured("expected a GeoJSON FeatureCollection for the map", where=settings.basemap)
    return lambda _state: raw


def open_certificate(settings: Settings) -> Certificate | None:
    """The certificate to show: the given one, or what `muster tls init` made; None where TLS is a proxy's or nobody's.

    Raises Misconfigured where it cannot be used, NotFound where it was not made yet.
    """
    if settings.tls:
        place = tls_files.place_of(settings.data)
        tls_files.server_cert(place)
        return Certificate(place.server, place.server)
    return Certificate(Path(settings.tls_cert), Path(settings.tls_key)) if settings.tls_cert else None


def authority_of(settings: Settings) -> str:
    """The SHA-256 of our own certificate authority in hex, for devices to compare; "" where a public one vouches."""
    if not settings.tls:
        return ""
    return fingerprint(tls_files.ca_cert(tls_files.place_of(settings.data))).replace(" ", "").lower()


def urls_of(settings: Settings, port: int) -> tuple[str, ...]:
    """As the settings say; with a certificate of our own and no base url, what that certificate is for."""
    if not settings.tls or settings.base_url:
        return settings.base_urls(port)
    names = names_of(tls_files.server_cert(tls_files.place_of(settings.data)))
    return tuple(f"https://{name}" + ("" if port == HTTPS_PORT else f":{port}") for name in names.all)


async def _beside_tls(
    settings: Settings,
    certificate: Certificate,
    web_settings: WebSettings,
    now: Callable[[], datetime],
    stack: AsyncExitStack,
) -> None:
    """What a server with TLS has besides: someone who watches its certificate, and the way in by plain http."""
    place = tls_files.place_of(settings.data)
    own = settings.tls and place.ca_key.exists()
    renew = (lambda: tls_files.renew(place, now())) if own else None
    watch = asyncio.create_task(certificate.watch(now, renew), name="watch the certificate")
    stack.push_async_callback(_end, watch)
    if not settings.http_port:
        return
    authority = tls_files.ca_cert(place) if settings.tls else b""
    plain = Plain(web_settings.base_urls, settings.http_port, authority, time.monotonic)
    runner = build_runner(build_plain(plain), web_settings)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listening.listener(settings.host, settings.http_port)).start()
    _log.info("plain http leads to tls", port=settings.http_port, installer=bool(authority))
