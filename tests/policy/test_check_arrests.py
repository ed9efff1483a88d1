"""Rules on arrests that contradict themselves, or speak of what no event says, are told with their line and the word meant."""

from __future__ import annotations

import pytest

from command.policy.load import PackProblems, read_pack
from command.policy.problems import Problem
from tests.support.packs import SMALL, changed

DUTY = """
[[duty]]
id = "restraint"
says = "Look at the restraints."
starts = { event = "RestraintRecorded", when = "act = applied and position = behind" }
within = "15 min"
owed_by = "who holds the person"
ends = ["RestraintRecorded where act = checked", "PersonReleased"]
"""

RULES = """
[[charge]]
id = "disorder"
says = "Disorderly conduct."

[[guideline]]
id = "disorder-declined"
says = "Not taken up."
offence = "disorder"
charge = "declined"

[[arrest]]
id = "threat"
says = "A threat."
topic = "custody exception"
code = "threat"

[[arrest]]
id = "never"
says = "Never."
topic = "restraint"
never = ["wrist to ankle"]

[[arrest]]
id = "emergency"
says = "Another procedure."
topic = "procedure"
within = "24 h"
replaces = ["name"]
who = { rank = "lieutenant or above" }

[[arrest]]
id = "written"
says = "Written."
topic = "record"
items = ["name"]
before = "transport"
"""

TEXT = SMALL + DUTY + RULES


def problems(text: str) -> tuple[Problem, ...]:
    """All that is wrong with a text."""
    with pytest.raises(PackProblems) as caught:
        read_pack(text, "plan.toml")
    return caught.value.problems


def test_it_reads() -> None:
    """As written."""
    assert len(read_pack(TEXT, "plan.toml").arrest) == 4


@pytest.mark.parametrize(
    ("old", "new", "expected", "came", "meant"),
    [
        ("when = \"act = applied", "when = \"akt = applied", "a public field of RestraintRecorded", '"akt"', "act"),
        ("act = applied and", "act = aplied and", "one of applied, checked", '"aplied"', "applied"),
        ("position = behind", "position = behnd", "one of front, behind", '"behnd"', "behind"),
        ("where act = checked", "where act = chequed", "one of applied, checked", '"chequed"', "checked"),
        ("where act = checked", "where complaint = checked", "a public field of", '"complaint"', ""),
        ('offence = "disorder"', 'offence = "disordr"', "the id of a [[charge]]", '"disordr"', "disorder"),
        ('code = "threat"', "", 'the field "code"', "nothing", ""),
        ('topic = "restraint"', 'topic = "record"', '"never" only under the topic restraint', '"record"', ""),
        ('topic = "custody exception"', 'topic = "bar"', '"code" only under', '"bar"', ""),
        ('never = ["wrist to ankle"]', 'never = ["wrist to ancle"]', "wrist to ankle", "wrist to ancle", "wrist to ankle"),
        ('within = "24 h"', "", 'the field "within"', "nothing", ""),
        ('replaces = ["name"]', 'replaces = ["facts"]', "what may be written later", '"facts"', ""),
        ('replaces = ["name"]', 'replaces = ["nam"]', "name", "nam", "name"),
        ('who = { rank = "lieutenant or above" }', 'who = { rank = "leutenant or above" }', "a rank", "leutenant", "lieutenant"),
        ('items = ["name"]', "", "items that have to be there", "none", ""),
        ('items = ["name"]', 'items = ["naem"]', "name", "naem", "name"),
        ('before = "transport"', 'before = "transport"\nwarning = "x"', '"warning" only under', '"record"', ""),
        ('before = "transport"', 'before = "transport"\ncharges = ["disorder"]', '"charges" only under', '"record"', ""),
        ('topic = "restraint"\nnever = ["wrist to ankle"]', 'topic = "protected role"\ncharges = ["disordr"]', "the id of a [[charge]]", '"disordr"', "disorder"),
        ('says = "Disorderly conduct."', 'says = "x"\nrests_on = "order to disperse"', '"mass-arrest" with a warning', "none", ""),
        ('says = "Disorderly conduct."', 'says = "x"\nrests_on = "curfew"', "rule on curfews", "none", ""),
        ('topic = "restraint"\nnever = ["wrist to ankle"]', 'topic = "curfew"\nwarning = "home"', "a warning of this pack", '"home"', ""),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(old: str, new: str, expected: str, came: str, meant: str) -> None:
    """One problem, what was expected, what came, and the word that was probably meant."""
    [found] = problems(changed(old, new, TEXT))
    assert expected in found.expected and came in found.came
    assert meant in found.suggestion
    assert found.line > 0


def test_a_law_may_leave_the_order_to_the_plan_that_it_stands_on() -> None:
    """And a rule for a charge that another pack defines is no slip."""
    law = '[pack]\nid = "law"\ntitle = "Law"\njurisdiction = "N"\nkind = "law"\nsources = [{ cite = "x" }]\n'
    charge = '[[charge]]\nid = "stay"\nsays = "Stays."\nrests_on = "order to disperse"\nsource = "x"\nverified = "V"\n'
    guide = '[[guideline]]\nid = "g"\nsays = "No."\noffence = "loitering"\ncharge = "declined"\nsource = "x"\nverified = "V"\n'
    assert read_pack(law + charge + guide, "law.toml").charge[0].id == "stay"
