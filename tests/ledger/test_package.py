"""A package is checked from its own bytes alone: what is whole passes, and each way of changing it is found and named."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from command.errors import Unreadable
from command.ledger import disclosure, merkle, package
from command.ledger.package import PackageVerification, verify_package

PICTURE = b"a picture as it was taken"
DIGEST = hashlib.sha256(PICTURE).hexdigest()
SALTED = {
    name: disclosure.make(bytes(16), name, value)
    for name, value in (("conduct", "threw a stone"), ("search", None), ("needs", "water"))
}

Files = dict[str, bytes]


def header(seq: int, kind: str = "ArrestRecorded", **body: Any) -> bytes:
    said = {
        "log": "log-1", "epoch": 1, "seq": seq, "id": f"c{seq}.0", "type": kind, "recorded_at": "2026-05-01T12:00:00Z",
        "body": {"type": kind, **body},
    }  # fmt: skip
    return json.dumps(said).encode()


def sealed(name: str) -> dict[str, str]:
    return {"sha256": disclosure.digest(SALTED[name])}


HEADERS = [
    header(1, "IncidentOpened"),
    header(2, conduct=sealed("conduct"), search=sealed("search"), needs=sealed("needs")),
    header(3, "PersonDescribed"),
    header(4, "AttachmentAdded", attachment="p1", sha256=DIGEST, size_bytes=len(PICTURE)),
    header(5, "EntryRecorded"),
]


def lines() -> list[dict[str, Any]]:
    """The events of a package as of event 5: one shown, one of which only the leaf is there, and one with a file."""
    leaves = [merkle.leaf_hash(raw) for raw in HEADERS]
    root = merkle.root_from_leaves(leaves).hex()

    def event(seq: int, **more: Any) -> dict[str, Any]:
        path = [node.hex() for node in merkle.inclusion_proof(leaves, seq - 1, len(leaves))]
        return {"type": "event", "seq": seq, "about": "record", "leaf": leaves[seq - 1].hex(), "proof": path, **more}

    shown = {"header": disclosure.encode_bytes(HEADERS[1]), "disclosures": [SALTED["conduct"], SALTED["search"]]}
    return [
        {"type": "package", "v": 1, "log": "log-1", "epoch": 1, "seq": 5, "root": root, "lens": "command", "arrest": "a1"},
        event(2, **shown, withheld=["needs"]),
        event(3),
        event(4, header=disclosure.encode_bytes(HEADERS[3])),
        {"type": "end", "events": 3},
    ]  # fmt: skip


ROW = {
    "attachment": "p1", "seq": 4, "kind": "photo", "sha256": DIGEST, "size_bytes": len(PICTURE), "copy": "original",
    "file": "attachments/4.jpg",
}  # fmt: skip


def files(told: list[dict[str, Any]] | None = None, row: dict[str, Any] | None = None, **more: bytes) -> Files:
    """The files of a package, without its manifest."""
    return {
        "README.txt": b"read me\n",
        package.EVENTS: b"".join(json.dumps(line).encode() + b"\n" for line in told or lines()),
        package.ATTACHMENTS: json.dumps([row or ROW]).encode(),
        "attachments/4.jpg": more.get("picture", PICTURE),
    }


def archive(
    inside: Files, manifest: Callable[[dict[str, Any]], None] | None = None, also: Files | None = None
) -> bytes:
    """A ZIP of these files with their manifest, which `manifest` may change; `also` are files behind its back."""
    named = [
        {"name": name, "sha256": hashlib.sha256(raw).hexdigest(), "size_bytes": len(raw)}
        for name, raw in inside.items()
    ]
    told = {"v": 1, "log": "log-1", "arrest": "a1", "files": named}
    if manifest:
        manifest(told)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as out:
        for name, raw in {**inside, package.MANIFEST: json.dumps(told).encode(), **(also or {})}.items():
            out.writestr(name, raw)
    return made.getvalue()


def check(raw: bytes) -> PackageVerification:
    with zipfile.ZipFile(io.BytesIO(raw)) as found:
        return verify_package(found)


def test_a_whole_package_verifies_and_says_what_it_found() -> None:
    found = check(archive(files()))
    assert found.ok, found.problems
    assert (found.log, found.arrest, found.size, found.files, found.events) == ("log-1", "a1", 5, 4, 3)
    assert (found.shown, found.withheld, found.absent, found.originals) == (2, 1, 0, 1)


def changed(at: int, **more: Any) -> list[dict[str, Any]]:
    told = lines()
    told[at] = {**told[at], **more}
    return told


OTHER_HEADER = disclosure.encode_bytes(header(2, conduct=sealed("conduct")))
TWICE = HEADERS[1][:-1] + b',"log":"log-1"}'

TAMPERED: dict[str, tuple[Files, str]] = {
    "another header": (files(changed(1, header=OTHER_HEADER, withheld=[])), "the header of its leaf"),
    "another leaf": (files(changed(1, leaf="00" * 32)), "expected root"),
    "another place": (files(changed(1, seq=1)), "expected root"),
    "a shorter path": (files(changed(1, proof=[])), "longer proof"),
    "a path that is none": (files(changed(1, proof=["zz"])), "non-hexadecimal"),
    "another root": (files(changed(0, root="11" * 32)), "expected root"),
    "no header with disclosures": (files(changed(2, disclosures=[SALTED["needs"]])), "without a header"),
    "a header that is none": (files(changed(1, header=disclosure.encode_bytes(b"{}"))), "expected a header"),
    "a header in two readings": (files(changed(1, header=disclosure.encode_bytes(TWICE))), "twice"),
    "a header of another log": (files(changed(1, header=disclosure.encode_bytes(header(9)))), "event 9"),
    "another value": (
        files(changed(1, disclosures=[disclosure.make(bytes(16), "conduct", "nothing"), SALTED["search"]])),
        "committed to",
    ),
    "another field's value": (files(changed(1, disclosures=[SALTED["conduct"], SALTED["conduct"]])), "committed to"),
    "a disclosure that is none": (files(changed(1, disclosures=["x", SALTED["search"]])), "expected a disclosure"),
    "a field without a word": (files(changed(1, withheld=[])), "shown, withheld or absent"),
    "a field that there is not": (files(changed(1, withheld=["needs", "name"])), "shown, withheld or absent"),
    "a field shown and withheld": (files(changed(1, withheld=["needs", "conduct"])), "shown, withheld or absent"),
    "an event twice": (files([*lines()[:2], *lines()[1:]]), "event 3 or later"),
    "an event left out": (files([*lines()[:2], *lines()[3:]]), "by the last line"),
    "cut off": (files(lines()[:-1]), "cut off"),
    "more behind the end": (files([*lines(), lines()[1]]), "one last line"),
    "another picture": (files(picture=b"another picture"), "as they were taken"),
    "another digest": (files(row={**ROW, "sha256": "00" * 32}), "the digest that the log has"),
    "a picture of no event": (files(row={**ROW, "attachment": "p2"}), "the digest that the log has"),
    "a file that is not there": (files(row={**ROW, "file": "attachments/5.jpg"}), "expected its file"),
    "none, and a file": (files(row={**ROW, "copy": "none"}), "expected its file"),
    "a file of no attachment": (files(row={**ROW, "copy": "none", "file": ""}), "no word of it"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_whatever_is_changed_is_found(how: str) -> None:
    inside, says = TAMPERED[how]
    found = check(archive(inside))
    assert not found.ok and any(says in problem for problem in found.problems), found.problems


def test_the_manifest_names_every_file_and_no_other() -> None:
    def drop(told: dict[str, Any]) -> None:
        told["files"] = told["files"][1:]

    def invent(told: dict[str, Any]) -> None:
        told["files"].append({"name": "more.txt", "sha256": "00" * 32, "size_bytes": 1})

    def lie(told: dict[str, Any]) -> None:
        told["files"][0]["size_bytes"] += 1

    def other(told: dict[str, Any]) -> None:
        told["arrest"] = "a2"

    for change, says in ((drop, "besides"), (invent, "got none"), (lie, "another file"), (other, "another record")):
        found = check(archive(files(), change))
        assert any(says in problem for problem in found.problems), (says, found.problems)
    for name in ("../up.txt", "/root.txt", "a/b/c"):
        assert any("plain stored files" in one for one in check(archive(files(), also={name: b""})).problems)


def test_what_is_flipped_in_the_archive_is_found_in_whichever_file_it_lies() -> None:
    raw = archive(files())
    at = raw.index(PICTURE)
    found = check(raw[:at] + b"A" + raw[at + 1 :])
    assert any(problem.startswith("attachments/4.jpg: ") for problem in found.problems)


def test_a_compressed_file_is_no_part_of_a_package() -> None:
    made = io.BytesIO(archive(files()))
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as out:
        out.writestr("bomb.txt", b"0" * 1_000_000)
    assert any("plain stored files" in problem for problem in check(made.getvalue()).problems)


@pytest.mark.parametrize(
    "inside",
    [
        {},
        {package.MANIFEST: b"{}"},
        {package.MANIFEST: b'{"v":1,"log":"l","arrest":"a","files":[]}'},
        {package.MANIFEST: b'{"v":1,"log":"l","arrest":"a","files":[]}', package.EVENTS: b""},
        {
            package.MANIFEST: b'{"v":1,"log":"l","arrest":"a","files":[]}',
            package.EVENTS: b'{"type":"end","events":0}\n',
        },
        {package.MANIFEST: b'{"v":1,"log":"l","arrest":"a","files":[]}', package.EVENTS: b"not json\n"},
    ],
)
def test_what_is_no_package_is_said_to_be_none(inside: Files) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for name, raw in inside.items():
            out.writestr(name, raw)
    with pytest.raises(Unreadable):
        check(made.getvalue())


def test_limits_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = archive(files())
    for name in ("MOST_FILES", "LINE_BYTES", "JSON_BYTES"):
        with monkeypatch.context() as within:
            within.setattr(package, name, 3)
            with pytest.raises(Unreadable, match="at most 3"):
                check(raw)
    monkeypatch.setattr(package, "PROBLEMS_KEPT", 1)
    found = check(archive(files(changed(0, root="11" * 32))))
    assert len(found.problems) == 1 and found.problem_count == 4
