"""Asks of every kind that wait, as rows of one section."""

from __future__ import annotations

from collections.abc import Iterator

from command.domain import asks
from command.domain import events as e
from command.domain.state import LevelAskItem
from command.domain.state_force import ForceAskItem, PostureAskItem
from command.policy.findings import who_may_raise
from command.views import rows as r
from command.views.names import author, level_name, who
from command.views.said import decision_in_words
from command.views.scene import Scene
from command.views.sections_force import signatures, whos


def ask_keys(scene: Scene) -> Iterator[str]:
    """Every ask that waits."""
    return iter(sorted({item.ask for item in asks.every(scene.state)}))


def ask(scene: Scene, key: str) -> r.AskRow | None:
    """An ask that waits; a share sees those of its own people."""
    found = asks.find(scene.state, key)
    if found is None or not scene.sees_agency(found.by.agency):
        return None
    if isinstance(found, ForceAskItem):
        return _force(scene, found)
    if isinstance(found, PostureAskItem):
        return _posture(scene, found)
    return _level(scene, found)


def _level(scene: Scene, found: LevelAskItem) -> r.AskRow:
    own = scene.wrote(found.by)
    return r.AskRow(
        id=found.ask,
        what=level_name(scene.stack, found.level),
        sector=found.sector,
        level=found.level,
        at=found.at,
        expires=found.expires,
        by=author(scene.state, found.by),
        who_may=who_may_raise(scene.stack, found.level),
        indicators=found.indicators,
        extent=found.extent or "",
        liaison=found.liaison or "",
        others_may_continue=found.others_may_continue or "",
        facts=scene.text(e.LevelAsked, found.seq, "facts", own=own),
        decision=decision_in_words(scene.state, found.decision) if found.decision else None,
        seq=found.seq,
        scribe=who(scene.state, found.scribe),
        channel=found.channel,
        read_back=found.read_back,
    )


def _force(scene: Scene, found: ForceAskItem) -> r.AskRow:
    scope = found.scope
    own = scene.wrote(found.by)
    return r.AskRow(
        id=found.ask,
        what=f"{scope.tool.replace('-', ' ')} to {scope.purpose}",
        sector=found.sector,
        level="",
        at=found.at,
        expires=found.expires,
        by=author(scene.state, found.by),
        who_may=found.decision.who_may if found.decision else (),
        facts=scene.text(e.ForceAsked, found.seq, "objective", own=own),
        decision=decision_in_words(scene.state, found.decision) if found.decision else None,
        seq=found.seq,
        kind="force",
        tool=scope.tool,
        purpose=scope.purpose,
        zones=scope.zones,
        distance_m=scope.distance_m,
        users=whos(scene.state, scope.users),
        quantity=scope.quantity,
        lasts_s=found.lasts_s,
        subject=scope.subject or "",
        grounds=scope.grounds,
        findings=scope.findings,
        imminent=scope.imminent,
        deescalation=found.deescalation,
        targeted=found.targeted,
        resistance_met=found.resistance_met,
        scribe=who(scene.state, found.scribe),
        channel=found.channel,
        read_back=found.read_back,
        signed=signatures(scene.state, found.ask),
        deescalation_why_not=scene.text(e.ForceAsked, found.seq, "deescalation_why_not", own=own),
        targeted_why_not=scene.text(e.ForceAsked, found.seq, "targeted_why_not", own=own),
        indiscriminate=scope.indiscriminate,
        place=scope.place,
    )


def _posture(scene: Scene, found: PostureAskItem) -> r.AskRow:
    item = scene.stack.postures.get(found.posture)
    return r.AskRow(
        id=found.ask,
        what=f"{item.title if item else found.posture} {found.state}",
        sector=found.sector,
        level="",
        at=found.at,
        expires=found.expires,
        by=author(scene.state, found.by),
        who_may=item.who_may if item else (),
        facts=scene.text(e.PostureAsked, found.seq, "facts", own=scene.wrote(found.by)),
        decision=decision_in_words(scene.state, found.decision) if found.decision else None,
        seq=found.seq,
        kind="posture",
        purpose=found.purpose or "",
        posture=found.posture,
        state=found.state,
        findings=found.findings,
    )
