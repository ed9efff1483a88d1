"""What the tablet's street card costs an officer: from the tap until it is kept, and from picking it up until the first arrest.

    python -m bench.tablet [--records 1000] [--rounds 9] [--shot FILE] [--json]

A real server and a real Chromium, 800 by 1280. The tap is measured by the app itself, on the same tablet with an outbox of
ten records and of a thousand, none of them sent: their ratio is what the outbox costs. The first arrest is done by a script
with the pace of somebody who has never seen the screen: so long to read and find each thing, so long for each key.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright

from command.domain import commands as c
from tests.e2e.field.handheld import Handheld, code_of
from tests.e2e.real.client import Client
from tests.e2e.real.house import House
from tests.uploads.corpus import jpeg

KEY_S: Final = 0.3  # 40 words a minute, as people type on glass
LOOK_S: Final = 2.0  # reading a screen and finding what to touch on it
PICTURE_S: Final = 6.0  # camera up, person and officer in the frame, taken
DID: Final = "Threw a full glass bottle at the line from 5 m."
FILL: Final = """
  const { outbox } = state.here(), incident = state.incidentId.value;
  const have = (await outbox.rows(5000)).length;
  for (let n = have; n < COUNT; n += 50) {
    await outbox.save(Array.from({ length: Math.min(50, COUNT - n) }, (_, i) => ({ incident, title: "filler", command: { type: "RecordEntry", entry: crypto.randomUUID(), text: `filler ${n + i}` } })));
  }
  return (await outbox.rows(5000)).length;
"""


def first_arrest(tablet: Handheld) -> float:
    """Seconds from the first look at the home screen until a complete card is kept."""
    page = tablet.page
    began = time.monotonic()
    look(page)
    page.locator(".tile-first").click()
    look(page)
    typed(page, "Wristband", "W-204-0173-W")
    page.wait_for_timeout(PICTURE_S * 1000)
    tablet.photo(jpeg(1600, 1200))
    look(page)
    page.get_by_label("Offence").select_option(index=1)
    look(page)
    typed(page, "What this person did", DID)
    look(page)
    page.get_by_text("Not hurt, no force").click()
    look(page)
    tablet.save()
    took_s = time.monotonic() - began
    page.get_by_role("button", name="Done", exact=True).click()
    return took_s


def look(page: Page) -> None:
    page.wait_for_timeout(LOOK_S * 1000)


def typed(page: Page, label: str, text: str) -> None:
    """Key by key."""
    page.get_by_label(label).click()
    page.keyboard.type(text, delay=KEY_S * 1000)


def taps(tablet: Handheld, rounds: int) -> list[float]:
    """So many cards with a photo; what the app says of each, in ms."""
    return [tablet.arrest(f"T-{n}", DID, jpeg(16, 16)) for n in range(rounds)]


def measured(records: int, rounds: int, shot: str) -> dict[str, Any]:
    """On a server of its own."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        house = House(Path(folder) / "house").start()
        try:
            log = house.staffed()
            house.send(
                log, c.CheckIn("officer", "Olga Finn", "spd", "officer", badge="4472", camera="BWC-2", unit="bike-1")
            )
            tablet = Handheld(play.chromium, Path(folder) / "tablet", house.url).start()
            tablet.enrol(code_of(Client(house.link("root", "administrator"))))
            tablet.sign_in(house.link("officer", "field", incident=log, rank="officer"))
            if shot:
                tablet.page.screenshot(path=shot)
            first_s = first_arrest(tablet)
            tablet.context.set_offline(True)
            few = taps(tablet, rounds)
            tablet.asked(FILL.replace("COUNT", str(records)))
            many = taps(tablet, rounds)
            tablet.close()
        finally:
            house.close()
    return {
        "first_arrest_s": round(first_s, 1), "records": records,
        "few_ms": [round(one, 1) for one in sorted(few)], "many_ms": [round(one, 1) for one in sorted(many)],
        "ratio": round(statistics.median(many) / statistics.median(few), 2),
    }  # fmt: skip


def main(argv: list[str]) -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(
        prog="bench.tablet", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1000, help="in the outbox, unsent")
    parser.add_argument("--rounds", type=int, default=9, help="cards saved before and after")
    parser.add_argument("--shot", default="", help="a picture of the home screen goes there")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    found = measured(args.records, args.rounds, args.shot)
    if args.json:
        print(json.dumps(found))
        return 0
    few, many = found["few_ms"], found["many_ms"]
    print(f"kept after the tap, few records:   {statistics.median(few):6.1f} ms ({few[0]} to {few[-1]})")
    print(
        f"kept after the tap, {args.records} records: {statistics.median(many):6.1f} ms ({many[0]} to {many[-1]}), aim < 100 ms; ratio {found['ratio']}"
    )
    print(f"first complete arrest: {found['first_arrest_s']} s, aim < 60 s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
