"""Force on the real server in real browsers: from what the plan refuses to what someone uninvolved writes of it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from command.domain import commands as c
from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens, turn
from tests.e2e.real.house import House

SIGNS = ("march-moving", "tension-between-groups", "individual-probable-cause", "violent-individual")
BATON = '[data-permit="tool~baton~protect person"]'
WAIT_MS = 30_000


def to(page: Page, log: str, drawer: str) -> None:
    """Open a drawer by its address."""
    turn(page, f"?incident={log}&d={drawer}")


def test_a_tool_from_refusal_to_review(house: House, screens: Screens) -> None:
    """What is missing, the ask, the grant on one's own facts, the use, the aid that is owed, the uninvolved review."""
    log = house.staffed()
    commander = screens.board(Client(house.link("ic", "commander", incident=log)), log, "&d=sector~north")
    baton = commander.locator(BATON)
    expect(baton).to_contain_text(re.compile("Refused|Missing"), timeout=WAIT_MS)
    expect(baton).to_contain_text("US Conference of Mayors 2020")
    before = house.seq(log)
    commander.get_by_role("button", name="Look again").click()
    expect(baton).to_contain_text(re.compile("Refused|Missing"))
    assert house.seq(log) == before, "looking is not an ask"

    house.send(log, *(c.RaiseLevel("north", level, "Fists and bottles, seen from the pier.", SIGNS, "few", "tried", "yes") for level in ("facilitate", "engage", "targeted")))  # fmt: skip
    expect(baton).to_contain_text("Missing", timeout=WAIT_MS)
    expect(baton).to_contain_text("check with counsel")

    sergeant = screens.board(Client(house.link("sergeant", "field", incident=log, rank="sergeant")), log, "&d=askforce~north~baton~protect person")  # fmt: skip
    form = sergeant.locator("#drawer")
    form.get_by_label("Objective, and the resistance met").fill("Stop one man who strikes others with a pole.")
    form.locator("#f-grounds-other").fill("assault")
    form.locator("#f-findings-other").fill("violent-individual")
    form.locator("#f-deescalation-other").fill("time-distance-people")
    form.get_by_label("Whom it reaches").select_option("no")
    form.get_by_label("It is for one person").check()
    form.locator("#f-zones-other").fill("legs")
    form.get_by_label("Sam Reyes").check()
    form.get_by_label("For how long").fill("10")
    form.get_by_role("button", name="Ask", exact=True).click()
    expect(form).to_have_count(0, timeout=WAIT_MS)

    commander.keyboard.press("Escape")
    card = commander.locator(".card.ask", has_text="baton")
    expect(card).to_contain_text("Stop one man", timeout=WAIT_MS)
    card.get_by_role("button", name="Grant…").click()
    drawer = commander.locator("#drawer")
    expect(drawer).to_contain_text("time distance people")
    expect(drawer.get_by_label("The facts on which you decide")).to_have_value("")
    drawer.get_by_label("The facts on which you decide").fill("I see him strike two people beside the gate.")
    drawer.get_by_label("I am at the place").check()
    drawer.get_by_role("button", name="Grant", exact=True).click()
    expect(drawer).to_have_count(0, timeout=WAIT_MS)
    grant = commander.locator(".card.grant")
    expect(grant).to_contain_text("baton")
    expect(grant).to_contain_text(re.compile(r"\d:\d\d left"))

    held = next(iter(Client(house.link("judge", "reviewer")).board(log)["board"]["grants"]))
    to(sergeant, log, f"force~{held}")
    form.get_by_label("Officer who used it").fill("sergeant")
    form.get_by_label("With what").fill("baton")
    form.get_by_label("Purpose").select_option("protect person")
    form.get_by_label("Sector").select_option("north")
    form.get_by_label("How many rounds or devices").fill("1")
    form.get_by_label("What happened").fill("One strike to the leg; he dropped the pole.")
    form.get_by_role("button", name="Record", exact=True).click()
    expect(form).to_contain_text("How it stands", timeout=WAIT_MS)
    expect(grant).to_contain_text("1 used", timeout=WAIT_MS)

    aid = commander.locator(".duty", has_text=re.compile("aid|medical", re.IGNORECASE)).first
    expect(aid).to_be_visible(timeout=WAIT_MS)
    aid.get_by_role("button", name=re.compile("^Done")).click()
    drawer.get_by_label("How it was done").fill("Medic 1 dressed the leg.")
    drawer.get_by_role("button", name="Record as done").click()
    expect(drawer).to_have_count(0, timeout=WAIT_MS)

    deputy = screens.board(Client(house.link("deputy", "commander", incident=log)), log, "&d=oversight")
    review = deputy.locator("[data-review]").first
    expect(review).to_contain_text("Sam Reyes", timeout=WAIT_MS)
    review.get_by_role("button", name="Review…").click()
    paper = deputy.locator("#drawer")
    for box in paper.locator("textarea").all():
        box.fill("Both cameras and three accounts were compared.")
    paper.get_by_label("Conclusion").select_option("within the plan")
    paper.get_by_role("button", name="File the review").click()
    expect(paper).to_have_count(0, timeout=WAIT_MS)
    to(deputy, log, "oversight")
    expect(deputy.locator("[data-review]").first).to_contain_text("within the plan", timeout=WAIT_MS)
