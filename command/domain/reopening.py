"""Later facts: what changes how an earlier report stands appends a finding, and the first one stays readable."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from command.domain.deciding import Context, Draft
from command.domain.events import FindingReopened
from command.domain.facts import StateFacts
from command.domain.grants import use_reported, without
from command.domain.in_force import judged
from command.domain.state import ForceReport, State
from command.policy.decision import Finding
from command.policy.request import ForceClaim

AHEAD = "the claimed time had not come yet when this was reported"
"""Why a finding says `cannot tell` for good: what comes into force later says nothing of a clock that ran ahead."""


def claim_of(report: ForceReport) -> ForceClaim:
    """What a kept report says that bears on its finding."""
    return ForceClaim(
        tool=report.tool,
        officer=report.officer,
        officer_agency=report.officer_agency,
        sector=report.sector,
        at=report.at,
        grant=report.grant,
        exigent=report.exigent,
        exigent_reason_given=report.reason_given,
        clock_error_ms=report.clock_error_ms,
        purpose=report.purpose,
        zones=report.zones,
        distance_m=report.distance_m,
        indiscriminate=report.indiscriminate,
        subject=report.subject,
        quantity=report.quantity,
        grounds=report.grounds,
    )


def reopened(after: State, ctx: Context, grant: str, because: str) -> Iterator[Draft]:
    """Findings of the reports counted under a grant, where they are no longer what they were. `after`: as it now is."""
    held = after.grants.all.get(grant)
    for use in held.uses if held else ():
        report = after.force.reports[use.report]  # a use is only ever counted with its report
        stands = judged(after, ctx, StateFacts(without(after, report)), claim_of(report))
        if differs(report.finding, stands):
            yield Draft(FindingReopened(report.report, stands, because))


def differs(was: Finding | None, stands: Finding) -> bool:
    """Does it stand differently, or as before for other reasons or by other rules? What is no longer why is not left standing."""
    if was is None or AHEAD in was.reasons:
        return was is None
    return (was.kind, was.reasons, frozenset(was.rules)) != (stands.kind, stands.reasons, frozenset(stands.rules))


NOTES = ("written down by ", "it reads nearly like ")
"""How sentences begin that an arrest's card is given when it comes in, and that no later look says again."""


def arrest_differs(was: Finding | None, stands: Finding) -> bool:
    """Likewise of an arrest; one that is authorized before and after stands as it did, whatever is said beside it."""
    if was is None or AHEAD in was.reasons:
        return False
    if was.kind == stands.kind == "authorized":
        return False
    return differs(replace(was, reasons=tuple(why for why in was.reasons if not why.startswith(NOTES))), stands)


def counted(state: State, ctx: Context, report: str, claim: ForceClaim) -> Iterator[Draft]:
    """Findings of other reports that a report changes, because its use counts under the same grant as theirs.

    Told late, it counts before what came after it; a correction gives back what its earlier version had counted.
    """
    earlier = state.force.reports.get(report)
    after, told = use_reported(state, earlier, _report_of(report, claim))
    held = dict.fromkeys(grant for grant in (earlier and earlier.counts_for, told.counts_for) if grant)
    for grant in held:
        if after.grants.all[grant].scope.quantity is None:
            continue  # nothing was counted against anything
        others = (use.report for use in after.grants.all[grant].uses if use.report != report)
        for name in others:
            other = after.force.reports[name]
            stands = judged(after, ctx, StateFacts(without(after, other)), claim_of(other))
            if differs(other.finding, stands):
                yield Draft(FindingReopened(other.report, stands, "another use under the same grant was reported"))


def _report_of(report: str, claim: ForceClaim) -> ForceReport:
    """A report as far as counting its use goes."""
    return ForceReport(
        report=report,
        event="",
        officer=claim.officer,
        officer_agency=claim.officer_agency,
        subject=claim.subject or "",
        sector=claim.sector,
        tool=claim.tool,
        classification=None,
        place=None,
        at=claim.at,
        finding=None,
        origin=None,
        seq=0,
        exigent=claim.exigent,
        grant=claim.grant,
        clock_error_ms=claim.clock_error_ms,
        purpose=claim.purpose,  # type: ignore[arg-type]  # the claim has it from a report, which has it from the list
        quantity=claim.quantity,
    )
