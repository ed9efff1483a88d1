"""Who someone is to Muster: account, grant, session; and the words of the authorizer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from command.domain.events import Training
from command.views.lens import GrantedCompartment

Role = Literal[
    "commander", "supervisor", "processing", "medical", "field", "assisting", "reviewer", "administrator", "display",
    "public",
]  # fmt: skip
"""What a grant makes of someone at an incident. The plan still judges each ask by ICS position and rank:
a role only opens the door behind which the plan waits.

commander      the lead agency's command staff: acts from the dashboard, sees through `command`
supervisor     answers for the grant's units: as field, and sees those units' people and reports
processing     where arrests are processed: who is in custody, why, where, with what; no medical detail
medical        those who treat people: injuries, care, whereabouts of the people in custody; nothing else of conduct
field          the lead agency's officers: reports and asks, sees through `field`
assisting      an assisting agency's commander: acts for own units only, sees through `agency:<own>`
reviewer       after-action: reads, replays and exports, sees through `oversight`; sends nothing
administrator  invites, ends sessions, reads the audit trail; sees no incident
display        a device on the command post's wall: follows the incident live, sends nothing, never locks for idleness
public         whoever prepares what is published: follows what may be, sends nothing
"""


class Account(msgspec.Struct, frozen=True):
    """A person who may sign in."""

    person: str
    name: str
    agency: str
    rank: str = "officer"
    disabled: bool = False
    training: tuple[Training, ...] = ()  # on the agency's record; an invitation that names none takes none away
    expires_at: datetime | None = None  # from then on nobody signs in as this person, and open sessions end


class Grant(msgspec.Struct, frozen=True):
    """What an account may be at an incident (`*`: any), for how long, who gave it, and what it opens besides.

    `units`: those that a supervisor answers for. `compartments`: of private fields (`views.lens.MAY_HOLD`).
    """

    person: str
    role: Role
    incident: str
    not_before: datetime | None = None
    not_after: datetime | None = None
    given_by: str = ""
    units: tuple[str, ...] = ()
    compartments: tuple[GrantedCompartment, ...] = ()


class Subject(msgspec.Struct, frozen=True):
    """Who knocks at a door: built from a live session, or from the command line's own operator."""

    person: str
    name: str
    agency: str
    rank: str
    session: str  # public session id (never the token)
    source: str  # network address, or "cli"
    grants: tuple[Grant, ...] = ()
    training: tuple[Training, ...] = ()
    verified_at: datetime | None = None  # when this person last proved themselves to us
    must_enrol: bool = False  # came by a one-time link or code: sets up a credential before anything else
    exercise: bool = False  # came by a link of an exercise: there is no credential to ask for again
    acts_as: tuple[tuple[str, str], ...] = ()  # (incident, role): which of several roles this session is in there
    device: str = ""  # the device that signed the request, where no person stands at the door


class Verdict(msgspec.Struct, frozen=True):
    """What the authorizer says; `lens` is how the incident is seen where the act is a reading one."""

    allow: bool
    reason: str
    role: Role | None = None
    lens: str | None = None
    code: str = "denied"  # of a denial: "denied", "step-up" (verify again, then ask again), "enrol-first"
