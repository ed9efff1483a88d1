"""Many tablets and one server in a time of their own: no network, no disk, and all that can go wrong with either, by seed.

Requests are late, lost, overtaken by their own repetition, committed without an answer; tablets die at any step, officers
come and go, the server is away; what is held back is let in, claimed or turned down, and nobody tells the tablet. Whatever
happened, when it is over each record is where it belongs, once and in order, and a week later none is left but what
somebody has to read.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.faults.conftest import LONG
from tests.support.outbox_model import KEPT_MS, Effect, Item, State, step

SCHEDULES = 20_000 if LONG else 400
TROUBLE_MS = 120_000  # so long things go wrong
QUIET_MS = 600_000  # and within this they are in order again
LINE_MS = 60_000  # the tablet gives an answer up
FATES = ("accepted",) * 12 + ("confided", "held", "held", "refused", "unreadable", "conflict", "denied")
"""`confided`: accepted, and only with what was signed at hand can the answer be checked."""
ENDS = {
    "accepted": "accepted", "confided": "accepted", "refused": "refused", "denied": "refused", "unreadable": "returned",
    "conflict": "returned", "let in": "accepted", "claimed": "accepted", "turned down": "declined",
}  # fmt: skip


class World:
    """The clock, and what is due."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now_ms = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def after(self, wait_ms: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now_ms + int(wait_ms), next(self._numbers), act))

    def run(self, until_ms: int) -> None:
        while self._due and self._due[0][0] <= until_ms:
            self.now_ms, _, act = heapq.heappop(self._due)
            act()
        self.now_ms = until_ms

    @property
    def troubled(self) -> bool:
        return self.now_ms < TROUBLE_MS


class Server:
    """Takes each record once. It is away now and then, and signs for what it has."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.log: list[tuple[str, int]] = []
        self.held: dict[tuple[str, int], str] = {}  # and what became of it, "" until somebody decides
        self.covered = 0
        self.up = True

    def take(self, tablet: Tablet, items: list[list[Any]]) -> list[dict[str, Any]]:
        """The answers to a request, in its order."""
        return [self._one(tablet, seq, way) for seq, way in items]

    def _one(self, tablet: Tablet, seq: int, way: str) -> dict[str, Any]:
        record, fate = (tablet.name, seq), tablet.fates[seq]
        assert way in tablet.ways[seq], "only what is there is sent"
        if tablet.held_back(seq):
            self.held.setdefault(record, "")
            return {"seq": seq, "status": "quarantined", "code": "author"}
        if fate not in ("accepted", "confided"):
            return {"seq": seq, "status": fate}
        binds = None if fate == "confided" and way == "box" else True
        return {"seq": seq, "status": "accepted", "binds": binds, "log_seq": self._recorded(record)}

    def _recorded(self, record: tuple[str, int]) -> int:
        if record not in self.log:
            self.log.append(record)
        return self.log.index(record) + 1

    def decide(self, record: tuple[str, int], what: str) -> None:
        """Once, by a person."""
        if self.held[record] == "":
            self.held[record] = what
            if what != "turned down":
                self._recorded(record)

    def look(self, tablet: Tablet, numbers: list[int]) -> list[dict[str, Any]]:
        """What became of them."""
        return [self._became(tablet, seq) for seq in numbers]

    def _became(self, tablet: Tablet, seq: int) -> dict[str, Any]:
        record = (tablet.name, seq)
        if record not in self.held:
            return {"seq": seq, "became": "not here"}
        became = self.held[record] or "waiting"
        if became in ("waiting", "turned down"):
            return {"seq": seq, "became": became}
        return {"seq": seq, "became": became, "binds": True, "log_seq": self._recorded(record)}


class Tablet:
    """A machine, its disk, and whoever has it. `fates` is what the server will say of each record, for ever."""

    def __init__(self, world: World, server: Server, name: str, records: int) -> None:
        self.world, self.server, self.name, self.left = world, server, name, records
        self.disk: dict[int, Item] = {}
        self.fates: dict[int, str] = {}
        self.locked: dict[int, bool] = {}
        self.ways: dict[int, set[str]] = {}
        self.answered: set[int] = set()
        self.gone: set[int] = set()
        self.rows: dict[int, dict[str, Any]] = {}  # what is done with, and still in somebody's list
        self.state = State()
        self.life = 0
        self.online = True
        self.boot()

    def boot(self) -> None:
        """Started anew: the disk is all it has."""
        self.life += 1
        self.state = State()
        items = [msgspec.structs.replace(one, after_ms=0) for one in self.disk.values()]  # that is not kept
        self.feed("lock", held=True, items=[msgspec.to_builtins(one) for one in items])
        self.feed("signed", part=self.world.random.choice(("", "a", "a", "b")) if self.world.troubled else "a")
        self.tidy()
        if self.world.troubled:
            self.world.after(self.world.random.expovariate(1 / 20_000), self.die)

    def tidy(self) -> None:
        """What was told and is done with leaves after its time."""
        declined = [
            {"seq": one.seq, "part": one.part, "told": True, "done_ms": 0}
            for one in self.disk.values()
            if one.state == "declined"
        ]
        self.feed("prune", rows=[*self.rows.values(), *declined], wall_ms=self.world.now_ms)

    def held_back(self, seq: int) -> bool:
        """Nobody can know who wrote it, or its author had no grant."""
        return self.locked[seq] or self.fates[seq] == "held"

    def die(self) -> None:
        """Killed: what was under way is under way without it."""
        self.state, self.life = State(), self.life + 1
        self.world.after(self.world.random.uniform(100, 8_000), self.boot)

    def feed(self, name: str, **more: Any) -> None:
        if name != "lock" and not self.state.sender:
            return
        self.state, effects = step(self.state, {"in": name, "now_ms": self.world.now_ms, **more})
        if self.world.troubled and self.world.random.random() < 0.01:
            return self.die()  # between an answer and its keeping
        for effect in effects:
            self.perform(effect)
        return None

    def perform(self, effect: Effect) -> None:
        seq, life = effect.get("seq", 0), self.life
        match effect["do"]:
            case "keep":
                self.disk[seq] = self.state.items[str(seq)]
            case "send":
                self.send(effect["items"])
            case "look":
                self.look(effect["items"])
            case "wake":
                self.world.after(effect["at_ms"] - self.world.now_ms, lambda: self.then(life, "tick"))
            case "files":
                self.world.after(self.world.random.uniform(1, 5_000), lambda: self.brought(seq))
            case "drop author":
                self.ways[seq].discard("open")
                assert seq in self.answered
            case "drop server":
                self.ways[seq].discard("box")
                assert self.server.log.index((self.name, seq)) < self.server.covered
            case "done":
                item = self.disk.pop(seq)
                assert item.state == "accepted" and seq in self.answered
                self.gone.add(seq)
                self.rows[seq] = {"seq": seq, "part": item.part, "told": item.told, "done_ms": self.world.now_ms}
            case "told":
                self.rows[seq] |= {"told": True, "done_ms": self.world.now_ms}
            case "forget" if seq in self.rows:
                row = self.rows.pop(seq)
                assert (row["told"] or not row["part"]) and self.world.now_ms - row["done_ms"] >= KEPT_MS
            case "forget":
                item = self.disk.pop(seq)
                assert item.state == "declined" and item.part == "" and not item.files, "nothing is put away here"
                self.gone.add(seq)

    def then(self, life: int, name: str, **more: Any) -> None:
        """Something that was waited for, where whoever waited still lives."""
        if life == self.life:
            self.feed(name, **more)

    def brought(self, seq: int) -> None:
        """One of its files is there."""
        if self.state.sender and str(seq) in self.state.items:
            self.feed("filed", seq=seq)

    def send(self, items: list[list[Any]]) -> None:
        """A request on its way, and what comes of it."""
        chance, life, troubled = self.world.random, self.life, self.world.troubled
        bodies = [[seq, way] for seq, way in items if way in self.ways[seq]]
        assert len(bodies) == len(items), "a box that is sent is there"
        there_ms = chance.choice((5, 50, 700, 90_000)) if troubled else 5
        self.world.after(LINE_MS, lambda: self.then(life, "lost") if self.state.flight == flight else None)
        flight = tuple(seq for seq, _ in items)
        if not self.online or (troubled and chance.random() < 0.2):
            return self.world.after(1, lambda: self.then(life, "lost"))
        return self.world.after(there_ms, lambda: self.arrived(life, items, flight))

    def arrived(self, life: int, items: list[list[Any]], flight: tuple[int, ...]) -> None:
        chance, troubled = self.world.random, self.world.troubled
        if not self.server.up:
            return self.back(life, flight, "busy", retry_ms=5_000)
        if troubled and chance.random() < 0.05:
            return self.back(life, flight, "rejected") if len(items) > 1 else None
        still = [[seq, way] for seq, way in items if seq in self.fates and way in self.ways[seq]]
        answers = self.server.take(self, still)  # it was sent with these boxes; they may be gone here by now
        if troubled and chance.random() < 0.3:
            return None  # committed, and nobody heard
        return self.back(life, flight, "answers", answers=answers)

    def look(self, numbers: list[int]) -> None:
        """A question on its way, and what comes of it."""
        chance, life, asked = self.world.random, self.life, tuple(numbers)
        self.world.after(LINE_MS, lambda: self.then(life, "lost") if self.state.looking == asked else None)
        if not self.online or (self.world.troubled and chance.random() < 0.2):
            return self.world.after(1, lambda: self.then(life, "lost"))

        def heard(answers: list[dict[str, Any]]) -> None:
            if life != self.life or self.state.looking != asked:
                return
            for one in answers:
                if one.get("binds") and one["seq"] in self.disk and self.disk[one["seq"]].state == "held":
                    self.answered.add(one["seq"])
            self.feed("looked", answers=answers)

        def arrived() -> None:
            if self.server.up:
                answers = self.server.look(self, numbers)
                self.world.after(5, lambda: heard(answers))
            else:
                self.world.after(
                    5, lambda: self.then(life, "busy", retry_ms=5_000) if self.state.looking == asked else None
                )

        return self.world.after(chance.choice((5, 700, 70_000)) if self.world.troubled else 5, arrived)

    def claim(self) -> None:
        """Whoever is signed in takes what was captured while nobody was; the answer may be lost."""
        mine = [seq for seq, item in self.disk.items() if item.state == "held" and self.locked[seq]]
        if not mine or not self.state.part or not self.online or not self.server.up:
            return
        seq = self.world.random.choice(mine)
        if self.server.held.get((self.name, seq)) != "":
            return
        self.server.decide((self.name, seq), "claimed")
        if self.world.random.random() < 0.5:
            self.answered.add(seq)
            self.feed("claimed", seq=seq, part=self.state.part, log_seq=self.server.log.index((self.name, seq)) + 1)

    def back(self, life: int, flight: tuple[int, ...], name: str, **more: Any) -> None:
        def heard() -> None:
            if life != self.life or self.state.flight != flight:
                return  # given up meanwhile
            for answer in more.get("answers", ()):
                if answer["status"] == "accepted":
                    self.answered.add(answer["seq"])
            self.feed(name, **more)
            self.feed("checkpoint", incident="i", seq=self.server.covered)

        self.world.after(5, heard)

    def save(self) -> None:
        """What happened, with or without its author there."""
        if not self.left or not self.state.sender:
            return
        self.left -= 1
        seq, part, files = len(self.fates) + 1, self.state.part, self.world.random.choice((0, 0, 2))
        self.fates[seq], self.locked[seq] = self.world.random.choice(FATES), part == ""
        self.ways[seq] = {"box"} | ({"open"} if part else set())
        item = Item(seq=seq, incident="i", part=part, size=9_000, author=part != "", files=files)
        self.disk[seq] = item
        self.feed("saved", items=[msgspec.to_builtins(item)])


def harmed(world: World, server: Server, tablets: list[Tablet]) -> None:
    """A moment of a bad day; then the next."""
    if not world.troubled:
        server.up, server.covered = True, len(server.log)
        for one in tablets:
            one.online = True
        return
    one, what = world.random.choice(tablets), world.random.random()
    if what < 0.5:
        one.save()
    elif what < 0.65:
        one.online = not one.online
    elif what < 0.8:
        one.feed("signed", part=world.random.choice(("", "a", "b")))
    elif what < 0.85:
        one.claim()
    elif what < 0.9:
        open_ = [record for record, became in server.held.items() if not became]
        if open_:
            server.decide(world.random.choice(open_), world.random.choice(("let in", "turned down")))
    elif what < 0.95:
        server.up = not server.up
    else:
        server.covered = len(server.log)
    world.after(world.random.expovariate(1 / 1_500), lambda: harmed(world, server, tablets))


def settle(world: World, server: Server, tablets: list[Tablet]) -> None:
    """The day is over: everybody is there, the line stands."""
    world.run(TROUBLE_MS)
    harmed(world, server, tablets)
    for one in tablets:
        while one.left:
            if not one.state.sender:
                one.boot()
            one.save()
    for part in ("a", "b", "a", "b"):
        for one in tablets:
            one.boot()
            one.feed("signed", part=part)
            for seq, item in list(one.disk.items()):  # files go on where they stopped
                if item.state in ("accepted", "held", "declined"):
                    for _ in range(item.files):
                        one.brought(seq)
        world.run(world.now_ms + QUIET_MS // 4)
        for record in server.held:
            server.decide(record, world.random.choice(("let in", "turned down")))
        server.covered = len(server.log)
        for one in tablets:
            one.feed("checkpoint", incident="i", seq=server.covered)


def check(server: Server, tablets: list[Tablet]) -> None:
    """Nothing lost, nothing doubled, each in its order, and everything answered for."""
    assert len(set(server.log)) == len(server.log)
    for one in tablets:
        mine = [seq for name, seq in server.log if name == one.name]
        held = {seq: became for (name, seq), became in server.held.items() if name == one.name}
        straight = [seq for seq in mine if seq not in held]
        sure = [seq for seq in straight if one.fates[seq] != "confided"]
        assert sure == sorted(sure)
        assert set(straight) == {
            seq for seq, fate in one.fates.items() if ENDS.get(fate) == "accepted" and not one.locked[seq]
        }
        assert held.keys() == {seq for seq in one.fates if one.held_back(seq)}
        assert set(mine) - set(straight) == {seq for seq, became in held.items() if became != "turned down"}
        assert one.gone | one.disk.keys() == one.fates.keys()
        for seq, item in one.disk.items():
            assert item.state == ENDS[held.get(seq) or one.fates[seq]], (seq, item)
        assert one.gone <= set(mine)
        assert not [item for item in one.disk.values() if item.state == "accepted" and not item.files and item.server]


def check_later(world: World, tablets: list[Tablet]) -> None:
    """A week goes by: what is left is what somebody has to read and put away."""
    for part in ("a", "b", "a"):
        for one in tablets:
            one.boot()
            one.feed("signed", part=part)
            for seq, item in list(one.disk.items()):
                for _ in range(item.files if item.state == "declined" else 0):
                    one.brought(seq)
            one.tidy()
        world.run(world.now_ms + KEPT_MS)
    for one in tablets:
        assert not one.rows
        assert {item.state for item in one.disk.values()} <= {"refused", "returned", "declined"}
        assert all(item.part for item in one.disk.values() if item.state == "declined")


def simulated(seed: int) -> tuple[World, Server, list[Tablet]]:
    """One day by its seed."""
    world = World(seed)
    server = Server(world)
    tablets = [Tablet(world, server, f"t{n}", world.random.randint(1, 8)) for n in range(world.random.randint(1, 5))]
    harmed(world, server, tablets)
    settle(world, server, tablets)
    return world, server, tablets


@pytest.mark.parametrize("first", range(0, SCHEDULES, SCHEDULES // 4))
def test_whatever_the_day_was_like_each_record_is_where_it_belongs(first: int) -> None:
    """By seed: a failure names it, and it happens again."""
    for seed in range(first, first + SCHEDULES // 4):
        world, server, tablets = simulated(seed)
        try:
            check(server, tablets)
            check_later(world, tablets)
        except AssertionError as failed:
            raise AssertionError(f"seed {seed}: {failed}") from failed
