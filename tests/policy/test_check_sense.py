"""Plans as people really break them: files of another program, lookalike letters, circles, gaps, clocks that never fit."""

from __future__ import annotations

import pytest

from command.policy.load import LARGEST_BYTES, PackProblems, read_pack
from command.policy.problems import Problem
from tests.policy.test_check_force import TEXT
from tests.support.packs import changed

CYRILLIC = chr(0x43E)
"""A letter that looks like an o."""


def problems(text: str | bytes) -> tuple[Problem, ...]:
    """All that is wrong with a text."""
    with pytest.raises(PackProblems) as caught:
        read_pack(text, "plan.toml")
    return caught.value.problems


FILES = [
    # the file, its line (or a word on it), expected, came
    (b"\xef\xbb\xbf" + TEXT.encode(), 1, "UTF-8 without a byte order mark", "a byte order mark"),
    (TEXT.encode("utf-16"), 1, "UTF-8 without a byte order mark", "UTF-16"),
    (TEXT.replace("\n", "\r"), 1, "lines that end in LF or CR LF", "a CR alone"),
    (changed("[limits]\n", "[limits]\r", TEXT), "[limits]", "lines that end in LF or CR LF", "a CR alone"),
    (b"#" + b"x" * 5_000_000, 0, f"at most {LARGEST_BYTES} bytes", "5000001"),
    (TEXT + "x = " + "[" * 3000 + "]" * 3000, TEXT.count("\n") + 1, "tables and lists a few deep", "more than can be read"),
    (TEXT + "[" + ".".join("a" * 200) + "]\n", TEXT.count("\n") + 1, "one of the tables", '"a"'),
    (TEXT + "[" + ".".join("a" * 3000) + "]\n", TEXT.count("\n") + 1, "at most 200 dots in a line", "2999"),
    ("", 0, "a table [pack]", "nothing"),
    ("# a plan, some day\n", 0, "a table [pack]", "nothing"),
    ('{"pack": {"id": "x"}}', 1, "TOML", 'in "{"pack": {"id": "x"}}"'),
    ("pack:\n  id: x\n", 1, "TOML", 'in "pack:"'),
    ("id = 'x'\n" + TEXT, 1, "one of the tables", '"id"'),
    (changed('id = "small"', f'id{chr(0xA0)}= "small"', TEXT), 2, "plain letters", "U+00A0 NO-BREAK SPACE"),
    (changed('"Small plan"', f"{chr(0x201C)}Small plan{chr(0x201D)}", TEXT), 3, "plain letters", "U+201C LEFT DOUBLE QUOTATION MARK"),
    (changed("order = 1\n", f"order = {chr(0xFF11)}\n", TEXT), "order = ", "plain letters", "U+FF11 FULLWIDTH DIGIT ONE"),
    (changed("Small plan", "Small\0plan", TEXT), 3, "TOML", "illegal character"),
    (changed('kind = "plan"', 'kind = "plan"\nkind = "law"', TEXT), "kind = ", "each key and each table once", 'in "kind = "law""'),
    (changed("[limits]", "[pack]\nid = 'x'\n[limits]", TEXT), "[pack]", "each key and each table once", 'in "[pack]"'),
    (changed('[[level]]\nid = "low"', '[level]\nid = "low"', TEXT), "[[level]]", "rules in double brackets", 'in "[[level]]"'),
    (changed('[[level]]\nid = "low"', '[level.low]\nid = "low"', TEXT), "[[level]]", "rules in double brackets", 'in "[[level]]"'),
    (changed("[pack]", "[[pack]]", TEXT), 1, "[pack] in single brackets", "a list"),
    (changed("sources = []", "sources = []\nin_force = { from = 2026-02-30 }", TEXT), "in_force", "a day of the calendar", "2026-02-30"),
    (changed('"Gas takes two signatures."', '"C:\\users"', TEXT), "says = ", "TOML", "invalid hex value"),
    (changed('"Gas takes two signatures."', '"\\ud800"', TEXT), "says = ", "TOML", "not a Unicode scalar value"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "expected", "came"), FILES, ids=[f"{n}-{row[2]}" for n, row in enumerate(FILES)]
)
def test_a_file_that_is_no_plan_is_told_what_it_is(
    text: str | bytes, line: int | str, expected: str, came: str
) -> None:
    """One problem, with the line to look at (by its number or by what stands in it) and what came."""
    [found] = problems(text)
    if isinstance(line, int):
        assert found.line == line
    else:
        assert line in str(text).split("\n")[found.line - 1]
    assert expected in found.expected
    assert came in found.came


def test_windows_and_tabs_are_no_mistake() -> None:
    """Lines that end in CR LF, and tabs for blanks, read like the others."""
    assert read_pack(TEXT.replace("\n", "\r\n"), "plan.toml").id == "small"
    assert read_pack(TEXT.replace(" = ", "\t=\t"), "plan.toml").id == "small"


TWO = 'order = ["deputy"]\n\n[[succession]]\nid = "two"\nsays = "x"\nposition = "{}"\norder = ["{}"]'

RULES = [
    # old, new, a word on the blamed line, expected, came, suggestion
    ('id = "bottles"\nsays', f'id = "b{CYRILLIC}ttles"\nsays', f"b{CYRILLIC}ttles", "an id of letters", "U+043E CYRILLIC SMALL LETTER O", ""),
    ('any = ["bottles", {', f'any = ["b{CYRILLIC}ttles", {{', f"b{CYRILLIC}ttles", "an id of letters", "U+043E", ""),
    ('"lieutenant or above" }]\nscope', f'"lieuten{chr(0x430)}nt or above" }}]\nscope', "cosigner", "a rank of [ranks]", "U+0430 CYRILLIC", "lieutenant"),
    ('id = "fire"\n', f'id = "fi{chr(0x200B)}re"\n', 'id = "fi', "characters that cannot be seen", "U+200B", ""),
    ('"Gas takes two signatures."', f'"{chr(0x202E)}gas"', "says", "characters that cannot be seen", "U+202E", ""),
    ('"Gas takes two signatures."', '"\\u0007"', "says", "characters that cannot be seen", "U+0007", ""),
    ("sources = []", "sources = []\nin_force = { from = 2026-01-01T00:00:00Z }", "in_force", "a date such as", "2026-01-01 00:00", ""),
    ("sources = []", 'sources = []\nin_force = ["2026-01-01"]', "in_force", "a table", "a list", ""),
    ("sources = []", 'sources = [{ cite = "x", as_of = 1.5 }]', "sources", "a date such as", "1.5", ""),
    ('interval = "2 min"', 'interval = "-2 min"', "interval", "a duration such as", '"-2 min"', ""),
    ('interval = "2 min"', "interval = 120", "interval", "in quotes", "120", "120 s"),
    ('interval = "2 min"', "interval = inf", "interval", "in quotes", "inf", ""),
    ('interval = "2 min"', 'interval = "2 min 30 s"', "interval", "a duration such as", '"2 min 30 s"', "150 s"),
    ('interval = "2 min"', 'interval = "00:02:00"', "interval", "a duration such as", '"00:02:00"', "120 s"),
    ('interval = "2 min"', 'interval = "2 Min"', "interval", "a duration such as", '"2 Min"', "2 min"),
    ('interval = "2 min"', 'interval = "2 mins"', "interval", "s, min, h", '"2 mins"', "2 min"),
    ('interval = "2 min"', 'interval = "999999 days"', "interval", "at most ten years", "999999", ""),
    ('review = "30 min"\nneeds', 'review = "1 week"\nneeds', "review", "s, min, h, days", '"1 week"', "7 days"),
    ('within = "72 h"', 'within = "1 month"', "within", "s, min, h, days", '"1 month"', ""),
    ('within = "72 h"', 'within = "72 hrs"', "within", "s, min, h, days", '"72 hrs"', "72 h"),
    ('wait = "1 min"', 'wait = "none"', "wait", "a duration such as", '"none"', "unknown"),
    ('wait = "1 min"', 'wait = "Unknown"', "wait", "a duration such as", '"Unknown"', "unknown"),
    ('wait = "1 min"', 'wait = ""', "wait", "a duration such as", '""', "unknown"),
    ("count = 2\n", "count = 0\n", "count", 'from 1 to 100000, or "unknown"', "0", ""),
    ("count = 2\n", "count = 2.0\n", "count", "a whole number", "2.0", ""),
    ("count = 2\n", 'count = "2"\n', "count", "a whole number", '"2"', ""),
    ("count = 2\n", "count = 99999999999999999999\n", "count", "a whole number", "99999999999999999999", ""),
    ("imminent_count = 1", "imminent_count = 0", "imminent_count", "a whole number from 1", "0", ""),
    ("places = 2", "places = 0", "places", "a whole number from 1", "0", ""),
    ("quantity = 10", "quantity = 1e1", "quantity", "a whole number from 1", "10.0", ""),
    ("quantity = 10", "quantity = 10\ncrowd_over = 0", "crowd_over", "a whole number from 1", "0", ""),
    ('lapses = "10 min"\nlapses_when', 'lapses = "1 min"\nlapses_when', "lapses", "longer than the wait, 1 min", '"1 min"', ""),
    ('en = "Go.", es', 'en = "", es', "words", "a text of 1 to 600", '""', ""),
    ('en = "Go.", es', '"" = "Go.", en = "Go.", es', "words", "a word before the =", "nothing", ""),
    ('en = "Go.", es', 'english = "Go.", en = "Go.", es', "english", "a language such as en", '"english"', "en"),
    ('languages = ["en", "es"]', 'languages = ["en", "Spanish"]', "Spanish", "a language such as en", '"Spanish"', ""),
    (', es = "Váyanse." }', " }", "texts", 'a text with words in "es"', '"order" in en', ""),
    ('holds = ["the law"]\n', "", "texts", 'a text that holds "the law"', '"order"', ""),
    ('holds = ["the law"]', 'holds = ["the laws"]', "texts", 'a text that holds "the law"', '"order"', "the laws"),
    ('order = ["deputy", "liaison"]', TWO.format("deputy", "incident-commander"), "order", "a succession that comes to an end", "incident-commander → deputy → incident-commander", ""),
    ('order = ["deputy", "liaison"]', TWO.format("incident-commander", "liaison"), "position", "one succession for a position", "again", ""),
    ('order = ["deputy", "liaison"]', 'order = ["deputy", "deputy"]', "order", "each position once", '"deputy" again', ""),
    ('"sergeant", "lieutenant", "chief"]', '"sergeant", "sergeant", "lieutenant", "chief"]', "order", "each rank once", '"sergeant" again', ""),
    ('"sergeant", "lieutenant", "chief"]', '"sergeant", "", "lieutenant", "chief"]', "order", "an id of letters", '""', ""),
    ("order = 1\n", "order = 7\n", "order = 7", '1, the next above level "low"', "7", "1"),
    ("order = 1\n", "order = 1.0\n", "order = 1.0", "a whole number", "1.0", ""),
    ('any = ["bottles", {', 'any = ["bottles", "bottles", {', "enter", "each sign once", '"bottles" again', ""),
    ('enter = { any = ["bottles"', 'enter = { all = ["bottles"], any = ["bottles"', "enter", "each sign once", '"bottles" again', ""),
    ('rank = "chief or above", designee = "lieutenant or above"', 'rank = "lieutenant or above", designee = "chief or above"', "designee", 'a designee below "lieutenant"', '"chief or above"', ""),
    ('rank = "chief or above", designee', 'rank = "chief or higher", designee', "authorizer", 'a rank "… or above"', '"chief or higher"', ""),
    ('rank = "chief or above", designee', 'rank = "Chief or above", designee', "authorizer", "a rank of [ranks]", '"Chief"', "chief"),
    ('authorizer = { positions = ["incident-commander"] }\nreview', 'authorizer = "incident-commander"\nreview', "authorizer", "a table in { }, or a list of them", '"incident-commander"', ""),
    ('ends = ["DutyDischarged"]', 'ends = ["ForceReported"]', "ends", "another event than the one", '"ForceReported"', ""),
    ('starts = { event = "ForceReported", exigent = true }', 'starts = "ForceReported"', "starts", "a table", '"ForceReported"', ""),
    ("on = 2026-07-03", "on = 2028-07-03", "holidays", "holidays up to known_to, 2027-12-31", "2028-07-03", ""),
    ("known_to = 2027-12-31", "known_to = 2027-12-31T12:00:00", "known_to", "a date such as", "12:00:00", ""),
    ('[{ on = 2026-07-03, says = "x" }]', "[2026-07-03]", "holidays", "a table", "2026-07-03", ""),
    ('"America/Chicago"', '"CST"', "time_zone", "a time zone such as", '"CST"', ""),
    ('"America/Chicago"', '"-06:00"', "time_zone", "a time zone such as", '"-06:00"', ""),
    ('"America/Chicago"', '"america/chicago"', "time_zone", "a time zone such as", '"america/chicago"', "America/Chicago"),
    ('"America/Chicago"', '"America/\\u0000"', "time_zone", "characters that cannot be seen", "U+0000", ""),
    ('"America/Chicago"', '"' + "A" * 199 + '"', "time_zone", "a time zone such as", "AAA…", ""),
    ('ranks = { major = "lieutenant" }', 'ranks = { "" = "lieutenant" }', "ranks", "a word before the =", "nothing", ""),
    ('zones = ["head"]', 'zones = ["the head"]', "bars", "an id of letters", '"the head"', ""),
    ('purposes = ["disperse"]', 'purposes = ["Disperse"]', "purposes", "one of", '"Disperse"', "disperse"),
    ('cosigner = [{ office = "mayor", binds = ["city"] }', 'cosigner = ["mayor"', "cosigner", "a table", '"mayor"', ""),
    ('"Gas takes two signatures."', '["Gas", "takes"]', "says", "a text of 1 to 600", "a list", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "blamed", "expected", "came", "suggestion"), RULES, ids=[f"{n}-{row[3]}" for n, row in enumerate(RULES)]
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(
    old: str, new: str, blamed: str, expected: str, came: str, suggestion: str
) -> None:
    """Where, what was expected, what came, what was meant."""
    text = changed(old, new, TEXT)
    found = [problem for problem in problems(text) if expected in problem.expected and came in problem.came]
    assert found, "\n".join(map(str, problems(text)))
    assert found[0].suggestion == suggestion
    assert blamed in text.splitlines()[found[0].line - 1]


def test_a_text_hidden_in_a_sentence_is_no_rule() -> None:
    """What looks like a header within a long text moves no line."""
    text = changed('"Gas takes two signatures."', '"""\n[[tactic]]\nid = 3"""', TEXT)
    [found] = problems(changed('purposes = ["disperse"]', 'purposes = ["dispers"]', text))
    assert "purposes = " in text.splitlines()[found.line - 1]
    assert found.suggestion == "disperse"


def test_what_other_scripts_need_may_stand_in_a_text() -> None:
    """Joiners and marks of direction belong to some languages; they are no trick."""
    for letter in (chr(0x200C), chr(0x200D), chr(0x200E), chr(0x200F)):
        assert read_pack(changed('en = "Hello."', f'en = "Hello.", fa = "a{letter}b"', TEXT), "plan.toml").text


def test_a_law_may_leave_out_rungs() -> None:
    """It stands on another plan's ladder, and speaks of the rungs that it has something to say of."""
    law = changed('kind = "plan"', 'kind = "agreement"', changed("order = 1\n", "order = 4\n", TEXT))
    assert not any("the next above" in problem.expected for problem in problems(law))


def test_more_than_sixty_more_kinds() -> None:
    """Beside those of the reader's and the rules' own tests."""
    assert len(FILES) + len(RULES) > 60
