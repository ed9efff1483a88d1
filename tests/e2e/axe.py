"""axe-core, injected by the debugger, since the pages' own policy lets no foreign script in."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python  # type: ignore[import-untyped]  # it ships no types; only its path is used
from playwright.sync_api import Page

SOURCE = Path(axe_playwright_python.__file__).parent / "axe.min.js"


OF_COLOUR = ("color-contrast", "link-in-text-block")  # what another theme of the same document can change

# A drawer that is still coming in is paler than it will be. Nothing here moves for ever; the limit is for what might.
SETTLED = """() => Promise.race([
  Promise.allSettled(document.getAnimations().map(one => one.finished)),
  new Promise(done => setTimeout(done, 2000)),
])"""


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds, as one line each: by these rules alone, where some are named."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(SOURCE.read_text())
    page.evaluate(SETTLED)
    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    found = page.evaluate("only => axe.run(document, { resultTypes: ['violations'], ...only })", only)
    return [
        f"{one['id']}: {node['target']} {node['failureSummary'][:300]}"
        for one in found["violations"]
        for node in one["nodes"][:4]
    ]


def violations_in_themes(page: Page) -> list[str]:
    """What axe finds by every rule in the light theme, and of colours in the other two. Leaves the page in the last."""
    found = []
    for theme, rules in (("light", ()), ("dark", OF_COLOUR), ("contrast", OF_COLOUR)):
        page.evaluate("name => { document.documentElement.dataset.theme = name }", theme)
        found += [f"{theme}: {one}" for one in violations(page, *rules)]
    return found
