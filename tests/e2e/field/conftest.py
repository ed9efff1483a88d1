"""Tablets for a file of tests: the engine that runs them, and a folder each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from command.domain import commands as c
from command.ids import uuid7
from tests.e2e.field.handheld import Handheld
from tests.e2e.field.shift import SOUND, SPOT, Shift
from tests.e2e.real.house import House, now

Hand = Callable[..., Handheld]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server for a file whose tests do not stop it."""
    house = House(tmp_path_factory.mktemp("house")).start()
    yield house
    house.close()


@pytest.fixture
def hand(browser: Browser, tmp_path: Path) -> Iterator[Hand]:
    """Hand over a tablet that reaches a server; at the end nothing may have been thrown or refused on any."""
    made: list[Handheld] = []

    def one(url: str, **options: Any) -> Handheld:
        tablet = Handheld(browser.browser_type, tmp_path / f"tablet-{len(made)}", url, **options).start()
        made.append(tablet)
        return tablet

    yield one
    for tablet in made:
        tablet.close()
    assert [said for tablet in made for said in tablet.complaints] == []


@pytest.fixture(scope="module")
def shift(browser: Browser, house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shift]:
    """A shift of one officer, for a file: with a position, a camera and a microphone that are made up."""
    home = tmp_path_factory.mktemp("tablet")
    given = {"geolocation": SPOT, "permissions": ["geolocation", "microphone"]}
    tablet = Handheld(browser.browser_type, home, house.url, args=SOUND, **given).start()
    yield Shift(house, tablet)
    tablet.close()
    assert tablet.complaints == []


@pytest.fixture(scope="module")
def known(shift: Shift) -> Iterator[dict[str, str]]:
    """What the forms are about."""
    warning = uuid7(now())
    card = {
        "type": "RecordArrest",
        "arrest": uuid7(now()),
        "subject": f"s-{uuid7(now())}",
        "officer": "officer",
        "wristband": "W-30",
    }
    assert [one["status"] for one in shift.chief.send(shift.log, card)] == ["accepted"]
    shift.house.send(
        shift.log,
        c.IssueMunitions(uuid7(now()), "oc-hand", "bike-1", 5),
        c.ReportWarning(warning, "square", "dispersal-order"),
    )
    yield {"force": shift.report, "person": str(card["subject"]), "warning": warning}
