"""A grant covers what it names, from its first second to the one before its last."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from command.policy.covering import covering
from command.policy.decision import Finding
from command.policy.request import ForceClaim
from tests.support.packs import changed
from tests.support.street import STREET, facts_of, stack_of, when
from tests.support.street import reported as told

GRANT = "12:00 chief grants g-1: gas to disperse in sector 1 until 12:30, to officer, against p-1, 5 of it, asked by sergeant"
USE: dict[str, Any] = {"purpose": "disperse", "subject": "p-1", "quantity": 3}
NO = "no authorization on record"
# What a grant covers; what it rests on beside that has its own tests (test_warned_use).
BARE = changed('warning = "warned"\n', "", STREET)
TEXT = BARE + '\n[[tool]]\nid = "gas"\nsays = "Gas needs a grant."\ngrant = "needed"\nexigent = "not accepted"\n'


def reported(given: tuple[str, ...], text: str = STREET, **said: Any) -> Finding:
    """A report from a sector that stands at the level that gas takes."""
    return told(("11:00 sector 1 stands at high", *given), text, **said)


def test_within_everything() -> None:
    """Authorized, and it says by whom."""
    stands = reported((GRANT,), TEXT, **USE)
    assert stands.kind == "authorized"
    assert stands.reasons == ("granted by chief: g-1",)
    assert reported((GRANT,), TEXT, **USE, grant="g-1").kind == "authorized"


@pytest.mark.parametrize(
    ("more", "change", "kind", "expected"),
    [
        ((), {"at": "11:59:59"}, NO, "no grant is on record"),
        ((), {"at": "11:59:59", "grant": "g-1"}, NO, "the grant g-1 is not on record"),
        ((), {"at": "12:30"}, NO, "had ended at 12:30:00"),
        ((), {"at": "12:29:59"}, "authorized", "granted by chief"),
        ((), {"grant": "g-2"}, NO, "the grant g-2 is not on record"),
        ((), {"tool": "baton"}, NO, "no grant is on record"),
        ((), {"tool": "baton", "grant": "g-1"}, NO, "it was granted for gas"),
        ((), {"sector": "2", "grant": "g-1"}, NO, "it was granted for the sector 1"),
        ((), {"purpose": "arrest"}, NO, "it was granted to disperse, and used to arrest"),
        ((), {"subject": "p-2"}, NO, "against another person"),
        ((), {"officer": "sergeant"}, NO, "sergeant is not one of those"),
        ((), {"quantity": 6}, NO, "more was used than the 5 granted"),
        (("12:01 3 of g-1 are used",), {}, NO, "more was used than the 5 granted"),
        (("12:01 2 of g-1 are used",), {}, "authorized", "granted by chief"),
        (("12:05 g-1 is revoked",), {}, NO, "revoked at 12:05:00"),
        (("12:05 g-1 is revoked",), {"at": "12:04:59"}, "authorized", "granted by chief"),
        ((), {"at": "12:29:00", "clock_error_ms": 60_000}, "cannot tell", "within the clock's error"),
        ((), {"at": "12:28:59", "clock_error_ms": 60_000}, "authorized", "granted by chief"),
        ((), {"at": "11:59:30", "clock_error_ms": 30_000}, "cannot tell", "within the clock's error"),
        (("12:05 g-1 is revoked",), {"at": "12:04:50", "clock_error_ms": 10_000}, "cannot tell", "clock's error"),
    ],
)
def test_each_edge(more: tuple[str, ...], change: dict[str, Any], kind: str, expected: str) -> None:
    """Time, tool, place, purpose, person, officer, quantity, revocation, and what a clock can't tell."""
    stands = reported((GRANT, *more), TEXT, **{**USE, **change})
    assert stands.kind == kind, stands
    assert expected in " / ".join(stands.reasons)


def test_the_grant_that_fits_best_is_found() -> None:
    """Of two on record, the one that covers the use."""
    other = GRANT.replace("g-1", "g-2").replace("against p-1", "against p-2").replace("12:00 chief", "12:01 ic")
    assert reported((GRANT, other), TEXT, **USE).reasons == ("granted by chief: g-1",)
    assert reported((GRANT, other), TEXT, **{**USE, "subject": "p-2"}).reasons == ("granted by ic: g-2",)


def test_a_relayed_order_counts_as_the_plan_says() -> None:
    """With read-back where that is enough; else once it is confirmed, and then for all of its time."""
    bare = GRANT + ", relayed"
    read = bare + " with read-back"
    strict = changed("authorizes with read-back", "nothing until confirmed", TEXT)
    assert reported((read,), TEXT, **USE).kind == "authorized"
    assert reported((bare,), TEXT, **USE).kind == NO
    assert reported((read,), strict, **USE).kind == NO
    assert reported((read, "12:04 g-1 is confirmed"), strict, **USE).kind == "authorized"
    later = reported((read, "12:06 g-1 is confirmed"), strict, **USE)
    assert later.kind == "authorized"
    assert later.reasons[-1] == ("the order was relayed; chief confirmed it in person at 12:06:00 UTC, after this use")
    before = reported((read, "12:04 g-1 is confirmed"), strict, **USE)
    assert before.reasons[-1] == "the order was relayed; chief confirmed it in person at 12:04:00 UTC"


def test_an_order_that_its_speaker_never_gave_covers_nothing() -> None:
    """Read back or not, before the denial or after it, within a clock's error or not."""
    facts = facts_of((GRANT + ", relayed with read-back",))
    facts._grants["g-1"] = replace(facts._grants["g-1"], denied=True, ended=when("12:00"))
    for error in (0, 600_000):
        claim = ForceClaim(
            tool="gas",
            officer="officer",
            officer_agency=None,
            sector="1",
            at=when("12:05"),
            clock_error_ms=error,
            **USE,
        )
        found = covering(stack_of(TEXT), facts, claim)
        assert found is not None and not found.unsure
        assert found.against == ("chief says that they never gave the order g-1",)


def test_a_partner_that_has_not_accepted_the_plan() -> None:
    """Has no authorization under it, grant or not."""
    given = GRANT.replace("to officer, ", "")
    assert reported((given,), TEXT, **USE, officer="partner").kind == NO
    assert reported((given, "11:00 county accepts the plan"), TEXT, **USE, officer="partner").kind == "authorized"
    at = reported((given,), TEXT, **USE).kind and USE.get("at", "12:05")
    after = reported((given, "12:06 county accepts the plan"), TEXT, **USE, officer="partner")
    assert (at, after.kind, after.reasons) == ("12:05", NO, ("county had not accepted the plan",))
    unsure = {**USE, "officer": "partner", "clock_error_ms": 60_000}
    near = reported((given, "12:06 county accepts the plan"), TEXT, **unsure)
    assert near.kind == "cannot tell" and "under the plan changed within the clock's error" in near.reasons[0]


def test_who_does_not_say_how_much_has_used_one() -> None:
    """Silence about the quantity does not stretch a grant."""
    unsaid = {**USE, "quantity": None}
    assert reported((GRANT, "12:01 4 of g-1 are used"), TEXT, **unsaid).kind == "authorized"
    over = reported((GRANT, "12:01 5 of g-1 are used"), TEXT, **unsaid)
    assert over.kind == NO and "more was used than the 5 granted" in over.reasons


@pytest.mark.parametrize(
    ("since", "kind", "expected"),
    [
        ("12:03 sector 1 stands at low", NO, "stood at Low, and the plan asks for High"),
        ("12:05 sector 1 stands at low", NO, "stood at Low"),
        ("12:05:01 sector 1 stands at low", "authorized", "granted by chief"),
        ("12:00 sector 1 stands at high until 12:05", NO, "the level High had lapsed at 12:05:00 UTC"),
        ("12:00 sector 1 stands at high until 12:05:01", "authorized", "granted by chief"),
    ],
)
def test_a_grant_does_not_outlive_its_level(since: str, kind: str, expected: str) -> None:
    """Lowered or lapsed before the use, the sector carries it no more; from that very second."""
    stands = reported((GRANT, since), TEXT, **USE)
    assert stands.kind == kind, stands
    assert expected in " / ".join(stands.reasons)


def test_a_grant_carries_nobody_who_is_not_there_or_not_trained_at_the_use() -> None:
    """Checked out: nothing; never checked in: nobody can tell; a course that lapsed since: contrary to plan."""
    assert reported((GRANT, "12:04 officer checks out"), TEXT, **USE).kind == NO
    assert reported((GRANT, "12:06 officer checks out"), TEXT, **USE).kind == "authorized"
    anyone = GRANT.replace("to officer, ", "")
    assert reported((anyone,), TEXT, **USE, officer="ghost").kind == "cannot tell"
    trained = changed('lasts = "20 min"', 'lasts = "20 min"\nuser_training = ["crowd-management"]', TEXT)
    stands = reported((anyone,), trained, **USE)
    assert stands.kind == "contrary to plan" and "training in date of officer for gas" in stands.reasons[0]
    assert reported((anyone,), trained, **USE, officer="sergeant").kind == "authorized"


def test_bars_stand_whatever_was_granted() -> None:
    """Contrary to plan; that it was exigent is for the review."""
    stands = reported((), tool="rope", exigent=True, exigent_reason_given=True)
    assert stands.kind == "contrary to plan"
    assert "reported as exigent; a review says what that means here" in stands.reasons
    assert reported(("12:00 sergeant finds fire in sector 1",), tool="rope").kind == NO
    assert reported((), tool="baton", zones=["head"]).kind == "contrary to plan"
    assert reported((), tool="baton", grounds=["curfew"]).kind == "contrary to plan"
    assert reported((), tool="baton", indiscriminate=True).kind == "contrary to plan"


def test_a_report_at_the_end_of_the_calendar_is_kept() -> None:
    """Any time at all may be claimed."""
    from datetime import UTC, datetime

    from command.policy.findings import finding
    from command.policy.request import ForceClaim
    from tests.support.street import facts_of, stack_of

    claim = ForceClaim(
        tool="gas", officer="officer", officer_agency=None, sector="1", at=datetime.max.replace(tzinfo=UTC),
        clock_error_ms=10,
    )  # fmt: skip
    assert finding(stack_of(TEXT), facts_of((GRANT,)), claim).kind == "cannot tell"
