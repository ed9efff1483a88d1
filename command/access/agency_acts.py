"""What is done upon agencies, the same by the page and at the machine: add, change, end. Each with its entry."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from command.access.agencies import Agency, AgencyStore, in_force, unknown
from command.access.audit import entry
from command.access.model import Subject
from command.errors import Conflict, NotFound, Unreadable


async def add(store: AgencyStore, agency: Agency, now: datetime, by: Subject) -> Agency:
    """Keep a new agency, from now on. Raises Conflict where its id is taken, by one that has ended too."""
    kept = _in_utc(msgspec.structs.replace(agency, since=now, ended_at=None))
    if not await store.add_agency(kept, entry(by, "agency.add", kept.id, "ok", now, source=by.source)):
        raise Conflict(f"expected an id of its own, got {kept.id}, which is an agency's already", where="id")
    return kept


async def change(store: AgencyStore, agency: str, words: dict[str, Any], now: datetime, by: Subject) -> Agency:
    """Put `words` (fields of Agency but its id and dates of being) in place. Raises NotFound."""
    kept = _in_utc(msgspec.structs.replace(await _found(store, agency), **words))
    await _put(store, kept, "agency.change", now, by)
    return kept


async def end(store: AgencyStore, agency: str, now: datetime, by: Subject) -> Agency:
    """From now on nothing new may name it. Its accounts end by themselves or by hand. Again: no-op. Raises NotFound."""
    held = await _found(store, agency)
    if not in_force(held, now):
        return held
    kept = msgspec.structs.replace(held, ended_at=now)
    await _put(store, kept, "agency.end", now, by)
    return kept


def _in_utc(agency: Agency) -> Agency:
    """Its times as they are kept. Raises Unreadable for one that UTC has not."""
    if agency.agreement_until is None:
        return agency
    try:
        return msgspec.structs.replace(agency, agreement_until=agency.agreement_until.astimezone(UTC))
    except OverflowError:
        raise Unreadable("expected a time between the years 1 and 9999", where="agreement_until") from None


async def _found(store: AgencyStore, agency: str) -> Agency:
    known = {one.id: one for one in await store.agencies()}
    if agency not in known:
        raise NotFound(unknown(agency, known))
    return known[agency]


async def _put(store: AgencyStore, agency: Agency, action: str, now: datetime, by: Subject) -> None:
    if not await store.change_agency(agency, entry(by, action, agency.id, "ok", now, source=by.source)):
        raise NotFound(f"there is no agency {agency.id}")
