"""The composition root: what it refuses before anything is started."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from command import bootstrap, config
from command.cli.operator import audited
from command.clock import utc_now
from command.domain.state import initial
from command.errors import Misconfigured
from command.store.noted import noted_last
from command.store.postgres import PostgresStore
from tests.cli.program import muster


def settings(tmp_path: Path, **flags: Any) -> config.Settings:
    """Settings in a folder of the test's own."""
    return config.load({"data": tmp_path / "data", **flags}, {})


def test_a_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    with pytest.raises(Misconfigured, match="certificate and its key in PEM"):
        bootstrap.open_certificate(
            settings(tmp_path, tls_cert=str(tmp_path / "cert.pem"), tls_key=str(tmp_path / "cert.pem"))
        )


def test_without_a_certificate_there_is_no_tls(tmp_path: Path) -> None:
    assert bootstrap.open_certificate(settings(tmp_path)) is None


def test_the_map_is_empty_unless_the_agency_gives_one(tmp_path: Path) -> None:
    shown = bootstrap.read_basemap(settings(tmp_path))
    assert json.loads(shown(initial("x")))["features"] == []


def test_the_agencys_map_is_served_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "map.geojson"
    file.write_text('{"type": "FeatureCollection", "features": [], "credits": ["ours"]}')
    assert bootstrap.read_basemap(settings(tmp_path, basemap=str(file)))(initial("x")) == file.read_bytes()


@pytest.mark.parametrize("text", ["no json", "[]", '{"type": "Feature"}'])
def test_a_map_that_is_no_geojson_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "map.geojson"
    file.write_text(text)
    with pytest.raises(Misconfigured, match="GeoJSON"):
        bootstrap.read_basemap(settings(tmp_path, basemap=str(file)))


async def test_a_wrapping_key_that_is_gone_is_missed_and_not_made_anew(tmp_path: Path) -> None:
    """Another file in its place would open nothing, and hide that the right one has to be brought back."""
    wanted = settings(tmp_path)
    async with bootstrap.open_backend(wanted):
        kek = tmp_path / "data" / "keys" / "kek"
        kept = kek.read_bytes()
        kek.unlink()
        with pytest.raises(Misconfigured, match="which is not there: bring it back"):
            async with bootstrap.open_backend(wanted, attach=True):
                pass
        assert not kek.exists()
        kek.touch(0o600)
        kek.write_bytes(kept)
        async with bootstrap.open_service(wanted, attach=True, existing=True):
            pass


async def test_a_clock_that_was_set_back_while_nothing_ran_is_told_until_all_that_was_open_is_ended(
    tmp_path: Path,
) -> None:
    """Sessions, links and codes would live longer by as much; the doctor says so as well."""
    wanted = settings(tmp_path)
    now = utc_now()
    async with bootstrap.open_backend(wanted) as backend:
        pool = backend.store.pool
        bootstrap.check_clock(now, await noted_last(pool))
        await backend.store.audit([audited("audit.read", "-", now + timedelta(hours=1))])
    with pytest.raises(Misconfigured, match="expected a clock that is not behind the record"):
        async with bootstrap.open_node(wanted):
            raise AssertionError("never reached")
    async with bootstrap.open_backend(wanted) as backend:
        pool = backend.store.pool
        said = await asyncio.to_thread(muster, "doctor", data=tmp_path / "data", fails=1)
        assert "behind the trail's newest entry" in said
        ended = await asyncio.to_thread(muster, "session", "end", "--everyone", data=tmp_path / "data")
        assert "sessions ended: 0" in ended
        bootstrap.check_clock(utc_now(), await noted_last(pool))
        both = await asyncio.to_thread(muster, "session", "end", "anna", "--everyone", data=tmp_path / "data", fails=2)
        assert "expected a person or --everyone" in both


async def test_a_database_whose_clock_is_set_back_makes_no_permit_last_longer(tmp_path: Path) -> None:
    """What is judged now is judged by a time that goes on."""
    fed: list[datetime] = []

    def wall(reading: datetime) -> datetime:
        fed.append(reading)
        return reading + timedelta(hours=1)

    async with bootstrap.open_backend(settings(tmp_path)) as backend:
        await backend.store.create_log("l-1")
        store = await PostgresStore.connect(backend.databases.app, appenders=1, readers=1, wall=wall)
        async with store, store.append("l-1") as append:
            assert append.head.wall == fed[-1] + timedelta(hours=1)


async def test_an_address_that_is_taken_is_told_and_nothing_stays_behind(tmp_path: Path) -> None:
    """The database that was started on the way is stopped again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = settings(tmp_path, port=taken.getsockname()[1])
        with pytest.raises(Misconfigured, match="expected a free address"):
            async with bootstrap.open_node(wanted):
                raise AssertionError("never reached")
    assert not (tmp_path / "data" / "postgres" / "pgdata" / "postmaster.pid").exists()


async def test_a_node_answers_on_a_free_port_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with bootstrap.open_node(settings(tmp_path, port=0)) as node:
        assert node.base_urls[0].startswith("http://localhost:")
        assert (await node.backend.store.logs()) == []
    assert not (tmp_path / "data" / "postgres" / "pgdata" / "postmaster.pid").exists()
