"""What a lens shows of an event: the event at all, and each of its private fields.

`command` and `oversight` see everything. `field` sees what officers on the ground
need, and nothing that describes a person in a force report. An assisting agency
sees its share: the ground, the levels, the orders to its own units, and what its
own people wrote or did. What is not named here is not shown.
"""

from __future__ import annotations

from command.domain import events as e
from command.domain.envelope import Recorded, private_paths
from command.domain.private import compartments
from command.domain.state import State
from command.views.lens import FIELD, OVERSIGHT, Lens, is_command, lens_agency

# Events about the ground and the command structure: every lens needs them to act safely.
_SHARED = (
    e.IncidentOpened,
    e.IncidentClosed,
    e.AgencyJoined,
    e.SectorDefined,
    e.LevelRaised,
    e.LevelLowered,
    e.LevelRenewed,
    e.WarningGiven,
    e.PositionAssigned,
    e.PositionVacated,
    e.CommandTransferred,
    e.Redacted,
    e.ExitsObserved,
    e.CrowdMoved,
    e.PostureChanged,
    e.PostureRenewed,
    e.ForceGranted,
    e.GrantRevoked,
    e.PlanSuspended,
    e.PlanResumed,
    e.PlanChanged,
    e.DistressFlagged,
    e.DistressAnswered,
)

# What officers of the lead agency do not see in the feed: command's own deliberation, and what looks into conduct.
# Who reports a colleague is not to be read by the colleague's unit (domain A46, A47).
_NOT_FOR_FIELD = (e.AskRefused, e.DecisionRecorded, e.InterventionReported, e.ReviewFiled, e.ExcessiveForceReported)

# Private fields that a lens other than command may read, by event.
_OPEN_TO_FIELD: dict[type, frozenset[str]] = {
    e.ObservationRecorded: frozenset({"what"}),
    e.LiaisonContacted: frozenset({"agreed"}),
    e.WarningGiven: frozenset({"words"}),
    e.OrderGiven: frozenset({"text"}),
    e.EntryRecorded: frozenset({"text"}),
    e.LevelAsked: frozenset({"facts"}),
    e.LevelRaised: frozenset({"facts"}),
    e.LevelLowered: frozenset({"facts"}),
    e.LevelRenewed: frozenset({"facts"}),
    e.AskDenied: frozenset({"reason"}),
    e.IncidentClosed: frozenset({"reason"}),
    e.DutyDischarged: frozenset({"note"}),
    e.PlanPartSupplied: frozenset({"summary"}),
    e.CrowdMoved: frozenset({"what"}),
    e.AttemptRecorded: frozenset({"account", "why_not"}),
    e.ForceGranted: frozenset({"facts"}),
    e.GrantRevoked: frozenset({"reason"}),
    e.PostureAsked: frozenset({"facts"}),
    e.PostureChanged: frozenset({"facts"}),
    e.PostureRenewed: frozenset({"facts"}),
    e.PlanSuspended: frozenset({"statement"}),
    e.PlanChanged: frozenset({"reason"}),
    e.MunitionsCounted: frozenset({"note"}),
}
# How officers are after a critical event is for those who look after them, and no part of judging anybody (A50).
_SUPPORT = (e.WelfareChecked,)
# What a witness says of a colleague is oversight's: the one it is about may be in command (domain A46, A47).
_WITNESSED = (e.ExcessiveForceReported,)
_OPEN_TO_ALL: dict[type, frozenset[str]] = {e.WarningGiven: frozenset({"words"})}


def shows(state: State, entry: Recorded, lens: Lens) -> bool:
    """Whether this lens sees the event at all."""
    if entry.header.confidential is not None:
        return lens == OVERSIGHT
    if is_command(lens):
        return True
    if lens == FIELD:
        return not isinstance(entry.event, _NOT_FOR_FIELD)
    agency = lens_agency(lens)
    if isinstance(entry.event, _WITNESSED):
        return False
    return agency is not None and (isinstance(entry.event, _SHARED) or _own(state, entry, agency))


def shown_private(state: State, entry: Recorded, lens: Lens) -> frozenset[str]:
    """The private fields of the event that this lens may read."""
    kind = type(entry.event)
    every = frozenset(private_paths(entry))
    if entry.header.confidential is not None or kind in _WITNESSED:
        return every if lens == OVERSIGHT else frozenset()
    if kind in _SUPPORT and lens == OVERSIGHT:
        return frozenset()
    if is_command(lens):
        return every - _apart(kind)
    if lens == FIELD:
        return _OPEN_TO_FIELD.get(kind, frozenset())
    agency = lens_agency(lens)
    if agency is None:
        return frozenset()
    if entry.header.actor.agency == agency:
        return every
    if isinstance(entry.event, e.OrderGiven) and _own(state, entry, agency):
        return every
    return _OPEN_TO_ALL.get(kind, frozenset())


# Who a person is, what they need and whether they are a minor is for those who process, treat or answer for them:
# command judges acts and numbers without it.
_APART = frozenset({"identity", "demographics", "medical", "juvenile"})


def _apart(kind: type[e.Fact]) -> frozenset[str]:
    return frozenset(name for name, where in compartments(kind).items() if where in _APART)


def _own(state: State, entry: Recorded, agency: str) -> bool:
    """Written by the agency's people, or about its units and people."""
    if entry.header.actor.agency == agency:
        return True
    event = entry.event
    if isinstance(event, e.PersonCheckedIn | e.UnitFormed):
        return event.agency == agency
    if isinstance(event, e.PersonCheckedOut):
        versions = state.structure.people.get(event.person)
        return versions is not None and versions.last is not None and versions.last.agency == agency
    if isinstance(event, e.UnitAssigned | e.UnitReleased | e.OrderAcknowledged):
        return owns_unit(state, event.unit, agency)
    if isinstance(event, e.OrderGiven):
        return any(owns_unit(state, unit, agency) for unit in event.to)
    if isinstance(event, e.ForceReported | e.PursuitReported):
        return event.officer_agency == agency
    if isinstance(event, e.MunitionsIssued | e.MunitionsReturned | e.MunitionsCounted):
        versions = state.structure.people.get(event.holder)
        last = versions.last if versions else None
        return owns_unit(state, event.holder, agency) or (last is not None and last.agency == agency)
    return False


def owns_unit(state: State, unit: str, agency: str) -> bool:
    """Whether the unit is one of the agency's."""
    found = state.structure.units.get(unit)
    return found is not None and found.agency == agency
