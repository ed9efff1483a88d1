"""Folding the events of arrest records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from command.domain.bearing import listed
from command.domain.custody_fold import apart_known, arrested
from command.domain.custody_join import joined
from command.domain.envelope import Recorded
from command.domain.events import FindingReopened
from command.domain.events_arrest import (
    ArrestReadBack,
    ArrestRecorded,
    ArrestSigned,
    ArrestStepCleared,
    DispositionDecided,
    GroundsReviewed,
    IndividualWarningRecorded,
    NarrativesAlike,
    OffenceRecorded,
    PersonDescribed,
    ProtectedRoleFlagged,
    RightsGiven,
    WristbandsIssued,
)
from command.domain.state import State
from command.domain.state_arrest import Arrest, Arrests, Charge, GroundsReview, Issue, Signature
from command.domain.wristband import canonical


def arrest_recorded(state: State, entry: Recorded, event: ArrestRecorded) -> State:
    """Fold ArrestRecorded: the newest version of a record stands; what others wrote under its number does not."""
    head, arrests = entry.header, state.arrests
    first = arrests.all.get(event.arrest)
    if first is not None and head.supersedes is None:
        return state
    fresh = Arrest(
        arrest=event.arrest,
        subject=event.subject,
        event=head.id,
        versions=(*(first.versions if first else ()), entry.seq),
        officer=event.officer,
        officer_agency=event.officer_agency,
        by=first.by if first else head.actor,
        at=arrested_at(first, head.occurred_at),
        recorded_at=first.recorded_at if first else head.recorded_at,
        sector=event.sector,
        place=event.place,
        wristband=event.wristband,
        offences=event.offences,
        observed_by=event.observed_by,
        assisting=event.assisting,
        authorized_by=event.authorized_by,
        basis=event.basis,
        category=event.category,
        warning=event.warning,
        exits=event.exits,
        warned=event.warned,
        why_not_warned=event.why_not_written,
        conduct_written=event.conduct_written,
        force=event.force,
        injured=event.injured,
        cameras=event.cameras,
        curfew=event.curfew,
        contained=event.contained,
        bystanders=event.bystanders,
        declaration=event.declaration,
        clock_error_ms=head.clock_error_ms,
        finding=head.finding,
        origin=head.origin,
    )
    if first is not None:
        fresh = replace(fresh, **{name: getattr(first, name) for name in _GROWN})
    arrests = replace(arrests, by_subject=arrests.by_subject.insert(event.subject, event.arrest))
    if first is None:
        arrests = replace(arrests, order=arrests.order.append(event.arrest))
    told = listed(
        arrests.told, fresh.arrest, fresh.at, fresh.clock_error_ms, fresh.sector, fresh.officer, head.recorded_at
    )
    arrests = replace(_banded(arrests, first, event, entry.seq), told=told)
    return arrested(joined(_put(replace(state, arrests=arrests), fresh), fresh), fresh, entry.seq)


def arrested_at(first: Arrest | None, said: datetime) -> datetime:
    """When the arrest was. What is told of a record that is there already is of the time of telling, unless it is of
    one before the record: nobody was arrested after their arrest was written down."""
    return said if first is None or said < first.recorded_at else first.at


def _banded(arrests: Arrests, first: Arrest | None, event: ArrestRecorded, seq: int) -> Arrests:
    """The wristbands in use. One that a corrected card bears no longer is that of whoever else has it, or nobody's."""
    bands, worn, former = arrests.wristbands, arrests.worn, first.wristband if first is not None else None
    if former is not None and former != event.wristband and bands.get(former) == event.arrest:
        others = (one for one in arrests.all.values() if one.wristband == former and one.arrest != event.arrest)
        heir = min(((one.versions[0], one.arrest) for one in others), default=(0, ""))[1]
        bands = bands.insert(former, heir) if heir else bands.discard(former)
        worn = worn.insert(former, (*(worn.get(former) or ((0, event.arrest),)), (seq, heir)))
    if event.wristband is not None and event.wristband not in bands:
        bands = bands.insert(event.wristband, event.arrest)
        if (before := worn.get(event.wristband)) is not None:  # what was told of nobody's since is theirs
            worn = worn.insert(event.wristband, (*before[:-1], (before[-1][0], event.arrest)))
    return replace(arrests, wristbands=bands, worn=worn)


_GROWN = (
    "charges", "answered", "unidentified", "apart", "signed", "reviews", "disposition", "exception", "disposed_at",
    "rights", "attachments", "protected", "alike", "cleared", "forms",
)  # fmt: skip
"""What later events have put on a record: a corrected street card takes none of it away."""


def _put(state: State, arrest: Arrest) -> State:
    return replace(state, arrests=replace(state.arrests, all=state.arrests.all.insert(arrest.arrest, arrest)))


def _on(state: State, arrest: str, change: Callable[[Arrest], Arrest], subject: str | None = None) -> State:
    """The record changed; one that is not there stays not there, as the log may hold its parts first.

    What is told of another `subject` than the record's own changes nothing: nobody's charge lands on somebody else.
    """
    known = state.arrests.all.get(arrest)
    if known is None or (subject is not None and subject != known.subject):
        return state
    return _put(state, change(known))


def offence_recorded(state: State, entry: Recorded, event: OffenceRecorded) -> State:
    """Fold OffenceRecorded."""

    def change(arrest: Arrest) -> Arrest:
        known = {charge.offence: charge for charge in arrest.charges}
        if event.offence in known and entry.header.supersedes is None:
            return arrest
        known[event.offence] = Charge(
            offence=event.offence,
            charge=event.charge,
            event=entry.header.id,
            seq=entry.seq,
            statute=event.statute or "",
            ucr=event.ucr or "",
            at=event.at,
            sector=event.sector,
            place=event.place,
            observed_by=event.observed_by,
            facts_written=event.facts_written,
            evidence_written=event.evidence_written,
            withdrawn=event.withdrawn,
        )
        return replace(arrest, charges=tuple(known.values()))

    return _on(state, event.arrest, change, event.subject)


def person_described(state: State, _entry: Recorded, event: PersonDescribed) -> State:
    """Fold PersonDescribed: what was answered adds up; that someone is kept apart is the newest word."""

    def change(arrest: Arrest) -> Arrest:
        return replace(
            arrest,
            answered=tuple(dict.fromkeys((*arrest.answered, *event.answered))),
            unidentified=event.unidentified and "name" not in event.answered,
            apart=arrest.apart if event.apart is None else event.apart,
        )

    changed = _on(state, event.arrest, change, event.subject)
    return changed if event.apart is None else apart_known(changed, event.subject, event.apart)


def protected_role_flagged(state: State, _entry: Recorded, event: ProtectedRoleFlagged) -> State:
    """Fold ProtectedRoleFlagged."""
    return _on(state, event.arrest, lambda arrest: replace(arrest, protected=True), event.subject)


def individual_warning_recorded(state: State, _entry: Recorded, event: IndividualWarningRecorded) -> State:
    """Fold IndividualWarningRecorded."""
    return _on(
        state,
        event.arrest,
        lambda arrest: replace(
            arrest, warned=event.warned, why_not_warned=arrest.why_not_warned or event.why_not_written
        ),
    )


def rights_given(state: State, _entry: Recorded, event: RightsGiven) -> State:
    """Fold RightsGiven."""
    return _on(
        state, event.arrest, lambda arrest: replace(arrest, rights=tuple(dict.fromkeys((*arrest.rights, event.what))))
    )


def arrest_signed(state: State, entry: Recorded, event: ArrestSigned) -> State:
    """Fold ArrestSigned: only a signature for one's own part signs; another's hand is on record and signs nothing."""
    head = entry.header
    if head.finding is None or head.finding.kind != "authorized":
        return state
    signature = Signature(event.signing, head.actor.person, head.occurred_at, event.of)
    return _on(state, event.arrest, lambda arrest: replace(arrest, signed=(*arrest.signed, signature)), event.subject)


def grounds_reviewed(state: State, entry: Recorded, event: GroundsReviewed) -> State:
    """Fold GroundsReviewed."""
    head = entry.header
    review = GroundsReview(event.review, event.conclusion, head.actor.person, head.recorded_at, event.offences)
    return _on(state, event.arrest, lambda arrest: replace(arrest, reviews=(*arrest.reviews, review)), event.subject)


def disposition_decided(state: State, entry: Recorded, event: DispositionDecided) -> State:
    """Fold DispositionDecided: the newest stands."""
    at: datetime = entry.header.occurred_at

    def change(arrest: Arrest) -> Arrest:
        if arrest.disposed_at is not None and at < arrest.disposed_at:
            return arrest
        return replace(arrest, disposition=event.disposition, exception=event.exception, disposed_at=at)

    return _on(state, event.arrest, change, event.subject)


def narratives_alike(state: State, _entry: Recorded, event: NarrativesAlike) -> State:
    """Fold NarrativesAlike: both records name the other."""
    both = _on(state, event.arrest, lambda a: replace(a, alike=tuple(dict.fromkeys((*a.alike, event.other)))))
    return _on(both, event.other, lambda a: replace(a, alike=tuple(dict.fromkeys((*a.alike, event.arrest)))))


def arrest_read_back(state: State, _entry: Recorded, event: ArrestReadBack) -> State:
    """Fold ArrestReadBack: a form's number stands for the first record that was entered from it."""
    form = canonical(event.form)
    read = _on(state, event.arrest, lambda arrest: replace(arrest, forms=tuple(dict.fromkeys((*arrest.forms, form)))))
    if form in read.arrests.forms:
        return read
    return replace(read, arrests=replace(read.arrests, forms=read.arrests.forms.insert(form, event.arrest)))


def arrest_step_cleared(state: State, _entry: Recorded, event: ArrestStepCleared) -> State:
    """Fold ArrestStepCleared."""
    return _on(
        state, event.arrest, lambda arrest: replace(arrest, cleared=tuple(dict.fromkeys((*arrest.cleared, event.step))))
    )


def wristbands_issued(state: State, entry: Recorded, event: WristbandsIssued) -> State:
    """Fold WristbandsIssued."""
    issue = Issue(event.issue, event.holder, event.what, event.first, event.last, event.quantity, entry.seq)
    issues = state.arrests.issues.insert(event.issue, issue)
    return replace(state, arrests=replace(state.arrests, issues=issues))


def arrest_reopened(state: State, event: FindingReopened) -> State:
    """Fold FindingReopened about an arrest."""
    return _on(state, event.record, lambda arrest: replace(arrest, finding=event.finding))
