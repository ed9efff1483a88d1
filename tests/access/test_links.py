"""Links as text: the token stands in the fragment and nowhere else. The rest is in the contract of the store."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from command.access.links import invite
from command.access.memory import MemoryAccess
from command.access.model import Account, Grant, Subject
from command.access.sessions import token_digest
from command.store.ports import AuditRow

NOW = datetime(2016, 5, 1, tzinfo=UTC)
BY = Subject(person="admin", name="", agency="spd", rank="", session="s-9", source="cli")


async def test_a_link_is_base_url_and_fragment_and_the_trail_has_neither() -> None:
    """Two links for one person are two tokens; a slash at the end of the base is no second slash."""
    rows: list[AuditRow] = []
    access = MemoryAccess(rows.append)
    account = Account(person="p", name="CANARY", agency="spd")
    urls = [
        await invite(access, account, "field", base_url=base, now=NOW, by=BY)
        for base in ("https://muster.example", "https://muster.example/")
    ]
    assert all(re.fullmatch(r"https://muster\.example/link#[A-Za-z0-9_-]{43}", url) for url in urls)
    assert urls[0] != urls[1]
    assert [(row.who, row.session, row.action, row.object, row.detail) for row in rows] == [
        ("admin", "s-9", "user.invite", "p", "field")
    ] * 2
    assert all(token_digest(url.partition("#")[2]) for url in urls)
    assert not any(part in repr(rows) for part in ("CANARY", *(url.partition("#")[2] for url in urls)))


async def test_more_grants_can_come_with_it() -> None:
    """A demonstration gives someone a place at several incidents at once."""
    access = MemoryAccess(lambda row: None)
    more = (Grant(person="p", role="reviewer", incident="i-2", given_by="admin"),)
    account = Account(person="p", name="P", agency="spd")
    await invite(access, account, "field", incident="i-1", base_url="http://x", now=NOW, by=BY, more=more)
    [(_, grants)] = await access.accounts()
    assert [(grant.role, grant.incident) for grant in grants] == [("field", "i-1"), ("reviewer", "i-2")]
