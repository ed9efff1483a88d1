"""The tree against an oracle of its own, against every small mutation, and against third-party cases."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.errors import Corrupt, Unreadable
from command.ledger import merkle
from tests.support.vectors import vectors

SIZES = range(41)
LEAVES = tuple(merkle.leaf_hash(b"event %d" % n) for n in SIZES)


# The oracle: RFC 6962 §2.1 as it is written there, recursive and slow ----------------


def mth(leaves: Sequence[bytes]) -> bytes:
    """Merkle tree hash, on leaf hashes."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = cut(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Audit path."""
    if len(leaves) == 1:
        return []
    k = cut(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """Consistency proof."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = cut(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def cut(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


# Mutations ---------------------------------------------------------------------------


def flipped(value: bytes) -> Iterator[bytes]:
    """The value with each one of its bits turned."""
    for bit in range(len(value) * 8):
        changed = bytearray(value)
        changed[bit // 8] ^= 1 << (bit % 8)
        yield bytes(changed)


def one_bit(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]


def changed_proofs(proof: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """The proof with one element changed, cut short, lost, doubled, added or swapped with its neighbour."""
    extra = sha256(b"extra").digest()
    yield (*proof, extra)
    yield (extra, *proof)
    for n, element in enumerate(proof):
        yield (*proof[:n], one_bit(element), *proof[n + 1 :])
        yield (*proof[:n], element[:-1], *proof[n + 1 :])
        yield (*proof[:n], *proof[n + 1 :])
        yield (*proof[:n], element, *proof[n:])
        if n and element != proof[n - 1]:
            yield (*proof[: n - 1], element, proof[n - 1], *proof[n + 1 :])


def refused_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    try:
        merkle.verify_inclusion(index, size, leaf, proof, root)
    except Corrupt:
        return True
    return False


def refused_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    try:
        merkle.verify_consistency(old, new, proof, old_root, new_root)
    except Corrupt:
        return True
    return False


# Roots -------------------------------------------------------------------------------


def test_empty_root_is_the_hash_of_nothing() -> None:
    """RFC 6962 §2.1 fixes the root of the empty tree."""
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root_of(()) == merkle.root_from_leaves(()) == merkle.EMPTY_ROOT


def test_leaves_and_nodes_are_told_apart() -> None:
    """The two prefixes keep a node's bytes from passing as a header."""
    left, right = LEAVES[:2]
    assert merkle.leaf_hash(b"") == sha256(b"\x00").digest()
    assert merkle.node_hash(left, right) != merkle.leaf_hash(left + right)


@pytest.mark.parametrize("size", SIZES)
def test_root_agrees_with_the_recursive_definition(size: int) -> None:
    """The running frontier, joined, is the tree hash of the RFC."""
    assert merkle.root_from_leaves(LEAVES[:size]) == mth(LEAVES[:size])


def test_frontier_holds_one_perfect_subtree_per_binary_digit() -> None:
    """At every size the frontier is the roots of the perfect subtrees, left to right."""
    frontier: merkle.Frontier = ()
    for size, leaf in enumerate(LEAVES):
        frontier = merkle.extend(frontier, size, leaf)
        expected, low = [], 0
        for digit in reversed(range(8)):
            if size + 1 & 1 << digit:
                expected.append(mth(LEAVES[low : low + (1 << digit)]))
                low += 1 << digit
        assert frontier == tuple(expected)
        assert merkle.root_of(frontier) == mth(LEAVES[: size + 1])


@pytest.mark.parametrize(("frontier", "size"), [((), 1), ((LEAVES[0],), 0), ((LEAVES[0],), 3)])
def test_a_frontier_of_another_size_is_corrupt(frontier: merkle.Frontier, size: int) -> None:
    """A head row whose frontier and seq disagree must not be extended."""
    with pytest.raises(Corrupt, match="expected a frontier") as caught:
        merkle.extend(frontier, size, LEAVES[0])
    assert caught.value.where == "frontier"


@given(st.lists(st.binary(max_size=8), max_size=200))
def test_any_headers_give_the_root_of_the_definition(headers: list[bytes]) -> None:
    """Not only our own sizes and contents."""
    leaves = [merkle.leaf_hash(header) for header in headers]
    assert merkle.root_from_leaves(leaves) == mth(leaves)


# Inclusion ---------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES[1:])
def test_every_leaf_of_every_size_proves_its_place(size: int) -> None:
    """Our proof is the RFC's audit path, and verifies."""
    root = mth(LEAVES[:size])
    for index in range(size):
        proof = merkle.inclusion_proof(LEAVES, index, size)
        assert list(proof) == path(index, LEAVES[:size])
        merkle.verify_inclusion(index, size, LEAVES[index], proof, root)


@pytest.mark.parametrize("size", SIZES[1:])
def test_every_changed_inclusion_proof_is_refused(size: int) -> None:
    """Another leaf, another place, another root or any other proof does not pass."""
    root = mth(LEAVES[:size])
    for index in range(size):
        leaf, proof = LEAVES[index], merkle.inclusion_proof(LEAVES, index, size)
        assert all(refused_inclusion(index, size, leaf, other, root) for other in changed_proofs(proof))
        assert refused_inclusion(index, size, one_bit(leaf), proof, root)
        assert refused_inclusion(index, size, leaf, proof, one_bit(root))
        assert refused_inclusion(index, size, leaf[:-1], proof, root)
        assert refused_inclusion(index, size, leaf, proof, root[:-1])
        for other in range(-1, size + 2):
            assert other == index or refused_inclusion(other, size, leaf, proof, root)
        assert refused_inclusion(index, 0, leaf, proof, root)
        assert refused_inclusion(index, -size, leaf, proof, root)


def test_every_single_bit_of_an_inclusion_proof_counts() -> None:
    """Turning any one bit of leaf, proof or root is noticed."""
    index, size = 9, 13
    leaf, root, proof = LEAVES[index], mth(LEAVES[:size]), merkle.inclusion_proof(LEAVES, index, size)
    assert all(refused_inclusion(index, size, other, proof, root) for other in flipped(leaf))
    assert all(refused_inclusion(index, size, leaf, proof, other) for other in flipped(root))
    for n, element in enumerate(proof):
        for other in flipped(element):
            assert refused_inclusion(index, size, leaf, (*proof[:n], other, *proof[n + 1 :]), root)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3), (0, 42)])
def test_no_proof_for_a_place_that_the_tree_does_not_have(index: int, size: int) -> None:
    """Asking for it is unreadable, not corrupt: nothing is wrong with the log."""
    with pytest.raises(Unreadable, match="index"):
        merkle.inclusion_proof(LEAVES, index, size)


# Consistency ---------------------------------------------------------------------------


@pytest.mark.parametrize("new", SIZES[1:])
def test_every_pair_of_sizes_proves_its_continuation(new: int) -> None:
    """Our proof is the RFC's, and verifies."""
    for old in range(1, new + 1):
        proof = merkle.consistency_proof(LEAVES, old, new)
        assert list(proof) == subproof(old, LEAVES[:new], True)
        merkle.verify_consistency(old, new, proof, mth(LEAVES[:old]), mth(LEAVES[:new]))


@pytest.mark.parametrize("new", SIZES[1:])
def test_every_changed_consistency_proof_is_refused(new: int) -> None:
    """Another size, another root or any other proof does not pass."""
    new_root = mth(LEAVES[:new])
    for old in range(1, new + 1):
        old_root, proof = mth(LEAVES[:old]), merkle.consistency_proof(LEAVES, old, new)
        assert all(refused_consistency(old, new, other, old_root, new_root) for other in changed_proofs(proof))
        assert refused_consistency(old, new, proof, one_bit(old_root), new_root)
        assert refused_consistency(old, new, proof, old_root, one_bit(new_root))
        assert refused_consistency(old, new, proof, old_root[:-1], new_root)
        assert refused_consistency(old, new, proof, old_root, new_root[:-1])
        for other in range(-1, new + 2):
            assert other == old or refused_consistency(other, new, proof, old_root, new_root)
        assert refused_consistency(old, old - 1, proof, old_root, new_root)


def test_a_rewritten_history_does_not_pass_as_a_continuation() -> None:
    """One changed header before the old head shows at every size, with the forger's own best proof."""
    for new in SIZES[2:]:
        for old in range(1, new):
            forged = list(LEAVES[:new])
            forged[old // 2] = merkle.leaf_hash(b"something else")
            proof = merkle.consistency_proof(forged, old, new)
            assert refused_consistency(old, new, proof, mth(LEAVES[:old]), mth(forged))


def test_nothing_is_proven_about_the_empty_tree() -> None:
    """The prover sends nothing, as witnesses expect; the verifier takes size 0 for no proof at all."""
    assert merkle.consistency_proof(LEAVES, 0, 5) == merkle.consistency_proof(LEAVES, 0, 0) == ()
    assert refused_consistency(0, 0, (), merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    assert refused_consistency(0, 5, (), merkle.EMPTY_ROOT, mth(LEAVES[:5]))


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3), (1, 42)])
def test_no_proof_between_sizes_that_the_tree_does_not_have(old: int, new: int) -> None:
    """Asking for it is unreadable."""
    with pytest.raises(Unreadable, match="old"):
        merkle.consistency_proof(LEAVES, old, new)


@given(st.integers(1, 300), st.data())
def test_larger_trees_prove_both_ways(size: int, data: st.DataObject) -> None:
    """Inclusion and consistency hold and bite beyond the sizes walked one by one."""
    leaves = [merkle.leaf_hash(b"%d" % n) for n in range(size)]
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root = mth(leaves)
    inclusion = merkle.inclusion_proof(leaves, index, size)
    merkle.verify_inclusion(index, size, leaves[index], inclusion, root)
    assert refused_inclusion(index, size, leaves[index - 1], inclusion, root) or size == 1
    consistency = merkle.consistency_proof(leaves, old, size)
    merkle.verify_consistency(old, size, consistency, mth(leaves[:old]), root)
    assert refused_consistency(old, size, consistency, mth(leaves[: old - 1]), root)


# Third-party cases ---------------------------------------------------------------------


def raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(vectors(f"merkle/{name}.json").read_bytes())
    assert len(found) == 98
    return found


def test_inclusion_agrees_with_the_third_party_cases() -> None:
    """98 cases of transparency-dev/merkle, 92 of which must be refused."""
    for case in cases("inclusion"):
        refused = refused_inclusion(
            case["leafIdx"],
            case["treeSize"],
            raw(case["leafHash"]),
            [raw(element) for element in case["proof"] or ()],
            raw(case["root"]),
        )
        assert refused == case["wantErr"], case["_case"]


def test_consistency_agrees_with_the_third_party_cases() -> None:
    """98 cases of transparency-dev/merkle, 92 of which must be refused, size 0 among them."""
    for case in cases("consistency"):
        refused = refused_consistency(
            case["size1"],
            case["size2"],
            [raw(element) for element in case["proof"] or ()],
            raw(case["root1"]),
            raw(case["root2"]),
        )
        assert refused == case["wantErr"], case["_case"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 33])
def test_many_paths_at_once_are_each_what_one_by_one_they_are(size: int) -> None:
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(size)]
    paths = merkle.inclusion_proofs(leaves, range(size))
    assert paths == {n: merkle.inclusion_proof(leaves, n, size) for n in range(size)}
    assert merkle.inclusion_proofs(leaves, ()) == {}


@pytest.mark.parametrize("index", [-1, 3])
def test_no_path_is_given_for_what_is_no_leaf(index: int) -> None:
    with pytest.raises(Unreadable):
        merkle.inclusion_proofs([bytes(32)] * 3, [0, index])
