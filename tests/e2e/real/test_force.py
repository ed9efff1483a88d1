"""Force on the real server in real browsers: from what the plan refuses to what someone uninvolved writes of it."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from command.domain import commands as c
from tests.e2e.axe import violations
from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens, turn
from tests.e2e.real.house import COURSES, LEAD, House, now

SIGNS = ("march-moving", "tension-between-groups", "individual-probable-cause")
GAS = '[data-permit="tool~chemical-area~disperse"]'
WAIT_MS = 60_000
ZONE = ZoneInfo("America/Los_Angeles")


def to(page: Page, log: str, drawer: str) -> Locator:
    """Open a drawer by its address."""
    turn(page, f"?incident={log}&d={drawer}")
    return page.locator("#drawer")


def ago(minutes: int) -> str:
    """A wall time of the incident some minutes back, as the forms take it."""
    return (now() - timedelta(minutes=minutes)).astimezone(ZONE).strftime("%H:%M")


def record(form: Locator, button: str = "Record") -> None:
    """Send the form, and wait until the server has taken it."""
    form.get_by_role("button", name=button, exact=True).click()
    expect(form.get_by_text(re.compile("Recorded as #|Refused|Not taken")).or_(form.page.locator(".board:not(:has(~ .drawer))")).first).to_be_visible(timeout=WAIT_MS)  # fmt: skip
    expect(form.locator(".form-refused")).to_have_count(0)


def yes(form: Locator, field: str) -> None:
    """Answer a question of three answers with yes."""
    form.locator(f"#f-{field}").get_by_label("Yes").check()


def warn(page: Page, log: str, sector: str, when: str) -> None:
    """One warning of the sequence: the approved words, amplified, on camera, heard, with its ways out."""
    form = to(page, log, f"warning~{sector}")
    form.get_by_label("Text used").select_option("dispersal-order")
    form.get_by_label("Language").select_option("en")
    expect(form.locator(".approved blockquote")).to_contain_text("This is the police.")
    for field in ("amplified", "audible", "on_camera", "exits_open"):
        yes(form, field)
    form.get_by_label("Ways out that it named").fill("west stairs\nferry gate")
    form.get_by_label("When it happened").fill(when)
    record(form)


def exits(page: Page, log: str, sector: str) -> None:
    """Somebody looks at the ways out."""
    form = to(page, log, f"exits~{sector}")
    form.locator("#f-open").fill("west stairs\nferry gate")
    record(form)


def level(page: Page, log: str, name: str, signs: tuple[str, ...]) -> None:
    """Set a level on one's own authority, on facts and signs."""
    form = to(page, log, "level~north")
    form.get_by_role("radio", name=re.compile(f"^.?.?.?{name}")).check()
    form.get_by_label("The facts on which you act").fill("Bottles and flares from more than half of the crowd.")
    for sign in signs:
        form.locator("#f-indicators").get_by_label(re.compile(sign)).check()
    form.get_by_label("How many take part").fill("more than half")
    form.get_by_label("Which contact was tried").fill("the organizer, by radio through a marshal")
    form.get_by_label("Whether and how the others").fill("by the ferry gate")
    record(form, "Decide it myself")


def staffed(house: House) -> str:
    """An incident whose north pier is at targeted enforcement, with a deputy chief and an uninvolved lieutenant."""
    with house.earlier(minutes=10):
        return _staffed(house)


def may_be_told_to_leave(house: House, log: str, sector: str) -> None:
    """Nine minutes ago the ways out were seen open, and the captain raised the sector to dispersal."""
    names = ("dispersal",) if sector == "north" else ("facilitate", "engage", "targeted", "dispersal")
    failed = ("targeted-action-failed", "significant-number-violent")
    with house.earlier(minutes=9):
        house.send(log, c.ReportExits(f"looked-{sector}", sector, ("west stairs", "ferry gate")))
        house.send(
            log,
            *(c.RaiseLevel(sector, name, "Bottles from the pier head.", (*SIGNS, *failed), "few", "tried", "yes") for name in names),
        )  # fmt: skip


def _staffed(house: House) -> str:
    log = house.staffed()
    house.send(
        log,
        c.CheckIn("chief", "Chris Doyle", LEAD, "deputy-chief", training=COURSES, camera_absent="command post"),
        c.CheckIn("watch", "Wanda Lee", LEAD, "lieutenant", training=COURSES, camera="BWC-9"),
        *(c.RaiseLevel("north", name, "Seen from the pier.", SIGNS, "few", "tried", "yes") for name in ("facilitate", "engage", "targeted")),
    )  # fmt: skip
    return log


def test_a_tool_from_refusal_through_missing_warnings_to_review(house: House, screens: Screens) -> None:
    """Refused, warnings step by step, the levels, the ask, the grant, the use, aid, medical help, supervisor, review."""
    log = staffed(house)
    ic = screens.board(Client(house.link("ic", "commander", incident=log)), log, "&d=sector~north")
    chief = screens.board(Client(house.link("chief", "commander", incident=log, rank="deputy-chief")), log, "&d=sector~north")  # fmt: skip
    gas = chief.locator(GAS)
    expect(ic.locator(GAS)).to_contain_text("Refused", timeout=WAIT_MS)  # by rank: not the captain's to grant
    expect(gas).to_contain_text("Missing", timeout=WAIT_MS)
    for words in ("first warning of 3", "the level Force-assisted dispersal", "check with counsel"):
        expect(gas).to_contain_text(words)
    expect(chief.locator('[data-permit="step-down"]')).to_be_visible()
    ring = ic.locator('[data-permit="tool~encirclement~arrest"]')
    expect(ring).to_contain_text("There is probable cause against each person", timeout=WAIT_MS)
    before = house.seq(log)
    chief.get_by_role("button", name="Look again").click()
    expect(gas).to_contain_text("first warning of 3")
    assert house.seq(log) == before, "looking is not an ask"

    may_be_told_to_leave(house, log, "north")
    exits(ic, log, "north")
    for number, minutes in enumerate((8, 5, 3), 1):
        warn(ic, log, "north", ago(minutes))
        step = "second warning of 3 possible now" if number == 1 else "third warning of 3 possible now"
        if number < 3:
            expect(gas).to_contain_text(step, timeout=WAIT_MS)
    expect(gas).not_to_contain_text("warning of 3", timeout=WAIT_MS)

    level(chief, log, "Force-assisted", ("The warning sequence", "A clear and safe way out", "A significant number", "There is a present risk"))  # fmt: skip

    sergeant = screens.board(Client(house.link("sergeant", "field", incident=log, rank="sergeant")), log, "&d=askforce~north~chemical-area~disperse")  # fmt: skip
    form = sergeant.locator("#drawer")
    form.get_by_label("Objective, and the resistance met").fill("End the throwing of flares from the pier head.")
    form.get_by_label("Violence against a person").check()
    form.get_by_label(re.compile("^A significant number")).check()
    form.get_by_label(re.compile("^There is a present risk")).check()
    form.get_by_label(re.compile("^Before force: persuade")).check()
    form.get_by_label("If none was tried, why not that").fill("They cannot be told apart in the smoke.")
    form.get_by_label("Whom it reaches").select_option("yes")
    form.get_by_label("Sam Reyes").check()
    form.get_by_label(re.compile("^How many ")).fill("2")
    form.get_by_label("For how long").fill("10")
    record(form, "Ask")
    mine = sergeant.locator(".card.ask")
    expect(mine).to_contain_text("chemical area", timeout=WAIT_MS)
    expect(mine.get_by_role("button", name="Grant…")).to_have_count(0)

    to(chief, log, "")
    card = chief.locator(".card.ask", has_text="chemical area")
    expect(card.locator(".count")).to_contain_text(re.compile(r"\d:\d\d left"), timeout=WAIT_MS)
    card.get_by_role("button", name="Grant…").click()
    drawer = chief.locator("#drawer")
    for words in ("They cannot be told apart", "a crowd, at nobody in particular", "Before force: persuade", "if you granted it", "the authorizer's own facts"):  # fmt: skip
        expect(drawer).to_contain_text(words, timeout=WAIT_MS)
    boxes = [drawer.get_by_role("button", name=name).bounding_box() for name in ("Grant", "Deny instead…")]
    sizes = [(round(box["width"]), round(box["height"])) for box in boxes if box]
    assert len(sizes) == 2 and sizes[0] == sizes[1], "a no is as large as a yes"
    assert all(box.input_value() == "" for box in drawer.locator("textarea, input[type=text]").all()), "no prefill"
    chief.evaluate("() => Promise.all(document.getAnimations().map(one => one.finished))")
    assert violations(chief) == []
    drawer.get_by_label("The facts on which you decide").fill("I see flares thrown at medics from the pier head.")
    record(drawer, "Grant")
    grant = chief.locator(".card.grant")
    expect(grant).to_contain_text(re.compile(r"\d:\d\d left"), timeout=WAIT_MS)

    held = next(iter(Client(house.link("judge", "reviewer")).board(log)["board"]["grants"]))
    form = to(sergeant, log, f"force~{held}")
    form.get_by_label("Officer who used it").select_option("sergeant")
    form.get_by_label("With what").select_option("chemical-area")
    form.get_by_label("Purpose").select_option("disperse")
    form.get_by_label("Sector").select_option("north")
    form.get_by_label(re.compile("^How many ")).fill("1")
    form.get_by_label("What happened").fill("One canister to the empty side of the pier head.")
    form.get_by_label("Violence against a person").check()
    form.get_by_label("Whom it reached").select_option("yes")
    form.get_by_label(re.compile("^Aggressive")).check()
    form.get_by_role("button", name="Record", exact=True).click()
    expect(form).to_contain_text("How it stands", timeout=WAIT_MS)
    expect(form).to_contain_text("authorized")
    expect(grant).to_contain_text("1 used", timeout=WAIT_MS)
    aftercare(house, screens, log, chief, sergeant)


def aftercare(house: House, screens: Screens, log: str, chief: Page, sergeant: Page) -> None:
    """Aid, medical help, a supervisor without a part in it, and a review; who had a part reviews nothing."""
    care = chief.locator(".card.care")
    expect(care).to_contain_text("report not complete", timeout=WAIT_MS)
    care.get_by_role("button", name=re.compile("^Aid")).click()
    drawer = chief.locator("#drawer")
    drawer.locator("#f-step").select_option("given")
    drawer.get_by_label("Which unit").select_option("medic-1")
    record(drawer)
    expect(care).to_contain_text("✓ aid after", timeout=WAIT_MS)
    care.get_by_role("button", name=re.compile("^Medical")).click()
    drawer.locator("#f-step").select_option("requested")
    record(drawer)
    expect(care).to_contain_text("✓ medical help after", timeout=WAIT_MS)

    watch = screens.board(Client(house.link("watch", "commander", incident=log, rank="lieutenant")), log)
    watch.locator(".card.care").get_by_role("button", name=re.compile("^Supervisor")).click()
    paper = watch.locator("#drawer")
    expect(paper.locator("#f-supervisor").locator("option").nth(1)).to_contain_text("had no part in it")
    paper.locator("#f-step").select_option("on scene")
    paper.locator("#f-supervisor").select_option("watch")
    record(paper)
    expect(care).to_contain_text("✓ supervisor after", timeout=WAIT_MS)

    chief_reviews = to(chief, log, "oversight").locator("[data-review]").first
    expect(chief_reviews).to_contain_text("You had a part in it", timeout=WAIT_MS)
    to(watch, log, "oversight")
    review = watch.locator("[data-review]").first
    expect(review).to_contain_text("Sam Reyes", timeout=WAIT_MS)
    review.get_by_role("button", name="Review…").click()
    expect(paper.locator("textarea")).to_have_count(6)
    for box in paper.locator("textarea").all():
        box.fill("Both cameras and three accounts were compared.")
    paper.get_by_label("Conclusion").select_option("within the plan")
    record(paper, "File the review")
    to(watch, log, "oversight")
    expect(watch.locator("[data-review]").first).to_contain_text("within the plan", timeout=WAIT_MS)
    to(sergeant, log, "")


def test_the_next_warning_is_counted_down_live(house: House, screens: Screens) -> None:
    """After two warnings, the second a moment ago: how long until the third counts, second by second."""
    log = staffed(house)
    chief = screens.board(Client(house.link("chief", "commander", incident=log, rank="deputy-chief")), log)
    may_be_told_to_leave(house, log, "south")
    exits(chief, log, "south")
    warn(chief, log, "south", ago(5))
    warn(chief, log, "south", "")
    gas = to(chief, log, "sector~south").locator(GAS)
    expect(gas).to_contain_text(re.compile(r"third warning of 3 possible in 1:[0-5]\d"), timeout=WAIT_MS)
    first = gas.inner_text()
    expect(gas).not_to_have_text(first, timeout=WAIT_MS)
    expect(gas).to_contain_text(re.compile(r"third warning of 3 possible in [01]:[0-5]\d"))


def test_in_a_replay_the_plan_stands_as_it_stood_then(house: House, screens: Screens) -> None:
    """As of that seq, marked as such, and nothing can be asked from it."""
    log = staffed(house)
    then = house.seq(log)
    chief = screens.board(Client(house.link("chief", "commander", incident=log, rank="deputy-chief")), log)
    exits(chief, log, "north")
    for minutes in (8, 5, 3):
        warn(chief, log, "north", ago(minutes))
    turn(chief, f"?incident={log}&d=sector~north&at={then}")
    panel = chief.locator('[aria-labelledby="permits-title"]')
    expect(panel).to_contain_text("As of the replay.", timeout=WAIT_MS)
    expect(panel.locator(GAS)).to_contain_text("first warning of 3")
    expect(panel.get_by_role("button", name=re.compile("Ask for|Change to|Decide on"))).to_have_count(0)


def test_a_signature_that_the_plan_asks_for_nowhere_and_a_no_in_ones_own_words(house: House, screens: Screens) -> None:
    """A call-back for an office that signs nothing here is refused and says so; a no takes the ask off the board, by name."""
    log = staffed(house)
    ask = c.AskForce("f1", "baton", "protect person", "north", ("legs",), False, None, "p1", ("sergeant",), 1, 600.0, ("violence",), ("violent-individual",), deescalation=("time-distance-people",), objective="stop him")  # fmt: skip
    house.send(log, ask, by="sergeant")
    ic = screens.board(Client(house.link("ic", "commander", incident=log)), log)
    card = ic.locator(".card.ask", has_text="baton")
    card.get_by_role("button", name="By call-back…").click()
    drawer = ic.locator("#drawer")
    drawer.get_by_label("Who signs").fill("mayor-1")
    drawer.get_by_label("Their office").fill("mayor")
    drawer.get_by_label("How they were called back").fill("telephone")
    drawer.get_by_label("I called them back myself").check()
    drawer.get_by_label("I read the text above").check()
    drawer.get_by_role("button", name="Record the signature").click()
    expect(drawer.locator(".form-refused")).to_contain_text("asks for no such signature", timeout=WAIT_MS)
    ic.keyboard.press("Escape")
    card.get_by_role("button", name="Deny…").click()
    drawer.get_by_label("Why", exact=True).fill("Two officers can lead him away.")
    record(drawer, "Deny")
    expect(card).to_have_count(0, timeout=WAIT_MS)
    expect(ic.locator(".feed-row", has_text="Request denied: baton to protect person in North pier")).to_be_visible()
