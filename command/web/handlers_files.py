"""Files that a device brings while their author is not there: sealed part by part, opened here, judged as any.

They need no session, because the record that names them needed none: its signed statement holds their digest, so a file
either is what was signed for or is shown to nobody. The device signs each request. A lost answer costs a repeated
announcement, which says how far it had come.
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from command.devices.files import opened_part
from command.devices.model import Device
from command.errors import Conflict, Denied, WrongOffset
from command.ledger.disclosure import decode_bytes
from command.service.attachments import Wish
from command.uploads.kept import Progress
from command.web import answers
from command.web.door import Call
from command.web.handlers_devices import with_nonce
from command.web.shapes_devices import DeviceFile, FilePart, FileState

_file: msgspec.json.Decoder[DeviceFile] = msgspec.json.Decoder(DeviceFile)
_part: msgspec.json.Decoder[FilePart] = msgspec.json.Decoder(FilePart)


async def announce(call: Call) -> web.Response:
    """Begin to bring a file, or learn how far it has come."""
    body = await call.read(_file)
    device = _here(call)
    await call.services.service.state(call.log)  # there is such an incident
    wish = Wish(body.attachment, body.subject, body.kind, body.sha256, body.size_bytes)
    made = await call.services.attachments.announce(call.log, device.id, wish, [call.entry("ok", call.verdict.reason)])
    return _state(call, device, await call.services.attachments.progress(call.log, made.upload, device.id))


async def append(call: Call) -> web.Response:
    """The next sealed part."""
    body = await call.read(_part)
    device, desk = _here(call), call.services.devices
    found = await call.services.attachments.progress(call.log, call.request.match_info["upload"], device.id)
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
    """The device at the door. Raises Denied for one that was revoked: its records are held back, its files stay there."""
    assert call.device is not None, "the authorizer lets only devices here"
    if call.device.revoked_at is not None:
        raise Denied("this device was revoked: its records are held back, its files come by an export")
    return call.device


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
