"""The demonstration as anyone starts it: May Day 2016, played while browsers of every role look on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from command.ids import uuid7
from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens, turn
from tests.e2e.real.house import now
from tests.e2e.real.program import Demo

ABOUT_A_PERSON = ("account", "resistance", "injury", "subject_race_perceived", "subject_race_stated", "subject_gender_perceived", "subject_number")  # fmt: skip
FEED_ROW = ".feed-open[data-seq='{}']"


class Cast:
    """The four links of the demonstration, each good once. The reviewer's is left for the browser to redeem."""

    def __init__(self, demo: Demo) -> None:
        self.ic = Client(demo.link("commander"))
        self.officer = Client(demo.link("field"))
        self.partner = Client(demo.link("assisting"))
        self.unused = demo.link("reviewer")
        [only] = self.ic.get("/api/me")["incidents"]
        self.log: str = only["id"]


@pytest.fixture(scope="module")
def cast() -> Iterator[Cast]:
    """One demonstration for this file: lines come each second or two, and the partners stay for a minute and a half."""
    demo = Demo("--speed", "120").begin()
    yield Cast(demo)
    demo.stop()


def test_a_printed_link_opens_the_moving_dashboard(cast: Cast, screens: Screens) -> None:
    """From the terminal's link by one press to a live board: link page, role, dashboard, live, seq and age."""
    page = screens.profile(cast.unused).new_page()
    page.goto(cast.unused)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".role")).to_contain_text("Reviewer")
    page.get_by_role("link", name="Open the dashboard").click()
    page.wait_for_selector(".feed-row")
    expect(page.locator("#link")).to_contain_text(re.compile(r"Live.*heard .* ago.*#\d+", re.DOTALL))
    expect(page.locator(".banner-exercise")).to_contain_text("EXERCISE CLOCK ×120")
    before = _seq(page)
    expect(page.locator("#link")).not_to_contain_text(f"#{before}", timeout=60_000)  # the script's next line
    expect(page.get_by_role("button", name="Record r")).to_have_count(0)


def test_what_another_client_commits_appears_without_reload(cast: Cast, screens: Screens) -> None:
    """Over HTTP by one, on the screen of another: in the log and on the board, while the evening goes on."""
    page = screens.board(cast.ic, cast.log)
    page.evaluate("window.same = true")
    unit = f"x-{uuid7(now())[-6:]}"
    asked = cast.ic.send(cast.log, {"type": "FormUnit", "unit": unit, "name": f"Unit {unit}", "kind": "patrol", "agency": "spd"})  # fmt: skip
    assert asked[0]["status"] == "accepted"
    cast.officer.note(cast.log, f"written by {unit}")
    expect(page.locator("#forces-view")).to_contain_text(f"Unit {unit}")
    page.locator("#feed-search").fill(f"written by {unit}")
    expect(page.locator(".feed-row")).to_have_count(1)
    expect(page.locator("#link")).to_contain_text("Live")
    assert page.evaluate("window.same") is True


def test_marks_say_what_is_real_and_what_is_scripted(cast: Cast, screens: Screens) -> None:
    """Rows of the records are marked imported and have no authorization on record; the script's lines say so too."""
    page = screens.board(cast.ic, cast.log)
    expect(page.locator(".banner-exercise")).to_contain_text("EXERCISE")
    page.locator("#feed-search").fill("where do the reserves wait")
    row = page.locator(".feed-row", has_text="Where do the reserves wait?")
    expect(row.locator(".origin-script")).to_have_text(re.compile("^scripted$", re.IGNORECASE))
    line = page.locator("#findings .line-item", has=page.locator(".origin-import")).first
    expect(line).to_contain_text("no authorization on record")
    expect(line.locator(".origin-import")).to_have_text(re.compile("^imported$", re.IGNORECASE))
    line.get_by_role("button").click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("an imported record")
    expect(drawer).to_contain_text("no authorization on record")
    rows = [one for one in cast.ic.board(cast.log)["board"]["findings"].values() if one.get("origin", {}).get("kind") == "import"]  # fmt: skip
    assert rows
    assert {row["finding"]["kind"] for row in rows} <= {"no authorization on record", "cannot tell"}


def test_filters_and_what_was_typed_stay_while_the_evening_goes_on(cast: Cast, screens: Screens) -> None:
    """Filters live in the address, the draft on this screen: a reload keeps both, and no arrival redraws the box."""
    page = screens.board(cast.ic, cast.log)
    page.locator("#feed-search").fill("reserves")
    page.get_by_label("Sector", exact=True).first.select_option("M3")
    page.get_by_label("Sector", exact=True).first.select_option("")
    expect(page).to_have_url(re.compile("q=reserves"))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Record r").click()
    page.get_by_role("button", name="Log entry", exact=True).click()
    box = page.get_by_label("Entry", exact=True)
    box.fill("half  typed")
    box.evaluate("node => { node.mine = 1; node.setSelectionRange(5, 5) }")
    for n in range(6):
        [answer] = cast.officer.note(cast.log, f"while someone types {n}")
        expect(page.locator("#link")).to_contain_text(re.compile(r"#\d+"))
        page.wait_for_function("seq => Number(document.querySelector('#link').textContent.split('#')[1]) >= seq", arg=answer["seq"])  # fmt: skip
        page.keyboard.type("x")
    expect(box).to_have_value("half xxxxxx typed")
    expect(box).to_be_focused()
    assert box.evaluate("node => node.mine") == 1
    page.reload()
    page.wait_for_selector("#feed-search")
    expect(page.get_by_label("Entry", exact=True)).to_have_value("half xxxxxx typed")
    expect(page.locator("#feed-search")).to_have_value("reserves")
    expect(page.locator("#feed .panel-count")).to_contain_text(" of ")


def test_an_assisting_commander_is_refused_in_plain_words(cast: Cast, screens: Screens) -> None:
    """What the page offers an assisting agency's commander and the plan does not allow is refused, with its rule."""
    sector = next(iter(cast.ic.board(cast.log)["board"]["sectors"]))
    page = screens.board(cast.partner, cast.log, f"&d=level~{sector}")
    drawer = page.locator("#drawer")
    expect(page.get_by_role("button", name="Decide it myself")).to_have_count(0)
    page.locator(".rung", has_text="Force-assisted dispersal").get_by_role("radio").check()
    page.get_by_label("The facts on which you act").fill("My deputies see trouble coming.")
    page.get_by_role("button", name="Ask who may decide").click()
    expect(drawer.locator(".form-refused")).to_contain_text("Refused")
    expect(drawer.locator(".form-refused")).to_contain_text("deputy chief or above")
    expect(drawer.locator(".form-refused .rule").first).to_contain_text("muster-model")
    expect(page.get_by_label("The facts on which you act")).to_have_value("My deputies see trouble coming.")
    answer = _post(page, cast.log, {"type": "AssignUnit", "unit": "bike-1", "sector": sector})
    assert answer["status"] == "refused"
    turn(page, f"?incident={cast.log}&d=entry~{answer['seq']}")
    expect(drawer).to_contain_text("Units are sent by the lead agency's command staff and supervisors")
    expect(drawer).to_contain_text("assign-units")
    raised = _post(page, cast.log, {"type": "RaiseLevel", "sector": sector, "level": "engage", "facts": "x"})
    assert raised["status"] == "denied"  # by access: this role may ask for a level, and has no such command
    assert raised["problem"]


def test_the_field_never_gets_what_describes_a_person(cast: Cast, screens: Screens) -> None:
    """A canary in every such field: command's screen has it, the field's has it nowhere, nor does its network."""
    field, seen = _wiretapped(screens, cast.officer, cast.log)
    command, known = _wiretapped(screens, cast.ic, cast.log)
    canaries = {name: f"canary {name} {uuid7(now())}" for name in ABOUT_A_PERSON}
    [answer] = cast.ic.send(
        cast.log,
        {"type": "ReportForce", "report": uuid7(now()), "subject": uuid7(now()), "officer": "4472", **canaries},
    )
    for page in (field, command):
        turn(page, f"?incident={cast.log}&d=entry~{answer['seq']}")
        expect(page.locator("#drawer")).to_contain_text("ForceReported")
    assert canaries["account"] in known()
    expect(command.locator("#drawer")).to_contain_text(canaries["injury"])
    expect(field.locator("#drawer")).to_contain_text("Not shown to your role")
    told = seen()
    assert "ForceReported" in told
    assert not [name for name, canary in canaries.items() if canary in told]


def test_an_agency_sees_its_own_share(cast: Cast, screens: Screens) -> None:
    """Own units alone on the screen and on the wire; the decisions of the lead agency are not among what it gets."""
    page, seen = _wiretapped(screens, cast.partner, cast.log)
    board = cast.partner.board(cast.log)["board"]
    assert {unit["agency"] for unit in board["units"].values()} == {"kcso"}
    assert len(cast.ic.board(cast.log)["board"]["units"]) > len(board["units"])
    expect(page.locator("#forces-view tbody tr")).to_have_count(len([u for u in board["units"].values() if not u.get("released")]))  # fmt: skip
    expect(page.locator("#forces-view")).not_to_contain_text("Bike")
    told = seen()
    assert "DecisionRecorded" not in told
    assert "Reserves in view raise tension" not in told


def test_replay_is_the_board_of_then(cast: Cast, screens: Screens) -> None:
    """A past seq, and the slider: what stands there is what the server folded then; a banner says so; back is live."""
    page = screens.board(cast.ic, cast.log)
    past = cast.ic.board(cast.log)["at"]["seq"] - 40
    then = cast.ic.board(cast.log, past)
    turn(page, f"?incident={cast.log}&at={past}")
    banner = page.locator("#replay-banner")
    expect(banner).to_contain_text(f"(#{past})")
    _shows(page, then)
    with page.expect_response(lambda got: "/board?at=" in got.url and got.ok) as asked:
        page.get_by_role("slider").evaluate(
            "one => { one.value = String((Number(one.min) * 3 + Number(one.max)) / 4 | 0); one.dispatchEvent(new Event('input', { bubbles: true })) }"
        )
    answered = asked.value.json()
    expect(banner).to_contain_text(f"(#{answered['at']['seq']})")
    assert cast.ic.board(cast.log, answered["at"]["seq"])["board"]["sectors"] == answered["board"]["sectors"]
    _shows(page, answered)
    page.get_by_role("button", name="Back to live").click()
    expect(banner).to_have_count(0)
    [answer] = cast.ic.note(cast.log, "after the replay")
    expect(page.locator(FEED_ROW.format(answer["seq"]))).to_be_visible()


def _shows(page: Page, then: dict[str, Any]) -> None:
    board = then["board"]
    expect(page.locator(".sector-open")).to_have_count(len(board["sectors"]))
    for sector, row in board["sectors"].items():
        expect(page.locator(f'[data-sector="{sector}"] .sector-level')).to_contain_text(row["level_name"])
    expect(page.locator(".feed-open").first).to_have_attribute("data-seq", str(_top_row(then["feed"])))


def _top_row(feed: list[dict[str, Any]]) -> int:
    """The newest entry's seq; where several duties are the newest, that of what began them, on whose row they stand."""
    newest_first = sorted(feed, key=lambda one: one["seq"], reverse=True)
    owed = next(n for n, one in enumerate(newest_first) if one["type"] != "DutyStarted")
    return int(newest_first[owed if owed > 1 else 0]["seq"])


def _seq(page: Page) -> int:
    return int((page.locator("#link").text_content() or "").rpartition("#")[2])


def _post(page: Page, log: str, command: dict[str, Any]) -> dict[str, Any]:
    """Send from within the page, as its own scripts would."""
    answers: list[dict[str, Any]] = page.evaluate(
        """async ([path, body]) => {
          const got = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body });
          return (await got.json()).answers;
        }""",
        [f"/api/incidents/{log}/commands", _body(command, _seq(page))],
    )
    return answers[0]


def _body(command: dict[str, Any], seen: int) -> str:
    at = now()
    return json.dumps({"cmd": uuid7(at), "command": command, "issued_at": at.isoformat(), "basis_seq": seen})


def _wiretapped(screens: Screens, who: Client, log: str) -> tuple[Page, Callable[[], str]]:
    """A dashboard, and what says all that its browser was sent since (answers, frames) and has in its document."""
    answers: list[Response] = []
    frames: list[str] = []
    page = screens.profile(who).new_page()
    page.on("response", lambda got: answers.append(got) if "/api/" in got.url and got.status == 200 else None)
    page.on("websocket", lambda line: line.on("framereceived", lambda frame: frames.append(str(frame))))
    screens.visit(page, who, log)
    return page, lambda: "\n".join([*(got.text() for got in answers), *frames, page.content()])
