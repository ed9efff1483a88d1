"""Files are served from a map made at start: by name and hash, and nothing that is not in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from command.errors import Misconfigured
from command.web.assets import find_roots, load
from tests.web.harness import Site


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory as the front end has one, with what must not be served beside it and in it."""
    root = tmp_path / "static"
    (root / "vendor").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "index.html").write_text('<script type="module" src="{{files}}/static/app.js"></script>')
    (root / "app.js").write_text("export {};")
    (root / "vendor" / "preact.mjs").write_text("// {{files}}")
    (root / "types.d.ts").write_text("secret")
    (root / ".env.js").write_text("secret")
    (root / ".git" / "x.js").write_text("secret")
    (root / "vendor" / "page.html").write_text("secret")
    (tmp_path / "outside.js").write_text("secret")
    (root / "link.js").symlink_to(tmp_path / "outside.js")
    (root / "folder").symlink_to(tmp_path)
    return root


def test_only_known_files_below_the_root_are_there(root: Path) -> None:
    """No dot files, no links, no declarations, no pages of others."""
    assets = load({"static": root})
    assert set(assets.files) == {"static/app.js", "static/vendor/preact.mjs"}
    assert assets.files["static/vendor/preact.mjs"].body == b"// {{files}}"  # only pages are templates
    assert all(b"secret" not in asset.body for asset in assets.files.values())


def test_pages_name_the_build(root: Path) -> None:
    """The placeholder becomes the path with the hash."""
    assets = load({"static": root})
    tag = f'<script nonce="abc" type="module" src="{assets.base}/static/app.js"></script>'
    assert assets.page("index", "abc") == tag.encode()
    assert assets.page("link") == assets.page("index")  # where there is no page of its own


@pytest.mark.parametrize("name", ["app.js", "index.html", "vendor/preact.mjs"])
def test_any_change_is_another_build(root: Path, name: str) -> None:
    """Of a file, of a page, and back again."""
    before = load({"static": root})
    kept = (root / name).read_text()
    (root / name).write_text(kept + " ")
    assert load({"static": root}).build != before.build
    (root / name).write_text(kept)
    assert load({"static": root}).build == before.build


def test_a_renamed_file_is_another_build(root: Path) -> None:
    """Names count."""
    before = load({"static": root}).build
    (root / "app.js").rename(root / "app2.js")
    assert load({"static": root}).build != before


def test_no_page_is_misconfigured(tmp_path: Path) -> None:
    """It is said at the first page."""
    with pytest.raises(Misconfigured, match="index.html"):
        load({"static": tmp_path}).page("index")


def test_the_repository_has_its_files() -> None:
    """Where a server that is started from a checkout looks."""
    assets = load(find_roots())
    assert assets.page("index")
    assert any(name.endswith(".js") for name in assets.files)


@pytest.mark.parametrize(
    "path",
    [
        "/files/0123456789abcdef/../../pyproject.toml",
        "/files/0123456789abcdef/%2e%2e/%2e%2e/etc/passwd",
        "/files/0123456789abcdef/..%2f..%2fetc%2fpasswd",
        "/files/0123456789abcdef/%00",
        "/files/0123456789abcdef//etc/passwd",
        "/files/0123456789abcdef/static/app.js/",
        "/files/0123456789abcdef/static/APP.JS",
        "/files/0123456789abcde/static/app.js",
        "/files/app.js",
        "/files/0123456789abcdef/",
    ],
)
async def test_what_is_not_in_the_map_is_not_found(site: Site, path: str) -> None:
    """However it is spelled."""
    from yarl import URL

    async with site.client.get(URL(site.base + path, encoded=True)) as answer:
        assert answer.status == 404
        assert b"root:" not in await answer.read()
