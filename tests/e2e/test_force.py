"""Force from ask to review in a real browser, against made-up rows: what an authorizer sees, writes and sends."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect

from command.policy.decision import Decision, RuleRef
from command.views.rows import (
    AskRow,
    DistressRow,
    DutyRow,
    ExigentRow,
    FiledRow,
    GapRow,
    GrantRow,
    MunitionRow,
    PostureRow,
    ReviewRow,
    SignRow,
    ToolPermit,
    WarnedRow,
    WarningRow,
    Who,
)
from tests.e2e.axe import violations
from tests.e2e.fake_scene import IC, KC, OPS
from tests.e2e.fake_server import FakeServer

Open = Callable[..., Page]
GAS = RuleRef("muster-model", "tactic.area-tools", "Gas over an area is for ending violence that nothing else has ended.", "RCW 10.116.030", "P")  # fmt: skip
MAYOR = Who("mayor", "Mayor A. Stone")


def force_ask(server: FakeServer, **more: Any) -> AskRow:
    """An ask for gas that waits."""
    now = server.now()
    said: dict[str, Any] = {
        "id": "fa-1", "what": "chemical area to disperse", "sector": "K6", "level": "", "at": now, "expires": now + timedelta(minutes=5), "by": OPS,
        "who_may": ("deputy chief or above",), "facts": "Bottles and stones from about forty people at the bank.", "kind": "force",
        "decision": Decision("missing", (GAS,), (), ("a third warning",)), "tool": "chemical-area", "purpose": "disperse",
        "users": (KC,), "quantity": 4, "lasts_s": 600.0, "findings": ("violent",), "imminent": True, "deescalation": ("time",), "signed": (),
    } | more  # fmt: skip
    return AskRow(**said)


def grant(server: FakeServer, **more: Any) -> GrantRow:
    """A grant of it, in force."""
    now = server.now()
    said: dict[str, Any] = {
        "id": "g-1", "tool": "chemical-area", "purpose": "disperse", "sector": "K6", "authorizer": IC, "since": now, "until": now + timedelta(minutes=10),
        "requester": OPS, "users": (KC,), "quantity": 4, "used": 0, "left": 4, "facts": "I saw stones hit two people.", "ask": "fa-1", "seq": 5,
    } | more  # fmt: skip
    return GrantRow(**said)


def put(server: FakeServer, section: str, key: str, row: Any) -> tuple[str, str, Any]:
    """Into the fake's board, and as a change."""
    server.board[section][key] = row
    return (section, key, row)


def story(server: FakeServer) -> Callable[[str, dict[str, Any]], list[tuple[str, str, Any]]]:
    """What the server's fold would do with each command of the walk."""

    def hook(kind: str, command: dict[str, Any]) -> list[tuple[str, str, Any]]:
        now = server.now()
        if kind == "ReportWarning":
            held = server.board["warnings"].get("K6") or WarningRow("K6")
            said = WarnedRow(command["warning"], now, command["text"], OPS, amplified=command["amplified"], audible=command.get("audible"), on_camera=command["on_camera"])  # fmt: skip
            row = msgspec.structs.replace(held, given=(*held.given, said))
            done = len(row.given) > 2
            server.tools = [
                tool("not barred" if done else "missing", () if done else (f"{3 - len(row.given)} more warnings",))
            ]
            return [put(server, "warnings", "K6", row)]
        if kind == "AskForce":
            return [
                put(server, "asks", command["ask"], force_ask(server, id=command["ask"], facts=command["objective"]))
            ]
        if kind == "GrantForce":
            return [("asks", command["ask"], None), put(server, "grants", "g-1", grant(server, facts=command["facts"]))]
        if kind == "ReportForce":
            return [
                put(server, "grants", "g-1", grant(server, used=command["quantity"], left=4 - command["quantity"])),
                put(server, "duties", "aid-1", DutyRow("aid-1", "aid", "Medical aid for the person on whom force was used", "operations", now, now + timedelta(minutes=5))),
                put(server, "reviews", command["report"], ReviewRow(command["report"], "Force: chemical area", now, "K6", "authorized", (KC, OPS))),
            ]  # fmt: skip
        if kind == "DischargeDuty":
            held = server.board["duties"][command["duty"]]
            return [put(server, "duties", command["duty"], msgspec.structs.replace(held, done_at=now))]
        if kind == "FileReview":
            held = server.board["reviews"][command["record"]]
            filed = FiledRow(command["review"], IC, now, command["conclusion"])
            return [put(server, "reviews", command["record"], msgspec.structs.replace(held, filed=(filed,)))]
        return []

    return hook


def tool(effect: Any, missing: tuple[str, ...] = (), reasons: tuple[str, ...] = ()) -> ToolPermit:
    """Gas to disperse, as the plan stands on it."""
    return ToolPermit("chemical-area", "disperse", "needed", Decision(effect, (GAS,), reasons, missing, ("deputy chief or above",)))  # fmt: skip


def test_a_tool_from_refusal_to_review(server: FakeServer, open_page: Open) -> None:
    """Refused and kept; missing warnings, given; asked; granted on the authorizer's own facts; used; aid; reviewed."""
    server.hook = story(server)
    server.tools = [tool("missing", ("3 more warnings",))]
    server.refusal = Decision("refused", (GAS,), ("Three warnings come first.",))
    page = open_page(f"{server.url}/?d=sector~K6")
    drawer = page.locator("#drawer")
    gas = page.locator('[data-permit="tool~chemical-area~disperse"]')
    expect(gas).to_contain_text("3 more warnings")
    gas.get_by_role("button", name=re.compile("Ask for")).click()
    drawer.get_by_label("Objective, and the resistance met").fill("End the stone throwing at the bank.")
    drawer.get_by_role("button", name="Ask", exact=True).click()
    expect(drawer).to_contain_text("Three warnings come first.")
    expect(drawer).to_contain_text("RCW 10.116.030")
    server.refusal = None

    for _ in range(3):
        page.locator('[data-sector="K6"]').click()
        drawer.get_by_role("button", name="Warning given…").click()
        drawer.get_by_label("Approved text used").fill("dispersal-order")
        drawer.locator("#f-amplified").get_by_label("Yes").check()
        drawer.locator("#f-audible").get_by_label("Yes").check()
        drawer.get_by_role("button", name="Record", exact=True).click()
        expect(drawer).to_have_count(0)
    page.locator('[data-sector="K6"]').click()
    expect(drawer.locator(".warned li")).to_have_count(3)
    expect(gas).to_contain_text("The plan does not bar this")

    gas.get_by_role("button", name=re.compile("Ask for")).click()
    expect(drawer.get_by_label("Objective, and the resistance met")).to_have_value(
        "End the stone throwing at the bank."
    )
    drawer.get_by_role("button", name="Ask", exact=True).click()
    card = page.locator(".card.ask", has_text="chemical area")
    expect(card).to_contain_text("force")
    card.get_by_role("button", name="Grant…").click()
    for words in (
        "End the stone throwing",
        "a third warning",
        "How the plan stands on it now, if you granted it",
        "Sgt. M. Lind",
        "4, 10 min",
    ):
        expect(drawer).to_contain_text(words)
    facts = drawer.get_by_label("The facts on which you decide")
    expect(facts).to_have_value("")
    for name in ("I saw it with my own eyes", "I am at the place"):
        expect(drawer.get_by_label(name)).not_to_be_checked()
    page.evaluate("() => Promise.all(document.getAnimations().map(one => one.finished))")
    assert violations(page) == []
    sent = len(server.received)
    drawer.get_by_role("button", name="Grant", exact=True).click()
    expect(drawer.locator(".form-errors")).to_contain_text("The facts on which you decide: needed")
    assert len(server.received) == sent
    facts.fill("I saw stones hit two people.")
    drawer.get_by_label("I saw it with my own eyes").check()
    drawer.get_by_role("button", name="Grant", exact=True).click()

    held = page.locator('[data-grant="g-1"]')
    expect(held).to_contain_text("4 left of 4")
    expect(held).to_contain_text(re.compile(r"\d:\d\d left"))
    made = server.received[-1]["command"]
    assert (made["type"], made["facts"], made["witnessed"]) == ("GrantForce", "I saw stones hit two people.", True)
    assert "on_scene" not in made and "findings" not in made

    held.get_by_role("button", name="Report its use…").click()
    drawer.get_by_label("Officer who used it").select_option("p-lind")
    drawer.get_by_label("With what").fill("chemical-area")
    drawer.get_by_label("How many rounds or devices").fill("1")
    drawer.get_by_role("button", name="Record", exact=True).click()
    expect(held).to_contain_text("3 left of 4")
    assert server.received[-1]["command"]["grant"] == "g-1"

    page.get_by_role("button", name="Done: Medical aid for the person").click()
    drawer.get_by_label("How it was done").fill("Medic 1 rinsed eyes at 14:05.")
    drawer.get_by_role("button", name="Record as done").click()
    expect(drawer).to_have_count(0)

    page.locator("#oversight").get_by_role("button", name="1 review to file").click()
    drawer.get_by_role("button", name="Review…").click()
    drawer.get_by_role("button", name="File the review").click()
    expect(drawer.locator(".form-errors li")).to_have_count(7)
    for box in drawer.locator("textarea").all():
        box.fill("Compared both recordings.")
    drawer.get_by_label("Conclusion").select_option("within the plan")
    drawer.get_by_role("button", name="File the review").click()
    expect(drawer).to_have_count(0)
    assert server.received[-1]["command"]["conclusion"] == "within the plan"


def test_denying_weighs_as_much_as_granting(server: FakeServer, open_page: Open) -> None:
    """On the card and in the form: same size, same looks, no default; expiry is a no; nothing grants several at once."""
    put(server, "asks", "fa-1", force_ask(server))
    put(server, "asks", "fa-2", force_ask(server, id="fa-2", expires=server.now() - timedelta(seconds=5)))
    page = open_page(server.url)
    looks = "node => { const s = getComputedStyle(node); return [s.backgroundColor, s.color, s.fontWeight, s.borderColor, node.offsetHeight] }"  # fmt: skip
    card = page.locator('[data-ask="fa-1"]')
    yes, no = card.get_by_role("button", name="Grant…"), card.get_by_role("button", name="Deny…")
    assert yes.evaluate(looks) == no.evaluate(looks)
    over = page.locator('[data-ask="fa-2"]')
    expect(over).to_contain_text("expired, so no")
    expect(over.get_by_role("button")).to_have_count(0)
    yes.click()
    ways = page.locator(".form-ways .button")
    assert [one.get_attribute("type") for one in ways.all()] == ["button", "button"]
    assert ways.nth(0).evaluate(looks) == ways.nth(1).evaluate(looks)
    widths = [box["width"] for box in (one.bounding_box() for one in ways.all()) if box]
    assert abs(widths[0] - widths[1]) < 1
    page.get_by_label("For how long").press("Enter")
    assert server.received == []
    ways.nth(1).click()
    expect(page.locator("#drawer-title")).to_have_text("Deny the request")
    expect(page.locator("#drawer")).to_contain_text("Bottles and stones")


def test_someone_without_an_account_signs_by_call_back(server: FakeServer, open_page: Open) -> None:
    """Called back and read to: both are said before it is sent; the signature then stands on the ask."""
    put(server, "asks", "fa-1", force_ask(server))
    server.hook = lambda kind, command: [put(server, "asks", "fa-1", force_ask(server, signed=(SignRow(MAYOR, server.now(), command["office"], True, True),)))]  # fmt: skip
    page = open_page(server.url)
    page.locator('[data-ask="fa-1"]').get_by_role("button", name="By call-back…").click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("Bottles and stones")
    drawer.get_by_label("Who signs").fill("mayor")
    drawer.get_by_label("Their office").fill("mayor")
    drawer.get_by_label("How they were called back").fill("telephone")
    drawer.get_by_role("button", name="Record the signature").click()
    expect(drawer.locator(".form-errors li")).to_have_count(2)
    drawer.get_by_label("I called them back myself").check()
    drawer.get_by_label("I read the text above to them").check()
    drawer.get_by_role("button", name="Record the signature").click()
    expect(page.locator('[data-ask="fa-1"]')).to_contain_text("Signed: mayor")


def test_a_relayed_grant_says_so_until_its_speaker_confirms(server: FakeServer, open_page: Open) -> None:
    """Not confirmed stands out; only the speaker is offered to confirm; renewing and revoking weigh the same."""
    put(server, "grants", "g-1", grant(server, relayed=True, channel="command radio", scribe=OPS, read_back=True))
    put(server, "grants", "g-2", grant(server, id="g-2", authorizer=KC, relayed=True, scribe=OPS, used=5, left=-1))
    page = open_page(server.url)
    mine, other = page.locator('[data-grant="g-1"]'), page.locator('[data-grant="g-2"]')
    expect(mine).to_contain_text("relayed, not confirmed")
    expect(other).to_contain_text("more used than granted")
    expect(other.get_by_role("button", name="Confirm my order…")).to_have_count(0)
    mine.get_by_role("button", name="Confirm my order…").click()
    expect(page.locator("#drawer")).to_contain_text("by command radio, read back; not confirmed by the speaker yet")
    page.get_by_role("button", name="I gave this order").click()
    expect(page.locator("#drawer")).to_have_count(0)
    assert server.received[-1]["command"] == {"type": "ConfirmRelay", "grant": "g-1"}
    server.commit([server.entry("GrantRevoked", "Revoked")], [server.set_row("grants", "g-1", ended=server.now(), how_ended="revoked")])  # fmt: skip
    expect(page.locator('[data-grant="g-1"]')).to_have_count(0)
    page.get_by_role("button", name="Show 1 that is over").click()
    expect(page.locator('[data-grant="g-1"]')).to_contain_text("revoked")


def test_what_the_ground_and_the_books_say_stands_out(server: FakeServer, open_page: Open) -> None:
    """Ways out, who heard, the stand-down clock, a difference in munitions, exigent counts, who is sent first."""
    now = server.now()
    put(server, "warnings", "K6", WarningRow("K6", (WarnedRow("w-1", now - timedelta(minutes=6), "dispersal-order", OPS, amplified=True, audible=False),), now - timedelta(minutes=1), (), ("North stairs",), now, OPS))  # fmt: skip
    put(server, "posture", "K6|protective-gear", PostureRow("K6|protective-gear", "K6", "protective-gear", "protective gear", "deployed", now, now - timedelta(seconds=9), IC, why="stones"))  # fmt: skip
    put(server, "munitions", "U01|oc-hand", MunitionRow("U01|oc-hand", "U01", "Adam 1", "oc-hand", 10, 2, 3, 4, now, 1))
    put(server, "exigent", "unit:U01", ExigentRow("unit:U01", "unit", "Adam 1", 2))
    put(server, "distress", "x-1", DistressRow("x-1", now, OPS, "K6", first=("U05",)))
    put(server, "reviews", "r-1", ReviewRow("r-1", "Force: baton", now, "K6", "exigent", (IC,)))
    page = open_page(f"{server.url}/?d=sector~K6")
    drawer = page.locator("#drawer")
    for words in ("1 given, 0 since the crowd moved on", "not heard at the far side", "not on camera", "none", "North stairs", "overdue: stand it down or look again"):  # fmt: skip
        expect(drawer).to_contain_text(words)
    assert violations(page) == []
    expect(page.locator("#oversight")).to_contain_text("Send first: Adam 5")
    expect(page.locator("#oversight")).to_contain_text("1 unexplained: oc hand, Adam 1")
    page.keyboard.press("Escape")
    page.locator("#oversight").get_by_role("button", name="All…").click()
    expect(drawer.locator('[data-munition="U01|oc-hand"]')).to_contain_text(
        "issued 10 − returned 2 − used 3 − counted 4"
    )
    expect(drawer.locator("table")).to_contain_text("Adam 1")
    expect(drawer.locator('[data-review="r-1"]')).to_contain_text("You had a part in it")
    expect(drawer.locator('[data-review="r-1"]').get_by_role("button", name="Review…")).to_have_count(0)
    assert violations(page) == []


def test_the_plan_is_a_page(server: FakeServer, open_page: Open) -> None:
    """The ladder from the top rung down, with signs, authorizers, sources and marks; it prints without the board."""
    page = open_page(f"{server.url}/?d=plan")
    rungs = page.locator(".plan-rung")
    expect(rungs).to_have_count(6)
    expect(rungs.first).to_contain_text("Force-assisted dispersal")
    expect(rungs.nth(1)).to_contain_text("D.C. Code § 5-331.07(e)")
    expect(rungs.nth(1)).to_contain_text("V · verified")
    assert violations(page) == []
    page.emulate_media(media="print")
    expect(page.locator(".board")).to_be_hidden()
    expect(rungs.last).to_be_visible()


def test_force_is_decided_by_keyboard_alone(server: FakeServer, open_page: Open) -> None:
    """From the board to the grant and back to the card's place, without a pointer."""
    put(server, "asks", "fa-1", force_ask(server))
    server.hook = story(server)
    page = open_page(server.url)

    def tab_to(words: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if words in page.evaluate("document.activeElement.closest('.field, button')?.textContent ?? ''"):
                return
        pytest.fail(f"no way to {words} by Tab")

    page.keyboard.press("g")
    page.keyboard.press("a")
    tab_to("Grant…")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer-title")).to_be_focused()
    tab_to("The facts on which you decide")
    page.keyboard.type("I saw stones hit two people.")
    tab_to("I am at the place")
    page.keyboard.press("Space")
    tab_to("Deny instead…")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator('[data-grant="g-1"]')).to_contain_text("4 left of 4")
    made = server.received[-1]["command"]
    assert (made["type"], made["facts"], made["on_scene"]) == ("GrantForce", "I saw stones hit two people.", True)


def test_a_grant_that_rests_on_nothing_is_shown_so_and_not_counted(server: FakeServer, open_page: Open) -> None:
    """As a finding on its use would say, from the very second; and whose word it was, without advice."""
    now = server.now()
    gap = GapRow(now - timedelta(minutes=1), None, "the sector Bank stood at Engage, and the plan asks for Disperse")
    put(server, "grants", "g-1", grant(server, gaps=(gap,), given_up="no longer Incident commander"))
    later = GapRow(now + timedelta(minutes=9), None, "the level lapses")
    put(server, "grants", "g-2", grant(server, id="g-2", gaps=(later,)))
    page = open_page(f"{server.url}/")
    first, second = page.locator('[data-grant="g-1"]'), page.locator('[data-grant="g-2"]')
    expect(first.locator("[data-rests]")).to_contain_text("Rests on nothing now: the sector Bank stood at Engage")
    expect(first.locator("[data-given-up]")).to_contain_text("no longer Incident commander")
    expect(second).to_be_visible()
    expect(second.locator("[data-rests]")).to_have_count(0)
