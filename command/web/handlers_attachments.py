"""Handlers that show what belongs to records: the list with its findings, the cleaned copy, the original."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final

from aiohttp import hdrs, web

from command.domain.state import State
from command.domain.state_arrest import Attached
from command.errors import NotFound, Unreadable
from command.store.ports_blobs import Copy
from command.uploads.kept import Blob, Manifest
from command.views.attached import blob_of, finding_of, may_see
from command.views.lens import Lens
from command.web import answers
from command.web.door import Call
from command.web.handlers_read import lens_here, number
from command.web.shapes import AttachmentRow, AttachmentsPage

PAGE = 100
MAX_PAGE = 500

RANGE_BYTES: Final = 4 << 20
"""The most that a ranged request is answered with: a player asks again."""

INLINE: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
"""Shown in a page, cleaned, in the types that browsers draw. Everything else is a download."""

_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


async def attachments(call: Call) -> web.Response:
    """What the lens sees of the files that belong to records, in the order of their reports, with what came of each.

    A page is filled with what is shown, and ends at an event that is shown: where it ends tells nothing of the others.
    """
    limit = number(call, "limit", PAGE, 1, MAX_PAGE)
    after = number(call, "after", 0, 0)
    state = await call.services.service.state(call.log)
    lens = await lens_here(call)
    rows: list[Attached] = []
    for record in (state.arrests.attached[name] for name in state.arrests.files):
        if record.seq > after and await _seen(call, state, record, lens, "shown"):
            rows.append(record)
        if len(rows) == limit:
            break
    blobs = await call.services.attachments.blobs(call.log, sorted({row.subject for row in rows}))
    ends = await call.services.attachments.ends(call.log, [row.attachment for row in rows])
    page = AttachmentsPage(
        tuple(
            AttachmentRow(
                row.attachment, row.record, row.belongs_to, row.kind, row.sha256, row.size_bytes, row.seq,
                finding_of(state, row, blob_of(row, blobs), ends),
            )
            for row in rows
        ),
        rows[-1].seq if rows else after,
    )  # fmt: skip
    return answers.json(page)


async def attachment(call: Call) -> web.StreamResponse:
    """The copy for screens: without place, maker and whatever else it could tell."""
    blob, manifest = await _found(call, "shown")
    if not manifest.shown_sha256:
        raise NotFound("there is no copy of this for screens")
    inline = manifest.media in INLINE
    name = f"{call.request.match_info['attachment']}.{manifest.suffix}"
    copy: Copy = "shown" if manifest.cleaned else "original"
    return await _send(call, blob, copy, manifest.shown_bytes, manifest.media, name, inline=inline)


async def original(call: Call) -> web.StreamResponse:
    """The file as it was taken: evidence, for those who judge afterwards. Never shown, only handed out."""
    blob, _ = await _found(call, "original")
    name = f"{call.request.match_info['attachment']}.original"
    return await _send(call, blob, "original", blob.size_bytes, "application/octet-stream", name, inline=False)


async def _found(call: Call, copy: Copy) -> tuple[Blob, Manifest]:
    """Raises NotFound for what is not there or not for this lens: the two look the same."""
    state = await call.services.service.state(call.log)
    record = state.arrests.attached.get(call.request.match_info["attachment"])
    if record is None or not await _seen(call, state, record, await lens_here(call), copy):
        raise NotFound("there is no such attachment")
    blob = blob_of(record, await call.services.attachments.blobs(call.log, [record.subject]))
    if blob is None:
        raise NotFound("the file has not arrived")
    return blob, await call.services.attachments.manifest(call.log, blob)


async def _seen(call: Call, state: State, record: Attached, lens: Lens, copy: Copy) -> bool:
    (entry,) = await call.services.service.recorded(call.log, record.seq - 1, 1)
    return may_see(state, entry, lens, copy)


async def _send(
    call: Call, blob: Blob, copy: Copy, size_bytes: int, media: str, name: str, *, inline: bool
) -> web.StreamResponse:
    """The bytes, or the range asked for. That they were seen is on the trail before the first of them leaves."""
    start, end, ranged = _range(call.request.headers.get(hdrs.RANGE), size_bytes)
    pieces = call.services.attachments.read(call.log, blob, copy, size_bytes, start, end)
    async with aclosing(pieces):
        first = await anext(pieces) if call.request.method != hdrs.METH_HEAD else b""
        await call.record("ok", f"{call.verdict.reason}, {call.request.match_info['attachment']}")
        response = web.StreamResponse(status=206 if ranged else 200)
        response.content_type = media
        response.content_length = end - start
        response.headers[hdrs.ACCEPT_RANGES] = "bytes"
        response.headers[hdrs.CONTENT_DISPOSITION] = f'{"inline" if inline else "attachment"}; filename="{name}"'
        if ranged:
            response.headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{end - 1}/{size_bytes}"
        call.streaming = response
        await response.prepare(call.request)
        if call.request.method != hdrs.METH_HEAD:
            await _pump(call, response, first, pieces)
        await response.write_eof()
    return response


async def _pump(call: Call, response: web.StreamResponse, first: bytes, pieces: AsyncIterator[bytes]) -> None:
    await response.write(first)
    async for piece in pieces:
        await call.still()
        await response.write(piece)


def _range(text: str | None, size_bytes: int) -> tuple[int, int, bool]:
    """(first byte, behind the last, whether it is a part). One range, bounded. Raises Unreadable for any other form."""
    if text is None:
        return 0, size_bytes, False
    match = _RANGE.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        raise Unreadable("expected one range of bytes", where="Range")
    if match[1]:
        start = int(match[1])
        end = min(int(match[2]) + 1, size_bytes) if match[2] else size_bytes
    else:
        start, end = max(0, size_bytes - int(match[2])), size_bytes
    if start >= end:
        raise Unreadable(f"expected a range within {size_bytes} bytes", where="Range")
    return start, min(end, start + RANGE_BYTES), True
