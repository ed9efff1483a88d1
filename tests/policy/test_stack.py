"""Packs on top of each other: the strictest of each, or a plain refusal to combine them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from command.library import MODEL, load_stack, read_files
from command.policy.load import PackProblems, Stack, read_pack
from command.policy.model import Pack
from tests.support.packs import SMALL, changed, model_stack, small

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
OTHER = ('id = "small"', 'id = "other"')


def pair(*changes: tuple[str, str]) -> Stack:
    """The small pack with an altered second one above it."""
    return Stack.of([small(), small(OTHER, *changes)])


def refused(*packs: Pack) -> str:
    """Why packs cannot stand on each other."""
    with pytest.raises(PackProblems) as caught:
        Stack.of(packs)
    return str(caught.value)


def test_one_pack() -> None:
    """The stack of one pack says what the pack says."""
    pack = small()
    stack = Stack.of([pack])
    assert stack.digests == (f"small@sha256:{pack.digest}",)
    assert [rung.id for rung in stack.ladder] == ["low", "high"]
    assert stack.first_level == "low"
    assert stack.level("high") is stack.ladder[1]
    assert stack.level("higher") is None
    assert stack.ladder[1].indicators == (("bottles", "Bottles fly."), ("fire", "Something burns."))
    assert stack.ladder[1].who_may == (
        "incident commander of the lead agency",
        "lieutenant or above of the lead agency",
    )
    assert stack.positions["liaison"].agency == "any"
    assert stack.texts["notice"].words == {"en": "Hello."}
    assert (stack.ask_age_s, stack.ask_expires_s, stack.basis_required) == (60.0, 600.0, True)
    assert [part.id for part in stack.template_parts] == ["plan-text"]
    assert stack.level("low") == stack.ladder[0] and stack.ladder[0].review is None


def test_the_digest_names_the_packs_and_their_order() -> None:
    """An incident pins exactly these rules in exactly this order."""
    one, two = small(), small(OTHER)
    assert Stack.of([one, two]).digest != Stack.of([two, one]).digest != Stack.of([one]).digest


def test_until_is_the_review_and_never_for_the_lowest() -> None:
    """A level lapses at its review; the lowest does not; one of unknown length ends at once."""
    stack = Stack.of([small()])
    assert stack.until("high", AT) == AT + timedelta(minutes=30)
    assert stack.until("low", AT) is None
    assert Stack.of([small(('review = "30 min"', 'review = "unknown"'))]).until("high", AT) == AT


def test_reviews_take_the_shortest_known() -> None:
    """A pack that gives a number gives it for one that does not."""
    assert pair(('review = "30 min"', 'review = "15 min"')).until("high", AT) == AT + timedelta(minutes=15)
    assert pair(('review = "30 min"', 'review = "2 h"')).until("high", AT) == AT + timedelta(minutes=30)
    assert pair(('review = "30 min"', 'review = "unknown"')).until("high", AT) == AT + timedelta(minutes=30)


def test_whose_review_holds_is_said_where_several_packs_speak() -> None:
    """And nothing is said where one pack is alone."""
    stack = pair(('review = "30 min"', 'review = "15 min"'))
    assert [(bound.field, bound.value, bound.pack) for bound in stack.ladder[1].bound] == [
        ("review", "15 min", "other")
    ]
    assert Stack.of([small()]).ladder[1].bound == ()


def test_authorizers_of_all_packs_must_agree() -> None:
    """Each pack is a gate of its own, and the words say so."""
    stack = pair(('authorizer = [{ positions = ["incident-commander"] }, { rank = "lieutenant or above" }]',
                  'authorizer = { positions = ["incident-commander"], rank = "sergeant or above" }'))  # fmt: skip
    rung = stack.ladder[1]
    assert len(rung.gates) == 2
    assert rung.who_may[2] == "also: incident commander, being sergeant or above, of the lead agency"


def test_the_rest_of_a_level_takes_the_strictest() -> None:
    """Needs are united, permissions shared, skipping needs everyone's leave."""
    rung = pair(
        ('needs = ["extent"]', 'needs = ["others may continue"]\nskip = "allowed"'),
        ('permits = ["Speak.", "Shout."]', 'permits = ["Speak.", "Sing."]'),
    ).ladder[1]
    assert rung.needs == ("extent", "others may continue")
    assert rung.permits == ("Speak.",)
    assert not rung.skip
    assert [rule.pack for rule in rung.rules] == ["small", "other"]


@pytest.mark.parametrize(
    ("kind", "plan", "law", "skips"),
    [
        ("template", "not allowed", "allowed", True),
        ("template", "not allowed", "not allowed", False),
        ("plan", "not allowed", "allowed", False),
        ("plan", "allowed", "not allowed", True),
    ],
)
def test_a_template_gives_way_to_a_law_that_lets_a_step_be_skipped(
    kind: str, plan: str, law: str, *, skips: bool
) -> None:
    """An agency's own plan does not: it has been adapted."""
    act = (
        '[pack]\nid = "act"\ntitle = "The Act"\njurisdiction = "J"\nkind = "law"\nsources = [{ cite = "c" }]\n'
        '[[level]]\nid = "high"\norder = 1\nname = "Tier 3"\nsays = "Directly."\nsource = "s"\nverified = "P"\n'
        f'skip = "{law}"\n'
    )
    own = small(('needs = ["extent"]', f'needs = ["extent"]\nskip = "{plan}"'))
    own = msgspec.structs.replace(own, pack=msgspec.structs.replace(own.pack, kind=kind))
    stack = Stack.of([read_pack(act.encode(), "act.toml"), own])
    assert stack.ladder[1].skip is skips
    assert stack.ladder[1].name == "High"


def test_positions_unite_training_and_keep_the_lead_agency() -> None:
    """The sterner pack binds."""
    stack = pair(
        ('training = ["incident-command"]', 'training = ["crowd-management"]'),
        ('says = "Speaks."\nagency = "any"', 'says = "Speaks."'),
    )
    assert stack.positions["incident-commander"].training == ("incident-command", "crowd-management")
    assert stack.positions["liaison"].agency == "lead"


def test_limits_take_the_smaller_and_name_their_pack() -> None:
    """Who bound the limit is said; without any, the house's own holds."""
    stack = pair(
        ('ask_age = "60 s"', 'ask_age = "30 s"'),
        ('ask_expires = "10 min"', 'ask_expires = "5 min"\nbasis = "if stated"'),
    )
    assert (stack.ask_age_s, stack.ask_expires_s, stack.basis_required) == (30.0, 300.0, True)
    assert stack.limits_ref.pack == "other"
    bare = Stack.of([small(('[limits]\nask_age = "60 s"\nask_expires = "10 min"\n', ""))])
    assert (bare.ask_age_s, bare.ask_expires_s, bare.basis_required) == (60.0, 600.0, True)
    assert bare.limits_ref.pack == "muster"
    assert not Stack.of([small(('ask_age = "60 s"', 'basis = "if stated"'))]).basis_required


@pytest.mark.parametrize(
    ("grant", "exigent", "expected"),
    [
        ("never", "accepted", ("never", True)), ("not needed", "accepted", ("needed", True)),
        ("needed", "not accepted", ("needed", False)),
    ],
)  # fmt: skip
def test_a_tool_is_what_the_sternest_pack_says(grant: str, exigent: str, expected: tuple[str, bool]) -> None:
    """never > needed > not needed; exigent only where all accept it."""
    tool = pair(('grant = "needed"', f'grant = "{grant}"'), ('exigent = "accepted"', f'exigent = "{exigent}"')).tools[
        "baton"
    ]
    assert (tool.grant, tool.exigent) == expected


COUNTED = ('exigent = "accepted"', 'exigent = "accepted"\nmunition = true\nunit = "rods"')
WORN = ('exigent = "accepted"', 'exigent = "accepted"\nmunition = false')
LIMITED = ("[[duty]]", '[[tactic]]\nid = "rods"\nsays = "Ten."\ntools = ["baton"]\nquantity = 10\n[[duty]]')


def test_what_one_pack_counts_is_counted_and_else_what_a_tactic_limits_by_number() -> None:
    """True wins over false; silence over neither; no word at all is what nobody has said."""

    def stands(*packs: Pack) -> tuple[bool | None, str]:
        tool = Stack.of(packs).tools["baton"]
        return tool.munition, tool.unit

    assert stands(small()) == (None, "") and stands(small(WORN)) == (False, "")
    assert stands(small(WORN), small(OTHER, COUNTED)) == (True, "rods")
    assert stands(small(), small(OTHER, WORN)) == (False, "")
    assert stands(small(LIMITED)) == (True, "") and stands(small(LIMITED, WORN)) == (False, "")


def test_a_duty_is_due_when_the_first_pack_wants_it() -> None:
    """Deadlines take the smaller, and unknown gives way to known."""
    assert pair(('"72 h"', '"24 h"')).duties["review"].within.text == "24 h"
    assert pair(('"72 h"', '"unknown"')).duties["review"].within.text == "72 h"


def test_of_two_equal_deadlines_the_first_pack_s_rule_stands() -> None:
    """The more general pack is named where both say the same."""
    assert pair(('says = "Review force."', 'says = "Look again."')).duties["review"].says == "Review force."


def test_a_pack_may_be_in_force_for_one_day() -> None:
    """First and last day may be the same."""
    day = ("sources = []", "sources = []\nin_force = { from = 2026-05-01, to = 2026-05-01 }")
    assert Stack.of([small(day)]).not_in_force(AT) == ()


def test_texts_and_indicators_are_those_of_the_first_pack_that_has_them() -> None:
    """A later pack adds words and does not change those above it."""
    stack = pair(('says = "Bottles fly."', 'says = "Glass."'), ('id = "notice"', 'id = "order"'))
    assert stack.indicators["bottles"].says == "Bottles fly."
    assert set(stack.texts) == {"notice", "order"}


def test_dates_of_force() -> None:
    """From the first second of the first day to the last of the last one."""
    dates = ("sources = []", "sources = []\nin_force = { from = 2026-05-01, to = 2026-05-02 }")
    stack = Stack.of([small(dates)])
    begin, end = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 5, 3, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert stack.not_in_force(begin - second) == ("small",)
    assert stack.not_in_force(begin) == stack.not_in_force(end - second) == ()
    assert stack.not_in_force(end) == ("small",)
    assert Stack.of([small()]).not_in_force(begin) == ()


def test_days_of_force_begin_and_end_at_midnight_of_the_place() -> None:
    """By the pack's own calendar, else by the last of the stack: Chicago's first of May begins at five in the morning UTC."""
    dates = ("sources = []", "sources = []\nin_force = { from = 2026-05-01, to = 2026-05-02 }")
    calendar = '\n[calendar]\ntime_zone = "America/Chicago"\nknown_to = 2027-12-31\nholidays = []\n'
    begin, end = datetime(2026, 5, 1, 5, tzinfo=UTC), datetime(2026, 5, 3, 5, tzinfo=UTC)
    second = timedelta(seconds=1)
    own = Stack.of([read_pack(changed(*dates) + calendar, "small.toml")])
    assert own.not_in_force(begin - second) == own.not_in_force(end) == ("small",)
    assert own.not_in_force(begin) == own.not_in_force(end - second) == ()
    ends = ("sources = []", "sources = []\nin_force = { from = 0001-01-01, to = 9999-12-31 }")
    assert Stack.of([small(ends)]).not_in_force(begin) == ()


def test_an_overlay_may_leave_levels_and_ranks_alone() -> None:
    """A pack that only adds a duty stands on any ladder."""
    text = '[pack]\nid = "duty-only"\ntitle = "t"\njurisdiction = "j"\nkind = "plan"\nsources = []\n'
    text += SMALL[SMALL.index("[[duty]]") : SMALL.index("[[part]]")].replace('"review"', '"publish"')
    stack = Stack.of([small(), read_pack(text, "duty.toml")])
    assert list(stack.duties) == ["review", "publish"]
    assert stack.ranks == ("officer", "sergeant", "lieutenant")


def test_words_for_anyone() -> None:
    """Who may ask for a level reads as a sentence."""
    assert model_stack().asks["level.ask"].who_may == ("anyone on duty of any agency",)
    assert "anyone on duty of the assisting agency whose unit it is" in model_stack().asks["unit.form"].who_may


def test_packs_that_cannot_stand_on_each_other() -> None:
    """Nothing is combined by guessing."""
    bare = read_pack('[pack]\nid="b"\ntitle="t"\njurisdiction="j"\nkind="plan"\nsources=[]\n', "bare.toml")
    assert "at least one pack" in refused()
    assert '"small" again' in refused(small(), small())
    assert "a pack with levels" in refused(bare)
    assert "the ladder of small: low, high" in refused(small(), small(OTHER, ('id = "high"', 'id = "higher"')))
    order = ('"officer", "sergeant", "lieutenant"', '"officer", "lieutenant", "sergeant"')
    assert "the order of ranks of other" in refused(small(), small(OTHER, order))


def test_a_law_that_lists_nothing_takes_nothing_away() -> None:
    """It limits who may and on which signs; what the plan permits at its rungs stays."""
    stack = load_stack(read_files(("us-dc/first-amendment-assemblies.toml", MODEL)))
    for rung in stack.ladder:
        alone = model_stack().level(rung.id)
        assert alone is not None
        assert rung.permits == alone.permits
