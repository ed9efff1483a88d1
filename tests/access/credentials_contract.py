"""What every CredentialStore keeps to. Run on memory and on PostgreSQL by the test files beside it."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from msgspec.structs import replace

from command.access.audit import entry
from command.access.credentials import (
    ANYWHERE,
    SET_UP,
    STRANGER,
    TRIES,
    TRIES_ANYWHERE,
    TRIES_ANYWHERE_WITHIN,
    TRIES_WITHIN,
    Ceremony,
    CredentialStore,
    Lock,
    Passkey,
    Password,
    Proof,
)
from command.access.links import redeem
from command.access.model import Account, Grant
from command.access.ports import Link
from command.access.sessions import ABSOLUTE, Session, new_session, new_token, token_digest
from command.errors import Unavailable
from command.store.ports import AuditRow
from tests.access.contract import ADMIN, ANNA, NOW, Bench, S, token_for

DESK = b"d" * 32
ROW = entry(ADMIN, "credential.add", "anna", "ok", NOW, source="cli")
KEY = Passkey(b"key-1", "anna", b"public", 5, "localhost", "my key", NOW)
CODE = Password("anna", "$hash$1", b"box", 100, NOW)
BEN = Account(person="ben", name="Ben", agency="spd")


class Vault(msgspec.Struct):
    """A credential store beside the access store that it shares accounts and sessions with."""

    bench: Bench
    store: CredentialStore

    async def rows(self, action: str) -> list[AuditRow]:
        """Entries of an action."""
        return [row for row in await self.bench.trail() if row.action == action]


def session(person: str = "anna", *, desk: bytes | None = None, source: str = "10.0.0.1", at: int = 0) -> Session:
    """A verified session, not opened yet, `at` seconds after NOW."""
    return new_session(
        new_token(), person=person, source=source, assurance="passkey", now=NOW + at * S, verified=True, desk=desk
    )


def ceremony(kind: str = "passkey", binding: bytes = DESK, lives: int = 300) -> Ceremony:
    """Something half-done."""
    digest = token_digest(new_token())
    assert digest is not None
    return Ceremony(digest, kind, binding, "", b"data", NOW, NOW + lives * S)


def verify(person: str | None = "anna") -> AuditRow:
    """A sign-in's entry."""
    return entry(None, "session.verify", person, "ok", NOW, source="10.0.0.1", detail="passkey")


class CredentialsContract:
    """Every test gets a fresh `vault` in which Anna has an account."""

    async def test_a_ceremony_is_used_once_by_its_kind_and_binding_and_in_time(self, vault: Vault) -> None:
        """Fifty at once, and one has it."""
        kept = ceremony()
        await vault.store.begin(kept)
        assert await vault.store.look(kept.sha256, "passkey", DESK, NOW) == kept
        for kind, binding, at in (
            ("other", DESK, NOW),
            ("passkey", b"x" * 32, NOW),
            ("passkey", DESK, kept.expires_at),
        ):
            assert await vault.store.look(kept.sha256, kind, binding, at) is None
            assert await vault.store.take(kept.sha256, kind, binding, at) is None
        taken = await asyncio.gather(*(vault.store.take(kept.sha256, "passkey", DESK, NOW) for _ in range(50)))
        assert [one for one in taken if one is not None] == [kept]

    async def test_ceremonies_that_are_over_are_forgotten(self, vault: Vault) -> None:
        """When the next begins."""
        old = ceremony(lives=10)
        await vault.store.begin(old)
        await vault.store.begin(replace(ceremony(), created_at=NOW + 10 * S))
        assert await vault.store.look(old.sha256, "passkey", DESK, NOW) is None

    async def test_credentials_are_kept_and_told(self, vault: Vault) -> None:
        """A passkey's id is taken once, whoever's it is."""
        assert await vault.store.anyone() == (False, False)
        assert await vault.store.add_passkey(KEY, None, ROW)
        assert not await vault.store.add_passkey(replace(KEY, public_key=b"other"), None, ROW)
        await vault.store.set_password(CODE, [b"1" * 32, b"2" * 32], None, ROW)
        held = await vault.store.held("anna")
        assert (held.passkeys, held.password, held.recovery_left) == ((KEY,), CODE, 2)
        assert await vault.store.passkey(KEY.id) == KEY
        assert await vault.store.passkey(b"none") is None
        assert await vault.store.anyone() == (False, True)
        nobody = await vault.store.held("nobody")
        assert (nobody.passkeys, nobody.password, nobody.recovery_left) == ((), None, 0)
        assert len(await vault.rows("credential.add")) == 2

    async def test_a_passkey_proof_counts_once(self, vault: Vault) -> None:
        """Fifty at once with the same counter: one session, one entry."""
        await vault.store.add_passkey(KEY, None, ROW)
        proof = Proof(passkey=(KEY.id, 5, 6))
        tries = (vault.store.enter("anna", proof, session(), None, verify(), NOW + S) for _ in range(50))
        won = [one for one in await asyncio.gather(*tries) if one is not None]
        assert len(won) == 1
        assert not won[0].resumed
        [row] = await vault.rows("session.verify")
        assert (row.who, row.session, row.object) == ("anna", won[0].session.id, won[0].session.id)
        kept = await vault.store.passkey(KEY.id)
        assert kept == replace(KEY, counter=6, used_at=NOW + S)
        known = await vault.bench.store.session(won[0].session.id)
        assert known is not None
        assert known.session == won[0].session

    async def test_a_code_counts_once_and_a_hash_is_renewed_with_it(self, vault: Vault) -> None:
        """A step that was compared with an older one, or a hash that has changed, is no proof any more."""
        await vault.store.set_password(CODE, [], None, ROW)
        stale = Proof(totp=(99, 101), phc=("$hash$1", "$hash$1"))
        other = Proof(totp=(100, 101), phc=("$hash$0", "$hash$0"))
        for proof in (stale, other):
            assert await vault.store.enter("anna", proof, session(), None, verify(), NOW) is None
        good = Proof(totp=(100, 101), phc=("$hash$1", "$hash$2"))
        assert await vault.store.enter("anna", good, session(), None, verify(), NOW) is not None
        assert (await vault.store.held("anna")).password == replace(CODE, phc="$hash$2", last_step=101)
        assert await vault.store.enter("anna", good, session(), None, verify(), NOW) is None
        assert len(await vault.rows("session.verify")) == 1

    async def test_a_recovery_code_counts_once_and_new_ones_end_the_old(self, vault: Vault) -> None:
        """And only for its owner."""
        await vault.store.set_password(CODE, [b"1" * 32, b"2" * 32], None, ROW)
        proof = Proof(recovery=b"1" * 32)
        assert await vault.store.enter("ben", proof, session("ben"), None, verify(), NOW) is None
        assert await vault.store.enter("anna", proof, session(), None, verify(), NOW) is not None
        assert await vault.store.enter("anna", proof, session(), None, verify(), NOW) is None
        assert (await vault.store.held("anna")).recovery_left == 1
        await vault.store.set_recovery("anna", [b"3" * 32], NOW, ROW)
        assert await vault.store.enter("anna", Proof(recovery=b"2" * 32), session(), None, verify(), NOW) is None
        assert (await vault.store.held("anna")).recovery_left == 1

    async def test_a_session_goes_on_under_its_new_token(self, vault: Vault) -> None:
        """By its id, or by the desk where it waits; its end stays, the old token is worth nothing."""
        await vault.store.add_passkey(KEY, None, ROW)
        first = await vault.store.enter("anna", Proof(passkey=(KEY.id, 5, 6)), session(desk=DESK), None, verify(), NOW)
        assert first is not None
        assert await vault.store.lock(first.session.id, NOW + S, ROW)
        assert not await vault.store.lock(first.session.id, NOW + S, ROW)
        later = session(desk=DESK, at=60)
        again = await vault.store.enter("anna", Proof(passkey=(KEY.id, 6, 7)), later, None, verify(), NOW + 60 * S)
        assert again is not None
        assert again.resumed
        assert again.session.id == first.session.id
        known = await vault.bench.store.signed_in(later.token_sha256)
        assert known is not None
        assert known.session == again.session
        assert (known.session.locked_at, known.session.absolute_until) == (None, NOW + ABSOLUTE)
        assert await vault.bench.store.signed_in(first.session.token_sha256) is None
        third = session(desk=b"e" * 32, at=90)
        moved = await vault.store.enter(
            "anna", Proof(passkey=(KEY.id, 7, 8)), third, first.session.id, verify(), NOW + 90 * S
        )
        assert moved is not None
        assert (moved.resumed, moved.session.desk) == (True, b"e" * 32)

    async def test_what_is_over_or_anothers_does_not_go_on(self, vault: Vault) -> None:
        """Revoked, past its end, another person's, another desk's, or opened by a link."""
        await vault.store.add_passkey(KEY, None, ROW)
        first = await vault.store.enter("anna", Proof(passkey=(KEY.id, 5, 6)), session(desk=DESK), None, verify(), NOW)
        assert first is not None
        other = await vault.store.enter(
            "anna", Proof(passkey=(KEY.id, 6, 7)), session(desk=b"e" * 32), None, verify(), NOW
        )
        assert other is not None
        assert not other.resumed
        late = NOW + ABSOLUTE
        fresh = await vault.store.enter(
            "anna", Proof(passkey=(KEY.id, 7, 8)), session(desk=DESK, at=43_200), first.session.id, verify(), late
        )
        assert fresh is not None
        assert not fresh.resumed
        await vault.bench.store.revoke(fresh.session.id, late, None)
        last = await vault.store.enter(
            "anna", Proof(passkey=(KEY.id, 8, 9)), session(desk=DESK, at=43_201), None, verify(), late
        )
        assert last is not None
        assert not last.resumed

    async def test_an_ended_or_disabled_account_is_not_entered(self, vault: Vault) -> None:
        """At the second; enabled again, it is."""
        await vault.store.add_passkey(KEY, None, ROW)
        assert await vault.store.enable("anna", NOW + 10 * S, ROW)
        proof = Proof(passkey=(KEY.id, 5, 6))
        assert await vault.store.enter("anna", proof, session(), None, verify(), NOW + 10 * S) is None
        await vault.bench.store.disable("anna", NOW, ROW)
        assert await vault.store.enter("anna", proof, session(), None, verify(), NOW) is None
        assert await vault.store.enable("anna", None, ROW)
        assert await vault.store.enter("anna", proof, session(), None, verify(), NOW + 10 * S) is not None
        assert not await vault.store.enable("nobody", None, ROW)

    async def test_fifty_tries_at_once_are_five(self, vault: Vault) -> None:
        """Each is counted before it is judged."""
        tries = await asyncio.gather(*(vault.store.attempt("anna", "10.0.0.1", NOW) for _ in range(50)))
        assert tries.count(True) == TRIES
        assert await vault.store.attempt("anna", "10.0.0.2", NOW)
        assert await vault.store.attempt("ben", "10.0.0.1", NOW)

    async def test_the_fifth_wrong_try_shuts_until_it_is_released(self, vault: Vault) -> None:
        """Long after the fifteen minutes; four do not, nor five that a success lies between."""

        async def wrong(source: str, at: int) -> bool:
            assert await vault.store.attempt("anna", source, NOW + at * S)
            return await vault.store.wrong("anna", source, NOW + at * S, verify(), replace(verify(), detail="shut"))

        assert [await wrong("10.0.0.1", n) for n in range(TRIES)] == [False] * (TRIES - 1) + [True]
        day = NOW + TRIES_ANYWHERE_WITHIN * 3
        assert not await vault.store.attempt("anna", "10.0.0.1", day)
        assert await vault.store.attempt("anna", "10.0.0.2", day)
        assert await vault.store.locks() == [Lock("anna", "10.0.0.1", NOW + (TRIES - 1) * S)]
        assert len([row for row in await vault.rows("session.verify") if row.detail == "shut"]) == 1
        assert await vault.store.release("anna", ROW) == 1
        assert await vault.store.attempt("anna", "10.0.0.1", day)
        assert await vault.store.locks() == []

    async def test_a_success_forgets_the_wrong_tries_from_there(self, vault: Vault) -> None:
        """They are consecutive ones that shut."""
        await vault.store.add_passkey(KEY, None, ROW)
        for n in range(TRIES - 1):
            assert await vault.store.attempt("anna", "10.0.0.1", NOW + n * S)
        assert await vault.store.enter("anna", Proof(passkey=(KEY.id, 5, 6)), session(), None, verify(), NOW)
        for n in range(TRIES):
            assert await vault.store.attempt("anna", "10.0.0.1", NOW + n * S)
        assert not await vault.store.attempt("anna", "10.0.0.1", NOW + TRIES_WITHIN - S)
        assert await vault.store.attempt("anna", "10.0.0.1", NOW + TRIES_WITHIN)

    async def test_many_places_shut_the_account_everywhere(self, vault: Vault) -> None:
        """Twenty in a day."""
        for n in range(TRIES_ANYWHERE):
            source = f"10.0.1.{n}"
            assert await vault.store.attempt("anna", source, NOW)
            shut = await vault.store.wrong("anna", source, NOW, verify(), replace(verify(), detail="shut"))
            assert shut is (n == TRIES_ANYWHERE - 1)
        assert not await vault.store.attempt("anna", "10.0.2.1", NOW + TRIES_ANYWHERE_WITHIN * 2)
        assert [lock.source for lock in await vault.store.locks()] == [ANYWHERE]

    async def test_names_that_nobody_has_are_forgotten_after_a_day(self, vault: Vault) -> None:
        """They are shut as others are, and in no list."""
        stranger = STRANGER + "abc"
        for _ in range(TRIES):
            assert await vault.store.attempt(stranger, "10.0.0.1", NOW)
            await vault.store.wrong(stranger, "10.0.0.1", NOW, verify(None), verify(None))
        assert not await vault.store.attempt(stranger, "10.0.0.1", NOW + TRIES_ANYWHERE_WITHIN - S)
        assert await vault.store.locks() == []
        assert await vault.store.attempt(stranger, "10.0.0.1", NOW + TRIES_ANYWHERE_WITHIN)

    async def test_the_session_that_enrols_is_renewed_in_the_same_act(self, vault: Vault) -> None:
        """A link's session becomes a full one under another token."""
        got = await redeem(vault.bench.store, await token_for(vault.bench), source="x", now=NOW)
        assert got is not None
        before = replace(got[1], person="anna")
        for number, act in enumerate(("passkey", "password")):
            after = replace(before, token_sha256=bytes([number]) * 32, assurance=act, verified_at=NOW)
            if act == "passkey":
                assert await vault.store.add_passkey(KEY, after, ROW)
            else:
                await vault.store.set_password(CODE, [], after, ROW)
            known = await vault.bench.store.signed_in(after.token_sha256)
            assert known is not None
            assert known.session == after
        assert await vault.bench.store.signed_in(before.token_sha256) is None

    async def test_a_passkey_is_revoked_by_its_owner_for_good(self, vault: Vault) -> None:
        """Nobody else's hand, and only once."""
        await vault.store.add_passkey(KEY, None, ROW)
        assert not await vault.store.revoke_passkey(KEY.id, "ben", NOW, ROW)
        assert await vault.store.revoke_passkey(KEY.id, "anna", NOW, ROW)
        assert not await vault.store.revoke_passkey(KEY.id, "anna", NOW, ROW)
        assert await vault.store.passkey(KEY.id) is None
        proof = Proof(passkey=(KEY.id, 5, 6))
        assert await vault.store.enter("anna", proof, session(), None, verify(), NOW) is None
        assert not await vault.store.add_passkey(KEY, None, ROW)  # ids are not used again

    async def test_sessions_are_listed_and_ended_together(self, vault: Vault) -> None:
        """Newest first, those at a desk, all of a person's, those of exercises."""
        await vault.store.add_passkey(KEY, None, ROW)
        made = []
        for n in range(3):
            entered = await vault.store.enter(
                "anna", Proof(passkey=(KEY.id, 5 + n, 6 + n)), session(desk=bytes([n]) * 32, at=n), None, verify(), NOW
            )
            assert entered is not None
            made.append(entered.session)
        assert await vault.store.sessions_of("anna", NOW) == made[::-1]
        assert await vault.store.sessions_of("anna", NOW + ABSOLUTE + 5 * S) == []
        assert await vault.store.at_desk(b"\0" * 32, NOW) == [(made[0], ANNA)]
        got = await redeem(vault.bench.store, await token_for(vault.bench), source="x", now=NOW, exercise=True)
        assert got is not None
        assert await vault.store.end_exercises(NOW) == 1
        assert await vault.store.end_all("anna", NOW, ROW) == tuple(sorted(one.id for one in made))
        assert await vault.store.end_all("anna", NOW, ROW) == ()
        assert await vault.store.sessions_of("anna", NOW) == []

    async def test_a_session_that_ended_meanwhile_adds_no_credential(self, vault: Vault) -> None:
        """Whoever had it could hold an answer back until the reset is done, and be in again with what they added."""
        await vault.store.add_passkey(KEY, None, ROW)
        entered = await vault.store.enter("anna", Proof(passkey=(KEY.id, 5, 6)), session(), None, verify(), NOW)
        assert entered is not None
        rows = len(await vault.bench.trail())
        link = Link(token_digest(new_token()) or b"", "anna", NOW, NOW + 600 * S, "admin")
        await vault.store.reset("anna", link, NOW, ROW)
        stale = replace(entered.session, token_sha256=b"n" * 32)
        assert not await vault.store.add_passkey(replace(KEY, id=b"mine"), stale, ROW)
        assert not await vault.store.set_password(CODE, [b"1" * 32], stale, ROW)
        held = await vault.store.held("anna")
        assert (held.passkeys, held.password, held.recovery_left) == ((), None, 0)
        assert await vault.bench.store.signed_in(b"n" * 32) is None
        assert len(await vault.bench.trail()) == rows + 1

    async def test_everything_open_ends_for_everyone_at_once(self, vault: Vault) -> None:
        """Sessions, links and what is half-done: what a clock that was wrong let live."""
        await vault.store.add_passkey(KEY, None, ROW)
        entered = await vault.store.enter("anna", Proof(passkey=(KEY.id, 5, 6)), session(), None, verify(), NOW)
        assert entered is not None
        token = await token_for(vault.bench)
        await vault.store.begin(ceremony())
        row = entry(ADMIN, "user.end-sessions", None, "ok", NOW, source="cli", detail="everyone")
        assert await vault.store.end_everyone(NOW, row) == 1
        assert await vault.rows("user.end-sessions") == [row]
        assert await vault.store.sessions_of("anna", NOW) == []
        assert await redeem(vault.bench.store, token, source="x", now=NOW) is None
        assert await vault.store.look(ceremony().sha256, "passkey", DESK, NOW) is None
        assert await vault.store.end_everyone(NOW, row) == 0

    async def test_lost_credentials_end_with_everything_that_they_opened(self, vault: Vault) -> None:
        """And a link lets in to set up new ones."""
        await vault.store.add_passkey(KEY, None, ROW)
        await vault.store.set_password(CODE, [b"1" * 32], None, ROW)
        entered = await vault.store.enter("anna", Proof(passkey=(KEY.id, 5, 6)), session(), None, verify(), NOW)
        assert entered is not None
        token = new_token()
        link = Link(token_digest(token) or b"", "anna", NOW, NOW + 600 * S, "admin")
        assert await vault.store.reset("anna", link, NOW, ROW) == (entered.session.id,)
        held = await vault.store.held("anna")
        assert (held.passkeys, held.password, held.recovery_left) == ((), None, 0)
        assert await redeem(vault.bench.store, token, source="x", now=NOW) is not None
        assert await vault.store.reset("nobody", link, NOW, ROW) is None
        await vault.store.set_password(replace(CODE, phc="$new"), [], None, ROW)
        assert (await vault.store.held("anna")).password == replace(CODE, phc="$new")

    async def test_an_identity_is_what_an_administrator_said_last(self, vault: Vault) -> None:
        """A proof by it stands or falls with that."""
        assert await vault.store.identify("https://idp", "sub-1", "anna", NOW, ROW)
        assert not await vault.store.identify("https://idp", "sub-2", "nobody", NOW, ROW)
        assert await vault.store.identity("https://idp", "sub-1") == "anna"
        assert await vault.store.identity("https://other", "sub-1") is None
        proof = Proof(identity=("https://idp", "sub-1"))
        assert await vault.store.enter("ben", proof, session("ben"), None, verify(), NOW) is None
        assert await vault.store.enter("anna", proof, session(), None, verify(), NOW) is not None

    async def test_the_set_up_code_makes_one_administrator(self, vault: Vault) -> None:
        """Twenty at once, one account; none where an administrator can sign in already; a new code ends the old."""
        codes = [replace(ceremony(SET_UP, b"", 1800), sha256=bytes([n]) * 32) for n in range(4)]
        for code in codes[:2]:
            await vault.store.begin(code)
        grant = Grant(person="ben", role="administrator", incident="*", given_by="setup")

        async def set_up(code: bytes, account: Account = BEN) -> bool:
            opened = replace(session(account.person), assurance="setup")
            grants = [replace(grant, person=account.person)]
            return await vault.store.set_up(code, account, grants, opened, verify(), NOW)

        assert not await set_up(b"x" * 32)
        assert not await set_up(codes[1].sha256, ANNA)  # an account that is there is not taken over
        assert not await set_up(codes[0].sha256)  # printed before another one was
        results = await asyncio.gather(*(set_up(codes[1].sha256) for _ in range(20)))
        assert results.count(True) == 1
        assert (await vault.store.anyone())[0] is False  # no credential yet: another code works still
        await vault.store.begin(codes[2])
        assert await set_up(codes[2].sha256, replace(BEN, person="cleo"))
        assert await vault.store.sessions_of("ben", NOW) == []  # and who came by the code before is out
        assert len(await vault.store.sessions_of("cleo", NOW)) == 1
        await vault.store.add_passkey(replace(KEY, person="cleo"), None, ROW)
        assert await vault.store.anyone() == (True, True)
        await vault.store.begin(codes[3])
        assert not await set_up(codes[3].sha256, replace(BEN, person="dora"))

    async def test_no_audit_no_act(self, vault: Vault) -> None:
        """Where the trail cannot be written, nothing is set up, entered, shut or ended."""
        await vault.store.add_passkey(KEY, None, ROW)
        await vault.bench.break_audit()
        proof = Proof(passkey=(KEY.id, 5, 6))
        acts = (
            vault.store.enter("anna", proof, session(), None, verify(), NOW),
            vault.store.set_password(CODE, [], None, ROW),
            vault.store.set_recovery("anna", [b"1" * 32], NOW, ROW),
            vault.store.add_passkey(replace(KEY, id=b"key-2"), None, ROW),
            vault.store.revoke_passkey(KEY.id, "anna", NOW, ROW),
            vault.store.enable("anna", NOW, ROW),
            vault.store.end_all("anna", NOW, ROW),
            vault.store.identify("https://idp", "s", "anna", NOW, ROW),
            vault.store.release("anna", ROW),
            vault.store.wrong("anna", "10.0.0.1", NOW, verify(), verify()),
        )
        for act in acts:
            with pytest.raises(Unavailable):
                await act
        held = await vault.store.held("anna")
        assert (held.passkeys, held.password, held.recovery_left) == ((KEY,), None, 0)
        assert await vault.store.sessions_of("anna", NOW) == []
        assert (await vault.bench.store.account("anna")) == ANNA
        assert await vault.store.identity("https://idp", "s") is None
