"""Signed heads against a log: what continues them, what contradicts them, and what a restore says it lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from command.errors import Unreadable
from command.ledger import checkpoint, merkle, signing
from command.ledger.heads import SignedHeads, key_name, origin_of, read_origin
from command.ledger.verify import LogVerifier, Verification, verify_log
from tests.ledger.test_verify import LOG, Row, root, row

PRIVATE, OTHER = bytes(range(32)), bytes(range(1, 33))


def vkey(private: bytes) -> str:
    public = signing.public_key_of(private)
    return checkpoint.verifier_key(key_name(public), public)


def note(rows: Sequence[Row], size: int, *, epoch: int = 1, by: Sequence[bytes] = (PRIVATE,), log: str = LOG) -> str:
    body = checkpoint.checkpoint_body(origin_of(log, epoch), size, root(list(rows[:size])))
    return checkpoint.sign_all(body, [(key_name(signing.public_key_of(key)), key) for key in by])


def check(rows: list[Row], heads: SignedHeads) -> Verification:
    verifier = LogVerifier(LOG, heads=heads)
    for one in rows:
        verifier.feed(one.seq, one.header, one.leaf)
    return verifier.finish(len(rows), root(rows))


def says(rows: list[Row], *notes: str, keys: Sequence[str] = (vkey(PRIVATE),)) -> list[str]:
    return [problem.says for problem in check(rows, SignedHeads(LOG, notes, keys)).problems]


ROWS = [row(seq) for seq in range(1, 6)]


def test_a_log_that_passes_its_heads_verifies() -> None:
    heads = SignedHeads(LOG, [note(ROWS, 2), note(ROWS, 5)], [vkey(PRIVATE)])
    assert check(ROWS, heads).ok and (heads.held, heads.excused) == (2, 0)
    assert heads.last is not None and heads.last.size == 5


def test_a_rewritten_log_does_not_pass_the_head_that_was_signed_before() -> None:
    """Though it is consistent in itself."""
    signed = note(ROWS, 3)
    rewritten = [ROWS[0], row(2, body={"type": "EntryRecorded", "entry": "another"}), *ROWS[2:]]
    (problem,) = check(rewritten, SignedHeads(LOG, [signed], [vkey(PRIVATE)])).problems
    assert (problem.kind, problem.seq) == ("checkpoint", 3)


def test_a_log_that_was_cut_off_is_shorter_than_its_head() -> None:
    assert says(ROWS[:2], note(ROWS, 4)) == ["expected the 4 events of epoch 1 that were once signed, got 2"]


def test_two_heads_of_one_size_over_two_logs_are_told() -> None:
    """Whoever signs both shows two histories."""
    other = [row(1, body={"type": "EntryRecorded", "entry": "x"})]
    assert any("two heads" in text for text in says(ROWS, note(ROWS, 1), note(other, 1)))


@pytest.mark.parametrize(
    ("keys", "bent"),
    [
        ([vkey(OTHER)], note(ROWS, 2)),  # another's key
        ([], note(ROWS, 2)),  # none
        ([vkey(PRIVATE)], note(ROWS, 2).replace("\n2\n", "\n3\n")),  # another size than was signed
        ([vkey(PRIVATE)], "no note"),
        ([vkey(PRIVATE)], note(ROWS, 2, log="0190-other")),  # of another log
        ([vkey(PRIVATE)], note(ROWS, 2, epoch=7)),  # of an epoch that the log never had
    ],
)
def test_a_head_that_is_not_signed_by_a_trusted_key_or_not_of_this_log_is_a_problem(keys: list[str], bent: str) -> None:
    """Never passed over: a log's own word must not quietly become its proof."""
    assert len(says(ROWS, bent, keys=keys)) == 1


def test_while_a_key_is_exchanged_either_one_verifies() -> None:
    """Heads bear both signatures; of further ones that nobody knows nothing is made."""
    both = note(ROWS, 2, by=(OTHER, PRIVATE))
    assert says(ROWS, both) == says(ROWS, both, keys=[vkey(OTHER)]) == []


def test_a_verifier_key_that_is_none_is_refused_before_anything_is_read() -> None:
    with pytest.raises(Unreadable):
        SignedHeads(LOG, [], ["muster+0+0"])


def restored(seq: int, epoch: int, ended: int, lost_to: int | None = None) -> Row:
    facts = {"backup": "b", "epoch": ended, "kept": seq - 1, "lost_to": lost_to}
    return row(seq, "LogRestored", epoch=epoch, body=facts)


def test_what_a_restore_says_it_lost_is_no_contradiction() -> None:
    """Heads of the epoch that ended, beyond what was kept: told apart. Heads within it must still be passed."""
    before = [row(seq) for seq in range(1, 5)]
    after = [*before[:2], restored(3, 9, 1), row(4, epoch=9)]
    notes = [note(before, 2), note(before, 4), note(after, 4, epoch=9)]
    heads = SignedHeads(LOG, notes, [vkey(PRIVATE)])
    assert check(after, heads).ok and (heads.held, heads.excused) == (2, 1)
    assert heads.last is not None and read_origin(heads.last.origin) == (LOG, 9)


def test_a_restore_loses_no_more_than_it_says() -> None:
    """Where it is known what was there, a head of more is a contradiction."""
    before = [row(seq) for seq in range(1, 6)]
    after = [*before[:2], restored(3, 9, 1, lost_to=4)]
    assert len(says(after, note(before, 4), note(before, 5))) == 1


def test_origins_are_read_back() -> None:
    """And what is none of ours is none."""
    assert read_origin(origin_of("a:b", 3)) == ("a:b", 3)
    assert read_origin("example.com/log") is read_origin("muster:x:0") is None


def test_an_empty_log_needs_no_heads() -> None:
    assert verify_log(LOG, [], size=0, root=merkle.EMPTY_ROOT).ok
