"""Files that belong to records: taken in parts, sealed under their subject's key, judged once whole, read back.

What arrives is sealed before it is stored, piece by piece, each bound to its file and place; the manifest, sealed as
well, says how long the whole is and what its digest is. A file is read back only through its manifest.

Nothing here depends on which came first, the file or the record that names it, nor on which node took which part.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
import structlog

from command.errors import Corrupt, MusterError, NotFound, TooLarge, Unreadable
from command.ledger import box
from command.store.ports import AuditRow, KeyStore
from command.store.ports_blobs import BlobStore, Copy
from command.uploads.check import Upload, check
from command.uploads.kept import (
    MOST_BYTES,
    MOST_OPEN,
    OPEN_FOR,
    PART_BYTES,
    Announced,
    Blob,
    End,
    Judged,
    Kind,
    Manifest,
    Part,
    Progress,
)

_log = structlog.get_logger("command.attachments")

JUDGING: Final = 2
"""Files that are judged at once on a node: each is in memory some five times over (its parts, the file, the cleaned copy
and that one's parts), so 130 MiB for the largest picture and 150 MiB for the longest recording."""

READ_BYTES: Final = 4 * PART_BYTES
"""What a reader has in memory of a file."""

SWEEP_S: Final = 60.0
SWEPT: Final = 100
"""Every so often, so many: whole uploads whose node died before it judged them, and uploads whose time is over."""


class Wish(msgspec.Struct, frozen=True):
    """What somebody wants to bring."""

    attachment: str
    subject: str
    kind: Kind
    sha256: str
    size_bytes: int


class Attachments:
    """One per node."""

    def __init__(
        self,
        blobs: BlobStore,
        keys: KeyStore,
        now: Callable[[], datetime],
        new_id: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._blobs = blobs
        self._keys = keys
        self._now = now
        self._new_id = new_id
        self._judging = asyncio.Semaphore(JUDGING)

    # Bringing -------------------------------------------------------------------

    async def announce(self, log: str, who: str, wish: Wish, audit: Sequence[AuditRow] = ()) -> Announced:
        """Begin an upload, or find the one that the same person began for the same file.

        Raises TooLarge for its kind, NotFound where the person's records were ordered away, Busy, Unavailable.
        """
        most = MOST_BYTES[wish.kind]
        if wish.size_bytes > most:
            raise TooLarge(f"expected at most {most} bytes for a {wish.kind}", where="Upload-Length")
        now = self._now()
        new = Announced(
            log, self._new_id(), who, wish.attachment, wish.subject, wish.kind, wish.size_bytes, wish.sha256, now,
            now + OPEN_FOR,
        )  # fmt: skip
        return await self._blobs.announce(new, MOST_OPEN, audit)

    async def progress(self, log: str, upload: str, who: str) -> Progress:
        """How far an upload of one's own has come. Raises NotFound for another's, and for one whose time is over."""
        found = await self._blobs.progress(log, upload)
        over = found is not None and found.end is None and found.announced.expires_at <= self._now()
        if found is None or over or found.announced.who != who:
            raise NotFound("there is no such upload")
        return found

    async def write(self, found: Progress, offset: int, data: bytes) -> int:
        """Seal and keep the next bytes of an upload, all or none; the new offset.

        Raises WrongOffset where someone else was faster, NotFound where it is gone, Unavailable.
        """
        of = found.announced
        key = await self._key(of.log, of.subject)
        parts = sealed_parts(key, of.log, of.upload, "original", data, offset)
        return await self._blobs.add(of.log, of.upload, offset, parts)

    async def finish(self, log: str, upload: str, audit: Sequence[AuditRow] = ()) -> End:
        """Judge an upload that is whole, once. Raises NotFound where it is gone or not whole, Unavailable, Corrupt."""
        async with self._judging:
            found = await self._blobs.progress(log, upload)
            if found is None or not (found.end or found.whole):
                raise NotFound("there is no whole upload")
            if found.end is not None:
                return found.end
            of = found.announced
            key = (await self._keys.get(log, [of.subject])).get(of.subject)
            if key is None:
                raise NotFound("there is no such person here any more")
            parts = await self._blobs.parts(log, upload, "original", 0, of.size_bytes)
            judged, manifest, shown = await asyncio.to_thread(_judge, key, of, parts)
        end = End(upload, of.attachment, upload, manifest.sha256, of.size_bytes, judged, of.who, self._now())
        blob = Blob(upload, of.subject, manifest.sha256, of.size_bytes, judged, _seal_manifest(key, of, manifest))
        return await self._blobs.finish(log, end, blob, shown, audit)

    async def drop(self, found: Progress, audit: Sequence[AuditRow] = ()) -> bool:
        """Give up an upload; False where it has an end, and is kept."""
        return await self._blobs.drop(found.announced.log, found.announced.upload, audit)

    # Reading --------------------------------------------------------------------

    async def blobs(self, log: str, subjects: Sequence[str]) -> list[Blob]:
        """The files of these subjects."""
        return await self._blobs.blobs(log, subjects)

    async def ends(self, log: str, attachments: Sequence[str]) -> list[End]:
        """What came of the uploads for these attachments, oldest first."""
        return await self._blobs.ends(log, attachments)

    async def manifest(self, log: str, blob: Blob) -> Manifest:
        """What a file is. Raises NotFound where its key is destroyed, Corrupt where it was changed."""
        key = await self._kept_key(log, blob.subject)
        raw = box.open_(key, blob.manifest, box.manifest_aad(log, blob.blob))
        try:
            found = msgspec.json.decode(raw, type=Manifest)
        except msgspec.MsgspecError as exc:
            raise Corrupt("expected the manifest of a file", where=blob.blob) from exc
        if (found.sha256, found.size_bytes) != (blob.sha256, blob.size_bytes):
            raise Corrupt("expected a manifest that agrees with its row", where=blob.blob)
        return found

    async def read(
        self, log: str, blob: Blob, copy: Copy, size_bytes: int, start: int, end: int
    ) -> AsyncGenerator[bytes, None]:
        """Bytes start … end of a copy that is `size_bytes` long, by its manifest. Raises NotFound, Corrupt."""
        key = await self._kept_key(log, blob.subject)
        at = start
        while at < end:
            parts = await self._blobs.parts(log, blob.blob, copy, at, min(at + READ_BYTES, end))
            if not parts or parts[0].start > at or parts[-1].start + parts[-1].size_bytes > size_bytes:
                raise Corrupt("expected the parts of a file, one behind the other", where=blob.blob)
            data = opened(key, log, blob.blob, copy, parts)
            begins = parts[0].start
            piece = data[at - begins : end - begins]
            yield piece
            at += len(piece)

    # Housekeeping ---------------------------------------------------------------

    async def sweep(self) -> tuple[int, int]:
        """Judge what a dead node left whole, and remove what is over; (judged, removed)."""
        judged = 0
        for log, upload in await self._blobs.unfinished(SWEPT):
            try:
                await self.finish(log, upload)
                judged += 1
            except NotFound:
                continue  # ordered away meanwhile
            except Corrupt as error:
                _log.error("an upload cannot be judged", log=log, upload=upload, problem=error.message)
        return judged, await self._blobs.expire(self._now(), SWEPT)

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            try:
                await self.sweep()
            except MusterError as error:
                _log.warning("uploads were not swept", problem=error.message)
            await asyncio.sleep(SWEEP_S)

    async def _key(self, log: str, subject: str) -> bytes:
        """The subject's key, made where there is none: for somebody of whom only the photograph has arrived."""
        return (await self._keys.create(log, {subject: box.new_key(secrets.token_bytes)}))[subject]

    async def _kept_key(self, log: str, subject: str) -> bytes:
        key = (await self._keys.get(log, [subject])).get(subject)
        if key is None:
            raise NotFound("there is no such file any more")
        return key


def sealed_parts(key: bytes, log: str, blob: str, copy: Copy, data: bytes, start: int = 0) -> list[Part]:
    """Bytes from `start` on, cut and sealed."""
    parts = []
    for at in range(0, len(data), PART_BYTES):
        piece = data[at : at + PART_BYTES]
        aad = box.part_aad(log, blob, copy, start + at, len(piece))
        sealed = box.seal(key, secrets.token_bytes(box.NONCE_BYTES), piece, aad)
        parts.append(Part(start + at, len(piece), sealed))
    return parts


def opened(key: bytes, log: str, blob: str, copy: Copy, parts: Sequence[Part]) -> bytes:
    """Parts opened and put together. Raises Corrupt for a gap, an overlap, a changed part or one of another place."""
    pieces: list[bytes] = []
    at = parts[0].start if parts else 0
    for part in parts:
        if part.start != at:
            raise Corrupt(f"expected the part from byte {at}, found {part.start}", where=blob)
        piece = box.open_(key, part.box, box.part_aad(log, blob, copy, part.start, part.size_bytes))
        if len(piece) != part.size_bytes:
            raise Corrupt(f"expected {part.size_bytes} bytes, found {len(piece)}", where=blob)
        pieces.append(piece)
        at += len(piece)
    return b"".join(pieces)


def _judge(key: bytes, of: Announced, parts: Sequence[Part]) -> tuple[Judged, Manifest, list[Part]]:
    raw = opened(key, of.log, of.upload, "original", parts)
    if len(raw) != of.size_bytes:
        raise Corrupt(f"expected {of.size_bytes} bytes, found {len(raw)}", where=of.upload)
    digest = hashlib.sha256(raw).hexdigest()
    try:
        found: Upload = check(raw, of.attachment)
    except Unreadable:  # evidence is not refused for its form: it is kept, and no screen is sent it
        return "unreadable", Manifest(digest, len(raw)), []
    shown_digest = hashlib.sha256(found.shown).hexdigest()
    manifest = Manifest(
        sha256=digest,
        size_bytes=len(raw),
        media=found.media,
        suffix=found.name.rsplit(".", 1)[-1],
        shown_sha256=shown_digest,
        shown_bytes=len(found.shown),
        width=found.width,
        height=found.height,
        told=found.told,
    )
    return "kept", manifest, sealed_parts(key, of.log, of.upload, "shown", found.shown) if manifest.cleaned else []


def _seal_manifest(key: bytes, of: Announced, manifest: Manifest) -> bytes:
    nonce = secrets.token_bytes(box.NONCE_BYTES)
    return box.seal(key, nonce, msgspec.json.encode(manifest), box.manifest_aad(of.log, of.upload))
