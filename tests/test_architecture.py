"""The house keeps its shape: imports point one way, tasks have names, functions and modules stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = ROOT / "command"
MODULES = sorted(path for path in COMMAND.rglob("*.py") if "_data" not in path.parts)

# Which rooms a room may import. `errors` is open to all; a room may always import itself.
# Exact modules after a colon: only these of that room.
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "policy": set(),
    "domain": {"policy"},
    "ledger": {"domain.ids"},  # the shape of an id and nothing else of the domain
    "views": {"domain", "policy", "uploads.kept"},
    "access": {
        "domain.commands", "domain.events", "domain.ids", "views.lens",
        "store.ports", "store.pg_errors",  # an audit entry is written in the same transaction as the act
        "stream.frames",  # the shape of `me`
        "ledger.box",  # seals the secrets of one-time codes
    },
    "devices": {
        "uploads.kept",
        "access", "domain", "ledger", "service.api", "service.signed", "store.ports", "store.pg_errors", "ids",
    },
    "reports": {"views", "policy", "domain.wristband"},
    "tls": set(),
    "uploads": set(),
    "store": {"ledger", "uploads.kept"},  # the box that wraps subject keys
    "backup": {"domain", "ledger", "store"},  # its roots are the command line's
    "service": {"domain", "policy", "ledger", "store.ports", "store.ports_blobs", "store.ports_checkpoints", "uploads"},
    "stream": {"domain", "views", "policy", "service.api", "access.model"},
    "exercise": {"domain", "policy", "service.api", "ids"},
    "web": {
        "access", "devices", "domain", "ledger", "policy", "views", "stream", "service.api", "store.ports", "ids", "config",
        "library", "reports", "tls.authority", "uploads", "service.attachments", "service.sealing", "store.ports_blobs",
        "service.checkpoints",
    },
}  # fmt: skip
"""The roots (`bootstrap`, `cli`, `__main__`, …) put the rooms together and may import any of them."""

PURE = ("policy", "domain", "ledger", "views", "uploads")
NOT_IN_PURE = {
    "asyncio", "os", "time", "random", "secrets", "logging", "structlog", "aiohttp", "asyncpg", "websockets", "socket",
    "subprocess", "threading", "pathlib", "uuid",
}  # fmt: skip

LONGEST_FUNCTION = 70
LONGEST_MODULE = 450


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(COMMAND).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    return module.split(".")[0]


# Parsed while tests are collected: CPython 3.11's parser keeps its depth in one place for all threads
# (gh-106905), and threads of other tests may be compiling later.
TREES = {path: ast.parse(path.read_text(), str(path)) for path in MODULES}


def tree_of(path: Path) -> ast.Module:
    return TREES[path]


def imports_of(path: Path) -> Iterator[str]:
    """Full names of what a module imports, `from a import b` as `a.b`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def permitted(room: str, target: str) -> bool:
    """`target` is a dotted name under `command.`, perhaps with a name of the module behind it."""
    if room_of(target) in (room, "errors"):
        return True
    return any(target == entry or target.startswith(f"{entry}.") for entry in ALLOWED[room])


def rooms() -> list[Path]:
    return [path for path in MODULES if room_of(name_of(path)) in ALLOWED]


@pytest.mark.parametrize("path", rooms(), ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    room = room_of(name_of(path))
    ours = [name.removeprefix("command.") for name in imports_of(path) if name.startswith("command.")]
    ours = [target for target in ours if not target.startswith("__")]  # `command.__doc__` is no room
    assert [target for target in ours if not permitted(room, target)] == []


@pytest.mark.parametrize("path", [path for path in MODULES if room_of(name_of(path)) in PURE], ids=name_of)
def test_the_pure_rooms_ask_nobody(path: Path) -> None:
    """No clock, no randomness, no I/O, no logger: time, ids and salts are arguments."""
    roots = {name.split(".")[0] for name in imports_of(path)}
    assert roots & NOT_IN_PURE == set()
    calls = {
        node.attr
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date")
    }  # fmt: skip
    assert calls == set()


def test_every_room_is_in_the_table() -> None:
    found = {path.name for path in COMMAND.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert found - {"__pycache__", "cli", "_data"} == set(ALLOWED) - {"errors"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_task_has_a_name(path: Path) -> None:
    nameless = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if called in ("create_task", "ensure_future") and "name" not in {word.arg for word in node.keywords}:
                nameless.append(node.lineno)
    assert nameless == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_and_modules_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE
    long = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    }
    assert long == {}


def test_the_checks_find_what_they_are_for() -> None:
    assert permitted("service", "store.ports.Store") and not permitted("service", "store.memory.MemoryStore")
    assert not permitted("domain", "service.api") and not permitted("policy", "domain.events")
    assert permitted("policy", "errors.Corrupt") and not permitted("ledger", "domain.events.Event")
