"""Accessibility in every theme, the long log, the replay, the sign-in page and the list of incidents."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from command.web.shapes import Seen
from tests.e2e.axe import violations, violations_in_themes
from tests.e2e.fake_scene import LOG
from tests.e2e.fake_server import FakeServer

Open = Callable[..., Page]

SCREENS = ("", "&m=list&v=orders&look=1", "&v=positions&d=level~K2", "&v=people&d=entry~6", "&d=grant~ask-1", "&d=sector~K5", "&d=askforce~K5", "&d=plan", "&d=oversight", "&d=record", "&d=keys", "&at=3")  # fmt: skip


@pytest.mark.parametrize("extra", SCREENS)
def test_axe_finds_nothing(server: FakeServer, open_page: Open, extra: str) -> None:
    """No violation on any screen in any theme, with open forms and the past included."""
    page = open_page(f"{server.url}/?incident={LOG}{extra}")
    if "at=" in extra:
        page.wait_for_selector("#replay-banner")
    assert violations_in_themes(page) == []


def test_axe_finds_nothing_in_forced_colours(server: FakeServer, browser: Browser) -> None:
    """Windows' high contrast, and a tablet's width."""
    context = browser.new_context(viewport={"width": 1024, "height": 768}, forced_colors="active", has_touch=True)
    page = context.new_page()
    page.goto(server.url)
    page.wait_for_selector(".feed-row")
    assert violations(page) == []
    context.close()


def test_axe_finds_nothing_on_the_other_pages(server: FakeServer, open_page: Open) -> None:
    """Sign-in and the list of incidents."""
    page = open_page(f"{server.url}/link#good-token", "button")
    assert violations(page) == []
    page.goto(f"{server.url}/?list=1")
    page.wait_for_selector(".incident-list")
    assert violations(page) == []


def test_a_log_of_fifty_thousand_stays_quick(browser: Browser) -> None:
    """Only the rows in view are in the document; a filter and a jump to the end answer; frames keep coming."""
    server = FakeServer(events=50_000)
    server.feed_on_hello = 60_000
    server.start()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        page.goto(server.url)
        page.wait_for_selector(".feed-row", timeout=60_000)
        rows = page.locator(".feed-row")
        assert rows.count() < 60
        expect(page.locator("#feed .panel-count")).to_have_text(f"{len(server.entries):,}")
        page.locator(".feed-scroll").evaluate("box => { box.scrollTop = box.scrollHeight }")
        expect(page.locator('.feed-open[data-seq="1"]')).to_be_visible()
        assert rows.count() < 60
        page.locator("#feed-search").fill("event 31415:")
        expect(rows).to_have_count(1)
        expect(rows.first).to_contain_text("Event 31415")
        page.locator("#feed-search").fill("")
        expect(rows.nth(5)).to_be_visible()
        # Paints between two batches: a frame is at most a few rows, so a tenth of the log may not stand still for long.
        server.commit([server.entry("EntryRecorded", f"burst {n}") for n in range(500)])
        page.get_by_role("button", name="Follow").click()
        expect(rows.first).to_contain_text("burst 499")
    finally:
        context.close()
        server.stop()


def test_holding_keeps_the_rows_still(server: FakeServer, open_page: Open) -> None:
    """While somebody reads, new entries are counted and move nothing."""
    page = open_page(server.url)
    page.get_by_role("button", name="Hold").click()
    first = page.locator(".feed-row").first.inner_text()
    server.commit([server.entry("EntryRecorded", f"new {n}") for n in range(4)])
    expect(page.get_by_role("button", name="Follow 4 new")).to_be_visible()
    assert page.locator(".feed-row").first.inner_text() == first
    page.get_by_role("button", name="Follow").click()
    expect(page.locator(".feed-row").first).to_contain_text("new 3")


def test_older_entries_come_when_they_are_looked_for(open_page: Open) -> None:
    """A search that finds nothing in what is loaded looks further back by itself."""
    server = FakeServer(events=900).start()
    try:
        page = open_page(server.url)
        expect(page.locator("#feed .panel-count")).to_have_text("200")
        page.locator("#feed-search").fill("incident opened")
        expect(page.locator(".feed-row").first).to_contain_text("Incident opened")
    finally:
        server.stop()


def test_replay_shows_the_past_with_the_same_parts_and_lets_nothing_be_sent(
    server: FakeServer, open_page: Open
) -> None:
    """The slider moves the whole board; a banner names the moment; back to live is the present again."""
    page = open_page(server.url)
    expect(page.locator(".sector")).to_have_count(12)
    page.get_by_role("button", name="Replay").click()
    expect(page.locator("#replay-banner")).to_contain_text("REPLAY")
    slider = page.locator(".replay-slider input")
    slider.evaluate("one => { one.value = one.min; one.dispatchEvent(new Event('input', { bubbles: true })) }")
    expect(page.locator(".sector")).to_have_count(0)
    expect(page.locator(".feed-row")).to_have_count(1)
    expect(page.locator("#replay-banner")).to_contain_text("12:00:00 PDT")
    expect(page.get_by_role("button", name="Record r")).to_have_count(0)
    server.commit([server.entry("EntryRecorded", "meanwhile")])
    expect(page.locator("#link")).to_contain_text(f"#{server.seq}")
    expect(page.locator(".feed-row")).to_have_count(1)
    page.get_by_role("button", name="Back to live").click()
    expect(page.locator(".sector")).to_have_count(12)
    expect(page.locator(".feed-row").first).to_contain_text("meanwhile")


def test_a_moment_can_be_linked_to(server: FakeServer, open_page: Open) -> None:
    """`at` in the address is the replay's place; the next event is one press away."""
    page = open_page(f"{server.url}/?incident={LOG}&at=3")
    expect(page.locator("#replay-banner")).to_contain_text("#3")
    page.get_by_role("button", name="Next event").click()
    expect(page.locator("#replay-banner")).to_contain_text("#4")


def test_a_link_is_used_only_when_pressed(server: FakeServer, open_page: Open) -> None:
    """The token leaves the address at once; opening the page redeems nothing; the role is said."""
    server.signed_in = False
    page = open_page(f"{server.url}/link#good-token", "button")
    assert "good-token" not in page.url
    assert not server.signed_in
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Commander")).to_be_visible()
    expect(page.locator(".role")).to_contain_text("decide on requests")
    page.get_by_role("link", name="Open the dashboard").click()
    page.wait_for_selector(".feed-row")


def test_a_role_is_explained_once_however_many_incidents_it_is_for(server: FakeServer, open_page: Open) -> None:
    """With each of them by name under it."""
    server.signed_in = False
    server.incidents = [server.incidents[0], Seen("other", "Night vigil", "open", "commander", "command")]
    page = open_page(f"{server.url}/link#good-token", "button")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".role")).to_have_count(1)
    expect(page.locator(".role li")).to_contain_text(["May Day march", "Night vigil"])


def test_a_used_link_says_what_to_do(server: FakeServer, open_page: Open) -> None:
    """In words, without a code."""
    server.signed_in = False
    page = open_page(f"{server.url}/link#spent", "button")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("used already")


def test_one_button_starts_a_spontaneous_incident(server: FakeServer, open_page: Open) -> None:
    """Nothing has to be filled in; it opens once."""
    page = open_page(f"{server.url}/?list=1", ".incident-list")
    page.get_by_role("button", name="Start an incident now").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_selector(".feed-row")
    cmd = server.received[0]["command"]
    assert cmd["type"] == "OpenIncident"
    assert cmd["kind"] == "spontaneous"
    assert cmd["commander"] == "p-alvarez"


def test_keys_can_be_switched_off(server: FakeServer, open_page: Open) -> None:
    """`?` lists them; off, no single letter does anything, over a reload."""
    page = open_page(server.url)
    page.keyboard.press("?")
    page.get_by_label("Single-letter keys work").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.wait_for_selector(".feed-row")
    page.keyboard.press("?")
    page.keyboard.press("r")
    expect(page.locator("#drawer")).to_have_count(0)


def test_the_log_is_walked_by_key(server: FakeServer, open_page: Open) -> None:
    """j and k move, Enter opens, g f goes there, / searches."""
    page = open_page(server.url)
    page.keyboard.press("g")
    page.keyboard.press("f")
    expect(page.locator("#feed-title")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    second = page.locator(".feed-open").nth(0)
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer-title")).to_have_text(f"Event #{server.seq}")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.locator("#feed-search")).to_be_focused()


def test_the_map_takes_keys_and_gives_a_place(server: FakeServer, open_page: Open) -> None:
    """A report's place can be taken from the map without a pointer."""
    page = open_page(f"{server.url}/?d=observation")
    page.get_by_role("button", name="Take from the map").click()
    page.locator(".map-top").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".place-field")).to_contain_text("47.6")
    page.get_by_label("What was seen").fill("A van blocks the lane.")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator(".sent-strip")).to_contain_text("recorded")
    place = server.received[-1]["command"]["place"]
    assert 47.59 < place["lat"] < 47.63
    assert -122.37 < place["lon"] < -122.29


def test_the_map_goes_where_something_is_until_somebody_moves_it(server: FakeServer, open_page: Open) -> None:
    """It shows what was raised since; once a hand was on it, it stays where it was put."""

    def level(sector: str, order: int) -> None:
        server.commit([server.entry("LevelRaised", f"{sector} at {order}", sector=sector)], [server.set_row("sectors", sector, level_order=order)])  # fmt: skip

    def middle() -> str:
        page.get_by_role("button", name="Take from the map").first.click()
        page.locator(".map-top").press("Enter")
        expect(page.locator(".place-field")).to_contain_text("47.6")
        return page.locator(".place-field").inner_text()

    for n in range(12):
        level(f"K{n + 1}", 1)
    page = open_page(f"{server.url}/?d=observation")
    wide = middle()
    level("K12", 3)
    expect(page.locator(".feed-open").first).to_contain_text("K12 at 3")
    raised = middle()
    assert raised != wide
    for n in range(12):
        level(f"K{n + 1}", 1)
    expect(page.locator(".feed-open").first).to_contain_text("K12 at 1")
    assert middle() == wide
    page.locator(".map-top").press("ArrowRight")
    moved = middle()
    assert moved != wide
    level("K12", 3)
    expect(page.locator(".feed-open").first).to_contain_text("K12 at 3")
    assert middle() == moved
