"""Someone tries to get force authorized by haste, by numbers, by ids and by races: the record stays one, and nothing is
granted that the plan does not let."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from command.bootstrap import Node, open_node
from command.config import load
from command.ids import uuid7
from tests.faults.test_doors_force import cookies, grants, plan, setting

WISH: dict[str, Any] = {
    "type": "AskForce", "tool": "baton", "purpose": "protect person", "sector": "north", "zones": ["legs"],
    "indiscriminate": False, "subject": "q1", "users": ["second"], "quantity": 2, "lasts_s": 600.0,
    "grounds": ["assault"], "findings": ["violent-individual"], "deescalation": ["persuasion"],
    "objective": "stop it",
}  # fmt: skip
USE: dict[str, Any] = {
    "type": "ReportForce", "subject": "q1", "officer": "second", "officer_agency": "spd", "tool": "baton",
    "sector": "north", "purpose": "protect person", "zones": ["legs"], "quantity": 1,
}  # fmt: skip


class Gate:
    """A running server with an incident and everybody's sessions."""

    def __init__(self, node: Node, log: str, signed: dict[str, str], http: aiohttp.ClientSession) -> None:
        self.node = node
        self.log = log
        self.signed = signed
        self.http = http

    async def raw(self, person: str, body: bytes, log: str | None = None) -> tuple[int, Any]:
        """What the server says to these bytes."""
        base = self.node.base_urls[0]
        headers = {"Cookie": self.signed[person], "Origin": base, "Content-Type": "application/json"}
        url = f"{base}/api/incidents/{log or self.log}/commands"
        async with self.http.post(url, data=body, headers=headers) as got:
            return got.status, await got.json(content_type=None)

    async def send(self, person: str, cmd: dict[str, Any], log: str | None = None, **about: Any) -> dict[str, Any]:
        """The answer to one command."""
        status, said = await self.raw(person, json.dumps(await self.body(cmd, log, **about)).encode(), log)
        assert status == 200, (status, said)
        return dict(said["answers"][0])

    async def body(self, cmd: dict[str, Any], log: str | None = None, **about: Any) -> dict[str, Any]:
        """A command as an honest client sends it, but for `about`."""
        now = datetime.now(UTC)
        seq = (await self.node.service.state(log or self.log)).seq
        return {"cmd": uuid7(now), "command": cmd, "issued_at": now.isoformat(), "basis_seq": seq, **about}

    async def granted(self) -> set[str]:
        """Grants on record."""
        return set((await self.node.service.state(self.log)).grants.all.keys())


@asynccontextmanager
async def gate(folder: Path) -> AsyncIterator[Gate]:
    """A server whose plan wants an eyewitness of rank and a second signature for a baton."""
    pack = folder / "strict.toml"
    pack.write_text(plan())
    settings = load({"data": str(folder / "data"), "port": 0, "packs": str(pack), "exercise": True}, {})
    async with (
        open_node(settings) as node,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        log = await setting(node)
        yield Gate(node, log, await cookies(node, log), http)


async def test_haste_ids_and_numbers(tmp_path: Path) -> None:
    """Stale and early asks, ids used again, another incident's ask, numbers and texts that are none."""
    async with gate(tmp_path) as at:
        await _haste(at)
        await _ids(at)
        await _another_incident(at)
        await _numbers(at)
        assert await at.granted() == {"g1"}
        assert len(await at.node.service.recorded(at.log, 0, 10_000)) == (await at.node.service.state(at.log)).seq


async def _haste(at: Gate) -> None:
    for shift_s in (-120, 3600, -(10**9)):
        when = (datetime.now(UTC) + timedelta(seconds=shift_s)).isoformat()
        answer = await at.send("ic", grants(), issued_at=when)
        assert answer["status"] == "refused", (shift_s, answer)
        assert "stale" in json.dumps(answer), shift_s
    for basis in (None, 10**9):
        answer = await at.send("ic", grants(), basis_seq=basis)
        assert answer["status"] in ("refused", "unreadable"), (basis, answer)
    assert (await at.send("ic", grants("unsigned"), occurred_at="2020-01-01T00:00:00Z"))["status"] == "refused"


async def _ids(at: Gate) -> None:
    body = await at.body(grants(grant="g1"))
    status, said = await at.raw("ic", json.dumps(body).encode())
    assert (status, said["answers"][0]["status"]) == (200, "accepted"), said
    other = {**body, "command": grants("unsigned", grant="g2")}
    assert (await at.raw("ic", json.dumps(other).encode()))[1]["answers"][0]["status"] == "conflict"
    theirs = (await at.raw("second", json.dumps(body).encode()))[1]["answers"][0]
    assert theirs["status"] == "conflict"
    assert set(theirs) <= {"cmd", "status", "problem"}, "another actor learns nothing"
    assert (await at.send("ic", grants(grant="g9")))["status"] == "refused", "one ask, one grant"
    assert (await at.send("asker", {**WISH, "ask": "signed"}))["status"] == "refused"
    assert (await at.send("asker", {**WISH, "ask": "g1"}))["status"] in ("accepted", "refused")


async def _another_incident(at: Gate) -> None:
    opening = {
        "type": "OpenIncident", "name": "Elsewhere", "kind": "planned", "lead_agency": "spd",
        "lead_agency_name": "Metro Police", "time_zone": "UTC", "commander": "ic", "commander_rank": "captain",
    }  # fmt: skip
    base = at.node.base_urls[0]
    headers = {"Cookie": at.signed["ic"], "Origin": base}
    now = datetime.now(UTC)
    body = {"cmd": uuid7(now), "command": opening, "issued_at": now.isoformat()}
    async with at.http.post(f"{base}/api/incidents", json=body, headers=headers) as got:
        said = await got.json(content_type=None)
    if got.status >= 300:  # a session for one incident opens no other
        assert got.status == 403, said
        return
    answer = await at.send("ic", grants("unsigned"), said["incident"])
    assert answer["status"] == "refused"


async def _numbers(at: Gate) -> None:
    for field, value in (
        ("quantity", -1), ("quantity", 0), ("quantity", 10**40), ("quantity", 1.5), ("quantity", True),
        ("lasts_s", 0), ("lasts_s", -5), ("lasts_s", 1e308), ("lasts_s", float("nan")), ("lasts_s", float("inf")),
        ("ask", "x" * 5000), ("ask", "a\u0000b"), ("ask", "a\u202eb"), ("sector", "north\n"), ("users", ["second"] * 999),
        ("objective", "x" * 10**6), ("tool", ""), ("purpose", "win"), ("extra", 1),
        ("findings", [["violent-individual"]]), ("subject", {"name": "q1"}),
    ):  # fmt: skip
        body = await at.body({**WISH, "ask": f"n{field}", field: value})
        status, said = await at.raw("asker", json.dumps(body).encode())
        answer = said["answers"][0]["status"] if status == 200 else status
        assert answer in ("unreadable", "refused", 400, 413, 422), (field, str(value)[:30], status, str(said)[:300])
    for about in (
        {"basis_seq": -1}, {"basis_seq": 2**70}, {"clock_error_ms": -1}, {"clock_error_ms": 10**20},
        {"cmd": "x" * 500}, {"cmd": ""}, {"issued_at": "0000-00-00T00:00:00Z"}, {"issued_at": "2026-11-22T01:00:00"},
        {"issued_at": "+999999-01-01T00:00:00Z"},
    ):  # fmt: skip
        body = {**await at.body({**WISH, "ask": "about"}), **about}
        status, said = await at.raw("asker", json.dumps(body).encode())
        answer = said["answers"][0]["status"] if status == 200 else status
        assert answer in ("unreadable", "refused", 400, 422), (about, status, str(said)[:300])
    for text in ("\u202egnihtemos", "\u2066hidden\u2069", "a\u0007b", "\ud800"):
        raw = json.dumps(await at.body({**USE, "report": uuid7(datetime.now(UTC)), "account": text})).encode()
        status, said = await at.raw("second", raw)
        assert status in (200, 400), (text.encode("unicode_escape"), status, said)


async def test_races(tmp_path: Path) -> None:
    """Ten grants of one ask, a use against a revocation, a grant against a transfer, two transfers at once."""
    async with gate(tmp_path) as at:
        many = await asyncio.gather(*(at.send("ic", grants(grant=f"g{n}")) for n in range(10)))
        assert sorted(one["status"] for one in many) == ["accepted", *["refused"] * 9]
        (grant,) = await at.granted()
        uses = [at.send("second", {**USE, "report": f"r{n}", "grant": grant, "quantity": 0}) for n in range(6)]
        revoke = at.send("ic", {"type": "RevokeGrant", "grant": grant, "reason": "It is over."})
        said = await asyncio.gather(*uses[:3], revoke, *uses[3:])
        assert {one["status"] for one in said} == {"accepted"}
        state = await at.node.service.state(at.log)
        ended = state.grants.all[grant].ended
        assert ended is not None
        for report in state.force.reports.values():
            assert report.finding is not None
            expected = "authorized" if report.at < ended else "no authorization on record"
            assert report.finding.kind == expected, (report.at, ended, report.finding)
        await _two_commanders(at)


async def _two_commanders(at: Gate) -> None:
    heirs = ("second", "relieved", "asker", "away")
    hands = [
        at.send("ic", {"type": "TransferCommand", "incoming": heir, "briefing": "All is said.", "briefing_read": True})
        for heir in heirs
    ]
    line = at.send("ic", grants("line", grant="g-line"))
    said = await asyncio.gather(*hands[:2], line, *hands[2:])
    transfers = [said[0], said[1], said[3], said[4]]
    assert sorted(one["status"] for one in transfers) == ["accepted", "refused", "refused", "refused"]
    state = await at.node.service.state(at.log)
    held = [span for span in state.structure.positions["incident-commander"] if span.ended is None]
    assert len(held) == 1
    won = next(one for one in transfers if one["status"] == "accepted")
    if said[2]["status"] == "accepted":
        assert said[2]["seq"] < won["seq"], "who has handed over grants nothing any more"


async def test_spam_is_bounded_and_costs_nobody_else(tmp_path: Path) -> None:
    """Hundreds of asks from one person: limited, and the commander's own grant still goes through."""
    async with gate(tmp_path) as at:
        bodies = [await at.body({**WISH, "ask": f"spam-{n}"}) for n in range(300)]
        answers = await asyncio.gather(*(at.raw("constable", json.dumps(body).encode()) for body in bodies))
        assert {status for status, _ in answers} <= {200, 429, 503}
        assert (await at.send("ic", grants(grant="g1")))["status"] == "accepted"
        waiting = len((await at.node.service.state(at.log)).grants.asks)
        assert waiting <= 302
