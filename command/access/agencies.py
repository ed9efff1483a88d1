"""Agencies as things of their own: who they are, under which agreement, until when; and what to say to an unknown one.

An empty register knows nobody and so refuses nobody: the first account names the first agency, which founds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import Final, Literal, Protocol

import msgspec

from command.domain.commands import AdmitAgency, OpenIncident
from command.errors import Unreadable
from command.store.ports import AuditRow

Kind = Literal[
    "local", "county", "state", "federal", "campus", "transit", "tribal", "medical", "oversight", "other", "unstated"
]
"""Whose law an agency is under. `unstated`: known by name from before there was a register."""

NEAR: Final = 0.6
"""How alike a mistyped id must be to be offered: `kcsso` and `kcso` are 0.89, `spd` and `opd` 0.67."""


class Agency(msgspec.Struct, frozen=True):
    """An agency. `contact` is a desk or a channel, never a person; `agreement` is what it helps under."""

    id: str
    name: str
    kind: Kind
    contact: str = ""
    agreement: str = ""
    agreement_until: datetime | None = None
    since: datetime | None = None
    ended_at: datetime | None = None


class AgencyStore(Protocol):
    """All methods raise Unavailable when the record cannot be kept or read; nothing was done then."""

    async def agencies(self) -> list[Agency]:
        """All agencies, ended ones included, by id."""

    async def add_agency(self, agency: Agency, audit: AuditRow) -> bool:
        """Keep a new agency. False where its id is taken: then nothing was audited.

        With the first one come those that accounts name already, so that nobody becomes unknown by it.
        """

    async def change_agency(self, agency: Agency, audit: AuditRow) -> bool:
        """Put these words in the place of those before, the end included. False where there is no such agency."""


def in_force(agency: Agency, now: datetime) -> bool:
    """Whether it has not ended."""
    return agency.ended_at is None or now < agency.ended_at


def agreement_of(agency: Agency, now: datetime) -> str:
    """The agreement that it helps under now; empty where there is none, or it is over."""
    over = agency.agreement_until is not None and agency.agreement_until <= now
    return "" if over else agency.agreement


def unknown(wanted: str, known: Iterable[str], of: str = "of the register") -> str:
    """What to say where there is no agency of this id."""
    among = sorted(known)
    by_case = {one.casefold(): one for one in among}
    near = [by_case[one] for one in get_close_matches(wanted.casefold(), by_case, n=2, cutoff=NEAR)]
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"expected an agency {of}, got {wanted}{meant}"


async def check(store: AgencyStore, wanted: str, now: datetime, *, where: str = "agency") -> Agency | None:
    """The agency of this id; None where the register is empty. Raises Unreadable, with what it may have meant."""
    known = {one.id: one for one in await store.agencies()}
    if not known:
        return None
    found = known.get(wanted)
    if found is None:
        raise Unreadable(unknown(wanted, (one.id for one in known.values() if in_force(one, now))), where=where)
    if not in_force(found, now):
        raise Unreadable(f"expected an agency that has not ended, got {wanted}", where=where)
    return found


def founding(agency: str, now: datetime) -> Agency:
    """The first agency, by the first account: its name and kind are for someone to say."""
    return Agency(agency, agency, "unstated", since=now)


class AgencyBook:
    """Implements `service.agencies.Agencies`: asked before an incident is opened or an agency let in."""

    def __init__(self, store: AgencyStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def named(self, cmd: AdmitAgency | OpenIncident, *, signed: bool) -> AdmitAgency | OpenIncident:
        """The command, with the agreement and kind that the register has copied in by value where it names none.

        Judging reads nothing but the incident's own log. `signed`: a device signed these words, and they stay as they
        are. Raises Unreadable for an agency that the register does not know, or that has ended.
        """
        now = self._now()
        if isinstance(cmd, OpenIncident):
            await check(self._store, cmd.lead_agency, now, where="command.lead_agency")
            return cmd
        found = await check(self._store, cmd.agency, now, where="command.agency")
        if found is None or signed:
            return cmd
        kind = None if found.kind == "unstated" else found.kind
        return msgspec.structs.replace(
            cmd,
            agreement=cmd.agreement or agreement_of(found, now) or None,
            jurisdiction=cmd.jurisdiction or kind,
        )
