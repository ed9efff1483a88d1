"""Sites for people in custody: what opening takes, how bringing somebody there stands, when a vehicle is overdue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from command.domain.events_custody import SiteKind
from command.policy import model_more, sites
from command.policy.case_facts import CaseFacts, Casting
from command.policy.judge import judge
from command.policy.load import PackProblems, read_pack
from command.policy.request import Request
from command.policy.stack import Stack
from tests.support.packs import SMALL

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
SITES = """
[[ask]]
id = "open-site"
action = "site.open"
says = "A lieutenant opens."
who = { rank = "lieutenant or above" }

[[site]]
id = "held"
says = "Where people are held."
kinds = ["processing", "holding"]
items = ["water", "toilets"]
staff = 2
training = ["custody"]
apart = true
recheck = "4 h"

[[site]]
id = "van"
says = "Vehicles."
kinds = ["vehicle"]
arrival = "30 min"
"""
OTHER = SMALL.replace('id = "small"', 'id = "other"')


def stack(text: str = SITES) -> Stack:
    return Stack.of([read_pack(SMALL + text, "small.toml")])


def facts(**people: Casting) -> CaseFacts:
    known = {
        "boss": Casting(rank="lieutenant", positions=("incident-commander",), training=("custody",)),
        "one": Casting(rank="officer", training=("custody",)),
        "none": Casting(rank="officer"),
    }
    return CaseFacts(known | people, NOW - timedelta(hours=1))


WISH = Request(
    action="site.open",
    person="boss",
    agency="metro-pd",
    ask_age_s=0.0,
    basis_age_s=0.0,
    site_kind="processing",
    capacity=20,
    staff=("boss", "one"),
    present=("water", "toilets"),
    checked_age_s=60.0,
)


def asked(text: str = SITES, **changes: Any) -> Any:
    known = facts()
    wish = replace(WISH, agency=known.people["boss"].agency, **changes)
    return judge(stack(text), known, wish, NOW)


def test_the_kinds_are_those_of_the_vocabulary() -> None:
    assert get_args(model_more.SiteKind) == get_args(SiteKind)


def test_a_site_opens_with_all_of_its_list_and_its_trained_staff() -> None:
    verdict = asked()
    assert verdict.effect == "not barred", verdict
    assert {rule.rule for rule in verdict.rules} >= {"ask.open-site", "site.held"}
    assert asked(site_kind="staging", present=None, staff=()).effect == "not barred", "no rule speaks of it"


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"present": None}, "a look at the checklist"),
        ({"present": ("water",)}, "toilets"),
        ({"checked_age_s": 14_401.0}, "a look at the checklist not older than 4 h"),
        ({"checked_age_s": None}, "a look at the checklist not older than 4 h"),
        ({"staff": ("one", "none", "nobody")}, "2 trained on duty there, with custody in date; 1 named"),
        ({"staff": ()}, "2 trained on duty, with custody in date"),
        ({"capacity": 0}, "room for how many people"),
        ({"site_kind": None}, "which kind of site it is"),
    ],
)
def test_what_is_missing_is_said(changes: dict[str, Any], missing: str) -> None:
    verdict = asked(**changes)
    assert verdict.effect == "missing" and missing in verdict.missing
    assert "lieutenant or above" in verdict.who_may[0]


def test_minors_and_adults_in_one_room_are_refused_and_an_officer_opens_nothing() -> None:
    assert asked(minors=True).effect == "refused"
    assert asked(minors=True, minors_apart=True).effect == "not barred"
    assert asked(minors=True, adults=False).effect == "not barred"
    assert asked(person="one").effect == "refused"


def test_unknown_denies_and_a_stack_without_a_rule_opens_nothing() -> None:
    unknown = SITES.replace("staff = 2", 'staff = "unknown"').replace('recheck = "4 h"', 'recheck = "unknown"')
    assert asked(unknown).missing == (
        "for how long a look at the checklist counts: no pack gives the time",
        "how many trained people it takes: no pack gives the number",
    )
    assert asked("").effect == "refused"


CLAIM = sites.SiteClaim(
    name="Hall", kind="holding", capacity=2, present=("water", "toilets"), checked_age_s=1.0, staff=("boss", "one")
)


def found(text: str = SITES, **changes: Any) -> list[tuple[str, str]]:
    claim = replace(CLAIM, **changes)
    return [(kind, why) for kind, _, why in sites.against(stack(text), facts(), claim, NOW)]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"closed": True}, "Hall is closed"),
        ({"people": 2}, "Hall has room for 2, and is full"),
        ({"present": None}, "nobody has gone through the checklist of Hall"),
        (
            {"present": ("water",), "missing": ("a telephone",)},
            "Hall lacks a telephone, toilets, as its checklist has it",
        ),
        ({"checked_age_s": 99_999.0}, "Hall needs a look at the checklist not older than 4 h"),
        ({"staff": ("none",)}, "Hall has not 2 trained on duty, with custody in date"),
        ({"apart": True}, "Hall is not for minors"),
        ({"apart": True, "minors": True}, "Hall does not keep minors apart by sight and sound"),
        ({"travelled_s": 1801.0}, "on the way for 30 min, longer than the plan gives"),
    ],
)
def test_what_is_against_being_there_is_found(changes: dict[str, Any], why: str) -> None:
    assert found(**changes) == [("contrary to plan", why)]


def test_what_fits_has_no_finding_and_a_place_that_nobody_opened_has_one() -> None:
    assert found() == []
    assert found(apart=True, minors=True, minors_apart=True) == [] == found(travelled_s=1800.0)
    assert found(kind="staging", staff=(), present=None) == []
    assert found(opened=False) == [("no authorization on record", "nobody has opened Hall under the plan")]


def test_the_first_of_several_times_to_arrive_counts_and_without_one_nobody_is_late() -> None:
    both = SITES + '\n[[site]]\nid = "soon"\nsays = "Sooner."\nkinds = ["vehicle"]\narrival = "10 min"\n'
    at = sites.arrival(stack(both), NOW)
    assert at is not None and at[0] == NOW + timedelta(minutes=10) and [ref.rule for ref in at[1]] == ["site.soon"]
    assert sites.arrival(stack(""), NOW) is None
    unknown = stack(SITES.replace("30 min", "unknown"))
    assert sites.arrival(unknown, NOW) is None
    assert sites.checklist(stack(), "holding") == ("water", "toilets") and sites.checklist(stack(), "vehicle") == ()
    assert sites.says_minor("Hall is not for minors") and not sites.says_minor("Hall is closed")


@pytest.mark.parametrize(
    ("old", "new", "expected", "came"),
    [
        ('kinds = ["processing", "holding"]', 'kinds = ["procesing"]', 'one of "staging"', '"procesing"'),
        ("staff = 2\n", "", 'the field "staff"', "nothing"),
        ("staff = 2", "staff = 0", "a whole number from 1", "0"),
        (
            'kinds = ["vehicle"]',
            'kinds = ["vehicle", "staging"]',
            'an arrival only with kinds = ["vehicle"]',
            "vehicle, staging",
        ),
        ('kinds = ["vehicle"]\n', "", "an arrival only with", "all kinds"),
        ('arrival = "30 min"', "", "something to ask for", "nothing"),
        ('["water", "toilets"]', '["water", "water"]', "each item once", '"water" again'),
        ('recheck = "4 h"', 'recheck = "now and then"', "", '"now and then"'),
        ("lieutenant or above", "leutenant or above", "a rank of [ranks]", '"leutenant"'),
        ("apart = true", "aprt = true", "one of the fields", '"aprt"'),
        ('id = "van"', 'id = "held"', "", "held"),
    ],
)
def test_a_malformed_rule_on_sites_is_told_with_its_line(old: str, new: str, expected: str, came: str) -> None:
    text = SMALL + SITES.replace(old, new)
    with pytest.raises(PackProblems) as problems:
        read_pack(text, "small.toml")
    one = problems.value.problems[0]
    assert one.line > 0 and expected in one.expected and came in one.came, one


def test_who_decides_a_release_is_a_rule_on_releases_alone() -> None:
    rule = '\n[[arrest]]\nid = "due"\nsays = "Due."\ntopic = "release"\nwho = { rank = "sergeant or above" }\n'
    made = stack(rule)
    assert [gate.ref.rule for gate in made.release_gates] == ["arrest.due"] and made.procedure_gates == ()
    with pytest.raises(PackProblems, match="who"):
        read_pack(SMALL + rule.replace('"release"', '"bar"'), "small.toml")
