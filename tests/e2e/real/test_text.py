"""Field text is text: a corpus of texts that try to become more, in every field, on every screen of a real Chromium."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from msgspec import inspect
from playwright.sync_api import Page, TimeoutError, expect

from command.access import links
from command.access.model import Account, Role
from command.cli.operator import operator
from command.devices.model import Code, Device
from command.domain import commands as c
from command.domain import commands_custody as cc
from command.store.ports import AuditRow
from tests.e2e.real.arrested import afternoon, processing
from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens, turn
from tests.e2e.real.house import LEAD, OPEN, House, now
from tests.e2e.real.payloads import ALL
from tests.support.device_keys import fresh

KEPT = {"time_zone", "clock_origin"}  # read by the server, not shown as written
WATCH = "window.pwned = (why) => refused(`ran: ${why}`); window.alert = window.pwned;"
ELEMENTS = """() => [...document.querySelectorAll('body *')].flatMap((one) => [
    ...(['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'STYLE', 'LINK', 'BASE', 'META', 'MARQUEE', 'VIDEO', 'IMG'].includes(one.tagName)
      ? [one.tagName] : []),
    ...[...one.attributes].filter((a) => /^on/i.test(a.name)
      || (/^(href|src|action|formaction|data|xlink:href)$/i.test(a.name) && !/^(\\/|\\?|#|blob:)/.test(a.value))
      || /url\\(|expression/i.test(a.name === 'style' ? a.value : '')).map((a) => `${one.tagName} ${a.name}=${a.value}`),
])"""


class Poisoner:
    """Puts the next text of the corpus wherever a command takes free text."""

    def __init__(self) -> None:
        self._next = 0

    def text(self, most: int, pattern: str | None) -> str:
        """One that the field takes."""
        while True:
            found = ALL[self._next % len(ALL)][:most]
            self._next += 1
            if found and (pattern is None or re.search(pattern, found)):
                return found

    def poison(self, value: Any) -> Any:
        """The struct with its texts replaced."""
        kind = inspect.type_info(type(value))
        assert isinstance(kind, inspect.StructType)
        changes = {
            field.name: self._field(field.type, getattr(value, field.name))
            for field in kind.fields
            if field.name not in KEPT
        }
        return msgspec.structs.replace(value, **changes)

    def _field(self, kind: inspect.Type, value: Any) -> Any:
        if isinstance(value, msgspec.Struct):
            return self.poison(value)
        if isinstance(value, tuple) and isinstance(kind, inspect.VarTupleType):
            return tuple(self._field(kind.item_type, one) for one in value)
        for option in kind.types if isinstance(kind, inspect.UnionType) else (kind,):
            if (
                isinstance(option, inspect.StrType)
                and option.max_length in (200, 8000)
                and isinstance(value, str | None)
            ):
                return self.text(option.max_length, option.pattern)
        return value


class PoisonedHouse(House):
    """A server whose every command carries the corpus."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self._poisoner = Poisoner()

    def open(self, **changes: Any) -> str:
        """An incident whose names are of the corpus."""
        poisoned = self._poisoner.poison(msgspec.structs.replace(OPEN, **changes))
        kept = {"commander_training": OPEN.commander_training}
        return super().open(**{**msgspec.structs.asdict(poisoned), **kept})

    def link(
        self, person: str, role: Role, *, incident: str = "*", agency: str = LEAD, rank: str = "captain", **more: Any
    ) -> str:
        """Someone who is called as a text of the corpus."""
        account = Account(person, self._poisoner.text(200, r"\A[^\x00-\x1f\x7f-\x9f]+\Z"), agency, rank)
        given = {"incident": incident, "base_url": self.url, "now": now(), "by": operator(), **more}
        return self.wait(links.invite(self.node.backend.access, account, role, **given))

    def send(self, log: str, *cmds: c.Command, **more: Any) -> Any:
        """Commands with the corpus in them; what someone was trained in must stay true, for the plan reads it."""
        poisoned = [
            msgspec.structs.replace(self._poisoner.poison(cmd), training=cmd.training)
            if isinstance(cmd, c.CheckIn)
            else cmd
            if isinstance(
                cmd, cc.OpenSite | cc.CheckFacility
            )  # what was looked at and who is trained is judged by the plan
            else self._poisoner.poison(cmd)
            for cmd in cmds
        ]
        return super().send(log, *poisoned, **more)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PoisonedHouse]:
    """Its own server."""
    house = PoisonedHouse(tmp_path_factory.mktemp("poisoned"))
    house.start()
    yield house
    house.close()


FIRST: dict[str, int] = {}
"""The seq of the first text by incident."""


@pytest.fixture(scope="module")
def log(house: PoisonedHouse) -> str:
    """An incident with something of every kind, and each text of the corpus as an entry besides."""
    log = house.staffed()
    FIRST[log] = house.seq(log) + 1
    ic = Client(house.link("ic", "commander"))
    for start in range(0, len(ALL), 50):
        answers = ic.note(log, *ALL[start : start + 50])
        assert {one["status"] for one in answers} == {"accepted"}
    house.busy(log)
    return log


def watched(screens: Screens, who: Client, log: str, extra: str = "") -> Page:
    """The dashboard, with `pwned` to be called."""
    context = screens.profile(who)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.on("dialog", lambda dialog: screens.complaints.append(f"dialog: {dialog.message}"))
    screens.visit(page, who, log, extra)
    return page


def test_the_corpus_is_large_and_each_text_is_its_own() -> None:
    assert len(ALL) > 150
    assert len(set(ALL)) == len(ALL)


def test_each_text_is_shown_as_it_was_written(house: PoisonedHouse, log: str, screens: Screens) -> None:
    """In the log's detail, letter by letter, and no element comes of it."""
    ic = Client(house.link("ic", "commander"))
    page = watched(screens, ic, log)
    for seq, text in enumerate(ALL, FIRST[log]):
        turn(page, f"?incident={log}&d=entry~{seq}")
        page.wait_for_function(
            "seq => document.querySelector('#drawer-title')?.textContent === `Event #${seq}`", arg=seq
        )
        expect_text(page, text)
    assert page.evaluate(ELEMENTS) == []


def expect_text(page: Page, text: str) -> None:
    """Wait until the drawer says it."""
    try:
        page.wait_for_function(
            "text => document.querySelector('#drawer').textContent.includes(text)", arg=text, timeout=60_000
        )
    except TimeoutError:
        pytest.fail(f"expected {text!a} in {page.locator('#drawer').text_content()!a}")


DRAWERS = ("record", "sent", "keys", "oversight", "plan", "sector~square", "unit-detail~bike-1", "person~officer",
           "note", "observation", "liaison", "warning", "force", "order", "transfer", "position", "assign", "unit",
           "checkin", "checkout", "agency", "area", "part", "close", "askforce", "level~square", "deny", "grant")  # fmt: skip


@pytest.mark.parametrize("role", ["commander", "field", "assisting", "reviewer"])
def test_on_every_screen_it_stays_text(house: PoisonedHouse, log: str, screens: Screens, role: Any) -> None:
    """Board, feed, map, every event's detail, forms, replay, list of incidents, print: nothing runs, nothing is asked
    of others, no policy had to stop anything, and no element of the corpus stands in the page."""
    person = {"commander": "ic", "field": "officer", "assisting": "partner"}.get(role, "judge")
    who = Client(house.link(person, role, agency="kcso" if role == "assisting" else "spd"))
    page = watched(screens, who, log)
    head, notes = house.seq(log), range(FIRST[log], FIRST[log] + len(ALL))
    for drawer in (*DRAWERS, *(f"entry~{seq}" for seq in range(1, head + 1) if seq not in notes)):
        turn(page, f"?incident={log}&d={drawer}")
        page.wait_for_selector("#drawer-title")
        assert page.evaluate(ELEMENTS) == [], drawer
    for extra in ("", f"&at={head}") if role in ("commander", "reviewer") else ("",):
        screens.visit(page, who, log, extra)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        page.mouse.move(700, 450)
        assert "pwned()" in (page.locator("#app").text_content() or "")  # it is shown
        assert page.evaluate(ELEMENTS) == []
    page.emulate_media(media="print")
    page.goto(f"{who.url}/")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(ELEMENTS) == []


@pytest.mark.parametrize("text", ["<img src=x onerror=pwned()>", "javascript:pwned()", '"><script>pwned()</script>'])
def test_so_does_what_stands_in_an_address(house: PoisonedHouse, log: str, screens: Screens, text: str) -> None:
    """Incident, drawer, filters, time, and the link's token."""
    ic = Client(house.link("ic", "commander"))
    page = watched(screens, ic, log)
    screens.tolerated.append("status of 40[034]|Unexpected response code: 404")  # of an incident that is none
    for query in (
        f"?incident={quote(text)}",
        *(f"?incident={log}&{name}={quote(text)}" for name in ("d", "at", "q", "f")),
    ):
        page.goto(f"{ic.url}/{query}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate(ELEMENTS) == []
    page.goto(f"{ic.url}/link#{quote(text)}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate(ELEMENTS) == []


# The pages beside the board -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def arrests(house: PoisonedHouse) -> str:
    """An afternoon of arrests whose every free text is of the corpus."""
    log = processing(house)
    afternoon(house, log)
    return log


def opened_up(page: Page) -> str:
    """All that a page says once everything that folds is open."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    return page.locator("body").text_content() or ""


@pytest.mark.parametrize("role", ["commander", "processing", "reviewer"])
def test_so_it_does_where_arrests_are_processed_and_on_each_record(
    house: PoisonedHouse, arrests: str, screens: Screens, role: Any
) -> None:
    """The processing page, every record's page with its accounts, and what of it is printed."""
    held = {"processing": ("identity", "demographics", "juvenile"), "reviewer": ("identity", "complaint")}.get(role, ())
    who = Client(house.link({"commander": "ic"}.get(role, f"{role}-1"), role, compartments=held))
    page = watched(screens, who, arrests)
    turn(page, f"?incident={arrests}&view=processing")
    expect(page.get_by_role("heading", level=1).or_(page.locator("main h2").first).first).to_be_visible()
    assert page.evaluate(ELEMENTS) == []
    told = opened_up(page)
    for number in [row["id"] for row in who.get(f"/api/incidents/{arrests}/arrests?limit=50")["arrests"]]:
        turn(page, f"?incident={arrests}&view=record&of={number}")
        expect(page.locator("#rec-files")).to_be_visible()
        assert page.evaluate(ELEMENTS) == [], number
        told += opened_up(page)
        assert page.evaluate(ELEMENTS) == [], number
    assert "pwned()" in told, "the corpus is shown"
    page.emulate_media(media="print")
    assert page.evaluate(ELEMENTS) == []


def test_so_it_does_where_accounts_devices_and_walls_are_kept(house: PoisonedHouse, log: str, screens: Screens) -> None:
    """Administration with names, labels and agencies of the corpus; one's own account; the trail."""
    for number, text in enumerate(ALL[:12]):
        _device(house, f"d-{number:016x}", text[:100])
        house.link(f"person-{number}", "field")
    admin = Client(house.link("root", "administrator"))
    context = screens.profile(admin)
    context.add_init_script(WATCH)
    page = context.new_page()
    told = ""
    for path in ("/admin", "/account"):
        page.goto(f"{admin.url}{path}")
        page.wait_for_load_state("networkidle")
        for tab in page.get_by_role("tab").all() + page.locator("nav a[href^='#']").all():
            tab.click()
            page.wait_for_load_state("networkidle")
            told += opened_up(page)
            assert page.evaluate(ELEMENTS) == [], path
    assert "pwned()" in told, "the corpus is shown"


def _device(house: House, name: str, label: str) -> None:
    """A device that is called so."""
    key, row = fresh(), AuditRow(now(), "ic", "", "cli", "device.enrol", name, "ok")
    code = Code(name.encode().ljust(32, b"."), LEAD, label, now(), now() + timedelta(minutes=9), "ic")
    store = house.node.backend.devices

    async def enrol() -> None:
        await store.invite(code, row)
        assert await store.enrol(code.sha256, Device(name, LEAD, label, key.alg, key.public, now(), "ic"), row)

    house.wait(enrol())


def test_so_it_does_on_the_wall_and_on_the_pages_that_are_served_whole(
    house: PoisonedHouse, log: str, screens: Screens
) -> None:
    """What a display shows; who can see what; the plan; each by itself, without a script to escape from."""
    wall = Client(house.link("wall-1", "display", incident=log, purpose="display"))
    context = screens.profile(wall)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"{wall.url}/wall?incident={log}")
    page.wait_for_load_state("networkidle")
    expect(page.locator("body")).to_contain_text("pwned()")
    assert page.evaluate(ELEMENTS) == []
    ic = Client(house.link("ic", "commander"))
    served = screens.profile(ic).new_page()
    screens.tolerated.append("status of 404")  # a browser asks for an icon where a page names none
    for name in ("sight.html", "plan.html"):
        served.goto(f"{ic.url}/api/incidents/{log}/{name}")
        assert [one for one in served.evaluate(ELEMENTS) if not one.startswith("A href=http")] == [], name


@pytest.mark.parametrize("path", ["/sign-in", "/account", "/admin", "/wall", "/oidc", "/enrol", "/field/", "/link"])
def test_so_does_an_address_of_any_page(house: PoisonedHouse, screens: Screens, path: str) -> None:
    """Before anyone is signed in: what stands behind the question mark and the sign runs nowhere and shows nowhere."""
    screens.tolerated.append("status of 40[0134]")
    context = screens.profile(house.url)
    context.add_init_script(WATCH)
    page = context.new_page()
    for text in ("<img src=x onerror=pwned()>", "javascript:pwned()", '"><script>pwned()</script>'):
        page.goto(
            f"{house.url}{path}?next={quote(text)}&incident={quote(text)}&code={quote(text)}&state=x#{quote(text)}"
        )
        page.wait_for_load_state("networkidle")
        assert page.evaluate(ELEMENTS) == []


def test_no_cell_of_a_table_begins_a_formula(house: PoisonedHouse, arrests: str) -> None:
    """The tables that go out, opened as a spreadsheet opens them: by their cells, not by their text."""
    reviewer = Client(house.link("judge", "reviewer", compartments=("identity", "demographics")))
    for name in ("arrests", "nibrs", "nibrs-faults"):
        body = reviewer.raw(f"/api/incidents/{arrests}/tables/{name}.csv").decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(body)))
        assert rows, name
        wrong = [cell for row in rows for cell in row if re.match(r"[\s]*[=+\-@\t\r|%]", cell) and not _number(cell)]
        assert wrong == [], name


def _number(cell: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+", cell) is not None
