"""The tablet's screens in a real browser, over a real server: each form is kept and recorded, read by all, and used by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from command.domain import commands as c
from tests.e2e.axe import violations, violations_in_themes
from tests.e2e.field.handheld import PHONE, WAIT_MS
from tests.e2e.field.shift import Shift
from tests.uploads.corpus import jpeg, phone_heic

FORMS = ("arrest", "citation", "force", "warning", "aid", "handover", "observation", "intervention", "askforce", "caregiven", "returned", "distress", "note", "heard~square~w")  # fmt: skip


def test_the_street_card_asks_six_things_at_most(shift: Shift) -> None:
    """Scan, photo, offence, one sentence, injury or force, and who signs."""
    page = shift.form("arrest")
    asked = page.locator(".form-fields > .field").evaluate_all(
        "all => all.map((one) => one.querySelector('label, legend')?.textContent ?? '')"
    )
    assert 4 <= len(asked) <= 6, asked


def test_what_the_tablet_has_to_say_stands_above_every_screen_until_it_was_read(shift: Shift) -> None:
    """Room, what was taken away, a cut, a head that is not believed, files of a revoked tablet; readable by all."""
    shift.form("note")
    tablet, page = shift.tablet, shift.page
    tell = """
      const { outbox, following } = state.here();
      await outbox.feed({ in: "room", room: "low" });
      await outbox.feed({ in: "room", room: "full" });
      state.here().taken = "some";
      following.barred.value = 2;
      outbox.told.value = [...outbox.told.value, "head unsigned", "cut off", "held"];
    """
    tablet.asked(tell)
    said = page.locator(".field-top .line")
    words = (
        "cleared a part of what this tablet kept", "2 files stay here until somebody lets their records in",
        "No room for pictures and sound", "signed by a key that this tablet does not know", "has cut this tablet off",
    )  # fmt: skip
    for one in words:
        expect(said.filter(has_text=one)).to_have_count(1)
    expect(said.filter(has_text="Room is running out")).to_have_count(0)
    assert violations(page) == []
    tablet.asked('await state.here().outbox.feed({ in: "room", room: "ok" }); state.here().following.barred.value = 0;')
    expect(said.filter(has_text="No room for pictures")).to_have_count(0)
    for _ in range(3):
        page.get_by_role("button", name="I have read it").first.click()
    expect(page.get_by_role("button", name="I have read it")).to_have_count(0)
    for one in words:
        expect(said.filter(has_text=one)).to_have_count(0)
    expect(page.locator(".field-form")).to_be_visible()


def test_an_arrest_says_where_it_was_written_and_how_far_that_may_be_off(shift: Shift) -> None:
    """Without being asked, unless it is left out; and saving is quick."""
    page = shift.form("arrest")
    expect(page.locator(".whereabouts")).to_contain_text("within 12 m", timeout=WAIT_MS)
    page.get_by_label("Wristband").fill("A-1")
    page.get_by_label("What this person did").fill("Threw a bottle at the line.")
    page.get_by_text("Hurt, or says so").click()
    page.get_by_role("button", name="Record and sign").click()
    assert shift.kept() < 5000  # an order of magnitude above what bench/ measures
    (row,) = [one for one in shift.board()["arrests"].values() if one["wristband"] == "A-1"]
    assert row["place"] == {"lat": 47.6071, "lon": -122.3399, "accuracy_m": 12.0}
    assert (row["sector"], row["injured"], row["officer"]["person"]) == ("square", True, "officer")

    page = shift.form("arrest")
    page.get_by_label("Wristband").fill("A-2")
    page.get_by_role("button", name="Leave it out").click()
    page.get_by_role("button", name="Record and sign").click()
    shift.kept()
    (row,) = [one for one in shift.board()["arrests"].values() if one["wristband"] == "A-2"]
    assert row.get("place") is None


def test_a_citation_is_an_arrest_and_what_became_of_it(shift: Shift) -> None:
    """Both in one tap."""
    page = shift.form("citation")
    page.get_by_label("Wristband").fill("C-1")
    page.get_by_label("What this person did").fill("Blocked the lane after two warnings.")
    page.get_by_label("Number of the citation").fill("77-1")
    page.get_by_role("button", name="Record the citation and sign").click()
    shift.kept()
    shift.tablet.until("return (await state.here().outbox.rows(50)).every((row) => row.state === 'accepted')")
    (row,) = [one for one in shift.board()["arrests"].values() if one["wristband"] == "C-1"]
    assert (row["disposition"], row["category"]) == ("cited", "S")


def test_a_report_of_force_tells_the_munitions(shift: Shift) -> None:
    """What can wait is folded, and there."""
    page = shift.form("force")
    page.get_by_label("Officer who used it").select_option("officer")
    page.get_by_label("With what").select_option("oc-hand")
    page.get_by_label("How many rounds or devices").fill("2")
    page.get_by_label("What happened, in the officer").fill("He swung a pole at me; I used spray.")
    expect(page.get_by_text("questions that can wait")).to_be_visible()
    page.get_by_role("button", name="Record", exact=True).click()
    shift.kept()
    assert shift.last("ForceReported")["who"]["person"] == "officer"
    assert len([one for one in shift.board()["care"].values() if one["what"] == "oc hand"]) == 2  # and the one before


def test_a_warning_starts_the_clock_of_the_next(shift: Shift) -> None:
    """It counts down by the plan's interval, says when the next can count, and asks whether it was heard."""
    page = shift.form("warning")
    page.get_by_label("Sector").select_option("square")
    texts = page.get_by_label("Text used").locator("option").evaluate_all("all => all.map((one) => one.value)")
    page.get_by_label("Text used").select_option(next(one for one in texts if one.startswith("dispersal")))
    page.locator("#f-language").select_option("en")
    page.get_by_role("button", name="Record", exact=True).click()
    shift.kept()
    clock = page.locator(".warning-clock")
    expect(clock).to_contain_text("1 given; the plan asks for 3")
    expect(clock.get_by_role("timer")).to_contain_text("until the next one can count")
    before = clock.locator(".num").text_content()
    expect(clock.locator(".num")).not_to_have_text(before or "")
    expect(clock).to_contain_text("Not known whether it was heard at the far side")
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.locator(".warning-clock")).to_be_visible()


@pytest.mark.parametrize(
    ("form", "answers", "kind"),
    [
        ("observation", {"What was seen": "Two groups shout at each other."}, "ObservationRecorded"),
        ("note", {"Entry": "Water point opened."}, "EntryRecorded"),
    ],
)
def test_what_is_seen_is_recorded(shift: Shift, form: str, answers: dict[str, str], kind: str) -> None:
    """Plain words in plain boxes, as dictation needs them."""
    page = shift.form(form)
    for label, text in answers.items():
        page.get_by_label(label).fill(text)
    boxes = page.locator("textarea").evaluate_all(
        "all => all.map((one) => [one.autocapitalize, one.getAttribute('enterkeyhint'), one.pattern ?? ''])"
    )
    assert set(map(tuple, boxes)) == {("sentences", "enter", "")}
    page.get_by_role("button", name="Record", exact=True).click()
    shift.kept()
    assert shift.last(kind)


def test_aid_belongs_to_the_report_that_it_followed(shift: Shift) -> None:
    """Given, under the report of force."""
    page = shift.form("aid")
    page.get_by_label("After which report").select_option(shift.report)
    page.get_by_text("Aid was given").click()
    page.get_by_role("button", name="Record", exact=True).click()
    shift.kept()
    assert shift.last("AidGiven")["who"]["person"] == "officer"


def test_a_person_is_handed_over_and_given_water(shift: Shift) -> None:
    """From one officer to the next, by name."""
    page = shift.form("handover")
    person = next(one["id"] for one in shift.board()["custody"].values())
    page.locator("#f-about").select_option(person)
    page.locator("#f-to").select_option("officer~sergeant")
    page.get_by_role("button", name="Record", exact=True).click()
    shift.kept()
    assert shift.board()["custody"][person]["holder"]["id"] == "sergeant"
    page = shift.form("caregiven")
    page.locator("#f-about").select_option(person)
    page.locator("#f-care").select_option("water")
    page.get_by_text("given", exact=True).click()
    page.get_by_role("button", name="Record", exact=True).click()
    shift.kept()
    assert any(one["care"] == "water" for one in shift.board()["custody"][person]["care"])


def test_the_first_screen_says_with_no_network_how_old_the_plans_card_is_and_what_became_of_what(shift: Shift) -> None:
    """The card was fetched there: nobody had to look at it while there was a line. Too old, it says so."""
    page, tablet = shift.page, shift.tablet
    shift.form("note")
    page.get_by_label("Entry").fill("Before the line was cut.")
    page.get_by_role("button", name="Record", exact=True).click()
    shift.kept()
    tablet.door("Home")
    card = page.get_by_role("button", name="What the plan does not bar")
    expect(card).to_contain_text("judged", timeout=WAIT_MS)
    tablet.context.set_offline(True)
    try:
        expect(page.locator(".line-warn", has_text="No network")).to_be_visible(timeout=WAIT_MS)
        shift.form("note")
        page.get_by_label("Entry").fill("After it.")
        page.get_by_role("button", name="Record", exact=True).click()
        page.locator("[data-state=waiting]").wait_for()
        tablet.door("Home")
        expect(page.locator(".standing")).to_contain_text("1 to be sent")
        expect(page.locator(".standing")).to_contain_text("recorded")
        expect(card).to_contain_text("judged")
        expect(page.locator(".owed")).to_be_visible()
        assert violations_in_themes(page) == []
        card.click()
        expect(page.locator(".card-fresh, .card-stale")).to_be_visible()
        tablet.door("Home")
        tablet.asked(
            "const { device } = state.here(), time = device.time.bind(device);"
            "device.time = () => ({ ...time(), now_ms: time().now_ms + 300_000 });"
        )
        expect(card).to_contain_text("too old to go by: judged 5 min ago", timeout=WAIT_MS)
    finally:
        tablet.asked("delete state.here().device.time;")
        tablet.context.set_offline(False)
    shift.settled()


def test_a_band_that_was_just_used_is_said_with_no_network(shift: Shift) -> None:
    """The board does not know it yet; this tablet does."""
    page, tablet = shift.page, shift.tablet
    tablet.context.set_offline(True)
    try:
        expect(page.locator(".line-warn", has_text="No network")).to_be_visible(timeout=WAIT_MS)
        tablet.arrest("TWICE-1", "Sat down in the lane.")
        page = shift.form("arrest")
        page.get_by_label("Wristband").fill("TWICE-2")
        expect(page.get_by_text("was just recorded on this tablet")).to_have_count(0)
        page.get_by_label("Wristband").fill("TWICE-1")
        expect(page.get_by_text("TWICE-1 was just recorded on this tablet, for another arrest.")).to_be_visible()
        page.get_by_role("button", name="Throw away").click()
        page.get_by_role("button", name="Yes, throw it away").click()
    finally:
        tablet.context.set_offline(False)
    shift.settled()


def test_a_picture_that_the_server_would_not_take_is_said_and_goes_once_more(shift: Shift) -> None:
    """Why stands at its record; who has it mended sends it again."""
    page, tablet = shift.page, shift.tablet
    uploads, why = re.compile(r"/uploads$"), "no such record yet"
    no = {"type": "urn:muster:problem:denied", "title": "denied", "status": 403, "detail": why, "code": "denied"}
    tablet.context.route(
        uploads, lambda route: route.fulfill(status=403, json=no, content_type="application/problem+json")
    )
    tablet.arrest("TAKEN-1", "Sat down in the lane.", jpeg())
    expect(page.get_by_text("1 picture or sound of what was recorded here was not taken")).to_be_visible()
    tablet.context.unroute(uploads)
    tablet.door("Sent")
    page.locator(".sent-line", has_text="Street card: photo").first.click()
    expect(page.get_by_text(f"was not taken: {why}.")).to_be_visible()
    page.get_by_role("button", name="Send it once more").click()
    shift.settled()
    expect(page.get_by_text("not taken")).to_have_count(0)


def test_what_a_newer_version_keeps_is_not_called_forbidden(shift: Shift) -> None:
    """A server that went back to an older build: the tablet says what it is, and not that its storage is off."""
    page = shift.tablet.context.new_page()
    page.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('a newer one is there', 'VersionError'); }"
    )
    page.goto(f"{shift.house.url}/field/")
    expect(page.get_by_role("heading", name="A newer Muster was here")).to_be_visible(timeout=WAIT_MS)
    page.close()


def test_munitions_are_what_is_handed_out(shift: Shift) -> None:
    """What the plan calls munitions: nothing that is worn, nothing that is never authorized, no measure against a group."""
    page = shift.form("returned")
    options = page.locator("#f-tool option").evaluate_all("all => all.map((one) => one.value)")
    assert "oc-hand" in options
    assert not {"physical-control", "baton", "bicycle", "firearm", "neck-restraint", "encirclement"} & set(options)


def test_an_order_is_acknowledged_with_one_tap(shift: Shift) -> None:
    """Signed and kept like any record; it is off the list when it is recorded."""
    shift.tablet.door("Mine")
    expect(shift.page.get_by_text("Keep the lane open.")).to_be_visible()
    shift.page.get_by_role("button", name="Understood: acknowledge for Bike 1").click()
    expect(shift.page.get_by_text("None for Bike 1.")).to_be_visible(timeout=WAIT_MS)
    assert [one.get("outstanding") for one in shift.board()["orders"].values()] in ([None], [[]])


def test_an_ask_is_answered_on_the_tablet(shift: Shift) -> None:
    """It is asked now or not at all, waits in sight, and its answer comes to who asked."""
    page = shift.form("askforce")
    page.get_by_label("Sector").select_option("square")
    page.get_by_label("Tool or measure").select_option("oc-hand")
    page.locator("#f-purpose").get_by_text("protect person").click()
    page.locator("#f-objective, #f-facts, textarea").first.fill("To stop a man who swings a pole at people.")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".form-recorded")).to_be_visible(timeout=WAIT_MS)
    shift.tablet.door("Mine")
    expect(page.get_by_text("Waits for an answer")).to_be_visible(timeout=WAIT_MS)
    (ask,) = [one for one in shift.board()["asks"].values()]
    shift.house.send(shift.log, c.DenyAsk(ask["id"], "He has put it down."))
    expect(page.locator(".mine-item", has_text="Denied")).to_be_visible(timeout=WAIT_MS)


def test_a_photo_of_a_phone_is_kept_as_it_is(shift: Shift) -> None:
    """HEIC too, which this browser cannot show: it says so, and keeps the bytes."""
    page = shift.form("arrest")
    pick = page.locator("#f-photo-file")
    assert ".heic" in (pick.get_attribute("accept") or "")
    pick.set_input_files({"name": "p.heic", "mimeType": "image/heic", "buffer": phone_heic()})
    expect(page.locator(".photo-field")).to_contain_text("this browser does not show its kind", timeout=WAIT_MS)
    pick.set_input_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(page.locator(".photo-field")).to_contain_text("Kept, sealed:", timeout=WAIT_MS)
    page.get_by_role("button", name="Throw away").click()
    page.get_by_role("button", name="Yes, throw it away").click()
    expect(page.locator(".tile-first")).to_be_visible()


def test_every_form_is_filled_and_sent_by_keyboard_alone(shift: Shift) -> None:
    """Tab reaches every question and the button; nothing keeps it."""
    page = shift.page
    for form in FORMS:
        shift.form(form)
        wanted = page.locator(".field-form").evaluate(REACH)
        page.locator("h1").focus()
        seen: set[str] = set()
        for _ in range(len(wanted) * 3 + 40):
            page.keyboard.press("Tab")
            here = page.evaluate(NAME)
            if here.startswith("door"):
                break
            seen.add(here)
        assert set(wanted) <= seen, (form, set(wanted) - seen)
    shift.form("note")
    page.locator("h1").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("By keyboard.")
    while page.evaluate("document.activeElement.textContent") != "Record":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    shift.kept()


NAME = """() => { const one = document.activeElement; return one.closest('.field-doors') ? 'door' : one.name && one.type === 'radio' ? one.name : one.id || one.textContent.slice(0, 40); }"""
REACH = """(form) => [...new Set([...form.querySelectorAll('input, select, textarea, button, summary')]
  .filter((one) => !one.disabled && (one.checkVisibility?.() ?? true) && !(one.closest('details:not([open])') && one.tagName !== 'SUMMARY'))
  .map((one) => (one.name && one.type === 'radio' ? one.name : one.id || one.textContent.slice(0, 40))))].filter(Boolean)"""


@pytest.mark.parametrize("screen", ["", "mine", "plan", "sent", "claims", "more"])
def test_axe_finds_nothing_on_a_screen(shift: Shift, screen: str) -> None:
    """In the light, in the dark and in high contrast."""
    shift.page.evaluate("to => { location.hash = `#/${to}`; }", screen)
    shift.page.locator("main").wait_for()
    shift.page.wait_for_function("() => !document.querySelector('main')?.textContent.includes('One moment')")
    try:
        assert violations_in_themes(shift.page) == []
    finally:
        shift.page.evaluate("() => { document.documentElement.dataset.theme = 'light'; }")


def test_axe_finds_nothing_on_any_form(shift: Shift) -> None:
    """All rules on each; colours are those of the screens."""
    found = {}
    for form in FORMS:
        shift.form(form)
        if said := violations(shift.page):
            found[form] = said
    assert found == {}


def test_at_200_percent_nothing_is_beside_the_screen(shift: Shift) -> None:
    """A phone's width, and half of it: no screen or form scrolls sideways."""
    wide: list[tuple[str, int]] = []
    try:
        for width in (PHONE["width"], 320, 206):
            shift.page.set_viewport_size({"width": width, "height": 640})
            for form in FORMS if width > 206 else ("arrest", "handover"):
                shift.form(form)
                over = shift.page.evaluate(
                    "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if over > 0:
                    wide.append((f"{form} at {width}", over))
    finally:
        shift.page.set_viewport_size({"width": 800, "height": 1280})
    assert wide == []


TOUCHED = """() => [...document.querySelectorAll('main button, main select, main textarea, main summary, main label.choice, main label.button, main input:not([type=radio], [type=checkbox], [type=file]), .field-doors button, .field-top button')]
  .filter((one) => one.checkVisibility?.() ?? true).map((one) => [Math.round(one.getBoundingClientRect().height), (one.id || one.textContent).slice(0, 30)]).filter(([height]) => height < 48)"""


def test_whatever_is_touched_is_large_enough_for_a_glove(shift: Shift) -> None:
    """48 pixels and more, on a phone too, on every form and screen; what saves is 64."""
    small: dict[str, list[list[object]]] = {}
    try:
        shift.page.set_viewport_size({"width": 390, "height": 844})
        for form in FORMS:
            shift.form(form)
            if found := shift.page.evaluate(TOUCHED):
                small[form] = found
            tall = shift.page.locator(".field-acts .strong").first.bounding_box()
            assert tall is not None and tall["height"] >= 64, form
        for screen in ("", "mine", "plan", "sent", "claims", "more"):
            shift.page.evaluate("to => { location.hash = `#/${to}`; }", screen)
            shift.page.wait_for_function("() => !document.querySelector('main')?.textContent.includes('One moment')")
            if found := shift.page.evaluate(TOUCHED):
                small[screen] = found
    finally:
        shift.page.set_viewport_size({"width": 800, "height": 1280})
    assert small == {}
