"""Makes tests/data/outbox.json: what the outbox does, step by step, for the browser's machine and the model to agree on.

    python -m tests.data.make_outbox > tests/data/outbox.json

Scripts with names are written by hand; walks are random, from seeds, of all inputs in any order: sensible or not.
"""

from __future__ import annotations

import json
import random
import sys
from typing import Any

import msgspec

from tests.support.outbox_model import KEPT_MOST, KEPT_MS, LOOKS_MOST, MOST, Item, State, step

A, B = "incident-a", "incident-b"
ME, OTHER = "part-me", "part-other"
WALKS, STEPS = 12, 70

Script = list[dict[str, Any]]


def item(seq: int, **more: Any) -> dict[str, Any]:
    """A record that was just saved."""
    part = more.pop("part", ME)
    made = Item(
        seq=seq, part=part, author=part != "", incident=more.pop("incident", A), size=more.pop("size", 3000), **more
    )
    return dict(msgspec.to_builtins(made))


def lock(now_ms: int, *items: dict[str, Any]) -> dict[str, Any]:
    return {"in": "lock", "now_ms": now_ms, "held": True, "items": list(items)}


def saved(now_ms: int, seq: int, **more: Any) -> dict[str, Any]:
    return {"in": "saved", "now_ms": now_ms, "items": [item(seq, **more)]}


def answers(now_ms: int, *given: dict[str, Any]) -> dict[str, Any]:
    return {"in": "answers", "now_ms": now_ms, "answers": list(given)}


def yes(seq: int, log_seq: int) -> dict[str, Any]:
    return {"seq": seq, "status": "accepted", "binds": True, "log_seq": log_seq}


def no(seq: int, status: str, **more: str) -> dict[str, Any]:
    return {"seq": seq, "status": status, **more}


def looked(now_ms: int, *given: dict[str, Any]) -> dict[str, Any]:
    return {"in": "looked", "now_ms": now_ms, "answers": list(given)}


def let_in(seq: int, log_seq: int, *, became: str = "let in", binds: bool | None = True, **more: Any) -> dict[str, Any]:
    return {"seq": seq, "became": became, "binds": binds, "log_seq": log_seq, **more}


def row(seq: int, done_ms: int, *, part: str = ME, told: bool = True) -> dict[str, Any]:
    """One that is done with, as it lies on the disk."""
    return {"seq": seq, "part": part, "told": told, "done_ms": done_ms}


def prune(now_ms: int, wall_ms: int, *rows: dict[str, Any]) -> dict[str, Any]:
    return {"in": "prune", "now_ms": now_ms, "wall_ms": wall_ms, "rows": list(rows)}


def signed(now_ms: int, part: str) -> dict[str, Any]:
    return {"in": "signed", "now_ms": now_ms, "part": part}


def after(now_ms: int, name: str, **more: Any) -> dict[str, Any]:
    return {"in": name, "now_ms": now_ms, **more}


def named() -> dict[str, Script]:
    """By what they show."""
    return {
        "saved, sent, accepted, covered": [
            lock(0), signed(1, ME), saved(2, 1), answers(3, yes(1, 41)),
            after(4, "checkpoint", incident=A, seq=40), after(5, "checkpoint", incident=A, seq=41),
        ],
        "held: its files follow all the same, and it cannot be put away before they have": [
            lock(0), saved(1, 1, part="", files=1), answers(2, no(1, "quarantined", code="author")), after(3, "put away", seq=1),
            after(4, "filed", seq=1), after(5, "put away", seq=1),
        ],
        "nobody is signed in: the box goes, and is held": [
            lock(0), saved(1, 1, part=""), answers(2, no(1, "quarantined", code="author")), after(3, "put away", seq=1),
        ],
        "the author is there: in the open; somebody else is: as a box": [
            lock(0), signed(1, OTHER), saved(2, 1), after(3, "lost"), signed(4, ME), after(1003, "tick"),
        ],
        "committed, then cut, twice: the same again, and the first answer counts": [
            lock(0), signed(1, ME), saved(2, 1), after(3, "lost"), after(500, "tick"), after(1003, "tick"), after(1004, "lost"),
            after(3004, "tick"), answers(3005, yes(1, 7)),
        ],
        "a 503 asks for a while; the pause doubles up to half a minute": [
            lock(0), saved(0, 1),
            *(one for n in range(8) for one in (after(n * 40_000 + 1, "busy", retry_ms=5_000), after(n * 40_000 + 40_000, "tick"))),
        ],
        "an answer that does not bind: nothing leaves, and the others go on": [
            lock(0), signed(1, ME), saved(2, 1), answers(3, {"seq": 1, "status": "accepted", "binds": False, "log_seq": 3}),
            saved(4, 2), answers(5, yes(2, 4)), after(60_003, "tick"), answers(60_004, yes(1, 3)),
        ],
        "refused while its author was away: asked again when they are back": [
            lock(0), saved(1, 1), answers(2, no(1, "denied", code="stale")), signed(3, ME), answers(4, no(1, "denied", code="stale")),
            after(5, "put away", seq=1),
        ],
        "unreadable comes back, and leaves when it is put away": [
            lock(0), signed(1, ME), saved(2, 1), after(3, "put away", seq=1), answers(4, no(1, "unreadable", where="conduct")),
            after(5, "put away", seq=1),
        ],
        "written anew: what came back has its place taken, and what did not stays": [
            lock(0), signed(1, ME), saved(2, 1), saved(2, 2), answers(3, no(1, "unreadable", where="conduct")), after(3, "mended", seqs=[1, 2, 9]),
            answers(4, yes(2, 5)), saved(5, 3), answers(6, yes(3, 6)), after(7, "put away", seq=1),
        ],
        "a box that the server cannot open waits for its author": [
            lock(0), saved(1, 1), answers(2, no(1, "unreadable", where="sealed.key")), after(90_000, "tick"), signed(90_001, ME),
            answers(90_002, yes(1, 9)),
        ],
        "quarantine is full: it keeps its records": [lock(0), saved(1, 1), answers(2, no(1, "denied", code="full")), after(60_002, "tick")],
        "a word that nobody knows: it waits": [lock(0), saved(1, 1), answers(2, no(1, "postponed"))],
        "cut off, it goes on handing in, and says so once": [
            lock(0), saved(1, 1), after(2, "cut off"), after(1002, "tick"), after(1003, "cut off"), after(9000, "tick"),
            answers(9001, no(1, "quarantined", code="revoked")),
        ],
        "a request that is no good as a whole is halved until the one is alone": [
            lock(0, *(item(n) for n in range(1, 6))), after(1, "rejected"), after(2, "rejected"), after(3, "rejected"),
            answers(4, *(yes(n, n) for n in range(1, 6))), answers(5, *(yes(n, n) for n in range(1, 6))),
        ],
        "fifty at a time, of one incident, within a request's size": [
            lock(0, *(item(n) for n in range(1, MOST + 3)), item(60, incident=B), item(61)),
            answers(1, *(yes(n, n) for n in range(1, MOST + 3))), answers(2, *(yes(n, n) for n in range(MOST + 1, 80))),
            answers(3, yes(60, 1)), answers(4, yes(61, 99)), saved(5, 70, size=600_000),
            answers(6, yes(70, 100)), lock(7, item(80, size=500_000), item(81, size=300_000), item(82, size=900_000)),
            answers(8, yes(80, 101)), answers(9, yes(81, 102)),
        ],
        "what was under way when the browser was killed goes again": [lock(0, item(1, state="sent"), item(2))],
        "the lock went to another tab: it sends nothing and knows nothing": [
            lock(0), saved(1, 1), after(2, "lock", held=False, items=[]), answers(3, yes(1, 1)), saved(4, 2), after(5, "tick"),
        ],
        "its box waits for its files": [
            lock(0), signed(1, ME), saved(2, 1, files=2), answers(3, yes(1, 5)), after(4, "checkpoint", incident=A, seq=9),
            after(5, "filed", seq=1), after(6, "filed", seq=1), after(7, "filed", seq=1),
        ],
        "files of a locked capture keep the last box that holds their keys": [
            lock(0), saved(1, 1, part="", files=1), answers(2, yes(1, 5)), after(3, "checkpoint", incident=A, seq=9),
            after(4, "filed", seq=1), after(5, "checkpoint", incident=A, seq=9),
        ],
        "held, and claimed by who captured it: its files follow": [
            lock(0), saved(1, 1, part="", files=1), answers(2, no(1, "quarantined", code="author")), signed(3, ME),
            after(4, "claimed", seq=1, part=ME, log_seq=8), after(5, "claimed", seq=1, part=ME, log_seq=8),
            after(6, "filed", seq=1), after(7, "checkpoint", incident=A, seq=8),
        ],
        "held, and asked of every five minutes: let in with an answer that binds, it is like any": [
            lock(0), signed(1, ME), saved(2, 1), answers(3, no(1, "quarantined", code="access")), after(150_000, "tick"),
            after(300_003, "tick"), looked(300_004, {"seq": 1, "became": "waiting"}), after(600_004, "tick"),
            looked(600_005, let_in(1, 77)), after(600_006, "checkpoint", incident=A, seq=77),
        ],
        "a start asks at once, of one incident after the other, a hundred at a time, behind what is to be sent": [
            lock(0, *(item(n, state="held", incident=B if n == 2 else A) for n in range(1, LOOKS_MOST + 4)), item(200)),
            answers(1, yes(200, 5)), looked(2, *(let_in(n, n) for n in range(1, LOOKS_MOST + 3))), looked(3, let_in(2, 9)), looked(4),
        ],
        "let in, and the answer binds something else: it stays, said once, and is asked of again": [
            lock(0, item(1, state="held")), looked(1, let_in(1, 3, binds=False)), after(300_001, "tick"),
            looked(300_002, let_in(1, 3, binds=False)), after(600_002, "tick"), looked(600_003, let_in(1, 3)),
        ],
        "let in, and only its author can check the answer: it waits for them": [
            lock(0, item(1, state="held")), looked(1, let_in(1, 3, binds=None)), after(900_000, "tick"), signed(900_001, OTHER),
            signed(900_002, ME), looked(900_003, let_in(1, 3)),
        ],
        "let in, and told so without an answer: its box stays, and it is put away by its author": [
            lock(0, item(1, state="held")), looked(1, {"seq": 1, "became": "let in"}), after(2, "put away", seq=1),
        ],
        "accepted, and only its author can check the answer: it goes again when they are there": [
            lock(0), saved(1, 1), answers(2, {"seq": 1, "status": "accepted", "binds": None, "log_seq": 4}), after(90_000, "tick"),
            signed(90_001, ME), answers(90_002, yes(1, 4)),
        ],
        "held and turned down: it stays until its author puts it away": [
            lock(0, item(1, state="held", files=1)), looked(1, {"seq": 1, "became": "turned down"}), signed(2, ME), after(3, "put away", seq=1),
        ],
        "a claim whose answer was lost: it is theirs who claimed it, and its files follow": [
            lock(0, item(1, part="", state="held", files=1)), signed(1, ME), looked(2, let_in(1, 6, became="claimed", part=ME)),
            after(3, "filed", seq=1), after(4, "checkpoint", incident=A, seq=6),
        ],
        "claimed by somebody else, elsewhere: it is said, and theirs": [
            lock(0, item(1, part="", state="held")), signed(1, ME), looked(2, let_in(1, 6, became="claimed")),
            after(3, "checkpoint", incident=A, seq=6),
        ],
        "claimed, and put away, while it is being asked of": [
            lock(0, item(1, part="", state="held"), item(2, state="held")), after(1, "claimed", seq=1, part=ME, log_seq=3),
            after(2, "put away", seq=2), looked(3, let_in(1, 3, became="claimed"), {"seq": 2, "became": "turned down"}),
        ],
        "the server holds nothing under its number: it goes again": [
            lock(0, item(1, part="", state="held")), looked(1, {"seq": 1, "became": "not here"}),
            answers(2, no(1, "quarantined", code="author")), after(300_002, "tick"),
        ],
        "no answer to what is asked: again after five minutes, and what is new is sent meanwhile": [
            lock(0, item(1, state="held")), after(1, "lost"), saved(2, 2), after(1_001, "tick"), answers(1_002, yes(2, 2)),
            after(300_001, "tick"), after(300_002, "busy", retry_ms=5_000), after(305_002, "tick"), after(600_002, "tick"),
            after(600_003, "rejected"), after(900_003, "tick"), after(900_004, "cut off"), after(1_200_004, "tick"), looked(1_200_005),
        ],
        "whoever comes, and a line that is back, have it asked within half a minute, however often": [
            lock(0, item(1, state="held")), looked(1, {"seq": 1, "became": "waiting"}), signed(2, ME), signed(3, OTHER), after(4, "back"),
            after(30_001, "tick"), after(30_002, "tick"), looked(30_003, {"seq": 1, "became": "waiting"}), signed(30_004, ""),
            after(60_004, "tick"), after(90_000, "back"), after(120_000, "tick"),
        ],
        "a line that is back: nobody waits out a pause": [
            lock(0), signed(1, ME), saved(2, 1), after(3, "lost"), after(1_003, "tick"), after(1_004, "lost"), after(1_005, "back"),
        ],
        "what is done leaves a week after it was told, and nothing else": [
            lock(0, item(1), item(2, state="accepted", server=False, files=1), item(3, state="declined", part=""), item(4, state="declined"),
                 item(5, state="declined", part="", files=1)),
            signed(1, ME),
            prune(2, KEPT_MS + 100, *(row(n, 100, part=ME if n in (1, 2, 4) else "") for n in range(1, 6)), row(6, 100), row(7, 101),
                  row(8, 100, told=False), row(9, 100, part=OTHER, told=False), row(10, 100, part="", told=False), row(11, 100, part=OTHER)),
        ],
        "of what is done a thousand stay, the newest": [
            prune(0, 10, *(row(n, 5) for n in range(1, KEPT_MOST + 3)), row(5_000, 5, told=False)),
        ],
        "the log was restored to before it: it goes again": [
            lock(0), signed(1, ME), saved(2, 1), answers(3, yes(1, 50)), after(4, "rewound", incident=A, seq=50),
            after(5, "rewound", incident=A, seq=49), answers(6, yes(1, 50)), after(7, "checkpoint", incident=A, seq=50),
            after(8, "rewound", incident=A, seq=10),
        ],
        "an answer that leaves one out: that one goes again": [lock(0, item(1), item(2)), answers(1, yes(2, 1)), answers(2, yes(1, 2))],
        "saved together, sent together": [
            lock(0), {"in": "saved", "now_ms": 1, "items": [item(1), item(2)]}, {"in": "saved", "now_ms": 2, "items": [item(2), item(3)]},
            answers(3, yes(1, 1), yes(2, 2)),
        ],
        "saved twice is one": [lock(0), saved(1, 1), saved(2, 1)],
        "near-full storage is said once": [after(0, "room", room="low"), after(1, "room", room="low"), after(2, "room", room="full"), after(3, "room", room="ok")],
    }  # fmt: skip


def walk(seed: int) -> Script:
    """Any inputs in any order. Answers are mostly for what is under way."""
    rng, state, now_ms, made, script = random.Random(seed), State(), 0, 0, []
    for _ in range(STEPS):
        now_ms += rng.choice((1, 20, 900, 5_000, 40_000))
        if state.sender and state.flight and rng.random() < 0.6:
            given = _reply(rng, state, now_ms)
        elif state.sender and state.looking and rng.random() < 0.6:
            given = _looked(rng, state, now_ms)
        else:
            given, made = _other(rng, state, now_ms, made)
        state, _ = step(state, given)
        script.append(given)
    return script


def _reply(rng: random.Random, state: State, now_ms: int) -> dict[str, Any]:
    kind = rng.choices(("answers", "lost", "busy", "cut off", "rejected"), (7, 2, 1, 1, 1))[0]
    if kind == "busy":
        return after(now_ms, "busy", retry_ms=rng.choice((0, 4_000, 90_000)))
    if kind != "answers":
        return after(now_ms, kind)
    return answers(now_ms, *(_answer(rng, seq) for seq in state.flight if rng.random() < 0.95))


def _answer(rng: random.Random, seq: int) -> dict[str, Any]:
    kind = rng.choices(("yes", "unbound", "no"), (6, 1, 3))[0]
    if kind != "no":
        return {"seq": seq, "status": "accepted", "binds": kind == "yes", "log_seq": seq + 100}
    status = rng.choice(("quarantined", "refused", "denied", "stale", "unreadable", "conflict", "new word"))
    more = rng.choice(({}, {"code": "full"}, {"where": "sealed.box"}, {"where": "conduct", "code": "stale"}))
    return no(seq, status, **more)


def _looked(rng: random.Random, state: State, now_ms: int) -> dict[str, Any]:
    kind = rng.choices(("looked", "lost", "busy", "cut off", "rejected"), (7, 1, 1, 1, 1))[0]
    if kind == "busy":
        return after(now_ms, "busy", retry_ms=rng.choice((0, 4_000, 90_000)))
    if kind != "looked":
        return after(now_ms, kind)
    return looked(now_ms, *(_fate(rng, seq) for seq in state.looking if rng.random() < 0.95))


def _fate(rng: random.Random, seq: int) -> dict[str, Any]:
    kind = rng.choice(("waiting", "let in", "let in", "claimed", "turned down", "not here", "new word"))
    if kind not in ("let in", "claimed"):
        return {"seq": seq, "became": kind}
    part = {"part": rng.choice((ME, OTHER))} if kind == "claimed" and rng.random() < 0.5 else {}
    return let_in(seq, seq + 100, became=kind, binds=rng.choice((True, True, False, None)), **part)


def _other(rng: random.Random, state: State, now_ms: int, made: int) -> tuple[dict[str, Any], int]:
    kind = rng.choices(
        (
            "saved",
            "tick",
            "signed",
            "lock",
            "drop",
            "checkpoint",
            "rewound",
            "filed",
            "put away",
            "room",
            "back",
            "prune",
        ),
        (8, 5, 3, 2, 0.4, 2, 1, 2, 2, 0.5, 0.5, 0.5),
    )[0]
    some = rng.choice([one.seq for one in state.ordered()] or [1])
    if kind == "saved":
        made += 1
        more = {"part": rng.choice((ME, ME, OTHER, "")), "incident": rng.choice((A, A, A, B)), "files": rng.choice((0, 0, 1, 2)),
                "size": rng.choice((2_000, 4_000, 400_000))}  # fmt: skip
        return saved(now_ms, made, **more), made
    if kind == "signed":
        return signed(now_ms, rng.choice((ME, ME, OTHER, ""))), made
    if kind == "lock":
        return lock(now_ms, *(dict(msgspec.to_builtins(one)) for one in state.ordered())), made
    if kind == "drop":
        return after(now_ms, "lock", held=False, items=[]), made
    if kind in ("checkpoint", "rewound"):
        return after(now_ms, kind, incident=rng.choice((A, B)), seq=rng.randrange(90, made + 105)), made
    if kind in ("filed", "put away"):
        return after(now_ms, kind, seq=some), made
    if kind == "prune":
        rows = [
            row(seq, rng.choice((0, now_ms)), part=rng.choice((ME, OTHER, "")), told=rng.random() < 0.5)
            for seq in range(1, made + 1)
        ]
        return prune(now_ms, KEPT_MS + now_ms, *rows), made
    if kind == "back":
        return after(now_ms, "back"), made
    if kind == "room":
        return after(now_ms, "room", room=rng.choice(("ok", "low", "full"))), made
    return after(now_ms, "tick"), made


def played(name: str, script: Script) -> dict[str, Any]:
    """A script with what came of each step, and the end."""
    state, steps = State(), []
    for given in script:
        state, effects = step(state, given)
        steps.append({"input": given, "effects": effects})
    return {"name": name, "steps": steps, "end": msgspec.to_builtins(state)}


def document() -> list[dict[str, Any]]:
    """The whole file."""
    scripts = {**named(), **{f"walk {seed}": walk(seed) for seed in range(WALKS)}}
    return [played(name, script) for name, script in scripts.items()]


def text() -> str:
    """As it lies in the repository: a line for each step."""
    parts = []
    for one in document():
        steps = ",\n".join("   " + json.dumps(found, separators=(",", ":")) for found in one["steps"])
        end = json.dumps(one["end"], separators=(",", ":"))
        parts.append(f' {{"name": {json.dumps(one["name"])},\n  "steps": [\n{steps}\n  ],\n  "end": {end}}}')
    return "[\n" + ",\n".join(parts) + "\n]\n"


if __name__ == "__main__":
    sys.stdout.write(text())
