"""Five real days through the real service: every row in the log once, however often they are imported."""

from __future__ import annotations

from datetime import date

import pytest

from command.exercise import seattle
from command.exercise.importer import Target, plan, run_import
from command.exercise.readers import read_csv
from tests.exercise.test_importer import FIVE_DAYS
from tests.exercise.world import a_world


@pytest.mark.parametrize(("day", "rows"), FIVE_DAYS, ids=[day.isoformat() for day, _ in FIVE_DAYS])
async def test_a_real_day_is_in_the_log_once_after_two_imports(day: date, rows: int) -> None:
    mapping = seattle.force_mapping()
    async with a_world() as world:
        await world.open(day)
        for outcome in ("taken", "already there"):
            with seattle.open_force() as source:
                outcomes = plan(read_csv(source, mapping.columns), mapping, Target(world.log), day)
                report = await run_import(outcomes, mapping, world.send, incident=world.log)
            assert report.complete
            assert report.read == 14_466 == sum(report.counts.values())
            assert report.counts[outcome] == rows
        events = await world.events()
        assert (await world.state()).counts["ForceReported"] == rows
    reports = [entry.header for entry in events if entry.header.type == "ForceReported"]
    assert {header.finding.kind for header in reports if header.finding} <= {
        "no authorization on record",
        "cannot tell",
    }
    assert len({header.origin.record for header in reports if header.origin}) == rows
