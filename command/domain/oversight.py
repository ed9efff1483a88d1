"""Looking at what was done: interventions, pursuits, reviews by the uninvolved, and counts of exigent use."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain.asking import judge_ask
from command.domain.commands import FileReview, ReportIntervention, ReportPursuit
from command.domain.deciding import Context, Outcome, Refusal, one, refused
from command.domain.envelope import Recorded
from command.domain.events import InterventionReported, PursuitReported, ReviewFiled
from command.domain.facts import StateFacts, version_at
from command.domain.state import ForceReport, State
from command.domain.state_force import Record, Review
from command.policy.decision import Decision
from command.policy.model import INCIDENT_COMMANDER

QUESTIONS: dict[str, str] = {
    "needed": "whether force was needed and proportionate, and how that is known",
    "alternatives": "what else was tried, or could have been",
    "warning": "whether there was a warning and a chance to comply",
    "aid": "when aid, medical help and an uninvolved supervisor came",
    "evidence": "which accounts and recordings were compared",
    "lessons": "what follows for training and equipment, with the officers involved",
}
"""The set questions of a review by their field (domain A42–A49; D19: reviews without critical assessment)."""


def report_intervention(_state: State, cmd: ReportIntervention, _ctx: Context) -> Outcome:
    """An officer stepped in; anyone may say so (domain A46)."""
    return one(
        InterventionReported(cmd.intervention, cmd.about, cmd.sector, cmd.what, cmd.officer, cmd.outcome, cmd.aid_given)
    )


def report_pursuit(_state: State, cmd: ReportPursuit, _ctx: Context) -> Outcome:
    """A pursuit, with the supervisor who was told (domain A40)."""
    return one(
        PursuitReported(
            pursuit=cmd.pursuit,
            mode=cmd.mode,
            officer=cmd.officer,
            officer_agency=cmd.officer_agency,
            sector=cmd.sector,
            supervisor=cmd.supervisor,
            reason=cmd.reason,
            ended_at=cmd.ended_at,
            ended=cmd.ended,
        )
    )


def file_review(state: State, cmd: FileReview, ctx: Context) -> Outcome:
    """Review a record. An unanswered question sends it back; whoever had a part in it does not review it (D27)."""
    verdict = judge_ask(state, ctx, "review.file", detail=cmd.record, record=cmd.record)
    if isinstance(verdict, Refusal):
        return verdict
    if any(review.review == cmd.review for review in state.oversight.reviews.get(cmd.record) or ()):
        return refused(f"review {cmd.review} was filed already", detail=cmd.record)
    unanswered = tuple(says for name, says in QUESTIONS.items() if not getattr(cmd, name).strip())
    if unanswered:
        reasons = ("a review answers every question",)
        return Refusal(Decision("missing", reasons=reasons, missing=unanswered), detail=cmd.record)
    answers = {name: getattr(cmd, name) for name in QUESTIONS}
    return one(ReviewFiled(cmd.review, cmd.record, cmd.conclusion, **answers), decision=verdict)


# Fold ---------------------------------------------------------------------------


def intervention_reported(state: State, entry: Recorded, event: InterventionReported) -> State:
    """Fold InterventionReported."""
    return _keep(state, entry, event.intervention, "intervention", event.sector, ())


def pursuit_reported(state: State, entry: Recorded, event: PursuitReported) -> State:
    """Fold PursuitReported."""
    part = (event.officer,) if event.supervisor is None else (event.officer, event.supervisor)
    return _keep(state, entry, event.pursuit, "pursuit", event.sector, part)


def _keep(state: State, entry: Recorded, name: str, kind: str, sector: str | None, part: tuple[str, ...]) -> State:
    head, records = entry.header, state.oversight.records
    earlier = records.get(name)
    known = earlier.involved if earlier else ()
    involved = tuple(dict.fromkeys((*known, *part, head.actor.person)))
    record = Record(name, kind, head.occurred_at, sector, involved, entry.seq)
    return replace(state, oversight=replace(state.oversight, records=records.insert(name, record)))


def review_filed(state: State, entry: Recorded, event: ReviewFiled) -> State:
    """Fold ReviewFiled."""
    head, reviews = entry.header, state.oversight.reviews
    review = Review(event.review, event.record, head.actor, head.recorded_at, event.conclusion, entry.seq)
    filed = (*(reviews.get(event.record) or ()), review)
    return replace(state, oversight=replace(state.oversight, reviews=reviews.insert(event.record, filed)))


def exigent_reported(state: State, earlier: ForceReport | None, report: ForceReport) -> tuple[State, ForceReport]:
    """Count an exigent use by unit, agency and who was in command, in place of what the earlier version counted."""
    counted = _counted(state, report) if report.exigent else ()
    if not counted and (earlier is None or not earlier.counted):
        return state, report
    numbers = state.oversight.exigent
    for names, step in ((earlier.counted if earlier else (), -1), (counted, 1)):
        for name in names:
            numbers = numbers.insert(name, (numbers.get(name) or 0) + step)
    return replace(state, oversight=replace(state.oversight, exigent=numbers)), replace(report, counted=counted)


def _counted(state: State, report: ForceReport) -> tuple[str, ...]:
    officer = version_at(state.structure.people.get(report.officer), report.at)
    commander = StateFacts(state).holder(INCIDENT_COMMANDER, report.at)
    agency = officer.agency if officer else report.officer_agency
    named = (
        ("unit", officer.unit if officer else None),
        ("agency", agency),
        ("command", commander),
    )
    return tuple(f"{what}:{name}" for what, name in named if name)
