"""Who is at the door where a device is: whoever signed this very request, once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from command.access.model import Subject
from command.devices import challenges, requests
from command.devices.model import Device
from command.errors import NotSignedIn, TooLarge, Unreadable
from command.ledger.algorithms import is_signed
from command.web.shapes_devices import OfDevice

if TYPE_CHECKING:
    from command.web.door import Call

MEDIA: Final = ("application/json",)
SEEN_EVERY: Final = timedelta(seconds=10)

_of: msgspec.json.Decoder[OfDevice] = msgspec.json.Decoder(OfDevice)


async def identify_device(call: Call) -> None:
    """Set `call.subject` and `call.device` from the request's signature; `call.unsigned` says what is wrong with it.

    Raises Unreadable, TooLarge and Busy for a body that cannot be taken.
    """
    if "Signature-Input" not in call.request.headers:  # the body of a stranger is not read
        call.unsigned = NotSignedIn("expected a request signed by an enrolled device", where="Signature-Input")
        return
    try:
        device, _ = await signed_by(call)
    except NotSignedIn as error:
        call.unsigned = error
        return
    call.device = device
    call.subject = Subject(
        person=device.id, name="", agency=device.agency, rank="", session=device.session, source=call.source,
        device=device.id,
    )  # fmt: skip


async def name_device(call: Call) -> None:
    """Set `call.named` to the enrolled device that the body names; nothing is proven by that, and nothing shown for it.

    What is wrong with a body is for the handler to say: until then whoever sent it is a stranger. Raises Busy.
    """
    try:
        asked = await call.read(_of)
    except (Unreadable, TooLarge):
        return
    known = await call.services.devices.store.device(asked.device)
    call.named = None if known is None else known.id


async def signed_by(call: Call) -> tuple[Device, str]:
    """The enrolled device that signed this request, and the nonce that it used up. Raises NotSignedIn with its place.

    A revoked device is known too: what becomes of what it brings is for others to say.
    """
    request, desk = call.request, call.services.devices
    body = await call.raw(MEDIA, call.services.settings.max_body_bytes)
    given = request.headers
    found = requests.read(
        given.get("Signature-Input", ""), given.get("Signature", ""), given.get("Content-Digest", ""), body
    )
    device = await desk.store.device(found.device)
    authority = given.get("Host", "").lower()
    text = requests.base(request.method, authority, request.rel_url.raw_path, found.digest, found.params)
    if device is None or device.alg != found.alg or not is_signed(found.alg, device.public_key, text, found.signature):
        raise NotSignedIn("expected a request signed by an enrolled device", where="Signature")
    until = challenges.expires_at(desk.key, device.id, found.nonce, call.now)
    if until is None or not await desk.store.answer(challenges.digest(found.nonce), until, call.now):
        raise NotSignedIn("expected a challenge of this server for this device, in time and once", where="nonce")
    if device.seen_at is None or call.now - device.seen_at >= SEEN_EVERY:
        await desk.store.seen(device.id, call.now)
    return device, found.nonce
