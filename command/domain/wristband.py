"""Numbers of wristbands and paper forms: unique without a network, readable aloud, with a check character.

`W-204-0173-W`: what it is on (W a wristband, F a form), the series of whoever handed the run
out, the number in the run, and the check character of ISO/IEC 7064, MOD 37,36. It finds
every single wrong character and nearly every two neighbours that were swapped. Two runs never
share numbers where each holder has a series of their own: no server has to be asked.
Letters that are mistaken for digits when read aloud or off a wet band (I, L, O, Q, S, Z) stand in no
series; a reader takes them for the digit. The check character alone may be one of them.
"""

from __future__ import annotations

from typing import NamedTuple

from command.errors import Unreadable, WrongChecksum

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The 36 characters of MOD 37,36, each worth its place."""

SAFE = "0123456789ABCDEFGHJKMNPRTUVWXY"
"""What a series is written with."""

_MEANT = str.maketrans({"I": "1", "L": "1", "O": "0", "Q": "0", "S": "5", "Z": "2"})

MOST_IN_A_RUN = 9999


class Band(NamedTuple):
    """What a number says: W for wristbands, F for paper forms; the series of its run; its place in the run."""

    kind: str
    series: str
    number: int

    def __str__(self) -> str:
        return make(self.kind, self.series, self.number)


def check_character(text: str) -> str:
    """The check character of letters and digits (ISO/IEC 7064, MOD 37,36). Raises Unreadable for anything else."""
    carry = 36
    for character in text:
        place = ALPHABET.find(character)
        if place < 0:
            raise Unreadable(f"expected digits and capital letters, got {character!r}")
        carry = ((carry + place) % 36 or 36) * 2 % 37
    return ALPHABET[(37 - carry) % 36]


def make(kind: str, series: str, number: int) -> str:
    """The number as it is printed. Raises Unreadable where it could not be read back."""
    if kind not in ("W", "F"):
        raise Unreadable(f'expected "W" for a wristband or "F" for a paper form, got {kind!r}')
    if not 1 <= len(series) <= 6 or any(character not in SAFE for character in series):
        raise Unreadable(f"expected a series of 1 to 6 of {SAFE}, got {series!r}")
    if not 0 < number <= MOST_IN_A_RUN:
        raise Unreadable(f"expected a number from 1 to {MOST_IN_A_RUN}, got {number}")
    body = f"{kind}{series}{number:04}"
    return f"{kind}-{series}-{number:04}-{check_character(body)}"


def parse(text: str) -> Band:
    """What was typed or read aloud: blanks, dashes and small letters do not matter.

    Raises Unreadable for what is no number, WrongChecksum for one that was misread.
    """
    packed = "".join(character for character in text.upper() if character not in " -–_.")
    if not packed.isascii() or not packed.isalnum():
        raise Unreadable(f"expected a number such as W-204-0173-W, got {text!r}")
    kind, body, check = packed[:1], packed[1:-1].translate(_MEANT), packed[-1:]
    series, number = body[:-4], body[-4:]
    if kind not in ("W", "F") or not 1 <= len(series) <= 6 or not number.isdigit() or int(number) == 0:
        raise Unreadable(f"expected a number such as W-204-0173-W, got {text!r}")
    if check != check_character(kind + body):
        raise WrongChecksum(f"expected {kind}-{series}-{number} with another check character, got {check!r}: misread?")
    return Band(kind, series, int(number))


def canonical(text: str) -> str:
    """The number as it is printed; what is no such number, or was misread, as it was written."""
    try:
        return str(parse(text))
    except Unreadable:
        return text.strip()


def verify(text: str) -> bool:
    """Whether it is such a number, and its check character fits."""
    try:
        parse(text)
    except Unreadable:
        return False
    return True


def misread(text: str) -> bool:
    """Whether it is written as such a number and its check character does not fit; another maker's number is not."""
    try:
        parse(text)
    except WrongChecksum:
        return True
    except Unreadable:
        return False
    return False


def run_of(first: str, last: str) -> int | None:
    """How many numbers a run has, both ends included; None where the two are not the ends of one run of this form."""
    if not verify(first) or not verify(last):
        return None
    one, other = parse(first), parse(last)
    return other.number - one.number + 1 if one[:2] == other[:2] and one.number <= other.number else None


def within(text: str, run: tuple[str, str]) -> bool:
    """Whether a number is of a run, given by its ends."""
    return overlap((text, text), run)


def overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two runs share a number. What is not of this form shares none."""
    if run_of(*one) is None or run_of(*other) is None:
        return False
    (first, last), (begin, end) = map(parse, one), map(parse, other)
    return first[:2] == begin[:2] and first.number <= end.number and begin.number <= last.number
