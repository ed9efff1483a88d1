"""Checkpoints: round trips, every way to be wrong, and a reference log of another implementation."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.errors import Corrupt, Misconfigured, TooLarge, Unreadable
from command.ledger import checkpoint, merkle, signing
from command.ledger.checkpoint import Checkpoint
from tests.support.vectors import vectors

PRIVATE = bytes(range(32))
PUBLIC = signing.public_key_of(PRIVATE)
NAME = "muster.example/0190"
ROOT = merkle.leaf_hash(b"a")
BODY = checkpoint.checkpoint_body(NAME, 1, ROOT)
NOTE = checkpoint.sign(BODY, NAME, PRIVATE)

# The reference log's published key; that it is the right one shows in its signatures.
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


def test_the_body_is_three_lines() -> None:
    """Origin, size, root in standard base64; the form that is signed."""
    assert BODY == f"{NAME}\n1\n{base64.b64encode(ROOT).decode()}\n".encode()


def test_a_note_is_the_body_an_empty_line_and_the_signature() -> None:
    """With the em dash that the format asks for."""
    assert NOTE.startswith(BODY.decode() + f"\n\u2014 {NAME} ")
    assert NOTE.endswith("\n")


@given(
    origin=st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=30),
    size=st.integers(0, 10**18 - 1),
    root=st.binary(min_size=32, max_size=32),
)
def test_what_was_signed_verifies(origin: str, size: int, root: bytes) -> None:
    """For any origin, size and root that the format can hold."""
    note = checkpoint.sign(checkpoint.checkpoint_body(origin, size, root), NAME, PRIVATE)
    assert checkpoint.verify_note(note, NAME, PUBLIC) == Checkpoint(origin, size, root)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 1, ROOT),
        ("two\nlines", 1, ROOT),
        ("a\rb", 1, ROOT),
        ("\ud800", 1, ROOT),
        (NAME, -1, ROOT),
        (NAME, 10**18, ROOT),
        (NAME, 1, ROOT[:-1]),
    ],
)
def test_what_the_format_cannot_hold_has_no_body(origin: str, size: int, root: bytes) -> None:
    """An origin with a line break could otherwise forge the size."""
    with pytest.raises(Unreadable):
        checkpoint.checkpoint_body(origin, size, root)


@pytest.mark.parametrize("body", [b"anything", b"\xff\n1\n\n", BODY + b"\n", BODY.replace(b"\n1\n", b"\n01\n")])
def test_a_log_signs_nothing_but_checkpoints(body: bytes) -> None:
    """Its key must not vouch for other texts."""
    with pytest.raises(Unreadable):
        checkpoint.sign(body, NAME, PRIVATE)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b"])
def test_a_key_name_has_no_blanks_and_no_plus(name: str) -> None:
    """The format splits at them."""
    with pytest.raises(Misconfigured):
        checkpoint.sign(BODY, name, PRIVATE)


def test_keys_must_be_fit() -> None:
    """Size, and not of small order."""
    with pytest.raises(Misconfigured):
        checkpoint.sign(BODY, NAME, b"short")
    with pytest.raises(Misconfigured):
        checkpoint.verify_note(NOTE, NAME, bytes(32))


SIGNATURE_LINE = NOTE.split("\n\n")[1]


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        BODY.decode(),
        NOTE[:-1],
        BODY.decode() + "\n",
        NOTE.replace("\u2014 ", "- "),
        NOTE[:-1] + "x",
        NOTE + "other AAAAAAAAAAA=\n",
        NOTE + "\u2014 a+b AAAAAAAAAAA=\n",
        NOTE + "\u2014 \n",
        NOTE + "\u2014 other\n",
        NOTE + "\u2014 other !!!!\n",
        NOTE + "\u2014 other AAAAAA==\n",
        NOTE + "\u2014 other AAAAAAB=\n",
        NOTE + "\u2014 other \u00e9\n",
        NOTE + "\n" + SIGNATURE_LINE,
        "only\n1\n\n" + SIGNATURE_LINE,
        NOTE.replace("\n1\n", "\n-1\n"),
        NOTE.replace("\n1\n", "\n\u0661\n"),
        NOTE.replace("\n1\n", "\n1000000000000000000\n"),
        NOTE.replace("=\n\n", "\n\n"),
        NOTE.replace(NAME + "\n1", NAME + "\t\n1"),
        f"{NAME}\n1\nAAAA\n\n{SIGNATURE_LINE}",
    ],
)
def test_what_is_no_signed_checkpoint_is_unreadable(note: str) -> None:
    """Missing parts, other alphabets, loose bits, control characters."""
    assert note != NOTE
    with pytest.raises(Unreadable):
        checkpoint.verify_note(note, NAME, PUBLIC)


def test_a_note_has_a_size_limit() -> None:
    """Refused before it is taken apart; exactly 64 KiB is still read."""
    extension = "x" * (65_536 - len(NOTE) - 1) + "\n"
    largest = checkpoint.sign(BODY + extension.encode(), NAME, PRIVATE)
    assert checkpoint.verify_note(largest, NAME, PUBLIC).size == 1
    with pytest.raises(TooLarge):
        checkpoint.verify_note(largest + "\n", NAME, PUBLIC)


def test_a_note_of_another_signer_is_corrupt() -> None:
    """Another name, or another key under the same name."""
    other = signing.public_key_of(bytes(32))
    for name, key in (("other", PUBLIC), (NAME, other)):
        with pytest.raises(Corrupt, match="got none"):
            checkpoint.verify_note(NOTE, name, key)


def test_a_changed_text_is_corrupt() -> None:
    """Size and root are what the signature is about."""
    with pytest.raises(Corrupt, match="over another"):
        checkpoint.verify_note(NOTE.replace("\n1\n", "\n2\n"), NAME, PUBLIC)


def test_one_false_signature_of_ours_spoils_the_note() -> None:
    """Even beside a true one: somebody has tampered with it."""
    name, encoded = SIGNATURE_LINE[2:-1].split(" ")
    raw = bytearray(base64.b64decode(encoded))
    raw[10] ^= 1
    false_line = f"\u2014 {name} {base64.b64encode(raw).decode()}\n"
    with pytest.raises(Corrupt, match="over another"):
        checkpoint.verify_note(NOTE + false_line, NAME, PUBLIC)


def test_signatures_and_lines_that_we_do_not_know_are_passed_over() -> None:
    """Witnesses sign the same text; extension lines belong to the text."""
    witness = "\u2014 witness.example AAAAAAAAAAA=\n"
    assert checkpoint.verify_note(NOTE + witness, NAME, PUBLIC) == Checkpoint(NAME, 1, ROOT)
    extended = checkpoint.sign(BODY + b"extension\n", NAME, PRIVATE)
    assert checkpoint.verify_note(extended, NAME, PUBLIC) == Checkpoint(NAME, 1, ROOT)


def test_a_published_key_reads_back() -> None:
    """Name and key in one line."""
    line = checkpoint.verifier_key(NAME, PUBLIC)
    assert checkpoint.read_verifier_key(line) == (NAME, PUBLIC)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "name",
        "name+00000000+",
        TESSERA_KEY.replace("33d7b496", "33d7b497"),
        TESSERA_KEY.replace("example", "sample"),
        TESSERA_KEY.replace("+AeHT", "+AuHT"),
        TESSERA_KEY[:-1],
        "name+00000000+AQ==",
        "na me" + checkpoint.verifier_key(NAME, PUBLIC).removeprefix(NAME),
    ],
)
def test_what_is_no_verifier_key_is_unreadable(line: str) -> None:
    """Another type, or an id that is not this name's and key's."""
    with pytest.raises(Unreadable):
        checkpoint.read_verifier_key(line)


# The reference log ----------------------------------------------------------------------


def test_the_reference_logs_signatures_verify() -> None:
    """17 checkpoints signed by another implementation, sizes 0 to 15 and the current one."""
    name, key = checkpoint.read_verifier_key(TESSERA_KEY)
    log = vectors("tessera/log")
    for size in range(16):
        note = (log / f"checkpoint.{size}").read_text()
        found = checkpoint.verify_note(note, name, key)
        assert (found.origin, found.size) == (name, size)
        with pytest.raises(Corrupt):
            checkpoint.verify_note(note.replace(f"\n{size}\n", f"\n{size + 1}\n"), name, key)
    assert checkpoint.verify_note((log / "checkpoint").read_text(), name, key).size == 15


def test_the_reference_logs_roots_recompute() -> None:
    """All 16 roots from the entry bundles, and each head continues every earlier one."""
    name, key = checkpoint.read_verifier_key(TESSERA_KEY)
    log = vectors("tessera/log")
    heads = [checkpoint.verify_note((log / f"checkpoint.{size}").read_text(), name, key) for size in range(16)]
    assert heads[0].root == merkle.EMPTY_ROOT
    for head in heads[1:]:
        bundle = (log / "tile" / "entries" / "000.p" / str(head.size)).read_bytes()
        leaves = [merkle.leaf_hash(entry) for entry in entries(bundle)]
        assert len(leaves) == head.size
        assert merkle.root_from_leaves(leaves) == head.root
        assert b"".join(leaves) == (log / "tile" / "0" / "000.p" / str(head.size)).read_bytes()
        for old in heads[1 : head.size]:
            proof = merkle.consistency_proof(leaves, old.size, head.size)
            merkle.verify_consistency(old.size, head.size, proof, old.root, head.root)


def entries(bundle: bytes) -> list[bytes]:
    """C2SP tlog-tiles: each entry after its length in two big-endian bytes."""
    found = []
    while bundle:
        size = int.from_bytes(bundle[:2], "big")
        found.append(bundle[2 : 2 + size])
        bundle = bundle[2 + size :]
    return found
