"""Key files: made once, ours alone, and never half of one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from command.errors import Conflict, Misconfigured
from command.store.keyring import (
    KEK,
    NEXT,
    SIGN,
    SIGN_OLD,
    key_id,
    load_key,
    promote,
    read_key,
    retire_signing,
    signing_keys,
    turn_signing,
    wrapping_keys,
    write_key,
)


def test_the_key_file_is_made_once_and_is_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "kek"
    kek = load_key(path)
    assert len(kek) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load_key(path) == kek


@pytest.mark.parametrize("content", [b"", b"abc", b"00" * 31, b"zz" * 32, b"\xff" * 64])
def test_a_key_file_with_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kek"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(Misconfigured, match="64 hexadecimal"):
        load_key(path)


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kek"
    load_key(path)
    path.chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        load_key(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="key file"):
        read_key(tmp_path / "none")


def test_a_written_key_is_never_overwritten_and_leaves_no_draft(tmp_path: Path) -> None:
    assert write_key(tmp_path / KEK, b"1" * 32)
    assert not write_key(tmp_path / KEK, b"2" * 32)
    assert read_key(tmp_path / KEK) == b"1" * 32
    assert [path.name for path in tmp_path.iterdir()] == [KEK]


def test_the_coming_key_takes_the_old_ones_place_at_once(tmp_path: Path) -> None:
    """Both are at hand until then; afterwards the old one is nowhere."""
    write_key(tmp_path / KEK, b"1" * 32)
    promote(tmp_path)
    assert wrapping_keys(tmp_path) == (b"1" * 32,)
    write_key(tmp_path / NEXT, b"2" * 32)
    assert wrapping_keys(tmp_path) == (b"1" * 32, b"2" * 32)
    promote(tmp_path)
    assert wrapping_keys(tmp_path) == (b"2" * 32,)
    assert (b"1" * 32).hex() not in "".join(path.read_text() for path in tmp_path.iterdir())


def test_the_id_of_a_key_tells_nothing_of_it() -> None:
    assert key_id(b"1" * 32) != key_id(b"2" * 32)
    assert len(key_id(b"1" * 32)) == 16 and (b"1" * 32).hex()[:8] not in key_id(b"1" * 32)


def test_the_signing_key_is_made_once_and_exchanged_in_two_steps(tmp_path: Path) -> None:
    """The old one signs beside the new one until it is retired, and no second exchange begins meanwhile."""
    (first,) = signing_keys(tmp_path)
    assert signing_keys(tmp_path) == (first,) and stat.S_IMODE((tmp_path / SIGN).stat().st_mode) == 0o600
    turn_signing(tmp_path, b"2" * 32)
    second, old = signing_keys(tmp_path)
    assert old == first != second == b"2" * 32
    with pytest.raises(Conflict, match="retire the old one first"):
        turn_signing(tmp_path, b"3" * 32)
    assert retire_signing(tmp_path) and not retire_signing(tmp_path)
    assert signing_keys(tmp_path) == (second,) and not (tmp_path / SIGN_OLD).exists()
