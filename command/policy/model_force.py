"""Rules about force as they are written: tactics, warnings, posture, prohibitions.

None of them says what to do. A tactic says what would have to be true before a tool may
be authorized for a purpose, and by whom.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from command.policy.durations import Count, Span
from command.policy.grammar import Authorizer, Enter, Id, Purpose, Rule, Short, Table


class Bars(Table, frozen=True, kw_only=True):
    """What a tactic may never be, whoever asks.

    zones             parts of the body that are never aimed at
    indiscriminate    true: never into a crowd, at nobody in particular
    never_solely_for  grounds that are not enough, alone or together: with those of every other rule on the same use too
    never_for         grounds that bar it whatever else is stated beside them
    nearer_than_m     never from nearer than so many metres; "unknown" where the source bars by distance and gives none
    """

    zones: tuple[Id, ...] = ()
    indiscriminate: bool = False
    never_solely_for: tuple[Id, ...] = ()
    never_for: tuple[Id, ...] = ()
    nearer_than_m: Count | None = None


class CoSigner(Table, frozen=True, kw_only=True):
    """Someone who must agree beside the authorizer.

    office     what someone outside the incident signs as ("mayor"): by call-back with read-back
    positions, rank   someone on duty, as in an authorizer
    binds      the kinds of bodies that this signature binds; empty: all
    when       the findings with which it is asked for; absent: always. A finding counts where the ask makes it or the
               sector's record has it, so that leaving it out of the ask saves no signature
    unless     the findings with which the source itself asks for none
    """

    office: Short | None = None
    positions: tuple[Id, ...] = ()
    rank: str | None = None
    binds: tuple[Id, ...] = ()
    when: Enter | None = None
    unless: Enter | None = None


class Tactic(Rule, frozen=True, kw_only=True):
    """What it takes before tools may be authorized for purposes. Several rules on one tool all hold.

    tools, purposes   what it speaks of; no purposes: any. A measure against a whole group
                      ("encirclement") stands among the tools
    binds             the kinds of bodies that it binds; empty: those of the pack
    crowd_over        the source speaks of gatherings of more than so many. Muster counts nobody, and an estimate
                      loosens nothing: the rule binds at every size, and the page says what the source says
    level             the lowest level at which the sector must stand
    needs             findings on record, or made by the authorizer in the grant
    deescalation, targeted   tried, or tried or written down why not, in that sector
    warning           the [[warning]] that must be complete
    authorizer        ways to be the right person; none: this rule only limits
    cosigner          each of them must sign
    user_training     what each officer who would use it must have in date
    scope             what the grant must name
    lasts, quantity   the most that one grant may run, or hold
    relayed           what a spoken order, written down by another, is worth
    """

    tools: Annotated[tuple[Id, ...], Meta(min_length=1)]
    purposes: tuple[Purpose, ...] = ()
    binds: tuple[Id, ...] = ()
    crowd_over: Count | None = None
    level: Id | None = None
    bars: Bars = Bars()
    needs: Enter | None = None
    deescalation: Literal["tried", "tried or why not", ""] = ""
    targeted: Literal["tried", "tried or why not", ""] = ""
    warning: Id | None = None
    authorizer: tuple[Authorizer, ...] = ()
    cosigner: tuple[CoSigner, ...] = ()
    user_training: tuple[Id, ...] = ()
    scope: tuple[Literal["person", "users", "quantity", "time"], ...] = ()
    lasts: Span | None = None
    quantity: Count | None = None


class WarningRule(Rule, frozen=True, kw_only=True):
    """A sequence of warnings. A field that is absent asks for nothing; "unknown" asks for what nobody has said.

    texts             approved texts that count as this warning; its own id always does
    count, interval   how many, and the least time between two
    wait              the least time after the last, before anything follows
    imminent_if, imminent_count   the finding with which fewer will do, and how many
    says_what         contents; an approved text says which of them it `holds`
    names_weapon      each names the tool that would follow
    same_person       one person gives them all
    by_authorizer     the one who authorizes gives them in person
    exits_open        a way out was named in each, and is open now
    audible           "confirmed": someone confirmed that each was heard; "where possible": nothing is asked. One that
                      somebody found unheard is no warning, whatever this says
    rear              "confirmed": someone at the rear of the crowd, other than who gave it, said by voice or signal that
                      it was heard there; "where possible": nothing is asked, and who confirmed it is kept
    rear_by           who may confirm it from there; absent: anybody
    level             the lowest level at which the sector must stand when each is given: whoever may raise to it has
                      then authorized the order
    lapses            how long after the last one the sequence is worth something
    lapses_when_moved a warning counts only where the crowd still is
    by                who may give them
    """

    texts: tuple[Id, ...] = ()
    count: Count
    interval: Span | None = None
    wait: Span | None = None
    imminent_if: Id | None = None
    imminent_count: Count | None = None
    amplified: bool = False
    languages: tuple[Short, ...] = ()
    says_what: tuple[Short, ...] = ()
    names_weapon: bool = False
    same_person: bool = False
    by_authorizer: bool = False
    exits_open: bool = False
    audible: Literal["confirmed", "where possible", ""] = ""
    on_camera: bool = False
    places: Count | None = None
    rear: Literal["confirmed", "where possible", ""] = ""
    rear_by: tuple[Authorizer, ...] = ()
    lapses: Span | None = None
    lapses_when_moved: bool = False
    level: Id | None = None
    by: tuple[Authorizer, ...] = ()


class PostureRule(Rule, frozen=True, kw_only=True):
    """Gear or vehicles that are staged out of sight until someone says otherwise, with a reason.

    ready, authorizer   who may bring it near, and who may deploy it (none for ready: the same)
    level               the lowest level at which it may be deployed
    never_for           purposes for which it is never deployed; stating the purpose is then required
    review              after this it is to be stood down, unless renewed
    """

    kind: Literal["gear", "vehicle"]
    title: Short
    level: Id | None = None
    needs: Enter | None = None
    never_for: tuple[Purpose, ...] = ()
    ready: tuple[Authorizer, ...] = ()
    authorizer: tuple[Authorizer, ...] = ()
    review: Span


class Prohibition(Rule, frozen=True, kw_only=True):
    """What is never authorized. Its use is contrary to plan and goes to review, which may say otherwise.

    Without `bars` the tools themselves are barred for these purposes. `unless`: the
    findings with which the source itself makes an exception.
    """

    tools: tuple[Id, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    binds: tuple[Id, ...] = ()
    bars: Bars = Bars()
    unless: Enter | None = None


class Relay(Rule, frozen=True, kw_only=True):
    """What an order is worth that was spoken and written down by another, until the speaker confirms it."""

    worth: Literal["nothing until confirmed", "authorizes with read-back"]


class Suspension(Rule, frozen=True, kw_only=True):
    """That rules of the local plan may be suspended, and for how long at most. Laws and agreements never are."""

    longest: Span
