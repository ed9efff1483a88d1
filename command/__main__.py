"""`muster`, and `python -m command`: thin, so that an interrupt is quiet from the first moment on."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    try:
        from command.cli.program import run  # takes most of a second, in which Ctrl-C has to be quiet too

        return run(argv)
    except KeyboardInterrupt:
        return 130  # as a shell says it of SIGINT: 128 and the signal's number


if __name__ == "__main__":
    sys.exit(main())
