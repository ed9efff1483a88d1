"""The tablets' app as it is served: a shell, a worker that changes with the build, and nothing kept that is not ours."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import AsyncIterator

import pytest

from command.web import assets, handlers_field
from tests.web.harness import Site, running


@pytest.fixture
async def field() -> AsyncIterator[Site]:
    """A site with the repository's own files."""
    async with running(assets=assets.load(assets.find_roots())) as site:
        yield site


@pytest.mark.parametrize("path", ["/field/", "/enrol"])
async def test_the_shell_holds_no_nonce_and_nothing_inline(field: Site, path: str) -> None:
    """It is shown again from a cache, so what lets a script run is that it is ours."""
    page = await field.call("GET", path)
    assert page.status == 200
    assert not re.search(rb"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", page.body)
    for name in re.findall(rb'(?:src|href)="(/files/[^"]+)"', page.body):
        assert (await field.call("GET", name.decode())).status == 200, name


async def test_all_that_the_worker_keeps_is_there(field: Site) -> None:
    """One file that is missing would keep the whole app from being installed."""
    worker = await field.call("GET", "/field/worker.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    build, kept = worker.body.decode().splitlines()[:2]
    files = assets.load(assets.find_roots())
    assert build == f'const BUILD = "{files.build}";'
    names = json.loads(kept.removeprefix("const KEPT = ").removesuffix(";"))
    assert f"{files.base}/field_app/app.js" in names
    assert not any("/admin/" in name or "/api/" in name for name in names)
    for name in names:
        assert (await field.call("GET", name)).status == 200, name


async def test_the_manifest_names_icons_of_this_build(field: Site) -> None:
    """And stays within the app's own scope."""
    told = json.loads((await field.call("GET", "/field/app.webmanifest")).body)
    assert told["scope"] == told["start_url"] == "/field/"
    for icon in told["icons"]:
        assert (await field.call("GET", icon["src"])).status == 200


async def test_a_build_without_the_app_says_so(site: Site) -> None:
    """Not a page of something else."""
    for path in ("/field/worker.js", "/field/app.webmanifest"):
        assert (await site.call("GET", path)).status == 404


def test_the_screens_of_the_command_post_are_not_kept_on_tablets() -> None:
    """They would be megabytes that nobody there opens."""
    files = assets.load(assets.find_roots())
    names = handlers_field.kept(files)
    assert not [name for name in names if "/static/wall/" in name or name.endswith("/static/map/map.js")]


def test_whatever_the_app_imports_is_kept() -> None:
    """From its page on, file by file: one that were not would come from the browser's own cache, until that is emptied."""
    files = assets.load(assets.find_roots())
    shell = files.page(handlers_field.SHELL).decode()
    found = {posixpath.relpath(path, files.base) for path in re.findall(r'(?:src|href)="(/files/[^"]+)"', shell)}
    left = [path for path in found if path.endswith(".js")]
    while left:
        here = left.pop()
        text = files.files[here].body.decode()
        for said in re.findall(
            r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+)["']""", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        ):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(here), said))
            if path not in found:
                found.add(path)
                left.append(path)
    assert len(found) > 80
    assert found <= {posixpath.relpath(path, files.base) for path in handlers_field.kept(files)}
