"""Passwords: which are taken, and how they are kept. A password alone signs nobody in (see `signin`).

Length is the only rule of form (NIST SP 800-63B, ASVS 6.2): fifteen characters or more, any of Unicode, nothing cut off.
Refused is what an attacker tries first: common ones, the same few characters over and over, and those that are mostly
one's own name, agency or the name of this program. Nothing asks for a new one by the calendar.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final, Literal

import argon2
import msgspec

from command.errors import Unreadable

Profile = Literal["default", "fips"]
"""`default`: Argon2id with OWASP's parameters. `fips`: PBKDF2-HMAC-SHA-256, where FIPS 140 modules are asked for."""

LEAST: Final = 15
MOST: Final = 1000
"""Characters. The upper end is about the time a hash of it takes, far beyond what anyone types."""

LEFT_OVER: Final = 8
"""Characters that must remain once one's own name, the agency and common words are taken out."""

PBKDF2_ROUNDS: Final = 600_000

_ARGON2: Final = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_PBKDF2 = re.compile(r"\$pbkdf2-sha256\$i=(\d{1,9})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})")
_UNIT: Final = 8  # the longest run of characters that is found out as repeated
_EDGES: Final = " 0123456789!?.,-_#*+$@&"
_WORD: Final = 4  # the least letters of a common password that are looked for within another
_SENTENCES: Final = frozenset(
    {
        "correcthorsebatterystaple", "correcthorsebattery", "horsebatterystaple", "thequickbrownfox", "thequickbrownfoxjumps",
        "thequickbrownfoxjumpsoverthelazydog", "loremipsumdolor", "loremipsumdolorsitamet", "thisismypassword",
        "thisisapassword", "thisismynewpassword", "mypasswordissecret", "passwordpassword", "changemeplease",
        "pleaseletmein", "letmeinplease", "iloveyouforever", "iloveyousomuch", "iloveyouverymuch", "maytheforcebewithyou",
        "tobeornottobe", "tobeornottobethatisthequestion", "onceuponatime", "supercalifragilisticexpialidocious",
        "winteriscoming", "twinkletwinklelittlestar", "maryhadalittlelamb", "ihatepasswords",
        "youshallnotpass", "opensesame", "incorrectpassword", "yourpasswordisincorrect", "protectandserve",
        "toprotectandserve", "toprotectandtoserve", "blacklivesmatter", "bluelivesmatter", "thinblueline",
        "inthelineofduty", "godblessamerica", "makeamericagreatagain", "onenationundergod", "lifelibertyandthepursuitofhappiness",
    }
)  # fmt: skip
"""Long ones that everyone thinks of when fifteen characters are asked for; lists that are cut at eight have none of them."""

_PROGRAM: Final = ("muster", "command", "password", "passwort", "incident")


class Hasher(msgspec.Struct, frozen=True):
    """Makes and checks hashes. Blocks for tens of milliseconds: to be called on a thread."""

    profile: Profile = "default"

    def hash(self, password: str) -> str:
        """The PHC string, with a fresh salt of 128 bits."""
        text = normal(password)
        if self.profile == "default":
            return _ARGON2.hash(text)
        salt = secrets.token_bytes(16)
        return f"$pbkdf2-sha256$i={PBKDF2_ROUNDS}${_b64(salt)}${_b64(_pbkdf2(text, salt, PBKDF2_ROUNDS))}"

    def check(self, phc: str, password: str) -> bool:
        """Whether it is the password, by whichever profile the hash was made."""
        text = normal(password)
        known = _PBKDF2.fullmatch(phc)
        if known is not None:
            made = _pbkdf2(text, base64.b64decode(known[2] + "=="), int(known[1]))
            return hmac.compare_digest(made, base64.b64decode(known[3] + "="))
        try:
            return _ARGON2.verify(phc, text)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    def outdated(self, phc: str) -> bool:
        """Whether the hash was made by another profile or with other parameters than new ones are."""
        if self.profile == "fips":
            return not phc.startswith(f"$pbkdf2-sha256$i={PBKDF2_ROUNDS}$")
        return not phc.startswith("$argon2id$") or _ARGON2.check_needs_rehash(phc)


@cache
def nobodys(profile: Profile) -> str:
    """A hash of nothing anyone knows, so that a name that nobody has costs the same time."""
    return Hasher(profile).hash(secrets.token_urlsafe(32))


def normal(password: str) -> str:
    """The form that is hashed: NFC, so that two keyboards that compose a letter differently agree."""
    return unicodedata.normalize("NFC", password)


def check_new(password: str, context: Iterable[str] = ()) -> None:
    """Raises Unreadable with the reason where this cannot be a new password. `context`: names, ids, agency."""
    text = normal(password)
    if len(text) < LEAST:
        raise Unreadable(f"expected at least {LEAST} characters", where="password")
    if len(text) > MOST:
        raise Unreadable(f"expected at most {MOST} characters", where="password")
    plain = text.casefold()
    if is_common(plain):
        raise Unreadable("expected another password: this one is among the first that attackers try", where="password")
    if _repeats(plain) or _runs(plain):
        raise Unreadable("expected another password: this one is the same few characters in a row", where="password")
    if len(_without(plain, context)) < LEFT_OVER:
        raise Unreadable("expected another password: this one is mostly a name, an agency or a common word",
                         where="password")  # fmt: skip


def is_common(password: str) -> bool:
    """Whether it is on the list of common passwords, by itself, between digits and marks, several times over, or one of
    them after another; or one of the sentences that everyone thinks of. Blanks and marks between words change nothing."""
    plain = normal(password).casefold()
    unit = _unit(plain)
    letters = re.sub(r"[\W_]", "", plain)
    if any(text.strip(_EDGES) in _SENTENCES or _two(text.strip(_EDGES)) for text in (plain, letters)):
        return True
    ends = (str, _left, _right, _both)
    return any(cut(part) in common() for part in (plain, unit) for cut in ends)


@cache
def common() -> frozenset[str]:
    """The list that comes with Muster (its origin and licence stand beside it)."""
    text = resources.files("command.access").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line.casefold() for line in text.splitlines() if line)


def _two(plain: str) -> bool:
    """Whether one common password follows another: ten thousand of each are a hundred million, an afternoon's work."""
    return any(plain[:cut] in common() and plain[cut:] in common() for cut in range(_WORD, len(plain) - _WORD + 1))


def _left(text: str) -> str:
    return text.lstrip(_EDGES)


def _right(text: str) -> str:
    return text.rstrip(_EDGES)


def _both(text: str) -> str:
    return text.strip(_EDGES)


def _without(plain: str, context: Iterable[str]) -> str:
    words = [*_PROGRAM]
    for text in context:
        words += [part for part in re.split(r"\W+", normal(text).casefold()) if len(part) >= 3]
    for word in sorted(set(words), key=len, reverse=True):
        plain = plain.replace(word, "")
    stripped = plain.strip(_EDGES)
    return "" if stripped in common() else stripped


def _unit(plain: str) -> str:
    """The shortest text of which `plain` is a repetition, cut off anywhere; itself where there is none."""
    for size in range(1, len(plain) // 2 + 1):
        unit = plain[:size]
        if (unit * (len(plain) // size + 1))[: len(plain)] == plain:
            return unit
    return plain


def _repeats(plain: str) -> bool:
    return len(_unit(plain)) <= _UNIT or len(set(plain)) < 5


def _runs(plain: str) -> bool:
    """Whether nearly all of it counts up or down: 123456789…, abcdefghij…"""
    steps = [ord(b) - ord(a) for a, b in pairwise(plain)]
    return any(steps.count(step) >= 0.8 * len(steps) for step in (1, -1))


def _pbkdf2(text: str, salt: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", text.encode(), salt, rounds)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode().rstrip("=")
