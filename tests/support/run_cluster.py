"""Runs an embedded cluster as a process of its own: `python run_cluster.py DIRECTORY`, ends with its standard input.

Prints one line of JSON when the cluster takes connections, or `{"error": …}`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from command.errors import MusterError
from command.store.embedded import embedded


async def main(directory: Path) -> None:
    """Run until standard input ends."""
    try:
        async with embedded(directory) as cluster:
            started = {"pid": cluster.postgres_pid, "dsn": cluster.dsn("muster", "muster_app")}
            print(json.dumps(started), flush=True)
            await asyncio.to_thread(sys.stdin.read)
    except MusterError as error:
        print(json.dumps({"error": error.code, "message": error.message}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
