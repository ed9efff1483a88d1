"""Handlers that list, open and act: the list of incidents, opening one, commands, the map, the socket's handshake."""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

from command.access.authorizer import authorize
from command.domain.batch import in_place, readable
from command.domain.commands import OpenIncident
from command.domain.state import State
from command.domain.submission import Submission
from command.errors import NotFound, Unreadable
from command.web import answers, problem
from command.web.door import Call
from command.web.shapes import Answers, Incidents, Opened, Seen
from command.web.told import told

UNREADABLE: Final = "unreadable"
"""Of commands that nobody could read, the trail says only that they were tried: once a request, for all of them."""

_one: msgspec.json.Decoder[Submission] = msgspec.json.Decoder(Submission)
_opening: msgspec.json.Decoder[OpenIncident] = msgspec.json.Decoder(OpenIncident)


async def incidents(call: Call) -> web.Response:
    """The incidents that this subject may see."""
    return answers.json(Incidents(await seen(call)))


async def open_incident(call: Call) -> web.Response:
    """Open an incident: a submission whose command is an OpenIncident. The same `cmd` again: the same incident."""
    submission = await call.read(_one)
    try:
        cmd = _opening.decode(submission.command)
    except msgspec.DecodeError as error:
        wrong = problem.unreadable(error)
        raise Unreadable(wrong.message, where=wrong.where.replace("$", "$.command", 1)) from None
    except UnicodeDecodeError:
        raise Unreadable("expected utf-8", where="$.command") from None
    incident, answer = await call.services.service.open_incident(
        call.author(), cmd, submission.cmd, issued_at=submission.issued_at
    )
    if answer.status == "unreadable":
        await call.record("failed", UNREADABLE)
    return answers.json(Opened(incident, answer), status=201 if answer.status == "accepted" else 200)


async def submit(call: Call) -> web.Response:
    """Take one command or a batch; each is answered, and durable once it is answered `accepted`."""
    read = await call.batch(_one)
    taken = in_place(read, await call.services.service.submit(call.log, call.author(), readable(read)))
    if any(answer.status == "unreadable" for answer in taken):
        await call.record("failed", UNREADABLE)
    return answers.json(Answers(await told(call.services.service, call.log, taken)))


async def checkpoint(call: Call) -> web.Response:
    """The newest signed head of the log: a C2SP checkpoint as any witness reads it. It shows nothing but a size."""
    await call.services.service.state(call.log)  # NotFound for what is none
    signing = call.services.checkpoints
    head = await signing.covering(call.log)
    if head is None and await signing.turn():
        head = await signing.covering(call.log)
    if head is None:
        raise NotFound("no head of this incident is signed yet")
    return web.Response(text=head.note, content_type="text/plain", charset="utf-8")


async def map_layers(call: Call) -> web.Response:
    """The ground under the incident, as GeoJSON of public data."""
    state = await call.services.service.state(call.log)
    return web.Response(body=call.services.basemap(state), content_type="application/geo+json")


async def stream(call: Call) -> web.StreamResponse:
    """The socket. That it was opened is on the trail before the first frame; the rest is in `web.socket`."""
    await call.services.service.state(call.log)  # NotFound before the trail says that it was opened
    await call.record("ok", call.verdict.reason)
    return await call.services.socket(call.request)


async def seen(call: Call) -> tuple[Seen, ...]:
    """Every incident that the subject may read now, as what and through which lens; the newest first."""
    found = []
    for log, state in await call.services.service.incidents():
        verdict = authorize(call.subject, "incident.read", log, call.now)
        if verdict.allow and verdict.lens is not None and state.incident is not None:
            found.append((state.incident.opened_at, _seen(log, state, verdict.role or "", verdict.lens)))
    return tuple(row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1].id), reverse=True))


def _seen(log: str, state: State, role: str, lens: str) -> Seen:
    assert state.incident is not None, "only for incidents that are open or were"
    status = "open" if state.incident.closed_at is None else "closed"
    return Seen(id=log, name=state.incident.name, status=status, role=role, lens=lens)
