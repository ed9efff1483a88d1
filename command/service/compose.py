"""What a batch of commands appends: decided one after the other on immutable state. Pure.

The writer holds the head lock, hands in what it read, and stores what comes out.
Nothing here waits, and nothing is installed before the commit is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from command.domain.arrest import ALIKE_NOTE
from command.domain.clock import incident_time
from command.domain.codec import SCHEMAS
from command.domain.commands import Ask, Command, OpenIncident, Redact
from command.domain.deciding import Context, Draft, Refusal
from command.domain.envelope import HEADER_VERSION, HIDDEN, Actor, Header, Recorded, Statement, encode_header
from command.domain.events import AskRefused, IncidentClock, Redacted
from command.domain.events_arrest import NarrativesAlike
from command.domain.facts import StateFacts
from command.domain.fold import decide, evolve
from command.domain.state import State
from command.domain.submission import Answer, Submission
from command.ledger import merkle
from command.ledger.disclosure import encode_bytes
from command.policy.model import INCIDENT_COMMANDER
from command.policy.stack import Stack
from command.service.api import Author
from command.service.sealing import Salts, SealedAuthor, SealedEvent, is_confidential, seal, seal_actor, subject_of
from command.store.ports import HELD_BACK, AuditRow, CommandRow, EventRow, Head

_json = msgspec.json.Encoder()
_answers = msgspec.json.Decoder(Answer)

Near = Callable[[Command], tuple[tuple[str, float], ...]]
"""Other arrests whose account reads like the command's, with the likeness: what only the shell can compare."""


class Pending(msgspec.Struct, frozen=True):
    """A command that waits for its turn: decoded, with what is remembered of its bytes."""

    author: Author
    submission: Submission
    cmd: Command
    digest: bytes  # of the received bytes, keyed
    statement: Statement | None = None
    given: dict[str, str] = {}  # a device's own disclosures, by path
    retried: bool = False  # its commit's outcome was unknown: a stored answer is its own


class Secret(msgspec.Struct, frozen=True):
    """The disclosures of one event, still in plain text, and under whose key they go."""

    seq: int
    subject: str
    disclosures: dict[str, str]
    plain: dict[str, str]


class Composed(msgspec.Struct, frozen=True):
    """What one transaction will append, and what it answers."""

    head: Head
    state: State
    recorded: tuple[Recorded, ...]
    events: tuple[EventRow, ...]
    secrets: tuple[Secret, ...]
    commands: tuple[CommandRow, ...]
    audit: tuple[AuditRow, ...]
    answers: tuple[Answer, ...]
    redact_subjects: tuple[str, ...]
    redact_seqs: tuple[int, ...]


class Given(msgspec.Struct, frozen=True):
    """What the writer read under the lock, and what the shell supplies."""

    state: State
    head: Head
    known: Mapping[str, CommandRow]
    revoked: frozenset[str]
    stack: Stack
    salts: Salts
    basis_age_s: Callable[[int], float | None]
    stacks: Mapping[tuple[str, ...], Stack] = {}  # earlier ones of this incident, and those that commands propose
    unfit: Mapping[tuple[str, ...], tuple[str, ...]] = {}  # proposed, and why there is none
    strangers: frozenset[str] = frozenset()  # whom an order to erase names, and of whom nothing is kept
    near: Near | None = None  # other arrests whose account reads like a command's; None: nobody compares


def compose(given: Given, pending: Sequence[Pending]) -> Composed:
    """Decide a batch. Each command is answered in its place, whatever became of the others."""
    turn = _Turn(given)
    answers = tuple(turn.take(item) for item in pending)
    return turn.result(answers)


def _author_of(item: Pending) -> str:
    """Whose a command is, for repeating it. A confidential one is known by its bytes, which only their author has."""
    return HIDDEN.person if is_confidential(item.cmd) else item.author.person


def _without_author(header: Header, author: SealedAuthor) -> Header:
    """The header of a confidential event: nothing in it leads to a person or a device.

    A statement names its device, what someone had seen and how far their clock is off tell who they are.
    """
    return msgspec.structs.replace(
        header, actor=HIDDEN, confidential=author.commitments, statement=None, basis_seq=None, clock_error_ms=0
    )


LET_IN = "it came from quarantine: an administrator let it in, after its device was revoked or its author unproven"
"""Stands in the finding of a report that was held back."""


def _was_held(author: Author) -> bool:
    return author.origin is not None and author.origin.kind == "quarantine"


def _released(draft: Draft) -> Draft:
    """A finding says what its report was, whatever the plan makes of it."""
    if draft.finding is None:
        return draft
    finding = msgspec.structs.replace(draft.finding, reasons=(*draft.finding.reasons, LET_IN))
    return msgspec.structs.replace(draft, finding=finding)


class _Turn:
    """One pass over a batch: the state and tree as they grow."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._state = given.state
        self._frontier = given.head.frontier
        self._recorded: list[Recorded] = []
        self._events: list[EventRow] = []
        self._secrets: list[Secret] = []
        self._commands: dict[str, CommandRow] = {}
        self._audit: list[AuditRow] = []
        self._subjects: list[str] = []
        self._seqs: list[int] = []

    def take(self, item: Pending) -> Answer:
        sub, author = item.submission, item.author
        name = type(item.cmd).__name__
        if author.session in self._given.revoked:
            self._note(item, name, "denied", "session ended")
            return Answer(sub.cmd, "denied", problem="expected a live session, this one has ended")
        if author.held and HELD_BACK + author.held in self._given.revoked:
            self._note(item, name, "denied", "turned down")
            return Answer(sub.cmd, "denied", problem="expected a record that waits, this one was turned down")
        if name not in author.may:
            self._note(item, name, "denied", "access")
            return Answer(sub.cmd, "denied", problem=f"access does not let you send {name} here")
        row = self._commands.get(sub.cmd) or self._given.known.get(sub.cmd)
        if row is not None:
            return self._repeat(item, name, row)
        if name in author.stale:
            self._note(item, name, "denied", "step-up")
            return Answer(sub.cmd, "denied", problem="expected a fresh proof of who is there", code="step-up")
        if (whom := self._stranger(item.cmd)) is not None:
            self._note(item, name, "failed", "unreadable")
            expected = "expected a person of this incident, but nothing is kept about"
            return Answer(
                sub.cmd, "unreadable", problem=f"{expected} {whom}: nothing was erased", where="command.subject"
            )
        return self._decide(item, name)

    def _stranger(self, cmd: Command) -> str | None:
        """Whom an order to erase names, if nothing is kept of them, nor comes with this very batch."""
        whom = cmd.subject if isinstance(cmd, Redact) else None
        told = any(secret.subject == whom for secret in self._secrets)
        return whom if whom in self._given.strangers and not told else None

    def _repeat(self, item: Pending, name: str, row: CommandRow) -> Answer:
        """The same bytes from the same author get the first answer; another author learns nothing."""
        if row.actor != _author_of(item) or row.digest != item.digest:
            self._note(item, name, "failed", "conflict")
            return Answer(item.submission.cmd, "conflict", problem="this command id was used for something else")
        if item.retried:
            return _answers.decode(row.answer)  # its entry was written with its commit
        self._note(item, name, "ok", "duplicate")
        return Answer(item.submission.cmd, "duplicate", first=_answers.decode(row.answer))

    def _decide(self, item: Pending, name: str) -> Answer:
        ctx = self._context(item)
        outcome = decide(self._state, item.cmd, ctx)
        if isinstance(outcome, Refusal):
            asked = AskRefused(name, outcome.sector, outcome.detail)
            drafts: tuple[Draft, ...] = (Draft(asked, decision=outcome.decision),)
        else:
            drafts = tuple(_released(draft) for draft in outcome) if _was_held(item.author) else outcome
        first = self._state.seq + 1
        for number, draft in enumerate(drafts):
            self._append(item, ctx, draft, number)
        answer = self._answer(item, first, drafts, refused=isinstance(outcome, Refusal))
        row = CommandRow(
            item.submission.cmd, _author_of(item), item.digest, first, self._state.seq, _json.encode(answer)
        )
        self._commands[row.cmd] = row
        self._note(item, name, "ok" if answer.status == "accepted" else "refused", f"{first}-{self._state.seq}")
        return answer

    def _context(self, item: Pending) -> Context:
        sub, wall = item.submission, self._given.head.wall
        clock = self._clock(item.cmd)
        now = incident_time(clock, wall)
        if self._state.recorded_at is not None:
            now = max(now, self._state.recorded_at)
        # An ask happens when it is judged; only a report is about another moment.
        claimed = None if isinstance(item.cmd, Ask) else sub.occurred_at
        return Context(
            cmd=sub.cmd,
            actor=self._actor(item.author, now),
            now=now,
            occurred_at=(claimed or now).astimezone(UTC),
            stack=self._stack(),
            wall=wall,
            clock_error_ms=sub.clock_error_ms,
            ask_age_s=(wall - sub.issued_at).total_seconds() if sub.issued_at else None,
            basis_age_s=self._basis_age(sub.basis_seq),
            origin=item.author.origin,
            rank=item.author.rank,
            training=item.author.training,
            alike=self._given.near(item.cmd) if self._given.near is not None else (),
            stacks=self._given.stacks,
            unfit=self._given.unfit,
        )

    def _stack(self) -> Stack:
        """The rules now: a command of this very batch may have changed them."""
        packs = self._state.incident.packs if self._state.incident else None
        return self._given.stack if packs is None else self._given.stacks.get(packs, self._given.stack)

    def _clock(self, cmd: Command) -> IncidentClock | None:
        if self._state.incident is not None:
            return self._state.incident.clock
        if isinstance(cmd, OpenIncident) and cmd.clock_origin is not None:
            return IncidentClock(cmd.clock_origin, self._given.head.wall, cmd.clock_rate)
        return None

    def _basis_age(self, basis: int | None) -> float | None:
        """0.0 for an author who had seen everything that was there when this batch began.

        Nobody has seen what is not there yet: a basis beyond the log says nothing.
        """
        if basis is None or basis > self._given.state.seq:
            return None
        return 0.0 if basis == self._given.state.seq else self._given.basis_age_s(basis)

    def _actor(self, author: Author, now: datetime) -> Actor:
        held = self._held(author.person, now)
        return Actor(author.person, author.agency, held, author.device)

    def _held(self, person: str, now: datetime) -> str | None:
        """The position on whose authority someone acts: command before any other, then by name."""
        held = StateFacts(self._state).positions_of(person, now)
        return INCIDENT_COMMANDER if INCIDENT_COMMANDER in held else next(iter(held), None)

    def _append(self, item: Pending, ctx: Context, draft: Draft, number: int) -> None:
        seq = self._state.seq + 1
        event_id = f"{item.submission.cmd}.{number}"
        sealed = seal(draft.event, self._given.salts, item.given)
        author = seal_actor(ctx.actor, self._given.salts) if is_confidential(item.cmd) else None
        header = self._header(item, ctx, draft, sealed, seq, event_id)
        if author is not None:
            header = _without_author(header, author)
            both = sealed.disclosures | author.disclosures
            sealed = SealedEvent(sealed.event, both, sealed.plain | author.plain)
        raw = encode_header(header)
        leaf = merkle.leaf_hash(raw)
        self._frontier = merkle.extend(self._frontier, seq - 1, leaf)
        self._events.append(EventRow(seq, raw, leaf))
        entry = Recorded(header, sealed.event)
        self._recorded.append(entry)
        self._state = evolve(self._state, entry)
        if sealed.disclosures:
            subject = subject_of(draft.event, event_id)
            self._secrets.append(Secret(seq, subject, sealed.disclosures, sealed.plain))
        if isinstance(draft.event, Redacted):
            self._redact(draft.event)

    def _redact(self, event: Redacted) -> None:
        if event.subject is not None:
            self._subjects.append(event.subject)
        self._seqs.extend(event.seqs)

    def _header(
        self, item: Pending, ctx: Context, draft: Draft, sealed: SealedEvent, seq: int, event_id: str
    ) -> Header:
        kind = type(draft.event).__name__
        exercise = self._clock(item.cmd) is not None
        return Header(
            v=HEADER_VERSION,
            log=self._given.head.log,
            epoch=self._given.head.epoch,
            seq=seq,
            id=event_id,
            type=kind,
            schema=SCHEMAS[kind],
            occurred_at=draft.at or ctx.occurred_at,
            recorded_at=ctx.now,
            actor=ctx.actor,
            cmd=item.submission.cmd,
            body=msgspec.Raw(_json.encode(sealed.event)),
            clock_error_ms=ctx.clock_error_ms,
            wall_at=ctx.wall if exercise else None,
            basis_seq=item.submission.basis_seq,
            packs=ctx.stack.digest,
            decision=draft.decision,
            finding=draft.finding,
            supersedes=draft.supersedes,
            origin=ctx.origin,
            statement=item.statement if event_id.endswith(".0") else None,
        )

    def _answer(self, item: Pending, first: int, drafts: tuple[Draft, ...], *, refused: bool) -> Answer:
        row, draft = self._events[first - self._given.head.seq - 1], drafts[0]
        alike = any(isinstance(one.event, NarrativesAlike) for one in drafts)
        return Answer(
            cmd=item.submission.cmd,
            status="refused" if refused else "accepted",
            seq=first,
            last_seq=self._state.seq,
            header=encode_bytes(row.header),
            decision=draft.decision,
            finding=draft.finding,
            notes=(ALIKE_NOTE,) if alike else (),
        )

    def _note(self, item: Pending, name: str, outcome: str, detail: str) -> None:
        author, hidden = item.author, is_confidential(item.cmd)
        self._audit.append(
            AuditRow(
                at=self._given.head.wall,
                who=HIDDEN.person if hidden else author.person,
                session="" if hidden else author.session,
                source="" if hidden else author.source,
                action=f"command.{name}",
                object=self._given.head.log,
                outcome=outcome,
                detail=detail,
            )
        )

    def result(self, answers: tuple[Answer, ...]) -> Composed:
        head = msgspec.structs.replace(
            self._given.head,
            seq=self._state.seq,
            frontier=self._frontier,
            root=merkle.root_of(self._frontier),
            recorded_at=self._state.recorded_at,
        )
        return Composed(
            head=head,
            state=self._state,
            recorded=tuple(self._recorded),
            events=tuple(self._events),
            secrets=tuple(self._secrets),
            commands=tuple(self._commands.values()),
            audit=tuple(self._audit),
            answers=answers,
            redact_subjects=tuple(self._subjects),
            redact_seqs=tuple(self._seqs),
        )
