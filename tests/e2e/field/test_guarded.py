"""A tablet where nothing but credentials signs in: a password and a code open it, lock it for others, and open it again."""

from __future__ import annotations

from pathlib import Path

import pyotp
from playwright.sync_api import Browser, expect

from command.cli.operator import operator
from command.devices import enrolling
from tests.e2e.field.conftest import Hand
from tests.e2e.field.handheld import WAIT_MS, Handheld
from tests.e2e.real.conftest import Screens
from tests.e2e.real.guarded import PASSWORD, Desk, Guarded, next_code
from tests.e2e.real.house import now


def test_a_password_and_a_code_open_a_tablet_and_a_lock_shuts_it(browser: Browser, hand: Hand, tmp_path: Path) -> None:
    """Whoever is next sees nothing of what was begun; it is there again for who began it."""
    house = Guarded(tmp_path / "house")
    house.start()
    try:
        house.administered()
        log = house.staffed()
        screens = Screens(browser)
        desk = Desk(screens, house)
        desk.invited("officer", "field", incident=log)
        app = desk.make_password()
        desk.kept()
        screens.close()
        made = house.wait(
            enrolling.invite(
                house.node.backend.devices,
                agency="spd",
                label="Tablet 9",
                base_url=house.url,
                authority="",
                now=now(),
                by=operator(),
            )
        )
        tablet = hand(house.url)
        tablet.enrol(made.code)
        opens(tablet, app, "Sign in")
        tablet.live()
        tablet.tile("Arrest")
        tablet.page.get_by_label("What this person did").fill("Begun, and not saved.")
        tablet.until(
            "const { drafts } = await load('drafts.js'); return (await drafts(state.here().db, state.here().keys)).length"
        )
        tablet.page.get_by_role("button", name="Lock", exact=True).click()
        tablet.locked()
        assert "Begun, and not saved." not in tablet.page.content()
        house.forget_codes("officer")
        opens(tablet, app, "Unlock")
        expect(tablet.page.locator(".line-ok")).to_be_visible(timeout=WAIT_MS)
        tablet.door("Home")
        tablet.page.get_by_role("button", name="Street card", exact=True).click()
        expect(tablet.page.get_by_label("What this person did")).to_have_value("Begun, and not saved.")
    finally:
        house.close()


def opens(tablet: Handheld, app: pyotp.TOTP, verb: str) -> None:
    """With password and code, at the tablet's own door: who is asked for where nobody is signed in."""
    page = tablet.page
    page.get_by_role("button", name=verb).first.click()
    page.get_by_label("Password").wait_for()
    if verb == "Sign in":
        page.get_by_label("Your id").fill("officer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code", exact=True).fill(next_code(app))
    page.get_by_role("button", name=f"{verb} with a password").click()
