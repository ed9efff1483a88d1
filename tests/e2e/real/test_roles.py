"""Someone with two roles in one incident chooses which one speaks; an exercise's locked screen opens by one press."""

from __future__ import annotations

import re

import msgspec
from playwright.sync_api import Page, expect

from command.access import agency_acts
from command.access.agencies import Agency
from command.cli.operator import author, operator
from command.domain.commands import AdmitAgency
from command.domain.submission import Submission
from tests.e2e.axe import violations_in_themes
from tests.e2e.real.conftest import Screens
from tests.e2e.real.guarded import SHOTS
from tests.e2e.real.house import House, now

WAIT_MS = 60_000


def _come(house: House, screens: Screens, person: str, *links: str) -> Page:
    """Someone in a browser, by the last of their links."""
    screens.tolerated += ["401", "403", "WebSocket"]
    page = screens.profile(house.url).new_page()
    page.goto(links[-1])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible(timeout=WAIT_MS)
    return page


def test_one_acts_and_looks_as_the_role_that_one_chose(house: House, screens: Screens) -> None:
    """Said in the header; the picture, the acts and the other tab follow; never more than the grant; on the trail."""
    log = house.staffed(name="Two hats")
    links = house.link("hats", "commander"), house.link("hats", "field", incident=log)
    page = _come(house, screens, "hats", *links)
    page.goto(f"{house.url}/?incident={log}")
    page.wait_for_selector(".feed-row")
    choice = page.get_by_label("You act as")
    expect(choice).to_have_value("commander")
    other = page.context.new_page()
    other.goto(f"{house.url}/?incident={log}")
    other.wait_for_selector(".feed-row")
    page.get_by_role("button", name="Record r").click()
    page.get_by_role("button", name="Log entry", exact=True).click()
    page.locator("#f-text").fill("half a line")
    choice.select_option("field")
    for tab in (page, other):
        expect(tab.get_by_label("You act as")).to_have_value("field", timeout=WAIT_MS)
    me = (
        "log => fetch('/api/me').then((got) => got.json()).then((said) => said.incidents.find((one) => one.id === log))"
    )
    assert {name: page.evaluate(me, log)[name] for name in ("role", "lens")} == {"role": "field", "lens": "field"}
    expect(page.locator("#f-text")).to_have_value("half a line", timeout=WAIT_MS)
    order = "log => fetch(`/api/incidents/${log}/export`).then((got) => got.status)"
    assert page.evaluate(order, log) == 403
    page.goto(f"{house.url}/?incident={log}")
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.get_by_label("You act as")).to_be_visible()
        assert page.evaluate("document.querySelector('.top').scrollWidth <= innerWidth"), width
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/lens-{width}.png")
    page.set_viewport_size({"width": 1440, "height": 900})
    assert violations_in_themes(page) == []
    wrong = "log => fetch('/api/session/role', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ incident: log, role: 'reviewer' }) }).then((got) => got.status)"  # fmt: skip
    assert page.evaluate(wrong, log) == 403
    page.evaluate("document.documentElement.dataset.theme = 'auto'")
    page.get_by_label("You act as").select_option("commander")
    expect(page.get_by_label("You act as")).to_have_value("commander", timeout=WAIT_MS)
    assert page.evaluate(order, log) == 200
    rows = house.wait(house.node.backend.store.audit_entries(None, 1000))
    assert [row.detail for _, row in reversed(rows) if row.action == "session.choose" and row.outcome == "ok"] == [
        "as field", "as commander",
    ]  # fmt: skip


def test_a_locked_screen_of_an_exercise_opens_by_one_press(house: House, screens: Screens) -> None:
    """By hand, and after nobody acted for an hour: the address and the draft are back."""
    log = house.staffed(name="Played")
    house.open(name="Another one")
    page = _come(house, screens, "player", house.link("player", "commander"))
    page.goto(f"{house.url}/?incident={log}")
    page.wait_for_selector(".feed-row")
    page.get_by_role("button", name="Record r").click()
    page.get_by_role("button", name="Log entry", exact=True).click()
    page.locator("#f-text").fill("canary of a player")
    page.locator(".menu-more summary").click()
    page.get_by_role("button", name="Lock, or switch user").click()
    opened = page.get_by_role("button", name=re.compile("^Go on as"))
    expect(opened).to_be_visible(timeout=WAIT_MS)
    assert "canary" not in page.content()
    opened.click()
    expect(page.locator("#f-text")).to_have_value("canary of a player", timeout=WAIT_MS)
    house.leave_alone("player")
    expect(opened).to_be_visible(timeout=WAIT_MS)
    opened.click()
    expect(page.locator("#f-text")).to_have_value("canary of a player", timeout=WAIT_MS)


def test_an_agency_is_let_in_from_the_register_with_its_agreement(house: House, screens: Screens) -> None:
    """Chosen and not typed; what judging needs is copied into the log; another is refused with what was meant."""
    log = house.open(name="Mutual aid")
    access, by = house.node.backend.access, operator()
    uw = Agency("uwpd", "Campus Police", "campus", agreement="MOU 31")
    house.wait(agency_acts.add(access, uw, now(), by))
    page = _come(house, screens, "host", house.link("host", "commander"))
    page.goto(f"{house.url}/?incident={log}&d=agency")
    page.get_by_label("Agency", exact=True).select_option("uwpd")
    page.get_by_label("It has accepted").check()
    said = house.wait(
        house.node.service.submit(
            log,
            author("ic", "spd"),
            [Submission("typo", msgspec.Raw(b'{"type":"AdmitAgency","agency":"uwdp","name":"X"}'), now())],
        )
    )
    assert (said[0].status, said[0].where) == ("unreadable", "command.agency")
    assert "did you mean uwpd?" in (said[0].problem or "")
    cmd = AdmitAgency("uwpd", "Campus Police", accepted_plan=True)
    house.send(log, cmd)
    state = house.wait(house.node.service.state(log))
    assert (state.structure.agencies["uwpd"].agreement, state.structure.agencies["uwpd"].jurisdiction) == (
        "MOU 31",
        "campus",
    )
