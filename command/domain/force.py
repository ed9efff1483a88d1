"""Force as it was used: every report is kept, with the finding of what was in force at that moment."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from command.domain import aftercare, force_report, grants, munitions, oversight
from command.domain.bearing import listed
from command.domain.commands import ReportForce
from command.domain.deciding import Context, Draft, Outcome
from command.domain.envelope import Recorded
from command.domain.events import FindingReopened, ForceReportCompleted, ForceReported
from command.domain.facts import StateFacts
from command.domain.in_force import judged
from command.domain.persistent import newest
from command.domain.reopening import AHEAD, counted
from command.domain.standing import keeps_the_record
from command.domain.state import RECENT, ForceReport, State
from command.policy.decision import Finding
from command.policy.request import ForceClaim

# Findings that someone has to look at: nobody is on record as having allowed this.
OPEN = frozenset({"no authorization on record", "contrary to plan"})


def report_force(state: State, cmd: ReportForce, ctx: Context) -> Outcome:
    """Keep the report and say how it stands. A second report under the same id is a correction: both stay.

    One by somebody else than who reported first, the officer or the keepers of the record is
    kept too, and corrects nothing: nobody makes another's report look better, or worse.
    """
    claim = ForceClaim(
        tool=cmd.tool,
        officer=cmd.officer,
        officer_agency=cmd.officer_agency,
        sector=cmd.sector,
        grant=cmd.grant,
        exigent=cmd.exigent,
        exigent_reason_given=_reason_given(cmd),
        at=ctx.occurred_at,
        clock_error_ms=ctx.clock_error_ms,
        purpose=cmd.purpose,
        zones=cmd.zones,
        distance_m=cmd.distance_m,
        indiscriminate=cmd.indiscriminate,
        subject=cmd.subject,
        quantity=cmd.quantity,
        grounds=cmd.grounds,
    )
    earlier = state.force.reports.get(cmd.report)
    stands = _not_yet(judged(state, ctx, StateFacts(grants.without(state, earlier)), claim), ctx)
    if earlier is not None and not _may_correct(state, earlier, ctx):
        why = "reported under the number of another's report, which stands"
        return (Draft(_reported(cmd, ()), finding=replace(stands, kind="cannot tell", reasons=(why,))),)
    lacks = force_report.missing(state, cmd, ctx.stack)
    kept = Draft(_reported(cmd, lacks), finding=stands, supersedes=earlier.event if earlier else None)
    drafts = [kept]
    if earlier is not None and earlier.finding is not None and earlier.finding.kind != stands.kind:
        drafts.append(Draft(FindingReopened(cmd.report, stands, "the report was corrected")))
    drafts.extend(counted(state, ctx, cmd.report, claim))
    drafts.extend(force_report.critical(state, cmd, ctx))
    if not lacks and (earlier is None or not earlier.complete):
        drafts.append(Draft(ForceReportCompleted(cmd.report)))
    return tuple(drafts)


def _may_correct(state: State, earlier: ForceReport, ctx: Context) -> bool:
    return (
        ctx.rank is None  # the operator of the machine: an import or a script
        or ctx.actor.person in (earlier.by, earlier.officer)
        or keeps_the_record(state, ctx)
    )


def _not_yet(stands: Finding, ctx: Context) -> Finding:
    """What is in force now says nothing of a moment that has not come: nobody is authorized ahead by a wrong clock."""
    ahead_s = (ctx.occurred_at - ctx.now).total_seconds()
    if stands.kind != "authorized" or ahead_s <= ctx.clock_error_ms / 1000:
        return stands
    return replace(stands, kind="cannot tell", reasons=(AHEAD,))


def _reason_given(cmd: ReportForce) -> bool:
    return bool(cmd.exigent_reason and cmd.exigent_reason.strip())


def _reported(cmd: ReportForce, lacks: tuple[str, ...]) -> ForceReported:
    """The report word for word, what it lacks, and whether an exigent reason was written: the log would not tell."""
    said = {name: getattr(cmd, name) for name in cmd.__struct_fields__}
    return ForceReported(**said, reason_given=_reason_given(cmd), missing=lacks)


def force_reported(state: State, entry: Recorded, event: ForceReported) -> State:
    """Fold ForceReported: the newest version of a report stands on the board."""
    head = entry.header
    first = state.force.reports.get(event.report)
    if first is not None and head.supersedes is None:
        return state
    report = ForceReport(
        report=event.report,
        event=head.id,
        officer=event.officer,
        officer_agency=event.officer_agency,
        subject=event.subject,
        sector=event.sector,
        tool=event.tool,
        classification=event.classification,
        place=event.place,
        at=head.occurred_at,
        finding=head.finding,
        origin=head.origin,
        seq=entry.seq,
        by=first.by if first is not None else head.actor.person,
        supervisor=event.supervisor,
        exigent=event.exigent,
        reason_given=event.reason_given,
        grant=event.grant,
        clock_error_ms=head.clock_error_ms,
        purpose=event.purpose,
        zones=event.zones,
        distance_m=event.distance_m,
        indiscriminate=event.indiscriminate,
        quantity=event.quantity,
        grounds=event.grounds,
        missing=event.missing,
        complete=first.complete if first is not None else False,
        told=tuple(dict.fromkeys((*first.told, head.actor.person))) if first is not None else (),
    )
    state = aftercare.force_seen(state, event.report)
    state = munitions.use_reported(state, first, report)
    state, report = grants.use_reported(state, first, report)
    state, report = oversight.exigent_reported(state, first, report)
    return _listed(_put(state, report), report, head.recorded_at)


def _listed(state: State, report: ForceReport, recorded_at: datetime) -> State:
    told = listed(
        state.force.told, report.report, report.at, report.clock_error_ms, report.sector, report.officer, recorded_at
    )
    return replace(state, force=replace(state.force, told=told))


def finding_reopened(state: State, _entry: Recorded, event: FindingReopened) -> State:
    """Fold FindingReopened."""
    report = state.force.reports.get(event.record)
    if report is None:
        return state
    return _put(state, replace(report, finding=event.finding))


def _put(state: State, report: ForceReport) -> State:
    force = state.force
    earlier = force.reports.get(report.report)
    counts = force.open_by_sector
    for version, step in ((earlier, -1), (report, 1)):
        if version is not None and version.sector is not None and _is_open(version.finding):
            counts = counts.insert(version.sector, (counts.get(version.sector) or 0) + step)
    recent = force.recent
    if report.finding is not None and report.finding.kind != "authorized" and report.report not in recent:
        recent = newest(recent, report.report, RECENT)
    fresh = replace(force, reports=force.reports.insert(report.report, report), recent=recent, open_by_sector=counts)
    return replace(state, force=fresh)


def _is_open(stands: Finding | None) -> bool:
    return stands is not None and stands.kind in OPEN
