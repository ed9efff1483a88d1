"""The outbox between tabs and people: two tabs, a reload, the next officer, a thousand records, storage that was taken away."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext

from tests.e2e.field_site import FieldSite
from tests.e2e.outbox.page import (
    STATEMENTS,
    UNTIL,
    UP,
    Line,
    busy,
    cut,
    enrolled,
    opened,
    saved,
    settled,
    sign_in,
    texts,
)


def test_two_tabs_send_once_and_take_numbers_apart(field: FieldSite, context: BrowserContext) -> None:
    """One sends; the other's records are sent by it; when it goes, the other does."""
    first = enrolled(field, context)
    second = opened(field, context)
    line = Line(context)
    assert second.evaluate("() => tablet.keys.part !== ''"), "the second tab is open for the same person"
    before = len(texts(field))
    save = "(name) => Promise.all([0, 1, 2, 3].map((n) => tablet.outbox.save([note(`${name} ${n}`)])))"
    first.evaluate(f"(name) => {{ globalThis.saving = ({save})(name); }}", "first")
    second.evaluate(save, "second")
    first.evaluate("() => globalThis.saving")
    settled(second, *["accepted"] * 8)
    assert [first.evaluate("() => tablet.outbox.sender"), second.evaluate("() => tablet.outbox.sender")] == [
        True,
        False,
    ]
    numbers = [row["device_seq"] for row in second.evaluate("() => tablet.outbox.rows()")]
    assert numbers == [8, 7, 6, 5, 4, 3, 2, 1]
    assert len(set(texts(field)[before:])) == len(texts(field)[before:]) == 8
    assert len([one for sent in line.handed_in for one in sent]) == 8, "each went once"
    first.close()
    second.evaluate("() => until(() => tablet.outbox.sender)")
    saved(second, "after the other tab")
    settled(second, *["accepted"] * 9)


# Whose it is --------------------------------------------------------------------------------------------


def test_a_reload_without_a_network_stays_open_and_a_lock_shuts_all_tabs(
    field: FieldSite, context: BrowserContext
) -> None:
    """The key is in the service worker's memory; drafts and what was seen open with it; after a lock nothing does."""
    page = enrolled(field, context)
    keep = """async ([drafts, cache]) => {
      const { keepDraft } = await import(drafts), { keepSeen } = await import(cache);
      await keepDraft(tablet.db, tablet.keys, { id: "arrest", title: "CANARY-draft", fields: { conduct: "CANARY-conduct" } });
      await keepSeen(tablet.db, tablet.keys, "board:i", { sector: "CANARY-seen" }, 1000);
    }"""
    paths = [field.module("drafts.js"), field.module("cache.js")]
    page.evaluate(keep, paths)
    context.route(re.compile(r"/api/"), cut)
    page.reload()
    page.evaluate("(incident) => { globalThis.incident = incident; }", field.street.incident)
    field.run(page, "tablet.js", UP + UNTIL)
    look = """async ([drafts, cache]) => {
      const d = await import(drafts), c = await import(cache);
      const seen = await c.lastSeen(tablet.db, tablet.keys, "board:i");
      return [await d.drafts(tablet.db, tablet.keys), seen?.value ?? null, seen ? [[61_001, 0], [61_000, 0], [-10, 0], [-9_000, 0], [2_000, 60_001]].map(([now_ms, error_ms]) => c.isStale(seen, { now_ms, error_ms }, 60)) : null];
    }"""
    assert page.evaluate("() => tablet.keys.held.person") == "officer-1"
    assert page.evaluate(look, paths) == [
        [{"id": "arrest", "title": "CANARY-draft", "fields": {"conduct": "CANARY-conduct"}}],
        {"sector": "CANARY-seen"},
        [True, False, True, True, True],  # too old; a clock that was set back, or that may be off by more, cannot tell
    ]
    saved(page, "written without a network")
    second = opened(field, context)
    page.evaluate("() => tablet.keys.lock()")
    second.evaluate("() => until(() => tablet.keys.held === null)")
    assert page.evaluate(look, paths) == [[], None, None]
    assert page.evaluate("() => tablet.outbox.lines()") == []
    page.reload()
    field.run(page, "tablet.js", UP + UNTIL)
    assert page.evaluate("() => tablet.keys.held") is None


def test_the_next_officer_sees_nothing_of_the_last(field: FieldSite, context: BrowserContext) -> None:
    """Other drafts, another list; what waits of the last goes as a box, signed by their own key."""
    page = enrolled(field, context)
    line = Line(context)
    line.script = [busy]
    (row,) = saved(page, "of officer-1")
    page.evaluate("() => until(async () => (await tablet.outbox.rows())[0].tries === 1)")
    page.evaluate("() => tablet.keys.lock()")
    sign_in(field, page, "officer-2")
    settled(page, "accepted")
    assert page.evaluate("() => tablet.outbox.lines()") == []
    assert page.evaluate("(n) => tablet.outbox.open(n)", row["device_seq"]) is None
    assert "sealed" in line.handed_in[-1][0]
    saved(page, "of officer-2")
    settled(page, "accepted", "accepted")
    assert [one["who"]["person"] for one in field.entries()][-2:] == ["officer-1", "officer-2"]


# Files --------------------------------------------------------------------------------------------------


def test_saving_is_as_quick_with_a_thousand_records(field: FieldSite, context: BrowserContext) -> None:
    """A complete arrest, signed, sealed and on the disk: not slower for what lies there already."""
    page = enrolled(field, context)
    context.route(STATEMENTS, cut)
    timed = """async () => {
      const took = [];
      for (let n = 0; n < 9; n += 1) {
        const command = { type: "RecordArrest", arrest: crypto.randomUUID(), subject: "s-1", officer: "officer-1", conduct: "x".repeat(400) };
        const from = performance.now();
        await tablet.outbox.save([{ incident: globalThis.incident, title: "arrest", command }]);
        took.push(performance.now() - from);
      }
      return Math.min(...took); // the others were interrupted
    }"""
    empty_ms = page.evaluate(timed)
    page.evaluate(
        "async () => { for (let n = 0; n < 25; n += 1) await tablet.outbox.save(Array.from({ length: 40 }, () => note('x'))); }"
    )
    full_ms = page.evaluate(timed)
    print(f"a save takes {empty_ms:.1f} ms with an empty outbox, {full_ms:.1f} ms with a thousand records")
    counts = page.evaluate("() => tablet.outbox.counts()")
    assert counts["waiting"] + counts["sent"] == 1018
    assert counts["oldest_ms"] > 0
    assert full_ms < 3 * empty_ms + 50


def test_storage_that_was_taken_away_is_noticed(field: FieldSite, context: BrowserContext) -> None:
    """All of it, or the mark alone; and a tablet that was never enrolled misses nothing."""
    page = opened(field, context)
    assert page.evaluate("() => [tablet.device, tablet.taken]") == [None, ""]
    device = page.evaluate("(code) => tablet.enrol(code).then(() => tablet.device.id)", field.code())
    taken = """async ([path, names]) => {
      const { write } = await import(path.replace("storage", "db")), { evicted } = await import(path);
      await write(tablet.db, ["device"], (of) => { for (const name of names) of("device").delete(name); });
      return evicted(tablet.db);
    }"""
    path = field.module("storage.js")
    assert page.evaluate(taken, [path, []]) == ""
    assert page.evaluate(taken, [path, ["canary"]]) == "some"
    assert page.evaluate(taken, [path, ["device"]]) == "all"
    assert device.startswith("d-")
