"""The export: a log as it is proven, with what the lens may read of its private fields. One JSON object a line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import msgspec
from aiohttp import web

from command.domain.envelope import private_paths
from command.domain.state import State
from command.ledger.disclosure import encode_bytes
from command.views.lens import Lens
from command.web import answers
from command.web.door import Call
from command.web.handlers_read import lens_here, withheld

CHUNK = 200
"""Events a read: the reader's pace decides how many of these are under way, which is one."""


class ExportHead(msgspec.Struct, frozen=True, tag_field="type", tag="export"):
    """First line: what is exported, up to where, and the root to check it against."""

    v: int
    log: str
    epoch: int
    seq: int
    root: str
    lens: str


class ExportEvent(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="event"):
    """An event: exact header bytes (base64url), their leaf hash, and disclosures as in SD-JWT."""

    seq: int
    header: str
    leaf: str
    disclosures: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()  # private fields that this lens does not show
    absent: tuple[str, ...] = ()  # private fields whose value was redacted, or is missing


class ExportPack(msgspec.Struct, frozen=True, tag_field="type", tag="pack"):
    """A rule pack that was in force: its file's exact bytes (base64url), whose SHA-256 stands in `name`."""

    name: str
    file: str
    raw: str


class ExportEnd(msgspec.Struct, frozen=True, tag_field="type", tag="end"):
    """Last line: without it the export was cut off."""

    events: int


async def export(call: Call) -> web.StreamResponse:
    """Stream the log up to the position of now. That it was exported is on the trail before the first byte."""
    state = await call.services.service.state(call.log)
    lens = await lens_here(call)
    epoch, seq, root = call.services.service.position(call.log)
    await call.record("ok", call.verdict.reason)
    response = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="{call.log}.ndjson"'})
    response.content_type = "application/x-ndjson"
    call.streaming = response
    await response.prepare(call.request)
    if call.request.method == "HEAD":
        await response.write_eof()
        return response
    await response.write(_line(ExportHead(1, call.log, epoch, seq, root.hex(), lens)))
    for after in range(0, seq, CHUNK):
        await response.write(await _chunk(call, state, lens, after, min(CHUNK, seq - after)))
    for name, row in await call.services.service.packs(call.log):
        await response.write(_line(ExportPack(name, row.name, encode_bytes(row.raw))))
    await response.write(_line(ExportEnd(seq)))
    await response.write_eof()
    return response


async def _chunk(call: Call, state: State, lens: Lens, after: int, limit: int) -> bytes:
    services = call.services
    rows = await services.store.events(call.log, after, limit)
    decoded = await services.service.recorded(call.log, after, limit)
    opened = await _opened(call, [row.seq for row in rows])
    private = await services.service.private(call.log, [row.seq for row in rows])
    lines = []
    for row, one in zip(rows, decoded, strict=True):
        fields = private_paths(one)
        hidden = withheld(call, state, one, lens, private)
        hidden = fields if hidden is None else hidden
        shown = {path: text for path, text in opened.get(row.seq, {}).items() if path not in hidden}
        line = ExportEvent(
            seq=row.seq,
            header=encode_bytes(row.header),
            leaf=row.leaf.hex(),
            disclosures=tuple(shown[path] for path in sorted(shown)),
            withheld=tuple(path for path in fields if path in hidden),
            absent=tuple(path for path in fields if path not in hidden and path not in shown),
        )
        lines.append(_line(line))
    return b"".join(lines)


async def _opened(call: Call, seqs: list[int]) -> Mapping[int, Mapping[str, str]]:
    """seq -> field -> disclosure, of those that can still be opened."""
    rows = await call.services.store.disclosures(call.log, seqs)
    opened: dict[int, dict[str, str]] = defaultdict(dict)
    for row, text in zip(rows, await call.services.open_disclosures(call.log, rows), strict=True):
        if text is not None:
            opened[row.seq][row.path] = text
    return opened


def _line(value: msgspec.Struct) -> bytes:
    return answers.encode(value) + b"\n"
