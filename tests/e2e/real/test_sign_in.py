"""Signing in on the real server in a real Chromium: notice, passkey, password and codes, links, lock, proof again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from command.access.audit import entry
from command.domain import commands as c
from tests.e2e.axe import violations
from tests.e2e.real.conftest import Screens
from tests.e2e.real.guarded import PASSWORD, WAIT_MS, Desk, Guarded, Key, next_code
from tests.e2e.real.house import now

SEEN = re.compile("You are signed in|Incidents")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A server with an administrator."""
    house = Guarded(tmp_path_factory.mktemp("guarded"))
    house.start()
    house.administered()
    yield house
    house.close()


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A server without a single account."""
    house = Guarded(tmp_path_factory.mktemp("empty"))
    house.start()
    yield house
    house.close()


def _with_passkey(desk: Desk) -> None:
    desk.acknowledge()
    desk.page.get_by_role("button", name="Sign in with a passkey").click()


def _field(page: Page) -> None:
    """Begin a log entry's form."""
    page.get_by_role("button", name="Record r").click()
    page.get_by_role("button", name="Log entry", exact=True).click()


def _menu(page: Page, words: str) -> None:
    page.locator(".menu-more summary").click()
    page.get_by_role("button", name=words).click()


def test_the_set_up_code_makes_the_first_administrator(empty: Guarded, screens: Screens) -> None:
    """First run: a wrong code is refused in words; the right one leads to a passkey, and with that to administration."""
    desk = Desk(screens, empty)
    key = Key(desk.page)
    page = desk.go()
    expect(page.get_by_role("heading", name="The first administrator")).to_be_visible()
    assert violations(page) == []
    desk.shot("first-run")
    for label, value in {"Set-up code": "wrong-code", "Your id": "admin", "Your name": "Ada Min", "Your agency's id": "spd", "Your rank": "lieutenant"}.items():  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("This code does not work")
    page.get_by_label("Set-up code").fill(empty.set_up_code())
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Ada Min, choose how you will sign in")).to_be_visible()
    assert violations(page) == []
    desk.shot("enrol")
    desk.make_passkey()
    expect(page.get_by_role("heading", name="Incidents")).to_be_visible()
    assert len(key.credentials()) == 1
    page.get_by_role("link", name="Administration").click()
    expect(page.get_by_role("link", name="Ada Min")).to_be_visible()
    # Once there is an administrator nobody becomes the first again.
    other = Desk(screens, empty)
    other.go()
    expect(other.page.get_by_role("heading", name="Before you sign in")).to_be_visible()


def test_a_passkey_registers_signs_in_and_a_copy_is_refused(guarded: Guarded, screens: Screens) -> None:
    """From the link to the dashboard; out, and in again by one press; then a copy of the key, which counts behind."""
    desk = Desk(screens, guarded)
    key, page = Key(desk.page), desk.page
    desk.invited("pass", "commander")
    assert "#" not in page.url
    desk.make_passkey()
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible(timeout=WAIT_MS)
    [copy] = key.credentials()
    desk.go()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Before you sign in")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("You are signed out")
    assert violations(page) == []
    desk.shot("notice")
    desk.acknowledge()
    assert violations(page) == []
    desk.shot("sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Incidents")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Sign out").click()
    key.clear()
    key.put(copy)  # as it was before the last use: the counter does not grow
    _with_passkey(desk)
    expect(page.get_by_role("alert").filter(has_text="That did not work")).to_be_visible(timeout=WAIT_MS)
    assert page.evaluate("fetch('/api/me').then((got) => got.status)") == 401


def test_a_passkey_is_offered_in_the_names_field(guarded: Guarded, screens: Screens) -> None:
    """Where the browser can, nothing needs to be pressed: whoever picks their passkey there is in."""
    desk = Desk(screens, guarded, offers=True)
    Key(desk.page)
    desk.invited("offered", "field")
    desk.make_passkey()
    expect(desk.page.get_by_role("heading", name="You are signed in")).to_be_visible(timeout=WAIT_MS)
    desk.go()
    desk.page.get_by_role("button", name="Sign out").click()
    desk.acknowledge()
    expect(desk.page.get_by_role("heading", name="Incidents")).to_be_visible(timeout=WAIT_MS)


def test_an_unverified_user_has_no_passkey(guarded: Guarded, screens: Screens) -> None:
    """A device that does not recognize its user signs nobody in, and the page says what that may mean."""
    desk = Desk(screens, guarded)
    key = Key(desk.page)
    desk.invited("unverified", "field")
    desk.make_passkey()
    expect(desk.page.get_by_role("heading", name="You are signed in")).to_be_visible(timeout=WAIT_MS)
    desk.go()
    desk.page.get_by_role("button", name="Sign out").click()
    key.verifies(verified=False)
    _with_passkey(desk)
    expect(desk.page.get_by_role("alert").filter(has_text="No passkey was used")).to_be_visible(timeout=WAIT_MS)


def test_a_password_with_codes_signs_in_and_says_nothing_of_what_was_wrong(guarded: Guarded, screens: Screens) -> None:
    """Short ones are refused before they go; a wrong code and a name of nobody read the same; five tries shut it."""
    desk = Desk(screens, guarded)
    page = desk.page
    desk.invited("words", "field")
    page.locator(".way", has_text="Password and codes").click()
    expect(page.locator("img.qr")).to_be_visible()
    assert page.locator("img.qr").evaluate("one => one.decode().then(() => one.naturalWidth > 0)")
    page.get_by_label("New password").fill("too short")
    page.get_by_role("button", name="Keep password and codes").click()
    expect(page.get_by_role("alert")).to_contain_text("15 characters")
    desk.shot("password")
    assert violations(page) == []
    app = desk.make_password()
    desk.shot("codes")
    assert violations(page) == []
    codes = desk.kept()
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
    desk.go()
    page.get_by_role("button", name="Sign out").click()
    desk.acknowledge()

    def type_in(person: str, password: str, code: str) -> None:
        page.get_by_label("Your id").fill(person)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_label("Code", exact=True).fill(code)
        page.get_by_role("button", name="Sign in with a password").click()

    alert = page.get_by_role("alert").filter(has_text="did not work")
    type_in("words", PASSWORD, "000000")
    expect(alert).to_be_visible(timeout=WAIT_MS)
    said = alert.text_content()
    type_in("nobody-at-all", PASSWORD, "000000")
    expect(page.get_by_role("button", name="Sign in with a password")).to_be_enabled(timeout=WAIT_MS)
    assert alert.text_content() == said
    type_in("words", PASSWORD, next_code(app))
    expect(page.get_by_role("heading", name="Incidents")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Sign out").click()
    desk.acknowledge()
    type_in("words", PASSWORD, codes[0])  # a recovery code in the place of the app's
    expect(page.get_by_role("heading", name="Incidents")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Sign out").click()
    desk.acknowledge()
    shut = page.get_by_role("alert").filter(has_text="until an administrator unlocks it")
    for _ in range(6):
        type_in("words", "wrong wrong wrong wrong", "000000")
        expect(page.get_by_role("button", name="Sign in with a password")).to_be_enabled(timeout=WAIT_MS)
    expect(shut).to_be_visible(timeout=WAIT_MS)
    desk.shot("shut")


def test_a_spent_link_says_what_to_do(guarded: Guarded, screens: Screens) -> None:
    """Used by someone, it leads a second browser to no credential."""
    first, second = Desk(screens, guarded), Desk(screens, guarded)
    link = guarded.link("spent", "field")
    for desk in (first, second):
        desk.page.goto(link)
        expect(desk.page.get_by_role("heading", name="You are invited")).to_be_visible()
    assert violations(first.page) == []
    first.shot("invited")
    first.acknowledge()
    expect(first.page.get_by_role("heading", name="choose how")).to_be_visible()
    second.acknowledge()
    expect(second.page.get_by_role("alert")).to_contain_text("used already")
    first.go("/admin")  # before a credential is there, nothing else opens
    expect(first.page.get_by_role("heading", name="Set up your sign-in")).to_be_visible()


def test_a_locked_screen_shows_nothing_and_comes_back_as_it_was(guarded: Guarded, screens: Screens) -> None:
    """By hand and by the server's idle time: both tabs; unlocked by the passkey, the draft and the address are back."""
    log = guarded.staffed(name="Put away")
    desk = Desk(screens, guarded)
    Key(desk.page)
    page = desk.page
    desk.invited("locker", "commander")
    desk.make_passkey()
    expect(page.get_by_role("heading", name=SEEN)).to_be_visible()
    desk.go(f"/?incident={log}&q=anything")
    page.wait_for_selector("#feed-search")
    _field(page)
    page.locator("#f-text").fill("canary half typed")
    other = desk.context.new_page()
    other.goto(f"{guarded.url}/?incident={log}")
    other.wait_for_selector(".feed-row")
    _menu(page, "Lock, or switch user")
    for tab in (page, other):
        expect(tab.get_by_role("heading", name="Locked", exact=True)).to_be_visible(timeout=WAIT_MS)
        expect(tab.get_by_role("button", name="Unlock with a passkey")).to_be_visible(timeout=WAIT_MS)
        content = tab.content()
        assert "North pier" not in content
        assert "canary" not in content
        assert log not in tab.url
    stored = page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])")
    assert "canary" not in stored
    assert log not in stored
    assert violations(page) == []
    desk.shot("locked")
    page.get_by_role("button", name="Unlock with a passkey").click()
    expect(page.locator("#f-text")).to_have_value("canary half typed", timeout=WAIT_MS)
    assert "q=anything" in page.url

    guarded.leave_alone("locker")
    expect(page.get_by_role("button", name="Unlock with a passkey")).to_be_visible(timeout=WAIT_MS)
    assert "North pier" not in page.content()
    page.get_by_role("button", name="Unlock with a passkey").click()
    expect(page.locator("#f-text")).to_have_value("canary half typed", timeout=WAIT_MS)


def test_nothing_that_the_page_does_by_itself_counts_as_somebody_there(guarded: Guarded, screens: Screens) -> None:
    """The page's own clock locks it while pushes arrive and scripts press keys; a hand on the keys would not."""
    log = guarded.staffed(name="Nobody there")
    desk = Desk(screens, guarded)
    Key(desk.page)
    desk.invited("absent", "commander")
    desk.make_passkey()
    expect(desk.page.get_by_role("heading", name=SEEN)).to_be_visible()
    page = desk.page
    touched: list[str] = []
    page.on("request", lambda request: touched.append(request.url) if request.url.endswith("/active") else None)
    page.route("**/api/session", lambda route: _idle(route, 6))
    desk.go(f"/?incident={log}")
    page.wait_for_selector(".feed-row")
    touched.clear()
    for n in range(20):
        guarded.send(log, c.RecordEntry(f"0192-{n}-{now().timestamp()}".replace(".", "-"), f"pushed {n}"))
        if page.get_by_role("heading", name="Locked", exact=True).count():
            break
        page.evaluate("dispatchEvent(new KeyboardEvent('keydown', { key: 'x' }))")
        page.wait_for_timeout(500)
    expect(page.get_by_role("heading", name="Locked", exact=True)).to_be_visible(timeout=WAIT_MS)
    assert touched == []
    page.unroute_all(behavior="ignoreErrors")  # a question that is on its way when the page goes is nobody's fault


def _idle(route: object, idle_s: int) -> None:
    """Answer as the server, but for how long nobody need be there."""
    request = route.request  # type: ignore[attr-defined]  # playwright's Route, as its callback hands it
    if request.method != "GET":
        return route.continue_()  # type: ignore[attr-defined, no-any-return]  # as above
    answer = route.fetch()  # type: ignore[attr-defined]  # as above
    return route.fulfill(response=answer, json={**answer.json(), "idle_s": idle_s})  # type: ignore[attr-defined, no-any-return]  # as above


def test_two_people_at_one_desk_never_see_each_others_drafts(guarded: Guarded, screens: Screens) -> None:
    """One locks, the other signs in and finds nothing; what lies in the browser is unreadable; each gets their own back."""
    log = guarded.staffed(name="Shared desk")
    guarded.open(name="Another incident")  # with one alone, signing in would lead straight to it
    desk = Desk(screens, guarded)
    page = desk.page
    apps = {}
    for person in ("early", "late"):
        setting = Desk(screens, guarded)
        setting.invited(person, "commander")
        apps[person] = setting.make_password(f"{PASSWORD} {person}")
        setting.kept()
        expect(setting.page.get_by_role("heading", name=SEEN)).to_be_visible()

    def sign_in(person: str) -> None:
        page.get_by_label("Your id").fill(person)
        page.get_by_label("Password", exact=True).fill(f"{PASSWORD} {person}")
        page.get_by_label("Code", exact=True).fill(next_code(apps[person]))
        page.get_by_role("button", name="Sign in with a password").click()

    desk.go(f"/?incident={log}")
    desk.acknowledge()
    sign_in("early")
    page.wait_for_selector(".feed-row")
    _field(page)
    page.locator("#f-text").fill("canary of the early one")
    _menu(page, "Lock, or switch user")
    page.get_by_role("button", name="Someone else signs in").click()
    desk.acknowledge()
    sign_in("late")
    expect(page.get_by_role("heading", name="Incidents")).to_be_visible(timeout=WAIT_MS)
    desk.go(f"/?incident={log}")
    page.wait_for_selector(".feed-row")
    page.get_by_role("button", name="Record r").click()
    expect(page.get_by_role("button", name="Log entry", exact=True)).to_have_count(1)
    expect(page.get_by_text("Begun and not sent")).to_have_count(0)
    assert "canary" not in page.evaluate("JSON.stringify({ ...sessionStorage })")
    page.get_by_role("button", name="Log entry", exact=True).click()
    expect(page.locator("#f-text")).to_have_value("")
    _menu(page, "Lock, or switch user")
    page.get_by_role("button", name="Someone else signs in").click()
    expect(page.get_by_text("Locked at this screen, and waiting")).to_contain_text("Name of early")
    desk.acknowledge()
    page.get_by_label("Your id").fill("early")
    page.get_by_label("Password", exact=True).fill(f"{PASSWORD} early")
    guarded.forget_codes("early")
    page.get_by_label("Code", exact=True).fill(apps["early"].now())
    page.get_by_role("button", name="Sign in with a password").click()
    expect(page.locator("#f-text")).to_have_value("canary of the early one", timeout=90_000)


def test_a_revoked_session_closes_its_page_within_seconds(guarded: Guarded, screens: Screens) -> None:
    """An administrator ends it elsewhere: the picture goes, and the page says why."""
    log = guarded.staffed(name="Ended from afar")
    desk = Desk(screens, guarded)
    Key(desk.page)
    desk.invited("ended", "commander")
    desk.make_passkey()
    expect(desk.page.get_by_role("heading", name=SEEN)).to_be_visible()
    desk.go(f"/?incident={log}")
    desk.page.wait_for_selector(".feed-row")
    own = desk.context.new_page()  # a page without a socket
    own.goto(f"{guarded.url}/account")
    expect(own.get_by_role("heading", name="My sign-in")).to_be_visible(timeout=WAIT_MS)
    row = entry(None, "user.disable", "ended", "ok", now(), source="cli")
    guarded.wait(guarded.node.backend.access.disable("ended", now(), row))
    expect(own.get_by_role("heading", name="Before you sign in")).to_be_visible(timeout=60_000)
    expect(desk.page.get_by_role("heading", name="Before you sign in")).to_be_visible(timeout=60_000)
    expect(desk.page.get_by_role("alert")).to_contain_text("Your session was ended")
    assert "North pier" not in desk.page.content()
    desk.acknowledge()
    desk.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(desk.page.get_by_role("alert").filter(has_text="did not work")).to_be_visible(timeout=WAIT_MS)


def test_a_grant_of_force_asks_for_a_proof_and_is_sent_once(guarded: Guarded, screens: Screens) -> None:
    """The dialog comes over the form; closed, nothing was done and the draft stands; proven, the same command counts."""
    log = guarded.staffed(name="Step up")
    desk = Desk(screens, guarded)
    Key(desk.page)
    desk.invited("prover", "commander")
    desk.make_passkey()
    expect(desk.page.get_by_role("heading", name=SEEN)).to_be_visible()
    page = desk.page
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.post_data or "") if one.url.endswith("/commands") else None)
    ask = c.AskForce("f1", "baton", "protect person", "north", ("legs",), False, None, "p1", ("sergeant",), 1, 600.0, ("violence",), ("violent-individual",), deescalation=("time-distance-people",), objective="stop him")  # fmt: skip
    guarded.send(log, ask, by="sergeant")
    desk.go(f"/?incident={log}&d=grantforce~f1")
    page.wait_for_selector(".feed-row")
    guarded.grow_old("prover")
    drawer = page.locator("#drawer")
    drawer.get_by_label("The facts on which you decide").fill("I see it myself.")
    drawer.get_by_role("button", name="Grant", exact=True).click()
    dialog = page.get_by_role("dialog", name="Prove that it is you")
    expect(dialog).to_be_visible(timeout=WAIT_MS)
    assert violations(page) == []
    desk.shot("step-up")
    before = len(sent)
    dialog.get_by_role("button", name="Prove it with a passkey").click()
    expect(dialog).to_have_count(0, timeout=WAIT_MS)
    expect(drawer.get_by_text(re.compile("Recorded as #|Refused")).first).to_be_visible(timeout=WAIT_MS)
    assert len(sent) == before + 1
    assert sent[-1] == sent[-2]
