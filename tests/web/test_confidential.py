"""A confidential report through the real doors: nowhere but in oversight's lens does anything name its author."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.web.harness import Site, submission

WHO = "witness-7788"
SAW = {
    "type": "ReportExcessiveForce", "witness": "x1", "kind": "excessive force", "what": "he struck one who lay there",
    "confidential": True,
}  # fmt: skip
INTERVENED = {"type": "ReportIntervention", "intervention": "n1", "what": "held him back", "confidential": True}


async def reported(site: Site, command: dict[str, Any]) -> tuple[str, str, dict[str, Any], Any]:
    """An incident, the author's cookie, what was sent and what came back."""
    commander = await site.sign_in("commander")
    incident = await site.open(commander)
    cookie = await site.sign_in("field", person=WHO)
    sent = submission(command)
    answer = await site.call("POST", f"/api/incidents/{incident}/commands", sent, cookie=cookie)
    assert answer.status == 200, answer.body
    return incident, cookie, sent, answer.json["answers"][0]


@pytest.mark.parametrize("command", [SAW, INTERVENED])
async def test_no_header_feed_board_export_log_or_audit_names_the_author(site: Site, command: dict[str, Any]) -> None:
    with capture_logs() as logs:
        incident, cookie, _, answer = await reported(site, command)
    assert answer["status"] == "accepted"
    header = urlsafe_b64decode(answer["header"] + "==")
    assert WHO.encode() not in header and json.loads(header)["actor"] == {
        "person": "confidential",
        "agency": "confidential",
    }
    for role in ("commander", "field", "assisting"):
        reader = await site.sign_in(role)  # type: ignore[arg-type]  # a role
        for path in ("events?after=0", "board", "export"):
            got = await site.call("GET", f"/api/incidents/{incident}/{path}", cookie=reader)
            assert WHO.encode() not in got.body, (role, path)
            assert b"lay there" not in got.body and b"held him" not in got.body
    own = await site.call("GET", f"/api/incidents/{incident}/events?after=0", cookie=cookie)
    assert WHO.encode() not in own.body, "not even on the author's own screen"
    assert WHO not in repr(logs)
    trail = [row for row in await site.kept() if row.action.startswith("command.Report")]
    assert [(row.who, row.session, row.source) for row in trail] == [("confidential", "", "")]
    named = {row.action for row in await site.kept() if row.who == WHO}
    assert not {action for action in named if action.startswith(("command.", "incident.submit"))}, named
    assert all(row.actor == "confidential" for row in site.store._logs[incident].commands.values() if row.first_seq > 5)


async def test_oversight_reads_who_it_was(site: Site) -> None:
    incident, _, _, answer = await reported(site, SAW)
    reviewer = await site.sign_in("reviewer", compartments=("complaint",))
    page = await site.call("GET", f"/api/incidents/{incident}/events?after=0", cookie=reviewer)
    (entry,) = [one for one in page.json["entries"] if one["type"] == "ExcessiveForceReported"]
    assert entry["fields"]["actor person"] == WHO and entry["text"] == SAW["what"]
    export = await site.call("GET", f"/api/incidents/{incident}/export", cookie=reviewer)
    events = [json.loads(line) for line in export.body.splitlines()]
    (own,) = [one for one in events if one.get("seq") == answer["seq"] and one["type"] == "event"]
    paths = [json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))[1] for text in own["disclosures"]]
    assert {"actor.person", "actor.agency", "actor.device", "actor.position"} <= set(paths)


async def test_the_same_bytes_get_the_first_answer_and_other_bytes_are_a_conflict(site: Site) -> None:
    incident, cookie, sent, answer = await reported(site, SAW)
    again = await site.call("POST", f"/api/incidents/{incident}/commands", sent, cookie=cookie)
    (repeated,) = again.json["answers"]
    assert repeated["status"] == "duplicate" and repeated["first"] == answer
    other = {**sent, "command": {**SAW, "what": "something else"}}
    stranger = await site.sign_in("field", person="somebody-else")
    for who in (cookie, stranger):
        conflict = await site.call("POST", f"/api/incidents/{incident}/commands", other, cookie=who)
        assert conflict.json["answers"][0]["status"] == "conflict"
    assert WHO.encode() not in conflict.body
