"""What a report of force has to say, and what of it is still missing: a list with a clock, never a refusal (A35–A42).

A report counts as complete once nothing is missing; aid and medical help may also stand on record as
events of their own.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from command.domain.commands import ReportForce
from command.domain.deciding import Context, Draft
from command.domain.envelope import Recorded
from command.domain.events import CriticalEventDeclared, ForceReportCompleted
from command.domain.events_aftercare import CriticalKind
from command.domain.state import ForceReport, State
from command.policy.stack import Stack

AID: Final = ("AidOffered", "AidGiven")
MEDICAL: Final = ("MedicalHelpRequested", "MedicalHelpArrived", "MedicalHelpRefused", "NoInjurySeen")

SAYS: Final[dict[str, str]] = {
    "objective": "the lawful objective",
    "resistance": "the resistance met, in the plan's words",
    "alternatives": "the alternatives tried, or why none was",
    "warning": "whether a warning was given, or why not",
    "race": "the subject's race as perceived, or unknown with the reason",
    "ethnicity": "the subject's ethnicity as perceived, or unknown with the reason",
    "tool": "the tool",
    "quantity": "how many were used",
    "aid": "whether aid was offered or given",
    "medical": "whether medical help was called, or that nobody was hurt",
    "account": "the officer's own account",
}
"""What is asked by its short name. What the person stated of themselves is asked of nobody; it stands apart."""


def missing(state: State, cmd: ReportForce, stack: Stack) -> tuple[str, ...]:
    """What this report does not say, in the order of `SAYS`; what stands on record beside it counts."""
    tool = stack.tools.get(cmd.tool) if cmd.tool else None
    there: dict[str, bool] = {
        "objective": _said(cmd.objective),
        "resistance": bool(cmd.resistance_met),
        "alternatives": bool(cmd.alternatives) or _said(cmd.alternatives_why_not),
        "warning": cmd.warned is True or (cmd.warned is False and _said(cmd.warning_why_not)),
        "race": _known(cmd.subject_race_perceived, cmd.race_why_unknown),
        "ethnicity": _known(cmd.subject_ethnicity_perceived, cmd.ethnicity_why_unknown),
        "tool": cmd.tool is not None,
        "quantity": cmd.quantity is not None or (tool is not None and tool.grant == "not needed"),
        "aid": cmd.aid_given is not None or done(state, cmd.report, AID),
        "medical": cmd.ems_called is not None or cmd.harm == "none" or done(state, cmd.report, MEDICAL),
        "account": _said(cmd.account),
    }
    return tuple(name for name in SAYS if not there[name])


def still_missing(state: State, report: ForceReport) -> tuple[str, ...]:
    """What the newest version does not say and no event beside it does."""
    on_record = {"aid": AID, "medical": MEDICAL}
    return tuple(
        name for name in report.missing if name not in on_record or not done(state, report.report, on_record[name])
    )


def done(state: State, record: str, events: tuple[str, ...]) -> bool:
    """Whether one of these events of care is on record."""
    care = state.aftercare.care.get(record)
    return care is not None and any(step.event in events and step.counts for step in care.steps)


def completed(state: State, record: str, event: str) -> tuple[Draft, ...]:
    """The report is complete with this event of care, where that was all that it lacked."""
    report = state.force.reports.get(record)
    if report is None or report.complete:
        return ()
    brings = {name for name, events in (("aid", AID), ("medical", MEDICAL)) if event in events}
    lacks = set(still_missing(state, report))
    return (Draft(ForceReportCompleted(record)),) if lacks and lacks <= brings else ()


_CRITICAL: dict[str, CriticalKind] = {"death": "death", "serious": "serious injury"}
_FIREARMS: Final = frozenset({"firearm", "shot-at-vehicle"})
"""Tools whose use is a firearm's discharge, whatever a local plan calls the rest."""


def critical(state: State, cmd: ReportForce, ctx: Context) -> tuple[Draft, ...]:
    """A death, a serious injury or a shot is a critical event by itself; declared once for a report and a kind."""
    kinds = [_CRITICAL[cmd.harm]] if cmd.harm in _CRITICAL else []
    if cmd.tool in _FIREARMS:
        kinds.append("firearm discharge")
    known = {(one.record, one.kind) for one in state.aftercare.critical.values()}
    return tuple(
        Draft(CriticalEventDeclared(ctx.made(f"c{number}"), kind, cmd.report, cmd.sector))
        for number, kind in enumerate(kinds)
        if (cmd.report, kind) not in known
    )


def _said(text: str | None) -> bool:
    return bool(text and text.strip())


def _known(value: str | None, why_not: str | None) -> bool:
    """Said, and where it is unknown with the reason."""
    return _said(value) and (str(value).strip().lower() != "unknown" or _said(why_not))


def report_completed(state: State, _entry: Recorded, event: ForceReportCompleted) -> State:
    """Fold ForceReportCompleted."""
    report = state.force.reports.get(event.report)
    if report is None:
        return state
    reports = state.force.reports.insert(event.report, replace(report, complete=True))
    return replace(state, force=replace(state.force, reports=reports))
