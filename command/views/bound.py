"""The views bound to a plan and a clock, as the stream and the web room ask for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from command.domain.clock import incident_time
from command.domain.envelope import Recorded
from command.domain.state import State
from command.policy.page_html import as_html
from command.policy.stack import Stack
from command.views import board as boards
from command.views import first_account, timeline
from command.views.board import Private
from command.views.lens import Lens
from command.views.permits import Asker, permits
from command.views.plan_words import PlanWords, plan_words
from command.views.rows import Board, Change, ClockInfo, Entry, PermitsView
from command.views.scene import Scene

INCIDENTS_KEPT: Final = 64
"""Incidents of which it is kept who owes a first account; a node follows a handful."""


class BoundViews:
    """`now` is the wall clock; `stack_of` gives the rules that an incident is judged by, `stack_at` those of a time."""

    def __init__(
        self,
        stack_of: Callable[[State], Stack],
        now: Callable[[], datetime],
        stack_at: Callable[[State, datetime], Stack] | None = None,
    ) -> None:
        self._stack_of = stack_of
        self._stack_at = stack_at or (lambda state, _at: stack_of(state))
        self._now = now
        self._owing: dict[str, tuple[State, first_account.Owing]] = {}

    def incident_now(self, state: State) -> datetime:
        """The incident's time now; never before its newest event."""
        clock = state.incident.clock if state.incident else None
        now = incident_time(clock, self._now())
        return now if state.recorded_at is None else max(now, state.recorded_at)

    def clock(self, state: State) -> ClockInfo:
        """The incident's clock as it stands now."""
        clock = state.incident.clock if state.incident else None
        return ClockInfo(self.incident_now(state), clock.rate if clock else 1.0, clock is not None)

    def needs(self, state: State) -> Sequence[int]:
        """Events whose private values the board shows."""
        return boards.needs(state)

    def board(self, state: State, lens: Lens, private: Private) -> Board:
        """The whole board as it looks now."""
        return self.board_at(state, lens, private, self.incident_now(state))

    def board_at(self, state: State, lens: Lens, private: Private, at: datetime) -> Board:
        """The whole board as it looked at `at`."""
        return boards.board(state, self._stack_of(state), lens, private, at)

    def changes(self, before: State, after: State, lens: Lens, private: Private) -> Sequence[Change]:
        """What turns one board into the other."""
        stack, now = self._stack_of(after), self.incident_now(after)
        return boards.changes(before, after, stack, lens, private, now, was=self._stack_of(before))

    def entry(
        self, state: State, recorded: Recorded, lens: Lens, private: Mapping[str, str], viewer: str | None = None
    ) -> Entry | None:
        """One event as a line of the feed, in the words of the plan of its time; `viewer` reads what they wrote."""
        stack = self._stack_at(state, recorded.header.recorded_at)
        return timeline.entry(state, stack, recorded, lens, private, viewer)

    def shows_header(self, state: State, recorded: Recorded, lens: Lens, viewer: str | None = None) -> bool:
        """Whether the exact bytes of an event's header are for this lens; where not, its leaf is all that may leave."""
        stack = self._stack_at(state, recorded.header.recorded_at)
        return timeline.shows_header(state, stack, recorded, lens, viewer)

    def narrowed(self, state: State, lens: Lens, person: str) -> Lens:
        """The lens as this very person looks through it: what they owe a first account of is withheld."""
        owed = self._owing.get(state.log)
        if owed is None or first_account.changed(owed[0], state):
            if len(self._owing) >= INCIDENTS_KEPT:
                self._owing.clear()
            owed = self._owing[state.log] = (state, first_account.owing(state))
        return first_account.narrowed(lens, person, owed[1])

    def owing_changed(self, before: State, after: State) -> bool:
        """Whether `narrowed` may differ between two states of one log."""
        return first_account.changed(before, after)

    def scene(self, state: State, lens: Lens, private: Private, at: datetime | None = None) -> Scene:
        """What rows and records of a state are made from as it looks now, or as it looked at `at`."""
        return Scene(state, self._stack_of(state), lens, private, self.incident_now(state) if at is None else at)

    def permits(self, state: State, sector: str, asker: Asker, at: datetime | None = None) -> PermitsView:
        """What the plan does not bar in a sector now, for this person; with `at`, what it did not bar then."""
        now = self.incident_now(state) if at is None else at
        return permits(state, self._stack_of(state), sector, asker, now, then=at is not None)

    def plan_words(self, state: State) -> PlanWords:
        """The words of the plan that the incident is judged by."""
        return plan_words(self._stack_of(state))

    def plan_page(self, state: State, base: str) -> str:
        """That plan as an HTML page, whose stylesheet and icon are below `base`."""
        return as_html(self._stack_of(state), base=base)
