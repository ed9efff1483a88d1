"""The sentence of a file: which record it belongs to, of which kind it is, and its size as people read one."""

from __future__ import annotations

import pytest

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain.events_arrest import AttachedTo
from command.views.lines import line
from command.views.lines_arrest import size_words
from tests.support.given import LEAD, OFFICER, STAFFED, by, given

WORLD = given(
    *STAFFED,
    by(OFFICER, ca.RecordArrest("a1", "s1", "officer", LEAD, wristband="W-1")),
    by(OFFICER, c.ReportForce("r1", "s1", "officer", LEAD, "oc-hand", "north")),
    by(OFFICER, c.ReportIntervention("i1", "held him back", "r1", "north")),
).world
FORCE_SEQ = WORLD.state.force.reports["r1"].seq
STEPPED_SEQ = WORLD.state.oversight.records["i1"].seq


@pytest.mark.parametrize(
    ("record", "belongs_to", "says"),
    [
        ("a1", "arrest", "Arrest W-1: audio added, 14 kB"),
        ("r1", "force report", f"Force #{FORCE_SEQ}: audio added, 14 kB"),
        ("i1", "intervention", f"Intervention #{STEPPED_SEQ}: audio added, 14 kB"),
        ("x1", "intervention", "A record: audio added, 14 kB"),
        ("w1", "warning", "A warning: audio added, 14 kB"),
        ("o1", "observation", "An observation: audio added, 14 kB"),
        ("j1", "injury", "An injury: audio added, 14 kB"),
        ("n1", "entry", "An entry: audio added, 14 kB"),
        ("d1", "distress", "Someone in distress: audio added, 14 kB"),
    ],
)
def test_a_file_is_said_to_belong_to_its_record(record: str, belongs_to: AttachedTo, says: str) -> None:
    file = ca.AddAttachment("p1", record, "f1", "audio", "0" * 64, 14_200, "audio/mp4", belongs_to=belongs_to)
    draft = given(*STAFFED).when(file, OFFICER).drafts[0]
    assert line(WORLD.state, WORLD.stack, draft.event) == says


@pytest.mark.parametrize(("size", "says"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (2_340_000, "2.3 MB")])
def test_a_size_is_said_as_people_read_one(size: int, says: str) -> None:
    assert size_words(size) == says
