"""Codes as the tablet reads and draws them: in a real Chromium, under the app's own policy, with no network but ours."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import segno
from playwright.async_api import Page, async_playwright

from command.web import assets
from tests.web.harness import running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH")

CARRIED = {
    "band": "W-204-0173-W", "arrest": "0192f0c4-1111-7000-8000-000000000001", "subject": "s-0011", "since": "2026-11-22T03:04:05Z",
    "needs": "insulin; two children | at home: número 12",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page() -> AsyncIterator[Page]:
    """The app's page, under its policy; what it asks of anybody else fails."""
    async with running(assets=assets.load(assets.find_roots())) as site, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        await page.route(lambda url: not url.startswith(site.base), lambda route: route.abort())
        await page.goto(site.base + "/field/")
        await page.evaluate(f"globalThis.codes = '{assets.load(assets.find_roots()).base}/field_app/codes.js'")
        yield page
        await browser.close()


def png(text: str, **options: Any) -> str:
    """A printed code, as a photo of it would be."""
    kept = io.BytesIO()
    segno.make(text, error="m", micro=False, **options).save(kept, kind="png", scale=6, border=6)
    return base64.b64encode(kept.getvalue()).decode()


READ = """async (raw) => {
  const { openReader } = await import(globalThis.codes);
  const bytes = Uint8Array.from(atob(raw), (one) => one.charCodeAt(0));
  return (await openReader())(new Blob([bytes], { type: "image/png" }));
}"""


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "text", ["W-204-0173-W", "https://muster.test/enrol#code=ABCD-EFGH&ca=" + "0" * 64, "número | 12"]
)
async def test_what_is_printed_is_read(page: Page, text: str) -> None:
    """A band's number, an enrolment, and letters beyond ASCII."""
    assert await page.evaluate(READ, png(text)) == [text]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_picture_without_a_code_says_nothing(page: Page) -> None:
    """A wall is no wristband."""
    made = """async () => {
      const { openReader } = await import(globalThis.codes);
      return (await openReader())(new ImageData(320, 240));
    }"""
    assert await page.evaluate(made) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_what_one_tablet_draws_another_reads(page: Page) -> None:
    """The card of a person goes from screen to camera whole, but for the one sign that parts its fields."""
    made = """async (carried) => {
      const { drawn, openReader, told, written } = await import(globalThis.codes);
      const { size, dark } = drawn(written(carried));
      const [scale, edge] = [4, 16];
      const wide = size * scale + 2 * edge;
      const picture = new ImageData(wide, wide);
      picture.data.fill(255);
      for (let y = 0; y < size * scale; y += 1) for (let x = 0; x < size * scale; x += 1) {
        if (dark(Math.floor(x / scale), Math.floor(y / scale))) picture.data.fill(0, ((y + edge) * wide + x + edge) * 4, ((y + edge) * wide + x + edge) * 4 + 3);
      }
      const [text] = await (await openReader())(picture);
      return told(text);
    }"""
    assert await page.evaluate(made, CARRIED) == {**CARRIED, "needs": "insulin; two children / at home: número 12"}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_bare_number_is_a_band(page: Page) -> None:
    """What is printed on a band says nothing else."""
    told = await page.evaluate("async () => (await import(globalThis.codes)).told(' W-204-0173-W ')")
    assert told == {"band": "W-204-0173-W", "arrest": "", "subject": "", "since": "", "needs": ""}
