"""One record of an arrest as a paper: what the screen shows through the same lens, whole, with every version."""

from __future__ import annotations

from collections.abc import Iterable

from command.policy.decision import Finding
from command.reports.document import Clock, Document, Section, Table, filled, kept
from command.views.record_rows import BagView, OffenceView, RecordView, SpanView, Told
from command.views.row import Who

_CATEGORY = {"O": "on view", "S": "summoned or cited", "T": "taken into custody"}


def record_paper(view: RecordView, incident: str, zone: str, at: str, *, exercise: bool = False) -> Document:
    """The whole record. `at` says up to which event of which log (its foot), so that the paper can be checked."""
    clock, row = Clock(zone), view.record
    return Document(
        title=f"Record of arrest {row.number}",
        under=f"{incident}. As of {clock.at(view.now)}. Record {row.id}.",
        foot=at,
        marks=_marks(view, exercise=exercise),
        sections=kept(
            _arrest(view, clock),
            _finding("How it stands", row.finding),
            Section("Still missing", lines=tuple((item.before, item.says) for item in row.missing)),
            *(_offence(one, clock) for one in view.offences),
            _person(view),
            _told(
                "What this person did, and how it came about",
                view.versions,
                clock,
                said=("conduct", "not warned because"),
            ),
            _told("Warning to this person", view.warnings, clock),
            _dispersal(view, clock),
            _force(view, clock),
            _told("Injuries, needs and care", view.care, clock),
            _restraints(view, clock),
            _told("Rights, options and papers given", view.rights, clock),
            _told("Signatures", view.signatures, clock),
            _told("Entered from paper and read back", view.read_back, clock),
            _told("Review of probable cause", view.reviews, clock),
            _told("What became of it", (*view.dispositions, *view.releases), clock),
            _custody(view, clock),
            *(_bag(one, clock) for one in view.property),
            _told("Photos, recordings and papers", view.attachments, clock),
            _told("Why held longer", view.holds, clock),
            _told("Findings judged anew", view.findings, clock),
            _duties(view, clock),
        ),
    )


def _marks(view: RecordView, *, exercise: bool) -> tuple[str, ...]:
    marks = ["EXERCISE: none of this happened"] if exercise else []
    if view.redacted:
        marks.append(
            "Values of this record were destroyed on someone's authority; what is left proves that they were there."
            + (f" {view.erasure[0].upper()}{view.erasure[1:]}." if view.erasure else "")
        )
    hidden = {path for told in view.versions for path in told.withheld} | set(
        view.person.withheld if view.person else ()
    )
    if hidden:
        marks.append(f"Not shown to the role that printed this: {', '.join(sorted(hidden))}.")
    return tuple(marks)


def _name(who: Who | None) -> str:
    return "" if who is None else who.name


def _names(people: Iterable[Who]) -> str:
    return ", ".join(one.name for one in people)


def _arrest(view: RecordView, clock: Clock) -> Section:
    row = view.record
    place = f"{row.place.lat:.5f}, {row.place.lon:.5f}" if row.place else ""
    return Section(
        "The arrest",
        lines=filled(
            ("Wristband", row.wristband),
            ("Time", clock.at(row.at)),
            ("Recorded", clock.at(row.recorded_at)),
            ("Sector", row.sector),
            ("Place (WGS 84)", place),
            ("Arresting officer", _name(row.officer)),
            ("Agency", row.agency),
            ("Seen by", _names(row.observers)),
            ("Assisting", _names(row.assisting)),
            ("Authorized by", _name(view.authorized_by)),
            ("Basis", view.basis),
            ("Kind", _CATEGORY.get(row.category, row.category)),
            ("Ways out, as the officer saw them", view.exits),
            ("For a curfew alone", "yes" if view.curfew else ""),
            ("Cameras", ", ".join(view.cameras)),
        ),
    )


def _finding(heading: str, finding: Finding | None) -> Section:
    if finding is None:
        return Section(heading)
    rules = tuple((rule.rule, f"{rule.says} ({rule.source})" if rule.source else rule.says) for rule in finding.rules)
    return Section(heading, lines=(("Finding", finding.kind), *rules), texts=finding.reasons)


def _offence(one: OffenceView, clock: Clock) -> Section:
    newest = next((told for told in reversed(one.versions) if told.stands), None)
    said = newest.said if newest else {}
    return Section(
        f"Offence: {one.charge}" + (" (withdrawn)" if one.withdrawn else ""),
        lines=filled(
            ("In words", one.says),
            ("Statute", one.statute),
            ("UCR code", one.ucr),
            ("Rests on", one.rests_on),
            ("Time", clock.at(one.at)),
            ("Sector", one.sector),
            ("Seen by", _names(one.observers)),
            ("Facts", said.get("facts")),
            ("Evidence", said.get("evidence")),
            ("Versions", str(len(one.versions)) if len(one.versions) > 1 else ""),
        ),
    )


def _person(view: RecordView) -> Section:
    person = view.person
    if person is None:
        return Section("The person")
    pairs = tuple(
        (one.what, one.perceived or "–", one.stated or "–") for one in person.pairs if one.perceived or one.stated
    )
    lines = filled(("Unidentified", "yes" if person.unidentified else ""), *person.answers.items())
    return Section(
        "The person",
        lines=lines,
        tables=(Table(("", "as perceived by the officer", "as stated by the person"), pairs),),
    )


def _told(heading: str, told: Iterable[Told], clock: Clock, said: tuple[str, ...] = ()) -> Section:
    """Every version with who, when and the words; what something newer stands in place of says so."""
    rows = []
    for one in told:
        words = [text for name, text in one.said.items() if not said or name.replace("_", " ") in said]
        state = "" if one.stands else " (corrected since)"
        judged = f" [{one.finding.kind}]" if one.finding else ""
        rows.append((clock.at(one.at), one.by.name, f"{one.line}{state}{judged}", "\n".join(words)))
    return Section(heading, tables=(Table(("time", "by", "what", "in words"), tuple(rows)),))


def _dispersal(view: RecordView, clock: Clock) -> Section:
    found = view.dispersal
    if found is None:
        return Section("Order to disperse in that place")
    ways = "none was open" if found.exits_open == () else ", ".join(found.exits_open or ())
    heard = {True: "heard", False: "not heard", None: "not confirmed"}
    rows = tuple(
        (clock.at(one.at), one.text, "amplified" if one.amplified else "", heard[one.audible]) for one in found.given
    )
    return Section(
        "Order to disperse in that place",
        lines=filled(
            ("Ways out last seen open", ways),
            ("seen at", clock.at(found.exits_at)),
            ("seen by", _name(found.exits_by)),
            ("The crowd moved on", clock.at(found.moved_at)),
        ),
        tables=(Table(("time", "text", "", "audibility"), rows),),
    )


def _force(view: RecordView, clock: Clock) -> Section:
    rows = tuple((one.report, one.tool, clock.at(one.at), one.finding) for one in view.force)
    return Section("Force", tables=(Table(("report", "tool", "time", "finding"), rows),))


def _restraints(view: RecordView, clock: Clock) -> Section:
    rows = tuple(
        (one.kind, one.position, clock.at(one.on), clock.at(one.off) or "still on", str(len(one.looks)))
        for one in view.restraints
    )
    return Section("Restraints", tables=(Table(("kind", "position", "on", "off", "looked at"), rows),))


def _custody(view: RecordView, clock: Clock) -> Section:
    rows = tuple(
        (
            one.holder.name if one.holder else _free(one.how),
            clock.at(one.since),
            clock.at(one.until),
            _name(one.officer),
            _received(one, clock),
        )
        for one in view.custody
    )
    unstated = (("Whereabouts", "not stated in the table that this came from, nor by anybody since"),)
    lines = unstated if view.record.unstated else ()
    return Section(
        "Who had the person", lines=lines, tables=(Table(("with", "from", "to", "answering", "received"), rows),)
    )


def _free(how: str | None) -> str:
    return how if how == "died in custody" else f"free: {how}"


def _received(one: SpanView, clock: Clock) -> str:
    said = {
        "signed": f"signed by {_name(one.received_by)}, {clock.at(one.received_at)}",
        "told": "confirmed, and not by the receiver's own hand",
        "awaited": "not yet confirmed by the receiver",
    }.get(one.received, "")
    was = f"the card named {_names(one.before)} until event {one.corrected}" if one.before else ""
    relieved = f"{_names(one.relieved)} answered for them there until relieved" if one.relieved else ""
    return "; ".join(part for part in (said, relieved, was) if part)


def _bag(bag: BagView, clock: Clock) -> Section:
    rows = tuple((clock.at(one.at), one.by.name, one.line) for one in bag.chain)
    contents = next((one.said["contents"] for one in reversed(bag.chain) if "contents" in one.said), "")
    return Section(
        f"Bag {bag.bag}",
        lines=filled(
            ("Receipt", bag.receipt or "none yet"),
            ("Items", "" if bag.items is None else str(bag.items)),
            ("Contents", contents),
            ("Now with", bag.keeper.name),
            ("Lost", bag.lost),
        ),
        tables=(Table(("time", "by", "what"), rows),),
    )


def _duties(view: RecordView, clock: Clock) -> Section:
    rows = tuple(
        (one.says, one.owed_by, clock.at(one.since), clock.at(one.due), clock.at(one.done_at) or "open")
        for one in view.duties
    )
    return Section("Clocks", tables=(Table(("owed", "by", "since", "due", "done"), rows),))


def receipt_paper(view: RecordView, bag: str, incident: str, zone: str, at: str) -> Document | None:
    """A receipt for one bag, for its owner; None where the record has no such bag."""
    found = next((one for one in view.property if one.bag == bag), None)
    if found is None:
        return None
    clock = Clock(zone)
    taken = found.chain[0] if found.chain else None
    contents = next((one.said["contents"] for one in reversed(found.chain) if "contents" in one.said), "")
    return Document(
        title=f"Receipt for property {found.receipt or found.bag}",
        under=f"{incident}. {clock.at(view.now)}.",
        foot=at,
        sections=kept(
            Section(
                "Property",
                lines=filled(
                    ("Bag", found.bag),
                    ("Of the person of arrest", view.record.number),
                    ("Taken", clock.at(taken.at) if taken else ""),
                    ("by", taken.by.name if taken else ""),
                    ("Items", "" if found.items is None else str(found.items)),
                    ("Contents", contents),
                    ("Kept as evidence", "yes" if found.evidence else "no"),
                    ("Now with", found.keeper.name),
                ),
            )
        ),
        sign=("the officer", "the owner"),
    )
