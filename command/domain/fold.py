"""decide, evolve, initial over all rooms: the whole of what Muster knows how to do with a log.

`decide` may refuse. `evolve` may not fail: it takes everything that `decide` can
emit, in any order that a log can hold it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from command.domain import (
    aftercare,
    arrest,
    arrest_bar,
    arrest_fold,
    arrest_late,
    asks,
    attaching,
    banded,
    changing,
    crowd,
    custody,
    custody_fold,
    demobilizing,
    duty,
    force,
    force_report,
    granting,
    grants,
    ground,
    incident,
    journal,
    munitions,
    oversight,
    plan_changes,
    posture,
    response,
    sites,
    structure,
    told_late,
    warning,
    watching,
)
from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events as e
from command.domain import events_arrest as ea
from command.domain import events_custody as ec
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
    c.ReleaseUnit: demobilizing.release_unit,
    c.Demobilize: demobilizing.demobilize,
    c.WaiveOpenItems: demobilizing.waive_open_items,
    c.ReportUnitLeft: demobilizing.report_unit_left,
    c.AssignPosition: structure.assign_position,
    c.VacatePosition: structure.vacate_position,
    c.TransferCommand: structure.transfer_command,
    c.CheckIn: structure.check_in,
    c.CheckOut: structure.check_out,
    c.DefineSector: response.define_sector,
    c.AskLevel: response.ask_level,
    c.GrantLevel: response.grant_level,
    c.DenyAsk: asks.deny_ask,
    c.WithdrawAsk: asks.withdraw_ask,
    c.RaiseLevel: response.raise_level,
    c.LowerLevel: response.lower_level,
    c.RenewLevel: response.renew_level,
    c.RecordObservation: crowd.record_observation,
    c.RecordLiaison: crowd.record_liaison,
    c.ReportWarning: warning.report_warning,
    c.ReportForce: force.report_force,
    c.RecordEntry: journal.record_entry,
    c.RecordDecision: journal.record_decision,
    c.GiveOrder: journal.give_order,
    c.AcknowledgeOrder: journal.acknowledge_order,
    c.DischargeDuty: duty.discharge_duty,
    c.ReportExits: warning.report_exits,
    c.ReportAudibility: warning.report_audibility,
    c.ReportCrowdMoved: warning.report_crowd_moved,
    c.RecordAttempt: ground.record_attempt,
    c.ReportPresence: ground.report_presence,
    c.FlagDistress: ground.flag_distress,
    c.AnswerDistress: ground.answer_distress,
    c.AskForce: granting.ask_force,
    c.GrantForce: granting.grant_force,
    c.CoSignForce: granting.cosign_force,
    c.RenewGrant: granting.renew_grant,
    c.RevokeGrant: granting.revoke_grant,
    c.ConfirmRelay: granting.confirm_relay,
    c.AskPosture: posture.ask_posture,
    c.ChangePosture: posture.change_posture,
    c.RenewPosture: posture.renew_posture,
    c.SuspendRule: plan_changes.suspend_rule,
    c.ResumeRule: plan_changes.resume_rule,
    c.ChangePlan: changing.change_plan,
    c.DelegateAuthority: plan_changes.delegate_authority,
    c.EndDelegation: plan_changes.end_delegation,
    c.IssueMunitions: munitions.issue_munitions,
    c.ReturnMunitions: munitions.return_munitions,
    c.CountMunitions: munitions.count_munitions,
    c.ReportIntervention: oversight.report_intervention,
    c.ReportExcessiveForce: oversight.report_excessive_force,
    c.ReportPursuit: oversight.report_pursuit,
    c.FileReview: oversight.file_review,
    c.DeclareCriticalEvent: aftercare.declare_critical_event,
    c.RecordAid: aftercare.record_aid,
    c.RecordInjury: aftercare.record_injury,
    c.RecordMedicalHelp: aftercare.record_medical_help,
    c.RecordSupervisor: aftercare.record_supervisor,
    c.RecordWelfareCheck: aftercare.record_welfare_check,
    ca.RecordArrest: arrest.record_arrest,
    ca.RecordOffence: arrest.record_offence,
    ca.DescribePerson: arrest.describe_person,
    ca.FlagProtectedRole: arrest.flag_protected_role,
    ca.RecordIndividualWarning: arrest.record_individual_warning,
    ca.RecordRestraint: arrest.record_restraint,
    ca.RecordRights: arrest.record_rights,
    ca.SignArrest: arrest.sign_arrest,
    ca.ReadBackArrest: arrest.read_back_arrest,
    ca.ReviewGrounds: arrest.review_grounds,
    ca.DecideDisposition: arrest.decide_disposition,
    ca.AskArrestStep: arrest.ask_arrest_step,
    ca.AddAttachment: attaching.add_attachment,
    ca.IssueWristbands: arrest.issue_wristbands,
    ca.SetArrestBar: arrest_bar.set_arrest_bar,
    ca.AcknowledgeArrestBar: arrest_bar.acknowledge_arrest_bar,
    ca.AnnounceArrestBar: arrest_bar.announce_arrest_bar,
    ca.DeclareHighVolume: arrest_bar.declare_high_volume,
    ca.EndHighVolume: arrest_bar.end_high_volume,
    cc.OpenSite: sites.open_site,
    cc.CheckFacility: sites.check_facility,
    cc.CloseSite: sites.close_site,
    cc.AnswerForCustody: custody.answer,
    cc.HandOver: custody.hand_over,
    cc.RelieveHolder: custody.relieve_holder,
    cc.EnterStation: custody.enter_station,
    cc.CountHeads: custody.count_heads,
    cc.RecordCare: custody.record_care,
    cc.CallGuardian: custody.call_guardian,
    cc.ExplainHold: custody.explain_hold,
    cc.TakeProperty: custody.take_property,
    cc.MoveBag: custody.move_bag,
    cc.ReleasePerson: custody.release_person,
}


def _same(state: State, _entry: Recorded, _event: Any) -> State:
    """An event that only the log and the counts remember."""
    return state


CONFIDENTIAL = "Confidential"
"""Under which confidential events are counted: how many of which kind there are is oversight's to know."""


def _finding_reopened(state: State, entry: Recorded, event: e.FindingReopened) -> State:
    """About a report of force, or about an arrest."""
    return arrest_fold.arrest_reopened(force.finding_reopened(state, entry, event), event)


Evolver = Callable[[State, Recorded, Any], State]

EVOLVE: dict[type, Evolver] = {
    e.IncidentOpened: incident.opened,
    e.IncidentClosed: incident.closed,
    e.Redacted: incident.redacted,
    e.LogRestored: incident.log_restored,
    e.AskRefused: _same,
    e.PlanPartSupplied: _same,
    e.AgencyJoined: structure.agency_joined,
    e.PersonCheckedIn: structure.person_checked_in,
    e.PersonCheckedOut: structure.person_checked_out,
    e.UnitFormed: structure.unit_formed,
    e.UnitAssigned: structure.unit_assigned,
    e.UnitReleased: structure.unit_released,
    e.OpenItemsWaived: demobilizing.open_items_waived,
    e.PositionAssigned: structure.position_assigned,
    e.PositionVacated: structure.position_vacated,
    e.CommandTransferred: structure.command_transferred,
    e.SectorDefined: response.sector_defined,
    e.LevelAsked: response.level_asked,
    e.AskDenied: asks.ask_denied,
    e.AskWithdrawn: asks.ask_withdrawn,
    e.LevelRaised: response.level_raised,
    e.LevelLowered: response.level_lowered,
    e.LevelRenewed: response.level_renewed,
    e.ObservationRecorded: crowd.observation_recorded,
    e.LiaisonContacted: crowd.liaison_contacted,
    e.WarningGiven: warning.warning_given,
    e.ForceReported: force.force_reported,
    e.FindingReopened: _finding_reopened,
    e.EntryRecorded: journal.entry_recorded,
    e.DecisionRecorded: _same,
    e.OrderGiven: journal.order_given,
    e.OrderAcknowledged: journal.order_acknowledged,
    e.DutyStarted: duty.duty_started,
    e.DutyDischarged: duty.duty_discharged,
    e.ExitsObserved: warning.exits_observed,
    e.AudibilityReported: warning.audibility_reported,
    e.CrowdMoved: warning.crowd_moved,
    e.AttemptRecorded: ground.attempt_recorded,
    e.PresenceReported: ground.presence_reported,
    e.DistressFlagged: ground.distress_flagged,
    e.DistressAnswered: ground.distress_answered,
    e.ForceAsked: grants.force_asked,
    e.ForceGranted: grants.force_granted,
    e.GrantCosigned: grants.grant_cosigned,
    e.GrantRevoked: grants.grant_revoked,
    e.RelayConfirmed: grants.relay_confirmed,
    e.PostureAsked: posture.posture_asked,
    e.PostureChanged: posture.posture_changed,
    e.PostureRenewed: posture.posture_renewed,
    e.PlanSuspended: plan_changes.plan_suspended,
    e.PlanResumed: plan_changes.plan_resumed,
    e.PlanChanged: changing.plan_changed,
    e.AuthorityDelegated: plan_changes.authority_delegated,
    e.DelegationEnded: plan_changes.delegation_ended,
    e.MunitionsIssued: munitions.munitions_issued,
    e.MunitionsReturned: munitions.munitions_returned,
    e.MunitionsCounted: munitions.munitions_counted,
    e.InterventionReported: oversight.intervention_reported,
    e.ExcessiveForceReported: oversight.excessive_force_reported,
    e.PursuitReported: oversight.pursuit_reported,
    e.ReviewFiled: oversight.review_filed,
    e.AidGiven: aftercare.cared,
    e.AidOffered: aftercare.cared,
    e.NoInjurySeen: aftercare.cared,
    e.MedicalHelpArrived: aftercare.cared,
    e.MedicalHelpRefused: aftercare.cared,
    e.MedicalHelpRequested: aftercare.cared,
    e.SupervisorCalled: aftercare.cared,
    e.SupervisorOnScene: aftercare.cared,
    e.InjuryNoted: aftercare.injury_noted,
    e.CriticalEventDeclared: aftercare.critical_declared,
    e.WelfareChecked: aftercare.welfare_checked,
    e.ForceReportCompleted: force_report.report_completed,
    ea.ArrestBarAcknowledged: arrest_bar.arrest_bar_acknowledged,
    ea.ArrestBarAnnounced: arrest_bar.arrest_bar_announced,
    ea.ArrestBarSet: arrest_bar.arrest_bar_set,
    ea.ArrestReadBack: arrest_fold.arrest_read_back,
    ea.ArrestRecorded: arrest_fold.arrest_recorded,
    ea.ArrestSigned: arrest_fold.arrest_signed,
    ea.ArrestStepCleared: arrest_fold.arrest_step_cleared,
    ea.AttachmentAdded: attaching.attachment_added,
    ea.GroundsReviewed: arrest_fold.grounds_reviewed,
    ea.DispositionDecided: arrest_fold.disposition_decided,
    ea.HighVolumeDeclared: arrest_bar.high_volume_declared,
    ea.HighVolumeEnded: arrest_bar.high_volume_ended,
    ea.IndividualWarningRecorded: arrest_fold.individual_warning_recorded,
    ea.NarrativesAlike: arrest_fold.narratives_alike,
    ea.OffenceRecorded: arrest_fold.offence_recorded,
    ea.PersonDescribed: arrest_fold.person_described,
    ea.ProtectedRoleFlagged: arrest_fold.protected_role_flagged,
    ea.RestraintRecorded: custody_fold.restraint_recorded,
    ea.RightsGiven: arrest_fold.rights_given,
    ea.WristbandsIssued: arrest_fold.wristbands_issued,
    ec.BagMoved: custody_fold.bag_moved,
    ec.CareRecorded: custody_fold.care_recorded,
    ec.CustodyAnswered: custody_fold.custody_answered,
    ec.CustodyTransferred: custody_fold.custody_transferred,
    ec.FacilityChecked: custody_fold.facility_checked,
    ec.GuardianCalled: custody_fold.guardian_called,
    ec.HeadCounted: custody_fold.head_counted,
    ec.HoldExplained: custody_fold.hold_explained,
    ec.HolderRelieved: custody_fold.holder_relieved,
    ec.PersonReleased: custody_fold.person_released,
    ec.PropertyTaken: custody_fold.property_taken,
    ec.SiteClosed: custody_fold.site_closed,
    ec.SiteOpened: custody_fold.site_opened,
    ec.StationEntered: custody_fold.station_entered,
}


def decide(state: State, cmd: c.Command, ctx: Context) -> Outcome:
    """What a command brings about, or why not. Pure: the same arguments, the same answer."""
    if state.incident is None and isinstance(cmd, c.Ask) and not isinstance(cmd, c.OpenIncident):
        return refused("the incident is not open yet")
    of = banded.meant(state, cmd)
    outcome = DECIDE[type(cmd)](state, of, ctx)
    if isinstance(outcome, Refusal):
        return outcome
    found = told_late.with_findings(state, outcome, ctx, evolve)
    found = arrest_late.with_findings(state, found, ctx, evolve)
    return banded.as_signed(duty.with_duties(state, found, ctx), cmd, of)


def evolve(state: State, entry: Recorded) -> State:
    """The state after one more event. Never raises on a stored event."""
    head = entry.header
    event = banded.meant(state, entry.event)
    changed = banded.noted(EVOLVE[type(event)](state, entry, event), entry.event)
    changed = watching.note(state, changed, entry)
    name = head.type if head.confidential is None else CONFIDENTIAL
    count = (state.counts.get(name) or 0) + 1
    return replace(
        changed,
        epoch=head.epoch,
        seq=head.seq,
        recorded_at=head.recorded_at,
        counts=state.counts.insert(name, count),
    )
