"""The program from outside: real processes, a real database, exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import msgspec
import pytest

from command.service.checkpoints import vkey_of
from tests.cli.program import as_json, muster, serving

ROOT = Path(__file__).resolve().parents[2]
OPEN = (
    "incident", "open", "City Hall march", "--agency", "spd", "--agency-name", "Seattle Police", "--commander", "lopez",
    "--commander-name", "A. Lopez", "--commander-rank", "captain", "--training", "incident-command=2099-01-01",
    "--training", "crowd-management", "--time-zone", "America/Los_Angeles",
)  # fmt: skip

ROWS = """\
ID,Incident_Num,Incident_Type,Occured_date_time,Precinct,Sector,Beat,Officer_ID,Subject_ID,Subject_Race,Subject_Gender
T-1,1,Level 1 - Use of Force,05/01/2016 06:15:00 PM,West,MARY,M2,11,21,White,Male
T-2,2,Level 2 - Use of Force,05/01/2016 06:20:00 PM,West,MARY,XX,12,-,Not Specified,Female
T-3,3,Level 2 - Use of Force,not a time,West,MARY,M2,12,22,White,Male
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with one open incident."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def incident(data: Path) -> str:
    """The id of the incident in it."""
    return muster(*OPEN, data=data).strip()


def test_an_opened_incident_is_listed(data: Path, incident: str) -> None:
    listed: Any = as_json("incident", "list", data=data)
    assert [(row["id"], row["name"], row["closed_at"]) for row in listed] == [(incident, "City Hall march", None)]
    assert "City Hall march\topen" in muster("incident", "list", data=data)


def test_a_training_without_a_date_is_told(data: Path) -> None:
    words = [*OPEN, "--training", "x=soon"]
    assert "expected a date as 2027-01-31" in muster(*words, data=data, fails=2)


def test_records_come_in_once_and_every_row_is_accounted_for(data: Path, incident: str, tmp_path: Path) -> None:
    file = tmp_path / "force.csv"
    file.write_text(ROWS)
    words = ("import", str(file), "--mapping", "seattle", "--incident", incident)
    assert "3 rows read (dry run" in muster(*words, "--dry-run", data=data, fails=1)
    first: Any = msgspec.json.decode(muster(*words, "--json", data=data, fails=1))
    assert (first["read"], first["counts"]["taken"], first["counts"]["unreadable"]) == (3, 2, 1)
    again: Any = msgspec.json.decode(muster(*words, "--json", data=data, fails=1))
    assert again["counts"]["taken"] == 0
    assert first["read"] == again["read"] == sum(again["counts"].values())
    assert again["records"] == first["records"] and first["records"]["force"]["records"] == 2
    told = muster(*words, data=data, fails=1)
    assert "what the records still need under the plan of this incident" in told


def test_a_table_is_tried_and_its_mapping_drafted_without_an_incident_or_a_database(tmp_path: Path) -> None:
    file = tmp_path / "force.csv"
    file.write_text(ROWS)
    assert "3 rows read (dry run" in muster("import", str(file), "--mapping", "seattle", "--dry-run", fails=1)
    assert 'record   = "ID"' in muster("import", str(file), "--mapping", "new")
    assert "expected --incident and an id" in muster("import", str(file), "--mapping", "seattle", fails=2)


def test_the_log_verifies_and_is_exported_with_its_exact_headers(data: Path, incident: str) -> None:
    result: Any = as_json("verify", incident, data=data)
    lines = [msgspec.json.decode(line) for line in muster("export", incident, data=data).splitlines()]
    bare = [msgspec.json.decode(line) for line in muster("export", incident, "--public-only", data=data).splitlines()]
    assert result["problem_count"] == 0 and result["packs"] and not result["packs_missing"]
    packs = [line for line in lines if line["type"] == "pack"]
    assert [line["name"] for line in packs] == result["packs"] and lines[-1] == {
        "type": "end",
        "events": result["size"],
    }
    lines, bare = ([line for line in part if line["type"] == "event"] for part in (lines, bare))
    assert [line["seq"] for line in lines] == list(range(1, result["size"] + 1))
    assert [line["header"] for line in lines] == [line["header"] for line in bare]
    assert any(line.get("disclosures") for line in lines)
    assert not any(line.get("disclosures") for line in bare)


def test_a_record_goes_out_as_a_package_that_verifies_without_any_server(
    data: Path, incident: str, tmp_path: Path
) -> None:
    """As of the same event the same bytes; changed, it does not verify; over another file it does not go."""
    card = tmp_path / "card.json"
    card.write_text(
        '{"type":"RecordArrest","arrest":"a-17","subject":"s-17","officer":"lopez","officer_agency":"spd",'
        '"conduct":"threw a stone"}'
    )
    muster("incident", "send", incident, str(card), "--person", "lopez", "--agency", "spd", data=data)
    made, again = tmp_path / "a.zip", tmp_path / "b.zip"
    words = ("discovery", incident, "a-17", "--compartment", "identity", "--out")
    assert "package of record a-17 as of event" in muster(*words, str(made), data=data)
    found: Any = as_json("verify", str(made))
    assert found["problem_count"] == 0 and found["arrest"] == "a-17" and found["shown"] > 0
    assert "the package verifies" in muster("verify", str(made))
    muster("incident", "send", incident, str(card), "--person", "lopez", "--agency", "spd", data=data)
    muster(*words, str(again), "--at", str(found["size"]), data=data)
    assert made.read_bytes() == again.read_bytes()
    assert "expected a file that can be made" in muster(*words, str(made), data=data, fails=2)
    assert "invalid choice" in muster(*words[:-1], "--compartment", "welfare", "--out", "x", data=data, fails=2)
    assert "expected a record" in muster("discovery", incident, "a-18", "--out", "x", data=data, fails=1)
    paper = tmp_path / "operation.pdf"
    assert "the operation on paper" in muster("report", incident, "--out", str(paper), data=data)
    assert paper.read_bytes().startswith(b"%PDF") and paper.stat().st_mode & 0o077 == 0
    assert "expected an event" in muster("report", incident, "--at", "0", "--out", "x", data=data, fails=1)
    made.write_bytes(made.read_bytes().replace(b"threw a stone", b"threw 2 stones"[:13]))
    assert "the package does not verify" in muster("verify", str(made), fails=1)


def test_an_export_is_checked_without_a_server_by_the_key_that_was_published(
    data: Path, incident: str, tmp_path: Path
) -> None:
    """From the file alone; a changed byte and another server's key are found; both keys sign while one is exchanged."""
    first: Any = as_json("keys", "sign", data=data)
    (vkey,) = first["signing"]
    file = tmp_path / "log.ndjson"
    file.write_text(muster("export", incident, data=data))
    elsewhere = tmp_path / "empty"
    told: Any = as_json("verify", str(file), "--vkey", vkey, data=elsewhere)
    assert told["trusted"] and told["whole"] and told["last_head"] == told["size"] and not told["problem_count"]
    assert "the log's own word" in muster("verify", str(file), data=elsewhere)
    assert not elsewhere.exists(), "nothing is made for looking at a file"
    other = vkey_of(bytes(range(32)))
    assert "checkpoint at the head" in muster("verify", str(file), "--vkey", other, data=elsewhere, fails=1)
    bent = tmp_path / "bent.ndjson"
    bent.write_text(file.read_text().replace('"seq":2,', '"seq":3,', 1))
    assert "does not verify" in muster("verify", str(bent), "--vkey", vkey, data=elsewhere, fails=1)

    rotated: Any = as_json("keys", "sign", "--rotate", data=data)
    assert rotated["signing"][1] == vkey and [row["vkey"] for row in rotated["ever"]] == [vkey, rotated["signing"][0]]
    assert "retire the old one first" in muster("keys", "sign", "--rotate", data=data, fails=3)
    retired: Any = as_json("keys", "sign", "--retire", data=data)
    assert retired["signing"] == rotated["signing"][:1]
    assert f"{vkey}\tretired" in muster("keys", "sign", data=data)
    assert "there is none" in muster("keys", "sign", "--retire", data=data, fails=1)
    whole: Any = as_json("verify", incident, data=data)
    assert whole["heads"] >= 1 and not whole["problem_count"]


def test_an_incident_that_is_not_there_is_said(data: Path) -> None:
    for verb in ("verify", "export"):
        assert "no incident nowhere" in muster(verb, "nowhere", data=data, fails=1)


def test_nobody_is_erased_by_a_mistyped_id(tmp_path: Path, data: Path, incident: str) -> None:
    """It would be called complete, and the person would still be there."""
    order = tmp_path / "order.json"
    order.write_text('{"type":"Redact","subject":"no-one","authority":"Superior Court","reason":"expunged"}')
    words = ("incident", "send", incident, str(order), "--person", "admin", "--agency", "spd")
    assert "nothing is kept about no-one: nothing was erased" in muster(*words, data=data, fails=1)
    assert "no order to erase" in muster("incident", "erasures", incident, data=data)


def test_a_mistyped_agency_is_told(tmp_path: Path, data: Path, incident: str) -> None:
    """With what may have been meant, and nothing is sent; one that a command of the same file admits is none."""
    entry = {"type": "RecordEntry", "entry": "typo-1", "text": "CANARY-TYPO"}
    file = tmp_path / "said.json"
    file.write_text(json.dumps(entry))
    words = ("incident", "send", incident, str(file), "--person", "lopez", "--agency")
    before: Any = as_json("verify", incident, data=data)
    told = muster(*words, "sdp", data=data, fails=2)
    assert (
        "expected an agency of this incident or of the register, got sdp; did you mean spd?: nothing was sent" in told
    )
    after: Any = as_json("verify", incident, data=data)
    assert after["size"] == before["size"]
    file.write_text(json.dumps([{"type": "AdmitAgency", "agency": "uwpd", "name": "Campus Police"}, entry]))
    assert "nothing was sent" not in muster(*words, "uwpd", data=data, fails=1), "the gate judges it"


def test_a_server_is_joined_by_the_other_commands_while_it_runs(data: Path, incident: str) -> None:
    with serving(data, "--exercise") as url:
        with urllib.request.urlopen(f"{url}/healthz", timeout=30) as answer:
            assert answer.status == 200
        made: Any = as_json(
            "user", "invite", "lopez", "--name", "A. Lopez", "--agency", "spd", "--role", "commander", data=data
        )
        assert made["url"].startswith(f"{url}/link#")
        token = made["url"].rpartition("#")[2]
        assert "lopez\tA. Lopez\tspd\tcommander at *" in muster("user", "list", data=data)
        listed: Any = as_json("user", "list", data=data)
        assert listed[0]["grants"][0]["role"] == "commander"
        assert _first_line(url, token, incident).startswith("{")
        assert "signs in" in muster("tail", incident, "--url", url, "--link", token, fails=1)  # used up


def _first_line(url: str, token: str, incident: str) -> str:
    tail = subprocess.Popen(
        [sys.executable, "-m", "command", "tail", incident, "--url", url, "--link", token, "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert tail.stdout is not None
    try:
        return tail.stdout.readline()
    finally:
        tail.kill()
        tail.wait()
        tail.stdout.close()


def test_packs_are_checked_with_every_problem_at_once(tmp_path: Path) -> None:
    assert "no problems" in muster("protocol", "check", "model/muster-model.toml")
    assert "muster-model" in muster("protocol", "list")
    listed: Any = as_json("protocol", "list")
    assert listed[0]["id"] == "muster-model"
    broken = tmp_path / "broken.toml"
    broken.write_text('[pack]\nid = "x"\ntitel = "y"\n')
    told = muster("protocol", "check", str(broken), fails=1)
    assert "broken.toml:3" in told
    problems: Any = msgspec.json.decode(muster("protocol", "check", str(broken), "--json", fails=1))
    assert len(problems) > 1


def test_the_cases_beside_the_rules_are_judged(tmp_path: Path) -> None:
    tried = muster("protocol", "test")
    assert "cases hold, 0 problems" in tried
    assert re.search(r"both sides of \d+ rules and \d+ numbers looked for, \d+ excused with a reason", tried)
    spoilt = tmp_path / "cases.toml"
    spoilt.write_text(
        'stack = ["model/muster-model.toml"]\n[people]\nic = { rank = "captain" }\n[[case]]\nsays = "closing"\n'
        'asks = { at = "12:00", who = "ic", action = "incident.close" }\nanswer = "not barred"\n'
    )
    assert "closing: expected not barred, came refused" in muster("protocol", "test", str(spoilt), fails=1)
    told: Any = msgspec.json.decode(muster("protocol", "test", str(spoilt), "--json", fails=1))
    assert told["held"] == 0
    assert told["not"][0]["case"] == "closing"


def test_a_plan_is_shown_and_drawn_up(tmp_path: Path) -> None:
    assert "The ladder" in muster("protocol", "show")
    assert "<svg" in muster("protocol", "show", "us-il/force-and-citation.toml", "model/muster-model.toml", "--html")
    schema: Any = as_json("protocol", "schema")
    assert schema["title"] == "Muster rule pack"
    page: Any = as_json("protocol", "show")
    assert "The ladder" in [part["heading"] for part in page["sections"]]
    asked: Any = as_json("protocol", "new", "--questions")
    assert asked[0]["key"] == "id"
    answers = tmp_path / "answers.toml"
    answers.write_text(muster("protocol", "new", "--questions"))
    told = muster("protocol", "new", "--answers", str(answers), fails=2)
    assert "no answer" in told
    plan = tmp_path / "plan.toml"
    named = ("--answer", "id=ours", "--answer", "title=Ours", "--answer", "jurisdiction=Here", "--out", str(plan))
    muster("protocol", "new", "--answers", str(answers), *named)
    assert "no problems" in muster("protocol", "check", "--stack", "us-il/force-and-citation.toml", str(plan))
    assert "a new file" in muster("protocol", "new", *named, fails=2)
    assert "KEY=VALUE" in muster("protocol", "new", "--answer", "id", fails=2)
    lone = muster("protocol", "check", "--stack", "us-il/force-and-citation.toml", fails=1)
    assert "a pack with levels" in lone


def test_arguments_that_do_not_fit_are_told_with_the_usage() -> None:
    assert "usage:" in muster("import", fails=2)
    assert "expected a day as 2016-05-01" in muster("demo", "--date", "yesterday", fails=2)
    assert "expected --database-keys" in muster("serve", "--database", "postgresql://x/y", fails=2)


def test_every_command_has_help_with_an_example() -> None:
    from command.cli.verbs import VERBS

    for verb in VERBS:
        assert "example:\n  muster " in muster(*verb.words, "--help")


def test_a_command_that_only_looks_makes_no_data_directory(tmp_path: Path) -> None:
    """A slip in --data is told, not answered by a new and empty database."""
    for words in (("verify", "x"), ("export", "x"), ("user", "list")):
        said = muster(*words, data=tmp_path / "slip", fails=2)
        assert "expected a data directory that muster serve has made" in said
    assert not (tmp_path / "slip").exists()


def test_nobody_is_invited_whom_the_log_cannot_name(data: Path, incident: str) -> None:
    """Before an account is made, with what was expected; times without sense likewise."""
    who = ("--name", "X", "--agency", "spd", "--role", "field")
    assert "expected what an account can be called" in muster("user", "invite", "a b", *who, data=data, fails=2)
    for hours in ("-4", "nan", "1e300", "soon"):
        assert "expected hours" in muster("user", "invite", "x", *who, f"--hours={hours}", data=data, fails=2)


def test_a_data_directory_that_cannot_be_made_and_a_speed_that_is_none_are_told(tmp_path: Path) -> None:
    """Without a traceback."""
    (tmp_path / "file").write_text("")
    assert "expected a data directory that can be made" in muster(
        "serve", "--port", "0", data=tmp_path / "file", fails=2
    )
    assert "expected a speed" in muster("demo", "--speed=0", data=tmp_path / "d", fails=2)


def test_plain_http_is_not_served_to_other_machines(tmp_path: Path) -> None:
    """Neither by a slip in --host: sessions would cross the network in the clear."""
    said = muster("serve", "--host", "0.0.0.0", "--port", "0", data=tmp_path / "d", fails=2)
    assert "expected --tls, --tls-cert, or" in said
