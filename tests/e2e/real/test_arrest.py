"""A person from the street to release through every station, by keyboard alone, on the real server; and what must be caught."""

from __future__ import annotations

import base64
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from command.ledger.package import verify_package
from command.policy.sites import checklist
from tests.e2e.real import arrested
from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens, turn
from tests.e2e.real.forms_of_arrest import FORMS
from tests.e2e.real.house import House
from tests.e2e.real.test_acts import THEMES, tab_to, violations
from tests.support.given import model_stack

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
STATIONS = ("intake", "search", "photo", "property", "review", "cite", "transport", "release")


def labelled(page: Page, label: str) -> Locator:
    """The field of a label, said to be optional or not."""
    return page.locator("#drawer").get_by_label(re.compile(f"^{re.escape(label)}( optional)?$")).first


def field(page: Page, label: str) -> None:
    """Press Tab until the focus is in the field of that label."""
    wanted = labelled(page, label)
    for _ in range(90):
        page.keyboard.press("Tab")
        if wanted.count() and wanted.evaluate("node => node.contains(document.activeElement)"):
            return
    pytest.fail(f"no way into {label!a} by Tab")


def say(page: Page, label: str, text: str) -> None:
    """Write into a field."""
    field(page, label)
    page.keyboard.type(text)


def choose(page: Page, label: str, words: str) -> None:
    """Choose in a list by its first letters, as a keyboard does; the value that it comes to must say the words."""
    field(page, label)
    box = labelled(page, label)
    count = box.locator("option").count()
    page.keyboard.press("Home")
    for _ in range(count):
        if words in box.evaluate("node => node.selectedOptions[0].textContent"):
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"no option {words!a} in {label!a}")


def tick(page: Page, words: str) -> None:
    """Press Space on a box of a list of boxes."""
    tab_to(page, words)
    page.keyboard.press("Space")


def send(page: Page, words: str) -> None:
    """Press the form's button, and wait for the server's answer."""
    tab_to(page, words)
    page.keyboard.press("Enter")
    expect(page.locator(".sent-strip")).to_contain_text("recorded", timeout=60_000)
    if page.locator("#drawer .recorded").count():
        page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_have_count(0)


def send_refused(page: Page, words: str, missing: str) -> None:
    """Press the form's button: the plan refuses, says what is missing, and what was written stays."""
    tab_to(page, words)
    page.keyboard.press("Enter")
    expect(page.locator("#drawer .form-refused")).to_contain_text(missing, timeout=60_000)


def act(page: Page, words: str) -> None:
    """An act of the record's page: a button, or one behind «More»."""
    row = page.locator(".record-acts")
    if row.locator("> .button", has_text=words).count():
        row.locator("> .button", has_text=words).first.focus()
    else:
        page.locator(".record-acts summary").focus()
        page.keyboard.press("Enter")
        row.locator(".menu-item", has_text=words).first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_be_visible()
    expect(page.locator("#drawer .form")).to_be_visible()


def arrived(page: Page, reader: Client, log: str) -> None:
    """Wait until the bytes of the log's files are there, as their records name them; they follow by themselves."""
    files = []
    for _ in range(600):
        files = reader.get(f"/api/incidents/{log}/attachments")["attachments"]
        if files and all(one["finding"] == "matches" for one in files):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"the files never came: {files}")


def commander(
    screens: Screens, house: House, log: str, person: str = "ic", role: Any = "commander", **options: Any
) -> tuple[Page, Client]:
    """The processing screen of somebody."""
    client = Client(house.link(person, role, incident=log, **options))
    page = screens.board(client, log)
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.locator("main.processing")).to_be_visible()
    return page, client


def test_from_the_street_to_release_through_every_station_by_keyboard(
    house: House, screens: Screens, tmp_path: Path
) -> None:
    """Street card with a photo, site opened, hand-over, search, photo, property, review by another, cited, released."""
    log = arrested.processing(house, "By keyboard")
    page, reader = commander(screens, house, log, compartments=("identity",))

    page.get_by_role("button", name="Open a site…").focus()
    page.keyboard.press("Enter")
    say(page, "Name", "School gym")
    choose(page, "Kind", "processing")
    say(page, "Room for how many", "30")
    send_refused(page, "Open", "water within reach")
    for item in checklist(model_stack(), "processing"):
        tick(page, item)
    for station in STATIONS:
        tick(page, station)
    tick(page, "Kim Ward")
    send(page, "Open")
    expect(page.locator(".site", has_text="School gym")).to_be_visible()

    # The arresting officer, on the street.
    street = screens.board(Client(house.link("officer", "field", incident=log, rank="officer")), log)
    street.keyboard.press("a")
    expect(street.locator("#drawer-title")).to_have_text("Street card")
    assert street.locator("#drawer .form-fields > .field").count() == 6
    say(street, "Wristband", arrested.band(41))
    expect(street.locator("#drawer .ok-text")).to_contain_text(arrested.band(41))
    picture = tmp_path / "photo.png"
    picture.write_bytes(PNG)
    street.locator("#drawer input[type=file]").set_input_files(picture)  # the system's own chooser is not the page's
    expect(street.locator(".photo-shown")).to_be_visible()
    choose(street, "Offence", "cited first")
    say(
        street,
        "What this person did, in a sentence",
        "Lay down across both lanes and held on to the kerb when asked by name to get up.",
    )
    choose(street, "Injury or force", "Not hurt")
    tab_to(street, "Record and sign")
    street.keyboard.press("Enter")
    expect(street.locator("#drawer .recorded")).to_be_visible(timeout=60_000)

    page.locator(".arrest-open", has_text=arrested.band(41)).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#record-title")).to_contain_text(arrested.band(41))
    expect(page.locator("#rec-card")).to_contain_text("Lay down across both lanes")
    expect(page.locator("#rec-hands")).to_contain_text("arresting")
    expect(page.locator("#rec-files")).to_contain_text("photo with officer")

    arrived(street, reader, log)
    page.locator("#rec-files").get_by_role("button", name="Have the files arrived?").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rec-files .badge")).to_contain_text("its bytes are here and match")
    page.locator("#rec-files").get_by_role("button", name="Show the picture").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rec-files img")).to_be_visible()

    act(page, "Hand over")
    choose(page, "To", "School gym")
    send(page, "Record")
    expect(page.locator(".chain-now")).to_contain_text("School gym")
    for station in ("intake", "search", "photo"):
        act(page, "Station")
        choose(page, "Station", station)
        send(page, "Record")
    act(page, "Property")
    say(page, "Number of the bag", "B-41")
    say(page, "Number of the receipt given", "R-41")
    send(page, "Record")
    expect(page.locator(".bag")).to_contain_text("receipt R-41")
    act(page, "Offence")
    choose(page, "Offence", "cited first")
    say(page, "Facts: what this person did", "Lay across both lanes from 18:02 until carried to the pavement.")
    say(page, "Evidence of it", "BWC-2 from 18:01")
    send(page, "Record")
    expect(page.locator("#rec-offences")).to_contain_text("BWC-2 from 18:01")

    act(page, "Who it is")
    tick(page, "Not identified")
    say(page, "Language", "Spanish")
    say(page, "Race, as perceived", "white")
    say(page, "Race, as stated", "Hispanic")
    tick(page, "Medical needs")
    send(page, "Record")
    expect(page.locator("#rec-person")).to_contain_text("not identified")

    # Another supervisor, without a part in it, reviews.
    other, _ = commander(screens, house, log, "reviewing", "commander", rank="lieutenant")
    other.locator(".arrest-open", has_text=arrested.band(41)).focus()
    other.keyboard.press("Enter")
    act(other, "Review")
    expect(other.locator("#drawer")).to_contain_text("Lay across both lanes")
    choose(other, "Conclusion", "The facts bear it out")
    say(other, "On which facts", "The officer's camera shows it from beginning to end.")
    send(other, "File the review")
    expect(page.locator("#rec-hands")).to_contain_text("supported", timeout=60_000)

    act(page, "Station")
    choose(page, "Station", "cite")
    send(page, "Record")
    act(page, "Disposition")
    expect(page.locator("#drawer")).to_contain_text("cited first")
    choose(page, "Disposition", "Cited, and free to go")
    say(page, "Number of the citation", "C-41")
    send(page, "Record")
    act(page, "Rights, papers")
    choose(page, "What", "release papers")
    choose(page, "Language", "Spanish")
    send(page, "Record")
    act(page, "Bag moved")
    choose(page, "Which bag", "B-41")
    choose(page, "To", "Its owner")
    send(page, "Record")
    act(page, "Release")
    choose(page, "How", "with a citation")
    choose(page, "In which language", "Spanish")
    send(page, "Record the release")
    expect(page.locator(".record-head")).to_contain_text("free")
    expect(page.locator("#rec-person")).to_contain_text("release papers")
    row = next(one for one in reader.board(log)["board"]["arrests"].values() if one["wristband"] == arrested.band(41))
    assert row["disposition"] == "cited" and row["reviewed"] and row["signed"] and row["released_at"]
    told = reader.get(f"/api/incidents/{log}/arrests/{row['id']}")
    assert [one["public"]["station"] for one in told["stations"]] == ["intake", "search", "photo", "cite"]


@pytest.fixture(scope="module")
def busy(house: House) -> str:
    """An afternoon on which everything went wrong once."""
    log = arrested.processing(house, "Everything once")
    arrested.afternoon(house, log)
    arrested.too_early(house, log)
    return log


def record(page: Page, log: str, arrest: str) -> None:
    """The page of a record."""
    turn(page, f"?incident={log}&view=record&of={arrest}")
    expect(page.locator(f'main[data-record="{arrest}"]')).to_be_visible()


def test_what_goes_wrong_is_caught_and_its_rule_is_named(house: House, screens: Screens, busy: str) -> None:
    """Wrong signature, cloned account, dispersal with closed exits, lost person, minor among adults, restraints, basis."""
    page, _ = commander(screens, house, busy)
    alarms = page.locator("#alarms")
    expect(alarms).to_contain_text(f"Person {arrested.band(4)}: given over by other")
    desk, _ = commander(
        screens, house, busy, "keeper", "processing", rank="sergeant"
    )  # who houses people may know of minors
    expect(desk.locator("#alarms")).to_contain_text(f"Person {arrested.band(5)}: Processing centre is not for minors")
    expect(alarms).to_contain_text("4 of 3")
    expect(page.locator("#bags")).to_contain_text("its owner is free")
    lost = page.locator("#lost")
    expect(lost).to_contain_text(f"{arrested.band(3)}: neither")
    expect(lost.locator('[data-number="person:s-3"]')).to_contain_text("Van 1, before that")
    expect(lost.locator('[data-number="person:s-3"]')).to_contain_text("arrest.someone-holds-everyone")
    expect(page.locator("#full")).to_contain_text("School yard is full: 1 of 1")
    due = page.locator("#releases")
    due.get_by_role("button", name=re.compile("^All ")).click()
    expect(due.locator("[data-release=s-10]")).to_contain_text("nobody has written what this person did")
    expect(due).to_contain_text("Yours to decide.")
    expect(due).to_contain_text("incident commander")
    turn(page, f"?incident={busy}")  # and on the dashboard, at once
    expect(page.locator("#lost")).to_contain_text(arrested.band(3))
    expect(page.locator("#full")).to_contain_text("School yard")
    expect(page.locator("#releases")).to_contain_text("due now")
    turn(page, f"?incident={busy}&view=processing")
    expect(page.locator('#clocks [data-rule$="restraint-check"]')).to_contain_text(arrested.band(6))
    expect(page.locator(".site", has_text="Processing centre")).to_contain_text("lacks toilets within reach")

    record(page, busy, "a-8")
    signed = page.locator("#rec-hands [data-type=ArrestSigned]")
    expect(signed).to_contain_text("contrary to plan")
    expect(signed).to_contain_text("Olga Finn signs for an arrest that Omar Blake made")
    expect(signed.locator(".rule").first).to_be_attached()
    stands = page.locator("#rec-finding")
    expect(stands).to_contain_text("the way out was closed: nobody could obey the order to disperse")
    expect(stands).to_contain_text("charge.failure-to-disperse")
    pair = page.locator(".alike-account")
    expect(pair).to_have_count(2)
    expect(page.locator(".alike mark").first).to_contain_text("blocked the street")
    record(page, busy, "a-9")  # the later one of the two began the duty
    expect(page.locator('#rec-clocks [data-rule$="alike-accounts"]')).to_be_visible()

    record(page, busy, "a-4")
    moved = page.locator("#rec-custody [data-type=CustodyTransferred]")
    expect(moved).to_contain_text("the log has them with Olga Finn since")
    expect(moved.locator(".rule").first).to_be_attached()
    record(desk, busy, "a-5")
    expect(desk.locator("#rec-custody [data-type=CustodyTransferred]")).to_contain_text("is not for minors")
    expect(
        desk.locator("#rec-custody [data-type=StationEntered] .rule", has_text="minors-apart").first
    ).to_be_attached()
    record(page, busy, "a-5")  # a lens without the compartment is not told by the finding either
    expect(page.locator("#rec-custody [data-type=StationEntered]")).to_be_visible()
    assert "minor" not in (page.locator("#rec-custody").text_content() or "")
    record(page, busy, "a-6")
    cuffs = page.locator("#rec-custody [data-type=RestraintRecorded]")
    expect(cuffs).to_contain_text("restrained wrist to ankle")
    expect(cuffs.locator(".rule").first).to_be_attached()
    expect(page.locator('#rec-clocks [data-rule$="restraint-check"]')).to_be_visible()
    record(page, busy, "a-12")
    expect(page.locator("#rec-finding")).to_contain_text("the order to disperse was not complete")
    expect(page.locator("#rec-finding")).to_contain_text("warning.dispersal-warning")
    weekend = page.locator('#rec-clocks [data-rule$="judge-in-48-hours"]')
    expect(weekend).to_contain_text("weekends and holidays counted")
    expect(weekend).to_contain_text("1 d 23 h")
    record(page, busy, "a-10")
    expect(page.locator("#rec-finding")).to_contain_text("presence in a group is no basis for anyone's arrest")
    record(page, busy, "a-3")
    expect(page.locator("#rec-became")).to_contain_text("every offence is cited first; custody needs a coded reason")


def test_the_writer_of_a_cloned_account_is_told_so_and_sees_nothing_of_the_other(
    house: House, screens: Screens, busy: str
) -> None:
    """The warning comes with the answer; the other's record is not named, and no field was filled from it."""
    page = screens.board(Client(house.link("officer", "field", incident=busy, rank="officer")), busy)
    page.keyboard.press("a")
    say(page, "What this person did, in a sentence", arrested.CLONED)
    tab_to(page, "Record and sign")
    page.keyboard.press("Enter")
    told = page.locator("#drawer .form-recorded")
    expect(told).to_contain_text("it reads nearly like the account of another arrest", timeout=60_000)
    assert "a-8" not in told.inner_text() and arrested.band(8) not in told.inner_text()
    tab_to(page, "Next person, same circumstances")
    page.keyboard.press("Enter")
    expect(page.locator(".card-where")).to_contain_text("What this person did is theirs alone")
    expect(labelled(page, "What this person did, in a sentence")).to_have_value("")


def test_a_lens_that_may_not_read_is_told_what_it_does_not_see(house: House, screens: Screens, busy: str) -> None:
    """Processing sees the minor's answers; the field sees that there are answers it is not shown; medical no record at all."""
    page, _ = commander(screens, house, busy, "keeper", "processing", rank="sergeant")
    record(page, busy, "a-5")
    expect(page.locator("#rec-person")).to_be_visible()
    expect(page.locator(".withheld").first).to_be_visible()
    assert page.locator("#panel").count() == 0
    field_page, _ = commander(screens, house, busy, "officer", "field", rank="officer")
    expect(field_page.locator("#panel")).to_have_count(0)
    record(field_page, busy, "a-5")
    assert "they are fifteen" not in (field_page.locator("main").text_content() or "")
    judge, _ = commander(screens, house, busy, "judge", "reviewer")
    expect(judge.locator("#panel")).to_contain_text("Custody")


def test_papers_leave_by_a_button_and_a_record_is_replayed_as_it_stood(
    house: House, screens: Screens, busy: str, tmp_path: Path
) -> None:
    """The package that the browser saves verifies; in a replay the record is the one of that event, and says so."""
    page, reader = commander(screens, house, busy, "auditor", "reviewer")
    record(page, busy, "a-8")
    papers = page.locator("#rec-papers")
    with page.expect_download(timeout=60_000) as saved:
        papers.get_by_role("button", name="Package for prosecutor and defence").click()
    saved.value.save_as(tmp_path / "a-8.zip")
    with zipfile.ZipFile(tmp_path / "a-8.zip") as archive:
        assert verify_package(archive).ok
    expect(papers.get_by_role("status")).to_contain_text("saved as arrest-a-8.zip")

    told = reader.get(f"/api/incidents/{busy}/arrests/a-8")
    first = told["versions"][0]["seq"]
    turn(page, f"?incident={busy}&view=record&of=a-8&at={first}")
    expect(page.locator(f'[data-as-of="{first}"]')).to_be_visible(timeout=60_000)
    expect(page.locator("#rec-hands [data-type=ArrestSigned]")).to_have_count(0)
    turn(page, f"?incident={busy}&view=record&of=a-8")
    expect(page.locator("#rec-hands [data-type=ArrestSigned]").first).to_be_visible(timeout=60_000)
    expect(page.locator("[data-as-of]")).to_have_count(0)

    turn(page, f"?incident={busy}&view=processing")
    with page.expect_download(timeout=60_000) as saved:
        page.locator("#papers").get_by_role("button", name="The operation as PDF").click()
    assert saved.value.suggested_filename == "operation.pdf"


def test_axe_finds_nothing_on_the_screens_of_arrests(house: House, screens: Screens, busy: str) -> None:
    """Processing, both lists, records and every form, in each theme; narrow, and at twice the size of text."""
    page = screens.board(Client(house.link("ic", "commander", incident=busy)), busy, reduced_motion="reduce")
    turn(page, f"?incident={busy}&view=processing")
    expect(page.locator(".virtual-row").first).to_be_visible()
    expect(page.locator("#missing")).to_be_visible()
    assert violations(page) == []
    turn(page, f"?incident={busy}&view=processing&pv=custody")
    expect(page.locator("#custody-list .virtual-row").first).to_be_visible()
    assert violations(page, "main", ("light",)) == []
    for n, arrest in enumerate(("a-8", "a-5", "a-1")):
        record(page, busy, arrest)
        expect(page.locator("#rec-custody")).to_be_visible()
        assert violations(page, "main", (THEMES[n],)) == [], arrest
    record(page, busy, "a-1")
    for n, form in enumerate(FORMS):
        turn(page, f"?incident={busy}&view=processing&d={form}")
        expect(page.locator("#drawer .form")).to_be_visible()
        assert violations(page, "#drawer", (THEMES[n % len(THEMES)],)) == [], form
    for width, height in ((1024, 768), (390, 844), (720, 450)):  # the last is 1440 x 900 at 200 %
        page.set_viewport_size({"width": width, "height": height})
        for view in ("&view=processing", "&view=record&of=a-8", "&view=processing&d=arrest"):
            turn(page, f"?incident={busy}{view}")
            expect(page.locator("main")).to_be_visible()
            wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (width, view, wide)
        assert violations(page, "main", ("light",)) == [], width


def test_a_list_of_hundreds_draws_only_what_is_in_view_and_is_walked_by_keys(house: House, screens: Screens) -> None:
    """Five hundred records: few rows are in the document, End goes to the oldest, a filter leaves one."""
    log = arrested.processing(house, "Five hundred")
    arrested.many(house, log, 500)
    page, _ = commander(screens, house, log)
    rows = page.locator("#arrest-list .virtual-row")
    expect(rows.first).to_have_attribute("aria-setsize", "500")
    assert rows.count() < 60
    rows.first.locator("button").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator('#arrest-list [aria-posinset="2"] button')).to_be_focused()
    page.keyboard.press("End")
    oldest = page.locator('#arrest-list [aria-posinset="500"] button')
    expect(oldest).to_be_focused()
    assert rows.count() < 60
    page.keyboard.press("/")
    page.keyboard.type("lane 377")
    expect(page.locator(".arrest-count")).to_contain_text("0 of 500")  # what was written is searched by nobody
    page.locator("#arrest-search").fill("many-377")
    expect(page.locator(".arrest-count")).to_contain_text("1 of 500")
