"""Settings: one table, read from flags, then the environment, then a TOML file, then its defaults.

`docs/run.md` holds the same table, made from this one; a test keeps them equal.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from command.errors import Misconfigured


class Setting(msgspec.Struct, frozen=True):
    """A line of the table. The flag is `--name-with-dashes`, the variable `MUSTER_NAME`, the TOML key `name`."""

    name: str
    metavar: str
    default: Any
    says: str

    @property
    def flag(self) -> str:
        """The command line's name."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment's name."""
        return "MUSTER_" + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("data", "DIR", "muster-data", "where the embedded database, the keys and the logs of this node are kept"),
    Setting("database", "URL", "", "a PostgreSQL of your own, as its application role; empty: the embedded one"),
    Setting("database_owner", "URL", "", "the same database as its owner, for migrations; empty: the application's"),
    Setting("database_keys", "URL", "", "the key store's database; needed with --database"),
    Setting("pg_bin", "DIR", "", "PostgreSQL's programs for the embedded database; empty: the wheel's, else PATH"),
    Setting("host", "ADDRESS", "127.0.0.1", "the address to listen on"),
    Setting("port", "PORT", 8765, "the port to listen on; 0 picks a free one"),
    Setting("tls_cert", "FILE", "", "a certificate chain in PEM; needed to be reached from other machines"),
    Setting("tls_key", "FILE", "", "its private key in PEM"),
    Setting("tls", "", False, "serve with the certificate that `muster tls init` made"),
    Setting("http_port", "PORT", 0, "plain http beside TLS: sends pages to https, hands out the authority; 0: none"),
    Setting("base_url", "URL", "", "the address browsers use, several with commas; empty: host and port"),
    Setting("trusted_proxies", "ADDRESS,…", "", "proxies whose X-Forwarded-For is believed, e.g. Caddy's address"),
    Setting("idle_minutes", "N", 15, "minutes without activity after which a session locks; 30 at most"),
    Setting(
        "step_up_minutes",
        "N",
        5,
        "minutes within which identity must have been confirmed for force, exports, administration",
    ),
    Setting(
        "crypto_profile", "default or fips", "default", "how passwords are hashed: Argon2id, or PBKDF2 for FIPS 140"
    ),
    Setting(
        "banner", "FILE", "", "the words that everyone acknowledges before signing in; empty: those of CJISSECPOL AC-8"
    ),
    Setting("oidc", "FILE", "", "a TOML file with the agencies' own sign-ins (OpenID Connect); empty: none"),
    Setting(
        "exercise",
        "",
        False,
        "an exercise where nothing is real: links alone sign in; refused where anyone has a credential",
    ),
    Setting(
        "packs", "FILE,…", "", "the rule packs of the local plan, most general first; empty: the model with Illinois"
    ),
    Setting("basemap", "FILE", "", "GeoJSON shown below the sectors on the map; empty: the sectors alone"),
    Setting("log_format", "json or text", "text", "how log lines are written; json for production"),
    Setting("appenders", "N", 4, "database connections for writing: as many incidents can append at once"),
    Setting("readers", "N", 4, "database connections for reading"),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}

MOST_CONNECTIONS: Final = 500
"""Of each kind. Far more than one database serves at once; without a bound a mistyped number takes all of the memory."""


class Settings(msgspec.Struct, frozen=True):
    """The settings in force. See the table for what each says."""

    data: Path
    database: str
    database_owner: str
    database_keys: str
    pg_bin: str
    host: str
    port: int
    tls_cert: str
    tls_key: str
    tls: bool
    http_port: int
    base_url: str
    trusted_proxies: tuple[str, ...]
    idle_minutes: int
    step_up_minutes: int
    crypto_profile: str
    banner: str
    oidc: str
    exercise: bool
    packs: tuple[str, ...]
    basemap: str
    log_format: str
    appenders: int
    readers: int

    @property
    def speaks_tls(self) -> bool:
        """Whether this server speaks TLS itself."""
        return self.tls or bool(self.tls_cert)

    def base_urls(self, port: int) -> tuple[str, ...]:
        """The origins under which browsers reach this server, the one for links first. `port` is the bound one."""
        if self.base_url:
            return tuple(part.strip().rstrip("/") for part in self.base_url.split(","))
        scheme = "https" if self.speaks_tls else "http"
        if self.host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::"):
            return (f"{scheme}://localhost:{port}", f"{scheme}://127.0.0.1:{port}")
        return (f"{scheme}://{self.host}:{port}",)


def load(flags: Mapping[str, Any], environ: Mapping[str, str] | None = None, file: Path | None = None) -> Settings:
    """Put the settings together. Raises Misconfigured naming the setting, what was expected and where it came from."""
    environ = os.environ if environ is None else environ
    file = file or (Path(environ["MUSTER_CONFIG"]) if environ.get("MUSTER_CONFIG") else None)
    written = _read(file) if file else {}
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        if flags.get(setting.name) is not None:
            value, source = flags[setting.name], setting.flag
        elif setting.variable in environ:
            value, source = environ[setting.variable], setting.variable
        elif setting.name in written:
            value, source = written[setting.name], str(file)
        else:
            value, source = setting.default, "default"
        values[setting.name] = _typed(setting, value, source)
    settings = msgspec.convert(values, Settings, strict=False, dec_hook=_path)
    _check(settings)
    return settings


def _path(kind: type, value: Any) -> Any:
    return kind(value)


def _read(file: Path) -> dict[str, Any]:
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise Misconfigured(f"expected a settings file: {exc.strerror}", where=str(file)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise Misconfigured(f"expected TOML: {exc}", where=str(file)) from None
    unknown = sorted(set(written) - set(_BY_NAME))
    if unknown:
        raise Misconfigured(f"expected settings of the table, got {', '.join(unknown)}", where=str(file))
    return written


def _typed(setting: Setting, value: Any, source: str) -> Any:
    if isinstance(setting.default, bool):
        return _switch(setting, value, source)
    if isinstance(setting.default, int):
        try:
            return int(value)
        except (TypeError, ValueError):
            raise Misconfigured(f"expected a whole number for {setting.name}, got {value!r}", where=source) from None
    if setting.name in ("packs", "trusted_proxies") and isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if not isinstance(value, str | list | Path):
        raise Misconfigured(f"expected a text for {setting.name}, got {value!r}", where=source)
    if setting.name == "data" and not value:  # would be the directory that one happens to be in
        raise Misconfigured("expected a directory, got nothing", where=source)
    return value


def _switch(setting: Setting, value: Any, source: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
    found = words.get(str(value).lower())
    if found is None:
        raise Misconfigured(f"expected yes or no for {setting.name}, got {value!r}", where=source)
    return found


def _check_tls(settings: Settings) -> None:
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise Misconfigured("expected a certificate and its key together, got one of them", where="tls_cert")
    if settings.tls and settings.tls_cert:
        raise Misconfigured("expected one certificate: --tls is for our own, --tls-cert for another", where="tls")
    if settings.http_port and not settings.speaks_tls:
        raise Misconfigured("expected TLS beside --http-port, which only leads there", where="http_port")


def _check_url(url: str, name: str) -> None:
    """Of a database. What came is not repeated: a password may stand in it."""
    try:
        parts = urlsplit(url)
        fits = not url or (parts.scheme in ("postgresql", "postgres") and parts.port != 0)
    except ValueError:  # brackets without an end, a port that is no number
        fits = False
    if not fits:
        raise Misconfigured("expected a postgresql:// URL, as postgresql://role@host:5432/database", where=name)


def _check(settings: Settings) -> None:
    for name in ("port", "http_port"):
        if not 0 <= getattr(settings, name) <= 65_535:
            raise Misconfigured(f"expected a port from 0 to 65535, got {getattr(settings, name)}", where=name)
    _check_tls(settings)
    everywhere = settings.host in ("0.0.0.0", "::")  # any other address stands in the base url, which is checked there
    if everywhere and not (settings.speaks_tls or settings.base_url.startswith("https://")):
        raise Misconfigured(
            f"expected --tls, --tls-cert, or the https --base-url of a proxy, to listen on {settings.host}: "
            "sessions never cross a network in the clear",
            where="host",
        )
    if settings.database and not settings.database_keys:
        raise Misconfigured(
            "expected --database-keys beside --database: subject keys stay out of the data and its backups",
            where="database_keys",
        )
    if settings.log_format not in ("json", "text"):
        raise Misconfigured(f"expected json or text, got {settings.log_format}", where="log_format")
    for name in ("database", "database_owner", "database_keys"):
        _check_url(getattr(settings, name), name)
    if settings.crypto_profile not in ("default", "fips"):
        raise Misconfigured(f"expected default or fips, got {settings.crypto_profile}", where="crypto_profile")
    if not 1 <= settings.idle_minutes <= 30:  # CJISSECPOL AC-11
        raise Misconfigured(f"expected 1 to 30 minutes, got {settings.idle_minutes}", where="idle_minutes")
    if not 1 <= settings.step_up_minutes <= 30:
        raise Misconfigured(f"expected 1 to 30 minutes, got {settings.step_up_minutes}", where="step_up_minutes")
    for name in ("appenders", "readers"):
        if not 1 <= (wanted := getattr(settings, name)) <= MOST_CONNECTIONS:
            raise Misconfigured(f"expected 1 to {MOST_CONNECTIONS} connections, got {wanted}", where=name)


def table() -> str:
    """The settings as the Markdown table of docs/run.md."""
    lines = ["| flag | environment | TOML | default | what |", "|---|---|---|---|---|"]
    for setting in SETTINGS:
        default = f"`{setting.default}`" if setting.default != "" and setting.default is not False else ""
        lines.append(
            f"| `{f'{setting.flag} {setting.metavar}'.strip()}` | `{setting.variable}` | `{setting.name}` | {default} | {setting.says} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
