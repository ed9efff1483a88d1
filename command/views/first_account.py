"""An involved officer's first account comes before sight of others' (IACP 2019; S2 ll. 1046–1048 of the domain notes).

Whoever used force, made an arrest, saw its conduct or helped owes an account of their own: a version of the force
report that they wrote, the card of the arrest in their hand, or their signature under their part of it. Until then
their lens names the record behind `~`, and others' accounts, reviews and footage of it are withheld from them, live,
in replay and in every answer. What is needed to be safe stays: levels, warnings, orders, where help is needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from command.domain.state import ForceReport, State
from command.domain.state_arrest import Arrest
from command.views.lens import Lens, withholding

Owing = Mapping[str, tuple[str, ...]]
"""Person -> the records of which they owe a first account, oldest first."""


def owing(state: State) -> Owing:
    """Everyone who owes a first account, as the log stands."""
    found: dict[str, list[str]] = defaultdict(list)
    for report in state.force.reports.values():
        for person in _of_report(report):
            found[person].append(report.report)
    for arrest in state.arrests.all.values():
        for person in _of_arrest(arrest):
            found[person].append(arrest.arrest)
    return {person: tuple(sorted(records)) for person, records in found.items()}


def changed(before: State, after: State) -> bool:
    """Whether `owing` may differ between two states of one log."""
    return before.force.reports is not after.force.reports or before.arrests.all is not after.arrests.all


def narrowed(seen_through: Lens, person: str, owed: Owing) -> Lens:
    """The lens as this very person looks through it."""
    return withholding(seen_through, owed.get(person, ()))


def _of_report(report: ForceReport) -> tuple[str, ...]:
    return () if report.officer in (report.by, *report.told) else (report.officer,)


def _of_arrest(arrest: Arrest) -> tuple[str, ...]:
    told = {one.person for one in arrest.signed}
    if arrest.conduct_written:
        told.add(arrest.by.person)
    seen = (who for charge in arrest.charges for who in charge.observed_by)
    part = dict.fromkeys((arrest.officer, *arrest.observed_by, *arrest.assisting, *seen))
    return tuple(person for person in part if person not in told)
