"""`muster`, and `python -m command`."""

from __future__ import annotations

import asyncio
import sys
from importlib import metadata

from command.cli.parser import EXIT_FAILED, EXIT_REFUSED, EXIT_USAGE, Run, build
from command.cli.verbs import VERBS
from command.errors import Busy, Corrupt, Denied, Misconfigured, MusterError, NotFound, Unavailable, Unreadable
from command.policy.problems import PackProblems

INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Run one command. Errors are one line on standard error: what was expected, what came, where."""
    args = build(VERBS, metadata.version("muster")).parse_args(argv)
    run: Run = args.run
    try:
        return asyncio.run(run(args))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has had enough
        sys.stderr.close()
        return 0
    except PackProblems as exc:
        for problem in exc.problems:
            sys.stderr.write(f"muster: {problem}\n")
        return EXIT_USAGE
    except MusterError as exc:
        where = f"{exc.where}: " if exc.where else ""
        sys.stderr.write(f"muster: {where}{exc.message}\n")
        return exit_code(exc)


def exit_code(exc: MusterError) -> int:
    """What an error means to a shell script."""
    if isinstance(exc, Misconfigured | Unreadable):
        return EXIT_USAGE
    if isinstance(exc, Busy | Unavailable):
        return EXIT_FAILED
    if isinstance(exc, Denied | NotFound | Corrupt):
        return EXIT_REFUSED
    return EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main())
