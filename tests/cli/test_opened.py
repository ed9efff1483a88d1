"""Opening what `muster verify` looks at: a changed box is named, and the rest is looked at all the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from command.cli.proof import CHANGED, _opened
from command.errors import Corrupt
from command.store.ports import DisclosureRow


class Boxes:
    """A vault that opens every box but those of some events."""

    def __init__(self, *changed: int) -> None:
        self.changed = changed

    async def open(self, _log: str, rows: Sequence[DisclosureRow]) -> list[str | None]:
        """As Vault.open: all of them, or Corrupt."""
        if any(row.seq in self.changed for row in rows):
            raise Corrupt("expected a box sealed under this key")
        return [f"text {row.seq}" for row in rows]


@pytest.mark.parametrize("changed", [(), (1,), (4, 5), (9,), tuple(range(1, 10))])
async def test_each_box_that_was_changed_is_told_from_those_that_were_not(changed: tuple[int, ...]) -> None:
    """In their order, wherever the changed ones stand."""
    rows = [DisclosureRow(seq, "text", "e:1", b"box") for seq in range(1, 10)]
    opened = await _opened(Boxes(*changed), "log", rows)  # type: ignore[arg-type]  # of the vault, only open
    assert opened == [CHANGED if row.seq in changed else f"text {row.seq}" for row in rows]
