"""Confidential reports of colleagues, and what is done to a reporter afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import events as e
from command.domain.envelope import ACTOR_PATHS, HIDDEN, Actor, private_paths
from command.domain.facts import StateFacts
from command.domain.state_force import Adverse
from command.domain.watching import KEPT
from command.ledger import merkle
from command.ledger.verify import LogVerifier
from command.views.board import board, changes, needs
from command.views.lens import COMMAND, FIELD, agency_lens
from command.views.lens import lens as made
from command.views.timeline import entry as feed_entry
from tests.domain.test_aftercare import DONE, owed
from tests.support.given import CHIEF, IC, LEAD, OFFICER, OPS, SERGEANT, STAFFED, World, by, checks_in, given

OVERSIGHT = made("oversight", (), ("complaint",))
"""Whoever looks into complaints: by a grant of that compartment."""

CANARY = Actor("canary-7788", LEAD, device="tablet-canary")
SAW = c.ReportExcessiveForce("x1", "excessive force", "he struck a man who lay there", "r1", "north", "the officer")
HIDE = replace(SAW, confidential=True)
PAST = (*DONE, checks_in(CANARY, "officer"))
LENSES = (COMMAND, FIELD, agency_lens("county-so"), agency_lens(LEAD))


def seen(world: World, lens: Any) -> str:
    """Everything that a lens is shown: board, and the whole feed."""
    private = {seq: world.plain[seq] for seq in needs(world.state)}
    lines = [feed_entry(world.state, world.stack, one, lens, world.plain[one.seq]) for one in world.entries]
    return (
        repr(board(world.state, world.stack, lens, private, world.now)["duties"])
        + repr(lines)
        + repr(
            {
                name: rows
                for name, rows in board(world.state, world.stack, lens, private, world.now).items()
                if name not in ("people", "duties")
            }
        )
    )


def after(*steps: Any, lens: Any = OVERSIGHT) -> Any:
    world = given(*PAST, *steps).world
    private = {seq: world.plain[seq] for seq in needs(world.state)}
    return board(world.state, world.stack, lens, private, world.now)["watch"]


# Confidential ---------------------------------------------------------------------------


def test_a_confidential_report_commits_to_its_author_and_no_header_names_them() -> None:
    world = given(*PAST).world
    before = world.state.seq
    world.happened(by(CANARY, HIDE))
    own = world.entries[before:]
    assert [one.header.type for one in own] == ["ExcessiveForceReported", "DutyStarted"]
    for one in own:
        assert one.header.actor == HIDDEN and one.header.confidential is not None and one.header.actor.device is None
        assert set(ACTOR_PATHS) <= set(private_paths(one))
        assert b"canary" not in world.raw[one.seq - 1]
    assert world.plain[own[0].seq]["actor.person"] == "canary-7788"
    assert world.plain[own[0].seq]["actor.device"] == "tablet-canary"
    assert private_paths(world.entries[0]) == ()


@pytest.mark.parametrize("cmd", [HIDE, c.ReportIntervention("n1", "held him back", "r1", "north", confidential=True)])
def test_only_oversight_sees_that_there_is_one_and_by_whom(cmd: c.Command) -> None:
    base = given(*PAST).world
    known = {lens: seen(base, lens) for lens in LENSES}
    world = given(*PAST).world
    start = world.state
    world.happened(by(CANARY, cmd))
    for lens in LENSES:
        assert seen(world, lens).count("canary") == known[lens].count("canary"), lens
        private = {seq: world.plain[seq] for seq in needs(world.state)}
        told = changes(start, world.state, world.stack, lens, private, world.now)
        assert not [change for change in told if change[0] not in ("incident",)], told
        assert "Confidential" not in repr(told) and "confidential" not in repr(told)
    line = feed_entry(world.state, world.stack, world.entries[start.seq], OVERSIGHT, world.plain[start.seq + 1])
    assert line is not None and line.fields["actor person"] == "canary-7788" and line.text
    assert "Confidential" in repr(board(world.state, world.stack, OVERSIGHT, {}, world.now)["incident"])


def test_duties_and_reviews_follow_a_confidential_report_and_only_oversight_reads_them() -> None:
    world = given(*PAST, by(CANARY, HIDE)).world
    assert "witness-report-review" in owed(world.state)
    rows = {lens: board(world.state, world.stack, lens, {}, world.now) for lens in (COMMAND, OVERSIGHT)}
    rules = {lens: [row.rule for row in found["duties"].values()] for lens, found in rows.items()}  # type: ignore[union-attr]  # duty rows
    assert "witness-report-review" in rules[OVERSIGHT] and "witness-report-review" not in rules[COMMAND]
    assert "x1" in rows[OVERSIGHT]["reviews"] and "x1" not in rows[COMMAND]["reviews"]
    done = c.FileReview("v1", "x1", "further inquiry", *"abcdef")
    world.happened(by(CHIEF, done))
    assert "witness-report-review" not in owed(world.state)


def test_whoever_had_a_part_in_the_force_does_not_review_what_a_witness_says_of_it() -> None:
    for actor in (OFFICER, SERGEANT, IC):
        given(*PAST, by(CANARY, HIDE)).when(c.FileReview("v1", "x1", "within the plan", *"abcdef"), actor).refused()
    world = given(*PAST, by(CANARY, HIDE)).world
    assert "confidential" not in (StateFacts(world.state).involved("x1", world.now) or ())


@pytest.mark.parametrize("first", [SAW, HIDE])
@pytest.mark.parametrize("actor", [IC, OFFICER])
def test_nobody_else_edits_it_not_even_under_its_number(first: c.ReportExcessiveForce, actor: Actor) -> None:
    past = given(*PAST, by(CANARY, first))
    before = past.world.state.oversight
    spec = past.when(replace(SAW, kind="false report", about=None, what="nothing happened"), actor)
    assert spec.drafts[0].finding is not None and spec.drafts[0].finding.kind == "cannot tell"
    assert spec.world.state.oversight.records == before.records
    (duty,) = [d.duty for d in spec.world.state.duties.all.values() if d.rule == "witness-report-review"][:1]
    ticked = past.when(c.DischargeDuty(duty), actor)
    assert duty in ticked.world.state.duties.open, "a tick ends nothing"


def test_a_reporter_by_name_may_say_more_and_a_confidential_one_reports_anew() -> None:
    more = replace(SAW, kind="no one intervened")
    named = given(*PAST, by(CANARY, SAW)).when(more, CANARY)
    assert named.drafts[0].finding is None and named.world.state.oversight.records["x1"].kind == "no one intervened"
    hidden = given(*PAST, by(CANARY, HIDE)).when(replace(more, confidential=True), CANARY)
    assert hidden.drafts[0].finding is not None


def test_what_a_witness_says_by_name_is_oversights_to_read_and_not_commands() -> None:
    world = given(*PAST, by(CANARY, SAW)).world
    one = next(entry for entry in world.entries if isinstance(entry.event, e.ExcessiveForceReported))
    told = {
        lens: feed_entry(world.state, world.stack, one, lens, world.plain[one.seq]) for lens in (COMMAND, OVERSIGHT)
    }
    assert told[COMMAND] is not None and not told[COMMAND].text and set(told[COMMAND].withheld) == {"what", "officer"}
    assert told[OVERSIGHT] is not None and "lay there" in told[OVERSIGHT].text
    assert feed_entry(world.state, world.stack, one, FIELD, world.plain[one.seq]) is None


def test_the_proof_holds_and_a_lost_author_is_an_alarm() -> None:
    """Commitments in the envelope are verified like those in the body."""
    world = given(*PAST, by(CANARY, HIDE)).world

    def verified(lost: str | None) -> Any:
        verifier = LogVerifier(world.state.log)
        frontier: merkle.Frontier = ()
        for number, raw in enumerate(world.raw):
            leaf = merkle.leaf_hash(raw)
            frontier = merkle.extend(frontier, number, leaf)
            paths = dict.fromkeys(private_paths(world.entries[number]))
            texts = {path: world.disclosed[number + 1].get(path) for path in paths if path != lost}
            verifier.feed(number + 1, raw, leaf, texts)
        return verifier.finish(len(world.raw), merkle.root_of(frontier))

    assert verified(None).ok
    assert {problem.path for problem in verified("actor.person").problems} == {"actor.person"}


# Retaliation ----------------------------------------------------------------------------


ADVERSE: tuple[tuple[tuple[Any, ...], str], ...] = (
    (
        (c.AssignPosition("safety", "canary-7788"), by(CANARY, SAW), c.AssignPosition("safety", "chief")),
        "relieved as safety",
    ),
    ((c.AssignPosition("safety", "canary-7788"), by(CANARY, SAW), c.VacatePosition("safety")), "relieved as safety"),
    ((by(CANARY, SAW), c.CheckOut("canary-7788")), "released from the incident"),
    ((by(CANARY, SAW), by(IC, checks_in(CANARY, "officer", unit="u9").what)), "reassigned from no unit to u9"),
    ((by(CANARY, SAW), by(IC, checks_in(CANARY, "sergeant").what)), "rank changed from officer to sergeant"),
    (
        (by(CANARY, c.AskLevel("a7", "north", "dispersal")), by(CANARY, SAW), c.DenyAsk("a7", "no")),
        "an ask of theirs denied",
    ),
    (
        (c.FormUnit("u7", "Seven", "patrol", LEAD, "canary-7788"), by(CANARY, SAW), c.ReleaseUnit("u7")),
        "unit Seven released",
    ),
)


@pytest.mark.parametrize(("steps", "what"), ADVERSE)
@pytest.mark.parametrize("hidden", [False, True])
def test_what_is_done_to_a_reporter_afterwards_is_flagged_to_oversight_alone(
    steps: tuple[Any, ...], what: str, hidden: bool
) -> None:
    told = [by(CANARY, HIDE) if hidden and getattr(step, "what", None) is SAW else step for step in steps]
    row = after(*told)["x1"]
    assert (row.reporter.person, row.confidential) == ("canary-7788", hidden)
    assert [(action.what, action.by.person) for action in row.actions] == [(what, "ic")]
    for lens in LENSES:
        assert not after(*told, lens=lens)


def test_what_came_before_or_was_ones_own_doing_is_no_retaliation() -> None:
    assert not after(c.AssignPosition("safety", "canary-7788"), c.VacatePosition("safety"), by(CANARY, SAW))
    assert not after(by(CANARY, SAW), by(CANARY, c.CheckOut("canary-7788")))
    assert not after(by(CANARY, SAW), c.CheckOut("officer"))
    assert not after(by(CANARY, SAW), by(CANARY, checks_in(CANARY, "officer", name="Canary").what))
    chase = c.ReportPursuit("c1", "foot", "officer", LEAD, "north")
    assert not after(by(CANARY, chase), c.CheckOut("canary-7788"))


def test_command_and_delegated_authority_that_are_taken_are_noted_and_the_newest_are_kept() -> None:
    lent = by(CHIEF, e.AuthorityDelegated("l1", "ops", given(*STAFFED).world.now, None, "chief", True))
    world = given(*STAFFED, lent, by(CHIEF, e.DelegationEnded("l1"))).world
    assert [one.what for one in world.state.oversight.adverse["ops"]] == ["delegated authority taken back"]
    taken = given(*STAFFED, by(CHIEF, e.CommandTransferred("ic", "chief", "all quiet", True))).world
    assert [one.what for one in taken.state.oversight.adverse["ic"]] == ["relieved of command"]
    assert isinstance(taken.state.oversight.adverse["ic"][0], Adverse)
    again = given(
        *STAFFED, *(step for _ in range(KEPT + 3) for step in (c.CheckOut("officer"), checks_in(OFFICER)))
    ).world
    assert len(again.state.oversight.adverse["officer"]) == KEPT
    nothing = given(
        *STAFFED, by(OPS, e.AskDenied("ghost", "no")), e.DelegationEnded("ghost"), e.UnitReleased("ghost")
    ).world
    assert not nothing.state.oversight.adverse
