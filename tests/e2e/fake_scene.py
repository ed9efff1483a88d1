"""The made-up incident of the dashboard's tests: its rows, its events and its clock, as the server's own structs."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from command.domain.ids import Place
from command.policy.decision import Decision, Finding, RuleRef
from command.views.rows import (
    SECTIONS,
    AgencyRow,
    AskRow,
    ClockInfo,
    DutyRow,
    Entry,
    FindingRow,
    IncidentRow,
    LevelRow,
    OrderRow,
    PersonRow,
    PointRow,
    PositionRow,
    SectorRow,
    UnitRow,
    Who,
)

LOG = "01900000-0000-7000-8000-000000000001"
ZONE = "America/Los_Angeles"
START = datetime(2016, 5, 1, 19, 0, tzinfo=UTC)
IC = Who(person="p-alvarez", name="Capt. R. Alvarez", agency="spd", position="incident-commander")
OPS = Who(person="p-okafor", name="Lt. J. Okafor", agency="spd", position="operations")
KC = Who(person="p-lind", name="Sgt. M. Lind", agency="kcso", position="")
RULE = RuleRef(
    pack="model-ladder",
    rule="targeted-authorizer",
    says="Targeted enforcement is set only by the incident commander, on facts of their own.",
    source="Model ladder, section 4.2",
    verified="",
)
RULE_V = RuleRef(
    pack="dc-faaa",
    rule="331.07-warning",
    says="An order to disperse is given audibly, more than once, with ways out and time to leave.",
    source="D.C. Code § 5-331.07(e)",
    verified="V",
)
LADDER = (
    LevelRow("plan", 0, "Plan and liaison", "The gathering is expected or beginning.", ("Meet organizers and the community.",), ("any supervisor",)),
    LevelRow("facilitate", 1, "Facilitate", "The gathering is helped to take place: traffic, liaison, regular uniforms.", ("Close lanes for the march.", "Bicycle units beside the march."), ("operations section chief",)),
    LevelRow("engage", 2, "Engage", "Officers speak with those who raise tension; reserves are near and out of sight.", ("Reserves staged out of sight.",), ("operations section chief",), (("tension", "Groups face each other and tempers rise."), ("access", "The way to a hospital is about to be blocked."))),
    LevelRow("targeted", 3, "Targeted enforcement", "Particular persons are dealt with for what they did, citation first.", ("Arrest of particular persons on their own acts.",), ("incident commander",), (("cause", "There is probable cause against particular persons."),), (RULE,)),
    LevelRow("dispersal", 4, "Dispersal", "The gathering as a whole may be ordered to leave, after warnings and with the exits open.", ("Order the gathering to leave by named exits, and give it time.",), ("incident commander", "with the chief’s concurrence"), (("violent", "A significant number are in unlawful violence."), ("exits", "A clear and safe way out is open and was named.")), (RULE, RULE_V)),
    LevelRow("force-assisted", 5, "Force-assisted dispersal", "Force may be asked for, tool by tool. It grants none by itself.", ("Ask for authorization of a named tool.",), ("incident commander",), (), (RULE,)),
)  # fmt: skip


def rfc(text: datetime) -> str:
    """As msgspec writes it."""
    return msgspec.to_builtins(text)  # type: ignore[no-any-return]  # a datetime becomes a str


def ring(col: int, row: int) -> tuple[tuple[float, float], ...]:
    """A leaning block of streets as a sector."""
    a, b = -122.345 + col * 0.0092, 47.6165 - row * 0.0062
    lean = 0.0016
    return ((a, b), (a + 0.0088, b + lean), (a + 0.0088 + lean, b - 0.0058 + lean), (a + lean, b - 0.0058))


def basemap() -> dict[str, Any]:
    """City, water, parks and a street grid, all made up."""
    features: list[dict[str, Any]] = []

    def add(layer: str, name: str, kind: str, coordinates: Any) -> None:
        features.append(
            {
                "type": "Feature",
                "properties": {"layer": layer, "name": name},
                "geometry": {"type": kind, "coordinates": coordinates},
            }
        )

    shore = [[-122.352 + 0.003 * math.sin(i / 3), 47.63 - i * 0.0025] for i in range(18)]
    add("city", "", "Polygon", [[[-122.27, 47.64], *shore, [-122.27, 47.58]]])
    add("park", "Harbor Square", "Polygon", [[[-122.334, 47.611], [-122.3315, 47.6116], [-122.331, 47.6096], [-122.3335, 47.609]]])  # fmt: skip
    add("park", "North Green", "Polygon", [[[-122.319, 47.619], [-122.312, 47.62], [-122.311, 47.6165], [-122.318, 47.6155]]])  # fmt: skip
    for i in range(26):
        lat = 47.625 - i * 0.0016
        add("street", f"{('Pine', 'Pike', 'Union', 'Cedar', 'Marion')[i % 5]} St {i + 1}", "LineString", [[-122.3495 + j * 0.0046, lat + j * 0.0008] for j in range(16)])  # fmt: skip
    for j in range(28):
        lon = -122.3475 + j * 0.0023
        add("street", f"{j + 1}th Ave", "LineString", [[lon + i * 0.00063, 47.626 + j * 0.0004 - i * 0.0024] for i in range(17)])  # fmt: skip
    return {"type": "FeatureCollection", "credits": ["made-up streets"], "features": features}


class FakeScene:
    """One incident on a clock of its own: a board, a feed, and boards of before."""

    def __init__(self, *, exercise: bool = False, rate: float = 1.0, events: int = 0) -> None:
        self.board: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
        self.entries: list[Entry] = []
        self.seq = 0
        self.epoch = 1
        self.started = datetime.now(UTC)
        self.origin = START + timedelta(hours=2)
        self.rate, self.exercise = rate, exercise
        self.history: list[tuple[int, datetime, dict[str, dict[str, Any]]]] = []
        self._fill(events)

    def now(self) -> datetime:
        """The incident's clock."""
        return self.origin + (datetime.now(UTC) - self.started) * self.rate

    def clock(self) -> ClockInfo:
        """As it goes out in every frame."""
        return ClockInfo(now=self.now(), rate=self.rate, exercise=self.exercise)

    def _put(self, section: str, row: Any) -> tuple[str, str, Any]:
        key = row.id if hasattr(row, "id") else section
        self.board[section][key] = row
        return (section, key, row)

    def entry(self, kind: str, line: str, **more: Any) -> Entry:
        """The next event; `ago_s` puts it into the past, `late_s` says when it happened before that."""
        self.seq += 1
        ago_s, late_s = more.pop("ago_s", 0.0), more.pop("late_s", 0.0)
        recorded = self.now() - timedelta(seconds=ago_s)
        made = Entry(
            seq=self.seq, id=f"cmd-{self.seq}.0", type=kind, line=line, recorded_at=recorded,
            occurred_at=recorded - timedelta(seconds=late_s), late_s=late_s, who=more.pop("who", OPS), **more,
        )  # fmt: skip
        self.entries.append(made)
        return made

    def remember(self, at: datetime | None = None) -> None:
        """Keep the board of this seq for replay."""
        self.history.append((self.seq, at or self.now(), {name: dict(rows) for name, rows in self.board.items()}))

    def _fill(self, events: int) -> None:
        """The opening picture."""
        now = self.now()
        ago: Callable[..., datetime] = lambda **k: now - timedelta(**k)
        self._put("incident", IncidentRow("incident", "May Day march", "planned", "open", ZONE, START, "spd", ("Keep the march moving and safe",), IC, ago(hours=2), ("model-ladder@1f3a",), self.exercise, self.rate, {"arrests": 0}))  # fmt: skip
        self.board["incident"] = {"incident": self.board["incident"].pop("incident")}
        for row in LADDER:
            self._put("levels", row)
        self.entry("IncidentOpened", "Incident opened: May Day march", who=IC, ago_s=7200)
        self.remember(START)
        names = ("Harbor", "Market", "Courthouse", "Library", "Westlake", "Convention", "Pine Hill", "Seneca", "Square", "Cannery", "Terrace", "North Green")  # fmt: skip
        for i, name in enumerate(names):
            level = LADDER[{1: 2, 4: 3, 5: 4, 9: 2, 3: 0}.get(i, 1)]
            raised = level.order > 1
            self._put("sectors", SectorRow(
                id=f"K{i + 1}", name=name, level=level.id, level_order=level.order, level_name=level.name,
                since=ago(minutes=7 * i + 12), until=now + timedelta(minutes=(4, 22, 41)[i % 3]) if raised else None,
                by=(IC if level.order > 2 else OPS) if raised else None,
                why="Bottles thrown from the north kerb at two officers; organizers were reached and are moving their people on." if raised else "",
                indicators=("tension",) if raised else (), seq=1, boundary=ring(i % 4, i // 4), units=i % 4,
                unauthorized={5: 3, 1: 1}.get(i, 0), warnings=2 if raised else 0, last_warning_at=ago(minutes=9) if raised else None,
            ))  # fmt: skip
        for agency in (
            AgencyRow("spd", "City Police", "lead", units=9, people=64, accepted_plan=True),
            AgencyRow("kcso", "County Sheriff", "assisting", "MAA 2014-07", True, 3, 18),
        ):
            self._put("agencies", agency)
        kinds = (
            "patrol",
            "bicycle",
            "mounted",
            "medic",
            "crisis-responder",
            "liaison",
            "arrest-team",
            "traffic",
            "reserve",
        )
        for i in range(18):
            agency_id = "kcso" if i % 6 == 5 else "spd"
            place = Place(lat=47.6145 - (i % 7) * 0.0022, lon=-122.338 + (i * 0.0041) % 0.03) if i % 3 == 0 else None
            self._put("units", UnitRow(f"U{i + 1:02}", f"{('Adam', 'Boy', 'Charlie', 'David')[i % 4]} {i + 1}", kinds[i % 9], agency_id, 4 + i % 5, OPS, f"K{i % 12 + 1}" if i % 7 else None, ("hold the intersection", "with the march", "")[i % 3], ago(minutes=11 + i), place))  # fmt: skip
        for who, rank in ((IC, "captain"), (OPS, "lieutenant"), (KC, "sergeant")):
            self._put("people", PersonRow(who.person, who.name, who.agency, rank, "5512", "U01", "41", "AX-7" if rank != "sergeant" else "", "charging" if rank == "sergeant" else "", True, ("crowd-management",) if rank == "sergeant" else (), (("crowd-management", now),), ago(hours=3), True, (who.position,) if who.position else ()))  # fmt: skip
        for pid, title, holder in (
            ("incident-commander", "Incident Commander", IC),
            ("operations", "Operations Section Chief", OPS),
            ("safety", "Safety Officer", None),
            ("liaison", "Liaison Officer", None),
        ):
            self._put("positions", PositionRow(pid, title, holder, ago(hours=2) if holder else None))
        self._put("asks", AskRow("ask-1", "level", "K5", "dispersal", ago(minutes=3), now + timedelta(minutes=6), OPS, ("incident commander", "with the chief’s concurrence"), ("weapons",), "about 20 of 600", "Two people carry lit flares towards the officers’ line.", Decision("missing", (RULE, RULE_V), ("Dispersal needs a warning first.",), ("a second warning, two minutes after the first",), ("incident commander",), now + timedelta(minutes=2)), 3))  # fmt: skip
        self._put(
            "duties",
            DutyRow(
                "d-1",
                "aid.medical-check",
                "Medical check of the person on whom force was used",
                "operations",
                ago(minutes=70),
                ago(minutes=8),
                sector="K6",
                seq=2,
            ),
        )
        self._put(
            "duties",
            DutyRow(
                "d-2",
                "force.supervisor-review",
                "Supervisor reviews force report 2016-0481",
                "a supervisor who was not involved",
                ago(minutes=50),
                now + timedelta(minutes=9),
                sector="K6",
                seq=2,
            ),
        )
        self._put(
            "duties",
            DutyRow("d-3", "plan.liaison-named", "Name a liaison officer", "incident-commander", ago(hours=2), None),
        )
        self._put(
            "duties",
            DutyRow(
                "d-4",
                "plan.maps",
                "Supply the map of ways out",
                "planning",
                ago(hours=2),
                ago(hours=1),
                ago(minutes=80),
            ),
        )
        self._put(
            "orders",
            OrderRow(
                "o-1",
                "Open Pine Street between 4th and 6th for ambulances; keep it open.",
                ago(minutes=16),
                IC,
                ("U01", "U02", "U08"),
                ("U08",),
                seq=4,
            ),
        )
        for i in range(5):
            finding = Finding(("no authorization on record", "contrary to plan", "exigent", "cannot tell", "no authorization on record")[i], (RULE,), ("No level in force in this sector permits this tool.",))  # fmt: skip
            at = ago(minutes=12 + i * 9)
            made = self.entry("ForceReported", f"Force reported: {('oc-spray', 'bicycle', 'hands', 'hands', 'baton')[i]} by officer {4400 + i}", sector=f"K{(6, 2, 6, 3, 6)[i]}", finding=finding, text="Officer pushed a person who stood across the bicycle line.", ago_s=720 + i, late_s=(0, 1380, 0, 0, 65)[i], record=f"f-{i}", withheld=("subject_number",), fields={"classification": "Level 1 - Use of Force"}, origin=_origin(i))  # fmt: skip
            self._put(
                "findings",
                FindingRow(f"f-{i}", made.seq, made.line, at, finding, made.sector, str(4400 + i), made.origin),
            )
            self._put("points", PointRow(f"pt-{i}", "force", Place(47.6105 - i * 0.0015, -122.333 + i * 0.0032), at, made.line, made.seq, made.sector, finding.kind))  # fmt: skip
        for i in range(4):
            made = self.entry(("ObservationRecorded", "WarningGiven")[i % 2], ("Observation: the march fills two lanes", "Warning given in English, amplified")[i % 2], sector=f"K{5 + i}", ago_s=500 - i, origin=_origin(7))  # fmt: skip
            self._put("points", PointRow(f"ob-{i}", ("observation", "warning")[i % 2], Place(47.613 - i * 0.002, -122.336 + i * 0.006), made.recorded_at, made.line, made.seq, made.sector))  # fmt: skip
        self.entry(
            "AskRefused",
            "Refused: raise K5 to dispersal",
            sector="K5",
            decision=Decision(
                "refused", (RULE,), ("You are not the incident commander.",), (), ("incident commander",)
            ),
            ago_s=400,
        )
        self.entry(
            "EntryRecorded", "Log entry", text="Second medic team arrived at Westlake.", record="en-1", ago_s=380
        )
        self.entry(
            "EntryRecorded",
            "Log entry struck through",
            text="Wrong place: it was Market.",
            record="en-2",
            ago_s=350,
            strikes="en-1",
        )
        if events:
            kinds2 = ("ObservationRecorded", "UnitAssigned", "OrderAcknowledged", "EntryRecorded", "LiaisonContacted")
            for i in range(events):
                self.entry(kinds2[i % 5], f"Event {i}: {('crowd moves east', 'unit moved', 'order acknowledged', 'entry', 'organizer reached')[i % 5]}", sector=f"K{i % 12 + 1}", ago_s=max(0.0, 340 - i * 0.001))  # fmt: skip
        self.remember()


def _origin(i: int) -> Any:
    from command.domain.envelope import Origin

    return (
        Origin("script", "demo script") if i in (2, 7) else Origin("import", "spd_uof_dev.csv", f"2016UOF-{i}", 40 + i)
    )
