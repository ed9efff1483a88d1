"""The tablet's outbox over a real server: saved at once, sealed on the disk, sent once, and let go of when it is answered for."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route

from command.devices.brought import Record
from command.devices.carried import Boxed, CarriedFile, Receipt, carried, device_of
from command.devices.files import opened_part
from command.devices.sealing import info
from command.ledger import statement
from command.ledger.checkpoint import checkpoint_body, read_verifier_key, sign_all
from command.ledger.disclosure import decode_bytes, encode_bytes
from command.ledger.heads import key_name, origin_of
from command.ledger.signing import public_key_of
from command.service.checkpoints import vkey_of
from command.uploads.kept import PART_BYTES, Announced
from tests.e2e.conftest import CHROMIUM
from tests.e2e.field_site import FieldSite
from tests.web.harness import SIGNING_KEY

CANARY = "CANARY-threw-a-bottle"
STATEMENTS = re.compile(r"/statements$")

UP = """
  const reg = await navigator.serviceWorker.getRegistration("/field/") ?? await navigator.serviceWorker.register(
    trustedTypes.createPolicy("muster-worker", { createScriptURL: (url) => url }).createScriptURL("/field/worker.js"));
  await navigator.serviceWorker.ready;
  const tablet = globalThis.tablet = await m.openTablet();
"""
"""A page of the tablet: its worker, and all that it is."""

UNTIL = """
  const until = globalThis.until = async (holds) => {
    for (let n = 0; n < 600; n += 1) { const got = await holds(); if (got) return got; await new Promise((next) => setTimeout(next, 50)); }
    throw new Error(`waited in vain: ${holds}`);
  };
  globalThis.note = (text, more = {}) => ({ incident: globalThis.incident, title: text.slice(0, 20), command: { type: "RecordEntry", entry: crypto.randomUUID(), text }, ...more });
  globalThis.states = async () => (await tablet.outbox.rows(2000)).map((row) => row.state).reverse();
"""


@pytest.fixture(scope="module")
def field() -> Iterator[FieldSite]:
    site = FieldSite().start()
    yield site
    site.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A tablet that nobody had before."""
    context = browser.new_context()
    context.set_default_timeout(40_000)
    yield context
    context.close()


def opened(field: FieldSite, context: BrowserContext) -> Page:
    """A page of the tablet, enrolled or not."""
    page = field.open(context)
    page.evaluate("(incident) => { globalThis.incident = incident; }", field.street.incident)
    field.run(page, "tablet.js", UP + UNTIL)
    return page


def enrolled(field: FieldSite, context: BrowserContext, person: str = "officer-1") -> Page:
    """A page of an enrolled tablet; with `person` signed in at it, if any."""
    page = opened(field, context)
    device = page.evaluate("(code) => tablet.enrol(code).then(() => tablet.device.id)", field.code())
    field.enrolled(device)
    if person:
        sign_in(field, page, person)
    return page


def sign_in(field: FieldSite, page: Page, person: str) -> None:
    """As the screen of signing in will have done it, then the tablet is opened."""
    code = """async (link) => {
      const got = await fetch("/api/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ link }) });
      if (got.status !== 204) throw new Error(`signing in: ${got.status}`);
    }"""
    page.evaluate(code, field.link(person))
    field.signed_in()
    page.evaluate("() => tablet.keys.open()")


def saved(page: Page, *texts: str) -> list[dict[str, Any]]:
    """Entries, saved one after the other."""
    rows = []
    for text in texts:
        rows += page.evaluate("(text) => tablet.outbox.save([note(text)])", text)
    return rows


def settled(page: Page, *states: str) -> None:
    """Wait until the records are in these states, in order."""
    page.evaluate("(want) => until(async () => JSON.stringify(await states()) === JSON.stringify(want))", list(states))


def texts(field: FieldSite) -> list[str]:
    """What the log says, in its order."""
    return [one["text"] for one in field.entries() if one["type"] == "EntryRecorded"]


def exported(field: FieldSite, page: Page) -> io.BytesIO:
    """The file of the last resort, as it is downloaded."""
    export = """async ([path, bytes]) => {
      const { exported } = await import(path), { textOf } = await import(bytes);
      return textOf(new Uint8Array(await (await exported(tablet.db)).arrayBuffer()));
    }"""
    return io.BytesIO(decode_bytes(page.evaluate(export, [field.module("exporting.js"), field.module("bytes.js")])))


def head_of(
    field: FieldSite, size: int, epoch: int = 1, *, key: bytes = SIGNING_KEY, log: str = "", root: bytes = b"r" * 32
) -> str:
    """A signed head of the incident."""
    body = checkpoint_body(origin_of(log or field.street.incident, epoch), size, root)
    return sign_all(body, [(key_name(public_key_of(key)), key)])


class Line:
    """The line between a tablet and the server, to be cut."""

    def __init__(self, context: BrowserContext) -> None:
        self.handed_in: list[list[dict[str, Any]]] = []
        self.script: list[Callable[[Route], None]] = []
        context.route(STATEMENTS, self._through)

    def _through(self, route: Route) -> None:
        self.handed_in.append(json.loads(route.request.post_data or "[]"))
        if self.script:
            self.script.pop(0)(route)
        else:
            route.continue_()


def cut(route: Route) -> None:
    """No answer, and nothing arrived."""
    route.abort()


def cut_after_commit(route: Route) -> None:
    """The server takes it, and the answer is lost."""
    route.fetch()
    route.abort()


def busy(route: Route) -> None:
    route.fulfill(status=503, headers={"Retry-After": "1"}, body="{}")


# Once, in order -----------------------------------------------------------------------------------------


def test_a_saved_record_is_in_the_log_once_whatever_happens_to_the_line(
    field: FieldSite, context: BrowserContext
) -> None:
    """Cut after the commit, twice; then an answer. In order, each once, with the author's own key."""
    page = enrolled(field, context)
    line = Line(context)
    line.script = [cut_after_commit, cut_after_commit]
    before = len(texts(field))
    rows = saved(page, "one", "two", "three")
    assert [row["device_seq"] for row in rows] == [1, 2, 3]
    settled(page, "accepted", "accepted", "accepted")
    assert texts(field)[before:] == ["one", "two", "three"]
    assert all("author_signature" in one for sent in line.handed_in for one in sent)
    after = page.evaluate("() => tablet.outbox.rows()")
    assert all(row["log_seq"] and row["recorded_at"] and not row["author"] for row in after)
    assert page.evaluate("() => tablet.outbox.lines().then((all) => all.map((one) => one.title))") == [
        "three",
        "two",
        "one",
    ]


def test_what_was_captured_while_locked_goes_as_a_box_is_held_and_claimed(
    field: FieldSite, context: BrowserContext
) -> None:
    """The server opens it and no one on the tablet can; whoever captured it takes it as theirs, and its photo follows."""
    page = enrolled(field, context, "")
    field.run(page, "tablet.js", PHOTO)
    line = Line(context)
    page.evaluate("() => arrest(200)")
    settled(page, "held", "held")
    assert [set(sent) for sent in line.handed_in[0]] == [{"cmd", "device_seq", "sealed"}] * 2
    rows = page.evaluate("() => tablet.outbox.rows()")
    assert [(row["part"], row["author"], row["code"]) for row in rows] == [("", False, "author")] * 2
    assert page.evaluate("() => Promise.all([tablet.outbox.open(1), tablet.outbox.lines()])") == [None, []]
    sign_in(field, page, "officer-1")
    claim = """async (incident) => {
      const said = [], { held } = await (await fetch(`/api/incidents/${incident}/held`)).json();
      for (const one of held.filter((each) => each.device === tablet.device.id)) {
        const path = `/api/incidents/${incident}/held/${one.item}`, { command } = await (await fetch(path)).json();
        const got = await (await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" })).json();
        await tablet.outbox.claimed(got.answer.cmd, got.answer, command, got.files, `claimed ${command.type}`);
        said.push([command.type, got.answer.status]);
      }
      return said;
    }"""
    assert page.evaluate(claim, field.street.incident) == [["RecordArrest", "accepted"], ["AddAttachment", "accepted"]]
    settled(page, "accepted", "accepted")
    lines = page.evaluate("() => tablet.outbox.lines()")
    assert [(one["title"], one["type"]) for one in lines] == [
        ("claimed AddAttachment", "AddAttachment"), ("claimed RecordArrest", "RecordArrest"),
    ]  # fmt: skip
    assert all(one["occurred_ms"] and one["row"]["recorded_at"] and one["row"]["leaf"] for one in lines)
    page.evaluate("() => until(async () => (await tablet.outbox.rows()).every((row) => row.files === 0))")
    assert page.evaluate(PARTS_LEFT) == 0


def test_a_box_is_the_very_statement_that_was_signed(field: FieldSite, context: BrowserContext) -> None:
    """Opened here with the server's key, by another library: the submission, bound to incident, device and number."""
    page = enrolled(field, context)
    line = Line(context)
    line.script = [cut] * 20
    (row,) = saved(page, CANARY)
    stream = exported(field, page)
    device = device_of(stream)
    (record,) = list(carried(stream))
    assert isinstance(record, Boxed) and record.cmd == row["cmd"], "as `muster device import` reads it"
    bound = info(field.street.incident, device, row["cmd"], row["device_seq"])
    sealing = field.site.services.devices.sealing
    plain = field.do(sealing.open(record.sealed.key, decode_bytes(record.sealed.box), bound))
    sub = msgspec.json.decode(plain, type=Record).submission
    stated = statement.read(decode_bytes(sub.statement or ""))
    assert (stated.device, stated.device_seq, stated.author) == (device, row["device_seq"], "officer-1")
    assert json.loads(statement.bind(stated, sub.disclosures))["text"] == CANARY
    opened_here = page.evaluate("(n) => tablet.outbox.open(n)", row["device_seq"])
    assert opened_here["command"]["text"] == CANARY
    line.script = []


def test_an_answer_that_binds_something_else_lets_nothing_go(field: FieldSite, context: BrowserContext) -> None:
    """It is said, the record stays, and both of its boxes with it."""
    page = enrolled(field, context)
    line = Line(context)

    def other(route: Route) -> None:
        answers = route.fetch().json()["answers"]
        answers[0]["header"] = answers[0]["header"][:-8] + "AAAAAAAA"
        route.fulfill(status=200, json={"answers": answers})

    line.script = [other]
    saved(page, "bound to something else")
    page.evaluate("() => until(() => tablet.outbox.told.value.includes('unbound'))")
    (row,) = page.evaluate("() => tablet.outbox.rows()")
    assert (row["state"], row["trouble"], row["author"], row["server"]) == ("waiting", "unbound", True, True)


def test_a_signed_head_lets_the_last_box_go_and_a_restored_log_gets_it_again(
    field: FieldSite, context: BrowserContext
) -> None:
    """Until a head covers it, a record can go again; a log that answers in a later epoch may have lost it."""
    field.do(field.site.services.checkpoints.publish())
    page = enrolled(field, context)
    line = Line(context)

    def answered(*, epoch: int, head: int) -> Callable[[Route], None]:
        def answer(route: Route) -> None:
            got = route.fetch().json()
            for one in got["answers"]:
                first = one.get("first") or one
                header = json.loads(decode_bytes(first["header"]))
                first["header"] = encode_bytes(json.dumps({**header, "epoch": epoch}).encode())
            route.fulfill(status=200, json={**got, "checkpoint": head_of(field, head, epoch)})

        return answer

    line.script = [
        answered(epoch=1, head=0), answered(epoch=2, head=0), answered(epoch=2, head=0), answered(epoch=2, head=9999),
    ]  # fmt: skip
    (first,) = saved(page, "before the restore")
    settled(page, "accepted")
    (second,) = saved(page, "after the restore")
    page.evaluate("() => until(() => tablet.outbox.told.value.includes('rewound'))")
    settled(page, "accepted", "accepted")
    page.evaluate("() => until(async () => (await tablet.outbox.rows()).every((row) => row.epoch === 2))")
    saved(page, "covered")
    page.evaluate("() => until(async () => (await tablet.outbox.rows()).every((row) => row.done && !row.server))")
    assert [[one["cmd"] for one in sent] for sent in line.handed_in][:3] == [
        [first["cmd"]], [second["cmd"]], [first["cmd"]],
    ]  # fmt: skip
    stream = exported(field, page)
    assert device_of(stream)
    leaves = dict(field.do(field.site.store.leaves(field.street.incident, 0, 1000)))
    receipts = list(carried(stream))
    assert [type(one) for one in receipts] == [Receipt] * 3, (
        "no record is left to hand in; what the log said of each is"
    )
    assert all(isinstance(one, Receipt) and leaves[one.seq] for one in receipts)
    assert texts(field).count("before the restore") == 1
    assert len(page.evaluate("() => tablet.outbox.lines()")) == 3, "they stay in their author's list"


def test_a_head_that_no_pinned_key_signed_lets_nothing_go(field: FieldSite, context: BrowserContext) -> None:
    """Another's key, a changed size, another incident's, an epoch that is over, two that contradict, a browser that cannot
    tell: each is said, and every box stays; the leaf by which an audit finds the record in the log is kept."""
    field.do(field.site.services.checkpoints.publish())
    page = enrolled(field, context)
    line = Line(context)
    good = head_of(field, 9999)
    notes = [
        head_of(field, 9999, key=b"k" * 32),
        good.replace("9999", "9998"),
        head_of(field, 9999, log="another"),
        "9999\n",
        head_of(field, 9999, root=b"r" * 32),
        head_of(field, 9999, root=b"s" * 32),
    ]

    def answered(note: str) -> Callable[[Route], None]:
        return lambda route: route.fulfill(status=200, json={**route.fetch().json(), "checkpoint": note})

    told = []
    for n, note in enumerate(notes):
        line.script = [answered(note)]
        saved(page, f"head {n}")
        page.evaluate(
            f"() => until(async () => (await tablet.outbox.rows()).filter((row) => row.state === 'accepted').length === {n + 1})"
        )
        if n == 4:  # it verifies, and lets go of what it covers
            page.evaluate("() => until(async () => (await tablet.outbox.rows()).every((row) => !row.server))")
            continue
        told.append(page.evaluate("() => until(() => tablet.outbox.told.value.at(-1))"))
        page.evaluate("() => { tablet.outbox.read(tablet.outbox.told.value.at(-1)); }")
        assert page.evaluate("() => tablet.outbox.rows().then((rows) => rows[0].server)")
    assert told == ["head unsigned", "head unsigned", "head strange", "head strange", "head forked"]
    rows = page.evaluate("() => tablet.outbox.rows()")
    entries = {one.seq: one for one in field.do(field.site.store.events(field.street.incident, 0, 1000))}
    assert {row["leaf"] for row in rows} == {
        encode_bytes(sha256(b"\0" + entries[row["log_seq"]].header).digest()) for row in rows
    }
    page.evaluate(
        "() => { const own = crypto.subtle.importKey.bind(crypto.subtle); crypto.subtle.importKey = (...a) => a[2]?.name === 'Ed25519' ? Promise.reject(new DOMException('none', 'NotSupportedError')) : own(...a); }"
    )
    line.script = [answered(good)]
    saved(page, "no Ed25519 here")
    page.evaluate("() => until(() => tablet.outbox.told.value.includes('head unchecked'))")
    assert page.evaluate("() => tablet.outbox.rows().then((rows) => rows[0].server)")


def test_a_key_that_was_exchanged_while_the_tablet_was_away_is_learnt_over_tls(
    field: FieldSite, context: BrowserContext
) -> None:
    """Nothing was pinned at enrolment, or another: what the server shows now is looked at once, and what was pinned stays."""
    page = enrolled(field, context)
    other = vkey_of(b"k" * 32)
    forget = "(line) => new Promise((done) => { tablet.db.transaction(['device'], 'readwrite').objectStore('device').put({ name: 'vkeys', lines: [line] }).onsuccess = () => done(null); })"
    page.evaluate(forget, other)
    field.do(field.site.services.checkpoints.publish())
    take = """async ([path, incident, note]) => {
      const { Heads } = await import(path), heads = globalThis.heads ??= new Heads(tablet.db);
      const found = await heads.take(incident, note);
      return [found.size ?? found, (await heads.pinned()).map((one) => one.name)];
    }"""
    given = [field.module("heads.js"), field.street.incident]
    names = [read_verifier_key(one)[0] for one in (other, vkey_of(SIGNING_KEY))]
    assert page.evaluate(take, [*given, head_of(field, 7, key=b"k" * 32)]) == [7, names[:1]]
    assert page.evaluate(take, [*given, head_of(field, 8)]) == [8, names]
    assert page.evaluate(take, [*given, head_of(field, 9, key=b"l" * 32)]) == ["head unsigned", names]


def test_what_was_refused_is_read_by_its_author_and_then_put_away(field: FieldSite, context: BrowserContext) -> None:
    """An ask is judged before someone who is there: it is told so, and goes when they have read it."""
    page = enrolled(field, context)
    made = page.evaluate(
        "() => tablet.outbox.save([{ ...note('ask'), command: { type: 'AskLevel', ask: crypto.randomUUID(), sector: 'K1', level: 'x', facts: 'because' } }])"
    )
    settled(page, "refused")
    number = made[0]["device_seq"]
    assert page.evaluate("(n) => tablet.outbox.answer(n)", number)["code"] == "stale"
    assert page.evaluate("(n) => tablet.outbox.open(n)", number)["command"]["facts"] == "because"
    page.evaluate("(n) => tablet.outbox.putAway(n)", number)
    settled(page)


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
      return [await d.drafts(tablet.db, tablet.keys), seen?.value ?? null, seen ? [c.isStale(seen, 61_001, 60), c.isStale(seen, 61_000, 60)] : null];
    }"""
    assert page.evaluate("() => tablet.keys.held.person") == "officer-1"
    assert page.evaluate(look, paths) == [
        [{"id": "arrest", "title": "CANARY-draft", "fields": {"conduct": "CANARY-conduct"}}],
        {"sector": "CANARY-seen"},
        [True, False],
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

PHOTO = """
  globalThis.photo = async (size) => {
    const canvas = new OffscreenCanvas(size, size), draw = canvas.getContext("2d");
    const dots = draw.createImageData(size, size);
    for (let at = 0; at < dots.data.length; at += 65536) crypto.getRandomValues(dots.data.subarray(at, at + 65536));
    draw.putImageData(dots, 0, 0);
    return canvas.convertToBlob({ type: "image/png" });
  };
  globalThis.arrest = async (size) => {
    const arrest = crypto.randomUUID(), subject = "s-" + arrest.replaceAll("-", "").slice(0, 24), { incident } = globalThis;
    const file = await tablet.stage(await photo(size));
    const card = { type: "RecordArrest", arrest, subject, officer: "officer-1", conduct: "CANARY-conduct" };
    const added = { type: "AddAttachment", attachment: file.attachment, record: arrest, subject, kind: "photo with officer", sha256: file.sha256, size_bytes: file.size_bytes, media: file.media };
    await tablet.outbox.save([{ incident, title: "arrest", command: card }, { incident, title: "photo", command: added, files: { [file.attachment]: file.key } }]);
    return file;
  };
"""


PARTS_LEFT = """() => new Promise((done) => {
  const asked = tablet.db.transaction(["parts"]).objectStore("parts").count();
  asked.onsuccess = () => done(asked.result);
})"""


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


@pytest.fixture
def disk(browser: Browser, tmp_path: Path) -> Iterator[tuple[Callable[[], BrowserContext], Path]]:
    """A browser with a disk: open it, kill it, open it again."""
    home = tmp_path / "profile"
    up: list[BrowserContext] = []

    def start() -> BrowserContext:
        made = browser.browser_type.launch_persistent_context(
            str(home), executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        made.set_default_timeout(40_000)
        up.append(made)
        return made

    yield start, home
    for one in up:
        with contextlib.suppress(Error):  # it was killed
            one.close()


def pids(home: Path) -> list[int]:
    """The processes of the browser with this disk."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"--user-data-dir={home}".encode() in entry.read_bytes():
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found


def test_a_browser_killed_while_it_saves_loses_nothing_that_it_had_said(
    field: FieldSite, disk: tuple[Callable[[], BrowserContext], Path]
) -> None:
    """What was said to be saved is there, no number is missing, and each is in the log once, in order."""
    start, home = disk
    context = start()
    page = enrolled(field, context)
    device = page.evaluate("() => tablet.device.id")
    context.route(STATEMENTS, cut)
    said: list[int] = []
    context.expose_function("said", lambda number: said.append(number))  # a method of a list takes no marks
    before = len(texts(field))
    page.evaluate(
        "() => { (async () => { for (let n = 1; ; n += 1) await said((await tablet.outbox.save([note(`kill ${n}`)]))[0].device_seq); })(); }"
    )
    page.evaluate("() => until(async () => (await tablet.outbox.rows(2000)).length > 12)")
    for pid in pids(home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for_end(home)
    again = opened(field, start())
    assert again.evaluate("() => [tablet.device.id, tablet.taken, tablet.keys.held]") == [device, "", None]
    again.evaluate("() => until(async () => (await states()).every((state) => state === 'accepted'))")
    numbers = [row["device_seq"] for row in again.evaluate("() => tablet.outbox.rows(2000)")][::-1]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(said) >= 10
    assert set(said) <= set(numbers), "what was said to be saved"
    assert texts(field)[before:] == [f"kill {n}" for n in numbers]
    (row,) = [
        one for one in field.do(field.site.call("GET", "/api/devices", cookie=field.street.admin)).json["devices"]
        if one["device"] == device
    ]  # fmt: skip
    assert (row["missing"], row["held"], row["statements"]) == (0, 0, len(numbers))


def wait_for_end(home: Path) -> None:
    """Until the browser is gone, and its lock on the disk with it."""
    for _ in range(400):
        if not pids(home):
            break
        time.sleep(0.05)  # between two looks: a process that is not our child cannot be waited for
    assert not pids(home)
    for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
        (home / name).unlink(missing_ok=True)


def readable(word: str) -> list[bytes]:
    """A word as a disk would show it: in either width, and within base64 at any of its three places."""
    raw = word.encode()
    coded = [base64.urlsafe_b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)]
    return [raw, word.encode("utf-16-le"), raw.hex().encode(), *coded]


def test_a_copied_disk_shows_nothing_of_what_was_written(
    field: FieldSite, disk: tuple[Callable[[], BrowserContext], Path]
) -> None:
    """Neither what waits nor what was sent, nor drafts, photos, or what was seen; what is in the clear on purpose is found."""
    start, home = disk
    context = start()
    page = enrolled(field, context)
    saved(page, "CANARY-sent-report")
    settled(page, "accepted")
    context.route(re.compile(r"/api/"), cut)
    write = """async ([drafts, cache, session]) => {
      const d = await import(drafts), c = await import(cache), { incident } = globalThis;
      await d.keepDraft(tablet.db, tablet.keys, { id: "arrest", title: "CANARY-draft-title", fields: { name: "CANARY-draft-name" } });
      await c.keepSeen(tablet.db, tablet.keys, "board:i", { name: "CANARY-board" }, 1000);
      await c.keepPlain(tablet.db, "sectors", ["PLAIN-sector-name"], 1000);
      const file = await tablet.stage(new Blob(["CANARY-photo-bytes ".repeat(40_000)], { type: "image/jpeg" }));
      const added = { type: "AddAttachment", attachment: file.attachment, record: "CANARY-arrest-number", subject: "s-1", kind: "photo", sha256: file.sha256, size_bytes: file.size_bytes, media: "image/jpeg", note: "CANARY-note-of-photo" };
      await tablet.outbox.save([note("CANARY-waiting-report", { title: "CANARY-title" }), { incident, title: "photo", command: added, files: { [file.attachment]: file.key } }]);
    }"""
    page.evaluate(write, [field.module("drafts.js"), field.module("cache.js"), ""])
    own = page.evaluate("async () => (await (await tablet.outbox.open(2)).command).text")
    assert own == "CANARY-waiting-report"
    context.close()
    disk_bytes = b"".join(
        path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file() and not path.is_symlink()
    )
    assert b"PLAIN-sector-name" in disk_bytes or "PLAIN-sector-name".encode("utf-16-le") in disk_bytes
    words = ["CANARY-sent-report", "CANARY-waiting-report", "CANARY-title", "CANARY-draft-title", "CANARY-draft-name", "CANARY-board", "CANARY-photo-bytes", "CANARY-note-of-photo", "CANARY-arrest-number"]  # fmt: skip
    assert [word for word in words for form in readable(word) if form in disk_bytes] == []
    thief = start()
    thief.route(re.compile(r"/api/"), cut)
    again = opened(field, thief)
    assert again.evaluate("() => [tablet.keys.held, tablet.taken]") == [None, ""]
    assert again.evaluate("async () => [await tablet.outbox.open(2), await tablet.outbox.lines()]") == [None, []]
    counts = again.evaluate("() => tablet.outbox.counts()")
    assert counts["waiting"] + counts["sent"] == 2


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
      return took.sort((one, other) => one - other)[4];
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
    assert full_ms < 3 * empty_ms + 20


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
