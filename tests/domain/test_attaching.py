"""Files by the record that they belong to: kept as told, found where the log knows the number as something else."""

from __future__ import annotations

import pytest

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import events_arrest as ea
from command.domain.attaching import NOT_AS_SAID, known_as
from command.domain.events_arrest import AttachedTo
from tests.support.given import LEAD, OFFICER, STAFFED, by, given

PAST = (
    *STAFFED,
    by(OFFICER, ca.RecordArrest("a1", "s1", "officer", LEAD)),
    by(OFFICER, c.ReportForce("r1", "s1", "officer", LEAD, "oc-hand", "north")),
    by(OFFICER, c.ReportIntervention("i1", "held him back", "r1", "north")),
    by(OFFICER, c.ReportExcessiveForce("x1", "excessive force", "what I saw", "r1", "north")),
)


def file(record: str, belongs_to: AttachedTo = "arrest") -> ca.AddAttachment:
    """A recording of such a record."""
    return ca.AddAttachment("p1", record, "f1", "audio", "0" * 64, 10, "audio/mp4", belongs_to=belongs_to)


def test_the_log_knows_a_record_by_its_number() -> None:
    state = given(*PAST).world.state
    assert [known_as(state, one) for one in ("a1", "r1", "i1", "x1", "w1")] == [
        "arrest", "force report", "intervention", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "is_"), [("a1", "arrest"), ("r1", "force report"), ("i1", "intervention"), ("w1", "warning")]
)
def test_a_file_is_kept_with_the_record_that_it_belongs_to(record: str, is_: AttachedTo) -> None:
    spec = given(*PAST).when(file(record, is_), OFFICER)
    (draft,) = spec.drafts
    assert draft.finding is None and isinstance(draft.event, ea.AttachmentAdded)
    assert draft.event.arrest == ("a1" if is_ == "arrest" else None)
    kept = spec.world.state.arrests
    assert (kept.attached["p1"].record, kept.attached["p1"].belongs_to) == (record, is_)
    assert kept.all["a1"].attachments == (("audio",) if is_ == "arrest" else ())


@pytest.mark.parametrize(("record", "said"), [("a1", "warning"), ("r1", "arrest"), ("i1", "observation")])
def test_a_wrong_word_for_a_record_is_kept_and_found(record: str, said: AttachedTo) -> None:
    """It is a report: nothing is refused. Which kind the record is may be oversight's to know, and is not told."""
    (draft,) = given(*PAST).when(file(record, said), OFFICER).drafts
    assert draft.finding is not None and (draft.finding.kind, draft.finding.reasons) == ("cannot tell", (NOT_AS_SAID,))


def test_a_file_may_come_before_its_record() -> None:
    """The record says later what it is; neither is changed by the other."""
    world = given(*STAFFED, by(OFFICER, file("a1")), *PAST[len(STAFFED) :]).world
    assert world.state.arrests.all["a1"].attachments == () and "p1" in world.state.arrests.attached
