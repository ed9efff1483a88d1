"""The plan as a page says every rule with its source and its mark, and cannot be broken by a rule's words."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from command.library import all_packs, load_stack
from command.policy.cases import judged
from command.policy.page import CAUTION, MARKS, as_html, as_text, ladder_svg
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
        if tag != "meta":
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
        "2 warnings, 2 min between two, 1 min to leave, 1 in danger, names weapon, lapses when moved, saying the law",
        "bars: never at head; never indiscriminately; never solely for curfew",
        "a grant runs for at most 20 min",
        "and: mayor, by call-back with read-back",
        "may be reached directly",
        "the local plan's own",
        "one of: Bottles fly.; or Something burns.",
    ):
        assert words in page, words
