"""Another client of the running server: plain HTTP with a cookie, as a script of an agency would be."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any
from urllib.parse import urlsplit

from command.ids import uuid7
from tests.e2e.real.house import now

COOKIE = "__Host-muster"


class Client:
    """Signed in with a one-time link. `url` is the server's origin; `trust` what it must show where that is https."""

    def __init__(self, link: str, trust: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(link)
        self._trust = trust
        self.url = f"{parts.scheme}://{parts.netloc}"
        self._port = parts.port
        self.cookie = ""
        status, _, given = self._call("POST", "/api/session", {"link": parts.fragment})
        assert status == 204, status
        self.cookie = given.partition(";")[0]

    @property
    def for_browser(self) -> dict[str, Any]:
        """The session as a browser's cookie."""
        value = self.cookie.partition("=")[2]
        return {"name": COOKIE, "value": value, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True, "sameSite": "Strict"}  # fmt: skip

    def _call(self, method: str, path: str, body: object = None) -> tuple[int, bytes, str]:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        if self._trust is not None:
            line = http.client.HTTPSConnection("localhost", self._port, timeout=60, context=self._trust)
        try:
            raw = None if body is None else json.dumps(body)
            headers = {"Origin": self.url, "Host": urlsplit(self.url).netloc, "Content-Type": "application/json"}
            line.request(method, path, raw, {**headers, **({"Cookie": self.cookie} if self.cookie else {})})
            got = line.getresponse()
            return got.status, got.read(), got.headers.get("Set-Cookie", "")
        finally:
            line.close()

    def get(self, path: str) -> Any:
        """A GET that must succeed; its JSON."""
        status, raw, _ = self._call("GET", path)
        assert status == 200, (status, raw[:500])
        return json.loads(raw)

    def raw(self, path: str) -> bytes:
        """The same, as bytes."""
        status, raw, _ = self._call("GET", path)
        assert status == 200, (status, raw[:500])
        return raw

    def send(self, log: str, *commands: dict[str, Any]) -> list[dict[str, Any]]:
        """Commands in one request; the answers."""
        at = now()
        seen = self.get(f"/api/incidents/{log}/events?limit=1")["at"]["seq"]
        body = [{"cmd": uuid7(at), "command": one, "issued_at": at.isoformat(), "basis_seq": seen} for one in commands]
        status, raw, _ = self._call("POST", f"/api/incidents/{log}/commands", body)
        assert status == 200, (status, raw[:500])
        answers: list[dict[str, Any]] = json.loads(raw)["answers"]
        return answers

    def open(self, incident: dict[str, Any]) -> str:
        """Open an incident; its id."""
        at = now()
        body = {"cmd": uuid7(at), "issued_at": at.isoformat(), "command": {"type": "OpenIncident", **incident}}
        status, raw, _ = self._call("POST", "/api/incidents", body)
        assert status == 201, (status, raw[:500])
        return str(json.loads(raw)["incident"])

    def note(self, log: str, *texts: str) -> list[dict[str, Any]]:
        """Log entries, which the plan never refuses."""
        return self.send(log, *({"type": "RecordEntry", "entry": uuid7(now()), "text": text} for text in texts))

    def board(self, log: str, at: object = None) -> Any:
        """The board, now or then."""
        return self.get(f"/api/incidents/{log}/board" + ("" if at is None else f"?at={at}"))

    def seqs(self, log: str) -> list[int]:
        """Every seq of the log that this client may see."""
        found: list[int] = []
        while True:
            page = self.get(f"/api/incidents/{log}/events?after={page_end(found)}&limit=500")
            if not page["entries"]:
                return found
            found += [one["seq"] for one in page["entries"]]


def page_end(found: list[int]) -> int:
    """Where the next page begins."""
    return found[-1] if found else 0
