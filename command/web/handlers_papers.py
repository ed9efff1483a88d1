"""Handlers of papers and tables: a record, a receipt and the whole operation as PDF, arrests as CSV and as NIBRS has them.

Each shows what the screen shows through the same lens, and is on the trail as an export or a read of its own.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Final, cast, get_args
from weakref import WeakKeyDictionary

import msgspec
from aiohttp import web

from command.errors import Busy, NotFound, Unreadable
from command.reports.arrest_tables import arrest_row, arrestee, arrests_csv, faults_csv, nibrs_csv, reported
from command.reports.document import Clock, Document
from command.reports.leaving import Paper, leaving_paper
from command.reports.nibrs import Fault
from command.reports.pdf import as_pdf
from command.reports.record import receipt_paper, record_paper
from command.views.record_rows import RecordView
from command.web.door import Call
from command.web.handlers_arrests import of_path, scene_at, scene_of, whole
from command.web.handlers_read import lens_here, moment
from command.web.one_record import sources_of
from command.web.operation import gather_operation

PDF: Final = "application/pdf"
CSV: Final = "text/csv"

_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


MOST_WAITING: Final = 8
"""Papers of a whole operation that wait for the one that is set: that takes some seconds and hundreds of megabytes."""


class _Turns:
    """One after another. Raises Busy where MOST_WAITING wait already."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._waiting = 0

    async def __aenter__(self) -> None:
        if self._waiting >= MOST_WAITING:
            raise Busy("too many papers of a whole operation are being made right now: try again", retry_after_s=10)
        self._waiting += 1
        try:
            await self._lock.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


_TURNS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns]] = WeakKeyDictionary()


async def record_pdf(call: Call) -> web.Response:
    """One record as a paper to sign, hand over or keep, as it stands or as it stood."""
    scene = await scene_at(call, "arrests")
    view = await whole(call, of_path(call, "arrest"), scene)
    incident, zone, exercise = await _about(call)
    as_of = f" as of event {scene.state.seq}" if "at" in call.request.query else ""
    await call.record(
        "ok", f"record {view.record.id} on paper{as_of}: {', '.join(view.compartments) or 'no compartment'}"
    )
    paper = record_paper(view, incident, zone, _foot(call, scene.state.seq), exercise=exercise)
    return await _pdf(paper, f"arrest-{view.record.id}")


async def receipt_pdf(call: Call) -> web.Response:
    """A receipt for one bag of property, for its owner."""
    view = await whole(call, of_path(call, "arrest"))
    incident, zone, _ = await _about(call)
    paper = receipt_paper(view, of_path(call, "bag"), incident, zone, _foot(call))
    if paper is None:
        raise NotFound("expected a bag of this record here")
    await call.record("ok", f"receipt of record {view.record.id}")
    return await _pdf(paper, f"receipt-{of_path(call, 'bag')}")


async def leaving_pdf(call: Call) -> web.Response:
    """What a person in custody is given in writing, in a language of theirs."""
    paper, language = call.request.query.get("paper", ""), call.request.query.get("in", "en")
    if paper not in get_args(Paper):
        raise Unreadable(f"expected one of {', '.join(get_args(Paper))}, got {paper[:40]!r}", where="paper")
    if not _LANGUAGE.fullmatch(language):
        raise Unreadable(f"expected a language such as es, got {language[:40]!r}", where="in")
    view = await whole(call, of_path(call, "arrest"))
    _, zone, exercise = await _about(call)
    texts = call.services.views.plan_words(await call.services.service.state(call.log)).texts
    made = leaving_paper(view, cast(Paper, paper), language, texts, zone, _foot(call))
    if exercise:
        made = msgspec.structs.replace(made, marks=("EXERCISE: none of this happened", *made.marks))
    await call.record("ok", f"{paper} of record {view.record.id}")
    return await _pdf(made, f"{paper.replace(' ', '-')}-{view.record.id}")


async def operation_pdf(call: Call) -> web.Response:
    """The whole operation as a paper, as of the last event of the log or `at` a moment."""
    lens = await lens_here(call)
    if "at" in call.request.query:
        then, at = await moment(call)
        call.also("incident.export")  # what the trail says of it, whatever else was asked about
    else:
        then = await call.services.service.state(call.log)
        at = call.services.views.clock(then).now
    turns = _TURNS.setdefault(asyncio.get_running_loop(), _Turns())
    async with turns:
        paper = await gather_operation(sources_of(call.services), call.log, lens, then, at)
        await call.record("ok", f"the operation on paper as of event {then.seq}: {call.verdict.reason}")
        return await _pdf(paper, f"operation-{call.log}")


async def arrests_table(call: Call) -> web.Response:
    """Every record as a row."""
    clock = Clock((await _about(call))[1])
    return _csv(arrests_csv([arrest_row(one, clock) async for one in _each(call)]), "arrests")


async def nibrs_table(call: Call) -> web.Response:
    """Every record in NIBRS's data elements 40 to 52."""
    made, _ = await _nibrs(call)
    return _csv(made, "nibrs")


async def nibrs_faults(call: Call) -> web.Response:
    """What stands against the rows of the NIBRS file."""
    _, faults = await _nibrs(call)
    return _csv(faults_csv(faults), "nibrs-faults")


async def _nibrs(call: Call) -> tuple[bytes, tuple[Fault, ...]]:
    zone = (await _about(call))[1]
    return nibrs_csv([arrestee(one, zone) async for one in _each(call) if reported(one)], zone)


async def _each(call: Call) -> AsyncIterator[RecordView]:
    """Every record whole, one after another: ten thousand of them at once are half a gigabyte."""
    scene = await scene_of(call, "arrests")
    for name in scene.state.arrests.order:
        yield await whole(call, name, scene)
    await call.record("ok", f"{len(scene.state.arrests.order)} records exported")


async def _about(call: Call) -> tuple[str, str, bool]:
    """The incident's name, its time zone, and whether it is an exercise."""
    incident = (await call.services.service.state(call.log)).incident
    if incident is None:
        raise NotFound("expected an incident that is open or was")
    return incident.name, incident.time_zone, incident.clock is not None


def _foot(call: Call, upto: int | None = None) -> str:
    epoch, seq, root = call.services.service.position(call.log)
    earlier = f"as of event {upto}; the log is " if upto is not None and upto < seq else ""
    return f"Log {call.log}, epoch {epoch}, {earlier}up to event {seq}, root {root.hex()}"


async def _pdf(paper: Document, name: str) -> web.Response:
    body = await asyncio.to_thread(as_pdf, paper)  # tens of milliseconds that no socket should wait for
    return web.Response(body=body, content_type=PDF, headers=_file(f"{name}.pdf"))


def _csv(body: bytes, name: str) -> web.Response:
    return web.Response(body=body, content_type=CSV, charset="utf-8", headers=_file(f"{name}.csv"))


def _file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
