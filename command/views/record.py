"""One record, whole: every version, who signed what, where the person and each bag were, what is owed and missing.

All of it is made of the record's own events, each through the lens by the one rule of the feed (`views.timeline`),
and of the fold. What the lens may not read is named and not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain import events_custody as ec
from command.domain.banded import bearer, names_of
from command.domain.envelope import Recorded, private_paths
from command.domain.facts_arrest import charges_of, record_of
from command.domain.private import compartments, private_fields
from command.domain.state import State
from command.domain.state_arrest import Arrest
from command.policy.arrest_record import Step, step_decision
from command.policy.stack import Stack
from command.views import record_rows as v
from command.views.arrest_words import (
    charges_in_words,
    holder,
    named,
    names,
    number_of,
    received_words,
    sees_minors,
    sees_record,
    tells_clock,
)
from command.views.names import who
from command.views.scene import Scene
from command.views.sections_aftercare import care as care_row
from command.views.sections_arrest import arrest_row
from command.views.sections_force import warned_row
from command.views.sight import has_section, is_bare
from command.views.timeline import entry, told_by, told_since

STEPS: Final[tuple[Step, ...]] = ("transport", "booking", "closing")

WARNINGS_SHOWN: Final = 50

_PAIRS: Final = (
    ("sex", "sex_perceived", "sex_stated"),
    ("race", "race_perceived", "race_stated"),
    ("ethnicity", "ethnicity_perceived", "ethnicity_stated"),
)
_IN_PAIRS: Final = frozenset(name for pair in _PAIRS for name in pair[1:])
_KEYS: Final = frozenset({"arrest", "subject"})


def about(event: e.Event) -> tuple[str, ...]:
    """The ids under which an event belongs to records: of the arrest, of the person, of what began a duty; and under
    `of_report` the report of force that it is, or is about."""
    if isinstance(event, e.DutyStarted):
        return (event.started_by,)
    if isinstance(event, e.FindingReopened):
        return (event.record,)
    if isinstance(event, e.AskRefused):
        return (event.detail,) if event.ask == "AskArrestStep" and event.detail else ()
    if isinstance(event, ea.NarrativesAlike):
        return (event.arrest, event.other)
    named_ = (getattr(event, "arrest", None), getattr(event, "subject", None))
    reported = event.report if isinstance(event, e.ForceReported) else getattr(event, "record", None)
    more = (of_report(reported),) if isinstance(reported, str) else ()
    return (*(one for one in named_ if isinstance(one, str)), *more)


def tells_of(state: State, found: Arrest, one: Recorded) -> bool:
    """Whether an event under one of a person's names is of them: a band may have been another's when it was told."""
    names = about(one.event)
    if found.arrest in names or found.subject in names:
        return True
    return any(bearer(state, name, one.seq) == found.arrest for name in names if name in names_of(state, found))


def of_report(report: str) -> str:
    """The name under which a report of force is found; no id has a blank, so it is nobody else's."""
    return f"of {report}"


def tells_of_a_minor(scene: Scene, rule: str) -> bool:
    """Whether a duty of this rule would say that someone is a minor, to a lens that may not know."""
    found = scene.stack.duties.get(rule)
    return found is not None and found.starts.event == "PersonDescribed" and not sees_minors(scene)


def steps(state: State, stack: Stack, found: Arrest) -> tuple[v.StepView, ...]:
    """What each step would take now."""
    fact = record_of(state, found)
    return tuple(v.StepView(step, step_decision(stack, fact, step)) for step in STEPS)


def steps_view(scene: Scene, arrest: str) -> v.StepsView | None:
    """The same for a screen; None for a record that is not this lens's to see."""
    found = seen(scene, arrest)
    if found is None:
        return None
    number = number_of(scene.state, found.subject, arrest)
    return v.StepsView(arrest, number, scene.now, steps(scene.state, scene.stack, found))


def seen(scene: Scene, arrest: str) -> Arrest | None:
    """The record, where this lens has it."""
    found = scene.state.arrests.all.get(arrest)
    return found if found is not None and has_section(scene.lens, "arrests") and sees_record(scene, found) else None


def record(scene: Scene, found: Arrest, events: Sequence[Recorded], viewer: str | None = None) -> v.RecordView:
    """A record that `seen` gave, from its events in the order of the log (those that `about` names under its arrest or
    its subject). `scene.private` holds their plain values; `viewer` is who looks: authors read their own."""
    look = _Look(scene, events, viewer)
    state = scene.state
    told = look.of
    return v.RecordView(
        now=scene.now,
        record=arrest_row(scene, found),
        basis=found.basis,
        versions=_standing(told(ea.ArrestRecorded), found.event),
        exits=found.exits,
        curfew=found.curfew,
        authorized_by=who(state, found.authorized_by),
        cameras=found.cameras,
        offences=look.offences(found),
        ucr=_ucr(scene, found),
        person=look.person(found),
        warnings=told(ea.IndividualWarningRecorded),
        dispersal=_dispersal(state, found),
        roles=told(ea.ProtectedRoleFlagged),
        force=_force(scene, found, events),
        aid=care_row(scene, found.arrest) if has_section(scene.lens, "care") else None,
        signatures=told(ea.ArrestSigned),
        read_back=told(ea.ArrestReadBack),
        reviews=told(ea.GroundsReviewed),
        rights=told(ea.RightsGiven),
        restraints=_restraints(events) if told(ea.RestraintRecorded) else (),
        restraint_events=told(ea.RestraintRecorded),
        custody=_custody(state, found.subject),
        transfers=told(ec.CustodyTransferred),
        stations=told(ec.StationEntered),
        care=told(ec.CareRecorded),
        guardian=told(ec.GuardianCalled),
        holds=told(ec.HoldExplained),
        property=look.property(found),
        attachments=told(ea.AttachmentAdded),
        dispositions=told(ea.DispositionDecided),
        releases=told(ec.PersonReleased),
        alike=told(ea.NarrativesAlike),
        findings=told(e.FindingReopened),
        refusals=told(e.AskRefused),
        cleared=told(ea.ArrestStepCleared),
        duties=_duties(scene, events),
        steps=steps(state, scene.stack, found),
        redacted=any(one.redacted for one in look.all),
        compartments=look.compartments(),
    )


def _ucr(scene: Scene, found: Arrest) -> tuple[str, ...]:
    """Of each charge that stands: what its own record says, else the plan."""
    own = {one.charge: one.ucr for one in found.charges if one.ucr and not one.withdrawn}
    rules = ((word, scene.stack.arrests.charge(word)) for word in charges_of(found))
    codes = (own.get(word) or (rule.ucr if rule else "") for word, rule in rules)
    return tuple(dict.fromkeys(code for code in codes if code))


class _Look:
    """The events of one record as one lens may see them."""

    def __init__(self, scene: Scene, events: Sequence[Recorded], viewer: str | None) -> None:
        self._scene = scene
        self._events = {one.seq: one for one in events}
        later = {one.header.supersedes for one in events if one.header.supersedes}
        shown = (_told(scene, one, viewer, stands=one.header.id not in later) for one in events)
        self.all = tuple(one for one in shown if one is not None)
        self._by_type: dict[str, list[v.Told]] = {}
        for one in self.all:
            self._by_type.setdefault(one.type, []).append(one)

    def of(self, kind: type) -> tuple[v.Told, ...]:
        """Those of one type, in the order of the log."""
        return tuple(self._by_type.get(kind.__name__, ()))

    def event(self, told: v.Told) -> Any:
        """The event behind it."""
        return self._events[told.seq].event

    def compartments(self) -> tuple[str, ...]:
        """The compartments of which a value is shown: what the trail says was read."""
        where = ((compartments(self.event(one).__class__), one.said) for one in self.all)
        return tuple(sorted({known[name] for known, said in where for name in said if name in known}))

    def offences(self, found: Arrest) -> tuple[v.OffenceView, ...]:
        """Each offence with all its versions."""
        told = self.of(ea.OffenceRecorded)
        made = []
        for charge in found.charges:
            rule = self._scene.stack.arrests.charge(charge.charge)
            versions = tuple(one for one in told if self.event(one).offence == charge.offence)
            made.append(
                v.OffenceView(
                    offence=charge.offence,
                    charge=charges_in_words(self._scene.stack, (charge.charge,))[0],
                    says=rule.says if rule else "",
                    statute=charge.statute or (rule.statute if rule else ""),
                    ucr=charge.ucr or (rule.ucr if rule else ""),
                    rests_on=rule.rests_on if rule else "",
                    rules=rule.refs if rule else (),
                    at=charge.at,
                    sector=charge.sector or "",
                    observers=names(self._scene.state, charge.observed_by),
                    withdrawn=charge.withdrawn,
                    versions=_standing(versions, charge.event),
                )
            )
        return tuple(made)

    def person(self, found: Arrest) -> v.PersonView | None:
        """The newest answer to each question; None where this lens does not see that any was asked."""
        told = self.of(ea.PersonDescribed)
        if not told:
            return None
        newest: dict[str, str] = {}
        withheld: dict[str, None] = {}
        for one in told:
            newest.update(one.said)
            withheld.update(dict.fromkeys(one.withheld))
        pairs = tuple(
            v.PairView(what, newest.get(one, ""), newest.get(other, ""), one in withheld) for what, one, other in _PAIRS
        )
        bare = all(is_bare(self._events[one.seq], self._scene.lens) for one in told)
        return v.PersonView(
            answered=() if bare else found.answered,
            unidentified=found.unidentified,
            pairs=pairs,
            answers={name: value for name, value in newest.items() if name not in _IN_PAIRS},
            withheld=tuple(withheld),
            versions=told,
        )

    def property(self, found: Arrest) -> tuple[v.BagView, ...]:
        """Each bag with its way; none where this lens sees nothing of property."""
        state = self._scene.state
        person = state.custody.people.get(found.subject)
        chain = sorted((*self.of(ec.PropertyTaken), *self.of(ec.BagMoved)), key=lambda one: one.seq)
        made = []
        for name in person.bags if person is not None and chain else ():
            bag = state.custody.bags[name]
            made.append(
                v.BagView(
                    bag=name,
                    keeper=holder(state, bag.keeper, bag.kind),
                    since=bag.since,
                    receipt=bag.receipt,
                    evidence=bag.evidence,
                    items=bag.items,
                    lost=bag.lost,
                    chain=tuple(one for one in chain if self.event(one).bag == name),
                )
            )
        return tuple(made)


def _told(scene: Scene, one: Recorded, viewer: str | None, *, stands: bool) -> v.Told | None:
    private = scene.private.get(one.seq, {})
    line = entry(scene.state, scene.stack, one, scene.lens, private, viewer)
    if line is None:
        return None
    paths = frozenset(private_paths(one)) - frozenset(line.withheld)
    own = viewer is not None and viewer == told_by(one)
    return v.Told(
        seq=line.seq,
        event=line.id,
        type=line.type,
        line=line.line,
        at=line.occurred_at,
        recorded_at=line.recorded_at,
        by=line.who,
        public={} if not own and is_bare(one, scene.lens) else public(one.event) | told_since(scene.state, one),
        said={path: value for path, value in private.items() if path in paths},
        withheld=line.withheld,
        redacted=line.redacted,
        finding=line.finding,
        decision=line.decision,
        of=line.supersedes,
        stands=stands,
    )


def public(event: msgspec.Struct) -> dict[str, Any]:
    """The public fields of an event that say something, as JSON would have them; not whose record it is, but for a pair."""
    whose: frozenset[str] = frozenset() if isinstance(event, ea.NarrativesAlike) else _KEYS  # a pair names both
    hidden = frozenset(private_fields(type(event))) | whose
    said = {name: getattr(event, name) for name in event.__struct_fields__ if name not in hidden}
    full = {name: value for name, value in said.items() if value is not None and value != ()}
    made: dict[str, Any] = msgspec.to_builtins(full)
    return made


def _standing(told: Iterable[v.Told], event: str) -> tuple[v.Told, ...]:
    """The versions of one thing: the one that the fold rests on stands, the others are there to be read."""
    return tuple(msgspec.structs.replace(one, stands=one.event == event) for one in told)


def _dispersal(state: State, found: Arrest) -> v.DispersalView | None:
    """Which warnings had been given there by then, and the ways out as they had last been seen."""
    if found.sector is None:
        return None
    given, looks = state.warnings.given.get(found.sector), state.ground.exits.get(found.sector)
    moved = state.ground.moved.get(found.sector)
    told = list(given.back_from(found.at))[:WARNINGS_SHOWN] if given else []
    look = looks.newest(found.at) if looks else None
    return v.DispersalView(
        sector=found.sector,
        at=found.at,
        given=tuple(warned_row(state, one, found.at) for one in reversed(told)),
        named=found.warning or "",
        exits_said=found.exits,
        exits_open=look.open if look else None,
        exits_closed=look.closed if look else (),
        exits_at=look.at if look else None,
        exits_by=who(state, look.by) if look else None,
        moved_at=moved.newest(found.at) if moved else None,
    )


def _force(scene: Scene, found: Arrest, events: Sequence[Recorded]) -> tuple[v.ForceLink, ...]:
    """The reports that the card names, and those about the same person."""
    if not has_section(scene.lens, "care"):
        return ()
    same = (one.event.report for one in events if isinstance(one.event, e.ForceReported))
    reports = scene.state.force.reports
    made = []
    for name in dict.fromkeys((*found.force, *same)):
        report = reports.get(name)
        if report is None:
            made.append(v.ForceLink(name))
            continue
        stands = report.finding.kind if report.finding else ""
        made.append(v.ForceLink(name, report.tool or "", report.at, stands, report.seq, care_row(scene, name)))
    return tuple(made)


def _restraints(events: Sequence[Recorded]) -> tuple[v.RestraintSpan, ...]:
    """From when to when each was on, in the order of what happened; public facts, for the clock and its rule."""
    told = sorted((one for one in events if isinstance(one.event, ea.RestraintRecorded)), key=_when)
    spans: dict[str, list[v.RestraintSpan]] = {}
    for one in told:
        event, at = one.event, one.header.occurred_at
        assert isinstance(event, ea.RestraintRecorded), "told apart above"
        mine = spans.setdefault(event.restraint, [])
        if not mine or mine[-1].off is not None:
            if event.act == "removed":
                continue  # off, and nobody wrote down since when they were on
            mine.append(v.RestraintSpan(event.restraint, at, None, event.kind or "", event.position or ""))
        last = mine[-1]
        mine[-1] = msgspec.structs.replace(
            last,
            off=at if event.act == "removed" else None,
            kind=event.kind or last.kind,
            position=event.position or last.position,
            looks=last.looks if event.act == "applied" else (*last.looks, at),
            findings=(*last.findings, one.header.finding) if one.header.finding else last.findings,
        )
    return tuple(span for mine in spans.values() for span in mine)


def _when(one: Recorded) -> tuple[datetime, int]:
    return one.header.occurred_at, one.seq


def _custody(state: State, subject: str) -> tuple[v.SpanView, ...]:
    person = state.custody.people.get(subject)
    spans = person.spans if person is not None else ()
    ends: list[datetime | None] = [*(span.since for span in spans[1:]), None]
    return tuple(
        v.SpanView(
            since=span.since,
            until=end,
            holder=holder(state, span.holder, span.kind) if span.holder else None,
            officer=named(state, span.officer) if span.officer else None,
            how=span.how,
            seq=span.seq,
            received=received_words(state, person, span) if person is not None else "",
            received_by=who(state, span.received_by),
            received_at=span.received_at,
            before=names(state, span.before),
            corrected=span.corrected,
            relieved=names(state, span.relieved),
        )
        for span, end in zip(spans, ends if spans else (), strict=True)
    )


def _duties(scene: Scene, events: Sequence[Recorded]) -> tuple[v.DutyView, ...]:
    """The clocks that this record began, running or done, as far as this lens may know of them."""
    if scene.kind == "medical":
        return ()
    by_id = scene.state.duties.all
    begun = [one.event.duty for one in events if isinstance(one.event, e.DutyStarted)]
    made = []
    for duty in (by_id[name] for name in begun if name in by_id):
        if tells_of_a_minor(scene, duty.rule) or not tells_clock(scene, duty):
            continue
        made.append(v.DutyView(duty.duty, duty.rule, duty.says, duty.owed_by, duty.started_at, duty.due, duty.done_at))
    return tuple(made)
