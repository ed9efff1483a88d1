"""Snapshots: a cache, with equal bytes for equal states."""

from __future__ import annotations

import pytest

from command.service.snapshots import decode_state, encode_state, fold_version, state_hash
from tests.support.stories import story


@pytest.mark.parametrize("seed", range(3))
def test_a_state_goes_to_bytes_and_back_and_goes_on_being_the_same(seed: int) -> None:
    world = story(seed)
    for state in world.states[::10]:
        thawed = decode_state(encode_state(state))
        assert thawed == state and thawed is not None and state_hash(thawed) == state_hash(state)
    assert len({state_hash(state) for state in world.states}) == len(world.states)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b'{"log":3}', b'{"log":"x","counts":3}', b'{"log":"x","counts":[3]}']
)
def test_bytes_that_are_no_state_are_none(raw: bytes) -> None:
    assert decode_state(raw) is None


def test_the_version_of_the_fold_is_one_for_this_code() -> None:
    assert fold_version() == fold_version() and len(fold_version()) == 16
