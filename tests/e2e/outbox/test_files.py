"""Photos behind their records: cut and gone on with, brought by the tablet, kept while it is revoked, saved as one file."""

from __future__ import annotations

import re
from hashlib import sha256

from playwright.sync_api import BrowserContext, Route

from command.devices.carried import Boxed, CarriedFile, carried, device_of
from command.devices.files import opened_part
from command.uploads.kept import PART_BYTES, Announced
from tests.e2e.field_site import FieldSite
from tests.e2e.outbox.page import PARTS_LEFT, PHOTO, Line, cut, enrolled, exported, settled


def test_photos_follow_their_record_and_go_on_where_they_stopped(field: FieldSite, context: BrowserContext) -> None:
    """Byte for byte, after a cut in the middle; then nothing of them is left on the tablet."""
    page = enrolled(field, context)
    field.run(page, "tablet.js", PHOTO)
    seen: list[str] = []
    place: list[str] = []

    def patched(route: Route) -> None:
        place.append(route.request.url)
        seen.append(f"{route.request.method} {route.request.headers.get('upload-offset', '')}")
        if seen.count("PATCH 1048576") == 1 and seen[-1] == "PATCH 1048576":
            return route.abort()
        return route.continue_()

    context.route(re.compile(r"/uploads"), patched)
    file = page.evaluate("() => arrest(800)")
    assert 2 << 20 < file["size_bytes"] < 3 << 20
    page.evaluate(
        "() => until(async () => (await tablet.outbox.rows()).every((row) => row.state === 'accepted' && row.files === 0))"
    )
    assert [one for one in seen if one != "POST "] == [
        "PATCH 0",
        "PATCH 1048576",
        "HEAD ",
        "PATCH 1048576",
        "PATCH 2097152",
    ]
    assert page.evaluate("(path) => fetch(path).then((got) => got.json())", place[-1])["state"] == "kept"
    assert page.evaluate(PARTS_LEFT) == 0


def test_a_photo_is_gone_from_the_tablet_only_when_the_server_has_it(field: FieldSite, context: BrowserContext) -> None:
    """A portal's page in answer to a part, and a proxy's no to the whole, are no word of the server's: with its author there
    and by the tablet alone the photo stays, goes again, and arrives."""
    page = enrolled(field, context)
    field.run(page, "tablet.js", PHOTO)
    strange = [(status, body) for status in (200, 403, 404, 413, 200) for body in ("<!doctype html>", "{}")]
    places: set[str] = set()

    def other(route: Route) -> None:
        if not strange:
            if "/uploads/" in route.request.url:
                places.add(route.request.url)
            return route.continue_()
        status, body = strange.pop()
        return route.fulfill(status=status, body=body, content_type="text/html")

    context.route(re.compile(r"/(uploads|files)(/[^/]+)?$"), other)
    there = "() => until(async () => { await tablet.following.go(); return (await tablet.outbox.rows()).every((row) => row.state === 'accepted' && row.files === 0); })"
    page.evaluate("() => arrest(200)")
    page.evaluate(there)
    assert not strange
    (place,) = places
    assert page.evaluate("(path) => fetch(path).then((got) => got.json())", place)["state"] == "kept"
    strange += [(status, body) for status in (200, 408, 403, 404) for body in ("<!doctype html>", "{}")]
    line = Line(context)
    line.script = [cut]
    page.evaluate("() => arrest(200)")
    page.evaluate("() => tablet.keys.lock()")
    page.evaluate(there)
    assert not strange
    assert page.evaluate(PARTS_LEFT) == 0


def test_a_photo_that_is_damaged_holds_up_no_other(field: FieldSite, context: BrowserContext) -> None:
    """With its author there and by the tablet alone: it is called not taken, with why, and those behind it arrive."""
    page = enrolled(field, context)
    field.run(page, "tablet.js", PHOTO)
    damage = """([id, n, part]) => new Promise((done) => {
      const parts = tablet.db.transaction(["parts"], "readwrite").objectStore("parts");
      (part ? parts.put({ attachment: id, n, box: new Uint8Array(part) }) : parts.delete([id, n])).onsuccess = () => done(null);
    })"""
    lines = "() => tablet.outbox.rows().then((rows) => rows.filter((row) => row.files).length)"
    for count, (part, lock) in enumerate([(0, False), (400, False), (0, True)], start=1):
        context.route(re.compile(r"/(uploads|files|statements)(/[^/]+)?$"), cut)
        first = page.evaluate("() => arrest(200)")
        page.evaluate(damage, [first["attachment"], 0, part])
        page.evaluate("() => arrest(100)")
        if lock:
            page.evaluate("() => tablet.keys.lock()")
        context.unroute(re.compile(r"/(uploads|files|statements)(/[^/]+)?$"))
        page.evaluate(
            f"() => until(async () => {{ dispatchEvent(new Event('online')); await tablet.following.go(); return tablet.following.refused.value === {count}; }})"
        )
        assert page.evaluate(lines) == count


FULL = """([reserve]) => {
  const { put, add, delete: gone } = IDBObjectStore.prototype;
  const refuse = (own) => function (...given) {
    if (["device", "files"].includes(this.name) || globalThis.full) throw new DOMException("no room", "QuotaExceededError");
    return own.apply(this, given);
  };
  globalThis.full = true;
  Object.assign(IDBObjectStore.prototype, { put: refuse(put), add: refuse(add), delete(key) {
    if (this.name === "cache" && String(key) === reserve) globalThis.full = false;
    return gone.call(this, key);
  } });
}"""
"""A disk that takes nothing more; what the reserve gives back goes into records and their boxes alone."""


def test_a_full_tablet_starts_and_sends_and_so_becomes_less_full(field: FieldSite, context: BrowserContext) -> None:
    """Neither the time that it hears, nor where an upload stands, nor its mark has room: what lies there goes out all the same."""
    page = enrolled(field, context)
    field.run(page, "tablet.js", PHOTO)
    page.evaluate("() => tablet.room()")
    lines = re.compile(r"/(statements|devices/challenge|uploads|files)(/[^/]+)?$")
    context.route(lines, cut)
    page.evaluate("() => arrest(200)")
    page.evaluate(FULL, [",reserve"])
    started = field.run(
        page,
        "tablet.js",
        "const other = await m.openTablet(); const { id } = other.device; await other.close(); return id;",
    )
    assert started == page.evaluate("() => tablet.device.id")
    context.unroute(lines)
    page.evaluate(
        "() => until(async () => { dispatchEvent(new Event('online')); await tablet.following.go(); return (await tablet.outbox.rows()).every((row) => row.state === 'accepted' && row.files === 0); })"
    )
    assert page.evaluate(PARTS_LEFT) == 0


def test_no_step_of_the_clock_takes_a_photo_that_a_draft_names(field: FieldSite, context: BrowserContext) -> None:
    """It was taken while the clock said another year: it stays as long as its draft. What nobody names goes at the second start
    that finds it left; and never before a week by the clock."""
    page = enrolled(field, context)
    field.run(page, "tablet.js", PHOTO)
    swept = """async ([drafts, files]) => {
      const d = await import(drafts), f = await import(files), day_ms = 86_400_000, now_ms = tablet.device.time().now_ms;
      const [drawn, left] = [await tablet.stage(await photo(20)), await tablet.stage(await photo(20))];
      await d.keepDraft(tablet.db, tablet.keys, { id: "arrest", title: "Arrest", fields: { conduct: "x", photo: drawn, pictures: [] } });
      const there = async () => (await Promise.all([drawn, left].map((one) => f.original(tablet.db, one.attachment, one.key)))).map((one) => one !== null);
      const found = [];
      for (const days of [-4000, 6, 4000, 4000]) {
        await f.sweep(tablet.db, now_ms + days * day_ms);
        found.push(await there());
      }
      await d.dropDraft(tablet.db, tablet.keys, "arrest");
      for (const days of [8, 8]) await f.sweep(tablet.db, now_ms + days * day_ms);
      return [...found, await there()];
    }"""
    found = page.evaluate(swept, [field.module("drafts.js"), field.module("files.js")])
    assert found == [[True, True], [True, True], [True, True], [True, False], [False, False]]


def test_photos_of_who_has_left_are_brought_by_the_tablet_as_they_lie_there(
    field: FieldSite, context: BrowserContext
) -> None:
    """With nobody signed in: the record as a box, then the file's sealed parts, which only the server opens."""
    page = enrolled(field, context)
    field.run(page, "tablet.js", PHOTO)
    line = Line(context)
    line.script = [cut]
    states: list[str] = []

    def watched(route: Route) -> None:
        got = route.fetch()
        states.append(got.json()["state"])
        if len(states) == 2:
            return route.abort()  # the answer to the first part is lost
        return route.fulfill(response=got)

    context.route(re.compile(r"/files(/[^/]+)?$"), watched)
    page.evaluate("() => arrest(400)")
    page.evaluate("() => tablet.keys.lock()")
    page.evaluate(
        "() => until(async () => (await tablet.outbox.rows()).every((row) => row.state === 'accepted' && row.files === 0))"
    )
    assert all("sealed" in one for one in line.handed_in[-1])
    assert states == ["under way", "under way", "under way", "under way", "kept"]
    assert page.evaluate(PARTS_LEFT) == 0


def test_photos_of_a_revoked_tablet_stay_until_its_records_are_let_in(
    field: FieldSite, context: BrowserContext
) -> None:
    """Said how many; as soon as a person has decided, they follow, and nothing of them is left on the tablet."""
    page = enrolled(field, context)
    field.run(page, "tablet.js", PHOTO)
    line = Line(context)
    line.script = [cut]
    page.evaluate("() => arrest(200)")
    device, street, site = page.evaluate("() => tablet.device.id"), field.street, field.site
    page.evaluate("() => tablet.keys.lock()")
    field.do(site.call("POST", f"/api/devices/{device}/revoke", {}, cookie=street.admin))
    site.store.end_session(f"device:{device}")
    settled(page, "held", "held")
    page.evaluate("() => until(() => tablet.following.barred.value === 1)")
    assert page.evaluate(PARTS_LEFT) > 0
    for row in field.do(street.held(street.chief)):
        if row["device"] == device:
            where = f"/api/incidents/{street.incident}/quarantine/{row['item']}"
            decision = {"decision": "release", "reason": "the officer confirms it"}
            answer = field.do(site.call("POST", where, decision, cookie=street.admin)).json["answers"][0]
            assert answer["status"] == "accepted", answer
    page.evaluate("() => tablet.following.go()")
    page.evaluate("() => until(async () => (await tablet.outbox.rows()).every((row) => row.files === 0))")
    assert page.evaluate("() => tablet.following.barred.value") == 0
    assert page.evaluate(PARTS_LEFT) == 0


def test_what_lies_here_is_saved_as_one_file_records_and_photos_as_they_lie(
    field: FieldSite, context: BrowserContext
) -> None:
    """Piece by piece, never a file as a whole; each part opens with the server's key and no other; a draft's photo is not in
    it, and one of which a part was taken away is named without its bytes."""
    page = enrolled(field, context)
    field.run(page, "tablet.js", PHOTO)
    context.route(re.compile(r"/(statements|files|uploads)"), cut)
    made = [page.evaluate("(size) => arrest(size)", size) for size in (400, 200)]
    page.evaluate("async () => { await tablet.stage(await photo(100)); }")
    lost = "([id]) => new Promise((done) => { tablet.db.transaction(['parts'], 'readwrite').objectStore('parts').delete([id, 0]).onsuccess = done; }).then(() => null)"
    page.evaluate(lost, [made[1]["attachment"]])
    device = page.evaluate("() => tablet.device.id")
    stream = exported(field, page)
    assert device_of(stream) == device
    found = list(carried(stream))
    assert [type(one) for one in found] == [Boxed] * 4 + [tuple] * 2
    files = {one[0].attachment: one for one in found if isinstance(one, tuple)}
    of, begins = files[made[0]["attachment"]]
    assert isinstance(of, CarriedFile) and of.whole and of.key is not None
    assert not files[made[1]["attachment"]][0].whole
    now = field.site.now
    wish = Announced(of.incident, "u", device, of.attachment, of.subject, of.kind, of.size_bytes, of.sha256, now, now)
    sealing = field.site.services.devices.sealing
    data = b"".join(
        field.do(opened_part(sealing, of.incident, device, wish, of.key, at, of.part(stream, begins, at)))
        for at in range(0, of.size_bytes, PART_BYTES)
    )
    assert sha256(data).hexdigest() == of.sha256 == made[0]["sha256"]
    longest = """async (path) => {
      const m = await import(path), written = [];
      const size = await m.exportInto(tablet.db, new WritableStream({ write: (piece) => { written.push(piece.length); } }));
      return [size, written.reduce((sum, one) => sum + one, 0), Math.max(...written)];
    }"""
    size, written, most = page.evaluate(longest, field.module("exporting.js"))
    assert size == written == len(stream.getvalue())
    assert most == PART_BYTES + 16


# Killed, copied, full -----------------------------------------------------------------------------------
