"""What web, stream and exercise see of the service: its words and its calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from command.domain.commands import OpenIncident
from command.domain.envelope import AuthorProof, Origin, Recorded
from command.domain.events import Training
from command.domain.state import State
from command.domain.submission import Answer, Submission
from command.store.ports import AuditRow, PackRow


class Author(msgspec.Struct, frozen=True):
    """Who sends commands: from the session, never from the command. `may` are command names that access allows.

    `rank` is the account's; "" confirms none. None is for the operator of this machine alone,
    whose word about people counts, since whoever may read its data directory may write its accounts.
    """

    person: str
    agency: str
    session: str
    source: str
    may: frozenset[str]
    device: str | None = None
    origin: Origin | None = None  # set by importers and scripts only
    rank: str | None = ""
    training: tuple[Training, ...] = ()  # on the account: what the agency has on record
    stale: frozenset[str] = frozenset()  # of `may`: those that wait for the person to prove themselves again
    proof: AuthorProof = "session"  # of a device's statement: how it is known that this person wrote it
    held: str = ""  # in quarantine, if it was there: it is taken only if nobody turned it down


class Applied(msgspec.Struct, frozen=True):
    """What one commit (ours or another node's) did to a log. Delivered in seq order, exactly once per node."""

    log: str
    epoch: int
    before: State
    after: State
    events: tuple[Recorded, ...]
    root: bytes  # the Merkle root after the last event


Private = Mapping[int, Mapping[str, str]]
"""seq -> private field -> plain value. A missing entry means withheld, redacted or absent."""


class ServiceApi(Protocol):
    """What web, stream and exercise use of the service."""

    async def open_incident(
        self,
        author: Author,
        cmd: OpenIncident,
        cmd_id: str,
        *,
        incident: str | None = None,
        issued_at: datetime | None = None,
    ) -> tuple[str, Answer]:
        """Create the log and open it. Returns the incident id and the answer. Same cmd_id again: same incident."""

    async def incidents(self) -> list[tuple[str, State]]:
        """All incidents of this store with their current state."""

    async def submit(self, log: str, author: Author, submissions: Sequence[Submission]) -> list[Answer]:
        """Take commands; returns when each is durable or refused. Raises NotFound, Busy, Unavailable, NotSignedIn."""

    async def submit_each(self, log: str, pairs: Sequence[tuple[Author, Submission]]) -> list[Answer]:
        """As `submit`, each command with an author of its own."""

    async def state(self, log: str) -> State:
        """The current state on this node (loads the log if needed). Raises NotFound."""

    async def state_at(self, log: str, seq: int) -> State:
        """The state after event `seq`; the same fold as live. Raises NotFound when seq is beyond the head."""

    async def recorded(self, log: str, after: int, limit: int) -> list[Recorded]:
        """Events with seq > after, decoded."""

    async def private(self, log: str, seqs: Sequence[int]) -> Private:
        """Plain private values of these events; cached, evicted on redaction."""

    async def keep_packs(
        self, log: str, files: Sequence[tuple[str, bytes]], audit: Sequence[AuditRow] = ()
    ) -> tuple[str, ...]:
        """Check rule packs (file name, exact bytes) and keep them for a change of plan, with the act's audit entries;
        their names. Raises PackProblems."""

    async def packs(self, log: str) -> list[tuple[str, PackRow]]:
        """Name and file of every pack that was in force in an incident, oldest first."""

    def subscribe(self, log: str, on_applied: Callable[[Applied], None]) -> Callable[[], None]:
        """Call `on_applied` for each commit from now on, in order, from the event loop. Returns the unsubscriber."""

    def position(self, log: str) -> tuple[int, int, bytes]:
        """(epoch, seq, root) of the state that `state` returns now."""
