"""What the hub is told of open sockets: who still sees what, and whose session has ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from command.access.audit import entry
from command.access.links import invite, redeem
from command.access.memory import MemoryAccess
from command.access.memory_credentials import MemoryCredentials
from command.access.model import Account, Role, Subject
from command.access.sessions import IDLE_S
from command.access.watch import SocketWatch

START = datetime(2016, 5, 1, 12, 0, tzinfo=UTC)
ADMIN = Subject(person="admin", name="", agency="spd", rank="", session="", source="cli")
ROW = entry(None, "session.end", None, "ok", START, source="cli")


class Time:
    """A clock to move."""

    now = START


async def signed_in(access: MemoryAccess, person: str, role: Role, hours: int | None = None) -> str:
    """Someone's session id."""
    account = Account(person=person, name="N", agency="kcso")
    until = None if hours is None else START + timedelta(hours=hours)
    url = await invite(access, account, role, base_url="http://x", now=START, by=ADMIN, not_after=until)
    got = await redeem(access, url.partition("#")[2], source="10.0.0.9", now=START, exercise=True)
    assert got is not None
    return got[1].id


async def test_live_sessions_are_told_with_their_grants_of_now() -> None:
    """Revoked, disabled, idle and unknown ones are left out, each at its moment."""
    access, time = MemoryAccess(lambda row: None), Time()
    watch = SocketWatch(access, lambda: time.now)
    anna, ben = await signed_in(access, "anna", "field"), await signed_in(access, "ben", "assisting")
    cleo = await signed_in(access, "cleo", "reviewer")
    everyone = [anna, ben, cleo, "s-unknown"]
    live = await watch.live(everyone)
    assert set(live) == {anna, ben, cleo}
    assert [grant.role for grant in live[ben].grants] == ["assisting"]
    assert live[anna].source == "10.0.0.9"
    await access.revoke(anna, time.now, ROW)
    await access.disable("ben", time.now, ROW)
    assert set(await watch.live(everyone)) == {cleo}
    time.now += timedelta(seconds=IDLE_S)
    assert await watch.live(everyone) == {}


async def test_sight_ends_with_the_grant_by_the_clock_alone() -> None:
    """At the moment itself; and each sweep says that it is worth asking again."""
    access, time = MemoryAccess(lambda row: None), Time()
    watch = SocketWatch(access, lambda: time.now)
    session = await signed_in(access, "ben", "assisting", hours=1)
    subject = (await watch.live([session]))[session]
    sight = watch.sight(subject, "i-1")
    assert sight is not None
    assert (sight.role, sight.lens, "CheckIn" in sight.may, "GrantLevel" in sight.may) == (
        "assisting", "agency:kcso", True, False,
    )  # fmt: skip
    version = watch.version()
    time.now += timedelta(hours=1)
    await watch.live([session])
    assert watch.version() > version
    assert watch.sight(subject, "i-1") is None


async def test_who_has_no_lens_has_no_sight() -> None:
    """An administrator, and someone without grants."""
    access = MemoryAccess(lambda row: None)
    watch = SocketWatch(access, lambda: START)
    session = await signed_in(access, "adm", "administrator")
    assert watch.sight((await watch.live([session]))[session], "i-1") is None
    assert watch.sight(ADMIN, "i-1") is None


async def test_a_session_that_was_put_away_is_not_live() -> None:
    """The next sweep closes its sockets, on whichever node they are."""
    access, time = MemoryAccess(lambda row: None), Time()
    watch = SocketWatch(access, lambda: time.now)
    anna = await signed_in(access, "anna", "field")
    assert set(await watch.live([anna])) == {anna}
    assert await MemoryCredentials(access, lambda row: None).lock(anna, START, ROW)
    assert set(await watch.live([anna])) == set()
