"""Enrolment and its end: a code once within ten minutes, to the second; a key with its proof; nothing kept in clear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from command.access.memory import MemoryAccess
from command.access.model import Subject
from command.devices import enrolling
from command.devices.memory import MemoryDevices
from command.devices.model import Device
from command.errors import Denied, MusterError, NotFound, Unreadable
from command.store.ports import AuditRow
from tests.support.device_keys import ED25519, P256, DeviceKey, fresh

KEY = bytes(range(32))
NOW = datetime(2016, 5, 1, 18, 0, tzinfo=UTC)
ADMIN = Subject(person="admin-1", name="", agency="spd", rank="", session="s-1", source="10.0.0.1")


class Desk:
    """A store, its trail and a clock."""

    def __init__(self) -> None:
        self.trail: list[AuditRow] = []
        self.store = MemoryDevices(MemoryAccess(self.trail.append), self.trail.append)
        self.now = NOW

    async def invite(self) -> enrolling.Invitation:
        return await enrolling.invite(
            self.store, agency="spd", label="Tablet 7", base_url="https://muster.local/", authority="ab" * 32,
            now=self.now, by=ADMIN,
        )  # fmt: skip

    async def enrol(self, with_code: str, key: DeviceKey, **lies: Any) -> Device:
        challenge = await enrolling.begin(self.store, KEY, with_code, self.now)
        text = enrolling.enrolment_text(challenge, key.alg, key.public)
        given: dict[str, Any] = {
            "code": with_code, "challenge": challenge, "alg": key.alg, "public_key": key.public,
            "signature": key.sign(text), "now": self.now, "source": "10.0.0.2",
        }  # fmt: skip
        return await enrolling.enrol(self.store, KEY, **{**given, **lies})


@pytest.mark.parametrize("key", [ED25519, P256], ids=lambda key: key.alg)
async def test_a_device_comes_in_by_a_code_and_a_proof(key: DeviceKey) -> None:
    """It stands for whoever made the code; the code may be typed in any way."""
    desk = Desk()
    invitation = await desk.invite()
    device = await desk.enrol(invitation.code.upper().replace("-", " "), key)
    assert (device.agency, device.label, device.enrolled_by) == ("spd", "Tablet 7", "admin-1")
    assert (device.alg, device.public_key, device.seen_at) == (key.alg, key.public, NOW)
    assert [(one.action, one.who, one.object) for one in desk.trail] == [
        ("device.invite", "admin-1", "spd"), ("device.enrol", "admin-1", device.id),
    ]  # fmt: skip


async def test_the_code_is_kept_nowhere() -> None:
    """Neither in the store nor in the trail; it stands behind the # of the link, with the authority."""
    desk = Desk()
    invitation = await desk.invite()
    assert invitation.url == f"https://muster.local/enrol#code={invitation.code}&ca={'ab' * 32}"
    assert invitation.qr.startswith("<svg") and "script" not in invitation.qr
    kept = repr(vars(desk.store)) + repr(desk.trail)
    assert invitation.code not in kept and invitation.code.replace("-", "") not in kept


@pytest.mark.parametrize(
    ("after_s", "good"), [(0, True), (599, True), (600, False), (86_400, False), (-30, True), (-31, False)]
)
async def test_a_code_lives_ten_minutes_to_the_second(after_s: int, good: bool) -> None:
    """At 10:00 it is over; and where the clock was set back since, nobody knows how old it is."""
    desk = Desk()
    invitation = await desk.invite()
    assert invitation.expires_at == NOW + timedelta(minutes=10)
    desk.now += timedelta(seconds=after_s)
    if good:
        await desk.enrol(invitation.code, fresh())
    else:
        with pytest.raises(Denied, match="used, has expired, or never existed"):
            await desk.enrol(invitation.code, fresh())


async def test_a_challenge_got_in_time_does_not_stretch_the_code() -> None:
    """Asked at 9:59, answered at 10:00."""
    desk = Desk()
    invitation = await desk.invite()
    key = fresh()
    challenge = await enrolling.begin(desk.store, KEY, invitation.code, NOW + timedelta(seconds=599))
    text = enrolling.enrolment_text(challenge, key.alg, key.public)
    with pytest.raises(Denied):
        await enrolling.enrol(
            desk.store, KEY, code=invitation.code, challenge=challenge, alg=key.alg, public_key=key.public,
            signature=key.sign(text), now=NOW + timedelta(seconds=600), source="cli",
        )  # fmt: skip


async def test_a_code_counts_once() -> None:
    """Neither the same device nor a second one gets in again; nor does whoever had asked before."""
    desk = Desk()
    invitation = await desk.invite()
    early = await enrolling.begin(desk.store, KEY, invitation.code, NOW)
    key, second = fresh(), fresh("ed25519")
    await desk.enrol(invitation.code, key)
    for one in (key, second):
        with pytest.raises(Denied, match="used, has expired, or never existed"):
            await desk.enrol(invitation.code, one)
    text = enrolling.enrolment_text(early, second.alg, second.public)
    with pytest.raises(Denied, match="used, has expired, or never existed"):
        await enrolling.enrol(
            desk.store, KEY, code=invitation.code, challenge=early, alg=second.alg, public_key=second.public,
            signature=second.sign(text), now=NOW, source="cli",
        )  # fmt: skip
    assert len(await desk.store.devices()) == 1


@pytest.mark.parametrize(
    ("lies", "error", "where"),
    [
        ({"signature": bytes(64)}, Unreadable, "signature"),
        ({"public_key": ED25519.public}, Unreadable, "public_key"),
        ({"public_key": ED25519.public, "alg": "ed25519"}, Unreadable, "signature"),
        ({"challenge": "AAAA"}, Unreadable, "signature"),
        ({"code": "aaaa-aaaa-aaaa-aaaa"}, Denied, "challenge"),
        ({"now": NOW + timedelta(minutes=2)}, Denied, "challenge"),
    ],
)
async def test_what_does_not_hold_lets_nobody_in(lies: dict[str, Any], error: type[MusterError], where: str) -> None:
    """Another's signature or key, another algorithm, another challenge or code, too late; the code stays good."""
    desk = Desk()
    invitation = await desk.invite()
    with pytest.raises(error) as caught:
        await desk.enrol(invitation.code, P256, **lies)
    assert caught.value.where == where
    await desk.enrol(invitation.code, P256)


async def test_an_unknown_code_gets_no_challenge() -> None:
    with pytest.raises(Denied):
        await enrolling.begin(Desk().store, KEY, "aaaa-aaaa-aaaa-aaaa", NOW)


async def test_a_device_ends_once() -> None:
    """Again ends nothing more; one that is not there is not found."""
    desk = Desk()
    device = await desk.enrol((await desk.invite()).code, P256)
    assert await enrolling.revoke(desk.store, device.id, NOW, ADMIN) == ()
    assert await enrolling.revoke(desk.store, device.id, NOW, ADMIN) == ()
    assert [one.action for one in desk.trail].count("device.revoke") == 1
    with pytest.raises(NotFound):
        await enrolling.revoke(desk.store, "d-none", NOW, ADMIN)


@pytest.mark.parametrize("wrong", ["the device's own key", "a signature over another nonce", "no key"])
async def test_a_persons_key_is_taken_with_its_proof_only(wrong: str) -> None:
    desk = Desk()
    device = await desk.enrol((await desk.invite()).code, P256)
    mine = P256 if wrong == "the device's own key" else fresh()
    public = b"" if wrong == "no key" else mine.public
    nonce = "other" if wrong == "a signature over another nonce" else "nonce"
    proof = mine.sign(enrolling.author_text(nonce, device.id, ADMIN.person, mine.alg, mine.public))
    with pytest.raises(Unreadable) as caught:
        await enrolling.attach(desk.store, device, ADMIN, "nonce", (mine.alg, public, proof), NOW)
    assert caught.value.where == "author_key"
