"""Bodies and answers about agencies, and about the role that someone acts in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from command.access.agencies import Agency, Kind
from command.access.model import Role
from command.domain.ids import AgencyId, Line

Words = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*\Z")]
"""One line that may be empty."""

Moment = Annotated[datetime, Meta(tz=True)]
"""A time that says its zone."""


class NewAgency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agency that accounts, devices and incidents may name. `contact`: a desk or a channel, never a person."""

    id: AgencyId
    name: Line
    kind: Kind
    contact: Words = ""
    agreement: Words = ""
    agreement_until: Moment | None = None


class AgencyWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be otherwise; what is left out stays."""

    name: Line | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    contact: Words | UnsetType = UNSET
    agreement: Words | UnsetType = UNSET
    agreement_until: Moment | None | UnsetType = UNSET


class RegisteredAgency(msgspec.Struct, frozen=True):
    """An agency, how many accounts of it may sign in, and how many of those administer."""

    agency: Agency
    accounts: int
    administrators: int


class Agencies(msgspec.Struct, frozen=True):
    """All agencies, ended ones included, by id. None: nothing is checked against the register yet."""

    agencies: tuple[RegisteredAgency, ...]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As which of one's own roles to act and look at an incident; None: the first of them."""

    incident: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$(?!\n)")]
    role: Role | None


class Chosen(msgspec.Struct, frozen=True):
    """What speaks now."""

    role: str
    lens: str
    roles: tuple[str, ...]
