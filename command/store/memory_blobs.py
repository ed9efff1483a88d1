"""Files in memory: the same contract as on PostgreSQL, for tests. Nothing survives the process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec

from command.errors import Busy, NotFound
from command.store.blobs import AGAIN_S, check_next
from command.store.memory import MemoryStore
from command.store.ports import AuditRow
from command.store.ports_blobs import Copy
from command.uploads.kept import Announced, Blob, End, Part, Progress

_Key = tuple[str, str]


class MemoryBlobs:
    """Implements `ports_blobs.BlobStore` beside a store in memory, whose redactions it heeds."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._uploads: dict[_Key, Announced] = {}
        self._parts: dict[tuple[str, str, Copy], list[Part]] = {}
        self._ends: dict[_Key, End] = {}
        self._blobs: dict[_Key, Blob] = {}
        self.on_add: Callable[[], Awaitable[None]] | None = None  # a test may make it fail, or wait

    async def announce(self, new: Announced, most_open: int, audit: Sequence[AuditRow] = ()) -> Announced:
        """Keep an upload, or find the same one. Raises NotFound, Busy."""
        self._heed(new.log)
        mine = [one for one in self._uploads.values() if (one.log, one.who) == (new.log, new.who)]
        for one in mine:
            end = self._ends.get((one.log, one.upload))
            live = end is not None or new.created_at < one.expires_at
            if live and (end is None or end.sha256 == new.sha256) and one.same_file(new):
                return one
        if sum((one.log, one.upload) not in self._ends for one in mine) >= most_open:
            raise Busy(f"expected at most {most_open} uploads under way", retry_after_s=AGAIN_S)
        if await self._store.head(new.log) is None or new.subject in self._store.redacted(new.log):
            raise NotFound("there is no such person here any more", where="subject")
        await self._trail(audit)
        self._uploads[new.log, new.upload] = new
        return new

    async def progress(self, log: str, upload: str) -> Progress | None:
        """How far it has come."""
        self._heed(log)
        found = self._uploads.get((log, upload))
        if found is None:
            return None
        end = self._ends.get((log, upload))
        parts = self._parts.get((log, upload, "original"), [])
        return Progress(found, found.size_bytes if end else sum(part.size_bytes for part in parts), end)

    async def add(self, log: str, upload: str, offset: int, parts: Sequence[Part]) -> int:
        """Add the next parts, all or none. Raises WrongOffset, NotFound."""
        if self.on_add is not None:
            await self.on_add()
        found = await self.progress(log, upload)
        if found is None:
            raise NotFound("there is no such upload")
        check_next(found, offset, parts)
        self._parts.setdefault((log, upload, "original"), []).extend(parts)
        return offset + sum(part.size_bytes for part in parts)

    async def parts(self, log: str, blob: str, copy: Copy, start: int, end: int) -> list[Part]:
        """The parts that hold any of the bytes start … end, in order."""
        self._heed(log)
        kept = self._parts.get((log, blob, copy), [])
        return [part for part in kept if part.start < end and part.start + part.size_bytes > start]

    async def finish(
        self, log: str, end: End, blob: Blob, shown: Sequence[Part], audit: Sequence[AuditRow] = ()
    ) -> End:
        """Keep what came of a whole upload; the end in force. Raises NotFound."""
        found = await self.progress(log, end.upload)
        if found is None:
            raise NotFound("there is no such upload")
        if found.end is not None:
            return found.end
        await self._trail(audit)
        for (of_log, _), twin in self._blobs.items():
            if (of_log, twin.subject, twin.sha256) == (log, blob.subject, blob.sha256):
                end = msgspec.structs.replace(end, blob=twin.blob, judged=twin.judged)
                self._parts.pop((log, end.upload, "original"), None)
                break
        else:
            self._blobs[log, blob.blob] = blob
            self._parts[log, blob.blob, "shown"] = list(shown)
        self._ends[log, end.upload] = end
        return end

    async def drop(self, log: str, upload: str, audit: Sequence[AuditRow] = ()) -> bool:
        """Remove an upload that has no end; whether there was one."""
        self._heed(log)
        if (log, upload) in self._ends or (log, upload) not in self._uploads:
            return False
        await self._trail(audit)
        self._forget(log, upload)
        return True

    async def blobs(self, log: str, subjects: Sequence[str]) -> list[Blob]:
        """The files of these subjects."""
        self._heed(log)
        found = [one for (of_log, _), one in self._blobs.items() if of_log == log and one.subject in subjects]
        return sorted(found, key=lambda one: (one.subject, one.sha256))

    async def ends(self, log: str, attachments: Sequence[str]) -> list[End]:
        """What came of the uploads for these attachments, oldest first."""
        self._heed(log)
        found = [one for (of_log, _), one in self._ends.items() if of_log == log and one.attachment in attachments]
        return sorted(found, key=lambda one: (one.at, one.upload))

    async def unfinished(self, limit: int) -> list[tuple[str, str]]:
        """(log, upload) of some that are whole and have no end."""
        found = [(key, await self.progress(*key)) for key in sorted(self._uploads)]
        return [key for key, one in found if one is not None and one.end is None and one.whole][:limit]

    async def expire(self, now: datetime, limit: int) -> int:
        """Remove some that have no end and whose time is over; how many."""
        over = [key for key, one in self._uploads.items() if one.expires_at <= now and key not in self._ends]
        return sum([await self.drop(*key) for key in over[:limit]])

    def _heed(self, log: str) -> None:
        """What PostgreSQL does within the redaction's own transaction."""
        redacted = self._store.redacted(log)
        for key in [key for key, one in self._uploads.items() if key[0] == log and one.subject in redacted]:
            self._forget(*key)

    def _forget(self, log: str, upload: str) -> None:
        for kept in (self._uploads, self._ends, self._blobs):
            kept.pop((log, upload), None)
        for copy in ("original", "shown"):
            self._parts.pop((log, upload, copy), None)

    async def _trail(self, audit: Sequence[AuditRow]) -> None:
        if audit:
            await self._store.audit(audit)
