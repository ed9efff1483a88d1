"""Past states from the nearest keyframe."""

from __future__ import annotations

import pytest

from command.service import history as history_module
from command.service.history import History
from tests.support.desk import LOG, Desk
from tests.support.given import LOG as SPEC
from tests.support.given import STAFFED, given


def test_a_keyframe_is_kept_where_none_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "KEYFRAME_EVERY", 4)
    states = given(*STAFFED).world.states
    history = History(SPEC)
    for place in (9, 2, 4, 5, 9, 10):
        history.note(states[place])
    assert history._seqs == [0, 4, 9]
    assert [state.seq for state in history._states] == history._seqs


async def test_a_long_way_is_walked_in_chunks_and_leaves_keyframes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "KEYFRAME_EVERY", 3)
    monkeypatch.setattr(history_module, "READ_CHUNK", 2)
    async with Desk() as desk:
        await desk.staffed()
        history = History(LOG)
        assert await history.at(desk.store, 6) == await desk.state()
        assert history._seqs == [0, 3, 6]
        assert (await history.at(desk.store, 5)).seq == 5 and (await history.at(desk.store, 0)).seq == 0
