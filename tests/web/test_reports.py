"""What browsers say of our policy: counted by directive, bounded, and never kept."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from command.web.headers import REPORTS
from command.web.limits import MAX_REPORTS
from command.web.reports import directives
from command.web.services import Rates
from tests.web.harness import Answer, Site, running

NEW, OLD = "application/reports+json", "application/csp-report"


def new(directive: str) -> dict[str, Any]:
    """One report as Chromium sends it."""
    body = {"effectiveDirective": directive, "blockedURL": "https://CANARY.example", "sample": "CANARY"}
    return {"type": "csp-violation", "age": 3, "url": "https://muster.example/CANARY", "user_agent": "x", "body": body}


async def send(site: Site, what: Any, media: str = NEW, **headers: str) -> Answer:
    """Send it as a page in a sandbox would: without an origin of ours."""
    return await site.call(
        "POST", REPORTS, raw=json.dumps(what).encode(), headers={"Content-Type": media, "Origin": "null", **headers}
    )


async def test_both_forms_are_counted_by_directive(site: Site) -> None:
    """And what no directive is called counts as other: no label comes from outside."""
    assert (
        await send(site, [new("script-src-elem"), new("CANARY"), {"type": "deprecation", "body": {}}])
    ).status == 204
    assert (await send(site, {"csp-report": {"violated-directive": "img-src 'self'"}}, OLD)).status == 204
    assert (await send(site, {"csp-report": {"effective-directive": "img-src"}}, OLD)).status == 204
    assert site.services.counters.stopped == {"script-src-elem": 1, "other": 1, "img-src": 2}
    metrics = (await site.call("GET", "/metrics", headers={"Origin": ""})).body.decode()
    assert 'muster_policy_stopped_total{directive="img-src"} 2' in metrics
    assert "CANARY" not in metrics
    assert await site.kept() == []


@pytest.mark.parametrize(
    ("raw", "media", "status"),
    [
        (b"[]", NEW, 204),
        (b"[1]", NEW, 400),
        (b"{}", OLD, 400),
        (b"not json", NEW, 400),
        (b"\xff", OLD, 400),
        (b"[" * 100, NEW, 400),
        (json.dumps([new("img-src")] * (MAX_REPORTS + 1)).encode()[: 16 << 10], NEW, 400),
        (b" " * (17 << 10), NEW, 413),
        (b"[]", "application/json", 400),
        (b"[]", "text/plain", 400),
    ],
)
async def test_what_is_no_report_is_refused(site: Site, raw: bytes, media: str, status: int) -> None:
    answer = await site.call("POST", REPORTS, raw=raw, headers={"Content-Type": media})
    assert answer.status == status
    assert sum(site.services.counters.stopped.values()) == 0


async def test_a_flood_of_them_takes_nothing_from_others() -> None:
    """They have a rate of their own: whoever is yet to sign in is not held up."""
    async with running(Rates(report_burst=3, report_per_s=0.001, stranger_burst=5)) as site:
        got = [await send(site, [new("img-src")]) for _ in range(5)]
        assert [one.status for one in got] == [204, 204, 204, 429, 429]
        assert int(got[-1].headers["Retry-After"]) > 0
        assert (await site.call("GET", "/api/me")).status == 401


async def test_who_sends_it_is_not_looked_at(site: Site) -> None:
    """A session is neither asked for nor kept awake by it."""
    cookie = await site.sign_in("commander")
    site.move(minutes=29)
    assert (await send(site, [new("img-src")], Cookie=cookie)).status == 204
    site.move(minutes=2)
    assert (await site.call("GET", "/api/me", cookie=cookie)).status == 401


def test_more_than_a_handful_at_once_is_no_report() -> None:
    with pytest.raises(msgspec.ValidationError):
        directives(b"[" + b",".join([b"{}"] * (MAX_REPORTS + 1)) + b"]", old=False)
