"""Known vulnerabilities of what is locked, and its bill of materials (CycloneDX) in build/.

    python .ci/audit.py        exit code 1 where a locked version has a known vulnerability

The advisories come over the network. Where they cannot be had, that is said, and nothing is claimed and nothing fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
BIN = Path(sys.executable).parent
WITHIN_S = 180


def locked(path: Path) -> None:
    """Write what is installed where Muster runs, with hashes, as the lock file has it."""
    subprocess.run(
        [BIN / "uv", "export", "-q", "--locked", "--no-dev", "--no-emit-project", "-o", path],
        check=True, cwd=ROOT, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def audit(requirements: Path) -> int:
    """Ask for advisories. Returns the exit code."""
    words = [BIN / "pip-audit", "-r", requirements, "--require-hashes", "--disable-pip", "--timeout", "15",
             "--progress-spinner", "off", "--format", "json"]  # fmt: skip
    try:
        done = subprocess.run(words, check=False, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S)
    except subprocess.TimeoutExpired:
        print(f"audit: NOT DONE: no answer about advisories within {WITHIN_S} s")
        return 0
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"audit: NOT DONE: {(done.stderr.strip().splitlines() or ['no answer'])[-1][:300]}")
        return 0
    return verdict(found)


def verdict(found: list[dict[str, Any]]) -> int:
    """What pip-audit found, in words; 1 where there is a vulnerability."""
    skipped = [one["name"] for one in found if "skip_reason" in one]
    bad = [(one, vuln) for one in found for vuln in one.get("vulns", ())]
    for one, vuln in bad:
        print(
            f"audit: {one['name']} {one['version']}: {vuln['id']}, mended in {', '.join(vuln['fix_versions']) or '?'}"
        )
    if skipped and len(skipped) == len(found):
        print(f"audit: NOT DONE: the index has no advisories for any of {len(found)} libraries")
    elif skipped:
        print(f"audit: {len(found) - len(skipped)} libraries looked up; NOT looked up: {', '.join(skipped)}")
    elif not bad:
        print(f"audit: {len(found)} libraries, no known vulnerability")
    return 1 if bad else 0


def materials(requirements: Path) -> None:
    """Write build/muster.cdx.json; checked against CycloneDX's own schema."""
    target = BUILD / "muster.cdx.json"
    subprocess.run(
        [BIN / "cyclonedx-py", "requirements", requirements, "--pyproject", ROOT / "pyproject.toml",
         "--output-reproducible", "--validate", "-o", target],
        check=True, cwd=ROOT, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    print(f"audit: {len(json.loads(target.read_text())['components'])} components in {target.relative_to(ROOT)}")


def main() -> int:
    """Both."""
    BUILD.mkdir(exist_ok=True)
    requirements = BUILD / "requirements.txt"
    locked(requirements)
    materials(requirements)
    return audit(requirements)


if __name__ == "__main__":
    sys.exit(main())
