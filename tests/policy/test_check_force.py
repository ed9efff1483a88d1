"""Malformed rules on force, posture, succession and the calendar: each names its place, what was expected, what was meant."""

from __future__ import annotations

import pytest

from command.policy.load import PackProblems, read_pack
from command.policy.problems import Problem
from tests.support.packs import changed
from tests.support.street import STREET

CALENDAR = (
    '[calendar]\ntime_zone = "America/Chicago"\nknown_to = 2027-12-31\nholidays = [{ on = 2026-07-03, says = "x" }]\n'
)
LINKS = '[links]\nranks = { major = "lieutenant" }\nlevels = { loud = "high" }\n'
TEXT = (
    STREET + CALENDAR + LINKS + '[[guideline]]\nid = "g"\nsays = "Cited."\noffence = "blocking"\ncharge = "citation"\n'
)
TEXT += '[[arrest]]\nid = "a"\nsays = "Cite."\ntopic = "citation first"\nwithin = "4 h"\n'
TEXT += '[[mutual_aid]]\nid = "m"\nsays = "Command stays."\ntopic = "command"\n'
TEXT += '[[conduct]]\nid = "c"\nsays = "Wear names."\ntopic = "identification"\n'
TEXT += '[[deescalation]]\nid = "d"\nsays = "Talk."\nwhen = "during"\n'


def problems(text: str) -> tuple[Problem, ...]:
    """All that is wrong with a text."""
    with pytest.raises(PackProblems) as caught:
        read_pack(text, "street.toml")
    return caught.value.problems


MALFORMED = [
    # old, new, a word on the blamed line, expected, came, suggestion
    ('tools = ["gas", "net"]', "tools = []", "tools", "at least one entry", "an empty list", ""),
    ('tools = ["gas", "net"]', 'tools = "gas"', "tools", "a list", '"gas"', ""),
    ('tools = ["baton"]', 'tools = ["battn"]', "battn", "a tool of this pack or a measure", '"battn"', "baton"),
    ('grant = "needed"', 'grant = "needed"\nmunition = "yes"', "munition", "true or false", '"yes"', ""),
    ('grant = "needed"', 'grant = "never"\nmunition = true', "munition", "no munition of what is never authorized", "true", ""),
    ('grant = "needed"', 'grant = "needed"\nmunition = false\nunit = "rods"', "unit", "a unit only of what is handed out by number", '"rods"', ""),
    ('grant = "needed"', 'grant = "needed"\nmunitions = true', "munitions", "one of the fields", '"munitions"', "munition"),
    ('tools = ["rope"]', 'tools = ["batons"]', "batons", "a tool of this pack or a measure", '"batons"', "baton"),
    ('purposes = ["disperse"]', 'purposes = ["dispers"]', "dispers", 'one of "protect person"', '"dispers"', "disperse"),
    ('level = "high"\nwarning', 'level = "hihg"\nwarning', "hihg", "a level of this pack", '"hihg"', "high"),
    ('warning = "warned"', 'warning = "warnd"', "warnd", "a [[warning]] of this pack", '"warnd"', "warned"),
    ('deescalation = "tried"', 'deescalation = "tryed"', "tryed", 'one of "tried"', '"tryed"', "tried"),
    ('{ rank = "chief or above", designee', '{ rank = "chef or above", designee', "chef", "a rank of [ranks]", '"chef"', "chief"),
    ('designee = "lieutenant or above"', 'designee = "lieutenant"', "designee", 'a rank "… or above"', '"lieutenant"', ""),
    ('designee = "lieutenant or above"', 'designee = "leutenant or above"', "leutenant", "a rank of [ranks]", '"leutenant"', "lieutenant"),
    ('rank = "chief or above", designee', 'positions = ["deputy"], designee', "authorizer", "a rank whose designee", "none", ""),
    ('designee = "lieutenant or above"', 'agency = "any"', "agency", '"lead" for an authorizer of force', '"any"', ""),
    ('designee = "lieutenant or above"', "onscene = true", "onscene", "one of the fields", '"onscene"', "on_scene"),
    ('designee = "lieutenant or above"', 'on_scene = "yes"', "on_scene", "true or false", '"yes"', ""),
    ('{ rank = "chief or above", designee = "lieutenant or above", training = ["crowd-management"] }', "{ on_scene = true }", "authorizer", "a position or a rank for an authorizer of force", "neither", ""),
    ('{ office = "mayor", binds = ["city"] }', "{ }", "cosigner", "either an office, or a position or rank", "neither", ""),
    ('{ office = "mayor", binds = ["city"] }', '{ office = "mayor", rank = "chief or above" }', "cosigner", "either an office", "both", ""),
    ('{ office = "mayor", binds = ["city"] }', '{ ofice = "mayor" }', "cosigner", "one of the fields", '"ofice"', "office"),
    ('}, { rank = "lieutenant or above" }]\nscope', '}, { rank = "major or above" }]\nscope', "major", "a rank of [ranks]", '"major"', ""),
    ('scope = ["quantity", "time"]', 'scope = ["quantitty"]', "quantitty", "one of", '"quantitty"', "quantity"),
    ("quantity = 10", "quantity = 0", "quantity", 'a whole number from 1 to 100000, or "unknown"', "0", ""),
    ("quantity = 10", 'quantity = "ten"', "quantity", "a whole number from 1", '"ten"', ""),
    ("quantity = 10", "quantity = true", "quantity", "a whole number from 1", "true", ""),
    ('lasts = "20 min"', 'lasts = "2 business days"', "lasts", "a duration on the clock", "business", ""),
    ('lasts = "20 min"', 'lasts = "1.5 calendar days"', "lasts", "a whole number of calendar days", "1.5", ""),
    ('lasts = "20 min"', 'lasts = "9999 business days"', "lasts", "at most 3660", "9999", ""),
    ('lasts = "20 min"', 'lasts = "20 mins"', "lasts", "s, min, h, days, business days or calendar days", "20 mins", "20 min"),
    ('bars = { zones = ["head"]', 'bars = { zone = ["head"]', "bars", "one of the fields", '"zone"', "zones"),
    ('bars = { zones = ["head"], indiscriminate = true', 'bars = { zones = ["head"], indiscriminate = 1', "bars", "true or false", "1", ""),
    ("count = 2\n", "count = -2\n", "count", "a whole number from 1", "-2", ""),
    ("count = 2\n", "", "[[warning]]", 'the field "count"', "nothing", ""),
    ('interval = "2 min"\n', "", "[[warning]]", 'the field "interval"', "nothing", ""),
    ('wait = "1 min"', 'wait = "1 calendar day"', "wait", "a duration on the clock", "calendar", ""),
    ("imminent_count = 1\n", "", "[[warning]]", "imminent_if and imminent_count together", "one of them", ""),
    ("imminent_count = 1", "imminent_count = 3", "imminent_count", "at most the count, 2", "3", ""),
    ('imminent_if = "danger"', 'imminent_if = "dager"', "dager", "an indicator of this pack", '"dager"', "danger"),
    ('texts = ["order"]', 'texts = ["odrer"]', "odrer", "a [[text]] of this pack", '"odrer"', "order"),
    ('by = { rank = "sergeant or above"', 'by = { rank = "sargeant or above"', "sargeant", "a rank of [ranks]", '"sargeant"', "sergeant"),
    ("lapses_when_moved = true", 'audible = "confirmd"', "confirmd", "one of", '"confirmd"', "confirmed"),
    ('unless = { all = ["fire"] }', 'unless = { all = ["fier"] }', "fier", "an indicator of this pack", '"fier"', "fire"),
    ('unless = { all = ["fire"] }', "unless = { }", "unless", 'indicators in "any" or "all"', "an empty table", ""),
    ('tools = ["rope"]\nunless = { all = ["fire"] }', "", "[[prohibition]]", "tools, purposes or bars", "none of them", ""),
    ('kind = "gear"', 'kind = "gears"', "gears", '"gear", "vehicle"', '"gears"', "gear"),
    ('needs = { any = ["bottles"] }', 'needs = { any = ["botles"] }', "botles", "an indicator of this pack", '"botles"', "bottles"),
    ('title = "shields"\n', "", "[[posture]]", 'the field "title"', "nothing", ""),
    ('ready = { rank = "sergeant or above" }\nauthorizer = { positions = ["incident-commander"] }\n', "", "[[posture]]", 'the field "authorizer" for gear', "nothing", ""),
    ('ready = { rank = "sergeant or above" }', 'ready = { agency = "any" }', "ready", "of posture", "any", ""),
    ('level = "high"\nneeds', 'level = "higher"\nneeds', "higher", "a level of this pack", '"higher"', "high"),
    ('order = ["deputy", "liaison"]', 'order = ["depty"]', "depty", "a position of this pack", '"depty"', "deputy"),
    ('order = ["deputy", "liaison"]', 'order = ["incident-commander"]', "order", "other positions than the one", '"incident-commander"', ""),
    ('order = ["deputy", "liaison"]', "order = []", "order", "at least one entry", "an empty list", ""),
    ('rank = "chief or above"\nto', 'rank = "chief or above"\nposition = "deputy"\nto', "[[delegation]]", "either a position or a rank", "both", ""),
    ('rank = "chief or above"\nto', "to", "[[delegation]]", "either a position or a rank", "neither", ""),
    ('to = "sergeant or above"', 'to = "corporal or above"', "corporal", "a rank of [ranks]", '"corporal"', ""),
    ('longest = "24 h"', 'longest = "unknown"', "longest", "a known duration on the clock", '"unknown"', ""),
    ('worth = "authorizes with read-back"', 'worth = "everything"', "worth", "one of", '"everything"', ""),
    ('time_zone = "America/Chicago"', 'time_zone = "America/Chcago"', "time_zone", "a time zone such as", "Chcago", "America/Chicago"),
    ('time_zone = "America/Chicago"', 'time_zone = "../etc/passwd"', "time_zone", "a time zone such as", "passwd", ""),
    ("known_to = 2027-12-31\n", "", "[calendar]", 'the field "known_to"', "nothing", ""),
    ('on = 2026-07-03, says = "x" }', 'on = "Friday", says = "x" }', "holidays", "a date such as", '"Friday"', ""),
    ('says = "x" }]', 'says = "x" }, { on = 2026-07-03, says = "y" }]', "holidays", "each holiday once", "2026-07-03 again", ""),
    ('ranks = { major = "lieutenant" }', 'ranks = { major = "lieutenat" }', "lieutenat", "a rank of [ranks]", '"lieutenat"', "lieutenant"),
    ('levels = { loud = "high" }', 'levels = { loud = "hgh" }', "hgh", "a level of this pack", '"hgh"', "high"),
    ('charge = "citation"', 'charge = "cite"', "charge", '"supported", "declined", "citation"', '"cite"', ""),
    ('topic = "citation first"', 'topic = "citations first"', "citations", "one of", '"citations first"', "citation first"),
    ('topic = "command"', 'topic = "comand"', "comand", "one of", '"comand"', "command"),
    ('topic = "identification"', 'topic = "names"', "names", "one of", '"names"', "cameras"),
    ('when = "during"', 'when = "always"', "always", "one of", '"always"', ""),
    ('id = "baton-at-one"', 'id = "gas"', 'id = "gas"', "an id used once", '"gas" again', ""),
    ("[[tactic]]\nid = \"gas\"", "[[tactics]]\nid = \"gas\"", "[[tactics]]", "one of the tables", '"tactics"', "tactic"),
    ('lapses = "5 min"', 'lapses = "5 mn"', "5 mn", "s, min, h, days", '"5 mn"', ""),
    ("sources = []", 'sources = []\nstatus = "in-force"', "status", '"in force", "enjoined"', '"in-force"', "in force"),
    ('holds = ["the law"]', 'holds = "the law"', "holds", "a list", '"the law"', ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "blamed", "expected", "came", "suggestion"), MALFORMED, ids=[f"{n}-{row[4]}" for n, row in enumerate(MALFORMED)]
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(
    old: str, new: str, blamed: str, expected: str, came: str, suggestion: str
) -> None:
    """Where, what was expected, what came, what was meant."""
    text = changed(old, new, TEXT)
    found = [problem for problem in problems(text) if expected in problem.expected and came in problem.came]
    assert found, "\n".join(map(str, problems(text)))
    assert found[0].suggestion == suggestion
    lines = text.splitlines()[found[0].line - 1 :]
    whole_table = ": " not in found[0].where
    assert blamed in "\n".join(lines[: 8 if whole_table else 1])


def test_what_they_are_made_from_reads() -> None:
    """The pack before it is broken."""
    assert read_pack(TEXT, "street.toml").tactic[0].quantity is not None


def test_more_than_a_hundred_malformed_packs_in_all() -> None:
    """With those of the reader's own test."""
    from tests.policy import test_load

    assert len(MALFORMED) + len(test_load.MALFORMED) >= 140


def test_a_law_suspends_nothing_and_leaves_the_ladder_to_the_plan() -> None:
    """And may speak of levels, positions and links that it does not define."""
    law = '[pack]\nid = "l"\ntitle = "L"\njurisdiction = "J"\nkind = "law"\nsources = [{ cite = "c" }]\n'
    own = 'source = "s"\nverified = "V"\n'
    level = f'[[level]]\nid = "high"\norder = 1\nname = "H"\nsays = "Only by day."\n{own}'
    posture = (
        f'[[posture]]\nid = "s"\nkind = "gear"\ntitle = "t"\nsays = "S."\nlevel = "high"\nreview = "unknown"\n{own}'
    )
    links = '[links]\nlevels = { loud = "high" }\nranks = { major = "captain" }\n'
    assert read_pack(law + level + posture + links, "l").level[0].review is None
    rule = f'[suspension]\nid = "x"\nsays = "X."\nlongest = "1 h"\n{own}'
    assert any("no suspension of a law" in problem.expected for problem in problems(law + rule))
    only = read_pack(law + posture + links, "l")
    assert only.links is not None


def test_words_of_the_wrong_kind_bring_nothing_down() -> None:
    """Ids and tools that are no words are named where they stand."""
    assert problems(changed('[[warning]]\nid = "warned"', "[[warning]]\nid = 3", TEXT))
    assert problems(changed('tools = ["gas", "net"]', "tools = [3]", TEXT))
    assert problems(
        "warning = 3\ntactic = 4\n" + TEXT.replace("[[warning]]", "[[warnin]]").replace("[[tactic]]", "[[tacti]]")
    )
