"""An answer about warnings stays one that people read, however many warnings do not count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from command.policy.authority import Weighing
from command.policy.sequence import MOST_TOLD, _tell

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def test_the_newest_are_named_and_the_others_counted() -> None:
    weighing = Weighing()
    _tell([(NOON + timedelta(minutes=n), ["not amplified"]) for n in range(MOST_TOLD + 3)], weighing)
    reasons = weighing.decision().reasons
    assert reasons[0] == "3 earlier warnings do not count either"
    assert len(reasons) == MOST_TOLD + 1
    assert reasons[-1] == f"the warning at 12:0{MOST_TOLD + 2}:00 UTC does not count: not amplified"


def test_a_few_are_all_named() -> None:
    weighing = Weighing()
    _tell([(NOON, ["not amplified"])], weighing)
    assert weighing.decision().reasons == ("the warning at 12:00:00 UTC does not count: not amplified",)
