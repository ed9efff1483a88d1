"""A package against signed heads that were kept elsewhere: the same root, another one, or a head of another size."""

from __future__ import annotations

from command.cli.discovery import _against_heads
from command.ledger.checkpoint import checkpoint_body, sign, verifier_key
from command.ledger.heads import origin_of
from command.ledger.package import PackageVerification
from command.ledger.signing import public_key_of

KEY = bytes(range(32))
VKEY = verifier_key("muster.test", public_key_of(KEY))
ROOT, OTHER = b"\x11" * 32, b"\x22" * 32
FOUND = PackageVerification("log-1", "a1", 1, 5, ROOT.hex(), 4, 3, 2, 1, 0, 1, (), 0)


def note(size: int = 5, root: bytes = ROOT, log: str = "log-1") -> str:
    return sign(checkpoint_body(origin_of(log, 1), size, root), "muster.test", KEY)


def test_a_signed_head_of_the_same_events_confirms_the_root_or_contradicts_it() -> None:
    assert _against_heads(FOUND, [note()], [VKEY]) == ([], "a signed head has the same root")
    against, _ = _against_heads(FOUND, [note(root=OTHER)], [VKEY])
    assert against == [f"expected the signed root {OTHER.hex()}, got {ROOT.hex()}"]


def test_a_head_that_cannot_be_compared_is_said_and_one_that_is_not_signed_by_the_key_is_a_problem() -> None:
    assert "noted elsewhere" in _against_heads(FOUND, [], [VKEY])[1]
    against, says = _against_heads(FOUND, [note(size=9)], [VKEY])
    assert not against and "--at 9" in says
    assert _against_heads(FOUND, [note(log="log-2")], [VKEY])[0]
    assert _against_heads(FOUND, [note()], [])[0], "by no key it counts for nothing"
