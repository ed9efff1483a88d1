"""Who sees a file that belongs to a record, and what its bytes say against the record: the one place for both.

Two copies of a photograph exist. The one as it was taken is evidence: it holds what the camera wrote of place and
maker, and whatever else the bytes carry, so it goes to oversight and to nobody else, as a download. What screens draw
is the cleaned copy.

A picture of somebody is who they are: it takes the compartment `identity`, as their name does, or `medical` where it
shows an injury or somebody in distress. What a warning sounded like says who nobody in the crowd is. Footage and sound
tell what happened, so whoever owes a first account of it does not see it; a file is seen as the record that it belongs
to: `views.sight.shows` has both, for this and for the feed alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from command.domain.envelope import Recorded
from command.domain.events_arrest import AttachedTo, AttachmentAdded
from command.domain.private import CompartmentName
from command.domain.state import State
from command.domain.state_arrest import Attached
from command.uploads.kept import Blob, End
from command.views.lens import Lens, sight_of
from command.views.sight import shows

Copy = Literal["original", "shown"]

OF_NOBODY: Final = frozenset({("arrest", "property photo"), ("warning", "audio")})
"""What needs no compartment, by the record and the kind: what was in a bag, and how an announcement sounded."""

_COMPARTMENT: Final[dict[AttachedTo, CompartmentName]] = {"injury": "medical", "distress": "medical"}
"""What a file of such a record takes in the place of `identity`."""

FileFinding = Literal["waiting", "matches", "differs", "unreadable", "destroyed"]
"""waiting     the record is there, its file is not
matches     a file with the record's digest and size is there
differs     what came has another digest or size than the record says; it is kept
unreadable  the file is the record's, and of no kind that could be cleaned for a screen; it is kept
destroyed   the person's records were ordered away"""


def may_see(state: State, entry: Recorded, lens: Lens, copy: Copy) -> bool:
    """Whether a lens shows this copy of the file that an `AttachmentAdded` reports."""
    event = entry.event
    if not isinstance(event, AttachmentAdded) or not shows(state, entry, lens):
        return False
    sight = sight_of(lens)
    if copy == "original" and sight.kind != "oversight":
        return False
    if (event.belongs_to, event.kind) in OF_NOBODY:
        return True
    return _COMPARTMENT.get(event.belongs_to, "identity") in sight.compartments


def blob_of(record: Attached, blobs: Iterable[Blob]) -> Blob | None:
    """The file that a record is about: of its person, with its digest and its size."""
    wanted = (record.subject, record.sha256, record.size_bytes)
    return next((one for one in blobs if (one.subject, one.sha256, one.size_bytes) == wanted), None)


def finding_of(state: State, record: Attached, blob: Blob | None, ends: Iterable[End]) -> FileFinding:
    """What came against what the record says, whichever was first. `ends` are of uploads for this attachment.

    Told anew at each look and never written: a later upload that fits needs no correction of an earlier word.
    """
    if record.subject in state.redacted_subjects:
        return "destroyed"
    if blob is not None:
        return "matches" if blob.judged == "kept" else "unreadable"
    return "differs" if any(end.attachment == record.attachment for end in ends) else "waiting"
