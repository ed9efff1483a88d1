"""No network and no server: what was written is kept, sealed, sent once and in order, with its photos, whatever is killed or cut."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error, Route, expect

from tests.e2e.field.conftest import Hand
from tests.e2e.field.handheld import WAIT_MS, Handheld, code_of
from tests.e2e.real.client import Client
from tests.e2e.real.house import House
from tests.e2e.real.test_cut import free_port
from tests.uploads.corpus import jpeg

STATEMENTS = "**/statements"


class Place:
    """A server that is stopped and started again at the same address, and an incident on it."""

    def __init__(self, data: Path) -> None:
        self._data, self._port = data, free_port()
        self.house: House
        self.start()
        self.log = self.house.staffed()
        self.admin = Client(self.house.link("root", "administrator"))

    def start(self) -> None:
        self.house = House(self._data, self._port).start()
        self.up = True

    def stop(self) -> None:
        """End it, where it runs."""
        if self.up:
            self.house.close()
        self.up = False

    def link(self, person: str = "officer") -> str:
        """One that signs an officer in, once."""
        return self.house.link(person, "field", incident=self.log, rank="officer")

    def records(self) -> list[tuple[str, str, bytes]]:
        """What is on record, in the log's order: wristband, conduct and the photo's bytes, of each arrest."""
        chief = Client(self.house.link("chief", "commander", incident=self.log, compartments=("identity",)))
        judge = Client(self.house.link("judge", "reviewer", incident=self.log, compartments=("identity",)))
        files = judge.get(f"/api/incidents/{self.log}/attachments")["attachments"]
        board = chief.board(self.log)["board"]["arrests"]
        found = []
        for row in sorted(board.values(), key=lambda one: one["seq"]):
            told = chief.get(f"/api/incidents/{self.log}/arrests/{row['id']}")
            (photo,) = [one["attachment"] for one in files if one["record"] == row["id"]]
            raw = judge.raw(f"/api/incidents/{self.log}/attachments/{photo}/original")
            found.append((row["wristband"], told["versions"][-1]["said"]["conduct"], raw))
        return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("place"))
    yield place
    place.stop()


def picture(n: int) -> bytes:
    """A photo of its own, of two parts and a bit."""
    remark = bytes([n]) * 60_000
    return jpeg(16, 16, *(b"\xff\xfe" + (len(remark) + 2).to_bytes(2, "big") + remark for _ in range(9)))


def cut_after_commit(times: int) -> Callable[[Route], None]:
    """The server takes it and the answer is lost, so often; while there is no server, nothing is."""
    left = [times]

    def through(route: Route) -> None:
        if not left[0]:
            return route.continue_()
        with contextlib.suppress(Error):
            if route.fetch().status == 200:
                left[0] -= 1
        return route.abort()

    through.left = left  # type: ignore[attr-defined]  # the test looks whether it came to it
    return through


def three(band: str) -> list[tuple[str, str, bytes]]:
    return [(f"{band}-{n}", f"Threw bottle number {n}.", picture(n)) for n in (1, 2, 3)]


def test_locked_after_a_cold_start_three_captures_are_on_record_once_in_order_when_claimed(
    place: Place, hand: Hand
) -> None:
    """No network, the server stopped, killed twice, cut twice after the commit, two tabs: then three records, and their photos."""
    tablet = hand(place.house.url)
    tablet.enrol(code_of(place.admin))
    tablet.sign_in(place.link())
    place.stop()
    tablet.forget_cache()
    tablet.kill()

    tablet.start().context.set_offline(True)
    tablet.forget_cache()
    tablet.open()
    tablet.locked()
    tablet.page.get_by_role("button", name="Capture an arrest").click()
    wrote = three("L")
    for band, did, photo in wrote[:2]:
        tablet.capture(band, did, photo)
    tablet.page.reload()
    tablet.locked()
    tablet.page.get_by_role("button", name="Capture an arrest").click()
    tablet.capture(*wrote[2])
    tablet.kill()

    tablet.start()
    tablet.open()
    tablet.open(tablet.context.new_page())
    cut = cut_after_commit(2)
    tablet.context.route(STATEMENTS, cut)  # not before: files that the worker answers for would fail with it
    expect(tablet.page.get_by_text("6 records wait")).to_be_visible(timeout=WAIT_MS)
    place.start()
    line_is_back(tablet)
    tablet.until(
        "const rows = await state.here().outbox.rows(); return rows.length === 6 && rows.every((row) => row.state === 'held')"
    )
    assert cut.left == [0]  # type: ignore[attr-defined]  # see there

    tablet.sign_in(place.link())
    tablet.door("More")
    tablet.page.get_by_role("button", name="6 to claim").click()
    for left in range(6, 0, -1):
        expect(tablet.page.get_by_role("button", name="Read it")).to_have_count(left, timeout=WAIT_MS)
        tablet.page.get_by_role("button", name="Read it").first.click()
        tablet.page.get_by_role("button", name="This is mine").click()
    expect(tablet.page.get_by_text("Nothing waits for you.")).to_be_visible(timeout=WAIT_MS)
    settled(tablet, 6)
    assert place.records() == wrote


def test_signed_in_three_arrests_survive_a_reload_and_a_killed_browser(place: Place, hand: Hand) -> None:
    """The reload stays open by the worker's memory; what was written goes with its author's own signature, with nobody there."""
    before = place.records()
    tablet = hand(place.house.url)
    tablet.enrol(code_of(place.admin, "Tablet 8"))
    tablet.sign_in(place.link())
    tablet.context.set_offline(True)
    place.stop()
    wrote = three("S")
    tablet.arrest(*wrote[0])
    tablet.page.reload()
    expect(tablet.page.locator(".line-warn")).to_contain_text("No network", timeout=WAIT_MS)
    tablet.arrest(*wrote[1])
    second = tablet.open(tablet.context.new_page())
    expect(second.locator(".tile-first")).to_be_visible(timeout=WAIT_MS)
    tablet.arrest(*wrote[2])
    tablet.door("Sent")
    expect(tablet.page.locator(".sent-line")).to_have_count(6, timeout=WAIT_MS)
    tablet.kill()

    tablet.start()
    tablet.open()
    tablet.locked()
    tablet.open(tablet.context.new_page())
    cut = cut_after_commit(2)
    tablet.context.route(STATEMENTS, cut)
    place.start()
    line_is_back(tablet)
    settled(tablet, 6)
    assert cut.left == [0]  # type: ignore[attr-defined]  # see there
    assert place.records() == before + wrote


def line_is_back(tablet: Handheld) -> None:
    """As the tablet's system says it, here again and again: the line is cut twice more before it stays."""
    for page in tablet.context.pages:
        page.evaluate("() => { setInterval(() => dispatchEvent(new Event('online')), 1000); }")


def settled(tablet: Handheld, count: int) -> None:
    """All is recorded, and every file has followed."""
    tablet.until(
        f"const rows = await state.here().outbox.rows(); return rows.length === {count} && rows.every((row) => row.state === 'accepted' && row.files === 0)"
    )
