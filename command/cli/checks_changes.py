"""What `muster doctor` looks at of the tree of changes: that it is the one that was signed, note by note."""

from __future__ import annotations

from command.cli.patient import Check, Patient
from command.ledger import merkle
from command.ledger.change_leaf import LOG
from command.ledger.heads import SignedHeads
from command.store.change_tree import grown

WAITING = "SELECT count(*) FROM changes c WHERE NOT EXISTS (SELECT FROM change_leaves l WHERE l.number = c.number)"


async def signed_changes(p: Patient) -> Check:
    """Each note and its entry in the trail are as they were when a head over them was signed, and none is gone."""
    vkeys = [row["vkey"] for row in await p.app.fetch("SELECT vkey FROM checkpoint_keys")]
    rows = await p.app.fetch("SELECT size, root, note FROM checkpoints WHERE log = $1 ORDER BY size", LOG)
    heads = SignedHeads(LOG, [row["note"] for row in rows], vkeys)
    wrong, size = list(heads.problems), 0
    signed = {row["size"]: row["root"] for row in rows}
    async for size, tree in grown(p.app, wrong):
        if size in signed and merkle.root_of(tree) != signed.pop(size):
            wrong.append(f"the first {size} are not those that were signed")
    if signed:
        wrong.append(f"{max(signed)} were once signed, {size} are there")
    if wrong:
        return Check("signed changes", "fail", "; ".join(wrong[:5]))
    waiting = await p.app.fetchval(WAITING)
    return Check(
        "signed changes", "ok", f"{size} signed" + (f", {waiting} wait for a running server" if waiting else "")
    )
