"""What may be done now, and what it would take: the plan's answers for one person in one sector.

Nothing here is asked for: the requests are looked at and forgotten, and no refusal is
recorded. The program never says which of them to choose.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from command.domain.asks import AnyAsk, every
from command.domain.facts import StateFacts
from command.domain.granting import as_asked
from command.domain.response import reasons
from command.domain.state import LevelAskItem, State
from command.domain.state_force import ForceAskItem
from command.policy.decision import Decision
from command.policy.findings import permits as in_force
from command.policy.grant_rests import wanting
from command.policy.judge import judge
from command.policy.model import PURPOSES, Action
from command.policy.request import Request
from command.policy.stack import Stack
from command.policy.stepping import step_down
from command.views.rows_force import AskPermit, LevelPermit, PermitsView, PosturePermit, ToolPermit
from command.views.said import decision_in_words, in_words

_UP = {"staged": "ready", "ready": "deployed"}


class Asker(msgspec.Struct, frozen=True):
    """Who looks: person, agency and rank of the account."""

    person: str
    agency: str
    rank: str | None = None


def permits(state: State, stack: Stack, sector: str, asker: Asker, now: datetime, *, then: bool = False) -> PermitsView:
    """The plan's answers at `now`. A sector that is not defined has no level and permits nothing.

    `then`: `now` is a moment of a replay, and `state` what was on record by then.
    """
    look = _Look(state, stack, sector, asker, now)
    held = in_force(stack, look.facts, sector, now)
    return PermitsView(
        sector=sector,
        now=now,
        level=held.level,
        level_name=held.name,
        lapsed=held.lapsed,
        until=held.until,
        permits=held.permits,
        levels=look.levels(),
        tools=look.tools(),
        postures=look.postures(),
        asks=look.asks(),
        then=then,
        step_down=step_down(stack, look.facts, sector, now),
    )


class _Look:
    """One person's look at one sector."""

    def __init__(self, state: State, stack: Stack, sector: str, asker: Asker, now: datetime) -> None:
        self.facts = StateFacts(state)
        self._state = state
        self._stack = stack
        self._sector = sector
        self._asker = asker
        self._now = now

    def _judge(self, action: Action, **about: Any) -> Decision:
        """The plan's answer to an ask made this very moment by someone who has seen everything."""
        request = Request(
            action=action,
            person=self._asker.person,
            agency=self._asker.agency,
            rank=self._asker.rank,
            sector=self._sector,
            ask_age_s=0.0,
            basis_age_s=0.0,
            **about,
        )
        return decision_in_words(self._state, judge(self._stack, self.facts, request, self._now))

    def levels(self) -> tuple[LevelPermit, ...]:
        """Every rung from where the sector stands."""
        fact = self.facts.level(self._sector, self._now)
        here = self._stack.level(fact.level) if fact else None
        seen = self.facts.findings_since(self._sector, datetime.min.replace(tzinfo=UTC), self._now)
        signs = tuple(fact.finding for fact in seen)
        found = []
        for rung in self._stack.ladder:
            decision: Decision | None = None
            direction = "here"
            if here is None or rung.place > here.place:
                direction, decision = "up", self._judge("level.raise", level=rung.id, indicators=signs)
            elif rung.place < here.place:
                direction, decision = "down", self._judge("level.lower", level=rung.id)
            found.append(LevelPermit(rung.id, rung.name, rung.order, direction, decision))
        return tuple(found)

    def tools(self) -> tuple[ToolPermit, ...]:
        """Every tool of the plan, and every measure against a whole group, for every purpose that a rule speaks of."""
        found: list[ToolPermit] = []
        for tool in dict.fromkeys((*self._stack.tools, *self._stack.measures.tools)):
            known = self._stack.tools.get(tool)
            grant = known.grant if known else "needed"
            purposes = self._purposes(tool) if grant == "needed" else PURPOSES[:1]
            for purpose in purposes:
                decision = self._judge("force.grant", tool=tool, purpose=purpose)
                standing, resting = self._standing(tool, purpose)
                found.append(ToolPermit(tool, purpose, grant, decision, standing, resting, group=known is None))
        return tuple(found)

    def _purposes(self, tool: str) -> tuple[str, ...]:
        kind = self.facts.jurisdiction_kind(self.facts.lead_agency) if self.facts.lead_agency else None
        measures = {p: self._stack.measures.of(tool, p, kind, frozenset()) for p in PURPOSES}
        return tuple(p for p, measure in measures.items() if measure is not None and measure.gates)

    def _standing(self, tool: str, purpose: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """Grants in force, oldest first (in the order of their record, which is the same on every node), and those
        that run by the clock alone: what they rest on is gone, as a finding on a use would say."""
        running = [
            (item.grant, wanting(self._stack, self.facts, item, self._now))
            for item in self.facts.grants_of(tool, self._sector, self._now, self._now)
            if item.purpose == purpose and self._state.grants.all[item.grant].stands(self._now)
        ]
        running.reverse()
        standing = tuple(name for name, why in running if not why)
        return standing, tuple((name, in_words(self._state, why)) for name, why in running if why)

    def asks(self) -> tuple[AskPermit, ...]:
        """Every ask that waits in the sector, as the plan stands now on this very person granting it.

        The person's own part (their facts, what they saw, where they are) is still to come
        and stands among what is missing.
        """
        waiting = (one for one in every(self._state) if one.sector == self._sector and one.expires > self._now)
        return tuple(AskPermit(one.ask, self._answer(one)) for one in sorted(waiting, key=lambda one: one.seq))

    def _answer(self, ask: AnyAsk) -> Decision:
        who: dict[str, Any] = {"requester": ask.by.person}
        if isinstance(ask, LevelAskItem):
            return self._judge("level.grant", level=ask.level, **who, **reasons(ask))
        if isinstance(ask, ForceAskItem):
            about = as_asked(ask, ask.scope)
            del about["sector"]
            return self._judge("force.grant", ask=ask.ask, lasts_s=ask.lasts_s, **who, **about)
        about = {"posture": ask.posture, "state": ask.state, "findings": ask.findings, "purpose": ask.purpose}
        return self._judge("posture.raise", **who, **about)

    def postures(self) -> tuple[PosturePermit, ...]:
        """Every gear and vehicle of the plan, one step up from where it is."""
        found: list[PosturePermit] = []
        for item in self._stack.postures.values():
            fact = self.facts.posture(self._sector, item.id, self._now)
            state = fact.state if fact else "staged"
            to = _UP.get(state, "")
            decision = self._judge("posture.raise", posture=item.id, state=to) if to else None
            found.append(PosturePermit(item.id, item.title, state, to, decision))
        return tuple(found)
