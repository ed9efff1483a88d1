"""Audit entries hold ids and fixed words: nothing that was typed can get in."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from command.access.audit import entry
from command.access.model import Subject

NOW = datetime(2016, 5, 1, tzinfo=UTC)
WHO = Subject(person="p-1", name="CANARY NAME", agency="spd", rank="officer", session="s-1", source="10.0.0.9")


def test_an_entry_says_who_what_when_where_and_how_it_ended() -> None:
    """AU-3: all five, and the name of nobody."""
    row = entry(WHO, "incident.read", "i-1", "ok", NOW, source="10.0.0.9", detail="granted as field")
    assert (row.at, row.who, row.session, row.source) == (NOW, "p-1", "s-1", "10.0.0.9")
    assert (row.action, row.object, row.outcome, row.detail) == ("incident.read", "i-1", "ok", "granted as field")
    assert "CANARY" not in repr(row)


def test_before_sign_in_it_is_nobody() -> None:
    """The attempt is kept all the same."""
    row = entry(None, "session.redeem", None, "denied", NOW, source="::1")
    assert (row.who, row.session, row.object, row.source) == ("-", "", "-", "::1")
    assert entry(None, "audit.read", "-", "ok", NOW, source="cli").object == "-"


@given(st.text().filter(lambda text: " " in text or "'" in text or not text.isascii()))
def test_text_that_is_no_id_no_address_and_no_action_is_not_kept(text: str) -> None:
    """Free text has no way in through object, source or action."""
    row = entry(WHO, text, text, "denied", NOW, source=text)
    assert (row.action, row.object, row.source) == ("unknown", "?", "?")
