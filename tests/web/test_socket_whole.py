"""Live equals fresh: what a screen folds from the socket is what a new screen is given, through every lens.

The real service, views, authorizer and hub over real sockets; only the database is
memory. Every kind of command that an incident's day is made of goes through.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from command.access.watch import SocketWatch
from command.domain.submission import Answer, Submission
from command.errors import Denied, MusterError, NotSignedIn
from command.service.api import Author
from command.stream.client import Batch, Cursor, Frame, Hello, Link, Snapshot
from command.stream.hub import Hub
from command.web.gate import WebGate
from command.web.socket import socket_handler
from tests.web.harness import START, Site, running
from tests.web.socket_server import until

LENSES = ("commander", "field", "assisting", "reviewer")


class Screen:
    """Holds a board and a feed, folded from frames alone."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.board: dict[str, dict[str, Any]] = {}
        self.feed: dict[int, Any] = {}
        self.gaps: list[str] = []

    async def read(self) -> None:
        """Fold until the link ends."""
        async for frame in self.link:
            self.fold(frame)

    def fold(self, frame: Frame) -> None:
        """Take a frame in."""
        if isinstance(frame, Hello | Snapshot) and frame.board is not None and frame.gap is not None:
            self.board = {name: dict(rows) for name, rows in frame.board.items()}
            self.feed = {entry.seq: entry for entry in frame.feed or ()}
            self.gaps.append(frame.gap.reason)
        elif isinstance(frame, Batch):
            for section, key, row in frame.changes:
                if row is None:
                    self.board[section].pop(key, None)
                else:
                    self.board[section][key] = row
            self.feed.update((entry.seq, entry) for entry in frame.events)

    @property
    def seq(self) -> int:
        """How far it has seen."""
        at = self.link.cursor.position
        return at.seq if at is not None else -1


class Room:
    """A site with its stream, one incident, and who is signed in."""

    def __init__(self, site: Site, hub: Hub) -> None:
        self.site = site
        self.hub = hub
        self.incident = ""
        self.cookies: dict[str, str] = {}

    @asynccontextmanager
    async def screen(self, role: str, cursor: Cursor | None = None) -> AsyncIterator[Screen]:
        """A screen that reads while the context lasts."""
        async with Link(self.site.base, self.incident, cookie=self.cookies[role], cursor=cursor) as link:
            screen = Screen(link)
            reading = asyncio.create_task(screen.read(), name=f"screen of {role}")
            try:
                await until(lambda: screen.seq >= 0 or reading.done())
                yield screen
            finally:
                reading.cancel()
                (ended,) = await asyncio.gather(reading, return_exceptions=True)
                # What ended the reading is the reason of whatever failed since.
                assert isinstance(ended, asyncio.CancelledError), ended

    def head(self) -> int:
        """The log's last seq."""
        return self.site.services.service.position(self.incident)[1]

    async def agree(self, screens: dict[str, Screen]) -> None:
        """Every screen holds exactly what a fresh one is given."""
        for role, screen in screens.items():
            await until(lambda screen=screen: screen.seq == self.head())
            async with self.screen(role) as fresh:
                assert fresh.seq == screen.seq
                assert {name: rows for name, rows in screen.board.items() if rows} == {
                    name: rows for name, rows in fresh.board.items() if rows
                }, f"through {role}"
                newest = {seq: entry for seq, entry in screen.feed.items() if seq in fresh.feed}
                assert {seq: _lasting(entry) for seq, entry in newest.items()} == {
                    seq: _lasting(entry) for seq, entry in fresh.feed.items()
                }, f"through {role}"


def _lasting(entry: Any) -> Any:
    """An entry without what a later event may add: that it was struck or redacted, a name learned at check-in."""
    return msgspec.structs.replace(entry, struck=False, redacted=False, who=None, line="")


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with running() as site:
        services = site.services
        hub = Hub(services.service, services.views, SocketWatch(services.access, services.now))

        async def covering(log: str) -> tuple[int, str] | None:
            row = await services.checkpoints.covering(log)
            return None if row is None else (row.size, row.note)

        site.on_socket = socket_handler(
            hub, services.service, services.views, WebGate(), origins=services.settings.origins, covering=covering
        )
        async with hub:
            room = Room(site, hub)
            room.cookies["commander"] = await site.sign_in("commander")
            room.incident = await site.open(room.cookies["commander"])
            for role in ("field", "assisting", "reviewer", "administrator"):
                room.cookies[role] = await site.sign_in(role)  # type: ignore[arg-type]  # a role by its name
            yield room


def sub(kind: str, /, **fields: Any) -> Submission:
    command = msgspec.json.encode({"type": kind, **fields})
    return Submission(str(uuid.uuid4()), msgspec.Raw(command), issued_at=START)


def informed(one: Submission, room: Room) -> Submission:
    """The same command, by an author who has seen everything so far."""
    return msgspec.structs.replace(one, basis_seq=room.head())


def day() -> list[Submission]:
    """A day: everything that makes, changes and removes a row of a board."""
    place = {"lat": 47.6, "lon": -122.3}
    training = [{"course": "incident-command"}, {"course": "crowd-management"}]
    return [
        sub("DefineSector", sector="s1", name="Pine"),
        sub("DefineSector", sector="s2", name="Pike", boundary=[[0, 0], [0, 1], [1, 1]]),
        sub("AdmitAgency", agency="kcso", name="County", agreement="2016", accepted_plan=True),
        sub("CheckIn", person="commander-1", name="Ada", agency="spd", rank="captain", training=training),
        sub("CheckIn", person="p3", name="Cy", agency="spd", rank="captain", training=training),
        sub("CheckIn", person="p2", name="Bo", agency="kcso", rank="sergeant", camera="c7", helmet="12"),
        sub("AssignPosition", position="operations", person="p3"),
        sub("FormUnit", unit="u1", name="Bikes", kind="bicycle", agency="spd", size=12),
        sub("FormUnit", unit="u2", name="County 1", kind="reserve", agency="kcso", leader="p2"),
        sub("AssignUnit", unit="u1", sector="s1", assignment="escort", place=place),
        sub("AssignUnit", unit="u2", sector="s2"),
        sub(
            "RecordObservation",
            observation="o1",
            what="they gather",
            sector="s1",
            place=place,
            indicators=["people-assembling"],
        ),
        sub("RecordObservation", observation="o2", what="they march", sector="s2", indicators=["march-moving"]),
        sub("RecordLiaison", contact="l1", role="organizer", channel="phone", sector="s1", agreed="a route"),
        sub("ReportWarning", warning="w1", sector="s1", text="dispersal-1", amplified=True, exits=["north"]),
        sub("AskLevel", ask="a1", sector="s1", level="facilitate", facts="x", indicators=["people-assembling"]),
        sub("RaiseLevel", sector="s2", level="facilitate", facts="they march", indicators=["march-moving"]),
        sub("AskLevel", ask="a2", sector="s2", level="facilitate", facts="again"),
        sub("WithdrawAsk", ask="a2"),
        sub("GrantLevel", ask="a1", facts="I saw it"),
        sub("DenyAsk", ask="a1", reason="calm again"),
        sub("ReportForce", report="f1", subject="x1", officer="p2", tool="oc-spray", sector="s1", account="CANARY one"),
        sub("ReportForce", report="f2", subject="x2", officer="p9", exigent=True, exigent_reason="knife", place=place),
        sub("GiveOrder", order="or1", text="hold the line at Pine", to=["u1", "u2"]),
        sub("AcknowledgeOrder", order="or1", unit="u1"),
        sub("GiveOrder", order="or2", text="step back", to=["u1"], supersedes="or1"),
        sub("RecordEntry", entry="e1", text="a mistake", sector="s1"),
        sub("RecordEntry", entry="e2", text="struck", strikes="e1"),
        sub("RecordDecision", decision="d1", question="stay?", chosen="stay", reasons="calm"),
        sub("LowerLevel", sector="s2", level="plan", facts="calm"),
        sub("VacatePosition", position="operations"),
        sub("ReleaseUnit", unit="u2"),
        sub("CheckOut", person="p2"),
    ]


async def test_after_every_commit_every_lens_holds_what_a_fresh_screen_is_given(room: Room) -> None:
    async with (
        room.screen("commander") as commander,
        room.screen("field") as field,
        room.screen("assisting") as assisting,
        room.screen("reviewer") as reviewer,
    ):
        screens = dict(zip(LENSES, (commander, field, assisting, reviewer), strict=True))
        statuses = set()
        for number, one in enumerate(day()):
            (answer,) = await commander.link.submit([informed(one, room)])
            statuses.add(answer.status)
            assert answer.status in ("accepted", "refused"), f"{bytes(one.command)!r}: {answer}"
            if number % 6 == 0:
                await room.agree(screens)
        assert statuses == {"accepted", "refused"}, "both kinds of answer were seen"
        await room.agree(screens)
        texts = {role: repr(sorted(screen.feed.items())) for role, screen in screens.items()}
        assert len(set(texts.values())) > 1, "the lenses do not all show the same"
        assert "CANARY one" in texts["commander"] and "CANARY one" not in texts["assisting"]


async def test_a_cut_screen_that_resumes_holds_what_a_fresh_one_is_given(room: Room) -> None:
    async with room.screen("commander") as commander:
        cut: dict[str, Screen] = {}
        for role in LENSES:
            async with room.screen(role) as screen:
                cut[role] = screen
        for one in day():
            await commander.link.submit([informed(one, room)])
        for role, old in cut.items():
            async with room.screen(role, old.link.cursor) as back:
                back.board, back.feed = old.board, old.feed
                await until(lambda back=back: back.seq == room.head())
                assert back.gaps == [], "it was resumed"
                await room.agree({role: back})


async def test_a_redacted_value_leaves_every_screen(room: Room) -> None:
    async with room.screen("commander") as commander, room.screen("reviewer") as reviewer:
        screens = {"commander": commander, "reviewer": reviewer}
        for one in day():
            await commander.link.submit([informed(one, room)])
        await room.agree(screens)
        assert "CANARY one" in repr(commander.feed)
        author = Author("administrator-1", "spd", _session(room, "administrator"), "test", frozenset({"Redact"}))
        redact = sub("Redact", authority="court", reason="order 12", subject="x1")
        (answer,) = await room.site.services.service.submit(room.incident, author, [redact])
        assert answer.status == "accepted", answer
        await until(lambda: all(screen.gaps[-1] == "redacted" for screen in screens.values()))
        assert "CANARY one" not in repr([(screen.feed, screen.board) for screen in screens.values()])
        await room.agree(screens)


def _session(room: Room, role: str) -> str:
    return room.site.sessions[room.cookies[role]]


async def test_commands_of_a_lens_that_may_not_send_are_denied(room: Room) -> None:
    async with room.screen("reviewer") as reviewer:
        before = room.head()
        try:
            answers: tuple[Answer, ...] = await reviewer.link.submit([sub("RecordEntry", entry="e1", text="no")])
        except MusterError as exc:
            assert exc.code == "denied"
        else:
            assert answers[0].status == "denied"
        assert room.head() == before


async def test_who_has_no_lens_is_denied_and_who_has_no_session_is_not_signed_in(room: Room) -> None:
    with pytest.raises(Denied):
        async with room.screen("administrator"):
            pass
    room.cookies["nobody"] = ""
    with pytest.raises(NotSignedIn):
        async with room.screen("nobody"):
            pass


async def test_a_session_that_is_ended_loses_its_screen_at_the_next_sweep(room: Room) -> None:
    async with Link(room.site.base, room.incident, cookie=room.cookies["field"]) as link:
        frames = link.__aiter__()
        assert isinstance(await anext(frames), Hello)
        await room.site.access.revoke(_session(room, "field"), room.site.now, None)
        await room.hub.sweep_sessions()
        with pytest.raises(NotSignedIn):
            while True:
                await anext(frames)
