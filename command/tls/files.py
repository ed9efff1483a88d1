"""Where the authority and the server's certificate lie: `DATA/tls`, for the server's own account only.

`ca.pem` is for everyone, `ca.key` signs, `server.pem` holds the server's key and certificate in one file, so that
a renewal is one rename and no reader ever finds a key beside another key's certificate.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from command.errors import Misconfigured, NotFound
from command.tls.authority import Pair, make_authority, make_server, names_of, read_names, read_networks

CA_CERT: Final = "ca.pem"
CA_KEY: Final = "ca.key"
SERVER: Final = "server.pem"


class Place(NamedTuple):
    """The files of one data directory."""

    root: Path

    @property
    def ca_cert(self) -> Path:
        """The authority's certificate, which devices install."""
        return self.root / CA_CERT

    @property
    def ca_key(self) -> Path:
        """The authority's key. It may be kept elsewhere and brought only to renew."""
        return self.root / CA_KEY

    @property
    def server(self) -> Path:
        """The server's key and certificate."""
        return self.root / SERVER


def place_of(data: Path) -> Place:
    """The place within a data directory, whether or not anything is there."""
    return Place(data / "tls")


def init(place: Place, hosts: Iterable[str], networks: Iterable[str], now: datetime, *, again: bool = False) -> None:
    """Make an authority and a server certificate. Raises Misconfigured where there is one already, unless `again`."""
    names, within = read_names(hosts), read_networks(networks)
    if place.ca_cert.exists() and not again:
        raise Misconfigured(
            "expected no authority here yet: muster tls renew keeps it, --again replaces it, and then every device "
            "must install the new one",
            where=str(place.ca_cert),
        )
    authority = make_authority(names, within, now)
    server = make_server(authority, names, now)
    place.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    place.root.chmod(0o700)
    write(place.ca_key, authority.key_pem, 0o600)
    write(place.ca_cert, authority.cert_pem, 0o644)
    write(place.server, server.key_pem + server.cert_pem, 0o600)


def renew(place: Place, now: datetime, hosts: Iterable[str] = (), ca_key: Path | None = None) -> None:
    """A fresh key and certificate for the server, for the same names or for `hosts`.

    Raises Misconfigured where the authority's key is not here or does not fit, NotFound where nothing was made yet.
    """
    given = tuple(hosts)
    names = read_names(given) if given else names_of(server_cert(place))
    try:
        authority = Pair(ca_cert(place), (ca_key or place.ca_key).read_bytes())
    except OSError as exc:
        raise Misconfigured(
            f"expected the authority's key to sign with: {exc.strerror}", where=str(ca_key or place.ca_key)
        ) from None
    try:
        server = make_server(authority, names, now)
    except ValueError:
        raise Misconfigured("expected a private key in PEM", where=str(ca_key or place.ca_key)) from None
    write(place.server, server.key_pem + server.cert_pem, 0o600)


def ca_cert(place: Place) -> bytes:
    """The authority's certificate in PEM. Raises NotFound where none was made."""
    return _read(place.ca_cert)


def server_cert(place: Place) -> bytes:
    """The server's certificate in PEM, without its key. Raises NotFound where none was made."""
    raw = _read(place.server)
    start = raw.find(b"-----BEGIN CERTIFICATE-----")
    if start < 0:
        raise Misconfigured("expected a certificate behind the key", where=str(place.server))
    return raw[start:]


def write(path: Path, content: bytes, mode: int) -> None:
    """Put a file in place as a whole, readable as `mode` says from its first byte on, and durable."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound("expected what muster tls init makes", where=str(path)) from None
    except OSError as exc:
        raise Misconfigured(f"expected a readable file: {exc.strerror}", where=str(path)) from None
