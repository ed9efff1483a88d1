"""Headers: exact bytes in, the same bytes out."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command.domain.envelope import HEADER_VERSION, Header, Recorded, Statement, decode_header, encode_header
from command.policy.decision import Decision, Finding
from tests.support.strategies import actors, of, origins, sealed_events, times, words

decisions = st.none() | of(Decision)
findings = st.none() | of(Finding)
statements = st.none() | st.builds(Statement, st.just("tablet-7"), st.binary(max_size=9), st.binary(max_size=64))
headers = st.builds(
    Header, v=st.just(HEADER_VERSION), log=words, epoch=st.integers(1, 9), seq=st.integers(1), id=words, type=words,
    schema=st.integers(1, 9), occurred_at=times, recorded_at=times, actor=actors, cmd=words,
    body=sealed_events.map(lambda event: msgspec.Raw(msgspec.json.encode(event))), clock_error_ms=st.integers(0, 10**6),
    wall_at=st.none() | times, basis_seq=st.none() | st.integers(0), packs=st.none() | words, decision=decisions,
    finding=findings, supersedes=st.none() | words, origin=origins, statement=statements,
)  # fmt: skip


@given(headers)
def test_header_bytes_round_trip(header: Header) -> None:
    raw = encode_header(header)
    assert encode_header(decode_header(raw)) == raw
    assert decode_header(raw) == header


def test_a_header_with_more_or_less_than_its_fields_is_refused() -> None:
    for raw in (b"{}", b"[]", b"x"):
        with pytest.raises(msgspec.MsgspecError):
            decode_header(raw)


@given(headers, sealed_events)
def test_an_entry_has_its_headers_place(header: Header, event: object) -> None:
    assert Recorded(header, event).seq == header.seq  # type: ignore[arg-type]  # an event of any kind
