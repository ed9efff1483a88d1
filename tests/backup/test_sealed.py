"""Sealed files: they open with their key and whole, or not at all."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pytest

from command.backup import sealed
from command.backup.sealed import CHUNK_BYTES, TAG_BYTES, Lock, Sealer, Secret, new_identity, opened, read_header
from command.errors import Corrupt, Misconfigured, Unreadable

PHRASE = b"violets are blue and so is the sea"
PRIVATE, PUBLIC = new_identity()
OURS = Secret(identity=sealed.read_identity(PRIVATE))
FOR_US = Lock(recipient=sealed.read_recipient(PUBLIC))


def made(content: bytes, lock: Lock = FOR_US) -> bytes:
    """A sealed file."""
    out = io.BytesIO()
    sealer = Sealer(out, lock, kind="data", id="b1", made_at="2026-05-01T00:00:00Z")
    for at in range(0, len(content), 10_000):
        sealer.write(content[at : at + 10_000])
    sealer.close()
    return out.getvalue()


def content_of(raw: bytes, secret: Secret = OURS) -> bytes:
    """What is in it."""
    return b"".join(opened(io.BytesIO(raw), secret)[1])


def parts(raw: bytes) -> tuple[bytes, list[bytes]]:
    """What comes before the chunks, and the chunks."""
    file = io.BytesIO(raw)
    read_header(file)
    start, size = file.tell(), CHUNK_BYTES + TAG_BYTES
    return raw[:start], [raw[at : at + size] for at in range(start, len(raw), size)]


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 200_001])
def test_what_goes_in_comes_out(size: int) -> None:
    content = bytes(n % 251 for n in range(size))
    assert content_of(made(content)) == content


def test_a_passphrase_opens_it_and_another_does_not() -> None:
    raw = made(b"x" * 100, Lock(passphrase=PHRASE))
    assert content_of(raw, Secret(passphrase=PHRASE)) == b"x" * 100
    with pytest.raises(Unreadable, match="passphrase"):
        content_of(raw, Secret(passphrase=PHRASE + b"!"))
    with pytest.raises(Unreadable, match="passphrase"):
        content_of(raw, OURS)


def test_only_the_recipients_key_opens_it() -> None:
    raw = made(b"x" * 100)
    other, _ = new_identity()
    with pytest.raises(Unreadable, match="another"):
        content_of(raw, Secret(identity=sealed.read_identity(other)))
    with pytest.raises(Unreadable, match="private key"):
        content_of(raw, Secret(passphrase=PHRASE))


def test_two_files_of_the_same_have_nothing_in_common() -> None:
    (_, one), (_, two) = parts(made(b"x" * 1000)), parts(made(b"x" * 1000))
    assert one != two and b"xxxx" not in b"".join(one)


def test_a_changed_missing_swapped_repeated_or_cut_off_part_is_found() -> None:
    head, chunks = parts(made(b"y" * (4 * CHUNK_BYTES)))
    assert len(chunks) == 4
    bad = [
        [*chunks[:2], bytes([chunks[2][0] ^ 1]) + chunks[2][1:], chunks[3]],
        [chunks[0], *chunks[2:]],
        [chunks[0], chunks[2], chunks[1], chunks[3]],
        [chunks[0], chunks[1], chunks[1], *chunks[2:]],
        chunks[:3],
        [*chunks, chunks[3]],
        [*chunks, b"z"],
        [*chunks[:3], chunks[3][:-1]],
    ]
    for one in bad:
        with pytest.raises(Corrupt):
            content_of(head + b"".join(one))


def test_a_changed_header_opens_nothing() -> None:
    """Every part of it is bound to the key: what it is, whose, and until when."""
    head, chunks = parts(made(b"y"))
    size = len(sealed.MAGIC) + 4
    header = msgspec.json.decode(head[size:])
    for name, value in {"kind": "keys", "id": "b2", "made_at": "2020-01-01T00:00:00Z", "expires_at": "never"}.items():
        raw = msgspec.json.encode({**header, name: value})
        with pytest.raises(Unreadable):
            content_of(sealed.MAGIC + len(raw).to_bytes(4, "big") + raw + b"".join(chunks))


@pytest.mark.parametrize("raw", [b"", b"something else altogether", sealed.MAGIC, sealed.MAGIC + b"\xff" * 4])
def test_another_file_is_told(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        content_of(raw)


def test_a_header_that_asks_for_other_costs_or_chunks_is_refused() -> None:
    """A file from elsewhere must not make us spend a machine's memory."""
    raw = made(b"x", Lock(passphrase=PHRASE))
    head, chunks = parts(raw)
    header: Any = msgspec.json.decode(head[len(sealed.MAGIC) + 4 :])
    for change in ({"how": {**header["how"], "memory_kib": 2**30}}, {"chunk_bytes": 2**30}):
        other = msgspec.json.encode(header | change)
        with pytest.raises(Unreadable):
            content_of(
                sealed.MAGIC + len(other).to_bytes(4, "big") + other + b"".join(chunks), Secret(passphrase=PHRASE)
            )


def test_keys_and_passphrases_are_read_strictly() -> None:
    assert sealed.read_passphrase("  violets are blue \nnot this\n") == b"violets are blue"
    for call in (
        lambda: sealed.read_passphrase("too short"),
        lambda: sealed.read_recipient(PRIVATE),
        lambda: sealed.read_identity(PUBLIC),
        lambda: sealed.read_recipient(PUBLIC[:-1]),
        lambda: Sealer(io.BytesIO(), Lock(recipient=bytes(32)), kind="data", id="b", made_at=""),
    ):
        with pytest.raises(Misconfigured):
            call()
