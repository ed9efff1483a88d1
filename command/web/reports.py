"""What browsers say that a page's policy stopped: counted by directive, and nothing else of it is kept.

Anyone can send such reports, and real ones hold addresses of pages and samples of what was stopped. So they are
bounded, limited in rate, and only the directive's name is read, if it is one that there is.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from aiohttp import web
from msgspec import Meta

from command.errors import Unreadable
from command.web import answers
from command.web.door import Call
from command.web.limits import MAX_REPORT_BYTES, MAX_REPORTS, check_depth

DIRECTIVES: Final = frozenset(
    {
        "base-uri", "child-src", "connect-src", "default-src", "font-src", "form-action", "frame-ancestors", "frame-src",
        "img-src", "manifest-src", "media-src", "object-src", "require-trusted-types-for", "script-src",
        "script-src-attr", "script-src-elem", "style-src", "style-src-attr", "style-src-elem", "trusted-types",
        "worker-src",
    }
)  # fmt: skip
"""Of Content Security Policy 3 and Trusted Types; what is none of them is counted as `other`."""


class _Stopped(msgspec.Struct, frozen=True, rename="kebab"):
    """In the older form, `application/csp-report`."""

    effective_directive: str = ""
    violated_directive: str = ""


class _Old(msgspec.Struct, frozen=True, rename="kebab"):
    csp_report: _Stopped


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    """In the Reporting API's form, `application/reports+json`."""

    effective_directive: str = ""


class _New(msgspec.Struct, frozen=True):
    type: str = ""
    body: _Body = _Body()


_old: msgspec.json.Decoder[_Old] = msgspec.json.Decoder(_Old)
_new: msgspec.json.Decoder[list[_New]] = msgspec.json.Decoder(Annotated[list[_New], Meta(max_length=MAX_REPORTS)])


async def policy_report(call: Call) -> web.Response:
    """Count what was stopped. Raises Unreadable for what is no report."""
    raw = await call.raw(call.route.media, MAX_REPORT_BYTES)
    check_depth(raw)
    try:
        found = directives(raw, old=call.request.content_type == "application/csp-report")
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreadable("expected reports as browsers send them", where="body") from None
    call.services.counters.stopped.update(found)
    return answers.nothing()


def directives(raw: bytes, *, old: bool) -> list[str]:
    """The directive of each report. Raises msgspec.DecodeError."""
    if old:
        report = _old.decode(raw).csp_report
        return [_known(report.effective_directive or report.violated_directive.partition(" ")[0])]
    return [_known(one.body.effective_directive) for one in _new.decode(raw) if one.type == "csp-violation"]


def _known(directive: str) -> str:
    return directive if directive in DIRECTIVES else "other"
