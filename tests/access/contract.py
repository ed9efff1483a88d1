"""What every AccessStore keeps to. Run on memory and on PostgreSQL by the test files beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from command.access.agencies import Agency
from command.access.audit import entry
from command.access.deconflict import SealedNotice
from command.access.links import LIFETIME, invite, redeem
from command.access.model import Account, Grant, Subject
from command.access.ports import AccessStore
from command.access.sessions import ABSOLUTE, IDLE_S, ActsAs, Session, liveness, token_digest
from command.domain.events import Training
from command.errors import Unavailable, Unreadable
from command.store.ports import AuditRow

NOW = datetime(2016, 5, 1, 12, 0, tzinfo=UTC)
S = timedelta(seconds=1)
ADMIN = Subject(person="admin", name="", agency="spd", rank="", session="", source="cli")
ANNA = Account(person="anna", name="Anna Quinn", agency="spd", rank="captain")


class Bench(msgspec.Struct):
    """One store under test, and the hands on its audit trail."""

    store: AccessStore
    trail: Callable[[], Awaitable[list[AuditRow]]]
    break_audit: Callable[[], Awaitable[None]]  # from now on no audit entry can be written


async def token_for(bench: Bench, account: Account = ANNA, now: datetime = NOW) -> str:
    """The token of a fresh link for `account`."""
    url = await invite(bench.store, account, "commander", base_url="http://127.0.0.1:8420/", now=now, by=ADMIN)
    base, _, token = url.partition("#")
    assert base == "http://127.0.0.1:8420/link"
    return token


async def signed_in(bench: Bench, now: datetime = NOW) -> tuple[str, Session]:
    """Anna, with a session."""
    got = await redeem(bench.store, await token_for(bench, now=now), source="10.0.0.9", now=now)
    assert got is not None
    return got


def audit_row(action: str = "session.end") -> AuditRow:
    """Some act's entry."""
    return entry(ADMIN, action, "anna", "ok", NOW, source="cli")


class AccessContract:
    """Every test gets a fresh `bench`."""

    async def test_a_link_signs_in_once(self, bench: Bench) -> None:
        """The first redemption opens a session for the link's person, the second gets nothing."""
        token = await token_for(bench)
        got = await redeem(bench.store, token, source="10.0.0.9", now=NOW + S)
        assert got is not None
        secret, session = got
        known = await bench.store.signed_in(token_digest(secret) or b"")
        assert known is not None
        assert known.account == ANNA
        assert known.session == replace(session, person="anna")
        assert known.grants == (Grant(person="anna", role="commander", incident="*", given_by="admin"),)
        assert await redeem(bench.store, token, source="10.0.0.9", now=NOW + S) is None

    async def test_fifty_at_once_and_one_gets_in(self, bench: Bench) -> None:
        """The race for a link has one winner, and one session and one entry in the trail come of it."""
        token = await token_for(bench)
        results = await asyncio.gather(*(redeem(bench.store, token, source="10.0.0.9", now=NOW + S) for _ in range(50)))
        winners = [result for result in results if result is not None]
        assert len(winners) == 1
        trail = [row for row in await bench.trail() if row.action == "session.redeem"]
        assert [(row.who, row.session, row.object) for row in trail] == [("anna", winners[0][1].id, winners[0][1].id)]

    async def test_a_link_lives_ten_minutes(self, bench: Bench) -> None:
        """9:59 is in time, 10:00 is over."""
        early, late = await token_for(bench), await token_for(bench)
        assert await redeem(bench.store, late, source="cli", now=NOW + LIFETIME) is None
        assert await redeem(bench.store, early, source="cli", now=NOW + LIFETIME - S) is not None

    @pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 5000, "' or true --"])
    async def test_a_made_up_token_is_nothing(self, bench: Bench, token: str) -> None:
        """Malformed and unknown look the same."""
        await token_for(bench)
        assert await redeem(bench.store, token, source="cli", now=NOW) is None

    async def test_a_disabled_account_gets_neither_link_nor_session(self, bench: Bench) -> None:
        """What was open ends, what was sent is worth nothing, and a new one is refused."""
        token = await token_for(bench)
        secret, session = await signed_in(bench)
        assert await bench.store.disable("anna", NOW + S, audit_row("user.invite")) == (session.id,)
        known = await bench.store.signed_in(token_digest(secret) or b"")
        assert known is not None
        assert known.account.disabled
        assert known.session.revoked_at == NOW + S
        assert await redeem(bench.store, token, source="cli", now=NOW + S) is None
        with pytest.raises(Unreadable, match="disabled"):
            await token_for(bench)
        assert await bench.store.disable("nobody", NOW, audit_row()) == ()

    async def test_inviting_again_renews_words_and_windows(self, bench: Bench) -> None:
        """One account, one grant a role and incident; the newest invitation says what they are."""
        until = NOW + timedelta(hours=72)
        await token_for(bench)
        promoted = replace(ANNA, rank="chief")
        for end in (None, until):
            await invite(
                bench.store,
                promoted,
                "field",
                incident="i-1",
                base_url="http://x",
                now=NOW,
                by=ADMIN,
                not_after=end,
            )
        assert await bench.store.accounts() == [
            (
                promoted,
                (
                    Grant(person="anna", role="commander", incident="*", given_by="admin"),
                    Grant(person="anna", role="field", incident="i-1", not_after=until, given_by="admin"),
                ),
            )
        ]
        assert await bench.store.account("anna") == promoted
        assert await bench.store.account("nobody") is None

    async def test_training_on_record_stays_until_another_is_named(self, bench: Bench) -> None:
        """An invitation that names none takes none away; one that names some says what there is."""
        first, second = Training("incident-command", NOW + timedelta(days=400)), Training("crowd-management")
        for named, kept in (((first,), (first,)), ((), (first,)), ((second,), (second,))):
            token = await token_for(bench, replace(ANNA, training=named))
            account = await bench.store.account("anna")
            assert account is not None
            assert account.training == kept
            signed = await redeem(bench.store, token, source="x", now=NOW)
            assert signed is not None
            known = await bench.store.session(signed[1].id)
            assert known is not None
            assert known.account.training == kept

    async def test_another_role_takes_no_account_s_end_away(self, bench: Bench) -> None:
        """An account that ends keeps its end where the new invitation names none; a newer end counts; over is over."""
        first, second = NOW + timedelta(hours=72), NOW + timedelta(hours=96)
        for named, kept in ((first, first), (None, first), (second, second), (None, second)):
            await token_for(bench, replace(ANNA, expires_at=named))
            account = await bench.store.account("anna")
            assert account is not None
            assert account.expires_at == kept
        with pytest.raises(Unreadable, match="has not ended"):
            await token_for(bench, now=second)

    async def test_agencies_are_kept_once_and_changed(self, bench: Bench) -> None:
        """By id; what they were since stays; nothing is audited where nothing is done."""
        spd = Agency("spd", "Seattle Police", "local", since=NOW)
        kcso = Agency("kcso", "King County", "county", "desk", "MOU 12", NOW + S, NOW)
        assert await bench.store.add_agency(spd, audit_row("agency.add"))
        assert await bench.store.add_agency(kcso, audit_row("agency.add"))
        assert not await bench.store.add_agency(spd, audit_row("agency.add"))
        changed = replace(spd, name="SPD", since=NOW + S, ended_at=NOW + S)
        assert await bench.store.change_agency(changed, audit_row("agency.end"))
        assert not await bench.store.change_agency(replace(spd, id="opd"), audit_row("agency.end"))
        assert await bench.store.agencies() == [kcso, replace(changed, since=NOW)]
        trail = [row.action for row in await bench.trail()]
        assert trail == ["agency.add", "agency.add", "agency.end"]

    async def test_with_the_first_agency_come_those_that_accounts_name(self, bench: Bench) -> None:
        """Nobody becomes unknown by it; later ones bring none."""
        await token_for(bench)
        assert await bench.store.add_agency(Agency("kcso", "King County", "county", since=NOW), audit_row("agency.add"))
        await token_for(bench, replace(ANNA, person="ben", agency="opd"))
        assert await bench.store.add_agency(Agency("uw", "Campus", "campus", since=NOW), audit_row("agency.add"))
        assert [(one.id, one.kind) for one in await bench.store.agencies()] == [
            ("kcso", "county"), ("spd", "unstated"), ("uw", "campus"),
        ]  # fmt: skip

    async def test_a_session_acts_in_the_role_that_was_chosen_last(self, bench: Bench) -> None:
        """One for each incident, of this session alone; None takes the choice back."""
        secret, session = await signed_in(bench)
        _, other = await signed_in(bench)
        for incident, role in (("i-1", "field"), ("i-2", "reviewer"), ("i-1", "commander"), ("i-2", None)):
            await bench.store.act_as(session.id, incident, role, NOW, audit_row("session.choose"))
        for known in (await bench.store.signed_in(token_digest(secret) or b""), await bench.store.session(session.id)):
            assert known is not None
            assert known.acts_as == (ActsAs("i-1", "commander"),)
        untouched = await bench.store.session(other.id)
        assert untouched is not None
        assert untouched.acts_as == ()

    async def test_only_an_exercise_opens_without_a_proof(self, bench: Bench) -> None:
        """Locked by hand or for want of activity; not once it is over, and no session that has a credential behind it."""
        _, real = await signed_in(bench)
        got = await redeem(bench.store, await token_for(bench), source="x", now=NOW, exercise=True)
        assert got is not None
        played = got[1]
        late = NOW + timedelta(hours=11)
        assert not await bench.store.unlock(real.id, late, audit_row("session.unlock"))
        assert await bench.store.unlock(played.id, late, audit_row("session.unlock"))
        known = await bench.store.session(played.id)
        assert known is not None
        assert liveness(known.session, late) == "live"
        assert not await bench.store.unlock(played.id, NOW + ABSOLUTE, audit_row("session.unlock"))

    async def test_a_link_alone_changes_no_grant(self, bench: Bench) -> None:
        """A second sign-in for someone who is already known."""
        await token_for(bench)
        await invite(bench.store, ANNA, None, base_url="http://x", now=NOW, by=ADMIN)
        [(_, grants)] = await bench.store.accounts()
        assert [grant.role for grant in grants] == ["commander"]

    async def test_revoking_ends_a_session_once(self, bench: Bench) -> None:
        """It is gone for good, and the second revocation is no act and leaves no entry."""
        _, session = await signed_in(bench)
        assert await bench.store.revoke(session.id, NOW + S, audit_row())
        assert not await bench.store.revoke(session.id, NOW + 2 * S, audit_row())
        assert not await bench.store.revoke("s-unknown", NOW, None)
        known = await bench.store.session(session.id)
        assert known is not None
        assert known.session.revoked_at == NOW + S
        assert [row.action for row in await bench.trail()].count("session.end") == 1

    async def test_touching_moves_forward_only_and_revives_nothing(self, bench: Bench) -> None:
        """A late write of an earlier act changes nothing; neither does one after revocation."""
        _, session = await signed_in(bench)
        for at in (20, 10):
            await bench.store.touch(session.id, NOW + at * S)
        known = await bench.store.session(session.id)
        assert known is not None
        assert known.session.last_active_at == NOW + 20 * S
        await bench.store.revoke(session.id, NOW + 30 * S, None)
        await bench.store.touch(session.id, NOW + 40 * S)
        known = await bench.store.session(session.id)
        assert known is not None
        assert known.session.last_active_at == NOW + 20 * S

    async def test_touching_does_not_unlock(self, bench: Bench) -> None:
        """An act that arrives at 30:00 or after twelve hours changes nothing."""
        _, session = await signed_in(bench)
        await bench.store.touch(session.id, NOW + IDLE_S * S)
        for n in range(1, 60):
            await bench.store.touch(session.id, NOW + n * (IDLE_S - 1) * S)
        known = await bench.store.session(session.id)
        assert known is not None
        assert known.session.last_active_at == NOW + 48 * (IDLE_S - 1) * S  # the last one within twelve hours

    async def test_unknown_sessions_are_none(self, bench: Bench) -> None:
        """By token and by id."""
        assert await bench.store.signed_in(b"\0" * 32) is None
        assert await bench.store.session("s-unknown") is None

    async def test_many_sessions_in_one_look(self, bench: Bench) -> None:
        """Those that there are, each as it is when looked at alone."""
        first, second = (await signed_in(bench))[1], (await signed_in(bench))[1]
        await bench.store.revoke(second.id, NOW, None)
        found = await bench.store.sessions([second.id, "s-unknown", first.id])
        alone = [await bench.store.session(one) for one in (first.id, second.id)]
        assert sorted(found, key=repr) == sorted(alone, key=repr)
        assert await bench.store.sessions([]) == []

    async def test_no_audit_no_act(self, bench: Bench) -> None:
        """Where the trail cannot be written, nobody is invited, let in, or put out."""
        token = await token_for(bench)
        _, session = await signed_in(bench)
        await bench.break_audit()
        with pytest.raises(Unavailable):
            await token_for(bench, replace(ANNA, person="ben"))
        with pytest.raises(Unavailable):
            await redeem(bench.store, token, source="cli", now=NOW)
        with pytest.raises(Unavailable):
            await bench.store.revoke(session.id, NOW, audit_row())
        with pytest.raises(Unavailable):
            await bench.store.disable("anna", NOW, audit_row())
        assert await bench.store.account("ben") is None
        assert await bench.store.account("anna") == ANNA
        known = await bench.store.session(session.id)
        assert known is not None
        assert known.session.revoked_at is None

    async def test_no_secret_and_no_name_in_the_trail(self, bench: Bench) -> None:
        """Tokens and names are nowhere in the entries of a whole sign-in."""
        token = await token_for(bench)
        got = await redeem(bench.store, token, source="10.0.0.9", now=NOW)
        assert got is not None
        written = repr(await bench.trail())
        for canary in (token, got[0], ANNA.name):
            assert canary not in written

    async def test_a_grant_keeps_its_units_and_compartments(self, bench: Bench) -> None:
        """What it opens is read back as it was given; the newest words win."""
        grant = Grant("anna", "supervisor", "i-1", units=("u1", "u2"), compartments=("identity",), given_by="admin")
        for given in (grant, replace(grant, units=("u3",), compartments=())):
            await invite(bench.store, ANNA, None, base_url="http://127.0.0.1:8420", now=NOW, by=ADMIN, more=(given,))
            ((_, found),) = await bench.store.accounts()
            assert found == (given,)

    async def test_a_notice_is_kept_until_it_is_over_or_ended(self, bench: Bench) -> None:
        """Of its own incident; each act with its audit row, and none where there was nothing to end."""
        row = entry(ADMIN, "deconfliction.keep", "i-1", "ok", NOW, source="cli")
        notices = [SealedNotice(f"n{n}", "i-1", NOW + n * S, b"box") for n in (1, 3, 2)]
        for notice in (*notices, SealedNotice("n9", "i-2", NOW + S, b"box")):
            await bench.store.keep_notice(notice, row)
        assert [one.id for one in await bench.store.notices("i-1", NOW)] == ["n1", "n2", "n3"]
        assert [one.id for one in await bench.store.notices("i-1", NOW + S)] == ["n2", "n3"]
        assert not await bench.store.end_notice("i-2", "n2", row) and not await bench.store.end_notice("i-1", "n1", row)
        before = len(await bench.trail())
        assert await bench.store.end_notice("i-1", "n2", row) and len(await bench.trail()) == before + 1
        assert await bench.store.notices("i-1", NOW + S) == [notices[1]]
