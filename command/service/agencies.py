"""What the service asks of the register of agencies, before a command goes into the queue."""

from __future__ import annotations

from typing import Protocol

from command.domain.commands import AdmitAgency, OpenIncident


class Agencies(Protocol):
    """The register. Judging itself reads nothing but the incident's own log."""

    async def named(self, cmd: AdmitAgency | OpenIncident, *, signed: bool) -> AdmitAgency | OpenIncident:
        """The command, with what the register knows copied in by value where it says nothing; as it is where `signed`.

        Raises Unreadable for an agency that the register does not know.
        """


class AnyAgency:
    """Where nobody keeps a register."""

    async def named(self, cmd: AdmitAgency | OpenIncident, *, signed: bool) -> AdmitAgency | OpenIncident:
        """As it is."""
        return cmd
