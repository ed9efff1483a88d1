"""Finding the embedded PostgreSQL that another Muster process on this machine runs, to work beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode


def running_dsn(data_dir: Path) -> Callable[[str, str], str] | None:
    """`dsn(database, user)` of a PostgreSQL that runs on `data_dir` and takes connections; None where none does."""
    try:
        lines = (data_dir.absolute() / "pgdata" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        os.kill(int(lines[0]), 0)
    except (OSError, ValueError, IndexError):
        return None
    # postmaster.pid: pid, data directory, start time, port, socket directory, address, shared memory, status.
    if len(lines) < 8 or lines[7].strip() != "ready" or not lines[4].strip():
        return None
    place = urlencode({"host": lines[4].strip(), "port": lines[3].strip()})
    return lambda database, user: f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?{place}"
