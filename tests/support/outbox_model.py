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

ItemState = Literal["waiting", "sent", "accepted", "held", "refused", "returned"]
Trouble = Literal["", "unbound", "full", "box", "unknown"]
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
        return replace(state, sender=False, flight=(), items={})
    items = {str(one["seq"]): msgspec.convert(one, Item) for one in given["items"]}
    begun = replace(state, sender=True, flight=(), pause_ms=0, until_ms=0, items=items)
    return _changed(begun, lambda item: replace(item, state="waiting") if item.state == "sent" else item)


def _saved(state: State, given: Input, asked: list[Effect]) -> State:
    fresh = {
        str(one["seq"]): msgspec.convert(one, Item) for one in given["items"] if str(one["seq"]) not in state.items
    }
    return replace(state, items={**state.items, **fresh}) if state.sender else state


def _signed(state: State, given: Input, asked: list[Effect]) -> State:
    part = given["part"]

    def untold(item: Item) -> bool:
        theirs = part != "" and item.part == part and item.author
        return theirs and not item.told and item.state in ("refused", "returned")

    return _changed(replace(state, part=part), lambda item: replace(item, state="waiting") if untold(item) else item)


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
        trouble = "unbound"
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
    return _set(state, item.seq, state=_BECOMES[status], trouble="", told=told)


def _theirs(state: State, item: Item) -> bool:
    """Its author is there, and so is their box."""
    return item.author and item.part != "" and item.part == state.part


def _accepted(state: State, item: Item, log_seq: int | None, asked: list[Effect]) -> State:
    if _theirs(state, item):
        asked.append({"do": "keep answer", "seq": item.seq})
    if item.files:
        asked.append({"do": "files", "seq": item.seq})
    elif item.author:
        asked.append({"do": "drop author", "seq": item.seq})
    keys = item.author and item.files > 0
    return _set(state, item.seq, state="accepted", trouble="", log_seq=log_seq, author=keys)


def _lost(state: State, given: Input, asked: list[Effect]) -> State:
    return _paused(state, given["now_ms"], 0)


def _busy(state: State, given: Input, asked: list[Effect]) -> State:
    return _paused(state, given["now_ms"], given["retry_ms"])


def _paused(state: State, now_ms: int, retry_ms: int) -> State:
    if not state.flight:
        return state
    pause_ms = min(PAUSE_MOST_MS, state.pause_ms * 2 if state.pause_ms else PAUSE_FIRST_MS)
    wait_ms = min(PAUSE_MOST_MS, max(pause_ms, retry_ms))
    return replace(_landed(state), pause_ms=pause_ms, until_ms=now_ms + wait_ms)


def _landed(state: State) -> State:
    after = state
    for seq in state.flight:
        after = _set(after, seq, state="waiting")
    return replace(after, flight=())


def _cut_off(state: State, given: Input, asked: list[Effect]) -> State:
    if not state.flight:
        return state
    if not state.cut:
        asked.append({"do": "tell", "what": "cut off"})
    return replace(_paused(state, given["now_ms"], 0), cut=True)


def _rejected(state: State, given: Input, asked: list[Effect]) -> State:
    if not state.flight:
        return state
    if len(state.flight) > 1:
        return replace(_landed(state), most=len(state.flight) // 2)
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
    return _set(state, item.seq, state="accepted", part=given["part"], author=keys, log_seq=given["log_seq"])


def _finished(state: State, seq: int, asked: list[Effect]) -> State:
    item = state.items[str(seq)]
    if item.state != "accepted" or item.server or item.files:
        return state
    asked.append({"do": "done", "seq": seq})
    return _without(state, seq)


def _put_away(state: State, given: Input, asked: list[Effect]) -> State:
    item = state.items.get(str(given["seq"]))
    if item is None or item.state not in ("held", "refused", "returned") or (item.state == "held" and item.files):
        return state
    asked.append({"do": "forget", "seq": item.seq})
    return _without(state, item.seq)


def _roomed(state: State, given: Input, asked: list[Effect]) -> State:
    if given["room"] != state.room:
        asked.append({"do": "tell", "what": f"room {given['room']}"})
    return replace(state, room=given["room"])


_INPUTS: Final[dict[str, Callable[[State, Input, list[Effect]], State]]] = {
    "tick": _tick, "lock": _lock, "saved": _saved, "signed": _signed, "answers": _answered, "lost": _lost, "busy": _busy,
    "cut off": _cut_off, "rejected": _rejected, "checkpoint": _covered, "rewound": _rewound, "filed": _filed, "claimed": _claimed,
    "put away": _put_away, "room": _roomed,
}  # fmt: skip


def _pump(state: State, now_ms: int, asked: list[Effect]) -> State:
    if not state.sender or state.flight:
        return state
    waiting = [item for item in state.ordered() if item.state == "waiting" and _way(state, item)]
    if not waiting:
        return state
    due_ms = max(state.until_ms, min(item.after_ms for item in waiting))
    if due_ms > now_ms:
        asked.append({"do": "wake", "at_ms": due_ms})
        return state
    batch = _batched([item for item in waiting if item.after_ms <= now_ms], state.most)
    asked.append(
        {"do": "send", "incident": batch[0].incident, "items": [[item.seq, _way(state, item)] for item in batch]}
    )
    after = replace(state, flight=tuple(item.seq for item in batch))
    for item in batch:
        after = _set(after, item.seq, state="sent", tries=item.tries + 1)
    return after


def _way(state: State, item: Item) -> str:
    if _theirs(state, item):
        return "open"
    return "box" if item.server and item.trouble != "box" else ""


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
