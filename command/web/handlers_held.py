"""What was captured while a tablet was locked, for who captured it: they see it, and take it as theirs."""

from __future__ import annotations

import msgspec
from aiohttp import web

from command.web import answers
from command.web.door import Call
from command.web.handlers_devices import held_row, sealing_of
from command.web.shapes_devices import Claimed, HeldContents, HeldRows
from command.web.shapes_sign_in import Nothing

_nothing: msgspec.json.Decoder[Nothing] = msgspec.json.Decoder(Nothing)


async def sealing_key(call: Call) -> web.Response:
    """The public key that outboxes are sealed to."""
    return answers.json(sealing_of(await call.services.devices.sealing.current()))


async def mine(call: Call) -> web.Response:
    """What waits for whoever asks."""
    found = await call.services.devices.quarantine.mine(call.log, call.who)
    return answers.json(HeldRows(tuple(held_row(one) for one in found)))


async def contents(call: Call) -> web.Response:
    """What one of them says."""
    item, desk = call.request.match_info["item"], call.services.devices
    said = await desk.quarantine.open_mine(call.log, item, call.who)
    call.object = item
    one = await desk.store.held_one(item)
    assert one is not None, "it was there a moment ago, and nothing is deleted"
    return answers.json(
        HeldContents(held_row(one), said.command, said.occurred_at, said.signed_at, said.clock_error_ms, said.why)
    )


async def claim(call: Call) -> web.Response:
    """Record it in the name of whoever asks."""
    await call.read(_nothing)
    item = call.request.match_info["item"]
    answer, files = await call.services.devices.quarantine.claim(call.log, item, call.who, call.now)
    return answers.json(Claimed(answer, dict(files)))
