"""The individual arrest record: every report is kept, each person on their own facts, corrections beside what stood.

Who may correct: whoever wrote the card, the arresting officer, the keepers of the record. Another's card under the
same number is kept, and changes nothing. The finding is by what was in force at the moment of the arrest.
"""

from __future__ import annotations

from msgspec.structs import replace

from command.domain.arrest_fold import arrested_at
from command.domain.arrest_stands import arrest_stands
from command.domain.asking import judge_ask
from command.domain.commands_arrest import (
    AskArrestStep,
    DecideDisposition,
    DescribePerson,
    FlagProtectedRole,
    IssueWristbands,
    ReadBackArrest,
    RecordArrest,
    RecordIndividualWarning,
    RecordOffence,
    RecordRestraint,
    RecordRights,
    ReviewGrounds,
    SignArrest,
)
from command.domain.deciding import Context, Draft, Outcome, Refusal, one, refused
from command.domain.events import FindingReopened
from command.domain.events_arrest import (
    Answered,
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
    RestraintRecorded,
    RightsGiven,
    WristbandsIssued,
)
from command.domain.facts import StateFacts
from command.domain.facts_arrest import charges_of, claim_of, record_of
from command.domain.in_force import judged_arrest, stack_at
from command.domain.minor import may_be_minor
from command.domain.reopening import AHEAD
from command.domain.standing import keeps_the_record
from command.domain.state import State
from command.domain.state_arrest import Arrest
from command.domain.wristband import canonical, misread, overlap, run_of, verify, within
from command.policy.arrest_record import (
    SignatureClaim,
    disposition_finding,
    restraint_finding,
    rights_finding,
    signature_finding,
    step_decision,
)
from command.policy.authority import UNKNOWN_DENIES
from command.policy.decision import Decision, Finding, FindingKind

ALIKE = 0.5
"""From this share of common runs of words on two accounts are put side by side (docs/design/012-arrest-record.md)."""

ALIKE_NOTE = (
    "your account reads nearly like another one on record; it is kept, and a supervisor compares the two: "
    "write what this one person did"
)
"""All that the writer is told: not whose the other is, nor a word of it (D7)."""

ANOTHERS_RECORD = "recorded under the number of another's record, which stands"
ANOTHERS_OFFENCE = "recorded under the number of another's offence, which stands"
ANOTHERS_PERSON = "recorded under the number of another person's record, which it does not change"
LANDED_NOWHERE = frozenset({ANOTHERS_RECORD, ANOTHERS_OFFENCE, ANOTHERS_PERSON})
"""Why a report is kept and is on nobody's record: its number was somebody else's already."""

MOST_ALIKE = 3
"""The nearest accounts that one telling is set beside: of forty alike each names three, and all forty hang together."""


def record_arrest(state: State, cmd: RecordArrest, ctx: Context) -> Outcome:
    """Keep the street card and say how it stands; near-identical accounts are noted beside it."""
    earlier = state.arrests.all.get(cmd.arrest)
    said = {name: getattr(cmd, name) for name in cmd.__struct_fields__}
    event = ArrestRecorded(**said, conduct_written=_says(cmd.conduct), why_not_written=_says(cmd.not_warned_because))
    if earlier is not None and (earlier.subject != cmd.subject or not may_correct(state, earlier, ctx)):
        return (Draft(event, finding=Finding("cannot tell", (UNKNOWN_DENIES,), (ANOTHERS_RECORD,))),)
    stands = _finding(state, event, earlier, ctx)
    kept = Draft(event, finding=stands, supersedes=earlier.event if earlier else None)
    drafts = [kept]
    if earlier is not None and earlier.finding is not None and earlier.finding.kind != stands.kind:
        drafts.append(Draft(FindingReopened(cmd.arrest, stands, "the record was corrected")))
    drafts.extend(_alike(state, cmd.arrest, "conduct", ctx))
    return tuple(drafts)


def _finding(state: State, event: ArrestRecorded, earlier: Arrest | None, ctx: Context) -> Finding:
    judged = as_arrest(event, ctx, earlier)
    stands = arrest_stands(state, ctx, judged)
    notes = list(stands.reasons)
    if ctx.actor.person != event.officer:
        post = ctx.stack.positions.get(ctx.actor.position or "")
        scribe = f"whoever holds the position {post.title}" if post else "somebody else"
        notes.append(f"written down by {scribe}; the arresting officer signs for it with their own credential")
    kind: FindingKind = stands.kind
    if _near(state, event.arrest, ctx):
        notes.append(
            "it reads nearly like the account of another arrest: write what this person did, in words of its own"
        )
    ahead_s = (ctx.occurred_at - ctx.now).total_seconds()
    if kind == "authorized" and ahead_s > ctx.clock_error_ms / 1000:
        kind, notes = "cannot tell", [*notes, AHEAD]
    return Finding(kind, stands.rules, tuple(notes), stands.packs)


def as_arrest(event: ArrestRecorded, ctx: Context, earlier: Arrest | None) -> Arrest:
    """The record as it would stand, for judging it before it is in the log."""
    return Arrest(
        arrest=event.arrest,
        subject=event.subject,
        event="",
        versions=(),
        officer=event.officer,
        officer_agency=event.officer_agency,
        by=ctx.actor,
        at=arrested_at(earlier, ctx.occurred_at),
        recorded_at=ctx.now,
        sector=event.sector,
        place=event.place,
        offences=event.offences,
        basis=event.basis,
        category=event.category,
        warning=event.warning,
        exits=event.exits,
        curfew=event.curfew,
        contained=event.contained,
        bystanders=event.bystanders,
        declaration=event.declaration,
        wristband=event.wristband,
        clock_error_ms=ctx.clock_error_ms,
        protected=earlier.protected if earlier else False,
        charges=earlier.charges if earlier else (),
        disposition=earlier.disposition if earlier else None,
        exception=earlier.exception if earlier else None,
    )


def may_correct(state: State, arrest: Arrest, ctx: Context) -> bool:
    """Whether the author's word changes what stands on this record."""
    return (
        ctx.rank is None  # the operator of the machine: an import or a script
        or ctx.actor.person in (arrest.by.person, arrest.officer)
        or keeps_the_record(state, ctx)
    )


def record_offence(state: State, cmd: RecordOffence, ctx: Context) -> Outcome:
    """One offence with its own facts; the same number again corrects it."""
    said = {name: getattr(cmd, name) for name in cmd.__struct_fields__}
    event = OffenceRecorded(**said, facts_written=_says(cmd.facts), evidence_written=_says(cmd.evidence))
    arrest, whose = state.arrests.all.get(cmd.arrest), _whose(state, cmd.arrest, cmd.subject)
    if arrest is None or whose is not None:
        return one(event, finding=whose)
    known = next((charge for charge in arrest.charges if charge.offence == cmd.offence), None)
    if known is not None and not may_correct(state, arrest, ctx):
        return one(event, finding=Finding("cannot tell", (UNKNOWN_DENIES,), (ANOTHERS_OFFENCE,)))
    finding = _charge_finding(state, arrest, cmd, ctx)
    drafts = [Draft(event, finding=finding, supersedes=known.event if known else None)]
    drafts.extend(_alike(state, cmd.arrest, "facts", ctx))
    return tuple(drafts)


def _charge_finding(state: State, arrest: Arrest, cmd: RecordOffence, ctx: Context) -> Finding | None:
    """How this very charge stands; None where nothing is against it."""
    if cmd.withdrawn:
        return None
    alone = replace(arrest, offences=(cmd.charge,), charges=(), sector=cmd.sector or arrest.sector)
    stands = judged_arrest(state, ctx, StateFacts(state), claim_of(state, alone))
    return stands if stands.kind != "authorized" else None


def describe_person(state: State, cmd: DescribePerson, ctx: Context) -> Outcome:
    """Who the person is; that a question was answered follows from an answer, and may be said without one.

    Who is under 18 by what is said of their age, or may be, is kept apart from adults also where nobody said so.
    """
    said = {name: getattr(cmd, name) for name in cmd.__struct_fields__ if name != "answered"}
    record = state.arrests.all.get(cmd.arrest)
    day = (record.at if record is not None else ctx.occurred_at).date()
    if cmd.apart is None and may_be_minor(cmd.age, cmd.born, cmd.minor, day):
        said["apart"] = True
    answered = tuple(dict.fromkeys((*cmd.answered, *_answered(cmd))))
    event = PersonDescribed(**said, answered=answered)
    return one(event, finding=_whose(state, cmd.arrest, cmd.subject))


_ANSWERS: dict[Answered, tuple[str, ...]] = {
    "name": ("name",),
    "address": ("address",),
    "age": ("born", "age", "minor"),
    "guardian": ("guardian",),
    "sex": ("sex_perceived", "sex_stated"),
    "race": ("race_perceived", "race_stated"),
    "ethnicity": ("ethnicity_perceived", "ethnicity_stated"),
    "resident": ("resident",),
    "language": ("language",),
    "interpreter": ("interpreter",),
    "armed": ("armed",),
    "disability": ("disability",),
    "medical": ("medical",),
}


def _answered(cmd: DescribePerson) -> tuple[Answered, ...]:
    return tuple(word for word, fields in _ANSWERS.items() if any(_says(getattr(cmd, field)) for field in fields))


def flag_protected_role(_state: State, cmd: FlagProtectedRole, _ctx: Context) -> Outcome:
    """Press, medic or legal observer at work: a supervisor comes (D11)."""
    return one(ProtectedRoleFlagged(**{name: getattr(cmd, name) for name in cmd.__struct_fields__}))


def record_individual_warning(state: State, cmd: RecordIndividualWarning, _ctx: Context) -> Outcome:
    """This person was warned, or why not (A20; I 2)."""
    event = IndividualWarningRecorded(
        cmd.arrest, cmd.subject, cmd.warned, _says(cmd.not_warned_because), cmd.words, cmd.not_warned_because
    )
    return one(event, finding=_whose(state, cmd.arrest, cmd.subject))


def record_restraint(state: State, cmd: RecordRestraint, ctx: Context) -> Outcome:
    """Restraints, with the finding where a position is barred for everyone."""
    event = RestraintRecorded(**{name: getattr(cmd, name) for name in cmd.__struct_fields__})
    stack = stack_at(state, ctx, ctx.occurred_at)
    finding = restraint_finding(stack, cmd.position) if cmd.act != "removed" else None
    return one(event, finding=finding)


def record_rights(state: State, cmd: RecordRights, ctx: Context) -> Outcome:
    """Rights, options, charges or papers were given. Rights after questions are kept, and said to be."""
    event = RightsGiven(cmd.arrest, cmd.subject, cmd.what, cmd.language, cmd.understood, cmd.questions)
    return one(event, finding=rights_finding(stack_at(state, ctx, ctx.occurred_at), cmd.what, cmd.questions))


def sign_arrest(state: State, cmd: SignArrest, ctx: Context) -> Outcome:
    """A signature for one's own part. Signing for another's arrest is kept and found contrary to plan (D5)."""
    event = ArrestSigned(cmd.arrest, cmd.subject, cmd.signing, cmd.of)
    arrest, whose = state.arrests.all.get(cmd.arrest), _whose(state, cmd.arrest, cmd.subject)
    if arrest is None or whose is not None:
        return one(event, finding=whose)
    claim = SignatureClaim(
        who=ctx.actor.person,
        officer=arrest.officer,
        signing=cmd.signing,
        observers=tuple(_observers(arrest)),
        assisting=arrest.assisting,
        of=cmd.of,
        newest=arrest.versions[-1],
    )
    return one(event, finding=signature_finding(stack_at(state, ctx, ctx.occurred_at), claim))


def _observers(arrest: Arrest) -> set[str]:
    return {*arrest.observed_by, *(who for charge in arrest.charges for who in charge.observed_by)}


def read_back_arrest(state: State, cmd: ReadBackArrest, _ctx: Context) -> Outcome:
    """A form on paper was entered and read back. A number that stands elsewhere, or was never handed out, is said."""
    event = ArrestReadBack(cmd.arrest, cmd.subject, cmd.form, cmd.read_to)
    form, against = canonical(cmd.form), []
    other = state.arrests.forms.get(form)
    if other not in (None, cmd.arrest):
        against.append(f"the form {form} was entered as the record {other} as well")
    runs = [(run.first, run.last) for run in state.arrests.issues.values() if run.what == "paper forms"]
    if misread(cmd.form):
        against.append(f"the number of the form, {cmd.form}, does not fit its check character: misread?")
    elif runs and verify(form) and not any(within(form, run) for run in runs):
        against.append(f"the form {form} is of no run that was handed out")
    return one(event, finding=Finding("cannot tell", (UNKNOWN_DENIES,), tuple(against)) if against else None)


def review_grounds(state: State, cmd: ReviewGrounds, ctx: Context) -> Outcome:
    """Review probable cause: by a supervisor who had no part in the arrest (D4, D27)."""
    arrest = state.arrests.all.get(cmd.arrest)
    if arrest is None:
        return refused(f"no record of an arrest {cmd.arrest}", detail=cmd.arrest)
    if arrest.subject != cmd.subject:
        return refused(f"the record {cmd.arrest} is another person's", detail=cmd.arrest)
    verdict = judge_ask(state, ctx, "review.file", detail=cmd.arrest, record=cmd.arrest)
    if isinstance(verdict, Refusal):
        return verdict
    if any(review.review == cmd.review for review in arrest.reviews):
        return refused(f"review {cmd.review} was filed already", detail=cmd.arrest)
    if not cmd.reasons.strip():
        return Refusal(Decision("missing", missing=("the facts that the review rests on",)), detail=cmd.arrest)
    event = GroundsReviewed(cmd.arrest, cmd.subject, cmd.review, cmd.conclusion, cmd.offences, cmd.reasons)
    return one(event, decision=verdict)


def decide_disposition(state: State, cmd: DecideDisposition, ctx: Context) -> Outcome:
    """What becomes of it; custody for what is cited first stands on a coded exception."""
    event = DispositionDecided(cmd.arrest, cmd.subject, cmd.disposition, cmd.exception, cmd.citation, cmd.reason)
    arrest, whose = state.arrests.all.get(cmd.arrest), _whose(state, cmd.arrest, cmd.subject)
    if arrest is None or whose is not None:
        return one(event, finding=whose)
    stack = stack_at(state, ctx, ctx.occurred_at)
    return one(event, finding=disposition_finding(stack, cmd.disposition, charges_of(arrest), cmd.exception))


def ask_arrest_step(state: State, cmd: AskArrestStep, ctx: Context) -> Outcome:
    """Transport, booking, closing: the record must hold what the plan wants by then."""
    arrest = state.arrests.all.get(cmd.arrest)
    if arrest is None:
        return refused(f"no record of an arrest {cmd.arrest}; write the street card first", detail=cmd.arrest)
    decision = step_decision(ctx.stack, record_of(state, arrest), cmd.step)
    if not decision.allows:
        return Refusal(decision, sector=arrest.sector, detail=cmd.arrest)
    return one(ArrestStepCleared(cmd.arrest, cmd.subject, cmd.step, cmd.to), decision=decision)


def issue_wristbands(state: State, cmd: IssueWristbands, _ctx: Context) -> Outcome:
    """A run of wristbands or forms was handed out. What does not add up is said, and kept."""
    event = WristbandsIssued(cmd.issue, cmd.holder, cmd.what, cmd.first, cmd.last, cmd.quantity)
    against = []
    if misread(cmd.first) or misread(cmd.last):
        against.append(f"{cmd.first} or {cmd.last} does not fit its check character: misread?")
    elif (run := run_of(cmd.first, cmd.last)) is not None and run != cmd.quantity:
        against.append(f"{cmd.quantity} handed out; the run from {cmd.first} to {cmd.last} has {run}")
    against.extend(
        f"the run overlaps another one, which {other.holder} has"
        for other in state.arrests.issues.values()
        if other.issue != cmd.issue and overlap((cmd.first, cmd.last), (other.first, other.last))
    )
    return one(event, finding=Finding("cannot tell", (UNKNOWN_DENIES,), tuple(sorted(against))) if against else None)


def _alike(state: State, arrest: str, field: str, ctx: Context) -> list[Draft]:
    """The shell compared this account with the others' (it alone may read them); what is near enough is on record."""
    known = state.arrests.all.get(arrest)
    seen = set(known.alike) if known else set()
    found = [
        Draft(NarrativesAlike(arrest, other, field, round(likeness, 3)))
        for other, likeness in ctx.alike
        if likeness >= ALIKE and other != arrest and other not in seen and other in state.arrests.all
    ]
    return found[:MOST_ALIKE]


def _near(state: State, arrest: str, ctx: Context) -> bool:
    """The writer is told that there is one, and never whose it is."""
    return any(near >= ALIKE and other != arrest and other in state.arrests.all for other, near in ctx.alike)


def _whose(state: State, arrest: str, subject: str) -> Finding | None:
    """That there is no such record yet, or that it is another person's; None where it is theirs."""
    record = state.arrests.all.get(arrest)
    if record is None:
        return _unknown(arrest)
    if record.subject != subject:
        return Finding("cannot tell", (UNKNOWN_DENIES,), (ANOTHERS_PERSON,))
    return None


def _unknown(arrest: str) -> Finding:
    return Finding("cannot tell", (UNKNOWN_DENIES,), (f"no record of an arrest {arrest} is there yet",))


def _says(text: str | None) -> bool:
    return text is not None and bool(text.strip())
