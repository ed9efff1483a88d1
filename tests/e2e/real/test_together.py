"""Several browsers on one server: they agree, stay quick, forget when told to, and start what nobody planned."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from command.domain import commands as c
from command.ids import uuid7
from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens
from tests.e2e.real.house import House, now

SHOWN = """() => {
  const text = (node) => (node?.textContent ?? "").replace(/\\s+/g, " ").trim();
  const all = (query, make) => [...document.querySelectorAll(query)].map(make);
  return {
    sectors: all(".sector-open", (one) => [one.dataset.sector, text(one.querySelector(".sector-level")),
      text(one.querySelector(".sector-why")), text(one.querySelector(".sector-facts"))]),
    units: all("#forces-view tbody tr", (one) => text(one)),
    asks: all(".card.ask", (one) => [text(one.querySelector("h3")), text(one.querySelector(".card-text"))]),
    feed: all(".feed-open", (one) => Number(one.dataset.seq)),
    link: text(document.querySelector("#link")).replace(/^.*#/, ""),
  };
}"""


def test_two_browsers_agree_after_a_burst(house: House, screens: Screens) -> None:
    """Two hundred events from another client: both show the same board, which is the server's, up to the same seq."""
    log = house.staffed()
    house.busy(log)
    one, two = Client(house.link("ic", "commander")), Client(house.link("judge", "reviewer"))
    pages = [screens.board(client, log) for client in (one, two)]
    for part in range(2):
        sent: list[dict[str, Any]] = []
        for n in range(25):
            sector = ("north", "south", "square")[n % 3]
            sent += [
                {"type": "RecordEntry", "entry": uuid7(now()), "text": f"burst {part}.{n}"},
                {"type": "AssignUnit", "unit": "bike-1", "sector": sector, "assignment": f"round {part}.{n}"},
                {"type": "RaiseLevel", "sector": sector, "level": "facilitate", "facts": f"seen {part}.{n}", "indicators": ["march-moving"]},
                {"type": "LowerLevel", "sector": sector, "level": "plan", "facts": f"over {part}.{n}"},
            ]  # fmt: skip
        assert {answer["status"] for answer in one.send(log, *sent)} <= {"accepted", "refused"}
    head = house.seq(log)
    assert head > 200
    for page in pages:
        expect(page.locator("#link")).to_contain_text(f"#{head}")
    shown = [page.evaluate(SHOWN) for page in pages]
    assert shown[0] == shown[1]
    board = two.board(log)
    assert shown[0]["link"] == str(board["at"]["seq"]) == str(head)
    assert shown[0]["feed"] == sorted((one["seq"] for one in board["feed"]), reverse=True)[: len(shown[0]["feed"])]
    _is_the_board(shown[0], board["board"])


def _is_the_board(shown: dict[str, Any], board: dict[str, Any]) -> None:
    for sector, level, why, _ in shown["sectors"]:
        row = board["sectors"][sector]
        assert row["level_name"] in level
        assert not why or row["why"] in why
    assert len(shown["sectors"]) == len(board["sectors"])
    for unit in board["units"].values():
        line = next(one for one in shown["units"] if unit["name"] in one)
        assert unit.get("assignment", "") in line
        assert (unit.get("sector") or "staging") in line
    assert len(shown["units"]) == len(board["units"])
    assert [ask[1].strip('“”"') for ask in shown["asks"]] == [ask["facts"] for ask in board["asks"].values()]


def test_signing_out_closes_the_socket_and_hides_what_was_shown(house: House, screens: Screens) -> None:
    """From the menu: the line is closed, the picture is gone, back does not bring it back, nor does the other tab stay."""
    log = house.staffed(name="Signing out")
    screens.tolerated += [r"401", r"WebSocket"]
    client = Client(house.link("ic", "commander"))
    page = screens.board(client, log)
    other = page.context.new_page()
    closed: list[str] = []
    other.on("websocket", lambda line: line.on("close", lambda _line: closed.append(line.url)))
    other.goto(f"{client.url}/?incident={log}")
    other.wait_for_selector(".feed-row")
    page.locator(".menu-more summary").click()
    page.get_by_role("button", name="Sign out").click()
    for tab in (page, other):
        expect(tab.get_by_role("heading", name="You are not signed in")).to_be_visible()
        expect(tab.get_by_role("alert")).to_contain_text("You are signed out")
        assert "North pier" not in tab.content()
    assert closed
    client_after = page.evaluate("path => fetch(path).then((got) => got.status)", f"/api/incidents/{log}/board")
    assert client_after == 401
    page.go_back()  # the picture's own step is gone from the history
    assert "North pier" not in page.content()
    house.send(log, c.RecordEntry(uuid7(now()), "after the sign-out"))
    other.reload()
    expect(other.get_by_role("heading", name="You are not signed in")).to_be_visible()


def test_an_incident_that_nobody_planned_opens_at_the_press_of_a_button(house: House, screens: Screens) -> None:
    """Nothing has to be filled in; what the plan lacks stands there as duties, with clocks."""
    client = Client(house.link("starter", "commander"))
    page = screens.profile(client).new_page()
    page.goto(f"{client.url}/?list=1")
    page.get_by_role("button", name="Start an incident now").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_selector(".feed-row")
    log = page.url.partition("incident=")[2].partition("&")[0]
    board = client.board(log)["board"]
    assert board["incident"]["incident"]["kind"] == "spontaneous"
    missing = [duty for duty in board["duties"].values() if not duty.get("done_at")]
    assert len(missing) > 5
    more = page.locator(".duties .more")
    if more.count():
        more.click()
    lines = page.locator(".duties .duty")
    expect(lines).to_have_count(len(missing))
    for duty in missing:
        line = lines.filter(has_text=duty["says"])
        expect(line).to_contain_text("began")
        expect(line).to_contain_text("left" if duty.get("due") else "no time set")


def test_a_log_of_twenty_thousand_stays_quick(house: House, screens: Screens) -> None:
    """Only what is in view is in the document; the end, the beginning and a search are reached; news still arrives."""
    log = house.open(name="Long day")
    for part in range(40):  # as fast as the service takes them
        house.send(log, *(c.RecordEntry(uuid7(now()), f"line n{part * 500 + n}x of the day") for n in range(500)))
    head = house.seq(log)
    client = Client(house.link("ic", "commander"))
    page = screens.board(client, log)
    rows = page.locator(".feed-row")
    expect(page.locator("#link")).to_contain_text(f"#{head}")
    assert rows.count() < 60
    _fetch_all(page, head)
    assert rows.count() < 60
    page.locator(".feed-scroll").evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(page.locator('.feed-open[data-seq="1"]')).to_be_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < 5_000
    page.locator("#feed-search").fill("n12345x")
    expect(rows).to_have_count(1)
    page.locator("#feed-search").fill("")
    page.get_by_role("button", name="Follow").click()
    house.send(log, c.RecordEntry(uuid7(now()), "the latest"))
    expect(rows.first).to_contain_text("the latest")


def _fetch_all(page: Page, head: int) -> None:
    page.locator("#feed-search").fill("no such words")
    page.get_by_role("button", name="Fetch the whole log").click()
    expect(page.locator("#feed .panel-count")).to_contain_text(f"of {head:,}", timeout=60_000)
    page.locator("#feed-search").fill("")
    expect(page.locator("#feed .panel-count")).to_have_text(f"{head:,}")
