"""The whole server in this process, on a thread and an event loop of its own: real database, real sockets."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import asyncpg
import msgspec

from command.access import links
from command.access.model import Account, Role
from command.bootstrap import Node, open_node
from command.cli.operator import author, operator
from command.config import load
from command.domain import commands as c
from command.domain import events as e
from command.domain.clock import incident_time
from command.domain.ids import Place
from command.domain.submission import Answer, Submission
from command.errors import Unavailable
from command.ids import uuid7

T = TypeVar("T")
WAIT_S = 180.0
LEAD, ALLY = "spd", "kcso"
COURSES = (e.Training("incident-command"), e.Training("crowd-management"))
OPEN = c.OpenIncident(
    name="Harbor march",
    kind="planned",
    lead_agency=LEAD,
    lead_agency_name="Metro Police",
    time_zone="America/Los_Angeles",
    commander="ic",
    commander_name="Ines Castro",
    commander_rank="captain",
    commander_training=COURSES,
    objectives=("People get a safe place to assemble.",),
)
SECTORS = {"north": "North pier", "south": "South pier", "square": "Market square"}
RINGS = {
    "north": ((47.610, -122.345), (47.615, -122.345), (47.615, -122.335), (47.610, -122.335)),
    "south": ((47.600, -122.345), (47.605, -122.345), (47.605, -122.335), (47.600, -122.335)),
    "square": ((47.605, -122.345), (47.610, -122.345), (47.610, -122.335), (47.605, -122.335)),
}


def now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def _collect() -> None:
    """A browser's TLS line to a server that ends is left to the collector by asyncio, which complains of it: here, where that is
    known, and not under whichever test comes later."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


async def _again(ask: Callable[[], Awaitable[T]]) -> T:
    """Sent again where the server says so, as every client does: on a busy machine the database may be late."""
    for _ in range(9):
        with suppress(Unavailable):
            return await ask()
    return await ask()


class House:
    """A running node. Its methods may be called from the test's thread."""

    def __init__(self, data: Path, port: int = 0, **settings: Any) -> None:
        """`settings` are those of the program; an exercise, where links sign in, unless they say otherwise."""
        self._settings = load({"data": str(data), "port": port, "exercise": True, **settings}, {})
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self.node: Node
        self._thread = threading.Thread(target=self._run, name="a node")

    def start(self) -> House:
        """Listen."""
        self._thread.start()
        assert self._ready.wait(WAIT_S), "the server did not start"
        if self._failed is not None:
            raise self._failed
        return self

    def close(self) -> None:
        """End as after a signal."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()
        if self._settings.tls:
            _collect()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as exc:  # noqa: BLE001 - whatever it was, the test's thread raises it
            self._failed = exc
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with open_node(self._settings) as node:
            self.node = node
            self._ready.set()
            await self._stop.wait()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the node's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    @property
    def url(self) -> str:
        """Where browsers reach it."""
        return self.node.base_urls[0]

    def link(
        self, person: str, role: Role, *, incident: str = "*", agency: str = LEAD, rank: str = "captain", **more: Any
    ) -> str:
        """What `muster user invite` prints. `more`: units, compartments."""
        account = Account(person, f"Name of {person}", agency, rank)
        store, by = self.node.backend.access, operator()
        given = {"incident": incident, "base_url": self.url, "now": now(), "by": by, **more}
        return self.wait(links.invite(store, account, role, **given))

    def leave_alone(self, person: str) -> None:
        """Let nobody have acted in someone's sessions for an hour."""
        self.wait(
            self._sql("update sessions set last_active_at = $2 where person = $1", person, now() - timedelta(hours=1))
        )

    async def _sql(self, text: str, *values: object) -> None:
        db = await asyncpg.connect(self.node.backend.databases.owner)
        try:
            await db.execute(text, *values)
        finally:
            await db.close()

    @contextmanager
    def earlier(self, minutes: int) -> Iterator[None]:
        """What happens herein is recorded as it would have been so many minutes ago: nobody waits ten minutes for a test."""

        def then(clock: e.IncidentClock | None, wall: datetime) -> datetime:
            return incident_time(clock, wall) - timedelta(minutes=minutes)

        with patch("command.service.compose.incident_time", then):
            yield

    def open(self, **changes: Any) -> str:
        """Open an incident; returns its id."""
        cmd = msgspec.structs.replace(OPEN, **changes)
        by = author(cmd.commander, cmd.lead_agency)
        number, made = uuid7(now()), now()
        log, answer = self.wait(_again(lambda: self.node.service.open_incident(by, cmd, number, issued_at=made)))
        answer = answer.first or answer
        assert answer.status == "accepted", answer
        return log

    def seq(self, log: str) -> int:
        """The head."""
        return self.node.service.position(log)[1]

    def send(self, log: str, *cmds: c.Command, by: str = "ic", agency: str = LEAD) -> list[Answer]:
        """Commands in one batch, which the plan must accept."""
        made = now()
        seen = self.seq(log)
        subs = [Submission(uuid7(made), msgspec.Raw(msgspec.json.encode(cmd)), issued_at=made, basis_seq=seen) for cmd in cmds]  # fmt: skip
        sent_by = author(by, agency)
        told = self.wait(_again(lambda: self.node.service.submit(log, sent_by, subs)))
        answers = [one.first or one for one in told]
        assert [one.status for one in answers] == ["accepted"] * len(cmds), [
            a for a in answers if a.status != "accepted"
        ]
        return answers

    def staffed(self, **changes: Any) -> str:
        """An incident with two agencies, three sectors, people and units; everything at the lowest level."""
        log = self.open(**changes)
        self.send(
            log,
            c.AdmitAgency(ALLY, "County Sheriff", "mutual aid 2026", True),
            *(c.DefineSector(one, name, RINGS[one]) for one, name in SECTORS.items()),
            c.CheckIn("deputy", "Dana Ortiz", LEAD, "captain", training=COURSES, camera_absent="command post"),
            c.CheckIn("sergeant", "Sam Reyes", LEAD, "sergeant", badge="4471", camera="BWC-1", training=COURSES),
            c.CheckIn("officer", "Olga Finn", LEAD, "officer", badge="4472", camera="BWC-2"),
            c.CheckIn("partner", "Pat Lund", ALLY, "lieutenant", training=COURSES),
            c.FormUnit("bike-1", "Bike 1", "bicycle", LEAD, "sergeant", 8),
            c.FormUnit("medic-1", "Medic 1", "medic", LEAD, None, 2),
            c.FormUnit("county-1", "County 1", "reserve", ALLY, "partner", 12),
        )
        self.send(
            log,
            c.AssignUnit("bike-1", "square", "with the gathering"),
            c.AssignUnit("county-1", None),
            c.AssignPosition("operations", "deputy"),
        )
        return log

    def busy(self, log: str) -> str:
        """Let something of every kind happen; returns the id of an ask that waits."""
        place = Place(lat=47.607, lon=-122.34)
        self.send(
            log,
            c.RaiseLevel("square", "facilitate", "People assemble on the square.", ("people-assembling",)),
            c.RecordObservation(uuid7(now()), "Two groups shout at each other.", "square", (), place, "about 20"),
            c.RecordLiaison(uuid7(now()), "march organizer", "in person", "square", "The lane stays open."),
            c.ReportWarning(uuid7(now()), "square", "facilitation-notice", exits=("north",), place=place),
            c.ReportForce(uuid7(now()), uuid7(now()), "4472", LEAD, "oc-hand", "square", place, account="as reported"),
            c.RecordDecision(uuid7(now()), "Reserves", "In staging", "They raise tension.", (e.RejectedOption("Square", "in view"),)),
            c.GiveOrder(uuid7(now()), "Keep the lane open.", ("bike-1",)),
            c.RecordEntry(uuid7(now()), "Water point opened."),
        )  # fmt: skip
        ask = uuid7(now())
        self.send(log, c.AskLevel(ask, "square", "engage", ("tension-between-groups",), "about 20", "tried", "yes", "Two groups."), by="officer")  # fmt: skip
        return ask
