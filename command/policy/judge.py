"""May this be done, now? The one door to the plan for everything that can still be prevented.

Pure: packs (a Stack), facts, the ask and the moment go in, a Decision comes out. It
never raises and never recommends; what it cannot evaluate it does not permit.
"""

from __future__ import annotations

from datetime import datetime

from command.policy import force, levels, planning, posture, sites
from command.policy.authority import NO_RULE_DENIES, No, Weighing, authority, on_duty, untrained
from command.policy.decision import Decision
from command.policy.facts import Facts
from command.policy.model import INCIDENT_COMMANDER
from command.policy.request import Request
from command.policy.stack import Ruled, Stack

_STATES_BASIS = frozenset(
    {"level.raise", "level.grant", "level.renew", "force.grant", "force.renew", "posture.raise", "posture.renew"}
)

_ON = "plan.change"

_DOWN = frozenset({"level.lower", "ask.deny", "force.deny", "force.revoke", "posture.stand-down", "incident.close"})

_ENDS = "force.revoke"
"""What is never too late: ending force is not made hard, and it names the very grant that it ends."""

JUDGES: dict[str, levels.LevelJudge] = {
    **levels.JUDGES,
    "force.ask": force.ask,
    "force.grant": force.grant,
    "force.renew": force.grant,
    "force.deny": force.deny,
    "force.cosign": force.cosign,
    "force.revoke": force.revoke,
    "relay.confirm": force.confirm,
    "posture.ask": posture.ask,
    "posture.raise": posture.up,
    "posture.renew": posture.up,
    "posture.stand-down": posture.down,
    "plan.suspend": planning.suspend,
    "plan.resume": planning.resume,
    "plan.change": planning.change,
    "authority.delegate": planning.delegate,
    "review.file": planning.review,
    "arrest.high-volume": planning.high_volume,
    "site.open": sites.opening,
}
"""The judge of each action that has rules of its own; the others follow from their [[ask]] rule alone."""


def judge(stack: Stack, facts: Facts, request: Request, now: datetime) -> Decision:
    """The plan's answer to an ask at `now` (aware, the incident's time).

    `not barred` carries in `until` when it lapses by itself: for level.raise, grant,
    renew and lower the moment from which the level permits nothing unless renewed
    (None at the lowest level), for level.ask and force.ask the moment at which the ask
    expires, for force.grant, posture.raise, plan.suspend, authority.delegate and arrest.high-volume
    the end of what would be granted. A `missing` that time mends carries that time.
    """
    weighing = Weighing()
    # No plan that ended at midnight keeps anyone at a level: the way down stays open, and says so. So does the way
    # on to a plan that is in force, which is all that is left then.
    say = weighing.note if request.action in _DOWN or request.action == _ON else weighing.refuse
    for pack in stack.not_in_force(now):
        say(f"the pack {pack} is not in force on {now:%Y-%m-%d}")
    _freshness(stack, request, weighing)
    for pack, status in stack.unfit:
        say(f"the pack {pack} is {_UNFIT[status]}")
    if request.action in JUDGES:
        return JUDGES[request.action](stack, facts, request, now, weighing)
    ruled = stack.asks.get(request.action)
    if ruled is None:
        weighing.name((NO_RULE_DENIES,))
        weighing.refuse(f"no rule of the plan says who may: {request.action}")
        return weighing.decision()
    weighing.name(ruled.rules)
    if request.action == "incident.open":
        _open(stack, request, ruled, weighing)
    else:
        for no in authority(ruled.gates, stack, facts, request, now, trained=False):
            weighing.take(no)
    _needs(ruled, request, weighing)
    _subject(stack, facts, request, now, weighing)
    return weighing.decision(() if weighing.effect == "not barred" else ruled.who_may)


_UNFIT = {"draft": "a draft", "amended": "out of date: it was amended"}


def _freshness(stack: Stack, request: Request, weighing: Weighing) -> None:
    """An ask is about the street as it is: too old, or made on an old picture, it is refused (architecture, Time).

    That a grant is taken back is not: late, from a device with a wrong clock or from one that was out of reach, it ends
    what it names, from its record on (`GrantRevoked.late`), and the decision says that it came late.
    """
    limit_s = stack.ask_age_s
    refuse, need = (weighing.note, weighing.note) if request.action == _ENDS else (weighing.refuse, weighing.need)
    age_s, basis_s = request.ask_age_s, request.basis_age_s
    if age_s is None:
        weighing.name((stack.limits_ref,))
        need("the time at which this was asked")
    elif not -limit_s <= age_s <= limit_s:  # written so that what is not a number is out of bounds too
        weighing.name((stack.limits_ref,))
        when = f"{-age_s:.0f} s ahead of the server's clock" if age_s < 0 else f"{age_s:.0f} s ago"
        refuse(f"stale: asked {when}; the limit is {limit_s:.0f} s")
    if basis_s is None:
        if stack.basis_required and request.action in _STATES_BASIS:
            weighing.name((stack.limits_ref,))
            weighing.need("what the author of the ask had seen (basis_seq), not too long ago to tell")
    elif not basis_s <= limit_s:
        weighing.name((stack.limits_ref,))
        refuse(f"stale: what its author had seen was {basis_s:.0f} s out of date; the limit is {limit_s:.0f} s")


def _open(stack: Stack, request: Request, ruled: Ruled, weighing: Weighing) -> None:
    """Before an incident is open nobody is checked in and nobody holds a position: only the agency can be judged."""
    lead = request.unit_agency or request.agency
    for gate in ruled.gates:
        if all(way.positions or way.rank_from is not None for way in gate.ways):
            weighing.need("a rule that can be judged before anyone has checked in")
        elif request.agency != lead and all(way.agency != "any" for way in gate.ways):
            weighing.refuse(f"{request.agency} does not open an incident that {lead} leads")
    if request.level not in (None, stack.first_level):
        weighing.name(stack.ladder[0].rules)
        weighing.refuse(f"an incident opens at the lowest level, {stack.ladder[0].name}")


def _needs(ruled: Ruled, request: Request, weighing: Weighing) -> None:
    named = {need: getattr(request, field) for need, field in LEFT_OPEN.items()}
    given = {
        "briefing read": request.briefing_read,
        "agreement": bool(request.agreement and request.agreement.strip()),
        "accepted plan": request.accepted_plan,
        **{need: not names for need, names in named.items()},
    }
    for need in ruled.needs:
        if not given[need]:
            weighing.need(_NEED_WORDS[need] + _some(named.get(need, ())))


def _some(names: tuple[str, ...]) -> str:
    """The first names, and how many more."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f": {', '.join(names[:_NAMED])}{more}" if names else ""


_NAMED = 5

LEFT_OPEN = {
    "force reports complete": "reports_open",
    "munitions reconciled": "munitions_open",
    "no grant open": "grants_open",
    "nobody in custody": "people_open",
    "restraints off": "restraints_open",
    "property given back": "property_open",
    "transfers confirmed": "transfers_open",
}
"""What nobody leaves behind, by the field of a Request that names what is open."""

_NEED_WORDS = {
    "force reports complete": "complete reports of force",
    "munitions reconciled": "munitions that agree with what was issued, returned and used",
    "no grant open": "an end to the authorizations of force",
    "nobody in custody": "that those in custody are handed over or free",
    "restraints off": "that restraints are off, or handed over with the person",
    "property given back": "that property is with its owner, or handed over",
    "transfers confirmed": "that whoever took people over says so",
    "briefing read": "that the incoming commander has read the briefing",
    "agreement": "the agreement under which the agency assists",
    "accepted plan": "the agency's acceptance of the lead agency's plan",
}


def _subject(stack: Stack, facts: Facts, request: Request, now: datetime, weighing: Weighing) -> None:
    """The person or position that the ask is about, where it is about one."""
    match request.action:
        case "command.transfer":
            _into_position(stack, facts, INCIDENT_COMMANDER, request.subject, now, weighing)
        case "position.assign" | "position.vacate":
            if request.position is None:
                weighing.need("which position")
            elif request.position not in stack.positions:
                weighing.refuse(f'the plan knows no position "{request.position}"')
            elif request.position == INCIDENT_COMMANDER:
                weighing.name(stack.positions[INCIDENT_COMMANDER].rules)
                weighing.refuse("command moves only by a transfer of command, and is never left empty")
            elif request.action == "position.assign":
                _into_position(stack, facts, request.position, request.subject, now, weighing)
        case "agency.admit":
            if request.unit_agency is None:
                weighing.need("which agency")


def _into_position(
    stack: Stack, facts: Facts, position: str, person: str | None, now: datetime, weighing: Weighing
) -> None:
    """May this person hold it? Agency (A29: command stays with the lead agency) and training in date (A4)."""
    post = stack.positions[position]
    weighing.name(post.rules)
    if person is None:
        weighing.need("who is to hold the position")
        return
    if facts.holder(position, now) == person:
        weighing.refuse(f"{person} already holds the position {post.title}")
        return
    fact = on_duty(facts, person, now)
    if isinstance(fact, No):
        weighing.take(fact)
        return
    if post.agency == "lead" and fact.agency != facts.lead_agency:
        weighing.refuse(f"{person} is of {fact.agency}; {post.title} is always of the lead agency")
    weighing.take(untrained(post, fact, now))
