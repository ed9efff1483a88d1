"""How an arrest stands, its wristband included, and that a later look forgets no doubt."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from command.domain import commands as c
from command.domain.arrest_stands import arrest_stands
from command.domain.wristband import make
from tests.domain.test_arrest import CARD
from tests.domain.test_arrest_late import again
from tests.support.given import LEAD, OFFICER, OPS, SERGEANT, STAFFED, Given, Wait, by, checks_in, given

LATE = replace(OFFICER, person="late")


def kind(past: Given, arrest: str) -> tuple[str, tuple[str, ...]]:
    state = past.world.state
    found = arrest_stands(state, past.world.context(OFFICER), state.arrests.all[arrest])
    return found.kind, found.reasons


def test_a_wristband_on_two_records_leaves_the_second_doubtful() -> None:
    past = given(*STAFFED, by(OFFICER, CARD), by(OFFICER, replace(CARD, arrest="a2", subject="s2")))
    assert CARD.wristband is not None and kind(past, "a1")[0] == "authorized"
    stands, why = kind(past, "a2")
    assert stands == "cannot tell" and any("is on the record a1 as well" in one for one in why)


def test_a_misread_number_does_not_mend_what_is_contrary_to_plan() -> None:
    group = replace(CARD, basis="presence in a group", wristband=make("W", "204", 173).replace("0173", "0174"))
    stands, why = kind(given(*STAFFED, by(OFFICER, group)), "a1")
    assert stands == "contrary to plan" and any("does not fit its check character" in one for one in why)
    assert kind(given(*STAFFED, by(OFFICER, replace(CARD, wristband=None))), "a1")[0] == "authorized"


def test_what_is_told_later_leaves_the_doubt_where_it_is() -> None:
    """Neither a fact about the place nor the officer's check-in says whose wristband it is: one reason goes, one stays."""
    second = replace(CARD, arrest="a2", subject="s2", officer="late", officer_agency=LEAD)
    past = given(*STAFFED, by(OFFICER, CARD), by(SERGEANT, second), Wait(60))
    early = past.world.now - timedelta(seconds=90)
    cmd = checks_in(LATE, "officer").what
    spec = past.when(cmd, LATE, occurred_at=early, rank="officer")
    assert [(record, kind) for record, kind, _ in again(spec)] == [("a2", "cannot tell")]
    stands = spec.world.state.arrests.all["a2"].finding
    assert stands is not None and not any("was not checked in" in why for why in stands.reasons)
    assert any("is on the record a1 as well" in why for why in stands.reasons)
    assert again(past.when(c.ReportCrowdMoved("m1", "north"), OPS, occurred_at=early)) == []
