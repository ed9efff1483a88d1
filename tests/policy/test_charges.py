"""What several packs say of offences and records: the earliest step, the sternest word, the shortest procedure."""

from __future__ import annotations

from command.policy.load import read_pack
from command.policy.stack import Stack
from tests.policy.test_arrests import local, model

HEAD = '[pack]\nid = "{id}"\ntitle = "T"\njurisdiction = "N"\nkind = "agreement"\nsources = [{{ cite = "x" }}]\n'
TAIL = 'source = "x"\nverified = "V"\n'


def with_(*rules: str) -> Stack:
    """The model, and above it one pack for each text of rules."""
    packs = [read_pack(HEAD.format(id=f"p{n}") + text, f"p{n}.toml") for n, text in enumerate(rules)]
    return Stack.of([*packs, *model().packs])


def arrest(ident: str, topic: str, more: str) -> str:
    """One [[arrest]] rule."""
    return f'[[arrest]]\nid = "{ident}"\nsays = "S."\ntopic = "{topic}"\n{more}\n{TAIL}'


def test_the_earliest_step_of_all_packs_counts() -> None:
    rules = with_(arrest("r", "record", 'items = ["name"]\nbefore = "transport"')).arrests
    need = next(need for need in rules.needs if need.item == "name")
    assert (need.before, need.ref.pack) == ("transport", "p0")
    assert "name" not in {need.item for need in model().arrests.needs_before("transport")}
    assert "name" in {need.item for need in rules.needs_before("transport")}


def test_a_pack_puts_off_only_what_it_asks_for_itself() -> None:
    own = arrest("r", "record", 'items = ["name", "photo with officer"]\nbefore = "transport"')
    lets = arrest("p", "procedure", 'within = "24 h"\nreplaces = ["name", "photo with officer", "medical"]')
    later = {need.item: need.otherwise for need in with_(own + lets).arrests.needs}
    assert later["photo with officer"] == "closing", "nobody else asks for it earlier"
    assert later["name"] == "booking", "the plan below wants it before booking"
    assert later["medical"] == "booking", "the plan below wants it, and lets nothing take its place"


def test_the_shortest_known_procedure_counts_and_an_unknown_one_is_none() -> None:
    def longest(*texts: str) -> float | None:
        span = with_(*(arrest("p", "procedure", f'within = "{text}"') for text in texts)).arrests.procedure
        return span.seconds if span is not None else -1.0

    assert longest("24 h", "6 h") == 6 * 3600
    assert longest("unknown", "6 h") == 6 * 3600
    assert longest("unknown") is None
    assert model().arrests.procedure is None


def test_a_charge_of_two_packs_is_cited_and_rests_as_the_sterner_says() -> None:
    text = f'[[charge]]\nid = "vandalism"\nsays = "S."\ncite = "first"\nstatute = "S 1"\nrests_on = "curfew"\n{TAIL}'
    rules = with_(text).arrests
    charge = rules.charge("S 1")
    assert charge is not None and charge.id == "vandalism"
    assert (charge.cite, charge.rests_on, len(charge.refs)) == ("first", "curfew", 2)
    assert rules.charge("no such") is None and not rules.cited_first("no such")


def test_the_form_offers_what_is_supported_first_and_what_is_declined_last() -> None:
    offered = local().arrests.offered()
    guides = [one.guide for one in offered]
    assert guides[0] == "citation" and guides[-1] == "declined"
    assert {one.charge.id for one in offered} == set(model().arrests.charges), "none is left out"


def test_of_two_prosecutors_the_sterner_counts() -> None:
    def guide(word: str) -> str:
        return f'[[guideline]]\nid = "g"\nsays = "S."\noffence = "trespass"\ncharge = "{word}"\n{TAIL}'

    for words in (("supported", "declined"), ("declined", "citation")):
        assert with_(*(guide(word) for word in words)).arrests.guided["trespass"].charge == "declined"
    assert with_(guide("citation")).arrests.cited_first("trespass")
