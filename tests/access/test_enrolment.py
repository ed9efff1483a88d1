"""Setting up credentials: bound to the session that asked, in time, once."""

from __future__ import annotations

import functools
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from command.access.codes import Keys
from command.access.enrolment import SET_UP_LIVES, Enrolment, expires, identify, new_set_up_code, set_up
from command.access.memory import MemoryAccess
from command.access.memory_credentials import MemoryCredentials
from command.access.model import Account, Subject
from command.access.sessions import SignedIn, new_session, new_token, subject_of
from command.access.signin import CHALLENGE_LIVES, At, Settings, SignIn
from command.errors import Denied, Unreadable
from command.store.ports import AuditRow
from tests.access.contract import ANNA, NOW, S
from tests.access.credentials_contract import ROW
from tests.support.authenticator import Authenticator

ORIGIN = "https://muster.example:443"
DESK = b"d" * 32
ROOT = Account(person="root", name="R", agency="spd")


class Bench:
    """Anna, signed in by a link, twice."""

    def __init__(self) -> None:
        self.rows: list[AuditRow] = []
        self.access = MemoryAccess(self.rows.append)
        self.access.accounts_by_id["anna"] = ANNA
        self.store = MemoryCredentials(self.access, self.rows.append)
        self.sign_in = SignIn(self.store, self.access, Settings(key=b"k" * 32))
        self.enrolment = Enrolment(self.sign_in)

    def session(self, assurance: str = "link") -> tuple[At, Subject]:
        """A session of hers: where it stands, and who it is at the door."""
        opened = new_session(new_token(), person="anna", source="x", assurance=assurance, now=NOW)
        self.access.sessions_by_id[opened.id] = opened
        who = subject_of(SignedIn(opened, ANNA, ()), "x", NOW)
        assert who is not None
        return At(DESK, "x", ORIGIN, NOW, opened), who

    async def add(self, at: At, who: Subject, ceremony: str, credential: dict[str, Any]) -> str:
        """Keep a passkey; how its session stands then."""
        opened = await self.enrolment.add_passkey(at, who, ceremony, "key", credential)
        return opened.session.assurance


async def test_a_challenge_is_of_one_session_once_and_for_five_minutes() -> None:
    """Another session of the same person, a second use, the same moment five minutes on: nothing."""
    bench = Bench()
    at, who = bench.session()
    other_at, other = bench.session()
    offer = await bench.enrolment.passkey_options(at, who)
    credential = Authenticator(ORIGIN).create(offer.options)
    with pytest.raises(Denied):
        await bench.add(other_at, other, offer.ceremony, credential)
    late = replace(at, now=NOW + CHALLENGE_LIVES)
    with pytest.raises(Denied):
        await bench.add(late, who, offer.ceremony, credential)
    just = replace(at, now=NOW + CHALLENGE_LIVES - S)
    assert await bench.add(just, who, offer.ceremony, credential) == "passkey"
    with pytest.raises(Denied):
        await bench.add(just, who, offer.ceremony, credential)
    assert [row.action for row in bench.rows] == ["credential.add"]


async def test_options_ask_for_verification_and_say_nothing_of_the_person_but_their_names() -> None:
    """Discoverable, user verification required, a handle that is no name, none made twice."""
    bench = Bench()
    at, who = bench.session()
    offer = await bench.enrolment.passkey_options(at, who)
    asked = offer.options
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["attestation"] == "none"
    assert (asked["rp"]["id"], asked["user"]["name"]) == ("muster.example", "anna")
    assert "anna" not in asked["user"]["id"]
    key = Authenticator(ORIGIN)
    await bench.add(at, who, offer.ceremony, key.create(asked))
    at, who = bench.session("passkey")
    again = await bench.enrolment.passkey_options(at, who)
    assert len(again.options["excludeCredentials"]) == 1
    with pytest.raises(Denied):
        await bench.add(at, who, again.ceremony, key.create(again.options))


@pytest.mark.parametrize("how", ["passkey", "password", "identity"])
async def test_a_link_adds_nothing_to_whoever_has_a_way_in(how: str) -> None:
    """Whoever may invite could become anyone otherwise, and that person would notice nothing."""
    bench = Bench()
    at, who = bench.session()
    before, totp = await bench.enrolment.passkey_options(at, who), await bench.enrolment.offer_totp(at, who)
    mine, me = bench.session("passkey")
    if how == "passkey":
        offer = await bench.enrolment.passkey_options(mine, me)
        await bench.add(mine, me, offer.ceremony, Authenticator(ORIGIN).create(offer.options))
    elif how == "password":
        await bench.store.set_password(await bench.sign_in.new_password("anna", b"s" * 20, 0, "x", NOW), [], None, ROW)
    else:
        await bench.store.identify("https://id", "sub", "anna", NOW, ROW)
    for ask in (bench.enrolment.passkey_options, bench.enrolment.offer_totp):
        with pytest.raises(Denied, match="signs in with it"):
            await ask(at, who)
    with pytest.raises(Denied, match="signs in with it"):
        await bench.add(at, who, before.ceremony, Authenticator(ORIGIN).create(before.options))
    with pytest.raises(Denied, match="signs in with it"):
        await bench.enrolment.set_password(at, who, totp.ceremony, "violet harbor 17 lanterns", "000000")
    await bench.enrolment.passkey_options(*bench.session("passkey"))


@pytest.mark.parametrize("how", ["passkey", "password", "identity"])
async def test_an_agency_s_own_sign_in_is_linked_to_nobody_who_has_a_way_in(how: str) -> None:
    """An administrator who names themselves beside a commander's passkey would be the commander; and nobody is named twice."""
    bench = Bench()
    mine, me = bench.session("passkey")
    link = functools.partial(identify, bench.store, "https://id", "sub-evil", "anna", NOW, ROW)
    if how == "passkey":
        offer = await bench.enrolment.passkey_options(mine, me)
        await bench.add(mine, me, offer.ceremony, Authenticator(ORIGIN).create(offer.options))
    elif how == "password":
        await bench.store.set_password(await bench.sign_in.new_password("anna", b"s" * 20, 0, "x", NOW), [], None, ROW)
    else:
        await identify(bench.store, "https://id", "sub-anna", "anna", NOW, ROW)
    with pytest.raises(Unreadable, match="is reset first"):
        await link()
    assert await bench.store.identity("https://id", "sub-evil") is None
    await link(own=True)
    with pytest.raises(Unreadable, match="nobody else's"):
        await identify(bench.store, "https://id", "sub-evil", "ben", NOW, ROW, own=True)
    assert await bench.store.identity("https://id", "sub-evil") == "anna"


async def test_the_sessions_of_an_exercise_stay_what_they_are() -> None:
    """A credential made there does not make a link's session a proved one."""
    bench = Bench()
    at, who = bench.session("exercise")
    offer = await bench.enrolment.passkey_options(at, who)
    assert await bench.add(at, who, offer.ceremony, Authenticator(ORIGIN).create(offer.options)) == "exercise"


async def test_the_set_up_code_lives_half_an_hour_and_is_kept_as_a_mac() -> None:
    """29:59 is in time; under another server's key it is nothing, nor once another one was printed."""
    bench = Bench()
    at = At(DESK, "x", ORIGIN, NOW)
    foreign = await new_set_up_code(bench.store, Keys(b"j" * 32), NOW)
    flow, _ = await bench.sign_in.begin(at, bench.sign_in.settings.banner_id)
    with pytest.raises(Denied):
        await set_up(bench.sign_in, at, flow, foreign, ROOT)
    before = await new_set_up_code(bench.store, bench.sign_in.keys, NOW)
    code = await new_set_up_code(bench.store, bench.sign_in.keys, NOW)
    for moment, tried in ((NOW + SET_UP_LIVES, code), (NOW, before), (NOW, "")):
        there = replace(at, now=moment)
        flow, _ = await bench.sign_in.begin(there, bench.sign_in.settings.banner_id)
        with pytest.raises(Denied):
            await set_up(bench.sign_in, there, flow, tried, ROOT)
    there = replace(at, now=NOW + SET_UP_LIVES - S)
    code = await new_set_up_code(bench.store, bench.sign_in.keys, NOW)
    flow, _ = await bench.sign_in.begin(there, bench.sign_in.settings.banner_id)
    opened = await set_up(bench.sign_in, there, flow, code, ROOT)
    assert opened.session.assurance == "setup"
    assert code not in repr(bench.rows)


def test_an_account_ends_after_its_hours_or_not_at_all() -> None:
    """72 for mutual aid, unless someone says otherwise."""
    assert expires(None, NOW) is None
    assert expires(72, NOW) == NOW + timedelta(hours=72)
