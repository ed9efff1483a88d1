"""One record read whole, through a lens, as it stands or as it stood: for the page, the papers and the package of it.

What a court ordered away since is gone from the past as well. A look at an earlier moment says so where the value was,
instead of showing a gap that nobody explains.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec

from command.domain.banded import names_of
from command.domain.envelope import Recorded
from command.domain.state import State
from command.domain.state_arrest import Arrest
from command.errors import NotFound
from command.service.api import ServiceApi
from command.service.attachments import Attachments
from command.store.ports import DisclosureRow, Store
from command.views.lens import Lens
from command.views.record import record, seen, tells_of
from command.views.record_rows import RecordView
from command.views.scene import Scene
from command.web.arrest_index import ArrestIndexes
from command.web.services import Services, Views


class Sources(msgspec.Struct, frozen=True):
    """Where a record and what belongs to it are read from: a server's ports, or the command line's."""

    service: ServiceApi
    store: Store
    views: Views
    attachments: Attachments
    open_disclosures: Callable[[str, Sequence[DisclosureRow]], Awaitable[list[str | None]]]
    erasure: Callable[[str, str], Awaitable[str]]
    arrest_indexes: ArrestIndexes


def sources_of(services: Services) -> Sources:
    """The ports of a server."""
    return Sources(**{name: getattr(services, name) for name in Sources.__struct_fields__})


class Whole(msgspec.Struct, frozen=True):
    """A record, what it was made from, and the events that it is made of, in the order of the log."""

    view: RecordView
    scene: Scene
    found: Arrest
    events: tuple[Recorded, ...]


def gone_since(then: State, head: State) -> State:
    """An earlier state, of which is gone what was ordered away until `head`: its values are in no replay, and it says so."""
    if then is head:
        return then
    gone = {"redacted_subjects": head.redacted_subjects, "redacted_seqs": head.redacted_seqs}
    return msgspec.structs.replace(then, **gone)


def scene_then(sources: Sources, head: State, then: State, lens: Lens, at: datetime | None) -> Scene:
    """A look at an earlier state of the same log, of which is gone what was ordered away until `head`."""
    return sources.views.scene(gone_since(then, head), lens, {}, at)


async def read_whole(sources: Sources, log: str, scene: Scene, name: str, viewer: str | None) -> Whole:
    """The record with every version of it up to the scene's event; `viewer` reads what they wrote themselves.

    Raises NotFound for one that is not there, or not this lens's.
    """
    found = seen(scene, name)
    if found is None:
        raise NotFound("expected a record of an arrest here")
    under = names_of(scene.state, found)
    names = (found.arrest, found.subject, *under)
    told = await sources.arrest_indexes.events(sources.service, log, names, scene.state.seq)
    events = [one for one in told if tells_of(scene.state, found, one)] if under else told
    private = await sources.service.private(log, [one.seq for one in events])
    scene = msgspec.structs.replace(scene, private=private, memo={})
    view = record(scene, found, events, viewer)
    if view.record.redacted:
        view = msgspec.structs.replace(view, erasure=await _erasure(sources, log, scene.state, (found.subject, *under)))
    return Whole(view, scene, found, tuple(events))


async def _erasure(sources: Sources, log: str, state: State, names: Sequence[str]) -> str:
    """How far the erasure of a person has come, under each name of which the values were ordered away."""
    ordered = [name for name in names if name in state.redacted_subjects] or [names[0]]
    return "; ".join(dict.fromkeys([await sources.erasure(log, name) for name in ordered]))
