"""Several packs on one tool: the strictest of each field, who set it, and unknown only where nobody knows."""

from __future__ import annotations

import pytest

from command.policy.load import PackProblems, read_pack
from command.policy.measures import MOST_KEPT, Measure
from command.policy.stack import Stack
from tests.support.packs import changed
from tests.support.street import STREET

HEAD = '[pack]\nid = "law"\ntitle = "Law"\njurisdiction = "J"\nkind = "law"\nsources = [{ cite = "c" }]\n'
OWN = 'source = "s"\nverified = "V"\n'


def law(warning: str = "", tactic: str = "", head: str = "") -> str:
    """A law on gas with a warning of its own."""
    return (
        f'{HEAD}{head}\n[[warning]]\nid = "order"\nsays = "Order."\n{warning or "count = 1"}\n{OWN}'
        f'[[tactic]]\nid = "law-gas"\nsays = "Gas by law."\ntools = ["gas"]\nwarning = "order"\n{tactic}\n{OWN}'
    )


def gas(*packs: str, kind: str | None = None) -> Measure:
    """Gas to disperse under these packs and the street's."""
    stack = Stack.of([*(read_pack(text, "law.toml") for text in packs), read_pack(STREET, "street.toml")])
    measure = stack.measures.of("gas", "disperse", kind)
    assert measure is not None
    return measure


def bound(measure: Measure) -> dict[str, tuple[str, str]]:
    """Field to value and pack."""
    return {item.field: (item.value, item.pack) for item in measure.bound}


@pytest.mark.parametrize(
    ("field", "of_law", "value", "pack"),
    [
        ("warning.count", 'count = 3\ninterval = "1 min"', "3", "law"),
        ("warning.count", "count = 1", "2", "small"),
        ("warning.count", 'count = "unknown"', "2", "small"),
        ("warning.interval", 'count = 2\ninterval = "3 min"', "3 min", "law"),
        ("warning.interval", 'count = 2\ninterval = "unknown"', "2 min", "small"),
        ("warning.wait", 'count = 1\nwait = "5 min"', "5 min", "law"),
        ("warning.wait", 'count = 1\nwait = "unknown"', "1 min", "small"),
        ("warning.lapses", 'count = 1\nlapses = "5 min"', "5 min", "law"),
        ("warning.lapses", 'count = 1\nlapses = "1 h"', "10 min", "small"),
        ("warning.places", "count = 1\nplaces = 3", "3", "law"),
        ("warning.imminent_count", 'count = 2\ninterval = "1 min"', "2", "law"),
        ("warning.imminent_count", "count = 1", "1", "law"),
        ("warning.amplified", "count = 1\namplified = true", "yes", "law"),
        ("warning.names_weapon", "count = 1", "yes", "small"),
    ],
)
def test_the_strictest_warning_and_who_asks_for_it(field: str, of_law: str, value: str, pack: str) -> None:
    """Field by field."""
    assert bound(gas(law(of_law)))[field] == (value, pack)


def test_durations_and_quantities_take_the_smaller() -> None:
    """And unknown gives way to known."""
    assert bound(gas(law(tactic='lasts = "5 min"\nquantity = 3')))["lasts"] == ("5 min", "law")
    assert bound(gas(law(tactic='lasts = "5 min"\nquantity = 3')))["quantity"] == ("3", "law")
    assert bound(gas(law(tactic='lasts = "unknown"\nquantity = "unknown"')))["lasts"] == ("20 min", "small")


def test_what_cannot_be_compared_is_united() -> None:
    """Contents, languages, training, scope, conditions, attempts, levels."""
    more = 'deescalation = "tried or why not"\ntargeted = "tried or why not"\nuser_training = ["gas"]\nscope = ["users"]\nlevel = "high"'
    measure = gas(law('count = 1\nsays_what = ["the way out"]\nlanguages = ["pl"]\naudible = "confirmed"', more))
    assert measure.warned is not None
    assert measure.warned.says_what == ("the way out", "the law")
    assert measure.warned.languages == ("pl", "en", "es")
    assert measure.warned.audible == "confirmed"
    assert (measure.deescalation, measure.targeted) == ("tried", "tried or why not")
    assert measure.user_training == ("gas",)
    assert measure.scope == ("users", "quantity", "time")
    assert [(at.rule, level) for at, level in measure.levels] == [("tactic.law-gas", "high")]  # asked for by both
    assert [rule.pack for rule in measure.rules] == ["law", "small"]


def test_a_law_for_other_bodies_does_not_bind() -> None:
    """Of the pack or of the rule; a body of unknown kind is bound."""
    for text in (
        law('count = 5\ninterval = "1 min"', 'binds = ["city"]'),
        law('count = 5\ninterval = "1 min"').replace('kind = "law"', 'kind = "law"\nbinds = ["city"]'),
    ):
        assert bound(gas(text))["warning.count"] == ("5", "law")
        assert bound(gas(text, kind="city"))["warning.count"] == ("5", "law")
        assert bound(gas(text, kind="county-sheriff"))["warning.count"] == ("2", "small")


def test_an_enjoined_law_binds_nobody() -> None:
    """While it stands in the stack all the same."""
    text = law('count = 5\ninterval = "1 min"').replace('kind = "law"', 'kind = "law"\nstatus = "enjoined"')
    assert bound(gas(text))["warning.count"] == ("2", "small")


@pytest.mark.parametrize("status", ["draft", "amended"])
def test_nothing_is_permitted_under_a_draft_or_an_old_text(status: str) -> None:
    """The stack says so, and judge refuses."""
    text = law().replace('kind = "law"', f'kind = "law"\nstatus = "{status}"')
    assert Stack.of([read_pack(text, "l"), read_pack(STREET, "s")]).unfit == (("law", status),)


def test_a_rank_that_nobody_has_linked_is_refused() -> None:
    """Laws compare their own words; the local plan links its own to them."""
    ranks = '[ranks]\norder = ["constable", "captain"]\n'
    text = law(tactic='authorizer = { rank = "captain or above" }') + ranks
    with pytest.raises(PackProblems) as caught:
        Stack.of([read_pack(text, "law.toml"), read_pack(STREET, "s")])
    assert 'a link for the rank in [links] ranks of small, such as captain = "chief"' in str(caught.value)
    linked = STREET + '[links]\nranks = { captain = "lieutenant", ghost = "sergeant" }\n'
    stack = Stack.of([read_pack(text, "law.toml"), read_pack(linked, "s")])
    measure = stack.measures.of("gas", "disperse", None)
    assert measure is not None and measure.gates[0].ways[0].rank_from == stack.rank_places["lieutenant"]


def test_levels_of_a_law_are_linked_too() -> None:
    """By the plan's own words, or refused."""
    text = law(tactic='level = "loud"')
    with pytest.raises(PackProblems) as caught:
        Stack.of([read_pack(text, "law.toml"), read_pack(STREET, "s")])
    assert "a link in [links] levels to one of low, high" in str(caught.value)
    linked = read_pack(STREET + '[links]\nlevels = { loud = "high" }\n', "s")
    stack = Stack.of([read_pack(text, "law.toml"), linked])
    measure = stack.measures.of("gas", "disperse", None)
    assert measure is not None and {level for _, level in measure.levels} == {"high"}


def test_laws_alone_are_no_plan() -> None:
    """There is no ladder, or nobody to command on it."""
    with pytest.raises(PackProblems) as caught:
        Stack.of([read_pack(law(), "law.toml")])
    assert "a pack with levels" in str(caught.value)


def test_a_law_that_names_who_may_opens_nothing_that_the_plan_leaves_out() -> None:
    """A chief's word over a purpose that the plan has no rule for lets nobody; over a tool of the law's own it does."""
    chief = 'authorizer = { rank = "chief or above" }'
    ranks = '[ranks]\norder = ["officer", "sergeant", "lieutenant", "chief"]\n'
    own = law(tactic=chief, head=ranks)
    stack = Stack.of([read_pack(own, "law.toml"), read_pack(STREET, "street.toml")])
    for purpose, gates in (("disperse", 2), ("barricade", 0)):
        measure = stack.measures.of("gas", purpose, None)
        assert measure is not None and len(measure.gates) == gates, purpose
        assert any(rule.pack == "law" for rule in measure.rules)
        assert len([1 for item in measure.bound if item.field == "authorizer"]) == gates
    horn = Stack.of([read_pack(own.replace('["gas"]', '["horn"]'), "law.toml"), read_pack(STREET, "street.toml")])
    measure = horn.measures.of("horn", "barricade", None)
    assert measure is not None and [gate.ref.pack for gate in measure.gates] == ["law"]


def test_tools_that_the_rules_speak_of() -> None:
    """Each once, tactics first."""
    stack = Stack.of([read_pack(STREET, "s")])
    assert stack.measures.tools == ("gas", "net", "baton", "rope")
    assert stack.measures.of("broom", "arrest", None) is None


def test_what_is_kept_is_bounded() -> None:
    """Asking for ever new suspensions does not fill the memory, and changes no answer."""
    measures = Stack.of([read_pack(STREET, "s")]).measures
    first = measures.of("gas", "disperse", None)
    for number in range(MOST_KEPT + 5):
        measures.of("gas", "disperse", None, frozenset({("x", str(number))}))
    assert len(measures._made) <= MOST_KEPT
    assert measures.of("gas", "disperse", None) == first


def test_a_second_signature_by_position() -> None:
    """Said in words."""
    text = changed('{ rank = "lieutenant or above" }]\nscope', '{ positions = ["deputy"] }]\nscope', STREET)
    measure = Stack.of([read_pack(text, "s")]).measures.of("gas", "disperse", None)
    assert measure is not None and "and: a second signature: deputy of the lead agency" in measure.who_may
