"""The dashboard's modules without a screen, each alone, in the engine that runs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from command.domain.wristband import make
from tests.e2e.fake_server import FakeServer

ZONE = "America/Los_Angeles"


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page of our own origin on which nothing runs."""
    server = FakeServer().start()
    page = browser.new_page()
    page.goto(f"{server.url}/static/dev/icon.svg")
    yield page
    page.close()
    server.stop()


def run(page: Page, module: str, body: str, given: Any = None) -> Any:
    """Evaluate `body` with the module as `m` and the argument as `a`."""
    return page.evaluate(f"async (a) => {{ const m = await import('/static/dev/{module}'); {body} }}", given)


def test_a_typed_day_ends_at_midnight_of_the_place(browser: Browser, page: Page) -> None:
    """By the administrator's own clock: in Los Angeles at eight in the morning UTC, at seven in summer."""
    with browser.new_context(timezone_id=ZONE) as there:
        local = there.new_page()
        local.goto(page.url)
        for day, end in (("2026-11-22", "2026-11-23T08:00:00.000Z"), ("2026-05-31", "2026-06-01T07:00:00.000Z")):
            assert run(local, "admin/days.js", "return m.endOfDay(a)", day) == end
            assert run(local, "admin/days.js", "return m.dayEnding(a)", end) == day
        assert run(local, "admin/days.js", "return [m.endOfDay(''), m.dayEnding(null)]") == [None, ""]


def test_ids_are_uuid7_of_the_servers_time(page: Page) -> None:
    """Version, variant and the time that was handed in; never twice the same."""
    at = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp() * 1000)
    made = run(page, "ids.js", "return Array.from({ length: 200 }, () => m.uuid7(a))", at)
    assert len(set(made)) == 200
    for one in made:
        assert int(one[:8] + one[9:13], 16) == at
        assert one[14] == "7"
        assert one[19] in "89ab"
    subjects = run(page, "ids.js", "return Array.from({ length: 50 }, () => m.subjectId())")
    assert len(set(subjects)) == 50


@pytest.mark.parametrize(
    ("text", "now", "then"),
    [
        ("14:05", "2016-05-01T22:00:00Z", "2016-05-01T21:05:00.000Z"),  # earlier today, PDT
        ("23:50", "2016-05-01T07:10:00Z", "2016-05-01T06:50:00.000Z"),  # ten past midnight: yesterday's
        ("0:10:30", "2016-05-01T07:10:30Z", "2016-05-01T07:10:30.000Z"),  # now itself
        ("00:30", "2026-11-01T20:00:00Z", "2026-11-01T07:30:00.000Z"),  # before the clocks went back that night
        ("04:00", "2026-03-08T20:00:00Z", "2026-03-08T11:00:00.000Z"),  # after they went forward
    ],
)
def test_a_time_of_day_is_the_last_one_that_was(page: Page, text: str, now: str, then: str) -> None:
    """As on the wall of the incident, at or before now, over midnight and changes of the clock."""
    assert run(page, "time.js", "return m.lastTimeAt(a[0], Date.parse(a[1]), a[2])", [text, now, ZONE]) == then


@pytest.mark.parametrize("text", ["25:00", "12:60", "noon", "", "1205"])
def test_what_is_no_time_is_none(page: Page, text: str) -> None:
    """It is said, not guessed."""
    assert run(page, "time.js", "return m.lastTimeAt(a[0], 0, a[1])", [text, ZONE]) is None


def test_times_name_their_zone_and_ages_their_unit(page: Page) -> None:
    """In the incident's zone with its name, UTC beside it; a zone that is not known is shown as UTC."""
    said = run(page, "time.js", "return [m.fullText(a[0], a[1]), m.zoneName(a[0], a[1]), m.zoneName(a[0], 'No/Where'), m.clockText('x', a[1])]", ["2016-05-01T21:03:22Z", ZONE])  # fmt: skip
    assert said == ["May 1, 2016, 14:03:22 PDT · 2016-05-01 21:03:22 UTC", "PDT", "UTC", "–"]
    spans = run(page, "time.js", "return [0, 59, 60, 3599, 3600, 11400, 90000].map(s => m.spanText(s))")
    assert spans == ["0 s", "59 s", "1 min", "59 min", "1 h", "3 h 10 min", "1 d 1 h"]
    assert run(page, "time.js", "return [5, 65, 3665].map(s => m.countText(s))") == ["0:05", "1:05", "1:01:05"]
    assert run(page, "time.js", "return [m.roughText(22680), m.roughText(30)]") == ["6 h", "30 s"]


def test_a_clock_counts_on_from_what_it_was_told(page: Page) -> None:
    """An exercise's clock runs at its rate; a replay's stands still."""
    body = """
      const info = { now: "2016-05-01T21:00:00Z", rate: 3600, exercise: true };
      const runs = m.createClock(), stands = m.createClock(true);
      runs.set(info); stands.set(info);
      const from = performance.now();
      while (performance.now() - from < 30);
      return [runs.now() - Date.parse(info.now), stands.now() - Date.parse(info.now), runs.exercise.value];
    """
    ran, stood, exercise = run(page, "time.js", body)
    assert ran >= 30 * 3600
    assert stood == 0
    assert exercise is True


def test_only_life_custody_and_lapsed_authority_sound(page: Page) -> None:
    """A late plan part is silent, a late medical check is not; what is done or not yet due is silent."""
    board = {
        "sectors": {
            "a": {"id": "a", "until": "2016-05-01T20:00:00Z", "seq": 4},
            "b": {"id": "b", "until": "2016-05-01T22:00:00Z", "seq": 5},
            "c": {"id": "c", "seq": 6},
        },
        "duties": {
            "1": {"id": "1", "rule": "muster-model/aid-after-force", "due": "2016-05-01T20:00:00Z"},
            "2": {"id": "2", "rule": "medical-help", "due": "2016-05-01T20:00:00Z", "done_at": "2016-05-01T19:00:00Z"},
            "3": {"id": "3", "rule": "public-summary", "due": "2016-05-01T20:00:00Z"},
            "4": {"id": "4", "rule": "custody.release", "due": "2016-05-01T20:30:00Z"},
            "5": {"id": "5", "rule": "medical-help", "due": "2016-05-01T23:00:00Z"},
            "6": {"id": "6", "rule": "raid-plan", "due": "2016-05-01T20:00:00Z"},
        },
    }
    heard = run(page, "audio.js", "return m.alarms(a, Date.parse('2016-05-01T21:00:00Z'))", board)
    assert heard == ["lapsed:a:4", "duty:1", "duty:4"]


def test_the_feed_keeps_order_finds_and_strikes(page: Page) -> None:
    """Repeats are taken once, older pages go before, filters combine, a struck entry is known by its record."""
    entry = {"type": "EntryRecorded", "who": {"person": "p", "name": "Lind"}, "text": "", "sector": "K1", "fields": {}}
    given = [
        {**entry, "seq": seq, "line": f"line {seq}", **more}
        for seq, more in (
            (3, {"record": "r3"}),
            (5, {"strikes": "r3", "record": "r5"}),
            (6, {"type": "ForceReported", "finding": {"kind": "contrary to plan"}, "sector": "K2"}),
            (8, {"text": "Medic at the fountain"}),
        )
    ]
    body = """
      const feed = m.createFeed(), none = { text: "", group: "", sector: "", look: false };
      feed.replace(a.slice(1, 2));
      feed.append([a[1], a[2], a[3]]);
      feed.append([a[2]]);
      feed.prepend([a[0], a[1]]);
      const seqs = (filter) => feed.select({ ...none, ...filter }).map(one => one.seq);
      return [seqs({}), seqs({ text: "medic LIND" }), seqs({ look: true }), seqs({ group: "force", sector: "K1" }), seqs({ sector: "K1" }),
        feed.find(6).seq, feed.find(7) ?? null, a.map(one => feed.isStruck(one)), feed.first()];
    """
    assert run(page, "feed_data.js", body, given) == [
        [8, 6, 5, 3], [8], [6], [], [8, 5, 3], 6, None, [True, False, False, False], 3,
    ]  # fmt: skip


def test_the_ground_fades_into_its_own_colour_and_through_no_grey(page: Page) -> None:
    """Land over water, on a canvas: halfway it is between the two in each of red, green and blue."""
    body = """
      const ctx = new OffscreenCanvas(64, 1).getContext('2d');
      ctx.fillStyle = 'rgb(197, 211, 227)';
      ctx.fillRect(0, 0, 64, 1);
      const mist = ctx.createLinearGradient(0, 0, 64, 0);
      mist.addColorStop(0, a);
      mist.addColorStop(1, m.clear(a));
      ctx.fillStyle = mist;
      ctx.fillRect(0, 0, 64, 1);
      return [...ctx.getImageData(32, 0, 1, 1).data];
    """
    for land in ("rgb(243, 244, 242)", "rgb(21, 27, 33)"):
        red, green, blue, alpha = run(page, "map/colours.js", body, land)
        ends = [sorted(pair) for pair in zip((197, 211, 227), map(int, land[4:-1].split(", ")), strict=True)]
        for (low, high), came in zip(ends, (red, green, blue), strict=True):
            assert low <= came <= high, (land, red, green, blue)
        assert alpha == 255


def test_the_map_holds_what_is_under_the_finger(page: Page) -> None:
    """Projection there and back; zooming keeps the point; a fit shows the whole box; inside is inside."""
    body = """
      const [x, y] = m.project(-122.33, 47.61), back = m.unproject(x, y);
      const view = new m.View(); view.width = 800; view.height = 400; view.x = x; view.y = y; view.scale = 1e6;
      const before = view.toWorld(200, 100); view.zoomAt(2.5, 200, 100); const after = view.toWorld(200, 100);
      view.fit([x, y, x + 1e-4, y + 3e-4]);
      const corners = [view.toScreen(x, y), view.toScreen(x + 1e-4, y + 3e-4)];
      const ring = m.readRing([[0, 0], [10, 0], [10, 10], [0, 10]]), [cx, cy] = m.centreOf(ring);
      return { back, moved: Math.hypot(before[0] - after[0], before[1] - after[1]), corners, inside: m.inside(ring, cx, cy), outside: m.inside(ring, 0.1, 0.1), none: m.readRing([[0, 0]]) };
    """
    got = run(page, "map/geometry.js", body)
    assert abs(got["back"]["lon"] + 122.33) < 1e-9
    assert abs(got["back"]["lat"] - 47.61) < 1e-9
    assert got["moved"] < 1e-12
    assert all(0 <= x <= 800 and 0 <= y <= 400 for x, y in got["corners"])
    assert (got["inside"], got["outside"], got["none"]) == (True, False, None)


def test_shapes_of_every_kind_are_read_and_others_left_out(page: Page) -> None:
    """Lines and polygons, one or many; a point or a feature without geometry is no shape."""
    square = [[0, 0], [1, 0], [1, 1], [0, 0]]
    kinds = {"LineString": square, "MultiLineString": [square, square], "Polygon": [square], "MultiPolygon": [[square], [square]], "Point": [0, 0]}  # fmt: skip
    features = [{"properties": {"layer": "street", "name": None}, "geometry": {"type": kind, "coordinates": where}} for kind, where in kinds.items()]  # fmt: skip
    got = run(page, "map/geometry.js", "return m.readShapes(a).map(one => [one.rings.length, one.closed, one.name])", {"features": [*features, {"geometry": None}]})  # fmt: skip
    assert got == [[1, False, ""], [2, False, ""], [1, True, ""], [2, True, ""]]


def test_an_empty_draft_is_no_draft(page: Page) -> None:
    """Drafts are kept apart by incident and form; what is no set of fields is none; an emptied one is gone."""
    body = """
      const vault = await import('/static/dev/vault.js');
      m.writeDraft("i", "note", { text: "x" }); m.writeDraft("j", "note", { text: "y" }); m.writeDraft("i", "level~K1", { level: "", list: [] });
      vault.keep("draft.i.bad", ["no fields"]);
      const held = [m.openDrafts("i"), m.readDraft("i", "note"), m.readDraft("i", "bad")];
      m.writeDraft("i", "note", { text: "" }); m.dropDraft("i", "bad");
      const left = [m.openDrafts("i"), m.openDrafts("j")];
      await vault.wipeVault();
      return [...held, ...left, m.openDrafts("j")];
    """
    assert run(page, "drafts.js", body) == [["bad", "note"], {"text": "x"}, {}, [], ["note"], []]


def test_drafts_are_sealed_where_they_are_stored(page: Page) -> None:
    """The same key opens them again, a damaged store is none, and signing out leaves nothing."""
    body = """
      const vault = await import('/static/dev/vault.js');
      await vault.openVault();
      m.writeDraft("i", "note", { text: "canary" });
      await vault.shutVault();
      const [name] = Object.keys(sessionStorage).filter((one) => one.startsWith("muster.sealed."));
      const sealed = !JSON.stringify({ ...sessionStorage }).includes("canary");
      const shut = m.readDraft("i", "note");
      await vault.openVault();
      const again = m.readDraft("i", "note");
      await vault.shutVault();
      sessionStorage.setItem(name, "AAAA" + sessionStorage.getItem(name).slice(4));
      await vault.openVault();
      const damaged = m.readDraft("i", "note");
      m.writeDraft("i", "note", { text: "canary" });
      await vault.wipeVault();
      return [sealed, shut, again, damaged, sessionStorage.length];
    """
    assert run(page, "drafts.js", body) == [True, {}, {"text": "canary"}, {}, 0]


def test_what_one_event_made_owed_stands_on_its_row(page: Page) -> None:
    """A hundred imported reports stay readable; who looks for duties sees each of them."""
    kinds = ["ForceReported", "DutyStarted", "DutyStarted", "DutyStarted", "EntryRecorded", "DutyStarted"]
    entries = [
        {"seq": n, "type": kind, "line": kind, "who": {"name": "x"}, "sector": "", "text": ""}
        for n, kind in enumerate(kinds, 1)
    ]
    body = """const feed = m.createFeed(); feed.replace(a);
      const rows = (group) => feed.select({ text: '', group, sector: '', look: false }).map((one) => [one.seq, one.owed ?? 0]);
      return [rows(''), rows('duties')];"""
    plain, duties = run(page, "feed_data.js", body, entries)
    assert plain == [[6, 0], [5, 0], [1, 3]]
    assert duties == [[6, 0], [4, 0], [3, 0], [2, 0]]


def test_wristbands_are_read_as_the_server_prints_them(page: Page) -> None:
    """Every check character is the domain's; a digit read wrong is said; another maker's number is left alone."""
    made = [make(kind, series, n) for kind in "WF" for series in ("204", "A", "7KX") for n in (1, 173, 9999)]
    assert run(page, "wristband.js", "return a.map((one) => m.readBand(one))", made) == [
        {"number": one, "state": "ours"} for one in made
    ]
    read = "return m.readBand(a)"
    assert run(page, "wristband.js", read, "w-2o4-oi73-w") == {"number": "W-204-0173-W", "state": "ours"}
    assert run(page, "wristband.js", read, "W-204-0174-W")["state"] == "wrong"
    assert run(page, "wristband.js", read, " city 88 ") == {"number": "city 88", "state": "other"}
    assert run(page, "wristband.js", read, "") == {"number": "", "state": ""}
