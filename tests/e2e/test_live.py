"""The live dashboard in a real browser, against made-up frames."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from playwright.sync_api import Page, expect

from command.policy.decision import Decision, RuleRef
from command.views.rows import Who
from command.views.rows_arrest import ArrestRow, CustodyRow
from tests.e2e.fake_scene import RULE_V
from tests.e2e.fake_server import FakeServer

Open = Callable[..., Page]


def test_a_batch_moves_feed_board_and_position(server: FakeServer, open_page: Open) -> None:
    """What one commit changed is on the screen: the entry, the row, the seq."""
    page = open_page(server.url)
    made = server.entry("LevelRaised", "K7 raised to Engage", sector="K7", text="lane blocked")
    change = server.set_row("sectors", "K7", level="engage", level_order=2, level_name="Engage", why="lane blocked")
    server.commit([made], [change])
    expect(page.locator(".feed-row").first).to_contain_text("K7 raised to Engage")
    expect(page.locator('[data-sector="K7"]')).to_contain_text("Engage")
    expect(page.locator("#link")).to_contain_text(f"#{server.seq}")


def test_a_row_that_is_gone_leaves_the_screen(server: FakeServer, open_page: Open) -> None:
    """A change without a row removes it."""
    page = open_page(server.url)
    expect(page.locator(".card.ask")).to_have_count(1)
    server.commit([server.entry("AskDenied", "Ask denied")], [("asks", "ask-1", None)])
    expect(page.locator(".card.ask")).to_have_count(0)


def test_reload_keeps_filter_form_and_draft(server: FakeServer, open_page: Open) -> None:
    """Filters and the open form are in the address, what was typed is in the draft."""
    page = open_page(server.url)
    page.locator("#feed-search").fill("medic")
    expect(page).to_have_url(re.compile("q=medic"))
    page.get_by_role("button", name="Record r").click()
    page.get_by_role("button", name="Observation", exact=True).click()
    page.get_by_label("What was seen").fill("Families with children at the fountain")
    page.reload()
    expect(page.locator("#feed-search")).to_have_value("medic")
    expect(page.get_by_label("What was seen")).to_have_value("Families with children at the fountain")
    expect(page.locator(".feed-row")).to_have_count(1)


def test_typing_is_not_disturbed_by_what_arrives(server: FakeServer, open_page: Open) -> None:
    """Batches come in while somebody types: text, caret and focus stay."""
    page = open_page(f"{server.url}/?d=note")
    box = page.get_by_label("Entry", exact=True)
    box.fill("start  end")
    box.evaluate("node => node.setSelectionRange(6, 6)")
    for n in range(5):
        made = server.entry("EntryRecorded", f"Other {n}")
        server.commit([made], [server.set_row("sectors", "K1", units=n)])
        page.keyboard.type("x")
    expect(page.locator(".feed-row").first).to_contain_text("Other 4")
    expect(box).to_have_value("start xxxxx end")
    expect(box).to_be_focused()


def test_a_cut_line_is_said_and_resumes_without_gap(server: FakeServer, open_page: Open) -> None:
    """During the cut the age of the picture is shown; after it, everything is there once and in order."""
    page = open_page(server.url)
    before = server.seq
    server.cut()
    expect(page.locator(".banner-cut")).to_contain_text("The line to the server is cut")
    expect(page.locator(".banner-cut")).to_contain_text("old")
    for n in range(3):
        server.commit([server.entry("EntryRecorded", f"During the cut {n}")])
    server.heal()
    expect(page.locator(".link-live")).to_be_visible()
    expect(page.locator(".feed-row").first).to_contain_text("During the cut 2")
    shown = page.locator(".feed-open").evaluate_all("all => all.map(one => Number(one.dataset.seq))")
    assert shown[:4] == [before + 3, before + 2, before + 1, before]
    assert server.resumes[0] is None
    assert server.resumes[-1] == before


def test_a_line_that_the_machine_calls_offline_is_not_called_live(server: FakeServer, open_page: Open) -> None:
    """The event is a hint: the server is asked at once, long before the silence would show, and decides."""
    page = open_page(server.url)
    expect(page.locator(".link-live")).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator(".banner-cut")).to_be_visible(timeout=18_000)
    page.context.set_offline(False)
    expect(page.locator(".link-live")).to_be_visible(timeout=60_000)


def test_a_lost_frame_is_noticed_and_mended(server: FakeServer, open_page: Open) -> None:
    """A batch that does not continue where the last ended is not applied; the client asks again from its position."""
    page = open_page(server.url)
    before = server.seq
    server.skip_frame()
    server.commit([server.entry("EntryRecorded", "After the lost one")])
    expect(page.locator(".feed-row").first).to_contain_text("After the lost one")
    expect(page.locator(".feed-row").nth(1)).to_contain_text("Lost on the way")
    assert server.resumes[-1] == before


def test_a_level_is_raised_from_the_keyboard_alone(server: FakeServer, open_page: Open) -> None:
    """Number key, tab, space, text, enter: no pointer."""
    page = open_page(server.url)
    number = 1 + page.locator(".sector-open").evaluate_all("all => all.findIndex(one => one.dataset.sector === 'K2')")
    page.keyboard.press(str(number))
    expect(page.locator("#drawer-title")).to_have_text("Sector K2")

    def tab_to(words: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if words in page.evaluate("document.activeElement.closest('label, button')?.textContent ?? ''"):
                return
        pytest.fail(f"no way to {words} by Tab")

    tab_to("Change the level")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer-title")).to_have_text("Level in K2")
    tab_to("Plan and liaison")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Targeted enforcement")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("Two people swing poles at the bicycle line.")
    tab_to("Decide it myself")
    page.keyboard.press("Enter")
    expect(page.locator('[data-sector="K2"]')).to_contain_text("Targeted enforcement")
    sent = server.received[-1]
    assert sent["command"]["type"] == "RaiseLevel"
    assert sent["command"]["facts"] == "Two people swing poles at the bicycle line."
    assert sent["cmd"][14] == "7"


def test_enter_sends_nothing_and_nothing_is_prefilled(server: FakeServer, open_page: Open) -> None:
    """A grant has no default button and no prepared facts; denying weighs as much as granting."""
    page = open_page(server.url)
    grant, deny = page.get_by_role("button", name="Grant…"), page.get_by_role("button", name="Deny…")
    a, b = grant.bounding_box(), deny.bounding_box()
    assert a and b and abs(a["width"] - b["width"]) < 1 and a["height"] == b["height"] >= 44
    looks = (
        "node => { const s = getComputedStyle(node); return [s.backgroundColor, s.color, s.fontWeight, s.borderColor] }"
    )
    assert grant.evaluate(looks) == deny.evaluate(looks)
    grant.click()
    facts = page.get_by_label("The facts on which you decide")
    expect(facts).to_have_value("")
    page.get_by_role("button", name="Grant", exact=True).click()
    expect(page.locator(".form-errors")).to_be_focused()
    facts.fill("I see the flares myself.")
    facts.press("Control+Enter")
    assert server.received == []
    page.get_by_role("button", name="Grant", exact=True).click()
    expect(page.locator(".card.ask")).to_have_count(0)
    assert server.received[-1]["command"] == {"type": "GrantLevel", "ask": "ask-1", "facts": "I see the flares myself."}


def test_a_refusal_is_shown_in_plain_words_and_the_draft_stays(server: FakeServer, open_page: Open) -> None:
    """Reason, what is missing, the rule with source and mark, who may; and nothing typed is lost."""
    local = RuleRef("local", "briefing", "A new commander has read the briefing.")
    server.refusal = Decision("missing", (RULE_V, local), ("The warning was not given.",), ("A warning, amplified.",), ("The incident commander.",))  # fmt: skip
    page = open_page(f"{server.url}/?d=renew~K2")
    page.get_by_label("The facts on which it still holds").fill("Groups still face each other.")
    page.get_by_role("button", name="Renew", exact=True).click()
    refused = page.locator(".form-refused")
    expect(refused).to_be_focused()
    for words in ("something is missing", "The warning was not given.", "A warning, amplified.", "The incident commander.", "D.C. Code § 5-331.07(e)", "verified", "local plan"):  # fmt: skip
        expect(refused).to_contain_text(words)
    expect(page.get_by_label("The facts on which it still holds")).to_have_value("Groups still face each other.")
    server.refusal = None
    page.get_by_role("button", name="Renew", exact=True).click()
    expect(page.locator("#drawer")).to_have_count(0)
    assert page.evaluate("Object.keys(sessionStorage).filter(name => name.startsWith('muster.draft'))") == []


def test_a_lost_answer_is_asked_for_again_with_the_same_bytes(server: FakeServer, open_page: Open) -> None:
    """The acknowledgement is cut off twice: the command is recorded once and the screen says so."""
    page = open_page(f"{server.url}/?d=note")
    server.drop_answers = 2
    page.get_by_label("Entry", exact=True).fill("Water point opened")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator(".sent-strip")).to_contain_text("recorded")
    assert len([one for one in server.received if one["command"]["type"] == "RecordEntry"]) == 1


def test_what_waits_is_sent_after_a_reload(server: FakeServer, open_page: Open) -> None:
    """Sent into a cut line, the page reloaded: it still arrives, once, and its draft goes."""
    page = open_page(f"{server.url}/?d=note")
    page.get_by_label("Entry", exact=True).fill("Sent into the dark")
    page.route("**/commands", lambda route: route.abort())
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator(".form-waiting")).to_be_visible()
    page.unroute("**/commands")
    page.reload()
    expect(page.locator(".sent-strip")).to_contain_text("recorded")
    assert [one["command"]["text"] for one in server.received] == ["Sent into the dark"]


def test_a_report_is_recorded_with_its_finding(server: FakeServer, open_page: Open) -> None:
    """Force is reported with the least: kept, and how it stands is said."""
    page = open_page(f"{server.url}/?d=force")
    page.get_by_label("Officer who used it").select_option("~")
    page.get_by_label("Badge number").fill("4471")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator(".form-recorded")).to_contain_text("no authorization on record")
    sent = server.received[-1]["command"]
    assert set(sent) == {"type", "report", "subject", "officer"}


def test_a_lapsed_level_says_that_it_permits_nothing(server: FakeServer, open_page: Open) -> None:
    """Shown on the list, in the header and in the detail, without any frame arriving at that moment."""
    page = open_page(server.url)
    soon = server.now() + timedelta(seconds=2)
    server.commit([server.entry("EntryRecorded", "tick")], [server.set_row("sectors", "K5", until=soon)])
    lapsed = page.locator(".sector-lapsed")
    expect(lapsed).to_contain_text("Lapsed: permits nothing until renewed.")
    expect(page.locator(".summary")).to_contain_text("1 lapsed")
    lapsed.get_by_role("button", name="Renew…").click()
    page.get_by_label("The facts on which it still holds").fill("Still so.")
    page.get_by_role("button", name="Renew", exact=True).click()
    expect(page.locator(".sector-lapsed")).to_have_count(0)


def test_markup_in_any_text_is_text(server: FakeServer, open_page: Open) -> None:
    """Every text of every row holds a script: nothing runs and nothing becomes an element."""
    bad = '<img src=x onerror="window.bitten=1"><script>window.bitten=1</script>${1}{{static}}'

    def poison(value: object, name: str = "") -> object:
        if isinstance(value, str) and name not in (
            "id",
            "person",
            "time_zone",
            "kind",
            "status",
            "level",
            "sector",
            "unit",
            "agency",
            "effect",
        ):
            return value + bad
        if isinstance(value, msgspec.Struct):
            named = value.__struct_fields__
            return type(value)(**{field: poison(getattr(value, field), field) for field in named})
        if isinstance(value, tuple):
            return tuple(poison(one, name) for one in value)
        return value

    for section, rows in server.board.items():
        server.board[section] = {key: poison(row) for key, row in rows.items()}
    server.entries = [msgspec.structs.replace(one, line=one.line + bad, text=one.text + bad, who=Who("p", bad, bad, bad), fields={bad: bad}) for one in server.entries]  # fmt: skip
    page = open_page(server.url)
    for extra in ("&v=orders", "&v=positions", "&v=people", "&m=list", "&d=sector~K6", "&d=grant~ask-1", "&d=entry~6", "&d=person~p-lind", "&d=unit-detail~U01"):  # fmt: skip
        page.goto(f"{server.url}/?incident={server.incidents[0].id}{extra}")
        page.wait_for_selector(".feed-row")
        assert page.locator("img, #app script").count() == 0
        assert "onerror" in page.locator("#app").inner_text()
    assert page.evaluate("window.bitten") is None


def test_others_are_announced_and_oneself_is_not(server: FakeServer, open_page: Open) -> None:
    """A screen reader hears what others did, gathered; its own user's acts are not read back."""
    page = open_page(server.url)
    me = Who("p-alvarez", "Capt. R. Alvarez", "spd")
    mine = server.entry("LevelRaised", "mine alone", who=me)
    theirs = server.entry("LevelRaised", "K9 raised to Engage")
    server.commit([mine, theirs])
    expect(page.locator("#announce")).to_contain_text("K9 raised to Engage", timeout=60_000)
    expect(page.locator("#announce")).not_to_contain_text("mine alone")


def test_signing_out_leaves_nothing_typed(server: FakeServer, open_page: Open) -> None:
    """The next person at this screen sees no draft."""
    page = open_page(f"{server.url}/?d=note")
    page.get_by_label("Entry", exact=True).fill("between us")
    page.locator(".menu-more summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_reviewer_is_offered_nothing_to_send(server: FakeServer, open_page: Open) -> None:
    """Acts that access does not allow are not on the screen."""
    server.me = msgspec.structs.replace(server.me, role="reviewer", lens="oversight", may=())
    page = open_page(server.url)
    for name in ("Record r", "Grant…", "Deny…", "Done…"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_a_reviewer_gets_to_the_papers_before_there_is_an_arrest(server: FakeServer, open_page: Open) -> None:
    """The whole operation as PDF stands on the page of arrests, whether or not there was one."""
    server.board["arrests"].clear()
    server.board["sites"].clear()
    server.me = msgspec.structs.replace(server.me, role="reviewer", lens="oversight", may=())
    page = open_page(server.url)
    page.get_by_role("button", name="Arrests", exact=True).click()
    expect(page.get_by_role("button", name="The operation as PDF…")).to_be_visible()
    expect(page.get_by_role("button", name="The log, to be verified…")).to_be_visible()
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_role("button", name="The log, to be verified…")).to_have_count(0)  # it is of now, not of then


def test_what_is_not_shown_is_not_called_empty(server: FakeServer, open_page: Open) -> None:
    """An agency's share has no duties at all, and other agencies' units and reports are there though it lacks them."""
    for section in ("asks", "duties", "findings", "units"):
        server.board[section].clear()
    for sector in server.board["sectors"]:
        server.set_row("sectors", sector, until=None, unauthorized=0, units=0)
    server.me = msgspec.structs.replace(server.me, role="assisting", lens="agency:kcso", unseen=("duties",))
    page = open_page(server.url)
    expect(page.locator("#duties")).to_have_count(0)
    expect(page.locator(".summary")).to_contain_text("Of what you are shown, nothing has lapsed")
    expect(page.locator("#asks")).to_contain_text("No request of your agency is waiting.")
    expect(page.locator("#findings")).to_contain_text("None that your agency is shown.")
    expect(page.locator("#forces")).to_contain_text("Units that your role is not shown, or none.")
    expect(page.locator("#forces")).not_to_contain_text("0 units")
    page.locator(".sector-open").first.click()
    expect(page.locator(".drawer")).to_contain_text("0 that your agency is shown")
    expect(page.locator(".drawer")).to_contain_text("None of yours.")


CUT = """() => [...document.querySelectorAll(".top-name h1, .top-name p, .top-name span, .summary, .summary *, .top-acts button")]
  .filter((one) => !one.closest(".sr") && !one.querySelector(".sr") && one.clientWidth)
  .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.className || one.textContent)"""


@pytest.mark.parametrize("width", [720, 1024, 1181, 1366, 1699, 1700, 1920])
def test_the_top_cuts_neither_the_incident_nor_who_commands_it(server: FakeServer, open_page: Open, width: int) -> None:
    """Nor what stands: where one line is too short there are two."""
    server.set_row("incident", "incident", name="May Day 2016, Seattle and the harbour")
    page = open_page(server.url)
    page.set_viewport_size({"width": width, "height": 768})
    assert page.evaluate(CUT) == []


def test_the_dashboard_counts_who_is_in_custody_and_leads_there(server: FakeServer, open_page: Open) -> None:
    """The first question of whoever commands is one press away from how long each is held."""
    server.board["custody"]["s-1"] = CustodyRow("s-1", "W-204-0001-6", since=server.now(), arrested_at=server.now())
    page = open_page(server.url)
    page.get_by_role("button", name="1 in custody").click()
    expect(page.get_by_role("tab", name="In custody")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#custody-list")).to_contain_text("held")


def test_who_works_by_keys_is_put_where_they_went_and_back_where_they_were(server: FakeServer, open_page: Open) -> None:
    """A page of its own takes the focus; coming back from a record it is on that record's line again."""
    who = Who("p-ito", "Officer M. Ito", "spd")
    for n in (1, 2, 3):
        server.board["arrests"][f"a-{n}"] = ArrestRow(f"a-{n}", f"s-{n}", f"W-204-000{n}", who, server.now())
    page = open_page(server.url)
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.locator("#processing-title")).to_be_focused()
    page.locator('[data-arrest="a-2"]').press("Enter")
    page.get_by_role("button", name="Arrest processing").press("Enter")
    expect(page.locator('[data-arrest="a-2"]')).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("b")
    expect(page.locator("#sectors-title")).to_be_focused()


def test_a_number_that_is_typed_or_scanned_opens_its_record_and_the_arrow_goes_into_the_list(
    server: FakeServer, open_page: Open
) -> None:
    """With sixty people before a desk: no way through every filter for each of them. A scanner ends a number with Enter."""
    who = Who("p-ito", "Officer 0002", "spd")
    for n in (1, 2, 3):
        server.board["arrests"][f"a-{n}"] = ArrestRow(f"a-{n}", f"s-{n}", f"W-204-000{n}-X", who, server.now())
    page = open_page(server.url)
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.locator("#processing-title")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("0002")  # in each by the officer's name
    expect(page.locator(".arrest-open")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    expect(page.locator('#arrest-list [aria-posinset="1"] button')).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]of=a-2(&|$)"))
    page.get_by_role("button", name="Arrest processing").press("Enter")
    expect(page.locator(".arrest-open")).to_have_count(3)
    page.keyboard.press("/")
    page.keyboard.type("officer")
    page.keyboard.press("Enter")  # no one of them is meant
    expect(page.locator('#arrest-list [aria-posinset="1"] button')).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("w2040003x")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]of=a-3(&|$)"))


def test_an_exercise_says_so(server: FakeServer, open_page: Open) -> None:
    """A clock of the incident's own is on every screen."""
    server.exercise, server.rate = True, 60.0
    page = open_page(server.url)
    expect(page.locator(".banner-exercise")).to_contain_text("EXERCISE CLOCK ×60")


def test_a_row_that_moves_and_changes_is_drawn_as_it_is_now(server: FakeServer, open_page: Open) -> None:
    """Chromium loses descendant rules of a row that moves and changes its class at once: none may be relied upon."""
    page = open_page(server.url)
    weight = "node => getComputedStyle(node.querySelector('.sector-level')).fontWeight"
    up = server.set_row("sectors", "K12", level="dispersal", level_order=4, level_name="Dispersal", until=None)
    down = server.set_row("sectors", "K6", level="facilitate", level_order=1, level_name="Facilitate", until=None, unauthorized=0)  # fmt: skip
    server.commit([server.entry("LevelRaised", "both at once")], [up, down])
    raised, lowered = (page.locator(".sector", has=page.locator(f'[data-sector="{one}"]')) for one in ("K12", "K6"))
    expect(lowered).to_have_class(re.compile("sector-quiet"))
    assert raised.evaluate(weight) == "600"
    assert lowered.evaluate(weight) == "400"
