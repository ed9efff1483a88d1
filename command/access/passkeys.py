"""Passkeys: what a browser is asked for, and whether what it brings back is the proof (WebAuthn level 3). Pure.

The library parses and checks signatures; the questions of ours that it leaves open are here: user verification always,
a counter that may only grow, the host that a passkey belongs to, and that whatever is wrong looks the same from outside.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    options_to_json_dict,
    parse_authentication_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from command.access.credentials import Passkey

TIMEOUT_MS: Final = 300_000
"""As long as our challenge lives."""

CHALLENGE_BYTES: Final = 32

ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,  # Windows Hello on older machines
]

Wrong = Literal["unreadable", "unknown", "not verified", "counter", "owner"]

# Everything that the library and what lies below it raise for what a stranger sent.
_UNFIT = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)


class Made(msgspec.Struct, frozen=True):
    """A new passkey, verified."""

    id: bytes
    public_key: bytes
    counter: int


def host_of(origin: str) -> str | None:
    """The name that passkeys are made for at this origin, or None where it is a number: browsers refuse those."""
    name = urlsplit(origin).hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name or None
    return None


def creation(
    *, host: str, handle: bytes, person: str, name: str, challenge: bytes, known: Sequence[Passkey]
) -> dict[str, Any]:
    """Options for `navigator.credentials.create`: discoverable, user verification required, none twice."""
    options = webauthn.generate_registration_options(
        rp_id=host,
        rp_name="Muster",
        user_id=handle,
        user_name=person,
        user_display_name=name or person,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one.id) for one in known if one.rp_id == host],
        supported_pub_key_algs=ALGORITHMS,
    )
    return dict(options_to_json_dict(options))


def request(*, host: str, challenge: bytes) -> dict[str, Any]:
    """Options for `navigator.credentials.get`: whichever passkey of this host its owner picks; no names asked or told."""
    options = webauthn.generate_authentication_options(
        rp_id=host, challenge=challenge, timeout=TIMEOUT_MS, user_verification=UserVerificationRequirement.REQUIRED
    )
    return dict(options_to_json_dict(options))


def made(credential: Mapping[str, Any], *, challenge: bytes, host: str, origin: str) -> Made | None:
    """The new passkey in what `create` gave; None where anything about it is not as asked."""
    try:
        found = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except _UNFIT:
        return None
    return Made(found.credential_id, found.credential_public_key, found.sign_count)


def credential_id(credential: Mapping[str, Any]) -> bytes | None:
    """Which passkey an answer claims to be of."""
    try:
        return base64url_to_bytes(credential["id"])
    except _UNFIT:
        return None


def signed(
    credential: Mapping[str, Any], known: Passkey, *, challenge: bytes, host: str, origin: str, handle: bytes
) -> int | Wrong:
    """The new counter where `known` signed this challenge for this host with its user verified, else what is wrong.

    `handle` is the owner's: an answer that names another owner is none. A counter that does not grow is a copy of the
    authenticator (WebAuthn §6.1.1); authenticators that do not count say 0 always.
    """
    try:
        parsed = parse_authentication_credential_json(dict(credential))
        found = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=0,  # ours to compare: a copy is told apart from a bad signature
            require_user_verification=True,
        )
    except _UNFIT:
        return "not verified"
    named = parsed.response.user_handle
    if known.rp_id != host or (named is not None and not hmac.compare_digest(named, handle)):
        return "owner"
    if (found.new_sign_count or known.counter) and found.new_sign_count <= known.counter:
        return "counter"
    return found.new_sign_count
