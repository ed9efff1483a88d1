"""The door and what comes at it: bodies that cannot be read or never end, rates, addresses, methods, parameters."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from command.web.limits import MAX_BODY_BYTES, MAX_DEPTH
from command.web.routes import ROUTES
from command.web.services import Rates
from tests.web.harness import Site, path_of, running
from tests.web.street import Street, hand_in


@pytest.mark.parametrize(
    ("raw", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b"\xff\xfe", {}, 400),
        (b'"CANARY"', {}, 400),
        (b'{"cmd":"a","command":{},"CANARY":1}', {}, 400),
        (b'{"cmd":"CANARY CANARY","command":{}}', {}, 400),
        (b"[]", {}, 400),
        (b"[" + b",".join([b'{"cmd":"a","command":{}}'] * 101) + b"]", {}, 400),
        (b"[" * (MAX_DEPTH + 1), {}, 400),
        (b'{"a":' * 100_000, {}, 400),
        (b'{"cmd":"a","command":"' + b"x" * MAX_BODY_BYTES + b'"}', {}, 413),
        (b"{}", {"Content-Type": "text/plain"}, 400),
        (b"{}", {"Content-Type": "application/x-www-form-urlencoded"}, 400),
        (b"x", {"Content-Encoding": "gzip"}, 400),
    ],
)
async def test_what_cannot_be_read_gets_a_problem(site: Site, raw: bytes, headers: dict[str, str], status: int) -> None:
    """RFC 9457, with a place and an id, without anything of what was sent."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    path = f"/api/incidents/{incident}/commands"
    answer = await site.call("POST", path, cookie=cookie, raw=raw, headers=headers)
    assert answer.status == status, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "code", "id", "where"}
    assert answer.json["id"] == answer.headers["X-Request-Id"]
    assert answer.json["status"] == status
    assert b"CANARY" not in answer.body


async def test_a_name_with_a_zero_byte_is_nobodys(site: Site) -> None:
    """In every place of every path that takes a name: a database would refuse it in words of its own."""
    cookies = [await site.sign_in(role) for role in ("commander", "administrator", "reviewer")]
    incident = await site.open(cookies[0])
    for route in ROUTES:
        within = route.path.replace("{id}", incident)
        for name in set() if route.device else set(re.findall(r"\{(\w+)\}", within)) - {"build"}:
            path = re.sub(r"\{\w+\}", "x", within.replace(f"{{{name}}}", "%00"))
            answers = [await site.call(route.method, path, cookie=cookie) for cookie in cookies]
            said = {one.json["detail"] for one in answers if one.status != 403}
            assert said == {"there is no such thing here"}, (route, said)


async def test_what_is_packed_is_refused_unopened(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Nor is it unpacked to be thrown away, where what is no gzip would put a stack into the log."""
    answer = await site.call("POST", "/api/session", raw=b"\x1f\x8b\x08abc", headers={"Content-Encoding": "gzip"})
    assert (answer.status, answer.json["where"]) == (400, "Content-Encoding")
    await site.call("GET", "/healthz")
    assert not [one for one in caplog.records if one.name.startswith("aiohttp")]


async def test_a_body_that_grows_beyond_the_limit_is_cut_off(site: Site) -> None:
    """Chunked, so that no length was announced."""
    cookie = await site.sign_in("commander")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b" " * 65536

    async with site.client.post(
        site.base + "/api/incidents",
        data=endless(),
        headers={"Origin": site.base, "Cookie": cookie, "Content-Type": "application/json"},
    ) as answer:
        assert answer.status == 413


async def test_a_body_that_dribbles_is_given_up() -> None:
    """It holds a connection for a while and then no more, and is told to try again."""
    async with running() as hasty:
        cookie = await hasty.sign_in("commander")
        hasty.hurry(body_within_s=0.05)
        host = hasty.base.removeprefix("http://")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(host.rsplit(":", 1)[1]))
        writer.write(
            f"POST /api/incidents HTTP/1.1\r\nHost: {host}\r\nOrigin: {hasty.base}\r\nCookie: {cookie}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{".encode()
        )
        answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()
    assert answer.startswith(b"HTTP/1.1 429")
    assert b"Connection: close" in answer
    assert b"Retry-After" in answer


async def test_a_line_that_is_cut_in_the_middle_of_a_body_is_no_fault_of_the_servers(site: Site) -> None:
    """A tablet that walks out of reach: nothing is logged as a failure, for nobody could look into it."""
    cookie = await site.sign_in("commander")
    host = site.base.removeprefix("http://")
    with capture_logs() as said:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(host.rsplit(":", 1)[1]))
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.write(
            f"POST /api/incidents HTTP/1.1\r\nHost: {host}\r\nOrigin: {site.base}\r\nCookie: {cookie}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n{".encode()
        )
        assert (await reader.readline()).startswith(b"HTTP/1.1 100"), "the server has begun"
        writer.transport.abort()
        async with asyncio.timeout(60):
            while not any(one.get("route") == "POST /api/incidents" for one in said):
                await asyncio.sleep(0.01)
    assert [one["event"] for one in said if one["log_level"] == "error"] == []
    assert [one["status"] for one in said if one.get("route") == "POST /api/incidents"] == [400]


async def test_fifty_browsers_with_one_link_and_one_gets_in() -> None:
    """The race is decided where the link is kept."""
    async with running(Rates(sign_in_burst=100, stranger_burst=100)) as site:
        body = {"link": await site.link("commander")}
        answers = await asyncio.gather(*(site.call("POST", "/api/session", body) for _ in range(50)))
        assert sorted(answer.status for answer in answers) == [204] + [403] * 49
        assert sum("Set-Cookie" in answer.headers for answer in answers) == 1


async def test_a_session_has_a_rate_and_so_has_a_stranger() -> None:
    """429 with Retry-After, before anything is written to the trail; time gives tokens back."""
    rates = Rates(session_per_s=1, session_burst=3, stranger_per_s=1, stranger_burst=2, sign_in_burst=5)
    async with running(rates) as site:
        cookie = await site.sign_in("commander")
        got = [(await site.call("GET", "/api/me", cookie=cookie)).status for _ in range(4)]
        assert got == [200, 200, 200, 429]
        # Signing in took one of a stranger's two.
        got = [(await site.call("GET", "/api/me")).status for _ in range(2)]
        assert got == [401, 429]
        before = len(await site.trail())
        answer = await site.call("GET", "/api/me")
        assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (429, "busy", "1")
        assert len(await site.trail()) == before
        assert (await site.call("GET", "/")).status == 200  # the page still opens
        site.move(seconds=1)
        assert (await site.call("GET", "/api/me", cookie=cookie)).status == 200


async def test_fifty_tablets_that_come_back_at_once_behind_one_router_are_strangers_to_nobody() -> None:
    """Each enrolled device has a rate of its own at an address, whatever strangers there have used up; a made-up one has
    none, and one that floods holds up itself alone."""
    rates = Rates(stranger_per_s=1, stranger_burst=10, device_per_s=1, device_burst=4, sign_in_per_s=9, sign_in_burst=9)
    async with running(rates, trusted_proxies=frozenset({"127.0.0.1"})) as site:
        street = await Street(site).begin()
        fleet = []
        for _ in range(50):
            site.move(seconds=5)  # a stranger asks twice to enrol
            fleet.append(await street.tablet(officer=False))
        path = "/api/devices/challenge"

        async def asked(device: str, **headers: str) -> int:
            return (await site.call("POST", path, {"device": device}, headers=headers)).status

        made_up = [await asked("d-" + "0" * 32) for _ in range(12)]
        assert (made_up[0], made_up[-1]) == (404, 429), "strangers here have nothing left"
        for tablet in fleet:
            assert (await hand_in(tablet, street, tablet.entry(street.incident, "officer-1", site.now)))[0]["status"]
            assert await asked(tablet.id) == 200
        flood = fleet[0].id
        assert [await asked(flood) for _ in range(3)] == [200, 200, 429]
        assert await asked(flood, **{"X-Forwarded-For": "203.0.113.9"}) == 200, "elsewhere it is counted apart"
        assert await asked(fleet[1].id) == 200
        bad = await site.call("POST", path, raw=b'{"device": "' + flood.encode() + b'", "more": 1}')
        assert bad.status == 429, "a body that names none is a stranger's"


async def test_an_address_has_a_rate_and_tries_of_links_a_small_one() -> None:
    """Whoever asks."""
    async with running(Rates(sign_in_per_s=0.1, sign_in_burst=2)) as site:
        body = {"link": "A" * 43}
        got = [(await site.call("POST", "/api/session", body)).status for _ in range(3)]
        assert got == [403, 403, 429]
    async with running(Rates(address_per_s=1, address_burst=2)) as site:
        assert [(await site.call("GET", "/")).status for _ in range(3)] == [200, 200, 429]


async def test_a_new_address_of_the_same_line_is_no_new_stranger() -> None:
    """A line of IPv6 has more addresses than there are requests; each would bring a full burst and entries in the trail."""
    rates = Rates(stranger_per_s=0.1, stranger_burst=3, sign_in_per_s=0.1, sign_in_burst=2)
    async with running(rates, trusted_proxies=frozenset({"127.0.0.1"})) as site:

        async def asked(method: str, path: str, address: str) -> int:
            body = {"link": "A" * 43} if method == "POST" else None
            return (await site.call(method, path, body, headers={"X-Forwarded-For": address})).status

        assert [await asked("GET", "/api/me", f"2001:db8::{n}") for n in range(1, 5)] == [401, 401, 401, 429]
        assert await asked("GET", "/api/me", "2001:db8:0:1::1") == 401
        site.move(hours=1)
        assert [await asked("POST", "/api/session", f"2001:db8::{n}") for n in range(1, 4)] == [403, 403, 429]


@pytest.mark.parametrize(
    ("trusted", "sent", "expected"),
    [
        (frozenset(), "203.0.113.9", "127.0.0.1"),
        (frozenset({"127.0.0.1"}), "203.0.113.9", "203.0.113.9"),
        (frozenset({"127.0.0.1"}), "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (frozenset({"127.0.0.1"}), "CANARY", "?"),
        (frozenset({"127.0.0.1"}), "", "127.0.0.1"),
    ],
)
async def test_a_forwarded_address_counts_only_from_a_trusted_proxy(
    trusted: frozenset[str], sent: str, expected: str
) -> None:
    """And only its last hop, which the proxy itself wrote."""
    async with running(trusted_proxies=trusted) as site:
        await site.call("GET", "/api/incidents", headers={"X-Forwarded-For": sent})
        assert [row.source for row in await site.trail()] == [expected]


async def test_a_head_is_what_a_get_answers_without_its_body(site: Site) -> None:
    """Every route that may be read, good and bad answers; a socket has no head."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    for route in (route for route in ROUTES if route.method == "GET"):
        path = path_of(route).replace("i-1", incident)
        if route.sent or "/uploads/" in path:
            continue  # tus 1.0 has a HEAD of its own, which asks for its version (tests/web/test_handlers_uploads.py)
        head = await site.call("HEAD", path, cookie=cookie)
        if route.answer == "websocket":
            assert (head.status, head.headers["Allow"]) == (405, "GET")
            continue
        get = await site.call("GET", path, cookie=cookie)
        assert (head.status, head.body) == (get.status, b""), route.path
        assert head.headers["Content-Type"] == get.headers["Content-Type"]
        assert (
            head.headers["Content-Security-Policy"].split("nonce")[0]
            == (get.headers["Content-Security-Policy"].split("nonce")[0])
        )


async def test_a_method_that_is_not_for_it_is_told_with_those_that_are(site: Site) -> None:
    """405 with Allow, whatever the method is called."""
    for method in ("PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND"):
        answer = await site.call(method, "/api/me")
        assert (answer.status, answer.json["code"]) == (405, "method-not-allowed")
        assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD"}


async def test_sockets_that_are_open_are_counted_by_session_and_address() -> None:
    """One too many is told to come back; when one ends there is room."""
    rates = Rates(sockets=3, sockets_per_session=2)
    async with running(rates) as site:
        first, second = await site.sign_in("commander"), await site.sign_in("reviewer")
        incident = await site.open(first)
        leave = asyncio.Event()

        async def stay(_request: web.Request) -> web.StreamResponse:
            inside.append(1)
            await leave.wait()
            return web.Response(text="left")

        inside: list[int] = []
        site.on_socket = stay
        path = f"/api/incidents/{incident}/stream"
        async with asyncio.TaskGroup() as group:
            for cookie in (first, first, second):
                group.create_task(site.call("GET", path, cookie=cookie), name="a socket")
            async with asyncio.timeout(60):
                while len(inside) < 3:
                    await asyncio.sleep(0.01)
            for cookie in (first, second):
                answer = await site.call("GET", path, cookie=cookie)
                assert (answer.status, answer.json["code"], answer.headers["Retry-After"]) == (429, "busy", "5")
            leave.set()
        assert (await site.call("GET", path, cookie=first)).body == b"left"


@pytest.mark.parametrize("query", ["limti=3", "limit=3&limit=4", "limit=3&x=", "="])
async def test_a_parameter_that_the_route_does_not_know_is_told(site: Site, query: str) -> None:
    """And none is given twice: else the answer would be to another question, without a word."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    answer = await site.call("GET", f"/api/incidents/{incident}/events?{query}", cookie=cookie)
    assert (answer.status, answer.json["where"]) == (400, "query")
    assert "after, before, limit" in answer.json["detail"]
    assert (await site.call("GET", f"/?{query}")).status == 200
