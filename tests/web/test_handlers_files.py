"""Files that a device brings with nobody signed in: opened part by part, whole after any cut, and what was signed for."""

from __future__ import annotations

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from command.devices.files import file_info, part_aad, part_nonce
from command.devices.sealing import SUITE
from command.ledger import disclosure
from command.uploads.kept import PART_BYTES
from command.web.handlers_files import MOST_OTHERS
from tests.support.tablet import Got, Tablet
from tests.web.harness import Site
from tests.web.street import Street, hand_in

PNG = b"\x89PNG\r\n\x1a\n"
DATA = PNG + secrets.token_bytes(2 * PART_BYTES + 1000)


@pytest_asyncio.fixture
async def street(site: Site) -> Street:
    """Everyone is there."""
    return await Street(site).begin()


class Photo:
    """One file on a tablet, as the app keeps it."""

    def __init__(self, data: bytes = DATA, attachment: str = "photo-1") -> None:
        self.data, self.attachment, self.key = data, attachment, secrets.token_bytes(32)

    @property
    def told(self) -> dict[str, Any]:
        """Its announcement."""
        return {
            "attachment": self.attachment, "subject": "s-" + "1" * 32, "kind": "photo",
            "sha256": sha256(self.data).hexdigest(), "size_bytes": len(self.data),
        }  # fmt: skip

    def part(self, piece: bytes, number: int) -> bytes:
        parts = -(-len(self.data) // PART_BYTES)
        return AESGCM(self.key).encrypt(part_nonce(number), piece, part_aad(self.attachment, number, parts))

    async def sealed(self, street: Street, tablet: Tablet, number: int, **other: Any) -> dict[str, Any]:
        """A part as it lies on the tablet."""
        shown = (await street.site.call("GET", "/api/devices/sealing")).json
        point = disclosure.decode_bytes(shown["public_key"])
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        place = file_info(street.incident, other.get("device", tablet.id), self.attachment)
        piece = self.data[number * PART_BYTES : (number + 1) * PART_BYTES]
        part = self.part(piece, other.get("place", number))
        return {
            "key": {"key": shown["id"], "box": disclosure.encode_bytes(SUITE.encrypt(self.key, public, place))},
            "offset": number * PART_BYTES,
            "part": disclosure.encode_bytes(part),
        }


def path(street: Street, upload: str = "") -> str:
    return f"/api/incidents/{street.incident}/files" + (f"/{upload}" if upload else "")


async def begin(street: Street, tablet: Tablet, photo: Photo) -> dict[str, Any]:
    got = await tablet.signed(path(street), photo.told)
    assert got.status == 200, got
    told: dict[str, Any] = got.json
    return told


async def bring(street: Street, tablet: Tablet, photo: Photo, upload: str, number: int, **other: Any) -> Got:
    return await tablet.signed(path(street, upload), await photo.sealed(street, tablet, number, **other))


async def test_a_file_comes_without_a_session_and_goes_on_after_a_lost_answer(street: Street) -> None:
    """Announced again it says how far it is; the same part again is told so; in the end it is whole and judged."""
    tablet, photo = await street.tablet(officer=False), Photo()
    upload = (await begin(street, tablet, photo))["upload"]
    assert (await bring(street, tablet, photo, upload, 0)).json["offset"] == PART_BYTES
    again = await begin(street, tablet, photo)
    assert (again["upload"], again["offset"], again["state"]) == (upload, PART_BYTES, "under way")
    assert (await bring(street, tablet, photo, upload, 0)).status == 409
    assert (await bring(street, tablet, photo, upload, 1)).json["offset"] == 2 * PART_BYTES
    last = (await bring(street, tablet, photo, upload, 2)).json
    assert last["offset"] == len(photo.data)
    assert last["state"] != "under way"
    blobs = await street.site.services.attachments.ends(street.incident, [photo.attachment])
    assert [one.sha256 for one in blobs] == [sha256(photo.data).hexdigest()]


async def test_a_file_that_was_whole_when_the_server_was_killed_is_judged_when_it_is_asked_for(street: Street) -> None:
    """Its last bytes were kept, and nobody was left to say so: the device has nothing more to bring."""
    tablet, photo = await street.tablet(officer=False), Photo(DATA[: PART_BYTES + 9])
    upload = (await begin(street, tablet, photo))["upload"]
    files = street.site.services.attachments
    for at in (0, PART_BYTES):
        found = await files.progress(street.incident, upload, tablet.id)
        await files.write(found, at, photo.data[at : at + PART_BYTES])
    again = await begin(street, tablet, photo)
    assert (again["offset"], again["state"]) == (len(photo.data), "unreadable")  # no picture, and kept all the same
    assert [one.upload for one in await files.ends(street.incident, [photo.attachment])] == [upload]


async def test_a_part_opens_at_its_own_place_only(street: Street) -> None:
    """Another's place, another device's key, another file's key, a changed byte: said, and nothing is kept."""
    tablet, photo = await street.tablet(officer=False), Photo()
    upload = (await begin(street, tablet, photo))["upload"]
    good = await photo.sealed(street, tablet, 0)
    other = await Photo(attachment="photo-2").sealed(street, tablet, 0)
    wrong = (
        (await photo.sealed(street, tablet, 0, place=1), "part"),
        (await photo.sealed(street, tablet, 0, device="d-" + "0" * 32), "sealed.box"),
        ({**good, "key": other["key"]}, "sealed.box"),
        ({**good, "part": good["part"][:-4] + "AAAA"}, "part"),
        ({**good, "part": "AAAA"}, "part"),
        ({**good, "offset": 17}, "offset"),
    )
    for body, where in wrong:
        got = await tablet.signed(path(street, upload), body)
        assert got.status in (400, 409, 422), got.json
        assert got.json["where"] == where
    assert (await begin(street, tablet, photo))["offset"] == 0


@pytest.mark.parametrize("size", [PART_BYTES - 1, PART_BYTES + 1])
async def test_only_the_last_part_may_be_short(street: Street, size: int) -> None:
    """Else a part's number would not follow from its place."""
    tablet, photo = await street.tablet(officer=False), Photo()
    upload = (await begin(street, tablet, photo))["upload"]
    body = await photo.sealed(street, tablet, 0)
    body["part"] = disclosure.encode_bytes(photo.part(b"x" * size, 0))
    assert (await tablet.signed(path(street, upload), body)).json["where"] == "part"


async def test_another_device_brings_nothing(street: Street) -> None:
    """An upload is its device's own."""
    tablet, other, photo = await street.tablet(), await street.tablet(officer=False), Photo()
    upload = (await begin(street, tablet, photo))["upload"]
    assert (await bring(street, other, photo, upload, 0)).status == 404


def added(street: Street, tablet: Tablet, photo: Photo, at: datetime) -> dict[str, Any]:
    """The record that names a photo, signed by officer-1."""
    public = {
        "type": "AddAttachment", "attachment": photo.attachment, "record": "a-1", "subject": photo.told["subject"],
        "kind": "photo", "sha256": photo.told["sha256"], "size_bytes": photo.told["size_bytes"], "media": "image/png",
    }  # fmt: skip
    return tablet.state(street.incident, "officer-1", at, public, {"note": ""})


def arrested(street: Street, tablet: Tablet, at: datetime) -> dict[str, Any]:
    public = {"type": "RecordArrest", "arrest": "a-1", "subject": "s-" + "1" * 32, "officer": "officer-1"}
    return tablet.state(street.incident, "officer-1", at, public, {"conduct": "threw a bottle"})


async def test_a_revoked_device_brings_a_file_once_its_record_was_let_in(street: Street) -> None:
    """Held back, its photo stays on the tablet; let in by a person, it follows, and it alone: of that name, digest, size."""
    tablet, photo = await street.tablet(), Photo()
    under_way = (await begin(street, tablet, Photo(attachment="other")))["upload"]
    at = street.site.now
    await street.revoke(tablet)
    answers = await hand_in(tablet, street, arrested(street, tablet, at), added(street, tablet, photo, at))
    assert [one["status"] for one in answers] == ["quarantined"] * 2
    assert (await tablet.signed(path(street), photo.told)).status == 403
    assert (await bring(street, tablet, Photo(attachment="other"), under_way, 0)).status == 403
    for row in await street.held(street.chief):
        decision = {"decision": "release", "reason": "the officer confirms it"}
        where = f"/api/incidents/{street.incident}/quarantine/{row['item']}"
        done = await street.site.call("POST", where, decision, cookie=street.admin)
        assert done.json["answers"][0]["status"] == "accepted", done.json
    for changed in ({"sha256": "0" * 64}, {"size_bytes": 5}, {"subject": "s-" + "2" * 32}, {"attachment": "other"}):
        assert (await tablet.signed(path(street), {**photo.told, **changed})).status == 403
    upload = (await begin(street, tablet, photo))["upload"]
    for number in range(3):
        got = await bring(street, tablet, photo, upload, number)
    assert got.json["state"] != "under way"
    assert (await begin(street, tablet, photo))["state"] == got.json["state"], "again means once"
    (end,) = await street.site.services.attachments.ends(street.incident, [photo.attachment])
    assert end.sha256 == photo.told["sha256"]


async def test_a_stolen_tablet_fills_no_disk_with_other_files_under_a_good_name(street: Street) -> None:
    """Three that are not what was signed for, then no more."""
    tablet, photo = await street.tablet(), Photo()
    at = street.site.now
    answers = await hand_in(tablet, street, arrested(street, tablet, at), added(street, tablet, photo, at))
    assert [one["status"] for one in answers] == ["accepted"] * 2
    await street.revoke(tablet)
    fake = Photo(PNG + secrets.token_bytes(len(DATA) - len(PNG)))
    for _ in range(MOST_OTHERS):
        upload = (await begin(street, tablet, photo))["upload"]
        for number in range(3):
            got = await bring(street, tablet, fake, upload, number)
        assert got.json["state"] == "another digest"
    assert (await tablet.signed(path(street), photo.told)).status == 403


async def test_people_do_not_come_in_by_this_door(street: Street) -> None:
    """A session is no device."""
    for cookie in ("", street.officer, street.chief, street.admin):
        answer = await street.site.call("POST", path(street), Photo().told, cookie=cookie)
        assert answer.status == 401
