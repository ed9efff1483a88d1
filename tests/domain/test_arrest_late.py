"""Facts that are told after an arrest which they bear on: it is looked at again, and the first finding stays in the log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain.fold import decide, evolve, initial
from command.domain.reopening import AHEAD
from tests.domain.test_arrest import CARD, DISPERSED, WARNING, first, ordered
from tests.support.given import CHIEF, LEAD, OFFICER, OPS, SERGEANT, STAFFED, Given, Wait, When, by, checks_in, given
from tests.support.plans import model_text, stack_of

LATE = replace(OFFICER, person="late")


def again(spec: When) -> list[tuple[str, str, str]]:
    """Which findings were opened again: record, kind, because."""
    found = [draft.event for draft in spec.drafts if isinstance(draft.event, e.FindingReopened)]
    return [(event.record, event.finding.kind, event.because) for event in found]


def test_a_warning_that_is_told_late_completes_the_order_that_an_arrest_rests_on() -> None:
    steps: tuple[Any, ...] = (*STAFFED, *ordered(2), Wait(121), by(OFFICER, DISPERSED), Wait(60))
    past = given(*steps)
    assert past.world.state.arrests.all["a1"].finding.kind == "contrary to plan"  # type: ignore[union-attr]  # it has one
    third = past.world.now - timedelta(seconds=60 + 121)
    spec = past.when(replace(WARNING, warning="w9"), OPS, occurred_at=third)
    assert again(spec) == [("a1", "authorized", "a warning was given at 12:04:17 UTC, told later")]
    assert spec.world.state.arrests.all["a1"].finding.kind == "authorized"  # type: ignore[union-attr]  # the newest


def test_ways_out_that_were_closed_all_along_take_the_ground_away() -> None:
    past = given(*STAFFED, *ordered(), by(OFFICER, DISPERSED), Wait(60))
    shut = c.ReportExits("x7", "north", open=(), closed=("pine street",))
    spec = past.when(shut, OPS, occurred_at=past.world.now - timedelta(seconds=61))
    assert [(record, kind) for record, kind, _ in again(spec)] == [("a1", "contrary to plan")]


def test_what_is_told_of_now_or_of_another_place_changes_nothing() -> None:
    past = given(*STAFFED, *ordered(), by(OFFICER, DISPERSED), Wait(60))
    shut = c.ReportExits("x7", "north", open=(), closed=("pine street",))
    assert again(past.when(shut, OPS)) == []
    early = past.world.now - timedelta(seconds=61)
    assert again(past.when(replace(shut, sector="south"), OPS, occurred_at=early)) == []
    after = past.world.now - timedelta(seconds=30)
    assert again(past.when(shut, OPS, occurred_at=after)) == [], "it was so after the arrest"


def test_who_was_on_duty_is_known_in_the_end() -> None:
    card = replace(CARD, officer="late", officer_agency=LEAD)
    past = given(*STAFFED, by(OFFICER, card), Wait(60))
    assert past.world.state.arrests.all["a1"].finding.kind == "cannot tell"  # type: ignore[union-attr]  # it has one
    cmd = checks_in(LATE, "officer").what
    spec = past.when(cmd, LATE, occurred_at=past.world.now - timedelta(seconds=90), rank="officer")
    assert again(spec) == [("a1", "authorized", "a check-in is of 11:59:38 UTC, told later")]


def test_an_offence_that_is_named_later_settles_what_none_was_named_for() -> None:
    past = given(*STAFFED, by(OFFICER, replace(CARD, offences=())))
    assert past.world.state.arrests.all["a1"].finding.kind == "cannot tell"  # type: ignore[union-attr]  # it has one
    spec = past.when(ca.RecordOffence("a1", "s1", "o1", "vandalism", facts="the window", evidence="glass"), OFFICER)
    assert again(spec) == [("a1", "authorized", "an offence or the disposition was recorded")]


def test_custody_for_what_the_bar_only_cites_is_found_when_it_is_decided() -> None:
    bar = ca.SetArrestBar("b1", ("vandalism",), ("arson",), "cite first")
    past = given(*STAFFED, bar, by(OFFICER, CARD))
    spec = past.when(ca.DecideDisposition("a1", "s1", "custody"), OFFICER)
    assert [(record, kind) for record, kind, _ in again(spec)] == [("a1", "contrary to plan")]
    fresh = given(*STAFFED, bar, by(OFFICER, CARD))
    assert again(fresh.when(ca.DecideDisposition("a1", "s1", "custody", "threat"), OFFICER)) == []


def test_a_clock_that_ran_ahead_is_not_settled_by_what_comes_later() -> None:
    past = given(*STAFFED)
    ahead = past.when(replace(CARD, offences=()), OFFICER, occurred_at=past.world.now + timedelta(seconds=600))
    ahead_too = replace(first(ahead), reasons=(*first(ahead).reasons, AHEAD))
    arrest = replace(ahead.world.state.arrests.all["a1"], finding=ahead_too)
    arrests = replace(ahead.world.state.arrests, all=ahead.world.state.arrests.all.insert("a1", arrest))
    ahead.world.state = replace(ahead.world.state, arrests=arrests)
    spec = Given(ahead.world).when(ca.RecordOffence("a1", "s1", "o1", "vandalism"), OFFICER)
    assert again(spec) == []


def test_a_bar_that_is_set_after_the_arrest_binds_it_not() -> None:
    bar = ca.SetArrestBar("b1", ("vandalism",), ("arson",), "cite first")
    past = given(*STAFFED, Wait(60), bar)
    before = past.when(replace(CARD, category="T"), OFFICER, occurred_at=past.world.now - timedelta(seconds=30))
    assert first(before).kind == "authorized"
    assert "no bar for arrest had been set beforehand" in first(before).reasons
    now = past.when(replace(CARD, arrest="a2", subject="s2", wristband=None, category="T"), OFFICER)
    assert first(now).kind == "contrary to plan"


def test_an_officer_who_read_the_bar_and_an_announcement_are_told_by_their_times() -> None:
    bar = ca.SetArrestBar("b1", ("blocking-traffic",), ("arson",), "cite first")
    unread = first(given(*STAFFED, bar).when(CARD, OFFICER))
    assert any("officer had not read the bar" in why for why in unread.reasons)
    assert any("had not been announced" in why for why in unread.reasons)
    told = (by(OFFICER, ca.AcknowledgeArrestBar("b1", "officer")), by(OPS, ca.AnnounceArrestBar("b1", "loudspeaker")))
    assert first(given(*STAFFED, bar, *told).when(CARD, OFFICER)).reasons == ()
    past = given(*STAFFED, bar, Wait(60), *told)
    early = first(past.when(CARD, OFFICER, occurred_at=past.world.now - timedelta(seconds=30)))
    assert any("had not read" in why for why in early.reasons), "they read it afterwards"


def test_a_procedure_in_place_of_the_record_is_none_in_a_plan_without_one() -> None:
    many = ca.DeclareHighVolume("h1", "forty sit", "citations", 3600.0, procedure="a list at the bus")
    given(*STAFFED).when(many).refused(containing="no pack lets another procedure")


def test_an_arrest_under_a_declaration_that_had_ended_is_found() -> None:
    many = ca.DeclareHighVolume("h1", "forty sit", "citations", 3600.0)
    card = replace(CARD, declaration="h1")
    ended = given(*STAFFED, many, ca.EndHighVolume("h1"), Wait(10)).when(card, OFFICER)
    assert "was over when the arrest was made" in " ".join(first(ended).reasons)
    lapsed = given(*STAFFED, many, Wait(3600)).when(card, OFFICER)
    assert "was over when the arrest was made" in " ".join(first(lapsed).reasons)
    running = first(given(*STAFFED, many).when(card, OFFICER))
    assert running.kind == "no authorization on record", "declared, and never authorized as a measure"
    assert first(given(*STAFFED).when(card, OFFICER)).kind == "cannot tell"


def test_nobody_in_a_line_without_a_way_for_bystanders() -> None:
    inside = replace(CARD, contained=True, bystanders="closed")
    found = first(given(*STAFFED).when(inside, OFFICER))
    assert found.kind == "contrary to plan" and "arrest.out-of-the-line" in {rule.rule for rule in found.rules}


DECLINES = stack_of(
    model_text()
    + '\n[[guideline]]\nid = "no-windows"\nsays = "Not taken up."\noffence = "vandalism"\ncharge = "declined"\n'
    + 'source = "the prosecutor"\nverified = "G"\n'
)


def test_an_arrest_is_judged_by_the_plan_of_its_own_moment() -> None:
    """Where the clock's error spans the change, nobody can tell."""
    change = by(CHIEF, c.ChangePlan(DECLINES.digests, "plan § 3", "the prosecutor's guideline came"))

    def past() -> Given:
        return given(*STAFFED, Wait(60), change, others=(DECLINES,))

    newest = past().world.state.plan.stacks.last
    assert newest is not None
    since = newest.since
    assert first(past().when(CARD, OFFICER)).kind == "contrary to plan"
    before = first(past().when(CARD, OFFICER, occurred_at=since - timedelta(seconds=1)))
    assert before.kind == "authorized"
    edge = first(past().when(CARD, OFFICER, occurred_at=since - timedelta(seconds=1), clock_error_ms=5000))
    assert edge.kind == "cannot tell" and "the plan changed within the clock's error" in edge.reasons[0]


UNSAID = replace(WARNING, audible=None)
SAID = tuple(c.ReportAudibility(f"h{n}", f"w{n}", "north", True, "sergeant") for n in range(3))


def unsaid() -> tuple[Any, ...]:
    """The whole sequence, of which nobody said whether it was heard."""
    steps = ordered(3)
    return tuple(by(OPS, replace(UNSAID, warning=one.what.warning)) if _warns(one) else one for one in steps)


def _warns(step: Any) -> bool:
    return isinstance(getattr(step, "what", None), c.ReportWarning)


def test_a_sequence_counts_from_the_moment_at_which_somebody_says_that_it_was_heard() -> None:
    """By another record than the warning's own, whenever that came; and not for what was done before anybody said so."""
    silent = first(given(*STAFFED, *unsaid()).when(DISPERSED, OFFICER))
    assert silent.kind == "contrary to plan" and any(
        "nobody confirmed that it was heard" in why for why in silent.reasons
    )
    told = given(*STAFFED, *unsaid(), *(by(OPS, one) for one in SAID), Wait(5))
    assert first(told.when(DISPERSED, OFFICER)).kind == "authorized"
    before = told.world.now - timedelta(seconds=20)
    assert first(told.when(DISPERSED, OFFICER, occurred_at=before)).kind == "contrary to plan"


def test_one_who_did_not_hear_it_takes_the_ground_away_from_an_arrest_that_was_made_after() -> None:
    """Told late, with the time at which they stood there: the finding is looked at again, and the first stays."""
    past = given(*STAFFED, *ordered(), by(OFFICER, DISPERSED), Wait(60))
    assert past.world.state.arrests.all["a1"].finding.kind == "authorized"  # type: ignore[union-attr]  # it has one
    spec = past.when(
        c.ReportAudibility("h1", "w1", "north", False), SERGEANT, occurred_at=past.world.now - timedelta(seconds=100)
    )
    assert again(spec) == [("a1", "contrary to plan", "a warning was not heard, by a word of 12:05:39 UTC, told later")]
    after = past.when(
        c.ReportAudibility("h1", "w1", "north", False), SERGEANT, occurred_at=past.world.now - timedelta(seconds=30)
    )
    assert again(after) == [], "said after the arrest: whoever made it could not know"


def test_a_log_that_is_read_again_is_judged_as_it_was() -> None:
    """Fold the log up to any event and decide the same command: the same finding, whatever was said of the warnings since."""
    steps = (*STAFFED, *unsaid(), by(OPS, SAID[0]), by(OPS, SAID[1]), by(OPS, SAID[2]), Wait(5), by(OFFICER, DISPERSED))
    world = given(*steps, Wait(5), by(SERGEANT, c.ReportAudibility("h9", "w0", "north", False))).world
    state = initial(world.state.log)
    for entry in world.entries:
        if isinstance(entry.event, ea.ArrestRecorded):
            ctx = replace(world.context(OFFICER), now=entry.header.recorded_at, occurred_at=entry.header.occurred_at)
            draft, *_ = decide(state, DISPERSED, ctx)  # type: ignore[misc]  # a report is never refused
            assert draft.finding == entry.header.finding and draft.finding.kind == "authorized"  # type: ignore[union-attr]  # it has one
        state = evolve(state, entry)
    assert state == world.state
