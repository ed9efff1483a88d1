"""Settings that cannot be served safely are refused at start."""

from __future__ import annotations

import pytest

from command.errors import Misconfigured
from command.web.services import WebSettings, host_name


@pytest.mark.parametrize(
    "urls",
    [
        (),
        ("http://muster.example",),
        ("http://10.0.0.1:8765",),
        ("https://muster.example/path",),
        ("https://muster.example/",),
        ("ftp://muster.example",),
        ("muster.example",),
        ("https://user@muster.example",),
        ("https://muster.example", "http://localhost:1"),
    ],
)
def test_unfit_base_urls(urls: tuple[str, ...]) -> None:
    """Plain http beyond this machine, paths, user names, mixtures."""
    with pytest.raises(Misconfigured):
        WebSettings(base_urls=urls)


def test_hosts_and_origins_are_as_browsers_write_them() -> None:
    """Lower case; a scheme's own port is in neither."""
    settings = WebSettings(base_urls=("https://Muster.Example", "https://other.example:8443"))
    assert settings.tls
    assert settings.hosts == {"muster.example", "other.example:8443"}
    assert settings.origins == {"https://muster.example", "https://other.example:8443"}
    local = WebSettings(base_urls=("http://localhost:8765", "http://[::1]:8765", "http://127.0.0.1:80"))
    assert not local.tls
    assert "http://127.0.0.1" in local.origins


@pytest.mark.parametrize(
    ("netloc", "name"), [("a:1", "a"), ("a", "a"), ("[::1]:8", "[::1]"), ("[::1]", "[::1]"), ("", "")]
)
def test_host_names(netloc: str, name: str) -> None:
    """With and without a port, and with colons of their own."""
    assert host_name(netloc) == name
