"""The authorizer as the socket asks it: at the handshake, at the hello, and again for every frame a client sends."""

from __future__ import annotations

from aiohttp import web

from command.access.audit import Outcome
from command.access.model import Subject, Verdict
from command.service.api import Author
from command.web.door import CALL, denial, identify_again, touch


class WebGate:
    """Implements `web.socket.Gate` over the call that the door left with the request."""

    async def check(self, request: web.Request, action: str, incident: str) -> Verdict:
        """Look at the session and the grants of now. Raises NotSignedIn or Denied, with an audit entry each time.

        By the session's public id: after a fresh proof its token is another, and the socket stays.

        A submission is an act of the user and keeps the session from locking; nothing else on a socket is.
        """
        call = request[CALL]
        await identify_again(call)
        call.judge(action)
        if call.verdict.allow:
            if action == "incident.submit":
                await touch(call)
            return call.verdict
        await self.record(request, "denied", call.verdict.reason)
        raise denial(call)

    async def record(self, request: web.Request, outcome: Outcome, detail: str) -> None:
        """Write what became of the act that was checked last: each operation on an open socket has its own entry."""
        call = request[CALL]
        await call.services.store.audit([call.entry(outcome, detail)])

    def subject(self, request: web.Request) -> Subject:
        """Who holds the request's session. Called only after `check`."""
        return request[CALL].who

    def author(self, request: web.Request, incident: str) -> Author:
        """As whom the session sends commands to the incident. Called only after `check`."""
        call = request[CALL]
        assert call.incident == incident, "a socket is about the incident of its route"
        return call.author()
