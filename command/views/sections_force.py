"""The sections of authority over force: keys, rows, and the parts of the state that they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from command.domain import events as e
from command.domain import munitions
from command.domain.facts import StateFacts
from command.domain.heard import as_heard
from command.domain.intervals import posture_key
from command.domain.state import State, Warned
from command.domain.state_force import Delegated, GrantItem, Record, Suspended
from command.views import rows_force as r
from command.views.grant_rests import gap_rows, given_up
from command.views.lens import sight_of
from command.views.names import agency_name, author, person_name, position_title, unit_name, who
from command.views.responders import responders
from command.views.row import Who
from command.views.said import in_words
from command.views.scene import Scene
from command.views.sight import owns_unit

# What a screen starts with; all of it is in the log.
GRANTS_SHOWN: Final = 200
WARNINGS_SHOWN: Final = 50


def whos(state: State, people: Iterable[str]) -> tuple[Who, ...]:
    """People as a row names them."""
    return tuple(named for person in people if (named := who(state, person)) is not None)


# grants -------------------------------------------------------------------------------


def shown_grants(state: State) -> list[str]:
    """The newest grants."""
    newest: list[str] = []
    for name in reversed(state.grants.order):
        if len(newest) == GRANTS_SHOWN:
            break
        newest.append(name)
    return newest


def grant_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(shown_grants(scene.state)))


def grant(scene: Scene, key: str) -> r.GrantRow | None:
    """An authorization: every lens sees what is authorized where; the facts are the lead agency's."""
    found = scene.state.grants.all.get(key)
    if found is None:
        return None
    state, scope = scene.state, found.scope
    used = sum(use.quantity for use in found.uses)
    return r.GrantRow(
        id=key,
        tool=scope.tool,
        purpose=scope.purpose,
        sector=scope.sector,
        authorizer=who(state, found.authorizer) or Who(found.authorizer),
        since=found.since,
        until=found.until,
        ended=found.ended,
        how_ended=found.how_ended,
        requester=who(state, found.requester),
        users=whos(state, scope.users),
        zones=scope.zones,
        distance_m=scope.distance_m,
        quantity=scope.quantity,
        used=used,
        left=None if scope.quantity is None else max(0, scope.quantity - used),
        subject=(scope.subject or "") if scene.lead else "",
        place=scope.place,
        grounds=scope.grounds,
        findings=scope.findings,
        facts=scene.text(e.ForceGranted, found.seq, "facts"),
        relayed=found.relayed,
        channel=found.channel,
        read_back=found.read_back,
        confirmed=found.confirmed,
        scribe=author(state, found.by) if found.relayed else None,
        signed=_signatures(state, found),
        renews=found.renews or "",
        renewed_by=found.renewed_by or "",
        ask=found.ask or "",
        gaps=gap_rows(state, scene.stack, found),
        given_up=given_up(state, scene.stack, found),
        seq=found.seq,
    )


def _signatures(state: State, found: GrantItem) -> tuple[r.SignRow, ...]:
    return signatures(state, found.renews or found.ask or "")


def signatures(state: State, ask: str) -> tuple[r.SignRow, ...]:
    """Second signatures under an ask."""
    return tuple(
        r.SignRow(who(state, one.signer) or Who(one.signer), one.at, one.office, one.call_back, one.read_back)
        for one in state.grants.signed.get(ask) or ()
    )


# warnings, posture ----------------------------------------------------------------------


def warning_keys(scene: Scene) -> Iterator[str]:
    ground = scene.state.ground
    return iter(sorted({*scene.state.warnings.given, *ground.exits, *ground.moved}))


def warning(scene: Scene, key: str) -> r.WarningRow | None:
    """What was said in a sector so far."""
    state = scene.state
    given, looks = state.warnings.given.get(key), state.ground.exits.get(key)
    moved = state.ground.moved.get(key)
    if given is None and looks is None and moved is None:
        return None
    told: list[Warned] = sorted(given or (), key=lambda one: one.at)[-WARNINGS_SHOWN:]
    look = max(looks, key=lambda one: (one.at, one.seq)) if looks else None
    return r.WarningRow(
        sector=key,
        given=tuple(warned_row(state, one, None) for one in told),
        moved_at=max(moved) if moved else None,
        exits_open=look.open if look else None,
        exits_closed=look.closed if look else (),
        exits_at=look.at if look else None,
        exits_by=who(state, look.by) if look else None,
    )


def warned_row(state: State, one: Warned, at: datetime | None) -> r.WarnedRow:
    """A warning as a row, with what was said by `at` (None: ever) of whether it was heard."""
    words = [word for word in state.warnings.heard.get(one.warning) or () if at is None or word.at <= at]
    told = max(words, key=lambda word: (word.at, word.seq), default=None)
    heard = as_heard(one, words, told.at if told else one.at)
    return r.WarnedRow(
        id=one.warning,
        at=one.at,
        text=one.text,
        by=who(state, one.by) or Who(one.by),
        amplified=one.amplified,
        audible=heard.audible,
        rear=whos(state, heard.rear),
        heard_at=told.at if told else None,
        heard_by=who(state, told.by) if told else None,
        on_camera=one.on_camera,
        languages=one.languages,
        weapon=one.weapon or "",
        says_what=one.says,
        exits=one.exits,
        exits_open=one.exits_open,
        places=one.places,
        seq=one.seq,
    )


def posture_keys(scene: Scene) -> Iterator[str]:
    """Everything that the plan knows in every sector, and what a log of another plan holds."""
    known = (posture_key(s, p) for s in sorted(scene.state.response.sectors) for p in scene.stack.postures)
    return iter(dict.fromkeys((*known, *sorted(scene.state.postures.spans))))


def posture(scene: Scene, key: str) -> r.PostureRow | None:
    """Gear or a vehicle in a sector; never moved, it is staged."""
    sector, _, name = key.partition("|")
    spans = scene.state.postures.spans.get(key)
    item = scene.stack.postures.get(name)
    if spans is None and (item is None or sector not in scene.state.response.sectors):
        return None
    last = spans.last if spans else None
    return r.PostureRow(
        id=key,
        sector=sector,
        posture=name,
        title=item.title if item else name,
        state=last.state if last else "staged",
        since=last.since if last else None,
        until=last.until if last else None,
        by=author(scene.state, last.by) if last else None,
        purpose=(last.purpose or "") if last else "",
        why=scene.text(e.PostureChanged, last.seq, "facts") if last else "",
        who_may=item.who_may if item else (),
        seq=last.seq if last else 0,
    )


# reviews, exigent: command's and oversight's ------------------------------------------------


def _not_for(scene: Scene) -> bool:
    return not scene.whole


def _hidden(scene: Scene, kept: Record | None) -> bool:
    """A confidential report is on oversight's board alone."""
    return kept is not None and kept.confidential and not scene.oversight


def review_keys(scene: Scene) -> Iterator[str]:
    """Every newest report of force, an authorized one too: each of them is reviewed (domain A42)."""
    state = scene.state
    newest = (key for key in state.aftercare.recent if key in state.force.reports)
    records, filed = sorted(state.oversight.records), sorted(state.oversight.reviews)
    return iter(dict.fromkeys((*state.force.recent, *newest, *records, *filed)))


def review(scene: Scene, key: str) -> r.ReviewRow | None:
    """A record and its reviews. Who reported a colleague is not for the colleague's unit."""
    state = scene.state
    report, kept = state.force.reports.get(key), state.oversight.records.get(key)
    filed = state.oversight.reviews.get(key) or ()
    if _not_for(scene) or (report is None and kept is None and not filed) or _hidden(scene, kept):
        return None
    first = filed[0].at if filed else None
    at = report.at if report else kept.at if kept else first
    assert at is not None, "one of the three is there"
    involved = StateFacts(state).involved(key, at) or ()
    sector = (report.sector if report else kept.sector if kept else None) or ""
    return r.ReviewRow(
        id=key,
        what=(report.tool or "force").replace("-", " ") if report else kept.kind if kept else key,
        at=at,
        sector=sector,
        finding=report.finding.kind if report and report.finding else "",
        involved=whos(state, involved),
        filed=tuple(r.FiledRow(one.review, author(state, one.by), one.at, one.conclusion, one.seq) for one in filed),
        seq=report.seq if report else kept.seq if kept else filed[0].seq,
    )


def watch_keys(scene: Scene) -> Iterator[str]:
    """The records whose author reported a colleague: interventions, and what fellow officers saw."""
    records = scene.state.oversight.records
    return iter(sorted(key for key in records if scene.oversight and records[key].kind != "pursuit"))


def watch(scene: Scene, key: str) -> r.WatchRow | None:
    """What was done to the reporter since (A46). A confidential one is joined here, for this lens and nowhere else."""
    kept = scene.state.oversight.records.get(key)
    if kept is None or not scene.oversight:
        return None
    person = _reporter(scene, kept)
    since = [one for one in scene.state.oversight.adverse.get(person) or () if one.seq > kept.seq]
    if not since:
        return None
    return r.WatchRow(
        id=key,
        kind=kept.kind,
        at=kept.at,
        reporter=who(scene.state, person) or Who(person),
        confidential=kept.confidential,
        actions=tuple(
            r.ActionRow(in_words(scene.state, one.what), one.at, who(scene.state, one.by) or Who(one.by), one.seq)
            for one in since
        ),
        seq=kept.seq,
    )


def _reporter(scene: Scene, kept: Record) -> str:
    """Who reported: of a confidential report "" without the compartment `complaint`, and then there is no row."""
    if not kept.confidential:
        return kept.by
    held = "complaint" in sight_of(scene.lens).compartments
    return scene.private.get(kept.seq, {}).get("actor.person", "") if held else ""


def exigent_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(scene.state.oversight.exigent))


def exigent(scene: Scene, key: str) -> r.ExigentRow | None:
    """How often, by unit, agency and who was in command. Nobody is ranked by it."""
    count = scene.state.oversight.exigent.get(key)
    if not count or _not_for(scene):
        return None
    kind, _, name = key.partition(":")
    named = {"unit": unit_name, "agency": agency_name, "command": person_name, "authorizer": person_name}[kind]
    return r.ExigentRow(key, kind, named(scene.state, name), count)


# munitions, distress, plan ---------------------------------------------------------------


def munition_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(scene.state.munitions.stocks))


def munition(scene: Scene, key: str) -> r.MunitionRow | None:
    """Issued, returned, used, counted; a share sees what its own people hold."""
    state = scene.state
    stock = state.munitions.stocks.get(key)
    if stock is None or not _holds(scene, stock.holder) or not munitions.reconciled(scene.stack, stock):
        return None
    unit = stock.holder in state.structure.units
    return r.MunitionRow(
        id=key,
        holder=stock.holder,
        name=unit_name(state, stock.holder) if unit else person_name(state, stock.holder),
        tool=stock.tool,
        issued=stock.issued,
        returned=stock.returned,
        used=munitions.used(state, stock),
        counted=stock.counted,
        counted_at=stock.counted_at,
        unexplained=munitions.unexplained(state, stock),
    )


def _holds(scene: Scene, holder: str) -> bool:
    own = scene.agency
    versions = scene.state.structure.people.get(holder)
    last = versions.last if versions else None
    return own is None or owns_unit(scene.state, holder, own) or (last is not None and last.agency == own)


def distress_keys(scene: Scene) -> Iterator[str]:
    return iter(sorted(scene.state.ground.distress))


def distress(scene: Scene, key: str) -> r.DistressRow | None:
    """Everyone sees where help is needed; crisis responders are named first, never sent by the program."""
    found = scene.state.ground.distress.get(key)
    if found is None:
        return None
    ready = () if found.answered_at else responders(scene, found)
    return r.DistressRow(
        id=key,
        at=found.at,
        by=author(scene.state, found.by),
        sector=found.sector or "",
        place=found.place,
        first=() if found.answered_at else tuple(one.unit for one in ready if one.unit),
        responders=ready,
        unit=found.unit or "",
        outcome=found.outcome,
        answered_at=found.answered_at,
        seq=found.seq,
    )


def plan_keys(scene: Scene) -> Iterator[str]:
    plan = scene.state.plan
    yield from (f"suspension:{name}" for name in sorted(plan.suspended))
    yield from (f"delegation:{name}" for name in sorted(plan.delegated))


def plan(scene: Scene, key: str) -> r.PlanRow | None:
    """What is otherwise than the plan says, for how long, and on whose authority."""
    kind, _, name = key.partition(":")
    if kind == "suspension":
        spans = scene.state.plan.suspended.get(name)
        last = spans.last if spans else None
        return _suspension(scene, key, last) if last else None
    found = scene.state.plan.delegated.get(name)
    return _delegation(scene, key, found) if found else None


def _suspension(scene: Scene, key: str, one: Suspended) -> r.PlanRow:
    return r.PlanRow(
        id=key,
        kind="suspension",
        what=f"{one.rule} of {one.pack}",
        since=one.since,
        until=one.until,
        by=who(scene.state, one.by) or Who(one.by),
        ended=one.ended,
        clause=one.clause,
        why=scene.text(e.PlanSuspended, one.seq, "statement"),
        seq=one.seq,
    )


def _delegation(scene: Scene, key: str, one: Delegated) -> r.PlanRow:
    what = position_title(scene.stack, one.position) if one.position else (one.by_rank or "")
    return r.PlanRow(
        id=key,
        kind="delegation",
        what=what,
        since=one.since,
        until=one.until,
        by=who(scene.state, one.by) or Who(one.by),
        ended=one.ended,
        to=who(scene.state, one.delegate),
        written=one.written,
        seq=one.seq,
    )
