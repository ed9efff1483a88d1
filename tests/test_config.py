"""Settings: which source wins, and what a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import config
from command.errors import Misconfigured


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(tmp_path: Path) -> None:
    file = tmp_path / "muster.toml"
    file.write_text('port = 1\nhost = "10.0.0.1"\nlog_format = "json"\n')
    settings = config.load({"port": 3}, {"MUSTER_PORT": "2", "MUSTER_HOST": "10.0.0.2"}, file)
    assert (settings.port, settings.host, settings.log_format, settings.appenders) == (3, "10.0.0.2", "json", 4)


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "muster.toml"
    file.write_text("port = 7000\n")
    assert config.load({}, {"MUSTER_CONFIG": str(file)}).port == 7000


def test_lists_are_written_with_commas_or_as_toml_lists(tmp_path: Path) -> None:
    file = tmp_path / "muster.toml"
    file.write_text('packs = ["a.toml", "b.toml"]\n')
    settings = config.load({}, {"MUSTER_TRUSTED_PROXIES": "10.0.0.1, 10.0.0.2"}, file)
    assert settings.packs == ("a.toml", "b.toml")
    assert settings.trusted_proxies == ("10.0.0.1", "10.0.0.2")


@pytest.mark.parametrize(
    ("flags", "environ", "says"),
    [
        ({"port": 70_000}, {}, "port from 0 to 65535"),
        ({}, {"MUSTER_PORT": "many"}, "whole number for port, got 'many'"),
        ({"tls_cert": "a.pem"}, {}, "a certificate and its key together"),
        ({"database": "postgresql://db/muster"}, {}, "--database-keys beside --database"),
        ({"database": "mysql://db", "database_keys": "postgresql://db/k"}, {}, "a postgresql:// URL"),
        ({"log_format": "xml"}, {}, "json or text"),
        ({"readers": 0}, {}, "1 to 500 connections"),
        ({"appenders": 99_999_999}, {}, "1 to 500 connections"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(flags: dict[str, object], environ: dict[str, str], says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        config.load(flags, environ)


@pytest.mark.parametrize(
    ("text", "says"),
    [("prot = 1", "settings of the table, got prot"), ("port = ", "expected TOML"), ("host = 5", "a text for host")],
)
def test_a_file_that_does_not_fit_is_told_where(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "muster.toml"
    file.write_text(text)
    with pytest.raises(Misconfigured, match=says) as told:
        config.load({}, {}, file)
    assert told.value.where == str(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="expected a settings file"):
        config.load({}, {}, tmp_path / "nowhere.toml")


def test_browsers_reach_the_machine_itself_by_both_its_names() -> None:
    assert config.load({}, {}).base_urls(8765) == ("http://localhost:8765", "http://127.0.0.1:8765")


def test_a_given_base_url_is_all_that_counts() -> None:
    settings = config.load({"base_url": "https://m.example/, https://alias.example"}, {})
    assert settings.base_urls(1) == ("https://m.example", "https://alias.example")


def test_an_address_of_the_network_is_its_own_base_url() -> None:
    settings = config.load({"host": "10.0.0.5", "tls_cert": "a", "tls_key": "b"}, {})
    assert settings.base_urls(443) == ("https://10.0.0.5:443",)
    assert settings.speaks_tls


def test_every_setting_has_a_sentence() -> None:
    assert all(setting.says for setting in config.SETTINGS)
    assert len({setting.name for setting in config.SETTINGS}) == len(config.SETTINGS)
