"""What every DeviceStore keeps: codes once and in time, keys once, numbers for one text, an end for good."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from command.access.model import Account, Grant
from command.access.ports import AccessStore, Link
from command.access.sessions import Session, new_session, new_token, token_digest
from command.devices.model import AuthorKey, Code, Decided, Device, Held, Presence
from command.devices.ports import DeviceStore
from command.store.ports import AuditRow
from tests.support.device_keys import P256, fresh

NOW = datetime(2016, 5, 1, 18, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=9, seconds=59)
CODE = Code(b"c" * 32, "spd", "Tablet 7", NOW, NOW + timedelta(minutes=10), "admin-1")
HELD = Held("q-1", "log-1", "d-1", 3, "cmd-1", "officer-1", "RecordArrest", "revoked", NOW, b"box")


def device(name: str = "d-1", key: bytes = P256.public, at: datetime = NOW) -> Device:
    return Device(name, "spd", "Tablet 7", "es256", key, at, "admin-1", seen_at=at)


def row(action: str = "device.enrol", about: str = "d-1") -> AuditRow:
    return AuditRow(NOW, "admin-1", "", "cli", action, about, "ok")


class Bench(msgspec.Struct):
    """A store with the accounts beside it, its trail, and a way to take the trail away."""

    store: DeviceStore
    access: AccessStore
    trail: Callable[[], Awaitable[list[AuditRow]]]
    break_audit: Callable[[], Awaitable[None]]

    async def signed_in(self, person: str = "officer-1", at: datetime = NOW) -> Session:
        """A session of someone with a grant."""
        token, link = new_token(), new_token()
        digest = token_digest(link)
        assert digest is not None
        session = new_session(token, person="", source="cli", assurance="exercise", now=at)
        await self.access.invite(
            Account(person, "Name", "spd"),
            [Grant(person, "field", "*")],
            Link(digest, person, at, at + timedelta(minutes=10), "admin-1"),
            row("user.invite", person),
        )
        assert await self.access.redeem(digest, session, row("session.redeem", session.id), at)
        return msgspec.structs.replace(session, person=person)

    async def enrolled(self, name: str = "d-1") -> Device:
        """A device, let in by a code of its own."""
        code = msgspec.structs.replace(CODE, sha256=name.encode().ljust(32, b"."))
        await self.store.invite(code, row("device.invite"))
        made = device(name, fresh().public)
        assert await self.store.enrol(code.sha256, made, row())
        return made


class DevicesContract:
    """Run on every store, with a `bench` fixture."""

    async def test_a_code_lets_one_device_in(self, bench: Bench) -> None:
        """The second comes too late, with whatever key; the first is there word for word."""
        await bench.store.invite(CODE, row("device.invite"))
        assert await bench.store.code(CODE.sha256) == CODE
        assert await bench.store.enrol(CODE.sha256, device(at=LATER), row())
        assert not await bench.store.enrol(CODE.sha256, device("d-2", fresh().public), row())
        assert await bench.store.device("d-1") == device(at=LATER)
        assert await bench.store.device("d-2") is None
        used = await bench.store.code(CODE.sha256)
        assert used is not None and used.device == "d-1"
        assert [one.action for one in await bench.trail()].count("device.enrol") == 1

    @pytest.mark.parametrize("late_s", [0, 1])
    async def test_a_code_is_over_at_its_second(self, bench: Bench, late_s: int) -> None:
        await bench.store.invite(CODE, row("device.invite"))
        late = CODE.expires_at + timedelta(seconds=late_s)
        assert not await bench.store.enrol(CODE.sha256, device(at=late), row())
        assert await bench.store.device("d-1") is None
        assert await bench.store.enrol(CODE.sha256, device(at=LATER), row())

    async def test_a_key_is_one_devices_for_good(self, bench: Bench) -> None:
        """Also after its end, and a code that came to nothing is still good."""
        first = await bench.enrolled()
        await bench.store.revoke("d-1", NOW, "admin-1", row("device.revoke"))
        await bench.store.invite(CODE, row("device.invite"))
        assert not await bench.store.enrol(CODE.sha256, device("d-2", first.public_key), row())
        assert await bench.store.enrol(CODE.sha256, device("d-2", fresh().public), row())

    async def test_an_unknown_code_lets_nobody_in(self, bench: Bench) -> None:
        assert await bench.store.code(bytes(32)) is None
        assert not await bench.store.enrol(bytes(32), device(), row())

    async def test_a_challenge_is_answered_once(self, bench: Bench) -> None:
        """For as long as it could be; then it is forgotten."""
        until = NOW + timedelta(minutes=2)
        assert await bench.store.answer(b"x" * 32, until, NOW)
        assert not await bench.store.answer(b"x" * 32, until, until - timedelta(seconds=1))
        assert await bench.store.answer(b"y" * 32, until, NOW)

    async def test_seen_moves_forward_only(self, bench: Bench) -> None:
        await bench.enrolled()
        await bench.store.seen("d-1", LATER)
        await bench.store.seen("d-1", NOW)
        found = await bench.store.device("d-1")
        assert found is not None and found.seen_at == LATER

    async def test_a_number_is_for_one_text(self, bench: Bench) -> None:
        """The same again is fine, another is told; other devices count for themselves; gaps are counted."""
        await bench.enrolled()
        await bench.enrolled("d-2")
        assert await bench.store.claim("d-1", [(1, b"a" * 32), (2, b"b" * 32), (5, b"e" * 32)]) == set()
        assert await bench.store.claim("d-1", [(2, b"b" * 32), (1, b"z" * 32)]) == {1}
        assert await bench.store.claim("d-2", [(1, b"z" * 32)]) == set()
        listed = {one.device.id: one for one in await bench.store.devices()}
        assert (listed["d-1"].statements, listed["d-1"].missing) == (3, 2)

    async def test_who_was_at_a_device_and_until_when(self, bench: Bench) -> None:
        """A writer is an account, its grants, own keys and presences; the session's end is the presence's."""
        await bench.enrolled()
        session = await bench.signed_in()
        key = AuthorKey("d-1", "officer-1", "es256", fresh().public, NOW)
        here = Presence(session.id, "d-1", "officer-1", NOW)
        assert await bench.store.attach(here, key, row("device.attach"))
        assert await bench.store.attach(here, key, row("device.attach")), "again"
        found = await bench.store.writer("d-1", "officer-1")
        assert found is not None and found.account.person == "officer-1"
        assert [grant.role for grant in found.grants] == ["field"]
        assert found.keys == (key,)
        assert [one.until for one in found.presences] == [session.absolute_until]
        await bench.access.revoke(session.id, LATER, None)
        found = await bench.store.writer("d-1", "officer-1")
        assert found is not None and [one.until for one in found.presences] == [LATER]
        assert await bench.store.writer("d-1", "nobody") is None

    async def test_a_persons_key_is_nobody_elses(self, bench: Bench) -> None:
        await bench.enrolled()
        mine, other = await bench.signed_in(), await bench.signed_in("officer-2")
        key = AuthorKey("d-1", "officer-1", "es256", fresh().public, NOW)
        assert await bench.store.attach(Presence(mine.id, "d-1", "officer-1", NOW), key, row())
        stolen = msgspec.structs.replace(key, person="officer-2")
        assert not await bench.store.attach(Presence(other.id, "d-1", "officer-2", NOW), stolen, row())
        found = await bench.store.writer("d-1", "officer-2")
        assert found is not None and found.keys == () and found.presences == ()

    async def test_a_device_ends_once_with_all_sessions_at_it(self, bench: Bench) -> None:
        """And takes nobody in afterwards; sessions elsewhere go on."""
        await bench.enrolled()
        await bench.enrolled("d-2")
        here, there = await bench.signed_in(), await bench.signed_in("officer-2")
        assert await bench.store.attach(Presence(here.id, "d-1", "officer-1", NOW), None, row())
        assert await bench.store.attach(Presence(there.id, "d-2", "officer-2", NOW), None, row())
        assert await bench.store.revoke("d-1", LATER, "admin-1", row("device.revoke")) == (here.id,)
        assert await bench.store.revoke("d-1", NOW, "admin-2", row("device.revoke")) is None
        assert await bench.store.revoke("d-9", NOW, "admin-2", row("device.revoke")) is None
        found = await bench.store.device("d-1")
        assert found is not None and (found.revoked_at, found.revoked_by) == (LATER, "admin-1")
        assert not await bench.store.attach(Presence(here.id, "d-1", "officer-1", NOW), None, row())
        known = await bench.access.session(there.id)
        assert known is not None and known.session.revoked_at is None
        ended = await bench.access.session(here.id)
        assert ended is not None and ended.session.revoked_at == LATER

    async def test_what_is_held_waits_and_is_decided_once(self, bench: Bench) -> None:
        """Kept whole before and after; the same again is one; another incident's is not shown."""
        await bench.enrolled()
        assert await bench.store.hold(HELD, 10, row())
        assert await bench.store.hold(msgspec.structs.replace(HELD, box=b"other"), 10, row())
        assert await bench.store.held("log-1") == [HELD]
        assert await bench.store.held(None) == [HELD]
        assert await bench.store.held("log-2") == []
        assert await bench.store.waiting() == await bench.store.waiting("d-1") == 1
        assert await bench.store.waiting("d-2") == 0
        decided = Decided("rejected", LATER, "admin-1", b"why")
        assert await bench.store.decide("q-1", decided, row())
        assert not await bench.store.decide("q-1", msgspec.structs.replace(decided, outcome="released"), row())
        assert not await bench.store.decide("q-9", decided, row())
        assert await bench.store.held("log-1") == []
        (kept,) = await bench.store.held("log-1", decided=True)
        assert (kept.outcome, kept.decided_by, kept.why, kept.box) == ("rejected", "admin-1", b"why", b"box")
        assert await bench.store.held_one("q-1") == kept
        assert await bench.store.held_one("q-9") is None
        assert await bench.store.waiting() == 0

    async def test_what_is_held_is_found_by_its_number(self, bench: Bench) -> None:
        """Decided or not; of that device, in that incident, and under no other number."""
        await bench.enrolled()
        await bench.enrolled("d-2")
        more = msgspec.structs.replace(HELD, id="q-2", device_seq=HELD.device_seq + 1)
        others = [
            msgspec.structs.replace(HELD, id="q-3", device="d-2"),
            msgspec.structs.replace(HELD, id="q-4", log="log-2"),
        ]
        for one in (HELD, more, *others):
            assert await bench.store.hold(one, 10, row())
        await bench.store.decide("q-2", Decided("released", LATER, "admin-1", b"why"), row())
        numbers = [more.device_seq, HELD.device_seq, 9_000]
        found = await bench.store.held_of("d-1", "log-1", numbers)
        assert [(one.id, one.outcome) for one in found] == [("q-1", None), ("q-2", "released")]
        assert await bench.store.held_of("d-1", "log-1", [9_000]) == []
        assert await bench.store.held_of("d-1", "log-1", []) == []

    async def test_a_device_fills_only_its_own_share(self, bench: Bench) -> None:
        """Beyond the limit nothing is taken, and what is there already is taken again."""
        await bench.enrolled()
        await bench.enrolled("d-2")
        assert await bench.store.hold(HELD, 1, row())
        assert not await bench.store.hold(msgspec.structs.replace(HELD, id="q-2"), 1, row())
        assert await bench.store.hold(HELD, 1, row())
        assert await bench.store.hold(msgspec.structs.replace(HELD, id="q-3", device="d-2"), 1, row())
        assert [one.held for one in await bench.store.devices()] == [1, 1]

    async def test_no_trail_no_act(self, bench: Bench) -> None:
        """Nothing is done where it cannot be written down."""
        await bench.enrolled()
        session = await bench.signed_in()
        await bench.store.invite(CODE, row("device.invite"))
        await bench.store.hold(HELD, 10, row())
        await bench.break_audit()
        here = Presence(session.id, "d-1", "officer-1", NOW)
        acts: list[Callable[[], Awaitable[object]]] = [
            lambda: bench.store.invite(msgspec.structs.replace(CODE, sha256=b"n" * 32), row()),
            lambda: bench.store.enrol(CODE.sha256, device("d-3", fresh().public), row()),
            lambda: bench.store.attach(here, None, row()),
            lambda: bench.store.revoke("d-1", NOW, "admin-1", row()),
            lambda: bench.store.hold(msgspec.structs.replace(HELD, id="q-4"), 10, row()),
            lambda: bench.store.decide("q-1", Decided("rejected", NOW, "admin-1", b""), row()),
        ]
        for act in acts:
            with pytest.raises(Exception):  # noqa: B017  each store's own way of failing
                await act()
        assert await bench.store.code(b"n" * 32) is None
        assert await bench.store.device("d-3") is None
        found = await bench.store.device("d-1")
        assert found is not None and found.revoked_at is None
        assert [one.id for one in await bench.store.held(None)] == ["q-1"]
