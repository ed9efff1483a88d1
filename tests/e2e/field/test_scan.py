"""The camera reads codes: an enrolment, a wristband, and the code of a person on another tablet's screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import segno
from playwright.sync_api import expect

from tests.e2e.field.conftest import Hand
from tests.e2e.field.handheld import PHONE, WAIT_MS, Handheld, code_of
from tests.e2e.real.client import Client
from tests.e2e.real.house import House

SIDE = 480


def film(path: Path, text: str) -> Path:
    """What a camera sees that looks at a printed code: uncompressed frames, as Chromium's camera for tests wants them (YUV4MPEG2)."""
    matrix = [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]
    scale = (SIDE * 3 // 4) // len(matrix)
    edge = (SIDE - scale * len(matrix)) // 2
    luma = bytearray(b"\xeb" * (SIDE * SIDE))
    for y, row in enumerate(matrix):
        line = b"".join((b"\x10" if dark else b"\xeb") * scale for dark in row)
        for step in range(scale):
            at = (edge + y * scale + step) * SIDE + edge
            luma[at : at + len(line)] = line
    frame = b"FRAME\n" + bytes(luma) + b"\x80" * (SIDE * SIDE // 2)
    path.write_bytes(f"YUV4MPEG2 W{SIDE} H{SIDE} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 3)
    return path


def camera(reel: Path) -> tuple[str, ...]:
    """A browser that looks at this, and asks nobody whether it may."""
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={reel}",
    )


def look_at(tablet: Handheld, reel: Path, text: str) -> None:
    """Another code in front of the same camera: the browser opens its file anew each time the camera starts."""
    expect(tablet.page.locator(".scanner")).to_have_count(0)
    film(reel, text)


def test_codes_are_scanned_from_the_camera(house: House, hand: Hand, tmp_path: Path) -> None:
    """An enrolment, then a wristband, then a person's code: it fills who is handed over, with no network."""
    log = house.staffed()
    reel = tmp_path / "camera.y4m"
    code = code_of(Client(house.link("root", "administrator")))
    film(reel, f"{house.url}/enrol#code={code}")
    tablet = hand(house.url, args=camera(reel), viewport=PHONE)
    tablet.open()
    tablet.page.get_by_role("button", name="Scan the code").click()
    tablet.locked()
    tablet.sign_in(house.link("officer", "field", incident=log, rank="officer"))

    look_at(tablet, reel, "W-204-0173-W")
    tablet.tile("Arrest")
    tablet.page.get_by_role("button", name="Scan", exact=True).click()
    expect(tablet.page.get_by_label("Wristband")).to_have_value("W-204-0173-W", timeout=WAIT_MS)
    tablet.page.get_by_role("button", name="Throw away").click()
    tablet.page.get_by_role("button", name="Yes, throw it away").click()

    tablet.context.set_offline(True)
    expect(tablet.page.locator(".line-warn")).to_be_visible(timeout=WAIT_MS)
    carried = "MUSTER1|W-9|0192f0c4-1111-7000-8000-000000000001|s-00112233|2026-11-22T03:04:05Z|insulin"
    look_at(tablet, reel, carried)
    tablet.tile("Hand over")
    tablet.page.get_by_role("button", name="Scan the wristband or the code").click()
    said = tablet.page.locator(".told")
    expect(said).to_contain_text("Scanned: W-9, in custody since", timeout=WAIT_MS)
    expect(said).to_contain_text("Cannot wait: insulin")
    tablet.page.locator("#f-to").select_option("officer~sergeant")
    tablet.page.get_by_role("button", name="Record", exact=True).click()
    tablet.page.locator("[data-took-ms]").wait_for()
    command: dict[str, Any] = tablet.asked(
        "return (await state.here().outbox.open((await state.here().outbox.rows(1))[0].device_seq)).command"
    )
    assert (command["type"], command["arrest"], command["subject"]) == (
        "HandOver",
        "0192f0c4-1111-7000-8000-000000000001",
        "s-00112233",
    )
    assert command["to_holder"] == "sergeant"


def test_a_note_is_spoken_where_the_browser_records(house: House, hand: Hand) -> None:
    """Kept sealed, and recorded as sound that belongs to the arrest."""
    log = house.staffed()
    tablet = hand(house.url, args=("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"))
    tablet.enrol(code_of(Client(house.link("root", "administrator"))))
    tablet.sign_in(house.link("sergeant", "field", incident=log, rank="sergeant"))
    tablet.tile("Arrest")
    tablet.page.get_by_role("button", name="Say it instead").click()
    tablet.page.get_by_role("button", name="Stop (1 s)").click()
    expect(tablet.page.get_by_text("Voice note kept, sealed")).to_be_visible(timeout=WAIT_MS)
    tablet.save()
    tablet.until(
        "const rows = await state.here().outbox.rows(); return rows.length === 2 && rows.every((row) => row.state === 'accepted' && row.files === 0)"
    )
    judge = Client(house.link("judge", "reviewer", incident=log, compartments=("identity",)))
    (sound,) = judge.get(f"/api/incidents/{log}/attachments")["attachments"]
    assert sound["kind"] == "audio"
    kept = judge.raw(f"/api/incidents/{log}/attachments/{sound['attachment']}/original")
    assert kept[:4] == b"\x1a\x45\xdf\xa3" or kept[4:8] == b"ftyp"
