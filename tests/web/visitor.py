"""A person at a browser, for the tests of signing in: keeps cookies, acknowledges banners, holds credentials."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp

from command.access.model import Role
from tests.support.authenticator import Authenticator
from tests.web.harness import Answer, Site

PASSWORD = "violet harbor 17 lanterns"


class Visitor:
    """One browser (its cookie jar) at one address of a site."""

    def __init__(self, site: Site, *, address: str = "") -> None:
        self.site = site
        self.cookies: dict[str, str] = {}
        self.address = address
        self.secret = ""
        self.recovery: list[str] = []

    @property
    def cookie(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request as this browser sends it."""
        if self.address:
            headers["X-Forwarded-For"] = self.address
        answer = await self.site.call(method, path, body, cookie=self.cookie, headers=headers)
        for given in answer.headers.getall("Set-Cookie", []):
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return answer

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        """One request that must succeed; its JSON, or None."""
        answer = await self.call(method, path, body)
        assert answer.status < 300, (path, answer.status, answer.body)
        return answer.json if answer.body else None

    async def state(self) -> str:
        """Where this browser stands."""
        return str((await self.ok("GET", "/api/session"))["state"])

    async def flow(self) -> str:
        """The banner, read and acknowledged."""
        look = await self.ok("GET", "/api/session")
        return str((await self.ok("POST", "/api/session/banner", {"banner": look["banner"]["id"]}))["flow"])

    async def come_by_link(self, role: Role, person: str, incident: str = "*") -> None:
        """In, by a one-time link: to set up a credential."""
        link = await self.site.link(role, incident, person)
        await self.ok("POST", "/api/session", {"link": link, "flow": await self.flow()})

    async def make_passkey(self, *, counts: bool = True) -> Authenticator:
        """A passkey of one's own."""
        made = Authenticator(self.site.base, counts=counts)
        offer = await self.ok("POST", "/api/credentials/passkey/options", {})
        credential = made.create(offer["options"])
        await self.ok(
            "POST", "/api/credentials/passkey",
            {"ceremony": offer["ceremony"], "credential": credential, "label": "my key"},
        )  # fmt: skip
        return made

    async def make_password(self, password: str = PASSWORD) -> None:
        """A password with one-time codes."""
        offer = await self.ok("POST", "/api/credentials/totp", {})
        self.secret = offer["secret"]
        got = await self.ok(
            "POST", "/api/credentials/password",
            {"ceremony": offer["ceremony"], "password": password, "code": self.code()},
        )  # fmt: skip
        self.recovery = got["recovery"]

    def code(self, steps: int = 0) -> str:
        """The one-time code that the app shows, so many steps from now."""
        return pyotp.TOTP(self.secret).at(self.site.now + timedelta(seconds=30 * steps))

    async def passkey_offer(self) -> tuple[str, Any]:
        """(flow, offer)."""
        flow = await self.flow()
        return flow, await self.ok("POST", "/api/session/passkey/options", {"flow": flow})

    async def by_passkey(self, key: Authenticator, **more: Any) -> Answer:
        """Sign in with a passkey."""
        flow, offer = await self.passkey_offer()
        body = {"flow": flow, "ceremony": offer["ceremony"], "credential": key.get(offer["options"]), **more}
        return await self.call("POST", "/api/session/passkey", body)

    async def by_password(self, person: str, password: str = PASSWORD, code: str | None = None, **more: Any) -> Answer:
        """Sign in with a password and a code."""
        body = {
            "flow": await self.flow(), "person": person, "password": password,
            "code": self.code() if code is None else code, **more,
        }  # fmt: skip
        return await self.call("POST", "/api/session/password", body)
