"""Plain http beside TLS: pages are sent to https, the interface is refused, and tablets get the authority to trust.

Whoever calls the interface in the clear has already shown what they sent, so it is refused and never sent on
(ASVS 4.1.2). Only a person who typed an address is led to https. What is handed out here is public; whether it is
ours, people see by comparing the fingerprint with the one that the server's own screen shows.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import msgspec
import segno
from aiohttp import hdrs, web

from command.errors import Busy, Denied, MusterError, NotFound, Unreadable
from command.tls.authority import der
from command.web import answers, installer, problem
from command.web.headers import headers_for, plain_policy
from command.web.limits import Buckets, line_of
from command.web.routes import ROUTES
from command.web.services import host_name

PER_S: Final = 5.0
BURST: Final = 200.0
"""A command post's tablets, all behind one address, each asking for a page, a picture and a certificate."""

_PAGES: Final = frozenset(route.path for route in ROUTES if route.kind in ("page", "shell"))


class Plain(msgspec.Struct, frozen=True):
    """Where https is, this listener's port, the authority's certificate (PEM; empty where it is not ours)."""

    base_urls: tuple[str, ...]
    port: int
    authority: bytes
    monotonic: Callable[[], float]  # seconds


def build_plain(plain: Plain) -> web.Application:
    """The application of the plain listener: one handler for whatever comes."""
    buckets = Buckets(PER_S, BURST)

    async def handle(request: web.Request) -> web.StreamResponse:
        request_id = secrets.token_hex(8)
        nonce = secrets.token_urlsafe(16)
        try:
            buckets.take(line_of(request.remote or "-"), plain.monotonic())
            response = _answer(plain, request, nonce)
        except MusterError as error:
            body = problem.of(error, request_id)
            response = answers.json(body, status=body.status, content_type=problem.CONTENT_TYPE)
            if isinstance(error, Busy):
                response.headers[hdrs.RETRY_AFTER] = "1"
            response.force_close()
        headers = dict(headers_for("api", plain.base_urls, tls=False))
        if response.content_type == "text/html":
            headers["Content-Security-Policy"] = plain_policy(nonce)
        response.headers.update(headers)
        response.headers["X-Request-Id"] = request_id
        return response

    async def unnamed(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers.popall(hdrs.SERVER, None)

    app = web.Application(client_max_size=1)
    app.on_response_prepare.append(unnamed)
    app.router.add_route("*", "/{path:.*}", handle)
    return app


def _answer(plain: Plain, request: web.Request, nonce: str) -> web.Response:
    """Raises Denied for what is not a person's page, NotFound and Unreadable as elsewhere."""
    here = _base_url(plain, request)
    if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD):
        raise Denied("expected https")
    if request.path in _PAGES:
        # Permanent to a browser, and yet not kept: the port may be given to something else tomorrow.
        return web.Response(status=308, headers={hdrs.LOCATION: here + request.path})
    if request.path.startswith("/install"):
        return _installer(plain, request.path, here, nonce)
    raise Denied("expected https")


def _base_url(plain: Plain, request: web.Request) -> str:
    """The https address of the host that was asked for. Raises Unreadable for a host that is not ours."""
    sent = request.headers.getall(hdrs.HOST, [])
    for url in plain.base_urls:
        if len(sent) == 1 and host_name(sent[0].lower()) == host_name(urlsplit(url).netloc.lower()):
            return url
    raise Unreadable("expected a host name of this server", where="Host")


def _installer(plain: Plain, path: str, here: str, nonce: str) -> web.Response:
    """The page and its files. Raises NotFound where the authority is not ours to hand out."""
    if not plain.authority:
        raise NotFound("there is no authority of our own")
    file = installer.FILES.get(path)
    host = host_name(urlsplit(here).netloc)
    install = f"http://{host}" + ("" if plain.port == 80 else f":{plain.port}") + installer.PATH
    match path:
        case installer.PATH:
            page = installer.page(plain.authority, here, install, nonce)
            return web.Response(body=page, content_type="text/html", charset="utf-8")
        case "/install/qr.svg":
            return web.Response(body=qr_svg(install), content_type="image/svg+xml")
        case _ if file is None:
            raise NotFound("there is no such thing here")
        case "/install/muster.mobileconfig":
            body = installer.mobileconfig(plain.authority)
        case "/install/muster-authority.crt":
            body = der(plain.authority)
        case _:
            body = plain.authority
    assert file is not None, "the case above"
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: file, hdrs.CONTENT_DISPOSITION: "attachment"})


def qr_svg(text: str) -> bytes:
    """A QR code as a picture, without scripts or styles of its own."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", scale=6, border=4, light="#fff", xmldecl=True)
    return out.getvalue()
