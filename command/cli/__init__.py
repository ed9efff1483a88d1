"""The command line: `muster …`. Thin: arguments in, calls to the rooms, text or JSON out, exit codes that mean something."""
