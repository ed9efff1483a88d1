"""Limits that stand before anything is read or decided: rate, size, depth. Pure; time is handed in.

Sizes and rates are settings where an operator may need others; the reasons for
the defaults stand beside them.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

from command.errors import Busy, Unreadable

MAX_BODY_BYTES: Final = 1 << 20
"""A hundred commands of ten kilobytes each: more than an outbox of a shift has in one batch."""

MAX_DEPTH: Final = 32
"""The deepest thing we read, a command in a submission in a list, is seven levels deep."""

MAX_SUBMISSIONS: Final = 100
"""As in a frame of the socket."""

MAX_KEYS: Final = 10_000
"""Buckets kept at once, some 2 MiB. Beyond it the one longest unused is forgotten, which gives its owner a full one."""

PLACE_AGAIN_S: Final = 5.0

SAID: Final = 20
SAID_EVERY_S: Final = 10.0
"""Log lines of one kind that strangers, or a database that is away, may bring about: enough to see what it is, too few to
fill a disk. `/metrics` counts them all."""

MAX_REPORT_BYTES: Final = 16 << 10
"""What a browser says of our policy: a handful of reports of some hundred bytes."""

MAX_REPORTS: Final = 50

MOST_SEQ: Final = 10**15
"""No log and no trail is that long; what is larger is a mistake, and no number of the database's."""

# Possessive, and one that does not end is a string too: what was passed is never passed again, whatever was sent.
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


@lru_cache(maxsize=MAX_KEYS)
def line_of(address: str) -> str:
    """The address by which limits count: of IPv6 its network of 64 bits, which is what one line is given (RFC 6177).

    Whoever has one could come from another address with each request otherwise, and every limit would begin anew.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:  # a socket of this machine's, or what a proxy made up
        return address
    if found.version == 4:
        return address
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))


class Buckets:
    """Token buckets by key: `burst` at once, `per_s` sustained."""

    def __init__(self, per_s: float, burst: float, *, keys: int = MAX_KEYS) -> None:
        self._per_s = per_s
        self._burst = burst
        self._keys = keys
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> (level, at)

    def take(self, key: str, now_s: float) -> None:
        """Take one token of `key`. Raises Busy with `retry_after_s` when there is none."""
        level, at = self._levels.pop(key, (self._burst, now_s))
        level = min(self._burst, level + max(0.0, now_s - at) * self._per_s)
        short = level < 1.0
        self._levels[key] = (level if short else level - 1.0, max(at, now_s))
        if len(self._levels) > self._keys:
            self._levels.popitem(last=False)
        if short:
            raise Busy("too many requests", retry_after_s=(1.0 - level) / self._per_s)

    def __len__(self) -> int:
        return len(self._levels)


class Places:
    """How many of a thing may be open at once: in all, and for each key. What cannot come in is told to come back."""

    def __init__(self, most: int, **per_key: int) -> None:
        """`per_key`: the kind of key -> how many for one of that kind."""
        self._most = most
        self._per_key = per_key
        self._open = 0
        self._by_key: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def hold(self, **keys: str) -> Iterator[None]:
        """Keep a place for as long as the block runs. Raises Busy where there is none, and then keeps nothing."""
        held = tuple(keys.items())
        if self._open >= self._most or any(self._by_key[key] >= self._per_key[key[0]] for key in held):
            raise Busy("too many are open", retry_after_s=PLACE_AGAIN_S)
        self._open += 1
        self._by_key.update(held)
        try:
            yield
        finally:
            self._open -= 1
            self._by_key.subtract(held)
            for key in held:
                if not self._by_key[key]:
                    del self._by_key[key]

    def __len__(self) -> int:
        return self._open


class Repeats:
    """What happens again and again is said so many times in a while, and then only counted until the next."""

    def __init__(self, said: int = SAID, every_s: float = SAID_EVERY_S) -> None:
        self._said = said
        self._every_s = every_s
        self._kinds: dict[
            str, tuple[float, int, int]
        ] = {}  # of a closed set: since when, how often said, how often not

    def take(self, kind: str, now_s: float) -> int | None:
        """How many went unsaid before this one; None where this one goes unsaid as well."""
        since, said, unsaid = self._kinds.get(kind, (now_s, 0, 0))
        if now_s - since >= self._every_s:
            since, said = now_s, 0
        if said >= self._said:
            self._kinds[kind] = since, said, unsaid + 1
            return None
        self._kinds[kind] = since, said + 1, 0
        return unsaid


def check_depth(raw: bytes, limit: int = MAX_DEPTH) -> None:
    """Raise Unreadable where JSON text nests deeper than `limit`, before any decoder recurses into it.

    Counts brackets outside strings. Text that is no JSON may pass: the decoder says so then.
    """
    depth = 0
    for byte in _STRINGS.sub(b"", raw).translate(None, _NOT_BRACKETS):
        if byte in b"[{":
            depth += 1
            if depth > limit:
                raise Unreadable(f"expected at most {limit} levels of nesting", where="body")
        else:
            depth -= 1
