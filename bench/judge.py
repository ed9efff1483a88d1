"""What the plan's answer costs on a long day: asks, findings of late reports and what is permitted, for six packs.

    python -m bench.judge [--state 100000] [--rounds 2000] [--json]

The facts are a folded state, not a table made for it: bench/street.py folds a day of so many events through the
domain's own decide and evolve. The six packs are the model plan and five copies of it under other ids, so that every
rule exists six times and is layered, the most that one pack's rules can weigh. Microseconds of one core's CPU, each
judgement by itself, one pack and six in turn; the ratio is that of six packs' median to the aim. Late reports are of
times spread over the whole day.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec

from bench.street import DAY_S, LADDER, LEAD, OFFICERS, SECTORS, SIGNS, START, WHY, Street, street
from bench.world import percentile
from command.domain.facts import StateFacts
from command.library import MODEL, load_stack, read_files
from command.policy.findings import finding, permits
from command.policy.judge import judge
from command.policy.request import ForceClaim, Request
from command.policy.stack import Stack

AIM_US = 50.0

Judging = Callable[[Stack], Any]


class Result(msgspec.Struct):
    """Microseconds. `ratio`: the median for six packs over the aim."""

    what: str
    answer: str
    one_us: float
    six_us: float
    six_p99_us: float
    ratio: float


def stacks() -> tuple[Stack, Stack]:
    """The model plan, and six of it."""
    ((name, raw),) = read_files((MODEL,))
    copies = [(f"copy-{n}.toml", raw.replace(b'"muster-model"', f'"muster-model-{n}"'.encode())) for n in range(5)]
    return load_stack([(name, raw)]), load_stack([(name, raw), *copies])


def asks(day: Street, facts: StateFacts) -> dict[str, Judging]:
    """Asks about now, in every sector in turn: levels, and tools with and without warnings."""
    base: dict[str, Any] = {
        "person": facts.holder("incident-commander", day.now), "agency": LEAD, "rank": "captain", "ask_age_s": 1.0,
        "basis_age_s": 0.0,
    }  # fmt: skip
    force: dict[str, Any] = {
        "action": "force.grant", "requester": "s1", "users": (OFFICERS[1],), "zones": ("legs",), "quantity": 2,
        "lasts_s": 300.0, "grounds": ("assault",), "indiscriminate": False, "deescalation": "spoke",
        "targeted": "tried", "statement": "glass is thrown", "findings": ("violent-individual", "serious-harm-present"),
        "subject": "q1",
    }  # fmt: skip
    wanted: dict[str, dict[str, Any]] = {
        f"raise to {level}": {"action": "level.raise", "level": level, "indicators": SIGNS, **WHY}
        for level in LADDER[1:]
    }
    wanted["assign a unit"] = {"action": "unit.assign", "unit_agency": LEAD}
    wanted["grant a baton"] = {**force, "tool": "baton", "purpose": "protect person"}
    wanted["grant a projectile"] = {**force, "tool": "kinetic-direct", "purpose": "protect person"}
    wanted["grant gas, warnings"] = {**force, "tool": "chemical-area", "purpose": "disperse"}
    wanted["arrest many, warnings"] = {**force, "tool": "mass-arrest", "purpose": "arrest"}
    made: dict[str, Judging] = {}
    for name, fields in wanted.items():
        turns = itertools.cycle([Request(**{**base, **fields, "sector": sector}) for sector in SECTORS])
        made[name] = partial(_ask, facts, turns, day)
    return made


def reports(day: Street, facts: StateFacts) -> dict[str, Judging]:
    """Findings of reports about any second of the day, and what is permitted now."""
    rng = random.Random(2)
    times = [START + timedelta(seconds=rng.uniform(600, DAY_S - 60)) for _ in range(997)]
    loose = ForceClaim(
        tool="baton", officer=OFFICERS[7], officer_agency=LEAD, sector="k1", at=day.now, purpose="protect person",
        zones=("legs",), quantity=1,
    )  # fmt: skip
    claims = [msgspec.structs.replace(loose, at=at) for at in times]
    grants = [day.state.grants.all[name] for name in day.state.grants.order]
    used = [
        msgspec.structs.replace(
            loose, officer=g.scope.users[0], sector=g.scope.sector, at=g.since + timedelta(seconds=5)
        )
        for g in grants
    ]
    sets = {
        "late: grant named": [
            msgspec.structs.replace(claim, grant=g.grant) for claim, g in zip(used, grants, strict=True)
        ],
        "late: grant looked for": used,
        "late: no grant at all": claims,
        "late: clock 500 ms off": [msgspec.structs.replace(claim, clock_error_ms=500) for claim in claims],
        "late: no grant needed": [msgspec.structs.replace(claim, tool="physical-control") for claim in claims],
    }
    made: dict[str, Judging] = {}
    for name, said in sets.items():
        made[name] = partial(_find, facts, itertools.cycle(said or claims))
    places = itertools.cycle(SECTORS)
    made["in force now"] = lambda stack: permits(stack, facts, next(places), day.now)
    return made


def _ask(facts: StateFacts, turns: Iterator[Request], day: Street, stack: Stack) -> Any:
    return judge(stack, facts, next(turns), day.now)


def _find(facts: StateFacts, turns: Iterator[ForceClaim], stack: Stack) -> Any:
    return finding(stack, facts, next(turns))


def costs_us(judging: Judging, stack: Stack, rounds: int) -> list[float]:
    """Microseconds of each judgement."""
    took = []
    for _ in range(rounds):
        started = time.thread_time_ns()
        judging(stack)
        took.append((time.thread_time_ns() - started) / 1e3)
    return took


def measured(name: str, judging: Judging, one: Stack, six: Stack, rounds: int) -> Result:
    """One kind of judgement, one pack and six in turn."""
    answer = judging(six)
    judging(one)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(9):
        ours += costs_us(judging, one, rounds // 9 + 1)
        theirs += costs_us(judging, six, rounds // 9 + 1)
    median = statistics.median(theirs)
    said = getattr(answer, "effect", None) or getattr(answer, "kind", None) or getattr(answer, "level", "")
    return Result(
        name, str(said), round(statistics.median(ours), 1), round(median, 1), round(percentile(theirs, 0.99), 1),
        round(median / AIM_US, 2),
    )  # fmt: skip


def run(events: int, rounds: int) -> tuple[Street, list[Result]]:
    """Make the day, and measure everything."""
    one, six = stacks()
    day = street(one, events)
    facts = StateFacts(day.state)
    kinds = {**asks(day, facts), **reports(day, facts)}
    return day, [measured(name, judging, one, six, rounds) for name, judging in kinds.items()]


def main() -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.judge", description=__doc__)
    parser.add_argument("--state", type=int, default=20_000, help="events of the day (default: 20000)")
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    day, results = run(options.state, options.rounds)
    if options.json:
        print(json.dumps({"events": day.state.seq, "aim_us": AIM_US, "results": msgspec.to_builtins(results)}))
        return 0
    grants = len(day.state.grants.all)
    print(f"judge on {day.state.seq:,} events, {len(SECTORS)} sectors, {grants:,} grants; microseconds of one core")
    print(f"aim <= {AIM_US:.0f} us for six packs; the ratio is median / aim\n")
    print("what                         of the last  one pack  six packs      p99  ratio")
    for one in results:
        print(
            f"{one.what:<28} {one.answer[:12]:<12} {one.one_us:>8.1f}  {one.six_us:>9.1f} {one.six_p99_us:>8.1f}"
            f"  {one.ratio:>5.2f}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
