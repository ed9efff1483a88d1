"""Force at every door: a wrong authorizer is refused, and force without a grant is kept, found and followed up, alike."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from command.access import links
from command.access.model import Account, Role
from command.bootstrap import Node, open_node
from command.cli.operator import author, operator
from command.cli.signin import sign_in
from command.config import load
from command.domain import commands as c
from command.domain import events as e
from command.errors import Unreadable
from command.exercise.mapping import load_mapping
from command.ids import uuid7
from tests.faults.test_doors import STRIDE, by_http, by_socket, say
from tests.support.packs import MODEL, changed

NOW = datetime.now(UTC)
TRAINED = (e.Training("incident-command"), e.Training("crowd-management"))
LAPSED = (e.Training("incident-command"), e.Training("crowd-management", NOW - timedelta(days=1)))

BY_ANYONE_ABOVE = (
    'authorizer    = [{ positions = ["incident-commander", "operations"] }, { rank = "sergeant or above" }]'
)
BY_AN_EYEWITNESS = """authorizer    = { rank = "lieutenant or above", designee = "sergeant or above", on_scene = true, \
witnessed = true, training = ["crowd-management"] }
cosigner      = [{ rank = "lieutenant or above" }]"""
IN_WRITING = """
[[delegation]]
id       = "rank-in-writing"
says     = "A lieutenant or above delegates in writing for at most two hours."
rank     = "lieutenant or above"
to       = "sergeant or above"
longest  = "2 h"
source   = "A test's own"
verified = "G"
"""
WHO_DELEGATES = 'who      = [{ positions = ["incident-commander"] }, { rank = "deputy-chief or above" }]'

PEOPLE: dict[str, tuple[str, str, Role, tuple[e.Training, ...]]] = {
    "ic": ("spd", "captain", "commander", TRAINED),
    "relieved": ("spd", "captain", "commander", TRAINED),
    "asker": ("spd", "lieutenant", "commander", TRAINED),
    "second": ("spd", "lieutenant", "commander", TRAINED),
    "constable": ("spd", "officer", "commander", TRAINED),
    "pretender": ("spd", "officer", "commander", TRAINED),
    "delegate": ("spd", "sergeant", "commander", TRAINED),
    "aide": ("spd", "sergeant", "commander", TRAINED),
    "lapsed": ("spd", "captain", "commander", LAPSED),
    "gone": ("spd", "captain", "commander", TRAINED),
    "away": ("spd", "captain", "commander", TRAINED),
    "sheriff": ("kcso", "captain", "assisting", TRAINED),
}


def grants(ask: str = "signed", **more: Any) -> dict[str, Any]:
    """The grant of a waiting ask, as someone would write it who may give it."""
    return {"type": "GrantForce", "ask": ask, "facts": "I see it.", "on_scene": True, "witnessed": True, **more}


WRONG: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("by rank", "constable", grants(), "below lieutenant"),
    ("by agency", "sheriff", grants(), "lead agency"),
    ("who asked for it", "asker", grants(), "the one who asked"),
    ("whose training lapsed", "lapsed", grants(), "training in date"),
    ("who is off duty", "gone", grants(), "checked out"),
    ("who is in another sector", "away", grants(), "must be at the place"),
    ("who is not at the place", "ic", grants(on_scene=False), "at the place"),
    ("who did not see it", "ic", grants(witnessed=False), "own eyes"),
    ("without the second signature", "ic", grants("unsigned"), "second signature"),
    ("whose delegation expired", "delegate", grants(), "delegation"),
    ("by authority that the one who asked delegated", "aide", grants(), "delegated themselves"),
    ("whose rank is their own word", "pretender", grants(), ""),
    ("who was relieved of command", "relieved", grants("line", witnessed=False), "does not hold the position"),
    ("a scribe of nobody on duty", "ic", grants(speaker="nobody", channel="radio", read_back=True), "check-in"),
    ("an ask of nobody", "ic", grants("no-such-ask"), "no-such-ask"),
)


def plan() -> str:
    """The model, in which a baton takes an eyewitness of rank, a second signature and training."""
    strict = changed(BY_ANYONE_ABOVE, BY_AN_EYEWITNESS, MODEL.read_text())
    return changed(WHO_DELEGATES, 'who      = { rank = "lieutenant or above" }', strict) + IN_WRITING


def wish(name: str, **more: Any) -> c.AskForce:
    """An ask for a baton."""
    about: dict[str, Any] = {
        "tool": "baton", "purpose": "protect person", "zones": ("legs",), "users": ("second",),
        "findings": ("violent-individual",), "grounds": ("assault",), **more,
    }  # fmt: skip
    return c.AskForce(
        name, sector="north", indiscriminate=False, subject="q1", quantity=2, lasts_s=600.0, objective="stop it",
        deescalation=("persuasion",), targeted=("arrest",), **about,
    )  # fmt: skip


async def setting(node: Node) -> str:
    """An incident at targeted enforcement, with everyone in their place and asks that wait."""
    opening = c.OpenIncident(
        "Harbor march", "planned", "spd", "Metro Police", "UTC", "relieved",
        commander_name="Earlier commander", commander_rank="captain", commander_training=TRAINED,
    )  # fmt: skip
    log, answer = await node.service.open_incident(
        author("relieved", "spd"), opening, uuid7(NOW), issued_at=datetime.now(UTC)
    )
    assert answer.status == "accepted"
    for sector in ("north", "south"):
        await say(node, log, "relieved", c.DefineSector(sector, f"{sector} pier"))
    await say(node, log, "relieved", c.AdmitAgency("kcso", "County Sheriff", "MOU 1", True))
    for person, (agency, rank, _, training) in PEOPLE.items():
        if person != "pretender":
            await say(node, log, person, c.CheckIn(person, person.title(), agency, rank, training=training), agency)
    await say(node, log, "gone", c.CheckOut("gone"))
    await say(node, log, "away", c.ReportPresence("south"))
    signs = ("march-moving", "tension-between-groups", "individual-probable-cause")
    for level in ("facilitate", "engage", "targeted"):
        raised = c.RaiseLevel("north", level, "I see it.", signs, "two persons", "spoke", "yes, all of them")
        await say(node, log, "relieved", raised)
    await say(node, log, "second", c.DelegateAuthority("d1", "delegate", 0.001, written=True))
    await say(node, log, "asker", c.DelegateAuthority("d2", "aide", 3600.0, written=True))
    await say(node, log, "relieved", c.TransferCommand("ic", "All is said.", True))
    for name in ("signed", "unsigned"):
        await say(node, log, "asker", wish(name))
    line = {"tool": "encirclement", "purpose": "arrest", "findings": ("each-has-probable-cause",), "users": ()}
    await say(node, log, "asker", wish("line", **line))
    await say(node, log, "second", c.CoSignForce("signed"))
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


async def muster(*args: str, text: str = "") -> tuple[int, str]:
    """Run the program beside the server; returns its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "command", *args,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(text.encode())
    return process.returncode or 0, out.decode() or err.decode()


async def by_command_line(data: Path, log: str, person: str, command: dict[str, Any]) -> dict[str, Any]:
    """The answer to one command that an operator of the machine sends in someone's name."""
    _, out = await muster(
        "incident", "send", log, "-", "--person", person, "--agency", PEOPLE[person][0], "--json", "--data", str(data),
        text=json.dumps(command),
    )  # fmt: skip
    return dict(json.loads(out))


async def test_no_door_lets_a_wrong_authorizer_of_force_through(tmp_path: Path) -> None:
    """Whoever may not is told so with the reason; nothing is granted; and the right one, last of all, may."""
    data, pack = tmp_path / "data", tmp_path / "strict.toml"
    pack.write_text(plan())
    settings = load({"data": str(data), "port": 0, "packs": str(pack), "exercise": True}, {})
    async with open_node(settings) as node:
        log = await setting(node)
        signed = await cookies(node, log)
        declared = {
            "type": "CheckIn", "person": "pretender", "name": "P.", "agency": "spd", "rank": "captain",
            "training": [{"course": "crowd-management"}],
        }  # fmt: skip
        seq = (await node.service.state(log)).seq
        assert (await by_http(node, log, signed["pretender"], declared, seq))["status"] == "accepted"
        for turn, (who, person, cmd, says) in enumerate(WRONG):
            seq = (await node.service.state(log)).seq
            answers = {
                "http": await by_http(node, log, signed[person], cmd, seq),
                "socket": await by_socket(node, log, signed[person], cmd, seq + 1),
            }
            if turn % STRIDE == 0:
                answers["command line"] = await by_command_line(data, log, person, cmd)
            for door, answer in answers.items():
                assert answer["status"] in ("refused", "denied"), (who, door, answer)
                if answer["status"] == "refused":
                    assert says in json.dumps(answer), (who, door, answer)
            assert not (await node.service.state(log)).grants.all, who
        seq = (await node.service.state(log)).seq
        right = await by_http(node, log, signed["ic"], grants(), seq)
        assert right["status"] == "accepted", "nothing but the person stood in the way"


@pytest.mark.parametrize(
    "ask", ["AskForce", "GrantForce", "CoSignForce", "RenewGrant", "RevokeGrant", "ConfirmRelay", "ChangePosture",
            "SuspendRule", "DelegateAuthority", "GrantLevel", "TransferCommand"]
)  # fmt: skip
def test_an_import_brings_no_authority_over_force(ask: str) -> None:
    """A table of records asks for nothing, signs nothing and grants nothing."""
    text = f'system = "x"\ncommand = "{ask}"\nrecord = "id"\n[time]\ncolumn = "t"\nformats = ["iso"]\nzone = "UTC"\n'
    with pytest.raises(Unreadable, match="report"):
        load_mapping(text + '[fields.facts]\nconstant = "I see it."\n', "asks.toml")


MAPPING = """
system  = "their-records"
command = "ReportForce"
record  = "id"
[time]
column  = "when"
formats = ["iso"]
zone    = "UTC"
[fields.report]
column  = "id"
kind    = "id"
[fields.subject]
constant = "q1"
[fields.officer]
constant = "second"
[fields.officer_agency]
constant = "spd"
[fields.tool]
constant = "baton"
[fields.sector]
constant = "north"
[fields.purpose]
constant = "protect person"
"""


async def test_force_without_a_grant_is_kept_found_and_followed_up_at_every_door(tmp_path: Path) -> None:
    """The same finding with the same reasons, and the same duties, however the report came in."""
    data, pack = tmp_path / "data", tmp_path / "strict.toml"
    pack.write_text(plan())
    settings = load({"data": str(data), "port": 0, "packs": str(pack), "exercise": True}, {})
    async with open_node(settings) as node:
        log = await setting(node)
        signed = await cookies(node, log)
        used = {
            "type": "ReportForce", "subject": "q1", "officer": "second", "officer_agency": "spd", "tool": "baton",
            "sector": "north", "purpose": "protect person",
        }  # fmt: skip
        seq = (await node.service.state(log)).seq
        await by_http(node, log, signed["second"], {**used, "report": "r-http"}, seq)
        await by_socket(node, log, signed["second"], {**used, "report": "r-socket"}, seq + 1)
        await by_command_line(data, log, "second", {**used, "report": "r-line"})
        table, mapping = tmp_path / "force.csv", tmp_path / "mapping.toml"
        table.write_text(f"id,when\nr-import,{datetime.now(UTC).isoformat()}\n")
        mapping.write_text(MAPPING)
        code, out = await muster(
            "import", str(table), "--mapping", str(mapping), "--incident", log, "--data", str(data), "--json"
        )
        assert code == 0, out
        state = await node.service.state(log)
        reports = state.force.reports
        assert len(reports) == 4, out
        findings = {report.finding for report in reports.values()}
        assert len(findings) == 1
        (finding,) = findings
        assert finding is not None
        assert finding.kind == "no authorization on record"
        owed = {
            name: sorted(duty.rule for duty in state.duties.all.values() if duty.started_by == name) for name in reports
        }
        assert len(set(map(tuple, owed.values()))) == 1, owed
        assert "unauthorized-force-review" in next(iter(owed.values()))
