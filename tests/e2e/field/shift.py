"""One incident, and an officer of a unit at a tablet that stays in their hands for a whole file of tests."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from command.domain import commands as c
from command.domain.envelope import Recorded
from command.domain.ids import Place
from command.ids import uuid7
from tests.e2e.field.handheld import WAIT_MS, Handheld, code_of
from tests.e2e.real.client import Client
from tests.e2e.real.house import House, now

SPOT = {"latitude": 47.6071, "longitude": -122.3399, "accuracy": 12}
SOUND = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
EVERY_COMPARTMENT = ("identity", "demographics", "medical", "juvenile", "complaint")


class Shift:
    """One incident, and an officer of a unit at a tablet that stays in their hands for the whole file."""

    def __init__(self, house: House, tablet: Handheld) -> None:
        self.house, self.tablet = house, tablet
        self.log = house.staffed()
        self.report = uuid7(now())
        house.send(
            self.log,
            c.CheckIn("officer", "Olga Finn", "spd", "officer", badge="4472", camera="BWC-2", unit="bike-1"),
            c.GiveOrder(uuid7(now()), "Keep the lane open.", ("bike-1",)),
            c.ReportForce(
                self.report, uuid7(now()), "4472", "spd", "oc-hand", "square", Place(lat=47.607, lon=-122.34)
            ),
        )
        self.chief = Client(house.link("chief", "commander", incident=self.log))
        self.judge = Client(house.link("judge", "reviewer", incident=self.log, compartments=EVERY_COMPARTMENT))
        admin = Client(house.link("root", "administrator"))
        tablet.enrol(code_of(admin))
        tablet.sign_in(house.link("officer", "field", incident=self.log, rank="officer"))

    @property
    def page(self) -> Page:
        return self.tablet.page

    def form(self, name: str) -> Page:
        """An empty form by its address."""
        self.page.evaluate("() => { location.hash = '#/'; }")
        self.page.locator(".tile-first").wait_for()
        self.page.evaluate("name => { location.hash = `#/new~${name}`; }", name)
        self.page.locator(".field-form").wait_for()
        return self.page

    def kept(self) -> float:
        """Wait until it is kept and recorded; in ms, how long keeping took."""
        done = self.page.locator("[data-took-ms]")
        done.wait_for()
        expect(self.page.locator("[data-state=accepted]")).to_be_visible(timeout=WAIT_MS)
        return float(done.get_attribute("data-took-ms") or "nan")

    def last(self, kind: str) -> dict[str, Any]:
        """The newest entry of a kind, as command reads it."""
        page = self.chief.get(f"/api/incidents/{self.log}/events?before=1000000&limit=200")
        return next(one for one in reversed(page["entries"]) if one["type"] == kind)

    def read(self, kind: str) -> tuple[Recorded, dict[str, Any]]:
        """The newest event of a kind as it lies in the log, and its entry as oversight reads it."""
        page = self.judge.get(f"/api/incidents/{self.log}/events?before=1000000&limit=200")
        entry: dict[str, Any] = next(one for one in reversed(page["entries"]) if one["type"] == kind)
        (kept,) = self.house.wait(self.house.node.service.recorded(self.log, entry["seq"] - 1, 1))
        return kept, entry

    def settled(self) -> None:
        """Wait until all that was written here is recorded, and its files with it."""
        self.tablet.until(
            "return (await state.here().outbox.rows(50)).every((row) => row.state === 'accepted' && row.files === 0)"
        )

    def files(self, record: str) -> list[dict[str, Any]]:
        """The files of a record, as oversight has them listed."""
        page = self.judge.get(f"/api/incidents/{self.log}/attachments?limit=500")
        return [one for one in page["attachments"] if one["record"] == record]

    def board(self) -> dict[str, Any]:
        found: dict[str, Any] = self.chief.board(self.log)["board"]
        return found
