"""Signed statements through the service: kept byte for byte, checked, and each number for one text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from command.domain import events as e
from command.domain.envelope import Origin
from command.domain.submission import Submission
from command.ledger import disclosure, signing, statement
from command.service.compose import LET_IN
from command.service.signed import Signer
from tests.support.desk import LOG, Desk, author
from tests.support.given import START

PRIVATE = bytes(range(32))
FORCE = {"type": "ReportForce", "report": "r1", "subject": "p1", "officer": "sergeant"}


class Enrolled:
    """One device, with what it signed under which number."""

    def __init__(self, *, revoked: bool = False, taken: bool = False) -> None:
        self.revoked = revoked
        self.numbers = {1: b"another text"} if taken else {}

    async def signer(self, device: str) -> Signer | None:
        return Signer("ed25519", signing.public_key_of(PRIVATE), self.revoked) if device == "tablet-7" else None

    async def claim(self, device: str, device_seq: int, sha256: bytes) -> bool:
        return self.numbers.setdefault(device_seq, sha256) == sha256


def signed(fields: dict[str, Any], private: dict[str, Any], **changes: Any) -> Submission:
    """What a tablet sends: commitments in the signed bytes, disclosures beside them."""
    texts = {name: disclosure.make(bytes(16) + name.encode(), name, value) for name, value in private.items()}
    sealed = {name: {"sha256": disclosure.digest(text)} for name, text in texts.items()}
    made = statement.Statement(
        v=1, alg="ed25519", log=LOG, cmd="cmd-9", device="tablet-7", device_seq=1, author="sergeant", occurred_at=START,
        signed_at=START, clock_error_ms=40, basis_seq=None,
        command=msgspec.Raw(msgspec.json.encode({**fields, **sealed})),
    )  # fmt: skip
    key = changes.pop("key", PRIVATE)
    stated = statement.encode(replace(made, **changes))
    return Submission(
        cmd="cmd-9",
        command=msgspec.Raw(b"{}"),
        statement=disclosure.encode_bytes(stated),
        signature=disclosure.encode_bytes(signing.sign(key, stated)),
        disclosures=tuple(texts.values()),
    )


SAID = {"account": "he fell", "injury": None}


async def test_a_statement_is_kept_byte_for_byte_and_its_digests_are_the_logs() -> None:
    async with Desk(devices=Enrolled()) as desk:
        await desk.staffed()
        sub = signed(FORCE, SAID)
        (answer,) = await desk.submit([sub], author("sergeant", device="tablet-7"))
        assert answer.status == "accepted"
        entry = (await desk.log())[(answer.seq or 0) - 1]
        assert isinstance(entry.event, e.ForceReported) and isinstance(entry.event.account, e.PrivateText.__args__[1])  # type: ignore[attr-defined]  # str | Sealed
        assert entry.event.account.sha256 == disclosure.digest(sub.disclosures[0])
        assert entry.header.clock_error_ms == 40 and entry.header.actor.device == "tablet-7"
        row = (await desk.store.events(LOG, entry.seq - 1, 1))[0]
        assert statement.header_binds(row.header, disclosure.decode_bytes(sub.statement or ""))
        assert not statement.header_binds(row.header, disclosure.decode_bytes(sub.statement or "") + b" ")
        assert b"he fell" not in row.header
        later = (await desk.log())[entry.seq :]
        assert later and all(one.header.statement is None for one in later), "once, with the event that it states"
        assert (await desk.service.private(LOG, [entry.seq]))[entry.seq] == {"account": "he fell"}


@pytest.mark.parametrize(
    ("sub", "where"),
    [
        (signed(FORCE, SAID, key=bytes(32)), "signature"),
        (signed(FORCE, SAID, device="tablet-8"), "statement"),
        (signed(FORCE, SAID, cmd="cmd-8"), "statement"),
        (signed(FORCE, SAID, log="another-incident"), "statement"),
        (signed({**FORCE, "account": "in the open"}, {}), "account"),
        (signed(FORCE, {**SAID, "officer": "4711"}), "officer"),
        (signed({**FORCE, "type": "NoSuchCommand"}, {}), "type"),
        (signed({"no": "name"}, {}), "command"),
        (replace(signed(FORCE, SAID), disclosures=()), "account"),
        (replace(signed(FORCE, SAID), statement="*"), "base64url"),
        (replace(signed(FORCE, SAID), signature=None), "signature"),
        (signed(FORCE, SAID, command=msgspec.Raw(b"[1]")), "command"),
        (signed(FORCE, SAID, occurred_at=datetime.max.replace(tzinfo=UTC)), "occurred_at"),
    ],
)
async def test_a_statement_that_does_not_hold_is_unreadable(sub: Submission, where: str) -> None:
    """Another's key, device, command or incident; private values in the open; public ones hidden; nothing that opens."""
    async with Desk(devices=Enrolled()) as desk:
        await desk.staffed()
        (answer,) = await desk.submit([sub], author("sergeant", device=None))
        assert answer.status == "unreadable" and where in (answer.where or ""), answer
        assert len(await desk.log()) == 6


async def test_a_statement_of_another_device_than_the_sessions_is_unreadable() -> None:
    async with Desk(devices=Enrolled()) as desk:
        await desk.staffed()
        (answer,) = await desk.submit([signed(FORCE, SAID)], author("sergeant", device="tablet-1"))
        assert (answer.status, answer.where) == ("unreadable", "device")


async def test_a_number_is_for_one_text() -> None:
    """The same bytes again are the same statement; others under its number are none."""
    async with Desk(devices=Enrolled()) as desk:
        await desk.staffed()
        (first,), (again,) = [await desk.submit([signed(FORCE, SAID)], author("sergeant")) for _ in range(2)]
        assert first.status == "accepted" and again.status == "duplicate" and again.first == first
    async with Desk(devices=Enrolled(taken=True)) as desk:
        await desk.staffed()
        (answer,) = await desk.submit([signed(FORCE, SAID)], author("sergeant"))
        assert (answer.status, answer.where) == ("unreadable", "device_seq")


@pytest.mark.parametrize(
    ("who", "change", "where"),
    [
        ("lieutenant", {}, "author"),
        ("sergeant", {"author": "lieutenant"}, "author"),
        ("sergeant", {"alg": "es256"}, "alg"),
    ],
)
async def test_a_statement_is_its_authors_and_of_the_devices_algorithm(
    who: str, change: dict[str, Any], where: str
) -> None:
    """Nobody sends in what another signed as theirs, and a key is good for one algorithm."""
    async with Desk(devices=Enrolled()) as desk:
        await desk.staffed()
        (answer,) = await desk.submit([signed(FORCE, SAID, **change)], author(who))
        assert (answer.status, answer.where) == ("unreadable", where)


async def test_a_revoked_device_says_nothing_new_by_itself() -> None:
    """Only what was let in by hand; the header then says so, and whose device it was."""
    async with Desk(devices=Enrolled(revoked=True)) as desk:
        await desk.staffed()
        (answer,) = await desk.submit([signed(FORCE, SAID)], author("sergeant"))
        assert (answer.status, answer.where) == ("unreadable", "device")
        (answer,) = await desk.submit([signed(FORCE, SAID)], replace(author("sergeant"), proof="released"))
        assert answer.status == "accepted"
        header = (await desk.log())[(answer.seq or 0) - 1].header
        assert header.statement is not None and header.statement.proof == "released"
        assert header.actor.device == "tablet-7"


async def test_a_finding_says_that_its_report_was_held_back() -> None:
    """In the header and in the answer, and only of what came from quarantine."""
    for origin, said in ((Origin("quarantine", "tablet-7"), True), (None, False)):
        async with Desk(devices=Enrolled()) as desk:
            await desk.staffed()
            (answer,) = await desk.submit([signed(FORCE, SAID)], replace(author("sergeant"), origin=origin))
            header = (await desk.log())[(answer.seq or 0) - 1].header
            assert header.origin == origin and header.finding is not None and answer.finding == header.finding
            assert (LET_IN in header.finding.reasons) is said


async def test_the_authors_own_signature_is_kept_beside_the_devices() -> None:
    """Where that is how it is known who wrote it."""
    async with Desk(devices=Enrolled()) as desk:
        await desk.staffed()
        sub = replace(signed(FORCE, SAID), author_signature="AAAA")
        (answer,) = await desk.submit([sub], replace(author("sergeant"), proof="key"))
        header = (await desk.log())[(answer.seq or 0) - 1].header
        assert header.statement is not None
        assert (header.statement.proof, header.statement.author_signature) == ("key", bytes(3))


async def test_without_enrolled_devices_no_statement_is_taken() -> None:
    async with Desk() as desk:
        await desk.staffed()
        (answer,) = await desk.submit([signed(FORCE, SAID)], author("sergeant"))
        assert answer.status == "unreadable" and "enrolled device" in (answer.problem or "")
