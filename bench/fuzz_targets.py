"""What `bench.fuzz` throws bytes at: every parser of bytes from outside, with whole examples of what it reads.

Examples are made here from our own encoders, so that they are of this version's shapes. Each target takes bytes and may
raise our errors; what it takes it checks for what must then hold (encoding again gives the same, a refusal is a value).
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from command.backup import sealed
from command.devices import challenges, requests
from command.domain.commands import COMMANDS
from command.domain.submission import Submission
from command.errors import MusterError
from command.exercise import mapping, readers
from command.ledger import bundle, checkpoint, disclosure, merkle, one_reading, signing, statement
from command.ledger.heads import SignedHeads, key_name, origin_of, read_origin
from command.ledger.signers import DeviceKey, Signers, carried
from command.ledger.verify import LogVerifier
from command.policy.load import read_pack
from command.service.core import _decode as decode_command
from command.stream.client import _decode as decode_frame
from command.stream.frames import ClientHello, ClientPing, ClientSubmit, Position, ServerCheckpoint, ServerPing
from command.stream.session import Session
from command.uploads import check as uploads
from command.views.rows import ClockInfo
from command.web import tus

AT: Final = datetime(2016, 5, 1, 18, 0, tzinfo=UTC)
LOG: Final = "0196-fuzz"
PRIVATE: Final = bytes(range(32))
PUBLIC: Final = signing.public_key_of(PRIVATE)
ROOT: Final = Path(__file__).resolve().parents[1]


class Target(msgspec.Struct, frozen=True):
    """One parser. `take` raises nothing but our errors."""

    name: str
    take: Callable[[bytes], None]
    examples: tuple[bytes, ...]


def _text(data: bytes) -> str:
    """As headers and notes come: latin-1 and surrogates are possible in a header, so any text is."""
    return data.decode("utf-8", "surrogateescape")


# Commands, statements, frames ---------------------------------------------------------------------------------------

_submissions = msgspec.json.Decoder(Submission | list[Submission])


def _commands(data: bytes) -> None:
    decode_command(data)
    try:
        found = _submissions.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    for one in found if isinstance(found, list) else [found]:
        decode_command(one.command)


def _command_examples() -> tuple[bytes, ...]:
    """Lines of the golden logs' kinds, and each command with nothing but its name."""
    said: list[dict[str, object]] = [
        {"type": "RecordEntry", "entry": "e1", "text": "a bottle was thrown"},
        {"type": "ReportForce", "report": "f1", "subject": "x1", "officer": "p2", "tool": "hands", "sector": "s1"},
        {"type": "DefineSector", "sector": "s2", "name": "Pike", "boundary": [[0, 0], [0, 1], [1, 1]]},
        {"type": "RaiseLevel", "sector": "s2", "level": "facilitate", "facts": "they march", "indicators": ["x"]},
        {"type": "CheckIn", "person": "p1", "name": "Ada", "agency": "spd", "rank": "captain",
         "training": [{"course": "incident-command", "until": "2027-01-31"}]},
        {"type": "Redact", "authority": "court", "reason": "order 12", "subject": "x1", "seqs": [1, 2]},
    ]  # fmt: skip
    whole = [msgspec.json.encode(one) for one in said]
    bare = [msgspec.json.encode({"type": name}) for name in COMMANDS]
    sent = msgspec.json.encode(
        [Submission(f"c{n}", msgspec.Raw(raw), issued_at=AT, basis_seq=n) for n, raw in enumerate(whole)]
    )
    return (*whole, *bare, sent)


def _statement(**changes: object) -> bytes:
    made = statement.Statement(
        v=1, alg="ed25519", log=LOG, cmd="c1", device="d-1", device_seq=1, author="o-1", occurred_at=AT, signed_at=AT,
        clock_error_ms=200, basis_seq=None,
        command=msgspec.Raw(json.dumps({"type": "RecordEntry", "entry": "e1", "text": _SEALED}).encode()),
    )  # fmt: skip
    return statement.encode(msgspec.structs.replace(made, **changes))


_DISCLOSED: Final = disclosure.make(bytes(16), "text", "a bottle was thrown")
_SEALED: Final = {"sha256": disclosure.digest(_DISCLOSED)}


def _statements(data: bytes) -> None:
    if statement.header_binds(_HEADER, data):
        assert data == _statement(), "another text is bound by the header"
    read = statement.read(data)
    statement.bind(read, [_DISCLOSED], {"text"})


def _header(seq: int = 1, **more: object) -> bytes:
    signed = _statement()
    return msgspec.json.encode(
        {
            "v": 1, "log": LOG, "epoch": 1, "seq": seq, "id": f"c{seq}.0", "type": "EntryRecorded", "schema": 1, "cmd": "c1",
            "occurred_at": AT, "recorded_at": AT, "actor": {"person": "o-1", "agency": "spd", "device": "d-1"},
            "body": {"type": "EntryRecorded", "entry": "e1", "text": _SEALED},
            "statement": {"device": "d-1", "signed": signed, "signature": signing.sign(PRIVATE, signed)}, **more,
        }
    )  # fmt: skip


_HEADER: Final = _header()


def _headers(data: bytes) -> None:
    """A verifier never raises: what is wrong is a value."""
    carried(data)
    signers = Signers([DeviceKey("d-1", "spd", "ed25519", PUBLIC, AT)])
    verifier = LogVerifier(LOG, signers=signers)
    verifier.feed(1, data, merkle.leaf_hash(data), {"text": _DISCLOSED})
    done = verifier.finish(1, merkle.root_from_leaves([merkle.leaf_hash(data)]))
    assert data == _HEADER or not (done.ok and done.statements.verified) or b'"c1"' in data
    bundle.packs_named(data)


def _frames(data: bytes) -> None:
    """A client's frame is answered by effects, never by an exception; a server's is read or said to be unreadable."""
    session = Session(0.0)
    session.receive('{"t":"hello"}', 0.0)
    text = data.decode("utf-8", "replace")
    assert session.receive(text, 0.1)
    Session(0.0).receive(text, 0.1)
    decode_frame(text)


def _frame_examples() -> tuple[bytes, ...]:
    sub = Submission("c1", msgspec.Raw(b'{"type":"RecordEntry"}'), issued_at=AT)
    frames: list[object] = [
        ClientHello(Position(LOG, 1, 3), lens="field"), ClientSubmit("r1", (sub, sub)), ClientPing(7),
        ServerCheckpoint(3, _NOTE), ServerPing(7, ClockInfo(AT)),
    ]  # fmt: skip
    return tuple(msgspec.json.encode(one) for one in frames)


# Proofs -----------------------------------------------------------------------------------------------------------------

_NAME: Final = key_name(PUBLIC)
_NOTE: Final = checkpoint.sign(checkpoint.checkpoint_body(origin_of(LOG, 1), 3, bytes(32)), _NAME, PRIVATE)
_VKEY: Final = checkpoint.verifier_key(_NAME, PUBLIC)


def _checkpoints(data: bytes) -> None:
    text = _text(data)
    SignedHeads(LOG, [text], [_VKEY])
    read_origin(text)
    found = checkpoint.verify_note(text, _NAME, PUBLIC)
    assert text.startswith(f"{found.origin}\n{found.size}\n"), "a note says what was signed"


def _vkeys(data: bytes) -> None:
    name, key = checkpoint.read_verifier_key(_text(data))
    assert checkpoint.verifier_key(name, key) == _text(data), "a key has one form"


def _disclosures(data: bytes) -> None:
    text = _text(data)
    try:
        disclosure.commitment(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    raw = disclosure.decode_bytes(text)
    assert disclosure.encode_bytes(raw) == text, "base64url has one form"
    disclosure.digest(text)
    disclosure.read(text)


def _one_reading(data: bytes) -> None:
    one_reading.repeated_name(data)


def _exports(data: bytes) -> None:
    lines = data.split(b"\n")
    for line in lines[:3]:
        bundle.read_line(line)
    bundle.check(lambda: lines, vkeys=[_VKEY])


def _export_example() -> bytes:
    lines: tuple[bundle.Line, ...] = (
        bundle.ExportHead(1, LOG, 1, 1, merkle.root_from_leaves([merkle.leaf_hash(_HEADER)]).hex(), "command"),
        bundle.ExportEvent(1, merkle.leaf_hash(_HEADER).hex(), disclosure.encode_bytes(_HEADER), (_DISCLOSED,)),
        DeviceKey("d-1", "spd", "ed25519", PUBLIC, AT),
        bundle.ExportVkey(_VKEY, AT),
        bundle.ExportSigned(3, _NOTE),
        bundle.ExportPack("p:sha256:00", "p.toml", "eA"),
        bundle.ExportEnd(1),
    )
    return b"".join(bundle.encode(line) for line in lines)


# Requests, files, packs, tables ---------------------------------------------------------------------------------------


def _requests(data: bytes) -> None:
    """Three headers and a body, parted by line feeds."""
    parts = [*_text(data).split("\n", 3), "", "", ""]
    requests.read(parts[0], parts[1], parts[2], parts[3].encode("utf-8", "surrogateescape"))


def _request_example() -> bytes:
    body = b"{}"
    params = requests.params("d-1", "ed25519", "abc")
    text = requests.base("POST", "host", "/x", requests.content_digest(body), params)
    made = requests.headers("d-1", "ed25519", "abc", signing.sign(PRIVATE, text), body)
    return "\n".join([made["Signature-Input"], made["Signature"], made["Content-Digest"], "{}"]).encode()


def _challenges(data: bytes) -> None:
    found = challenges.expires_at(b"k" * 32, "d-1", _text(data), AT)
    assert found is None or _text(data) == _CHALLENGE, "a challenge of nobody's"


_CHALLENGE: Final = challenges.make(b"k" * 32, "d-1", AT, bytes(challenges.RANDOM_BYTES))


def _tus(data: bytes) -> None:
    """Header lines, as a client sends them."""
    headers: dict[str, str] = {}
    for line in _text(data).split("\n"):
        name, _, value = line.partition(": ")
        headers[name] = value
    for read in (tus.checksum, tus.check_version, tus.wish):
        with suppress(MusterError):
            read(headers)


_TUS_EXAMPLE: Final = (
    b"Tus-Resumable: 1.0.0\nUpload-Length: 100\nUpload-Checksum: sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=\n"
    b"Upload-Metadata: attachment YS0x,subject cy0x,kind cGhvdG8=,sha256 "
    b"MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA=="
)


def _uploads(data: bytes) -> None:
    uploads.check(data, "a-1")
    uploads.label(_text(data))


def _files() -> tuple[bytes, ...]:
    """A picture of each kind, small enough to be bent anywhere."""
    from tests.uploads import corpus

    return (
        corpus.png(), corpus.jpeg(), corpus.webp(), corpus.heic(), b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n",
        b"OggS\0\2" + bytes(40), b"\x1a\x45\xdf\xa3" + bytes(40),
    )  # fmt: skip


def _packs(data: bytes) -> None:
    read_pack(data, "fuzz.toml")


def _pack_examples() -> tuple[bytes, ...]:
    """The shorter of the packs that come with us."""
    files = sorted((ROOT / "protocols").rglob("*.toml"), key=lambda path: path.stat().st_size)
    return tuple(path.read_bytes()[:12_000] for path in files[:6])


def _tables(data: bytes) -> None:
    for separator, encoding in ((",", "utf-8"), (";", "cp1252")):
        for number, _ in enumerate(readers.read_csv(io.BytesIO(data), separator=separator, encoding=encoding)):  # type: ignore[arg-type]  # literals in a tuple
            if number > 100:
                break


def _ndjson(data: bytes) -> None:
    for number, _ in enumerate(readers.read_ndjson(io.BytesIO(data))):
        if number > 100:
            break


def _mappings(data: bytes) -> None:
    mapping.load_mapping(data.decode("utf-8", "replace"), "fuzz.toml")


def _mapping_examples() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted((ROOT / "command" / "exercise").rglob("*.toml"))[:4]) or (
        b'[mapping]\nname = "x"\n',
    )


def _backups(data: bytes) -> None:
    sealed.read_header(io.BytesIO(data))


def _keys(data: bytes) -> None:
    text = data.decode("utf-8", "replace")  # of files that are read as UTF-8 or not at all
    for read in (sealed.read_recipient, sealed.read_identity, sealed.read_passphrase):
        with suppress(MusterError):
            read(text)


TARGETS: Final[tuple[Target, ...]] = (
    Target("commands", _commands, _command_examples()),
    Target("statements", _statements, (_statement(), _statement(command=msgspec.Raw(b'{"type":"X"}')))),
    Target("headers", _headers, (_HEADER, _header(type="Redacted", body={"type": "Redacted", "seqs": [1]}))),
    Target("frames", _frames, _frame_examples()),
    Target("checkpoints", _checkpoints, (_NOTE.encode(),)),
    Target("vkeys", _vkeys, (_VKEY.encode(),)),
    Target("disclosures", _disclosures, (_DISCLOSED.encode(), msgspec.json.encode(_SEALED))),
    Target("one reading", _one_reading, (_HEADER, b'{"a":1,"a":2}', b'{"a":[{"b":1,"b":2}]}')),
    Target("exports", _exports, (_export_example(),)),
    Target("requests", _requests, (_request_example(),)),
    Target("challenges", _challenges, (_CHALLENGE.encode(),)),
    Target("tus", _tus, (_TUS_EXAMPLE,)),
    Target("uploads", _uploads, _files()),
    Target("packs", _packs, _pack_examples()),
    Target("tables", _tables, (b"a,b\r\n1,2\r\n\"x\"\"y\",\"z\nz\"\r\n", b"sep=;\na;b\n1;2\n", "\ufeffa,b\n1,2\n".encode("utf-16"))),
    Target("ndjson", _ndjson, (b'{"a":1,"b":{"c":[1,2]}}\n{"a":null}\n',)),
    Target("mappings", _mappings, _mapping_examples()),
    Target("backups", _backups, (b"muster sealed 1\n{}\n",)),
    Target("keys", _keys, (b"muster-recipient-" + b"A" * 43, b"violets are blue and so is the sea\n")),
)  # fmt: skip
