"""Letters that no font of the server has: they are named on the paper, where boxes would stand that nobody can explain.

The record keeps every letter; a paper that cannot show one says which, and how many. Pure: who asks the fonts is a
function that the caller brings.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

FirstMissing = Callable[[str], str | None]
"""Some letters in: one of them that no font has, or None. Asking costs some milliseconds."""

MOST_ROUNDS: Final = 40
"""Letters found missing one by one. After so many, the other letters of their scripts are taken for missing as well."""

SHOWN_ONE_BY_ONE: Final = 8
"""Letters in a row that are named by their code points; of more, how many of which script."""

_ALWAYS: Final = 0x17F  # Latin: in the font that comes with the program
_NO_LETTERS: Final = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
_BETWEEN: Final = r"\s.,;:!?'\"、。，–\-"  # what stands among the words of a sentence
_JOINERS: Final = "\u200c\u200d\ufe0e\ufe0f"


def texts_of(value: object) -> Iterator[str]:
    """Every text in plain data, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from texts_of(one)


def missing(texts: Iterable[str], first: FirstMissing) -> frozenset[str]:
    """The letters of these texts that no font has."""
    asked = {char for text in texts if not text.isascii() for char in set(text) if _may_be_missing(char)}
    lost: set[str] = set()
    for _ in range(MOST_ROUNDS):
        found = first(" ".join(sorted(asked))) if asked else None
        if found is None:
            return frozenset(lost)
        named = set(found) & asked
        if not named:  # it names what was not asked: then nothing is known of any of them
            return frozenset(lost | asked)
        lost |= named
        asked -= named
    scripts = {script(char) for char in lost}
    return frozenset(lost | {char for char in asked if script(char) in scripts})


def script(char: str) -> str:
    """The script of a letter as a person calls it (Hangul, Thai); "symbol" for what is no letter, as emoji are."""
    if unicodedata.category(char)[0] not in "LM":
        return "symbol"
    name = unicodedata.name(char, "").split(" ")[0]
    return {"CJK": "Chinese characters", "KATAKANA-HIRAGANA": "Katakana"}.get(
        name, name.capitalize()
    ) or "unknown script"


def without(value: Any, lost: frozenset[str]) -> Any:
    """Plain data with each run of missing letters named in its place."""
    letters = "".join(re.escape(char) for char in sorted(lost))
    return _replaced(value, re.compile(rf"[{letters}](?:[{_BETWEEN}{_JOINERS}]*[{letters}])*[{_JOINERS}]*"), lost)


def _replaced(value: Any, run: re.Pattern[str], lost: frozenset[str]) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else run.sub(lambda found: _named(found.group(), lost), value)
    if isinstance(value, dict):
        return {key: _replaced(one, run, lost) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(one, run, lost) for one in value]
    return value


def said(texts: Iterable[str], lost: frozenset[str]) -> str:
    """What a paper says at its top about letters that it cannot show."""
    return (
        f"The server has no font for {_counted(char for text in texts for char in text if char in lost)}. "
        "What cannot be printed is named between ‹ and › where it stands. The record holds every letter: read them on a screen, or "
        "aloud to whom the paper is for."
    )


def _named(run: str, lost: frozenset[str]) -> str:
    chars = [char for char in run if char in lost]
    if len(chars) > SHOWN_ONE_BY_ONE:
        return f"‹{_counted(chars)}, not printed›"
    return "‹" + " ".join(f"U+{ord(char):04X}" for char in chars) + "›"


def _counted(chars: Iterable[str]) -> str:
    kinds = Counter(map(script, chars))
    parts = [
        f"{count} {'symbol' if count == 1 else 'symbols'}"
        if kind == "symbol"
        else f"{count} {'letter' if count == 1 else 'letters'} of {kind}"
        for kind, count in kinds.most_common()
    ]
    return " and ".join(parts)


def _may_be_missing(char: str) -> bool:
    return ord(char) > _ALWAYS and char not in _JOINERS and unicodedata.category(char) not in _NO_LETTERS
