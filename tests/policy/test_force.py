"""Asks about force: only the right person, for what the plan speaks of, with every signature; and a no is easy."""

from __future__ import annotations

from typing import Any

import pytest

from command.policy.force import end_of, lacks_only_confirmation
from tests.support.packs import changed
from tests.support.street import BATON, GAS, READY, SIGNED, STREET, WARNED, asked, facts_of, stack_of, when, words

ALL = (*READY, *WARNED, *SIGNED)
GRANTED = ("12:00 chief grants g-1: gas to disperse in sector 1 until 12:30, 5 of it, asked by sergeant",)
RELAYED = (
    "12:00 chief grants g-1: gas to disperse in sector 1 until 12:30, asked by sergeant, relayed with read-back",
)


def test_everything_there() -> None:
    """The plan does not bar it, until the grant would end."""
    decision = asked(ALL, **GAS)
    assert decision.effect == "not barred", words(decision)
    assert decision.until == when("12:15")
    assert {bound.field for bound in decision.bound} >= {"warning.count", "lasts", "quantity"}


@pytest.mark.parametrize(
    ("change", "effect", "expected"),
    [
        ({"tool": None}, "missing", "which tool"),
        ({"purpose": None}, "missing", "for what purpose"),
        ({"purpose": "frighten"}, "refused", "expected one of the purposes"),
        ({"tool": "broom"}, "refused", 'the plan knows no tool "broom"'),
        ({"purpose": "arrest"}, "refused", "no rule of the plan speaks of gas to arrest"),
        ({"sector": None}, "missing", "which sector"),
        ({"quantity": None}, "missing", "how much of it"),
        ({"quantity": 11}, "refused", "at most 10"),
        ({"lasts_s": None}, "missing", "for how long"),
        ({"lasts_s": -5.0}, "refused", "more than nothing"),
        ({"statement": " "}, "missing", "the authorizer's own facts"),
        ({"requester": None}, "missing", "who made the ask"),
        ({"requester": "chief"}, "refused", "may not be the one who grants"),
        ({"who": "partner"}, "refused", "not the lead agency"),
        ({"who": "officer"}, "refused", "below chief"),
        ({"who": "lieutenant"}, "missing", "a written delegation to lieutenant by chief or above"),
        ({"who": "nobody"}, "missing", "check-in of nobody"),
        ({"findings": ["rain"]}, "refused", 'no finding "rain"'),
        ({"ask": None}, "missing", "mayor, by call-back"),
    ],
)
def test_one_thing_wrong(change: dict[str, Any], effect: str, expected: str) -> None:
    """Each field that is left out or wrong is said."""
    decision = asked(ALL, **{**GAS, **change})
    assert decision.effect == effect
    assert expected in words(decision)
    assert decision.rules


@pytest.mark.parametrize(
    ("users", "given", "missing"),
    [
        (["sergeant"], (), ""),
        (["sergeant", "partner"], (), "acceptance of the plan by county"),
        (["sergeant", "partner"], ("11:00 county accepts the plan",), ""),
        (["partner"], ("12:06 county accepts the plan",), "acceptance of the plan by county"),
        (["nobody"], (), "check-in of nobody"),
        (["officer"], ("12:04 officer checks out",), "officer has checked out"),
    ],
)
def test_nobody_is_granted_a_tool_whose_every_use_would_be_found_unauthorized(
    users: list[str], given: tuple[str, ...], missing: str
) -> None:
    """Whoever it names is on duty, and of an agency under the plan: the finding on the use would say so."""
    decision = asked((*ALL, *given), **{**GAS, "users": users})
    assert (decision.effect == "not barred") is (missing == "") and missing in words(decision)


def test_a_designee_with_a_written_delegation() -> None:
    """The chief's authority, while the delegation runs."""
    given = (*ALL[:-1], "12:03 ic signs a-1", "12:00 chief delegates their rank to lieutenant until 12:30")
    assert asked(given, **{**GAS, "who": "lieutenant"}).effect == "not barred"
    assert (
        asked(
            given[:-1] + ("11:00 chief delegates their rank to lieutenant until 12:05",), **{**GAS, "who": "lieutenant"}
        ).effect
        == "missing"
    )
    by_sergeant = (*given[:-1], "12:00 sergeant delegates their rank to lieutenant until 12:30")
    assert "a written delegation" in words(asked(by_sergeant, **{**GAS, "who": "lieutenant"}))


def test_nobody_has_their_own_ask_granted_by_authority_that_they_delegated_themselves() -> None:
    """By rank and by position: who asks would grant it to themselves, by another's hand. Another's ask they may grant."""
    rank = (*ALL[:-1], "12:03 ic signs a-1", "12:00 chief delegates their rank to lieutenant until 12:30")
    through = {**GAS, "who": "lieutenant"}
    assert asked(rank, **through).effect == "not barred"
    assert "authority that they delegated themselves" in words(asked(rank, **{**through, "requester": "chief"}))
    post = (*READY, "12:00 ic delegates incident-commander to lieutenant until 12:30")
    held = {**BATON, "who": "lieutenant"}
    assert asked(post, **held).effect == "not barred", words(asked(post, **held))
    own = asked(post, **{**held, "requester": "ic"})
    assert own.effect == "refused" and "authority that they delegated themselves" in words(own)
    assert asked(post, **{**BATON, "requester": "lieutenant"}).effect == "not barred", (
        "the holder grants their delegate's ask"
    )


def test_a_delegation_ends_with_the_time_in_which_its_author_holds_the_position() -> None:
    """Who was relieved and comes back has delegated nothing: what was handed over was not theirs any more."""
    held = {**BATON, "who": "lieutenant"}
    given = (*READY, "12:00 ic delegates incident-commander to lieutenant until 12:30")
    assert asked(given, **held).effect == "not barred"
    relieved = (*given, "12:02 chief takes incident-commander")
    assert asked(relieved, **held).effect == "refused"
    back = (*relieved, "12:04 ic takes incident-commander")
    assert asked(back, **{**held, "who": "ic"}).effect == "not barred"
    assert asked(back, **held).effect == "refused"
    assert (
        asked((*back, "12:04 ic delegates incident-commander to lieutenant until 12:30"), **held).effect == "not barred"
    )


def test_a_circle_of_delegations_is_nobody_s_authority() -> None:
    """What was delegated to somebody is not theirs to hand on: only the holder's own word carries it."""
    circle = (
        *READY,
        "12:00 ic delegates incident-commander to lieutenant until 12:30",
        "12:01 lieutenant delegates incident-commander to sergeant until 12:30",
        "12:02 sergeant delegates incident-commander to chief until 12:30",
        "12:03 chief delegates incident-commander to ic until 12:30",
    )
    for who in ("sergeant", "chief"):
        again = asked(circle, **{**BATON, "who": who, "requester": "officer"})
        assert again.effect == "refused" and "does not hold the position" in words(again)


@pytest.mark.parametrize(
    ("signed", "missing"),
    [
        ("12:03 the mayor signs a-1 by call-back", "mayor"),
        ("12:03 the governor signs a-1 by call-back with read-back", "mayor"),
        ("11:50 the mayor signs a-1 by call-back with read-back", "mayor"),
        ("12:03 the mayor signs a-2 by call-back with read-back", "mayor"),
    ],
)
def test_an_office_signs_by_call_back_with_read_back(signed: str, missing: str) -> None:
    """Another office, another ask, no read-back, too long ago: no signature."""
    assert missing in words(asked((*READY, *WARNED, signed, SIGNED[1]), **GAS))


@pytest.mark.parametrize("who", ["chief", "sergeant", "officer", "stranger", "partner"])
def test_a_second_signature_is_a_second_person_s_of_the_rank(who: str) -> None:
    """Not the authorizer's, not the requester's, nobody's below it or from elsewhere."""
    assert "a second signature" in words(asked((*READY, *WARNED, SIGNED[0], f"12:03 {who} signs a-1"), **GAS))


def test_the_elected_official_binds_a_city_and_no_sheriff() -> None:
    """A signature that binds some kinds of bodies is not asked of another; an unknown kind is bound."""
    given = (*READY, *WARNED, SIGNED[1])
    assert "mayor" in words(asked(given, **GAS))
    assert "mayor" in words(asked(("09:00 the lead agency is a city", *given), **GAS))
    assert asked(("09:00 the lead agency is a county-sheriff", *given), **GAS).effect == "not barred"


def test_a_prohibition_for_some_kinds() -> None:
    """Sheriffs use no nets; a city's police may."""
    net: dict[str, Any] = {**GAS, "tool": "net"}
    warned = tuple(line.replace("naming gas", "naming net") for line in WARNED)
    assert asked(("09:00 the lead agency is a city", *READY, *warned, *SIGNED), **net).effect == "not barred"
    assert "Sheriffs use no nets" in words(asked(("09:00 the lead agency is a county-sheriff", *READY, *warned), **net))


def test_bars_of_a_tactic() -> None:
    """Zones, nobody in particular, grounds that are not enough; and what was not said is asked for."""
    assert asked(READY, **BATON).effect == "not barred"
    assert asked(READY, **BATON).until == when("12:35"), "neither side says: the plan's own limit"
    assert "never at head" in words(asked(READY, **{**BATON, "zones": ["head", "legs"]}))
    assert "never indiscriminately" in words(asked(READY, **{**BATON, "indiscriminate": True}))
    assert "never solely for curfew" in words(asked(READY, **{**BATON, "grounds": ["curfew"]}))
    bare = asked(READY, **{**BATON, "zones": None, "indiscriminate": None, "grounds": None})
    assert {
        "where on the body it would be aimed",
        "on what grounds",
        "whether it is aimed at particular persons",
    } <= set(bare.missing)


def test_what_only_a_prohibition_speaks_of() -> None:
    """A rope is barred; where its own exception holds, still nobody may."""
    rope: dict[str, Any] = {**BATON, "tool": "rope"}
    assert "No ropes" in words(asked(READY, **rope))
    assert "no rule of the plan says who may authorize rope to arrest" in words(
        asked(READY, **{**rope, "findings": ["fire"]})
    )


def test_a_prohibited_tool() -> None:
    """Never is never, and the asking is refused as well."""
    text = changed('grant = "needed"', 'grant = "never"', STREET)
    for action in ("force.grant", "force.ask"):
        assert "it is never authorized" in words(asked(READY, text, **{**BATON, "action": action}))


@pytest.mark.parametrize(
    ("tool", "told"),
    [("gass", 'the plan knows no tool "gass", and what no rule allows is refused; did you mean "gas"?'),
     ("batton", 'did you mean "baton"?'), ("zzz", 'the plan knows no tool "zzz"')],
)  # fmt: skip
def test_an_unknown_tool_is_refused_at_once(tool: str, told: str) -> None:
    """Even where a prohibition without tools speaks of everything: an ask would wait for nobody."""
    text = (
        STREET
        + '\n[[prohibition]]\nid = "no-spite"\nsays = "Never in spite."\nbars = { never_solely_for = ["spite"] }\n'
    )
    for action in ("force.ask", "force.grant"):
        for plan in (STREET, text):
            decision = asked(READY, plan, **{**BATON, "tool": tool, "action": action})
            assert decision.effect == "refused"
            assert told in words(decision)
    asking = {**BATON, "action": "force.ask", "who": "officer"}
    assert asked(READY, text, **asking).allows, "a known one may still be asked for"
    assert "Never in spite." in words(asked(READY, text, **{**asking, "grounds": ["spite"]}))


def test_what_nobody_may_authorize_does_not_wait() -> None:
    """A rope with its exception found: known, limited, and in nobody's gift."""
    rope = asked(READY, **{**BATON, "tool": "rope", "findings": ["fire"], "action": "force.ask", "who": "officer"})
    assert rope.effect == "refused"
    assert "no rule of the plan says who may authorize rope to arrest" in words(rope)


def test_no_grant_is_without_an_end() -> None:
    """The ask, the rule, or the plan's limit; where none of them says, it is not given."""
    assert asked(READY, **BATON, lasts_s=7200.0).until == when("14:05"), "the ask's own, where no rule limits it"
    bare = changed('grant = "30 min"\n', "", STREET)
    decision = asked(READY, bare, **BATON)
    assert decision.missing == (
        "for how long: neither the ask nor the plan limits it, and a grant without an end is none",
    )
    assert asked(READY, bare, **BATON, lasts_s=60.0).until == when("12:06")
    facts = facts_of(READY)
    for text, tool, lasts_s, end in (
        (STREET, "baton", None, "12:35"), (STREET, "baton", 60.0, "12:06"), (STREET, "gas", None, "12:25"),
        (STREET, "gas", 60.0, "12:06"), (bare, "baton", None, "12:05"), (STREET, "broom", None, "12:35"),
    ):  # fmt: skip
        purpose = "disperse" if tool == "gas" else "arrest"
        assert end_of(stack_of(text), facts, tool, purpose, lasts_s, when("12:05")) == when(end)


def test_ending_force_outlives_the_rules_on_it() -> None:
    """A tool that no rule speaks of any more is taken back by the commander all the same."""
    given = ("12:00 chief grants g-1: broom to disperse in sector 1 until 12:30",)
    assert asked(given, who="ic", at="12:05", action="force.revoke", grant="g-1").allows
    assert not asked(given, who="officer", at="12:05", action="force.revoke", grant="g-1").allows


def test_asking_notes_what_a_grant_will_take() -> None:
    """An ask may be made in haste; who decides is said."""
    decision = asked((), **{**GAS, "who": "officer", "action": "force.ask", "statement": None})
    assert decision.effect == "not barred"
    assert "before it can be granted: warned: first warning of 2" in decision.reasons
    assert decision.who_may[0].startswith("chief or above (or by written delegation lieutenant or above)")
    assert decision.until == when("12:15")
    assert asked((), **{**GAS, "tool": None, "action": "force.ask"}).effect == "missing"
    nobody = changed('action = "force.ask"', 'action = "unit.form"', STREET)
    assert "no rule of the plan says who may" in words(asked((), nobody, **{**GAS, "action": "force.ask"}))


def test_a_no_is_easy() -> None:
    """Whoever could say yes may say no, the one who asked and the untrained included."""
    deny: dict[str, Any] = {"action": "force.deny", "at": "12:05", "sector": "1", "tool": "gas", "purpose": "disperse"}
    assert asked((), who="chief", requester="chief", **deny).effect == "not barred"
    assert asked((), who="sergeant", **deny).effect == "refused"
    assert asked((), who="chief", **{**deny, "tool": None}).effect == "missing"
    assert "does not hold the position" in words(asked((), who="chief", **{**deny, "tool": "rope"}))
    for nobodys in ("rope", "broom"):
        assert asked((), who="ic", **{**deny, "tool": nobodys}).allows, "what nobody could grant the commander denies"


def test_ending_force_is_never_made_hard() -> None:
    """The granter, anyone who could have granted, the commander."""
    revoke: dict[str, Any] = {"action": "force.revoke", "at": "12:05", "grant": "g-1"}
    for who in ("chief", "ic"):
        assert asked(GRANTED, who=who, **revoke).effect == "not barred"
    assert asked(GRANTED, who="officer", **revoke).effect == "refused"
    assert "which grant" in words(asked((), who="ic", **revoke))
    assert "which grant" in words(asked((), who="ic", **{**revoke, "grant": None}))
    unknown = ("12:00 sergeant grants g-1: broom to disperse in sector 1 until 12:30",)
    assert asked(unknown, who="sergeant", **revoke).effect == "not barred"
    assert asked(unknown, who="chief", **revoke).effect == "refused"


def test_co_signing() -> None:
    """Only a signature that is asked for; an office through a scribe, with read-back and channel."""
    sign: dict[str, Any] = {
        "action": "force.cosign",
        "at": "12:05",
        "sector": "1",
        "tool": "gas",
        "purpose": "disperse",
        "requester": "sergeant",
    }
    office: dict[str, Any] = {
        **sign,
        "who": "officer",
        "office": "mayor",
        "read_back": True,
        "channel": "city hall's number",
    }
    assert asked((), **office).effect == "not barred"
    assert "read-back" in words(asked((), **{**office, "read_back": False}))
    assert "channel" in words(asked((), **{**office, "channel": None}))
    assert "checked out" in words(asked(("12:00 officer checks out",), **office))
    assert "no such signature" in words(asked((), **{**office, "office": "governor"}))
    assert "it asks for none" in words(asked((), **{**BATON, "action": "force.cosign"}))
    assert asked((), **{**sign, "who": "lieutenant"}).effect == "not barred"
    assert asked((), **{**sign, "who": "sergeant"}).effect == "refused"
    assert asked((), **{**sign, "who": "lieutenant", "requester": "lieutenant"}).effect == "refused"
    assert asked((), **{**sign, "who": "lieutenant", "tool": None}).effect == "missing"


def test_a_spoken_order_counts_with_read_back_where_the_plan_says_so() -> None:
    """Authority is the speaker's; the scribe must be on duty and signed in as themselves."""
    spoken: dict[str, Any] = {**GAS, "who": "officer", "speaker": "chief", "channel": "radio", "read_back": True}
    decision = asked(ALL, **spoken)
    assert decision.effect == "not barred"
    assert "relayed, not yet confirmed by chief" in decision.reasons
    assert "read back" in words(asked(ALL, **{**spoken, "read_back": False}))
    assert "channel" in words(asked(ALL, **{**spoken, "channel": None}))
    assert "below chief" in words(asked(ALL, **{**spoken, "speaker": "sergeant", "requester": "officer"}))
    assert "checked out" in words(asked((*ALL, "12:01 chief checks out"), **spoken))
    assert "checked out" in words(asked((*ALL, "12:01 officer checks out"), **spoken))
    assert "signed in for" in words(asked(ALL, **{**spoken, "agency": "county"}))
    nothing = changed("authorizes with read-back", "nothing until confirmed", STREET)
    assert "confirmation by chief in person" in words(asked(ALL, nothing, **spoken))


def test_only_the_speaker_confirms() -> None:
    """While they could still grant it."""
    confirm: dict[str, Any] = {"action": "relay.confirm", "at": "12:05", "grant": "g-1"}
    assert asked(RELAYED, who="chief", **confirm).effect == "not barred"
    assert asked(RELAYED, who="chief", **confirm).until == when("12:30")
    assert "nobody else can confirm" in words(asked(RELAYED, who="ic", **confirm))
    assert "which relayed order" in words(asked((), who="chief", **confirm))
    broom = ("12:00 chief grants g-1: broom to disperse in sector 1 until 12:30, relayed",)
    assert 'the plan knows no tool "broom"' in words(asked(broom, who="chief", **confirm))
    other = ("12:00 sergeant grants g-1: gas to disperse in sector 1 until 12:30, relayed",)
    assert asked(other, who="sergeant", **confirm).effect == "refused"


def test_a_suspended_rule_takes_its_authorizer_with_it() -> None:
    """Suspending is said, ends by itself, and one without an end is none."""
    off = "12:00 tactic.gas of small is suspended until 12:06"
    assert "no rule of the plan speaks of gas" in words(asked((*ALL, off), **GAS))
    assert asked((*ALL, off), **{**GAS, "at": "12:06"}).effect == "not barred"
    without = "12:00 warning.warned of small is suspended until 12:06"
    assert asked((*READY, *SIGNED, without), **GAS).effect == "not barred"


def test_a_level_that_is_not_there() -> None:
    """Below the level, lapsed, or none on record."""
    rest = (*READY[1:], *WARNED, *SIGNED)
    assert "the level High in the sector" in words(asked(("11:00 sector 1 stands at low", *rest), **GAS))
    assert "a renewal of the level" in words(asked(("11:00 sector 1 stands at high until 12:05", *rest), **GAS))
    assert "a level of the plan on record" in words(asked(rest, **GAS))
    assert "de-escalation was tried" in words(asked((READY[0], *WARNED, *SIGNED), **GAS))


def test_numbers_that_no_pack_gives_deny() -> None:
    """Unknown duration, unknown quantity."""
    text = changed('lasts = "20 min"', 'lasts = "unknown"', changed("quantity = 10", 'quantity = "unknown"', STREET))
    said = words(asked(ALL, text, **GAS))
    assert "for how long a grant may run" in said
    assert "how much one grant may hold" in said


def test_what_a_relayed_order_lacks_is_known_by_one_function() -> None:
    """Only the speaker's word, or more than that."""
    nothing = changed("authorizes with read-back", "nothing until confirmed", STREET)
    spoken: dict[str, Any] = {**GAS, "who": "officer", "speaker": "chief", "channel": "radio", "read_back": True}
    assert lacks_only_confirmation(asked(ALL, nothing, **spoken), "chief")
    assert not lacks_only_confirmation(asked(ALL, nothing, **spoken), "ic")
    assert not lacks_only_confirmation(asked(ALL, nothing, **{**spoken, "read_back": False}), "chief")
    assert not lacks_only_confirmation(asked(ALL, **spoken), "chief")


def test_a_draft_permits_nothing() -> None:
    """Whatever is asked."""
    text = changed("sources = []", 'sources = []\nstatus = "draft"', STREET)
    assert "the pack small is a draft" in words(asked(ALL, text, **GAS))


RIOT = '\n[[indicator]]\nid = "riot"\nsays = "A riot."\n\n[[indicator]]\nid = "jail"\nsays = "In a jail."\n'
SOMETIMES = (
    changed(
        '{ office = "mayor", binds = ["city"] }',
        '{ office = "mayor", when = { all = ["riot"] }, unless = { all = ["jail"] } }',
        STREET,
    )
    + RIOT
)
LIEUTENANT = SIGNED[1]


@pytest.mark.parametrize(
    ("given", "findings", "effect"),
    [
        ((), (), "not barred"),
        ((), ("riot",), "missing"),
        ((SIGNED[0],), ("riot",), "not barred"),
        ((), ("riot", "jail"), "not barred"),
        (("12:01 sergeant finds riot in sector 1",), (), "missing"),
        (("11:40 sergeant finds riot in sector 1",), (), "not barred"),
    ],
)
def test_a_signature_may_hang_on_what_is_found(given: tuple[str, ...], findings: tuple[str, ...], effect: str) -> None:
    """Asked for with what is stated or on record, and not where the rule itself makes an exception; said either way."""
    answer = asked((*READY, *WARNED, LIEUTENANT, *given), SOMETIMES, **{**GAS, "findings": findings})
    assert answer.effect == effect, answer
    assert ("the signature: mayor" in words(answer)) is (effect == "missing")
    if not findings and not given:
        assert "nobody found what the rule asks it for" in words(answer)


def test_two_signatures_under_one_rule_are_two_people() -> None:
    """One lieutenant does not sign for two."""
    two = changed(
        '{ office = "mayor", binds = ["city"] }, { rank = "lieutenant or above" }',
        '{ rank = "sergeant or above" }, { rank = "lieutenant or above" }',
        STREET,
    )
    one = asked((*READY, *WARNED, LIEUTENANT), two, **{**GAS, "requester": "officer"})
    assert one.effect == "missing" and "a second signature" in words(one)
    both = asked((*READY, *WARNED, "12:01 ic signs a-1", LIEUTENANT), two, **{**GAS, "requester": "officer"})
    assert both.effect == "not barred", both
    order = asked((*READY, *WARNED, LIEUTENANT, "12:03 sergeant signs a-1"), two, **{**GAS, "requester": "officer"})
    assert order.effect == "not barred", "who alone has the rank signs for it, whoever signed first"


def test_a_grant_does_not_outlive_the_suspension_that_it_rests_on() -> None:
    """Given without the warning while that was suspended, it ends when the warning is asked for again."""
    off = "12:00 warning.warned of small is suspended until 12:10"
    answer = asked((*READY, *SIGNED, off), **{**GAS, "lasts_s": 600.0})
    assert answer.effect == "not barred" and answer.until == when("12:10")
    facts = facts_of((*READY, *SIGNED, off))
    assert end_of(stack_of(), facts, "gas", "disperse", 600.0, when("12:05")) == when("12:10")
    other = "12:00 tactic.baton-at-one of small is suspended until 12:10"
    assert asked((*READY, *WARNED, *SIGNED, other), **{**GAS, "lasts_s": 600.0}).until == when("12:15")
