"""An incident is judged by the plan that it pinned, whatever a node was started with later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from command.domain.persistent import Series
from command.domain.state import Incident, State, initial
from command.domain.state_force import PlanChanges, StackSpan
from command.errors import Unavailable
from command.library import load_stack, read_files
from command.policy.stack import Stack
from command.service.shelf import Shelf
from command.store.memory import MemoryStore

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
FILES = read_files()
MINE = load_stack(FILES)
OTHER = load_stack([(name, raw.replace(b'"10 min"', b'"11 min"')) for name, raw in FILES])


def opened(stack: Stack) -> State:
    """The state of an incident that was opened under these packs."""
    incident = Incident("March", "planned", "metro-pd", "UTC", stack.digests, (), NOW)
    return State(log="march", incident=incident)


def store() -> MemoryStore:
    """An empty store."""
    return MemoryStore(lambda: NOW)


async def test_a_node_with_another_plan_judges_by_the_pinned_one() -> None:
    """The packs of the opening node come back from the store, exactly."""
    kept = store()
    await Shelf(kept, MINE, FILES).keep_own()
    shelf = Shelf(kept, OTHER)
    assert OTHER.digests != MINE.digests
    assert (await shelf.fetch(opened(MINE))).digests == MINE.digests
    assert shelf.of(opened(MINE)).digests == MINE.digests


async def test_a_log_that_is_not_open_gets_the_nodes_own_plan() -> None:
    """What is opened here is opened under this node's packs."""
    shelf = Shelf(store(), MINE)
    assert await shelf.fetch(initial("new")) is MINE
    assert shelf.of(initial("new")) is MINE


async def test_a_pack_that_is_nowhere_stops_judgement_instead_of_changing_it() -> None:
    """Nothing is judged by another plan than the incident's own."""
    with pytest.raises(Unavailable, match="muster-model"):
        await Shelf(store(), OTHER).fetch(opened(MINE))


async def test_only_what_came_into_force_is_kept_at_hand() -> None:
    """A stack that was proposed and refused is forgotten; of the others the one asked about a moment is shown."""
    kept = store()
    await Shelf(kept, MINE, FILES).keep_own()
    changed = [(name, raw.replace(b'"10 min"', b'"11 min"')) for name, raw in FILES]
    shelf = Shelf(kept, MINE)
    assert await shelf.keep(changed) == OTHER.digests
    proposed = await shelf.proposed([OTHER.digests, ("ghost@sha256:" + "0" * 64,)])
    assert list(proposed.stacks) == [OTHER.digests] and len(proposed.unfit) == 1
    before, state = opened(MINE), gone_over(MINE, OTHER)
    shelf.remember(before, proposed)
    assert shelf.of(state) is MINE, "not at hand: only for showing, and its own then"
    shelf.remember(state, proposed)
    assert shelf.of(state) is proposed.stacks[OTHER.digests] and shelf.of(state, NOW) is MINE
    assert set(await shelf.fetch_all(state)) == {MINE.digests, OTHER.digests}
    assert (await shelf.fetch(state, NOW)) is MINE


def gone_over(first: Stack, then: Stack) -> State:
    """The state of an incident that changed its plan an hour after it opened."""
    spans = Series[StackSpan]().append(StackSpan(first.digests, NOW, 1))
    spans = spans.append(StackSpan(then.digests, NOW + timedelta(hours=1), 9))
    incident = Incident("March", "planned", "metro-pd", "UTC", then.digests, (), NOW)
    return State(log="march", incident=incident, plan=PlanChanges(stacks=spans))
