"""In a real Chromium: the cookie over plain http on this machine, the policy on the real pages, and what it stops."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from command.web import assets
from tests.support.node import free_port
from tests.web.harness import Site, running

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on PATH"),
    pytest.mark.asyncio(loop_scope="module"),  # the browser's
]


@pytest_asyncio.fixture(loop_scope="module")
async def real() -> AsyncIterator[Site]:
    """A site with the repository's own pages."""
    async with running(assets=assets.load(assets.find_roots())) as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One process for all."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A fresh browser profile."""
    context = await browser.new_context()
    yield context
    await context.close()


def watched(page: Page) -> list[str]:
    """What the page's console says of policies, from now on."""
    said: list[str] = []
    words = ("Content Security Policy", "Trusted", "Permissions", "refused", "Refused", "blocked")
    page.on("console", lambda message: said.append(message.text) if any(w in message.text for w in words) else None)
    return said


async def test_a_link_signs_in_with_a_host_cookie_that_no_script_sees(real: Site, context: BrowserContext) -> None:
    """From the link to `me` in the page that people get, without a word about policies in the console."""
    page = await context.new_page()
    said = watched(page)
    await page.goto(f"{real.base}/link#{await real.link('commander')}")
    async with page.expect_response("**/api/me") as got:
        await page.get_by_role("button", name="Sign in").click()
    assert (await (await got.value).json())["me"]["person"] == "commander-1"
    [cookie] = await context.cookies()
    assert cookie["name"] == "__Host-muster"
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, True, "Strict", "/")
    assert await page.evaluate("document.cookie") == ""
    assert await page.evaluate("location.hash") == ""
    assert said == []


async def test_the_dashboard_page_loads_under_its_policy(real: Site, context: BrowserContext) -> None:
    """Every file that the page asks for is served, and nothing of it is blocked."""
    page = await context.new_page()
    said = watched(page)
    failed: list[str] = []
    page.on("response", lambda got: failed.append(got.url) if got.status >= 400 and "/files/" in got.url else None)
    await page.goto(real.base + "/", wait_until="networkidle")
    assert failed == []
    assert said == []


INJECTIONS = [
    "document.body.innerHTML = '<img src=x onerror=alert(1)>'",
    "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "Object.assign(document.createElement('script'), { text: 'window.pwned = 1' })",
    "trustedTypes.createPolicy('mine', { createHTML: (text) => text })",
    "document.write('<script>window.pwned = 1</script>')",
    "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
]


@pytest.mark.parametrize("code", INJECTIONS)
async def test_text_cannot_become_markup_or_script(real: Site, context: BrowserContext, code: str) -> None:
    """Each way throws for want of a trusted type."""
    page = await context.new_page()
    await page.goto(real.base + "/link")
    threw = await page.evaluate(
        """(code) => { try { (0, eval)(code); return "ran"; } catch (error) { return error.name; } }""", code
    )
    # eval itself is shut; so the code is also tried as a function of the page's own world.
    assert threw != "ran"
    direct = await page.evaluate(f"() => {{ try {{ {code}; return 'ran'; }} catch (error) {{ return error.name; }} }}")
    assert direct == "TypeError"


async def test_neither_elsewhere_nor_inline_runs_or_loads(real: Site, context: BrowserContext) -> None:
    """Inline style and script, another origin's image and address: all blocked."""
    page = await context.new_page()
    await page.goto(real.base + "/link")
    blocked = await page.evaluate(
        """async () => {
            const seen = [];
            document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
            const style = document.createElement("style");
            style.textContent = "body { color: red }";
            document.head.append(style);
            const image = new Image();
            image.src = "http://127.0.0.1:9/x.png";
            await fetch("http://127.0.0.1:9/").catch(() => {});
            const frame = document.createElement("iframe");
            frame.src = "/link";
            document.body.append(frame);
            for (let n = 0; n < 200 && new Set(seen).size < 4; n++) await new Promise((done) => setTimeout(done, 10));
            return [...new Set(seen)].sort();
        }"""
    )
    assert blocked == ["connect-src", "frame-src", "img-src", "style-src-elem"]


@pytest_asyncio.fixture(loop_scope="module")
async def elsewhere() -> AsyncIterator[str]:
    """The URL of a page of another site, without any policy of its own."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><p>elsewhere", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://localhost:{port}/"
    await runner.cleanup()


async def test_another_sites_page_cannot_act_with_our_cookie(
    real: Site, context: BrowserContext, elsewhere: str
) -> None:
    """A fetch from elsewhere: the cookie stays at home, and the Origin is not ours."""
    page = await context.new_page()
    await page.goto(f"{real.base}/link#{await real.link('commander')}")
    async with page.expect_response("**/api/me"):
        await page.get_by_role("button", name="Sign in").click()
    await page.goto(elsewhere)
    before = len(await real.kept())
    for method, mode in (("DELETE", "cors"), ("POST", "no-cors")):
        await page.evaluate(
            "([url, method, mode]) => fetch(url, { method, mode, credentials: 'include' }).catch(() => {})",
            [real.base + "/api/session" + ("/active" if method == "POST" else ""), method, mode],
        )
    assert real.ended == []
    # DELETE is stopped by its preflight; the plain POST arrives, from elsewhere and without the cookie.
    rows = await real.kept(before)
    assert [(row.action, row.who, row.detail) for row in rows] == [("session.read", "-", "another origin")]
