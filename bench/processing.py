"""What a change costs on the board of five hundred arrests, against rendering the whole of it.

    python -m bench.processing [--arrests 500] [--samples 60] [--json]

Sixty officers arrest people in twenty minutes; each goes through ten events, from the street card over a hand-over,
stations, care, property and a signature to the disposition, folded through the domain's own decide and evolve. Sampled
over the whole of it: `views.board.changes` for one command, and `views.board.board` of the state after it, for the
lenses of command and of the field, in turn; milliseconds of one core's CPU. The ratio is the median change to the
median whole. Also the page of processing in numbers, and how many rows one command makes anew. Then, followed from one
command to the next as a server does: a change, and the page in numbers after it, early and late in the operation.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, Final

import msgspec

from bench.street import LEAD, OFFICERS, SECTORS, Street
from bench.world import percentile
from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain.events_custody import Station
from command.domain.state import State
from command.library import MODEL, load_stack, read_files
from command.policy.sites import checklist
from command.policy.stack import Stack
from command.views import rows_arrest as r
from command.views.board import board, changes
from command.views.lens import COMMAND, FIELD, Lens
from command.views.processing import processing
from command.views.scene import Scene
from command.views.sections import TABLE

AIM = 0.10
"""One change costs at most a tenth of the whole board; it is a five-hundredth of it."""

WITHIN_S = 1200.0
LENSES = (COMMAND, FIELD)
STATIONS: Final[tuple[Station, ...]] = ("search", "photo", "property")


class Result(msgspec.Struct):
    """Milliseconds. `rows`: rendered for one change, of so many on the board."""

    lens: str
    change_ms: float
    change_p99_ms: float
    whole_ms: float
    ratio: float
    rows: float
    of: int
    processing_ms: float


class Grown(msgspec.Struct):
    """Medians of milliseconds with so many arrests on the board, asked after each command."""

    arrests: int
    change_ms: float
    processing_ms: float


class Arrests(Street):
    """Twenty minutes of arrests; keeps the states before and after a sample of the commands."""

    def __init__(self, stack: Stack, arrests: int, samples: int) -> None:
        super().__init__(stack, 10)
        self._step = timedelta(seconds=WITHIN_S / (arrests * 14))  # ten commands, and the duties that they open
        self.kept: list[tuple[State, State]] = []
        self._every = max(1, arrests * 10 // samples)

    def go(self, arrests: int) -> None:
        """Interleaved: an officer's next card comes while the earlier ones are processed."""
        self._morning()
        for site in ("yard", "hall"):
            self.say(cc.CheckFacility(site, f"look-{site}", checklist(self.stack, "staging"), kind="staging"))
            self.say(cc.OpenSite(site, f"The {site}", "staging", arrests, stations=STATIONS, trained_staff=("ops",)))
        self.say(ca.IssueWristbands("i1", "ops", "wristbands", "W-0001-1", f"W-{arrests:04}-1", arrests))
        waiting = [self._one_arrest(n) for n in range(arrests)]
        rng, done = random.Random(3), 0
        while waiting:
            path = waiting[rng.randrange(min(len(waiting), 60))]
            cmd = next(path, None)
            if cmd is None:
                waiting.remove(path)
                continue
            before = self.state
            self.say(cmd[1], cmd[0])
            done += 1
            if done % self._every == 0:
                self.kept.append((before, self.state))

    def _one_arrest(self, n: int) -> Iterator[tuple[str, c.Command]]:
        officer, arrest, subject = OFFICERS[n % 60], f"a{n}", f"q{n}"
        site = ("yard", "hall")[n % 2]
        card = ca.RecordArrest(
            arrest, subject, officer, LEAD, SECTORS[n % 6], wristband=f"W-{n + 1:04}-1", offences=("vandalism",),
            observed_by=(officer,), injured=False, conduct=f"broke the window number {n}",
        )  # fmt: skip
        yield officer, card
        yield officer, ca.RecordRestraint(arrest, subject, f"r{n}", "applied", "cuffs", "front")
        yield officer, cc.HandOver(subject, f"t{n}", site, "site", from_holder=officer)
        for station in STATIONS:
            yield "ops", cc.EnterStation(subject, site, station)
        yield "ops", cc.TakeProperty(subject, f"g{n}", receipt=f"R-{n}")
        yield "ops", cc.RecordCare(subject, "water", "given")
        yield officer, ca.RecordOffence(arrest, subject, f"o{n}", "vandalism", facts=f"the window number {n}")
        yield "chief", ca.DecideDisposition(arrest, subject, "cited")


def cost_ms(work: Callable[[], Any]) -> float:
    """Milliseconds of this thread's CPU."""
    started = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - started) / 1e6


def rendered(before: State, after: State, stack: Stack, lens: Lens, now: Any) -> int:
    """How many rows of arrests and custody one change renders, those of before counted too."""
    count = 0
    kept = {name: TABLE[name] for name in r.SECTIONS_ARREST}

    def counting(row: Any) -> Any:
        def one(scene: Scene, key: str) -> Any:
            nonlocal count
            count += 1
            return row(scene, key)

        return one

    try:
        for name, section in kept.items():
            TABLE[name] = msgspec.structs.replace(section, row=counting(section.row))
        changes(before, after, stack, lens, {}, now)
    finally:
        TABLE.update(kept)
    return count


def measured(day: Arrests, lens: Lens) -> Result:
    """One lens, change and whole in turn."""
    ours, whole, numbers, rows = [], [], [], []
    for before, after in day.kept:
        ours.append(cost_ms(partial(changes, before, after, day.stack, lens, {}, day.now)))
        whole.append(cost_ms(partial(board, after, day.stack, lens, {}, day.now)))
        numbers.append(cost_ms(partial(processing, Scene(after, day.stack, lens, {}, day.now))))
        rows.append(rendered(before, after, day.stack, lens, day.now))
    full = board(day.state, day.stack, lens, {}, day.now)
    return Result(
        lens=lens,
        change_ms=round(statistics.median(ours), 2),
        change_p99_ms=round(percentile(ours, 0.99), 2),
        whole_ms=round(statistics.median(whole), 2),
        ratio=round(statistics.median(ours) / statistics.median(whole), 3),
        rows=statistics.median(rows),
        of=sum(len(full[name]) for name in r.SECTIONS_ARREST if name in full),
        processing_ms=round(statistics.median(numbers), 2),
    )


def grown(day: Arrests) -> list[Grown]:
    """Every command in turn, through command's lens: what it costs after few arrests and after many."""
    costs: list[tuple[int, float, float]] = []
    for before, after in day.kept:
        change = cost_ms(partial(changes, before, after, day.stack, COMMAND, {}, day.now))
        page = cost_ms(partial(processing, Scene(after, day.stack, COMMAND, {}, day.now)))
        costs.append((len(after.arrests.all), change, page))
    most, found = costs[-1][0], []
    for low, high in ((1, most // 10), (most * 9 // 10, most)):
        of = [one for one in costs if low <= one[0] <= high]
        medians = (round(statistics.median(one[place] for one in of), 2) for place in (1, 2))
        found.append(Grown(high, *medians))
    return found


def main() -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.processing", description=__doc__)
    parser.add_argument("--arrests", type=int, default=500)
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    day = Arrests(load_stack(read_files((MODEL,))), options.arrests, options.samples)
    day.go(options.arrests)
    results = [measured(day, lens) for lens in LENSES]
    every = Arrests(day.stack, options.arrests, options.arrests * 10)
    every.go(options.arrests)
    growth = grown(every)
    if options.json:
        print(
            json.dumps(
                {
                    "events": day.state.seq,
                    "aim": AIM,
                    "results": msgspec.to_builtins(results),
                    "growth": msgspec.to_builtins(growth),
                }
            )
        )
        return 0
    print(
        f"{options.arrests} arrests, {day.state.seq:,} events, {day.refused} refused; {len(day.kept)} samples over the whole"
    )
    print(f"aim: a change costs at most {AIM:.2f} of the whole board\n")
    print("lens          change ms     p99   whole ms  ratio   rows made anew  of    processing ms")
    for one in results:
        print(
            f"{one.lens:<12} {one.change_ms:>9.2f} {one.change_p99_ms:>8.2f} {one.whole_ms:>9.2f} {one.ratio:>6.3f}"
            f" {one.rows:>12.0f} {one.of:>10} {one.processing_ms:>12.2f}"
        )
    for grew in growth:
        print(
            f"up to {grew.arrests} arrests: a change {grew.change_ms:.2f} ms, the page in numbers {grew.processing_ms:.2f} ms"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
