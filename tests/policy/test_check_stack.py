"""A word of one pack that is another's, misspelt, shows when they stand on each other."""

from __future__ import annotations

import pytest

from command.library import MODEL, read_files
from command.policy.check_stack import check_stack
from command.policy.load import read_pack
from command.policy.problems import PackProblems
from command.policy.stack import Stack

LAW = """
[pack]
id = "law"
title = "A law without tools of its own"
jurisdiction = "Nowhere"
kind = "law"
sources = [{ cite = "Code" }]

[[tactic]]
id = "irritants"
says = "Only by the trained."
tools = ["chemical-area"]
user_training = ["crowd-management"]
authorizer = { rank = "captain or above", training = ["incident-command"] }
source = "Code § 1"
verified = "V"

[[prohibition]]
id = "zones"
says = "Never at the head."
tools = ["kinetic-direct"]
bars = { zones = ["head"], never_for = ["retaliation"] }
source = "Code § 2"
verified = "V"

[[duty]]
id = "report"
says = "Report it."
starts = { event = "ForceReported", tools = ["baton"] }
owed_by = "the officer"
ends = ["DutyDischarged"]
source = "Code § 3"
verified = "V"

[ranks]
order = ["officer", "captain"]
"""


def on_the_model(text: str) -> tuple[str, ...]:
    """What is wrong with a law on the model plan, in words."""
    packs = [read_pack(text, "law.toml"), *(read_pack(raw, name) for name, raw in read_files((MODEL,)))]
    return tuple(str(problem) for problem in check_stack(Stack.of(packs)))


def test_our_words_are_right() -> None:
    """Nothing is said about a law that calls things as the plan does, or has a word of its own."""
    assert on_the_model(LAW) == ()
    assert on_the_model(LAW.replace('"chemical-area"', '"water-cannon"')) == ()


def test_a_misspelt_course_shows_in_the_stack() -> None:
    """Nobody would ever have it."""
    (problem,) = on_the_model(LAW.replace('"crowd-management"', '"crowd-managment"'))
    assert problem.endswith('came "crowd-managment"; did you mean "crowd-management"?')
    assert problem.startswith('law.toml: tactic "irritants": user_training')
    (problem,) = on_the_model(LAW.replace('"incident-command"', '"incident-comand"'))
    assert "authorizer.training" in problem


def test_the_model_s_own_tool_in_another_s_spelling() -> None:
    """A plan's tool that is no common word is compared too."""
    plan = read_files((MODEL,))[0][1].decode().replace('"bicycle"', '"pushbike-line"')
    law = read_pack(LAW.replace('"chemical-area"', '"pushbike-lines"'), "law.toml")
    (problem,) = check_stack(Stack.of([law, read_pack(plan, "plan.toml")]))
    assert problem.suggestion == "pushbike-line"


@pytest.mark.parametrize(
    ("old", "new", "where", "guess"),
    [
        ('"chemical-area"', '"chemcial-area"', 'tactic "irritants": tools', "chemical-area"),
        ('"kinetic-direct"', '"kinetic-drect"', 'prohibition "zones": tools', "kinetic-direct"),
        ('"baton"', '"battons"', 'duty "report": starts.tools', "baton"),
        ('"head"', '"haed"', 'prohibition "zones": bars.zones', "head"),
        ('"retaliation"', '"retalliation"', 'prohibition "zones": bars.never_for', "retaliation"),
    ],
)
def test_a_law_without_tools_is_checked_alone(old: str, new: str, where: str, guess: str) -> None:
    """It needs no plan beside it for a typing error to show, with its line."""
    assert old in LAW
    text = LAW.replace(old, new)
    with pytest.raises(PackProblems) as raised:
        read_pack(text, "law.toml")
    (problem,) = raised.value.problems
    assert problem.where == where and problem.suggestion == guess
    assert new in text.splitlines()[problem.line - 1]


def test_a_pack_s_own_words_are_no_typing_errors() -> None:
    """What stands in [words] is known."""
    own = '\n[words]\nzones = { haed = "Something else." }\n'
    read_pack(LAW.replace('"head"', '"haed"') + own, "law.toml")


@pytest.mark.parametrize(
    ("old", "new", "expected", "guess"),
    [
        ('kind = "law"', 'kind = "law"\nbinds = ["citty"]', "a kind of body", "city"),
        ('verified = "V"\n\n[[prohibition]]', 'verified = "V"\nbinds = ["county-sherrif"]\n\n[[prohibition]]', "a kind of body", "county-sheriff"),
        ('bars = { zones = ["head"], never_for = ["retaliation"] }', "bars = {}", 'what is barred, or no field "bars"', ""),
        ('authorizer = { rank = "captain or above", training = ["incident-command"] }', "authorizer = []", "somebody who may", ""),
        ('sources = [{ cite = "Code" }]', 'sources = [{ cite = "Code", url = "www.code" }]', "begins with https://", ""),
        ('sources = [{ cite = "Code" }]', 'sources = [{ cite = "Code", sha256 = "abc" }]', "64 digits", ""),
        ('kind = "law"', 'kind = "law"\nin_force = { from = 2026-02-30 }', "a day of the calendar", ""),
    ],
)  # fmt: skip
def test_what_would_bind_nobody_or_everybody_by_mistake(old: str, new: str, expected: str, guess: str) -> None:
    """A misspelt kind of body, an empty bar, an empty authorizer, a source that is none."""
    assert old in LAW
    with pytest.raises(PackProblems) as raised:
        read_pack(LAW.replace(old, new, 1), "law.toml")
    (problem,) = raised.value.problems
    assert expected in problem.expected and problem.suggestion == guess and problem.line


def test_a_source_may_say_where_it_was_read() -> None:
    """Its address, and the bytes that were read."""
    said = f'sources = [{{ cite = "Code", url = "https://code.example/1", sha256 = "{"a" * 64}" }}]'
    pack = read_pack(LAW.replace('sources = [{ cite = "Code" }]', said), "law.toml")
    assert pack.pack.sources[0].url == "https://code.example/1"


def test_duties_of_one_name_are_both_owed_where_they_begin_differently() -> None:
    """Of two that begin alike the one that is due first counts, whatever way its time is counted."""
    other = LAW.replace('id = "law"', 'id = "other"')
    model = [read_pack(raw, name) for name, raw in read_files((MODEL,))]

    def stacked(first: str, second: str) -> Stack:
        return Stack.of([read_pack(first, "law.toml"), read_pack(second, "other.toml"), *model])

    later = other.replace('event = "ForceReported", tools = ["baton"]', 'event = "IncidentClosed"')
    both = stacked(LAW, later).duties
    assert both["report"].starts.event == "ForceReported"
    assert both["report.other"].starts.event == "IncidentClosed"
    days = other.replace('owed_by = "the officer"', 'within = "5 business days"\nowed_by = "the officer"')
    assert stacked(LAW, days).duties["report"].within.text == "5 business days", "unknown gives way to what is known"
    hours = LAW.replace('owed_by = "the officer"', 'within = "72 h"\nowed_by = "the officer"')
    assert stacked(days.replace('"other"', '"third"'), hours).duties["report"].within.text == "72 h"
