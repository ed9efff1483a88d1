"""Handlers of uploads, by tus 1.0: a file in as many requests as its network needs, each byte once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import ClientError, hdrs, web

from command.errors import Busy, Conflict, TooLarge, Unreadable, WrongOffset
from command.uploads.kept import PART_BYTES, Progress
from command.web import answers, tus
from command.web.door import Call
from command.web.shapes import UploadState

_READ_BYTES = 64 * 1024

Tus = Callable[[Call], Awaitable[web.Response]]


def _spoken(handler: Tus) -> Tus:
    """The protocol's version checked, and named in whatever is answered."""

    async def speak(call: Call) -> web.Response:
        call.request[answers.MORE] = tus.answer_headers()
        tus.check_version(call.request.headers)
        return await handler(call)

    return speak


async def offers(call: Call) -> web.Response:
    """What this server speaks of the protocol."""
    call.request[answers.MORE] = tus.offers()
    return web.Response(status=204)


@_spoken
async def announce(call: Call) -> web.Response:
    """Begin an upload. The same file announced again, because an answer was lost, is the same upload."""
    wish = tus.wish(call.request.headers)
    await call.services.service.state(call.log)  # there is such an incident
    entry = call.entry("ok", call.verdict.reason)
    made = await call.services.attachments.announce(call.log, call.who.person, wish, [entry])
    location = f"/api/incidents/{call.log}/uploads/{made.upload}"
    headers = {hdrs.LOCATION: location, "Upload-Expires": tus.http_date(made.expires_at)}
    return web.Response(status=201, headers=headers)


async def look(call: Call) -> web.Response:
    """How far it has come; HEAD says so in headers alone. What a dead node left whole is judged now."""
    call.request[answers.MORE] = tus.answer_headers()
    if call.request.method == hdrs.METH_HEAD:
        tus.check_version(call.request.headers)
    found = await _judged(call, await _own(call))
    end = found.end
    state = UploadState(
        found.announced.attachment,
        found.offset,
        found.announced.size_bytes,
        "under way" if end is None else end.judged if end.sha256 == found.announced.sha256 else "another digest",
    )
    answer = answers.json(state)
    answer.headers.update(_where(found))
    return answer


@_spoken
async def append(call: Call) -> web.Response:
    """The next bytes. What has come is kept also where the rest does not; with a checksum, all of the body or none."""
    if call.request.content_type != tus.MEDIA:
        raise Unreadable(f"expected content type {tus.MEDIA}", where="Content-Type")
    if call.request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unreadable("expected a body that is not compressed", where="Content-Encoding")
    found = await _own(call)
    offset = tus.number(call.request.headers, "Upload-Offset")
    if offset != found.offset:
        raise WrongOffset(f"expected offset {found.offset}, got {offset}", where="Upload-Offset")
    room = found.announced.size_bytes - offset
    checked = tus.checksum(call.request.headers)
    most = room if checked is None else min(room, tus.MAX_CHECKED_BYTES)
    if (call.request.content_length or 0) > most:
        raise TooLarge(f"expected at most {most} bytes", where="body")
    if checked is not None:
        await _checked(call, found, offset, most, checked)
    elif room:
        await _streamed(call, found, offset, most)
    found = await call.services.attachments.progress(call.log, call.request.match_info["upload"], call.who.person)
    return web.Response(status=204, headers=_where(await _judged(call, found)))


@_spoken
async def give_up(call: Call) -> web.Response:
    """Remove an upload that is not whole. One that is belongs to the record, and stays. Raises Conflict."""
    found = await _own(call)
    entry = call.entry("ok", call.verdict.reason)
    if found.whole or not await call.services.attachments.drop(found, [entry]):
        raise Conflict("expected an upload under way: this one is whole, and kept")
    return answers.nothing()


async def _own(call: Call) -> Progress:
    return await call.services.attachments.progress(call.log, call.request.match_info["upload"], call.who.person)


async def _judged(call: Call, found: Progress) -> Progress:
    """The same, judged where it is whole."""
    if found.end is not None or not found.whole:
        return found
    entry = call.entry("ok", call.verdict.reason)
    end = await call.services.attachments.finish(call.log, found.announced.upload, [entry])
    return Progress(found.announced, found.offset, end)


def _where(found: Progress) -> dict[str, str]:
    headers = {"Upload-Offset": str(found.offset), "Upload-Length": str(found.announced.size_bytes)}
    if found.end is None:
        headers["Upload-Expires"] = tus.http_date(found.announced.expires_at)
    return headers


async def _checked(call: Call, found: Progress, offset: int, most: int, checksum: tus.Checksum) -> None:
    """Raises WrongChecksum, and keeps nothing then."""
    data = bytearray()
    while piece := await _some(call):
        data += piece
        if len(data) > most:
            raise TooLarge(f"expected at most {most} bytes", where="body")
    checksum.check(bytes(data))
    if data:
        await call.services.attachments.write(found, offset, bytes(data))


async def _streamed(call: Call, found: Progress, offset: int, most: int) -> None:
    """Part by part, also what came before the connection broke. Raises TooLarge, Unreadable, Busy, and as `still`."""
    write, begin, waiting = call.services.attachments.write, offset, bytearray()
    try:
        while piece := await _some(call):
            waiting += piece
            if offset + len(waiting) - begin > most:
                waiting.clear()
                raise TooLarge(f"expected at most {most} bytes", where="body")
            if len(waiting) >= PART_BYTES:
                await call.still()
                offset = await write(found, offset, bytes(waiting[:PART_BYTES]))
                del waiting[:PART_BYTES]
    except (Busy, Unreadable):
        if waiting:
            await write(found, offset, bytes(waiting))
        raise
    if waiting:
        await write(found, offset, bytes(waiting))


async def _some(call: Call) -> bytes:
    """Some of the body, b"" at its end. Raises Busy where nothing comes, Unreadable where it breaks off."""
    within_s = call.services.settings.body_within_s
    try:
        async with asyncio.timeout(within_s):
            return await call.request.content.read(_READ_BYTES)
    except TimeoutError:
        raise Busy(f"nothing arrived within {within_s:g} s", where="body") from None
    except (ClientError, ConnectionError, web.RequestPayloadError):
        raise Unreadable("expected the rest of the body", where="body") from None
