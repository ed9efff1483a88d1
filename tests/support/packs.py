"""Small packs as text, to be broken by tests one word at a time."""

from __future__ import annotations

from pathlib import Path

from command.policy.load import Stack, read_pack
from command.policy.model import Pack

MODEL = Path(__file__).parents[2] / "protocols" / "model" / "muster-model.toml"

SMALL = """\
[pack]
id = "small"
title = "Small plan"
jurisdiction = "Nowhere"
kind = "plan"
sources = []

[ranks]
order = ["officer", "sergeant", "lieutenant"]

[limits]
ask_age = "60 s"
ask_expires = "10 min"

[[position]]
id = "incident-commander"
title = "incident commander"
says = "Commands."
training = ["incident-command"]

[[position]]
id = "liaison"
title = "liaison officer"
says = "Speaks."
agency = "any"

[[indicator]]
id = "bottles"
says = "Bottles fly."

[[indicator]]
id = "fire"
says = "Something burns."

[[level]]
id = "low"
order = 0
name = "Low"
says = "Quiet."
permits = ["Watch."]

[[level]]
id = "high"
order = 1
name = "High"
says = "Loud."
permits = ["Speak.", "Shout."]
enter = { any = ["bottles", { all = ["fire"] }] }
authorizer = [{ positions = ["incident-commander"] }, { rank = "lieutenant or above" }]
review = "30 min"
needs = ["extent"]

[[ask]]
id = "may-ask"
action = "level.ask"
says = "Anyone asks."
who = { agency = "any" }

[[ask]]
id = "hand-over"
action = "command.transfer"
says = "The commander hands over."
who = { positions = ["incident-commander"] }
needs = ["briefing read"]

[force]
id = "force"
says = "Force needs a grant."

[[tool]]
id = "baton"
says = "A baton needs a grant."
grant = "needed"
exigent = "accepted"

[[duty]]
id = "review"
says = "Review force."
starts = { event = "ForceReported", exigent = true }
within = "72 h"
owed_by = "a supervisor"
ends = ["DutyDischarged"]

[[part]]
id = "plan-text"
says = "Write the plan."
owed_by = "planning"

[[text]]
id = "notice"
says = "Tells people."
words = { en = "Hello." }
"""


def changed(old: str, new: str, text: str = SMALL) -> str:
    """The text with one place changed. Fails where `old` is not there, so that a test cannot pass by a typing error."""
    assert old in text, f"not in the pack: {old!r}"
    return text.replace(old, new, 1)


def line_of(word: str, text: str) -> int:
    """The first line that holds `word`, counted from 1."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if word in line)


def small(*changes: tuple[str, str]) -> Pack:
    """The small pack, read, with changes."""
    text = SMALL
    for old, new in changes:
        text = changed(old, new, text)
    return read_pack(text, "small.toml")


def model() -> Pack:
    """The model pack of the repository."""
    return read_pack(MODEL.read_bytes(), MODEL.name)


def model_stack() -> Stack:
    """The model pack alone, as an incident adopts it."""
    return Stack.of([model()])
