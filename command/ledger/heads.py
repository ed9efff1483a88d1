"""Signed heads of one log, held against the log itself.

A head that was signed and left the building pins everything before it. Here each note is read with the verifier keys
that one trusts; then the log, as it is gone through, must pass each head with that root and in that epoch. After a
restore, heads of the epoch that ended may be of more events than were brought back: the log says so itself
(`LogRestored`), and what it says is lost is told apart from what it hides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from command.errors import Corrupt, MusterError
from command.ledger.checkpoint import Checkpoint, read_verifier_key, verify_note
from command.ledger.merkle import Frontier, root_of

_ORIGIN = re.compile(r"muster:(.+):([1-9][0-9]{0,17})")


def origin_of(log: str, epoch: int) -> str:
    """What checkpoints of this epoch of a log are made under."""
    return f"muster:{log}:{epoch}"


def key_name(public_key: bytes) -> str:
    """What a signing key of ours is called in notes: by itself, so that no two servers' keys share a name."""
    return f"muster.{sha256(public_key).hexdigest()[:16]}"


def read_origin(origin: str) -> tuple[str, int] | None:
    """Log and epoch of an origin of ours, else None."""
    found = _ORIGIN.fullmatch(origin)
    return None if found is None else (found[1], int(found[2]))


class SignedHeads:
    """Heads of one log by the notes given. `problems` are those found before the log is looked at.

    Raises Unreadable for a verifier key that is none.
    """

    def __init__(self, log: str, notes: Iterable[str], verifier_keys: Iterable[str]) -> None:
        self.log = log
        self.problems: list[str] = []
        self.held = self.excused = 0
        self.last: Checkpoint | None = None  # the largest that verified, of the newest epoch
        self._keys = [read_verifier_key(text) for text in verifier_keys]
        self._heads: dict[tuple[int, int], bytes] = {}
        for note in notes:
            self._take(note)

    def _take(self, note: str) -> None:
        try:
            head = self._verified(note)
        except MusterError as exc:
            self.problems.append(f"expected signed heads: {exc.message}")
            return
        place = read_origin(head.origin)
        if place is None or place[0] != self.log:
            self.problems.append(f"expected a head of {self.log}, got one of {head.origin}")
            return
        known = self._heads.setdefault((place[1], head.size), head.root)
        if known != head.root:
            self.problems.append(
                f"two heads of epoch {place[1]} and size {head.size} are signed, over different logs: "
                f"{known.hex()} and {head.root.hex()}"
            )
        newest = read_origin(self.last.origin) if self.last else None
        if newest is None or self.last is None or (newest[1], self.last.size) < (place[1], head.size):
            self.last = head

    def _verified(self, note: str) -> Checkpoint:
        """By any of the keys. Raises Corrupt, Unreadable, TooLarge."""
        wrong: MusterError = Corrupt("expected a key to verify a head with, got none")
        for name, key in self._keys:
            try:
                return verify_note(note, name, key)
            except MusterError as exc:
                wrong = exc
        raise wrong

    def passed(self, size: int, epoch: int, frontier: Frontier) -> str | None:
        """The log is gone through up to `size`: what is wrong with it by the head signed there, if one was."""
        signed = self._heads.pop((epoch, size), None)
        if signed is None:
            return None
        own = root_of(frontier)
        if own != signed:
            return f"expected the signed root {signed.hex()} at size {size}, got {own.hex()}"
        self.held += 1
        return None

    def restored(self, epoch: object, kept: int, lost_to: object) -> None:
        """The log says that it lost what came after `kept` in an epoch (as far as `lost_to`, where it knows): heads of
        that are no contradiction."""
        upto = lost_to if isinstance(lost_to, int) else None
        lost = [
            place
            for place in self._heads
            if place[0] == epoch and place[1] > kept and (upto is None or place[1] <= upto)
        ]
        for place in lost:
            del self._heads[place]
        self.excused += len(lost)

    def left(self) -> list[str]:
        """Heads that the whole log never came by: it is shorter than it once was, or of another epoch."""
        rest = sorted(self._heads)
        self._heads.clear()
        return [f"expected the {size} events of epoch {epoch} that were once signed" for epoch, size in rest]
