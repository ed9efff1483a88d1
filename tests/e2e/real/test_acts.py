"""A commander's acts without a pointer, and every screen of theirs under axe."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python  # type: ignore[import-untyped]  # it ships no types
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens, turn
from tests.e2e.real.house import House

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
FOCUSED = "document.activeElement?.closest('label, button, a, summary')?.textContent ?? ''"
THEMES = ("light", "dark", "contrast")


def tab_to(page: Page, words: str, *, most: int = 120) -> None:
    """Press Tab until the focus is on what says these words."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in page.evaluate(FOCUSED):
            return
    pytest.fail(f"no way to {words!a} by Tab")


def tab_into(page: Page, label: str) -> None:
    """Press Tab until the focus is in the field of that label."""
    field = page.locator("#drawer").get_by_label(label, exact=True)
    for _ in range(60):
        page.keyboard.press("Tab")
        if field.evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"no way into {label!a} by Tab")


def sign_in_by_key(page: Page, link: str) -> None:
    """From the link to the dashboard."""
    page.goto(link)
    page.get_by_role("button", name="Sign in").wait_for()
    tab_to(page, "Sign in")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Open the dashboard").wait_for()
    tab_to(page, "Open the dashboard")
    page.keyboard.press("Enter")
    page.wait_for_selector(".feed-row")


def test_a_commander_acts_by_keyboard_alone(house: House, screens: Screens) -> None:
    """Sign in, raise a level on signs and facts, deny an ask, hand command over: no pointer, each recorded."""
    log = house.staffed()
    ask = house.busy(log)
    link = house.link("ic", "commander", incident=log)
    reader = Client(house.link("judge", "reviewer"))
    page = screens.profile(reader.url).new_page()
    sign_in_by_key(page, link)

    order = page.locator(".sector-open").evaluate_all("all => all.map((one) => one.dataset.sector)")
    page.keyboard.press(str(1 + order.index("north")))
    expect(page.locator("#drawer-title")).to_have_text("Sector north")
    tab_to(page, "Change the level")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer-title")).to_have_text("Level in north")
    tab_to(page, "Plan and liaison")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    tab_into(page, "The facts on which you act")
    page.keyboard.type("About eighty people gather at the pier.")
    tab_to(page, "People are coming together")
    page.keyboard.press("Space")
    tab_to(page, "Decide it myself")
    page.keyboard.press("Enter")
    expect(page.locator('[data-sector="north"] .sector-level')).to_contain_text("Facilitate")
    expect(page.locator(".sent-strip")).to_contain_text("recorded")
    row = reader.board(log)["board"]["sectors"]["north"]
    assert row["why"] == "About eighty people gather at the pier."
    assert row["indicators"] == ["people-assembling"]
    assert row["by"]["person"] == "ic"

    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page.locator("#asks-title")).to_be_focused()
    tab_to(page, "Deny…")
    page.keyboard.press("Enter")
    tab_into(page, "Why")
    page.keyboard.type("Liaison is still speaking with both groups.")
    tab_to(page, "Deny")
    page.keyboard.press("Enter")
    expect(page.locator(".card.ask")).to_have_count(0)
    denied = [one for one in reader.board(log)["feed"] if one["type"] == "AskDenied"]
    assert [(one["record"], one["text"]) for one in denied] == [(ask, "Liaison is still speaking with both groups.")]

    page.keyboard.press("r")
    tab_to(page, "Transfer of command")
    page.keyboard.press("Enter")
    tab_into(page, "Incoming incident commander")
    page.keyboard.type("Dana")
    tab_into(page, "Briefing")
    page.keyboard.type("North and square at Facilitate. No request is waiting.")
    tab_to(page, "I have read the briefing")
    page.keyboard.press("Space")
    tab_to(page, "Transfer command")
    page.keyboard.press("Enter")
    expect(page.locator("header.top")).to_contain_text("Dana Ortiz")
    assert reader.board(log)["board"]["incident"]["incident"]["commander"]["person"] == "deputy"


FORMS = ("record", "keys", "sent", "sector~square", "level~square", "renew~square", "note", "observation", "liaison", "warning",
         "force", "choice", "order", "transfer", "position", "position~planning", "assign", "assign~bike-1", "unit", "checkin", "checkout", "agency", "area",
         "part", "close", "unit-detail~bike-1", "person~sergeant", "entry~40")  # fmt: skip


def violations(page: Page, within: str = "html", themes: tuple[str, ...] = THEMES) -> list[str]:
    """What axe finds, a line each. The debugger brings it in, since the page's policy lets no script in."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    lines = []
    for theme in themes:
        page.evaluate("name => { document.documentElement.dataset.theme = name }", theme)
        page.evaluate("() => Promise.allSettled(document.getAnimations().map((one) => one.finished))")
        found = page.evaluate("within => axe.run(within, { resultTypes: ['violations'] })", within)
        lines += [f"{theme} {one['id']}: {node['target']} {node['failureSummary'][:200]}" for one in found["violations"] for node in one["nodes"][:3]]  # fmt: skip
    return lines


def test_axe_finds_nothing_on_the_dashboard(house: House, screens: Screens) -> None:
    """The whole screen in each theme, with something of every kind on it; each form and drawer; a replay."""
    log = house.staffed(name="Under the axe")
    ask = house.busy(log)
    client = Client(house.link("ic", "commander"))
    page = screens.board(client, log, reduced_motion="reduce")
    assert violations(page) == []
    for view in ("orders", "positions", "people"):
        turn(page, f"?incident={log}&v={view}")
        assert violations(page, "#forces", ("light",)) == [], view
    duty = next(iter(client.board(log)["board"]["duties"]))
    for n, form in enumerate((*FORMS, f"grant~{ask}", f"deny~{ask}", f"duty~{duty}")):
        turn(page, f"?incident={log}&d={form}")
        _drawn(page, form)
        assert violations(page, "#drawer", (THEMES[n % len(THEMES)],)) == [], form  # their colours are the screen's
    turn(page, f"?incident={log}&d=level~south")
    _drawn(page, "level~south")
    page.locator(".rung", has_text="Force-assisted dispersal").get_by_role("radio").check()
    page.get_by_role("button", name="Decide it myself").click()
    expect(page.locator(".form-errors")).to_be_visible()
    assert violations(page, "#drawer") == []
    page.get_by_label("The facts on which you act").fill("None.")
    page.get_by_role("button", name="Decide it myself").click()
    expect(page.locator(".form-refused")).to_be_visible()
    assert violations(page, "#drawer") == []
    turn(page, f"?incident={log}&at=30")
    expect(page.locator("#replay-banner")).to_contain_text("(#30)")
    assert violations(page) == []


def _drawn(page: Page, form: str) -> None:
    page.wait_for_function(
        "form => new URLSearchParams(location.search).get('d') === form && document.querySelector('#drawer .drawer-body')?.textContent.trim()",
        arg=form,
    )
    assert "Nothing here" not in (page.locator("#drawer").text_content() or "")


def test_axe_finds_nothing_on_the_way_in(house: House, screens: Screens) -> None:
    """The link page before and after, the list of incidents with its form, and being signed out, in each theme."""
    log = house.staffed(name="On the way in")
    screens.tolerated.append("401")
    link = house.link("newcomer", "commander")
    page = screens.profile(link).new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Sign in").click()
    page.locator(".role").first.wait_for()
    assert violations(page) == []
    page.goto(f"{house.url}/?list=1")
    page.locator(".incident-list").wait_for()
    page.get_by_role("button", name="Start an incident now").click()
    page.get_by_role("button", name="Start", exact=True).wait_for()
    assert violations(page) == []
    page.context.clear_cookies()
    page.goto(f"{house.url}/?incident={log}")
    page.get_by_role("heading", name="You are not signed in").wait_for()
    assert violations(page) == []


def test_the_watch_notices_what_the_policy_refuses(house: House, screens: Screens) -> None:
    """Every test here ends by asking the watch: it must hear of a call to another host and of markup from a string."""
    screens.tolerated += ["connect-src|example.org", "trusted-types|TrustedHTML"]
    page = screens.board(Client(house.link("ic", "commander")), house.staffed(name="Watched"))
    assert screens.complaints == []
    page.evaluate("fetch('https://example.org/').catch(() => null)")
    page.evaluate("() => { try { document.body.insertAdjacentHTML('beforeend', '<b>x</b>') } catch { return } }")
    page.get_by_role("button", name="Record r").click()  # what was refused before this is told before this
    expect(page.locator("#drawer")).to_be_visible()
    assert any(one.startswith("refused: connect-src") for one in screens.complaints)
    assert any(one.startswith("refused: require-trusted-types-for") for one in screens.complaints)
