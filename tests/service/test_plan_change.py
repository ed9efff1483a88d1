"""A plan changes on one node: what the other decides at once, what replay and a restart show, and what screens are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain.codec import decode_recorded
from command.domain.submission import Answer
from command.errors import Unavailable
from command.policy.problems import PackProblems
from command.service import log as logs
from command.service.snapshots import state_hash
from command.views.bound import BoundViews
from command.views.lens import COMMAND
from tests.support.desk import LOG, Desk, author, until
from tests.support.given import COURSES, LEAD, model_stack
from tests.support.packs import MODEL
from tests.support.plans import illinois, stack_of, with_another_rung, without_batons

OLD, NEW = model_stack(), stack_of(without_batons())
FILE = ("our-plan.toml", without_batons().encode())
CHIEF, OFFICER = author("chief"), author("officer")
ASK = c.AskForce("f1", "baton", "protect person", "north", ("legs",), False)
USE = c.ReportForce("r1", "p1", "officer", LEAD, "baton", "north", purpose="arrest", zones=("legs",))
CHANGE = c.ChangePlan(NEW.digests, "plan § 12", "batons were misused")


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Desk, Desk]]:
    """Two nodes on one store, which poll too seldom to matter, and a staffed incident."""
    async with Desk() as first, Desk(first) as second:
        await first.service.shelf.keep([("muster-model.toml", MODEL.read_bytes())])
        await first.staffed()
        for person, rank in (("chief", "chief"), ("officer", "officer")):
            await first.one(c.CheckIn(person, person.title(), LEAD, rank, training=COURSES))
        await second.service.state(LOG)
        second.follow()
        yield first, second


async def changed(desk: Desk) -> Answer:
    assert await desk.service.keep_packs(LOG, [FILE]) == NEW.digests
    return await desk.one(CHANGE, CHIEF)


async def test_the_other_node_judges_by_the_new_plan_at_once(
    pair: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has heard of nothing when the ask comes: under the lock it reads the change first."""
    first, second = pair

    async def silence(_log: str) -> None:
        return None

    monkeypatch.setattr(first.store, "notify", silence)
    assert (await first.one(ASK, OFFICER)).status == "accepted"
    seen = second.service.position(LOG)[1]
    sub = second.sub(replace(ASK, ask="f2"), basis_seq=seen)
    assert (await changed(first)).status == "accepted"
    assert second.service.position(LOG)[1] == seen, "the other node has not heard of it yet"
    (answer,) = await second.submit([sub], OFFICER)
    assert answer.status == "refused" and answer.decision is not None
    assert "the plan prohibits baton" in " ".join(answer.decision.reasons)
    last = (await second.log())[-1].header
    assert last.packs == NEW.digest
    assert state_hash(await second.state()) == state_hash(await second.refold())


async def test_a_late_report_at_the_other_node_is_judged_by_the_old_plan(pair: tuple[Desk, Desk]) -> None:
    """By what was in force when it happened; the header says what is in force, the finding by what it was judged."""
    first, second = pair
    first.wait(60)
    before = first.now
    first.wait(60)
    await changed(first)
    first.wait(60)
    late = await second.one(USE, OFFICER, occurred_at=before)
    now = await second.one(replace(USE, report="r2"), OFFICER)
    assert late.finding is not None and now.finding is not None
    assert (late.finding.kind, late.finding.packs) == ("no authorization on record", OLD.digests)
    assert (now.finding.kind, now.finding.packs) == ("contrary to plan", NEW.digests)
    across = await second.one(
        replace(USE, report="r3"), OFFICER, occurred_at=first.now - timedelta(seconds=60), clock_error_ms=2000
    )
    assert across.finding is not None and across.finding.kind == "cannot tell"


async def test_what_follows_in_the_same_batch_is_judged_by_the_new_plan(pair: tuple[Desk, Desk]) -> None:
    first, _ = pair
    await first.service.keep_packs(LOG, [FILE])
    subs = [first.sub(CHANGE), first.sub(ASK)]
    answers = await first.submit(subs, CHIEF)
    assert [answer.status for answer in answers] == ["accepted", "refused"]
    heads = [entry.header for entry in await first.log()][-2:]
    assert [head.packs for head in heads] == [OLD.digest, NEW.digest]


async def test_replay_is_the_same_at_every_prefix_and_shows_the_plan_of_its_time(pair: tuple[Desk, Desk]) -> None:
    """On both nodes, from keyframes or from the start; the ladder on screen is that of the plan of then."""
    first, second = pair
    renamed = stack_of(with_another_rung())
    await first.service.keep_packs(LOG, [("renamed.toml", with_another_rung().encode())])
    at = (await first.one(c.ChangePlan(renamed.digests, "§ 12", "other words"), CHIEF)).seq or 0
    await first.one(c.RecordEntry("e1", "x"))
    await second.service._catch_up(LOG)
    for seq in range(first.service.position(LOG)[1] + 1):
        states = [await desk.service.state_at(LOG, seq) for desk in pair]
        assert states[0] == states[1]
        ladders = [
            {rung.id for rung in desk.service.stack_of(state).ladder} for desk, state in zip(pair, states, strict=True)
        ]
        assert ladders[0] == ladders[1]
        assert ("engage" in ladders[0], "talk" in ladders[0]) == (seq < at, seq >= at)
    views = BoundViews(second.service.stack_of, lambda: second.now, second.service.stack_of)
    before, after = await second.service.state_at(LOG, at - 1), await second.state()
    assert (
        "engage" in views.board(before, COMMAND, {})["levels"] and "talk" in views.board(after, COMMAND, {})["levels"]
    )
    told = {(section, key): row for section, key, row in views.changes(before, after, COMMAND, {})}
    assert told["levels", "engage"] is None and told["levels", "talk"] is not None
    row = views.board(after, COMMAND, {})["incident"]["incident"]
    assert (row.plan[0].digest, row.plan_changes) == (renamed.packs[0].digest, 1)  # type: ignore[union-attr]  # its row
    line = views.entry(after, (await second.log())[at - 1], COMMAND, {"reason": "other words"})
    assert line is not None and "The plan changed under § 12" in line.line and line.text == "other words"


async def test_screens_draw_by_the_new_plan_as_soon_as_the_other_node_hears_of_it(pair: tuple[Desk, Desk]) -> None:
    """The stack is at hand before any listener is told."""
    first, second = pair
    seen: list[str] = []
    second.service.subscribe(LOG, lambda applied: seen.append(second.service.stack_of(applied.after).digest))
    first.service.subscribe(LOG, lambda applied: seen.append(first.service.stack_of(applied.after).digest))
    await changed(first)
    await second.service._catch_up(LOG)
    await until(lambda: len(seen) == 2)
    assert seen == [NEW.digest, NEW.digest]


async def test_a_restart_from_a_snapshot_after_the_change_answers_the_same(
    pair: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Intervals of stacks are in the state: a node that folds from a snapshot still judges a late report by the old plan."""
    first, _ = pair
    monkeypatch.setattr(logs, "SNAPSHOT_EVERY", 1)
    first.wait(60)
    before = first.now
    first.wait(60)
    await changed(first)
    await first.service._catch_up(LOG)
    async with Desk(first) as third:
        state = await third.service.state(LOG)
        assert state_hash(state) == state_hash(await first.state()) == state_hash(await first.refold())
        late = await third.one(USE, OFFICER, occurred_at=before)
        assert late.finding is not None and late.finding.packs == OLD.digests
        assert (await third.one(ASK, OFFICER)).status == "refused"


async def test_what_is_not_on_the_shelf_or_does_not_load_is_refused_precisely(pair: tuple[Desk, Desk]) -> None:
    """Each reason is on record with the refusal; nothing changed."""
    first, _ = pair
    answer = await first.one(CHANGE, CHIEF)
    assert answer.status == "refused" and answer.decision is not None
    assert answer.decision.reasons == (f"expected a pack that was put on the shelf, found no {NEW.digests[0]}",)
    await first.service.keep_packs(LOG, [FILE, ("law.toml", illinois().encode())])
    law = stack_of(illinois(), without_batons()).digests[0]
    alone = await first.one(replace(CHANGE, packs=(law,)), CHIEF)
    assert alone.decision is not None and "a pack with levels" in alone.decision.reasons[0]
    twice = await first.one(replace(CHANGE, packs=(*NEW.digests, *NEW.digests)), CHIEF)
    assert twice.decision is not None and "each pack once" in twice.decision.reasons[0]
    posing = await first.one(replace(CHANGE, packs=(f"other@{NEW.digests[0].partition('@')[2]}",)), CHIEF)
    assert (
        posing.decision is not None and 'expected the pack "other", came "muster-model"' in posing.decision.reasons[0]
    )
    assert (await first.state()).incident.packs == OLD.digests  # type: ignore[union-attr]  # it is open


async def test_a_wrong_authorizer_is_refused_and_named_by_the_plan_before(pair: tuple[Desk, Desk]) -> None:
    first, _ = pair
    await first.service.keep_packs(LOG, [FILE])
    for who in (author("ic"), author("sergeant"), OFFICER, author("nobody"), author("chief", "elsewhere")):
        assert (await first.one(CHANGE, who)).status == "refused", who
    denied = await first.one(CHANGE, author("chief", may=frozenset({"AskForce"})))
    assert denied.status == "denied"


async def test_packs_with_problems_are_not_kept_and_every_problem_is_told(pair: tuple[Desk, Desk]) -> None:
    """With file and line, of all files at once."""
    first, _ = pair
    bad = without_batons().replace("[[level]]", "[[levle]]").encode()
    with pytest.raises(PackProblems) as caught:
        await first.service.keep_packs(LOG, [FILE, ("a.toml", bad), ("b.toml", b"[pack")])
    files = {problem.file for problem in caught.value.problems}
    assert files == {"a.toml", "b.toml"} and all(
        problem.line for problem in caught.value.problems if problem.file == "a.toml"
    )
    assert await first.store.packs([NEW.packs[0].digest]) == []


async def test_a_store_that_cannot_be_asked_leaves_everything_as_it_is(
    pair: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = pair
    await first.service.keep_packs(LOG, [FILE])
    seq = first.service.position(LOG)[1]

    async def silent(_digests: object) -> list[object]:
        raise Unavailable("no store")

    with monkeypatch.context() as patched:
        patched.setattr(first.store, "packs", silent)
        with pytest.raises(Unavailable):
            await first.one(CHANGE, CHIEF)
    assert first.service.position(LOG)[1] == seq
    assert (await first.one(CHANGE, CHIEF)).status == "accepted"


async def test_the_packs_of_all_plans_are_kept_and_named(pair: tuple[Desk, Desk]) -> None:
    """In the order in which they came into force, each once."""
    first, _ = pair
    await changed(first)
    found = await first.service.packs(LOG)
    assert [name for name, _ in found] == [*OLD.digests, *NEW.digests]
    assert found[1][1].raw == FILE[1]
    events = [decode_recorded(row.header).header.type for row in await first.store.events(LOG, 0, 1000)]
    assert events.count("PlanChanged") == 1
