"""Every form of the tablet filled by keyboard alone, kept, sent, and found in the log as it was meant; and what is taken with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.field.handheld import WAIT_MS
from tests.e2e.field.shift import Shift
from tests.uploads.corpus import jpeg, phone_heic

HERE = """() => {
  const one = document.activeElement;
  const id = one.type === 'radio' ? one.name : one.id;
  return [one.tagName, one.type ?? '', id, one.tagName === 'BUTTON' ? one.textContent.trim() : (one.closest('label')?.textContent ?? '').trim(), one.value ?? ''];
}"""
MOST_TABS = 120


def by_keyboard(page: Page, answers: dict[str, str], button: str) -> None:
    """Tab from the heading on; answer what is named as it comes, by keys alone, until the button, which Enter presses."""
    left = dict(answers)
    page.locator("h1").focus()
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        tag, kind, name, text, value = page.evaluate(HERE)
        if tag == "BUTTON" and text == button:
            assert not left, f"not reached before the button: {left}"
            page.keyboard.press("Enter")
            return
        if (wanted := left.pop(name, None)) is None:
            continue
        if tag == "SELECT":
            chosen(page, value, wanted)
        elif kind == "radio":
            picked(page, name, wanted)
        elif kind == "checkbox":
            page.keyboard.press("Space")
        else:
            page.keyboard.type(wanted)
    raise AssertionError(f"the button {button!r} was not reached; left: {left}")


def chosen(page: Page, value: str, wanted: str) -> None:
    """The option with this value, by the arrow keys."""
    page.keyboard.press("Home")
    for _ in range(60):
        value = page.evaluate(HERE)[4]
        if value == wanted:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"expected an option {wanted}, the last was {value}")


def picked(page: Page, name: str, wanted: str) -> None:
    """The choice with these words: by Space where it is the one, else by the arrow keys."""
    for _ in range(8):
        if page.evaluate(HERE)[3] == wanted:
            page.keyboard.press("Space")
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"expected a choice {wanted!r} of {name}")


FORMS: dict[str, tuple[dict[str, str], str, str, dict[str, Any], tuple[str, ...]]] = {
    "arrest": (
        {"f-wristband": "W-31", "f-offence": "vandalism", "f-conduct": "Broke the pane with a pole.", "f-hurt": "Hurt, or says so"},
        "Record and sign", "ArrestRecorded",
        {"wristband": "W-31", "offences": ("vandalism",), "injured": True, "officer": "officer", "sector": "square"},
        ("Broke the pane with a pole.",),
    ),
    "citation": (
        {"f-wristband": "W-32", "f-conduct": "Stood in the lane.", "f-citation": "77-2", "f-reason": "Went at once."},
        "Record the citation and sign", "DispositionDecided", {"disposition": "cited"}, ("77-2", "Went at once."),
    ),
    "force": (
        {"f-tool": "oc-hand", "f-quantity": "2", "f-account": "He swung a pole at me.", "f-resistance": "Swung a pole.",
         "f-warned": "Yes", "f-harm": "A complaint of pain", "f-aid_given": "Yes", "f-exigent": "", "f-exigent_reason": "The pole."},
        "Record", "ForceReported",
        {"officer": "officer", "officer_agency": "spd", "tool": "oc-hand", "quantity": 2, "sector": "square", "warned": True,
         "harm": "complaint", "aid_given": True, "exigent": True, "reason_given": True},
        ("He swung a pole at me.", "Swung a pole.", "The pole."),
    ),
    "warning": (
        {"f-text": "dispersal-order", "f-amplified": "Yes", "f-on_camera": "Yes", "f-exits_open": "Yes", "f-words": "Leave by the pier."},
        "Record", "WarningGiven",
        {"sector": "square", "text": "dispersal-order", "language": "en", "amplified": True, "on_camera": True, "audible": None, "exits_open": True},
        ("Leave by the pier.",),
    ),
    "aid": (
        {"f-record": "{force}", "f-step": "Aid was given", "f-by": "sergeant", "f-unit": "medic-1", "f-note": "Eyes rinsed."},
        "Record", "AidGiven", {"record": "{force}", "by": "sergeant", "unit": "medic-1"}, ("Eyes rinsed.",),
    ),
    "observation": (
        {"f-what": "Two groups shout.", "f-extent": "about 20"},
        "Record", "ObservationRecorded", {"sector": "square", "extent": "about 20"}, ("Two groups shout.",),
    ),
    "intervention": (
        {"f-what": "He held the baton back.", "f-report": "{force}", "f-officer": "the one in front", "f-outcome": "stopped", "f-aid_given": "Yes"},
        "Record", "InterventionReported",
        {"about": "{force}", "sector": "square", "outcome": "stopped", "aid_given": True}, ("He held the baton back.", "the one in front"),
    ),
    "handover": (
        {"f-about": "{person}", "f-to": "officer~sergeant", "f-note": "Has his glasses."},
        "Record", "CustodyTransferred", {"subject": "{person}", "to_holder": "sergeant"}, ("Has his glasses.",),
    ),
    "caregiven": (
        {"f-about": "{person}", "f-care": "water", "f-outcome": "given", "f-note": "Half a litre."},
        "Record", "CareRecorded", {"subject": "{person}", "care": "water", "outcome": "given"}, ("Half a litre.",),
    ),
    "returned": (
        {"f-tool": "oc-hand", "f-holder": "bike-1", "f-quantity": "3", "f-lot": "L-7"},
        "Record the return", "MunitionsReturned", {"tool": "oc-hand", "holder": "bike-1", "quantity": 3, "lot": "L-7"}, (),
    ),
    "distress": (
        {"f-what": "Someone cries and sways by the rail."},
        "Flag", "DistressFlagged", {"sector": "square"}, ("Someone cries and sways by the rail.",),
    ),
    "note": ({"f-text": "Water point opened."}, "Record", "EntryRecorded", {"sector": "square"}, ("Water point opened.",)),
    "heard~square~{warning}": (
        {"f-heard": "Not heard, or not understood", "f-by": "sergeant", "f-note": "Behind the stage."},
        "Record", "AudibilityReported",
        {"warning": "{warning}", "sector": "square", "heard": False, "by": "sergeant"}, ("Behind the stage.",),
    ),
}  # fmt: skip
"""Of each form that is kept: answers by the question's id, the button, the event, what the log says in the open, and what it
seals. Where it is and who writes is not among the answers: the form begins with it."""


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_filled_by_keyboard_kept_sent_and_in_the_log(shift: Shift, known: dict[str, str], form: str) -> None:
    """As it was meant: what is public in the event, what is sealed as oversight reads it."""
    answers, button, kind, says, sealed = json.loads(filled(json.dumps(FORMS[form]), known))
    page = shift.form(filled(form, known))
    for value in (answers.get("f-about"), answers.get("f-record"), answers.get("f-report")):
        if value is not None:  # what happened a moment ago is on this tablet's board as soon as it was told
            expect(page.locator(f"option[value='{value}']").first).to_be_attached(timeout=WAIT_MS)
    by_keyboard(page, answers, button)
    shift.kept()
    shift.settled()
    kept, entry = shift.read(kind)
    assert {name: getattr(kept.event, name) for name in says} == {
        name: tuple(value) if isinstance(value, list) else value for name, value in says.items()
    }
    told = json.dumps(entry, ensure_ascii=False)
    assert all(words in told for words in sealed), (sealed, told)
    assert kept.header.actor.person == "officer" and kept.header.statement is not None


def filled(text: str, known: dict[str, str]) -> str:
    """With the ids of what is there."""
    for name, value in known.items():
        text = text.replace("{" + name + "}", value)
    return text


def test_an_ask_is_filled_by_keyboard_and_answered(shift: Shift) -> None:
    """It is judged now, and kept nowhere on the tablet."""
    page = shift.form("askforce")
    page.get_by_text("Why, in the plan", exact=False).first.wait_for()
    by_keyboard(
        page,
        {"f-tool": "oc-hand", "f-purpose": "protect person", "f-objective": "To stop a man who swings a pole."},
        "Ask",
    )
    expect(page.locator(".form-recorded, .form-refused")).to_be_visible(timeout=WAIT_MS)


RECORDS = {
    "force": ({"f-account": "With a picture."}, "ForceReported", "report", "force report"),
    "warning": ({"f-text": "dispersal-order"}, "WarningGiven", "warning", "warning"),
    "observation": ({"f-what": "With a picture."}, "ObservationRecorded", "observation", "observation"),
    "intervention": ({"f-what": "With a picture."}, "InterventionReported", "intervention", "intervention"),
    "distress": ({"f-what": "With a picture."}, "DistressFlagged", "distress", "distress"),
    "note": ({"f-text": "With a picture."}, "EntryRecorded", "entry", "entry"),
}


@pytest.mark.parametrize("form", RECORDS)
def test_a_record_takes_a_picture_and_sound(shift: Shift, known: dict[str, str], form: str) -> None:
    """Both arrive behind it, byte by byte, and belong to that very record. A picture of a phone, as phones write them."""
    answers, kind, field, belongs_to = RECORDS[form]
    page = shift.form(form)
    taken = phone_heic() if form == "observation" else jpeg()
    name = "p.heic" if form == "observation" else "p.jpg"
    page.locator("#f-picture-1").set_input_files({"name": name, "mimeType": f"image/{name[2:]}", "buffer": taken})
    expect(page.locator(".photo-field").first).to_contain_text("Kept, sealed:", timeout=WAIT_MS)
    expect(page.locator("#f-picture-2")).to_be_attached()
    page.get_by_role(
        "button", name="Record the announcement" if form == "warning" else "Record a note by voice"
    ).click()
    page.get_by_role("button", name="Stop (1 s)").click()
    expect(page.get_by_text("Voice note kept, sealed")).to_be_visible(timeout=WAIT_MS)
    if form == "warning":
        page.get_by_role("button", name="Listen").click()
        page.wait_for_function("() => document.querySelector('audio')?.readyState >= 2", timeout=WAIT_MS)
    by_keyboard(page, answers, "Flag" if form == "distress" else "Record")
    shift.kept()
    shift.settled()
    expect(page.locator("[data-follow]")).to_contain_text("What was taken with it is at the server", timeout=WAIT_MS)
    event: Any = shift.read(kind)[0].event
    files = {one["kind"]: one for one in shift.files(getattr(event, field))}
    assert {kind: (one["belongs_to"], one["finding"]) for kind, one in files.items()} == {
        "photo": (belongs_to, "matches"), "audio": (belongs_to, "matches"),
    }  # fmt: skip
    kept = shift.judge.raw(f"/api/incidents/{shift.log}/attachments/{files['photo']['attachment']}/original")
    assert kept == taken


def test_aid_takes_a_picture_with_the_report_that_it_followed(shift: Shift, known: dict[str, str]) -> None:
    """Under the person's own id, so that it goes where their record goes."""
    page = shift.form("aid")
    page.locator("#f-picture-1").set_input_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(page.locator(".photo-field").first).to_contain_text("Kept, sealed:", timeout=WAIT_MS)
    by_keyboard(page, {"f-record": known["force"], "f-step": "Aid was given"}, "Record")
    shift.kept()
    shift.settled()
    (file,) = shift.files(known["force"])
    event: Any = shift.read("AttachmentAdded")[0].event
    assert (file["belongs_to"], file["finding"]) == ("force report", "matches")
    assert event.subject == shift.board()["care"][known["force"]]["subject"] != ""


def test_a_report_in_confidence_takes_no_file(shift: Shift) -> None:
    """The file would name who brought it: what was taken before is left out, and is gone from the tablet."""
    page = shift.form("intervention")
    page.locator("#f-picture-1").set_input_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(page.locator(".photo-field").first).to_contain_text("Kept, sealed:", timeout=WAIT_MS)
    by_keyboard(page, {"f-what": "In confidence.", "f-confidential": ""}, "Record")
    shift.kept()
    shift.settled()
    kept = shift.read("InterventionReported")[0]
    event: Any = kept.event
    assert kept.header.actor.person == "confidential" and shift.files(event.intervention) == []
    shift.tablet.until("""
      const { db } = state.here();
      return await new Promise((done) => { const ask = db.transaction("files").objectStore("files").count(); ask.onsuccess = () => done(ask.result === 0); });
    """)


def test_a_warning_that_was_given_is_said_to_be_heard_on_its_own_card(shift: Shift, known: dict[str, str]) -> None:
    """Beside its timer; at once on this tablet, then as the server has it. Where somebody did not hear it, it does not count."""
    page = shift.form("warning")
    by_keyboard(page, {"f-sector": "north", "f-text": "dispersal-order"}, "Record")
    shift.kept()
    given: Any = shift.read("WarningGiven")[0].event
    clock = page.locator(".warning-clock")
    expect(clock).to_contain_text("Not known whether it was heard at the far side")
    clock.get_by_role("button", name="Say whether it was heard").click()
    page.locator(".field-form").wait_for()
    by_keyboard(page, {"f-heard": "Heard and understood"}, "Record")
    expect(page.locator(".warning-clock")).to_contain_text("✓ Heard at the far side.")
    shift.kept()
    event: Any = shift.read("AudibilityReported")[0].event
    assert (event.warning, event.heard) == (given.warning, True)
    (row,) = shift.board()["warnings"]["north"]["given"]
    assert row["audible"] is True and row["heard_by"]["person"] == "officer"
    page.get_by_role("button", name="Say otherwise").click()
    page.locator(".field-form").wait_for()
    by_keyboard(page, {"f-heard": "Not heard, or not understood"}, "Record")
    expect(page.locator(".warning-clock")).to_contain_text("it does not count")
    shift.kept()
    (row,) = shift.board()["warnings"]["north"]["given"]
    assert row["audible"] is False


def test_what_was_begun_is_not_lost_to_one_touch(shift: Shift) -> None:
    """Thrown away by a second one; what was not begun goes at once."""
    page = shift.form("note")
    page.get_by_label("Entry").fill("Half a")
    page.get_by_role("button", name="Throw away").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_label("Entry")).to_have_value("Half a")
    page.get_by_role("button", name="Throw away").click()
    box = page.get_by_role("button", name="Yes, throw it away").bounding_box()
    assert box is not None
    page.get_by_role("button", name="Keep it").click()
    spot = page.get_by_role("button", name="Throw away").bounding_box()
    assert spot is not None
    for at in (spot, box):  # a finger that taps twice, wherever the second one lands
        page.mouse.click(spot["x"] + 20, spot["y"] + 20)
        page.mouse.click(at["x"] + 20, at["y"] + 20)
        expect(page.get_by_label("Entry")).to_have_value("Half a")
        keep = page.get_by_role("button", name="Keep it")
        if keep.is_visible():
            keep.click()
    page.get_by_role("button", name="Throw away").click()
    page.get_by_role("button", name="Yes, throw it away").click()
    expect(page.locator(".tile-first")).to_be_visible()
    expect(page.get_by_role("button", name="Log entry")).to_have_count(0)  # among what was begun and not saved
    page = shift.form("note")
    page.get_by_role("button", name="Throw away").click()
    expect(page.locator(".tile-first")).to_be_visible()


def test_a_torn_band_is_typed_by_hand(shift: Shift, known: dict[str, str]) -> None:
    """Where the camera reads nothing: a character that does not fit is said, and a number that the board knows is that person."""
    page = shift.form("handover")
    page.locator("#f-about").select_option(label="Type the number…")
    typed = page.get_by_label("Number as it is printed")
    typed.fill("W-204-0173-X")
    expect(page.get_by_text("The last character does not fit the others")).to_be_visible()
    typed.fill("W-204-0173-W")
    expect(page.get_by_text("W-204-0173-W is not on this tablet’s board yet.")).to_be_visible()
    typed.fill("W-30")
    expect(page.get_by_text("✓ W-30 is on this tablet’s board.")).to_be_visible()
    page.locator("#f-to").select_option("officer~sergeant")
    page.get_by_role("button", name="Record", exact=True).click()
    shift.kept()
    kept, _ = shift.read("CustodyTransferred")
    assert getattr(kept.event, "subject", "") == known["person"]


def test_what_was_saved_is_called_saved_whatever_fails_after_it(shift: Shift) -> None:
    """A disk that takes no more just then: who is told that nothing was saved writes it a second time."""
    page = shift.form("note")
    page.get_by_label("Entry").fill("Said once.")
    page.evaluate(
        "() => { const own = IDBObjectStore.prototype.delete; globalThis.mend = () => { IDBObjectStore.prototype.delete = own; };"
        " IDBObjectStore.prototype.delete = function (key) { if (this.name === 'drafts') throw new DOMException('no room', 'QuotaExceededError'); return own.call(this, key); }; }"
    )
    page.get_by_role("button", name="Record", exact=True).click()
    shift.kept()
    page.evaluate("() => globalThis.mend()")
    assert shift.last("EntryRecorded")["text"] == "Said once."
    shift.tablet.asked("await (await load('drafts.js')).dropDraft(state.here().db, state.here().keys, 'note')")


def test_command_hears_the_recording_beside_the_warning(shift: Shift, browser: Browser) -> None:
    """On the board, in the event's own words: looked for when somebody asks, and played."""
    page = shift.form("warning")
    page.get_by_role("button", name="Record the announcement").click()
    page.get_by_role("button", name="Stop (1 s)").click()
    expect(page.get_by_text("Voice note kept, sealed")).to_be_visible(timeout=WAIT_MS)
    by_keyboard(page, {"f-text": "dispersal-order"}, "Record")
    shift.kept()
    shift.settled()
    entry = shift.read("WarningGiven")[1]
    post = browser.new_context()
    post.set_default_timeout(WAIT_MS)
    try:
        cookie: Any = shift.chief.for_browser
        post.add_cookies([cookie])
        board = post.new_page()
        board.goto(f"{shift.house.url}/?d=entry~{entry['seq']}")
        board.get_by_role("button", name="Pictures and sound").click()
        board.get_by_role("button", name="Listen").click()
        board.wait_for_function("() => document.querySelector('audio')?.readyState >= 2")
    finally:
        post.close()
