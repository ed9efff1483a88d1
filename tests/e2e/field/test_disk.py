"""A tablet that was copied or lost: its disk holds no word of what was written, and opened again it opens nothing."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.field.conftest import Hand
from tests.e2e.field.handheld import WAIT_MS, Handheld, code_of
from tests.e2e.outbox.page import readable
from tests.e2e.real.client import Client
from tests.e2e.real.house import House
from tests.uploads.corpus import jpeg

SENT, SEALED, DRAFT, CAUGHT, BAND = "CANARY-sent-conduct", "CANARY-sealed-conduct", "CANARY-draft-conduct", "CANARY-caught-conduct", "CANARY-BAND"  # fmt: skip
PICTURE = b"CANARY-photo-bytes "


def photo() -> bytes:
    """With words in it that a disk would show."""
    body = PICTURE * 3000
    return jpeg(8, 8, b"\xff\xfe" + (len(body) + 2).to_bytes(2, "big") + body)


def found_on(home: Path) -> list[tuple[str, str]]:
    """Which words stand in which files of a profile, in any dress."""
    words = {word: readable(word) for word in (SENT, SEALED, DRAFT, CAUGHT, BAND, PICTURE.decode().strip())}
    shown = []
    for file in home.rglob("*"):
        if not file.is_file():
            continue
        raw = file.read_bytes()
        shown += [
            (word, str(file.relative_to(home))) for word, dresses in words.items() if any(one in raw for one in dresses)
        ]
    return shown


def nothing_is_open(tablet: Handheld) -> None:
    """On the screen, and to somebody who asks the app's own modules."""
    tablet.open()
    tablet.locked()
    assert not any(word in tablet.page.content() for word in (SENT, SEALED, DRAFT, CAUGHT, BAND))
    for screen in ("sent", "sent~1", "sent~2", "new~arrest", "mine", "more"):
        tablet.page.evaluate("to => { location.hash = `#/${to}`; }", screen)
        expect(tablet.page.get_by_role("heading", name="Locked")).to_be_visible()
    asked = """
      const { outbox, keys, db } = state.here(), { drafts } = await load("drafts.js"), { lastSeen } = await load("cache.js");
      const rows = await outbox.rows(50), incident = rows[0].incident;
      const opened = await Promise.all(rows.map((row) => outbox.open(row.device_seq).catch(() => null)));
      const answers = await Promise.all(rows.map((row) => outbox.answer(row.device_seq).catch(() => null)));
      return { held: keys.held, opened, answers, lines: await outbox.lines(50), drafts: await drafts(db, keys), board: await lastSeen(db, keys, `board:${incident}`), works: await lastSeen(db, keys, "works") };
    """
    said = tablet.asked(asked)
    nothing = [None] * len(said["opened"])
    assert said == {
        "held": None,
        "opened": nothing,
        "answers": nothing,
        "lines": [],
        "drafts": [],
        "board": None,
        "works": None,
    }


def test_a_copied_disk_shows_no_word_and_a_lost_tablet_opens_nothing(house: House, hand: Hand) -> None:
    """Of what was sent, sealed, begun or captured: after closing, and after a power cut."""
    log = house.staffed()
    tablet = hand(house.url)
    tablet.enrol(code_of(Client(house.link("root", "administrator"))))
    tablet.sign_in(house.link("officer", "field", incident=log, rank="officer"))
    tablet.arrest(f"{BAND}-1", SENT, photo())
    tablet.until(
        "return (await state.here().outbox.rows()).every((row) => row.state === 'accepted' && row.files === 0)"
    )
    tablet.context.set_offline(True)
    tablet.arrest(f"{BAND}-2", SEALED, photo())
    tablet.tile("Arrest")
    tablet.page.get_by_label("What this person did").fill(DRAFT)
    tablet.until(
        "const { drafts } = await load('drafts.js'); return (await drafts(state.here().db, state.here().keys)).some((one) => one.fields.conduct)"
    )
    tablet.kill()
    assert found_on(tablet.home) == []

    tablet.start().context.clear_cookies()  # nobody has a session any more
    tablet.context.set_offline(True)
    nothing_is_open(tablet)
    tablet.page.get_by_role("button", name="Capture an arrest").click()
    tablet.capture(f"{BAND}-3", CAUGHT, photo())
    assert CAUGHT not in tablet.page.content()
    tablet.close()
    assert found_on(tablet.home) == []

    tablet.start().context.clear_cookies()
    nothing_is_open(tablet)
    expect(tablet.page.get_by_text("Sign in to the exercise")).to_be_visible(timeout=WAIT_MS)


def test_a_locked_tablet_of_an_exercise_opens_by_one_press(house: House, hand: Hand) -> None:
    """There is nothing to prove it with, and a link is good once."""
    log = house.staffed()
    tablet = hand(house.url)
    tablet.enrol(code_of(Client(house.link("root", "administrator")), "Tablet 8"))
    tablet.sign_in(house.link("player", "field", incident=log, rank="officer"))
    tablet.page.get_by_role("button", name="Lock", exact=True).click()
    tablet.locked()
    tablet.page.get_by_role("button", name="Go on as Name of player").click()
    tablet.live()
