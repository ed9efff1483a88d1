"""A site with an incident, people, and tablets that enrol in it: what tests of devices over HTTP begin with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.device_keys import DeviceKey
from tests.support.tablet import Got, Tablet
from tests.web.harness import Answer, Site


class Street:
    """A site with an incident, an administrator, a commander and officers."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.host = site.base.partition("://")[2]
        self.incident = ""
        self.admin = self.chief = self.officer = ""

    async def begin(self) -> Street:
        self.admin = await self.site.sign_in("administrator")
        self.chief = await self.site.sign_in("commander")
        self.officer = await self.site.sign_in("field", person="officer-1")
        self.incident = await self.site.open(self.chief)
        return self

    @property
    def path(self) -> str:
        return f"/api/incidents/{self.incident}/statements"

    async def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Got:
        return await self.site.call(method, path, raw=body, headers=dict(headers))

    async def invite(self, cookie: str | None = None) -> Answer:
        return await self.site.call(
            "POST", "/api/devices/invite", {"label": "Tablet 7"}, cookie=self.admin if cookie is None else cookie
        )

    async def tablet(self, key: DeviceKey | None = None, *, officer: bool = True, own_key: bool = True) -> Tablet:
        """An enrolled one, with officer-1 signed in at it."""
        made = Tablet(self.send, self.host, key)
        assert (await made.enrol((await self.invite()).json["code"])).status == 200
        self.site.store.add_session(f"device:{made.id}")
        if officer:
            got = await made.attach(self.officer, "officer-1", own_key=own_key)
            assert got.status == 204, got
        return made

    async def revoke(self, tablet: Tablet) -> Answer:
        answer = await self.site.call("POST", f"/api/devices/{tablet.id}/revoke", {}, cookie=self.admin)
        self.site.store.end_session(f"device:{tablet.id}")
        return answer

    async def held(self, cookie: str) -> list[dict[str, Any]]:
        answer = await self.site.call("GET", f"/api/incidents/{self.incident}/quarantine", cookie=cookie)
        assert answer.status == 200, answer.body
        rows: list[dict[str, Any]] = answer.json["held"]
        return rows

    async def entries(self) -> list[dict[str, Any]]:
        page = await self.site.call("GET", f"/api/incidents/{self.incident}/events?limit=500", cookie=self.chief)
        found: list[dict[str, Any]] = page.json["entries"]
        return found


async def hand_in(tablet: Tablet, street: Street, *submissions: dict[str, Any]) -> list[dict[str, Any]]:
    got = await tablet.signed(street.path, list(submissions))
    assert got.status == 200, got
    answers: list[dict[str, Any]] = got.json["answers"]
    return answers
