"""One of every event with a canary in every private field and in its public words, for the doors to hide."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from command.domain import events as e
from command.domain.codec import decode_recorded
from command.domain.deciding import Draft
from command.domain.private import private_fields
from command.policy.decision import Finding

GOLDEN = Path(__file__).parents[1] / "golden"
CANARY = re.compile(r"cn-[A-Za-z]+-[a-z_]+-nc")
PUBLIC = re.compile(r"pb-[A-Za-z]+-[a-z_]+-bp")
"""In the public words of each event: public to the rules and to whoever sees the event, and not to everybody."""
NAME = "Nomen Nescio-Canary"
"""Of every account: a name is for whoever sees the incident, and in no log, metric, audit entry or public answer."""


def samples() -> dict[str, e.Event]:
    """One event of every type, with a canary in every private field."""
    found: dict[str, e.Event] = {}
    for path in sorted(GOLDEN.glob("*.ndjson")):
        for raw in path.read_bytes().splitlines():
            event = decode_recorded(raw).event
            kind = type(event)
            canaries = {name: f"cn-{kind.__name__}-{name}-nc" for name in private_fields(kind)}
            canaries |= {name: f"pb-{kind.__name__}-{name}-bp" for name in public_words(kind)}
            found.setdefault(kind.__name__, msgspec.structs.replace(event, **canaries))
    return found


READ = {"time_zone", "ask", "field", "kind", "sha256", "media", "language", "first", "last", "office"}
"""Words of an event that are one of a few, or a form, and no free text."""


def public_words(kind: type[e.Event]) -> list[str]:
    """The public fields of an event in which anything may stand."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    hidden = private_fields(kind)
    return [field.name for field in info.fields if field.name not in {*hidden, *READ} and _is_free(field.type)]


def _is_free(kind: msgspec.inspect.Type) -> bool:
    options = kind.types if isinstance(kind, msgspec.inspect.UnionType) else (kind,)
    return any(isinstance(one, msgspec.inspect.StrType) and one.max_length == 200 for one in options)


SAMPLES = samples()
OF_A_MINOR: dict[str, Draft] = {
    "described": Draft(msgspec.structs.replace(SAMPLES["PersonDescribed"], apart=True)),
    "placed": Draft(
        SAMPLES["StationEntered"],
        finding=Finding("contrary to plan", (), ("pb-Minor-yard-bp is not for minors",)),
    ),
    "owed": Draft(
        msgspec.structs.replace(SAMPLES["DutyStarted"], duty="owed-to-a-minor", juvenile=True, says="pb-Minor-says-bp")
    ),
    "done": Draft(msgspec.structs.replace(SAMPLES["DutyDischarged"], duty="owed-to-a-minor")),
}
"""What says that somebody is a minor by what is public in it."""
OFFICERS = {"pb-PersonCheckedIn-name-bp"}
NAMES = {
    "medical": OFFICERS | {"pb-ArrestRecorded-wristband-bp"},  # the number of somebody who needs help
    "assisting": OFFICERS | {"pb-UnitFormed-name-bp"},
    "display": OFFICERS,
}
"""Who speaks of a thing is named, and a thing has its name, also before those who did not see the event that brought it."""

SECRETS = {name for event in SAMPLES.values() for name in CANARY.findall(str(event))}

# Not written once more into a log that has them: they begin it, end it, or destroy what is looked for.
LEFT_OUT = {"IncidentOpened", "LogRestored", "Redacted", "PlanChanged"}
