"""Agencies over HTTP: listed with their people, added, changed, ended; and checked wherever one is named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.harness import Site

KCSO = {"id": "kcso", "name": "King County Sheriff", "kind": "county", "agreement": "MOU 12"}


async def test_they_are_listed_with_how_many_may_sign_in_and_administer(site: Site) -> None:
    """For administrators and command staff; with the first come those that accounts name."""
    root, chief = await site.sign_in("administrator"), await site.sign_in("commander")
    assert (await site.call("GET", "/api/agencies", cookie=root)).json == {"agencies": []}
    made = await site.call("POST", "/api/agencies", KCSO, cookie=root)
    assert (made.status, made.json["kind"], made.json["ended_at"]) == (201, "county", None)
    listed = (await site.call("GET", "/api/agencies", cookie=chief)).json["agencies"]
    assert [(one["agency"]["id"], one["accounts"], one["administrators"]) for one in listed] == [
        ("kcso", 0, 0),
        ("spd", 2, 1),
    ]
    assert (await site.call("GET", "/api/agencies", cookie=await site.sign_in("field"))).status == 403
    assert (await site.call("POST", "/api/agencies", KCSO | {"id": "x"}, cookie=chief)).status == 403


async def test_what_is_left_out_stays_and_an_id_is_taken_once(site: Site) -> None:
    """An agreement's end may be taken away by saying so; what is not there is not found, with what was meant."""
    root = await site.sign_in("administrator")
    until = {"agreement_until": "2027-01-31T00:00:00Z"}
    await site.call("POST", "/api/agencies", KCSO | until, cookie=root)
    assert (await site.call("POST", "/api/agencies", KCSO, cookie=root)).status == 409
    changed = await site.call("POST", "/api/agencies/kcso", {"contact": "desk"}, cookie=root)
    assert {name: changed.json[name] for name in ("name", "contact", "agreement_until")} == {
        "name": KCSO["name"], "contact": "desk", **until,
    }  # fmt: skip
    changed = await site.call("POST", "/api/agencies/kcso", {"agreement_until": None}, cookie=root)
    assert changed.json["agreement_until"] is None
    missing = await site.call("POST", "/api/agencies/kcsso", {}, cookie=root)
    assert (missing.status, "did you mean kcso?" in missing.json["detail"]) == (404, True)
    for wrong in (
        KCSO | {"kind": "galactic"},
        KCSO | {"id": "a b"},
        KCSO | {"contact": "two\nlines"},
        KCSO | {"agreement_until": "2027-01-31T00:00:00"},
    ):
        assert (await site.call("POST", "/api/agencies", wrong, cookie=root)).status == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/users", {"person": "cleo", "name": "C", "role": "field"}),
        ("/api/displays", {"display": "wall-9", "name": "W"}),
        ("/api/devices/invite", {"label": "Tablet 9"}),
    ],
)
async def test_whoever_names_an_agency_names_one_that_there_is(path: str, body: dict[str, Any], site: Site) -> None:
    """A mistyped one is refused and told what is near; one that has ended is refused; before there is a register, none."""
    root = await site.sign_in("administrator")
    assert (await site.call("POST", path, body | {"agency": "kcsso"}, cookie=root)).status in (200, 201)
    await site.call("POST", "/api/agencies", KCSO, cookie=root)
    refused = await site.call("POST", path, body | {"agency": "kcsoo"}, cookie=root)
    assert (refused.status, refused.json["where"]) == (400, "agency")
    assert "did you mean kcso" in refused.json["detail"]
    assert (await site.call("POST", path, body | {"agency": "kcso"}, cookie=root)).status in (200, 201)
    ended = await site.call("POST", "/api/agencies/kcso/end", {}, cookie=root)
    assert ended.json["ended_at"] is not None
    refused = await site.call("POST", path, body | {"agency": "kcso"}, cookie=root)
    assert (refused.status, "has not ended" in refused.json["detail"]) == (400, True)
