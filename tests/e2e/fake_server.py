"""A made-up server for the dashboard's tests: the real routes, headers and frame shapes, and nothing behind them.

The real server is tested over the real thing in its own files; this one exists so that a test can put any row, any
frame and any refusal before the browser, at once and without a database. Every frame is built from the server's own
structs, so that it cannot drift from them unnoticed.

By hand: `python -m tests.e2e.fake_server` serves a moving incident on a free port.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from command.domain.commands import COMMANDS
from command.policy.decision import Decision, Finding
from command.stream.frames import Gap, Me, Position, ServerBatch, ServerHello, ServerPing
from command.views.plan_words import PlanWords
from command.views.rows import (
    AskPermit,
    Entry,
    LevelPermit,
    LevelRow,
    PermitsView,
    PosturePermit,
    SectorRow,
    ToolPermit,
)
from command.web.shapes import MeAnswer, Seen, Signed
from command.web.shapes_sign_in import Banner, DraftKey, SessionLook, Sessions
from tests.e2e.fake_scene import IC, LADDER, LOG, RULE, RULE_V, FakeScene, basemap

STATIC = Path(__file__).resolve().parents[2] / "static"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


class FakeServer(FakeScene):
    """One incident, one signed-in commander. Every public method may be called from any thread."""

    def __init__(self, *, exercise: bool = False, rate: float = 1.0, events: int = 0) -> None:
        super().__init__(exercise=exercise, rate=rate, events=events)
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
