"""The server's pauses: what stands since its start is not looked through again and again."""

from __future__ import annotations

import gc

from command.cli.serve import fewer_pauses


def test_what_was_started_is_left_alone_by_the_collector() -> None:
    before = gc.get_threshold()
    try:
        fewer_pauses()
        assert gc.get_freeze_count() > 10_000
        assert gc.get_threshold() > before
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
