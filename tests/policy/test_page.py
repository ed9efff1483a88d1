"""The plan as a page says every rule with its source and its mark, and cannot be broken by a rule's words."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from command.library import all_packs, load_stack, read_files
from command.policy.cases import judged
from command.policy.page import CAUTION, MARKS, as_text, sections
from command.policy.page_html import as_html, ladder_svg, titles
from command.policy.stack import Stack
from tests.support.packs import changed
from tests.support.street import STREET, stack_of


def every_pack() -> Stack:
    """All that come with Muster, on the model."""
    paths = sorted(all_packs(), key=lambda path: path.parent.name == "model")
    return load_stack([(path.name, path.read_bytes()) for path in paths])


class Checked(HTMLParser):
    """Counts tags that are opened and not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_rule_that_is_judged_is_on_the_page() -> None:
    """With its sentence, its source and how far it was read."""
    stack = every_pack()
    text = as_text(stack)
    assert text.startswith(CAUTION)
    for pack in stack.packs:
        for rule in judged(pack):
            if rule.rule.startswith(("level", "tactic", "prohibition", "ask")):
                assert rule.says in text, rule
                assert rule.source in text
    assert MARKS["P"] in text


@pytest.mark.parametrize("make", [every_pack, stack_of])
def test_the_page_is_whole_html(make: object) -> None:
    """One file, nothing open, nothing fetched, no script."""
    assert callable(make)
    page = as_html(make())
    checked = Checked()
    checked.feed(page)
    assert checked.open == []
    assert "script" not in checked.seen
    assert "http" not in page.replace("https://", "http")[:200] or "src=" not in page
    assert "<svg" in page


def test_words_are_only_words() -> None:
    """Markup in a rule's sentence is shown, not obeyed."""
    text = changed(
        'title = "Small plan"', 'title = "<script>x</script>"', changed('name = "High"', 'name = "<b>High"', STREET)
    )
    page = as_html(stack_of(text))
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
    assert "&lt;b&gt;High" in ladder_svg(stack_of(text))


def test_what_a_rule_takes_is_said() -> None:
    """Warnings, bars, numbers, skipping, dates, who bound what."""
    dates = changed("sources = []", 'sources = []\nin_force = { from = 2026-01-01 }\nsays = "Ours."', STREET)
    page = as_text(stack_of(changed('needs = ["extent"]', 'needs = ["extent"]\nskip = "allowed"', dates)))
    for words in (
        "in force from 2026-01-01 to further notice",
        "2 warnings, 2 min between two, 1 min to leave, 1 in danger, naming the weapon, void when the crowd moves on, in en, es, saying the law",
        "bars: never at head; never indiscriminately; never solely for curfew",
        "a grant runs for at most 20 min",
        "and: mayor, by call-back with read-back",
        "may be reached directly",
        "the local plan's own",
        "takes, one of: Bottles fly\n",
        "takes, one of: Something burns\n",
    ):
        assert words in page, words


def test_what_no_source_gives_is_said_and_not_passed_over() -> None:
    """An unknown number stands where the number would, and all of them together at the end."""
    page = as_text(load_stack(read_files()))
    assert "within: a time that no source gives" in page
    left = next(part for part in sections(load_stack(read_files())) if part.heading == "What nobody has said yet")
    assert "Complete the report of force before the end of the shift." in {entry.says for entry in left.entries}
    assert any("wait" in str(line) for entry in left.entries for line in entry.below)


def test_one_of_these_and_one_of_those_stay_apart() -> None:
    """Two packs that each ask for one of several signs are never read as one choice."""
    stack = every_pack()
    entry = next(
        entry
        for part in sections(stack)
        for entry in part.entries
        if part.heading == "The ladder" and "Dispersal" in entry.says
    )
    groups = {line.group for line in entry.below if line.label == "takes, one of"}
    rung = stack.level("dispersal")
    assert rung and len(groups) == sum(bool(enter.any) for _, enter in rung.enters) > 1
    page = as_text(stack)
    assert page.count("    and takes, one of: ") >= len(groups) - 1, "in the text for a terminal as well"


def test_a_reader_sees_what_to_check_with_counsel() -> None:
    """Every rule that was not read in its source bears the words, in the page for publishing too."""
    page = as_html(load_stack(read_files()), css=".x{}")
    assert page.count('class="mark open"') > 20
    assert "check with counsel" in page
    assert "<style>.x{}</style>" in page


def test_a_served_page_has_no_style_of_its_own() -> None:
    """With a strict policy only a file of ours may give it one."""
    page = as_html(load_stack(read_files()), base="/files/1")
    assert "<style" not in page
    assert "style=" not in page
    assert '<link rel="stylesheet" href="/files/1/static/css/plan.css">' in page


def test_the_plan_gives_the_page_its_title() -> None:
    """The laws that it stands under come below."""
    assert titles(load_stack(read_files())) == (
        "Illinois: limits of force, and citation before custody",
        "Model layered response for gatherings",
    )


def test_the_size_that_a_source_speaks_of_is_said() -> None:
    """Boston's more than ten: binding at every size, and the page says why."""
    assert "more than 10 people; nobody is counted" in as_text(every_pack())
