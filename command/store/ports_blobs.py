"""What the service needs of a store of files: sealed parts in, sealed parts out, nothing changed in between.

One contract suite (tests/store/blobs_contract.py) runs on every implementation. The store sees ciphertext only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from command.store.ports import AuditRow
from command.uploads.kept import Announced, Blob, End, Part, Progress

Copy = Literal["original", "shown"]
"""original: as it was taken, evidence. shown: the cleaned copy."""


class BlobStore(Protocol):
    """Uploads and the files that came of them. All raise Unavailable while the database is away."""

    async def announce(self, new: Announced, most_open: int, audit: Sequence[AuditRow] = ()) -> Announced:
        """Keep an upload, with its audit entries or not at all; the one that its author announced before, where that
        is under way or brought that very file.

        Raises NotFound where the subject's records were ordered away, Busy with `most_open` under way for its author.
        """

    async def progress(self, log: str, upload: str) -> Progress | None:
        """How far it has come."""

    async def add(self, log: str, upload: str, offset: int, parts: Sequence[Part]) -> int:
        """Add the next parts, all or none; the new offset. Of two who add at one offset, one does.

        Raises WrongOffset where the upload is not at `offset`, NotFound where there is none (any more).
        """

    async def parts(self, log: str, blob: str, copy: Copy, start: int, end: int) -> list[Part]:
        """The parts that hold any of the bytes start … end, in order."""

    async def finish(
        self, log: str, end: End, blob: Blob, shown: Sequence[Part], audit: Sequence[AuditRow] = ()
    ) -> End:
        """Keep what came of a whole upload, in one transaction; the end in force, which another node may have written.

        Where the subject has the same file already, the end names that one and nothing else is kept.
        Raises NotFound where the upload is gone.
        """

    async def drop(self, log: str, upload: str, audit: Sequence[AuditRow] = ()) -> bool:
        """Remove an upload that has no end; whether there was one."""

    async def blobs(self, log: str, subjects: Sequence[str]) -> list[Blob]:
        """The files of these subjects."""

    async def ends(self, log: str, attachments: Sequence[str]) -> list[End]:
        """What came of the uploads for these attachments, oldest first."""

    async def unfinished(self, limit: int) -> list[tuple[str, str]]:
        """(log, upload) of some that are whole and have no end: a node died in between."""

    async def expire(self, now: datetime, limit: int) -> int:
        """Remove some that have no end and whose time is over; how many."""
