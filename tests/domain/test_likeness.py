"""How alike accounts read, without keeping a word of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from command.domain.likeness import Index, likeness, runs

ONE = "The subject was observed in the roadway and refused to leave after repeated orders to disperse"
TOLD_AGAIN = "The subject was observed in the roadway and refused to leave after several orders to disperse"
OWN = "She climbed the fence of the garage at Fourth Street and threw a bottle that hit Officer Reyes on the arm"


def test_a_sentence_told_again_is_near_and_another_persons_deed_is_not() -> None:
    assert likeness(runs(ONE), runs(TOLD_AGAIN)) > 0.6
    assert likeness(runs(ONE), runs(ONE.upper().replace(" ", "  ,"))) == 1.0
    assert likeness(runs(ONE), runs(OWN)) == 0.0


def test_a_few_words_say_nothing() -> None:
    assert runs("blocked the road and sat") == frozenset()
    assert likeness(runs("blocked the road"), runs("blocked the road")) == 0.0


def test_the_index_finds_what_comparing_each_with_each_finds() -> None:
    index = Index()
    index.put("a1", ONE)
    index.put("a2", OWN)
    assert [name for name, _ in index.near(TOLD_AGAIN, 0.6)] == ["a1"]
    assert index.near(TOLD_AGAIN, 0.6, but=("a1",)) == []
    assert index.near(TOLD_AGAIN, 0.99) == []


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=14).map(" ".join), max_size=12))
def test_near_is_the_plain_comparison(texts: list[str]) -> None:
    index = Index()
    for number, text in enumerate(texts):
        index.put(f"n{number:02}", text)
    for text in texts:
        plain = [(f"n{at:02}", likeness(runs(text), runs(other))) for at, other in enumerate(texts)]
        wanted = sorted(((n, like) for n, like in plain if like >= 0.3), key=lambda item: (-item[1], item[0]))
        assert index.near(text, 0.3) == wanted


def test_what_is_dropped_or_replaced_is_not_found() -> None:
    index = Index()
    index.put("a1", ONE)
    index.put("a1", OWN)
    assert index.near(ONE, 0.1) == [] and "a1" in index and len(index) == 1
    index.drop("a1")
    index.drop("a1")
    assert index.near(OWN, 0.1) == [] and "a1" not in index
