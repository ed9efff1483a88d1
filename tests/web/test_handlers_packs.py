"""The shelf over HTTP: command puts packs on it, every problem is told with its line, and who sees an incident sees its plan."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from command.library import read_files
from tests.support.packs import SMALL
from tests.web.harness import Site, submission

FILES = {"files": [{"file": "our-plan.toml", "text": SMALL}]}
NAME = f"small@sha256:{hashlib.sha256(SMALL.encode()).hexdigest()}"


async def opened(site: Site) -> tuple[str, str]:
    """The commander's cookie, and the path of the packs of an incident."""
    cookie = await site.sign_in("commander")
    return cookie, f"/api/incidents/{await site.open(cookie)}/packs"


async def test_command_puts_exact_bytes_on_the_shelf(site: Site) -> None:
    """The answer names what a ChangePlan may name; nothing is in force by that, and it is on the trail."""
    cookie, path = await opened(site)
    answer = await site.call("POST", path, FILES, cookie=cookie)
    assert (answer.status, answer.json) == (201, {"packs": [NAME]})
    (row,) = await site.store.packs([NAME.rpartition(":")[2]])
    assert (row.name, row.raw) == ("our-plan.toml", SMALL.encode())
    assert (await site.call("POST", path, FILES, cookie=cookie)).json == {"packs": [NAME]}, "again is the same"
    plans = (await site.call("GET", path, cookie=cookie)).json["plans"]
    assert [NAME in span["packs"] for span in plans] == [False]
    assert ("incident.packs", "ok") in {(row.action, row.outcome) for row in await site.trail()}


@pytest.mark.parametrize("role", ["field", "assisting", "reviewer", "administrator"])
async def test_nobody_else_does(site: Site, role: Any) -> None:
    """The one authorizer says so, nothing is kept, and the attempt is on the trail."""
    _, path = await opened(site)
    cookie = await site.sign_in(role)
    answer = await site.call("POST", path, FILES, cookie=cookie)
    assert answer.status in (403, 404)
    assert await site.store.packs([NAME.rpartition(":")[2]]) == []
    assert ("incident.packs", "denied") in {(row.action, row.outcome) for row in await site.trail()}


async def test_a_stranger_neither_keeps_nor_reads(site: Site) -> None:
    _, path = await opened(site)
    assert [(await site.call(method, path, body)).status for method, body in (("POST", FILES), ("GET", None))] == [
        401,
        401,
    ]


async def test_every_problem_of_every_file_is_told_with_its_line(site: Site) -> None:
    """And none of them is kept, the good one included."""
    cookie, path = await opened(site)
    bad = SMALL.replace('title = "Small plan"', 'titel = "Small plan"').replace("order = 1", 'order = "one"')
    files = [*FILES["files"], {"file": "bad.toml", "text": bad}, {"file": "worse.toml", "text": "[pack"}]
    answer = await site.call("POST", path, {"files": files}, cookie=cookie)
    assert (answer.status, answer.json["code"]) == (400, "pack-unreadable")
    problems = answer.json["problems"]
    assert {one["file"] for one in problems} == {"bad.toml", "worse.toml"}
    lines = {one["line"] for one in problems if one["file"] == "bad.toml"}
    assert (
        bad.splitlines().index('titel = "Small plan"') + 1 in lines
        and bad.splitlines().index('order = "one"') + 1 in lines
    )
    assert all(f"{one['file']}:" in answer.json["detail"] and one["expected"] for one in problems)
    assert await site.store.packs([NAME.rpartition(":")[2]]) == []


@pytest.mark.parametrize(
    "body",
    [{}, {"files": []}, {"files": [{"file": "../x.toml", "text": SMALL}]}, {"files": [{"file": "x.toml"}]},
     {"files": [{"file": "x.toml", "text": "\ud800"}]}],
)  # fmt: skip
async def test_what_is_no_pack_file_is_said(site: Site, body: Any) -> None:
    cookie, path = await opened(site)
    answer = await site.call("POST", path, body, cookie=cookie)
    assert answer.status == 400 and answer.json["code"] == "unreadable"


@pytest.mark.parametrize("role", ["field", "reviewer"])
async def test_who_sees_the_incident_sees_its_plan(site: Site, role: Any) -> None:
    """Rules are public: since when which packs, and each word for word where it is on the shelf."""
    _, path = await opened(site)
    await site.services.service.keep_packs(path.split("/")[3], read_files())  # as a node does when it starts
    answer = await site.call("GET", path, cookie=await site.sign_in(role))
    assert answer.status == 200
    (span,) = answer.json["plans"]
    assert span["seq"] == 1 and span["packs"]
    assert [pack["name"] for pack in answer.json["packs"]] == span["packs"]
    for pack in answer.json["packs"]:
        assert pack["name"].endswith(hashlib.sha256(pack["text"].encode()).hexdigest())


@pytest.mark.parametrize("role", ["field", "assisting"])
async def test_access_lets_only_command_ask_for_another_plan(site: Site, role: Any) -> None:
    """Before the plan is asked at all."""
    _, path = await opened(site)
    change = submission({"type": "ChangePlan", "packs": [NAME], "clause": "§ 12", "reason": "x"})
    answer = await site.call("POST", path.replace("/packs", "/commands"), change, cookie=await site.sign_in(role))
    assert answer.json["answers"][0]["status"] == "denied"
