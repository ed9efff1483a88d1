"""What is always true of the outbox: nothing is lost, doubled, put out of order, or let go of without a binding answer.

Of the model; tests/e2e/test_field_core.py holds the browser's machine to the same steps.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.data import make_outbox
from tests.support.outbox_model import (
    BYTES_MOST,
    KEPT_MS,
    LOOK_MS,
    LOOKS_MOST,
    MOST,
    PAUSE_MOST_MS,
    Effect,
    Item,
    State,
    step,
)

VECTORS = Path(__file__).resolve().parents[1] / "data/outbox.json"
PARTS = ("", "part-1", "part-2")
NOES = (
    "quarantined",
    "quarantined",
    "quarantined",
    "refused",
    "denied",
    "stale",
    "unreadable",
    "conflict",
    "never heard of",
)


def test_the_vectors_are_fresh() -> None:
    """Made of the model as it is."""
    assert VECTORS.read_text("utf-8") == make_outbox.text(), (
        "stale: run python -m tests.data.make_outbox > tests/data/outbox.json"
    )


def test_the_named_vectors_show_every_effect_and_every_input() -> None:
    """So a machine that leaves one out does not pass."""
    document = make_outbox.document()
    done = {effect["do"] for one in document for found in one["steps"] for effect in found["effects"]}
    assert done == {
        "send", "look", "keep", "done", "drop author", "drop server", "keep answer", "forget", "files", "wake", "tell", "told",
    }  # fmt: skip
    told = {e["what"] for one in document for found in one["steps"] for e in found["effects"] if e["do"] == "tell"}
    assert {
        "unbound",
        "full",
        "box",
        "author",
        "unknown",
        "let in",
        "claimed",
        "declined",
        "cut off",
        "rewound",
        "room low",
        "held",
        "refused",
        "returned",
    } <= told


def test_an_unknown_input_is_a_fault() -> None:
    """It is not passed over."""
    with pytest.raises(KeyError):
        step(State(), {"in": "no such", "now_ms": 0})


class Server:
    """The other side: takes each record once, in the order in which it came first, and may lose its tail to a restore."""

    def __init__(self) -> None:
        self.log: list[int] = []
        self.arrived: list[int] = []

    def take(self, seq: int) -> int:
        if seq not in self.arrived:
            self.arrived.append(seq)
        if seq not in self.log:
            self.log.append(seq)
        return self.log.index(seq) + 1


class Outbox(RuleBasedStateMachine):
    """A tablet, its disk and a server that loses answers, refuses, is full, is killed, and comes back older."""

    def __init__(self) -> None:
        super().__init__()
        self.state = State()
        self.disk: dict[int, Item] = {}  # what a browser finds that was killed here
        self.gone: dict[int, str] = {}  # why a record left the disk
        self.boxes: dict[int, set[str]] = {}
        self.flying: Effect | None = None
        self.server = Server()
        self.covered = 0
        self.now_ms = 0
        self.made = 0
        self.answered: dict[int, str] = {}
        self.decided: dict[int, str] = {}  # of what is held, by an administrator or by whoever claimed it
        self.rows: dict[int, dict[str, Any]] = {}  # what is done with, and still in somebody's list

    def feed(self, name: str, **more: Any) -> None:
        before = self.state
        self.state, effects = step(before, {"in": name, "now_ms": self.now_ms, **more})
        for effect in effects:
            self.perform(effect)

    def perform(self, effect: Effect) -> None:
        seq = effect.get("seq", 0)
        if effect["do"] == "keep":
            self.disk[seq] = self.state.items[str(seq)]
        elif effect["do"] in ("send", "look"):
            assert self.flying is None, "one request at a time"
            self.flying = effect
        elif effect["do"] == "drop author":
            self.boxes[seq].remove("author")
            assert self.answered[seq] == "bound"
        elif effect["do"] == "drop server":
            self.boxes[seq].remove("server")
            assert self.answered[seq] == "bound"
            assert self.server.log.index(seq) < self.covered
        elif effect["do"] == "done":
            item = self.disk.pop(seq)
            self.gone[seq] = "covered"
            self.rows[seq] = {"seq": seq, "part": item.part, "told": item.told, "done_ms": self.now_ms}
        elif effect["do"] == "told":
            assert self.rows[seq]["part"] == self.state.part != ""
            self.rows[seq] |= {"told": True, "done_ms": self.now_ms}
        elif effect["do"] == "forget" and seq in self.rows:
            row = self.rows.pop(seq)
            assert (row["told"] or not row["part"]) and self.now_ms - row["done_ms"] >= KEPT_MS
        elif effect["do"] == "forget":
            item = self.disk.pop(seq)
            self.gone[seq] = "put away"
            assert self.answered[seq] not in ("bound", ""), "only what was answered with a no, and read"
            assert item.state != "held" or not item.files
        elif effect["do"] == "wake":
            assert effect["at_ms"] > self.now_ms

    @rule(part=st.sampled_from(PARTS), files=st.sampled_from((0, 0, 1)), size=st.sampled_from((3_000, 400_000)))
    def save(self, part: str, files: int, size: int) -> None:
        self.made += 1
        item = Item(seq=self.made, incident="i", part=part, size=size, author=part != "", files=files)
        self.disk[self.made] = item
        self.boxes[self.made] = {"server"} | ({"author"} if part else set())
        self.answered[self.made] = ""
        self.feed("saved", items=[msgspec.to_builtins(item)])

    @rule(
        part=st.sampled_from(PARTS),
        files=st.sampled_from((0, 1)),
        how=st.sampled_from(("let in", "claimed", "turned down")),
    )
    def held_before(self, part: str, files: int, how: str) -> None:
        """It was held on another day, and somebody has decided since."""
        self.made += 1
        item = Item(seq=self.made, incident="i", part=part, size=3_000, author=part != "", files=files, state="held")
        self.disk[self.made] = item
        self.boxes[self.made] = {"server"} | ({"author"} if part else set())
        self.answered[self.made], self.decided[self.made] = "no", how
        self.feed("saved", items=[msgspec.to_builtins(item)])

    @rule(wait_ms=st.sampled_from((1, 1_000, 30_000, 61_000, 300_000)))
    def wait(self, wait_ms: int) -> None:
        self.now_ms += wait_ms
        self.feed("tick")

    @rule(part=st.sampled_from(PARTS))
    def sign(self, part: str) -> None:
        self.feed("signed", part=part)

    @precondition(lambda self: not self.state.sender)
    @rule()
    def take_lock(self) -> None:
        items = [msgspec.structs.replace(one, after_ms=0) for one in self.disk.values()]  # that is not kept
        self.feed("lock", held=True, items=[msgspec.to_builtins(one) for one in items])

    @rule()
    def kill(self) -> None:
        """The browser dies; whatever was on its way may or may not have arrived."""
        self.flying, self.state = None, State()

    @precondition(lambda self: self.flying and self.flying["do"] == "look")
    @rule(how=st.sampled_from(("lost", "busy", "cut off", "rejected")))
    def cut_look(self, how: str) -> None:
        self.flying = None
        self.feed(how, retry_ms=0)

    @precondition(lambda self: self.state.items)
    @rule(data=st.data(), how=st.sampled_from(("let in", "claimed", "turned down")))
    def decide(self, data: st.DataObject, how: str) -> None:
        """Somebody decides on what is held."""
        held = [item.seq for item in self.state.ordered() if item.state == "held"]
        if held:
            self.decided.setdefault(data.draw(st.sampled_from(held)), how)

    @precondition(lambda self: self.flying and self.flying["do"] == "look")
    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        """What became of what is held; an answer may be left out, bind something else, or be nobody's to check."""
        flying, self.flying = self.flying, None
        assert flying is not None and len(flying["items"]) <= LOOKS_MOST
        given = []
        for seq in flying["items"]:
            said = data.draw(st.sampled_from((self.decided.get(seq, "waiting"), "not here", "")))
            if not said:
                continue
            one: dict[str, Any] = {"seq": seq, "became": said}
            if said in ("let in", "claimed"):
                one |= {
                    "binds": data.draw(st.sampled_from((True, True, False, None))),
                    "log_seq": self.server.take(seq),
                }
                if said == "claimed" and self.state.part and data.draw(st.booleans()):
                    one["part"] = self.state.part
                if one["binds"] and seq in self.disk and self.disk[seq].state == "held":
                    self.answered[seq] = "bound"
            given.append(one)
        self.feed("looked", answers=given)

    @rule(wait_ms=st.sampled_from((0, KEPT_MS)))
    def prune(self, wait_ms: int) -> None:
        """Time goes by; what is done with leaves, and nothing else though it is asked for."""
        self.now_ms += wait_ms
        if self.state.sender:
            others = [{"seq": item.seq, "part": item.part, "told": True, "done_ms": 0} for item in self.disk.values()]
            self.feed("prune", rows=[*self.rows.values(), *others], wall_ms=self.now_ms)

    @rule()
    def back(self) -> None:
        """The line is said to be there."""
        self.feed("back")

    @precondition(lambda self: self.flying and self.flying["do"] == "send")
    @rule(arrives=st.integers(0, MOST), how=st.sampled_from(("lost", "busy", "cut off")))
    def cut(self, arrives: int, how: str) -> None:
        """Some of it is committed, and no answer comes back."""
        flying, self.flying = self.flying, None
        assert flying is not None
        for seq, _ in flying["items"][:arrives]:
            self.server.take(seq)
        self.feed(how, retry_ms=0)

    @precondition(lambda self: self.flying and self.flying["do"] == "send")
    @rule()
    def reject(self) -> None:
        flying, self.flying = self.flying, None
        assert flying is not None
        if len(flying["items"]) == 1:
            self.answered[flying["items"][0][0]] = "no"
        self.feed("rejected")

    @precondition(lambda self: self.flying and self.flying["do"] == "send")
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        flying, self.flying = self.flying, None
        assert flying is not None
        given = []
        for seq, way in flying["items"]:
            assert ("author" if way == "open" else "server") in self.boxes[seq]
            kind = data.draw(
                st.sampled_from(("bound", "bound", "bound", "unbound", "nobody can tell", "no", "full", "none"))
            )
            if kind == "none":
                continue
            if kind in ("bound", "unbound", "nobody can tell"):
                binds = None if kind == "nobody can tell" else kind == "bound"
                given.append({"seq": seq, "status": "accepted", "binds": binds, "log_seq": self.server.take(seq)})
            else:
                status = "denied" if kind == "full" else data.draw(st.sampled_from(NOES))
                given.append({"seq": seq, "status": status, "code": "full" if kind == "full" else ""})
                kind = kind if status in NOES[:-1] and kind == "no" else "kept"
            if kind in ("bound", "no"):
                self.answered[seq] = kind
        self.feed("answers", answers=given)

    @rule(back=st.integers(0, 3))
    def checkpoint(self, back: int) -> None:
        self.covered = max(self.covered, len(self.server.log) - back)
        self.feed("checkpoint", incident="i", seq=self.covered)

    @precondition(lambda self: len(self.server.log) > self.covered)
    @rule()
    def restore(self) -> None:
        """A backup: the tail that no signed head covered is gone, and the tablet hears of it."""
        for seq in self.server.log[self.covered :]:
            if self.answered[seq] == "bound":
                self.answered[seq] = ""
        del self.server.log[self.covered :]
        self.flying = None
        self.feed("lost")
        if self.state.sender:
            self.feed("rewound", incident="i", seq=self.covered)
        else:
            self.take_lock()
            self.feed("rewound", incident="i", seq=self.covered)

    @precondition(lambda self: self.state.items)
    @rule(data=st.data(), name=st.sampled_from(("put away", "filed")))
    def by_hand(self, data: st.DataObject, name: str) -> None:
        seq = data.draw(st.sampled_from([item.seq for item in self.state.ordered()]))
        self.feed(name, seq=seq)

    @invariant()
    def never_lost(self) -> None:
        """Every record is on the disk with a box that still opens, or in the log for good, or read and put away."""
        for seq in range(1, self.made + 1):
            if seq in self.gone:
                continue
            assert seq in self.disk
            kept = self.disk[seq]
            assert self.boxes[seq] or (kept.state == "accepted" and seq in self.server.log[: self.covered])
            if kept.state == "accepted":
                assert self.answered[seq] == "bound" and seq in self.server.log
            if kept.files and kept.state == "accepted":
                assert self.boxes[seq], "the keys of files that are still to follow"

    @invariant()
    def never_doubled(self) -> None:
        """The server knows each number once, and what is under way is what flies."""
        assert len(set(self.server.log)) == len(self.server.log)
        if self.state.sender:
            flying = self.flying or {"do": "", "items": []}
            assert ([seq for seq, _ in flying["items"]] if flying["do"] == "send" else []) == list(self.state.flight)
            assert (flying["items"] if flying["do"] == "look" else []) == list(self.state.looking)
            sent = [item.seq for item in self.state.ordered() if item.state == "sent"]
            assert sorted(self.state.flight) == sent

    @invariant()
    def order_is_kept(self) -> None:
        """What is sent for the first time is the lowest number that can go."""
        if self.flying is None or self.flying["do"] != "send":
            return
        items = [self.state.items[str(seq)] for seq, _ in self.flying["items"]]
        fresh = [item.seq for item in items if item.tries == 1 and not item.trouble]
        assert fresh == sorted(fresh)
        assert len(items) <= MOST
        assert len(items) == 1 or sum(item.size for item in items) <= BYTES_MOST

    @invariant()
    def it_never_waits_for_ever(self) -> None:
        """Whatever can go is under way, or goes within half a minute (a minute where it was answered before); of what is
        held it is asked within five."""
        if not self.state.sender or self.flying:
            return
        for item in self.state.ordered():
            can = (
                item.author
                and item.part
                and item.part == self.state.part
                or item.server
                and item.trouble not in ("box", "author")
            )
            if item.state == "held" and item.trouble != "author":
                assert 0 < max(item.after_ms, self.state.until_ms) - self.now_ms <= LOOK_MS
            if item.state == "waiting" and can:
                assert max(item.after_ms, self.state.until_ms) - self.now_ms <= max(PAUSE_MOST_MS, 60_000)
                assert max(item.after_ms, self.state.until_ms) > self.now_ms


Outbox.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestOutbox = Outbox.TestCase
