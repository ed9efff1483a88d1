"""Handlers about devices that sign: they come in, hand in, and go; what is held back of them is shown and decided."""

from __future__ import annotations

import secrets
from collections import Counter
from typing import Final

import msgspec
from aiohttp import web

from command.access.agencies import check
from command.devices import challenges, deciding, enrolling
from command.devices.brought import HandedIn
from command.devices.model import Held, Listed
from command.devices.quarantine import ABOUT_A_PERSON
from command.devices.sealing import SealingKey
from command.domain.batch import in_place, readable
from command.errors import NotFound, Unavailable
from command.ledger.algorithms import fingerprint
from command.ledger.disclosure import decode_bytes, encode_bytes
from command.web import answers
from command.web.device_door import signed_by
from command.web.door import Call
from command.web.handlers_incident import UNREADABLE
from command.web.shapes import Answers
from command.web.shapes_devices import (
    AtDevice,
    BecameRow,
    BecameRows,
    Challenged,
    DeviceInvited,
    DeviceRow,
    Devices,
    Enrolled,
    Enrolment,
    HeldContents,
    HeldDecision,
    HeldDecisions,
    HeldPlace,
    HeldPlaces,
    HeldRow,
    HeldRows,
    MissingRow,
    NewDevice,
    OfDevice,
    OfNumbers,
    Sealing,
    SettledRow,
    SettledRows,
    WithCode,
)
from command.web.shapes_sign_in import Ended, Nothing
from command.web.told import told

NEXT_NONCE: Final = "Muster-Nonce"
"""With each answer to a device: the challenge for its next request, so that it need not ask for one."""

_new: msgspec.json.Decoder[NewDevice] = msgspec.json.Decoder(NewDevice)
_code: msgspec.json.Decoder[WithCode] = msgspec.json.Decoder(WithCode)
_of: msgspec.json.Decoder[OfDevice] = msgspec.json.Decoder(OfDevice)
_enrolment: msgspec.json.Decoder[Enrolment] = msgspec.json.Decoder(Enrolment)
_here: msgspec.json.Decoder[AtDevice] = msgspec.json.Decoder(AtDevice)
_nothing: msgspec.json.Decoder[Nothing] = msgspec.json.Decoder(Nothing)
_decision: msgspec.json.Decoder[HeldDecision] = msgspec.json.Decoder(HeldDecision)
_decisions: msgspec.json.Decoder[HeldDecisions] = msgspec.json.Decoder(HeldDecisions)
_numbers: msgspec.json.Decoder[OfNumbers] = msgspec.json.Decoder(OfNumbers)
_handed_in: msgspec.json.Decoder[HandedIn] = msgspec.json.Decoder(HandedIn)


async def invite(call: Call) -> web.Response:
    """Make a code for one device, with its QR code."""
    body = await call.read(_new)
    await check(call.services.access, body.agency or call.who.agency, call.now)
    made = await enrolling.invite(
        call.services.devices.store,
        agency=body.agency or call.who.agency,
        label=body.label,
        base_url=call.services.settings.base_urls[0],
        authority=call.services.devices.authority,
        now=call.now,
        by=call.who,
    )
    return answers.json(DeviceInvited(made.code, made.url, made.qr, made.expires_at), status=200)


async def begin(call: Call) -> web.Response:
    """A challenge for whoever holds a code."""
    body = await call.read(_code)
    desk = call.services.devices
    return answers.json(Challenged(await enrolling.begin(desk.store, desk.key, body.code, call.now), call.now))


async def enrol(call: Call) -> web.Response:
    """Let a device in."""
    body = await call.read(_enrolment)
    desk = call.services.devices
    device = await enrolling.enrol(
        desk.store,
        desk.key,
        code=body.code,
        challenge=body.challenge,
        alg=body.alg,
        public_key=decode_bytes(body.public_key),
        signature=decode_bytes(body.signature),
        now=call.now,
        source=call.source,
    )
    call.object = device.id
    shown = sealing_of(await desk.sealing.current())
    return answers.json(Enrolled(device.id, device.agency, device.label, device.enrolled_at, shown))


async def challenge(call: Call) -> web.Response:
    """A challenge for a device's next request. Nothing is written."""
    body = await call.read(_of)
    if call.named is None:
        raise NotFound("there is no such device")
    return answers.json(Challenged(_challenge(call, body.device), call.now))


async def attach(call: Call) -> web.Response:
    """Your session is at the device that signed this request; it ends with the device."""
    body = await call.read(_here)
    device, nonce = await signed_by(call)
    call.object = device.id
    own = body.author_key
    mine = None if own is None else (own.alg, decode_bytes(own.public_key), decode_bytes(own.signature))
    await enrolling.attach(call.services.devices.store, device, call.who, nonce, mine, call.now)
    return with_nonce(call, device.id, answers.nothing())


async def statements(call: Call) -> web.Response:
    """Take what a device signed: each is recorded, answered again, held back, or said why not."""
    read = await call.batch(_handed_in)
    assert call.device is not None, "the authorizer lets only devices here"
    intake = call.services.devices.intake
    taken, trail = await intake.take(call.log, call.device, readable(read), call.now, call.source)
    if trail:
        await call.services.store.audit(trail)
    if len(taken) < len(read):
        await call.record("failed", UNREADABLE)
    said = await told(call.services.service, call.log, in_place(read, taken), people=False)
    head = await call.services.checkpoints.covering(call.log)
    note = None if head is None else head.note
    return with_nonce(call, call.device.id, answers.json(Answers(said, note)))


async def became(call: Call) -> web.Response:
    """What became of what this device had held back. That something waits still shows nothing, and leaves no entry."""
    body = await call.read(_numbers)
    assert call.device is not None, "the authorizer lets only devices here"
    desk, service = call.services.devices, call.services.service
    await service.state(call.log)  # there is such an incident
    found = await desk.quarantine.became(call.log, call.device, body.numbers, call.source)
    if any(one.fate not in ("waiting", "not here") for one in found):
        await call.record("ok", call.verdict.reason)
    said = iter(await told(service, call.log, [one.answer for one in found if one.answer is not None], people=False))
    rows = tuple(
        BecameRow(one.device_seq, one.fate, one.item, None if one.answer is None else next(said)) for one in found
    )
    head = await call.services.checkpoints.covering(call.log)
    note = None if head is None else head.note
    return with_nonce(call, call.device.id, answers.json(BecameRows(rows, note)))


async def devices(call: Call) -> web.Response:
    """All devices."""
    return answers.json(Devices(tuple(row_of(one) for one in await call.services.devices.store.devices())))


async def revoke(call: Call) -> web.Response:
    """End a device for good; sessions at it end, their sockets close."""
    await call.read(_nothing)
    device = call.object = call.request.match_info["device"]
    ended = await enrolling.revoke(call.services.devices.store, device, call.now, call.who)
    for session in ended:
        call.services.session_ended(session)
    return answers.json(Ended(ended))


async def held(call: Call) -> web.Response:
    """What is held back of this incident."""
    found = await call.services.devices.store.held(call.log, decided=True)
    agencies = (await call.services.service.state(call.log)).structure.agencies
    listed = [
        one for one in await call.services.devices.store.devices() if one.missing and one.device.agency in agencies
    ]
    listed.sort(key=lambda one: one.device.seen_at or one.device.enrolled_at)
    return answers.json(HeldRows(tuple(map(held_row, found)), tuple(map(_missing_row, listed))))


async def held_places(call: Call) -> web.Response:
    """Where something waits for a decision, for whoever decides: an administrator sees no list of incidents."""
    waiting = Counter(one.log for one in await call.services.devices.store.held(None))
    return answers.json(HeldPlaces(tuple(HeldPlace(log, count) for log, count in sorted(waiting.items()))))


async def held_contents(call: Call) -> web.Response:
    """What one held record says."""
    item = call.request.match_info["item"]
    said = await call.services.devices.quarantine.open(call.log, item)
    call.object = item
    one = await call.services.devices.store.held_one(item)
    assert one is not None, "it was there a moment ago, and nothing is deleted"
    return answers.json(
        HeldContents(held_row(one), said.command, said.occurred_at, said.signed_at, said.clock_error_ms, said.why)
    )


async def decide(call: Call) -> web.Response:
    """Let a held record in, or turn it down: for good, and with a reason."""
    body = await call.read(_decision)
    item, desk = call.request.match_info["item"], call.services.devices
    if body.decision == "reject":
        await desk.quarantine.reject(call.log, item, body.reason, call.who, call.now)
        return answers.json(Answers(()))
    answer = await desk.quarantine.release(call.log, item, body.reason, call.who, call.now)
    return answers.json(Answers(await told(call.services.service, call.log, [answer])))


async def decide_all(call: Call) -> web.Response:
    """The same decision on several of one device, in its order; what could not be decided waits on and is said."""
    body = await call.read(_decisions)
    call.object = body.device
    desk = call.services.devices
    made = await deciding.decide_all(
        desk.store, desk.quarantine, call.log, body.device, body.items, body.decision, body.reason, call.who, call.now
    )
    rows = (
        SettledRow(one.item, one.device_seq, one.outcome, one.problem, one.answer.seq if one.answer else None)
        for one in made
    )
    return answers.json(SettledRows(tuple(rows)))


def sealing_of(key: SealingKey) -> Sealing:
    """The key that outboxes are sealed to, as it is shown."""
    return Sealing(key.id, encode_bytes(key.public))


def row_of(listed: Listed) -> DeviceRow:
    """A device as it is shown."""
    one = listed.device
    return DeviceRow(
        device=one.id, agency=one.agency, label=one.label, alg=one.alg, fingerprint=fingerprint(one.public_key),
        enrolled_at=one.enrolled_at, enrolled_by=one.enrolled_by, seen_at=one.seen_at, revoked_at=one.revoked_at,
        revoked_by=one.revoked_by, statements=listed.statements, missing=listed.missing, held=listed.held,
    )  # fmt: skip


def _missing_row(one: Listed) -> MissingRow:
    device = one.device
    return MissingRow(device.id, device.label, one.missing, device.seen_at, device.revoked_at)


def held_row(one: Held) -> HeldRow:
    """A held record as it is shown: nothing of what it says."""
    return HeldRow(
        item=one.id, device=one.device, device_seq=one.device_seq, author=one.author, type=one.type,
        person=one.type in ABOUT_A_PERSON, cause=one.cause, received_at=one.received_at, outcome=one.outcome,
        decided_at=one.decided_at, decided_by=one.decided_by,
    )  # fmt: skip


async def waiting(call: Call) -> dict[str, float]:
    """For the metrics: how many records wait in quarantine. Nothing where the store cannot say."""
    try:
        return {"muster_quarantine_waiting": float(await call.services.devices.store.waiting())}
    except Unavailable:
        return {}


def _challenge(call: Call, device: str) -> str:
    random = secrets.token_bytes(challenges.RANDOM_BYTES)
    return challenges.make(call.services.devices.key, device, call.services.now(), random)


def with_nonce(call: Call, device: str, response: web.Response) -> web.Response:
    """The same, with the challenge for the device's next request."""
    response.headers[NEXT_NONCE] = _challenge(call, device)
    return response
