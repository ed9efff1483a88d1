"""The settings of signing in, as the access room takes them: banner, times, the agencies' own sign-ins."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from command.access.oidc import Provider
from command.access.passwords import Profile
from command.access.signin import BANNER
from command.access.signin import Settings as SignInSettings
from command.config import Settings
from command.errors import Misconfigured

MAX_BANNER: Final = 4000
"""Characters that anyone can be expected to read before they sign in."""


class _Providers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    provider: tuple[Provider, ...]


def sign_in_settings(settings: Settings, key: bytes) -> SignInSettings:
    """What `command.access.signin` is set up with. Raises Misconfigured for a banner that cannot be read."""
    return SignInSettings(
        key=key,
        exercise=settings.exercise,
        idle_s=settings.idle_minutes * 60,
        step_up_within=timedelta(minutes=settings.step_up_minutes),
        profile=_profile(settings.crypto_profile),
        banner=read_banner(settings.banner),
    )


def _profile(text: str) -> Profile:
    return "fips" if text == "fips" else "default"


def read_banner(file: str) -> str:
    """The agency's own words, or those of CJISSECPOL AC-8."""
    if not file:
        return BANNER
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise Misconfigured(f"expected a text file with the banner: {exc}", where=file) from None
    if not 0 < len(text) <= MAX_BANNER:
        raise Misconfigured(f"expected a banner of 1 to {MAX_BANNER} characters, got {len(text)}", where=file)
    return text


def read_providers(file: str) -> tuple[Provider, ...]:
    """The providers of a TOML file: a `[[provider]]` each, with the fields of `access.oidc.Provider`.

    Raises Misconfigured for what cannot be read, a name used twice, or a provider that could prove nothing.
    """
    if not file:
        return ()
    try:
        found = msgspec.toml.decode(Path(file).read_bytes(), type=_Providers).provider
    except (OSError, msgspec.DecodeError) as exc:
        raise Misconfigured(f"expected a TOML file of providers: {exc}", where=file) from None
    if len({one.id for one in found}) != len(found):
        raise Misconfigured("expected each provider to have an id of its own", where=file)
    return found
