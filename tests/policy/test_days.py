"""Days that happened, put to the plan: what must not pass does not, and what must not be barred is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from command.library import find_root
from command.policy.cases import read_cases, run
from command.policy.load import read_pack
from command.policy.stack import Stack

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", ["days.toml", "days_model.toml"])
def test_each_question_has_the_answer_that_the_day_should_have_had(name: str) -> None:
    """Asks by `judge`, reports by `finding`, arrests by `arrest_finding`: every case, with what came where one differs."""
    cases = read_cases((HERE / name).read_text(), name)
    stack = Stack.of([read_pack((find_root() / pack).read_text(), pack) for pack in cases.stack])
    found = run(cases, stack)
    assert len(found) == len(cases.case) >= 6
    assert [(one.says, one.told) for one in found if not one.held] == []
