"""The export: a log as it is proven, with what the lens may read of it. One JSON object a line.

An event whose public part would already tell what the lens may not know stands as its leaf alone: all leaves are there, so
the root is recomputed from them as from the headers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from aiohttp import web

from command.devices.public_keys import public_keys
from command.domain.envelope import private_paths
from command.domain.state import State
from command.ledger.bundle import ExportEnd, ExportEvent, ExportHead, ExportPack, ExportSigned, ExportVkey, encode
from command.ledger.disclosure import encode_bytes
from command.ledger.signers import carried
from command.views.lens import Lens
from command.web.door import Call
from command.web.handlers_read import lens_here, withheld

CHUNK = 200
"""Events a read: the reader's pace decides how many of these are under way, which is one."""


async def export(call: Call) -> web.StreamResponse:
    """Stream the log up to the position of now. That it was exported is on the trail before the first byte."""
    await call.services.checkpoints.turn()  # so that a signed head covers all of it
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
    await response.write(encode(ExportHead(1, call.log, epoch, seq, root.hex(), lens)))
    signed: set[tuple[str, str | None]] = set()
    for after in range(0, seq, CHUNK):
        await call.still()
        await response.write(await _chunk(call, state, lens, after, min(CHUNK, seq - after), signed))
    for key in await public_keys(call.services.devices.store, signed):
        await response.write(encode(key))
    for vkey in await call.services.checkpoints.store.vkeys():
        await response.write(encode(ExportVkey(vkey.vkey, vkey.since)))
    for head in await call.services.checkpoints.store.ends(call.log, seq):
        await response.write(encode(ExportSigned(head.size, head.note)))
    for name, row in await call.services.service.packs(call.log):
        await response.write(encode(ExportPack(name, row.name, encode_bytes(row.raw))))
    await response.write(encode(ExportEnd(seq)))
    await response.write_eof()
    return response


async def _chunk(
    call: Call, state: State, lens: Lens, after: int, limit: int, signed: set[tuple[str, str | None]]
) -> bytes:
    """A run of events as lines; `signed` takes whose keys it needs to check their statements."""
    services = call.services
    rows = await services.store.events(call.log, after, limit)
    decoded = await services.service.recorded(call.log, after, limit)
    opened = await _opened(call, [row.seq for row in rows])
    private = await services.service.private(call.log, [row.seq for row in rows])
    lines = []
    for row, one in zip(rows, decoded, strict=True):
        if not services.views.shows_header(state, one, lens, call.who.person):
            lines.append(encode(ExportEvent(row.seq, row.leaf.hex())))
            continue
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
        lines.append(encode(line))
        if (who := carried(row.header)) is not None:
            signed.add(who)
    return b"".join(lines)


async def _opened(call: Call, seqs: list[int]) -> Mapping[int, Mapping[str, str]]:
    """seq -> field -> disclosure, of those that can still be opened."""
    rows = await call.services.store.disclosures(call.log, seqs)
    opened: dict[int, dict[str, str]] = defaultdict(dict)
    for row, text in zip(rows, await call.services.open_disclosures(call.log, rows), strict=True):
        if text is not None:
            opened[row.seq][row.path] = text
    return opened
