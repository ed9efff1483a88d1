"""A server that is no exercise, and people at it: with a virtual authenticator, or with a password and codes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pyotp
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from command.access.audit import entry
from command.access.credentials import Passkey
from command.access.enrolment import new_set_up_code
from command.access.model import Role
from command.tls import files
from tests.e2e.real.conftest import Screens
from tests.e2e.real.house import House, now
from tests.support.node import free_port
from tests.web.test_oidc_provider import SCRIPT

PASSWORD = "four horses over the river 9"
WAIT_MS = 60_000
SHOTS = os.environ.get("MUSTER_SHOTS", "")


class Guarded(House):
    """Nothing but credentials signs in here."""

    def __init__(self, data: Path, **settings: object) -> None:
        super().__init__(data, **{"exercise": False, **settings})  # type: ignore[arg-type]  # `port` is one of them

    def set_up_code(self) -> str:
        """What `muster serve` prints at its first start."""
        return self.wait(new_set_up_code(self.node.sign_in.store, self.node.sign_in.keys, now()))

    def administered(self) -> None:
        """Let there be an administrator who can sign in, as there is after the first run."""
        self.link("root", "administrator")
        key = Passkey(b"root", "root", b"", 0, "localhost", "of root", now())
        row = entry(None, "credential.add", "root", "ok", now(), source="cli")
        assert self.wait(self.node.backend.credentials.add_passkey(key, None, row))

    def grow_old(self, person: str) -> None:
        """Let the proof of all of someone's sessions be an hour old."""
        self.wait(
            self._sql("update sessions set verified_at = $2 where person = $1", person, now() - timedelta(hours=1))
        )

    def end_shift(self, person: str) -> None:
        """Let twelve hours have passed since someone signed in."""
        self.wait(self._sql("update sessions set absolute_until = $2 where person = $1", person, now()))

    def called(self, person: str, issuer: str, subject: str) -> None:
        """What a provider calls someone, as an administrator has entered it."""
        row = entry(None, "user.identify", person, "ok", now(), source="cli")
        self.wait(self.node.sign_in.store.identify(issuer, subject, person, now(), row))

    def shut(self, person: str, source: str) -> None:
        """Let five wrong tries have shut someone's password at an address."""
        self.wait(self._sql("insert into locks (key, source, since) values ($1, $2, now())", person, source))

    def forget_codes(self, person: str) -> None:
        """Let someone's codes of these minutes be unused again, as they are an hour after a sign-in."""
        self.wait(self._sql("update passwords set last_step = 0 where person = $1", person))


@contextmanager
def at_county(installed: Path, home: Path, *, tls: bool = False) -> Iterator[tuple[Guarded, str]]:
    """A server whose people may sign in at a real provider that runs beside it (as `sub-anna`), and the provider's address."""
    port = free_port()
    command = ["node", SCRIPT.name, f"http{'s' if tls else ''}://localhost:{port}/oidc"]
    with subprocess.Popen(command, cwd=installed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        issuer = f"http://127.0.0.1:{int(process.stdout.readline())}"
        home.mkdir(exist_ok=True)
        providers = home / "oidc.toml"
        providers.write_text(
            f'[[provider]]\nid = "county"\nname = "County sign-in"\nissuer = "{issuer}"\nclient_id = "muster"\n'
            'client_secret = "s3cret-s3cret-s3cret-s3cret"\nacr = ["urn:mfa"]\n'
        )
        if tls:
            files.init(files.place_of(home / "data"), ["localhost"], [], now())
        house = Guarded(home / "data", port=port, oidc=str(providers), tls=tls)
        house.start()
        house.administered()
        yield house, issuer
        house.close()
        process.terminate()


class Key:
    """A virtual authenticator of a page's target: a platform one that verifies its user."""

    def __init__(self, page: Page) -> None:
        self._line: CDPSession = page.context.new_cdp_session(page)
        self._line.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
        self._id = self._line.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def credentials(self) -> list[dict[str, object]]:
        """What it holds, private keys included: how a thief would copy it."""
        found: list[dict[str, object]] = self._line.send("WebAuthn.getCredentials", {"authenticatorId": self._id})["credentials"]  # fmt: skip
        return found

    def put(self, credential: dict[str, object]) -> None:
        """Give it a copy."""
        self._line.send("WebAuthn.addCredential", {"authenticatorId": self._id, "credential": credential})

    def clear(self) -> None:
        """It loses all it holds."""
        self._line.send("WebAuthn.clearCredentials", {"authenticatorId": self._id})

    def verifies(self, verified: bool) -> None:
        """Whether its user is recognized from now on."""
        self._line.send("WebAuthn.setUserVerified", {"authenticatorId": self._id, "isUserVerified": verified})


class Desk:
    """One browser that people share, with its tabs' common cookies and its own storage."""

    def __init__(self, screens: Screens, house: Guarded, *, offers: bool = False, **options: object) -> None:
        screens.tolerated += [r"400", r"401", r"403", r"WebSocket"]
        self.house = house
        self.context: BrowserContext = screens.profile(house.url, **options)
        if not offers:  # a virtual authenticator picks by itself what a person would pick from the name's field
            self.context.add_init_script(
                "if (globalThis.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false"
            )
        self.page = self.context.new_page()

    def go(self, path: str = "/") -> Page:
        """Open one of our pages."""
        self.page.goto(f"{self.house.url}{path}")
        return self.page

    def acknowledge(self) -> None:
        """Read the notice."""
        self.page.get_by_role("button", name="I have read this and go on").click()

    def invited(self, person: str, role: Role, **more: str) -> None:
        """Open an invitation's link, up to the choice of a credential."""
        self.page.goto(self.house.link(person, role, **more))
        self.acknowledge()
        expect(self.page.get_by_role("heading", name="choose how you will sign in")).to_be_visible(timeout=WAIT_MS)

    def make_passkey(self) -> None:
        """On this device."""
        self.page.get_by_role("button", name="Make a passkey").click()

    def make_password(self, password: str = PASSWORD) -> pyotp.TOTP:
        """With an app that scanned the secret; the recovery codes are put away."""
        page = self.page
        way = page.locator(".way", has_text="Password and codes")
        if way.count():
            way.click()
        secret = (page.locator(".secret code").text_content() or "").replace(" ", "")
        app = pyotp.TOTP(secret)
        page.get_by_label("New password").fill(password)
        page.get_by_label("The same again").fill(password)
        page.get_by_label("Code that the app shows now").fill(app.now())
        page.get_by_role("button", name="Keep password and codes").click()
        expect(page.locator(".codes li")).to_have_count(10, timeout=WAIT_MS)
        return app

    def kept(self) -> list[str]:
        """Read the recovery codes, and go on."""
        codes = self.page.locator(".codes code").all_text_contents()
        self.page.get_by_label("I have kept them").check()
        self.page.get_by_role("button", name="Go on", exact=True).click()
        return codes

    def shot(self, name: str) -> None:
        """A picture for whoever looks, where MUSTER_SHOTS names a folder."""
        if SHOTS:
            self.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def next_code(app: pyotp.TOTP) -> str:
    """A code of the next step: each step counts once, and one step of drift is allowed."""
    return app.at(now() + timedelta(seconds=30))
