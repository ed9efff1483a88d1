"""`muster tls` and `muster serve --tls` as people run them, and a real Chromium that trusts what it was told to."""

from __future__ import annotations

import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from playwright.sync_api import sync_playwright

from command.tls import files
from command.tls.authority import fingerprint
from tests.cli.program import WAIT_S, muster, serving
from tests.support.node import free_port

CHROMIUM = shutil.which("chromium")
CERTUTIL = shutil.which("certutil")


class Up:
    """A server with TLS of its own."""

    def __init__(self, data: Path, url: str, http_port: int) -> None:
        self.data, self.url, self.http = data, url, f"http://localhost:{http_port}"
        self.place = files.place_of(data)
        self.trusting = ssl.create_default_context(cafile=str(self.place.ca_cert))

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Over TLS, trusting our authority alone."""
        with urllib.request.urlopen(self.url + path, timeout=60, context=self.trusting) as got:
            return got.status, dict(got.headers), got.read()


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """`muster tls init localhost`, then `muster serve --tls`."""
    data = tmp_path_factory.mktemp("tls")
    said = muster("tls", "init", "localhost", "127.0.0.1", data=data)
    assert "muster serve --tls" in said
    port = free_port()
    with serving(data, "--tls", "--http-port", str(port)) as url:
        yield Up(data, url, port)


def test_the_server_is_at_the_names_of_its_certificate(up: Up) -> None:
    """And its pages say that from now on it is only asked over TLS."""
    assert re.fullmatch(r"https://localhost:\d+", up.url)
    status, headers, _ = up.get("/")
    assert status == 200
    assert headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "wss://localhost" in headers["Content-Security-Policy"]


def test_show_says_what_devices_compare(up: Up) -> None:
    """The same groups as on the installer's page."""
    said = muster("tls", "show", data=up.data)
    wanted = fingerprint(files.ca_cert(up.place))
    assert wanted in re.sub(r"\n +", " ", said)
    with urllib.request.urlopen(up.http + "/install", timeout=60) as page:
        assert wanted.encode() in page.read()


def test_plain_http_leads_pages_on_and_refuses_the_interface(up: Up) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args: object, **_more: object) -> None:
            return None

    opener = urllib.request.build_opener(Stay)
    for path, status in (("/", 308), ("/api/me", 403)):
        with pytest.raises(urllib.error.HTTPError) as told:
            opener.open(up.http + path, timeout=60)
        with told.value as answer:
            assert answer.code == status
            assert answer.headers.get("Location") == (f"{up.url}/" if status == 308 else None)


def test_a_renewed_certificate_is_shown_after_sighup(tmp_path: Path) -> None:
    """The process stays; whoever asks next sees the new one."""
    muster("tls", "init", "localhost", data=tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "command", "serve", "--data", str(tmp_path), "--port", "0", "--tls", "--log-format", "json"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        port = next(
            int(found.group(1)) for line in process.stderr if (found := re.search(r"https://localhost:(\d+) ", line))
        )
        before = ssl.get_server_certificate(("localhost", port))
        muster("tls", "renew", data=tmp_path)
        process.send_signal(signal.SIGHUP)
        assert any("certificate read" in line for line in process.stderr)
        after = ssl.get_server_certificate(("localhost", port))
        assert after != before
        on_disk = x509.load_pem_x509_certificate(files.server_cert(files.place_of(tmp_path)))
        assert x509.load_pem_x509_certificate(after.encode()) == on_disk
    finally:
        process.terminate()
        process.communicate(timeout=WAIT_S)
    assert process.returncode == 0


def test_without_init_it_is_said_what_to_do(tmp_path: Path) -> None:
    said = muster("serve", "--tls", data=tmp_path, fails=1)
    assert "muster tls init" in said


SECURE = """async () => {
    const registered = await navigator.serviceWorker.register("/no-such-worker.js").catch((error) => error.name);
    const random = await crypto.subtle.digest("SHA-256", new Uint8Array(1));
    return {
        secure: isSecureContext, worker: registered, subtle: random.byteLength, passkeys: typeof PublicKeyCredential,
        isolated: crossOriginIsolated,
    };
}"""


@pytest.mark.skipif(CHROMIUM is None or CERTUTIL is None, reason="needs Chromium and certutil (libnss3-tools)")
def test_a_chromium_that_installed_the_authority_trusts_the_server(up: Up, tmp_path: Path) -> None:
    """As the installer says for Linux: a secure context, where service workers and passkeys are to be had.

    Its trust store has nothing but our authority; a second browser without it refuses the same page.
    """
    assert CERTUTIL is not None
    home = tmp_path / "home"
    for store in (".pki/nssdb", ".local/share/pki/nssdb"):
        where = home / store
        where.mkdir(parents=True)
        database = f"sql:{where}"
        subprocess.run([CERTUTIL, "-N", "-d", database, "--empty-password"], check=True)
        subprocess.run(
            [CERTUTIL, "-A", "-d", database, "-t", "C,,", "-n", "Muster", "-i", str(up.place.ca_cert)], check=True
        )
    with sync_playwright() as play:
        for trusting in (False, True):
            browser = play.chromium.launch(
                executable_path=CHROMIUM, args=["--no-sandbox"],
                env={**os.environ, "HOME": str(home if trusting else tmp_path)},
            )  # fmt: skip
            page = browser.new_page()
            if trusting:
                page.goto(f"{up.url}/link")
                found = page.evaluate(SECURE)
                # A worker that does not exist is refused for that reason (TypeError) and not for the certificate's
                # or the context's sake (SecurityError).
                assert found == {
                    "secure": True, "worker": "TypeError", "subtle": 32, "passkeys": "function", "isolated": True,
                }  # fmt: skip
            else:
                with pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
                    page.goto(up.url)
            browser.close()
