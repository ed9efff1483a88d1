"""One plain sentence for each event about an arrest, a person in custody, or their property. No sentence names the person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from command.domain import events_arrest as ea
from command.domain import events_custody as ec
from command.domain.banded import person_of
from command.domain.state import State
from command.policy.stack import Stack
from command.views.names import person_name, record_words, sector_name, unit_name


def arrest_words(state: State, arrest: str | None) -> str:
    """An arrest as people at the tables call it: by its wristband, else by the number of its record."""
    if arrest is None:
        return "an arrest not named"
    known = state.arrests.all.get(arrest)
    return f"arrest {known.wristband}" if known is not None and known.wristband else f"arrest {arrest}"


def first_up(words: str) -> str:
    """The words at the beginning of a sentence: a number within them keeps its letters as they are."""
    return words[:1].upper() + words[1:]


def _of(state: State, arrest: str | None) -> str:
    return first_up(arrest_words(state, arrest))


def subject_words(state: State, subject: str) -> str:
    """A person in custody: by the arrest, never by a name."""
    arrest = state.arrests.by_subject.get(person_of(state, subject))
    return f"the person of {arrest_words(state, arrest)}" if arrest else "a person without a record of arrest"


def holder_words(state: State, holder: str) -> str:
    """Who or what holds someone: a site, a unit, an officer, else as it was written."""
    site = state.custody.sites.get(holder)
    if site is not None:
        return site.name
    if holder in state.structure.units:
        return unit_name(state, holder)
    return person_name(state, holder)


def charge_words(stack: Stack, charge: str) -> str:
    """An offence in the plan's words."""
    found = stack.arrests.charge(charge)
    return charge.replace("-", " ") if found is None or found.id == charge else found.id.replace("-", " ")


def _arrested(state: State, stack: Stack, event: ea.ArrestRecorded) -> str:
    where = f" in {sector_name(state, event.sector)}" if event.sector else ""
    charges = ", ".join(charge_words(stack, charge) for charge in event.offences) or "no offence named yet"
    band = f" ({event.wristband})" if event.wristband else ""
    kind = "Summons" if event.category == "S" else "Arrest"
    return f"{kind}{band}{where} by {person_name(state, event.officer)}: {charges}"


def _offence(state: State, stack: Stack, event: ea.OffenceRecorded) -> str:
    what = charge_words(stack, event.charge)
    done = "withdrawn" if event.withdrawn else "recorded"
    return f"{_of(state, event.arrest)}: {what} {done}"


def _described(state: State, _stack: Stack, event: ea.PersonDescribed) -> str:
    asked = ", ".join(event.answered) or "nothing yet"
    apart = "; to be kept apart from adults" if event.apart else ""
    return f"{_of(state, event.arrest)}: answered {asked}{apart}"


def _role(state: State, _stack: Stack, event: ea.ProtectedRoleFlagged) -> str:
    return f"{_of(state, event.arrest)}: someone at work in a protected role; {event.outcome}"


def _warned(state: State, _stack: Stack, event: ea.IndividualWarningRecorded) -> str:
    why = ", with the reason" if event.why_not_written else ""
    return f"{_of(state, event.arrest)}: {event.warned}{why}"


def _restraint(state: State, _stack: Stack, event: ea.RestraintRecorded) -> str:
    how = f", {event.position}" if event.position else ""
    kind = event.kind or "restraints"
    return f"{_of(state, event.arrest)}: {kind} {event.act}{how}"


def _rights(state: State, _stack: Stack, event: ea.RightsGiven) -> str:
    language = f" in {event.language}" if event.language else ""
    return f"{_of(state, event.arrest)}: {event.what} given{language}"


def _signed(state: State, _stack: Stack, event: ea.ArrestSigned) -> str:
    return f"{_of(state, event.arrest)}: signed as {event.signing}"


def _read_back(state: State, _stack: Stack, event: ea.ArrestReadBack) -> str:
    to = f" to {person_name(state, event.read_to)}" if event.read_to else ""
    return f"{_of(state, event.arrest)}: entered from {event.form} and read back{to}"


def _reviewed(state: State, _stack: Stack, event: ea.GroundsReviewed) -> str:
    return f"{_of(state, event.arrest)}: probable cause {event.conclusion}"


def _disposed(state: State, _stack: Stack, event: ea.DispositionDecided) -> str:
    why = f", exception {event.exception}" if event.exception else ""
    return f"{_of(state, event.arrest)}: {event.disposition}{why}"


def _alike(state: State, _stack: Stack, event: ea.NarrativesAlike) -> str:
    one, other = arrest_words(state, event.arrest), arrest_words(state, event.other)
    return f"{first_up(one)} and {other}: {event.field} reads alike to {event.likeness:.0%}"


def _attached(state: State, _stack: Stack, event: ea.AttachmentAdded) -> str:
    return f"{_record(state, event)}: {event.kind} added, {size_words(event.size_bytes)}"


def _record(state: State, event: ea.AttachmentAdded) -> str:
    if event.belongs_to == "arrest":
        return _of(state, event.record)
    if event.belongs_to in ("force report", "intervention"):
        return first_up(record_words(state, event.record))
    return _RECORDS[event.belongs_to]


_RECORDS = {
    "warning": "A warning", "observation": "An observation", "injury": "An injury", "entry": "An entry",
    "distress": "Someone in distress",
}  # fmt: skip


def size_words(size_bytes: int) -> str:
    """A size as people read it: 820 bytes, 14 kB, 2.3 MB."""
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    return f"{size_bytes / 1000:.0f} kB" if size_bytes < 1_000_000 else f"{size_bytes / 1_000_000:.1f} MB"


def _cleared(state: State, _stack: Stack, event: ea.ArrestStepCleared) -> str:
    return f"{_of(state, event.arrest)}: complete for {event.step}"


def _bar(_state: State, _stack: Stack, event: ea.ArrestBarSet) -> str:
    return f"Bar for arrest set: {len(event.cited)} offences cited, {len(event.custody)} may lead to custody"


def _bar_read(state: State, _stack: Stack, event: ea.ArrestBarAcknowledged) -> str:
    return f"{person_name(state, event.person)} has read the bar for arrest"


def _bar_told(_state: State, _stack: Stack, event: ea.ArrestBarAnnounced) -> str:
    languages = f" in {', '.join(event.languages)}" if event.languages else ""
    return f"Bar for arrest announced by {event.channel}{languages}"


def _many(state: State, _stack: Stack, event: ea.HighVolumeDeclared) -> str:
    where = f" in {sector_name(state, event.sector)}" if event.sector else ""
    procedure = ", with a written procedure" if event.procedure_written else ""
    return f"Many arrests declared{where} until {event.until:%H:%M} UTC{procedure}"


def _many_over(_state: State, _stack: Stack, _event: ea.HighVolumeEnded) -> str:
    return "Declaration of many arrests ended"


def _bands(state: State, _stack: Stack, event: ea.WristbandsIssued) -> str:
    return f"{event.quantity} {event.what} ({event.first} to {event.last}) to {holder_words(state, event.holder)}"


def _site(_state: State, _stack: Stack, event: ec.SiteOpened) -> str:
    return f"{event.name} opened: {event.kind}, room for {event.capacity}"


def _checked(state: State, _stack: Stack, event: ec.FacilityChecked) -> str:
    lacks = f"; lacks {', '.join(event.missing)}" if event.missing else "; nothing is missing"
    return f"{holder_words(state, event.site)} checked{lacks}"


def _site_closed(state: State, _stack: Stack, event: ec.SiteClosed) -> str:
    return f"{holder_words(state, event.site)} closed"


def _handed(state: State, _stack: Stack, event: ec.CustodyTransferred) -> str:
    before = f" from {holder_words(state, event.from_holder)}" if event.from_holder else ""
    who = subject_words(state, event.subject)
    return f"{first_up(who)} handed over{before} to {holder_words(state, event.to_holder)}"


def _relieved(state: State, _stack: Stack, event: ec.HolderRelieved) -> str:
    one, other = holder_words(state, event.from_holder), holder_words(state, event.to_holder)
    return f"{other} relieves {one}: {event.people} in custody, {event.bags} bags"


def _answered(state: State, _stack: Stack, event: ec.CustodyAnswered) -> str:
    says = "has them" if event.has else "has not got them"
    return f"{first_up(subject_words(state, event.subject))}: {holder_words(state, event.holder)} {says}"


def _station(state: State, _stack: Stack, event: ec.StationEntered) -> str:
    who = subject_words(state, event.subject)
    return f"{first_up(who)} at {event.station}, {holder_words(state, event.site)}"


def _counted(state: State, _stack: Stack, event: ec.HeadCounted) -> str:
    return f"{event.heads} heads counted with {holder_words(state, event.holder)} ({event.when})"


def _care(state: State, _stack: Stack, event: ec.CareRecorded) -> str:
    who = subject_words(state, event.subject)
    return f"{first_up(who)}: {event.care} {event.outcome}"


def _guardian(state: State, _stack: Stack, event: ec.GuardianCalled) -> str:
    who = subject_words(state, event.subject)
    return f"{first_up(who)}: guardian called, {'reached' if event.reached else 'not reached'}"


def _explained(state: State, _stack: Stack, event: ec.HoldExplained) -> str:
    said = "explained in writing" if event.reason_written else "not explained"
    return f"{_of(state, event.arrest)}: further hold {said}"


def _property(state: State, _stack: Stack, event: ec.PropertyTaken) -> str:
    receipt = f", receipt {event.receipt}" if event.receipt else ", no receipt yet"
    return f"Bag {event.bag} taken from {subject_words(state, event.subject)}{receipt}"


def _bag(state: State, _stack: Stack, event: ec.BagMoved) -> str:
    return f"Bag {event.bag} to {holder_words(state, event.to_holder) if event.kind != 'owner' else 'its owner'}"


def _released(state: State, _stack: Stack, event: ec.PersonReleased) -> str:
    who = subject_words(state, event.subject)
    return f"{first_up(who)} {event.how}" if event.how == "died in custody" else f"{first_up(who)} released {event.how}"


Line = Callable[[State, Stack, Any], str]

LINES_ARREST: dict[type, Line] = {
    ea.ArrestRecorded: _arrested,
    ea.OffenceRecorded: _offence,
    ea.PersonDescribed: _described,
    ea.ProtectedRoleFlagged: _role,
    ea.IndividualWarningRecorded: _warned,
    ea.RestraintRecorded: _restraint,
    ea.RightsGiven: _rights,
    ea.ArrestSigned: _signed,
    ea.ArrestReadBack: _read_back,
    ea.GroundsReviewed: _reviewed,
    ea.DispositionDecided: _disposed,
    ea.NarrativesAlike: _alike,
    ea.AttachmentAdded: _attached,
    ea.ArrestStepCleared: _cleared,
    ea.ArrestBarSet: _bar,
    ea.ArrestBarAcknowledged: _bar_read,
    ea.ArrestBarAnnounced: _bar_told,
    ea.HighVolumeDeclared: _many,
    ea.HighVolumeEnded: _many_over,
    ea.WristbandsIssued: _bands,
    ec.SiteOpened: _site,
    ec.FacilityChecked: _checked,
    ec.SiteClosed: _site_closed,
    ec.CustodyTransferred: _handed,
    ec.CustodyAnswered: _answered,
    ec.HolderRelieved: _relieved,
    ec.StationEntered: _station,
    ec.HeadCounted: _counted,
    ec.CareRecorded: _care,
    ec.GuardianCalled: _guardian,
    ec.HoldExplained: _explained,
    ec.PropertyTaken: _property,
    ec.BagMoved: _bag,
    ec.PersonReleased: _released,
}
"""By event type."""

BARE_ARREST: dict[type, str] = {
    ea.ArrestRecorded: "Someone is in custody",
    ea.PersonDescribed: "Someone in custody was described",
}
"""For a lens that is told no more."""

TEXT_ARREST: dict[type, str] = {
    ea.ArrestRecorded: "conduct",
    ea.OffenceRecorded: "facts",
    ea.ProtectedRoleFlagged: "reason",
    ea.IndividualWarningRecorded: "words",
    ea.RestraintRecorded: "reason",
    ea.GroundsReviewed: "reasons",
    ea.DispositionDecided: "reason",
    ea.AttachmentAdded: "note",
    ea.ArrestBarSet: "words",
    ea.HighVolumeDeclared: "reason",
    ec.FacilityChecked: "note",
    ec.CustodyTransferred: "note",
    ec.CareRecorded: "note",
    ec.HoldExplained: "reason",
    ec.PropertyTaken: "contents",
    ec.BagMoved: "note",
    ec.PersonReleased: "note",
}
"""The private field that is the event's own text."""
