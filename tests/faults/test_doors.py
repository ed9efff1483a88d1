"""A wrong authorizer is refused at every door alike: HTTP, the socket, the command line, an import.

The command line starts a process for each question: the short form asks there of every fourth, the long one of all.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from command.access import links
from command.access.model import Account, Role
from command.bootstrap import Node, open_node
from command.cli.operator import author, operator
from command.cli.signin import sign_in
from command.config import load
from command.domain import commands as c
from command.domain import events as e
from command.domain.submission import Submission
from command.errors import Unreadable
from command.exercise.mapping import load_mapping
from command.ids import uuid7
from command.stream.client import Link
from tests.faults.conftest import LONG

STRIDE = 1 if LONG else 4
"""Of how many wrong authorizers one is tried at the command line too."""
NOW = datetime.now(UTC)
TRAINED = (e.Training("incident-command"), e.Training("crowd-management"))
LAPSED = (e.Training("incident-command", NOW - timedelta(days=1)), e.Training("crowd-management"))
SIGNS = {"indicators": ["individual-probable-cause"], "extent": "two persons", "liaison": "spoke with the marshal",
         "others_may_continue": "yes, all of them"}  # fmt: skip

PEOPLE: dict[str, tuple[str, str, Role, tuple[e.Training, ...]]] = {
    "ic": ("spd", "captain", "commander", TRAINED),
    "relieved": ("spd", "captain", "commander", TRAINED),
    "sergeant": ("spd", "sergeant", "commander", TRAINED),
    "lapsed": ("spd", "captain", "commander", LAPSED),
    "gone": ("spd", "captain", "commander", TRAINED),
    "sheriff": ("kcso", "captain", "assisting", TRAINED),
}


def raises(facts: str) -> dict[str, Any]:
    """The ask to raise the sector to targeted enforcement, which is the incident commander's alone."""
    return {"type": "RaiseLevel", "sector": "north", "level": "targeted", "facts": facts, **SIGNS}


GRANTS = {"type": "GrantLevel", "ask": "own-ask", "facts": "I grant what I asked for."}

PLAN = {"type": "ChangePlan", "packs": ["ours@sha256:" + "0" * 64], "clause": "§ 12", "reason": "It suits me."}

HANDS_OVER = {"type": "TransferCommand", "incoming": "lapsed", "briefing": "All is said.", "briefing_read": True}

WRONG: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("by rank and position", "sergeant", raises("mine"), "incident commander"),
    ("by agency", "sheriff", raises("ours"), ""),
    ("who asked it themselves", "ic", GRANTS, "the one who asked"),
    ("to someone whose training lapsed", "ic", HANDS_OVER, "training"),
    ("who was relieved", "relieved", raises("mine"), "incident commander"),
    ("who is off duty", "gone", raises("mine"), ""),
    ("who may not change the plan", "ic", PLAN, "below assistant-chief"),
    ("whose plan it is not", "sheriff", PLAN, ""),
    ("who asks for another plan from below", "sergeant", PLAN, "below assistant-chief"),
)


async def say(node: Node, log: str, person: str, cmd: c.Command, agency: str = "spd") -> None:
    """Send a command of the setting, which must be taken."""
    state = await node.service.state(log)
    sub = Submission(
        uuid7(NOW), msgspec.Raw(msgspec.json.encode(cmd)), issued_at=datetime.now(UTC), basis_seq=state.seq
    )
    (answer,) = await node.service.submit(log, author(person, agency), [sub])
    assert answer.status == "accepted", (cmd, answer)


async def setting(node: Node) -> str:
    """An incident at the second rung of the ladder, with everyone of PEOPLE in their place."""
    opening = c.OpenIncident(
        "Harbor march", "planned", "spd", "Metro Police", "UTC", "relieved",
        commander_name="Earlier commander", commander_rank="captain", commander_training=TRAINED,
    )  # fmt: skip
    log, answer = await node.service.open_incident(
        author("relieved", "spd"), opening, uuid7(NOW), issued_at=datetime.now(UTC)
    )
    assert answer.status == "accepted"
    await say(node, log, "relieved", c.DefineSector("north", "North pier"))
    await say(node, log, "relieved", c.AdmitAgency("kcso", "County Sheriff", "MOU 1", True))
    for person, (agency, rank, _, training) in PEOPLE.items():
        await say(node, log, person, c.CheckIn(person, person.title(), agency, rank, training=training), agency)
    await say(node, log, "relieved", c.AssignPosition("deputy", "gone"))
    await say(node, log, "gone", c.CheckOut("gone"))
    for level, sign in (("facilitate", "people-assembling"), ("engage", "tension-between-groups")):
        await say(node, log, "relieved", c.RaiseLevel("north", level, "I see it.", (sign,), liaison="called them"))
    await say(node, log, "relieved", c.TransferCommand("ic", "All is said.", True))
    asked = c.AskLevel("own-ask", "north", "targeted", tuple(SIGNS["indicators"]), "two persons", "spoke", "yes")
    await say(node, log, "ic", asked)
    return log


async def cookies(node: Node, log: str) -> dict[str, str]:
    """A session for each of PEOPLE."""
    found = {}
    for person, (agency, rank, role, training) in PEOPLE.items():
        url = await links.invite(
            node.backend.access, Account(person, person.title(), agency, rank, training=training), role,
            incident=log, base_url=node.base_urls[0], now=datetime.now(UTC), by=operator(),
        )  # fmt: skip
        found[person] = await sign_in(node.base_urls[0], url.rpartition("#")[2])
    return found


async def by_http(node: Node, log: str, cookie: str, command: dict[str, Any], seq: int) -> dict[str, Any]:
    """The answer to one command over HTTP."""
    body = {
        "cmd": uuid7(datetime.now(UTC)),
        "command": command,
        "issued_at": datetime.now(UTC).isoformat(),
        "basis_seq": seq,
    }
    base = node.base_urls[0]
    async with (
        aiohttp.ClientSession(headers={"Cookie": cookie, "Origin": base}) as client,
        client.post(f"{base}/api/incidents/{log}/commands", json=body) as got,
    ):
        assert got.status == 200, await got.text()
        return dict((await got.json())["answers"][0])


async def by_socket(node: Node, log: str, cookie: str, command: dict[str, Any], seq: int) -> dict[str, Any]:
    """The answer to one command over the socket."""
    sub = Submission(
        uuid7(datetime.now(UTC)), msgspec.Raw(json.dumps(command).encode()), issued_at=datetime.now(UTC), basis_seq=seq
    )
    async with Link(node.base_urls[0], log, cookie=cookie) as link:
        reading = asyncio.create_task(_read(link), name="reading frames")  # answers come in with the frames
        try:
            (answer,) = await link.submit([sub])
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    return dict(msgspec.to_builtins(answer))


async def _read(link: Link) -> None:
    async for _ in link:
        pass


async def by_command_line(data: Path, log: str, person: str, command: dict[str, Any]) -> dict[str, Any]:
    """The answer to one command that an operator of the machine sends in someone's name."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "command", "incident", "send", log, "-", "--person", person,
        "--agency", PEOPLE[person][0], "--json", "--data", str(data),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate(json.dumps(command).encode())
    assert process.returncode == 1, "refused is the exit code 1"
    return dict(json.loads(out))


async def test_no_door_lets_a_wrong_authorizer_through(tmp_path: Path) -> None:
    """Whoever may not is told so, with the reason, and the level stands where it stood."""
    data = tmp_path / "data"
    async with open_node(load({"data": str(data), "port": 0, "exercise": True}, {})) as node:
        log = await setting(node)
        signed = await cookies(node, log)
        for turn, (who, person, command, says) in enumerate(WRONG):
            seq = (await node.service.state(log)).seq
            answers = {
                "http": await by_http(node, log, signed[person], command, seq),
                "socket": await by_socket(node, log, signed[person], command, seq + 1),
            }
            if turn % STRIDE == 0:
                answers["command line"] = await by_command_line(data, log, person, command)
            for door, answer in answers.items():
                assert answer["status"] in ("refused", "denied"), (who, door, answer)
                said = json.dumps(answer).replace("-", " ")  # a rank's id at one door, its words at another
                assert says.replace("-", " ") in said, (who, door, answer)
            assert len((await node.service.state(log)).plan.stacks) == 1, who
            levels = (await node.service.state(log)).response.sectors["north"].levels
            assert levels.last is not None
            assert levels.last.level == "engage", who


def test_an_import_brings_no_ask_and_no_authority() -> None:
    """A mapping may make reports only, and never fill in a grant."""
    head = 'system = "x"\nrecord = "id"\n[time]\ncolumn = "t"\nformats = ["iso"]\nzone = "UTC"\n'
    with pytest.raises(Unreadable, match="report"):
        load_mapping(f'command = "RaiseLevel"\n{head}[fields.sector]\ncolumn = "s"\n', "asks.toml")
    with pytest.raises(Unreadable, match="grant"):
        load_mapping(f'command = "ReportForce"\n{head}[fields.grant]\ncolumn = "g"\n', "grants.toml")
