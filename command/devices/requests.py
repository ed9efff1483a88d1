"""A request that a device signed: HTTP Message Signatures (RFC 9421) with a digest of the body (RFC 9530). Pure.

One form of the many that the RFC allows: the method, the authority, the path and the body's digest are covered, and
`keyid`, `alg` and `nonce` are given, in any order. The nonce is a challenge of ours; what the device's clock says is
not looked at, for it may be a day off.

    Content-Digest: sha-256=:<base64>:
    Signature-Input: muster=("@method" "@authority" "@path" "content-digest");keyid="d-…";alg="ed25519";nonce="…"
    Signature: muster=:<base64 of 64 bytes>:
"""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256
from typing import Final

import msgspec

from command.errors import NotSignedIn
from command.ledger.algorithms import Algorithm

COVERED: Final = '("@method" "@authority" "@path" "content-digest")'

NAMES: Final[dict[str, Algorithm]] = {"ed25519": "ed25519", "ecdsa-p256-sha256": "es256"}
"""The RFC's names of the algorithms, and ours."""

_PARAMETER = r'(?:;[a-z]+="[A-Za-z0-9._:-]{1,200}")'
_INPUT = re.compile(rf"muster=({re.escape(COVERED)}({_PARAMETER}{{1,6}}))")
_PARAMETERS = re.compile(r';([a-z]+)="([^"]*)"')
_SIGNATURE = re.compile(r"muster=:([A-Za-z0-9+/]{86}==):")
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


class Signed(msgspec.Struct, frozen=True):
    """What a request says of its signature, not yet believed. `params` is the text that the signature covers."""

    device: str
    alg: Algorithm
    nonce: str
    params: str
    signature: bytes
    digest: str


def read(signature_input: str, signature: str, content_digest: str, body: bytes) -> Signed:
    """Take the three headers apart and hold the body against its digest. Raises NotSignedIn naming the header."""
    named = _INPUT.fullmatch(signature_input)
    if named is None:
        raise NotSignedIn("expected a request signed by an enrolled device", where="Signature-Input")
    pairs = _PARAMETERS.findall(named[2])
    given = dict(pairs)
    if len(given) != len(pairs) or set(given) != {"keyid", "alg", "nonce"} or given["alg"] not in NAMES:
        raise NotSignedIn("expected keyid, alg and nonce, each once, of a known algorithm", where="Signature-Input")
    proof = _SIGNATURE.fullmatch(signature)
    if proof is None:
        raise NotSignedIn("expected a signature of 64 bytes named muster", where="Signature")
    claimed = _DIGEST.fullmatch(content_digest)
    if claimed is None or _decode(claimed[1]) != sha256(body).digest():
        raise NotSignedIn("expected the sha-256 of the body", where="Content-Digest")
    return Signed(given["keyid"], NAMES[given["alg"]], given["nonce"], named[1], _decode(proof[1]), content_digest)


def base(method: str, authority: str, path: str, content_digest: str, params: str) -> bytes:
    """The bytes that are signed (RFC 9421 §2.5). `authority` is the Host header in lower case."""
    return (
        f'"@method": {method}\n"@authority": {authority}\n"@path": {path}\n'
        f'"content-digest": {content_digest}\n"@signature-params": {params}'
    ).encode()


def content_digest(body: bytes) -> str:
    """The header's value for a body."""
    return f"sha-256=:{base64.b64encode(sha256(body).digest()).decode()}:"


def params(device: str, alg: Algorithm, nonce: str) -> str:
    """What stands behind `muster=` in Signature-Input, as clients of ours write it."""
    name = next(name for name, ours in NAMES.items() if ours == alg)
    return f'{COVERED};keyid="{device}";alg="{name}";nonce="{nonce}"'


def headers(device: str, alg: Algorithm, nonce: str, signature: bytes, body: bytes) -> dict[str, str]:
    """The three headers of a signed request."""
    return {
        "Content-Digest": content_digest(body),
        "Signature-Input": f"muster={params(device, alg, nonce)}",
        "Signature": f"muster=:{base64.b64encode(signature).decode()}:",
    }


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
