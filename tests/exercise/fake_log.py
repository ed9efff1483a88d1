"""A log that takes commands as the service does, as far as an import can tell: once each, by id and bytes."""

from __future__ import annotations

import msgspec

from command.domain.commands import COMMANDS, Ask, Report
from command.domain.envelope import Origin
from command.domain.submission import Answer, Submission


class FakeLog:
    """Keeps what it was sent; `answers` may set another status for a command id."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, Submission, Origin]] = {}
        self.batches: list[int] = []
        self.answers: dict[str, Answer] = {}
        self.authors: dict[str, tuple[str, str]] = {}

    async def send(self, pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        """The door of an import."""
        self.batches.append(len(pairs))
        return [self._take(submission, origin) for submission, origin in pairs]

    async def send_as(self, person: str, agency: str, pairs: list[tuple[Submission, Origin]]) -> list[Answer]:
        """The door of a scenario."""
        for submission, _ in pairs:
            self.authors.setdefault(submission.cmd, (person, agency))
        return await self.send(pairs)

    def commands(self) -> list[Ask | Report]:
        """What was kept, decoded."""
        return [decoded(submission) for _, submission, _ in self.kept.values()]

    def _take(self, submission: Submission, origin: Origin) -> Answer:
        if submission.cmd in self.answers:
            return self.answers[submission.cmd]
        raw = bytes(submission.command)
        known = self.kept.setdefault(submission.cmd, (raw, submission, origin))
        if known[1] is submission:
            return Answer(submission.cmd, "accepted", seq=len(self.kept))
        return Answer(submission.cmd, "duplicate" if known[0] == raw else "conflict")


def decoded(submission: Submission) -> Ask | Report:
    """The command within."""
    name = msgspec.json.decode(submission.command)["type"]
    return msgspec.json.decode(submission.command, type=COMMANDS[name])
