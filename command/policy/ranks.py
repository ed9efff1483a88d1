"""One order of ranks for a stack: the local one, with the words of laws and partners linked to it."""

from __future__ import annotations

from collections.abc import Sequence

from command.policy.model import Authorizer, CoSigner, Pack
from command.policy.problems import PackProblems, Problem, nearest

OR_ABOVE = " or above"


class RankOrder:
    """The order of the most specific pack that has one (`base`), and where every other pack's words stand in it."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        """Raises PackProblems: a link to a rank that is none, or another pack's order against this one."""
        ranked = [pack for pack in packs if pack.ranks]
        self.base = ranked[-1] if ranked else None
        self.order: tuple[str, ...] = self.base.ranks.order if self.base and self.base.ranks else ()
        self.places = {rank: place for place, rank in enumerate(self.order)}
        for pack in packs:
            for word, local in (pack.links.ranks if pack.links else {}).items():
                if local in self.order:
                    self.places.setdefault(word, self.order.index(local))
        for pack in ranked:
            self._check(pack)

    def _check(self, pack: Pack) -> None:
        order = pack.ranks.order if pack.ranks else ()
        known = [self.places[rank] for rank in order if rank in self.places]
        if known != sorted(known) and self.base is not None:
            raise PackProblems(
                [Problem(pack.name, 0, "stack", f"the order of ranks of {self.base.id}", ", ".join(order))]
            )

    def place(self, pack: Pack, words: str | None) -> int | None:
        """Where "lieutenant or above" begins; None where no rank is asked. Raises PackProblems for a rank without link."""
        if words is None:
            return None
        rank = words.removesuffix(OR_ABOVE)
        if rank not in self.places:
            local = self.base.id if self.base else "the agency"
            raise PackProblems(
                [
                    Problem(
                        pack.name,
                        0,
                        "stack",
                        f'a link for the rank in [links] ranks of {local}, such as {rank} = "{self.order[-1]}"',
                        "none",
                        nearest(rank, self.order),
                    )
                ]
            )
        return self.places[rank]


def rank_words(way: Authorizer | CoSigner) -> str:
    """ "lieutenant or above", as a person reads it."""
    return (way.rank or "").replace("-", " ")
