"""Later facts: what changes how an earlier report stands appends a finding, and the first one stays readable."""

from __future__ import annotations

from collections.abc import Iterator

from command.domain.deciding import Context, Draft
from command.domain.events import FindingReopened
from command.domain.facts import StateFacts
from command.domain.grants import without
from command.domain.in_force import judged
from command.domain.state import ForceReport, State
from command.policy.request import ForceClaim


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
        if report.finding is None or report.finding.kind != stands.kind:
            yield Draft(FindingReopened(report.report, stands, because))
