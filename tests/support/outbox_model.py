"""The tablet's outbox in Python: the same machine as field_app/outbox_core.js, to be simulated and reasoned about.

Pure. `tests/data/outbox.json` holds the two to the same steps (`python -m tests.data.make_outbox`); what must always be true
of it is in tests/support/test_outbox_model.py. The table is that of docs/design/017-tablet.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import replace

MOST: Final = 50
BYTES_MOST: Final = 700_000
PAUSE_FIRST_MS: Final = 1_000
PAUSE_MOST_MS: Final = 30_000
KEPT_BACK_MS: Final = 60_000
LOOK_MS: Final = 300_000
LOOKS_MOST: Final = 100
KEPT_MS: Final = 604_800_000
KEPT_MOST: Final = 1_000

ItemState = Literal["waiting", "sent", "accepted", "held", "declined", "refused", "returned"]
Trouble = Literal["", "unbound", "full", "box", "author", "unknown"]
Room = Literal["ok", "low", "full"]

Input = Mapping[str, Any]
"""`in` and `now_ms`, and what this input brings."""

Effect = dict[str, Any]
"""`do`, and with what."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One record: see the typedef in outbox_core.js."""

    seq: int
    incident: str
    part: str
    size: int
    state: ItemState = "waiting"
    tries: int = 0
    after_ms: int = 0
    trouble: Trouble = ""
    author: bool
    server: bool = True
    files: int = 0
    told: bool = False
    log_seq: int | None = None


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The whole machine. Names of items are their numbers as text, as JSON wants it."""

    sender: bool = False
    part: str = ""
    flight: tuple[int, ...] = ()
    looking: tuple[int, ...] = ()
    pause_ms: int = 0
    until_ms: int = 0
    most: int = MOST
    cut: bool = False
    room: Room = "ok"
    items: dict[str, Item] = {}  # msgspec copies an empty default

    def ordered(self) -> list[Item]:
        """By number."""
        return sorted(self.items.values(), key=lambda item: item.seq)


def step(state: State, given: Input) -> tuple[State, list[Effect]]:
    """One input. Raises KeyError for one that is not known."""
    asked: list[Effect] = []
    after = _pump(_INPUTS[given["in"]](state, given, asked), given["now_ms"], asked)
    kept: list[Effect] = [
        {"do": "keep", "seq": item.seq}
        for item in after.ordered()
        if str(item.seq) in state.items and state.items[str(item.seq)] != item
    ]
    return after, [*kept, *asked]


def _set(machine: State, seq: int, /, **change: Any) -> State:
    return replace(machine, items={**machine.items, str(seq): replace(machine.items[str(seq)], **change)})


def _without(state: State, seq: int) -> State:
    return replace(state, items={name: item for name, item in state.items.items() if name != str(seq)})


def _changed(state: State, change: Callable[[Item], Item]) -> State:
    return replace(state, items={name: change(item) for name, item in state.items.items()})


def _tick(state: State, given: Input, asked: list[Effect]) -> State:
    return state


def _lock(state: State, given: Input, asked: list[Effect]) -> State:
    if not given["held"]:
        return replace(state, sender=False, flight=(), looking=(), items={})
    items = {str(one["seq"]): msgspec.convert(one, Item) for one in given["items"]}
    begun = replace(state, sender=True, flight=(), looking=(), pause_ms=0, until_ms=0, items=items)
    return _changed(begun, lambda item: replace(item, state="waiting") if item.state == "sent" else item)


def _saved(state: State, given: Input, asked: list[Effect]) -> State:
    fresh = {
        str(one["seq"]): msgspec.convert(one, Item) for one in given["items"] if str(one["seq"]) not in state.items
    }
    return replace(state, items={**state.items, **fresh}) if state.sender else state


def _signed(state: State, given: Input, asked: list[Effect]) -> State:
    part, now_ms = given["part"], given["now_ms"]

    def came(item: Item) -> Item:
        mine = part != "" and item.part == part and item.author
        if mine and not item.told and item.state in ("refused", "returned"):
            return replace(item, state="waiting")
        if item.state != "held" or part == "":
            return item
        if item.trouble != "author":
            return _soon(item, now_ms)
        return replace(item, trouble="", after_ms=now_ms) if mine else item

    return _changed(replace(state, part=part), came)


def _soon(item: Item, now_ms: int) -> Item:
    return replace(item, after_ms=min(item.after_ms, now_ms + PAUSE_MOST_MS))


def _back(state: State, given: Input, asked: list[Effect]) -> State:
    soon = replace(state, until_ms=0)
    return _changed(soon, lambda item: _soon(item, given["now_ms"]) if item.state == "held" else item)


def _answered(state: State, given: Input, asked: list[Effect]) -> State:
    after = replace(state, flight=(), pause_ms=0, until_ms=0, most=MOST, cut=False)
    answers = {one["seq"]: one for one in reversed(given["answers"])}
    for seq in state.flight:
        if seq in answers:
            after = _settled(after, after.items[str(seq)], answers[seq], given["now_ms"], asked)
        else:
            after = _set(after, seq, state="waiting")
    return after


_BECOMES: Final[dict[str, ItemState]] = {
    "quarantined": "held", "refused": "refused", "denied": "refused", "stale": "refused", "unreadable": "returned",
    "conflict": "returned",
}  # fmt: skip


def _settled(state: State, item: Item, answer: Input, now_ms: int, asked: list[Effect]) -> State:
    status, code, where = answer["status"], answer.get("code", ""), answer.get("where", "")
    trouble: Trouble = ""
    if status == "accepted":
        if answer.get("binds"):
            return _accepted(state, item, answer.get("log_seq"), asked)
        trouble = _unchecked(answer)
    elif status == "denied" and code == "full":
        trouble = "full"
    elif status == "unreadable" and where.startswith("sealed"):
        trouble = "box"
    elif status not in _BECOMES:
        trouble = "unknown"
    if trouble:
        asked.append({"do": "tell", "what": trouble})
        return _set(state, item.seq, state="waiting", trouble=trouble, after_ms=now_ms + KEPT_BACK_MS)
    told = _theirs(state, item)
    if told:
        asked.append({"do": "keep answer", "seq": item.seq})
    if _BECOMES[status] == "held" and item.files:
        asked.append({"do": "files", "seq": item.seq})
    asked.append({"do": "tell", "what": _BECOMES[status]})
    after_ms = now_ms + LOOK_MS if _BECOMES[status] == "held" else item.after_ms
    return _set(state, item.seq, state=_BECOMES[status], trouble="", told=told, after_ms=after_ms)


def _unchecked(answer: Input) -> Trouble:
    """Why an answer that says yes lets nothing go: it binds something else, or nobody here can tell."""
    return "author" if answer.get("binds") is None else "unbound"


def _theirs(state: State, item: Item) -> bool:
    """Its author is there, and so is their box."""
    return item.author and item.part != "" and item.part == state.part


def _accepted(state: State, item: Item, log_seq: int | None, asked: list[Effect]) -> State:
    told = _theirs(state, item)
    if told:
        asked.append({"do": "keep answer", "seq": item.seq})
    if item.files:
        asked.append({"do": "files", "seq": item.seq})
    elif item.author:
        asked.append({"do": "drop author", "seq": item.seq})
    keys = item.author and item.files > 0
    told = told or item.part == ""
    return _set(state, item.seq, state="accepted", trouble="", log_seq=log_seq, author=keys, told=told)


def _lost(state: State, given: Input, asked: list[Effect]) -> State:
    return _paused(state, given["now_ms"], 0)


def _busy(state: State, given: Input, asked: list[Effect]) -> State:
    return _paused(state, given["now_ms"], given["retry_ms"])


def _paused(state: State, now_ms: int, retry_ms: int) -> State:
    if not state.flight and not state.looking:
        return state
    pause_ms = min(PAUSE_MOST_MS, state.pause_ms * 2 if state.pause_ms else PAUSE_FIRST_MS)
    wait_ms = min(PAUSE_MOST_MS, max(pause_ms, retry_ms))
    return replace(_landed(state, now_ms), pause_ms=pause_ms, until_ms=now_ms + wait_ms)


def _landed(state: State, now_ms: int) -> State:
    after = state
    for seq in state.flight:
        after = _set(after, seq, state="waiting")
    for seq in state.looking:
        if str(seq) in after.items and after.items[str(seq)].state == "held":
            after = _set(after, seq, after_ms=now_ms + LOOK_MS)
    return replace(after, flight=(), looking=())


def _cut_off(state: State, given: Input, asked: list[Effect]) -> State:
    if not state.flight and not state.looking:
        return state
    if not state.cut:
        asked.append({"do": "tell", "what": "cut off"})
    return replace(_paused(state, given["now_ms"], 0), cut=True)


def _rejected(state: State, given: Input, asked: list[Effect]) -> State:
    if not state.flight:
        return _landed(state, given["now_ms"])
    if len(state.flight) > 1:
        return replace(_landed(state, given["now_ms"]), most=len(state.flight) // 2)
    asked.append({"do": "tell", "what": "returned"})
    back = _set(state, state.flight[0], state="returned", trouble="", told=True)
    return replace(back, flight=(), most=MOST)


def _covered(state: State, given: Input, asked: list[Effect]) -> State:
    after = state
    for item in state.ordered():
        if not _in_log(item, given["incident"]) or (item.log_seq or 0) > given["seq"]:
            continue
        if item.files and not item.author:
            continue
        asked.append({"do": "drop server", "seq": item.seq})
        after = _finished(_set(after, item.seq, server=False), item.seq, asked)
    return after


def _in_log(item: Item, incident: str) -> bool:
    """Accepted at a place in this incident's log, and its server's box still there."""
    return item.state == "accepted" and item.server and item.incident == incident and item.log_seq is not None


def _rewound(state: State, given: Input, asked: list[Effect]) -> State:
    def past(item: Item) -> bool:
        return _in_log(item, given["incident"]) and (item.log_seq or 0) > given["seq"]

    if not any(past(item) for item in state.items.values()):
        return state
    asked.append({"do": "tell", "what": "rewound"})
    return _changed(state, lambda item: replace(item, state="waiting", log_seq=None) if past(item) else item)


def _looked(state: State, given: Input, asked: list[Effect]) -> State:
    after = replace(state, looking=(), pause_ms=0, until_ms=0, cut=False)
    answers = {one["seq"]: one for one in reversed(given["answers"])}
    for seq in state.looking:
        item = after.items.get(str(seq))
        if item is not None and item.state == "held":
            after = _became(after, item, answers.get(seq, {}), given["now_ms"], asked)
    return after


def _became(state: State, item: Item, answer: Input, now_ms: int, asked: list[Effect]) -> State:
    said, again_ms = answer.get("became"), now_ms + LOOK_MS
    if said == "turned down":
        asked.append({"do": "tell", "what": "declined"})
        return _set(state, item.seq, state="declined", trouble="", told=True)
    if said == "not here":
        return _set(state, item.seq, state="waiting", trouble="", after_ms=0)
    if said not in ("let in", "claimed"):
        return _set(state, item.seq, trouble="", after_ms=again_ms)
    if answer.get("binds"):
        asked.append({"do": "tell", "what": said})
        part = answer.get("part", "") if item.part == "" else item.part
        theirs = _set(state, item.seq, part=part)
        return _accepted(theirs, theirs.items[str(item.seq)], answer.get("log_seq"), asked)
    trouble = _unchecked(answer)
    if item.trouble != trouble:
        asked.append({"do": "tell", "what": trouble})
    return _set(state, item.seq, trouble=trouble, after_ms=again_ms)


def _filed(state: State, given: Input, asked: list[Effect]) -> State:
    item = state.items.get(str(given["seq"]))
    if item is None or not item.files:
        return state
    files = item.files - 1
    over = files == 0 and item.state == "accepted"
    if over and item.author:
        asked.append({"do": "drop author", "seq": item.seq})
    return _finished(_set(state, item.seq, files=files, author=item.author and not over), item.seq, asked)


def _claimed(state: State, given: Input, asked: list[Effect]) -> State:
    item = state.items.get(str(given["seq"]))
    if item is None or item.state != "held":
        return state
    if item.files:
        asked.append({"do": "files", "seq": item.seq})
    keys = item.files > 0
    return _set(
        state,
        item.seq,
        state="accepted",
        trouble="",
        part=given["part"],
        author=keys,
        log_seq=given["log_seq"],
        told=True,
    )


def _finished(state: State, seq: int, asked: list[Effect]) -> State:
    item = state.items[str(seq)]
    if item.state != "accepted" or item.server or item.files:
        return state
    asked.append({"do": "done", "seq": seq})
    return _without(state, seq)


def _put_away(state: State, given: Input, asked: list[Effect]) -> State:
    item = state.items.get(str(given["seq"]))
    if item is None or item.state not in ("held", "declined", "refused", "returned"):
        return state
    if item.state == "held" and item.files:
        return state
    asked.append({"do": "forget", "seq": item.seq})
    return _without(state, item.seq)


def _mended(state: State, given: Input, asked: list[Effect]) -> State:
    """Another record has its place: it never goes out again."""
    after = state
    for seq in given["seqs"]:
        item = state.items.get(str(seq))
        if item is not None and item.state in ("declined", "refused", "returned"):
            after = _without(after, seq)
    return after


def _pruned(state: State, given: Input, asked: list[Effect]) -> State:
    after, kept = state, 0
    for row in sorted(given["rows"], key=lambda one: -int(one["seq"])):
        item = state.items.get(str(row["seq"]))
        nobodys = row["part"] == "" if item is None else _nobodys(item)
        if item is not None and not nobodys:
            continue
        if not row["told"] and not nobodys:
            if row["part"] == state.part:
                asked.append({"do": "told", "seq": row["seq"]})
        elif kept < KEPT_MOST and given["wall_ms"] - row["done_ms"] < KEPT_MS:
            kept += 1
        else:
            asked.append({"do": "forget", "seq": row["seq"]})
            after = _without(after, row["seq"])
    return after


def _nobodys(item: Item) -> bool:
    """Turned down, and nobody here could ever read it."""
    return item.state == "declined" and item.part == "" and not item.files


def _roomed(state: State, given: Input, asked: list[Effect]) -> State:
    if given["room"] != state.room:
        asked.append({"do": "tell", "what": f"room {given['room']}"})
    return replace(state, room=given["room"])


_INPUTS: Final[dict[str, Callable[[State, Input, list[Effect]], State]]] = {
    "tick": _tick, "lock": _lock, "saved": _saved, "signed": _signed, "answers": _answered, "lost": _lost, "busy": _busy,
    "cut off": _cut_off, "rejected": _rejected, "checkpoint": _covered, "rewound": _rewound, "filed": _filed, "claimed": _claimed,
    "put away": _put_away, "mended": _mended, "room": _roomed, "back": _back, "looked": _looked, "prune": _pruned,
}  # fmt: skip


def _pump(state: State, now_ms: int, asked: list[Effect]) -> State:
    if not state.sender or state.flight or state.looking:
        return state
    waiting = [item for item in state.ordered() if item.state == "waiting" and _way(state, item)]
    held = [item for item in state.ordered() if item.state == "held" and item.trouble != "author"]
    due = {
        name: max(state.until_ms, min(item.after_ms for item in items))
        for name, items in (("send", waiting), ("look", held))
        if items
    }
    if due.get("send", now_ms + 1) <= now_ms:
        return _sending(state, [item for item in waiting if item.after_ms <= now_ms], asked)
    if due.get("look", now_ms + 1) <= now_ms:
        return _asking(state, [item for item in held if item.after_ms <= now_ms], asked)
    if due:
        asked.append({"do": "wake", "at_ms": min(due.values())})
    return state


def _sending(state: State, ready: list[Item], asked: list[Effect]) -> State:
    batch = _batched(ready, state.most)
    asked.append(
        {"do": "send", "incident": batch[0].incident, "items": [[item.seq, _way(state, item)] for item in batch]}
    )
    after = replace(state, flight=tuple(item.seq for item in batch))
    for item in batch:
        after = _set(after, item.seq, state="sent", tries=item.tries + 1)
    return after


def _asking(state: State, due: list[Item], asked: list[Effect]) -> State:
    looking = [item.seq for item in due if item.incident == due[0].incident][:LOOKS_MOST]
    asked.append({"do": "look", "incident": due[0].incident, "items": looking})
    return replace(state, looking=tuple(looking))


def _way(state: State, item: Item) -> str:
    if _theirs(state, item):
        return "open"
    return "box" if item.server and item.trouble not in ("box", "author") else ""


def _batched(ready: list[Item], most: int) -> list[Item]:
    order = sorted(ready, key=lambda item: (item.trouble != "", item.seq))
    batch: list[Item] = []
    size = 0
    for item in order:
        full = len(batch) == most or (bool(batch) and size + item.size > BYTES_MOST)
        if full or item.incident != order[0].incident:
            break
        size += item.size
        batch.append(item)
    return batch
