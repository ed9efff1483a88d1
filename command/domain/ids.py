"""The small words of the vocabulary: identifiers, bounded texts, places.

Every bound here is checked when a command is decoded, so nothing inside the
core has to check lengths or shapes again.
"""

from __future__ import annotations

from typing import Annotated, NewType

import msgspec
from msgspec import Meta

# An id is what a person can read aloud over a radio and a URL can carry unescaped.
# 64 characters hold a UUID, a badge, a city's beat code or "2016UOF-0481-2074-8260".
# `$` alone would let a last line break through; the look-ahead means the same in Python and in a browser.
_ID = Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$(?!\n)")

IncidentId = NewType("IncidentId", str)
PersonId = Annotated[str, _ID]
AgencyId = Annotated[str, _ID]
UnitId = Annotated[str, _ID]
SectorId = Annotated[str, _ID]
SubjectId = Annotated[str, _ID]
RecordId = Annotated[str, _ID]
LevelId = Annotated[str, _ID]
RuleId = Annotated[str, _ID]
PositionId = Annotated[str, _ID]
ToolId = Annotated[str, _ID]

PackName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}@sha256:[0-9a-f]{64}$(?!\n)")]
"""A rule pack by its id and the SHA-256 of its file: whoever has the bytes can check that these are the ones."""

# No line breaks, no control characters and no direction overrides: with those a name can imitate
# the rest of a screen or a log. Left-to-right and right-to-left letters themselves are welcome.
_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*\Z"

Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=_ONE_LINE)]
"""One line that must say something: a name, a title, a place."""

Text = Annotated[str, Meta(max_length=8000)]
"""Free text. 8,000 characters is a long page; a command of several still fits a 64 KiB frame."""

Note = Annotated[str, Meta(min_length=1, max_length=8000)]
"""Free text that must not be empty."""


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A point on the ground, WGS 84 degrees. `accuracy_m`: how far it may be off, where a device measured it."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    accuracy_m: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None


Ring = Annotated[tuple[tuple[float, float], ...], Meta(min_length=3, max_length=2000)]
"""A closed boundary as (lon, lat) pairs in GeoJSON order; the last point need not repeat the first."""
