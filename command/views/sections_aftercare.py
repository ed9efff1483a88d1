"""The sections of what follows force or an injury."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from command.domain.facts import StateFacts
from command.domain.force_report import AID, MEDICAL, SAYS, still_missing
from command.domain.state import Duty, ForceReport, State
from command.domain.state_aftercare import CareStep
from command.policy.judge import judge
from command.policy.request import Request
from command.views import rows_aftercare as r
from command.views.names import who
from command.views.row import Who
from command.views.scene import Scene

SHOWN: Final = 100
"""Newest records on the board; all of them are in the log."""

PROPOSED: Final = 10
"""Supervisors named in a row: who is near, not a list of everybody."""

_SUPERVISOR: Final = ("SupervisorOnScene",)
_REVIEW: Final = "supervisor-proposals"


def care_keys(scene: Scene) -> Iterator[str]:
    return iter(scene.state.aftercare.recent[-SHOWN:])


def care(scene: Scene, key: str) -> r.CareRow | None:
    """A force report or an injury, what was done since, what is owed, and who could come."""
    state = scene.state
    report, injury = state.force.reports.get(key), state.aftercare.injuries.get(key)
    found = state.aftercare.care.get(key)
    if (report is None and injury is None and found is None) or not _sees(scene, report):
        return None
    told = scene.kind != "medical"  # what the report says, and lacks, is about conduct
    first = report or injury or found
    assert first is not None, "one of the three is there"
    at = first.at
    steps = found.steps if found else ()
    owed = _owed(state, key)
    wants = any(duty.rule in _ended_by(scene, _SUPERVISOR) for duty in owed)
    sector = (report.sector if report else injury.sector if injury else None) or ""
    due = [duty.due for duty in owed if duty.rule in _ended_by(scene, ("ForceReportCompleted",))]
    return r.CareRow(
        id=key,
        what=(report.tool or "force").replace("-", " ") if report and scene.kind != "medical" else "injury",
        at=at,
        sector=sector,
        injured=found.injured if found else False,
        steps=tuple(_step(scene, step) for step in steps),
        aid_s=_first(steps, AID, at),
        medical_s=_first(steps, MEDICAL, at),
        supervisor_s=_first(steps, _SUPERVISOR, at),
        owed=tuple(duty.duty for duty in owed),
        supervisors=_proposed(scene, key, sector) if wants else (),
        missing=tuple(SAYS[name] for name in still_missing(state, report) if name in SAYS) if report and told else (),
        report_due=next((one for one in due if one is not None), None) if told else None,
        complete=report.complete if report and told else True,
        seq=first.seq,
        subject=report.subject if report and scene.lead else "",
    )


def _sees(scene: Scene, report: ForceReport | None) -> bool:
    """The lead agency sees all of it; an assisting agency what its own people reported."""
    return scene.agency is None or (report is not None and report.officer_agency == scene.agency)


def _owed(state: State, record: str) -> list[Duty]:
    keys = state.duties.of.get(record) or ()
    return sorted((duty for key in keys if (duty := state.duties.all[key]).done_at is None), key=lambda d: d.seq)


def _ended_by(scene: Scene, events: tuple[str, ...]) -> dict[str, None]:
    """The rules of duties that one of these events ends."""
    known = scene.memo.setdefault("ended-by", {})
    if events[0] not in known:
        rules = scene.stack.duties.values()
        known[events[0]] = {rule.id: None for rule in rules if set(events) & set(rule.ends)}
    found: dict[str, None] = known[events[0]]
    return found


def _step(scene: Scene, step: CareStep) -> r.CareStepRow:
    state = scene.state
    return r.CareStepRow(
        what=step.event,
        at=step.at,
        by=who(state, step.by) or Who(step.by),
        who=who(state, step.who),
        unit=step.unit or "",
        counts=step.counts,
        why=step.why,
        seq=step.seq,
    )


def _first(steps: tuple[CareStep, ...], events: tuple[str, ...], begun: datetime) -> float | None:
    """Seconds to the earliest step that counts; never below zero, since clocks differ."""
    times = [step.at for step in steps if step.event in events and step.counts]
    return max(0.0, (min(times) - begun).total_seconds()) if times else None


def _proposed(scene: Scene, record: str, sector: str) -> tuple[Who, ...]:
    """People on duty here whom the plan lets review, who had no part in it; those in the sector first."""
    if not scene.whole:
        return ()
    state, facts = scene.state, StateFacts(scene.state)
    involved = set(facts.involved(record, scene.now) or ())
    free = [person for person in _supervisors(scene) if person not in involved]
    there = {person: _is_in(facts, person, sector, scene.now) for person in free}
    near = sorted(free, key=lambda person: (not there[person], person))
    return tuple(named for person in near[:PROPOSED] if (named := who(state, person)) is not None)


def _is_in(facts: StateFacts, person: str, sector: str, at: datetime) -> bool:
    presence = facts.presence(person, at)
    return presence is not None and presence.sector == sector


def _supervisors(scene: Scene) -> dict[str, None]:
    """Who on duty here could review a record, but for their part in it: asked once for a whole board."""
    known = scene.memo.get(_REVIEW)
    if known is None:
        known = scene.memo[_REVIEW] = {person: None for person in _on_duty(scene) if _may_review(scene, person)}
    return known


def _on_duty(scene: Scene) -> Iterator[str]:
    for person, versions in sorted(scene.state.structure.people.items()):
        last = versions.last
        if last is not None and last.ended is None:
            yield person


def _may_review(scene: Scene, person: str) -> bool:
    """By the plan's own rule: what is then still missing is only which record."""
    facts = StateFacts(scene.state)
    known = facts.person(person, scene.now)
    if known is None:
        return False
    wish = Request(
        action="review.file", person=person, agency=known.agency, rank=known.rank, ask_age_s=0.0, basis_age_s=0.0
    )
    return judge(scene.stack, facts, wish, scene.now).effect == "missing"


def critical_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(scene.state.aftercare.critical))


def critical(scene: Scene, key: str) -> r.CriticalRow | None:
    """Command's and oversight's: whom it touched and how they are, no board says."""
    found = scene.state.aftercare.critical.get(key)
    if found is None or not scene.whole:
        return None
    return r.CriticalRow(
        id=key,
        kind=found.kind,
        at=found.at,
        record=found.record or "",
        sector=found.sector or "",
        cared_for=found.cared_for,
        seq=found.seq,
    )
