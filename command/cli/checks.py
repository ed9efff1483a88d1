"""What `muster doctor` looks at: each look is one function, and says in words how it is. Never a secret, never a name."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import asyncpg
import msgspec

from command.backup.tables import migrations
from command.cli import checks_access as people
from command.cli import checks_changes as tree
from command.cli.patient import Check, Patient, State
from command.cli.signing import ANNOUNCED
from command.clock import behind, utc_now
from command.errors import Misconfigured, MusterError
from command.ledger.heads import SignedHeads
from command.service.checkpoints import vkey_of
from command.store import migrate as migrating
from command.store import register, rewrap
from command.store.keyring import KEK, NEXT, SECRET, SIGN, key_id, read_key, wrapping_keys
from command.store.noted import NOTED_LAST
from command.store.own_secret import REMEDY, named_secret, secret_id
from command.store.pg_errors import DRIVER_ERRORS
from command.tls import files as tls_files
from command.tls.authority import not_after

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

OLDEST: Final = 150_000  # PostgreSQL 15: the oldest that is still tended for the time of an agency's budget
GUARDS: Final = (
    "events_kept", "commands_kept", "audit_kept", "checkpoints_kept", "heads_kept", "heads_forward", "disclosures_kept",
    "disclosures_destroyed", "packs_kept", "changes_kept", "accounts_noted", "grants_noted", "agencies_noted",
    "devices_noted", "checkpoint_keys_kept", "change_leaves_kept",
)  # fmt: skip
KEPT: Final = ("events", "commands", "audit", "checkpoints", "checkpoint_keys", "changes", "change_leaves")
CLOCK_WARN_S, CLOCK_FAIL_S = 1.0, 5.0  # stale asks are judged to the minute; sessions and codes to half a minute
DISK_WARN, DISK_FAIL = 0.15, 0.05
BACKUP_WARN: Final = timedelta(days=1)
CERTIFICATE_WARN, CERTIFICATE_FAIL = timedelta(days=21), timedelta(days=3)


async def version(p: Patient) -> Check:
    """The server's version."""
    number, name = await p.app.fetchval("SHOW server_version_num"), await p.app.fetchval("SHOW server_version")
    return Check("database", "ok" if int(number) >= OLDEST else "fail", f"PostgreSQL {name}")


async def durability(p: Patient) -> Check:
    """What an acknowledgement stands on, for the data and for the keys."""
    wanted = {"fsync": ("on",), "synchronous_commit": ("on", "remote_apply"), "full_page_writes": ("on",)}
    wrong = []
    for place, connection in (("data", p.app), ("keys", p.keys)):
        for name, good in wanted.items():
            value = await connection.fetchval("SELECT current_setting($1)", name)
            if value not in good:
                wrong.append(f"{name} is {value} for the {place}")
    if wrong:
        return Check("durability", "fail", "an acknowledged record could be lost: " + ", ".join(wrong))
    if await p.app.fetchval("SHOW data_checksums") != "on":
        return Check("durability", "warn", "no data checksums: a damaged page would go unnoticed")
    return Check("durability", "ok", "what is acknowledged is on the disk")


async def grants(p: Patient) -> Check:
    """What the application may do to the record: add to it."""
    role, superuser = await p.app.fetchrow(
        "SELECT current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
    ) or ("", True)
    may = [
        f"{privilege} {table}"
        for table in KEPT
        for privilege in ("UPDATE", "DELETE", "TRUNCATE")
        if await p.app.fetchval("SELECT has_table_privilege($1, $2)", table, privilege)
    ]
    if superuser:
        return Check("grants", "fail", f"the application is a superuser ({role})")
    if may and role == urlsplit(p.databases.owner).username:
        return Check("grants", "warn", "the application owns its tables: only the triggers keep the record from change")
    if may:
        return Check("grants", "fail", f"the application may {', '.join(may)}")
    return Check("grants", "ok", "the application can only add to the record")


async def guards(p: Patient) -> Check:
    """The triggers that refuse changes to everyone."""
    rows = await p.app.fetch("SELECT tgname, tgenabled FROM pg_trigger WHERE tgname = ANY ($1::text[])", list(GUARDS))
    found = {row["tgname"]: row["tgenabled"] for row in rows}
    off = [name for name in GUARDS if found.get(name) != b"A"]
    if off:
        return Check("guards", "fail", f"off or gone: {', '.join(off)}")
    return Check("guards", "ok", f"{len(GUARDS)} triggers refuse changes to the record")


async def schema(p: Patient) -> Check:
    """Whether the database has this program's shape."""
    known = [(one.number, one.sha256.hex()) for one in migrating.migrations()]
    applied = list(await migrations(p.app))
    if applied == known:
        return Check("migrations", "ok", f"{len(known)} applied")
    if known[: len(applied)] == applied:
        return Check("migrations", "warn", f"{len(known) - len(applied)} pending: the next start applies them")
    return Check("migrations", "fail", "the database is of another version than this program")


async def disk(p: Patient) -> Check:
    """Room where the data directory lies."""
    usage = shutil.disk_usage(p.settings.data)
    left = usage.free / usage.total
    state: State = "fail" if left < DISK_FAIL else "warn" if left < DISK_WARN else "ok"
    return Check("disk", state, f"{usage.free / 2**30:.1f} GiB free ({left:.0%})")


async def clock(p: Patient) -> Check:
    """This machine's clock against the database's, and against the newest that was noted."""
    noted: datetime | None = await p.app.fetchval(NOTED_LAST)
    late_s = behind(utc_now(), noted)
    if late_s:
        return Check("clock", "fail", f"{late_s:.0f} s behind the trail's newest entry: it was set back, or was wrong")
    before = utc_now()
    theirs: datetime = await p.app.fetchval("SELECT clock_timestamp()")
    after = utc_now()
    off_s = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    state: State = "fail" if off_s > CLOCK_FAIL_S else "warn" if off_s > CLOCK_WARN_S else "ok"
    return Check("clock", state, f"{off_s:.1f} s from the database's")


async def key_files(p: Patient) -> Check:
    """The files that open everything: there, ours alone, and the ones that the database names."""
    place = p.settings.data / "keys"
    try:
        keks = {key_id(one) for one in wrapping_keys(place)}
        read_key(place / KEK)
        ours = secret_id(read_key(place / SECRET))
    except Misconfigured as exc:
        return Check("key files", "fail", f"{exc.where}: {exc.message}")
    named = await p.keys.fetchval("SELECT kek FROM key_check")
    if named not in keks:
        return Check("key files", "fail", f"expected the wrapping key {named}, found {', '.join(sorted(keks))}")
    kept = await named_secret(p.keys)
    if kept not in ("", ours):
        return Check(
            "key files", "fail", f"expected the secret {kept} of this key store's nodes, found {ours}: {REMEDY}"
        )
    if place.stat().st_mode & 0o077:
        return Check("key files", "fail", f"expected a directory that only its owner can enter (chmod 700): {place}")
    tls = tls_files.place_of(p.settings.data)
    secret = [tls.ca_key, tls.server, *([Path(p.settings.tls_key)] if p.settings.tls_key else [])]
    for one in secret:
        if one.exists() and one.stat().st_mode & 0o077:
            return Check("key files", "fail", f"expected a key file that only its owner can read (chmod 600): {one}")
    if (place / NEXT).exists():
        return Check("key files", "warn", "keys were being wrapped anew: muster keys rotate goes on with it")
    return Check("key files", "ok", f"wrapping key {named}")


async def subject_keys(p: Patient) -> Check:
    """Every subject key there is opens."""
    keks = {key_id(one): one for one in wrapping_keys(p.settings.data / "keys")}
    count = await rewrap.opens(p.key_pool, keks)
    return Check("subject keys", "ok", f"{count} can be opened")


async def certificate(p: Patient) -> Check:
    """Until when browsers trust this server."""
    settings, place = p.settings, tls_files.place_of(p.settings.data)
    if settings.tls or settings.tls_cert:
        raw = tls_files.server_cert(place) if settings.tls else Path(settings.tls_cert).read_bytes()
        state, until = _until(raw)
        return Check("certificate", state, until)
    if not place.server.exists():
        return Check(
            "certificate", "ok", "none of our own: TLS is a proxy's, or this machine is reached by itself only"
        )
    state, until = _until(tls_files.server_cert(place))
    says = f"{until}, in {place.server}: in use if the server runs with --tls, which was not said here; else TLS is a proxy's"
    return Check("certificate", "warn" if state == "fail" else state, says)  # it may be left over, and serve nobody


def _until(raw: bytes) -> tuple[State, str]:
    ends = not_after(raw)
    left = ends - utc_now()
    state: State = "fail" if left < CERTIFICATE_FAIL else "warn" if left < CERTIFICATE_WARN else "ok"
    return state, f"until {ends:%Y-%m-%d %H:%M} UTC"


async def logs(p: Patient) -> Check:
    """Each log ends where its head says, in the epoch that its head says."""
    rows = await p.app.fetch(
        "SELECT h.log, h.epoch, h.seq, e.header FROM heads h LEFT JOIN events e ON e.log = h.log AND e.seq = h.seq"
    )
    wrong = [
        row["log"] for row in rows if row["seq"] and (row["header"] is None or _epoch(row["header"]) != row["epoch"])
    ]
    restored = sum(row["epoch"] > 1 for row in rows)
    if wrong:
        return Check("logs", "fail", f"the last event is not the head's: {', '.join(wrong)}")
    return Check(
        "logs", "ok", f"logs: {len(rows)}" + (f", {restored} of them restored from a backup" if restored else "")
    )


async def heads(p: Patient) -> Check:
    """The key that signs heads is here and known, and each log's last signed head is one of it."""
    sign = p.settings.data / "keys" / SIGN
    try:
        ours = [vkey_of(read_key(sign))]
    except Misconfigured as exc:
        if sign.exists():
            return Check("signed heads", "fail", f"{exc.where}: {exc.message}")
        return Check(
            "signed heads", "warn", f"{exc.where}: {exc.message}; the next start of the server makes a new one"
        )
    ever = [row["vkey"] for row in await p.app.fetch("SELECT vkey FROM checkpoint_keys ORDER BY since, vkey")]
    if other := await _unannounced(p, [one.partition("+")[0] for one in (*ever[1:], *(ours if ever else ()))]):
        said = (
            f"keys sign that nobody rotated to: {', '.join(other)}; if they are meant: muster keys sign --acknowledge"
        )
        return Check("signed heads", "fail", said)
    rows = await p.app.fetch(
        "SELECT h.log, h.seq, h.root, c.size, c.root AS signed, c.note FROM heads h LEFT JOIN LATERAL"
        " (SELECT size, root, note FROM checkpoints WHERE log = h.log ORDER BY size DESC LIMIT 1) c ON true"
    )
    wrong = [row["log"] for row in rows if row["size"] is not None and not _covers(row, [*ours, *ever])]
    if wrong:
        return Check("signed heads", "fail", f"the last signed head is not of the log: {', '.join(wrong)}")
    if ours[0] not in ever:
        return Check("signed heads", "warn", "the key that signs has signed nothing yet (muster keys sign)")
    late = sum(row["seq"] > (row["size"] or 0) for row in rows)
    waiting = f"; {late} logs grew since, which a running server signs within a second" if late else ""
    return Check("signed heads", "ok", f"logs with a signed end: {len(rows) - late}, by {ours[0]}{waiting}")


async def _unannounced(p: Patient, names: list[str]) -> list[str]:
    """Which of these signing keys came about without `muster keys sign`, so by loss, by a copy forgotten, or by a thief.

    The first key that ever signed is made by the first start.
    """
    said = await p.app.fetch(
        "SELECT object FROM audit WHERE action = 'keys.sign' AND outcome = 'ok' AND detail = ANY ($1::text[])",
        list(ANNOUNCED),
    )
    first = await p.app.fetchval("SELECT vkey FROM checkpoint_keys ORDER BY since, vkey LIMIT 1") or ""
    known = {row["object"] for row in said} | {first.partition("+")[0]}
    return sorted(set(names) - known)


def _covers(row: asyncpg.Record, vkeys: list[str]) -> bool:
    """Whether the note is signed, of this log and size and root, and where the log ends there, of its root."""
    signed = SignedHeads(row["log"], [row["note"]], vkeys)
    head = signed.last
    if signed.problems or head is None or (head.size, head.root) != (row["size"], row["signed"]):
        return False
    return bool(row["size"] < row["seq"] or (row["size"] == row["seq"] and row["root"] == row["signed"]))


class _Epoch(msgspec.Struct):
    epoch: int = 0


def _epoch(header: bytes) -> int:
    return msgspec.json.decode(header, type=_Epoch).epoch


async def trail(p: Patient) -> Check:
    """An entry of the audit trail can be written."""
    transaction = p.app.transaction()
    await transaction.start()
    try:
        await p.app.execute(
            "INSERT INTO audit (number, at, who, session, source, action, object, outcome, detail) OVERRIDING SYSTEM VALUE"
            " VALUES (0, clock_timestamp(), '-', '', 'script', 'unknown', '-', 'ok', '')"
        )
    except asyncpg.PostgresError as exc:
        return Check("audit trail", "fail", f"cannot be written ({type(exc).__name__}): nothing is done or shown")
    finally:
        await transaction.rollback()
    return Check("audit trail", "ok", "can be written")


async def backup_age(p: Patient) -> Check:
    """When the last backup was made."""
    at = await p.app.fetchval("SELECT max(at) FROM audit WHERE action = 'backup.make' AND detail = 'whole'")
    if at is None:
        return Check("backup", "warn", "there is none: muster backup")
    age = utc_now() - at.astimezone(UTC)
    return Check("backup", "warn" if age > BACKUP_WARN else "ok", f"the last one is of {at:%Y-%m-%d %H:%M} UTC")


async def expungements(p: Patient) -> Check:
    """Whether older copies of destroyed keys are left."""
    left, now = await register.copies(p.key_pool), utc_now()
    late = any(one.expires_at <= now for one in left)
    return Check("expungements", "warn" if late else "ok", register.says(left, now))


async def credentials(p: Patient) -> Check:
    """Accounts that may act and have neither a passkey nor a password with its one-time codes."""
    count = await p.app.fetchval(
        """
        SELECT count(*) FROM accounts a WHERE NOT a.disabled AND (a.expires_at IS NULL OR a.expires_at > clock_timestamp())
          AND EXISTS (SELECT FROM grants g WHERE g.person = a.person AND g.role <> 'display')
          AND NOT EXISTS (SELECT FROM passkeys k WHERE k.person = a.person AND k.revoked_at IS NULL)
          AND NOT EXISTS (SELECT FROM passwords w WHERE w.person = a.person AND w.revoked_at IS NULL)
          AND NOT EXISTS (SELECT FROM identities i WHERE i.person = a.person AND i.ended_at IS NULL)
        """
    )
    if count:
        return Check("second factors", "warn", f"accounts that have set up no credential yet: {count}")
    return Check("second factors", "ok", "everyone who may act has one")


LOOKS: Final[tuple[tuple[str, Callable[[Patient], Awaitable[Check]]], ...]] = (
    ("database", version), ("durability", durability), ("grants", grants), ("guards", guards), ("migrations", schema),
    ("disk", disk), ("clock", clock), ("key files", key_files), ("subject keys", subject_keys),
    ("certificate", certificate), ("logs", logs), ("signed heads", heads), ("audit trail", trail), ("backup", backup_age),
    ("expungements", expungements), ("second factors", credentials), ("administrators", people.administrators), ("agencies", people.agencies),
    ("locked accounts", people.locks), ("quarantine", people.quarantine), ("changes", people.changes),
    ("signed changes", tree.signed_changes),
)  # fmt: skip


async def examine(patient: Patient) -> AsyncIterator[Check]:
    """All looks, one after the other. What cannot be looked at has failed, and the others are looked at all the same."""
    for name, look in LOOKS:
        try:
            yield await look(patient)
        except MusterError as exc:
            yield Check(name, "fail", exc.message)
        except (*DRIVER_ERRORS, ValueError, msgspec.MsgspecError) as exc:
            yield Check(name, "fail", f"could not be looked at: {type(exc).__name__}")
