"""What the plan may ask of the fold about force: the half of `policy.facts.Facts` behind the rooms of force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter

from command.domain.intervals import grants_key, posture_at, version_at
from command.domain.item import Span
from command.domain.persistent import Series
from command.domain.state import SIGNS, ForceReport, Observation, State
from command.domain.state_arrest import Arrest
from command.domain.state_force import Delegated, GrantItem, Suspended
from command.domain.timeline import Timeline
from command.policy.facts import (
    Attempted,
    AttemptFact,
    CoSignFact,
    DelegationFact,
    FoundFact,
    GrantFact,
    PostureFact,
    PresenceFact,
    SuspensionFact,
)

MOST_TOLD = 4
"""Grants that are looked at although they are long over: the one that fits best says what was wrong with it."""


DENIED = "denied"
"""How a relayed order ended that its speaker says they never gave."""


class ForceFacts:
    """Every answer is about a moment; what has an end carries it, and the plan compares."""

    def __init__(self, state: State) -> None:
        self._state = state

    def crowd_moved(self, sector: str, at: datetime) -> datetime | None:
        """When the crowd last moved on by `at`."""
        moved = self._state.ground.moved.get(sector)
        return moved.newest(at) if moved else None

    def exits_open(self, sector: str, at: datetime) -> tuple[str, ...] | None:
        """What the newest look by `at` found open; of two at one moment the later record."""
        looks = self._state.ground.exits.get(sector)
        last = looks.newest(at) if looks else None
        return last.open if last else None

    def exits_seen(self, sector: str, at: datetime) -> datetime | None:
        """When that look was."""
        looks = self._state.ground.exits.get(sector)
        last = looks.newest(at) if looks else None
        return last.at if last else None

    def findings(self, sector: str, at: datetime) -> tuple[FoundFact, ...]:
        """Signs observed and findings made, oldest first."""
        seen = self._state.crowd.signs.get(sector) or NOTHING_SEEN
        found = [
            FoundFact(what, one.at, one.by, one.witnessed)
            for one in seen.back_from(at)
            for what in reversed(_said(one))
        ]
        return tuple(reversed(found))

    def findings_since(self, sector: str, since: datetime, at: datetime) -> tuple[FoundFact, ...]:
        """The newest record of each sign and finding from `since` to `at`, oldest first.

        About now it is at hand. About a past second the records are read backwards from there, until every sign that
        was ever recorded in the sector has been met, or `since`.
        """
        newest = self._state.crowd.newest.get(sector) or ()
        if not newest or newest[-1].at <= at:
            return tuple(FoundFact(one.what, one.at, one.by, one.witnessed) for one in newest if one.at >= since)
        known = len(newest) if len(newest) < SIGNS else None
        found: dict[str, FoundFact] = {}
        for one in (self._state.crowd.signs.get(sector) or NOTHING_SEEN).back_from(at):
            if one.at < since or len(found) == known:
                break
            for what in reversed(_said(one)):
                if what not in found:
                    found[what] = FoundFact(what, one.at, one.by, one.witnessed)
        return tuple(reversed(found.values()))

    def witnessed(self, person: str, sector: str, since: datetime, at: datetime) -> bool:
        """Whether the person recorded, from `since` to `at`, what they had seen with their own eyes."""
        for one in (self._state.crowd.signs.get(sector) or NOTHING_SEEN).back_from(at):
            if one.at < since:
                return False
            if one.witnessed and one.by == person:
                return True
        return False

    def attempt(self, what: Attempted, sector: str, at: datetime) -> AttemptFact | None:
        """The newest attempt of this kind by `at`."""
        known = self._state.ground.attempts.get(sector)
        last = next((one for one in known.back_from(at) if one.kind == what), None) if known else None
        if last is None:
            return None
        return AttemptFact(what, last.at, last.by, last.tried, last.reason_written)

    def presence(self, person: str, at: datetime) -> PresenceFact | None:
        """By own claim or by the unit's post, whichever is newer."""
        said = _newest(self._state.ground.presence.get(person), at)
        version = version_at(self._state.structure.people.get(person), at)
        unit = version.unit if version and (version.ended is None or at < version.ended) else None
        sent = _newest(self._state.ground.posts.get(unit), at) if unit else None
        spans = [span for span in (said, sent) if span is not None]
        last = max(spans, key=lambda span: span.since, default=None)
        return PresenceFact(last.who, last.since) if last is not None and last.who else None

    def cosigns(self, ask: str, at: datetime) -> tuple[CoSignFact, ...]:
        """Second signatures under an ask, or under a grant that is to be renewed."""
        return tuple(
            CoSignFact(one.signer, one.at, one.office, one.call_back, one.read_back, one.by)
            for one in self._state.grants.signed.get(ask) or ()
            if one.at <= at
        )

    def grants(self, at: datetime) -> tuple[GrantFact, ...]:
        """Every grant recorded by `at`, oldest first."""
        known = self._state.grants
        return tuple(_grant(item, at) for name in known.order if (item := known.all[name]).since <= at)

    def grants_of(self, tool: str, sector: str | None, since: datetime, at: datetime) -> Iterator[GrantFact]:
        """Those recorded by `at`, newest first, and no further back than what may have been in force since then.

        Each is made only when it is looked at. The newest few are there in any case: one of them is named in the reason.
        """
        known = self._state.grants
        alike = known.by.get(grants_key(tool, sector)) if sector is not None else None
        begun = alike.begun(at) if alike else 0
        for number in range(begun):
            given = (alike or Series())[begun - 1 - number]
            if number >= MOST_TOLD and given.over is not None and given.over < since:
                return
            yield _grant(known.all[given.grant], at)

    def grant(self, grant: str, at: datetime) -> GrantFact | None:
        """A grant recorded by `at`."""
        item = self._state.grants.all.get(grant)
        return _grant(item, at) if item is not None and item.since <= at else None

    def posture(self, sector: str, posture: str, at: datetime) -> PostureFact | None:
        """Gear or a vehicle as it was at `at`."""
        span = posture_at(self._state, sector, posture, at)
        return PostureFact(posture, span.state, span.since, span.until) if span else None

    def suspensions(self, at: datetime) -> tuple[SuspensionFact, ...]:
        """Rules suspended by `at` and not resumed by then; expired ones too."""
        latest = [_suspended(spans, at) for spans in self._state.plan.suspended.values()]
        standing = sorted([one for one in latest if one is not None], key=_SEQ)
        return tuple([SuspensionFact(one.pack, one.rule, one.since, one.until, one.by) for one in standing])

    def delegations(self, person: str, at: datetime) -> tuple[DelegationFact, ...]:
        """Delegations to the person by `at`, not taken back by then; expired ones too."""
        plan = self._state.plan
        mine = [one for name in plan.to.get(person) or () if _stands(one := plan.delegated[name], at)]
        return tuple(
            DelegationFact(one.delegate, one.by, one.since, one.until, one.position, one.by_rank, one.written)
            for one in mine
        )

    def involved(self, record: str, at: datetime) -> tuple[str, ...] | None:
        """Who ordered, authorized or took part: known at any time, since nobody's part ends."""
        state = self._state
        report = state.force.reports.get(record)
        if report is not None:
            return _in_report(state, report)
        grant = state.grants.all.get(record)
        if grant is not None:
            return _in_grant(state, grant)
        arrest = state.arrests.all.get(record)
        if arrest is not None:
            return _in_arrest(arrest)
        kept = state.oversight.records.get(record)
        if kept is None:
            return None
        about = state.force.reports.get(kept.about or "")
        return tuple(dict.fromkeys((*kept.involved, *(_in_report(state, about) if about is not None else ()))))


def _in_arrest(arrest: Arrest) -> tuple[str, ...]:
    """Everyone with a part in an arrest: who made, wrote, saw, helped, authorized or signed it."""
    seen = (who for charge in arrest.charges for who in charge.observed_by)
    named = (arrest.officer, arrest.by.person, *arrest.observed_by, *arrest.assisting, *seen)
    signed = (one.person for one in arrest.signed)
    return tuple(dict.fromkeys(who for who in (*named, arrest.authorized_by, *signed) if who is not None))


_SEQ = attrgetter("seq")

NOTHING_SEEN: Timeline[Observation] = Timeline()


def _said(one: Observation) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one.indicators, *one.findings)))


def _newest(spans: Timeline[Span] | None, at: datetime) -> Span | None:
    return spans.newest(at) if spans else None


def _grant(item: GrantItem, at: datetime) -> GrantFact:
    scope = item.scope
    return GrantFact(
        grant=item.grant,
        tool=scope.tool,
        since=item.since,
        until=item.until,
        authorizer=item.authorizer,
        requester=item.requester,
        purpose=scope.purpose,
        sector=scope.sector,
        subject=scope.subject,
        users=scope.users,
        quantity=scope.quantity,
        used=sum(use.quantity for use in item.uses if use.at <= at),
        ended=item.ended,
        relayed=item.relayed,
        read_back=item.read_back,
        confirmed=item.confirmed,
        denied=item.how_ended == DENIED,
        findings=scope.findings,
        imminent=scope.imminent,
    )


def _suspended(spans: Series[Suspended], at: datetime) -> Suspended | None:
    """The suspension that had begun last by `at`, in its newest version; None where it was taken back by then."""
    place = spans.begun(at)
    last = spans[place - 1] if place else None
    return last if last is not None and (last.ended is None or at < last.ended) else None


def _stands(one: Delegated, at: datetime) -> bool:
    return one.since <= at and (one.ended is None or at < one.ended)


def _in_report(state: State, report: ForceReport) -> tuple[str, ...]:
    """The officer, who reported it, and whoever stands behind a grant that it counts under or that it names.

    One that was recorded after the report counts it not, and its authorizer had a part in it all the same.
    """
    named = (state.grants.all.get(key) for key in dict.fromkeys((report.counts_for or "", report.grant or "")))
    authority = [name for grant in named if grant is not None for name in _in_grant(state, grant)]
    return tuple(dict.fromkeys((report.officer, report.by, *authority)))


MOST_RENEWALS = 64
"""How far back a chain of renewals is followed: sixteen hours of a quarter of an hour each."""


def _in_grant(state: State, grant: GrantItem) -> tuple[str, ...]:
    """Who asked, gave, wrote down, signed, took the signature down or may use it; of a renewal, those before as well."""
    names: list[str | None] = []
    item: GrantItem | None = grant
    for _ in range(MOST_RENEWALS):
        if item is None:
            break
        names += [item.authorizer, item.requester, item.by.person, *item.scope.users]
        for signed in (one for ask in (item.ask, item.renews) for one in state.grants.signed.get(ask or "") or ()):
            names += [signed.signer, signed.by]
        item = state.grants.all.get(item.renews) if item.renews else None
    return tuple(dict.fromkeys(name for name in names if name))
