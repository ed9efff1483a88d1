"""The files of `muster tls`: who may read them, and that nothing is replaced by accident."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from command.errors import Misconfigured, NotFound
from command.tls import files
from command.tls.authority import names_of, not_after

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> files.Place:
    """An authority for one name."""
    found = files.place_of(tmp_path)
    files.init(found, ["muster.local"], [], NOW)
    return found


def test_keys_are_for_their_owner_alone(place: files.Place) -> None:
    """The folder and both files with a key in them; the authority's certificate is for everyone."""
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (place.root, *place.root.iterdir())}
    assert modes == {"tls": 0o700, "ca.pem": 0o644, "ca.key": 0o600, "server.pem": 0o600}


def test_an_authority_is_not_replaced_unless_asked(place: files.Place) -> None:
    """Every device would have to be set up again."""
    before = files.ca_cert(place)
    with pytest.raises(Misconfigured, match="no authority here yet"):
        files.init(place, ["muster.local"], [], NOW)
    assert files.ca_cert(place) == before
    files.init(place, ["other.local"], [], NOW, again=True)
    assert files.ca_cert(place) != before


def test_renewing_keeps_names_and_authority_and_takes_a_fresh_key(place: files.Place) -> None:
    before, authority, later = place.server.read_bytes(), files.ca_cert(place), NOW + timedelta(days=380)
    files.renew(place, later)
    assert files.ca_cert(place) == authority
    assert names_of(files.server_cert(place)).all == ("muster.local",)
    assert not_after(files.server_cert(place)) > later + timedelta(days=300)
    assert place.server.read_bytes().split(b"-----END PRIVATE KEY")[0] != before.split(b"-----END PRIVATE KEY")[0]
    assert stat.S_IMODE(place.server.stat().st_mode) == 0o600


def test_renewing_with_a_key_that_is_kept_elsewhere(place: files.Place, tmp_path: Path) -> None:
    """And other names, within what the authority was made for."""
    safe = tmp_path / "safe.key"
    place.ca_key.rename(safe)
    with pytest.raises(Misconfigured, match="authority's key to sign with"):
        files.renew(place, NOW)
    files.renew(place, NOW, ["tablets.muster.local"], safe)
    assert names_of(files.server_cert(place)).all == ("tablets.muster.local",)
    safe.write_text("no key")
    with pytest.raises(Misconfigured, match="private key in PEM"):
        files.renew(place, NOW, (), safe)


def test_before_it_was_made_it_is_not_there(tmp_path: Path) -> None:
    for ask in (files.ca_cert, files.server_cert, lambda place: files.renew(place, NOW)):
        with pytest.raises(NotFound, match="muster tls init"):
            ask(files.place_of(tmp_path))


def test_a_write_that_fails_leaves_the_old_file_and_no_part(
    place: files.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk in the middle of a renewal."""
    before = place.server.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("command.tls.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.renew(place, NOW)
    assert place.server.read_bytes() == before
    assert sorted(path.name for path in place.root.iterdir()) == ["ca.key", "ca.pem", "server.pem"]


def test_a_server_file_without_a_certificate_is_told(place: files.Place) -> None:
    place.server.write_text("nothing")
    with pytest.raises(Misconfigured, match="a certificate behind the key"):
        files.server_cert(place)
