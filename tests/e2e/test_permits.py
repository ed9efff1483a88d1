"""What may be done in a sector now, and what it would take, in a real browser against made-up answers of the plan."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from command.policy.decision import Decision, RuleRef
from command.views.rows import PosturePermit, ToolPermit
from tests.e2e.axe import violations
from tests.e2e.fake_server import RULE, RULE_V, FakeServer

Open = Callable[..., Page]
RULE_P = RuleRef(
    "muster-model", "tactic.area-tools", "Gas over an area ends violence that nothing else has ended.", "RCW 10.116.030", "P"
)  # fmt: skip


def test_each_answer_says_what_is_missing_and_by_which_source(server: FakeServer, open_page: Open) -> None:
    """Not barred, missing and refused read as such, with lists, who may, sources and marks; looking sends no command."""
    server.tools = [
        ToolPermit("chemical-area", "disperse", "needed", Decision("missing", (RULE_P,), (), ("a third warning",), ("the deputy chief",), server.now() + timedelta(seconds=47))),
        ToolPermit("neck-restraint", "protect person", "never", Decision("refused", (RULE_V,), ("Chokeholds are prohibited.",))),
        ToolPermit("physical-control", "protect person", "not needed", Decision("not barred", (RULE,))),
    ]  # fmt: skip
    server.gear = [
        PosturePermit("protective-gear", "protective gear", "staged", "ready", Decision("not barred", (RULE_V,)))
    ]
    page = open_page(f"{server.url}/?d=sector~K5")
    gas = page.locator('[data-permit="tool~chemical-area~disperse"]')
    expect(gas).to_contain_text("Missing")
    expect(gas).to_contain_text("a third warning")
    expect(gas).to_contain_text(re.compile(r"in 0:[0-4]\d"))
    expect(gas).to_contain_text("the deputy chief")
    expect(gas).to_contain_text("check with counsel")
    choke = page.locator('[data-permit="tool~neck-restraint~protect person"]')
    for words in (
        "Refused",
        "Chokeholds are prohibited.",
        "D.C. Code § 5-331.07(e)",
        "V · verified",
        "never authorized",
    ):
        expect(choke).to_contain_text(words)
    expect(choke.get_by_role("button")).to_have_count(0)
    expect(page.locator('[data-permit="tool~physical-control~protect person"]')).to_contain_text(
        "The plan does not bar this"
    )
    expect(page.locator('[data-permit="level~dispersal"]')).to_contain_text("The plan does not bar this")
    expect(page.locator('[data-permit="posture~protective-gear"]')).to_contain_text("staged now")
    assert server.received == []
    page.evaluate("() => Promise.all(document.getAnimations().map(one => one.finished))")
    assert violations(page) == []
    gas.get_by_role("button", name="Ask for… chemical area, disperse").click()
    expect(page.locator("#drawer-title")).to_have_text("Ask for chemical area in K5")


def test_it_is_looked_at_again_when_something_happened_or_its_time_is_up(server: FakeServer, open_page: Open) -> None:
    """An event in the sector and the end of a wait are each followed by a new look; an entry elsewhere is not."""
    server.tools = [
        ToolPermit("chemical-area", "disperse", "needed", Decision("missing", (RULE_P,), (), ("a third warning",), (), server.now() + timedelta(seconds=3)))
    ]  # fmt: skip
    page = open_page(f"{server.url}/?d=sector~K5")
    gas = page.locator('[data-permit="tool~chemical-area~disperse"]')
    expect(gas).to_contain_text("a third warning")
    server.tools = [ToolPermit("chemical-area", "disperse", "needed", Decision("not barred", (RULE_P,)))]
    expect(gas).to_contain_text("The plan does not bar this")  # by itself: the wait was over
    looks = len(server.looks)
    server.commit(
        [server.entry("EntryRecorded", "A note", sector="K5"), server.entry("WarningGiven", "Elsewhere", sector="K1")]
    )
    expect(page.locator(".feed-row").first).to_contain_text("Elsewhere")
    assert len(server.looks) == looks
    server.tools = [
        ToolPermit("chemical-area", "disperse", "needed", Decision("refused", (RULE_P,), ("The crowd has moved on.",)))
    ]
    server.commit([server.entry("CrowdMoved", "The crowd moved", sector="K5")])
    expect(gas).to_contain_text("The crowd has moved on.")


def test_a_look_that_fails_keeps_the_old_answer_and_its_age(server: FakeServer, open_page: Open) -> None:
    """A cut line leaves what was judged on screen, with how old it is."""
    server.tools = [
        ToolPermit("chemical-area", "disperse", "needed", Decision("missing", (RULE_P,), (), ("a warning",)))
    ]
    page = open_page(f"{server.url}/?d=sector~K5")
    panel = page.locator('[aria-labelledby="permits-title"]')
    expect(panel).to_contain_text("a warning")
    server.cut()
    panel.get_by_role("button", name="Look again").click()
    expect(panel).to_contain_text("could not be looked at again")
    expect(panel).to_contain_text(re.compile(r"\d+ s ago"))
    expect(panel).to_contain_text("a warning")
    server.heal()


def test_forms_offer_the_plans_tools_by_name(server: FakeServer, open_page: Open) -> None:
    """Before any sector was looked at, a report of force knows what the plan calls its tools."""
    server.tools = [ToolPermit("chemical-area", "disperse", "needed", Decision("not barred", (RULE_P,)))]
    page = open_page(f"{server.url}/?d=force")
    expect(page.locator("#f-tool-list option")).to_have_attribute("value", "chemical-area")
    assert server.looks == ["K1"]
