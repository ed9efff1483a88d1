"""Administration, one's own page and the wall, on the real server in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations, violations_in_themes
from tests.e2e.real.conftest import Screens
from tests.e2e.real.guarded import WAIT_MS, Desk, Guarded, Key, at_county
from tests.e2e.real.house import now
from tests.support.tablet import Tablet
from tests.web.test_oidc_provider import installed

__all__ = ["installed"]  # a fixture

WIDTHS = (1440, 1024, 390)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A server with an administrator."""
    house = Guarded(tmp_path_factory.mktemp("guarded"))
    house.start()
    house.administered()
    yield house
    house.close()


def _signed_in(guarded: Guarded, screens: Screens, person: str, role: str) -> tuple[Desk, Key]:
    """Someone with a passkey, on the list of incidents."""
    desk = Desk(screens, guarded)
    key = Key(desk.page)
    desk.invited(person, role)  # type: ignore[arg-type]  # a Role, by its word
    desk.make_passkey()
    expect(desk.page.get_by_role("heading", name="You are signed in")).to_be_visible(timeout=WAIT_MS)
    return desk, key


def _narrow(page: Page) -> bool:
    """Whether nothing is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def _look(desk: Desk, name: str) -> None:
    """Each width fits, and axe finds nothing in any theme."""
    for width in WIDTHS:
        desk.page.set_viewport_size({"width": width, "height": 900})
        assert _narrow(desk.page), (name, width)
        desk.shot(f"{name}-{width}")
    assert violations_in_themes(desk.page) == [], name
    desk.shot(f"{name}-contrast")
    desk.page.evaluate("document.documentElement.dataset.theme = 'auto'")
    desk.page.set_viewport_size({"width": 1440, "height": 900})


def test_an_administrator_invites_shuts_out_and_lets_in_again(guarded: Guarded, screens: Screens) -> None:
    """By the page alone: a link that works, sessions that end, an account that is shut and opened; each after a proof."""
    guarded.staffed(name="To review")
    desk, _ = _signed_in(guarded, screens, "keeper", "administrator")
    page = desk.go("/admin#invite")
    for label, value in {"Name": "R. Diaz", "Id": "diaz", "Rank": "sergeant", "Training on record": "crowd-management=2027-05-01"}.items():  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Role", exact=True).select_option("reviewer")
    page.get_by_label("medical", exact=True).check()
    _look(desk, "invite")
    guarded.grow_old("keeper")
    page.get_by_role("button", name="Make the link").click()
    dialog = page.get_by_role("dialog", name="Prove that it is you")
    expect(dialog).to_contain_text("Inviting R. Diaz")
    dialog.get_by_role("button", name="Prove it with a passkey").click()
    expect(page.get_by_role("heading", name="A link for R. Diaz")).to_be_visible(timeout=WAIT_MS)
    link = page.locator(".given-link > code").text_content() or ""
    _look(desk, "link")
    page.get_by_role("button", name="Done").click()

    theirs = Desk(screens, guarded)
    Key(theirs.page)
    theirs.page.goto(link)
    theirs.acknowledge()
    theirs.make_passkey()
    expect(theirs.page.get_by_role("heading", name="Reviewer")).to_be_visible(timeout=WAIT_MS)
    theirs.go()

    desk.go("/admin#people/diaz")
    detail = page.get_by_role("region", name="R. Diaz")
    expect(detail).to_contain_text("opens medical")
    expect(detail).to_contain_text("passkey")
    _look(desk, "people")
    detail.get_by_role("button", name="Disable").click()
    detail.get_by_role("group", name="Shut R. Diaz out at once?").get_by_role("button", name="Disable").click()
    expect(detail.get_by_role("status")).to_contain_text("is shut out", timeout=WAIT_MS)
    expect(theirs.page.get_by_role("heading", name="Before you sign in")).to_be_visible(timeout=WAIT_MS)
    detail.get_by_role("button", name="Enable").click()
    expect(detail.get_by_role("status")).to_contain_text("may sign in", timeout=WAIT_MS)
    theirs.acknowledge()
    theirs.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(theirs.page.get_by_role("heading", name="To review")).to_be_visible(timeout=WAIT_MS)
    for part in ("sight", "trail", "devices", "displays"):
        desk.go(f"/admin#{part}")
        expect(page.locator(".desk-card").first).to_be_visible()
        expect(page.get_by_text("One moment…")).to_have_count(0)
        _look(desk, part)
    desk.go("/admin#trail")
    expect(page.locator(".desk-table tbody tr", has_text="user.disable").first).to_contain_text("diaz")


def test_ones_own_page_adds_and_removes_and_ends(guarded: Guarded, screens: Screens) -> None:
    """A password beside the passkey, with its codes once; the other session ends from here; the last way in stays."""
    desk, _ = _signed_in(guarded, screens, "self", "field")
    page = desk.go("/account")
    expect(page.get_by_role("heading", name="My sign-in")).to_be_visible()
    page.get_by_role("button", name="Remove passkey").click()
    expect(page.get_by_role("alert").filter(has_text="only one")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Set a password").click()
    desk.make_password()
    desk.kept()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible(timeout=WAIT_MS)
    _look(desk, "account")
    other = Desk(screens, guarded)
    other.page.goto(guarded.link("self", "field"))
    other.acknowledge()
    expect(other.page.get_by_role("heading", name=re.compile("choose how"))).to_be_visible()
    desk.go("/account")
    page.get_by_role("button", name=re.compile("End the session")).click()
    expect(page.get_by_role("status")).to_contain_text("has ended", timeout=WAIT_MS)


def test_a_display_shows_the_board_and_sends_nothing(guarded: Guarded, screens: Screens) -> None:
    """Enrolled by a link of its own kind: marked, with age and zone, through its own lens, without any form, never locked."""
    log = guarded.staffed(name="On the wall")
    guarded.busy(log)
    keeper, _ = _signed_in(guarded, screens, "hanger", "administrator")
    page = keeper.go("/admin#displays")
    page.get_by_label("Name", exact=True).fill("North wall")
    page.get_by_label("Id", exact=True).fill("wall-1")
    page.get_by_label("Only at incident").fill(log)
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("heading", name="A link for North wall")).to_be_visible(timeout=WAIT_MS)
    link = page.locator(".given-link > code").text_content() or ""
    wall = Desk(screens, guarded, viewport={"width": 1920, "height": 1080})
    wall.page.goto(link)
    wall.acknowledge()
    shown = wall.page
    expect(shown.locator(".wall-tile")).to_have_count(3, timeout=WAIT_MS)
    expect(shown.locator(".wall-mark")).to_contain_text("DISPLAY")
    expect(shown.locator(".clock-zone")).to_contain_text(re.compile("P[DS]T"))
    expect(shown.locator("#link")).to_contain_text(re.compile("Live.*heard .* ago", re.DOTALL))
    assert shown.locator("form, input, textarea, select").count() == 0
    assert violations(shown) == []
    wall.shot("wall")
    status = shown.evaluate("path => fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }).then((got) => got.status)", f"/api/incidents/{log}/commands")  # fmt: skip
    assert status in (400, 403)
    wall.go("/")
    expect(shown.locator(".wall-mark")).to_be_visible(timeout=WAIT_MS)
    guarded.leave_alone("wall-1")
    expect(shown.locator(".wall-mark")).to_be_visible()


def test_agencies_are_kept_on_the_page_and_a_mistyped_one_is_told_what_it_may_have_meant(
    guarded: Guarded, screens: Screens
) -> None:
    """Added, offered where one is named, changed, ended; whoever names another is refused and told which is near."""
    desk, _ = _signed_in(guarded, screens, "registrar", "administrator")
    page = desk.go("/admin#agencies")
    page.get_by_label("Id", exact=True).fill("kcso")
    page.get_by_label("Name", exact=True).fill("King County Sheriff")
    page.get_by_label("Kind", exact=True).select_option("county")
    page.get_by_label("Agreement", exact=True).fill("mutual aid 2026")
    page.get_by_label("Its last day").fill("2099-12-31")
    page.get_by_role("button", name="Add", exact=True).click()
    row = page.locator(".desk-table tbody tr", has_text="King County Sheriff")
    expect(row).to_contain_text("until 2099-12-31", timeout=WAIT_MS)
    expect(page.locator(".desk-table tbody tr", has_text="spd")).to_contain_text("not stated")
    _look(desk, "agencies")
    row.get_by_role("link", name="King County Sheriff").click()
    page.get_by_label("Reached by").fill("duty desk, channel 4")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(row).to_contain_text("duty desk", timeout=WAIT_MS)
    desk.go("/admin#invite")
    expect(page.get_by_label("Agency", exact=True).locator("option")).to_have_count(2)
    body = {"person": "odd", "name": "Odd", "agency": "kcsso", "role": "field"}
    said = page.evaluate("body => fetch('/api/users', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }).then((got) => got.json())", body)  # fmt: skip
    assert "did you mean kcso?" in said["detail"], said
    desk.go("/admin#agencies")
    row.get_by_role("button", name="End King County Sheriff").click()
    row.get_by_role("group").get_by_role("button", name="End").click()
    expect(row).to_contain_text("ended", timeout=WAIT_MS)
    desk.go("/admin#invite")
    expect(page.get_by_label("Agency", exact=True).locator("option")).to_have_count(1)


def test_what_wrong_tries_shut_is_listed_and_opened_with_a_reason(guarded: Guarded, screens: Screens) -> None:
    """The reason is on the trail; a session of theirs ends alone, and the other stays."""
    theirs, _ = _signed_in(guarded, screens, "clumsy", "field")
    theirs.go()
    other = Desk(screens, guarded)
    other.page.goto(guarded.link("clumsy", "field"))
    other.acknowledge()
    guarded.shut("clumsy", "10.9.8.7")
    desk, _ = _signed_in(guarded, screens, "opener", "administrator")
    page = desk.go("/admin#locked")
    line = page.locator(".desk-row", has_text="clumsy")
    expect(line).to_contain_text("from 10.9.8.7")
    _look(desk, "locked")
    expect(line.get_by_role("button", name="Release after wrong tries")).to_be_disabled()
    line.get_by_label("Why clumsy is let in again").select_option("asked in person")
    line.get_by_role("button", name="Release after wrong tries").click()
    expect(page.get_by_text("Nobody is locked out")).to_be_visible(timeout=WAIT_MS)
    desk.go("/admin#people/clumsy")
    detail = page.get_by_role("region", name="Name of clumsy")
    expect(detail.get_by_role("button", name=re.compile("^End Name of clumsy"))).to_have_count(2)
    detail.get_by_role("button", name=re.compile("^End Name of clumsy")).last.click()
    detail.get_by_role("group", name="End this session?").get_by_role("button", name="End").click()
    expect(detail.get_by_role("button", name=re.compile("^End Name of clumsy"))).to_have_count(1, timeout=WAIT_MS)
    expect(theirs.page.get_by_role("heading", name="Before you sign in")).to_be_visible(timeout=WAIT_MS)
    desk.go("/admin#trail/action=user.release")
    expect(page.locator(".desk-table tbody tr", has_text="clumsy").first).to_contain_text("asked in person")


class Came(msgspec.Struct):
    """What came back to a tablet."""

    status: int
    headers: Mapping[str, str]
    json: Any


def _tablet(guarded: Guarded) -> Tablet:
    """One in software, that speaks to the server over HTTP."""

    async def send(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Came:
        given = {"Content-Type": "application/json", "Origin": guarded.url, **headers}
        async with (
            aiohttp.ClientSession() as client,
            client.request(method, guarded.url + path, data=body, headers=given) as got,
        ):
            raw = await got.read()
            return Came(got.status, got.headers, msgspec.json.decode(raw) if raw else None)

    return Tablet(send, guarded.url.partition("//")[2])


def test_a_device_comes_in_by_its_code_is_decided_upon_and_revoked(guarded: Guarded, screens: Screens) -> None:
    """A QR code for one; what nobody can vouch for waits, is let in or turned down with a reason; enrolled anew; its end."""
    log = guarded.open(name="With tablets")
    guarded.link("clerk", "field")
    desk, _ = _signed_in(guarded, screens, "armourer", "administrator")
    page = desk.go("/admin#devices")
    page.get_by_label("What it is called").fill("Tablet 14")
    page.get_by_role("button", name="Make a code").click()
    expect(page.get_by_role("heading", name="A code for Tablet 14")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_role("img", name="The link, to scan.")).to_be_visible()
    tablet = _tablet(guarded)
    enrolled = guarded.wait(tablet.enrol(page.locator(".given-link p code").text_content() or ""))
    assert enrolled.status == 200, enrolled.json
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".desk-table tbody tr", has_text="Tablet 14")).to_contain_text(tablet.id, timeout=WAIT_MS)

    path = f"/api/incidents/{log}/statements"
    held = [tablet.entry(log, "clerk", now(), f"CANARY {n}") for n in range(2)]
    answers = guarded.wait(tablet.signed(path, held)).json["answers"]
    assert [(one["status"], one["code"]) for one in answers] == [("quarantined", "author")] * 2
    desk.go(f"/admin#held/{log}")
    items = page.locator(".held-item")
    expect(items).to_have_count(2, timeout=WAIT_MS)
    assert "CANARY" not in page.content()
    _look(desk, "held")
    items.nth(0).get_by_role("button", name="What it says").click()
    expect(items.nth(0)).to_contain_text("for the incident's command alone", timeout=WAIT_MS)
    expect(items.nth(0).get_by_role("button", name="Let it in")).to_be_disabled()
    items.nth(0).get_by_label("Why").fill("the officer confirms it in person")
    items.nth(0).get_by_role("button", name="Let it in").click()
    expect(items.nth(0)).to_contain_text("let in", timeout=WAIT_MS)
    items.nth(1).get_by_label("Why").fill("nobody wrote it")
    items.nth(1).get_by_role("button", name="Turn it down").click()
    expect(items.nth(1)).to_contain_text("turned down", timeout=WAIT_MS)
    expect(page.get_by_text("Nothing waits for a decision.")).to_be_visible()

    more = [tablet.entry(log, "clerk", now(), f"CANARY more {n}") for n in range(3)]
    guarded.wait(tablet.signed(path, more))
    desk.go("/admin#devices")
    desk.go(f"/admin#held/{log}")
    whole = page.get_by_role("form", name=re.compile("All of device .*: 3 wait"))
    expect(whole).to_be_visible(timeout=WAIT_MS)
    _look(desk, "held-many")
    expect(whole.get_by_role("button", name="Let all in")).to_be_disabled()
    whole.get_by_label("Why, for all of them").fill("the clerk confirms all of them in person")
    whole.get_by_label("Why, for all of them").press("Enter")
    whole.get_by_role("button", name="Let all in").click()
    expect(items.filter(has_text="let in")).to_have_count(1)  # asked for twice: nothing is decided yet
    whole.get_by_role("group", name=re.compile("Let in 3 records")).get_by_role("button", name="Let all in").click()
    expect(items.filter(has_text="let in")).to_have_count(4, timeout=WAIT_MS)
    expect(page.get_by_text("Nothing waits for a decision.")).to_be_visible()

    desk.go("/admin#devices")
    page.get_by_label("What it is called").fill("Tablet 14")  # its browser lost everything: the same tablet, anew
    page.get_by_role("button", name="Make a code").click()
    anew = _tablet(guarded)
    assert guarded.wait(anew.enrol(page.locator(".given-link p code").text_content() or "")).status == 200
    page.get_by_role("button", name="Done").click()
    row = page.locator(".desk-table tbody tr", has_text=tablet.id)
    expect(row).to_contain_text("enrolled anew since", timeout=WAIT_MS)
    expect(page.locator(".desk-table tbody tr", has_text=anew.id)).not_to_contain_text("enrolled anew")
    row.get_by_role("button", name="Revoke Tablet 14").click()
    row.get_by_role("group").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("revoked", timeout=WAIT_MS)
    late = guarded.wait(tablet.signed(path, [tablet.entry(log, "clerk", now(), "late")])).json["answers"]
    assert [(one["status"], one["code"]) for one in late] == [("quarantined", "revoked")]


@pytest.fixture
def county(installed: Path, tmp_path: Path) -> Iterator[tuple[Guarded, str]]:
    """A server whose people may sign in at a real provider that runs beside it, and the provider's address."""
    with at_county(installed, tmp_path) as county:
        yield county


def test_an_agencys_own_sign_in_leads_in_only_whom_an_administrator_linked(
    county: tuple[Guarded, str], screens: Screens
) -> None:
    """Linked on the page, signed in by the provider's own pages, unlinked again: then nobody comes in by it."""
    house, issuer = county
    screens.also(issuer)
    house.link("anna", "field")
    house.staffed(name="At the county")
    desk, _ = _signed_in(house, screens, "keeper", "administrator")
    anna = Desk(screens, house)

    def by_county() -> None:
        anna.go("/sign-in")
        anna.acknowledge()
        anna.page.get_by_role("button", name=re.compile("County sign-in")).click()

    by_county()
    expect(anna.page.get_by_role("heading", name="You are not signed in")).to_be_visible(timeout=WAIT_MS)
    expect(anna.page.get_by_role("alert")).to_contain_text("An administrator says who is who")
    page = desk.go("/admin#people/anna")
    page.get_by_label("What it calls them").fill("sub-anna")
    page.get_by_role("button", name="Link", exact=True).click()
    links = page.get_by_role("list", name="Agencies' own sign-ins")
    expect(links).to_contain_text("county calls them sub-anna", timeout=WAIT_MS)
    _look(desk, "identities")
    by_county()
    expect(anna.page.get_by_role("heading", name="At the county")).to_be_visible(timeout=WAIT_MS)
    assert "code=" not in anna.page.url
    links.get_by_role("button", name="End the link").click()
    links.get_by_role("group").get_by_role("button", name="End the link").click()
    expect(links).to_have_count(0, timeout=WAIT_MS)
    anna.context.clear_cookies()
    by_county()
    expect(anna.page.get_by_role("heading", name="You are not signed in")).to_be_visible(timeout=WAIT_MS)
