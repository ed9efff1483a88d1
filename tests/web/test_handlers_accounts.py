"""An administrator upon accounts, and people upon their own credentials and sessions, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from command.access.sessions import ABSOLUTE, IDLE_S
from tests.support.authenticator import Authenticator
from tests.web.harness import Site, running
from tests.web.test_handlers_sign_in import with_passkey, with_password
from tests.web.visitor import Visitor


@pytest_asyncio.fixture
async def real() -> AsyncIterator[Site]:
    """A site that is no exercise."""
    async with running(exercise=False, host="localhost", trusted_proxies=frozenset({"127.0.0.1", "::1"})) as site:
        yield site


async def root(site: Site) -> tuple[Visitor, Authenticator]:
    """An administrator, proved just now."""
    return await with_passkey(site, "administrator", "root")


ACTS = [
    ("POST", "/api/users/anna/disable", {}),
    ("POST", "/api/users/anna/enable", {"hours": None}),
    ("POST", "/api/users/anna/release", {"reason": "mistyped"}),
    ("POST", "/api/users/anna/reset", {}),
    ("DELETE", "/api/users/anna/sessions", None),
    ("POST", "/api/users", {"person": "cleo", "name": "C", "agency": "spd", "role": "field"}),
    ("POST", "/api/displays", {"display": "wall-1", "name": "W", "agency": "spd"}),
]


@pytest.mark.parametrize(("method", "path", "body"), ACTS)
async def test_each_act_is_an_administrators_and_asks_for_a_fresh_proof(
    real: Site, method: str, path: str, body: object
) -> None:
    """At 4:59, and not at 5:00; a commander never; nobody who is not there; on the trail each time."""
    admin, _ = await root(real)
    anna, _ = await with_passkey(real)
    assert (await anna.call(method, path, body)).json["code"] == "denied"
    real.move(minutes=4, seconds=59)
    before = len(real.acts)
    assert (await admin.call(method, path, body)).status < 300
    assert [row.who for row in real.acts[before:]] == ["root"]
    real.move(seconds=1)
    since = len(await real.kept())
    assert (await admin.call(method, path, body)).json["code"] == "step-up"
    assert [row.outcome for row in await real.kept(since)] == ["denied"]
    real.move(minutes=-1)
    if "anna" in path:
        assert (await admin.call(method, path.replace("anna", "nobody"), body)).status == 404


async def test_a_disabled_account_is_out_at_once_and_back_when_it_is_enabled(real: Site) -> None:
    """Its sockets are told; its passkey is worth nothing meanwhile."""
    admin, _ = await root(real)
    anna, key = await with_passkey(real)
    [session] = (await anna.ok("GET", "/api/sessions"))["sessions"]
    assert (await admin.ok("POST", "/api/users/anna/disable", {}))["sessions"] == [session["id"]]
    assert session["id"] in real.ended
    assert await anna.state() == "none"
    assert (await anna.by_passkey(key)).status == 403
    assert (await admin.call("POST", "/api/users/anna/reset", {})).status == 400
    await admin.ok("POST", "/api/users/anna/enable", {"hours": 1})
    assert (await anna.by_passkey(key)).status == 200
    real.move(minutes=14)
    await anna.ok("POST", "/api/session/active")
    real.move(minutes=14)
    await anna.ok("POST", "/api/session/active")
    real.move(minutes=14)
    await anna.ok("POST", "/api/session/active")
    real.move(minutes=14)
    await anna.ok("POST", "/api/session/active")
    real.move(minutes=3, seconds=59)
    assert await anna.state() == "live"
    real.move(seconds=1)
    assert await anna.state() == "none"


async def test_lost_credentials_end_and_a_link_lets_in_to_make_new_ones(real: Site) -> None:
    """Whoever found the old ones has nothing."""
    admin, _ = await root(real)
    anna = await with_password(real)
    key = await anna.make_passkey()
    url = (await admin.ok("POST", "/api/users/anna/reset", {}))["url"]
    assert await anna.state() == "none"
    assert (await anna.by_passkey(key)).status == 403
    assert (await anna.by_password("anna")).status == 403
    link = {"link": url.partition("#")[2], "flow": await anna.flow()}
    assert (await anna.call("POST", "/api/session", link)).status == 204
    assert await anna.ok("GET", "/api/credentials") == {"passkeys": [], "password": False, "recovery_left": 0}
    await anna.make_password("another lantern 18 in harbor")
    assert await anna.state() == "live"


async def test_sessions_are_seen_and_ended(real: Site) -> None:
    """One's own one by one, others' by an administrator; never another's by oneself."""
    admin, _ = await root(real)
    anna, key = await with_passkey(real)
    second = Visitor(real)
    await second.by_passkey(key)
    listed = (await anna.ok("GET", "/api/sessions"))["sessions"]
    assert [one["current"] for one in listed].count(True) == 1
    [other] = [one["id"] for one in listed if not one["current"]]
    [theirs] = (await admin.ok("GET", "/api/sessions"))["sessions"]
    assert (await anna.call("DELETE", f"/api/sessions/{theirs['id']}")).status == 404
    assert (await anna.ok("DELETE", f"/api/sessions/{other}"))["sessions"] == [other]
    assert await second.state() == "none"
    assert len((await admin.ok("GET", "/api/users/anna/sessions"))["sessions"]) == 1
    assert len((await admin.ok("DELETE", "/api/users/anna/sessions"))["sessions"]) == 1
    assert await anna.state() == "none"


async def test_ones_own_credentials_ask_for_a_fresh_proof_and_the_last_one_stays(real: Site) -> None:
    """Whoever finds an open screen cannot make themselves a way back."""
    anna, key = await with_passkey(real)
    [row] = (await anna.ok("GET", "/api/credentials"))["passkeys"]
    assert (row["label"], row["host"]) == ("my key", "localhost")
    assert (await anna.call("DELETE", f"/api/credentials/passkey/{row['id']}")).status == 400
    real.move(minutes=5)
    for method, path, body in (
        ("POST", "/api/credentials/passkey/options", {}),
        ("POST", "/api/credentials/totp", {}),
        ("POST", "/api/credentials/recovery", {}),
        ("DELETE", f"/api/credentials/passkey/{row['id']}", None),
    ):
        assert (await anna.call(method, path, body)).json["code"] == "step-up", path
    await anna.by_passkey(key)
    assert (await anna.call("POST", "/api/credentials/recovery", {})).status == 400  # no password to stand in for
    other = await anna.make_passkey()
    assert (await anna.call("DELETE", f"/api/credentials/passkey/{row['id']}")).status == 204
    assert (await anna.call("DELETE", f"/api/credentials/passkey/{row['id']}")).status == 404
    assert (await Visitor(real).by_passkey(key)).status == 403
    assert (await Visitor(real).by_passkey(other)).status == 200


async def test_a_password_is_refused_with_its_reason_and_the_offer_stays(real: Site) -> None:
    """Too short, common, one's own name, a wrong code; then it is taken, once."""
    anna, _ = await with_passkey(real)
    offer = await anna.ok("POST", "/api/credentials/totp", {})
    anna.secret = offer["secret"]
    assert offer["uri"].startswith("otpauth://totp/Muster")
    assert offer["qr"].startswith("<svg")
    body = {"ceremony": offer["ceremony"], "password": "", "code": anna.code()}
    for password, where in (
        ("short", "password"),
        ("password" * 3, "password"),
        ("anna spd anna spd anna", "password"),
    ):
        answer = await anna.call("POST", "/api/credentials/password", body | {"password": password})
        assert (answer.status, answer.json["where"]) == (400, where)
    good = body | {"password": "violet harbor 17 lanterns"}
    assert (await anna.call("POST", "/api/credentials/password", good | {"code": "000000"})).json["where"] == "code"
    first = await anna.ok("POST", "/api/credentials/password", good)
    assert len(set(first["recovery"])) == 10
    assert (await anna.call("POST", "/api/credentials/password", good)).json["where"] == "ceremony"
    second = await anna.ok("POST", "/api/credentials/recovery", {})
    assert set(first["recovery"]).isdisjoint(second["recovery"])
    stranger, _ = await with_passkey(real, person="ben")
    fresh = await stranger.ok("POST", "/api/credentials/totp", {})
    stolen = good | {"ceremony": fresh["ceremony"]}
    assert (await anna.call("POST", "/api/credentials/password", stolen)).status == 403


async def test_a_wall_follows_all_day_and_a_person_is_no_wall(real: Site) -> None:
    """No idle lock, an end after twelve hours, no act, no credential, no replay."""
    admin, _ = await root(real)
    made = await admin.ok("POST", "/api/displays", {"display": "wall-1", "name": "Left wall", "agency": "spd"})
    wall = Visitor(real)
    link = {"link": made["url"].partition("#")[2], "flow": await wall.flow()}
    await wall.ok("POST", "/api/session", link)
    real.move(seconds=4 * IDLE_S)
    assert (await wall.call("GET", "/api/incidents")).status == 200
    for method, path, body in (
        ("POST", "/api/credentials/passkey/options", {}),
        ("GET", "/api/users", None),
        ("GET", "/api/incidents/i-1/export", None),
        ("POST", "/api/incidents/i-1/commands", {}),
    ):
        assert (await wall.call(method, path, body)).status == 403, path
    real.move(seconds=(ABSOLUTE - timedelta(seconds=4 * IDLE_S)).total_seconds())
    assert await wall.state() == "none"
    await with_passkey(real)
    admin2, _ = await with_passkey(real, "administrator", "root2")
    taken = {"display": "anna", "name": "W", "agency": "spd"}
    assert (await admin2.call("POST", "/api/displays", taken)).json["where"] == "display"


async def test_mutual_aid_ends_after_72_hours_by_itself(real: Site) -> None:
    """The account and not only its role; the lead agency's own people have no such end."""
    admin, _ = await root(real)
    for person, role in (("ally", "assisting"), ("own", "field")):
        await admin.ok("POST", "/api/users", {"person": person, "name": "N", "agency": "kcso", "role": role})
    ally, own = await real.access.account("ally"), await real.access.account("own")
    assert ally is not None
    assert own is not None
    assert (ally.expires_at, own.expires_at) == (real.now + timedelta(hours=72), None)


async def test_an_identity_needs_a_provider_of_the_settings(real: Site) -> None:
    """Nobody is linked to what nobody configured."""
    admin, _ = await root(real)
    await with_passkey(real)
    body = {"provider": "county", "subject": "s"}
    assert (await admin.call("POST", "/api/users/anna/identity", body)).status == 404
