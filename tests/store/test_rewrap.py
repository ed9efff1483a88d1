"""Another wrapping key: what was sealed before still opens, a crash anywhere is gone on from, the old key ends last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from command.errors import Corrupt, Misconfigured, Unavailable
from command.store import rewrap
from command.store.embedded import Cluster
from command.store.keyring import KEK, NEXT, key_id, load_key, read_key, wrapping_keys, write_key
from command.store.keys import PostgresKeyStore
from command.store.provision import APP
from tests.store.contract import LOG
from tests.support.database import admin, fresh_database

KEYS = {f"p{n}": bytes([n]) * 32 for n in range(1, 40)}


@pytest_asyncio.fixture
async def place(cluster: Cluster) -> AsyncIterator[str]:
    """A fresh key database."""
    async with fresh_database(cluster, template="template1", owner=APP) as name:
        yield name


async def opened(cluster: Cluster, name: str, files: Path) -> PostgresKeyStore:
    """A node's key store on it."""
    kek = load_key(files / KEK)
    return await PostgresKeyStore.connect(cluster.dsn(name, APP), kek, again=lambda: wrapping_keys(files))


async def under(cluster: Cluster, name: str) -> set[str]:
    """Under which keys subject keys are wrapped."""
    connection = await asyncpg.connect(cluster.dsn(name, APP))
    try:
        return {row["kek"] for row in await connection.fetch("SELECT kek FROM subject_keys")}
    finally:
        await connection.close()


async def test_all_keys_are_wrapped_anew_and_a_running_node_goes_on(
    cluster: Cluster, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old ones open, new ones are made, another node learns of it by itself; the old key is nowhere."""
    monkeypatch.setattr(rewrap, "CHUNK", 10)
    async with await opened(cluster, place, tmp_path) as ours, await opened(cluster, place, tmp_path) as other:
        await ours.create(LOG, KEYS)
        before = read_key(tmp_path / KEK)
        seen: list[int] = []
        old, new, count = await rewrap.rotate(ours.pool, tmp_path, seen.append)
        assert (old, count, seen) == (key_id(before), len(KEYS), [10, 20, 30])
        assert new == key_id(read_key(tmp_path / KEK)) != old
        assert await under(cluster, place) == {new}
        assert await other.get(LOG, [*KEYS]) == KEYS
        assert await other.create(LOG, {"late": b"l" * 32}) == {"late": b"l" * 32}
        assert await under(cluster, place) == {new}
    assert before.hex() not in "".join(path.read_text() for path in tmp_path.iterdir())
    async with await opened(cluster, place, tmp_path) as again:
        assert (await again.get(LOG, ["p1", "late"])) == {"p1": KEYS["p1"], "late": b"l" * 32}


async def test_a_node_that_was_not_given_the_new_file_is_told_so(cluster: Cluster, place: str, tmp_path: Path) -> None:
    """It neither reads nor writes until the file is there; it loses nothing."""
    here, there = tmp_path / "here", tmp_path / "there"
    kek = load_key(here / KEK)
    there.mkdir()
    (there / KEK).write_text(kek.hex())
    (there / KEK).chmod(0o600)
    async with await opened(cluster, place, here) as ours, await opened(cluster, place, there) as other:
        await ours.create(LOG, {"p1": b"1" * 32})
        await rewrap.rotate(ours.pool, here)
        for act in (other.get(LOG, ["p1"]), other.create(LOG, {"p2": b"2" * 32})):
            with pytest.raises(Unavailable, match="copy the files here"):
                await act
        (there / KEK).write_bytes((here / KEK).read_bytes())
        assert await other.get(LOG, ["p1"]) == {"p1": b"1" * 32}


async def test_two_nodes_with_the_staged_file_go_on_without_a_pause(
    cluster: Cluster, place: str, tmp_path: Path
) -> None:
    """The first one wraps; the other reads at once, starts anew, and its own run only puts the file in its place."""
    here, there = tmp_path / "here", tmp_path / "there"
    kek = load_key(here / KEK)
    write_key_to(there / KEK, kek)
    async with await opened(cluster, place, here) as ours, await opened(cluster, place, there) as other:
        await ours.create(LOG, KEYS)
        staged = rewrap.stage(here)
        write_key_to(there / NEXT, read_key(here / NEXT))
        assert (await rewrap.rotate(ours.pool, here))[1] == staged
        assert await other.get(LOG, [*KEYS]) == KEYS
        await other.create(LOG, {"p99": b"9" * 32})
    async with await opened(cluster, place, there) as other:
        assert (await rewrap.rotate(other.pool, there))[1] == staged
        assert await other.get(LOG, ["p99"]) == {"p99": b"9" * 32}
    assert wrapping_keys(here) == wrapping_keys(there) != (kek,)


def write_key_to(path: Path, key: bytes) -> None:
    """A file that was copied by hand."""
    path.parent.mkdir(exist_ok=True)
    write_key(path, key)


@pytest.mark.parametrize("stop", ["_turn", "wrap_key", "opens", "promote"])
async def test_a_crash_anywhere_loses_nothing_and_the_next_run_goes_on(
    cluster: Cluster, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    """After each crash a fresh start reads everything; the old file is there until the very end."""
    real = getattr(rewrap, stop)
    left = 20 if stop == "wrap_key" else 0

    def crash(*args: object, **more: object) -> object:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        return real(*args, **more)

    async with await opened(cluster, place, tmp_path) as keys:
        await keys.create(LOG, KEYS)
        before = read_key(tmp_path / KEK)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(rewrap, stop, crash)
            await rewrap.rotate(keys.pool, tmp_path)
    assert read_key(tmp_path / KEK) == before and (tmp_path / NEXT).exists()
    async with await opened(cluster, place, tmp_path) as keys:
        assert await keys.get(LOG, [*KEYS]) == KEYS
        await keys.create(LOG, {"between": b"b" * 32})
        _, new, count = await rewrap.rotate(keys.pool, tmp_path)
        assert count == len(KEYS) + 1
        assert await keys.get(LOG, [*KEYS, "between"]) == KEYS | {"between": b"b" * 32}
    assert await under(cluster, place) == {new}
    assert not (tmp_path / NEXT).exists() and key_id(read_key(tmp_path / KEK)) == new


async def test_keys_that_are_made_meanwhile_are_never_left_under_the_old_one(
    cluster: Cluster, place: str, tmp_path: Path
) -> None:
    """Two nodes create while a third hand rotates, three times over."""
    async with await opened(cluster, place, tmp_path) as one, await opened(cluster, place, tmp_path) as two:
        made: dict[str, bytes] = {}
        stop = asyncio.Event()

        async def create(keys: PostgresKeyStore, name: str) -> None:
            number = 0
            while not stop.is_set():
                number += 1
                made.update(await keys.create(LOG, {f"{name}{number}": bytes([number % 256]) * 32}))

        async with asyncio.TaskGroup() as group:
            group.create_task(create(one, "a"), name="creates a")
            group.create_task(create(two, "b"), name="creates b")
            async with await opened(cluster, place, tmp_path) as third:
                for _ in range(3):
                    _, new, _ = await rewrap.rotate(third.pool, tmp_path)
            stop.set()
        assert await under(cluster, place) == {new}
        assert await one.get(LOG, [*made]) == made and len(made) > 4


async def test_a_key_is_made_even_where_they_are_wrapped_anew_twice_meanwhile(
    cluster: Cluster, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time right after the node has turned to the key of the first, and before it wraps under that."""
    async with await opened(cluster, place, tmp_path) as keys, await opened(cluster, place, tmp_path) as other:
        await rewrap.rotate(other.pool, tmp_path)
        turn, turns = keys._turn, 0

        async def and_again() -> None:
            nonlocal turns
            turns += 1
            await turn()
            if turns == 1:
                await rewrap.rotate(other.pool, tmp_path)

        monkeypatch.setattr(keys, "_turn", and_again)
        assert await keys.create(LOG, KEYS) == KEYS
        assert turns == 2 and len(await under(cluster, place)) == 1


async def test_a_key_that_does_not_open_stops_it_before_the_old_one_ends(
    cluster: Cluster, place: str, tmp_path: Path
) -> None:
    async with await opened(cluster, place, tmp_path) as keys:
        await keys.create(LOG, KEYS)
        before = read_key(tmp_path / KEK)
        await admin(cluster, "UPDATE subject_keys SET subject = 'moved' WHERE subject = 'p7'", place)
        with pytest.raises(Corrupt):
            await rewrap.rotate(keys.pool, tmp_path)
    assert read_key(tmp_path / KEK) == before


async def test_foreign_key_files_are_refused(cluster: Cluster, place: str, tmp_path: Path) -> None:
    async with await opened(cluster, place, tmp_path / "ours") as keys:
        load_key(tmp_path / "theirs" / KEK)
        with pytest.raises(Misconfigured, match="names"):
            await rewrap.rotate(keys.pool, tmp_path / "theirs")
    assert not (tmp_path / "theirs" / NEXT).exists()


async def test_a_key_store_from_before_ids_is_taken_over(cluster: Cluster, place: str, tmp_path: Path) -> None:
    async with await opened(cluster, place, tmp_path) as keys:
        await keys.create(LOG, KEYS)
    await admin(cluster, "ALTER TABLE subject_keys DROP COLUMN kek", place)
    await admin(cluster, "ALTER TABLE key_check DROP COLUMN kek", place)
    async with await opened(cluster, place, tmp_path) as keys:
        assert await keys.get(LOG, [*KEYS]) == KEYS
        assert await under(cluster, place) == {keys.current}
