"""What a row is made from: a state and a plan, seen through a lens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from command.domain.envelope import Actor
from command.domain.state import State
from command.policy.stack import Stack
from command.views.lens import Lens, sight_of
from command.views.sight import accounts_of, may_read, unit_of


class Scene(msgspec.Struct, frozen=True):
    """What a row is made from."""

    state: State
    stack: Stack
    lens: Lens
    private: Mapping[int, Mapping[str, str]]
    now: datetime
    memo: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)  # what rows of this scene look up often

    def text(self, kind: type, seq: int, path: str, *, own: bool = False) -> str:
        """A private value of an event of that kind, "" where it is withheld from this lens or gone.

        `own`: the share's own people wrote it.
        """
        if sight_of(self.lens).owed and path in accounts_of(kind):
            return ""  # of whichever record: a board does not say whose it shows
        return self.private.get(seq, {}).get(path, "") if may_read(kind, path, self.lens, own=own) else ""

    @property
    def kind(self) -> str:
        """The class of the lens."""
        return sight_of(self.lens).kind

    @property
    def whole(self) -> bool:
        """Whether this is command's or oversight's look."""
        return sight_of(self.lens).whole

    @property
    def lead(self) -> bool:
        """Whether this is a look of the lead agency's people on the ground, of command, or of oversight."""
        return self.kind in ("command", "supervision", "field", "oversight")

    def wrote(self, actor: Actor) -> bool:
        """Whether the author is of the share's agency, or of the units that are supervised."""
        sight = sight_of(self.lens)
        return actor.agency == sight.agency or unit_of(self.state, actor.person) in sight.units

    @property
    def oversight(self) -> bool:
        """Whether confidential reports are on this board."""
        return self.kind == "oversight"

    def answers_for(self, person: str) -> bool:
        """Whether whoever looks gives this person their tasks: command and oversight everybody's, a supervisor their own."""
        sight = sight_of(self.lens)
        return sight.whole or sight.agency is not None or unit_of(self.state, person) in sight.units

    @property
    def agency(self) -> str | None:
        """The agency whose share this is."""
        return sight_of(self.lens).agency

    def sees_agency(self, agency: str | None) -> bool:
        """Command, oversight and the lead agency's field see all agencies; a share sees its own."""
        return self.agency is None or agency == self.agency
