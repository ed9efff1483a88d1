"""What the web room is given to work with: a struct of ports, wired up by bootstrap and by tests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from command.access.oidc import OidcClient
from command.access.ports import AccessStore
from command.access.sessions import Cookie
from command.access.signin import SignIn
from command.devices.desk import DeviceDesk
from command.domain.envelope import Recorded
from command.domain.state import State
from command.errors import Misconfigured
from command.service.api import Private, ServiceApi
from command.service.attachments import Attachments
from command.service.checkpoints import Checkpoints
from command.store.ports import DisclosureRow, Store
from command.stream.render import Renderer
from command.views.lens import Lens
from command.views.permits import Asker
from command.views.plan_words import PlanWords
from command.views.rows import Board, PermitsView
from command.views.scene import Scene
from command.web.arrest_index import ArrestIndexes
from command.web.assets import Assets
from command.web.counters import Counters
from command.web.limits import MAX_BODY_BYTES

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Rates(msgspec.Struct, frozen=True):
    """Requests per second, sustained and at once."""

    # A dashboard asks a few times a minute; a tablet coming back sends a batch of 100 commands a request.
    session_per_s: float = 50.0
    session_burst: float = 200.0
    # A whole command post may sit behind one address.
    address_per_s: float = 500.0
    address_burst: float = 2000.0
    # Who has no session: enough to open the page on thirty screens at once, too little to fill the audit trail.
    stranger_per_s: float = 5.0
    stranger_burst: float = 60.0
    # A device that has no nonce left asks for one without a signature. It does so when it comes back and after each cut;
    # fifty of them share the address of their router, so each has a rate of its own there.
    device_per_s: float = 2.0
    device_burst: float = 20.0
    # Steps of signing in, three to five a person: a shift of fifty behind one router begins within a minute. What bounds
    # guessing are five tries an account; links are tokens of 256 bits.
    sign_in_per_s: float = 3.0
    sign_in_burst: float = 150.0
    # What browsers say of our policy comes from anyone and is only counted.
    report_per_s: float = 1.0
    report_burst: float = 60.0
    # Sockets that are open at once. A screen has one; a reload has two for a moment, and people have several windows.
    sockets: int = 4000
    sockets_per_session: int = 32
    sockets_per_address: int = 2000  # a whole command post, its tablets and its walls
    # Requests that bring parts of files, at once: each holds 4 MiB at most, and a browser has six connections.
    files: int = 64
    files_per_session: int = 6
    # Connections of any kind, before anything is known of them but their address.
    connections: int = 8000
    connections_per_address: int = 4000


class WebSettings(msgspec.Struct, frozen=True):
    """How the server is reached. Each of `base_urls` is scheme and authority only; the first one stands in links."""

    base_urls: tuple[str, ...]
    trusted_proxies: frozenset[str] = frozenset()  # peers whose X-Forwarded-For is believed
    max_body_bytes: int = MAX_BODY_BYTES
    body_within_s: float = 20.0
    head_within_s: float = 20.0  # from a connection's first moment, or a request's first byte, to the end of its head
    rates: Rates = Rates()

    def __post_init__(self) -> None:
        """Raises Misconfigured for plain http beyond this machine, and for anything that is not just an origin."""
        if not self.base_urls:
            raise Misconfigured("expected at least one base url")
        for url in self.base_urls:
            parts = urlsplit(url)
            if f"{parts.scheme}://{parts.netloc}" != url or parts.scheme not in ("http", "https") or "@" in url:
                raise Misconfigured(f"expected a base url of scheme and host only, got {url}")
            if parts.scheme == "http" and host_name(parts.netloc) not in LOOPBACK_HOSTS:
                raise Misconfigured(f"expected https, or http on this machine only, got {url}")
        if len({urlsplit(url).scheme for url in self.base_urls}) != 1:
            raise Misconfigured("expected base urls of one scheme")

    @property
    def tls(self) -> bool:
        """Whether browsers reach us over TLS, ours or a proxy's."""
        return self.base_urls[0].startswith("https:")

    @property
    def hosts(self) -> frozenset[str]:
        """What may stand in the Host header, lower case."""
        return frozenset(urlsplit(url).netloc.lower() for url in self.base_urls)

    @property
    def origins(self) -> frozenset[str]:
        """What may stand in the Origin header, exactly as browsers write it."""
        return frozenset(_origin(url) for url in self.base_urls)


class Views(Renderer, Protocol):
    """The renderer of the stream, and the same board at another moment."""

    def board_at(self, state: State, lens: Lens, private: Private, at: datetime) -> Board:
        """The whole board of a state as it looked at `at` in the incident's time."""

    def scene(self, state: State, lens: Lens, private: Private, at: datetime | None = None) -> Scene:
        """What rows and records of a state are made from as it looks now, or as it looked at `at`."""

    def shows_header(self, state: State, recorded: Recorded, lens: Lens, viewer: str | None = None) -> bool:
        """Whether the exact bytes of an event's header are for this lens, or its leaf alone."""

    def permits(self, state: State, sector: str, asker: Asker, at: datetime | None = None) -> PermitsView:
        """What the plan does not bar in a sector now, for this person; with `at`, what it did not bar then."""

    def plan_words(self, state: State) -> PlanWords:
        """The words of the plan that the incident is judged by."""

    def plan_page(self, state: State, base: str) -> str:
        """That plan as an HTML page, whose stylesheet and icon are below `base`."""


class Services(msgspec.Struct, frozen=True):
    """The ports of the web room."""

    service: ServiceApi
    store: Store
    access: AccessStore
    sign_in: SignIn
    oidc: OidcClient
    devices: DeviceDesk
    views: Views
    settings: WebSettings
    assets: Assets
    counters: Counters
    now: Callable[[], datetime]  # wall time, aware, UTC
    monotonic: Callable[[], float]  # seconds
    socket: Callable[[web.Request], Awaitable[web.StreamResponse]]  # the stream route, after the door
    open_disclosures: Callable[[str, Sequence[DisclosureRow]], Awaitable[list[str | None]]]  # Vault.open
    basemap: Callable[[State], bytes]  # GeoJSON of public data
    session_ended: Callable[[str], None]  # tells the hub to close that session's sockets
    gauges: Callable[[], Mapping[str, float]]  # what others measure, for /metrics
    attachments: Attachments
    checkpoints: Checkpoints
    erasure: Callable[[str, str], Awaitable[str]]  # log, subject -> whether a redaction is complete, in words
    cookie: Cookie = Cookie()
    arrest_indexes: ArrestIndexes = msgspec.field(default_factory=ArrestIndexes)


def host_name(netloc: str) -> str:
    """The host without its port, as a Host header writes it."""
    return netloc.rsplit(":", 1)[0] if not netloc.endswith("]") and ":" in netloc else netloc


def _origin(url: str) -> str:
    """Browsers leave a scheme's own port off, and write hosts in lower case."""
    parts = urlsplit(url)
    default = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(default)}"
