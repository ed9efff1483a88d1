"""What a live socket shows is what its person may see now: one's own whole, a changed grant at once, heads for who asks.

Over the real hub, views and authorizer, through real sockets; only the database is memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from command.domain.submission import Submission
from command.errors import Denied
from command.ledger import checkpoint
from command.service.checkpoints import vkey_of
from command.service.core import Service
from command.stream.client import Batch, Cursor, Frame, Hello, Link, Snapshot
from command.stream.frames import ServerCheckpoint, ServerOwn
from tests.web.harness import SIGNING_KEY
from tests.web.socket_server import until
from tests.web.test_socket_whole import Room, day, informed, room, sub

__all__ = ["room"]

MINE = "CANARY mine"
LATER_S = 60.0  # on the hub's clock: every member is looked at again


class Ear:
    """One live socket and every frame that came through it."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.frames: list[Frame] = []
        self.ended: BaseException | None = None

    async def read(self) -> None:
        try:
            async for frame in self.link:
                self.frames.append(frame)
        except Exception as exc:  # noqa: BLE001  what ended it is what a test looks at
            self.ended = exc


@asynccontextmanager
async def listening(
    room: Room, role: str, cursor: Cursor | None = None, *, checkpoints: bool = False
) -> AsyncIterator[Ear]:
    """A socket of this role's that is read while the context lasts; its hello is there."""
    link = Link(room.site.base, room.incident, cookie=room.cookies[role], cursor=cursor, checkpoints=checkpoints)
    async with link:
        ear = Ear(link)
        reading = asyncio.create_task(ear.read(), name=f"ear of {role}")
        try:
            await until(lambda: bool(ear.frames) or ear.ended is not None)
            yield ear
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


def at(ear: Ear) -> int:
    """How far it has seen."""
    position = ear.link.cursor.position
    return -1 if position is None else position.seq


def owns(ear: Ear) -> list[ServerOwn]:
    return [frame for frame in ear.frames if isinstance(frame, ServerOwn)]


def force(officer: str = "p2", subject: str = "x1") -> Submission:
    return sub("ReportForce", report=f"f-{officer}-{subject}", subject=subject, officer=officer, tool="oc-spray",
               sector="s1", account=MINE)  # fmt: skip


async def staffed(room: Room) -> None:
    """Sectors, agencies and people are there."""
    async with room.screen("commander") as commander:
        for one in day()[:16]:
            await commander.link.submit([informed(one, room)])


# The personal channel ---------------------------------------------------------------------------------------------


async def test_ones_own_follows_its_batch_and_reaches_nobody_else_of_the_same_lens(room: Room) -> None:
    """The batch through the lens says less; the frame after it has what this person wrote, at all of their sockets."""
    await staffed(room)
    room.cookies["another"] = await room.site.sign_in("field", person="field-2")
    async with (
        listening(room, "field") as mine,
        listening(room, "field") as again,
        listening(room, "another") as other,
    ):
        (answer,) = await mine.link.submit([force()])
        assert answer.status == "accepted" and answer.seq is not None
        await until(lambda: bool(owns(mine) and owns(again)) and at(other) == room.head())
        for ear in (mine, again):
            (own,) = owns(ear)
            assert answer.seq in [one.seq for one in own.events] and MINE in repr(own)
            before = ear.frames[ear.frames.index(own) - 1]
            assert isinstance(before, Batch) and before.first <= answer.seq <= before.last
            assert MINE not in repr(before)
        assert not owns(other) and MINE not in repr(other.frames)


async def test_ones_own_comes_again_with_a_fresh_screen_and_with_a_resumed_one(room: Room) -> None:
    """Whoever was away has lost nothing of what they wrote."""
    await staffed(room)
    async with listening(room, "field") as first:
        cursor = Cursor(first.link.cursor.position, first.link.cursor.lens)
        await first.link.submit([force()])
        await until(lambda: bool(owns(first)))
    async with listening(room, "field") as fresh:
        await until(lambda: bool(owns(fresh)))
        assert MINE in repr(owns(fresh)) and MINE not in repr([one for one in fresh.frames if one not in owns(fresh)])
    async with listening(room, "field", cursor) as back:
        await until(lambda: bool(owns(back)))
        hello = back.frames[0]
        assert isinstance(hello, Hello) and hello.resumed and MINE in repr(owns(back))


async def test_a_report_in_confidence_is_not_even_on_its_authors_own_screen(room: Room) -> None:
    """A screen that shows it would name them to whoever stands behind it (design/011)."""
    await staffed(room)
    async with listening(room, "field") as mine:
        said = sub("ReportExcessiveForce", witness="w1", kind="excessive force", what=MINE, confidential=True)
        (answer,) = await mine.link.submit([said])
        assert answer.status == "accepted"
        await until(lambda: at(mine) == room.head())
        await mine.link.ping(1)
        await until(lambda: type(mine.frames[-1]).__name__ == "ServerPong")
        assert not owns(mine) and MINE not in repr(mine.frames)


# A changed grant --------------------------------------------------------------------------------------------------


def seen_again(room: Room) -> None:
    """The sweep that each second brings, with a clock that says that it is time."""
    room.hub.sweep(room.hub.now() + LATER_S)


async def test_a_narrower_grant_is_a_new_snapshot_on_the_open_socket_and_takes_the_fields_away(room: Room) -> None:
    """From then on nothing of the compartment comes; what a screen holds of it is replaced."""
    await staffed(room)
    room.cookies["clerk"] = await room.site.sign_in("processing", person="clerk", compartments=("identity",))
    async with listening(room, "clerk") as clerk:
        hello = clerk.frames[0]
        assert isinstance(hello, Hello) and "+identity" in hello.me.lens
        await room.site.link("processing", person="clerk", compartments=())
        await room.hub.sweep_sessions()
        seen_again(room)
        await until(lambda: any(isinstance(one, Snapshot) for one in clerk.frames))
        (snapshot,) = [one for one in clerk.frames if isinstance(one, Snapshot)]
        assert snapshot.gap.reason == "sight changed" and "identity" not in snapshot.me.lens
        assert clerk.link.cursor.lens == snapshot.me.lens
        (answer,) = await clerk.link.submit([sub("RecordEntry", entry="after", text="goes on")])
        assert answer.status == "accepted"
        await until(lambda: at(clerk) == room.head())


async def test_a_position_seen_through_a_wider_lens_is_not_resumed_through_a_narrower_one(room: Room) -> None:
    """Also where the grant changed while the screen was away."""
    await staffed(room)
    room.cookies["clerk"] = await room.site.sign_in("processing", person="clerk", compartments=("identity",))
    async with listening(room, "clerk") as clerk:
        cursor = Cursor(clerk.link.cursor.position, clerk.link.cursor.lens)
    await room.site.link("processing", person="clerk", compartments=())
    async with listening(room, "clerk", cursor) as back:
        hello = back.frames[0]
        assert isinstance(hello, Hello) and not hello.resumed
        assert hello.gap is not None and hello.gap.reason == "sight changed"


async def test_whoever_comes_to_owe_a_first_account_loses_others_accounts_at_once_and_has_them_after(
    room: Room,
) -> None:
    """A live screen is narrowed by the very event that names its person, and widened by their own account."""
    await staffed(room)
    async with room.screen("commander") as commander, listening(room, "commander") as chief:
        room.cookies["officer"] = await room.site.sign_in("supervisor", person="p3", units=("u1",))
        async with listening(room, "officer") as officer:
            named = msgspec.structs.replace(force("p3", "x9"))
            (answer,) = await commander.link.submit([informed(named, room)])
            assert answer.status == "accepted", answer
            await until(lambda: any(isinstance(one, Snapshot) for one in officer.frames))
            snapshot = next(one for one in officer.frames if isinstance(one, Snapshot))
            assert snapshot.gap.reason == "sight changed" and "~" in snapshot.me.lens
            assert MINE not in repr(snapshot)
        assert not any(isinstance(one, Snapshot) for one in chief.frames), "nobody else starts over"


async def test_a_grant_that_ends_closes_the_socket(room: Room) -> None:
    """Denied, and not to be tried again."""
    async with listening(room, "field") as field:
        grants = room.site.access.grants_by_key
        for key in [key for key, grant in grants.items() if grant.person == "field-1"]:
            del grants[key]
        await room.hub.sweep_sessions()
        seen_again(room)
        await until(lambda: field.ended is not None)
        assert isinstance(field.ended, Denied)


# Signed heads -----------------------------------------------------------------------------------------------------


def heads(ear: Ear) -> list[ServerCheckpoint]:
    return [frame for frame in ear.frames if isinstance(frame, ServerCheckpoint)]


async def test_who_asks_is_told_of_each_signed_head_and_nobody_else_is(room: Room) -> None:
    """The newest with the hello, then each: a client knows from them alone what is covered."""
    signing = room.site.services.checkpoints
    service = room.site.services.service
    assert isinstance(service, Service)
    service.watch(signing.note)
    await signing.turn()
    async with listening(room, "field", checkpoints=True) as asks, listening(room, "field") as does_not:
        await until(lambda: bool(heads(asks)))
        (answer,) = await asks.link.submit([sub("RecordEntry", entry="e1", text="x")])
        await signing.turn()
        row = await signing.covering(room.incident)
        assert row is not None and answer.seq is not None
        room.hub.covered(row.log, row.size, row.note)
        await until(lambda: heads(asks)[-1].size >= (answer.seq or 0))
        name, key = checkpoint.read_verifier_key(vkey_of(SIGNING_KEY))
        assert checkpoint.verify_note(heads(asks)[-1].note, name, key).size == room.head()
        await does_not.link.ping(1)
        await until(lambda: type(does_not.frames[-1]).__name__ == "ServerPong")
        assert not heads(does_not)


@pytest.mark.parametrize("role", ["administrator"])
async def test_who_sees_nothing_of_an_incident_learns_no_head_of_it(room: Room, role: str) -> None:
    """Its size says how much happens."""
    with pytest.raises(Denied):
        async with listening(room, role, checkpoints=True) as ear:
            raise ear.ended or AssertionError("it was let in")
