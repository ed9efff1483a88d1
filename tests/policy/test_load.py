"""A pack is read whole or refused with everything that is wrong with it, each with its line."""

from __future__ import annotations

import hashlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command.errors import Unreadable
from command.policy.load import LARGEST_BYTES, PackProblems, Problem, read_pack
from command.policy.problems import Lines
from tests.support.packs import SMALL, changed, line_of, model, small


def problems(text: str | bytes) -> tuple[Problem, ...]:
    """All that is wrong with a text."""
    with pytest.raises(PackProblems) as caught:
        read_pack(text, "small.toml")
    return caught.value.problems


def only(text: str | bytes) -> Problem:
    """The one thing that is wrong with it: a mistake must not drag others along."""
    found = problems(text)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def test_the_small_pack_reads() -> None:
    """What the malformed ones are made from is itself sound."""
    pack = small()
    assert pack.id == "small"
    assert pack.digest == hashlib.sha256(SMALL.encode()).hexdigest()
    assert [level.id for level in pack.level] == ["low", "high"]
    assert pack.level[1].authorizer[0].positions == ("incident-commander",)
    assert pack.ask[0].who[0].agency == "any"
    assert pack.part[0].within.text == "unknown"


def test_the_digest_is_of_the_bytes() -> None:
    """Text and its bytes are the same file; one more space is another."""
    assert read_pack(SMALL.encode(), "a").digest == read_pack(SMALL, "b").digest
    assert read_pack(SMALL + " ", "a").digest != small().digest


def test_the_model_pack_reads() -> None:
    """The pack that we give away obeys its own grammar, and every rule names its source and its mark."""
    pack = model()
    assert [level.order for level in pack.level] == [0, 1, 2, 3, 4, 5]
    assert pack.pack.kind == "template"


def test_every_problem_is_reported_at_once_in_the_order_of_lines() -> None:
    """A planner mends a file once, not once for each mistake."""
    text = changed('kind = "plan"', 'kind = "plane"')
    text = changed('"lieutenant or above"', '"leutenant or above"', text)
    text = changed('starts = { event = "ForceReported"', 'starts = { event = "ForceReportet"', text)
    text = changed('within = "72 h"', 'within = "72 hrs"', text)
    found = problems(text)
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)
    assert [problem.suggestion for problem in found][:2] == ["plan", "lieutenant"]
    assert any("72 hrs" in problem.came for problem in found)


def test_a_problem_reads_as_a_sentence() -> None:
    """Place, what was expected, what came, and the word that was probably meant."""
    text = changed('any = ["bottles"', 'any = ["botles"')
    line = line_of("botles", text)
    assert str(only(text)) == (
        f'small.toml:{line}: level "high": enter: expected an indicator of this pack, came "botles"; '
        'did you mean "bottles"?'
    )


def test_it_is_an_unreadable_input() -> None:
    """The one exception tree holds it, so that every door answers 400."""
    with pytest.raises(Unreadable) as caught:
        read_pack("x = 1", "x.toml")
    assert caught.value.status == 400
    assert caught.value.where == "x.toml"
    assert "[pack]" in caught.value.message


MALFORMED = [
    # old, new, a word on the blamed line, expected, came, suggestion
    ("[pack]\n", "[pack\n", "[pack", "TOML", "expected ']'", ""),
    ('id = "small"', 'id = "small', 'id = "small', "TOML", "illegal character", ""),
    ("order = 0", "order = ", "order = ", "TOML", "invalid value", ""),
    ("[limits]", "[ranks]", 'ask_age = "60 s"', "each key and each table once", "cannot declare", ""),
    ('id = "small"', 'id = "small plan"', "small plan", "an id of letters", '"small plan"', ""),
    ('id = "small"', "id = 7", "id = 7", "an id of letters", "7", ""),
    ('id = "small"\n', "", "[pack]", 'the field "id"', "nothing", ""),
    ('title = "Small plan"', 'titel = "Small plan"', "[pack]", 'the field "title"', "nothing", ""),
    ('title = "Small plan"', 'title = ""', "title", "a text of 1 to 200", '""', ""),
    ('kind = "plan"', 'kind = "lawn"', "lawn", '"law", "plan"', '"lawn"', "law"),
    ('kind = "plan"', "kind = true", "kind = true", "one of", "true", ""),
    ("sources = []", 'sources = "D.C. Code"', "sources", "a list", '"D.C. Code"', ""),
    ("sources = []", "sources = [1]", "sources", "a table", "1", ""),
    ("sources = []", 'sources = [{ cite = "x", as_of = "2024" }]', "sources", "a date such as", '"2024"', ""),
    ("sources = []", "sources = []\nin_force = { from = 2024-02-01, to = 2024-01-01 }", "in_force", "a last day", "2024-01-01", ""),
    ("sources = []", "sources = []\nin_force = { form = 2024-02-01 }", "in_force", "one of the fields from, to", '"form"', "from"),
    ('["officer", "sergeant", "lieutenant"]', "[]", "order = []", "at least one entry", "an empty list", ""),
    ('ask_age = "60 s"', "ask_age = 60", "ask_age", 'a duration such as "2 min", in quotes', "60", "60 s"),
    ('ask_age = "60 s"', 'ask_age = "a minute"', "a minute", "a duration such as", '"a minute"', ""),
    ('ask_age = "60 s"', 'ask_age = "unknown"', "ask_age", "a known duration", '"unknown"', ""),
    ('ask_age = "60 s"', 'ask_age = "1 business day"', "ask_age", "a duration on the clock", "business", ""),
    ('ask_age = "60 s"', 'ask_age = "0 s"', "ask_age", "longer than nothing", '"0 s"', ""),
    ("[limits]", "[limit]", "[limit]", "one of the tables", '"limit"', "limits"),
    ("[[position]]", "[[possition]]", "[[possition]]", "one of the tables", '"possition"', "position"),
    ('title = "incident commander"\nsays = "Commands."', 'title = "incident commander"', "[[position]]", 'the field "says"', "nothing", ""),
    ('training = ["incident-command"]', 'training = "incident-command"', "training", "a list", '"incident-command"', ""),
    ('training = ["incident-command"]', 'agency = "any"', 'agency = "any"', '"lead" for the incident commander', '"any"', ""),
    ('id = "liaison"\n', 'id = "incident-commander"\n', "", "an id used once", '"incident-commander" again', ""),
    ('id = "bottles"\n', 'id = "bottles"\nverified = "v"\n', "verified", '"V", "P", "G"', '"v"', ""),
    ("order = 0", 'order = "first"', "order = \"first\"", "a whole number from 0 to 99", '"first"', ""),
    ("order = 0", "order = 1", "", "an order used once", "1 again", ""),
    ("order = 0", "order = -1", "order = -1", "a whole number", "-1", ""),
    ("order = 0", "order = true", "order = true", "a whole number", "true", ""),
    ('permits = ["Watch."]', 'permits = ["Watch.", ""]', 'permits = ["Watch.", ""]', "a text of 1 to 600", '""', ""),
    ('permits = ["Watch."]', 'review = "30 min"', 'review = "30 min"', 'no "review" at the lowest', "one", ""),
    ('permits = ["Watch."]', 'enter = { any = ["fire"] }', 'enter = { any = ["fire"] }', 'no "enter" at the lowest', "one", ""),
    ('enter = { any = ["bottles", { all = ["fire"] }] }\n', "", 'says = "Loud."', 'the field "enter"', "nothing", ""),
    ('["bottles", { all = ["fire"] }]', '["bottles", { all = ["fir"] }]', '"fir"', "an indicator", '"fir"', "fire"),
    ('["bottles", { all = ["fire"] }]', '["bottles", { all = [] }]', "{ all = [] }", "at least one entry", "an empty list", ""),
    ('["bottles", { all = ["fire"] }]', '["bottles", { both = ["fire"] }]', "both", "one of the fields all", '"both"', ""),
    ('["bottles", { all = ["fire"] }]', "[]", "any = []", 'indicators in "any" or "all"', "an empty table", ""),
    ('["bottles", { all = ["fire"] }]', "[3]", "[3]", "an id of letters", "3", ""),
    ('enter = { any = ["bottles", { all = ["fire"] }] }', 'enter = "fire"', 'enter = "fire"', "a table", '"fire"', ""),
    ('positions = ["incident-commander"] }, {', 'positions = ["incident-comander"] }, {', "comander", "a position", '"incident-comander"', "incident-commander"),
    ('"lieutenant or above"', '"lieutenant"', '"lieutenant"', 'a rank "… or above"', '"lieutenant"', ""),
    ('"lieutenant or above"', '"major or above"', "major", "a rank of [ranks]", '"major"', ""),
    ('rank = "lieutenant or above" }', 'agency = "any", rank = "lieutenant or above" }', "authorizer", '"lead" for an authorizer of a level', '"any"', ""),
    ('{ rank = "lieutenant or above" }', "{ }", "authorizer", "a position or a rank", "neither", ""),
    ('authorizer = [{ positions = ["incident-commander"] }, { rank = "lieutenant or above" }]\n', "", 'says = "Loud."', 'the field "authorizer"', "nothing", ""),
    ('review = "30 min"\n', "", 'says = "Loud."', 'the field "review"', "nothing", ""),
    ('review = "30 min"', 'review = "2 business days"', "business", "a duration on the clock", "business", ""),
    ('needs = ["extent"]', 'needs = ["extend"]', "extend", "one of", '"extend"', "extent"),
    ('needs = ["extent"]', 'skip = "yes"', "skip", '"allowed", "not allowed"', '"yes"', ""),
    ('action = "level.ask"', 'action = "level.aks"', "level.aks", "one of", '"level.aks"', "level.ask"),
    ('action = "level.ask"', 'action = "level.raise"', "level.raise", "one of", '"level.raise"', "level.ask"),
    ('action = "command.transfer"', 'action = "agency.admit"', 'needs = ["briefing read"]', '"briefing read" only for command.transfer', '"agency.admit"', ""),
    ('who = { agency = "any" }', "who = []", "who = []", "at least one who may", "an empty list", ""),
    ('who = { agency = "any" }', 'who = { agency = "own unit" }', "own unit", '"own unit" only for unit.*', '"level.ask"', ""),
    ('who = { agency = "any" }', 'who = { agency = "anyone" }', "anyone", "one of", '"anyone"', "any"),
    ('who = { agency = "any" }', "who = true", "who = true", "a list", "true", ""),
    ('who = { positions = ["incident-commander"] }', 'who = { agency = "lead" }', 'who = { agency = "lead" }', "a position or a rank for an authorizer of a transfer", "neither", ""),
    ('[force]\nid = "force"\nsays = "Force needs a grant."\n', "", "[[tool]]", "a table [force]", "none", ""),
    ('grant = "needed"', 'grant = "need"', 'grant = "need"', "one of", '"need"', "needed"),
    ('exigent = "accepted"\n', "", "[[tool]]", 'the field "exigent"', "nothing", ""),
    ('starts = { event = "ForceReported"', 'starts = { event = "ForceReport"', "ForceReport", "the name of an event", '"ForceReport"', "ForceReported"),
    ('event = "ForceReported", exigent = true', 'event = "LevelRaised", exigent = true', "LevelRaised", "only with ForceReported", '"LevelRaised"', ""),
    ("exigent = true", 'exigent = "yes"', 'exigent = "yes"', "true or false", '"yes"', ""),
    ("exigent = true", 'findings = ["unauthorized"]', "findings", "one of", '"unauthorized"', "authorized"),
    ('ends = ["DutyDischarged"]', 'ends = ["DutyDischarge"]', "DutyDischarge", "the name of an event", '"DutyDischarge"', "DutyDischarged"),
    ('ends = ["DutyDischarged"]', "ends = []", "ends = []", "at least one entry", "an empty list", ""),
    ('id = "plan-text"', 'id = "review"', 'id = "review"', "an id used once", '"review" again', ""),
    ('words = { en = "Hello." }', "words = {}", "words = {}", "at least one language", "an empty table", ""),
    ('words = { en = "Hello." }', "words = { en = 1 }", "words = { en = 1 }", "a text of 1 to 600 characters", "1", ""),
    ('says = "Review force."', f'says = "{"x" * 201}"', "xxx", "a text of 1 to 200", "xxx", ""),
    ("[[text]]", "[text]", "[text]", "[[text]] in double brackets", "a table", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "blamed", "expected", "came", "suggestion"), MALFORMED, ids=[f"{row[4]}-{n}" for n, row in enumerate(MALFORMED)]
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(
    old: str, new: str, blamed: str, expected: str, came: str, suggestion: str
) -> None:
    """Each malformed pack gives the precise problem: where, what was expected, what came, what was meant."""
    text = changed(old, new)
    found = [problem for problem in problems(text) if expected in problem.expected and came in problem.came]
    assert found, "\n".join(map(str, problems(text)))
    assert found[0].suggestion == suggestion
    lines = text.splitlines()[found[0].line - 1 :]
    whole_table = ": " not in found[0].where  # a field that is missing is reported at its table's header
    assert blamed in "\n".join(lines[: 5 if whole_table else 1])


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_text_brings_down_the_reader(data: st.DataObject) -> None:
    """Whatever is cut out of or put into a pack, it reads or it is refused with problems; nothing else happens."""
    start = data.draw(st.integers(0, len(SMALL)))
    end = data.draw(st.integers(start, min(len(SMALL), start + 40)))
    put = data.draw(
        st.sampled_from(["", "1", '"x"', "[", "]", "{ }", "[[a]]\n", "= ", "\n", "'''", "true", "1979-05-27"])
    )
    try:
        assert read_pack(SMALL[:start] + put + SMALL[end:], "small.toml").digest
    except PackProblems as refused:
        assert refused.problems
        assert all(problem.expected and problem.came and problem.line >= 0 for problem in refused.problems)


def test_a_pack_without_commander_cannot_have_levels() -> None:
    """Command is what levels hang on."""
    text = changed('id = "incident-commander"', 'id = "commander"')
    assert any('a position "incident-commander"' in problem.expected for problem in problems(text))


def test_one_rule_for_an_action() -> None:
    """Two rules on one action in one pack contradict or repeat each other."""
    text = changed('action = "command.transfer"', 'action = "level.ask"')
    assert any("one rule for an action" in problem.expected for problem in problems(text))


def test_law_names_its_source_and_its_mark_for_every_rule() -> None:
    """A law or template without sources is an opinion."""
    found = problems(changed('kind = "plan"', 'kind = "law"'))
    assert sum('the field "source"' in problem.expected for problem in found) == 13
    assert any("at least one source in a law" in problem.expected for problem in found)


def test_a_broken_level_does_not_make_its_neighbour_the_lowest() -> None:
    """One mistake, one problem."""
    assert only(changed("order = 0", "order = 0.5")).came == "0.5"


def test_nothing_at_all() -> None:
    """An empty file lacks its head, on no line."""
    assert only("") == Problem("small.toml", 0, "[pack]", "a table [pack]", "nothing")


def test_a_head_of_the_wrong_kind_hides_nothing_else() -> None:
    """Rules are checked although the head could not be read."""
    found = problems(changed('kind = "plan"', 'kind = "x"').replace('"72 h"', '"72 x"'))
    assert len(found) == 2


@pytest.mark.parametrize("broken", ["ranks = 3", "[ranks]\norder = 3", "[[ranks]]"])
def test_ranks_of_the_wrong_kind(broken: str) -> None:
    """Ranks that can't be read leave no rank known."""
    text = changed('[ranks]\norder = ["officer", "sergeant", "lieutenant"]', broken)
    text = broken + "\n" + text.replace(broken, "", 1) if broken.startswith("ranks =") else text
    assert any("ranks" in problem.where for problem in problems(text))


def test_items_that_are_not_tables() -> None:
    """A list where tables belong is said to be one, entry by entry."""
    found = problems(
        'position = [1, { id = "a" }]\nindicator = 2\n'
        + SMALL.replace("[[position]]", "[[positions]]").replace("[[indicator]]", "[[indicators]]")
    )
    assert any(problem.where == "position 1" and problem.came == "1" for problem in found)
    assert any(problem.where == "[indicator]" and problem.came == "2" for problem in found)


def test_not_utf_8_names_the_line() -> None:
    """A file from another age of encodings is refused where it begins to be one."""
    assert only(b'a = 1\nb = "\xff"') == Problem("small.toml", 2, "file", "UTF-8", "the byte 0xff")


def test_too_large() -> None:
    """A plan that no one could read aloud is not parsed."""
    assert "at most" in only(b" " * (LARGEST_BYTES + 1)).expected


def test_a_key_of_thousands_of_parts_is_not_looked_through() -> None:
    """The parser would for hours."""
    found = only("# a\n" + "a." * 100_000 + "a = 1")
    assert (found.line, found.where, found.came) == (2, "syntax", "100000")


def test_blanks_behind_a_bracket_are_gone_through_once() -> None:
    """Where a table stands was looked for again from each of them, and again for each of those."""
    began = time.process_time()
    assert Lines("[" + " " * 200_000 + "\n[ a.b ]\nc = 1").key("a.b", 0, "c") == 3
    assert time.process_time() - began < 20


def test_the_end_of_the_file_is_a_line_too() -> None:
    """Syntax that never ends is reported at the last line."""
    assert only("a = 1\nb = '''").line == 2


def test_nesting_without_end() -> None:
    """A file built to exhaust the reader is refused as one that is not TOML."""
    assert only("a = " + "[" * 100_000).where == "syntax"
