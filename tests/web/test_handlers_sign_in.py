"""Signing in over HTTP: passkeys, passwords with codes, wrong tries, locks, fresh proofs, several people at one desk."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from command.access.credentials import TRIES, TRIES_ANYWHERE
from command.access.sessions import ABSOLUTE, IDLE_S
from tests.support.authenticator import USER_PRESENT, Authenticator
from tests.web.harness import OPERATOR, Site, running, submission
from tests.web.visitor import PASSWORD, Visitor


@pytest_asyncio.fixture
async def real() -> AsyncIterator[Site]:
    """A site that is no exercise, under a name, behind a proxy that says where people are."""
    async with running(exercise=False, host="localhost", trusted_proxies=frozenset({"127.0.0.1", "::1"})) as site:
        yield site


async def with_passkey(site: Site, role: Any = "commander", person: str = "anna") -> tuple[Visitor, Authenticator]:
    """Someone who set up a passkey just now."""
    visitor = Visitor(site)
    await visitor.come_by_link(role, person)
    return visitor, await visitor.make_passkey()


async def with_password(site: Site, role: Any = "commander", person: str = "anna") -> Visitor:
    """Someone who set up a password just now."""
    visitor = Visitor(site, address="10.0.0.1")
    await visitor.come_by_link(role, person)
    await visitor.make_password()
    site.move(seconds=60)
    return visitor


async def test_a_link_lets_in_to_set_up_a_credential_and_to_nothing_else(real: Site) -> None:
    """Everything else says what comes first; with a passkey the same session is a full one, under a new token."""
    visitor = Visitor(real)
    await visitor.come_by_link("commander", "anna")
    before = visitor.cookies["__Host-muster"]
    assert await visitor.state() == "enrol"
    answer = await visitor.call("GET", "/api/incidents")
    assert (answer.status, answer.json["code"]) == (403, "enrol-first")
    await visitor.make_passkey()
    assert await visitor.state() == "live"
    assert visitor.cookies["__Host-muster"] != before
    assert (await visitor.call("GET", "/api/incidents")).status == 200
    assert (await real.call("GET", "/api/me", cookie=f"__Host-muster={before}")).status == 401


async def test_nobody_signs_in_past_the_banner(real: Site) -> None:
    """Without an acknowledgement, with another's, with one that is over, with other words than are shown."""
    visitor, other = Visitor(real), Visitor(real)
    link = await real.link("commander", person="anna")
    stolen = await other.flow()
    old = await visitor.flow()
    real.move(minutes=10)
    link = await real.link("commander", person="anna")
    for flow in ("", "x" * 43, stolen, old):
        answer = await visitor.call("POST", "/api/session", {"link": link, "flow": flow})
        assert (answer.status, answer.json["where"]) == (403, "flow"), flow
        assert (await visitor.call("POST", "/api/session/passkey/options", {"flow": flow})).status == 403
    assert (await visitor.call("POST", "/api/session/banner", {"banner": "other words"})).status == 400
    assert (await visitor.call("POST", "/api/session", {"link": link, "flow": await visitor.flow()})).status == 204


async def test_a_passkey_signs_in(real: Site) -> None:
    """From another browser, by nothing but itself; the trail says how."""
    await with_passkey(real)
    _, key = await with_passkey(real, person="ben")
    other = Visitor(real)
    answer = await other.by_passkey(key)
    assert (answer.status, answer.json["person"], answer.json["state"]) == (200, "ben", "live")
    assert (await other.ok("GET", "/api/me"))["me"]["person"] == "ben"
    [row] = [row for row in real.acts if row.action == "session.verify"]
    assert (row.who, row.session, row.outcome, row.detail) == ("ben", answer.json["session"], "ok", "passkey")


async def refused(site: Site, visitor: Visitor, body: dict[str, Any]) -> str:
    """The detail on the trail of a passkey that is refused, without saying why to whoever tries."""
    before = len(await site.kept())
    answer = await visitor.call("POST", "/api/session/passkey", body)
    assert (answer.status, answer.json["detail"]) == (403, "that did not work")
    assert "Set-Cookie" not in answer.headers
    [row] = (await site.kept())[before:]
    assert (row.outcome, row.action) == ("denied", "session.verify")
    return row.detail


async def test_a_challenge_counts_once_in_its_own_browser_and_for_five_minutes(real: Site) -> None:
    """Replayed, carried elsewhere, late: nothing."""
    _, key = await with_passkey(real)
    visitor, other = Visitor(real), Visitor(real)
    flow, offer = await visitor.passkey_offer()
    used = {"flow": flow, "ceremony": offer["ceremony"], "credential": key.get(offer["options"])}
    elsewhere = used | {"flow": await other.flow()}
    await refused(real, other, elsewhere)
    assert (await visitor.call("POST", "/api/session/passkey", used)).status == 200
    await refused(real, visitor, used)
    flow, offer = await visitor.passkey_offer()
    real.move(minutes=5)
    late = {"flow": flow, "ceremony": offer["ceremony"], "credential": key.get(offer["options"])}
    await refused(real, visitor, late)


async def test_an_answer_to_another_challenge_is_none(real: Site) -> None:
    """Each of two fresh challenges takes its own answer only."""
    _, key = await with_passkey(real)
    visitor = Visitor(real)
    _, first = await visitor.passkey_offer()
    flow, second = await visitor.passkey_offer()
    body = {"flow": flow, "ceremony": second["ceremony"], "credential": key.get(first["options"])}
    assert await refused(real, visitor, body) == "passkey: not verified"


@pytest.mark.parametrize(
    ("lies", "flags"),
    [
        ({"origin": "http://localhost"}, None),
        ({"origin": "https://evil.example"}, None),
        ({"host": "evil.example"}, None),
        ({"type": "webauthn.create"}, None),
        ({}, USER_PRESENT),
        ({}, 0),
    ],
)
async def test_another_origin_host_type_or_no_verification_is_refused(
    real: Site, lies: dict[str, str], flags: int | None
) -> None:
    """At sign-in, and as well when the passkey is made."""
    _, key = await with_passkey(real)
    more: dict[str, Any] = {} if flags is None else {"flags": flags}
    visitor = Visitor(real)
    flow, offer = await visitor.passkey_offer()
    body = {"flow": flow, "ceremony": offer["ceremony"], "credential": key.get(offer["options"], **more, **lies)}
    assert await refused(real, visitor, body) == "passkey: not verified"
    newcomer = Visitor(real)
    await newcomer.come_by_link("field", "ben")
    made = await newcomer.ok("POST", "/api/credentials/passkey/options", {})
    lies = {"type": "webauthn.get"} if "type" in lies else lies
    credential = Authenticator(real.base).create(made["options"], **more, **lies)
    answer = await newcomer.call(
        "POST", "/api/credentials/passkey", {"ceremony": made["ceremony"], "credential": credential}
    )
    assert (answer.status, answer.json["where"]) == (403, "credential")
    assert await newcomer.state() == "enrol"


async def test_a_copied_authenticator_is_refused_and_told_apart_in_the_trail(real: Site) -> None:
    """A counter that does not grow; the true one, which is ahead, goes on."""
    _, key = await with_passkey(real)
    visitor = Visitor(real)
    assert (await visitor.by_passkey(key)).status == 200
    key.counter -= 1
    flow, offer = await visitor.passkey_offer()
    body = {"flow": flow, "ceremony": offer["ceremony"], "credential": key.get(offer["options"])}
    assert await refused(real, visitor, body) == "passkey: counter"
    assert (await real.kept())[-1].object == "anna"
    assert (await visitor.by_passkey(key)).status == 200


async def test_a_passkey_that_does_not_count_signs_in_again_and_again(real: Site) -> None:
    """Synced passkeys say 0 always."""
    visitor = Visitor(real)
    await visitor.come_by_link("commander", "anna")
    key = await visitor.make_passkey(counts=False)
    for _ in range(3):
        assert (await Visitor(real).by_passkey(key)).status == 200


@pytest.mark.parametrize(
    "junk", [{}, {"id": 1}, {"id": "AAAA"}, {"id": "é", "response": []}, {"id": "AA", "response": {}}]
)
async def test_what_is_no_credential_is_refused_and_nothing_breaks(real: Site, junk: dict[str, Any]) -> None:
    """Whatever a stranger sends."""
    visitor = Visitor(real)
    flow, offer = await visitor.passkey_offer()
    body = {"flow": flow, "ceremony": offer["ceremony"], "credential": junk}
    assert (await visitor.call("POST", "/api/session/passkey", body)).status in (400, 403)


async def test_a_password_counts_only_with_its_code(real: Site) -> None:
    """Right and right signs in; wrong and right, right and wrong, right and nothing do not, and look the same."""
    mine = await with_password(real, person="ben")
    right = mine.code()
    wrong = [await mine.by_password("ben", password=PASSWORD + "x", code=right),
             await mine.by_password("ben", code="000000"), await mine.by_password("ben", code=""),
             await mine.by_password("nobody", code=right)]  # fmt: skip
    assert len({(one.status, one.json["code"], one.json["detail"]) for one in wrong}) == 1
    assert (await mine.by_password("ben", code=right)).status == 200


@pytest.mark.parametrize(("steps", "status"), [(-2, 403), (-1, 200), (0, 200), (1, 200), (2, 403)])
async def test_a_code_counts_one_step_either_side(real: Site, steps: int, status: int) -> None:
    """Two are too old, or too early."""
    visitor = await with_password(real)
    real.move(minutes=5)
    assert (await visitor.by_password("anna", code=visitor.code(steps))).status == status


async def test_a_code_counts_once_and_so_does_each_before_it(real: Site) -> None:
    """A code that was seen over a shoulder is worth nothing any more."""
    visitor = await with_password(real)
    late, now = visitor.code(-1), visitor.code()
    assert (await visitor.by_password("anna", code=now)).status == 200
    for code in (now, late):
        assert (await Visitor(real, address="10.0.0.7").by_password("anna", code=code)).status == 403


async def test_a_control_character_is_never_looked_up(real: Site) -> None:
    """The database takes no NUL: what has one is unreadable, not a clash with something."""
    answer = await (await with_password(real)).by_password("an\x00na", code="000000")
    assert answer.status == 400


async def test_a_recovery_code_stands_in_once_and_never_for_the_password(real: Site) -> None:
    """Upper case and spaces are forgiven; the count of those left is told."""
    visitor = await with_password(real)
    code = visitor.recovery[0].upper().replace("-", " ")
    assert (await visitor.by_password("anna", password="wrong " * 4, code=visitor.recovery[1])).status == 403
    answer = await visitor.by_password("anna", code=code)
    assert (answer.status, answer.json["recovery_left"]) == (200, 9)
    assert (await visitor.by_password("anna", code=code)).status == 403


async def test_the_sixth_try_is_refused_though_it_is_right(real: Site) -> None:
    """From here; from elsewhere, and by passkey, the person still comes in, until an administrator releases it."""
    visitor = await with_password(real)
    key = await visitor.make_passkey()
    for _ in range(TRIES):
        assert (await visitor.by_password("anna", code="000000")).json["code"] == "denied"
    sixth = await visitor.by_password("anna")
    assert (sixth.status, sixth.json["code"]) == (403, "tries-used-up")
    real.move(hours=3)
    assert (await visitor.by_password("anna")).json["code"] == "tries-used-up"
    assert (await visitor.by_passkey(key)).status == 200
    elsewhere = Visitor(real, address="10.0.0.99")
    elsewhere.secret = visitor.secret
    assert (await elsewhere.by_password("anna")).status == 200
    admin, _ = await with_passkey(real, "administrator", "root")
    assert (await admin.ok("POST", "/api/users/anna/release", {"reason": "mistyped"})) == {"locks": 1}
    real.move(minutes=1)
    assert (await visitor.by_password("anna")).status == 200
    details = [row.detail for row in real.acts if row.action == "session.verify" and row.outcome == "denied"]
    assert details.count("shut after wrong tries") == 1


async def test_five_in_fifteen_minutes_and_not_in_sixteen(real: Site) -> None:
    """Four, a quarter of an hour, and four more shut nothing."""
    visitor = await with_password(real)
    for _ in range(2):
        for _ in range(TRIES - 1):
            assert (await visitor.by_password("anna", code="000000")).status == 403
        real.move(minutes=15)
    assert (await visitor.by_password("anna")).status == 200


async def test_a_name_that_nobody_has_is_shut_the_same_way(real: Site) -> None:
    """From outside there is no telling which names there are."""
    visitor = Visitor(real, address="10.0.0.5")
    codes = [(await visitor.by_password("nobody", code="000000")).json["code"] for _ in range(TRIES + 1)]
    assert codes == ["denied"] * TRIES + ["tries-used-up"]
    assert "nobody" not in repr(await real.trail())


async def test_fifty_guesses_at_once_are_five(real: Site) -> None:
    """However fast they come, so many are judged."""
    visitor = await with_password(real)
    flow = await visitor.flow()
    body = {"flow": flow, "person": "anna", "password": PASSWORD, "code": "000000"}
    answers = await asyncio.gather(*(visitor.call("POST", "/api/session/password", body) for _ in range(50)))
    codes = [answer.json["code"] for answer in answers]
    assert codes.count("denied") <= TRIES
    assert codes.count("denied") + codes.count("tries-used-up") + codes.count("busy") == 50


async def test_many_addresses_shut_the_password_and_not_the_passkey(real: Site) -> None:
    """Twenty in a day from anywhere."""
    visitor = await with_password(real)
    key = await visitor.make_passkey()
    for number in range(TRIES_ANYWHERE):
        stranger = Visitor(real, address=f"10.1.{number}.1")
        assert (await stranger.by_password("anna", code="000000")).json["code"] == "denied"
    fresh = Visitor(real, address="10.2.0.1")
    fresh.secret = visitor.secret
    assert (await fresh.by_password("anna")).json["code"] == "tries-used-up"
    assert (await fresh.by_passkey(key)).status == 200


async def test_force_exports_and_administration_ask_for_a_fresh_proof(real: Site) -> None:
    """To the second; the others of the batch are taken, the session and its id stay, the token is another."""
    visitor, key = await with_passkey(real)
    opened = submission(
        {"type": "OpenIncident", "name": "March", "kind": "planned", "lead_agency": "spd",
         "lead_agency_name": "Seattle Police", "time_zone": "America/Los_Angeles", "commander": "anna"},
        issued_at=real.now.isoformat(),
    )  # fmt: skip
    incident = (await visitor.ok("POST", "/api/incidents", opened))["incident"]
    session = (await visitor.ok("GET", "/api/sessions"))["sessions"][0]["id"]
    known = await real.access.session(session)
    assert known is not None
    real.store.add_session(session, known.session.absolute_until)
    real.move(minutes=4, seconds=59)
    assert (await visitor.call("GET", f"/api/incidents/{incident}/export")).status == 200
    real.move(seconds=1)
    answer = await visitor.call("GET", f"/api/incidents/{incident}/export")
    assert (answer.status, answer.json["code"]) == (403, "step-up")
    grant = {"type": "CoSignForce", "ask": "a-1"}
    note = {"type": "RecordEntry", "entry": str(uuid.uuid4()), "text": "kept"}
    batch = [submission(note), submission(grant)]
    answers = (await visitor.ok("POST", f"/api/incidents/{incident}/commands", batch))["answers"]
    assert [one["status"] for one in answers] == ["accepted", "denied"], answers
    assert answers[1]["code"] == "step-up"
    before = visitor.cookies["__Host-muster"]
    again = await visitor.by_passkey(key)
    assert (again.json["session"], again.json["resumed"]) == (session, True)
    assert visitor.cookies["__Host-muster"] != before
    assert (await visitor.call("GET", f"/api/incidents/{incident}/export")).status == 200
    answers = (await visitor.ok("POST", f"/api/incidents/{incident}/commands", batch))["answers"]
    assert answers[0]["status"] == "duplicate"
    assert answers[1].get("code") != "step-up"


async def test_idle_locks_and_the_same_person_goes_on(real: Site) -> None:
    """At 15:00, under another token; another person's proof does not open it."""
    visitor, key = await with_passkey(real)
    _, theirs = await with_passkey(real, person="ben")
    session = (await visitor.ok("GET", "/api/sessions"))["sessions"][0]["id"]
    real.move(seconds=IDLE_S)
    assert await visitor.state() == "locked"
    assert (await visitor.call("GET", "/api/me")).json["code"] == "locked"
    back = await visitor.by_passkey(key)
    assert (back.json["session"], back.json["resumed"]) == (session, True)
    real.move(seconds=IDLE_S)
    other = await visitor.by_passkey(theirs)
    assert (other.json["person"], other.json["resumed"]) == ("ben", False)
    known = await real.access.session(session)
    assert known is not None
    assert known.session.revoked_at == real.now


async def test_twelve_hours_end_it_however_often_it_was_proved(real: Site) -> None:
    """A proof opens a new session then."""
    visitor, key = await with_passkey(real)
    first = (await visitor.ok("GET", "/api/sessions"))["sessions"][0]["id"]
    for _ in range(3):
        real.move(hours=3, minutes=59)
        assert (await visitor.by_passkey(key)).json["session"] == first
    real.move(seconds=(ABSOLUTE - timedelta(hours=11, minutes=57)).total_seconds())
    assert await visitor.state() == "none"
    assert (await visitor.by_passkey(key)).json["session"] != first


async def test_two_people_share_a_tablet_and_neither_loses_their_session(real: Site) -> None:
    """One is put away while the other works, and comes back to the same session."""
    tablet, anna = await with_passkey(real)
    first = (await tablet.ok("GET", "/api/sessions"))["sessions"][0]["id"]
    _, ben = await with_passkey(real, "field", "ben")
    second = await tablet.by_passkey(ben, keep=True)
    assert (second.json["person"], second.json["resumed"]) == ("ben", False)
    assert real.ended[-1] == first  # its sockets are closed
    look = await tablet.ok("GET", "/api/session")
    assert [one["person"] for one in look["desk"]] == ["anna"]
    back = await tablet.by_passkey(anna, keep=True)
    assert (back.json["session"], back.json["resumed"]) == (first, True)
    assert (await tablet.ok("GET", "/api/me"))["me"]["person"] == "anna"
    stranger = Visitor(real)
    assert (await stranger.ok("GET", "/api/session"))["desk"] == []


async def test_locking_puts_away_at_once(real: Site) -> None:
    """Sockets close, nothing answers, the trail says so; a proof brings it back."""
    visitor, key = await with_passkey(real)
    session = (await visitor.ok("GET", "/api/sessions"))["sessions"][0]["id"]
    assert (await visitor.call("POST", "/api/session/lock")).status == 204
    assert real.ended == [session]
    assert (await visitor.call("GET", "/api/me")).json["code"] == "locked"
    assert [row.session for row in real.acts if row.action == "session.lock"] == [session]
    assert (await visitor.by_passkey(key)).json["session"] == session


async def test_a_disabled_or_ended_account_does_not_come_in(real: Site) -> None:
    """By any credential, from the second on."""
    visitor = await with_password(real)
    key = await visitor.make_passkey()
    account = await real.access.account("anna")
    assert account is not None
    row = real.acts[0]
    store = real.services.sign_in.store
    await store.enable("anna", real.now + timedelta(seconds=10), row)
    real.move(seconds=9)
    assert (await Visitor(real).by_passkey(key)).status == 200
    real.move(seconds=1)
    assert await visitor.state() == "none"
    assert (await Visitor(real).by_passkey(key)).status == 403
    assert (await visitor.by_password("anna")).status == 403


async def test_no_secret_and_no_name_is_in_trail_or_log(real: Site) -> None:
    """Passwords, codes, tokens, names: nowhere."""
    visitor = await with_password(real)
    await visitor.make_passkey()
    await visitor.by_password("CANARY-TYPED", password="CANARY-PASSWORD-CANARY")
    await visitor.by_password("anna")
    written = repr(await real.trail())
    for canary in (
        PASSWORD,
        visitor.secret,
        *visitor.recovery,
        *visitor.cookies.values(),
        "CANARY",
        OPERATOR.person * 3,
    ):
        assert canary not in written, canary
