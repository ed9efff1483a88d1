"""Statements checked without a server: each way to bend one, its keys or its moment is found and named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from command.ledger import merkle, statement
from command.ledger.signers import REVOKED_WITHIN, DeviceKey, PersonKey, Signers, Statements, carried
from command.ledger.verify import LogVerifier
from tests.ledger.test_verify import LOG, row
from tests.support import device_keys as keys

DEVICE, OFFICER = "d-1", "officer-1"
SIGNED_AT = datetime(2016, 5, 1, 19, 0, tzinfo=UTC)
ENROLLED_AT = SIGNED_AT - timedelta(hours=1)
OWN = keys.fresh()
KEY = DeviceKey(DEVICE, "spd", "es256", keys.P256.public, ENROLLED_AT)
OF_OFFICER = PersonKey(DEVICE, OFFICER, OWN.alg, OWN.public, ENROLLED_AT)


def signed_text(**changes: Any) -> bytes:
    made = statement.Statement(
        v=1, alg="es256", log=LOG, cmd="c1", device=DEVICE, device_seq=1, author=OFFICER, occurred_at=SIGNED_AT,
        signed_at=SIGNED_AT, clock_error_ms=200, basis_seq=None, command=msgspec.Raw(b'{"type":"RecordEntry"}'),
    )  # fmt: skip
    return statement.encode(msgspec.structs.replace(made, **changes))


def header(
    signed: bytes | None = None, *, by: keys.DeviceKey = keys.P256, own: keys.DeviceKey | None = None,
    proof: str = "session", at: datetime = SIGNED_AT, **more: Any,
) -> bytes:  # fmt: skip
    """An event that carries a statement. `more` goes into the header."""
    signed = signed_text() if signed is None else signed
    kept: dict[str, Any] = {"device": DEVICE, "signed": signed, "signature": by.sign(signed), "proof": proof}
    if own is not None:
        kept["author_signature"] = own.sign(signed)
    facts = {"cmd": "c1", "actor": {"person": OFFICER, "agency": "spd", "device": DEVICE}, "statement": kept}
    return row(1, recorded_at=at.isoformat(), **{**facts, **more}).header


def kinds(raw: bytes, *given: DeviceKey | PersonKey) -> list[str]:
    return [kind for kind, _ in Signers(given or (KEY,)).check(raw)]


@pytest.mark.parametrize("key", [keys.P256, keys.ED25519])
def test_a_statement_that_its_device_signed_holds(key: keys.DeviceKey) -> None:
    """By either algorithm."""
    raw = header(signed_text(alg=key.alg), by=key)
    assert kinds(raw, DeviceKey(DEVICE, "spd", key.alg, key.public, ENROLLED_AT)) == []


def test_a_tampered_statement_is_found() -> None:
    """One byte of what was signed, and nothing else."""
    bent = msgspec.json.decode(header())
    text = signed_text(signed_at=SIGNED_AT + timedelta(seconds=1))
    bent["statement"]["signed"] = msgspec.json.decode(msgspec.json.encode(text))
    assert kinds(msgspec.json.encode(bent)) == ["signature"]


def test_an_exchanged_key_is_found_and_the_device_named() -> None:
    """Another key under the device's name signs nothing of what the device signed."""
    other = msgspec.structs.replace(KEY, public_key=keys.fresh().public)
    ((kind, says),) = Signers([other]).check(header())
    assert kind == "signature" and DEVICE in says


@pytest.mark.parametrize("given", [(OF_OFFICER,), (KEY, msgspec.structs.replace(KEY, public_key=keys.fresh().public))])
def test_no_key_and_two_keys_are_no_key(given: tuple[DeviceKey | PersonKey, ...]) -> None:
    """Whoever shows a log cannot leave a key out, nor offer a choice."""
    assert kinds(header(), *given) == ["device key"]


def test_a_key_that_is_none_is_found() -> None:
    """A point that is not on the curve signs nothing."""
    assert "device key" in kinds(header(), msgspec.structs.replace(KEY, public_key=b"\4" + bytes(64)))


def test_the_same_key_twice_is_one() -> None:
    """Exports may be joined."""
    assert kinds(header(), KEY, KEY) == []


def test_after_its_revocation_a_device_says_nothing_that_nobody_let_in() -> None:
    """Late by more than a revocation takes; before it, and let in by a person, it holds."""
    revoked = msgspec.structs.replace(KEY, revoked_at=SIGNED_AT - REVOKED_WITHIN)
    late = SIGNED_AT + timedelta(milliseconds=1)
    assert kinds(header(at=late), revoked) == ["revoked"]
    assert kinds(header(at=SIGNED_AT), revoked) == []
    assert kinds(header(at=late, proof="released"), revoked) == []


def test_an_exercise_counts_by_the_wall() -> None:
    """Its own clock may be years away from the revocation."""
    revoked = msgspec.structs.replace(KEY, revoked_at=SIGNED_AT)
    wall = (SIGNED_AT + timedelta(hours=1)).isoformat()
    assert kinds(header(at=SIGNED_AT - timedelta(days=900), wall_at=wall), revoked) == ["revoked"]


def test_what_was_signed_before_the_enrolment_is_found() -> None:
    """To within the clock's error; and not where a person let it in."""
    late = msgspec.structs.replace(KEY, enrolled_at=SIGNED_AT + timedelta(milliseconds=201))
    assert kinds(header(), late) == ["enrolment"]
    assert kinds(header(proof="released"), late) == []
    assert kinds(header(), msgspec.structs.replace(KEY, enrolled_at=SIGNED_AT + timedelta(milliseconds=200))) == []


@pytest.mark.parametrize(
    "changes", [{"log": "0190-other"}, {"cmd": "c2"}, {"device": "d-2"}, {"author": "officer-2"}], ids=lambda c: next(iter(c))
)  # fmt: skip
def test_a_statement_of_something_else_is_found(changes: dict[str, str]) -> None:
    """Moved under another event's header, it still verifies as a signature and is not this event's."""
    assert kinds(header(signed_text(**changes))) == ["statement"]


def test_a_statement_that_cannot_be_read_is_found() -> None:
    """Also one that says two things."""
    assert kinds(header(b"{}")) == ["statement"]
    twice = signed_text().replace(b'"v":1', b'"v":1,"v":1')
    assert kinds(header(twice)) == ["statement"]


def test_the_authors_own_signature_is_checked_with_their_own_key() -> None:
    """Missing, another's or of no key known: found; theirs: holds."""
    assert kinds(header(proof="key", own=OWN), KEY, OF_OFFICER) == []
    assert kinds(header(proof="key"), KEY, OF_OFFICER) == ["author"]
    assert kinds(header(proof="key", own=keys.fresh()), KEY, OF_OFFICER) == ["author"]
    assert kinds(header(proof="key", own=OWN), KEY) == ["author"]
    assert kinds(header(proof="released", own=keys.fresh()), KEY, OF_OFFICER) == []


def test_whose_keys_it_takes_comes_from_the_header() -> None:
    """The author's only where they signed too; none for an event without a statement, and none for no header."""
    assert carried(header()) == (DEVICE, None)
    assert carried(header(own=OWN)) == (DEVICE, OFFICER)
    assert carried(row(1).header) is None
    assert carried(b'{"statement"') is None


def test_a_log_is_verified_with_its_statements() -> None:
    """Counted as what they are; without keys they are counted as unchecked, never as good."""
    good, bad = header(), header(by=keys.fresh())
    for signers, counts, ok in (
        (Signers([KEY]), Statements(verified=1), True),
        (None, Statements(unchecked=1), True),
    ):
        assert verified(good, signers) == (counts, ok, [])
    assert verified(bad, Signers([KEY])) == (Statements(wrong=1), False, ["signature"])
    assert verified(header(proof="released"), Signers([KEY]))[0] == Statements(released=1)
    bent = row(1, statement="nothing").header
    assert verified(bent, Signers([KEY]))[2] == ["statement"]


def verified(raw: bytes, signers: Signers | None) -> tuple[Statements, bool, list[str]]:

    verifier = LogVerifier(LOG, signers=signers)
    verifier.feed(1, raw, merkle.leaf_hash(raw))
    result = verifier.finish(1, merkle.root_from_leaves([merkle.leaf_hash(raw)]))
    return result.statements, result.ok, [problem.kind for problem in result.problems]
