"""Every form that comes back opens again with all that was in it, and is in the log once: under a new id, in the old one's place."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.axe import violations
from tests.e2e.field.handheld import WAIT_MS
from tests.e2e.field.shift import Shift
from tests.e2e.field.test_forms import FORMS, by_keyboard, filled
from tests.uploads.corpus import jpeg

STATEMENTS = re.compile(r"/statements$")

ANSWERS = """() => [...document.querySelectorAll('.field-form input:not([type=file]), .field-form select, .field-form textarea')]
  .map((one) => [one.id || one.closest('label')?.textContent.trim(), ['radio', 'checkbox'].includes(one.type) ? one.checked : one.value])"""
ROWS = "return (await state.here().outbox.rows(2000)).map((row) => [row.device_seq, row.state, row.mended, row.files]).reverse()"
STORED = """
  const { db } = state.here();
  const all = (name) => new Promise((done) => { const ask = db.transaction(name).objectStore(name).getAll(); ask.onsuccess = () => done(ask.result); });
"""


HALVED = """
  const { device } = state.here(), before = device.request.bind(device);
  device.request = async (method, path, body) => {
    if (!path.endsWith("/statements")) return before(method, path, body);
    const got = await before(method, path, body.slice(0, 1));
    const rest = body.slice(1).map((one) => ({ cmd: one.cmd, status: "unreadable", problem: "expected other words" }));
    return { ...got, data: { ...got.data, answers: [...got.data.answers, ...rest] } };
  };
"""
"""The first of each batch goes to the server; what is behind it comes back. A request is signed as it is, so it is cut before that."""


def sent_back(route: Route) -> None:
    """The server reads nothing of it."""
    sent = json.loads(route.request.post_data or "[]")
    said = [
        {"cmd": one["cmd"], "status": "unreadable", "problem": "expected other words", "where": "text"} for one in sent
    ]
    route.fulfill(status=200, json={"answers": said})


def rows(shift: Shift) -> list[tuple[int, str, int, int]]:
    """What lies in the outbox: number, state, what took its place, files to follow."""
    return [tuple(one) for one in shift.tablet.asked(ROWS)]


def entries(shift: Shift) -> list[dict[str, Any]]:
    page = shift.chief.get(f"/api/incidents/{shift.log}/events?before=1000000&limit=200")
    return [one for one in page["entries"] if one["type"] != "EntryRecorded" or one["line"] is not None]


def count(shift: Shift, kind: str) -> int:
    return sum(one["type"] == kind for one in entries(shift))


def picture(page: Page) -> bool:
    """Take one where the form takes one."""
    taken = page.locator("#f-picture-1, #f-photo-file")
    if not taken.count():
        return False
    taken.first.set_input_files({"name": "p.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    expect(page.locator(".photo-field").first).to_contain_text("Kept, sealed:", timeout=WAIT_MS)
    return True


def written_and_sent_back(shift: Shift, form: str, answers: dict[str, str], button: str) -> tuple[set[int], Any, bool]:
    """Fill it and save it; the server answers that it can read none of it. Its numbers, its answers, whether a picture is in it."""
    before = {row[0] for row in rows(shift)}
    page = shift.form(form)
    for name in ("f-about", "f-record", "f-report"):
        if name in answers:  # what happened a moment ago is on this tablet's board as soon as it was told
            expect(page.locator(f"option[value='{answers[name]}']").first).to_be_attached(timeout=WAIT_MS)
    with_picture = picture(page)
    shift.tablet.context.route(STATEMENTS, sent_back)
    # The answers as they stand when the button is pressed.
    page.evaluate(
        f"() => {{ addEventListener('click', () => {{ window.said = ({ANSWERS})(); }}, {{ capture: true }}); }}"
    )
    by_keyboard(page, answers, button)
    page.locator("[data-took-ms]").wait_for()
    page.wait_for_function("() => document.querySelector('[data-state=returned]')", timeout=WAIT_MS)
    shift.tablet.until(
        "return (await state.here().outbox.rows(50)).every((row) => row.state !== 'waiting' && row.state !== 'sent')"
    )
    mine = {row[0] for row in rows(shift)} - before
    assert {row[1] for row in rows(shift) if row[0] in mine} == {"returned"}
    shift.tablet.context.unroute(STATEMENTS)
    return mine, page.evaluate("() => window.said"), with_picture


def opened_again(shift: Shift, seq: int) -> Page:
    """From the list of what was sent."""
    shift.page.evaluate("seq => { location.hash = `#/sent~${seq}`; }", seq)
    shift.page.get_by_role("button", name="Open it and mend it").click()
    shift.page.locator(".field-form").wait_for()
    return shift.page


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_came_back_opens_as_it_was_and_is_recorded_once(
    shift: Shift, known: dict[str, str], form: str
) -> None:
    """All answers, the picture, the place and the time; the old one stays until then, and points to the new one after."""
    answers, button, kind, says, sealed = json.loads(filled(json.dumps(FORMS[form]), known))
    before = count(shift, kind)
    mine, said, with_picture = written_and_sent_back(shift, filled(form, known), answers, button)
    old = shift.tablet.asked(f"return (await state.here().outbox.mending({max(mine)})).tap")
    for seq in sorted({min(mine), max(mine)}):  # from each of its records the same form
        page = opened_again(shift, seq)
        assert page.evaluate(ANSWERS) == [one for one in said if one[0] != "f-place"]
        shift.page.evaluate("() => { location.hash = '#/sent'; }")
        expect(page.locator(".sent-list")).to_be_visible()
        page.evaluate("seq => { location.hash = `#/sent~${seq}`; }", seq)
        expect(page.get_by_role("button", name="Go on mending it")).to_be_visible()
        expect(page.get_by_text("put it away")).to_have_count(0)
        page.get_by_role("button", name="Go on mending it").click()
        page.locator(".field-form").wait_for()
        if seq != max(mine):
            page.get_by_role("button", name="Throw away").click()
            page.get_by_role("button", name="Yes, throw it away").click()
            expect(page.locator(".sent-list")).to_be_visible()
            assert {row[1] for row in rows(shift) if row[0] in mine} == {"returned"}
    if with_picture:
        expect(page.locator(".photo-field img").first).to_be_visible(timeout=WAIT_MS)
    by_keyboard(page, {}, button)
    shift.kept()
    shift.tablet.until(
        "return (await state.here().outbox.rows(50)).every((row) => row.files === 0 && ['accepted', 'mended'].includes(row.state))"
    )
    now = {row[0]: row for row in rows(shift)}
    fresh = set(now) - {seq for seq in now if seq <= max(mine)}
    assert {now[seq][1] for seq in mine} == {"mended"} and {now[seq][2] for seq in mine} == fresh
    assert count(shift, kind) == before + 1
    kept, entry = shift.read(kind)
    assert {name: getattr(kept.event, name) for name in says} == {
        name: tuple(value) if isinstance(value, list) else value for name, value in says.items()
    }
    told = json.dumps(entry, ensure_ascii=False)
    assert all(words in told for words in sealed), (sealed, told)
    assert kept.header.actor.person == "officer" and kept.header.statement is not None
    made = next(one["command"] for one in old if one["command"]["type"] == command_of(kept.event))
    ids = {name for name, value in made.items() if isinstance(value, str) and getattr(kept.event, name, None) == value}
    assert {name for name in ("arrest", "report", "subject", "transfer", "observation", "entry") if name in made} <= ids
    if with_picture:
        taken = next(one["command"]["attachment"] for one in old if one["command"]["type"] == "AddAttachment")
        (file,) = [one for one in every_file(shift) if one["attachment"] == taken]
        assert file["record"] in made.values()
        assert file["finding"] == "matches"
    left = shift.tablet.asked(
        STORED
        + "return { drafts: (await all('drafts')).length, files: (await all('files')).length, boxes: (await all('boxes')).map((box) => [box.device_seq, box.kind]) }"
    )
    assert (left["drafts"], left["files"]) == (0, 0)
    assert not [box for box in left["boxes"] if box[0] in mine and box[1] in ("server", "author", "form")]
    page.evaluate("seq => { location.hash = `#/sent~${seq}`; }", min(mine))
    expect(page.get_by_text("It was written anew, and does not go out again.")).to_be_visible()
    page.get_by_role("button", name="See the new one").click()
    expect(page.get_by_text("Recorded as #")).to_be_visible()


def command_of(event: object) -> str:
    """The command whose event it is."""
    return COMMANDS_OF[type(event).__name__]


COMMANDS_OF = {
    "ArrestRecorded": "RecordArrest", "DispositionDecided": "DecideDisposition", "ForceReported": "ReportForce",
    "WarningGiven": "ReportWarning", "AidGiven": "RecordAid", "ObservationRecorded": "RecordObservation",
    "InterventionReported": "ReportIntervention", "CustodyTransferred": "HandOver", "CareRecorded": "RecordCare",
    "MunitionsReturned": "ReturnMunitions", "DistressFlagged": "FlagDistress", "EntryRecorded": "RecordEntry",
    "AudibilityReported": "ReportAudibility",
}  # fmt: skip


def every_file(shift: Shift) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shift.judge.get(f"/api/incidents/{shift.log}/attachments?limit=500")["attachments"]
    return found


def test_what_came_back_of_a_tap_alone_goes_again(shift: Shift) -> None:
    """A citation whose arrest was recorded: only what the court is told goes again, of the same person."""
    page = shift.form("citation")
    shift.tablet.asked(HALVED)
    by_keyboard(page, {"f-wristband": "W-77", "f-citation": "81-1"}, "Record the citation and sign")
    page.locator("[data-state=accepted]").wait_for()
    shift.tablet.until("return (await state.here().outbox.rows(1))[0].state === 'returned'")
    shift.tablet.asked("delete state.here().device.request")
    arrests = count(shift, "ArrestRecorded")
    page.evaluate("seq => { location.hash = `#/sent~${seq}`; }", max(row[0] for row in rows(shift)))
    page.get_by_role("button", name="Open it and mend it").click()
    expect(page.get_by_text("Not written again, for it did not come back: arrest.")).to_be_visible()
    assert violations(page) == []
    page.locator("#f-citation").fill("81-2")
    by_keyboard(page, {}, "Record the citation and sign")
    shift.kept()
    event: Any = shift.read("DispositionDecided")[0].event
    arrest: Any = shift.read("ArrestRecorded")[0].event
    assert (event.arrest, event.subject) == (arrest.arrest, arrest.subject)
    assert count(shift, "ArrestRecorded") == arrests


def test_an_order_that_was_acknowledged_in_vain_comes_back_as_its_form(shift: Shift) -> None:
    """From the button under Mine, which is no form."""
    page = shift.page
    shift.tablet.context.route(STATEMENTS, sent_back)
    page.evaluate("() => { location.hash = '#/mine'; }")
    page.get_by_role("button", name="Understood: acknowledge").click()
    shift.tablet.until("return (await state.here().outbox.rows(1))[0].state === 'returned'")
    shift.tablet.context.unroute(STATEMENTS)
    page = opened_again(shift, max(row[0] for row in rows(shift)))
    expect(page.locator("#f-unit")).to_have_value("bike-1")
    by_keyboard(page, {}, "Acknowledge")
    shift.kept()
    event: Any = shift.read("OrderAcknowledged")[0].event
    assert event.unit == "bike-1"


def test_a_draft_that_the_disk_does_not_take_is_said_and_stays_on_the_screen(shift: Shift) -> None:
    """And is kept as soon as there is room."""
    page = shift.form("note")
    page.evaluate("""() => {
      window.before = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (...given) { if (this.name === 'drafts') throw new DOMException('no room', 'UnknownError'); return window.before.apply(this, given); };
    }""")
    page.get_by_label("Entry").fill("Half a word")
    said = page.get_by_text("This tablet could not keep what you are writing")
    expect(said).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_label("Entry")).to_have_value("Half a word")
    page.evaluate("() => { IDBObjectStore.prototype.put = window.before; }")
    page.get_by_label("Entry").fill("Half a word more")
    expect(said).to_have_count(0, timeout=WAIT_MS)
    page.get_by_role("button", name="Throw away").click()
    page.get_by_role("button", name="Yes, throw it away").click()
