"""The export proves itself: headers, leaves and root agree, disclosures open their commitments, and nothing leaks."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from command.access.audit import entry
from command.access.sessions import IDLE_S
from command.ledger.merkle import root_from_leaves
from command.library import read_files
from command.store.ports import DisclosureRow
from command.web import handlers_export
from tests.web.harness import START, Site, note


def lines(body: bytes) -> list[Any]:
    """NDJSON, decoded."""
    return [json.loads(line) for line in body.splitlines()]


def unpadded(text: str) -> bytes:
    """base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def written(site: Site, entries: int = 7) -> tuple[str, str]:
    """A commander's cookie and an incident with private texts."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    for n in range(entries):
        await site.call("POST", f"/api/incidents/{incident}/commands", note(f"CANARY {n}"), cookie=cookie)
    return cookie, incident


@pytest.mark.parametrize("role", ["commander", "reviewer"])
async def test_an_export_verifies_from_its_own_bytes(site: Site, role: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaf by leaf to the root, disclosure by disclosure to the digests in the headers; in several chunks."""
    monkeypatch.setattr(handlers_export, "CHUNK", 3)
    _, incident = await written(site)
    await site.services.service.keep_packs(incident, read_files())  # as a node does with its own when it starts
    reader = await site.sign_in(role)
    answer = await site.call("GET", f"/api/incidents/{incident}/export", cookie=reader)
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{incident}.ndjson"'
    head, *between, end = lines(answer.body)
    kinds = ("event", "vkey", "head", "pack")
    events, vkeys, heads, packs = ([line for line in between if line["type"] == kind] for kind in kinds)
    assert [*events, *vkeys, *heads, *packs] == between
    assert [line["size"] for line in heads] == [head["seq"]] and len(vkeys) == 1  # signed up to its very end
    assert packs and all(line["name"].endswith(hashlib.sha256(unpadded(line["raw"])).hexdigest()) for line in packs)
    assert (head["type"], head["log"], head["lens"]) == (
        "export", incident, "command" if role == "commander" else "oversight",
    )  # fmt: skip
    assert [event["seq"] for event in events] == list(range(1, head["seq"] + 1))
    assert end == {"type": "end", "events": head["seq"]}
    leaves = [hashlib.sha256(b"\0" + unpadded(event["header"])).digest() for event in events]
    assert [leaf.hex() for leaf in leaves] == [event["leaf"] for event in events]
    assert root_from_leaves(leaves).hex() == head["root"]
    opened = 0
    for event in events:
        header = unpadded(event["header"])
        for disclosure in event.get("disclosures", []):
            digest = hashlib.sha256(disclosure.encode()).digest()
            salt, path, _ = json.loads(unpadded(disclosure))
            sealed = json.loads(header)["body"][path]["sha256"]
            assert unpadded(sealed) == digest
            assert len(unpadded(salt)) >= 16
            opened += 1
        assert "withheld" not in event
    assert opened >= 7
    assert b"CANARY" not in b"".join(unpadded(event["header"]) for event in events)


async def test_an_export_is_on_the_trail_once_before_its_first_byte(site: Site) -> None:
    """One entry for a whole one."""
    cookie, incident = await written(site)
    before = len(await site.kept())
    await site.call("GET", f"/api/incidents/{incident}/export", cookie=cookie)
    assert [(row.action, row.outcome) for row in await site.kept(before)] == [("incident.export", "ok")]


async def test_an_export_that_fails_half_way_is_cut_and_not_ended(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader sees that it is no whole export; the trail has it; the log does not say what was in the way."""
    cookie, incident = await written(site)
    monkeypatch.setattr(handlers_export, "CHUNK", 3)
    whole = site.store.disclosures

    async def breaks(log: str, seqs: Sequence[int]) -> list[DisclosureRow]:
        if seqs[0] > 3:
            raise RuntimeError("CANARY")
        return await whole(log, seqs)

    monkeypatch.setattr(site.store, "disclosures", breaks)
    before = len(await site.kept())
    with capture_logs() as written_lines, pytest.raises(aiohttp.ClientError):
        await site.call("GET", f"/api/incidents/{incident}/export", cookie=cookie)
    assert [(row.action, row.outcome) for row in await site.kept(before)] == [("incident.export", "ok")]
    assert [line["error"] for line in written_lines if line["event"] == "request failed"] == ["RuntimeError"]
    assert "CANARY" not in repr(written_lines)


async def test_an_export_under_way_ends_with_its_session(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who takes their time is not served for hours; one whose screen locked is."""
    cookie, incident = await written(site)
    monkeypatch.setattr(handlers_export, "CHUNK", 3)
    whole = site.store.disclosures
    row = entry(None, "session.end", None, "ok", START, source="cli")
    end = False

    async def meanwhile(log: str, seqs: Sequence[int]) -> list[DisclosureRow]:
        if end:
            await site.access.revoke(site.sessions[cookie], site.now, row)
        else:
            site.move(seconds=IDLE_S)
        return await whole(log, seqs)

    monkeypatch.setattr(site.store, "disclosures", meanwhile)
    answer = await site.call("GET", f"/api/incidents/{incident}/export", cookie=cookie)
    assert lines(answer.body)[-1]["type"] == "end"
    cookie, end = await site.sign_in("commander"), True
    with pytest.raises(aiohttp.ClientError):
        await site.call("GET", f"/api/incidents/{incident}/export", cookie=cookie)


async def test_an_empty_handed_role_exports_nothing(site: Site) -> None:
    """Field officers and assisting agencies have no export."""
    _, incident = await written(site, 1)
    for role in ("field", "assisting", "administrator"):
        answer = await site.call("GET", f"/api/incidents/{incident}/export", cookie=await site.sign_in(role))
        assert answer.status == 403
        assert b"CANARY" not in answer.body
