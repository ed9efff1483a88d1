"""Statements: the signature, the binding of disclosures, and the server's receipt."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.domain import envelope
from command.errors import Unreadable
from command.ledger import disclosure, signing, statement
from tests.support import device_keys as keys

PRIVATE = bytes(range(32))
PUBLIC = signing.public_key_of(PRIVATE)
SALT = bytes(16)
ACCOUNT = disclosure.make(SALT, "account", "He sat down.")
INJURY = disclosure.make(SALT[::-1] + b"1", "injury", None)


def sealed(text: str) -> dict[str, str]:
    return {"sha256": disclosure.digest(text)}


def a_statement(command: Any) -> statement.Statement:
    return statement.Statement(
        v=1,
        alg="ed25519",
        log="0190-log",
        cmd="cmd-1",
        device="tablet-7",
        device_seq=3,
        author="officer-1",
        occurred_at=datetime(2016, 5, 1, 19, 4, tzinfo=UTC),
        signed_at=datetime(2016, 5, 1, 19, 5, tzinfo=UTC),
        clock_error_ms=250,
        basis_seq=41,
        command=msgspec.Raw(msgspec.json.encode(command)),
    )


REPORT = a_statement(
    {"type": "ReportForce", "account": sealed(ACCOUNT), "tool": "hands", "n": 2, "injury": sealed(INJURY)}
)


# Reading and signature -----------------------------------------------------------------


def test_a_statement_reads_back_from_its_signed_bytes() -> None:
    """And its signature is over those bytes."""
    signed = statement.encode(REPORT)
    statement.verify(PUBLIC, signed, signing.sign(PRIVATE, signed))
    assert statement.encode(statement.read(signed)) == signed


def test_the_bounds_of_a_statement_are_inside() -> None:
    """A device's first statement, a perfect clock and one a day out, an empty log and no basis at all."""
    for fields in ({"device_seq": 1, "clock_error_ms": 0, "basis_seq": 0}, {"clock_error_ms": 86_400_000}):
        assert statement.read(changed(**fields)).v == 1
    assert statement.read(changed(basis_seq=None)).basis_seq is None


def test_another_signature_is_unreadable_with_a_stable_code() -> None:
    """Another key, other bytes, or no signature at all."""
    signed = statement.encode(REPORT)
    signature = signing.sign(PRIVATE, signed)
    for key, message, given_signature in (
        (signing.public_key_of(bytes(32)), signed, signature),
        (PUBLIC, signed + b" ", signature),
        (PUBLIC, signed, b""),
        (b"", signed, signature),
    ):
        with pytest.raises(Unreadable) as caught:
            statement.verify(key, message, given_signature)
        assert (caught.value.code, caught.value.where) == ("unreadable", "signature")


def changed(**fields: Any) -> bytes:
    whole = {**msgspec.json.decode(statement.encode(REPORT)), **fields}
    return msgspec.json.encode({name: value for name, value in whole.items() if value is not ...})


@pytest.mark.parametrize(
    "signed",
    [
        b"",
        b"[]",
        pytest.param(b'{"command":' + b"[" * 20_000, id="nested"),
        changed(v=2),
        changed(extra=1),
        changed(cmd=...),
        changed(v=0),
        changed(device_seq=0),
        changed(device_seq=2**53),
        changed(alg="rs256"),
        changed(author=...),
        changed(author="no blanks allowed"),
        changed(signed_at=...),
        changed(clock_error_ms=-1),
        changed(clock_error_ms=86_400_001),
        changed(basis_seq=-1),
        changed(occurred_at="2016-05-01T19:04:00"),
        changed(log="no blanks allowed"),
        statement.encode(REPORT).replace(b'"v":1', b'"v":1,"v":1'),
        statement.encode(REPORT).replace(b'"n":2', b'"n":2,"n":3'),
    ],
)
def test_what_is_no_statement_is_unreadable(signed: bytes) -> None:
    """Unknown and missing fields, a local time, and bytes that two readers could read differently."""
    with pytest.raises(Unreadable) as caught:
        statement.read(signed)
    assert caught.value.where == "statement"


# Binding -------------------------------------------------------------------------------


def test_bind_puts_plain_values_in_place() -> None:
    """Private fields come from their disclosures, None among them; the rest is untouched."""
    bound = statement.bind(REPORT, [INJURY, ACCOUNT], private={"account", "injury", "resistance"})
    assert bound == b'{"type":"ReportForce","account":"He sat down.","tool":"hands","n":2,"injury":null}'


@given(st.dictionaries(st.text(min_size=1), st.none() | st.text(), max_size=6), st.booleans())
def test_binding_undoes_sealing(values: dict[str, Any], known: bool) -> None:
    """For any fields, in any order of disclosures."""
    made = {name: disclosure.make(SALT, name, value) for name, value in values.items()}
    signed = a_statement({name: sealed(text) for name, text in made.items()})
    bound = statement.bind(signed, list(reversed(made.values())), private=set(values) if known else None)
    assert msgspec.json.decode(bound) == values


@pytest.mark.parametrize(
    ("disclosures", "where"),
    [
        ([ACCOUNT], "injury"),
        ([], "account"),
        ([ACCOUNT, INJURY, INJURY], "disclosures"),
        ([ACCOUNT, INJURY, disclosure.make(SALT, "tool", "x")], "disclosures"),
        ([disclosure.make(SALT, "account", "He stood up."), INJURY], "account"),
        (["ö"], "base64url"),
    ],
)
def test_disclosures_and_commitments_must_pair_off(disclosures: list[str], where: str) -> None:
    """None missing, none twice, none left over, none of another value."""
    with pytest.raises(Unreadable) as caught:
        statement.bind(REPORT, disclosures)
    assert caught.value.where == where


def test_a_disclosure_cannot_serve_another_field() -> None:
    """Its path is part of what was committed to."""
    with pytest.raises(Unreadable, match="one for 'account'"):
        statement.bind(a_statement({"injury": sealed(ACCOUNT)}), [ACCOUNT])


def test_a_disclosure_cannot_serve_twice() -> None:
    """Two fields with one digest need two disclosures, which cannot be."""
    with pytest.raises(Unreadable, match="none that fits"):
        statement.bind(a_statement({"account": sealed(ACCOUNT), "injury": sealed(ACCOUNT)}), [ACCOUNT])


def test_a_private_value_in_plain_is_refused() -> None:
    """It would stay in the signed bytes for good, out of reach of any redaction."""
    with pytest.raises(Unreadable, match="expected a commitment in field 'account', got a plain value"):
        statement.bind(a_statement({"account": "He sat down."}), [], private={"account"})


def test_a_public_field_is_not_a_commitment() -> None:
    """What the plan is judged by must be readable in the log."""
    signed = a_statement({"account": sealed(ACCOUNT)})
    with pytest.raises(Unreadable, match="expected a plain value in field 'account', got a commitment"):
        statement.bind(signed, [ACCOUNT], private=())


@pytest.mark.parametrize("value", [{"sha256": 1}, {"sha256": "x", "len": 3}, {"sha1": "x"}, {}, ["sha256"], "sha256"])
def test_only_the_exact_form_is_opened(value: Any) -> None:
    """A blob's digest with its length, for one, is a public fact."""
    assert msgspec.json.decode(statement.bind(a_statement({"field": value}), [])) == {"field": value}


@pytest.mark.parametrize("command", [b"[]", b'"text"', pytest.param(b"[" * 20_000, id="nested")])
def test_a_command_is_an_object(command: bytes) -> None:
    """Said before any field is looked at."""
    with pytest.raises(Unreadable) as caught:
        statement.bind(msgspec.structs.replace(REPORT, command=msgspec.Raw(command)), [])
    assert caught.value.where == "command"


# The receipt ----------------------------------------------------------------------------


def header(signed: bytes, **fields: Any) -> bytes:
    carried = {"device": "tablet-7", "signed": base64.b64encode(signed).decode(), "signature": ""}
    whole = {"v": 1, "log": "0190-log", "cmd": "cmd-1", "body": {}, "statement": carried, **fields}
    return msgspec.json.encode(whole)


def test_a_header_binds_the_statement_it_carries() -> None:
    """Exactly these bytes, for this log, command and device."""
    signed = statement.encode(REPORT)
    assert statement.header_binds(header(signed), signed)


@pytest.mark.parametrize(
    "other",
    [
        b"",
        pytest.param(b"[" * 20_000, id="nested"),
        header(statement.encode(REPORT) + b" "),
        header(statement.encode(REPORT), log="another"),
        header(statement.encode(REPORT), cmd="another"),
        header(statement.encode(REPORT), statement=None),
        header(
            b"",
            statement={"device": "another", "signed": base64.b64encode(statement.encode(REPORT)).decode()},
        ),
    ],
)
def test_another_header_does_not_bind(other: bytes) -> None:
    """Neither other bytes, nor the same bytes under another name, nor none."""
    assert not statement.header_binds(other, statement.encode(REPORT))


def test_a_confidential_header_binds_by_its_commitments() -> None:
    """It may not lead to the device, so there is no statement in it: what was signed must be there, all of it."""
    signed = statement.encode(REPORT)
    body = {"account": sealed(ACCOUNT), "injury": sealed(INJURY), "more": 1}
    hidden: dict[str, Any] = {"statement": None, "confidential": {"person": {"sha256": "x"}}}
    assert statement.header_binds(header(signed, body=body, **hidden), signed)
    assert not statement.header_binds(header(signed, body={**body, "injury": sealed(ACCOUNT)}, **hidden), signed)
    assert not statement.header_binds(header(signed, body={"account": sealed(ACCOUNT)}, **hidden), signed)
    assert not statement.header_binds(header(signed, body=body, statement=None), signed), "not confidential"
    open_only = statement.encode(a_statement({"type": "ReportForce", "tool": "hands"}))
    assert not statement.header_binds(header(open_only, body={"tool": "hands"}, **hidden), open_only)
    assert not statement.header_binds(header(signed, body=[], **hidden), signed)


def test_a_statement_of_the_other_algorithm_verifies_by_it_alone() -> None:
    """As WebCrypto signs: P-256 with SHA-256, r and s side by side."""
    signed = statement.encode(msgspec.structs.replace(REPORT, alg="es256"))
    public, signature = keys.P256.public, keys.P256.sign(signed)
    statement.verify(public, signed, signature, "es256")
    for wrong in ("ed25519", "es256"):
        with pytest.raises(Unreadable):
            statement.verify(PUBLIC if wrong == "es256" else public, signed, signature, wrong)  # type: ignore[arg-type]  # both are algorithms


def test_the_domains_own_header_binds() -> None:
    """The header as the server writes it, with its own encoding of bytes."""
    signed = statement.encode(REPORT)
    signature = signing.sign(PRIVATE, signed)
    written = envelope.encode_header(
        envelope.Header(
            v=envelope.HEADER_VERSION,
            log=REPORT.log,
            epoch=1,
            seq=1,
            id="cmd-1.1",
            type="ForceReported",
            schema=1,
            occurred_at=REPORT.occurred_at,
            recorded_at=REPORT.occurred_at,
            actor=envelope.Actor(person="p1", agency="a1", device=REPORT.device),
            cmd=REPORT.cmd,
            body=msgspec.Raw(b"{}"),
            statement=envelope.Statement(device=REPORT.device, signed=signed, signature=signature),
        )
    )
    assert statement.header_binds(written, signed)
    assert not statement.header_binds(written, signed + b" ")


def test_bytes_that_are_no_statement_bind_to_nothing() -> None:
    """A client that signed something else gets no false receipt."""
    assert not statement.header_binds(header(b"{}"), b"{}")
