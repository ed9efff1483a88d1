"""What our certificates say, and what a verifier makes of them."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from command.errors import Misconfigured
from command.tls import authority as ca

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
NAMES = ca.read_names(["muster.local", "10.1.2.3", "fd00::1"])
NETWORKS = ca.read_networks(["10.1.0.0/16"])


def made() -> tuple[ca.Pair, ca.Pair]:
    """An authority and its server."""
    own = ca.make_authority(NAMES, NETWORKS, NOW)
    return own, ca.make_server(own, NAMES, NOW)


def test_names_and_addresses_are_told_apart() -> None:
    """In the order given, each once, as URLs write them."""
    names = ca.read_names(["Muster.Local", "10.1.2.3", "[fd00::1]", "muster.local"])
    assert names.all == ("muster.local", "10.1.2.3", "[fd00::1]")


@pytest.mark.parametrize(
    "text", ["", "*", "*.local", "a b", "-a.local", "a..b", "http://a", "10.1.2.300", "a" * 64, "ü.de"]
)
def test_what_is_neither_is_told(text: str) -> None:
    with pytest.raises(Misconfigured, match="host name or an IP address"):
        ca.read_names([text])


def test_no_name_at_all_is_told() -> None:
    with pytest.raises(Misconfigured, match="at least one"):
        ca.read_names([])
    with pytest.raises(Misconfigured, match="a network as"):
        ca.read_networks(["10.1.0.1/16"])


def test_an_independent_verifier_takes_the_server_for_each_of_its_names() -> None:
    """`cryptography`'s verifier (RFC 5280 and the browsers' profile), which did not make the certificates."""
    own, server = made()
    trusted = Store([x509.load_pem_x509_certificate(own.cert_pem)])
    leaf = x509.load_pem_x509_certificate(server.cert_pem)
    builder = PolicyBuilder().store(trusted).time(NOW)
    for name in (x509.DNSName("muster.local"), x509.IPAddress(ipaddress.ip_address("10.1.2.3"))):
        assert builder.build_server_verifier(name).verify(leaf, [])
    with pytest.raises(VerificationError):
        builder.build_server_verifier(x509.DNSName("bank.example")).verify(leaf, [])


def test_lifetimes_are_what_platforms_take() -> None:
    """Under 398 days in all, begun a day ago for clocks that are behind; the authority about five years."""
    own, server = made()
    leaf, root = (x509.load_pem_x509_certificate(one.cert_pem) for one in (server, own))
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=398)
    assert leaf.not_valid_before_utc <= NOW - timedelta(hours=23)
    assert timedelta(days=4 * 365) < root.not_valid_after_utc - NOW < timedelta(days=6 * 365)
    assert ca.not_after(server.cert_pem) == leaf.not_valid_after_utc


def test_an_authority_is_for_servers_of_its_own_names_only() -> None:
    """Constraints and key usage are critical; it signs no authority below itself."""
    root = x509.load_pem_x509_certificate(made()[0].cert_pem)
    basic = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    usage = root.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert not usage.value.digital_signature
    names = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert names.critical
    assert ca.names_of_authority(made()[0].cert_pem) == ("muster.local", "10.1.2.3", "fd00::1", "10.1.0.0/16")
    assert list(root.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH
    ]


@pytest.mark.parametrize(
    ("given", "excluded"),
    [
        (["muster.local"], {"0.0.0.0/0", "::/0"}),
        (["10.1.2.3"], {""}),
        (["muster.local", "10.1.2.3"], set()),
    ],
)
def test_a_kind_of_name_that_it_is_not_for_is_excluded(given: list[str], excluded: set[str]) -> None:
    """Else an authority for a name could vouch for any address, as what is not mentioned is free."""
    root = x509.load_pem_x509_certificate(ca.make_authority(ca.read_names(given), (), NOW).cert_pem)
    found = root.extensions.get_extension_for_class(x509.NameConstraints).value.excluded_subtrees or []
    assert {str(one.value) for one in found} == excluded


@pytest.mark.parametrize(
    ("hosts", "taken"),
    [
        (["muster.local"], True),
        (["tablets.muster.local"], True),
        (["10.1.200.4"], True),
        (["notmuster.local"], False),
        (["bank.example"], False),
        (["10.2.0.1"], False),
        (["muster.local", "bank.example"], False),
    ],
)
def test_it_signs_within_its_names_and_networks(hosts: list[str], taken: bool) -> None:
    """Subdomains and addresses of the network, and nothing else."""
    own = ca.make_authority(NAMES, NETWORKS, NOW)
    if taken:
        assert ca.names_of(ca.make_server(own, ca.read_names(hosts), NOW).cert_pem).all == tuple(hosts)
        return
    with pytest.raises(Misconfigured, match="names that this authority was made for"):
        ca.make_server(own, ca.read_names(hosts), NOW)


def test_a_name_beyond_the_constraints_is_refused_by_a_verifier_too() -> None:
    """Whoever steals the key and signs for a bank is not believed."""
    own, _ = made()
    root = x509.load_pem_x509_certificate(own.cert_pem)
    wide = ca.Pair(ca.make_authority(ca.read_names(["bank.example"]), (), NOW).cert_pem, own.key_pem)
    with pytest.raises(Misconfigured, match="key of this authority"):
        ca.make_server(wide, ca.read_names(["bank.example"]), NOW)
    forged = _forged(own)
    with pytest.raises(VerificationError):
        PolicyBuilder().store(Store([root])).time(NOW).build_server_verifier(x509.DNSName("bank.example")).verify(
            forged, []
        )


def _forged(own: ca.Pair) -> x509.Certificate:
    original, ca._check_within = ca._check_within, lambda issuer, names: None
    try:
        return x509.load_pem_x509_certificate(ca.make_server(own, ca.read_names(["bank.example"]), NOW).cert_pem)
    finally:
        ca._check_within = original


def test_an_authority_that_is_over_signs_nothing_and_nothing_outlives_it() -> None:
    own, _ = made()
    end = ca.not_after(own.cert_pem)
    late = ca.make_server(own, NAMES, end - timedelta(days=2))
    assert ca.not_after(late.cert_pem) == end
    with pytest.raises(Misconfigured, match="still valid"):
        ca.make_server(own, NAMES, end)


def test_the_fingerprint_is_the_one_that_openssl_shows_in_groups() -> None:
    own, _ = made()
    shown = ca.fingerprint(own.cert_pem)
    assert re.fullmatch(r"([0-9A-F]{4} ){15}[0-9A-F]{4}", shown)
    assert shown.replace(" ", "").lower() == hashlib.sha256(ca.der(own.cert_pem)).hexdigest()


@pytest.mark.parametrize("raw", [b"", b"-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_told(raw: bytes) -> None:
    with pytest.raises(Misconfigured):
        ca.names_of(raw)
    with pytest.raises(Misconfigured):
        ca.not_after(raw)
