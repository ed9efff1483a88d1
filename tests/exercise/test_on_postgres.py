"""Tables brought into a real database, twice: each row an event or a named reason, nothing doubled, the log whole."""

from __future__ import annotations

import io
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from command.domain.envelope import Origin
from command.domain.submission import Answer, Submission
from command.exercise.cli import ImportArgs, import_command
from command.exercise.completeness import Completeness, completeness
from command.ledger.verify import LogVerifier, Verification
from command.service.core import Service
from command.store.embedded import Cluster
from command.store.keys import PostgresKeyStore
from command.store.postgres import PostgresStore
from command.store.provision import APP, SUPERUSER
from tests.exercise import dirt
from tests.support.database import fresh_database
from tests.support.desk import IC, author
from tests.support.given import LEAD, OPEN, model_stack

LOG = "0198-records"
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
REAL = Path(os.environ.get("MUSTER_RECORDS", "")) / "charlottesville_arrests" / "cville_arrests_dev.csv"


class Desk:
    """A service on a database of its own, with one incident open."""

    def __init__(self, service: Service, store: PostgresStore, dsn: str) -> None:
        self.service, self.store, self._dsn = service, store, dsn

    async def bring(self, file: Path, *, as_json: bool = True) -> tuple[int, str]:
        """Import a table by the command's own way; its exit code and what it printed."""
        out, err = io.StringIO(), io.StringIO()

        async def send(pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
            each = [(author("records-import", LEAD, origin=origin), submission) for submission, origin in pairs]
            return await self.service.submit_each(LOG, each)

        async def standing(source: str) -> Completeness:
            state = await self.service.state(LOG)
            return completeness(state, self.service.stack_of(state), source, NOW)

        args = ImportArgs(file, "charlottesville", LOG, json=as_json, secret=b"secret")
        code = await import_command(args, send, out=out, err=err, now=NOW, standing=standing)
        assert out.getvalue(), err.getvalue()
        return code, out.getvalue()

    async def rows(self) -> dict[str, int]:
        """How many rows each table of the database has, but for the trail: that somebody sent it again is on it."""
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(self._dsn)
        try:
            names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            return {
                name: await connection.fetchval(f'SELECT count(*) FROM "{name}"')  # a name of the catalogue's own
                for (name,) in names
                if name != "audit"
            }
        finally:
            await connection.close()

    async def verified(self) -> Verification:
        """The log recomputed from what is stored, with every private value that it commits to."""
        head = await self.store.head(LOG)
        assert head is not None
        verifier = LogVerifier(LOG, holds_all=True)
        for start in range(0, head.seq, 5_000):
            events = await self.store.events(LOG, start, 5_000)
            boxes = await self.store.disclosures(LOG, [row.seq for row in events])
            plain: dict[int, dict[str, str | None]] = {}
            for row, text in zip(boxes, await self.service.vault.open(LOG, boxes), strict=True):
                plain.setdefault(row.seq, {})[row.path] = text
            for event in events:
                verifier.feed(event.seq, event.header, event.leaf, plain.get(event.seq))
        return verifier.finish(head.seq, head.root, head.epoch)

    async def lines(self, kind: str) -> list[int]:
        """The lines of the table that stand as the origin of events of a kind."""
        found = await self.service.recorded(LOG, 0, 1_000_000)
        return [e.header.origin.line or 0 for e in found if e.header.type == kind and e.header.origin]


@pytest.fixture
async def desk(cluster: Cluster, pg_keys: PostgresKeyStore) -> AsyncIterator[Desk]:
    """A service on a fresh database."""
    async with a_desk(cluster, pg_keys) as made:
        yield made


@asynccontextmanager
async def a_desk(cluster: Cluster, keys: PostgresKeyStore) -> AsyncIterator[Desk]:
    async with fresh_database(cluster) as name, await PostgresStore.connect(cluster.dsn(name, APP)) as store:
        service = Service(store, keys, model_stack())
        await service.start()
        try:
            await service.open_incident(IC, OPEN, "open", incident=LOG, issued_at=NOW)
            yield Desk(service, store, cluster.dsn(name, SUPERUSER))
        finally:
            await service.stop()


def spread(lines: dict[str, list[list[int]]]) -> dict[str, list[int]]:
    return {name: [n for a, b in spans for n in range(a, b + 1)] for name, spans in lines.items()}


async def test_each_line_of_a_dirty_table_is_an_event_or_a_named_reason(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "arrests.csv"
    file.write_bytes(dirt.table())
    code, out = await desk.bring(file)
    told: dict[str, Any] = json.loads(out)
    assert code == 1 and told["read"] == len(dirt.LINES) == sum(told["counts"].values())
    assert spread(told["lines"]) == {name: sorted(lines) for name, lines in dirt.expected().items()}
    assert sorted(await desk.lines("OffenceRecorded")) == dirt.expected()["taken"]
    reasons = {note["line"] for note in told["notes"] if not note["flag"]}
    assert reasons == {line for name, lines in dirt.expected().items() if name != "taken" for line in lines}


async def test_the_second_run_leaves_every_table_of_the_database_as_it_was(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "arrests.csv"
    file.write_bytes(dirt.table())
    await desk.bring(file)
    before, head = await desk.rows(), await desk.store.head(LOG)
    assert before["events"] > dirt.TAKEN and before["commands"] > dirt.TAKEN
    told = json.loads((await desk.bring(file))[1])
    assert (told["counts"]["taken"], told["counts"]["already there"]) == (0, dirt.TAKEN)
    assert {outcome for one in told["commands"] for outcome in one["outcomes"]} == {"already there"}
    after = await desk.store.head(LOG)
    assert await desk.rows() == before and head is not None and after is not None and after.root == head.root
    verified = await desk.verified()
    assert verified.problem_count == 0 and verified.fields.missing == 0


async def test_the_account_says_in_words_what_the_records_lack(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "arrests.csv"
    file.write_bytes(dirt.table())
    _, out = await desk.bring(file, as_json=False)
    for said in (
        f"{dirt.ARRESTS} arrests of this source are in the incident, with {dirt.TAKEN} charges",
        f"of {dirt.ARRESTS} arrests {dirt.ARRESTS} lack the facts of each offence (wanted before booking)",
        f"{dirt.ARRESTS} stand as: cannot tell",
        f"of {dirt.ARRESTS} of their people the whereabouts are not stated in the table: neither in custody nor free by it",
        "officer is not in the table; 'not-stated' stands for each",
        "basis is not in the table; by default 'own conduct'",
        f"statute is not known in 1 of {dirt.TAKEN}",
        "2 of the rows sent: what its rows share differs from the first of them, which stands (RecordArrest)",
        'hint: a table from a spreadsheet on Windows is often encoding = "cp1252"',
    ):
        assert said in out, said


@pytest.mark.skipif(not REAL.is_file(), reason="MUSTER_RECORDS names no folder with charlottesville_arrests in it")
async def test_every_row_of_the_real_table_is_accounted_for_twice_over(desk: Desk) -> None:
    """17,345 charges of 12,001 arrests (2014 to 2019); the table is read by its path and never copied."""
    told = json.loads((await desk.bring(REAL))[1])
    assert told["complete"] and told["read"] == told["counts"]["taken"] == 17_345
    assert sorted(await desk.lines("OffenceRecorded")) == list(range(2, 17_347))
    assert len(await desk.lines("ArrestRecorded")) == told["records"]["arrests"]["records"] == 12_001
    before = await desk.rows()
    again = json.loads((await desk.bring(REAL))[1])
    assert again["counts"]["already there"] == 17_345 and again["records"] == told["records"]
    assert await desk.rows() == before
    verified = await desk.verified()
    assert verified.problem_count == 0 and verified.fields.missing == 0
