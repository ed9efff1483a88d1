"""The tablet's outbox over a real server: saved at once, sent once, held, refused, and let go of when it is answered for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256

import msgspec
from playwright.sync_api import BrowserContext, Route

from command.devices.brought import Record
from command.devices.carried import Boxed, Receipt, carried, device_of
from command.devices.sealing import info
from command.ledger import statement
from command.ledger.checkpoint import read_verifier_key
from command.ledger.disclosure import decode_bytes, encode_bytes
from command.service.checkpoints import vkey_of
from tests.e2e.field_site import FieldSite
from tests.e2e.outbox.page import (
    CANARY,
    PARTS_LEFT,
    PHOTO,
    Line,
    cut,
    cut_after_commit,
    enrolled,
    exported,
    head_of,
    saved,
    settled,
    sign_in,
    texts,
)
from tests.web.harness import SIGNING_KEY


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


PAGE = "<!doctype html><title>Sign in to the network</title>"


def test_what_something_else_on_the_way_answers_is_no_word_of_the_servers(
    field: FieldSite, context: BrowserContext
) -> None:
    """A portal's page, a proxy's no, half an answer: nothing comes back, nothing is cut off; it goes again, and means once."""
    page = enrolled(field, context)
    before = len(texts(field))
    strange = [(200, PAGE), (200, '{"answers": [{"cmd"'), (200, "{}"), (200, "null"), (204, "")]
    strange += [(status, PAGE) for status in (400, 401, 403, 404, 407, 413, 502, 511)]
    strange += [(status, "{}") for status in (401, 403, 404)]
    heard: list[int] = []

    def other(route: Route) -> None:
        if not strange:
            return route.continue_()
        status, body = strange.pop()
        heard.append(status)
        return route.fulfill(status=status, body=body, content_type="text/html")

    context.route(re.compile(r"/(statements|devices/challenge|devices/sealing)$"), other)
    page.evaluate(
        "() => Promise.all([tablet.outbox.save([note('past the portal 1'), note('past the portal 2')]), tablet.device.renewSealing().catch(() => {})])"
    )
    page.evaluate(
        "() => until(async () => { dispatchEvent(new Event('online')); return (await states()).every((state) => state === 'accepted'); })"
    )
    assert len(heard) == 16
    assert page.evaluate("() => [tablet.outbox.told.value, tablet.outbox.cut]") == [[], False]
    assert texts(field)[before:] == ["past the portal 1", "past the portal 2"]
    saved(page, "with the key as it was")
    settled(page, *["accepted"] * 3)


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
