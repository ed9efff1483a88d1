"""How alike accounts read, without keeping a word of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.domain.arrest import ALIKE
from command.domain.likeness import MOST_BESIDE, Index, likeness, runs

ONE = "The subject was observed in the roadway and refused to leave after repeated orders to disperse"
TOLD_AGAIN = "The subject was observed in the roadway and refused to leave after several orders to disperse"
OWN = "She climbed the fence of the garage at Fourth Street and threw a bottle that hit Officer Reyes on the arm"


def test_a_sentence_told_again_is_near_and_another_persons_deed_is_not() -> None:
    assert likeness(runs(ONE), runs(TOLD_AGAIN)) > 0.6
    assert likeness(runs(ONE), runs(ONE.upper().replace(" ", "  ,"))) == 1.0
    assert likeness(runs(ONE), runs(OWN)) == 0.0


WHOLE = (
    "At 9:42 pm near the courthouse I, Officer Reyes, observed a male in a grey hooded sweatshirt throw a glass bottle "
    "at the line of officers standing in front of the north entrance. The bottle struck the shield of Officer Kim and "
    "broke. I kept the male in sight, moved forward with Sergeant Ortiz and took him by the left arm. He did not resist."
)
OTHERS = (
    (
        "I was at the north entrance with Sergeant Ortiz. A woman climbed over the barrier and sat down in the doorway. I "
        "asked her three times to get up and she said that she would stay. I lifted her with Officer Kim, told her that she "
        "was under arrest for trespass and walked her to the van."
    ),
    (
        "At 9:50 pm near the courthouse I observed a female in a red coat kick a parked police car twice, denting the door. "
        "I told her to stop and she kicked it again. I took her by the arm. She resisted by pulling away from Officer Kim."
    ),
)


def instead(text: str, *pairs: str) -> str:
    """The text with words in place of others."""
    for pair in pairs:
        one, _, other = pair.partition("=")
        assert one in text
        text = text.replace(one, other)
    return text


@pytest.mark.parametrize(
    "told",
    [
        instead(WHOLE, "Reyes=Stein", "Kim=Patel", "Ortiz=Lund", "9:42=9:51", "grey hooded sweatshirt=black jacket"),
        ". ".join(instead(WHOLE, "Reyes=Stein", "Kim=Patel", "Ortiz=Lund").split(". ")[::-1]),
        instead(WHOLE, "observed=saw", "male=man", "throw=hurl", "struck=hit", "broke=shattered", "in sight=in view",
                "moved forward=went ahead", "took=held", "standing=posted", "line=row"),
        WHOLE + " ".join(f" At corner {n} of the plaza a crowd of {n * 7} went on to item {n} of its march." for n in range(9)),
        WHOLE.replace("e", "e\u200b"),
        WHOLE.translate({ord(c): ord(c) + 0xFEE0 for c in "abcdefghij"}),
    ],
    ids=["other names", "names and order", "synonyms", "grown", "marks of no width", "full width"],
)  # fmt: skip
def test_an_account_told_again_is_near_however_it_was_dressed_and_other_deeds_are_not(told: str) -> None:
    assert likeness(runs(WHOLE), runs(told)) >= ALIKE
    assert max(likeness(runs(told), runs(other)) for other in OTHERS) < ALIKE


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


def test_of_hundreds_told_in_one_sentence_some_are_set_beside_and_the_nearest_of_another_kind_is_still_found() -> None:
    """The look at one account costs no more for the thousandth copy than for the hundredth."""
    index = Index()
    for number in range(400):
        index.put(f"c{number:03}", ONE)
    index.put("own", OWN)
    near = index.near(TOLD_AGAIN, ALIKE)
    assert [name for name, _ in near] == [f"c{number:03}" for number in range(MOST_BESIDE)]
    assert near[0][1] == likeness(runs(ONE), runs(TOLD_AGAIN))
    assert [name for name, _ in index.near(OWN, ALIKE)] == ["own"]
    assert "c000" not in dict(index.near(ONE, ALIKE, but=("c000",)))
