"""The words that go with a package about one record: a page to read first, and why what is not in it is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from command.reports.document import Clock
from command.views.record_rows import RecordView

Reason = Literal["lens", "sealed", "confidential", "missing"]
"""lens          the role that the package was made for does not see it
sealed        it was destroyed, on someone's authority
confidential  it would tell who made a confidential report
missing       it should be there, and nothing says why it is not"""


class Withheld(msgspec.Struct, frozen=True):
    """One thing that is not in the package. `field` "": the event as a whole, of which only the leaf is there."""

    seq: int
    type: str
    field: str
    reason: Reason
    says: str


class About(msgspec.Struct, frozen=True):
    """What a package says of itself."""

    incident: str
    zone: str
    exercise: bool
    log: str
    epoch: int
    seq: int
    root: str
    lens: str
    sees: str  # what the lens shows, in words
    events: int


_WHY: dict[Reason, str] = {
    "lens": "not shown to the role that this package was made for",
    "sealed": "destroyed on someone's authority; what is left proves that it was there",
    "confidential": "would tell who made a confidential report",
    "missing": "not there, and no order says why: ask",
}


def read_me(view: RecordView, about: About, withheld: Iterable[Withheld], files: Iterable[str]) -> str:
    """The page to read first, in plain words."""
    clock, reasons = Clock(about.zone), [one.reason for one in withheld]
    count = {reason: reasons.count(reason) for reason in _WHY}
    parts = (
        f"RECORD OF ARREST {view.record.number}\n{about.incident}",
        "EXERCISE: none of this happened." if about.exercise else "",
        (
            f"This package holds what the log of this operation has of one arrest, as of {clock.at(view.now)}, which is after "
            f"event {about.seq}. It was made for a role that sees: {about.sees.rstrip('.')} ({about.lens})."
        ),
        (
            "WHAT IS IN IT\n"
            "record.pdf        the record to read and print, with every version of it: a correction stands beside what it\n"
            "                  corrects. With the orders to disperse and the ways out in that place by then, and the force\n"
            "                  that is linked to it\n"
            "record.json       the same as data\n"
            f"events.ndjson     the {about.events} events behind it, one a line, each with the exact bytes that are in the log,\n"
            "                  the private values that may be shown, and its proof\n"
            "attachments.json  photographs, recordings and papers that the record names, with the SHA-256 of each as it was taken\n"
            "attachments/      those of them that may be given out: the original, or a copy cleaned for screens\n"
            "withheld.json     what is not here, and why\n"
            "rules/            the rules that it was judged by, word for word\n"
            "manifest.json     the SHA-256 of every other file"
        ),
        "WHAT IS NOT IN IT\n" + ("\n".join(_not_here(count)) or "Nothing of this record is withheld from this role."),
        (
            "What this role may not know of at all is neither here nor counted. A court, or whoever grants it, can have a\n"
            "package made for another role."
        ),
        (
            "HOW TO CHECK IT\n"
            "    muster verify PACKAGE.zip\n"
            "needs no server and no network. It checks every file against the manifest, every event against the root of the\n"
            "log, every private value against what the log committed to when it was written, and every original against the\n"
            "digest in the log. By hand: SHA-256 of a zero byte and the header is the leaf; the path leads from it to the root\n"
            "as in RFC 6962; a disclosure is base64url of [salt, field, value], and its SHA-256 stands in the header."
        ),
        (
            f"The root, after event {about.seq} of epoch {about.epoch} of log {about.log}:\n    {about.root}\n"
            "That the log with this root is the one that was kept, the package cannot show by itself: compare the root with\n"
            "one that was signed or noted elsewhere, or ask for the log to be checked up to that event."
        ),
        "FILES\n" + "\n".join(files),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _not_here(count: dict[Reason, int]) -> list[str]:
    return [f"{number} values or events: {_WHY[reason]}" for reason, number in count.items() if number]
