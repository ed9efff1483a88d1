"""The public keys that go out with a log: of the devices and authors whose statements it holds, and of nobody else.

Who is asked for comes from the log's own headers. A confidential report's header holds no statement, so nothing here
leads to its author or to the device that it was written on; labels of devices and who enrolled them stay here.
"""

from __future__ import annotations

from collections.abc import Iterable

from command.devices.ports import DeviceStore
from command.ledger.signers import DeviceKey, PersonKey


async def public_keys(
    store: DeviceStore, carried: Iterable[tuple[str, str | None]]
) -> tuple[DeviceKey | PersonKey, ...]:
    """Keys for (device, author who signed too, or None), devices first. A device that is not known has none.

    Raises Unavailable.
    """
    wanted = sorted(set(carried), key=lambda pair: (pair[0], pair[1] or ""))
    devices: list[DeviceKey | PersonKey] = []
    for name in dict.fromkeys(device for device, _ in wanted):
        one = await store.device(name)
        if one is not None:
            devices.append(DeviceKey(one.id, one.agency, one.alg, one.public_key, one.enrolled_at, one.revoked_at))
    people: list[DeviceKey | PersonKey] = []
    for device, person in wanted:
        writer = await store.writer(device, person) if person is not None else None
        keys = () if writer is None else writer.keys
        people.extend(PersonKey(key.device, key.person, key.alg, key.public_key, key.since) for key in keys)
    return (*devices, *people)
