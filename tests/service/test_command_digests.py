"""What is remembered of a command confirms no guess of what it said."""

from __future__ import annotations

import hashlib

import msgspec

from command.domain import commands as c
from command.service.command_digests import digest_of
from tests.support.desk import IC, LOG, Desk


async def test_a_guess_of_a_private_value_is_not_confirmed_without_the_key_store() -> None:
    """Whoever has the table and all that is public of a command, and guesses the rest right, learns nothing by hashing."""
    async with Desk() as desk:
        await desk.open()
        said = desk.sub(c.RecordEntry("e1", "she is fourteen"))
        await desk.submit([said])
        async with desk.store.append(LOG) as append:
            row = (await append.commands([said.cmd]))[said.cmd]
        guessed = msgspec.json.encode(said)
        assert hashlib.sha256(guessed).digest() not in row.digest
        assert row.digest == digest_of(await desk.service.vault.command_key(LOG), guessed)


async def test_every_node_and_every_start_knows_the_same_bytes() -> None:
    """The key is the log's own and kept; another log has another, so that equal bytes do not show as equal."""
    async with Desk() as desk, Desk(desk) as other:
        await desk.open()
        said = desk.sub(c.RecordEntry("e1", "x"))
        (first,) = await desk.submit([said])
        (again,) = await other.service.submit(LOG, IC, [said])
        assert again.status == "duplicate" and again.first == first
        assert await desk.service.vault.command_key(LOG) != await desk.service.vault.command_key("0196-other")
