"""The Merkle tree of RFC 6962 §2.1: the only authenticated structure over a log.

Hashes are 32 bytes. In every function here `leaf` and `leaves` are leaf
*hashes* (`leaf_hash(header)`); headers themselves are never looked at. The
verifying halves follow RFC 9162 §2.1.3.2 and §2.1.4.2 and raise
`command.errors.Corrupt`: a proof that does not fit is evidence, not a typing
mistake. The proving halves raise `Unreadable` for a place that the tree does
not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from command.errors import Corrupt, Unreadable

HASH_BYTES = 32

EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""

Frontier = tuple[bytes, ...]
"""Roots of the perfect subtrees of a tree, left to right: one for each 1 in the binary form of its size."""


def leaf_hash(header: bytes) -> bytes:
    """The leaf of exact header bytes. The 0x00 keeps a leaf from being read as a node."""
    return sha256(b"\x00" + header).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The parent of two nodes."""
    return sha256(b"\x01" + left + right).digest()


def extend(frontier: Frontier, size: int, leaf: bytes) -> Frontier:
    """The frontier after one more leaf; `size` is the number of leaves before it.

    Each trailing 1 of `size` is a subtree that the new leaf completes, so this
    costs two hashes on average whatever the size. Raises Corrupt when the
    frontier is not one of a tree of that size.
    """
    if len(frontier) != size.bit_count():
        raise Corrupt(
            f"expected a frontier of {size.bit_count()} hashes for a tree of {size}, got {len(frontier)}",
            where="frontier",
        )
    keep = len(frontier)
    while size & 1:
        keep -= 1
        leaf = sha256(b"\x01" + frontier[keep] + leaf).digest()
        size >>= 1
    return (*frontier[:keep], leaf)


def root_of(frontier: Frontier) -> bytes:
    """The tree's root: its perfect subtrees joined from the right."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in frontier[-2::-1]:
        root = node_hash(left, root)
    return root


def frontier_from_leaves(leaves: Sequence[bytes]) -> Frontier:
    """The frontier of a tree with exactly these leaves."""
    frontier: Frontier = ()
    for size, leaf in enumerate(leaves):
        frontier = extend(frontier, size, leaf)
    return frontier


def root_from_leaves(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree with exactly these leaves."""
    return root_of(frontier_from_leaves(leaves))


def inclusion_proof(leaves: Sequence[bytes], index: int, size: int) -> tuple[bytes, ...]:
    """The path from leaf `index` (from 0) to the root of the first `size` leaves, lowest sibling first.

    Hashes each of the `size` leaves once: meant for a proof now and then, not for a feed.
    """
    if not 0 <= index < size <= len(leaves):
        raise Unreadable(
            f"expected 0 <= index < size <= {len(leaves)}, got index {index} and size {size}", where="size"
        )
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(root_from_leaves(leaves[middle:high]))
            high = middle
        else:
            path.append(root_from_leaves(leaves[low:middle]))
            low = middle
    return tuple(reversed(path))


def inclusion_proofs(leaves: Sequence[bytes], indexes: Iterable[int]) -> dict[int, tuple[bytes, ...]]:
    """The paths of several leaves (from 0) to the root of all of them: each leaf is hashed once, however many are asked for.

    Raises Unreadable for an index that is no leaf's.
    """
    paths: dict[int, list[bytes]] = {index: [] for index in indexes}
    if any(not 0 <= index < len(leaves) for index in paths):
        raise Unreadable(f"expected indexes from 0 below {len(leaves)}, got another", where="index")
    _climb(leaves, 0, len(leaves), sorted(paths), paths)
    return {index: tuple(path) for index, path in paths.items()}


def _climb(leaves: Sequence[bytes], low: int, high: int, wanted: Sequence[int], paths: dict[int, list[bytes]]) -> bytes:
    """The root of a range; on the way up every wanted leaf below it is given its sibling."""
    if not wanted:
        return root_from_leaves(leaves[low:high])
    if high - low == 1:
        return leaves[low]
    middle = low + _split(high - low)
    left = [index for index in wanted if index < middle]
    right = [index for index in wanted if index >= middle]
    one, other = _climb(leaves, low, middle, left, paths), _climb(leaves, middle, high, right, paths)
    for index in left:
        paths[index].append(other)
    for index in right:
        paths[index].append(one)
    return node_hash(one, other)


def consistency_proof(leaves: Sequence[bytes], old: int, new: int) -> tuple[bytes, ...]:
    """The nodes that show that the first `old` leaves are a prefix of the first `new`.

    Empty for `old` 0 and for equal sizes. Nothing is proven about an empty tree,
    so `verify_consistency` refuses size 0.
    """
    if not 0 <= old <= new <= len(leaves):
        raise Unreadable(f"expected 0 <= old <= new <= {len(leaves)}, got old {old} and new {new}", where="size")
    if old == 0:
        return ()
    path: list[bytes] = []
    low, high = 0, new
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(root_from_leaves(leaves[middle:high]))
            high = middle
        else:
            path.append(root_from_leaves(leaves[low:middle]))
            low = middle
    if low > 0:  # from 0 this node is the old root itself, which the verifier already has
        path.append(root_from_leaves(leaves[low:high]))
    return tuple(reversed(path))


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise Corrupt unless `proof` shows that `leaf` is at `index` (from 0) in the tree of `size` with `root`."""
    if not 0 <= index < size:
        raise Corrupt(f"expected an index below the tree size {size}, got {index}", where="index")
    _expect_hashes(leaf=(leaf,), proof=proof, root=(root,))
    at, last, have = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Corrupt(f"expected a shorter proof for index {index} of {size}, got {len(proof)}", where="proof")
        if at & 1 or at == last:
            have = node_hash(sibling, have)
            while not at & 1 and at:  # levels at which this node has no sibling and is its own parent
                at, last = at >> 1, last >> 1
        else:
            have = node_hash(have, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise Corrupt(f"expected a longer proof for index {index} of {size}, got {len(proof)}", where="proof")
    if have != root:
        raise Corrupt(f"expected root {root.hex()}, got {have.hex()} for index {index} of {size}", where="root")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise Corrupt unless `proof` shows that the tree of `new` leaves continues the tree of `old` leaves.

    Size 0 is refused: every tree continues the empty one, so a proof from it would
    show nothing while looking like a proof.
    """
    if not 0 < old <= new:
        raise Corrupt(f"expected 0 < old size <= new size, got {old} and {new}", where="size")
    if old == new:  # nothing is hashed here, so what a root looks like is not asked either
        if proof:
            raise Corrupt(f"expected an empty proof between equal sizes, got {len(proof)} hashes", where="proof")
        if old_root != new_root:
            raise Corrupt(f"expected equal roots at size {old}, got two", where="root")
        return
    _expect_hashes(proof=proof, old_root=(old_root,), new_root=(new_root,))
    nodes = list(proof)
    if old & (old - 1) == 0:  # a perfect old tree is its own first node, and the proof leaves it out
        nodes.insert(0, old_root)
    old_have, new_have = _walk_consistency(old, new, nodes)
    if old_have != old_root:
        raise Corrupt(f"expected old root {old_root.hex()}, got {old_have.hex()}", where="old_root")
    if new_have != new_root:
        raise Corrupt(f"expected new root {new_root.hex()}, got {new_have.hex()}", where="new_root")


def _walk_consistency(old: int, new: int, nodes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Both roots as the nodes give them."""
    if not nodes:
        raise Corrupt(f"expected a proof between sizes {old} and {new}, got none", where="proof")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_have = new_have = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            raise Corrupt(f"expected a shorter proof between sizes {old} and {new}", where="proof")
        if at & 1 or at == last:
            old_have, new_have = node_hash(node, old_have), node_hash(node, new_have)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new_have = node_hash(new_have, node)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise Corrupt(f"expected a longer proof between sizes {old} and {new}", where="proof")
    return old_have, new_have


def _split(size: int) -> int:
    """The largest power of two below `size` (RFC 6962's k). `size` is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _expect_hashes(**named: Sequence[bytes]) -> None:
    for where, hashes in named.items():
        for value in hashes:
            if len(value) != HASH_BYTES:
                raise Corrupt(f"expected {HASH_BYTES} bytes in a hash, got {len(value)}", where=where)
