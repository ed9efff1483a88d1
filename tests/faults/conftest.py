"""Faults injected from outside into real processes on a real PostgreSQL.

Each test has a short form, which runs with all others, and a long one: `MUSTER_LONG=1 pytest tests/faults`.
"""

from __future__ import annotations

import os

LONG = bool(os.environ.get("MUSTER_LONG"))
"""Whether to run the long form."""
