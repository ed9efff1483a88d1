"""One live socket as the stream knows it, and who says what it may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from command.errors import MusterError
from command.stream.frames import Me
from command.stream.outlet import Outlet
from command.views.lens import Lens

if TYPE_CHECKING:
    from command.access.model import Subject


class Watch(Protocol):
    """Whose eyes these are, asked again and again: what access knows of a live socket."""

    def sight(self, subject: Subject, incident: str) -> Me | None:
        """How the subject sees the incident now (`me.lens`), None: not at all. Cheap, no I/O, from `subject.grants`."""

    def version(self) -> int:
        """Grows whenever `sight` may answer differently for someone on this node."""

    async def live(self, sessions: Sequence[str]) -> Mapping[str, Subject]:
        """Those of these public session ids that have not ended, each with its grants of now."""


class Member:
    """One live socket. `restart` names why what it holds must be replaced by a snapshot."""

    __slots__ = ("checkpoints", "gone", "me", "outlet", "restart", "since", "subject")

    def __init__(self, outlet: Outlet, subject: Subject, me: Me) -> None:
        self.outlet = outlet
        self.subject = subject
        self.me = me
        self.restart: str | None = None
        self.since = 0
        self.gone: MusterError | None = None
        self.checkpoints = False  # asked to be told of signed heads

    @property
    def lens(self) -> Lens:
        """Through which lens it is served."""
        return Lens(self.me.lens)
