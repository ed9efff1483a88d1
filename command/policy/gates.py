"""Rules by name, and authorizers made ready to be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from command.policy import model as m
from command.policy.decision import RuleRef
from command.policy.ranks import RankOrder, rank_words


class Way(NamedTuple):
    """A compiled authorizer: `rank_from` and `designee_from` are places in the stack's order of ranks."""

    positions: tuple[str, ...]
    rank_from: int | None
    agency: str
    requester_may: bool
    words: str
    on_scene: bool = False
    witnessed: bool = False
    designee_from: int | None = None
    training: tuple[str, ...] = ()


class Gate(NamedTuple):
    """One pack's rule on who may: any of the ways."""

    ref: RuleRef
    ways: tuple[Way, ...]


_KINDS: dict[type, str] = {
    m.Position: "position",
    m.Indicator: "indicator",
    m.Level: "level",
    m.AskRule: "ask",
    m.Tool: "tool",
    m.Force: "force",
    m.DutyRule: "duty",
    m.Tactic: "tactic",
    m.WarningRule: "warning",
    m.PostureRule: "posture",
    m.Prohibition: "prohibition",
    m.Relay: "relay",
    m.Suspension: "suspension",
    m.Succession: "succession",
    m.Delegation: "delegation",
    m.DeescalationRule: "deescalation",
    m.ArrestRule: "arrest",
    m.Charge: "charge",
    m.Guideline: "guideline",
    m.MutualAidRule: "mutual_aid",
    m.ConductRule: "conduct",
    m.SiteRule: "site",
    m.TemplatePart: "part",
    m.ApprovedText: "text",
}


def ref(pack: m.Pack, rule: m.Rule) -> RuleRef:
    """How a decision names a rule. Ids are unique within their kind, so the kind stands before it."""
    name = f"{_KINDS[type(rule)]}.{rule.id}"
    return RuleRef(pack=pack.id, rule=name, says=rule.says, source=rule.source, verified=rule.verified)


class Gates:
    """Compiles authorizers against the ranks and positions of a stack."""

    def __init__(self, ranks: RankOrder, titles: Mapping[str, str]) -> None:
        """`titles`: position id to its title."""
        self._ranks = ranks
        self._titles = titles

    def gate(self, pack: m.Pack, rule: RuleRef, ways: Iterable[m.Authorizer]) -> Gate:
        """One pack's ways. Raises PackProblems for a rank that the stack can't place."""
        return Gate(rule, tuple(self.way(pack, way) for way in ways))

    def way(self, pack: m.Pack, way: m.Authorizer) -> Way:
        """One way."""
        return Way(
            way.positions,
            self._ranks.place(pack, way.rank),
            way.agency,
            way.requester == "may authorize",
            self._in_words(way),
            way.on_scene,
            way.witnessed,
            self._ranks.place(pack, way.designee),
            way.training,
        )

    def _in_words(self, way: m.Authorizer) -> str:
        agency = {
            "lead": "of the lead agency",
            "any": "of any agency",
            "own unit": "of the assisting agency whose unit it is",
        }
        who = " or ".join(self._titles[key] for key in way.positions)
        rank = rank_words(way)
        if way.designee:
            rank += f" (or by written delegation {way.designee.replace('-', ' ')})"
        named = f"{who}, being {rank}, {agency[way.agency]}" if who and rank else ""
        said = named or f"{who or rank or 'anyone on duty'} {agency[way.agency]}"
        if way.witnessed:
            return said + ", on scene and an eyewitness"
        return said + ", on scene" if way.on_scene else said


def distinct(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    """One gate for each set of ways: packs that ask for the same open and close together."""
    return tuple({gate.ways: gate for gate in reversed(tuple(gates))}.values())[::-1]


def at_ease(gates: tuple[Gate, ...]) -> tuple[Gate, ...]:
    """The gates for a no: position or rank, but neither presence nor an eyewitness, nor another than the requester."""
    return tuple(
        Gate(
            gate.ref,
            tuple(way._replace(on_scene=False, witnessed=False, requester_may=True, training=()) for way in gate.ways),
        )
        for gate in gates
    )


def who_may(gates: tuple[Gate, ...]) -> tuple[str, ...]:
    """One entry for each way in; where several packs must agree, one entry for each pack, beginning "also"."""
    if not gates:
        return ()
    first, *others = gates
    also = tuple("also: " + " or ".join(way.words for way in gate.ways) for gate in others)
    return tuple(dict.fromkeys((*(way.words for way in first.ways), *also)))
