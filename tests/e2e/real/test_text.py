"""Field text is text: a corpus of texts that try to become more, in every field, on every screen of a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from msgspec import inspect
from playwright.sync_api import Page, TimeoutError

from command.domain import commands as c
from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens, turn
from tests.e2e.real.house import OPEN, House
from tests.e2e.real.payloads import ALL

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

    def send(self, log: str, *cmds: c.Command, **more: Any) -> Any:
        """Commands with the corpus in them; what someone was trained in must stay true, for the plan reads it."""
        poisoned = [
            msgspec.structs.replace(self._poisoner.poison(cmd), training=cmd.training)
            if isinstance(cmd, c.CheckIn)
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
            "text => document.querySelector('#drawer').textContent.includes(text)", arg=text, timeout=5_000
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
