"""What signing in does beside letting in: the same work for every name, and hashes made anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from msgspec.structs import replace

from command.access.codes import base32
from command.access.memory import MemoryAccess
from command.access.memory_credentials import MemoryCredentials
from command.access.passwords import Hasher, nobodys
from command.access.signin import BANNER, HASHES_AT_ONCE, At, Settings, SignIn
from command.errors import Denied, Unreadable
from tests.access.contract import ANNA, NOW
from tests.access.credentials_contract import ROW

PASSWORD = "violet harbor 17 lanterns"
SECRET = b"s" * 20
AT = At(b"d" * 32, "10.0.0.1", "https://muster.example", NOW)


async def scene(**settings: Any) -> tuple[SignIn, MemoryCredentials]:
    """Anna with a password, hashed by the default profile."""
    access = MemoryAccess(lambda row: None)
    access.accounts_by_id["anna"] = ANNA
    store = MemoryCredentials(access, lambda row: None)
    sign_in = SignIn(store, access, Settings(key=b"k" * 32, **settings))
    first = SignIn(store, access, Settings(key=b"k" * 32))
    await store.set_password(await first.new_password("anna", SECRET, 0, PASSWORD, NOW), [], None, ROW)
    return sign_in, store


async def enter(sign_in: SignIn, person: str = "anna", password: str = PASSWORD, at: At = AT) -> None:
    """Sign in with the code of now."""
    flow, _ = await sign_in.begin(at, sign_in.settings.banner_id)
    await sign_in.password(at, flow, person, password, pyotp.TOTP(base32(SECRET)).at(at.now))


async def test_every_name_costs_one_check_of_one_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Known or not, with a password or without one: what takes the time is the same."""
    sign_in, _ = await scene()
    checked: list[str] = []
    check = Hasher.check

    def counting(self: Hasher, phc: str, password: str) -> bool:
        checked.append(phc.rsplit("$", 2)[0])
        return check(self, phc, password)

    monkeypatch.setattr(Hasher, "check", counting)
    nobodys("default")
    for person in ("anna", "nobody", "", "admin"):
        with pytest.raises(Denied):
            await enter(sign_in, person, "wrong password here")
    assert len(checked) == 4
    assert len(set(checked)) == 1  # the same parameters


async def test_a_hash_is_made_anew_where_the_profile_has_changed() -> None:
    """At the next sign-in, and then no more."""
    sign_in, store = await scene(profile="fips")
    await enter(sign_in)
    kept = (await store.held("anna")).password
    assert kept is not None
    assert kept.phc.startswith("$pbkdf2-sha256$i=600000$")
    await enter(sign_in, at=replace(AT, now=NOW + timedelta(seconds=30)))
    again = (await store.held("anna")).password
    assert again is not None
    assert again.phc == kept.phc


async def test_codes_of_a_secret_that_was_renewed_are_wrong_codes() -> None:
    """The right password tells no more than a wrong one: the answer is the same, and the try counts."""
    access = MemoryAccess(lambda row: None)
    access.accounts_by_id["anna"] = ANNA
    store = MemoryCredentials(access, lambda row: None)
    before = SignIn(store, access, Settings(key=b"k" * 32))
    await store.set_password(await before.new_password("anna", SECRET, 0, PASSWORD, NOW), [], None, ROW)
    renewed = SignIn(store, access, Settings(key=b"another" + b"k" * 25))
    for password in (PASSWORD, "wrong password here"):
        with pytest.raises(Denied) as told:
            await enter(renewed, "anna", password)
        assert told.value.code == "denied"


async def test_the_banner_is_the_agencys_and_its_id_changes_with_it() -> None:
    """Nobody acknowledges words that they were not shown."""
    plain, _ = await scene()
    own, _ = await scene(banner="County system.")
    assert plain.settings.banner == BANNER
    assert plain.settings.banner_id != own.settings.banner_id
    with pytest.raises(Unreadable):
        await own.begin(AT, plain.settings.banner_id)


async def test_passkeys_need_a_name_and_not_a_number() -> None:
    """Browsers refuse them under an address."""
    sign_in, _ = await scene()
    for origin in ("http://127.0.0.1:8765", "http://[::1]:8765"):
        at = replace(AT, origin=origin)
        flow, _ = await sign_in.begin(at, sign_in.settings.banner_id)
        with pytest.raises(Unreadable, match="host name"):
            await sign_in.passkey_options(at, flow)


def test_so_many_hashes_at_once_fit_a_small_machine() -> None:
    """Nineteen megabytes each."""
    assert HASHES_AT_ONCE * 19 < 100
