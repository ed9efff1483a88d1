"""A whole server in a thread, for the tablet's modules in a real browser: real routes and devices, memory for a database.

`/field/` is an empty page there, under the headers of the real one: the modules are tried without a screen.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import msgspec
from playwright.sync_api import BrowserContext, Page

from command.web import assets
from tests.web.harness import Site, running
from tests.web.street import Street

T = TypeVar("T")
BLANK = b"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>a tablet</title></head><body></body></html>"
WAIT_S = 60


class FieldSite:
    """Every public method may be called from the test's thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._over: asyncio.Event
        self._thread = threading.Thread(target=self._run, name="field-site", daemon=True)
        self.street: Street
        self.site: Site
        found = assets.load(assets.find_roots())
        self.assets = msgspec.structs.replace(found, pages={**found.pages, "field_app/index": BLANK})

    def start(self) -> FieldSite:
        self._thread.start()
        assert self._ready.wait(WAIT_S)
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(WAIT_S)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        async with running(assets=self.assets) as site:
            self.site = site
            self.street = await Street(site).begin()
            self._ready.set()
            await self._over.wait()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it on the server's side."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    def code(self) -> str:
        """A code that enrols one device."""
        code: str = self.do(self.street.invite()).json["code"]
        return code

    def enrolled(self, device: str) -> None:
        """The store in memory is told, as the database would know, that this device's session is live."""
        self.site.store.add_session(f"device:{device}")

    def link(self, person: str) -> str:
        """A link's token for an officer. Time goes on by as much as the limits on signing in take."""
        self.site.move(seconds=20)
        return self.do(self.site.link("field", person=person))

    def signed_in(self) -> None:
        """The store in memory is told of every session that access has begun."""
        for session in list(self.site.access.sessions_by_id.values()):
            self.site.store.add_session(session.id, session.absolute_until)

    def entries(self) -> list[dict[str, Any]]:
        """The incident's feed."""
        return self.do(self.street.entries())

    def module(self, name: str) -> str:
        """The path of a module of the tablet's."""
        return f"{self.assets.base}/field_app/{name}"

    def open(self, context: BrowserContext) -> Page:
        """An empty page of the tablet's."""
        page = context.new_page()
        page.goto(f"{self.site.base}/field/")
        return page

    def run(self, page: Page, module: str, body: str, given: Any = None) -> Any:
        """Evaluate `body` with the module as `m` and the argument as `a`; `load` brings others."""
        base = f"{self.assets.base}/field_app/"
        code = f"async (a) => {{ const load = (name) => import('{base}' + name); const m = await load('{module}'); {body} }}"
        return page.evaluate(code, given)
