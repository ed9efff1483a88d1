"""What the benches share: a database of their own, an open incident, the event mix, the disk's own pace.

The mix: of a hundred commands 95 give public events (a unit acknowledges an order, a unit is assigned, a person
checks in) and 5 are reports of force with all eight private fields, the most that an event has by now. A report of
force opens duties as the plan says, so that a hundred commands give more than a hundred events.
"""

from __future__ import annotations

import itertools
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import structlog

from command.clock import utc_now
from command.domain.commands import COMMANDS, OpenIncident
from command.domain.submission import Submission
from command.ids import uuid7
from command.library import load_stack, read_files
from command.service.api import Author
from command.service.core import Service
from command.store.embedded import Cluster, embedded
from command.store.keys import PostgresKeyStore
from command.store.migrate import migrate
from command.store.postgres import PostgresStore
from command.store.provision import APP, DATABASE, KEYS_DATABASE, OWNER

AUTHOR = Author("chief", "spd", "system:bench", "bench", frozenset(COMMANDS))
UNITS = 20
_numbers = itertools.count(1)


class World(NamedTuple):
    """A running service on an embedded PostgreSQL."""

    folder: Path
    cluster: Cluster
    store: PostgresStore
    keys: PostgresKeyStore
    service: Service

    @property
    def dsn(self) -> str:
        """The data as its owner."""
        return self.cluster.dsn(DATABASE, OWNER)

    @property
    def keys_dsn(self) -> str:
        """The keys as theirs."""
        return self.cluster.dsn(KEYS_DATABASE, APP)


@asynccontextmanager
async def a_world() -> AsyncIterator[World]:
    """Everything real and fresh, on the disk of the temporary directory."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-bench-")))
        cluster = await stack.enter_async_context(embedded(folder / "postgres"))
        await migrate(cluster.dsn(DATABASE, OWNER), APP)
        store = await stack.enter_async_context(await PostgresStore.connect(cluster.dsn(DATABASE, APP)))
        keys = await stack.enter_async_context(
            await PostgresKeyStore.connect(cluster.dsn(KEYS_DATABASE, APP), b"k" * 32)
        )
        service = Service(store, keys, load_stack(read_files()))
        await service.start()
        stack.push_async_callback(service.stop)
        yield World(folder, cluster, store, keys, service)


async def an_incident(service: Service) -> str:
    """An open incident with a few units."""
    opening = OpenIncident("bench", "planned", "spd", "Seattle Police", "UTC", "chief", commander_rank="captain")
    log, answer = await service.open_incident(AUTHOR, opening, uuid7(utc_now()), issued_at=utc_now())
    assert answer.status == "accepted", answer
    units = [submission("FormUnit", unit=f"u{n}", name=f"Unit {n}", kind="patrol", agency="spd") for n in range(UNITS)]
    assert {answer.status for answer in await service.submit(log, AUTHOR, units)} == {"accepted"}
    return log


def mix() -> Iterator[Submission]:
    """The mix, without an end."""
    for number in itertools.count():
        turn = number % 20
        if turn == 7:
            yield force(number)
        elif turn % 3 == 0:
            yield submission("AssignUnit", unit=f"u{number % UNITS}", sector=None, assignment=f"post {number}")
        elif turn % 3 == 1:
            yield submission("AcknowledgeOrder", order=f"o{number}", unit=f"u{number % UNITS}")
        else:
            yield submission("CheckIn", person=f"p{number % 500}", name="A. Officer", agency="spd", rank="officer")


def force(number: int) -> Submission:
    """A report of force with every private field."""
    private = (
        "account", "resistance", "subject_race_perceived", "subject_race_stated", "subject_gender_perceived",
        "subject_number", "injury", "exigent_reason",
    )  # fmt: skip
    return submission(
        "ReportForce",
        report=f"r{next(_numbers)}",
        subject=f"s{number % 200}",
        officer=f"x{number % 50}",
        tool="hands",
        **{name: f"what was said about it, {number}: " + "words " * 10 for name in private},
    )


def submission(kind: str, /, **fields: Any) -> Submission:
    """A command, asked just now."""
    now = datetime.now(UTC)
    return Submission(uuid7(now), msgspec.Raw(msgspec.json.encode({"type": kind, **fields})), issued_at=now)


def fdatasync_us(folder: Path, rounds: int = 300) -> float:
    """The median time that the disk takes to keep 4 KiB, microseconds."""
    took = []
    path = folder / "fdatasync"
    with path.open("wb") as file:
        for _ in range(rounds):
            started = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - started)
    path.unlink()
    return statistics.median(took) * 1e6


def spread(values: Sequence[float]) -> str:
    """Median, and between what and what."""
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
