"""Verification of a whole log, from nothing but its bytes.

A `LogVerifier` is fed every stored event in order and then told the head that
the log claims. It trusts no stored leaf and no snapshot: leaves come from the
header bytes, the root from all leaves. Headers are read as JSON and not through
the domain's classes, so a log of any version, or of another program that keeps
the format, can be checked; a field is private when its value in `body` is
exactly `{"sha256": digest}`.

What was found is data (`Problem`), never an exception: one bad event must not
hide the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

from command.errors import Unreadable
from command.ledger import disclosure, merkle
from command.ledger.header import Header, read_header
from command.ledger.heads import SignedHeads
from command.ledger.signers import Signers, StatementKind, Statements

PROBLEMS_KEPT = 100  # a screenful; a log with more is broken as a whole, and the count says how badly

Outcome = Literal["shown-ok", "withheld", "redacted", "MISSING", "mismatched"]
"""What became of one private field. `shown-ok`: its disclosure is there and fits. `withheld`: not
shown to us by a source that does not show all. `redacted`: gone, and a `Redacted` event says on
whose authority. `MISSING`: gone without one, which is an alarm. `mismatched`: there, but another value."""

LogKind = Literal[
    "gap",  # a seq was left out
    "order",  # a seq came twice or out of order
    "header",  # not a header, or one that could be read in two ways
    "log",  # the header is of another log
    "seq",  # the header has another seq than its place
    "epoch",  # epochs run backwards, begin without saying what was lost, or do not end at the head's
    "leaf",  # the stored leaf is not the header's
    "time",  # recorded_at runs backwards
    "disclosure",  # a disclosure does not fit its commitment, or there is none for it
    "missing",  # a disclosure is gone without a Redacted event
    "not destroyed",  # a disclosure is still there although a Redacted event covers it
    "checkpoint",  # the log does not continue a head that was signed earlier
    "size",  # the head counts other than the events
    "root",  # the head's root is not the events'
]

Kind = LogKind | StatementKind


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One disagreement between the log and its proof. `seq` None: about the log as a whole."""

    kind: Kind
    says: str
    seq: int | None = None
    path: str | None = None


class Fields(msgspec.Struct, frozen=True):
    """How many private fields had which outcome."""

    shown: int
    withheld: int
    redacted: int
    missing: int
    mismatched: int


class Verification(msgspec.Struct, frozen=True):
    """The result. `problems` holds the first ones, `problem_count` counts all."""

    log: str
    size: int
    root: bytes
    epoch: int
    fields: Fields
    problems: tuple[Problem, ...]
    problem_count: int
    statements: Statements = Statements()
    leaves: int = 0  # events of which there is the leaf alone: in the tree, their content unseen

    @property
    def ok(self) -> bool:
        """True when nothing at all was found."""
        return self.problem_count == 0


class _Private(msgspec.Struct, frozen=True):
    """The private fields of one event: those shown, and those open with the outcome they get if never redacted."""

    shown: tuple[str, ...]
    open: dict[str, Outcome]


class LogVerifier:
    """Checks one log as it is fed to it. Memory grows with events that have private fields, with nothing else.

    `holds_all`: the source claims to hold every disclosure, as the database does; what
    it has not is then MISSING. An export through a lens does not claim that, and what
    it leaves out is `withheld`. `checkpoints` are roots by size from signed checkpoints
    kept elsewhere: the log must pass through each; `heads` are such as are signed, epoch by epoch. `signers` hold the keys of devices and
    authors: every signed statement is checked with them. `on_field(seq, path, outcome)` is
    called once per private field, as soon as its outcome is final.
    """

    def __init__(
        self,
        log: str,
        *,
        holds_all: bool = True,
        checkpoints: Mapping[int, bytes] | None = None,
        heads: SignedHeads | None = None,
        signers: Signers | None = None,
        on_field: Callable[[int, str, Outcome], None] | None = None,
        problems_kept: int = PROBLEMS_KEPT,
    ) -> None:
        self._log = log
        self._if_absent: Outcome = "MISSING" if holds_all else "withheld"
        self._checkpoints = dict(checkpoints or {})
        self._heads = heads
        self._signers = signers
        self._unchecked = 0
        self._on_field = on_field
        self._problems_kept = problems_kept
        self._problems: list[Problem] = []
        self._problem_count = 0
        self._found: list[Problem] = []
        self._outcomes: Counter[Outcome] = Counter()
        self._frontier: merkle.Frontier = ()
        self._size = 0
        self._leaves = 0
        self._last_seq = 0
        self._epoch = 0
        self._recorded_at: datetime | None = None
        self._private: dict[int, _Private] = {}
        self._by_subject: dict[str, list[int]] = {}
        self._pass_checkpoint()
        for says in heads.problems if heads is not None else ():
            self._problem("checkpoint", says)

    def feed(
        self, seq: int, header: bytes, leaf: bytes, disclosures: Mapping[str, str | None] | None = None
    ) -> tuple[Problem, ...]:
        """Check the next stored event; returns what this event showed to be wrong (at most `problems_kept`).

        `disclosures` maps a field's name to its plain disclosure, or to None where it
        should be there and is not (lost, or its key is gone).
        """
        self._found = []
        if self._place(seq):
            own_leaf = merkle.leaf_hash(header)
            if own_leaf != leaf:
                self._problem("leaf", f"expected leaf {own_leaf.hex()} of the header, got {leaf.hex()}", seq)
            self._grow(own_leaf)
            self._read(seq, header, disclosures or {})
            self._pass_signed(seq)
        return tuple(self._found)

    def feed_leaf(self, seq: int, leaf: bytes, disclosures: Iterable[str] = ()) -> tuple[Problem, ...]:
        """Take the next event's leaf where its header is not shown to us: the tree stands, what it says is not checked.

        `disclosures` are what came with it, which must be nothing: they open fields of a header.
        """
        self._found = []
        if self._place(seq):
            if len(leaf) != merkle.HASH_BYTES:
                self._problem("leaf", f"expected a leaf of {merkle.HASH_BYTES} bytes, got {len(leaf)}", seq)
            if any(True for _ in disclosures):
                self._problem("disclosure", "expected no disclosure without a header, got some", seq)
            self._leaves += 1
            self._grow(leaf)
            self._pass_signed(seq)
        return tuple(self._found)

    def _grow(self, leaf: bytes) -> None:
        self._frontier = merkle.extend(self._frontier, self._size, leaf)
        self._size += 1
        self._pass_checkpoint()

    def _pass_signed(self, seq: int) -> None:
        if self._heads is not None and (says := self._heads.passed(self._size, self._epoch, self._frontier)):
            self._problem("checkpoint", says, seq)

    def finish(self, size: int, root: bytes, epoch: int | None = None) -> Verification:
        """Compare with the head that the log claims, settle what is still open, and give the result."""
        own_root = merkle.root_of(self._frontier)
        if size != self._size:
            self._problem("size", f"expected {size} events by the head, got {self._size}")
        if root != own_root:
            self._problem("root", f"expected root {root.hex()} by the head, got {own_root.hex()} from the events")
        if epoch is not None and self._size and epoch != self._epoch:
            self._problem("epoch", f"expected epoch {epoch} by the head, got {self._epoch} in the last event")
        for signed_size in sorted(self._checkpoints):
            self._problem("checkpoint", f"expected at least the {signed_size} events once signed, got {self._size}")
        self._checkpoints.clear()
        for says in self._heads.left() if self._heads is not None else ():
            self._problem("checkpoint", f"{says}, got {self._size}")
        for seq, private in self._private.items():
            for path, outcome in private.open.items():
                self._settle(seq, path, outcome)
        self._private.clear()
        self._by_subject.clear()
        return Verification(
            log=self._log,
            size=self._size,
            root=own_root,
            epoch=self._epoch,
            fields=self._count_fields(),
            problems=tuple(self._problems),
            problem_count=self._problem_count,
            statements=self._count_statements(),
            leaves=self._leaves,
        )

    def _count_statements(self) -> Statements:
        if self._signers is None:
            return Statements(unchecked=self._unchecked)
        return Statements(self._signers.verified, self._signers.released, self._signers.wrong)

    def _count_fields(self) -> Fields:
        return Fields(
            shown=self._outcomes["shown-ok"],
            withheld=self._outcomes["withheld"],
            redacted=self._outcomes["redacted"],
            missing=self._outcomes["MISSING"],
            mismatched=self._outcomes["mismatched"],
        )

    def _place(self, seq: int) -> bool:
        """Whether this event is the next one or a later one."""
        expected = self._last_seq + 1
        if seq < expected:
            self._problem("order", f"expected seq {expected}, got {seq} again or too late", seq)
            return False
        if seq > expected:
            self._problem("gap", f"expected seq {expected}, got {seq}", seq)
        self._last_seq = seq
        return True

    def _pass_checkpoint(self) -> None:
        signed = self._checkpoints.pop(self._size, None)
        if signed is None:
            return
        own_root = merkle.root_of(self._frontier)
        if signed != own_root:
            says = f"expected the signed root {signed.hex()} at size {self._size}, got {own_root.hex()}"
            self._problem("checkpoint", says, self._size)

    def _read(self, seq: int, raw: bytes, disclosures: Mapping[str, str | None]) -> None:
        try:
            header, wrong = read_header(raw)
        except Unreadable as exc:
            self._problem("header", exc.message, seq)
            return
        for says in wrong:
            self._problem("header", says, seq)
        self._check_envelope(seq, header)
        self._check_fields(seq, header, disclosures)
        if header.statement is not None:
            self._check_statement(seq, raw)
        if header.type == "Redacted":
            self._redact(seq, header.body)
        if header.type == "LogRestored" and self._heads is not None:
            self._heads.restored(header.body.get("epoch"), seq - 1, header.body.get("lost_to"))

    def _check_envelope(self, seq: int, header: Header) -> None:
        if header.log != self._log:
            self._problem("log", f"expected log {self._log!r} in the header, got {header.log!r}", seq)
        if header.seq != seq:
            self._problem("seq", f"expected seq {seq} in the header, got {header.seq}", seq)
        if header.epoch < self._epoch:
            self._problem("epoch", f"expected epoch {self._epoch} or later, got {header.epoch}", seq)
        if self._epoch and header.epoch > self._epoch and header.type != "LogRestored":
            self._problem("epoch", f"expected epoch {header.epoch} to begin with what was lost, got {header.type}", seq)
        self._epoch = max(self._epoch, header.epoch)
        if self._recorded_at is not None and header.recorded_at < self._recorded_at:
            says = f"expected recorded_at from {self._recorded_at.isoformat()}, got {header.recorded_at.isoformat()}"
            self._problem("time", says, seq)
        else:
            self._recorded_at = header.recorded_at

    def _check_fields(self, seq: int, header: Header, disclosures: Mapping[str, str | None]) -> None:
        unused = dict(disclosures)
        shown: list[str] = []
        still_open: dict[str, Outcome] = {}
        for path, value in header.committed():
            digest = disclosure.commitment(value)
            if digest is None:
                continue
            if_absent: Outcome = "MISSING" if path in unused else self._if_absent
            text = unused.pop(path, None)
            if text is None:
                still_open[path] = if_absent
            elif self._fits(seq, path, digest, text):
                shown.append(path)
                self._settle(seq, path, "shown-ok")
            else:
                self._settle(seq, path, "mismatched")
        for path in unused:
            self._problem("disclosure", f"expected a commitment for the disclosure of {path!r}, got none", seq, path)
        if shown or still_open:
            self._private[seq] = _Private(tuple(shown), still_open)
            self._by_subject.setdefault(header.subject, []).append(seq)

    def _check_statement(self, seq: int, raw: bytes) -> None:
        if self._signers is None:
            self._unchecked += 1
            return
        try:
            found = self._signers.check(raw)
        except (ValueError, RecursionError) as exc:
            found = (("statement", f"expected a statement in the header: {exc}"),)
        for kind, says in found:
            self._problem(kind, says, seq)

    def _fits(self, seq: int, path: str, digest: str, text: str) -> bool:
        try:
            if disclosure.digest(text) == digest and disclosure.read(text).path == path:
                return True
            says = f"expected the disclosure of {path!r} that was committed to, got another"
        except Unreadable as exc:
            says = f"expected a disclosure of {path!r}: {exc}"
        self._problem("disclosure", says, seq, path)
        return False

    def _redact(self, at: int, body: Mapping[str, Any]) -> None:
        """A Redacted event covers events before it, of its subject or at its seqs; never later ones."""
        if not body.get("authority") or not body.get("reason"):
            self._problem(
                "header", "expected an authority and a reason for a redaction, got none: it covers nothing", at
            )
            return
        subject, seqs = body.get("subject"), body.get("seqs")
        covered = set(self._by_subject.pop(subject, ())) if isinstance(subject, str) else set()
        if isinstance(seqs, list):
            covered.update(seq for seq in seqs if isinstance(seq, int))
        for seq in sorted(covered):
            private = self._private.pop(seq, None)
            if private is None:
                continue
            for path in private.open:
                self._settle(seq, path, "redacted")
            for path in private.shown:
                self._problem("not destroyed", f"expected {path!r} to be gone since its redaction", seq, path)

    def _settle(self, seq: int, path: str, outcome: Outcome) -> None:
        self._outcomes[outcome] += 1
        if outcome == "MISSING":
            self._problem("missing", f"expected the disclosure of {path!r} or its redaction, got neither", seq, path)
        if self._on_field is not None:
            self._on_field(seq, path, outcome)

    def _problem(self, kind: Kind, says: str, seq: int | None = None, path: str | None = None) -> None:
        problem = Problem(kind, says, seq, path)
        self._problem_count += 1
        for kept in (self._problems, self._found):
            if len(kept) < self._problems_kept:
                kept.append(problem)


def verify_log(
    log: str,
    events: Iterable[tuple[int, bytes, bytes, Mapping[str, str | None] | None]],
    *,
    size: int,
    root: bytes,
    epoch: int | None = None,
    holds_all: bool = True,
    checkpoints: Mapping[int, bytes] | None = None,
) -> Verification:
    """Check a log that fits in one iterable of (seq, header, stored leaf, disclosures) against its claimed head."""
    verifier = LogVerifier(log, holds_all=holds_all, checkpoints=checkpoints)
    for seq, header, leaf, disclosures in events:
        verifier.feed(seq, header, leaf, disclosures)
    return verifier.finish(size, root, epoch)
