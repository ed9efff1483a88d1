"""One decision on many records that one device has held back: named one by one, taken in the device's own order, each with
its own entry in the trail. What could not be decided waits on and is said; nothing is decided that was not on the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from command.access.model import Subject
from command.devices.model import Held, Outcome
from command.devices.ports import DeviceStore
from command.devices.quarantine import Quarantine
from command.domain.submission import Answer
from command.errors import Busy, Conflict, Corrupt, NotFound, Unavailable, Unreadable

MOST_DECIDED: Final = 200
"""At once. More than a lost tablet brings of a shift; few enough that whoever decides has had them on a screen."""

Decision = Literal["release", "reject"]

_DONE: Final[dict[Decision, Outcome]] = {"release": "released", "reject": "rejected"}

TAKEN: Final = frozenset({"accepted", "refused", "duplicate"})
"""Answers of the log after which a record does not wait any more."""


class Settled(msgspec.Struct, frozen=True):
    """What came of one of them: `outcome` None where it waits on, and then why. `answer` is the log's, of what was let in."""

    item: str
    device_seq: int | None
    outcome: Outcome | None
    problem: str = ""
    answer: Answer | None = None


async def decide_all(
    store: DeviceStore, quarantine: Quarantine, log: str, device: str, items: Sequence[str], decision: Decision,
    reason: str, by: Subject, now: datetime,
) -> list[Settled]:  # fmt: skip
    """Let in or turn down `items` of one device, in its order, those that are not here last.

    Raises Unreadable where one is of another device, or there are more than MOST_DECIDED: then nothing was decided.
    """
    if len(items) > MOST_DECIDED:
        raise Unreadable(f"expected at most {MOST_DECIDED} items, got {len(items)}", where="items")
    found = [one for item in dict.fromkeys(items) if (one := await store.held_one(item)) and one.log == log]
    if strange := next((one for one in found if one.device != device), None):
        raise Unreadable(f"expected items of the device {device}, got another's", where=strange.id)
    found.sort(key=lambda one: (one.device_seq, one.received_at, one.id))
    here = {one.id for one in found}
    settled: list[Settled] = []
    cut = ""
    for one in found:
        if not cut:
            made = await _one(quarantine, one, decision, reason, by, now)
            cut = made if isinstance(made, str) else ""
        settled.append(Settled(one.id, one.device_seq, None, cut) if isinstance(made, str) else made)
    missing = [item for item in dict.fromkeys(items) if item not in here]
    return [*settled, *(Settled(item, None, None, "nothing of that name is held back here") for item in missing)]


async def _one(
    quarantine: Quarantine, one: Held, decision: Decision, reason: str, by: Subject, now: datetime
) -> Settled | str:
    """What came of it; a text where the node takes nothing now, and those behind it need not be tried."""
    try:
        if decision == "reject":
            await quarantine.reject(one.log, one.id, reason, by, now)
            return Settled(one.id, one.device_seq, "rejected")
        answer = await quarantine.release(one.log, one.id, reason, by, now)
    except (Conflict, NotFound, Corrupt, Unreadable) as exc:
        return Settled(one.id, one.device_seq, None, exc.message)
    except (Busy, Unavailable) as exc:
        return f"not tried: {exc.message}"
    if answer.status not in TAKEN:
        return Settled(one.id, one.device_seq, None, answer.problem or answer.status, answer)
    return Settled(one.id, one.device_seq, _DONE[decision], "", answer)
