"""Files that a device brings while their author is not there: sealed part by part, opened here, judged as any.

They need no session, because the record that names them needed none: its signed statement holds their digest, so a file
either is what was signed for or is shown to nobody. The device signs each request. A lost answer costs a repeated
announcement, which says how far it had come.

A revoked device brings only what a record in the log names by that digest and size: recorded before it was revoked, or let in
from quarantine by a person since. Whoever stole it has nothing else to send that is taken.
"""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

from command.devices.files import opened_part
from command.devices.model import Device
from command.domain.state import State
from command.errors import Conflict, Denied, WrongOffset
from command.ledger.disclosure import decode_bytes
from command.service.attachments import Wish
from command.uploads.kept import Announced, Progress
from command.web import answers
from command.web.door import Call
from command.web.handlers_devices import with_nonce
from command.web.shapes_devices import DeviceFile, FilePart, FileState

_file: msgspec.json.Decoder[DeviceFile] = msgspec.json.Decoder(DeviceFile)
_part: msgspec.json.Decoder[FilePart] = msgspec.json.Decoder(FilePart)

MOST_OTHERS: Final = 3
"""Files under one name that turn out to be others than were signed for: of a stolen tablet, each costs disk for nothing."""


async def announce(call: Call) -> web.Response:
    """Begin to bring a file, or learn how far it has come."""
    body = await call.read(_file)
    device = _here(call)
    state = await call.services.service.state(call.log)  # there is such an incident
    if device.revoked_at is not None:
        await _check_named(call, state, body)
    wish = Wish(body.attachment, body.subject, body.kind, body.sha256, body.size_bytes)
    made = await call.services.attachments.announce(call.log, device.id, wish, [call.entry("ok", call.verdict.reason)])
    found = await call.services.attachments.progress(call.log, made.upload, device.id)
    return _state(call, device, await _judged(call, found))  # whole, and the server was killed before it could say so


async def append(call: Call) -> web.Response:
    """The next sealed part."""
    body = await call.read(_part)
    device, desk = _here(call), call.services.devices
    found = await call.services.attachments.progress(call.log, call.request.match_info["upload"], device.id)
    if device.revoked_at is not None:
        await _check_named(call, await call.services.service.state(call.log), found.announced)
    if body.offset != found.offset:
        raise WrongOffset(f"expected offset {found.offset}, got {body.offset}", where="offset")
    part = decode_bytes(body.part)
    data = await opened_part(desk.sealing, call.log, device.id, found.announced, body.key, body.offset, part)
    if found.offset + len(data) > found.announced.size_bytes:
        raise Conflict(f"expected at most {found.announced.size_bytes} bytes in all", where="part")
    await call.services.attachments.write(found, body.offset, data)
    found = await call.services.attachments.progress(call.log, found.announced.upload, device.id)
    return _state(call, device, await _judged(call, found))


def _here(call: Call) -> Device:
    """The device at the door."""
    assert call.device is not None, "the authorizer lets only devices here"
    return call.device


async def _check_named(call: Call, state: State, file: DeviceFile | Announced) -> None:
    """Raises Denied unless a record in the log names this very file, and it did not come often enough as something else."""
    named = state.arrests.attached.get(file.attachment)
    signed_for = None if named is None else (named.subject, named.kind, named.sha256, named.size_bytes)
    if signed_for != (file.subject, file.kind, file.sha256, file.size_bytes):
        raise Denied(
            "this device was revoked: its files follow when their records are let in, or come by its sealed file"
        )
    ends = await call.services.attachments.ends(call.log, [file.attachment])
    if sum(end.sha256 != file.sha256 for end in ends) >= MOST_OTHERS:
        raise Denied(f"this device was revoked, and brought {MOST_OTHERS} other files under this name")


async def _judged(call: Call, found: Progress) -> Progress:
    if found.end is not None or not found.whole:
        return found
    entry = call.entry("ok", call.verdict.reason)
    end = await call.services.attachments.finish(call.log, found.announced.upload, [entry])
    return Progress(found.announced, found.offset, end)


def _state(call: Call, device: Device, found: Progress) -> web.Response:
    end = found.end
    judged = "under way" if end is None else end.judged if end.sha256 == found.announced.sha256 else "another digest"
    told = FileState(found.announced.upload, found.offset, found.announced.size_bytes, judged)
    return with_nonce(call, device.id, answers.json(told))
