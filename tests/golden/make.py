"""Made tests/golden/spine-1.ndjson, once. Refuses to write over it: a stored shape is a promise.

    python -m tests.golden.make NEW-NAME

makes another log beside it (see LIVES), when there are new types to keep.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from command.domain import commands as c
from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events as e
from command.domain import events_arrest as e_arrest
from command.domain import events_custody as ec
from command.domain.codec import decode_recorded
from command.domain.envelope import Origin, Statement, encode_header
from command.domain.events_arrest import AttachedTo
from command.domain.fold import evolve, initial
from command.domain.ids import Place
from command.ledger import merkle
from command.service.snapshots import state_hash
from tests.support.custody import looks
from tests.support.given import (
    ALLIED,
    ALLY,
    CHIEF,
    IC,
    LEAD,
    OFFICER,
    OPEN,
    OPS,
    PARTNER,
    SERGEANT,
    STRANGER,
    World,
    by,
    checks_in,
)  # fmt: skip

HERE = Path(__file__).parent
LOG = "0196a000-0000-7000-8000-000000000001"
SIGNS = ("march-moving", "tension-between-groups", "individual-probable-cause", "exits-open")
HANDS = c.ReportForce(
    "r1", "p1", "sergeant", LEAD, "physical-control", "north", Place(47.61, -122.33), account="he fell"
)
IMPORTED = Origin("import", "seattle-uof", "2016UOF-0481-2074-8260", 12)


def lived() -> World:
    """An incident in which every type of event occurs."""
    world = World(log=LOG)
    opened = replace(OPEN, kind="spontaneous", objectives=("everyone gets home",), reason="it began by itself")
    steps = (
        opened, *ALLIED[1:], checks_in(OFFICER, badge="4711", camera="BWC-3", helmet="H12", identification_visible=True),
        c.FormUnit("u1", "Bike 1", "bicycle", LEAD, "sergeant", 8), by(PARTNER, c.FormUnit("u9", "County 9", "reserve", ALLY)),
        c.AssignUnit("u1", "north", "traffic", Place(47.6, -122.3)), c.GiveOrder("o1", "keep the lane open", ("u1", "u9")),
        by(SERGEANT, c.AcknowledgeOrder("o1", "u1")), c.GiveOrder("o2", "close the lane", ("u1",), "o1"),
        by(OFFICER, c.RecordObservation("ob1", "they march", "north", ("march-moving",), Place(47.6, -122.3), "900")),
        by(OFFICER, c.RecordLiaison("k1", "organizer", "phone", "north", "they keep west")),
        by(OFFICER, c.AskLevel("a1", "north", "facilitate", SIGNS[:1], "900", "by phone", "yes", "they fill the street")),
        by(SERGEANT, c.GrantLevel("a1", "seen it")), c.RenewLevel("north", "still so"),
        by(OFFICER, c.AskLevel("a2", "north", "engage", SIGNS[:2])), c.DenyAsk("a2", "no need"),
        by(OFFICER, c.AskLevel("a3", "north", "engage", SIGNS[:2])), by(OFFICER, c.WithdrawAsk("a3")),
        c.RaiseLevel("north", "engage", "tempers rise", SIGNS[:2], None, "spoke to the marshal"),
        by(OFFICER, c.ReportWarning("w1", "north", "facilitation-notice", "please", "en", True, True, True, ("5th Ave",))),
        by(STRANGER, HANDS, origin=IMPORTED, clock_error_ms=90_000), by(SERGEANT, replace(HANDS, tool="baton", injury="knee")),
        c.RecordEntry("e1", "wrong street"), c.RecordEntry("e2", "right street", "north", "e1"),
        c.RecordDecision("d1", "Which way?", "north", "shorter", (e.RejectedOption("south", "hospital"),)),
        c.SupplyPlanPart("medical-plan", "two aid stations"), c.LowerLevel("north", "facilitate", "calm"),
        c.VacatePosition("operations"), c.TransferCommand("chief", "all quiet", True),
    )  # fmt: skip
    for step in steps:
        world.happened(step)
    world.send(c.RaiseLevel("north", "dispersal", "no"), OFFICER)
    duty = next(d.duty for d in world.state.duties.all.values() if d.rule == "force-review")
    for cmd, actor in (
        (c.DischargeDuty(duty, "e2", "reviewed"), OPS), (c.ReleaseUnit("u1"), CHIEF), (c.CheckOut("ic"), IC),
        (c.Redact("Superior Court", "order 7", "p1", (3,), "expungement"), CHIEF), (c.CloseIncident("everyone is home"), CHIEF),
    ):  # fmt: skip
        world.send(cmd, actor)
    return world


def rooms() -> World:
    """An incident in which every type of event about force, the ground and oversight occurs; nothing here is judged."""
    world = World(log=LOG)
    until = world.now + timedelta(hours=1)
    steps = (
        *ALLIED, c.FormUnit("u1", "Crisis 1", "crisis-responder", LEAD), c.AssignUnit("u1", "north"),
        by(OFFICER, c.ReportPresence("north")), by(OFFICER, c.ReportExits("x1", "north", ("5th Ave",), ("6th Ave",))),
        by(OFFICER, c.RecordObservation("ob1", "bottles", "north", findings=("imminent-danger",), witnessed=True)),
        by(OFFICER, c.RecordAttempt("t1", "north", "de-escalation", True, ("persuasion",), "did not work", "talked")),
        by(OFFICER, c.RecordAttempt("t2", "north", "targeted action", False, why_not="too dense")),
        by(OFFICER, c.ReportCrowdMoved("m1", "north", None, "eastward")),
        by(SERGEANT, c.FlagDistress("s1", "shouting alone", "north", Place(47.6, -122.3))),
        by(OFFICER, c.AnswerDistress("s1", "helped there", "u1", "went home")),
        by(SERGEANT, e.ForceAsked("f1", "oc-hand", "protect person", "north", until, ("legs",), False, None, "p1",
                                  ("officer",), 2, 600.0, ("assault",), ("imminent-danger",), True, ("persuasion",), False,
                                  (), True, "stop the assault", None, "too dense")),
        by(IC, e.GrantCosigned("f1", "mayor-1", "mayor", True, True, "phone", "agreed")),
        by(OPS, e.ForceGranted("g1", "f1", "oc-hand", "protect person", "north", "ic", "sergeant", "seen it", until,
                               relayed=True, channel="radio", read_back=True, subject="p1", users=("officer",), quantity=2)),
        by(IC, e.RelayConfirmed("g1")), by(OPS, c.IssueMunitions("i1", "oc-hand", "officer", 4, "L7")),
        by(OFFICER, replace(HANDS, tool="oc-hand", officer="officer", purpose="protect person", quantity=1, grant="g1",
                            zones=("legs",), warned=True, ems_called=True, supervisor="sergeant", objective="stop it")),
        by(OPS, c.ReturnMunitions("i2", "oc-hand", "officer", 2)), by(OPS, c.CountMunitions("i3", "oc-hand", "officer", 0, "odd")),
        e.GrantRevoked("g1", "over"), by(PARTNER, e.PostureAsked("q1", "north", "helmets", "ready", until, "disperse")),
        e.PostureChanged("north", "helmets", "staged", "ready", "bottles", until, "disperse", (), "q1"),
        e.PostureRenewed("north", "helmets", "ready", "still", until),
        by(SERGEANT, c.ReportIntervention("n1", "he was held back", "r1", "north", "officer", "stopped", True)),
        by(OFFICER, c.ReportPursuit("c1", "foot", "officer", LEAD, "north", "sergeant", "theft", until, "person lost")),
        by(CHIEF, e.ReviewFiled("v1", "r1", "within the plan", "a", "b", "c", "d", "e", "f")),
        e.PlanSuspended("muster-model", "tactic.oc-hand", "§ 9", until, "flood"), e.PlanResumed("muster-model", "tactic.oc-hand"),
        e.AuthorityDelegated("l1", "ops", until, "incident-commander", "captain", True), e.DelegationEnded("l1"),
    )  # fmt: skip
    for step in steps:
        world.happened(step)
    return world


def care() -> World:
    """An incident in which every type of event after force occurs, and a confidential report."""
    world = World(log=LOG)
    whole = replace(
        HANDS, tool="baton", quantity=1, objective="stop it", resistance_met=("violence",), alternatives=("time",),
        warned=True, subject_race_perceived="white", subject_ethnicity_perceived="not Hispanic", aid_given=True,
        ems_called=True, harm="serious",
    )  # fmt: skip
    steps = (
        *ALLIED, by(SERGEANT, whole), by(OFFICER, c.RecordAid("r1", "offered", "officer", accepted=True)),
        by(OFFICER, c.RecordAid("r1", "given", note="pressed on it")),
        by(OFFICER, c.RecordInjury("j1", "r1", visible=True, complaint=True, sector="north", subject="p1", what="a cut")),
        by(OFFICER, c.RecordInjury("j2", "r2", asked=True)), by(OFFICER, c.RecordMedicalHelp("r1", "requested", service="Fire")),
        by(OFFICER, c.RecordMedicalHelp("r1", "arrived", unit="u1")), by(OFFICER, c.RecordMedicalHelp("r2", "refused")),
        by(SERGEANT, c.RecordSupervisor("r1", "called", "ops")), by(SERGEANT, c.RecordSupervisor("r1", "on scene", "sergeant")),
        by(OPS, c.RecordSupervisor("r1", "on scene")), by(OPS, c.DeclareCriticalEvent("k1", "officer in danger", "r1", "north", "who")),
        by(OPS, c.RecordWelfareCheck("k1", True, "A.", "a break")),
        by(OFFICER, c.ReportExcessiveForce("x1", "excessive force", "seen", "r1", "north", "him", confidential=True)),
        by(OFFICER, c.ReportIntervention("n1", "held back", "r1", "north", confidential=True)), c.CheckOut("officer"),
        by(OFFICER, replace(HANDS, report="r3", officer="officer")), by(CHIEF, c.WaiveOpenItems("officer", "on paper")),
        by(SERGEANT, c.AskLevel("a1", "north", "facilitate", SIGNS[:1], speaker="ops", channel="radio", read_back=True)),
    )  # fmt: skip
    for step in steps:
        world.happened(step)
    return world


def planned() -> World:
    """An incident whose plan changes twice, with reports of force before, between and late."""
    world = World(log=LOG)
    first, other = world.stack.digests, ("muster-model@sha256:" + "1" * 64,)
    steps = (
        *ALLIED, by(SERGEANT, HANDS), by(CHIEF, e.PlanChanged(first, other, "plan § 12", "new advice")),
        by(SERGEANT, replace(HANDS, report="r2")), by(CHIEF, e.PlanChanged(other, first, "plan § 12", "back again")),
        by(SERGEANT, replace(HANDS, report="r3"), occurred_at=world.now + timedelta(seconds=15), clock_error_ms=900),
    )  # fmt: skip
    for step in steps:
        world.happened(step)
    return world


def arrested() -> World:
    """An incident in which every type of event about arrests, custody and property occurs."""
    world = World(log=LOG)
    card = ca.RecordArrest(
        "k1", "s1", "officer", LEAD, "north", Place(47.61, -122.33), "W-1", ("vandalism",), ("officer",), injured=True,
        category="T", conduct="broke a window", injury="a cut hand",
    )  # fmt: skip
    steps = (
        *ALLIED, ca.SetArrestBar("b1", ("blocking-traffic",), ("vandalism",), "cite those who sit"),
        by(OFFICER, ca.AcknowledgeArrestBar("b1", "officer")), by(OPS, ca.AnnounceArrestBar("b1", "loudspeaker", ("en",))),
        by(OPS, ca.IssueWristbands("i1", "officer", "wristbands", "W-1", "W-9", 9)),
        ca.DeclareHighVolume("h1", "many sit", "citations were refused", 3600.0, procedure="by hand"),
        by(OFFICER, card), by(SERGEANT, replace(card, arrest="k2", subject="s2", wristband="W-2"), alike=(("k1", 0.9),)),
        by(OFFICER, ca.RecordOffence("k1", "s1", "o1", "trespass", sector="north", facts="inside", evidence="a camera")),
        by(OFFICER, ca.DescribePerson("k1", "s1", name="A. Person", apart=True, age="15", medical="asthma")),
        by(OFFICER, ca.FlagProtectedRole("k1", "s1", "f1", role="press")),
        by(OFFICER, ca.RecordIndividualWarning("k1", "s1", "not warned", not_warned_because="no time")),
        by(OFFICER, ca.RecordRestraint("k1", "s1", "r1", "applied", "cuffs", "behind")),
        by(OFFICER, ca.RecordRights("k1", "s1", "notice of options", "es", True)),
        by(OFFICER, ca.SignArrest("k1", "s1", "arresting", 22)), by(OPS, ca.ReadBackArrest("k2", "s2", "form 17", "sergeant")),
        by(OFFICER, ca.AddAttachment("p1", "k1", "s1", "photo with officer", "0" * 64, 10, "image/jpeg", note="at the wall")),
        by(CHIEF, ca.ReviewGrounds("k1", "s1", "v1", "supported", "the window and the officer's eyes")),
        by(OFFICER, ca.DecideDisposition("k1", "s1", "custody", "threat", reason="threw again")),
        by(CHIEF, e_arrest.ArrestStepCleared("k1", "s1", "transport", "yard")), ca.EndHighVolume("h1"),
        by(OPS, ec.SiteOpened("yard", "School yard", "staging", 9, minors=True, minors_apart=True, stations=("search",))),
        by(OPS, cc.CheckFacility("yard", "c1", ("water",), ("toilets",), "at noon")),
        by(OFFICER, cc.TakeProperty("s1", "g1", receipt="R-1", contents="keys")),
        by(OFFICER, cc.HandOver("s1", "t1", "yard", "site", from_holder="officer", with_bags=("g1",), note="well")),
        by(OPS, cc.EnterStation("s1", "yard", "search")), by(OPS, cc.CountHeads("n1", "yard", 2, "arrival")),
        by(OPS, cc.RecordCare("s1", "medical", "given", note="bandaged")), by(OPS, cc.CallGuardian("s1", True, who="her mother")),
        by(CHIEF, cc.ExplainHold("s1", "k1", "x1", True, "waits for her mother")),
        by(SERGEANT, cc.RelieveHolder("q1", "sergeant", "officer", 1)),
        by(OPS, cc.MoveBag("g1", "s1", "owner", "owner", "yard", signed=True, note="all there")),
        by(CHIEF, cc.ReleasePerson("s1", "l1", "to a guardian", papers=True, language="es", note="at the gate", to="her mother")),
        by(OPS, cc.CloseSite("yard")),
    )  # fmt: skip
    for step in steps:
        world.happened(step)
    return world


def sited() -> World:
    """A site that is looked at, opened and full; a person of whom two holders say no; a unit that hands over what it has."""
    world = World(log=LOG)
    yard = cc.OpenSite("yard", "School yard", "staging", 1, trained_staff=("ops",))
    card = ca.RecordArrest("k1", "s1", "officer", LEAD, "north", None, "W-1", ("vandalism",), conduct="broke a window")
    steps = (
        *ALLIED, c.FormUnit("u1", "Bike 1", "bicycle", LEAD, "sergeant"), c.FormUnit("u2", "Bike 2", "bicycle", LEAD),
        by(OPS, looks(yard)), by(OPS, yard), by(OFFICER, card),
        by(OFFICER, replace(card, arrest="k2", subject="s2", wristband="W-2")),
        by(OFFICER, cc.HandOver("s1", "t1", "yard", "site", from_holder="officer")),
        by(OFFICER, cc.HandOver("s2", "t2", "u1", "unit", from_holder="officer")),
        by(OPS, cc.AnswerForCustody("s1", "w1", "yard", False, note="never came")),
        by(OFFICER, cc.AnswerForCustody("s1", "w2", "officer", False)),
        by(OPS, cc.CountHeads("n1", "yard", 0, "arrival")), by(SERGEANT, cc.RelieveHolder("q1", "u1", "u2", 1)),
        by(OPS, cc.AnswerForCustody("s2", "w3", "u2", True)),
    )  # fmt: skip
    for step in steps:
        world.happened(step)
    return world


def ordered_away() -> World:
    """An arrest whose citation's number and place in words are sealed; a court orders all of it away, and more comes."""
    world = World(log=LOG)
    card = ca.RecordArrest(
        "k1", "s1", "officer", LEAD, "north", None, "W-1", ("vandalism",), location="in Fifth Avenue"
    )
    steps = (
        *ALLIED, by(OFFICER, card), by(OFFICER, ca.DecideDisposition("k1", "s1", "cited", citation="C-1138", reason="went")),
        by(CHIEF, c.Redact("Superior Court", "order 7", "s1", scope="expungement")),
        by(OFFICER, ca.DecideDisposition("k1", "s1", "released", reason="told late")),
    )  # fmt: skip
    for step in steps:
        world.happened(step)
    return world


def heard() -> World:
    """Warnings of which it was told later whether they were heard, and files of every kind of record."""
    world = World(log=LOG)
    steps = (
        *ALLIED, by(OFFICER, c.ReportWarning("w1", "north", "dispersal-order", amplified=True)),
        by(SERGEANT, c.ReportAudibility("h1", "w1", "north", True, place=Place(47.61, -122.33, 9.0))),
        by(OPS, c.ReportAudibility("h2", "w1", "north", False, "sergeant", note="not behind the stage")),
        by(OFFICER, c.ReportForce("r1", "p1", "officer", LEAD, "oc-hand", "north", account="he swung a pole")),
        by(OFFICER, c.ReportIntervention("i1", "held him back", "r1", "north")),
    )  # fmt: skip
    for step in steps:
        world.happened(step)
    belongs: tuple[tuple[str, AttachedTo], ...] = (
        ("w1", "warning"),
        ("r1", "force report"),
        ("i1", "intervention"),
        ("o1", "observation"),
        ("r1", "entry"),
    )
    for number, (record, to) in enumerate(belongs):
        file = ca.AddAttachment(
            f"f{number}", record, f"s{number}", "audio", f"{number}" * 64, 9, "audio/mp4", None, "as it sounded", to
        )
        world.happened(by(OFFICER, file))
    return world


def restored() -> World:
    """An incident that goes on from a backup, in another epoch."""
    world = World()
    world.send(OPEN, CHIEF)
    world.happened(e.LogRestored("20160501T190000Z-0a1b2c3d", 1, len(world.entries), world.now, f"muster:{LOG}:2", 40))
    world.send(c.RecordEntry("n1", "we go on from here"), IC)
    start = next(n for n, entry in enumerate(world.entries) if isinstance(entry.event, e.LogRestored))
    for n in range(start, len(world.entries)):
        world.entries[n] = replace(world.entries[n], header=replace(world.entries[n].header, epoch=2))
    return world


LIVES = {
    "restored-1": restored,
    "heard-1": heard,
    "order-1": ordered_away,
    "arrests-1": arrested,
    "sites-1": sited,
    "spine-1": lived,
    "rooms-1": rooms,
    "care-1": care,
    "plan-1": planned,
}
"""What each golden log was made from."""


def with_old_shapes(world: World) -> list[bytes]:
    """One warning as version 1 wrote it (one `exit`), one event with a device's statement, one of an exercise's clock."""
    raws: list[bytes] = []
    for entry in world.entries:
        head = entry.header
        if head.type == "WarningGiven" and "exits" in msgspec.json.decode(head.body):
            body = msgspec.json.decode(head.body)
            body["exit"] = body.pop("exits")[0]
            head = replace(head, schema=1, body=msgspec.Raw(msgspec.json.encode(body)))
        if head.type == "EntryRecorded" and head.supersedes is None:
            head = replace(head, statement=Statement("tablet-7", b'{"v":1}', bytes(64)), basis_seq=head.seq - 1)
        if head.type == "CommandTransferred":
            head = replace(head, wall_at=head.recorded_at + timedelta(days=3650))
        raws.append(encode_header(head))
    return raws


def facts(raws: list[bytes]) -> dict[str, object]:
    """What the log must always come to."""
    state = initial(LOG)
    frontier: merkle.Frontier = ()
    types: dict[str, int] = {}
    for number, raw in enumerate(raws):
        entry = decode_recorded(raw)
        state = evolve(state, entry)
        frontier = merkle.extend(frontier, number, merkle.leaf_hash(raw))
        types[entry.header.type] = types.get(entry.header.type, 0) + 1
    return {
        "events": len(raws),
        "root": merkle.root_of(frontier).hex(),
        "state": state_hash(state),
        "types": dict(sorted(types.items())),
    }


def main(name: str) -> None:
    """Write `name`.ndjson and `name`.json."""
    path = HERE / f"{name}.ndjson"
    if path.exists():
        raise SystemExit(f"{path.name} is there, and a golden log is never made again")
    raws = with_old_shapes(LIVES[name]()) if name in LIVES else []
    path.write_bytes(b"".join(raw + b"\n" for raw in raws))
    (HERE / f"{name}.json").write_text(json.dumps(facts(raws), indent=2) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:] or ("spine-1",))
