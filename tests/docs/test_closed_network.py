"""docs/closed-network.md, tried as it is written: from an empty folder to ten tablets, a lost one, and the end of the day."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Page, expect, sync_playwright

from command.tls.files import Place, server_cert
from tests.docs.closed import NAME, Desk, Person, Wifi, enrolled, handed_in
from tests.support.node import free_port
from tests.support.tablet import Tablet

CHROMIUM, CERTUTIL = shutil.which("chromium"), shutil.which("certutil")
WAIT_MS = 40_000


pytestmark = pytest.mark.skipif(
    not CHROMIUM and not os.environ.get("CI"), reason="no Chromium here (apt-get install chromium)"
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The laptop, with nothing on it but the page's file."""
    desk = Desk(tmp_path, {"8765": str(free_port()), "8080": str(free_port())})
    yield desk
    desk.ctrl_c()


class Day:
    """What is carried from one step of the page to the next."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.links: dict[str, str] = {}
        self.codes: list[str] = []
        self.printed = self.log = self.recipient = ""
        self.https = desk.here(f"https://{NAME}:8765")

    def does(self, line: str, stop: str) -> bool:
        """Do one command of the page; false where it begins with `stop`, which is for the test to do."""
        if line.startswith(stop):
            return False
        if line.startswith("export "):
            assert line == "export MUSTER_CONFIG=$HOME/muster.toml"
        elif line == "muster serve":
            self.desk.serve()
            self.desk.said(rf"Muster is at ({re.escape(self.https)})")
        else:
            self._heard(line, self.desk.muster(line))
        return True

    def _heard(self, line: str, said: str) -> None:
        if line.startswith("muster user invite"):
            self.links[line.split()[3]] = re.search(r"https://\S+/link#\S+", said)[0]  # type: ignore[index]  # a page that does not say it fails here
        elif line.startswith("muster device invite"):
            self.codes.append(re.search(r"https://\S+/enrol#\S+", said)[0])  # type: ignore[index]  # a page that does not say it fails here
        elif line.startswith("muster incident open"):
            self.log = said.strip()
        elif line.startswith("muster tls"):
            self.printed += said

    def officer(self, name: str) -> str:
        """Another officer's link, by the page's own line."""
        (line,) = {one for one in self.desk.commands() if one.startswith("muster user invite finn")}
        self._heard(again := line.replace("finn", name), self.desk.muster(again))
        return self.links[name]

    async def installs(self) -> bytes:
        """Step 4 on a tablet: the page by plain http, the groups compared, the authority taken. Returns it (DER)."""
        address = self.desk.here(f"http://{NAME}:8080")
        assert f"{address}/install" in self.printed
        async with Wifi(address) as wifi:
            page = (await wifi.call("GET", "/install")).body.decode()
            authority = (await wifi.call("GET", "/install/muster-authority.crt")).body
        digits = hashlib.sha256(authority).hexdigest().upper()
        groups = [digits[at : at + 4] for at in range(0, 64, 4)]
        assert " ".join(groups) in page
        assert " ".join(groups) in re.sub(r"\n +", " ", self.printed)
        assert f'href="{self.https}/field/"' in page
        return authority


def test_the_page_from_the_box_to_the_end_of_the_day(desk: Desk) -> None:
    """Every command in its order; ten tablets bring a record each over a TLS that they trust for the page's reason alone."""
    day, lines = Day(desk), desk.commands()
    for line in lines:
        if not day.does(line, "muster tls show"):
            break
    code = desk.said(r"Set-up code[^:]*: (\S+)")
    day.printed += desk.muster("muster tls show")
    authority = asyncio.run(day.installs())
    for line in lines:
        if not day.does(line, "muster doctor"):
            break
    assert len(day.codes) == 10
    assert all(one.startswith(f"{day.https}/enrol#code=") for one in day.codes)
    assert all(one.endswith(f"&ca={hashlib.sha256(authority).hexdigest()}") for one in day.codes)

    tablets = asyncio.run(_in_the_field(day, authority, code))
    with _chromium(desk.home, authority) as page:
        _real_tablet(day, page)
    assert "fail" not in (said := desk.muster("muster doctor")), said
    assert desk.muster("muster device list").count("\tenrolled\t1\t0\t0") == 10

    lost = tablets[2]
    for line in lines:
        if line.startswith("muster device revoke"):
            desk.muster(f"muster device revoke {lost.id}")
            assert asyncio.run(_brings(day, authority, lost)) == "quarantined"
            assert re.search(rf"{lost.id}\t.*\trevoked ", desk.muster("muster device list"))
        elif line == "muster keys identity":
            day.recipient = re.search(r"muster-recipient-\S+", desk.muster(line))[0]  # type: ignore[index]  # a page that does not say it fails here
        elif line.startswith("muster backup"):
            desk.muster(line.replace("/media", str(desk.home)).replace("muster-recipient-…", day.recipient))
        else:
            day.does(line, "-")
    assert re.search(r"^ok\tbackup", desk.muster("muster doctor"), re.MULTILINE)
    desk.muster("muster tls renew")
    assert desk.ctrl_c() == 0


async def _in_the_field(day: Day, authority: bytes, code: str) -> list[Tablet]:
    """The administrator by the set-up code; nine officers at nine tablets, a record each."""
    async with Wifi(day.https, authority) as laptop:
        await Person(laptop, "root").comes(
            "/api/session/set-up", code=code, person="root", name="R. Root", agency="spd"
        )
    made = []
    for n, url in enumerate(day.codes[:9], 1):
        async with Wifi(day.https, authority, 1 + n) as wifi:
            officer = Person(wifi, f"finn-{n}")
            await officer.comes("/api/session", link=day.officer(officer.name).partition("#")[2])
            tablet = await enrolled(wifi, url.partition("code=")[2].partition("&")[0], officer)
            assert await handed_in(tablet, day.log, officer.name) == "accepted"
            made.append(tablet)
    return made


async def _brings(day: Day, authority: bytes, tablet: Tablet) -> str:
    async with Wifi(day.https, authority) as wifi:
        tablet.send = wifi.send
        return await handed_in(tablet, day.log, "finn-3")


@contextmanager
def _chromium(home: Path, authority: bytes) -> Iterator[Page]:
    """A real one that installed the authority as the installer's page says, and finds the name in the router's DNS."""
    assert CHROMIUM
    trusts = _installed(home, authority) if CERTUTIL else _pinned(home)
    with sync_playwright() as play:
        context = play.chromium.launch_persistent_context(
            str(home / "tablet"), executable_path=CHROMIUM, env={**os.environ, "HOME": str(home)},
            args=["--no-sandbox", *trusts, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"],
        )  # fmt: skip
        context.set_default_timeout(WAIT_MS)
        yield context.pages[0]
        context.close()


def _installed(home: Path, authority: bytes) -> list[str]:
    """The authority in the browser's own store."""
    (home / "authority.crt").write_bytes(authority)
    for store in (".pki/nssdb", ".local/share/pki/nssdb"):
        where = home / store
        where.mkdir(parents=True)
        for words in (
            ("-N", "--empty-password"),
            ("-A", "-t", "C,,", "-n", "Muster", "-i", str(home / "authority.crt")),
        ):
            subprocess.run([str(CERTUTIL), *words, "-d", f"sql:{where}"], check=True)
    return []


def _pinned(home: Path) -> list[str]:
    """Where there is no certutil (libnss3-tools): this one server key, named on the command line."""
    found = x509.load_pem_x509_certificate(server_cert(Place(home / "muster-data/tls")))
    key = found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return [f"--ignore-certificate-errors-spki-list={base64.b64encode(hashlib.sha256(key).digest()).decode()}"]


def _real_tablet(day: Day, page: Page) -> None:
    """The tenth: the installer's page, the code, an officer with a passkey of the host's name, a record, and offline after."""
    page.goto(day.desk.here(f"http://{NAME}:8080/install"))
    page.get_by_role("link", name=f"{day.https}/field/").click()
    expect(page.get_by_role("heading", name="Enrol this tablet")).to_be_visible(timeout=WAIT_MS)
    page.goto(day.codes[9])
    page.get_by_role("button", name="Enrol this tablet").click()
    expect(page.get_by_role("heading", name="Locked")).to_be_visible(timeout=WAIT_MS)

    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}  # fmt: skip
    key = line.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    page.goto(day.links["finn"])
    page.get_by_role("button", name="I have read this and go on").click()
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible(timeout=WAIT_MS)
    (made,) = line.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert made["rpId"] == NAME

    page.goto(f"{day.https}/field/")
    page.locator(".tile", has_text="Note").click()
    page.locator("textarea").first.fill("written on the tenth tablet")
    page.locator(".field-acts .button.strong").click()
    expect(page.locator("[data-state=accepted]")).to_be_visible(timeout=WAIT_MS)
    page.locator(".field-door", has_text="More").click()
    expect(page.get_by_text("Starts with no network.")).to_be_visible(timeout=WAIT_MS)
    page.context.set_offline(True)
    page.goto(f"{day.https}/field/")
    expect(page.locator(".line-warn")).to_contain_text("No network", timeout=WAIT_MS)
    page.context.set_offline(False)
