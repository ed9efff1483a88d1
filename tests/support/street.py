"""A small plan that uses every rule on force, and a way to ask it in one line."""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, time
from typing import Any

import msgspec

from command.policy.case_facts import CaseFacts, Casting
from command.policy.decision import Decision, Finding
from command.policy.findings import finding
from command.policy.judge import judge
from command.policy.load import read_pack
from command.policy.request import ForceClaim, Request
from command.policy.stack import Stack
from tests.support.packs import changed

DAY = date(2026, 5, 1)

STREET = (
    changed(
        'id = "bottles"\nsays = "Bottles fly."',
        'id = "bottles"\nsays = "Bottles fly."\nlapses = "5 min"',
        changed(
            'ask_expires = "10 min"',
            'ask_expires = "10 min"\ngrant = "30 min"',
            changed('["officer", "sergeant", "lieutenant"]', '["officer", "sergeant", "lieutenant", "chief"]'),
        ),
    )
    + """
[[position]]
id = "deputy"
title = "deputy"
says = "Stands in."

[[indicator]]
id = "danger"
says = "Danger is near."
lapses = "unknown"

[[text]]
id = "order"
says = "Orders."
holds = ["the law"]
words = { en = "Go.", es = "Váyanse." }

[[warning]]
id = "warned"
says = "Warn twice."
texts = ["order"]
count = 2
interval = "2 min"
wait = "1 min"
imminent_if = "danger"
imminent_count = 1
languages = ["en", "es"]
says_what = ["the law"]
names_weapon = true
places = 2
lapses = "10 min"
lapses_when_moved = true
by = { rank = "sergeant or above", on_scene = true }

[[tactic]]
id = "gas"
says = "Gas takes two signatures."
tools = ["gas", "net"]
purposes = ["disperse"]
level = "high"
warning = "warned"
deescalation = "tried"
authorizer = { rank = "chief or above", designee = "lieutenant or above", training = ["crowd-management"] }
cosigner = [{ office = "mayor", binds = ["city"] }, { rank = "lieutenant or above" }]
scope = ["quantity", "time"]
quantity = 10
lasts = "20 min"

[[tactic]]
id = "baton-at-one"
says = "A baton is for one person."
tools = ["baton"]
bars = { zones = ["head"], indiscriminate = true, never_solely_for = ["curfew"] }
authorizer = { positions = ["incident-commander"] }

[[prohibition]]
id = "no-rope"
says = "No ropes, unless something burns."
tools = ["rope"]
unless = { all = ["fire"] }

[[prohibition]]
id = "sheriffs-only"
says = "Sheriffs use no nets."
tools = ["net"]
binds = ["county-sheriff"]

[[posture]]
id = "shield"
kind = "gear"
title = "shields"
says = "Shields wait."
level = "high"
needs = { any = ["bottles"] }
never_for = ["disperse"]
ready = { rank = "sergeant or above" }
authorizer = { positions = ["incident-commander"] }
review = "30 min"

[[ask]]
id = "ask-force"
action = "force.ask"
says = "Anyone asks for force."
who = { agency = "any" }

[[ask]]
id = "delegate"
action = "authority.delegate"
says = "The chief and the commander delegate."
who = [{ rank = "chief or above" }, { positions = ["incident-commander"] }]

[[delegation]]
id = "rank"
says = "The chief delegates."
rank = "chief or above"
to = "lieutenant or above"
longest = "2 h"

[[delegation]]
id = "command"
says = "Nobody has said for how long."
position = "incident-commander"
to = "sergeant or above"
longest = "unknown"

[[succession]]
id = "command"
says = "The deputy follows."
position = "incident-commander"
order = ["deputy", "liaison"]

[[ask]]
id = "suspend"
action = "plan.suspend"
says = "The commander suspends."
who = { positions = ["incident-commander"] }

[[ask]]
id = "resume"
action = "plan.resume"
says = "The commander resumes."
who = { positions = ["incident-commander"] }

[[ask]]
id = "review"
action = "review.file"
says = "A sergeant reviews."
who = { rank = "sergeant or above" }

[suspension]
id = "rare"
says = "Rarely, for a day."
longest = "24 h"

[relay]
id = "spoken"
says = "Spoken orders count with read-back."
worth = "authorizes with read-back"
"""
)

_TRAINED = ("incident-command", "crowd-management")
PEOPLE = {
    "chief": Casting(rank="chief", training=_TRAINED),
    "ic": Casting(rank="lieutenant", positions=("incident-commander",), training=_TRAINED),
    "lieutenant": Casting(rank="lieutenant", training=_TRAINED),
    "sergeant": Casting(rank="sergeant", training=_TRAINED),
    "officer": Casting(rank="officer"),
    "partner": Casting(rank="chief", agency="county", training=_TRAINED),
}

WARNED = (
    "12:00 sergeant warns sector 1 with order: naming gas, from 2 places",
    "12:02 sergeant warns sector 1 with order: naming gas, from 2 places",
)
SIGNED = ("12:02 the mayor signs a-1 by call-back with read-back", "12:02 lieutenant signs a-1")
READY = (
    "11:00 sector 1 stands at high",
    "11:30 officer tries de-escalation in sector 1",
    "11:40 sergeant finds bottles in sector 1",
)
GAS: dict[str, Any] = {
    "who": "chief", "action": "force.grant", "at": "12:05", "sector": "1", "tool": "gas", "purpose": "disperse",
    "requester": "sergeant", "ask": "a-1", "quantity": 3, "lasts_s": 600.0, "statement": "glass is thrown",
}  # fmt: skip
BATON: dict[str, Any] = {
    "who": "ic", "action": "force.grant", "at": "12:05", "sector": "1", "tool": "baton", "purpose": "arrest",
    "requester": "sergeant", "zones": ["legs"], "indiscriminate": False, "grounds": ["assault"],
    "statement": "strikes at others",
}  # fmt: skip


def when(text: str) -> datetime:
    """A time of the day of every case."""
    return datetime.combine(DAY, time.fromisoformat(text), UTC)


@functools.cache
def stack_of(text: str = STREET) -> Stack:
    """The plan alone."""
    return Stack.of([read_pack(text, "street.toml")])


def facts_of(lines: tuple[str, ...]) -> CaseFacts:
    """What was given."""
    facts = CaseFacts(PEOPLE, when("00:00"))
    for line in lines:
        at, _, sentence = line.partition(" ")
        assert facts.happen(when(at), sentence, when) is None, sentence
    return facts


def asked(given: tuple[str, ...], text: str = STREET, **said: Any) -> Decision:
    """The plan's answer to an ask. `who` and `at` are its author and time; a value of None leaves the field out."""
    now, person = when(said.pop("at")), said.pop("who")
    fields = {key: value for key, value in said.items() if value is not None}
    agency = PEOPLE[person].agency if person in PEOPLE else "lead"
    base = {"person": person, "agency": agency, "ask_age_s": 1.0, "basis_age_s": 0.0}
    return judge(stack_of(text), facts_of(given), msgspec.convert({**base, **fields}, Request), now)


def reported(given: tuple[str, ...], text: str = STREET, **said: Any) -> Finding:
    """How a report stands."""
    base = {"officer": "officer", "officer_agency": None, "sector": "1", "tool": "gas", "at": "12:05"}
    fields = {**base, **said}
    fields["at"] = when(fields["at"])
    return finding(stack_of(text), facts_of(given), msgspec.convert(fields, ForceClaim))


def words(decision: Decision) -> str:
    """Everything that an answer says, in one line."""
    return " / ".join((*decision.reasons, *decision.missing))
