"""A certificate authority for a closed network: one authority, one server, and no reach beyond the names it was made for.

Certificates and keys are made by `cryptography`; what is ours is what they say:

* The authority may sign server certificates only (its extended key usage), signs none below itself (path length 0),
  and only for the names and addresses it was made with (critical name constraints, RFC 5280 4.2.1.10). A stolen
  authority key can imitate this server to devices that trust it, and no bank.
* ECDSA on P-256: the one curve that every platform's trust store takes, FIPS providers included.
* A server certificate lasts 397 days, since Apple's and Google's clients refuse more than 398.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from command.errors import Misconfigured

AUTHORITY_FOR: Final = timedelta(days=5 * 365)
"""Tablets are set up again about that often; a shorter life would end in the middle of someone's day."""

SERVER_FOR: Final = timedelta(days=397)

RENEW_BEFORE: Final = timedelta(days=30)
"""From then on a server that has its authority's key renews by itself, and one that has not says so."""

SKEW: Final = timedelta(days=1)
"""Tablets whose clock is behind must not find the certificate in their future."""

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Pair(NamedTuple):
    """A certificate and its private key, both PEM. The key is not encrypted: a server must start by itself."""

    cert_pem: bytes
    key_pem: bytes


class Names(NamedTuple):
    """What a certificate is for, in the order given."""

    hosts: tuple[str, ...]
    addresses: tuple[Address, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """As they stand in URLs, names first."""
        return (*self.hosts, *(f"[{one}]" if one.version == 6 else str(one) for one in self.addresses))


def read_names(given: Iterable[str]) -> Names:
    """Host names and IP addresses. Raises Misconfigured for none, and for what is neither."""
    hosts: list[str] = []
    addresses: list[Address] = []
    for text in given:
        try:
            addresses.append(ipaddress.ip_address(text.strip("[]")))
        except ValueError:
            if not _NAME.fullmatch(text.lower()) or text.rsplit(".", 1)[-1].isdigit():
                raise Misconfigured(f"expected a host name or an IP address, got {text!a}", where="--host") from None
            hosts.append(text.lower())
    if not hosts and not addresses:
        raise Misconfigured("expected at least one host name or IP address", where="--host")
    return Names(tuple(dict.fromkeys(hosts)), tuple(dict.fromkeys(addresses)))


def read_networks(given: Iterable[str]) -> tuple[Network, ...]:
    """Networks in CIDR form within which the server may get another address. Raises Misconfigured."""
    found: list[Network] = []
    for text in given:
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError:
            raise Misconfigured(f"expected a network as 10.1.0.0/16, got {text!a}", where="--network") from None
    return tuple(found)


def make_authority(names: Names, networks: Sequence[Network], now: datetime) -> Pair:
    """An authority for these names (with their subdomains), addresses and networks, and for nothing else."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Muster authority of {names.all[0]}"[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now - SKEW + AUTHORITY_FOR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_constraints(names, networks), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _pair(certificate, key)


def make_server(authority: Pair, names: Names, now: datetime) -> Pair:
    """A server certificate for these names with a fresh key.

    Raises Misconfigured where the authority was not made for one of them, is over, or is not of this key.
    """
    issuer = x509.load_pem_x509_certificate(authority.cert_pem)
    signer = serialization.load_pem_private_key(authority.key_pem, None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey) or signer.public_key() != issuer.public_key():
        raise Misconfigured("expected the key of this authority")
    if now >= issuer.not_valid_after_utc:
        raise Misconfigured("expected an authority that is still valid: make a new one with muster tls init --again")
    _check_within(issuer, names)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names.all[0][:64])]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(min(now - SKEW + SERVER_FOR, issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName(
                [*(x509.DNSName(one) for one in names.hosts), *(x509.IPAddress(one) for one in names.addresses)]
            ),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return _pair(certificate, key)


def names_of(cert_pem: bytes) -> Names:
    """What the first certificate of a PEM text is for. Raises Misconfigured where it names nothing."""
    try:
        certificate = x509.load_pem_x509_certificate(cert_pem)
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        raise Misconfigured("expected a certificate in PEM that names its hosts") from None
    return Names(tuple(named.get_values_for_type(x509.DNSName)), _addresses(named))


def _addresses(named: x509.SubjectAlternativeName) -> tuple[Address, ...]:
    """The library's type speaks of networks too, which only constraints have."""
    found = named.get_values_for_type(x509.IPAddress)
    return tuple(one for one in found if isinstance(one, ipaddress.IPv4Address | ipaddress.IPv6Address))


def names_of_authority(cert_pem: bytes) -> tuple[str, ...]:
    """The names, addresses and networks that an authority of ours may vouch for."""
    certificate = x509.load_pem_x509_certificate(cert_pem)
    permitted = certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    return tuple(str(one.value).removesuffix("/32").removesuffix("/128") for one in permitted)


def not_after(cert_pem: bytes) -> datetime:
    """When the first certificate of a PEM text ends. Raises Misconfigured where it is none."""
    try:
        return x509.load_pem_x509_certificate(cert_pem).not_valid_after_utc
    except ValueError:
        raise Misconfigured("expected a certificate in PEM") from None


def der(cert_pem: bytes) -> bytes:
    """The certificate as most platforms' installers want it."""
    return x509.load_pem_x509_certificate(cert_pem).public_bytes(serialization.Encoding.DER)


def fingerprint(cert_pem: bytes) -> str:
    """SHA-256 over the certificate in sixteen groups of four digits, as people compare it and as platforms show it."""
    digest = x509.load_pem_x509_certificate(cert_pem).fingerprint(hashes.SHA256()).hex().upper()
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _constraints(names: Names, networks: Sequence[Network]) -> x509.NameConstraints:
    """A kind of name that is not permitted at all must be excluded by name: what is not mentioned is free."""
    permitted: list[x509.GeneralName] = [x509.DNSName(one) for one in names.hosts]
    permitted += [x509.IPAddress(ipaddress.ip_network(one)) for one in names.addresses]
    permitted += [x509.IPAddress(one) for one in networks]
    excluded: list[x509.GeneralName] = []
    if not names.addresses and not networks:
        excluded += [x509.IPAddress(ipaddress.ip_network(one)) for one in ("0.0.0.0/0", "::/0")]
    if not names.hosts:
        excluded.append(x509.DNSName(""))
    return x509.NameConstraints(permitted, excluded or None)


def _check_within(issuer: x509.Certificate, names: Names) -> None:
    permitted = issuer.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    hosts = [one.value for one in permitted if isinstance(one, x509.DNSName)]
    values = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
    networks = [one for one in values if isinstance(one, ipaddress.IPv4Network | ipaddress.IPv6Network)]
    beyond = [one for one in names.hosts if not any(one == base or one.endswith(f".{base}") for base in hosts)]
    beyond += [str(one) for one in names.addresses if not any(one in network for network in networks)]
    if beyond:
        raise Misconfigured(
            f"expected names that this authority was made for, got {', '.join(beyond)}: "
            "muster tls init --again makes a new one, to be installed on every device"
        )


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    return Pair(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
