"""Two servers on one database, and the plan changes at one of them: the other judges by it with its very next command."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from command.ids import uuid7
from command.store.embedded import Cluster
from tests.faults.test_two_nodes import pair
from tests.support.clients import ask
from tests.support.plans import illinois, without_batons

FILES = {"files": [{"file": "law.toml", "text": illinois()}, {"file": "plan.toml", "text": without_batons()}]}


def sent(command: dict[str, Any], basis: int, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"cmd": uuid7(now), "command": command, "issued_at": now.isoformat(), "basis_seq": basis, **more}


async def test_a_change_at_one_node_is_the_others_plan_at_once(cluster: Cluster, tmp_path: Path) -> None:
    """Where no hint is heard, too; a report from before is judged by the plan of then; boards and states are the same."""
    async with pair(cluster, tmp_path, {"MUSTER_PROBE_DEAF": "1"}) as both, asyncio.timeout(300):
        path = f"/api/incidents/{both.incident}"
        a, b = (both.chief.at(node.url) for node in both.nodes)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:

            async def say(seat: Any, command: dict[str, Any], **more: Any) -> dict[str, Any]:
                seq = (await ask(http, seat, "GET", f"{path}/board"))["at"]["seq"]
                answers = (await ask(http, seat, "POST", f"{path}/commands", sent(command, seq, **more)))["answers"]
                return dict(answers[0])

            use = {"type": "ReportForce", "subject": "p1", "officer": "chief", "tool": "baton", "purpose": "arrest"}
            names = (await ask(http, a, "POST", f"{path}/packs", FILES))["packs"]
            old = await say(b, {**use, "report": "r1"})
            assert old["finding"]["kind"] != "contrary to plan" and "packs" not in old["finding"]
            before = datetime.now(UTC)
            changed = await say(a, {"type": "ChangePlan", "packs": names, "clause": "§ 12", "reason": "misuse"})
            assert changed["status"] == "accepted", changed
            now = await say(b, {**use, "report": "r2"})
            assert (now["finding"]["kind"], now["finding"]["packs"]) == ("contrary to plan", names)
            late = await say(b, {**use, "report": "r3"}, occurred_at=(before - timedelta(seconds=1)).isoformat())
            assert late["finding"]["packs"] != names and late["finding"]["kind"] != "contrary to plan"
            assert len({text for _, text in await both.hashes()}) == 1
            boards = [(await ask(http, seat, "GET", f"{path}/board"))["board"] for seat in (a, b)]
            assert boards[0] == boards[1] and boards[0]["incident"]["incident"]["packs"] == names
            then = [(await ask(http, seat, "GET", f"{path}/board?at={changed['seq'] - 1}"))["board"] for seat in (a, b)]
            assert then[0] == then[1] and then[0]["incident"]["incident"]["packs"] != names
