"""The settings of signing in, from files to what the access room takes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from command.access.signin import BANNER
from command.config import load
from command.errors import Misconfigured
from command.signing_in import MAX_BANNER, read_banner, read_providers, sign_in_settings

PROVIDER = """
[[provider]]
id = "county"
name = "County"
issuer = "https://id.county.example"
client_id = "muster"
amr = ["mfa"]
"""


def test_the_settings_say_how_people_sign_in(tmp_path: Path) -> None:
    """Minutes, profile, exercise, banner."""
    words = tmp_path / "banner.txt"
    words.write_text("  County system.\n", encoding="utf-8")
    flags = {"idle_minutes": 30, "step_up_minutes": 2, "crypto_profile": "fips", "banner": str(words), "exercise": True}
    made = sign_in_settings(load(flags, {}), b"k" * 32)
    assert (made.idle_s, made.step_up_within, made.profile) == (1800, timedelta(minutes=2), "fips")
    assert (made.banner, made.exercise) == ("County system.", True)
    plain = sign_in_settings(load({}, {}), b"k" * 32)
    assert (plain.idle_s, plain.profile, plain.banner, plain.exercise) == (900, "default", BANNER, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("idle_minutes", 31),
        ("idle_minutes", 0),
        ("step_up_minutes", 31),
        ("step_up_minutes", 0),
        ("crypto_profile", "md5"),
    ],
)
def test_what_no_rule_allows_is_refused_at_the_start(name: str, value: object) -> None:
    """Thirty minutes are the most that CJISSECPOL AC-11 allows."""
    with pytest.raises(Misconfigured) as caught:
        load({name: value}, {})
    assert caught.value.where == name


def test_a_banner_is_words_that_can_be_read(tmp_path: Path) -> None:
    """Not missing, empty, endless or another encoding."""
    bad = {"empty": b" \n", "long": b"x" * (MAX_BANNER + 1), "latin": b"\xff\xfe"}
    for name, raw in bad.items():
        (tmp_path / name).write_bytes(raw)
    for name in (*bad, "missing"):
        with pytest.raises(Misconfigured):
            read_banner(str(tmp_path / name))


def test_providers_are_read_whole_or_not_at_all(tmp_path: Path) -> None:
    """An unknown field, a name twice, an issuer in the clear: said at the start."""
    file = tmp_path / "oidc.toml"
    file.write_text(PROVIDER, encoding="utf-8")
    [one] = read_providers(str(file))
    assert (one.id, one.amr, one.acr) == ("county", ("mfa",), ())
    assert read_providers("") == ()
    for text in (
        PROVIDER * 2,
        PROVIDER + 'typo = "x"\n',
        PROVIDER.replace("https", "http"),
        PROVIDER.replace("amr", "#"),
        "x",
    ):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(Misconfigured):
            read_providers(str(file))
