"""What the plan's answer to an ask costs: for a stack of one pack, and of six.

    python -m bench.judge [--rounds 2000] [--json]

The facts are a folded state, not a table made for it: an incident with 40 people checked in, 20 units, twelve sectors
and three hundred events. The six packs are the model plan and five copies of it under other ids, so that every
rule exists six times and is layered, the most that one pack's rules can weigh. Microseconds of one core, medians over
interleaved rounds; the aim is for six packs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from datetime import UTC, datetime

import msgspec

from bench.world import AUTHOR, mix, submission
from command.clock import utc_now
from command.domain.commands import OpenIncident
from command.domain.events import Training
from command.domain.facts import StateFacts
from command.domain.state import State
from command.ids import uuid7
from command.library import MODEL, load_stack, read_files
from command.policy.judge import judge
from command.policy.request import Request
from command.policy.stack import Stack
from command.service.core import Service
from command.store.memory import MemoryKeyStore, MemoryStore

AIM_US = 50.0
SECTORS = 12


class Result(msgspec.Struct):
    """Microseconds."""

    ask: str
    answer: str
    one_us: float
    six_us: float
    aim_us: float


def stacks() -> tuple[Stack, Stack]:
    """The model plan, and six of it."""
    ((name, raw),) = read_files((MODEL,))
    copies = [(f"copy-{n}.toml", raw.replace(b'"muster-model"', f'"muster-model-{n}"'.encode())) for n in range(5)]
    return load_stack([(name, raw)]), load_stack([(name, raw), *copies])


async def folded(stack: Stack) -> State:
    """An incident with something in it."""
    service = Service(MemoryStore(utc_now), MemoryKeyStore(), stack)
    trained = (Training("incident-command"), Training("crowd-management"))
    opening = OpenIncident(
        "bench", "planned", "spd", "Seattle Police", "UTC", "chief",
        commander_rank="captain", commander_training=trained,
    )  # fmt: skip
    log, _ = await service.open_incident(AUTHOR, opening, uuid7(utc_now()), issued_at=utc_now())
    setup = [submission("DefineSector", sector=f"k{n}", name=f"Sector {n}") for n in range(SECTORS)]
    setup += [submission("FormUnit", unit=f"u{n}", name="A unit", kind="patrol", agency="spd") for n in range(20)]
    commands = mix()
    setup += [next(commands) for _ in range(270)]
    setup += [submission("CheckIn", person="ic", name="A. Captain", agency="spd", rank="captain",
                         training=[{"course": one.course} for one in trained])]  # fmt: skip
    await service.submit(log, AUTHOR, setup)
    state = await service.state(log)
    await service.stop()
    return state


def asks() -> list[Request]:
    """Asks that weigh much: a level with everything stated, a refused one, a small one, and gas over an area."""
    base = {"person": "chief", "agency": "spd", "rank": "captain", "ask_age_s": 1.0, "basis_age_s": 0.0}
    stated = {"liaison": "spoke", "others_may_continue": "yes", "extent": "about 20 of 400"}
    wanted = (
        {"action": "level.raise", "sector": "k1", "level": "facilitate", "indicators": ["people-assembling"], **stated},
        {"action": "level.raise", "sector": "k1", "level": "force-assisted", "indicators": ["exits-open"], **stated},
        {"action": "unit.assign", "sector": "k1", "unit_agency": "spd"},
        {
            "action": "force.grant",
            "sector": "k1",
            "tool": "chemical-area",
            "purpose": "disperse",
            "requester": "ops",
            "users": ["ic"],
            "quantity": 2,
            "lasts_s": 300.0,
            "grounds": ["assault"],
            "indiscriminate": False,
            "deescalation": "spoke",
            "targeted": "tried",
            "statement": "glass is thrown",
            "findings": ["significant-number-violent", "serious-harm-present"],
        },
    )
    return [msgspec.convert({**base, **fields}, Request) for fields in wanted]


def cost_us(stack: Stack, facts: StateFacts, request: Request, now: datetime, rounds: int) -> float:
    """Microseconds of a judgement."""
    started = time.process_time()
    for _ in range(rounds):
        judge(stack, facts, request, now)
    return (time.process_time() - started) / rounds * 1e6


def run(rounds: int) -> list[Result]:
    """All asks, one pack and six in turn."""
    one, six = stacks()
    facts = StateFacts(asyncio.run(folded(one)))
    now = datetime.now(UTC)
    results = []
    for request in asks():
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(9):
            ours.append(cost_us(one, facts, request, now, rounds // 9 + 1))
            theirs.append(cost_us(six, facts, request, now, rounds // 9 + 1))
        name = f"{request.action} {request.level or request.tool or ''}".strip()
        effect = judge(six, facts, request, now).effect
        results.append(
            Result(name, effect, round(statistics.median(ours), 1), round(statistics.median(theirs), 1), AIM_US)
        )
    return results


def main() -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.judge", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = run(options.rounds)
    if options.json:
        print(json.dumps([msgspec.to_builtins(one) for one in results]))
        return 0
    print("judge, microseconds of one core; aim <= 50 us for six packs")
    print("ask                          answer       one pack  six packs")
    for one in results:
        print(f"{one.ask:<28} {one.answer:<12} {one.one_us:>8.1f}  {one.six_us:>9.1f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
