"""Two things for command alone: what waits in quarantine, live; and where a number is called before anyone is arrested."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from command.access.model import Role
from command.devices.model import Code, Device
from command.devices.quarantine import Quarantine
from command.domain.submission import Submission
from command.ledger import statement
from command.ledger.disclosure import decode_bytes
from command.store.ports import AuditRow
from tests.e2e.axe import violations
from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens
from tests.e2e.real.house import LEAD, House, now
from tests.support.device_keys import DeviceKey, fresh
from tests.support.tablet import Tablet

WAIT_MS = 60_000


def device_of(house: House, name: str) -> tuple[Device, DeviceKey]:
    """An enrolled device, revoked since."""
    key = fresh()
    row = AuditRow(now(), "ic", "", "cli", "device.enrol", name, "ok")
    code = Code(name.encode().ljust(32, b"."), LEAD, "Tablet 7", now(), now().replace(year=now().year + 1), "ic")
    made = Device(name, LEAD, "Tablet 7", key.alg, key.public, now(), "ic")
    devices = house.node.backend.devices

    async def enrol() -> Device:
        await devices.invite(code, row)
        assert await devices.enrol(code.sha256, made, row)
        await devices.revoke(name, now(), "ic", row)
        found = await devices.device(name)
        assert found is not None
        return found

    return house.wait(enrol()), key


def hold(house: House, log: str, device: Device, key: DeviceKey, seq: int, kind: str = "RecordArrest") -> None:
    """What such a device brings: kept apart, and said in the log."""
    tablet = Tablet(None, "", key)  # type: ignore[arg-type]  # it signs, and sends nothing
    tablet.id = device.id
    made = tablet.state(log, "officer-1", now(), {"type": kind}, {}, device_seq=seq)
    sub = Submission(made["cmd"], {}, statement=made["statement"], signature=made["signature"])  # type: ignore[arg-type]  # the statement holds the command
    stated = statement.read(decode_bytes(made["statement"]))
    quarantine = Quarantine(house.node.backend.devices, house.node.backend.keys, house.node.service)
    answer = house.wait(quarantine.hold(device, stated, kind, sub, "revoked", now(), "203.0.113.9"))
    assert answer.status == "quarantined", answer


def board(screens: Screens, house: House, log: str, role: Role, person: str) -> Page:
    """The dashboard of someone in this role."""
    who = Client(house.link(person, role))
    page = screens.profile(who).new_page()
    page.goto(f"{who.url}/?incident={log}")
    expect(page.locator("#sectors")).to_be_visible(timeout=WAIT_MS)
    return page


def test_a_person_in_a_held_record_is_on_commands_board_at_once_and_on_nobody_elses(
    house: House, screens: Screens
) -> None:
    """With device, number, kind and time, over the socket of a screen that was open; a field officer has no such row."""
    log = house.open()
    chief = board(screens, house, log, "commander", "ic")
    officer = board(screens, house, log, "field", "officer-9")
    expect(chief.locator("#quarantine")).to_have_count(0)
    device, key = device_of(house, "d-00000000000000aa")
    hold(house, log, device, key, 3)
    row = chief.locator("#quarantine [data-held]")
    expect(row).to_have_count(1, timeout=WAIT_MS)
    expect(row).to_contain_text("Person, record in quarantine: arrest")
    expect(row).to_contain_text(re.compile(r"device d-00000000000000aa, its number 3 · came \d\d:\d\d"))
    hold(house, log, device, key, 4, "RecordEntry")
    expect(chief.locator("#quarantine [data-held]")).to_have_count(2, timeout=WAIT_MS)
    house.wait(house.node.backend.devices.claim(device.id, [(5, b"5" * 32)]))
    hold(house, log, device, key, 6, "HandOver")
    gone = chief.locator("#quarantine [data-missing='d-00000000000000aa']")
    expect(gone).to_contain_text("4 records still out there: Tablet 7", timeout=WAIT_MS)
    expect(gone).to_contain_text("never seen since it was enrolled")
    assert [one for one in violations(chief) if "quarantine" in str(one)] == []
    chief.set_viewport_size({"width": 360, "height": 780})
    assert chief.locator("#quarantine").evaluate("one => one.scrollWidth <= one.clientWidth")
    expect(officer.get_by_text("Person, record in quarantine").first).to_be_visible(timeout=WAIT_MS)  # the log's word
    expect(officer.locator("#quarantine")).to_have_count(0)


def test_plain_clothes_are_registered_read_and_ended_by_command_alone(house: House, screens: Screens) -> None:
    """Nothing is fetched until it is opened; what is kept is said back, ended it is gone; others have nothing of it."""
    log = house.staffed()
    page = board(screens, house, log, "commander", "ic")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    panel = page.locator("#deconfliction")
    assert not [url for url in asked if "deconfliction" in url]
    panel.get_by_role("button", name="Show").click()
    expect(panel).to_contain_text("No place is registered.")
    panel.get_by_role("button", name="Keep it").click()
    expect(panel.get_by_role("status")).to_have_text("Expected a place and a number to call.")
    panel.get_by_role("button", name="Take from the map").click()
    page.locator("canvas.map-top").click(position={"x": 150, "y": 150})
    expect(panel.get_by_text("no place given")).to_have_count(0)
    panel.get_by_label("The number to call first").fill("206 555 0100")
    panel.get_by_label("For how many hours").fill("3")
    panel.get_by_role("button", name="Keep it").click()
    notice = panel.locator("[data-notice]")
    expect(notice).to_have_count(1)
    expect(notice).to_contain_text("Do not arrest here before calling this number. 206 555 0100")
    assert [one for one in violations(page) if "deconfliction" in str(one)] == []
    other = board(screens, house, log, "field", "officer-9")
    expect(other.locator("#deconfliction")).to_have_count(0)
    assert "206 555 0100" not in other.content()
    notice.get_by_role("button", name="It is over: 206 555 0100").click()
    expect(panel).to_contain_text("No place is registered.")
