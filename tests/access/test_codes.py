"""One-time codes by the RFC's own numbers, recovery codes, and the keys that hold them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from command.access.codes import (
    DRIFT,
    STEP_S,
    Keys,
    base32,
    new_code,
    new_totp_secret,
    plain_code,
    qr_svg,
    recovery_mac,
    totp_step,
    totp_uri,
)
from command.errors import Corrupt

SECRET = b"12345678901234567890"  # RFC 6238, appendix B
KEYS = Keys(b"k" * 32)

# The RFC prints eight digits; a code of six is their end.
VECTORS = [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
           (2000000000, "69279037"), (20000000000, "65353130")]  # fmt: skip


@pytest.mark.parametrize(("at", "digits"), VECTORS)
def test_codes_are_those_of_rfc_6238(at: int, digits: str) -> None:
    """SHA-1, as every app has it."""
    assert totp_step(SECRET, digits[-6:], datetime.fromtimestamp(at, UTC), 0) == at // STEP_S


def test_a_code_counts_one_step_either_side_and_after_the_last_one() -> None:
    """Spaces are forgiven; anything but six digits is no code."""
    at, code = 1111111111, "050471"
    step = at // STEP_S
    for shift in range(-3, 4):
        found = totp_step(SECRET, code, datetime.fromtimestamp(at + shift * STEP_S, UTC), 0)
        assert (found == step) is (abs(shift) <= DRIFT)
    now = datetime.fromtimestamp(at, UTC)
    assert totp_step(SECRET, "050 471", now, step - 1) == step
    assert totp_step(SECRET, code, now, step) is None
    for junk in ("", "05047", "0504711", "05047x", "٠٥٠٤٧١", code + "\0"):
        assert totp_step(SECRET, junk, now, 0) is None


def test_a_secret_opens_for_its_owner_and_under_its_key_only() -> None:
    """Moved to another account, or under another key, it is nothing."""
    box = KEYS.seal("anna", SECRET)
    assert SECRET not in box
    assert KEYS.open("anna", box) == SECRET
    for keys, person in ((KEYS, "ben"), (Keys(b"j" * 32), "anna")):
        with pytest.raises(Corrupt):
            keys.open(person, box)


def test_recovery_codes_are_long_random_and_kept_as_macs_of_their_owner() -> None:
    """Typed with or without marks, in either case."""
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    code = codes.pop()
    assert len(plain_code(code)) == 16
    mac = recovery_mac(KEYS, "anna", code)
    assert recovery_mac(KEYS, "anna", code.upper().replace("-", " ")) == mac
    assert len({mac, recovery_mac(KEYS, "ben", code), recovery_mac(Keys(b"j" * 32), "anna", code)}) == 3
    assert KEYS.mac("a", "b", "c") != KEYS.mac("a", "bc")


def test_the_offer_is_what_apps_read() -> None:
    """An otpauth address, and a QR code without script or style."""
    secret = new_totp_secret()
    assert len(secret) == 20
    uri = totp_uri(secret, "anna")
    assert uri.startswith("otpauth://totp/Muster:anna?secret=" + base32(secret))
    svg = qr_svg(uri)
    assert svg.startswith("<svg")
    assert "script" not in svg
    assert "style" not in svg
