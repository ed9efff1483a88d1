"""What people write about an arrestee, in NIBRS's codes. A word that is not understood stays as it came. Pure.

A form takes words, a table brings its own letters: "Female", "F – woman" and "f" are one code. What is nobody's
code is handed on, for the rules to name it; nothing is taken for a value that nobody gave.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

_SEX: Final = {"male": "M", "man": "M", "boy": "M", "female": "F", "woman": "F", "girl": "F"}
_RACE: Final = {
    "white": "W", "caucasian": "W", "black": "B", "black or african american": "B", "african american": "B",
    "asian": "A", "american indian": "I", "american indian or alaska native": "I", "american indian alaska native": "I",
    "alaska native": "I",
    "native american": "I", "pacific islander": "P", "native hawaiian": "P",
    "native hawaiian or other pacific islander": "P",
}  # fmt: skip
_ETHNICITY: Final = {
    "hispanic": "H", "hispanic or latino": "H", "latino": "H", "latina": "H", "not hispanic": "N", "non hispanic": "N",
    "nonhispanic": "N", "not hispanic or latino": "N",
}  # fmt: skip
_RESIDENT: Final = {
    "resident": "R", "yes": "R", "nonresident": "N", "non resident": "N", "not resident": "N", "no": "N", "out of state": "N",
}  # fmt: skip
_ARMED: Final = {
    "unarmed": "01", "not armed": "01", "none": "01", "no": "01", "nothing": "01", "no weapon": "01", "firearm": "11",
    "gun": "11", "handgun": "12", "pistol": "12", "revolver": "12", "rifle": "13", "shotgun": "14", "knife": "16",
    "club": "17", "baton": "17", "bat": "17", "blackjack": "17", "brass knuckles": "17",
}  # fmt: skip
_UNKNOWN: Final = frozenset({"u", "unk", "unknown", "not known", "refused", "not stated", "declined"})
_YEARS: Final = re.compile(r"(\d{1,3})(?: ?(?:years?|yrs?|y)(?: old)?| ?y\.? ?o\.?)?", re.IGNORECASE)
_RANGE: Final = re.compile(r"(\d{1,2}) ?(?:-|–|to|or) ?(\d{1,2})(?: years?)?", re.IGNORECASE)
_LONGEST: Final = 40


def sex(text: str) -> str:
    """M or F, or what came."""
    return _coded(text, _SEX)


def race(text: str) -> str:
    """W, B, I, A or P; U where somebody said that it is not known; or what came."""
    return _coded(text, _RACE)


def ethnicity(text: str) -> str:
    """H, N or U, or what came."""
    return _coded(text, _ETHNICITY)


def resident(text: str) -> str:
    """R, N or U, or what came."""
    return _coded(text, _RESIDENT)


def armed(text: str) -> tuple[str, ...]:
    """A code for each of what is named, each once: words, or codes beside each other."""
    if re.fullmatch(r"(?:\d\dA?[ ,;]*)+", text.strip(), re.IGNORECASE):
        return tuple(dict.fromkeys(re.findall(r"\d\dA?", text.upper())))
    parts = [part for part in re.split(r"[,;/+]| and ", text) if part.strip()]
    return tuple(dict.fromkeys(_ARMED.get(_bare(part), part.strip()[:_LONGEST]) for part in parts))


def age(text: str, born: str, day: date) -> str:
    """Years on `day` in two digits, a range in four, 00 for an age that is not known; or what came.

    By the date of birth (RFC 3339) where it is one, else by what was said of the age; "" where nothing was.
    """
    birth = _date(born)
    if birth is not None and birth <= day:
        years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
        return f"{min(years, 99):02d}"
    said = text.strip()
    if _bare(said) in _UNKNOWN:
        return "00"
    if found := _RANGE.fullmatch(said):
        return f"{int(found[1]):02d}{int(found[2]):02d}"
    if (found := _YEARS.fullmatch(said)) and int(found[1]) > 0:
        return f"{int(found[1]):02d}"
    return said[:_LONGEST]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _coded(text: str, words: Mapping[str, str]) -> str:
    """A code as a form gives it: its word, its letter, or the letter before an explanation ("W – White")."""
    bare = _bare(text)
    if bare in words:
        return words[bare]
    if bare in _UNKNOWN:
        return "U"
    first = re.match(r"([A-Za-z])(?:$|[ .:)(/-])", text.strip().replace("–", "-"))
    return first[1].upper() if first else text.strip()[:_LONGEST]


def _bare(text: str) -> str:
    """Words in lower case, whatever stood between them."""
    return " ".join(re.findall(r"[a-z]+", text.lower()))
