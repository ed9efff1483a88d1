"""How alike two accounts read: the share of pairs of words that they have in common. Pure; holds no text.

Forty arrests told in one sentence are how mass arrests have failed (domain notes D7, D26). A likeness is a
question to a supervisor, never an answer: officers who stood side by side saw the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from itertools import islice

RUN = 2
"""Words in a run. With three, an account told again with other names, or every fifth word another, was no longer near;
with one, any two arrests of an evening are: they share the street, the order and the officers' habits of speech."""

ENOUGH_RUNS = 20
"""From so many runs on a share of the shorter account counts too: a told-again account may have grown in the telling."""

LEAST_WORDS = 6
"""Of fewer words nothing can be said: "blocked the road" is what many have truly done."""

MOST_RUNS = 2_000
"""Runs of one account that are kept; an account holds 8,000 characters, some 1,500 words."""

MOST_BESIDE = 64
"""Accounts that are looked at for one run, the earliest; of a family of hundreds told in one sentence some are enough."""

_WORD = re.compile(r"[^\W_]+")

Runs = frozenset[int]


def runs(text: str) -> Runs:
    """The runs of an account as 64-bit digests; none for one that is too short to compare."""
    words = [word.casefold() for word in _WORD.findall(_seen(text))]
    if len(words) < LEAST_WORDS:
        return frozenset()
    found = (" ".join(words[at : at + RUN]) for at in range(min(len(words) - RUN + 1, MOST_RUNS)))
    return frozenset(int.from_bytes(blake2b(run.encode(), digest_size=8).digest()) for run in found)


def likeness(one: Runs, other: Runs) -> float:
    """Shared runs by all runs of both (Jaccard), or by those of the shorter where it is long enough; 0 to 1."""
    return _share(len(one & other), len(one), len(other))


def _share(shared: int, one: int, other: int) -> float:
    if not shared:
        return 0.0
    least = min(one, other)
    return shared / (least if least >= ENOUGH_RUNS else one + other - shared)


def _seen(text: str) -> str:
    """As a reader sees it: letters of one look alike, and without marks that have no width."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")


class Index:
    """Accounts by their runs, to find the near ones without comparing each with each. Not shared between threads."""

    def __init__(self) -> None:
        self._runs: dict[str, Runs] = {}
        self._having: dict[int, dict[str, None]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._runs

    def __len__(self) -> int:
        return len(self._runs)

    def put(self, name: str, text: str) -> None:
        """Keep an account in place of what stood under the name; the text itself is not kept."""
        self.drop(name)
        found = self._runs[name] = runs(text)
        for run in found:
            self._having.setdefault(run, {})[name] = None

    def drop(self, name: str) -> None:
        """Forget an account, as after a sealing order."""
        for run in self._runs.pop(name, frozenset()):
            having = self._having[run]
            having.pop(name, None)
            if not having:
                del self._having[run]

    def near(self, text: str, least: float, but: Iterable[str] = ()) -> list[tuple[str, float]]:
        """Accounts at least so alike, the nearest first, then by name; `but` are left out.

        All of them while no run is in more than MOST_BESIDE accounts; of more, the nearest so many of the earliest.
        """
        asked, left_out = runs(text), frozenset(but)
        shared: Counter[str] = Counter()
        crowded = False
        for run in asked:
            having = self._having.get(run, {})
            crowded = crowded or len(having) > MOST_BESIDE
            shared.update(islice(having, MOST_BESIDE))
        named = [name for name, _ in shared.most_common(MOST_BESIDE if crowded else None) if name not in left_out]
        found = [(name, likeness(asked, self._runs[name])) for name in named]
        return sorted(((name, like) for name, like in found if like >= least), key=lambda item: (-item[1], item[0]))
