"""Handlers that show an incident: the board now or then, pages of the feed. Each through the lens that the authorizer chose; live and replay are the same calls."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from command.domain.envelope import Recorded, Utc
from command.domain.state import State
from command.errors import Denied, NotFound, Unreadable
from command.service.api import Private
from command.stream.frames import Position
from command.stream.render import entries
from command.views.lens import Lens
from command.views.permits import Asker
from command.views.sight import has_section
from command.web import answers
from command.web.door import Call
from command.web.limits import MOST_SEQ
from command.web.one_record import gone_since
from command.web.shapes import BoardAt, EventsPage

FEED = 200
"""Entries of the feed that come with a board."""

PAGE = 200
MAX_PAGE = 500
"""Entries in a page; 500 of the largest are about a megabyte."""

_SEQ = re.compile(r"[0-9]{1,15}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


async def board(call: Call) -> web.Response:
    """The board and the feed's end: as of now, or after a seq, or at a time of the incident (`at`)."""
    at = call.request.query.get("at")
    state, time = await (_now(call) if at is None else moment(call))
    lens = await lens_here(call)
    views, service = call.services.views, call.services.service
    feed = await service.recorded(call.log, max(0, state.seq - FEED), min(FEED, state.seq))
    private = await service.private(call.log, _wanted(views.needs(state), feed))
    clock = views.clock(state)
    answer = BoardAt(
        at=Position(call.log, state.epoch, state.seq),
        time=time,
        clock=clock if at is None else msgspec.structs.replace(clock, now=time),
        board=views.board_at(state, lens, private, time),
        feed=entries(views, state, feed, lens, private, call.who.person),
    )
    return answers.json(answer)


async def permits(call: Call) -> web.Response:
    """What the plan says of a sector, now or as of a moment of a replay (`at`), to whoever asks.

    It is judged by the whole state, and a reason tells what it rests on: grants, warnings, who has checked in with which
    training. So it is for lenses that see these. Raises Denied for the others, Unreadable and NotFound for a sector that
    is none.
    """
    sector = call.request.query.get("sector", "")
    if not _ID.fullmatch(sector):
        raise Unreadable("expected the id of a sector", where="query.sector")
    at = call.request.query.get("at")
    if not has_section(lens_of_call(call), "people"):
        raise Denied("this role does not see what the plan is judged by")
    state, time = await (_now(call) if at is None else moment(call))
    if sector not in state.response.sectors:
        raise NotFound("expected a defined sector", where="query.sector")
    asker = Asker(call.who.person, call.who.agency, call.who.rank)
    return answers.json(call.services.views.permits(state, sector, asker, None if at is None else time))


async def plan_words(call: Call) -> web.Response:
    """The words of the incident's plan, for the forms that offer them."""
    lens_of_call(call)
    return answers.json(call.services.views.plan_words(await call.services.service.state(call.log)))


async def plan_page(call: Call) -> web.Response:
    """The incident's plan as a page. It says nothing of the incident, and is the same through every lens."""
    lens_of_call(call)
    call.request[answers.NONCE] = secrets.token_urlsafe(16)  # makes it a page; no script bears it
    html = call.services.views.plan_page(await call.services.service.state(call.log), call.services.assets.base)
    return web.Response(text=html, content_type="text/html", charset="utf-8")


async def events(call: Call) -> web.Response:
    """A page of the feed: events after a seq, or the last ones before it."""
    limit = number(call, "limit", PAGE, 1, MAX_PAGE)
    if "after" in call.request.query and "before" in call.request.query:
        raise Unreadable("expected after or before, got both", where="query")
    state = await call.services.service.state(call.log)
    if "before" in call.request.query:
        before = min(number(call, "before", 1, 1), state.seq + 1)
        after, limit = max(0, before - 1 - limit), min(limit, before - 1)
    else:
        after = number(call, "after", 0, 0)
    found = await call.services.service.recorded(call.log, after, limit) if limit else []
    private = await call.services.service.private(call.log, [one.seq for one in found])
    answer = EventsPage(
        entries=entries(call.services.views, state, found, await lens_here(call), private, call.who.person),
        at=Position(call.log, state.epoch, state.seq),
        first=after + 1,
        last=found[-1].seq if found else after,
    )
    return answers.json(answer)


def number(call: Call, name: str, default: int, least: int, most: int = MOST_SEQ) -> int:
    """A whole number from the query. Raises Unreadable outside least…most; what came is not repeated."""
    text = call.request.query.get(name)
    if text is None:
        return default
    if not _SEQ.fullmatch(text) or not least <= int(text) <= most:
        raise Unreadable(f"expected a whole number from {least} to {most}", where=f"query.{name}")
    return int(text)


def lens_of_call(call: Call) -> Lens:
    """The lens of the verdict. Raises Denied where the role has none."""
    if call.verdict.lens is None:
        raise Denied("no lens for this role")
    return Lens(call.verdict.lens)


async def lens_here(call: Call) -> Lens:
    """The same as this very person looks through it now: what they owe a first account of is withheld."""
    lens = lens_of_call(call)
    return call.services.views.narrowed(await call.services.service.state(call.log), lens, call.who.person)


async def moment(call: Call) -> tuple[State, datetime]:
    """The state and time of the seq or the time that `at` in the query names, for whoever may replay.

    Raises Denied for the others and for whoever still owes a first account; Unreadable, NotFound for no such moment.
    """
    call.also("incident.replay")
    if "~" in await lens_here(call):
        raise Denied("write your own first account before you see a replay")
    return await _then(call, call.request.query["at"])


async def _now(call: Call) -> tuple[State, datetime]:
    state = await call.services.service.state(call.log)
    return state, call.services.views.clock(state).now


async def _then(call: Call, at: str) -> tuple[State, datetime]:
    """The state after a seq with its time, or at a time: the last state recorded by then."""
    service = call.services.service
    head = await service.state(call.log)
    if _SEQ.fullmatch(at):
        seq = int(at)
        time = None
    else:
        time = min(time_of(at, "query.at"), call.services.views.clock(head).now)
        seq = await call.services.store.seq_at(call.log, time)
    if not 1 <= seq <= head.seq:
        raise NotFound("expected a moment between the incident's first and last event", where="query.at")
    state = head if seq == head.seq else gone_since(await service.state_at(call.log, seq), head)
    assert state.recorded_at is not None, "a state with events knows when the last one was recorded"
    return state, time or state.recorded_at


def time_of(text: str, where: str) -> datetime:
    """A time as in RFC 3339, UTC. Raises Unreadable."""
    try:
        # A plus sign in a query that was not escaped arrives as a blank.
        return msgspec.convert(text.replace(" ", "+"), Utc).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):  # at the calendar's ends an offset leads beyond it
        raise Unreadable("expected a time as in RFC 3339 (or a seq, where there is one)", where=where) from None


def _wanted(needs: Sequence[int], feed: Sequence[Recorded]) -> list[int]:
    return sorted({*needs, *(one.seq for one in feed)})


def withheld(call: Call, state: State, one: Recorded, lens: Lens, private: Private) -> tuple[str, ...] | None:
    """Private fields of an event that the lens does not show; None: it may not see that it happened."""
    entry = call.services.views.entry(state, one, lens, private.get(one.seq, {}), call.who.person)
    return None if entry is None else entry.withheld
