"""The tablets' app: one empty shell, the worker that keeps it for offline, and what installs it.

The worker is the same file but for two lines, the build and the list of what it keeps; so it changes exactly when a
file does, which is how a browser notices a new version.
"""

from __future__ import annotations

import json
from typing import Final

from aiohttp import web

from command.errors import NotFound
from command.web.assets import Assets
from command.web.door import Call

SHELL: Final = "field_app/index"
WORKER: Final = "field_app/worker.js"
MANIFEST: Final = "field_app/app.webmanifest"

_NOT_KEPT: Final = (".geojson",)
_LEFT_OUT: Final = ("static/admin/", "static/wall/", "static/map/")  # screens of the command post
_SHARED: Final = frozenset({"static/map/pick.js"})  # and what the tablet's forms import of them


async def page(call: Call) -> web.Response:
    """The shell. It holds nothing of anybody's."""
    return web.Response(body=call.services.assets.page(SHELL), content_type="text/html", charset="utf-8")


async def worker(call: Call) -> web.Response:
    """The service worker of this build, with the list of what it keeps."""
    assets = call.services.assets
    found = assets.files.get(WORKER)
    if found is None:
        raise NotFound("expected the worker among the browser's files")
    head = f"const BUILD = {json.dumps(assets.build)};\nconst KEPT = {json.dumps(kept(assets))};\n"
    return web.Response(body=head.encode() + found.body, headers={"Content-Type": found.content_type})


async def manifest(call: Call) -> web.Response:
    """Name, colours and icons, with the path of this build."""
    assets = call.services.assets
    found = assets.files.get(MANIFEST)
    if found is None:
        raise NotFound("expected the manifest among the browser's files")
    text = found.body.replace(b"{{files}}", assets.base.encode())
    return web.Response(body=text, headers={"Content-Type": found.content_type})


def kept(assets: Assets) -> list[str]:
    """What the app needs with no network: its page, and the files of both folders that a tablet may ask for."""
    names = sorted(
        name
        for name in assets.files
        if name not in (WORKER, MANIFEST)
        and (name in _SHARED or not name.startswith(_LEFT_OUT))
        and not name.endswith(_NOT_KEPT)
    )
    return ["/field/", "/field/app.webmanifest", *(f"{assets.base}/{name}" for name in names)]
