"""The headers of every answer, by what kind of thing is answered. Pure.

Sources: OWASP HTTP Headers and CSP cheat sheets, ASVS 5.0 3.4; each header is
checked on every route by tests/web/test_headers.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

Kind = Literal["page", "shell", "asset", "api"]
"""`page`: made for this answer, its scripts allowed by a nonce. `shell`: the tablets' app, which a service worker keeps
and shows again offline, where a nonce would be no secret; its scripts are allowed by being ours, and it may use what a
tablet has: camera, microphone, place, the screen's wake lock. `asset`: a file of the build.
`api`: data, and every error."""

REPORTS: Final = "/api/policy-reports"
"""Where browsers say what the policy stopped."""

WORKERS: Final = "muster-worker"
"""The one Trusted Types policy: the app names its service worker and the reader of codes through it, and nothing else."""

IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""An asset's path holds the hash of all assets: what is behind a path never changes."""

_PERMISSIONS: Final = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer", "browsing-topics", "camera", "display-capture", "encrypted-media",
        "geolocation", "gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment",
        "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
    )
) + ", publickey-credentials-create=(self), publickey-credentials-get=(self)"  # fmt: skip

_TABLETS: Final = ("camera", "geolocation", "microphone", "screen-wake-lock")

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


def page_policy(base_urls: Sequence[str], nonce: str = "") -> str:
    """The Content-Security-Policy of a page: our own files, our own socket, no inline script or style, no HTML sinks.

    With a nonce, only scripts that this very answer names run, and what they import; a file of ours that an attacker
    gets into a tag does not. Without one (a shell), any file of ours does, and WebAssembly, which the reader of codes is
    made of. The socket's origin is named because
    `'self'` covers `ws:` only in newer browsers.
    """
    sockets = " ".join(url.replace("http", "ws", 1) for url in base_urls)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'" if nonce else "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "img-src 'self' blob:",
            "media-src blob:",
            f"connect-src 'self' {sockets}".rstrip(),
            "font-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'" if nonce else f"trusted-types {WORKERS}",
            f"report-uri {REPORTS}",
            "report-to policy",
        )
    )


def plain_policy(nonce: str) -> str:
    """The policy of the page that devices see before they trust us: pictures of ours, one style, and no script at all."""
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def headers_for(kind: Kind, base_urls: Sequence[str], *, tls: bool, nonce: str = "") -> Mapping[str, str]:
    """All security headers of an answer of this kind. A page without a nonce is as strict as a shell."""
    headers = dict(_ALWAYS)
    if tls:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    headers["Cache-Control"] = IMMUTABLE if kind == "asset" else "no-store"
    if kind in ("page", "shell"):
        headers["Content-Security-Policy"] = page_policy(base_urls, nonce if kind == "page" else "")
        if kind == "shell":
            for name in _TABLETS:
                headers["Permissions-Policy"] = headers["Permissions-Policy"].replace(f"{name}=()", f"{name}=(self)")
        headers["Reporting-Endpoints"] = f'policy="{REPORTS}"'
    else:
        headers["Content-Security-Policy"] = _DATA_POLICY
    return headers
