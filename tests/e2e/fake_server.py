"""A made-up server for the dashboard's tests: the real routes, headers and frame shapes, and nothing behind them.

The real server is tested over the real thing in its own files; this one exists so that a test can put any row, any
frame and any refusal before the browser, at once and without a database. Every frame is built from the server's own
structs, so that it cannot drift from them unnoticed.

By hand: `python -m tests.e2e.fake_server` serves a moving incident on a free port.
"""

from __future__ import annotations

import asyncio
import json
import math
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from command.domain.commands import COMMANDS
from command.domain.ids import Place
from command.policy.decision import Decision, Finding, RuleRef
from command.stream.frames import Gap, Me, Position, ServerBatch, ServerHello, ServerPing
from command.views.plan_words import PlanWords
from command.views.rows import (
    SECTIONS,
    AgencyRow,
    AskPermit,
    AskRow,
    ClockInfo,
    DutyRow,
    Entry,
    FindingRow,
    IncidentRow,
    LevelPermit,
    LevelRow,
    OrderRow,
    PermitsView,
    PersonRow,
    PointRow,
    PositionRow,
    PosturePermit,
    SectorRow,
    ToolPermit,
    UnitRow,
    Who,
)
from command.web.shapes import MeAnswer, Seen, Signed
from command.web.shapes_sign_in import Banner, DraftKey, SessionLook, Sessions

STATIC = Path(__file__).resolve().parents[2] / "static"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
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


class FakeServer:
    """One incident, one signed-in commander. Every public method may be called from any thread."""

    def __init__(self, *, exercise: bool = False, rate: float = 1.0, events: int = 0) -> None:
        self.board: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
        self.entries: list[Entry] = []
        self.seq = 0
        self.epoch = 1
        self.started = datetime.now(UTC)
        self.origin = START + timedelta(hours=2)
        self.rate, self.exercise = rate, exercise
        self.history: list[tuple[int, datetime, dict[str, dict[str, Any]]]] = []
        self.sockets: set[web.WebSocketResponse] = set()
        self.batches: list[ServerBatch] = []
        self.resumes: list[int | None] = []
        self.received: list[dict[str, Any]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.refusal: Decision | None = None
        self.tools: list[ToolPermit] = []
        self.gear: list[PosturePermit] = []
        self.words: PlanWords | None = None  # the plan has not told its words
        self.looks: list[str] = []
        self.hook: Callable[[str, dict[str, Any]], list[tuple[str, str, Any]]] = lambda kind, command: []
        self.down = False
        self.drop_answers = 0  # commit, then say nothing: the lost acknowledgement
        self.signed_in = True
        self.feed_on_hello = 200
        self.me = Me("p-alvarez", "Capt. R. Alvarez", "spd", "commander", "command", tuple(COMMANDS))
        self.incidents = [Seen(LOG, "May Day march", "open", "commander", "command")]
        self.url = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._fill(events)

    # the incident ------------------------------------------------------------

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

    # what a test does to it ----------------------------------------------------

    def commit(self, entries: Iterable[Entry] = (), changes: Iterable[tuple[str, str, Any]] = ()) -> None:
        """Send what `entry` made since, and row changes, as one batch."""
        self._call(self._commit(list(entries), list(changes)))

    def set_row(self, section: str, key: str, **fields: Any) -> tuple[str, str, Any]:
        """Change a row and return the change for `commit`."""
        row = msgspec.structs.replace(self.board[section][key], **fields)
        self.board[section][key] = row
        return (section, key, row)

    def cut(self) -> None:
        """The network is gone: sockets drop without a close frame, requests get no answer."""
        self.down = True
        self._call(self._drop())

    def heal(self) -> None:
        """It is back."""
        self.down = False

    def skip_frame(self) -> None:
        """Lose a frame on the way: the log goes on, nobody is told."""
        made = self.entry("EntryRecorded", "Lost on the way")
        self.batches.append(ServerBatch(self.epoch, made.seq, made.seq, self.clock(), (made,), ()))

    async def _drop(self) -> None:
        for socket in list(self.sockets):
            transport = socket._req.transport if socket._req else None
            if transport:
                transport.abort()

    async def _commit(self, entries: list[Entry], changes: list[tuple[str, str, Any]]) -> None:
        first = entries[0].seq if entries else self.seq + 1
        if not entries:  # every batch covers some seq: an event that this lens does not see
            self.seq += 1
        for section, key, row in changes:
            if row is None:
                self.board[section].pop(key, None)
            else:
                self.board[section][key] = row
        batch = ServerBatch(self.epoch, first, self.seq, self.clock(), tuple(entries), tuple(changes))
        self.batches.append(batch)
        self.remember()
        raw = msgspec.json.encode(batch).decode()
        for socket in list(self.sockets):
            await socket.send_str(raw)

    def _call(self, work: Any) -> Any:
        if self._loop is None:
            raise RuntimeError("start it first")
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(10)

    # routes ----------------------------------------------------------------------

    async def _page(self, request: web.Request) -> web.Response:
        name = (request.path.strip("/") or "index") + ".html"
        text = (STATIC / name).read_text().replace("{{files}}/static", "/static/dev")
        return web.Response(text=text, content_type="text/html")

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        path = (STATIC / request.match_info["path"]).resolve()
        if not path.is_relative_to(STATIC) or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path)

    async def _me(self, request: web.Request) -> web.Response:
        if not self.signed_in:
            return web.json_response({"title": "not signed in", "status": 401, "code": "not_signed_in"}, status=401)
        me = Signed(self.me.person, self.me.name, self.me.agency, "captain", ("incident.list", "incident.open"))
        return self._json(MeAnswer(me, tuple(self.incidents)))

    async def _session(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            state = "live" if self.signed_in else "none"
            return self._json(SessionLook(state, Banner("b", "An exercise."), False, (), (), True, False, 900, self.me.person, self.me.name))  # fmt: skip
        if request.method == "DELETE":
            self.signed_in = False
            return web.Response(status=204)
        if (await request.json()).get("link") != "good-token":
            return web.json_response({"title": "this link does not work", "status": 401}, status=401)
        self.signed_in = True
        return self._json({"ok": True})

    async def _drafts(self, request: web.Request) -> web.Response:
        return self._json(DraftKey("fake", "A" * 43))

    async def _sessions(self, request: web.Request) -> web.Response:
        return self._json(Sessions(()))

    async def _active(self, request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _events(self, request: web.Request) -> web.Response:
        limit = int(request.query.get("limit", 200))
        if "before" in request.query:
            before = int(request.query["before"])
            page = [one for one in self.entries if one.seq < before][-limit:]
        else:
            page = [one for one in self.entries if one.seq > int(request.query.get("after", 0))][:limit]
        at = Position(LOG, self.epoch, self.seq)
        return self._json(
            {"entries": page, "at": at, "first": page[0].seq if page else 0, "last": page[-1].seq if page else 0}
        )

    async def _board(self, request: web.Request) -> web.Response:
        at = request.query["at"]
        if at.isdigit():
            kept = [one for one in self.history if one[0] <= int(at)] or self.history[:1]
            seq = int(at)
        else:
            when = msgspec.convert(at, datetime)
            kept = [one for one in self.history if one[1] <= when] or self.history[:1]
            seq = kept[-1][0]
        time = kept[-1][1] if at.isdigit() else msgspec.convert(at, datetime)
        feed = [one for one in self.entries if one.seq <= seq][-200:]
        return self._json(
            {
                "at": Position(LOG, self.epoch, seq),
                "time": time,
                "clock": self.clock(),
                "board": kept[-1][2],
                "feed": feed,
            }
        )

    async def _map(self, request: web.Request) -> web.Response:
        return web.json_response(basemap())

    async def _permits(self, request: web.Request) -> web.Response:
        sector = self.board["sectors"][request.query["sector"]]
        self.looks.append(sector.id)
        known = {(one.tool, one.purpose): one.decision for one in self.tools}
        waiting = [row for row in self.board["asks"].values() if row.sector == sector.id]
        asks = tuple(AskPermit(row.id, known.get((row.tool, row.purpose), Decision("not barred", (RULE,)))) for row in waiting)  # fmt: skip
        levels = tuple(
            LevelPermit(row.id, row.name, row.order, "here", None) if row.order == sector.level_order
            else LevelPermit(row.id, row.name, row.order, "up" if row.order > sector.level_order else "down", self._outlook(row, sector))
            for row in LADDER
        )  # fmt: skip
        return self._json(PermitsView(sector.id, self.now(), sector.level, sector.level_name, False, sector.until, (), levels, tuple(self.tools), tuple(self.gear), asks, "at" in request.query))  # fmt: skip

    async def _words(self, _request: web.Request) -> web.Response:
        return web.Response(status=404) if self.words is None else self._json(self.words)

    def _outlook(self, rung: LevelRow, sector: SectorRow) -> Decision:
        if rung.order <= sector.level_order + 1:
            return Decision("not barred", rung.rules or (RULE,))
        return Decision("refused", (RULE, RULE_V), ("A level is not skipped.",), who_may=rung.who_may)

    async def _open(self, request: web.Request) -> web.Response:
        self.received.append(await request.json())
        return self._json({"incident": LOG, "answer": {"cmd": "x", "status": "accepted", "seq": 1}})

    async def _commands(self, request: web.Request) -> web.Response:
        sent = await request.json()
        answers = [await self._take(one) for one in (sent if isinstance(sent, list) else [sent])]
        if self.drop_answers > 0:
            self.drop_answers -= 1
            if request.transport:
                request.transport.abort()
        return self._json({"answers": answers})

    async def _take(self, sent: dict[str, Any]) -> dict[str, Any]:
        cmd = sent["cmd"]
        if cmd in self.answers:
            return {"cmd": cmd, "status": "duplicate", "first": self.answers[cmd]}
        command = sent["command"]
        msgspec.convert(command, COMMANDS[command["type"]])  # what the real server could not read fails here as well
        self.received.append(sent)
        answer = await self._decide(cmd, command)
        self.answers[cmd] = answer
        return answer

    async def _decide(self, cmd: str, command: dict[str, Any]) -> dict[str, Any]:
        kind, sector = command["type"], command.get("sector") or ""
        if self.refusal is not None:
            made = self.entry("AskRefused", f"Refused: {kind}", who=IC, sector=sector, decision=self.refusal)
            await self._commit([made], [])
            return {"cmd": cmd, "status": "refused", "seq": made.seq, "decision": self.refusal}
        changes: list[tuple[str, str, Any]] = []
        finding = None
        changes += self.hook(kind, command)
        if kind in ("RaiseLevel", "LowerLevel"):
            rung = self.board["levels"][command["level"]]
            changes.append(self.set_row("sectors", sector, level=rung.id, level_order=rung.order, level_name=rung.name, since=self.now(), until=self.now() + timedelta(minutes=30), by=IC, why=command["facts"], seq=self.seq + 1))  # fmt: skip
        elif kind == "RenewLevel":
            changes.append(self.set_row("sectors", sector, until=self.now() + timedelta(minutes=30)))
        elif kind in ("GrantLevel", "DenyAsk"):
            changes.append(("asks", command["ask"], None))
        elif kind == "ReportForce" and not command.get("grant"):
            finding = Finding(
                "no authorization on record", (RULE,), ("No level in force in this sector permits this tool.",)
            )
        text = next(
            (command[name] for name in ("text", "facts", "what", "account") if isinstance(command.get(name), str)), ""
        )
        made = self.entry(kind, f"{kind} by Capt. R. Alvarez", who=IC, sector=sector, text=text, finding=finding)
        await self._commit([made], changes)
        return {
            "cmd": cmd,
            "status": "accepted",
            "seq": made.seq,
            "last_seq": made.seq,
            **({"finding": finding} if finding else {}),
        }

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("muster.1",), max_msg_size=64 * 1024)
        await socket.prepare(request)
        first = await socket.receive()
        if first.type is not WSMsgType.TEXT:
            return socket
        resume = json.loads(first.data).get("resume")
        self.resumes.append(resume["seq"] if resume else None)
        at = Position(LOG, self.epoch, self.seq)
        if resume and resume["epoch"] == self.epoch:
            hello = ServerHello(LOG, at, self.me, self.clock(), "00", resumed=True)
            await socket.send_str(msgspec.json.encode(hello).decode())
            for batch in self.batches:
                if batch.first > resume["seq"]:
                    await socket.send_str(msgspec.json.encode(batch).decode())
        else:
            feed = tuple(self.entries[-self.feed_on_hello :])
            hello = ServerHello(
                LOG, at, self.me, self.clock(), "00", gap=Gap(0, self.seq, "first"), board=self.board, feed=feed
            )
            await socket.send_str(msgspec.json.encode(hello).decode())
        self.sockets.add(socket)
        try:
            async for _ in socket:
                pass
        finally:
            self.sockets.discard(socket)
        return socket

    async def ping(self) -> None:
        """As every few seconds."""
        raw = msgspec.json.encode(ServerPing(self.seq, self.clock())).decode()
        for socket in list(self.sockets):
            await socket.send_str(raw)

    def _json(self, body: Any) -> web.Response:
        return web.Response(body=msgspec.json.encode(body), content_type="application/json")

    # running -----------------------------------------------------------------------

    def start(self) -> FakeServer:
        """Serve on a free port in a thread of its own."""
        ready: Future[str] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), name="fake-server")
        self._thread.start()
        self.url = ready.result(10)
        return self

    def stop(self) -> None:
        """End the thread."""
        if self._loop and self._stop:
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread:
            self._thread.join(10)

    async def _serve(self, ready: Future[str]) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()

        @web.middleware
        async def door(request: web.Request, handler: Any) -> web.StreamResponse:
            if self.down and request.path.startswith("/api/"):
                if request.transport:
                    request.transport.abort()
                return web.Response(status=503)
            response: web.StreamResponse = await handler(request)
            if not response.prepared:
                response.headers["Content-Security-Policy"] = CSP
            return response

        app = web.Application(middlewares=[door])
        one = "/api/incidents/{id}/"
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/link", self._page),
                web.get("/sign-in", self._page),
                web.get("/api/session", self._session),
                web.get("/api/session/drafts", self._drafts),
                web.get("/api/sessions", self._sessions),
                web.get("/static/dev/{path:.+}", self._asset),
                web.get("/api/me", self._me),
                web.post("/api/session", self._session),
                web.delete("/api/session", self._session),
                web.post("/api/session/active", self._active),
                web.post("/api/incidents", self._open),
                web.get(one + "events", self._events),
                web.get(one + "board", self._board),
                web.get(one + "map", self._map),
                web.get(one + "permits", self._permits),
                web.get(one + "words", self._words),
                web.post(one + "commands", self._commands),
                web.get(one + "stream", self._stream),
            ]
        )
        runner = web.AppRunner(app, shutdown_timeout=0.5, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        ready.set_result(f"http://127.0.0.1:{runner.addresses[0][1]}")
        try:
            await self._stop.wait()
        finally:
            await self._drop()
            await runner.cleanup()


def _origin(i: int) -> Any:
    from command.domain.envelope import Origin

    return (
        Origin("script", "demo script") if i in (2, 7) else Origin("import", "spd_uof_dev.csv", f"2016UOF-{i}", 40 + i)
    )


def main() -> None:
    """Serve by hand, with something moving each second."""
    server = FakeServer(exercise=True, rate=60.0).start()
    print(server.url, flush=True)
    tick = threading.Event()
    n = 0
    try:
        while not tick.wait(1.0):
            n += 1
            made = server.entry(
                "ObservationRecorded", f"Observation {n}: the march moves east", sector=f"K{n % 12 + 1}"
            )
            server.commit([made], [server.set_row("units", f"U{n % 18 + 1:02}", assignment=f"moved {n}")])
    except KeyboardInterrupt:
        server.stop()


if __name__ == "__main__":
    main()
