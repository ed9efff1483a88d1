"""`muster doctor`: is everything that Muster stands on as it should be? Says so line by line, and by its exit code."""

from __future__ import annotations

import argparse
import sys
from contextlib import AsyncExitStack

import msgspec

from command.backup.dump import connected
from command.bootstrap import open_databases
from command.cli.checks import examine
from command.cli.operator import audited
from command.cli.parser import EXIT_OK, EXIT_REFUSED
from command.cli.patient import Check, Patient
from command.cli.serve import settings_of
from command.clock import utc_now
from command.config import Settings
from command.errors import Misconfigured, MusterError
from command.store.postgres import PostgresStore, open_pool


async def doctor(args: argparse.Namespace) -> int:
    """Look at everything and change nothing. Exit code 1 where something fails; a warning is none."""
    settings = settings_of(args)
    if not settings.database and not (settings.data / "postgres" / "pgdata").is_dir():
        raise Misconfigured("expected a data directory that muster serve has made (--data)", where=str(settings.data))
    found = await _looked(settings)
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        for one in found:
            sys.stdout.write(f"{one.state}\t{one.name}\t{one.says}\n")
    return EXIT_REFUSED if any(one.state == "fail" for one in found) else EXIT_OK


async def _looked(settings: Settings) -> list[Check]:
    found: list[Check] = []
    try:
        async with AsyncExitStack() as stack:
            databases = await stack.enter_async_context(open_databases(settings, attach=True))
            app, keys = [await connected(dsn) for dsn in (databases.app, databases.keys)]
            for connection in (app, keys):
                stack.push_async_callback(connection.close)
            pool = await open_pool(databases.keys, 1)
            stack.push_async_callback(pool.close)
            patient = Patient(settings, databases, app, keys, pool)
            found = [check async for check in examine(patient)]
            async with await PostgresStore.connect(databases.app, appenders=1, readers=1) as store:
                await store.audit([audited("doctor.run", "-", utc_now())])
    except MusterError as exc:
        if not found:
            return [Check("database", "fail", exc.message)]
        if all(one.state != "fail" for one in found):  # what stops the trail has been found already, else it is told
            found.append(Check("audit trail", "fail", exc.message))
    return found
