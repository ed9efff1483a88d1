"""The log's list where a lens hides most of the log."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens
from tests.e2e.real.house import ALLY, House


def test_a_lens_that_hides_all_that_came_with_the_picture_still_finds_what_it_may_see(
    house: House, screens: Screens
) -> None:
    """Two hundred and thirty entries of another agency are nothing to an assisting one: its list looks further back."""
    log = house.staffed(name="Hidden")
    reader = Client(house.link("ic", "commander", incident=log))
    for start in range(0, 230, 46):
        reader.note(log, *(f"Entry {n} of the lead agency." for n in range(start, start + 46)))
    ally = Client(house.link("partner", "assisting", incident=log, agency=ALLY, rank="lieutenant"))
    assert ally.board(log)["feed"] == []
    page = screens.board(ally, log)
    expect(page.locator(".feed-row").first).to_be_visible()
