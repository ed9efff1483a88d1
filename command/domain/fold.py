"""decide, evolve, initial over all rooms: the whole of what Muster knows how to do with a log.

`decide` may refuse. `evolve` may not fail: it takes everything that `decide` can
emit, in any order that a log can hold it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from command.domain import commands as c
from command.domain import crowd, duty, force, incident, journal, response, structure
from command.domain import events as e
from command.domain.deciding import Context, Decider, Outcome, Refusal, refused
from command.domain.envelope import Recorded
from command.domain.state import State, initial

__all__ = ["DECIDE", "EVOLVE", "decide", "evolve", "initial"]

DECIDE: dict[type, Decider] = {
    c.OpenIncident: incident.open_incident,
    c.CloseIncident: incident.close_incident,
    c.Redact: incident.redact,
    c.SupplyPlanPart: incident.supply_plan_part,
    c.AdmitAgency: structure.admit_agency,
    c.FormUnit: structure.form_unit,
    c.AssignUnit: structure.assign_unit,
    c.ReleaseUnit: structure.release_unit,
    c.AssignPosition: structure.assign_position,
    c.VacatePosition: structure.vacate_position,
    c.TransferCommand: structure.transfer_command,
    c.CheckIn: structure.check_in,
    c.CheckOut: structure.check_out,
    c.DefineSector: response.define_sector,
    c.AskLevel: response.ask_level,
    c.GrantLevel: response.grant_level,
    c.DenyAsk: response.deny_ask,
    c.WithdrawAsk: response.withdraw_ask,
    c.RaiseLevel: response.raise_level,
    c.LowerLevel: response.lower_level,
    c.RenewLevel: response.renew_level,
    c.RecordObservation: crowd.record_observation,
    c.RecordLiaison: crowd.record_liaison,
    c.ReportWarning: crowd.report_warning,
    c.ReportForce: force.report_force,
    c.RecordEntry: journal.record_entry,
    c.RecordDecision: journal.record_decision,
    c.GiveOrder: journal.give_order,
    c.AcknowledgeOrder: journal.acknowledge_order,
    c.DischargeDuty: duty.discharge_duty,
}


def _same(state: State, _entry: Recorded, _event: Any) -> State:
    """An event that only the log and the counts remember."""
    return state


Evolver = Callable[[State, Recorded, Any], State]

EVOLVE: dict[type, Evolver] = {
    e.IncidentOpened: incident.opened,
    e.IncidentClosed: incident.closed,
    e.Redacted: incident.redacted,
    e.AskRefused: _same,
    e.PlanPartSupplied: _same,
    e.AgencyJoined: structure.agency_joined,
    e.PersonCheckedIn: structure.person_checked_in,
    e.PersonCheckedOut: structure.person_checked_out,
    e.UnitFormed: structure.unit_formed,
    e.UnitAssigned: structure.unit_assigned,
    e.UnitReleased: structure.unit_released,
    e.PositionAssigned: structure.position_assigned,
    e.PositionVacated: structure.position_vacated,
    e.CommandTransferred: structure.command_transferred,
    e.SectorDefined: response.sector_defined,
    e.LevelAsked: response.level_asked,
    e.AskDenied: response.ask_denied,
    e.AskWithdrawn: response.ask_withdrawn,
    e.LevelRaised: response.level_raised,
    e.LevelLowered: response.level_lowered,
    e.LevelRenewed: response.level_renewed,
    e.ObservationRecorded: crowd.observation_recorded,
    e.LiaisonContacted: crowd.liaison_contacted,
    e.WarningGiven: crowd.warning_given,
    e.ForceReported: force.force_reported,
    e.FindingReopened: force.finding_reopened,
    e.EntryRecorded: journal.entry_recorded,
    e.DecisionRecorded: _same,
    e.OrderGiven: journal.order_given,
    e.OrderAcknowledged: journal.order_acknowledged,
    e.DutyStarted: duty.duty_started,
    e.DutyDischarged: duty.duty_discharged,
}


def decide(state: State, cmd: c.Command, ctx: Context) -> Outcome:
    """What a command brings about, or why not. Pure: the same arguments, the same answer."""
    if state.incident is None and isinstance(cmd, c.Ask) and not isinstance(cmd, c.OpenIncident):
        return refused("the incident is not open yet")
    outcome = DECIDE[type(cmd)](state, cmd, ctx)
    if isinstance(outcome, Refusal):
        return outcome
    return duty.with_duties(state, outcome, ctx)


def evolve(state: State, entry: Recorded) -> State:
    """The state after one more event. Never raises on a stored event."""
    head = entry.header
    changed = EVOLVE[type(entry.event)](state, entry, entry.event)
    count = (state.counts.get(head.type) or 0) + 1
    return replace(
        changed,
        epoch=head.epoch,
        seq=head.seq,
        recorded_at=head.recorded_at,
        counts=state.counts.insert(head.type, count),
    )
