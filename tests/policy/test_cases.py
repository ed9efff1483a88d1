"""Cases are read strictly and compared wholly: a case that does not hold says what was expected and what came."""

from __future__ import annotations

import pytest

from command.policy.case_facts import SENTENCES, CaseFacts
from command.policy.cases import CaseFile, judged, read_cases, run, uncovered
from command.policy.load import PackProblems, read_pack
from tests.support.packs import changed
from tests.support.street import PEOPLE, STREET, stack_of, when

FILE = """
stack = ["street.toml"]
given = ["11:00 sector 1 stands at high"]

[people]
ic = { rank = "lieutenant", positions = ["incident-commander"], training = ["incident-command"] }
officer = { rank = "officer" }

[defaults."force.grant"]
tool = "baton"
purpose = "arrest"
sector = "1"
requester = "officer"
zones = ["legs"]
indiscriminate = false
grounds = ["assault"]
statement = "strikes at others"

[[case]]
says = "a case"
asks = { at = "12:00", who = "ic", action = "force.grant", lasts = "10 min" }
answer = "not barred"
names = ["tactic.baton-at-one", "small:tool.baton"]
until = "12:10"

[[case]]
says = "a report"
reports = { at = "12:00", officer = "officer", tool = "baton" }
answer = "no authorization on record"
because = ["no grant"]

[[case]]
says = "a duty"
happens = { at = "12:00", event = "ForceReported", exigent = true }
answer = "owed"
names = ["duty.review", "small:duty.review"]
until = "2026-05-04 12:00"
"""


def told(old: str, new: str, which: int = 0) -> str:
    """What the runner says of the file with one change."""
    return run(read_cases(changed(old, new, FILE), "cases.toml"), stack_of())[which].told


def test_they_hold() -> None:
    """As written."""
    assert [result.told for result in run(read_cases(FILE, "cases.toml"), stack_of())] == ["", "", ""]
    assert run(read_cases(FILE, "cases.toml"), stack_of())[0].held


@pytest.mark.parametrize(
    ("old", "new", "which", "expected"),
    [
        ('answer = "not barred"', 'answer = "refused"', 0, "expected refused, came not barred"),
        ('"tactic.baton-at-one"', '"tactic.gas"', 0, "expected the rule tactic.gas"),
        ('until = "12:10"', 'until = "12:11"', 0, "expected until 12:11"),
        ('until = "12:10"', 'bound = { lasts = "small" }', 0, "expected lasts to be set by small"),
        ('until = "12:10"', 'missing = ["x"]', 0, "expected missing 'x'"),
        ('until = "12:10"', 'because = ["x"]', 0, "expected because 'x'"),
        ('who = "ic"', 'who = "officer"', 0, "came refused"),
        ('who = "ic"', 'who = "nobody"', 0, "can't be read"),
        ('lasts = "10 min"', 'lasts = "ten"', 0, "can't be read: expected a duration"),
        ('lasts = "10 min"', 'tol = "x"', 0, "did you mean 'tool'"),
        ('lasts = "10 min"', "quantity = true", 0, "can't be read"),
        ("11:00 sector 1 stands at high", "11:00 sector 1 stand at high", 0, "expected a sentence such as 'sector 4"),
        ("11:00 sector 1 stands at high", "25:00 sector 1 stands at high", 0, "given '25:00"),
        ("11:00 sector 1 stands at high", "11:00 g-1 is revoked", 0, "given '11:00 g-1"),
        ("11:00 sector 1 stands at high", "11:00 x y z", 0, "expected a sentence such as"),
        ('answer = "no authorization on record"', 'answer = "exigent"', 1, "expected exigent, came no authorization"),
        ('answer = "owed"', 'answer = "missing"', 2, "expected missing, which is none of owed, not owed"),
        ('names = ["duty.review", ', 'names = ["duty.revue", ', 2, "expected duty.revue to be owed, came duty.review"),
        ('"small:duty.review"', '"large:duty.review"', 2, "expected large:duty.review"),
        ('until = "2026-05-04 12:00"', 'until = "2026-05-04 13:00"', 2, "due at 2026-05-04 13:00"),
        ('until = "2026-05-04 12:00"', "", 2, "without a known end"),
        ('event = "ForceReported", exigent = true', 'event = "LevelRaised"', 2, "came nothing"),
        ('answer = "owed"', 'answer = "not owed"', 2, "expected duty.review, small:duty.review not to be owed"),
        ('exigent = true }\nanswer = "owed"', 'exigent = false }\nanswer = "not owed"', 2, ""),
    ],
)
def test_a_case_that_does_not_hold_says_why(old: str, new: str, which: int, expected: str) -> None:
    """Expected, and came."""
    assert expected in told(old, new, which)


def test_something_else_missing_is_not_overlooked() -> None:
    """A case that names what is missing names all of it."""
    bare = FILE.replace('zones = ["legs"]\n', "").replace('grounds = ["assault"]\n', "")
    text = changed('answer = "not barred"', 'answer = "missing"\nmissing = ["grounds"]', bare).replace(
        'until = "12:10"\n', ""
    )
    assert "expected nothing else missing" in run(read_cases(text, "c"), stack_of())[0].told


def test_a_report_has_no_until() -> None:
    """Findings do not end."""
    assert "came None" in told('because = ["no grant"]', 'until = "12:00"', 1)
    assert "came None" in told('because = ["no grant"]', 'bound = { lasts = "small" }', 1)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x = [", 0),
        (changed('says = "a report"', 'sys = "a report"', FILE), 28),
        (changed("stack =", "stak =", FILE), 0),
    ],
)
def test_a_file_that_cannot_be_read(text: str, line: int) -> None:
    """Names the case's line where there is one."""
    with pytest.raises(PackProblems) as caught:
        read_cases(text, "cases.toml")
    assert caught.value.problems[0].file == "cases.toml"
    if line:
        assert text.splitlines()[caught.value.problems[0].line - 1] == "[[case]]"


def test_uncovered_rules_are_named() -> None:
    """By pack, kind and id; by either spelling."""
    pack = read_pack(STREET, "street.toml")
    missing = uncovered([read_cases(FILE, "c")], pack)
    assert "small:tactic.gas" in missing
    assert "small:tactic.baton-at-one" not in missing
    assert "small:tool.baton" not in missing
    assert uncovered([], pack) == tuple(f"{rule.pack}:{rule.rule}" for rule in judged(pack))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_that_is_shown_is_understood(sentence: str) -> None:
    """The examples are the grammar."""
    facts = CaseFacts(PEOPLE, when("00:00"))
    first = SENTENCES[8]
    assert facts.happen(when("11:00"), first, when) is None
    assert facts.happen(when("12:00"), sentence, when) is None


def test_facts_of_a_case() -> None:
    """What was said is known from then on, and what was not is not."""
    facts = CaseFacts(PEOPLE, when("00:00"))
    now = when("12:00")
    assert facts.person("stranger", now) is None
    assert facts.agency_kind("lead") == "lead"
    assert facts.agency_kind("county") == "assisting"
    assert facts.positions_of("ic", now) == ("incident-commander",)
    assert facts.liaison_tried("1", now) is None
    assert facts.grant("g", now) is None
    assert facts.grants(now) == ()
    facts.happen(now, "sergeant finds fire and bottles in sector 1, as an eyewitness", when)
    assert [found.finding for found in facts.findings("1", now)] == ["fire", "bottles"]
    assert facts.findings("1", now)[0].witnessed
    assert facts.indicators("1", when("11:59")) == ()
    facts.happen(now, "stranger delegates their rank to ic until 13:00", when)
    assert facts.delegations("ic", now)[0].by_rank is None
    assert isinstance(read_cases(FILE, "c"), CaseFile)
