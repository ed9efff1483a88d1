"""The tablet's modules that decide and seal, each alone, in the engine that runs them; checked by Python on the other side."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page

from command.errors import MusterError
from command.ledger import statement
from command.ledger.checkpoint import checkpoint_body, read_verifier_key, sign_all, verify_note
from command.ledger.disclosure import decode_bytes, digest, encode_bytes, read
from command.ledger.heads import key_name, origin_of, read_origin
from command.ledger.signing import public_key_of
from command.service.checkpoints import vkey_of
from command.service.sealing import private_of_command
from tests.e2e.field_site import FieldSite

DATA = Path(__file__).resolve().parents[1] / "data"


@pytest.fixture(scope="module")
def field() -> Iterator[FieldSite]:
    site = FieldSite().start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def page(browser: Browser, field: FieldSite) -> Iterator[Page]:
    page = field.open(browser.new_context())
    yield page
    page.close()


# Sealing ------------------------------------------------------------------------------------------------

RFC_9180_A_3_1 = {  # DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, sequence number 0
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "pkEm": "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c"
    "9bfcb9382657222d18c4",
    "skEm": "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
    "pkRm": "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f"
    "1d128aafd68a2ce72ea0",
    "pt": "4265617574792069732074727574682c20747275746820626561757479",
    "aad": "436f756e742d30",
    "ct": "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",
}


def test_a_box_is_the_rfcs_own(field: FieldSite, page: Page) -> None:
    """The vector of RFC 9180, with its ephemeral key."""
    vector = RFC_9180_A_3_1
    point = bytes.fromhex(vector["pkEm"])
    jwk = {"kty": "EC", "crv": "P-256", "x": encode_bytes(point[1:33]), "y": encode_bytes(point[33:]), "d": encode_bytes(bytes.fromhex(vector["skEm"]))}  # fmt: skip
    body = """
      const bytes = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
      const alg = { name: "ECDH", namedCurve: "P-256" }, { d, ...shown } = a.jwk;
      const own = { privateKey: await crypto.subtle.importKey("jwk", a.jwk, alg, false, ["deriveBits"]), publicKey: await crypto.subtle.importKey("jwk", shown, alg, true, []) };
      const made = await m.seal(bytes(a.pkRm), bytes(a.info), bytes(a.pt), { aead: m.AES_128_GCM, aad: bytes(a.aad), own });
      return [...made].map((one) => one.toString(16).padStart(2, "0")).join("");
    """
    assert field.run(page, "hpke.js", body, {**vector, "jwk": jwk}) == vector["pkEm"] + vector["ct"]


def test_a_box_opens_for_another_implementation(field: FieldSite, page: Page) -> None:
    """Each is sealed to a key of its own; bound to its place, it opens as nothing else."""
    suite = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    body = """
      const { bytesOf, textOf, utf8 } = await load("bytes.js");
      const made = [];
      for (const text of a.texts) made.push(textOf(await m.seal(bytesOf(a.key), utf8("muster outbox 1|i|d|c|7"), utf8(text))));
      return made;
    """
    texts = ["", "a", "é" * 70_000]
    made = field.run(page, "hpke.js", body, {"key": encode_bytes(public), "texts": texts})
    boxes = [decode_bytes(one) for one in made]
    assert [suite.decrypt(box, private, b"muster outbox 1|i|d|c|7").decode() for box in boxes] == texts
    assert len({box[:65] for box in boxes}) == 3
    with pytest.raises(InvalidTag):
        suite.decrypt(boxes[1], private, b"muster outbox 1|i|d|c|8")


# Statements ---------------------------------------------------------------------------------------------

ARREST = {
    "type": "RecordArrest", "arrest": "a-1", "subject": "s-1", "officer": "officer-1", "offences": ["assault"], "injured": False,
    "conduct": "threw a bottle at an officer: „Ü“ \U0001f6d1\t\u2028", "location": None,
}  # fmt: skip


def test_a_statement_is_read_and_bound_by_the_server(field: FieldSite, page: Page) -> None:
    """Signed by both keys; private fields are commitments, also those that were left out; the rest is in plain."""
    body = """
      const pair = () => crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
      const [device, own] = [await pair(), await pair()], { textOf } = await load("bytes.js");
      const told = { incident: "i-1", cmd: "c-1", device_seq: 3, author: "officer-1", occurred_ms: 1462129440000, signed_ms: 1462129500123, clock_error_ms: 250, basis_seq: 41, command: a };
      const made = await m.stated(told, { id: "d-1", key: device.privateKey }, own.privateKey);
      const raw = async (pair) => textOf(await crypto.subtle.exportKey("raw", pair.publicKey));
      return { ...made, device: await raw(device), own: await raw(own) };
    """
    made = field.run(page, "statement.js", body, ARREST)
    sub = made["submission"]
    signed = decode_bytes(sub["statement"])
    statement.verify(decode_bytes(made["device"]), signed, decode_bytes(sub["signature"]), "es256")
    statement.verify(decode_bytes(made["own"]), signed, decode_bytes(sub["author_signature"]), "es256")
    said = statement.read(signed)
    private = private_of_command("RecordArrest")
    bound = json.loads(statement.bind(said, sub["disclosures"], private))
    assert {name: value for name, value in bound.items() if value is not None} == {
        name: value for name, value in ARREST.items() if value is not None
    }
    assert {read(text).path for text in sub["disclosures"]} == private
    assert b"bottle" not in signed
    assert len({read(text).salt for text in sub["disclosures"]}) == len(private)
    assert said.signed_at.isoformat() == "2016-05-01T19:05:00.123000+00:00"
    assert made["sha256"] == encode_bytes(sha256(signed).digest())


def test_disclosures_digests_and_receipts_are_those_of_the_vectors(field: FieldSite, page: Page) -> None:
    """A record is let go of after exactly the headers after which Python would."""
    document = json.loads((DATA / "statements.json").read_text())
    body = """
      const { bytesOf, sha256, textOf } = await load("bytes.js");
      const out = [];
      for (const one of a.statements) {
        const told = JSON.parse(one.signed_utf8);
        const kept = { incident: told.log, cmd: told.cmd, device: told.device, statement_sha256: textOf(await sha256(bytesOf(one.signed))) };
        const digests = await Promise.all(one.disclosures.map((of) => m.digest(of.text)));
        const binds = await Promise.all(one.receipts.map((of) => m.binds(of.header, kept, one.signed)));
        const damaged = await Promise.all(["", "AAAA", "e30"].map((of) => m.binds(of, kept, one.signed)));
        const unread = await m.binds(one.receipts.find((of) => of.name.startsWith("confidential, with every")).header, kept);
        out.push([digests, binds, damaged, unread]);
      }
      return out;
    """
    for found, one in zip(field.run(page, "statement.js", body, document), document["statements"], strict=True):
        digests, binds, damaged, unread = found
        assert (
            digests == [of["digest"] for of in one["disclosures"]] == [digest(of["text"]) for of in one["disclosures"]]
        )
        assert binds == [of["binds"] for of in one["receipts"]]
        assert (damaged, unread) == ([False] * 3, None), "of a report in confidence nobody can tell without it"


def test_a_request_is_signed_as_the_vectors_are(field: FieldSite, page: Page) -> None:
    """The same three headers, and a signature over the same base."""
    document = json.loads((DATA / "statements.json").read_text())
    vector = next(one for one in document["requests"] if one["alg"] == "es256")
    body = """
      const { utf8 } = await load("bytes.js");
      const key = await crypto.subtle.importKey("jwk", a.jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
      return m.requestHeaders({ id: a.of.device, key }, a.of.method, a.of.authority.toUpperCase(), a.of.path, utf8(a.of.body), a.of.nonce);
    """
    made = field.run(page, "statement.js", body, {"of": vector, "jwk": document["keys"]["es256"]["jwk"]})
    for name in ("Content-Digest", "Signature-Input"):
        assert made[name] == vector["headers"][name]
    signature = base64.b64decode(made["Signature"].removeprefix("muster=:").removesuffix(":"))
    statement.verify(decode_bytes(vector["public_key"]), vector["base"].encode(), signature, "es256")


# The machine, the list, the clock -----------------------------------------------------------------------


def test_the_machine_takes_the_models_steps(field: FieldSite, page: Page) -> None:
    """Every vector: the same effects at each step, and the same end. A known input is never passed over."""
    body = """
      const wrong = [], text = JSON.stringify;
      const sorted = (value) => value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])])) : Array.isArray(value) ? value.map(sorted) : value;
      for (const one of a) {
        let state = m.initial();
        for (const [n, { input, effects }] of one.steps.entries()) {
          const frozen = text(state), got = m.step(state, input);
          if (text(state) !== frozen) wrong.push([one.name, n, "the state was changed in its place"]);
          if (text(sorted(got.effects)) !== text(sorted(effects))) wrong.push([one.name, n, input.in, text(got.effects), text(effects)]);
          state = got.state;
        }
        if (text(sorted(state)) !== text(sorted(one.end))) wrong.push([one.name, "end", text(sorted(state)), text(sorted(one.end))]);
      }
      let unknown = "";
      try { m.step(m.initial(), { in: "no such", now_ms: 0 }); } catch (error) { unknown = error.message; }
      return [wrong.slice(0, 3), unknown];
    """
    wrong, unknown = field.run(page, "outbox_core.js", body, json.loads((DATA / "outbox.json").read_text()))
    assert wrong == []
    assert unknown == "expected a known input, got no such"


def test_what_a_record_lacks_is_what_the_server_says(field: FieldSite, page: Page) -> None:
    """For every stack, record and step."""
    body = """
      return a.map(({ needs, records }) => records.map(({ items, procedure }) => {
        const there = new Set(items), missing = {}, cleared = {};
        for (const step of m.STEPS) {
          missing[step] = m.missing(needs, there, step, procedure).map((need) => need.item).sort();
          cleared[step] = m.complete(needs, there, step, procedure);
        }
        return { items, procedure, missing, cleared };
      }));
    """
    document = json.loads((DATA / "completeness.json").read_text())
    steps: Any = field.run(page, "complete.js", "return m.STEPS")
    assert field.run(page, "complete.js", body, document) == [one["records"] for one in document]
    assert all(one["steps"] == steps for one in document)


def test_a_street_card_holds_the_items_that_it_fills(field: FieldSite, page: Page) -> None:
    """In the words of the plan's list, and none that is not there."""
    words = {need["item"] for need in json.loads((DATA / "completeness.json").read_text())[0]["needs"]}
    read_items = "return [...m.itemsOf(a[0], a.slice(1))].sort()"
    assert field.run(page, "complete.js", read_items, [{"type": "RecordArrest"}]) == ["officer signature"]
    full = {**ARREST, "observed_by": ["officer-1"], "sector": "K1", "cameras": ["AX-7"], "wristband": "W-1", "warned": "warned, with a chance to comply"}  # fmt: skip
    offence = {"type": "RecordOffence", "facts": "x", "evidence": "y", "sector": "K1"}
    others = [offence, {"type": "DescribePerson", "name": "N"}, {"type": "AddAttachment", "kind": "photo with officer"}]
    found = field.run(page, "complete.js", read_items, [full, *others])
    assert found == sorted({
        "officer signature", "observer", "conduct", "place", "offence", "offence place", "facts", "evidence", "name",
        "photo with officer", "warning", "injury answered", "camera", "wristband",
    })  # fmt: skip
    assert set(found) <= words
    less = [full, offence, {**offence, "facts": ""}]
    assert "facts" not in field.run(page, "complete.js", read_items, less)


def test_the_clock_says_how_far_it_may_be_off(field: FieldSite, page: Page) -> None:
    """Half the time that the answer took, what a quartz drifts since, and all that it was set back by; time goes on from the
    latest that was seen: nothing is signed before the tablet was enrolled because its battery died."""
    body = """
      const heard = m.learnt(1_000_000, 400, 1_400);
      const day = 86_400_000, later = m.reading(heard, 1_400 + day), back = m.reading(heard, 900);
      const set = m.seen(m.seen(heard, 10_000), 4_000);
      return [heard.offset_ms, heard.error_ms, m.reading(heard, 1_400), later, back, m.reading(set, 9_000), m.reading(m.unknown(), 5).error_ms];
    """
    offset, error, now, later, back, after, unknown = field.run(page, "clock.js", body)
    assert (offset, error) == (999_100, 501)
    assert now == {"now_ms": 1_000_500, "error_ms": 501}
    assert later == {"now_ms": 1_000_500 + 86_400_000, "error_ms": 501 + 8_640}
    assert back == {"now_ms": 1_000_500, "error_ms": 501 + 500 + 1}
    # It was at 10 000, was set to 4000, and has gone on by 5000 since; it stays as doubtful as it was.
    assert after == {"now_ms": 15_000 + 999_100, "error_ms": 501 + 6_000 + 1}
    assert unknown == 86_400_000


def test_room_is_said_before_it_is_gone(field: FieldSite, page: Page) -> None:
    """Below 50 MB, and below 10 MB."""
    sizes = [10 << 20, (10 << 20) - 1, 50 << 20, (50 << 20) - 1]
    assert field.run(page, "storage.js", "return a.map(m.roomOf)", sizes) == ["low", "full", "ok", "low"]


def test_a_signed_head_is_read_as_python_reads_it(field: FieldSite, page: Page) -> None:
    """A note of each key alone, of two, changed, cut, of another origin: the same head, or none, for the same keys."""
    keys = [b"1" * 32, b"2" * 32, b"3" * 32]
    vkeys = [vkey_of(key) for key in keys]
    body = checkpoint_body(origin_of("i-1", 2), 42, b"r" * 32)
    both = sign_all(body, [(key_name(public_key_of(key)), key) for key in keys[:2]])
    one = sign_all(body, [(key_name(public_key_of(keys[0])), keys[0])])
    notes = [
        both, one, one.replace("42", "43"), both[:-1], both[:-8] + both[-7:], one.replace("— ", "- "), "", "a\n\nb\n",
        one.replace("muster:", "other:"), one.replace("\n42\n", "\n042\n"), one.replace("\n42\n", "\n-1\n"),
        sign_all(checkpoint_body("elsewhere", 1, b"r" * 32), [(key_name(public_key_of(keys[0])), keys[0])]),
    ]  # fmt: skip
    read_all = """
      const vkeys = await Promise.all(a.vkeys.map(m.vkeyOf)), found = [];
      for (const text of a.notes) {
        const note = m.noteOf(text);
        found.push(note && [note.incident, note.epoch, note.size, await Promise.all(vkeys.map((one) => m.signedBy(note, [one])))]);
      }
      return [found, await Promise.all([...a.bad].map(m.vkeyOf)), await m.signedBy(m.noteOf(a.notes[0]), vkeys)];
    """
    bad = ["", "x", vkeys[0].replace("+", "+0", 1), vkeys[0][:-4], vkeys[0].replace("muster", "mustar"), vkeys[0] + "A"]
    found, no_keys, any_of = field.run(page, "heads.js", read_all, {"vkeys": vkeys, "notes": notes, "bad": bad})
    assert (no_keys, any_of) == ([None] * len(bad), True)
    for note, got in zip(notes, found, strict=True):
        signed = [verified(note, vkey) for vkey in vkeys]
        if any(signed) and read_origin(str(next(head for head in signed if head))):
            assert got == ["i-1", 2, 42, [bool(head) for head in signed]], note
        else:
            assert got is None or got[3] == [False] * 3, note


def verified(note: str, vkey: str) -> str:
    """The origin in a note that this key signed, "" where it did not."""
    try:
        return verify_note(note, *read_verifier_key(vkey)).origin
    except MusterError:
        return ""


# Written anew ---------------------------------------------------------------------------------------------

CARD = {"type": "RecordArrest", "arrest": "a-1", "subject": "s-1", "wristband": "W-1"}
PHOTO = {"type": "AddAttachment", "attachment": "p-1", "record": "a-1", "subject": "s-1"}
CITED = {"type": "DecideDisposition", "arrest": "a-1", "subject": "s-1", "citation": "77"}


def now_made(n: int, band: str, *more: dict[str, str]) -> list[dict[str, str]]:
    """What the form makes of the same answers: numbers of its own each time."""
    ids = {"arrest": f"a-new-{n}", "subject": f"s-new-{n}"}
    own = {"record": ids["arrest"], "subject": ids["subject"]}
    named = [{**one, **(own if "record" in one else ids)} for one in more]
    return [{**CARD, **ids, "wristband": band}, *named]


@pytest.mark.parametrize(
    ("states", "again", "goes", "closes", "numbers"),
    [
        (("returned", "returned"), (PHOTO,), [{**CARD, "wristband": "W-2"}, PHOTO], [[7, 0], [8, 1]], [None, None]),
        (("returned", "accepted"), (PHOTO,), [{**CARD, "wristband": "W-2"}], [[7, 0]], [None, 8]),
        (("accepted", "declined"), (PHOTO,), [PHOTO], [[8, 0]], [7, None]),
        (("refused", "returned"), (), [{**CARD, "wristband": "W-2"}], [[7, 0], [8, 0]], [None]),
        (("held", "waiting"), (PHOTO,), [], [], [7, 8]),
        (("mended", "returned"), (CITED,), [CITED], [[8, 0]], [7, None]),
    ],
)
def test_only_what_came_back_goes_again_and_keeps_its_numbers(
    field: FieldSite, page: Page, states: tuple[str, str], again: Any, goes: Any, closes: Any, numbers: Any
) -> None:
    """What the author changed is as they changed it; a picture taken out is closed with the rest."""
    old = [CARD, CITED if again == (CITED,) else PHOTO]
    tap = [
        {"seq": 7 + n, "command": command, "state": state, "occurred_ms": 1}
        for n, (command, state) in enumerate(zip(old, states, strict=True))
    ]
    given = {"made": now_made(1, "W-2", *again), "other": now_made(2, "W-2", *again), "tap": tap}
    found = field.run(page, "mending.js", "return m.anew(a.made, a.other, a.tap);", given)
    assert (found["made"], found["closes"]) == (goes, closes)
    assert [one["seq"] for one in found["tap"]] == numbers


@pytest.mark.parametrize(
    ("name", "parted"),
    [
        ("note", ["note", 0]),
        ("note@12", ["note", 12]),
        ("handover~s-1@3", ["handover~s-1", 3]),
        ("note@x", ["note", 0]),
    ],
)
def test_the_draft_of_what_is_written_anew_is_named_by_what_came_back(
    field: FieldSite, page: Page, name: str, parted: list[Any]
) -> None:
    assert field.run(page, "mending.js", "return m.mendOf(a);", name) == parted
