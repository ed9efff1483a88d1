"""Signed requests: one form, taken apart strictly, with the body held against its digest."""

from __future__ import annotations

import base64

import pytest

from command.devices import requests
from command.errors import NotSignedIn
from command.ledger.algorithms import is_signed
from tests.support.device_keys import ED25519, P256, DeviceKey

BODY = b'[{"cmd":"c-1"}]'
NONCE = "AAAA-_AA"
PATH = "/api/incidents/i-1/statements"


def signed(key: DeviceKey = ED25519, body: bytes = BODY) -> dict[str, str]:
    params = requests.params("d-1", key.alg, NONCE)
    text = requests.base("POST", "muster.local:8765", PATH, requests.content_digest(body), params)
    return requests.headers("d-1", key.alg, NONCE, key.sign(text), body)


def read(headers: dict[str, str], body: bytes = BODY) -> requests.Signed:
    return requests.read(headers["Signature-Input"], headers["Signature"], headers["Content-Digest"], body)


@pytest.mark.parametrize("key", [ED25519, P256], ids=lambda key: key.alg)
def test_what_a_client_writes_is_read_and_verifies(key: DeviceKey) -> None:
    """The base is made of what the headers say, and not of what anyone re-encodes."""
    found = read(signed(key))
    assert (found.device, found.alg, found.nonce) == ("d-1", key.alg, NONCE)
    text = requests.base("POST", "muster.local:8765", PATH, found.digest, found.params)
    assert is_signed(key.alg, key.public, text, found.signature)
    for other in (
        requests.base("PUT", "muster.local:8765", PATH, found.digest, found.params),
        requests.base("POST", "evil.local", PATH, found.digest, found.params),
        requests.base("POST", "muster.local:8765", PATH + "/x", found.digest, found.params),
    ):
        assert not is_signed(key.alg, key.public, other, found.signature)


def test_parameters_may_stand_in_any_order() -> None:
    """The signature covers their text as it came."""
    headers = signed()
    headers["Signature-Input"] = f'muster={requests.COVERED};nonce="{NONCE}";keyid="d-1";alg="ed25519"'
    assert read(headers).params == headers["Signature-Input"].removeprefix("muster=")


INPUT = f'muster={requests.COVERED};keyid="d-1";alg="ed25519";nonce="n"'


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"Signature-Input": ""}, "Signature-Input"),
        ({"Signature-Input": INPUT.replace("muster=", "other=")}, "Signature-Input"),
        ({"Signature-Input": INPUT.replace(' "content-digest"', "")}, "Signature-Input"),
        ({"Signature-Input": INPUT + ';nonce="m"'}, "Signature-Input"),
        ({"Signature-Input": INPUT + ';more="m"'}, "Signature-Input"),
        ({"Signature-Input": INPUT.replace(';nonce="n"', "")}, "Signature-Input"),
        ({"Signature-Input": INPUT.replace("ed25519", "hmac-sha256")}, "Signature-Input"),
        ({"Signature-Input": INPUT.replace("d-1", "d 1")}, "Signature-Input"),
        ({"Signature": ""}, "Signature"),
        ({"Signature": "muster=:AAAA:"}, "Signature"),
        ({"Content-Digest": ""}, "Content-Digest"),
        ({"Content-Digest": requests.content_digest(BODY + b" ")}, "Content-Digest"),
        ({"Content-Digest": "sha-512=" + requests.content_digest(BODY)[8:]}, "Content-Digest"),
    ],
)
def test_another_form_is_no_signature(changes: dict[str, str], where: str) -> None:
    """Named by its header, so that whoever writes a client sees what is wrong."""
    with pytest.raises(NotSignedIn) as caught:
        read({**signed(), **changes})
    assert caught.value.where == where


def test_another_body_is_not_the_one_that_was_signed() -> None:
    with pytest.raises(NotSignedIn) as caught:
        read(signed(), BODY + b" ")
    assert caught.value.where == "Content-Digest"


def test_the_digest_is_the_rfcs() -> None:
    """RFC 9530, appendix D: the sha-256 of this text."""
    text = b'{"hello": "world"}\n'
    assert requests.content_digest(text) == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    assert base64.b64decode(requests.content_digest(b"")[9:-1]).hex().startswith("e3b0c442")
