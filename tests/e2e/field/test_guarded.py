"""A tablet where nothing but credentials signs in: each way opens it at its own door, a lock shuts it for everybody else.

Over TLS by an authority of our own, as on a closed network, and with an agency's own sign-in beside it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page, expect

from command.cli.operator import operator
from command.devices import enrolling
from command.tls import files
from tests.e2e.field.conftest import Hand
from tests.e2e.field.handheld import WAIT_MS, Handheld
from tests.e2e.real.guarded import PASSWORD, Guarded, Key, at_county, next_code
from tests.e2e.real.house import now
from tests.web.test_oidc_provider import installed

__all__ = ["installed"]  # a fixture

# The server ends in this process while a browser still speaks TLS to it: asyncio leaves such a socket to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

BEGUN = "Begun, and not saved."


class Post:
    """The server, its incident, and tablets of it."""

    def __init__(self, house: Guarded, issuer: str, data: Path) -> None:
        self.house, self.issuer, self.log = house, issuer, house.staffed()
        key = x509.load_pem_x509_certificate(files.server_cert(files.place_of(data))).public_key()
        spki = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
        self.trust = f"--ignore-certificate-errors-spki-list={base64.b64encode(spki).decode()}"

    def tablet(self, hand: Hand, label: str) -> Handheld:
        """One that trusts the authority, enrolled and locked."""
        devices, at = self.house.node.backend.devices, now()
        invitation = enrolling.invite(
            devices, agency="spd", label=label, base_url=self.house.url, authority="", now=at, by=operator()
        )
        tablet = hand(self.house.url, args=(self.trust,))
        tablet.enrol(self.house.wait(invitation).code)
        return tablet

    def invited(self, tablet: Handheld, person: str) -> Page:
        """Their link, opened on the tablet itself, up to the choice of a credential."""
        page = tablet.page
        page.goto(self.house.link(person, "field", incident=self.log, rank="officer"))
        page.get_by_role("button", name="I have read this and go on").click()
        expect(page.get_by_role("heading", name="choose how you will sign in")).to_be_visible(timeout=WAIT_MS)
        return page


@pytest.fixture(scope="module")
def post(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """One server for this file."""
    home = tmp_path_factory.mktemp("county")
    with at_county(installed, home, tls=True) as (house, issuer):
        yield Post(house, issuer, home / "data")


def begin(tablet: Handheld) -> None:
    """Write half a card, and wait until it is a sealed draft."""
    tablet.live()
    tablet.tile("Arrest")
    tablet.page.get_by_label("What this person did").fill(BEGUN)
    tablet.until(
        f"const {{ drafts }} = await load('drafts.js'); return (await drafts(state.here().db, state.here().keys)).some((one) => one.fields.conduct === '{BEGUN}')"
    )


def shut(tablet: Handheld) -> None:
    """It is locked, and shows nothing of what was begun; what happens now can be captured."""
    page = tablet.page
    tablet.locked()
    assert BEGUN not in page.content()
    assert tablet.asked("const { drafts } = await load('drafts.js'); return drafts(state.here().db, state.here().keys)") == []  # fmt: skip
    page.get_by_role("button", name="Capture an arrest or a note").click()
    page.get_by_label("What this person did").fill("Seen while it was locked.")
    page.get_by_role("button", name="Keep as a note").click()
    expect(page.get_by_text("The note is kept, sealed.")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Back").click()


def open_again(tablet: Handheld) -> None:
    """It came back to its own page, and what was begun is there."""
    page = tablet.page
    expect(page.locator(".line-ok")).to_be_visible(timeout=WAIT_MS)
    assert page.url.partition("#")[0] == f"{tablet.url}/field/"
    tablet.door("Home")
    page.get_by_role("button", name="Street card", exact=True).click()
    expect(page.get_by_label("What this person did")).to_have_value(BEGUN)


def lock(tablet: Handheld) -> None:
    tablet.page.get_by_role("button", name="Lock", exact=True).click()


def door(tablet: Handheld, verb: str) -> Page:
    """Sign in or unlock: the notice that everybody acknowledges comes first."""
    page = tablet.page
    page.get_by_role("button", name=re.compile(f"^{verb}")).first.click()
    expect(page.locator("#notice")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_text("Going on acknowledges this notice.")).to_be_visible()
    return page


def with_password(tablet: Handheld, app: pyotp.TOTP, person: str, verb: str) -> None:
    page = door(tablet, verb)
    if verb == "Sign in":
        page.get_by_label("Your id").fill(person)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code", exact=True).fill(next_code(app))
    page.get_by_role("button", name=f"{verb} with a password").click()


def made_password(post: Post, tablet: Handheld, person: str) -> pyotp.TOTP:
    """By the link; then on to the tablet's screens."""
    page = post.invited(tablet, person)
    page.locator(".way", has_text="Password and codes").click()
    app = pyotp.TOTP((page.locator(".secret code").text_content() or "").replace(" ", ""))
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_label("Code that the app shows now").fill(app.now())
    page.get_by_role("button", name="Keep password and codes").click()
    page.get_by_label("I have kept them").check()
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_role("link", name="Go on to this tablet").click()
    return app


def later(page: Page, hours: float) -> None:
    """As after a sleep: the device's clock has gone on, and what counts while it runs has not."""
    page.evaluate("(ms) => { const real = Date.now.bind(Date); Date.now = () => real() + ms; }", hours * 3_600_000)


def test_a_password_and_a_code_open_a_tablet_and_every_lock_shuts_it(post: Post, hand: Hand) -> None:
    """By hand, with no network, after a sleep, after a shift, and signed out: what was begun is for who began it alone."""
    house, tablet = post.house, post.tablet(hand, "Tablet 9")
    app = made_password(post, tablet, "officer")
    begin(tablet)
    lock(tablet)
    shut(tablet)
    house.forget_codes("officer")
    with_password(tablet, app, "officer", "Unlock")
    open_again(tablet)

    tablet.context.set_offline(True)
    lock(tablet)
    shut(tablet)
    tablet.context.set_offline(False)  # the session was never heard to be locked: it must not open by itself
    expect(tablet.page.get_by_role("button", name="Unlock: Name of officer")).to_be_visible(timeout=WAIT_MS)
    house.forget_codes("officer")
    with_password(tablet, app, "officer", "Unlock")
    open_again(tablet)

    later(tablet.page, 0.5)
    shut(tablet)
    house.forget_codes("officer")
    with_password(tablet, app, "officer", "Unlock")
    open_again(tablet)

    house.end_shift("officer")
    shut(tablet)
    house.forget_codes("officer")
    with_password(tablet, app, "officer", "Sign in")
    open_again(tablet)

    tablet.door("More")
    tablet.page.get_by_role("button", name="Sign out").click()
    shut(tablet)
    house.forget_codes("officer")
    with_password(tablet, app, "officer", "Sign in")
    open_again(tablet)


def test_with_no_network_a_shift_ends_as_well(post: Post, hand: Hand) -> None:
    """Twelve hours after the proof, whoever moved a hand meanwhile."""
    tablet = post.tablet(hand, "Tablet 10")
    made_password(post, tablet, "longest")
    begin(tablet)
    tablet.context.set_offline(True)
    tablet.asked("state.here().keys.held.idle_ms = Infinity; return true")  # a hand on it all the time
    later(tablet.page, 11.5)
    tablet.page.evaluate(
        "new Promise((done) => setTimeout(done, 2500))"
    )  # it looks each second: less than a shift is none
    expect(tablet.page.get_by_label("What this person did")).to_have_value(BEGUN)
    later(tablet.page, 0.6)
    shut(tablet)


def test_a_passkey_opens_a_tablet_and_another_person_never_sees_what_was_begun(post: Post, hand: Hand) -> None:
    """Made on the tablet, used at its door; somebody else signs in at the locked tablet, and the first finds theirs again."""
    house, tablet = post.house, post.tablet(hand, "Tablet 11")
    app = made_password(post, tablet, "second")
    tablet.live()
    lock(tablet)
    tablet.locked()
    key = Key(tablet.page)
    page = post.invited(tablet, "first")
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("link", name="Go on to this tablet").click()
    begin(tablet)
    lock(tablet)
    shut(tablet)
    door(tablet, "Unlock").get_by_role("button", name="Unlock with a passkey").click()
    open_again(tablet)
    lock(tablet)
    shut(tablet)
    door(tablet, "Unlock").get_by_role("button", name="Someone else signs in").click()
    page.get_by_label("Your id").fill("second")
    for _ in range(2):  # the door looks at the server meanwhile, and must not turn back
        page.wait_for_event("response", lambda got: got.url.endswith("/api/session"))
    expect(page.get_by_label("Your id")).to_have_value("second")
    page.get_by_label("Password").fill(PASSWORD)
    house.forget_codes("second")
    page.get_by_label("Code", exact=True).fill(next_code(app))
    page.get_by_role("button", name="Sign in with a password").click()
    tablet.live()
    assert tablet.asked("const { drafts } = await load('drafts.js'); return drafts(state.here().db, state.here().keys)") == []  # fmt: skip
    assert BEGUN not in page.content()
    lock(tablet)
    tablet.locked()
    door(tablet, "Unlock").get_by_role("button", name="Someone else signs in").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    open_again(tablet)
    assert len(key.credentials()) == 1


def test_an_agencys_own_sign_in_comes_back_to_the_tablet(post: Post, hand: Hand) -> None:
    """Away from the app and back to it, to sign in and to unlock; refused, back to the tablet's own door."""
    house, tablet = post.house, post.tablet(hand, "Tablet 12")
    house.link("anna", "field", incident=post.log, rank="officer")
    page = door(tablet, "Sign in")
    page.get_by_role("button", name="County sign-in").click()
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("link", name="Back to signing in").click()
    tablet.locked()
    house.called("anna", post.issuer, "sub-anna")
    door(tablet, "Sign in").get_by_role("button", name="County sign-in").click()
    begin(tablet)
    lock(tablet)
    shut(tablet)
    door(tablet, "Unlock").get_by_role("button", name="County sign-in").click()
    open_again(tablet)


def test_signing_in_leads_to_pages_of_ours_and_to_no_other(post: Post, browser: Browser) -> None:
    """However an address is dressed: what the browser makes of it decides."""
    page = browser.new_page(ignore_https_errors=True)
    page.goto(f"{post.house.url}/sign-in")
    own = "(text) => import(document.querySelector('script[type=\"module\"]').src.replace(/sign_in.*/, 'sign_in/go.js')).then((one) => one.own(text))"
    for text in ("//evil.example", "/\\evil.example", "/\t/evil.example", "/\n//evil.example", "https://evil.example", "javascript:alert(1)", "", "evil"):  # fmt: skip
        assert page.evaluate(own, text) == "", text
    for text in ("/", "/field/", "/?incident=a&d=b#c", "/.//evil.example"):
        assert page.evaluate(own, text).startswith(f"{post.house.url}/"), text
    page.close()


def test_the_app_can_be_installed(post: Post, hand: Hand) -> None:
    """By the browser's own check: manifest, icons, address."""
    tablet = post.tablet(hand, "Tablet 13")
    expect(tablet.page.locator("[data-kept]")).to_be_attached(timeout=WAIT_MS)
    line = tablet.context.new_cdp_session(tablet.page)
    manifest: dict[str, Any] = line.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"] == f"{post.house.url}/field/app.webmanifest"
    assert line.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
