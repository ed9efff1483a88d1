"""The headers of every answer, by what kind of thing is answered. Pure.

Sources: OWASP HTTP Headers and CSP cheat sheets, ASVS 5.0 3.4; each header is
checked on every route by tests/web/test_headers.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

Kind = Literal["page", "asset", "api"]

IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""An asset's path holds the hash of all assets: what is behind a path never changes."""

_PERMISSIONS: Final = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "encrypted-media",
        "geolocation", "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment",
        "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _PERMISSIONS,
}

# An answer that is data is never a document: should a browser show it as one, it may do nothing at all.
_DATA_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


def page_policy(base_urls: Sequence[str]) -> str:
    """The Content-Security-Policy of a page: our own files, our own socket, no inline script or style, no HTML sinks.

    No nonce: there is no inline script to allow. The socket's origin is named because `'self'` covers
    `ws:` only in newer browsers.
    """
    sockets = " ".join(url.replace("http", "ws", 1) for url in base_urls)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            f"connect-src 'self' {sockets}".rstrip(),
            "font-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def headers_for(kind: Kind, base_urls: Sequence[str], *, tls: bool) -> Mapping[str, str]:
    """All security headers of an answer of this kind."""
    headers = dict(_ALWAYS)
    if tls:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    headers["Cache-Control"] = IMMUTABLE if kind == "asset" else "no-store"
    headers["Content-Security-Policy"] = page_policy(base_urls) if kind == "page" else _DATA_POLICY
    return headers
