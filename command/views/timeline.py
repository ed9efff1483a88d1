"""The feed: each event as one line, through a lens."""

from __future__ import annotations

from collections.abc import Mapping

from command.domain import events as e
from command.domain.duty import record_of
from command.domain.envelope import Header, Recorded, private_paths
from command.domain.events_arrest import NarrativesAlike
from command.domain.state import State
from command.policy.decision import Finding
from command.policy.stack import Stack
from command.views.lens import Lens
from command.views.lines import bare_line, line
from command.views.lines_arrest import TEXT_ARREST
from command.views.names import author
from command.views.row import Who
from command.views.rows import Entry
from command.views.said import decision_in_words, finding_in_words
from command.views.sight import finding_for, is_bare, names_nobody, shown_private, shows

# Over a minute between what happened and its record is shown as late; below it is the time it takes to type.
LATE_S = 60.0

# The private field that is the event's own text; the others are details with a label.
_TEXT: dict[type, str] = {
    e.ObservationRecorded: "what",
    e.LiaisonContacted: "agreed",
    e.WarningGiven: "words",
    e.AudibilityReported: "note",
    e.OrderGiven: "text",
    e.EntryRecorded: "text",
    e.LevelAsked: "facts",
    e.LevelRaised: "facts",
    e.LevelLowered: "facts",
    e.LevelRenewed: "facts",
    e.AskDenied: "reason",
    e.IncidentClosed: "reason",
    e.DutyDischarged: "note",
    e.PlanPartSupplied: "summary",
    e.DecisionRecorded: "reasons",
    e.ForceReported: "account",
    e.CommandTransferred: "briefing",
    e.CrowdMoved: "what",
    e.AttemptRecorded: "account",
    e.DistressFlagged: "what",
    e.DistressAnswered: "note",
    e.PursuitReported: "reason",
    e.ForceAsked: "objective",
    e.ForceGranted: "facts",
    e.GrantCosigned: "statement",
    e.GrantRevoked: "reason",
    e.MunitionsCounted: "note",
    e.PostureAsked: "facts",
    e.PostureChanged: "facts",
    e.PostureRenewed: "facts",
    e.InterventionReported: "what",
    e.ExcessiveForceReported: "what",
    e.ReviewFiled: "needed",
    e.PlanSuspended: "statement",
    e.OpenItemsWaived: "reason",
    e.AidOffered: "note",
    e.AidGiven: "note",
    e.InjuryNoted: "what",
    e.NoInjurySeen: "note",
    e.MedicalHelpRequested: "note",
    e.MedicalHelpArrived: "note",
    e.MedicalHelpRefused: "note",
    e.CriticalEventDeclared: "what",
    e.WelfareChecked: "offered",
    e.PlanChanged: "reason",
    **TEXT_ARREST,
}


def entry(
    state: State, stack: Stack, recorded: Recorded, lens: Lens, private: Mapping[str, str], viewer: str | None = None
) -> Entry | None:
    """The event as this lens may see it; None where the lens does not see it at all.

    `private` are the event's plain values. A value that the lens may not read is
    withheld by name; one that was destroyed is marked, never silently absent.
    `viewer` is the one person who looks: authors always read their own.
    """
    own = viewer is not None and viewer == told_by(recorded)
    if not own and not shows(state, recorded, lens):
        return None
    head, event = recorded.header, recorded.event
    every = private_paths(recorded)
    allowed = frozenset(every) if own else shown_private(state, recorded, lens)
    bare = not own and is_bare(recorded, lens)
    people, found = not names_nobody(lens), _finding(recorded, stack, lens, own)
    text_field = _TEXT.get(type(event), "")
    shown = {path: value for path, value in private.items() if path in allowed}
    record = _record(event)
    late_s = (head.recorded_at - head.occurred_at).total_seconds()
    return Entry(
        seq=head.seq,
        id=head.id,
        type=head.type,
        line=bare_line(state, event) if bare else line(state, stack, event),
        occurred_at=head.occurred_at,
        recorded_at=head.recorded_at,
        who=_who(state, recorded, bare or names_nobody(lens)),
        sector=getattr(event, "sector", None) or "",
        text=shown.get(text_field, ""),
        withheld=tuple(path for path in every if path not in allowed),
        redacted=bool(every) and is_redacted(state, recorded),
        finding=finding_in_words(state, found, people=people) if found and not bare else None,
        decision=decision_in_words(state, head.decision, people=people) if head.decision and not bare else None,
        origin=head.origin,
        record=record,
        fields={path.replace("_", " ").replace(".", " "): value for path, value in shown.items() if path != text_field}
        | ({} if bare else _public_details(event) | told_since(state, recorded)),
        late_s=late_s if late_s > LATE_S else 0.0,
        clock_off_s=_clock_off_s(head),
        supersedes=head.supersedes or "",
        struck=isinstance(event, e.EntryRecorded) and event.entry in state.journal.struck,
        strikes=event.strikes or "" if isinstance(event, e.EntryRecorded) else "",
    )


def shows_header(state: State, stack: Stack, recorded: Recorded, lens: Lens, viewer: str | None = None) -> bool:
    """Whether all that is public in the event is for this lens, and so the exact bytes of its header.

    Where it is not, only the event's leaf may leave: an event that is not seen, one of which only the bare fact is told,
    one whose finding would say that somebody is a minor, and any of an author who is not to be named.
    """
    if viewer is not None and viewer == told_by(recorded):
        return True
    found = _finding(recorded, stack, lens, own=True)
    return (
        shows(state, recorded, lens)
        and not is_bare(recorded, lens)
        and not names_nobody(lens)
        and finding_for(lens, stack, found) == found
    )


def _clock_off_s(head: Header) -> float:
    """What the clock's owner says of it, or what the log shows: nothing is recorded before it happened."""
    off_s = max(head.clock_error_ms / 1000, (head.occurred_at - head.recorded_at).total_seconds())
    return off_s if off_s > LATE_S else 0.0


def _finding(recorded: Recorded, stack: Stack, lens: Lens, own: bool) -> Finding | None:
    found = recorded.header.finding or getattr(recorded.event, "finding", None)
    return found if own else finding_for(lens, stack, found)


def author_of(recorded: Recorded) -> str | None:
    """The person who wrote an event. Of a confidential one nobody: it is not even on its author's own screen."""
    return None if recorded.header.confidential is not None else recorded.header.actor.person


def told_by(recorded: Recorded) -> str | None:
    """The person whose words an event holds. That an account reads like another is nobody's word: it stands in the answer
    to whoever wrote it, without the other, and goes to those who compare the two."""
    return None if isinstance(recorded.event, NarrativesAlike) else author_of(recorded)


def _who(state: State, recorded: Recorded, nameless: bool) -> Who:
    actor = recorded.header.actor
    return Who("", "", actor.agency, actor.position or "") if nameless else author(state, actor)


def _record(event: e.Event) -> str:
    """A check-in is about a person, and no duty hangs on it; every other event names its record itself."""
    return event.person if isinstance(event, e.PersonCheckedIn | e.PersonCheckedOut) else record_of(event) or ""


def is_redacted(state: State, recorded: Recorded) -> bool:
    """Whether the private values of this event were destroyed on someone's authority.

    What is written about a person after the redaction has values, and a key, of its own.
    """
    subject = getattr(recorded.event, "subject", None) or f"e:{recorded.header.id}"
    upto = state.redacted_subjects.get(subject) or 0
    return recorded.seq in state.redacted_seqs or recorded.seq < upto


def told_since(state: State, recorded: Recorded) -> dict[str, str]:
    """That this came after a redaction of the same person, whose order did not speak of it; nothing for all else."""
    upto = state.redacted_subjects.get(getattr(recorded.event, "subject", None) or "")
    if upto is None or recorded.seq < upto:
        return {}
    return {"told since": f"what was recorded of this person before event {upto} was destroyed; this came later"}


def _public_details(event: e.Event) -> dict[str, str]:
    """Public facts worth a glance that the sentence does not hold."""
    details: dict[str, str] = {}
    if isinstance(event, e.LevelRaised | e.LevelAsked):
        details = {
            "extent": event.extent or "",
            "liaison tried": event.liaison or "",
            "others may continue": event.others_may_continue or "",
        }
    elif isinstance(event, e.DecisionRecorded):
        details = {f"rejected: {item.option}": item.why for item in event.rejected}
    elif isinstance(event, e.ObservationRecorded):
        details = {"extent": event.extent or ""}
    elif isinstance(event, e.PersonCheckedIn):
        details = {"camera": event.camera or "", "no camera": event.camera_absent or "", "helmet": event.helmet or ""}
    elif isinstance(event, e.WarningGiven):
        audible = {True: "confirmed", False: "not audible", None: "not confirmed"}[event.audible]
        details = {
            "audible": audible,
            "on camera": "yes" if event.on_camera else "no",
            "named": event.weapon or "",
            "also in": ", ".join(event.languages),
            "said": "; ".join(event.says_what),
            "exits": {True: "open", False: "not open", None: ""}[event.exits_open],
        }
    elif isinstance(event, e.ForceReported):
        details = _force_details(event)
    elif isinstance(event, e.ForceAsked | e.ForceGranted):
        details = {"grounds": ", ".join(event.grounds), "findings": ", ".join(event.findings)}
    return {label: value for label, value in details.items() if value}


def _force_details(event: e.ForceReported) -> dict[str, str]:
    said = {True: "yes", False: "no", None: ""}
    return {
        "to": event.purpose or "",
        "quantity": "" if event.quantity is None else str(event.quantity),
        "alternatives tried": ", ".join(event.alternatives),
        "warned": said[event.warned],
        "aid given": said[event.aid_given],
        "medical help called": said[event.ems_called],
        "supervisor": event.supervisor or "",
        "under": event.grant or "",
        "resistance met": ", ".join(event.resistance_met),
        "harm": event.harm or "",
    }
