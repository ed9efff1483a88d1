"""Handlers about agencies: the list, a new one, other words, the end."""

from __future__ import annotations

from collections import Counter

import msgspec
from aiohttp import web

from command.access import agency_acts
from command.access.agencies import Agency
from command.access.sessions import usable
from command.web import answers
from command.web.door import Call
from command.web.shapes_agencies import Agencies, AgencyWords, NewAgency, RegisteredAgency
from command.web.shapes_sign_in import Nothing

_new: msgspec.json.Decoder[NewAgency] = msgspec.json.Decoder(NewAgency)
_words: msgspec.json.Decoder[AgencyWords] = msgspec.json.Decoder(AgencyWords)
_nothing: msgspec.json.Decoder[Nothing] = msgspec.json.Decoder(Nothing)


async def agencies(call: Call) -> web.Response:
    """All agencies, with how many accounts and administrators each has."""
    accounts: Counter[str] = Counter()
    administrators: Counter[str] = Counter()
    for account, grants in await call.services.access.accounts():
        if not usable(account, call.now):
            continue
        accounts[account.agency] += all(grant.role != "display" for grant in grants)
        administrators[account.agency] += any(grant.role == "administrator" for grant in grants)
    found = await call.services.access.agencies()
    return answers.json(
        Agencies(tuple(RegisteredAgency(one, accounts[one.id], administrators[one.id]) for one in found))
    )


async def add(call: Call) -> web.Response:
    """A new agency."""
    body = await call.read(_new)
    call.object = body.id
    made = Agency(**msgspec.structs.asdict(body))
    return answers.json(await agency_acts.add(call.services.access, made, call.now, call.who), status=201)


async def change(call: Call) -> web.Response:
    """Other words for an agency."""
    body = await call.read(_words)
    agency = call.object = call.request.match_info["agency"]
    words = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not msgspec.UNSET}
    return answers.json(await agency_acts.change(call.services.access, agency, words, call.now, call.who))


async def end(call: Call) -> web.Response:
    """Nothing new may name it from now on."""
    await call.read(_nothing)
    agency = call.object = call.request.match_info["agency"]
    return answers.json(await agency_acts.end(call.services.access, agency, call.now, call.who))
