"""How alike two accounts read: the share of runs of three words that they have in common. Pure; holds no text.

Forty arrests told in one sentence are how mass arrests have failed (domain notes D7, D26). A likeness is a
question to a supervisor, never an answer: officers who stood side by side saw the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

RUN = 3
"""Words in a run: two are in every sentence of the trade ("was arrested"), four miss a changed word too easily."""

LEAST_WORDS = 6
"""Of fewer words nothing can be said: "blocked the road" is what many have truly done."""

MOST_RUNS = 2_000
"""Runs of one account that are kept; an account holds 8,000 characters, some 1,500 words."""

_WORD = re.compile(r"[^\W_]+")

Runs = frozenset[int]


def runs(text: str) -> Runs:
    """The runs of an account as 64-bit digests; none for one that is too short to compare."""
    words = [word.casefold() for word in _WORD.findall(text)]
    if len(words) < LEAST_WORDS:
        return frozenset()
    found = (" ".join(words[at : at + RUN]) for at in range(min(len(words) - RUN + 1, MOST_RUNS)))
    return frozenset(int.from_bytes(blake2b(run.encode(), digest_size=8).digest()) for run in found)


def likeness(one: Runs, other: Runs) -> float:
    """Shared runs by all runs of both, 0 to 1 (Jaccard)."""
    if not one or not other:
        return 0.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


class Index:
    """Accounts by their runs, to find the near ones without comparing each with each. Not shared between threads."""

    def __init__(self) -> None:
        self._runs: dict[str, Runs] = {}
        self._having: dict[int, set[str]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._runs

    def __len__(self) -> int:
        return len(self._runs)

    def put(self, name: str, text: str) -> None:
        """Keep an account in place of what stood under the name; the text itself is not kept."""
        self.drop(name)
        found = self._runs[name] = runs(text)
        for run in found:
            self._having.setdefault(run, set()).add(name)

    def drop(self, name: str) -> None:
        """Forget an account, as after a sealing order."""
        for run in self._runs.pop(name, frozenset()):
            having = self._having[run]
            having.discard(name)
            if not having:
                del self._having[run]

    def near(self, text: str, least: float, but: Iterable[str] = ()) -> list[tuple[str, float]]:
        """Accounts at least so alike, the nearest first, then by name; `but` are left out."""
        asked = runs(text)
        shared = Counter(name for run in asked for name in self._having.get(run, ()))
        for name in but:
            shared.pop(name, None)
        total = len(asked)
        found = [(name, count / (total + len(self._runs[name]) - count)) for name, count in shared.items()]
        return sorted(((name, like) for name, like in found if like >= least), key=lambda item: (-item[1], item[0]))
