"""What belongs to records is in the backup: as ciphertext, and whole again once the keys are there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from command.backup import files
from command.bootstrap import Backend, open_backend
from command.clock import utc_now
from command.config import load
from command.errors import NotFound
from command.service.attachments import Attachments, Wish
from tests.cli.test_backup import SECRET, Place, place, written  # noqa: F401  fixtures
from tests.uploads.corpus import jpeg

PHOTO = jpeg() + bytes(300_000)


def service(backend: Backend) -> Attachments:
    """Over these stores."""
    return Attachments(backend.blobs, backend.keys, utc_now)


async def read(data: Path, incident: str) -> bytes:
    """The file, as it is there."""
    async with open_backend(load({"data": str(data)}, {})) as backend:
        kept = service(backend)
        (blob,) = await kept.blobs(incident, ["s-1"])
        await kept.manifest(incident, blob)
        return b"".join([piece async for piece in kept.read(incident, blob, "original", len(PHOTO), 0, len(PHOTO))])


async def test_files_are_in_the_backup_sealed_and_come_back_with_the_keys(place: Place, tmp_path: Path) -> None:  # noqa: F811  the fixture
    """Without the keys nobody can say what they show."""
    wish = Wish("at-1", "s-1", "photo", hashlib.sha256(PHOTO).hexdigest(), len(PHOTO))
    async with open_backend(place.settings) as backend:
        made = await service(backend).announce(place.incident, "officer", wish)
        found = await service(backend).progress(place.incident, made.upload, "officer")
        await service(backend).write(found, 0, PHOTO)
        assert (await service(backend).finish(place.incident, made.upload)).judged == "kept"
    note = place.back_up()["note"]
    with files.reading(place.to / note["data"]["name"], "data", SECRET) as reader:
        raw = b"".join(b"".join(reader.content()) for _ in reader)
    assert len(raw) > len(PHOTO)
    assert b"CANARY" in PHOTO and b"CANARY" not in raw and bytes(1000) not in raw
    place.restore(note, tmp_path / "without", keys=False)
    with pytest.raises(NotFound):
        await read(tmp_path / "without", place.incident)
    place.restore(note, tmp_path / "with")
    assert await read(tmp_path / "with", place.incident) == PHOTO
