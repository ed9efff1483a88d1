"""Papers and tables through the real doors: what the screen shows through the same lens, as files."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

from pypdf import PdfReader

from command.errors import Busy
from command.web.handlers_papers import MOST_WAITING, _Turns
from tests.web.harness import Site
from tests.web.test_handlers_arrests import CANARIES, CONDUCT, arrested, send

OFFENCE: dict[str, Any] = {
    "type": "RecordOffence", "arrest": "a1", "subject": "s1", "offence": "o1", "charge": "vandalism", "ucr": "290",
    "facts": "#panic() $x$ =cmd|' /C calc'!A0 <b>not bold</b>",
}  # fmt: skip
BAG: dict[str, Any] = {
    "type": "TakeProperty", "subject": "s1", "arrest": "a1", "bag": "B-1", "receipt": "R-7", "items": 2,
    "contents": "a telephone and keys",
}  # fmt: skip


def text_of(body: bytes) -> str:
    """The words of a PDF, in one line."""
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).split())
    return text.replace("\u200b", "")  # where a long word may break


def rows_of(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


async def test_a_record_on_paper_holds_what_its_reader_may_read_and_no_markup_of_theirs(site: Site) -> None:
    incident, commander, officer = await arrested(site, OFFENCE)
    path = f"/api/incidents/{incident}/arrests/a1/record.pdf"
    own = await site.call("GET", path, cookie=officer)
    assert own.status == 200 and own.headers["Content-Type"] == "application/pdf"
    words = text_of(own.body)
    assert "Record of arrest W-001-4" in words and "CANARY-PERSON" in words
    assert "#panic() $x$ =cmd|' /C calc'!A0 <b>not bold</b>" in words
    assert PdfReader(io.BytesIO(own.body)).trailer["/Root"]["/StructTreeRoot"], "tagged for screen readers"
    seen = await site.call("GET", path, cookie=commander)
    shown = text_of(seen.body)
    assert CONDUCT in shown and "CANARY-PERSON" not in shown and "Not shown to the role that printed this" in shown
    row = (await site.kept())[-1]
    assert row.detail.startswith("record a1 on paper: ")


async def test_a_receipt_is_for_one_bag_and_for_no_other(site: Site) -> None:
    incident, _, officer = await arrested(site)
    await send(site, incident, officer, BAG)
    found = await site.call("GET", f"/api/incidents/{incident}/arrests/a1/bags/B-1/receipt.pdf", cookie=officer)
    assert "Receipt for property R-7" in text_of(found.body)
    gone = await site.call("GET", f"/api/incidents/{incident}/arrests/a1/bags/B-2/receipt.pdf", cookie=officer)
    assert gone.status == 404


async def test_tables_are_an_export_and_run_nothing_in_a_spreadsheet(site: Site) -> None:
    incident, commander, officer = await arrested(site, OFFENCE)
    path = f"/api/incidents/{incident}/tables"
    assert (await site.call("GET", f"{path}/arrests.csv", cookie=officer)).status == 403
    (row,) = rows_of((await site.call("GET", f"{path}/arrests.csv", cookie=commander)).body)
    assert row["number"] == "W-001-4" and row["UCR codes"] == "290" and row["kind"] == "O"
    (nibrs,) = rows_of((await site.call("GET", f"{path}/nibrs.csv", cookie=commander)).body)
    assert nibrs["ChargeUCRCode"] == "290" and nibrs["ArrestTransactionNumber"] == "W-001-4"
    assert nibrs["PersonSexCode"] == "", "who the person is, command does not read"
    faults = rows_of((await site.call("GET", f"{path}/nibrs-faults.csv", cookie=commander)).body)
    assert {fault["data element"] for fault in faults} == {"46", "47", "48"}


async def test_an_offence_that_stands_on_the_street_card_alone_has_its_code_in_the_tables(site: Site) -> None:
    """The card is all that many records ever get; what was withdrawn since is no charge any more."""
    card = {"type": "RecordArrest", "arrest": "a2", "subject": "s2", "officer": "officer-1", "offences": ["trespass"]}
    dropped = {**OFFENCE, "withdrawn": True}
    incident, commander, _ = await arrested(site, OFFENCE, dropped, card)
    path = f"/api/incidents/{incident}/tables"
    listed = rows_of((await site.call("GET", f"{path}/arrests.csv", cookie=commander)).body)
    nibrs = rows_of((await site.call("GET", f"{path}/nibrs.csv", cookie=commander)).body)
    assert "90J" in [row["UCR codes"] for row in listed] and "90J" in [row["ChargeUCRCode"] for row in nibrs]
    assert all("290" not in row["UCR codes"] for row in listed), "withdrawn"


async def test_the_operation_on_paper_tells_its_course_its_figures_and_no_more_than_the_lens(site: Site) -> None:
    """An export: not an officer's; as of a moment on wish; on the trail."""
    incident, commander, officer = await arrested(site, OFFENCE)
    sector = {"type": "DefineSector", "sector": "west", "name": "West side"}
    warning = {"type": "ReportWarning", "warning": "w1", "sector": "west", "text": "order", "words": "go #home"}
    force = {"type": "ReportForce", "report": "f1", "subject": "s1", "officer": "field-1", "tool": "hands",
             "sector": "west", "account": "held by both arms"}  # fmt: skip
    said = [*await send(site, incident, commander, sector), *await send(site, incident, officer, warning, force)]
    assert [one["status"] for one in said] == ["accepted"] * 3
    path = f"/api/incidents/{incident}/operation.pdf"
    assert (await site.call("GET", path, cookie=officer)).status == 403
    answer = await site.call("GET", path, cookie=commander)
    assert answer.status == 200, answer.body
    words = text_of(answer.body)
    for part in ("Operation: ", "Levels in force", "West side", "Order of events", "go #home", "Force", "held by both arms",
                 "Arrests by disposition", "undecided", "W-001-4", "In custody as of 2016-05-01", "Findings"):  # fmt: skip
        assert part in words, part
    assert "Figures as of 2016-05-01" in words and "records of arrests 1" in words
    assert not any(canary.decode() in words for canary in CANARIES)
    row = (await site.kept())[-1]
    assert (row.action, row.outcome) == ("incident.export", "ok") and "the operation on paper as of event" in row.detail
    then = text_of((await site.call("GET", f"{path}?at={said[0]['seq']}", cookie=commander)).body)
    assert "West side" in then and "go #home" not in then and (await site.kept())[-1].action == "incident.export"


CITED = {
    "type": "DecideDisposition", "arrest": "a1", "subject": "s1", "disposition": "cited", "citation": "C-2016-77",
}  # fmt: skip


async def test_it_comes_in_the_person_s_language_and_in_english(site: Site) -> None:
    """Both for who is released and for who reads it later; with the citation's number, the bags, and lines to sign."""
    incident, _, officer = await arrested(site, OFFENCE, BAG, CITED)
    path = f"/api/incidents/{incident}/arrests/a1/leaving.pdf"
    answer = await site.call("GET", f"{path}?paper=release%20papers&in=es", cookie=officer)
    assert answer.status == 200, answer.body
    words = text_of(answer.body)
    for part in ("Papeles de puesta en libertad", "Release papers", "Usted queda en libertad", "You are free to go",
                 "citado y en libertad", "cited, and free to go", "C-2016-77", "R-7", "recibido por la persona"):  # fmt: skip
        assert part in words, part
    assert (await site.kept())[-1].detail == "release papers of record a1"
    assert not any(canary.decode() in words for canary in CANARIES), "a paper for its owner holds no officer's account"


async def test_a_language_without_words_says_so_and_asks_for_an_interpreter(site: Site) -> None:
    """Nothing is translated by a machine: English, a mark, and who reads it to them."""
    incident, _, officer = await arrested(site)
    path = f"/api/incidents/{incident}/arrests/a1/leaving.pdf?paper=notice%20of%20options"
    words = text_of((await site.call("GET", f"{path}&in=am", cookie=officer)).body)
    assert "no approved words for the notice of options in the language 'am'" in words
    assert "An interpreter reads this to the person" in words and "You may keep silent" in words


async def test_what_is_no_paper_or_no_language_is_said(site: Site) -> None:
    """And a record that is not there."""
    incident, _, officer = await arrested(site)
    path = f"/api/incidents/{incident}/arrests/a1/leaving.pdf"
    for query, where in (
        ("paper=plea", "paper"),
        ("", "paper"),
        ("paper=release%20papers&in=%3Cb%3E", "in"),
    ):
        answer = await site.call("GET", f"{path}?{query}", cookie=officer)
        assert (answer.status, answer.json["where"]) == (400, where)
    gone = await site.call("GET", path.replace("a1", "a2") + "?paper=release%20papers", cookie=officer)
    assert gone.status == 404


async def test_papers_of_a_whole_operation_are_set_one_after_another_and_no_more_wait_than_a_few() -> None:
    """Each takes hundreds of megabytes while it is set."""
    turns, inside = _Turns(), 0
    most, refused = 0, 0

    async def one() -> None:
        nonlocal inside, most, refused
        try:
            async with turns:
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1
        except Busy:
            refused += 1

    await asyncio.gather(*(one() for _ in range(MOST_WAITING + 3)))
    assert (most, refused) == (1, 2), "one at work, so many waiting, and the rest told to come back"
    await one()
    assert refused == 2
