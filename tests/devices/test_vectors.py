"""The vectors that devices in other languages are held to are what this code says, and it passes them itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from command.devices import requests
from command.errors import Unreadable
from command.ledger import disclosure, statement
from command.ledger.algorithms import is_signed
from command.ledger.disclosure import decode_bytes
from tests.data import make_statements

FILE = Path(__file__).resolve().parents[1] / "data" / "statements.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text("utf-8"))


def test_the_file_is_the_generators() -> None:
    """Made again it is the same, byte for byte."""
    assert FILE.read_text("utf-8") == make_statements.text()


@pytest.mark.parametrize("one", VECTORS["statements"], ids=lambda one: str(one["alg"]))
def test_statements_verify_bind_and_are_receipted(one: dict[str, Any]) -> None:
    signed = decode_bytes(one["signed"])
    assert signed.decode() == one["signed_utf8"]
    statement.verify(decode_bytes(one["public_key"]), signed, decode_bytes(one["signature"]), one["alg"])
    for text in one["disclosures"]:
        assert disclosure.digest(text["text"]) == text["digest"]
        assert disclosure.read(text["text"]) == (decode_bytes(text["salt"]), text["path"], text["value"])
    texts = [text["text"] for text in one["disclosures"]]
    assert json.loads(statement.bind(statement.read(signed), texts)) == one["command"]
    for receipt in one["receipts"]:
        assert statement.header_binds(decode_bytes(receipt["header"]), signed) is receipt["binds"], receipt["name"]


@pytest.mark.parametrize("one", VECTORS["refused"], ids=lambda one: f"{one['alg']} {one['name']}")
def test_what_is_refused_is(one: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        statement.verify(
            decode_bytes(one["public_key"]), decode_bytes(one["signed"]), decode_bytes(one["signature"]), one["alg"]
        )


@pytest.mark.parametrize("one", VECTORS["requests"], ids=lambda one: str(one["alg"]))
def test_requests_read_and_verify(one: dict[str, Any]) -> None:
    given = one["headers"]
    found = requests.read(given["Signature-Input"], given["Signature"], given["Content-Digest"], one["body"].encode())
    text = requests.base(one["method"], one["authority"], one["path"], found.digest, found.params)
    assert text.decode() == one["base"]
    assert is_signed(found.alg, decode_bytes(one["public_key"]), text, found.signature)


@pytest.mark.parametrize("one", VECTORS["proofs"], ids=lambda one: f"{one['alg']} {one['of']}")
def test_proofs_verify(one: dict[str, Any]) -> None:
    text = one["text"].encode()
    assert is_signed(one["alg"], decode_bytes(one["public_key"]), text, decode_bytes(one["signature"]))
