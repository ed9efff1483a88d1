"""Looking at what was done: interventions, pursuits, reviews by the uninvolved, and counts of exigent use."""

from __future__ import annotations

from msgspec.structs import replace

from command.domain.asking import judge_ask
from command.domain.commands import FileReview, ReportExcessiveForce, ReportIntervention, ReportPursuit
from command.domain.deciding import Context, Outcome, Refusal, one, refused
from command.domain.envelope import Recorded
from command.domain.events import ExcessiveForceReported, InterventionReported, PursuitReported, ReviewFiled
from command.domain.facts import StateFacts, version_at
from command.domain.state import ForceReport, State
from command.domain.state_force import Record, Review
from command.policy.authority import UNKNOWN_DENIES
from command.policy.decision import Decision, Finding
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


def report_intervention(state: State, cmd: ReportIntervention, ctx: Context) -> Outcome:
    """An officer stepped in; anyone may say so, confidentially too (domain A46)."""
    event = InterventionReported(
        cmd.intervention, cmd.about, cmd.sector, cmd.what, cmd.officer, cmd.outcome, cmd.aid_given
    )
    return one(event, finding=_not_theirs(state, cmd.intervention, ctx))


def report_excessive_force(state: State, cmd: ReportExcessiveForce, ctx: Context) -> Outcome:
    """What a fellow officer did wrong; anyone may say so, confidentially too (domain A47)."""
    event = ExcessiveForceReported(cmd.witness, cmd.kind, cmd.about, cmd.sector, cmd.what, cmd.officer)
    return one(event, finding=_not_theirs(state, cmd.witness, ctx))


def _not_theirs(state: State, record: str, ctx: Context) -> Finding | None:
    """The finding of a second report under a number that is not its author's to correct: both are kept, the first stands.

    Nobody is known to be the author of a confidential one, so nobody corrects it; a new report may say more.
    """
    earlier = state.oversight.records.get(record)
    if earlier is None or (not earlier.confidential and earlier.by == ctx.actor.person):
        return None
    return Finding("cannot tell", (UNKNOWN_DENIES,), ("reported under the number of another's report, which stands",))


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
    return _witnessed(state, entry, event.intervention, "intervention", event)


def excessive_force_reported(state: State, entry: Recorded, event: ExcessiveForceReported) -> State:
    """Fold ExcessiveForceReported."""
    return _witnessed(state, entry, event.witness, event.kind, event)


def _witnessed(
    state: State, entry: Recorded, name: str, kind: str, event: InterventionReported | ExcessiveForceReported
) -> State:
    """Who reported it has a part in it; a confidential author is not known here. Another's report changes nothing."""
    head, records = entry.header, state.oversight.records
    if name in records and head.finding is not None:
        return state
    hidden = head.confidential is not None
    by = "" if hidden else head.actor.person
    first = records.get(name)
    record = Record(
        record=name,
        kind=kind,
        at=first.at if first else head.occurred_at,
        sector=event.sector,
        involved=(by,) if by else (),
        seq=first.seq if first else entry.seq,
        by=by,
        about=event.about,
        confidential=hidden,
    )
    return replace(state, oversight=replace(state.oversight, records=records.insert(name, record)))


def pursuit_reported(state: State, entry: Recorded, event: PursuitReported) -> State:
    """Fold PursuitReported."""
    part = (event.officer,) if event.supervisor is None else (event.officer, event.supervisor)
    return _keep(state, entry, event.pursuit, "pursuit", event.sector, part)


def _keep(state: State, entry: Recorded, name: str, kind: str, sector: str | None, part: tuple[str, ...]) -> State:
    head, records = entry.header, state.oversight.records
    earlier = records.get(name)
    known = earlier.involved if earlier else ()
    involved = tuple(dict.fromkeys((*known, *part, head.actor.person)))
    record = Record(
        name, kind, head.occurred_at, sector, involved, entry.seq, earlier.by if earlier else head.actor.person
    )
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
    grant = state.grants.all.get(report.counts_for or report.grant or "")
    named = (
        ("unit", officer.unit if officer else None),
        ("agency", agency),
        ("command", commander),
        ("authorizer", grant.authorizer if grant else None),
    )
    return tuple(f"{what}:{name}" for what, name in named if name)
