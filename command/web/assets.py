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
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
"""What is served, by suffix. Declarations, sources of pages and dot files are not."""

PLACEHOLDER: Final = "{{static}}"

NONCE: Final = b"{{nonce}}"
"""Stands in every script tag of a page that is kept here; each answer puts its own in."""


class Asset(msgspec.Struct, frozen=True):
    """One file."""

    body: bytes
    content_type: str


class Assets(msgspec.Struct, frozen=True):
    """All files under one hash, and the pages that name it."""

    build: str
    files: Mapping[str, Asset]  # path below static/, with forward slashes
    pages: Mapping[str, bytes]  # page name -> HTML

    @property
    def base(self) -> str:
        """Where the files are: `/static/<build>`."""
        return f"/static/{self.build}"

    def page(self, name: str, nonce: str = "") -> bytes:
        """A page's HTML; `index` where there is none of this name. Raises Misconfigured where there is no page.

        `nonce` goes into its script tags.
        """
        found = self.pages.get(name, self.pages.get("index"))
        if found is None:
            raise Misconfigured("expected an index.html among the browser's files")
        return found.replace(NONCE, nonce.encode())


def find_root() -> Path:
    """The directory of the browser's files: the checkout's, or the one packed into the wheel.

    Raises Misconfigured where neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    for root in (package.parent / "static", package / "_data" / "static"):
        if (root / "index.html").is_file():
            return root
    raise Misconfigured("expected static/index.html beside the package or within it")


def load(root: Path) -> Assets:
    """Read everything below `root`. Links are not followed; unknown kinds of file are left out."""
    files: dict[str, Asset] = {}
    sources: dict[str, str] = {}
    for folder, names, leaves in os.walk(root, followlinks=False):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for leaf in sorted(leaves):
            path = Path(folder, leaf)
            if leaf.startswith(".") or path.is_symlink():
                continue
            inside = path.relative_to(root).as_posix()
            if path.suffix == ".html" and path.parent == root:
                sources[path.stem] = path.read_text(encoding="utf-8")
            elif path.suffix in TYPES:
                files[inside] = Asset(body=path.read_bytes(), content_type=TYPES[path.suffix])
    build = _hash(files, sources)
    pages = {name: _with_nonces(text.replace(PLACEHOLDER, f"/static/{build}")) for name, text in sources.items()}
    return Assets(build=build, files=files, pages=pages)


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
