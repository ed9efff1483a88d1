"""The app on the tablet's own disk: kept at the second try, whole after an update that broke off; and room, and what is taken away."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import msgspec
import pytest
from playwright.sync_api import expect

from command.web import assets
from tests.e2e.field.conftest import Hand
from tests.e2e.field.handheld import WAIT_MS, Handheld, code_of
from tests.e2e.field.test_offline import Place
from tests.uploads.corpus import jpeg

WORKER = "field_app/worker.js"
IDLE = "const found = await navigator.serviceWorker.getRegistration('/field/'); return !found.waiting && !found.installing && !!found.active"


RESERVED = "const { ask, read, RESERVE } = await load('db.js'); return !!(await read(state.here().db, ['cache'], (of) => ask(of('cache').getKey(RESERVE))))"
FILL = """
  const { isFull, writeOnce } = await load("db.js");
  for (const size of [1 << 18, 1 << 14, 1 << 10]) {
    try {
      for (let n = 0; n < 500; n += 1) await writeOnce(state.here().db, ["cache"], (of) => { of("cache").put({ part: "", name: `junk ${size} ${n}`, value: crypto.getRandomValues(new Uint8Array(Math.min(size, 65536))) }); });
      return false;
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }
  return true;
"""
"""All the room that is left goes to something else."""


class Files(dict[str, assets.Asset]):
    """The files of a build, some of which do not come through."""

    lost: frozenset[str] = frozenset()
    missed = 0

    def get(self, name: str, default: assets.Asset | None = None) -> assets.Asset | None:  # type: ignore[override]  # narrower: all that is asked
        if name in self.lost:
            self.missed += 1
            return None
        return super().get(name, default)


class Builds:
    """What a server that starts from now on serves."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        found = assets.load(assets.find_roots())
        self._found, self._n = found, 0
        self.now: assets.Assets
        self.files: Files
        self.next()
        patch.setattr(assets, "load", lambda _roots: self.now)

    def next(self) -> None:
        """Another build of the same files."""
        self._n += 1
        build, old = f"{self._n:016x}", self._found.base.encode()
        self.files = Files(self._found.files)
        pages = {name: body.replace(old, f"/files/{build}".encode()) for name, body in self._found.pages.items()}
        self.now = msgspec.structs.replace(self._found, build=build, files=self.files, pages=pages)

    def lose(self, *names: str) -> None:
        """These do not come through."""
        self.files.lost = frozenset(names)


@pytest.fixture(scope="module")
def builds() -> Iterator[Builds]:
    with pytest.MonkeyPatch.context() as patch:
        yield Builds(patch)


@pytest.fixture(scope="module")
def place(builds: Builds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("place"))
    yield place
    place.stop()


def runs(tablet: Handheld, build: str) -> None:
    """Wait until this build's app is on the screen."""
    shown = tablet.page.locator(f'script[type="module"][src="/files/{build}/field_app/app.js"]')
    expect(shown).to_be_attached(timeout=WAIT_MS)
    expect(tablet.page.locator("[data-ready]")).to_be_attached(timeout=WAIT_MS)


def cold(tablet: Handheld) -> None:
    """A new process, nothing in the browser's own cache, no network."""
    tablet.forget_cache()
    tablet.kill()
    tablet.start().context.set_offline(True)
    tablet.forget_cache()
    tablet.open()
    tablet.locked()


def test_the_app_is_kept_at_the_second_try_and_after_an_update_that_broke_off(
    place: Place, builds: Builds, hand: Hand
) -> None:
    """It says that it does not start with no network while that is so; half an update changes nothing, the whole one waits to be let in."""
    tablet = hand(place.house.url)
    builds.lose(WORKER)
    tablet.enrol(code_of(place.admin, "Tablet 20"))
    page = tablet.page
    unkept = page.get_by_text("With no network Muster does not start on this tablet yet.")
    expect(unkept).to_be_visible(timeout=WAIT_MS)
    builds.lose()
    expect(page.locator("[data-kept]")).to_be_attached(timeout=WAIT_MS)
    expect(unkept).to_have_count(0)
    first = builds.now.build
    page.evaluate("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))")  # evicted
    tablet.open()
    expect(page.locator("[data-kept]")).to_be_attached(timeout=WAIT_MS)
    tablet.sign_in(place.link())

    place.stop()
    builds.next()
    builds.lose("field_app/bytes.js")
    place.start()
    tablet.open()
    for _ in range(600):
        if builds.files.missed:
            break
        page.wait_for_timeout(100)
    assert builds.files.missed
    tablet.until(IDLE)
    place.stop()
    cold(tablet)
    runs(tablet, first)
    tablet.page.get_by_role("button", name="Capture an arrest").click()
    tablet.capture("U-1", "Threw a bottle.", jpeg(16, 16))

    builds.lose()
    place.start()
    tablet.context.set_offline(False)
    tablet.open()
    tablet.sign_in(place.link())
    tablet.page.get_by_role("button", name="Start it").click()
    runs(tablet, builds.now.build)
    tablet.live()
    place.stop()
    cold(tablet)
    runs(tablet, builds.now.build)
    expect(tablet.page.get_by_text("wait at the server for their author")).to_be_visible(timeout=WAIT_MS)


def picture(tablet: Handheld, size_bytes: int) -> None:
    """Take one that no disk makes smaller; whether it fits is another question."""
    remarks = (b"\xff\xfe" + (60_002).to_bytes(2, "big") + os.urandom(60_000) for _ in range(size_bytes // 60_000))
    raw = jpeg(16, 16, *remarks)
    tablet.page.locator("input[type=file]").last.set_input_files(
        {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": raw}
    )


def test_where_the_browser_gives_no_more_pictures_are_refused_and_records_go_on(
    place: Place, builds: Builds, hand: Hand
) -> None:
    """Whatever it says of its room: a reserve makes way for what was written; then that all was taken away is noticed and said."""
    place.stop()
    builds.lose()
    place.start()
    tablet = hand(place.house.url)
    line = tablet.context.new_cdp_session(tablet.page)
    line.send("Storage.overrideQuotaForOrigin", {"origin": place.house.url, "quotaSize": 24 << 20})
    tablet.enrol(code_of(place.admin, "Tablet 21"))
    tablet.sign_in(place.link())
    tablet.context.set_offline(True)
    page = tablet.page
    no_room = page.get_by_text("No room for pictures on this tablet.")
    kept = page.locator(".photo-field", has_text="Kept, sealed:").last
    for n in range(12):
        tablet.tile("Arrest")
        page.get_by_label("Wristband").fill(f"R-{n}")
        picture(tablet, 4 << 20)
        expect(no_room.or_(kept).first).to_be_visible(timeout=WAIT_MS)
        full = no_room.count()
        if full:  # without its record, which might find no room either and take the reserve
            break
        tablet.save()
        page.get_by_role("button", name="Done", exact=True).click()
    assert full
    expect(page.get_by_text("No room for pictures and sound on this tablet. Records go on.")).to_be_visible()
    assert tablet.asked(FILL)
    tablet.arrest("S-1", "x" * 2000)
    assert not tablet.asked(RESERVED)
    page.reload()
    expect(page.locator(".line-warn", has_text="No network")).to_be_visible(timeout=WAIT_MS)
    tablet.arrest("S-2", "x" * 2000)
    written = tablet.states().count("waiting")
    assert written == n + 2 + n  # each picture that fitted is a record as well
    line.send("Storage.overrideQuotaForOrigin", {"origin": place.house.url})
    tablet.context.set_offline(False)
    tablet.until(
        f"const rows = await state.here().outbox.rows(50); return rows.length === {written} && rows.every((row) => row.state === 'accepted' && row.files === 0)"
    )

    page.evaluate("() => { indexedDB.deleteDatabase('muster-field'); }")  # under the app's feet
    expect(page.get_by_role("alert")).to_contain_text("has lost everything it kept", timeout=WAIT_MS)
    # What was being written at that moment, or while there was no room at all, is told to nobody but the console.
    tablet.complaints[:] = [one for one in tablet.complaints if not re.search("InvalidState|Quota|closing", one)]
