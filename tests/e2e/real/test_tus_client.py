"""Somebody else's client of tus 1.0 in a real Chromium: `MUSTER_TUS_JS=…/tus-js-client/dist/tus.min.js pytest …`.

The library is not ours to keep here; where it is not given the test says so. `tests/faults/test_uploads.py` does the same,
and more, with tuspy on every run.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.real.client import Client
from tests.e2e.real.house import House

LIBRARY = os.environ.get("MUSTER_TUS_JS", "")

BRING = """
async ({ incident, size }) => {
  const raw = new Uint8Array(size);
  for (let at = 0; at < size; at += 65536) crypto.getRandomValues(raw.subarray(at, Math.min(size, at + 65536)));
  raw.set([0xff, 0xd8, 0xff]);
  const digest = Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", raw)));
  const sha256 = digest.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const told = { attachment: `at-${size}`, subject: "s-1", kind: "photo", sha256, filename: "x.jpg" };
  window.steps = 0;
  window.retried = 0;
  window.done = new Promise((resolve, reject) => {
    const upload = new tus.Upload(new Blob([raw]), {
      endpoint: `/api/incidents/${incident}/uploads`, metadata: told, chunkSize: 200000, storeFingerprintForResuming: false,
      retryDelays: Array(100).fill(200),
      onShouldRetry: () => { window.retried += 1; return true; },
      onProgress: () => {}, onChunkComplete: () => { window.steps += 1; },
      onError: (error) => reject(error),
      onSuccess: async () => resolve({ ...(await (await fetch(upload.url)).json()), sha256 }),
    });
    upload.start();
  });
}
"""

REACHED = """
([name, least]) => new Promise((resolve) => {
  const look = () => (window[name] >= least ? resolve() : setTimeout(look, 20));
  look();
})
"""  # in the page: its policy lets nobody evaluate text, the driver's own waiting included


@pytest.mark.skipif(not LIBRARY, reason="MUSTER_TUS_JS names no tus-js-client")
def test_tus_js_client_brings_a_file_through_a_cut(browser: Browser, house: House) -> None:
    """In pieces; the network goes in the middle and comes back; what arrived is what was announced."""
    log = house.staffed()
    client = Client(house.link("officer", "field"))
    context = browser.new_context()
    try:
        context.add_cookies([client.for_browser])  # type: ignore[list-item]  # a cookie
        page = context.new_page()
        page.goto(house.url)
        page.evaluate(Path(LIBRARY).read_text("utf-8"))
        page.evaluate(BRING, {"incident": log, "size": 8_000_000})
        page.evaluate(REACHED, ["steps", 3])
        context.set_offline(True)
        page.evaluate(REACHED, ["retried", 1])
        context.set_offline(False)
        state = page.evaluate("() => window.done")
        assert (state["state"], state["offset"], state["size_bytes"]) == ("unreadable", 8_000_000, 8_000_000)
    finally:
        context.close()
