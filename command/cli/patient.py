"""What `muster doctor` looks at, and what one look says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import asyncpg
import msgspec

from command.bootstrap import Databases
from command.config import Settings

if TYPE_CHECKING:
    from command.store.postgres import Pool

    Connection = asyncpg.Connection[asyncpg.Record]

State = Literal["ok", "warn", "fail"]


class Check(msgspec.Struct, frozen=True):
    """One look."""

    name: str
    state: State
    says: str


class Patient(msgspec.Struct):
    """What is looked at: settings, and connections as the application and to the key store."""

    settings: Settings
    databases: Databases
    app: Connection
    keys: Connection
    key_pool: Pool
