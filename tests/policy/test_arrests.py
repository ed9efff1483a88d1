"""How an arrest stands, where the cases beside the rules cannot reach: local plans, clocks, what is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from command.library import load_stack, read_files
from command.policy.arrests import ArrestClaim, Declared, arrest_finding
from command.policy.case_facts import CaseFacts, Casting
from command.policy.decision import Finding
from command.policy.load import read_pack
from command.policy.stack import Stack

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

LOCAL = """
[pack]
id = "local"
title = "Local"
jurisdiction = "N"
kind = "agreement"
sources = [{ cite = "x" }]

[[warning]]
id = "home"
says = "Time to get home."
count = 1
wait = "30 min"
source = "x"
verified = "G"

[[arrest]]
id = "home"
says = "Time to get home."
topic = "curfew"
warning = "home"
source = "x"
verified = "G"

[[guideline]]
id = "no-loitering"
says = "Not taken up."
offence = "disorderly-conduct"
charge = "declined"
source = "x"
verified = "G"

[[guideline]]
id = "tickets"
says = "A ticket."
offence = "trespass"
charge = "citation"
source = "x"
verified = "G"
"""


def model() -> Stack:
    """The model alone."""
    return load_stack(read_files(("model/muster-model.toml",)))


def local() -> Stack:
    """A local paper on the model, which gives the time to get home and what the prosecutor said."""
    return Stack.of([read_pack(LOCAL, "local.toml"), *model().packs])


def at(text: str) -> datetime:
    """A time of the day."""
    hours, minutes = text.split(":")
    return NOON.replace(hour=int(hours), minute=int(minutes))


def found(*given: str, stack: Stack | None = None, **said: Any) -> Finding:
    """The finding of an arrest at 12:30 in sector 4, after these sentences."""
    facts = CaseFacts({"officer": Casting(rank="officer"), "sergeant": Casting(rank="sergeant", training=("crowd-management",))}, NOON.replace(hour=0))  # fmt: skip
    for line in given:
        time, _, sentence = line.partition(" ")
        assert facts.happen(at(time), sentence, at) is None
    claim: dict[str, Any] = {"officer": "officer", "officer_agency": None, "author": "officer", "at": at("12:30"), "sector": "4", "charges": ("vandalism",)}  # fmt: skip
    return arrest_finding(stack or model(), facts, ArrestClaim(**claim | said))


NOTICE = (
    "12:00 sergeant warns sector 4 with curfew-notice: amplified, on camera, heard, exits north, saying the ways out"
)
HOME = "12:10 exits of sector 4: north"


def test_a_curfew_stands_once_a_local_plan_gives_the_time_to_get_home_and_it_is_over() -> None:
    said: dict[str, Any] = {"charges": ("curfew",), "curfew": True, "exits": "open", "stack": local()}
    assert found(HOME, NOTICE, **said).kind == "authorized"
    early = found(HOME, NOTICE, at=at("12:29"), **said)
    assert early.kind == "contrary to plan" and "time to leave until 12:30:00" in " ".join(early.reasons)
    edge = found(HOME, NOTICE, at=at("12:30"), clock_error_ms=1000, **said)
    assert edge.kind == "cannot tell" and "within the clock's error" in " ".join(edge.reasons)


def test_a_curfew_arrest_under_another_charge_is_judged_as_one() -> None:
    alone = found(HOME, NOTICE, charges=("trespass",), curfew=True, exits="not known", stack=local())
    assert alone.kind == "authorized", "someone else had seen a way home open"
    unseen = found(NOTICE, charges=("trespass",), curfew=True, stack=local())
    assert "nobody wrote down whether a way home was open" in unseen.reasons


def test_the_prosecutors_word_is_the_packs_or_the_bars() -> None:
    declined = found(charges=("disorderly-conduct",), stack=local())
    assert declined.kind == "contrary to plan" and "guideline.no-loitering" in {rule.rule for rule in declined.rules}
    by_the_bar = found(charges=("vandalism",), declined=("vandalism",), bar="b")
    assert by_the_bar.kind == "contrary to plan"
    supported = found(charges=("trespass",), stack=local())
    assert supported.kind == "authorized" and "guideline.tickets" in {rule.rule for rule in supported.rules}


def test_without_a_bar_set_beforehand_the_finding_says_so() -> None:
    assert found().kind == "authorized"
    assert found().reasons == ("no bar for arrest had been set beforehand",)
    assert found(bar="b", bar_read=True, bar_announced=True).reasons == ()


def test_an_offence_that_no_list_has_is_its_own_statute() -> None:
    assert found(charges=("625 ILCS 5/11-1003",)).kind == "authorized"


def test_an_offence_that_a_rule_names_is_not_for_who_is_at_work_as_press() -> None:
    law = '[pack]\nid = "law"\ntitle = "Law"\njurisdiction = "N"\nkind = "law"\nsources = [{ cite = "x" }]\n[[charge]]\nid = "obstructing"\nsays = "x"\nstatute = "PC 148"\nsource = "x"\nverified = "V"\n[[arrest]]\nid = "press"\nsays = "x"\ntopic = "protected role"\ncharges = ["obstructing"]\nsource = "x"\nverified = "V"\n'
    stack = Stack.of([read_pack(law, "law.toml"), *model().packs])
    for word in ("obstructing", "PC 148"):
        spared = found(charges=(word,), protected=True, stack=stack)
        assert spared.kind == "contrary to plan" and "not for their work" in " ".join(spared.reasons)
        assert found(charges=(word,), stack=stack).kind == "authorized", "anybody else answers for it"
    assert found(charges=("obstructing",), protected=True).kind == "authorized", "a plan that names none spares none"


def test_where_it_happened_has_to_be_known_for_an_order() -> None:
    nowhere = found(charges=("failure-to-disperse",), sector=None)
    assert nowhere.kind == "cannot tell" and "cannot be looked up" in nowhere.reasons[0]


def test_a_plan_without_such_an_order_bears_out_no_such_arrest() -> None:
    lone = '[pack]\nid = "lone"\ntitle = "Lone"\njurisdiction = "N"\nkind = "plan"\nsources = []\n[ranks]\norder = ["officer"]\n[[position]]\nid = "incident-commander"\ntitle = "ic"\nsays = "x"\n[[level]]\nid = "low"\nname = "Low"\nsays = "x"\norder = 0\n'
    law = '[pack]\nid = "law"\ntitle = "Law"\njurisdiction = "N"\nkind = "law"\nsources = [{ cite = "x" }]\n[[charge]]\nid = "stay"\nsays = "Stays."\nrests_on = "order to disperse"\nsource = "x"\nverified = "V"\n'
    stack = Stack.of([read_pack(law, "law.toml"), read_pack(lone, "lone.toml")])
    bare = found(charges=("stay",), stack=stack)
    assert bare.kind == "contrary to plan" and "knows no warning" in " ".join(bare.reasons)
    assert found(charges=("stay",), contained=True, bystanders="open", stack=stack).kind == "contrary to plan"
    assert found(charges=("x",), contained=True, bystanders="open", stack=stack).kind == "authorized", (
        "no rule gates it"
    )


LINE = "12:20 sergeant grants g-1: encirclement to arrest in sector 4 until 12:40, asked by officer"


@pytest.mark.parametrize(
    ("given", "said", "kind"),
    [
        ((LINE,), {}, "authorized"),
        ((LINE, "12:25 g-1 is revoked"), {}, "no authorization on record"),
        ((LINE.replace("sector 4", "sector 5"),), {}, "no authorization on record"),
        ((LINE + ", relayed",), {}, "no authorization on record"),
        ((LINE + ", relayed with read-back",), {}, "authorized"),
        ((LINE,), {"at": NOON.replace(minute=40)}, "no authorization on record"),
        ((LINE,), {"at": NOON.replace(minute=39, second=59), "clock_error_ms": 5000}, "cannot tell"),
    ],
)
def test_a_line_stands_on_a_grant_that_is_in_force_there_and_then(
    given: tuple[str, ...], said: dict[str, Any], kind: str
) -> None:
    """Its place, its time, its revocation, its read-back; the clock's error either way."""
    assert found(*given, contained=True, bystanders="open", **said).kind == kind


GRANT = "12:20 sergeant grants g-2: mass-arrest to arrest in sector 4 until 12:59, asked by officer"


@pytest.mark.parametrize(
    ("since", "until", "error", "kind"),
    [
        ("12:00", "14:00", 0, "authorized"),
        ("12:30", "14:00", 0, "authorized"),
        ("12:31", "14:00", 0, "contrary to plan"),
        ("12:00", "12:30", 0, "contrary to plan"),
        ("12:00", "12:30", 1000, "cannot tell"),
    ],
)
def test_an_arrest_under_a_declaration_stands_on_one_in_force(since: str, until: str, error: int, kind: str) -> None:
    """From its first moment until before its last."""
    declared = Declared("h-1", at(since), at(until))
    assert found(GRANT, declaration="h-1", declared=declared, clock_error_ms=error).kind == kind


def test_a_clock_that_no_calendar_holds_is_taken_as_it_is() -> None:
    far = datetime.max.replace(tzinfo=UTC)
    assert found(at=far, clock_error_ms=1000).kind in ("authorized", "cannot tell")


def test_a_pack_that_was_not_in_force_tells_nothing() -> None:
    dated = LOCAL.replace('kind = "agreement"', 'kind = "agreement"\nin_force = { from = 2026-05-02 }')
    stack = Stack.of([read_pack(dated, "local.toml"), *model().packs])
    stale = found(stack=stack)
    assert stale.kind == "cannot tell" and "was not in force on 2026-05-01" in stale.reasons[0]
    assert found(stack=stack, at=NOON + timedelta(days=-1)).kind == "cannot tell"
