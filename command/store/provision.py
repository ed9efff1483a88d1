"""Databases and login roles, made once by the cluster's superuser.

For an own server (`--database`) its administrator does the same, once:

    CREATE ROLE muster_owner LOGIN PASSWORD '…';
    CREATE ROLE muster_app LOGIN PASSWORD '…';
    CREATE DATABASE muster OWNER muster_owner;
    CREATE DATABASE muster_keys OWNER muster_app;

and then gives `--database` the application's URL, `--database-owner` the owner's (for migrations only) and
`--database-keys` that of the key store. Where all three are one role, the grants contain nothing; it works.
"""

from __future__ import annotations

from collections.abc import Callable

import asyncpg

OWNER = "muster_owner"
APP = "muster_app"
DATABASE = "muster"
KEYS_DATABASE = "muster_keys"
SUPERUSER = "postgres"


async def provision(dsn: Callable[[str, str], str]) -> None:
    """Make the two roles and two databases that are not there yet. `dsn(database, user)` gives a URL."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(dsn("postgres", SUPERUSER))
    try:
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        for role in (OWNER, APP):
            if role not in roles:
                await connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION")
        databases = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        for database, owner in ((DATABASE, OWNER), (KEYS_DATABASE, APP)):
            if database not in databases:
                await connection.execute(f"CREATE DATABASE {database} OWNER {owner}")
            await connection.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
        await connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP}")
    finally:
        await connection.close()
