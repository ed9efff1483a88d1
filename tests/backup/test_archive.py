"""Members come out as they went in, or it is said that they did not."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from command.backup.archive import Manifest, Member, Reader, Writer
from command.errors import Corrupt

MANIFEST = Manifest(id="b1", kind="data", program="1", taken_at="2026-05-01T00:00:00+00:00")


async def archive() -> list[bytes]:
    """Frames of two members and a manifest."""
    frames: list[bytes] = []
    writer = Writer(frames.append)
    writer.begin(Member("one", ("a", "b")))
    await writer.data(b"first")
    await writer.data(b"second")
    writer.end(2)
    writer.begin(Member("two"))
    writer.end()
    writer.finish(MANIFEST)
    return frames


def chopped(raw: bytes, size: int) -> Iterator[bytes]:
    """The same bytes in pieces of another size."""
    yield from (raw[at : at + size] for at in range(0, len(raw), size))


def read(frames: list[bytes], size: int = 7) -> tuple[dict[str, bytes], Reader]:
    """All members."""
    reader = Reader(chopped(b"".join(frames), size))
    return {member.name: b"".join(reader.content()) for member in reader}, reader


@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_members_and_manifest_come_out_whatever_the_pieces(size: int) -> None:
    found, reader = read(await archive(), size)
    assert found == {"one": b"firstsecond", "two": b""}
    assert reader.manifest is not None
    assert [(kept.name, kept.size_bytes, kept.rows) for kept in reader.manifest.members] == [
        ("one", 11, 2),
        ("two", 0, 0),
    ]


async def test_what_is_passed_over_is_checked_all_the_same() -> None:
    reader = Reader(chopped(b"".join(await archive()), 5))
    assert [member.name for member in reader] == ["one", "two"]
    assert reader.manifest is not None


async def test_what_does_not_agree_is_corrupt() -> None:
    frames = await archive()
    other = msgspec.json.encode(Member("other"))
    renamed = b"B" + len(other).to_bytes(4, "big") + other
    bad = [
        frames[:-1],
        frames[1:],
        [*frames, b"x"],
        [*frames[:1], *frames[2:]],
        [frames[0], frames[2], frames[1], *frames[3:]],
        [renamed, *frames[1:]],
        [*frames[:4], *frames[6:]],
        [b"Q\0\0\0\0", *frames],
        [frames[0], b"B\0\0\0\0", *frames[1:]],
        [b"B\xff\xff\xff\xff"],
        [b"B\0\0\0\2{}", *frames[1:]],
    ]
    for one in bad:
        with pytest.raises(Corrupt):
            read(one)
