"""What a row is made from: a state and a plan, seen through a lens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from command.domain.state import State
from command.policy.stack import Stack
from command.views.lens import Lens, lens_agency


class Scene(msgspec.Struct, frozen=True):
    """What a row is made from."""

    state: State
    stack: Stack
    lens: Lens
    private: Mapping[int, Mapping[str, str]]
    now: datetime
    memo: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)  # what rows of this scene look up often

    def text(self, seq: int, path: str) -> str:
        """A private value, "" where it is withheld or gone."""
        return self.private.get(seq, {}).get(path, "")

    @property
    def agency(self) -> str | None:
        """The agency whose share this is."""
        return lens_agency(self.lens)

    def sees_agency(self, agency: str | None) -> bool:
        """Command, oversight and the lead agency's field see all agencies; a share sees its own."""
        return self.agency is None or agency == self.agency
