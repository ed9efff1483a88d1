"""One plan after another during an incident: what may not be lost by it, and what people should know of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from command.policy.model import Pack
from command.policy.stack import Stack

CHANGE = "plan.change"


def against(before: Stack, after: Stack, now: datetime) -> tuple[str, ...]:
    """Why `after` may not follow `before` at `now`, a sentence each; empty where nothing stands against it.

    A law is not the plan's to drop: its pack stays in the stack, in this or another
    version, until its own dates of force have ended. A pack that is not in force, or a
    draft, would bar everything from then on, the way back included.
    """
    return tuple(_against(before, after, now))


def _against(before: Stack, after: Stack, now: datetime) -> Iterator[str]:
    if after.digests == before.digests:
        yield "this is the plan in force already"
    stays = {pack.id: pack for pack in after.packs}
    over = before.not_in_force(now)
    for law in before.packs:
        if law.pack.kind != "law" or law.id in over:
            continue
        named = f"{law.pack.title} ({law.id}, {law.pack.jurisdiction})"
        found = stays.get(law.id)
        if found is None:
            yield f"the new plan leaves out {named}: it is a law, and nobody here can take it away"
        elif found.pack.kind != "law":
            yield f"the new plan calls {named} not a law but: {found.pack.kind}"
    for pack in after.not_in_force(now):
        yield f"the pack {pack} is not in force on {now:%Y-%m-%d}"
    for pack, status in after.unfit:
        yield f"the pack {pack} is {status}"


def notes(before: Stack, after: Stack) -> tuple[str, ...]:
    """What the change brings with it, a sentence each: packs that come, go, or come in another version."""
    return tuple(_notes(before, after))


def _notes(before: Stack, after: Stack) -> Iterator[str]:
    old, new = {pack.id: pack for pack in before.packs}, {pack.id: pack for pack in after.packs}
    for pack in before.packs:
        if pack.id not in new:
            yield f"from now on without {pack.pack.title} ({pack.id})"
    for pack in after.packs:
        was = old.get(pack.id)
        if was is None:
            yield f"from now on with {pack.pack.title} ({pack.id}, {_short(pack)})"
        elif was.digest != pack.digest:
            yield f"{pack.pack.title} ({pack.id}) changes from {_short(was)} to {_short(pack)}"
        if (
            pack.pack.kind == "law"
            and pack.pack.status == "enjoined"
            and (was is None or was.pack.status != "enjoined")
        ):
            yield f"{pack.pack.title} ({pack.id}) says that it is enjoined: it binds nobody"
    if CHANGE not in after.asks:
        yield "no rule of the new plan says who may change it: it could not be changed again"


def _short(pack: Pack) -> str:
    return pack.digest[:12]
