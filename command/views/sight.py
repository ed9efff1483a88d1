"""What a lens shows of an event: the event at all, each of its private fields, and whether only the bare fact.

The rules are the rows of `views.sight_table`. What nobody named there is not shown. Beyond them stand a confidential
report (oversight's, its words with the compartment `complaint`), duties that follow a report of a colleague, and the
records of which whoever looks still owes a first account (`views.first_account`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain.attaching import known_as
from command.domain.banded import record_named
from command.domain.duty import record_of
from command.domain.envelope import Recorded, private_paths
from command.domain.events_arrest import AttachedTo
from command.domain.private import compartments, private_fields
from command.domain.state import ForceReport, State
from command.policy.decision import Finding
from command.policy.sites import says_minor
from command.policy.stack import Stack
from command.views.lens import GrantedCompartment, Lens, Sight, sight_of
from command.views.sight_table import ATTACHED, LETTERS, SECTIONS_SEEN, SIGHT, Row

_NOT_NAMED = Row("")
_BY_GRANT = frozenset(GrantedCompartment.__args__)  # type: ignore[attr-defined]  # a Literal


def shows(state: State, entry: Recorded, lens: Lens) -> bool:
    """Whether this lens sees the event at all."""
    sight = sight_of(lens)
    if entry.header.confidential is not None:
        return sight.kind == "oversight"
    row = SIGHT.get(type(entry.event), _NOT_NAMED)
    if row.within and row.within not in sight.compartments:
        return False
    if is_of_a_minor(state, entry.event) and not knows_minors(lens):
        return False
    if isinstance(entry.event, ea.AttachmentAdded):
        if not _shows_file_of(state, entry.event, sight) or sight.withholds(_records(state, entry.event)):
            return False
        row = ATTACHED[_belongs_to(state, entry.event)]
    if sight.kind == "command":
        return True
    if _letter(row.who, sight, owned=lambda: _own(state, entry, sight)):
        return sight.kind == "oversight" or not follows_a_report_of_a_colleague(state, entry.event)
    return False


def _belongs_to(state: State, event: ea.AttachmentAdded) -> AttachedTo:
    """As the log knows the record, whatever its sender called it: nothing is seen more widely for a wrong word."""
    return known_as(state, event.record) or event.belongs_to


def _shows_file_of(state: State, event: ea.AttachmentAdded, sight: Sight) -> bool:
    """Whether a file of what a colleague did may be seen: where the report is open, by whoever reads the report.

    The header of a file names who brought it. So those of a confidential report, and of one that the log does not have
    yet, are for those alone who may read who reported it.
    """
    kept = state.oversight.records.get(event.record)
    if event.belongs_to != "intervention" and (kept is None or kept.kind == "pursuit"):
        return True
    if "complaint" not in sight.compartments:
        return False
    is_open = kept is not None and kept.kind == "intervention" and not kept.confidential
    return sight.kind == "oversight" or (is_open and sight.kind == "command")


def shown_private(state: State, entry: Recorded, lens: Lens) -> frozenset[str]:
    """The private fields of the event that this lens may read."""
    sight = sight_of(lens)
    if not shows(state, entry, lens):
        return frozenset()
    if entry.header.confidential is not None:
        return frozenset(private_paths(entry)) if "complaint" in sight.compartments else frozenset()
    kind = type(entry.event)
    wrote = _wrote(state, entry, sight)
    open_ = frozenset(name for name in private_fields(kind) if may_read(kind, name, lens, own=wrote))
    return open_ - accounts_of(kind) if sight.withholds(_records(state, entry.event)) else open_


def may_read(kind: type, field: str, lens: Lens, *, own: bool = False) -> bool:
    """Whether a lens reads a private field of such an event; `own`: the share's or the supervisor's people wrote it.

    The one rule for feed and board. Whether the event is seen at all, and a first account, are the caller's to ask.
    """
    sight = sight_of(lens)
    letters = SIGHT.get(kind, _NOT_NAMED).fields.get(field, "")
    compartment = compartments(kind).get(field)
    if compartment in _BY_GRANT and compartment not in sight.compartments:
        return False
    return _letter(letters, sight, owned=lambda: own)


def is_bare(entry: Recorded, lens: Lens) -> bool:
    """Whether the lens sees only that it happened: no finding, no details, a sentence without names or reasons."""
    sight = sight_of(lens)
    if isinstance(entry.event, ea.PersonDescribed):
        # Its sentence says which questions were answered, and who is kept apart: both can tell a minor.
        return not knows_minors(lens)
    return LETTERS[sight.kind] in SIGHT.get(type(entry.event), _NOT_NAMED).bare


def knows_minors(lens: Lens) -> bool:
    """Whether the lens may know who is kept apart from adults: those who house people, and those with the compartment."""
    sight = sight_of(lens)
    return sight.kind == "processing" or "juvenile" in sight.compartments


def is_of_a_minor(state: State, event: e.Event) -> bool:
    """A duty whose being owed says that somebody is, or may be, a minor."""
    if isinstance(event, e.DutyStarted):
        return event.juvenile
    duty = state.duties.all.get(event.duty) if isinstance(event, e.DutyDischarged) else None
    return duty is not None and duty.juvenile


def finding_for(lens: Lens, stack: Stack, finding: Finding | None) -> Finding | None:
    """A finding as this lens may read it: without the reasons and rules that would say that somebody is a minor."""
    if finding is None or knows_minors(lens):
        return finding
    of_minors = stack.arrests.refs("juvenile")
    if not any(map(says_minor, finding.reasons)) and set(finding.rules).isdisjoint(of_minors):
        return finding
    reasons = tuple(why for why in finding.reasons if not says_minor(why))
    rules = tuple(rule for rule in finding.rules if rule not in of_minors)
    return replace(finding, reasons=reasons, rules=rules) if reasons and rules else None


def names_nobody(lens: Lens) -> bool:
    """Whether the lens names offices and agencies instead of people."""
    return sight_of(lens).kind == "public"


def has_section(lens: Lens, section: str) -> bool:
    """Whether the lens has this section of the board at all."""
    sight = sight_of(lens)
    return sight.kind == "command" or LETTERS[sight.kind] in SECTIONS_SEEN.get(section, "")


@lru_cache(maxsize=256)  # lenses are a closed set; one that names owed records is short-lived
def unseen_sections(lens: Lens) -> tuple[str, ...]:
    """The sections of the board that this lens never has: a screen calls none of them empty."""
    return tuple(name for name in sorted(SECTIONS_SEEN) if not has_section(lens, name))


def counts_type(lens: Lens, name: str) -> bool:
    """Whether the lens is told how many events of this type there are: only where it sees each of them."""
    sight = sight_of(lens)
    row = _BY_NAME.get(name, _NOT_NAMED)
    if row.within and row.within not in sight.compartments:
        return False
    if sight.kind == "command":
        return name != ea.AttachmentAdded.__name__
    return LETTERS[sight.kind] in row.who


_BY_NAME: Mapping[str, Row] = {
    **{kind.__name__: row for kind, row in SIGHT.items()},
    ea.AttachmentAdded.__name__: Row("O", within="complaint"),  # who sees every one, of whatever record
}


def follows_a_report_of_a_colleague(state: State, event: e.Event) -> bool:
    """A duty that began with an intervention or a witness's report: it has their author, and says that there is one."""
    if not isinstance(event, e.DutyStarted | e.DutyDischarged):
        return False
    duty = state.duties.all.get(event.duty)
    return duty is not None and about_a_colleague(state, duty.started_by)


def about_a_colleague(state: State, record: str) -> bool:
    """Whether a record is a report of what a colleague did."""
    kept = state.oversight.records.get(record)
    return kept is not None and kept.kind != "pursuit"


def accounts_of(kind: type) -> frozenset[str]:
    """The private fields in which somebody tells what happened, or judges it."""
    if kind is e.ReviewFiled:
        return frozenset(private_fields(e.ReviewFiled))
    return frozenset(name for name, where in compartments(kind).items() if where == "account") | _ALSO.get(
        kind, frozenset()
    )


_ALSO: Mapping[type, frozenset[str]] = {
    e.PursuitReported: frozenset({"reason"}),
    e.ForceAsked: frozenset({"objective"}),
    ea.ProtectedRoleFlagged: frozenset({"reason"}),
    ea.RestraintRecorded: frozenset({"reason"}),
    ea.DispositionDecided: frozenset({"reason"}),
}
"""Further fields that tell of the same conduct."""


def _records(state: State, event: Any) -> Iterable[str]:
    """The records that an event is about, and those that they belong to: the force of an arrest with it."""
    named = {
        name for name in (record_of(event), getattr(event, "arrest", None), getattr(event, "record", None)) if name
    }
    if (own := record_named(state, event)) is not None:
        named.add(own.arrest)
    arrests = [found for name in named if (found := state.arrests.all.get(name)) is not None]
    named.update(force for arrest in arrests for force in arrest.force)
    return named


def _letter(letters: str, sight: Sight, *, owned: Any) -> bool:
    letter = LETTERS[sight.kind]
    if letter in letters:
        return True
    return sight.kind in ("agency", "supervision") and letter.lower() in letters and owned()


def _own(state: State, entry: Recorded, sight: Sight) -> bool:
    """Written by the agency's or the units' people, or about them."""
    if sight.agency is not None:
        return _agencys(state, entry, sight.agency)
    return _in_units(state, entry, sight.units)


def _wrote(state: State, entry: Recorded, sight: Sight) -> bool:
    """As the texts are read: a share reads what its own people wrote, a supervisor all that is their units'."""
    if sight.agency is None:
        return _in_units(state, entry, sight.units)
    if entry.header.actor.agency == sight.agency:
        return True
    return isinstance(entry.event, e.OrderGiven) and _agencys(state, entry, sight.agency)


_OFFICERS = ("officer", "person", "holder", "by", "supervisor", "from_holder", "to_holder", "leader")


def _in_units(state: State, entry: Recorded, units: tuple[str, ...]) -> bool:
    if not units:
        return False
    event: Any = entry.event
    ordered = event.to if isinstance(event, e.OrderGiven) else ()
    if getattr(event, "unit", None) in units or not set(units).isdisjoint(ordered):
        return True
    people = {entry.header.actor.person, *(getattr(event, name, None) for name in _OFFICERS)}
    arrest = record_named(state, event)
    if arrest is not None:
        people |= {arrest.officer, *arrest.observed_by, *arrest.assisting}
    people |= {report.officer for report in _report_of(state, event)}
    return any(unit_of(state, person) in units for person in people if isinstance(person, str))


def unit_of(state: State, person: str) -> str | None:
    """The unit in which a person serves here."""
    versions = state.structure.people.get(person)
    last = versions.last if versions else None
    return last.unit if last is not None else None


def _agencys(state: State, entry: Recorded, agency: str) -> bool:
    if entry.header.actor.agency == agency:
        return True
    event = entry.event
    if isinstance(event, e.PersonCheckedIn | e.UnitFormed):
        return event.agency == agency
    if isinstance(event, e.PersonCheckedOut):
        return _of_agency(state, event.person, agency)
    if isinstance(event, e.UnitAssigned | e.UnitReleased | e.OrderAcknowledged):
        return owns_unit(state, event.unit, agency)
    if isinstance(event, e.OrderGiven):
        return any(owns_unit(state, unit, agency) for unit in event.to)
    if isinstance(event, e.ForceReported | e.PursuitReported | ea.ArrestRecorded):
        return event.officer_agency == agency
    if isinstance(event, e.MunitionsIssued | e.MunitionsReturned | e.MunitionsCounted):
        return owns_unit(state, event.holder, agency) or _of_agency(state, event.holder, agency)
    if any(report.officer_agency == agency for report in _report_of(state, event)):
        return True
    arrest = record_named(state, event)
    return arrest is not None and arrest.officer_agency == agency


def _report_of(state: State, event: e.Event) -> tuple[ForceReport, ...]:
    """The report of force that a file belongs to: whose people used it sees it with them."""
    report = state.force.reports.get(event.record) if isinstance(event, ea.AttachmentAdded) else None
    return (report,) if report is not None else ()


def _of_agency(state: State, person: str, agency: str) -> bool:
    versions = state.structure.people.get(person)
    last = versions.last if versions else None
    return last is not None and last.agency == agency


def owns_unit(state: State, unit: str, agency: str) -> bool:
    """Whether the unit is one of the agency's."""
    found = state.structure.units.get(unit)
    return found is not None and found.agency == agency
