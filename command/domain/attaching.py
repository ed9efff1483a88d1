"""Files that belong to records: photographs, recordings and papers, by the digest of their bytes.

A file belongs to one record and is seen as that record is (`command.views.sight`). It may be told of before its record
is: tablets come in any order, and a report is never refused for that. Where the log knows the number as something else
than what is said, that is found, and the file is seen as what the log knows.
"""

from __future__ import annotations

from msgspec.structs import replace

from command.domain.commands_arrest import AddAttachment
from command.domain.deciding import Context, Outcome, one
from command.domain.envelope import Recorded
from command.domain.events_arrest import AttachedTo, AttachmentAdded
from command.domain.state import State
from command.domain.state_arrest import Attached
from command.policy.authority import UNKNOWN_DENIES
from command.policy.decision import Finding

NOT_AS_SAID = "the log has another kind of record under this number than was said"
"""All that is told: which kind it is may be oversight's to know."""


def add_attachment(state: State, cmd: AddAttachment, _ctx: Context) -> Outcome:
    """A photo, recording or paper, by the digest of its bytes."""
    event = AttachmentAdded(**{name: getattr(cmd, name) for name in cmd.__struct_fields__})
    known = known_as(state, cmd.record)
    differs = known is not None and known != cmd.belongs_to
    return one(event, finding=Finding("cannot tell", (UNKNOWN_DENIES,), (NOT_AS_SAID,)) if differs else None)


def known_as(state: State, record: str) -> AttachedTo | None:
    """What the log knows a number as; None for one that it does not know, or keeps no list of."""
    if record in state.arrests.all:
        return "arrest"
    if record in state.force.reports:
        return "force report"
    kept = state.oversight.records.get(record)
    return "intervention" if kept is not None and kept.kind == "intervention" else None


def attachment_added(state: State, entry: Recorded, event: AttachmentAdded) -> State:
    """Fold AttachmentAdded: who reports the same id again does not change which digest it must have."""
    arrests = state.arrests
    if event.belongs_to == "arrest" and (arrest := arrests.all.get(event.record)) is not None:
        fuller = replace(arrest, attachments=(*arrest.attachments, event.kind))
        arrests = replace(arrests, all=arrests.all.insert(event.record, fuller))
    if event.attachment not in arrests.attached:
        one_ = Attached(
            event.attachment, event.record, event.belongs_to, event.subject, event.kind, event.sha256,
            event.size_bytes, entry.seq,
        )  # fmt: skip
        attached, files = arrests.attached.insert(one_.attachment, one_), arrests.files.append(one_.attachment)
        arrests = replace(arrests, attached=attached, files=files)
    return replace(state, arrests=arrests)
