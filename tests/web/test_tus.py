"""The words of tus 1.0, by themselves."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest

from command.errors import TooLarge, Unreadable, WrongChecksum, WrongVersion
from command.service.attachments import Wish
from command.uploads.kept import LARGEST
from command.web import tus

TOLD = {"attachment": "at-1", "subject": "s-1", "kind": "photo", "sha256": "0a" * 32}


def b64(text: str) -> str:
    """As a header writes it."""
    return base64.b64encode(text.encode()).decode()


def pairs(**more: str) -> str:
    """Upload-Metadata."""
    return ",".join(f"{name} {b64(value)}" for name, value in {**TOLD, **more}.items())


def test_an_announcement_is_read_whatever_else_a_client_says() -> None:
    """Keys of its own, keys without a value, blanks behind commas."""
    headers = {"Upload-Length": "10", "Upload-Metadata": f"{pairs(filename='Straße.jpg')}, private"}
    assert tus.wish(headers) == Wish("at-1", "s-1", "photo", "0a" * 32, 10)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, Unreadable),
        ({"Upload-Length": "10"}, Unreadable),
        ({"Upload-Length": "1e3", "Upload-Metadata": pairs()}, Unreadable),
        ({"Upload-Length": "0", "Upload-Metadata": pairs()}, Unreadable),
        ({"Upload-Length": str(LARGEST + 1), "Upload-Metadata": pairs()}, TooLarge),
        ({"Upload-Length": "10", "Upload-Defer-Length": "1", "Upload-Metadata": pairs()}, Unreadable),
        ({"Upload-Length": "10", "Upload-Metadata": pairs(sha256="0A" * 32)}, Unreadable),
        ({"Upload-Length": "10", "Upload-Metadata": pairs(kind="selfie")}, Unreadable),
        ({"Upload-Length": "10", "Upload-Metadata": pairs(attachment="../../etc")}, Unreadable),
        ({"Upload-Length": "10", "Upload-Metadata": "attachment \x00"}, Unreadable),
        ({"Upload-Length": "10", "Upload-Metadata": "attachment /w=="}, Unreadable),
        ({"Upload-Length": "10", "Upload-Metadata": "a" * 5000}, TooLarge),
    ],
)
def test_what_is_no_announcement_is_refused(headers: dict[str, str], kind: type[Exception]) -> None:
    """With the header that it is about."""
    with pytest.raises(kind) as raised:
        tus.wish(headers)
    assert getattr(raised.value, "where", "").startswith("Upload-")


def test_another_version_and_another_method_are_not_spoken() -> None:
    """412, and nothing behind the door's back."""
    tus.check_version({"Tus-Resumable": "1.0.0"})
    for given in ({}, {"Tus-Resumable": "1.0.1"}):
        with pytest.raises(WrongVersion):
            tus.check_version(given)
    with pytest.raises(Unreadable):
        tus.check_version({"Tus-Resumable": "1.0.0", "X-HTTP-Method-Override": "DELETE"})


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_a_checksum_is_checked_by_its_own_algorithm(name: str) -> None:
    """Of exactly these bytes."""
    digest = base64.b64encode(hashlib.new(name, b"abc").digest()).decode()
    found = tus.checksum({"Upload-Checksum": f"{name} {digest}"})
    assert found is not None
    found.check(b"abc")
    with pytest.raises(WrongChecksum):
        found.check(b"abd")
    assert tus.checksum({}) is None


@pytest.mark.parametrize(
    "text", ["", "md5 kAFQmDzST7DWlj99KOF/cg==", "sha1", "sha1 !", "sha256 kAFQmDzST7DWlj99KOF/cg=="]
)
def test_a_checksum_of_another_form_is_refused(text: str) -> None:
    """Rather than left unchecked."""
    with pytest.raises(Unreadable):
        tus.checksum({"Upload-Checksum": text})


def test_what_is_offered_is_what_is_checked() -> None:
    """The algorithms in the header are those that there are."""
    for name in tus.offers()["Tus-Checksum-Algorithm"].split(","):
        digest = base64.b64encode(hashlib.new(name, b"").digest()).decode()
        assert tus.checksum({"Upload-Checksum": f"{name} {digest}"}) is not None
    assert tus.http_date(datetime(2026, 5, 1, 12, tzinfo=UTC)) == "Fri, 01 May 2026 12:00:00 GMT"
