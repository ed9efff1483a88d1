"""Past states: the same fold as live, from the nearest keyframe.

Keyframes are states of the live fold itself. They share structure with each other,
so a thousand of them cost little more than the newest one.
"""

from __future__ import annotations

import bisect

from command.domain.codec import decode_recorded
from command.domain.fold import evolve, initial
from command.domain.state import State
from command.errors import Corrupt
from command.store.ports import Store

# A seek folds at most this many events: about 10 ms of reading and folding.
KEYFRAME_EVERY = 1_000

READ_CHUNK = 5_000


class History:
    """Keyframes of one log, in order of seq."""

    def __init__(self, log: str) -> None:
        self._log = log
        self._seqs: list[int] = [0]
        self._states: list[State] = [initial(log)]

    def note(self, state: State) -> None:
        """Keep a state as a keyframe if none is near it."""
        at = bisect.bisect_right(self._seqs, state.seq) - 1
        if state.seq - self._seqs[at] < KEYFRAME_EVERY:
            return
        self._seqs.insert(at + 1, state.seq)
        self._states.insert(at + 1, state)

    async def at(self, store: Store, seq: int) -> State:
        """The state after event `seq`. Reads from the nearest keyframe on; seq must exist."""
        state = self._states[bisect.bisect_right(self._seqs, seq) - 1]
        while state.seq < seq:
            rows = await store.events(self._log, state.seq, min(READ_CHUNK, seq - state.seq))
            if not rows:
                raise Corrupt(f"expected events up to {seq}, found up to {state.seq}", where="events")
            for row in rows:
                state = evolve(state, decode_recorded(row.header))
                if row.seq % KEYFRAME_EVERY == 0:
                    self.note(state)
        return state
