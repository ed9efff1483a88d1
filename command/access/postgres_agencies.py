"""Agencies and what became of each thing, in PostgreSQL: a part of `postgres.PostgresAccess`."""

from __future__ import annotations

from typing import Final

import msgspec

from command.access.agencies import Agency
from command.access.pooled import Pooled
from command.store.ports import AuditRow

"""How long an act waits for a connection; then it is `unavailable` rather than stuck. Statements have the pool's limit."""

AUDIT: Final = """
insert into audit (at, who, session, source, action, object, outcome, detail)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""

_COLUMNS: Final = "id, name, kind, contact, agreement, agreement_until, since, ended_at"
_ADD: Final = f"""
insert into agencies ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning id
"""
_FOUND: Final = """
insert into agencies (id, name, kind, since)
select agency, agency, 'unstated', $2 from (select agency from accounts union select agency from devices) as named
where agency <> $1 and agency ~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$' and not exists (select from agencies)
"""
_CHANGE: Final = """
update agencies set name = $2, kind = $3, contact = $4, agreement = $5, agreement_until = $6, ended_at = $7
where id = $1 returning id
"""


class PostgresAgencies(Pooled):
    """An AgencyStore over a pool that connects as the application role."""

    subject = "access"

    async def agencies(self) -> list[Agency]:
        """See AgencyStore."""
        async with self._connection() as db:
            rows = await db.fetch(f"select {_COLUMNS} from agencies order by id")
        return [Agency(**dict(row)) for row in rows]

    async def add_agency(self, agency: Agency, audit: AuditRow) -> bool:
        """See AgencyStore."""
        async with self._transaction() as db:
            await db.execute(_FOUND, agency.id, audit.at)
            made = await db.fetchval(_ADD, *msgspec.structs.astuple(agency))
            if made is not None:
                await db.execute(AUDIT, *msgspec.structs.astuple(audit))
            return made is not None

    async def change_agency(self, agency: Agency, audit: AuditRow) -> bool:
        """See AgencyStore."""
        async with self._transaction() as db:
            found = await db.fetchval(
                _CHANGE, agency.id, agency.name, agency.kind, agency.contact, agency.agreement,
                agency.agreement_until, agency.ended_at,
            )  # fmt: skip
            if found is not None:
                await db.execute(AUDIT, *msgspec.structs.astuple(audit))
            return found is not None
