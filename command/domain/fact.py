"""What all events share, so that the vocabulary can be written in several modules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

Utc = Annotated[datetime, Meta(tz=True)]


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag=True):
    """Base of all events. The tag on the wire is the class name and is fixed for ever."""
