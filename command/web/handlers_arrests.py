"""Handlers of arrest records: one record whole, pages of them, two that read alike, what a step would take, processing.

Each through the lens that the authorizer chose. Whoever reads a record is on the trail, with the compartments of which
a value was shown.
"""

from __future__ import annotations

import re
from typing import Final, get_args

import msgspec
from aiohttp import web

from command.domain.events_arrest import Disposition
from command.domain.state import State
from command.errors import Denied, NotFound, Unreadable
from command.policy.charges import SAYS
from command.views.alike import pair, side_by_side
from command.views.arrest_list import ArrestQuery, page
from command.views.lens import Lens
from command.views.processing import processing as numbers
from command.views.record import steps_view
from command.views.record_rows import RecordView
from command.views.scene import Scene
from command.views.sight import has_section
from command.web import answers
from command.web.door import Call
from command.web.handlers_read import lens_here, moment, number
from command.web.one_record import read_whole, scene_then, sources_of

PAGE: Final = 50
MAX_PAGE: Final = 200
"""Records in a page; two hundred are some 300 kB."""

DISPOSITIONS: Final = (*get_args(Disposition), "undecided")
ITEMS: Final = tuple(SAYS)

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_NUMBER: Final = re.compile(r"[^\x00-\x1f\x7f]{1,64}")


async def arrests(call: Call) -> web.Response:
    """A page of records, newest first, by public facts only."""
    scene = await scene_of(call, "arrests")
    overdue = _word(call, "overdue", ("yes", "no"))
    wanted = ArrestQuery(
        number=_text(call, "number", _NUMBER),
        wristband=_text(call, "wristband", _NUMBER),
        sector=_text(call, "sector", _ID),
        officer=_text(call, "officer", _ID),
        disposition=_word(call, "disposition", DISPOSITIONS),
        missing=_word(call, "missing", ITEMS),
        overdue=None if overdue is None else overdue == "yes",
    )
    before = number(call, "before", 1, 1) if "before" in call.request.query else None
    return answers.json(page(scene, wanted, before, number(call, "limit", PAGE, 1, MAX_PAGE)))


async def arrest(call: Call) -> web.Response:
    """One record, whole, as it stands or as it stood `at` a moment. The trail names the compartments that were read."""
    scene = await scene_at(call, "arrests")
    view = await whole(call, of_path(call, "arrest"), scene)
    as_of = f" as of event {scene.state.seq}" if "at" in call.request.query else ""
    await call.record("ok", f"record {view.record.id}{as_of}: {', '.join(view.compartments) or 'no compartment'}")
    return answers.json(view)


async def whole(call: Call, name: str, scene: Scene | None = None) -> RecordView:
    """A record with every version of it, through the lens of the call. Raises NotFound for one that is not there."""
    scene = scene or await scene_of(call, "arrests")
    return (await read_whole(sources_of(call.services), call.log, scene, name, call.who.person)).view


async def alike(call: Call) -> web.Response:
    """Two accounts that read alike, side by side, for whoever may compare them."""
    scene = await scene_of(call, "arrests")
    both = pair(scene, of_path(call, "arrest"), of_path(call, "other"))
    if both is None:
        raise NotFound("expected two records with accounts that read alike, for you to compare")
    service = call.services.service
    names = (both[0].arrest, both[1].arrest)
    events = await call.services.arrest_indexes.events(service, call.log, names)
    private = await service.private(call.log, [one.seq for one in events])
    view = side_by_side(msgspec.structs.replace(scene, private=private, memo={}), both, events)
    if view is None:
        raise NotFound("expected two accounts that are still there")
    await call.record("ok", f"accounts of {names[0]} and {names[1]}: account")
    return answers.json(view)


async def steps(call: Call) -> web.Response:
    """What transport, booking and closing would take for one record, without asking for them."""
    view = steps_view(await scene_of(call, "arrests"), of_path(call, "arrest"))
    if view is None:
        raise NotFound("expected a record of an arrest here")
    return answers.json(view)


async def processing(call: Call) -> web.Response:
    """Processing in numbers."""
    scene = await scene_of(call, "arrests")
    return answers.json(numbers(scene))


async def scene_of(call: Call, section: str) -> Scene:
    """A look at the incident as it stands. Raises Denied for a lens that has no such section."""
    lens = await _lens_with(call, section)
    state: State = await call.services.service.state(call.log)
    return call.services.views.scene(state, lens, {})


async def scene_at(call: Call, section: str) -> Scene:
    """A look at the incident as it stands, or as it stood at the seq or the time that `at` in the query names.

    Raises Denied for whoever may not replay, or still owes a first account, and as `scene_of` does; NotFound for a
    moment that there is none of.
    """
    if "at" not in call.request.query:
        return await scene_of(call, section)
    lens = await _lens_with(call, section)
    then, time = await moment(call)
    head = await call.services.service.state(call.log)
    return scene_then(sources_of(call.services), head, then, lens, time)


async def _lens_with(call: Call, section: str) -> Lens:
    lens = await lens_here(call)
    if not has_section(lens, section):
        raise Denied("this role does not see records of arrests")
    return lens


def of_path(call: Call, name: str) -> str:
    """An id in the path. Raises NotFound for what cannot be one."""
    found = call.request.match_info[name]
    if not _ID.fullmatch(found):
        raise NotFound("expected a record of an arrest here")
    return found


def _text(call: Call, name: str, shape: re.Pattern[str]) -> str | None:
    text = call.request.query.get(name)
    if text is not None and not shape.fullmatch(text):
        raise Unreadable(f"expected a {name}", where=f"query.{name}")
    return text


def _word(call: Call, name: str, known: tuple[str, ...]) -> str | None:
    text = call.request.query.get(name)
    if text is not None and text not in known:
        raise Unreadable(f"expected one of {', '.join(known)}", where=f"query.{name}")
    return text
