"""The browser's files: read once at start, named by the hash of all of them, and nothing else is served.

A request never touches the file system: it is looked up in a map, so there is no
path to traverse and no link to follow.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from command.errors import Misconfigured

TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
"""What is served, by suffix. Declarations, sources of pages and dot files are not."""

ROOTS: Final = ("static", "field_app")
"""The folders that hold them: what the command post sees, and the tablets' app, which shares files with it. Their paths
stand to each other in the browser as they do in the repository, so that `../static/lib.js` is the same file in both."""

PLACEHOLDER: Final = "{{files}}"

NONCE: Final = b"{{nonce}}"
"""Stands in every script tag of a page that is kept here; each answer puts its own in."""


class Asset(msgspec.Struct, frozen=True):
    """One file."""

    body: bytes
    content_type: str


class Assets(msgspec.Struct, frozen=True):
    """All files under one hash, and the pages that name it."""

    build: str
    files: Mapping[str, Asset]  # path with its root, as in `static/app.js`
    pages: Mapping[str, bytes]  # page name -> HTML; of the tablets' app with its root, as in `field_app/index`

    @property
    def base(self) -> str:
        """Where the files are: `/files/<build>`."""
        return f"/files/{self.build}"

    def page(self, name: str, nonce: str = "") -> bytes:
        """A page's HTML; `index` where there is none of this name. Raises Misconfigured where there is no page.

        `nonce` goes into its script tags.
        """
        found = self.pages.get(name, self.pages.get("index"))
        if found is None:
            raise Misconfigured("expected an index.html among the browser's files")
        return found.replace(NONCE, nonce.encode())


def find_roots() -> dict[str, Path]:
    """The directories of the browser's files: the checkout's, or those packed into the wheel.

    Raises Misconfigured where they are not there.
    """
    package = Path(__file__).resolve().parent.parent
    for home in (package.parent, package / "_data"):
        found = {name: home / name for name in ROOTS}
        if all((root / "index.html").is_file() for root in found.values()):
            return found
    raise Misconfigured("expected static/index.html and field_app/index.html beside the package or within it")


def load(roots: Mapping[str, Path]) -> Assets:
    """Read everything below the roots. Links are not followed; unknown kinds of file are left out."""
    files: dict[str, Asset] = {}
    sources: dict[str, str] = {}
    for name, root in roots.items():
        _read(name, root, files, sources)
    build = _hash(files, sources)
    pages = {name: _with_nonces(text.replace(PLACEHOLDER, f"/files/{build}")) for name, text in sources.items()}
    return Assets(build=build, files=files, pages=pages)


def _read(name: str, root: Path, files: dict[str, Asset], sources: dict[str, str]) -> None:
    """One root's files and pages, under their names."""
    for folder, names, leaves in os.walk(root, followlinks=False):
        names[:] = sorted(one for one in names if not one.startswith("."))
        for leaf in sorted(leaves):
            path = Path(folder, leaf)
            if leaf.startswith(".") or path.is_symlink():
                continue
            inside = path.relative_to(root).as_posix()
            if path.suffix == ".html" and path.parent == root:
                page = path.stem if name == ROOTS[0] else f"{name}/{path.stem}"
                sources[page] = path.read_text(encoding="utf-8")
            elif path.suffix in TYPES:
                files[f"{name}/{inside}"] = Asset(body=path.read_bytes(), content_type=TYPES[path.suffix])


def _with_nonces(text: str) -> bytes:
    """A page as its author wrote it, with a place for the nonce in each script tag: nobody has to think of it."""
    return text.encode().replace(b"<script ", b'<script nonce="' + NONCE + b'" ')


def _hash(files: Mapping[str, Asset], sources: Mapping[str, str]) -> str:
    """Sixteen hex digits over names and bytes; each part is hashed on its own, so that none can pass for another."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(files[name].body).digest())
    for name in sorted(sources):
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(sources[name].encode()).digest())
    return digest.hexdigest()[:16]
