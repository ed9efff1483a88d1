"""Arrests and custody counted from a log's events as they were exported: plain JSON, and none of Muster's own folding.

It knows what an event says and nothing of how Muster keeps it: late reports, corrections and shared records are not
in the operations that it is used on, and it says so where it meets one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

BECAME = {"custody": "custody", "cited": "cited", "released": "released"}


class Tally:
    """What the processing board has to say, by one event after the other."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.holder: dict[str, tuple[str, str]] = {}  # subject -> holder, since
        self.station: dict[str, tuple[str, str]] = {}  # subject -> station, since
        self.at: dict[str, dict[str, set[str]]] = {}  # site -> station -> subjects
        self.cuffed: set[str] = set()
        self.free = 0
        self.signed: set[str] = set()
        self.reviewed: set[str] = set()
        self.became: dict[str, str] = {}

    def take(self, header: dict[str, Any]) -> None:
        """One event."""
        handler = getattr(self, f"_{header['type']}", None)
        if handler is not None:
            handler(header["body"], header["occurred_at"])
        own = header["type"] == "ArrestRecorded" and header["actor"]["person"] == header["body"]["officer"]
        if own and header.get("origin") is None:  # what somebody let in for them nobody has signed
            self.signed.add(header["body"]["arrest"])  # their own card, by their own hand

    def _ArrestRecorded(self, body: dict[str, Any], at: str) -> None:
        assert body["arrest"] not in self.records, "no corrections here"
        self.records[body["arrest"]] = body
        self._hold(body["subject"], body["officer"], at)

    def _CustodyTransferred(self, body: dict[str, Any], at: str) -> None:
        self._hold(body["subject"], body["to_holder"], at)

    def _PersonReleased(self, body: dict[str, Any], _at: str) -> None:
        self._leave(body["subject"])
        self.free += 1

    def _SiteOpened(self, body: dict[str, Any], _at: str) -> None:
        self.at[body["site"]] = {}

    def _StationEntered(self, body: dict[str, Any], at: str) -> None:
        subject, site = body["subject"], body["site"]
        assert self.holder[subject][0] == site, "no one is at a station of a site that does not hold them"
        self._place(subject, site, body["station"], at)

    def _RestraintRecorded(self, body: dict[str, Any], _at: str) -> None:
        (self.cuffed.add if body["act"] == "applied" else self.cuffed.discard)(body["subject"])

    def _DispositionDecided(self, body: dict[str, Any], _at: str) -> None:
        self.became[body["arrest"]] = BECAME[body["disposition"]]

    def _ArrestSigned(self, body: dict[str, Any], _at: str) -> None:
        self.signed.add(body["arrest"])

    def _GroundsReviewed(self, body: dict[str, Any], _at: str) -> None:
        self.reviewed.add(body["arrest"])

    def _hold(self, subject: str, holder: str, at: str) -> None:
        self._leave(subject)
        self.holder[subject] = (holder, at)
        if holder in self.at:
            self._place(subject, holder, "", at)

    def _leave(self, subject: str) -> None:
        had = self.holder.pop(subject, None)
        place = self.station.pop(subject, None)
        if had is not None and place is not None:
            self.at[had[0]][place[0]].discard(subject)

    def _place(self, subject: str, site: str, station: str, at: str) -> None:
        before = self.station.get(subject)
        if before is not None:
            self.at[site][before[0]].discard(subject)
        self.station[subject] = (station, at)
        self.at[site].setdefault(station, set()).add(subject)

    # what the board says ------------------------------------------------------------------

    def queues(self, site: str) -> dict[str, tuple[int, str]]:
        """Station -> how many, and since when the longest."""
        return {
            station: (len(people), min(self.station[one][1] for one in people))
            for station, people in self.at[site].items()
            if people
        }

    def panel(self) -> list[tuple[int, ...]]:
        """Custody, cited, released, undecided for each charge, in no order of charges."""
        by_charge: dict[str, Counter[str]] = {}
        for name, record in self.records.items():
            (charge,) = record["offences"]
            by_charge.setdefault(charge, Counter())[self.became.get(name, "undecided")] += 1
        words = ("custody", "cited", "released", "undecided")
        return sorted(tuple(found[word] for word in words) for found in by_charge.values())

    def numbers(self) -> dict[str, int]:
        """The line of figures, but for what the plan's own lists decide."""
        became = Counter(self.became.get(name, "undecided") for name in self.records)
        return {
            "records": len(self.records),
            "in_custody": len(self.holder),
            "released": self.free,
            "cited": became["cited"],
            "custody": became["custody"],
            "undecided": became["undecided"],
            "unsigned": len(self.records) - len(self.signed),
            "unreviewed": len(self.records) - len(self.reviewed),
            "restrained": len(self.cuffed & self.holder.keys()),
        }

    def waits(self) -> list[str]:
        """Since when people in custody wait where they are, the longest first."""
        return sorted(self.station.get(one, self.holder[one])[1] for one in self.holder)

    def differences(self, board: dict[str, dict[str, dict[str, Any]]]) -> Iterator[str]:
        """What a board says otherwise."""
        if "arrests" in board and board["arrests"].keys() != self.records.keys():
            yield f"records {sorted(board['arrests'].keys() ^ self.records.keys())}"
        if board["custody"].keys() != self.holder.keys():
            yield f"custody {sorted(board['custody'].keys() ^ self.holder.keys())}"
        for site in self.at:
            row = board["sites"][site]
            shown = {one["station"]: (one["people"], one["longest_since"]) for one in row.get("queues", ())}
            if shown != (queues := self.queues(site)) or row["occupancy"] != sum(n for n, _ in queues.values()):
                yield f"{site}: {row['occupancy']} people, {shown}, expected {queues}"
