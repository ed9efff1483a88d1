"""Rule packs from disk: what `policy` may not do itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from command.errors import Misconfigured
from command.policy.load import read_pack
from command.policy.stack import Stack

MODEL = "model/muster-model.toml"
"""The model plan: a template with a ladder, on which laws stand and from which local plans are drawn up."""

DEFAULT = ("us-il/force-and-citation.toml", MODEL)
"""The stack where nobody named one, the most general first: the model, adapted to Illinois by two of its statutes."""


def find_root() -> Path:
    """The folder of rule packs: the checkout's `protocols/`, or the one packed into the wheel."""
    package = Path(__file__).resolve().parent
    for root in (package.parent / "protocols", package / "_data" / "protocols"):
        if (root / MODEL).is_file():
            return root
    raise Misconfigured("expected the rule packs beside the program, found none", where="protocols")


def pack_files(names: Sequence[str] = ()) -> list[Path]:
    """The files of a stack, the most general first; none named means `DEFAULT`.

    A name is a path, or one below the folder of packs. Raises Misconfigured for one that is not there.
    """
    found = []
    for name in names or DEFAULT:
        choices = [Path(name), find_root() / name]
        path = next((choice for choice in choices if choice.is_file()), None)
        if path is None:
            raise Misconfigured(f"expected a rule pack, found no file {name}", where="packs")
        found.append(path)
    return found


CASES = "cases.toml"
"""How the cases beside the packs of a folder are called."""


def all_packs() -> list[Path]:
    """Every pack that comes with Muster, in the order of their names."""
    return [path for path in sorted(find_root().glob("*/*.toml")) if path.name != CASES]


def all_cases() -> list[Path]:
    """Every file of cases that comes with Muster."""
    return sorted(find_root().glob(f"*/{CASES}"))


def read_files(names: Sequence[str] = ()) -> list[tuple[str, bytes]]:
    """File name and exact bytes of each pack of a stack."""
    return [(path.name, path.read_bytes()) for path in pack_files(names)]


def load_stack(files: Sequence[tuple[str, bytes]]) -> Stack:
    """The stack of these files. Raises PackProblems with every problem of every line."""
    return Stack.of([read_pack(raw, name) for name, raw in files])
