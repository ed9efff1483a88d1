"""A whole operation gathered through a lens, for its paper: the board, the numbers and the course of it, as of one moment."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from command.domain.envelope import Recorded
from command.domain.state import State
from command.errors import Denied, NotFound
from command.reports.document import Document
from command.reports.operation import COURSE, Operation, operation_paper
from command.views.lens import Lens, sight_of
from command.views.processing import processing
from command.views.rows import Entry, IncidentRow
from command.views.scene import Scene
from command.views.sight import has_section
from command.web.one_record import Sources, scene_then

PAGE: Final = 1_000


async def gather_operation(sources: Sources, log: str, lens: Lens, then: State, at: datetime) -> Document:
    """The paper of the state `then` at its time `at`.

    Raises Denied for whoever still owes a first account: what others told is in it.
    """
    if sight_of(lens).owed:
        raise Denied("write your own first account before you see a report of the operation")
    head = await sources.service.state(log)
    scene = scene_then(sources, head, then, lens, at)
    private = await sources.service.private(log, sources.views.needs(scene.state))
    board = sources.views.board_at(scene.state, lens, private, at)
    row = next(iter(board["incident"].values()), None)
    if not isinstance(row, IncidentRow):
        raise NotFound("expected an incident that is open or was")
    paper = Operation(
        incident=row,
        board=board,
        entries=await _course(sources, log, scene),
        processing=processing(scene) if has_section(lens, "arrests") else None,
        lens=lens,
        at=f"Log {log}, epoch {then.epoch}, as of event {then.seq}",
    )
    return operation_paper(paper, at)


async def _course(sources: Sources, log: str, scene: Scene) -> list[Entry]:
    """The lines of what made up its course, and of every report that was not found authorized, oldest first."""
    lines: list[Entry] = []
    after = 0
    while after < scene.state.seq:
        found = await sources.service.recorded(log, after, min(PAGE, scene.state.seq - after))
        if not found:
            break
        after = found[-1].seq
        picked = [one for one in found if _wanted(one)]
        private = await sources.service.private(log, [one.seq for one in picked])
        for one in picked:
            line = sources.views.entry(scene.state, one, scene.lens, private.get(one.seq, {}), None)
            if line is not None:
                lines.append(line)
    return lines


def _wanted(one: Recorded) -> bool:
    finding = one.header.finding or getattr(one.event, "finding", None)
    return one.header.type in COURSE or (finding is not None and finding.kind != "authorized")
