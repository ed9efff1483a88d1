"""Tablets of every kind at one server: clocks a day off, kills at every step, cuts, 503s, uploads again and again.

Each record is in the log once, in its officer's order; its photos match; what came late says so, and what was told by a
clock that may be off says by how much; and at every point the board counts what the log says. The short form has a few
tablets; the long one (MUSTER_LONG=1) is a day of two browsers and eighteen agents with a hundred arrests each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from command.ledger import disclosure, statement
from command.store.embedded import Cluster
from command.views.timeline import LATE_S
from tests.faults.conftest import LONG
from tests.support.agent import Agent, Line, Told
from tests.support.clients import ask
from tests.support.field_day import LOST, Day, Watch, day, exported, harm, let_in, pages, shift
from tests.support.real_tablet import RealTablet, check_real
from tests.support.tally import Tally

BROWSERS = 2
AGENTS, ARRESTS, EVERY = (18, 100, 400) if LONG else (6, 10, 80)
PHOTO_BYTES = 40_000
WITHIN_S = 3600.0 if LONG else 900.0
SEED = 20_160_501

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
CLOCKS: tuple[tuple[timedelta, timedelta], ...] = (
    (timedelta(), timedelta(milliseconds=200)),  # corrected by the server's word
    (timedelta(hours=-7), timedelta(hours=8)),  # off, and says so
    (timedelta(hours=20), DAY),
    (-DAY + MINUTE, timedelta(milliseconds=200)),  # off, and does not know it
    (timedelta(hours=23), timedelta(seconds=2)),
    (timedelta(minutes=-3), timedelta(minutes=4)),
)
"""What is added to the true time, and how far the tablet says that it may be off."""


def tablets(here: Day, people: Sequence[str]) -> list[Agent]:
    """One for each officer."""
    return [
        Agent(
            person, here.incident, Line(here.http, here.proxy.url, f"10.4.0.{n + 1}"), SEED + n,
            clock=CLOCKS[n % len(CLOCKS)][0], error=CLOCKS[n % len(CLOCKS)][1], arrests=ARRESTS,
            photo_bytes=PHOTO_BYTES if n else 300_000,
        )
        for n, person in enumerate(people)
    ]  # fmt: skip


async def run(here: Day, agents: Sequence[Agent], real: Sequence[RealTablet], watch: Watch) -> None:
    """All of them at once, while things break; ends when each has handed in what it has."""
    async with asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as tasks:
        around = [
            tasks.create_task(harm(here, SEED, every=EVERY), name="harm"),
            tasks.create_task(watch.run(), name="screen"),
            tasks.create_task(watch.ask_numbers(here), name="page of processing"),
            tasks.create_task(revoked_midway(here, agents[-1]), name="a lost tablet"),
        ]
        hands = [tasks.create_task(shift(one), name=one.person) for one in agents]
        await asyncio.gather(*hands, *(tasks.create_task(one.shift(), name=one.person) for one in real))
        for task in around:
            task.cancel()


async def revoked_midway(here: Day, agent: Agent) -> None:
    """One tablet is lost half way: it is cut off, and whoever has it goes on."""
    agent.kept_for_later = ARRESTS // 2
    while agent.left > ARRESTS // 2:
        await asyncio.sleep(0.05)
    agent.revoked = True
    while True:
        with suppress(*LOST):
            await ask(here.http, here.seats["chief"], "POST", f"/api/devices/{agent.disk.id}/revoke", {})
            agent.kept_for_later = 0
            return
        await asyncio.sleep(0.2)


def by_command(log: Sequence[tuple[bytes, dict[str, Any]]]) -> dict[str, list[tuple[bytes, dict[str, Any]]]]:
    """Arrests and attachments."""
    found: dict[str, list[tuple[bytes, dict[str, Any]]]] = {}
    for raw, header in log:
        if header["type"] in ("ArrestRecorded", "AttachmentAdded"):
            found.setdefault(header["cmd"], []).append((raw, header))
    return found


def check_once(
    log: Sequence[tuple[bytes, dict[str, Any]]], made: Sequence[Told], real: Sequence[RealTablet]
) -> dict[str, dict[str, Any]]:
    """Each record that was said to be saved is there once, as it was signed; the headers by command."""
    ids = [header["id"] for _, header in log]
    assert len(set(ids)) == len(ids)
    arrests = [header["body"]["arrest"] for _, header in log if header["type"] == "ArrestRecorded"]
    assert len(set(arrests)) == len(arrests)
    by_cmd = by_command(log)
    known = {one.cmd for one in made} | {row["cmd"] for one in real for row in one.rows}
    assert [one for one in made if one.cmd not in by_cmd] == []
    assert [header for cmd, found in by_cmd.items() for _, header in found if cmd not in known] == []
    assert known <= by_cmd.keys()
    for one in made:
        ((raw, _),) = by_cmd[one.cmd]
        assert statement.header_binds(raw, disclosure.decode_bytes(one.submission["statement"]))
    return {cmd: found[0][1] for cmd, found in by_cmd.items()}


def check_order(agents: Sequence[Agent], kept: dict[str, dict[str, Any]]) -> None:
    """What went straight into the log is there in the order in which its officer saved it."""
    for agent in agents:
        headers = [kept[one.cmd] for one in agent.made]
        places = [one["seq"] for one in headers if one["statement"]["proof"] in ("session", "key", "attested")]
        assert places == sorted(places), agent.person


def check_times(agents: Sequence[Agent], kept: dict[str, dict[str, Any]], feed: dict[int, dict[str, Any]]) -> None:
    """Each record says when its tablet thinks that it happened, and how far off that may be; the feed marks the late ones."""
    late = off = 0
    for told in (one for agent in agents for one in agent.made):
        header = kept[told.cmd]
        occurred, recorded = (datetime.fromisoformat(header[name]) for name in ("occurred_at", "recorded_at"))
        assert abs(occurred - told.claimed) < timedelta(milliseconds=1)
        assert header.get("clock_error_ms", 0) == told.error // timedelta(milliseconds=1)
        if told.error >= abs(occurred - told.happened):
            assert occurred - told.error <= told.happened <= occurred + told.error
        line, late_s = feed[header["seq"]], (recorded - occurred).total_seconds()
        assert line.get("late_s", 0.0) == (late_s if late_s > LATE_S else 0.0)
        sure_s = max(
            told.error.total_seconds(), -late_s
        )  # what lies ahead of its record was told by a clock that is ahead
        assert line.get("clock_off_s", 0.0) == (sure_s if sure_s > LATE_S else 0.0), (line, sure_s)
        late, off = late + (late_s > LATE_S), off + (sure_s > LATE_S)
    assert late and off, "no tablet was late or off: the test proved nothing"


def check_board(watch: Watch, log: Sequence[tuple[bytes, dict[str, Any]]]) -> None:
    """After each frame, and at each look at the page of processing: the counts of the log up to the very seq that it names."""
    shown: dict[str, dict[str, Any]] = {}
    tally, upto, compared = Tally(), 0, 0
    for seq, whole, changes, more in watch.shown:
        if whole is not None:
            shown = {name: dict(rows) for name, rows in whole.items()}
        for section, key, row in changes:
            shown.setdefault(section, {})
            if row is None:
                del shown[section][key]
            else:
                shown[section][key] = row
        for _, header in log[upto:seq]:
            tally.take(header)
        upto = max(seq, upto)
        assert seq == upto, "a screen goes forward"
        if more:
            continue
        told = {name: shown.get(name, {}) for name in ("arrests", "custody", "sites")}
        assert list(tally.differences(told)) == [], seq
        compared += 1
    assert upto == len(log) and compared > 10
    tally, upto = Tally(), 0
    for found in sorted(watch.numbers, key=lambda one: int(one["seq"])):
        for _, header in log[upto : found["seq"]]:
            tally.take(header)
        upto = found["seq"]
        expected = tally.numbers()
        assert {name: found[name] for name in expected} == expected, upto


async def check_files(here: Day, agents: Sequence[Agent], real: Sequence[RealTablet], kept: Any) -> None:
    """Each photo is the one that was signed for. Those that a lost tablet still had are named, and waited for."""
    every = {one["attachment"]: one for one in await pages(here, "eye", "attachments", "attachments")}
    photos = [one for agent in agents for one in agent.made if one.kind == "AddAttachment"]
    theirs = {one["sha256"]: one for one in every.values()}
    check_real(real, kept, theirs)
    own = {one.sha256 for one in photos}
    assert (
        len(every) - sum(one["sha256"] in own for one in every.values()) == sum(len(one.rows) for one in real) * 2 // 3
    )
    found = {name: one for name, one in every.items() if one["sha256"] in own}
    left = {name for agent in agents if agent.revoked for name in agent.disk.files}
    assert len(found) == len(photos)
    assert {one["sha256"] for one in found.values()} == {one.sha256 for one in photos}
    assert {one["finding"] for name, one in found.items() if name not in left} == {"matches"}
    assert {one["finding"] for name, one in found.items() if name in left} <= {
        "waiting",
        "matches",
    }  # an answer that was lost


async def test_a_day_of_tablets_means_each_record_once(cluster: Cluster, tmp_path: Path) -> None:
    """Agents with clocks up to a day off, killed at every step, at a server that is cut, killed and without its database."""
    people = [f"officer-{n:02}" for n in range(AGENTS)]
    holders = [f"holder-{n}" for n in range(1, BROWSERS + 1)]
    async with day(cluster, tmp_path, [*people, *holders]) as here, async_playwright() as play:
        agents = tablets(here, people)
        real = [
            RealTablet(here, play, person, tmp_path / person, SEED + n, clock=CLOCKS[1 + n][0], arrests=ARRESTS, photo_bytes=PHOTO_BYTES)
            for n, person in enumerate(holders)
        ]  # fmt: skip
        for agent in agents:
            await agent.enrol(await here.code(), here.seats[agent.person].cookie)
        for one in real:
            await one.start()
        watch = Watch(here.seats["eye"], here.incident)
        began = datetime.now(UTC)
        await run(here, agents, real, watch)
        took_s = (datetime.now(UTC) - began).total_seconds()
        released = await let_in(here, "confirmed with the officer")
        watch.numbers.append(await here.get("eye", "processing"))
        log = await exported(here)
        screen = asyncio.create_task(watch.run(), name="screen")
        while watch.seq < len(log):
            await asyncio.sleep(0.05)
        screen.cancel()
        made = [one for agent in agents for one in agent.made]
        for one in real:
            one.check_said()
        kept = check_once(log, made, real)
        check_order(agents, kept)
        feed = {one["seq"]: one for one in await pages(here, "eye", "events", "entries")}
        check_times(agents, kept, feed)
        check_board(watch, log)
        headers = {cmd: [header for _, header in each] for cmd, each in by_command(log).items()}
        await check_files(here, agents, real, headers)
        devices = {
            one["device"]: one for one in (await ask(here.http, here.seats["chief"], "GET", "/api/devices"))["devices"]
        }
        for agent in agents:
            assert (devices[agent.disk.id]["statements"], devices[agent.disk.id]["missing"]) == (len(agent.made), 0)
    kills = sum((agent.kills for agent in agents), start=type(agents[0].kills)())
    statuses = sum((agent.statuses for agent in agents), start=type(agents[0].statuses)())
    requests = sum(agent.line.requests for agent in agents)
    print(
        f"{len(made)} records of agents and {sum(len(one.rows) for one in real)} of browsers, killed {sum(one.kills for one in real)} times, "
        f"in {took_s:.0f} s and {requests} requests, {released} let in; kills {dict(kills)}; answers {dict(statuses)}; {dict(here.harms)}"
    )
    assert here.harms.total() >= 3 and kills.total() > len(agents), "the faults hit nobody: the test proved nothing"
    assert statuses["duplicate"] and statuses["repeated"] and statuses["quarantined"]
