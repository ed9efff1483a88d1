"""What access knows of live sockets: who sees an incident how, and whose session has ended meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from command.access.authorizer import authorize, may, roles_at
from command.access.model import Subject
from command.access.ports import AccessStore
from command.access.sessions import subject_of
from command.stream.frames import Me


class SocketWatch:
    """Implements `stream.member.Watch` over the accounts and sessions that are kept."""

    def __init__(self, access: AccessStore, now: Callable[[], datetime]) -> None:
        self._access = access
        self._now = now
        self._sweeps = 0

    def sight(self, subject: Subject, incident: str) -> Me | None:
        """How the subject sees the incident now; None: not at all."""
        now = self._now()
        verdict = authorize(subject, "incident.stream", incident, now)
        if not verdict.allow or verdict.lens is None or verdict.role is None:
            return None
        return Me(
            person=subject.person,
            name=subject.name,
            agency=subject.agency,
            role=verdict.role,
            lens=verdict.lens,
            may=tuple(sorted(may(subject, incident, now))),
            roles=roles_at(subject, incident, now),
        )

    def version(self) -> int:
        """Grows with each sweep: a grant may have ended by the clock alone, and asking `sight` again is cheap."""
        return self._sweeps

    async def live(self, sessions: Sequence[str]) -> Mapping[str, Subject]:
        """Those of these public session ids that have not ended or locked, each with its grants of now."""
        now = self._now()
        found: dict[str, Subject] = {}
        for known in await self._access.sessions(sessions):
            subject = subject_of(known, known.session.source, now)
            if subject is not None:
                found[known.session.id] = subject
        self._sweeps += 1
        return found
