"""The installer's page as text: nothing that it is given becomes markup."""

from __future__ import annotations

from datetime import UTC, datetime

from command.tls.authority import make_authority, read_names
from command.web import installer

AUTHORITY = make_authority(read_names(["muster.local"]), (), datetime(2026, 5, 1, tzinfo=UTC)).cert_pem


def test_what_it_is_given_stays_text() -> None:
    """Addresses and the nonce."""
    evil = '"><script>alert(1)</script>'
    page = installer.page(AUTHORITY, evil, evil, evil)
    assert b"<script>" not in page
    assert page.count(b"&lt;script&gt;") == 7


def test_until_when_and_for_what_stands_on_it() -> None:
    page = installer.page(AUTHORITY, "https://muster.local", "http://muster.local/install", "n").decode()
    assert "Good until 2031-04-" in page
    assert "only for muster.local." in page


def test_installing_the_same_profile_again_replaces_it() -> None:
    """Its ids are made of the certificate."""
    assert installer.mobileconfig(AUTHORITY) == installer.mobileconfig(AUTHORITY)
