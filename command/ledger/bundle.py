"""An export as its reader finds it: one JSON object a line, and all that it takes to check the log without a server.

    export    first: which log, up to where, and the root that it claims
    event     the log, in order: exact header bytes, leaf, disclosures; or its leaf alone
    device    public keys of the devices whose statements are in it, and `author`: people's own keys there
    vkey      the keys with which this server signs heads, each since when
    head      signed heads that were kept
    pack      the rule packs that were in force, byte for byte
    end       last: without it the export was cut off

Bytes of headers and packs are base64url without padding. What other programs add is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from command.errors import Corrupt, TooLarge, Unreadable
from command.ledger import disclosure
from command.ledger.heads import SignedHeads
from command.ledger.signers import DeviceKey, PersonKey, Signers
from command.ledger.verify import LogVerifier, Verification

LINE_BYTES_MAX: Final = 8 * 2**20
"""A rule pack is at most a few hundred kilobytes, a header less; a line beyond this is something else."""


class ExportHead(msgspec.Struct, frozen=True, tag_field="type", tag="export"):
    """First line: what is exported, up to where, and the root to check it against."""

    v: int
    log: str
    epoch: int
    seq: int
    root: str
    lens: str


class ExportEvent(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="type", tag="event"):
    """An event: exact header bytes (base64url), their leaf hash, and disclosures as in SD-JWT.

    `header` is not there where even its public part is not for this lens: the leaf keeps its place in the tree.
    """

    seq: int
    leaf: str
    header: str = ""
    disclosures: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()  # private fields that this lens does not show
    absent: tuple[str, ...] = ()  # private fields whose value was redacted, or is missing


class ExportPack(msgspec.Struct, frozen=True, tag_field="type", tag="pack"):
    """A rule pack that was in force: its file's exact bytes (base64url), whose SHA-256 stands in `name`."""

    name: str
    file: str
    raw: str


class ExportVkey(msgspec.Struct, frozen=True, tag_field="type", tag="vkey"):
    """A verifier key (`name+id+key`) under which heads of this server are signed, since when."""

    vkey: str
    since: Annotated[datetime, Meta(tz=True)]


class ExportSigned(msgspec.Struct, frozen=True, tag_field="type", tag="head"):
    """A signed head: a C2SP checkpoint with its signatures."""

    size: int
    note: str


class ExportEnd(msgspec.Struct, frozen=True, tag_field="type", tag="end"):
    """Last line: without it the export was cut off."""

    events: int


Line = ExportHead | ExportEvent | DeviceKey | PersonKey | ExportVkey | ExportSigned | ExportPack | ExportEnd


class _Tag(msgspec.Struct):
    type: str = ""


_TAGS: Final = frozenset({"export", "event", "device", "author", "vkey", "head", "pack", "end"})
_tags = msgspec.json.Decoder(_Tag)
_lines: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
_encoder = msgspec.json.Encoder()


def encode(line: Line) -> bytes:
    """One line of an export, its end included."""
    return _encoder.encode(line) + b"\n"


def read_line(raw: bytes) -> Line | None:
    """What a line says; None for one of a kind that is not ours. Raises Unreadable, TooLarge."""
    if len(raw) > LINE_BYTES_MAX:
        raise TooLarge(f"expected a line of at most {LINE_BYTES_MAX} bytes, got {len(raw)}", where="export")
    try:
        return _lines.decode(raw) if _tags.decode(raw).type in _TAGS else None
    except (ValueError, RecursionError) as exc:
        raise Unreadable(f"expected a line of an export: {exc}", where="export") from None


class Checked(msgspec.Struct, frozen=True):
    """What came of checking an export. `trusted`: the heads were checked with keys that the reader brought, and not
    with those of the export itself. `last_head`: the size of the newest signed head, None without any."""

    verification: Verification
    lens: str
    packs: tuple[str, ...]
    packs_missing: tuple[str, ...]
    heads: int
    heads_of_lost_events: int
    last_head: int | None
    vkeys: tuple[str, ...]
    trusted: bool
    whole: bool

    @property
    def ok(self) -> bool:
        """Whether nothing at all was found."""
        return self.verification.ok and self.whole and not self.packs_missing


class Gathered(msgspec.Struct):
    """What a first reading brings: everything but the events."""

    head: ExportHead | None = None
    signers: Signers = msgspec.field(default_factory=Signers)
    vkeys: list[str] = []
    notes: list[str] = []
    packs: dict[str, bytes] = {}
    end: ExportEnd | None = None


def gather(lines: Iterable[bytes]) -> Gathered:
    """Read an export once, events passed over. Raises Unreadable, TooLarge for what is no export."""
    found = Gathered()
    for line in _read(lines):
        match line:
            case ExportHead():
                if found.head is not None:
                    raise Unreadable("expected one export, got the beginning of another", where="export")
                found.head = line
            case DeviceKey() | PersonKey():
                found.signers.add(line)
            case ExportVkey():
                found.vkeys.append(line.vkey)
            case ExportSigned():
                found.notes.append(line.note)
            case ExportPack():
                found.packs[line.name] = disclosure.decode_bytes(line.raw)
            case ExportEnd():
                found.end = line
            case _:
                pass
    return found


def check(again: Callable[[], Iterable[bytes]], *, vkeys: Iterable[str] = (), notes: Iterable[str] = ()) -> Checked:
    """Check an export. `again` reads its lines from the beginning, and is called twice: keys may stand behind events.

    `vkeys` are verifier keys that the reader trusts, from elsewhere: given any, heads count by them alone. `notes` are
    signed heads that were kept elsewhere. Raises Unreadable, TooLarge, Corrupt for what is no export.
    """
    found = gather(again())
    if found.head is None:
        raise Corrupt("expected the first line of an export, got none", where="export")
    trusted = tuple(vkeys)
    heads = SignedHeads(found.head.log, (*found.notes, *notes), trusted or found.vkeys)
    verifier = LogVerifier(found.head.log, holds_all=False, heads=heads, signers=found.signers)
    named: dict[str, None] = {}
    count = 0
    for line in _read(again()):
        if isinstance(line, ExportEvent):
            count += 1
            if not line.header:
                verifier.feed_leaf(line.seq, _leaf(line.leaf), line.disclosures)
                continue
            header = disclosure.decode_bytes(line.header)
            verifier.feed(line.seq, header, _leaf(line.leaf), _by_path(line))
            named |= dict.fromkeys(packs_named(header))
    kept = {name for name, raw in found.packs.items() if name.rpartition(":")[2] == sha256(raw).hexdigest()}
    return Checked(
        verification=verifier.finish(found.head.seq, _leaf(found.head.root), found.head.epoch),
        lens=found.head.lens,
        packs=tuple(name for name in named if name in kept),
        packs_missing=tuple(name for name in named if name not in kept),
        heads=heads.held,
        heads_of_lost_events=heads.excused,
        last_head=None if heads.last is None else heads.last.size,
        vkeys=trusted or tuple(found.vkeys),
        trusted=bool(trusted),
        whole=found.end is not None and found.end.events == count == found.head.seq,
    )


class _Opened(msgspec.Struct):
    packs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class _Naming(msgspec.Struct):
    type: str
    body: _Opened


_NAMES_PACKS = (b'"type":"IncidentOpened"', b'"type":"PlanChanged"')
_naming = msgspec.json.Decoder(_Naming)


def packs_named(header: bytes) -> tuple[str, ...]:
    """The rule packs that an event puts in force, by name; none for any other event."""
    if not any(word in header for word in _NAMES_PACKS):
        return ()
    try:
        found = _naming.decode(header)
    except (ValueError, RecursionError):
        return ()
    return {"IncidentOpened": found.body.packs, "PlanChanged": found.body.after}.get(found.type, ())


def _read(lines: Iterable[bytes]) -> Iterator[Line]:
    for raw in lines:
        if raw.strip():
            line = read_line(raw)
            if line is not None:
                yield line


def _leaf(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _by_path(line: ExportEvent) -> dict[str, str | None]:
    """Disclosures under the paths that they name themselves; one that cannot be read stands under a name of its own,
    where the verification says that nothing was committed to."""
    shown: dict[str, str | None] = {}
    for number, text in enumerate(line.disclosures):
        try:
            path = disclosure.read(text).path
        except Unreadable:
            path = f"unreadable {number}"
        shown[path] = text
    return shown
