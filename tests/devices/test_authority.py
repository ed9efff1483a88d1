"""Whose a statement is and whether they could make it then: every way in which it passes or is held back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from command.access.model import Account, Grant
from command.devices.authority import UNATTENDED, Vouched, vouch
from command.devices.model import AuthorKey, Device, Presence, Writer
from command.domain.commands import COMMANDS, Ask
from command.ledger import statement
from tests.support.device_keys import ED25519, P256, fresh

NOW = datetime(2016, 5, 1, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DEVICE = Device("d-1", "spd", "Tablet 7", "es256", P256.public, NOW - HOUR, "admin-1")
STATED = statement.Statement(
    v=1, alg="es256", log="i-1", cmd="c-1", device="d-1", device_seq=1, author="officer-1", occurred_at=NOW,
    signed_at=NOW, clock_error_ms=0, basis_seq=None, command=msgspec.Raw(b"{}"),
)  # fmt: skip
SIGNED = b"the exact bytes"
WRITER = Writer(
    Account("officer-1", "Name", "spd"),
    (Grant("officer-1", "field", "*"),),
    (),
    (Presence("s-1", "d-1", "officer-1", NOW - HOUR, NOW + HOUR),),
)
KEYED = replace(WRITER, keys=(AuthorKey("d-1", "officer-1", "ed25519", ED25519.public, NOW - HOUR),))


def judged(own: bytes = b"", **changes: Any) -> Any:
    """The verdict; `changes` are of the statement, `device`, `writer`, `name`, `now`."""
    device, writer = changes.pop("device", DEVICE), changes.pop("writer", WRITER)
    name, now = changes.pop("name", "RecordEntry"), changes.pop("now", NOW + HOUR)
    return vouch(replace(STATED, **changes), name, SIGNED, own, device, writer, now)


def test_an_own_key_proves_its_author_at_any_time() -> None:
    """Whoever was signed in, and long after the session; and what may be sent is reports only."""
    found = judged(ED25519.sign(SIGNED), writer=replace(KEYED, presences=()))
    assert isinstance(found, Vouched) and (found.proof, found.writer.account.person) == ("key", "officer-1")
    assert found.may <= UNATTENDED and "RecordArrest" in found.may


@pytest.mark.parametrize(
    "own",
    [b"\0", fresh("ed25519").sign(SIGNED), ED25519.sign(b"other bytes")],
    ids=["no signature", "another's", "of another text"],
)
def test_a_signature_that_does_not_hold_is_not_made_good_by_a_session(own: bytes) -> None:
    assert judged(own, writer=KEYED) == "author"


@pytest.mark.parametrize(
    ("at", "error_ms", "proof"),
    [
        (NOW - HOUR, 0, "attested"),
        (NOW + HOUR - timedelta(seconds=1), 0, "attested"),
        (NOW + HOUR, 0, None),
        (NOW + HOUR, 1000, "attested"),
        (NOW + 2 * HOUR, 1000, None),
    ],
)
def test_presence_counts_to_the_second_and_to_the_clocks_error(at: datetime, error_ms: int, proof: str | None) -> None:
    found = judged(signed_at=at, clock_error_ms=error_ms)
    assert found == "author" if proof is None else found.proof == proof


@pytest.mark.parametrize(
    ("since", "error_ms", "held"), [(NOW, 0, True), (NOW + HOUR, 0, False), (NOW + HOUR, 3_600_000, True)]
)
def test_whoever_has_a_key_here_signs_with_it(since: datetime, error_ms: int, held: bool) -> None:
    """A locked tablet captures in whoever's name is picked; that their session lives on somewhere proves nothing then."""
    keyed = replace(WRITER, keys=(AuthorKey("d-1", "officer-1", "ed25519", ED25519.public, since),))
    found = judged(writer=keyed, clock_error_ms=error_ms)
    assert found == "author" if held else found.proof == "attested"


def test_a_session_without_an_end_covers_on() -> None:
    endless = Presence("s-1", "d-1", "officer-1", NOW - HOUR)
    assert judged(writer=replace(WRITER, presences=(endless,)), signed_at=NOW + 9 * HOUR).proof == "attested"
    assert judged(writer=replace(WRITER, presences=(endless,)), signed_at=NOW - 2 * HOUR, clock_error_ms=1) == "time"


def test_nobody_of_that_name_wrote_nothing() -> None:
    assert judged(writer=None) == judged(writer=replace(WRITER, presences=())) == "author"


def test_a_revoked_device_says_nothing_whoever_signed() -> None:
    """Not even what it signed before: only its clock says so."""
    assert judged(ED25519.sign(SIGNED), device=replace(DEVICE, revoked_at=NOW + HOUR)) == "revoked"


@pytest.mark.parametrize(("error_ms", "held"), [(0, True), (999, True), (1000, False)])
def test_a_device_says_nothing_from_before_it_was_there(error_ms: int, held: bool) -> None:
    found = judged(ED25519.sign(SIGNED), signed_at=NOW - HOUR - timedelta(seconds=1), clock_error_ms=error_ms)
    assert (found == "time") is held


@pytest.mark.parametrize(
    ("grant", "error_ms", "passes"),
    [
        (Grant("officer-1", "field", "i-1"), 0, True),
        (Grant("officer-1", "field", "i-2"), 0, False),
        (Grant("officer-1", "field", "i-1", not_after=NOW), 0, False),
        (Grant("officer-1", "field", "i-1", not_after=NOW), 1, True),
        (Grant("officer-1", "field", "i-1", not_after=NOW + HOUR / 2), 0, True),
        (Grant("officer-1", "field", "i-1", not_before=NOW + HOUR / 2), 0, False),
        (Grant("officer-1", "field", "i-1", not_before=NOW + timedelta(seconds=1)), 1000, True),
        (Grant("officer-1", "reviewer", "i-1"), 0, False),
        (Grant("someone-else", "field", "i-1"), 0, False),
    ],
)
def test_grants_are_those_of_when_it_happened(grant: Grant, error_ms: int, passes: bool) -> None:
    found = judged(writer=replace(WRITER, grants=(grant,)), clock_error_ms=error_ms)
    assert isinstance(found, Vouched) if passes else found == "access"


def test_what_is_to_happen_is_judged_by_now() -> None:
    """A clock that runs ahead gains no grant that begins only then."""
    later = Grant("officer-1", "field", "*", not_before=NOW + 2 * HOUR)
    assert judged(writer=replace(WRITER, grants=(later,)), occurred_at=NOW + 3 * HOUR, now=NOW + HOUR) == "access"


def test_an_account_that_was_shut_or_had_ended_then_has_no_say() -> None:
    shut = replace(WRITER, account=replace(WRITER.account, disabled=True))
    ended = replace(WRITER, account=replace(WRITER.account, expires_at=NOW))
    still = replace(WRITER, account=replace(WRITER.account, expires_at=NOW + HOUR / 2))
    assert judged(writer=shut) == judged(writer=ended) == "access"
    assert isinstance(judged(writer=still), Vouched), "ended since, and not when it happened"


def test_only_what_the_role_may_tell() -> None:
    medic = replace(WRITER, grants=(Grant("officer-1", "medical", "*"),))
    assert judged(writer=medic, name="RecordArrest") == "access"
    assert isinstance(judged(writer=medic, name="RecordInjury"), Vouched)


def test_nothing_is_asked_without_anyone_there() -> None:
    """No ask and nothing that takes a fresh proof is among what a device hands in."""
    asks = {name for name, kind in COMMANDS.items() if issubclass(kind, Ask)}
    assert not asks & UNATTENDED
    assert not {"GrantForce", "ConfirmRelay", "Redact"} & UNATTENDED
    assert {"RecordArrest", "ReportForce", "HandOver"} <= UNATTENDED
