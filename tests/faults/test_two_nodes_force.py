"""Two servers and a replay give the same answers about levels and force, at every event, whichever of them was asked.

The two processes hash texts differently (each draws its own seed), so an answer that came in the order of a
map would differ between them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from command.access.links import invite
from command.access.model import Account, Role
from command.bootstrap import open_backend
from command.cli.operator import operator
from command.clock import utc_now
from command.domain import events as e
from command.domain.codec import decode_recorded
from command.domain.fold import evolve, initial
from command.domain.state import State
from command.ids import uuid7
from command.library import load_stack, read_files
from command.store.embedded import Cluster
from command.views.permits import Asker, permits
from tests.faults.test_two_nodes import Pair, pair
from tests.support.checker import rows_of
from tests.support.clients import AGENCIES, Seat, ask, call, settings_of

TRAINED = (e.Training("incident-command"), e.Training("crowd-management"))
PEOPLE: dict[str, tuple[str, Role]] = {
    "ic": ("captain", "commander"), "boss": ("deputy-chief", "commander"), "sergeant": ("sergeant", "commander"),
    "p1": ("officer", "field"), "eye": ("captain", "reviewer"),
}  # fmt: skip
SIGNS = ["march-moving", "tension-between-groups", "individual-probable-cause"]
WHY: dict[str, Any] = {
    "extent": "about 20 of 400",
    "liaison": "spoke with the marshals",
    "others_may_continue": "yes, all others",
}


class Street:
    """An incident at both nodes, with a session for each of PEOPLE."""

    def __init__(self, both: Pair, seats: dict[str, Seat], http: aiohttp.ClientSession) -> None:
        self.both = both
        self.seats = seats
        self.http = http
        self.log = ""
        self.turn = 0
        self.answers: list[dict[str, Any]] = []

    @property
    def path(self) -> str:
        """Where commands go."""
        return f"/api/incidents/{self.log}/commands"

    async def send(self, person: str, body: Any, node: int) -> dict[str, Any]:
        """One command, as it is, to one node."""
        found = await ask(self.http, self.seats[person].at(self.both.nodes[node].url), "POST", self.path, body)
        answer: dict[str, Any] = found["answers"][0]
        return answer

    async def basis(self, node: int) -> int:
        """What someone at a node has seen."""
        board = await ask(
            self.http, self.seats["eye"].at(self.both.nodes[node].url), "GET", f"/api/incidents/{self.log}/board"
        )
        seq: int = board["at"]["seq"]
        return seq

    async def say(self, person: str, kind: str, /, *, late_s: float = 0.0, error_ms: int = 0, **fields: Any) -> str:
        """The same command to both nodes at the same moment; both must say the same. Returns how it went."""
        seen = min([await self.basis(0), await self.basis(1)])
        body = command(kind, seen, **fields)
        if late_s:
            body["occurred_at"] = (datetime.now(UTC) - timedelta(seconds=late_s)).isoformat()
        if error_ms:
            body["clock_error_ms"] = error_ms
        raw = msgspec.json.encode(body)
        answers = await asyncio.gather(*(self.send(person, raw, node) for node in (0, 1)))
        (first,) = (answer for answer in answers if answer["status"] != "duplicate")
        (again,) = (answer for answer in answers if answer["status"] == "duplicate")
        assert firsts(again) == first, kind
        self.answers.append(first)
        status: str = first["status"]
        return status


def firsts(answer: dict[str, Any]) -> dict[str, Any]:
    """What was said at first, of the first answer as of its repetition."""
    return dict(answer["first"]) if answer["status"] == "duplicate" else answer


def command(kind: str, seen: int, /, **fields: Any) -> dict[str, Any]:
    """A command as it is sent."""
    now = datetime.now(UTC)
    return {
        "cmd": uuid7(now), "command": {"type": kind, **fields}, "issued_at": now.isoformat(), "basis_seq": seen,
    }  # fmt: skip


@asynccontextmanager
async def street(cluster: Cluster, folder: Path) -> AsyncIterator[Street]:
    """Two nodes, one incident at the third rung of the ladder."""
    async with pair(cluster, folder) as both, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        there = Street(both, await seats(both), http)
        opening = {
            "type": "OpenIncident", "name": "A march", "kind": "planned", "lead_agency": "spd",
            "lead_agency_name": "Seattle Police", "time_zone": "America/Los_Angeles", "commander": "ic",
            "commander_rank": "captain", "commander_training": msgspec.to_builtins(TRAINED),
        }  # fmt: skip
        body = {"cmd": uuid7(utc_now()), "command": opening, "issued_at": utc_now().isoformat()}
        opened = await ask(http, there.seats["ic"], "POST", "/api/incidents", body)
        assert opened["answer"]["status"] == "accepted", opened
        there.log = opened["incident"]
        for person, (rank, role) in PEOPLE.items():
            training = msgspec.to_builtins(TRAINED)
            if role != "reviewer":
                said = await there.say(
                    person, "CheckIn", person=person, name=person.title(), agency="spd", rank=rank, training=training
                )
                assert said == "accepted"
        assert await there.say("ic", "DefineSector", sector="north", name="North pier") == "accepted"
        for level in ("facilitate", "engage", "targeted"):
            raised = await there.say(
                "ic", "RaiseLevel", sector="north", level=level, facts="I see it.", indicators=SIGNS, **WHY
            )
            assert raised == "accepted", there.answers[-1]
        yield there


async def seats(both: Pair) -> dict[str, Seat]:
    """A session for each of PEOPLE, with their training on their accounts."""
    node = both.nodes[0]
    flags = dict(zip(node._flags[::2], node._flags[1::2], strict=True))
    urls = {name.removeprefix("--").replace("-", "_"): url for name, url in flags.items()}
    links: dict[str, str] = {}
    async with open_backend(settings_of(node.data, **urls), attach=True) as backend:
        for person, (rank, role) in PEOPLE.items():
            account = Account(person, person.title(), AGENCIES[role], rank, training=TRAINED)
            link = await invite(backend.access, account, role, base_url=both.nodes[0].url, now=utc_now(), by=operator())
            links[person] = link.partition("#")[2]
    found = {}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        for number, (person, link) in enumerate(links.items()):
            seat = Seat(person, both.nodes[0].url, "", f"10.9.0.{number + 1}")
            async with http.post(f"{seat.url}/api/session", json={"link": link}, headers=seat.headers) as got:
                assert got.status == 204, await got.text()
                seat.cookie = got.headers["Set-Cookie"].partition(";")[0]
            found[person] = seat
    return found


def wish(name: str, **more: Any) -> dict[str, Any]:
    """An ask for a baton against one who strikes."""
    return {
        "ask": name, "tool": "baton", "purpose": "protect person", "sector": "north", "zones": ["legs"],
        "indiscriminate": False, "subject": "q1", "users": ["p1"], "quantity": 20, "lasts_s": 600.0,
        "grounds": ["assault"], "findings": ["violent-individual"], "deescalation": ["persuasion"],
        "objective": "stop the assault", **more,
    }  # fmt: skip


async def used(there: Street, name: str, grant: str | None, **more: Any) -> str:
    """A report of use; returns its finding."""
    fields: dict[str, Any] = {
        "report": name, "subject": "q1", "officer": "p1", "officer_agency": "spd", "tool": "baton",
        "sector": "north", "purpose": "protect person", "zones": ["legs"], "quantity": 1,
    }  # fmt: skip
    assert await there.say("p1", "ReportForce", **{**fields, "grant": grant, **more}) == "accepted"
    found: str = there.answers[-1]["finding"]["kind"]
    return found


async def story(there: Street) -> None:
    """Asked, granted, used, relayed, renewed, revoked, expired; reported in time, late, and by a clock that is off."""
    assert await there.say("sergeant", "AskForce", **wish("a1")) == "accepted"
    assert await there.say("sergeant", "GrantForce", ask="a1", facts="Mine.", grant="g0", on_scene=True) == "refused"
    assert await there.say("ic", "GrantForce", ask="a1", facts="I see it.", grant="g1", on_scene=True) == "accepted"
    assert await used(there, "r1", "g1") == "authorized"
    assert await used(there, "r2", None) == "authorized"
    assert await used(there, "r3", None, late_s=3600.0) == "no authorization on record"
    assert await used(there, "r4", "g1", error_ms=3_600_000) == "cannot tell"
    assert (
        await there.say("ic", "RenewGrant", grant="g1", facts="It goes on.", on_scene=True, lasts_s=60.0) == "accepted"
    )
    for name in ("a2", "a3", "a4"):
        assert await there.say("sergeant", "AskForce", **wish(name)) == "accepted"
    spoken: dict[str, Any] = {"speaker": "ic", "channel": "radio 1", "read_back": True}
    assert await there.say("p1", "GrantForce", ask="a2", facts="He said yes.", grant="g2", on_scene=True, **spoken)
    assert await used(there, "r5", "g2") == "no authorization on record"
    assert await there.say("ic", "ConfirmRelay", grant="g2") == "accepted", there.answers[-1]
    assert await there.say("ic", "GrantForce", ask="a3", facts="I see it.", grant="g3", on_scene=True, lasts_s=0.05)
    await ended(there, "g3")
    assert await used(there, "r6", "g3") == "no authorization on record"
    assert await there.say("ic", "GrantForce", ask="a4", facts="I see it.", grant="g4", on_scene=True) == "accepted"
    assert await there.say("sergeant", "CoSignForce", ask="g4") == "refused"
    assert await there.say("boss", "RevokeGrant", grant="g4", reason="It is over.") == "accepted"
    assert await there.say("ic", "RevokeGrant", grant="g4", reason="It is over.") == "refused"
    assert await used(there, "r7", "g4") == "no authorization on record"
    assert await there.say("sergeant", "RenewLevel", sector="north", facts="Still.") == "refused"
    assert await there.say("ic", "RenewLevel", sector="north", facts="Still.") == "accepted"
    assert await there.say("ic", "LowerLevel", sector="north", level="plan", facts="Calm.") == "accepted"


async def ended(there: Street, grant: str) -> None:
    """Wait until a grant is over by the incident's own clock."""
    async with asyncio.timeout(60):
        while True:
            view = await ask(
                there.http, there.seats["eye"].at(there.both.nodes[0].url), "GET",
                f"/api/incidents/{there.log}/permits?sector=north",
            )  # fmt: skip
            if grant not in json.dumps([tool.get("grants") for tool in view["tools"]]):
                return
            await asyncio.sleep(0.02)


async def test_two_nodes_and_a_replay_answer_alike_at_every_event(cluster: Cluster, tmp_path: Path) -> None:
    """Each command of a day goes to both at once and has one answer; then both, and a fold of the log's bytes, are asked
    after each event what may be done and what it would take."""
    async with asyncio.timeout(300), street(cluster, tmp_path) as there:
        await story(there)
        rows = await rows_of(there.both.dsn, there.log)
        stack = load_stack(read_files())
        state: State = initial(there.log)
        compared = 0
        for seq, _, header in rows:
            state = evolve(state, decode_recorded(header))
            if "north" not in state.response.sectors:
                continue
            for person in ("ic", "sergeant"):
                path = f"/api/incidents/{there.log}/permits?sector=north&at={seq}"
                told = [
                    await call(there.http, there.seats[person].at(node.url), "GET", path) for node in there.both.nodes
                ]
                assert told[0][0] == 200, told[0]
                assert told[0] == told[1], (seq, person)
                assert state.recorded_at is not None
                asker = Asker(person, "spd", PEOPLE[person][0])
                replayed = permits(state, stack, "north", asker, state.recorded_at, then=True)
                assert json.loads(told[0][1]) == json.loads(msgspec.json.encode(replayed)), (seq, person)
                compared += 1
        assert compared > 100
        levels = state.response.sectors["north"].levels.last
        assert levels is not None
        lapse = levels.until or state.recorded_at
        assert lapse is not None
        one, other = await there.both.hashes()
        assert one == other


async def test_a_grant_whose_node_dies_is_known_and_once(cluster: Cluster, tmp_path: Path) -> None:
    """SIGKILL while grants are under way: each, sent again to the other node, has one answer and one event at most."""
    async with asyncio.timeout(300), street(cluster, tmp_path) as there:
        names = [f"k{n}" for n in range(12)]
        for name in names:
            assert await there.say("sergeant", "AskForce", **wish(name)) == "accepted"
        seen = await there.basis(0)
        bodies = [
            msgspec.json.encode(
                command("GrantForce", seen, ask=name, facts="I see it.", grant=f"g-{name}", on_scene=True)
            )
            for name in names
        ]
        sent = [asyncio.create_task(there.send("ic", raw, 0), name="a grant") for raw in bodies]
        await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
        await there.both.nodes[0].kill()
        first = await asyncio.gather(*sent, return_exceptions=True)
        told = [answer for answer in first if isinstance(answer, dict)]
        assert told, "nothing was answered before the node died"
        again = [await there.send("ic", raw, 1) for raw in bodies]
        for before, after in zip(first, again, strict=True):
            assert after["status"] in ("accepted", "duplicate"), after
            if isinstance(before, dict):
                assert after["status"] == "duplicate"
                assert firsts(after) == before
        rows = await rows_of(there.both.dsn, there.log)
        granted = [json.loads(header)["body"]["grant"] for _, _, header in rows if b'"type":"ForceGranted"' in header]
        assert sorted(granted) == sorted(f"g-{name}" for name in names)
        await there.both.nodes[0].start()
        one, other = await there.both.hashes()
        assert one == other
