"""The sentences of the rooms of force, for what has more than one form."""

from __future__ import annotations

import pytest

from command.domain import events as e
from command.views.lines import line
from tests.support.given import LEAD, STAFFED, START, given

WORLD = given(
    *STAFFED, e.UnitFormed("u1", "Crisis 1", "crisis-responder", LEAD),
    e.ForceGranted("g1", None, "oc-hand", "arrest", "north", "ic", None, "x"),
).world  # fmt: skip


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (e.ExitsObserved("x", "north", ("5th",), ("6th",)), "Ways out of North side: open 5th; closed 6th"),
        (e.ExitsObserved("x", "north", ()), "Ways out of North side: none is open"),
        (e.AudibilityReported("h", "w", "north", True), "Warning in North side heard at the far side"),
        (e.AudibilityReported("h", "w", "north", False, "ops"), "Warning in North side not heard at the far side, says Ops"),
        (e.CrowdMoved("m", "north"), "The crowd in North side moved on"),
        (e.CrowdMoved("m", "north", "south"), "The crowd in North side moved on to south"),
        (e.AttemptRecorded("t", "north", "de-escalation", True, ("more-time",), "worked"),
         "De-escalation tried in North side: more time, worked"),
        (e.AttemptRecorded("t", "north", "de-escalation", True), "De-escalation tried in North side"),
        (e.AttemptRecorded("t", "north", "targeted action", False, reason_written=True),
         "Targeted action not tried in North side, with the reason"),
        (e.AttemptRecorded("t", "north", "targeted action", False),
         "Targeted action not tried in North side, no reason written"),
        (e.PresenceReported("ic", "north"), "Ines Castro is in North side"),
        (e.PresenceReported("ic", None), "Ines Castro is in no sector"),
        (e.DistressFlagged("s", "north", "x"), "Someone in distress in North side: crisis responders first"),
        (e.DistressFlagged("s", None, "x"), "Someone in distress: crisis responders first"),
        (e.DistressAnswered("s", "u1", "helped there"), "Distress answered by Crisis 1: helped there"),
        (e.DistressAnswered("s", None, "not found"), "Distress answered: not found"),
        (e.PursuitReported("c", "foot", "ic", None, None, "ops", ended="person lost"),
         "Pursuit (foot) by Ines Castro, Ops told, person lost"),
        (e.PursuitReported("c", "foot", "ic", None, None), "Pursuit (foot) by Ines Castro, no supervisor told"),
        (e.ForceAsked("f", "oc-hand", "arrest", "north", START, users=("ops",), quantity=2),
         "North side: oc hand, at most 2 to arrest, by Ops asked for"),
        (e.ForceGranted("g", None, "baton", "arrest", "north", "ic", None, "x"),
         "North side: baton to arrest authorized by Ines Castro"),
        (e.ForceGranted("g", None, "baton", "arrest", "north", "ic", None, "x", relayed=True, renews="g1"),
         "North side: baton to arrest renewed by Ines Castro (relayed, unconfirmed)"),
        (e.GrantCosigned("f", "mayor-1", "mayor", True, True), "mayor-1, mayor signed for a request, called back and read back"),
        (e.GrantCosigned("g1", "ops"), "Ops signed for oc hand in North side"),
        (e.GrantRevoked("g1", "x"), "Authorization revoked: oc hand in North side"),
        (e.GrantRevoked("ghost", "x"), "Authorization revoked: ghost"),
        (e.GrantRevoked("g1", "x", True), "Spoken order never given, says its speaker: oc hand in North side"),
        (e.RelayConfirmed("g1"), "Spoken order confirmed by its speaker: oc hand in North side"),
        (e.MunitionsIssued("i", "oc-hand", "u1", 3), "3 oc hand issued to Crisis 1"),
        (e.MunitionsReturned("i", "oc-hand", "ops", 3), "3 oc hand returned by Ops"),
        (e.PostureAsked("q", "north", "protective-gear", "ready", START), "North side: protective gear ready asked for"),
        (e.PostureChanged("north", "protective-gear", "staged", "ready", "x"), "North side: protective gear brought up to ready"),
        (e.PostureChanged("north", "protective-gear", "ready", "staged", "x"),
         "North side: protective gear stood down to staged"),
        (e.InterventionReported("n", None, "north", "x", outcome="went on"), "An officer intervened in North side: it went on"),
        (e.InterventionReported("n", None, None, "x"), "An officer intervened"),
        (e.AuthorityDelegated("l", "ops", START, "operations"), "Authority as operations section chief delegated to Ops"),
        (e.AuthorityDelegated("l", "ops", START, by_rank="deputy-chief"), "Authority as deputy chief delegated to Ops"),
        (e.AuthorityDelegated("l", "ops", START), "Authority as own rank delegated to Ops"),
    ],
)  # fmt: skip
def test_what_a_line_says(event: e.Event, says: str) -> None:
    assert line(WORLD.state, WORLD.stack, event) == says
