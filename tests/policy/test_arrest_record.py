"""What a record still needs, and when."""

from __future__ import annotations

from datetime import UTC, datetime

from command.library import load_stack, read_files
from command.policy.arrest_record import RecordFact, SignatureClaim, lacking, signature_finding, step_decision
from command.policy.charges import SAYS
from tests.policy.test_arrests import model

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def record(*lacks: str, procedure: bool = False) -> RecordFact:
    """A record that holds everything but these."""
    return RecordFact(arrest="a", at=NOW, items=frozenset(SAYS) - set(lacks), procedure=procedure)


def test_what_is_missing_is_listed_with_the_step_and_the_rule_the_earliest_first() -> None:
    told = lacking(model(), record("disposition", "conduct", "facts"))
    assert [(one.item, one.before) for one in told] == [
        ("conduct", "transport"), ("facts", "booking"), ("disposition", "closing"),
    ]  # fmt: skip
    assert told[0].rule.rule == "arrest.own-hand" and told[0].says == "what this person did, in one sentence at least"
    assert lacking(model(), record()) == ()


def test_a_procedure_puts_off_what_its_pack_lets_it() -> None:
    stack = load_stack(read_files(("us-dc/first-amendment-assemblies.toml", "model/muster-model.toml")))
    [now] = lacking(stack, record("name"))
    [later] = lacking(stack, record("name", procedure=True))
    assert (now.before, later.before) == ("transport", "booking")
    assert not step_decision(stack, record("name"), "transport").allows
    assert step_decision(stack, record("name", procedure=True), "transport").allows


def test_who_may_complete_it_is_said() -> None:
    decision = step_decision(model(), record("facts"), "booking")
    assert decision.effect == "missing" and decision.who_may


def test_one_signs_for_help_only_where_the_record_names_it() -> None:
    claim = SignatureClaim(who="b", officer="a", signing="assisting", assisting=("b",))
    assert signature_finding(model(), claim).kind == "authorized"
    assert signature_finding(model(), SignatureClaim(who="c", officer="a", signing="assisting")).kind == "cannot tell"
