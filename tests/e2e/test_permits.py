"""What may be done in a sector now, and what it would take, in a real browser against made-up answers of the plan."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from command.library import load_stack, read_files
from command.policy.decision import Decision, RuleRef
from command.views.plan_words import plan_words
from command.views.rows import PosturePermit, ToolPermit
from tests.e2e.axe import violations
from tests.e2e.fake_scene import RULE, RULE_V
from tests.e2e.fake_server import FakeServer

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
        ToolPermit("chemical-area", "disperse", "needed", Decision("missing", (RULE_P,), (), ("a third warning",), (), server.now() + timedelta(seconds=10)))
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


def test_forms_offer_the_plans_words_and_never_a_code(server: FakeServer, open_page: Open) -> None:
    """Tools, purposes, findings, zones and approved texts come by name, in the plan's own sentences."""
    server.words = plan_words(load_stack(read_files()))
    page = open_page(f"{server.url}/?d=askforce")
    form = page.locator("#drawer")
    form.get_by_label("Tool or measure").select_option("baton")
    expect(form.get_by_label("Purpose").locator("option")).to_have_text(["Choose…", "protect person", "arrest"])
    expect(form.locator("#f-findings")).to_contain_text("A particular person is using violence")
    expect(form.locator("#f-zones")).to_contain_text("Head: barred for")
    expect(form.locator("#f-grounds")).to_contain_text("Curfew: not enough by itself")
    expect(form.locator("[id$=-other]")).to_have_count(0)
    page.goto(f"{server.url}/?d=warning~K5")
    form.get_by_label("Text used").select_option("dispersal-order")
    form.get_by_label("Language").select_option("es")
    expect(form.locator("blockquote")).to_contain_text("Habla la policía")
    expect(form.locator(".approved")).to_contain_text("3 warnings, 2 min between two, then 2 min to leave")
    page.evaluate("() => Promise.all(document.getAnimations().map(one => one.finished))")
    assert violations(page) == []


def test_without_words_of_the_plan_a_form_still_takes_what_is_typed(server: FakeServer, open_page: Open) -> None:
    """A list that could not be fetched holds nobody up."""
    page = open_page(f"{server.url}/?d=force")
    expect(page.get_by_label("With what")).to_have_attribute("type", "text")


def test_a_wait_is_counted_down_in_the_line_that_names_it(server: FakeServer, open_page: Open) -> None:
    """Not a time of day in UTC: how long until the next warning counts."""
    at = server.now() + timedelta(seconds=47)
    lacks = f"dispersal-warning: third warning of 3, possible at {at:%H:%M:%S} UTC (2 min between two)"
    server.tools = [
        ToolPermit("chemical-area", "disperse", "needed", Decision("missing", (RULE_P,), (), (lacks,), (), at)),
        ToolPermit("encirclement", "arrest", "needed", Decision("missing", (RULE_P,), (), ("a finding",)), group=True),
    ]
    page = open_page(f"{server.url}/?d=sector~K5")
    gas = page.locator('[data-permit="tool~chemical-area~disperse"]')
    expect(gas).to_contain_text(re.compile(r"dispersal warning: third warning of 3 possible in 0:[0-4]\d"))
    expect(page.locator("h4", has_text="Measures against a whole group")).to_be_visible()
    expect(page.locator('[data-permit="tool~encirclement~arrest"]')).to_contain_text("encirclement")


def test_in_a_replay_the_plan_is_asked_as_of_that_moment_and_says_so(server: FakeServer, open_page: Open) -> None:
    """No act is offered from it."""
    server.tools = [ToolPermit("chemical-area", "disperse", "needed", Decision("not barred", (RULE_P,)))]
    page = open_page(f"{server.url}/?d=sector~K5&at={server.entries[-1].seq}")
    panel = page.locator('[aria-labelledby="permits-title"]')
    expect(panel).to_contain_text("As of the replay.")
    expect(panel.locator('[data-permit="tool~chemical-area~disperse"]')).to_contain_text("The plan does not bar this")
    expect(panel.get_by_role("button", name=re.compile("Ask for|Change"))).to_have_count(0)
