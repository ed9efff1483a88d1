"""All of a node's dealings with devices, put together for the doors that need them."""

from __future__ import annotations

import hmac

import msgspec

from command.devices.intake import Intake
from command.devices.ports import DeviceStore
from command.devices.quarantine import Quarantine
from command.devices.sealing import Sealing
from command.service.api import ServiceApi
from command.store.ports import KeyStore


class DeviceDesk(msgspec.Struct, frozen=True):
    """`key` marks challenges, `authority` is the SHA-256 of the certificate authority in hex, "" where there is none."""

    store: DeviceStore
    intake: Intake
    quarantine: Quarantine
    sealing: Sealing
    key: bytes
    authority: str = ""


def open_desk(store: DeviceStore, keys: KeyStore, service: ServiceApi, root: bytes, authority: str = "") -> DeviceDesk:
    """The desk over these stores. `root` is the secret outside the database, which nodes share."""
    quarantine, sealing = Quarantine(store, keys, service), Sealing(keys)
    key = hmac.digest(root, b"muster device challenges", "sha256")
    return DeviceDesk(store, Intake(store, service, quarantine, sealing), quarantine, sealing, key, authority)
