"""What goes straight back to an author names people as the board does; what is stored is what was judged."""

from __future__ import annotations

from command.errors import Unavailable
from tests.web.harness import Site, submission
from tests.web.test_handlers_arrests import CARD, send

VEGA = {"type": "CheckIn", "person": "p-17", "name": "Sgt. Vega", "agency": "spd", "rank": "sergeant"}
OVER = {
    "type": "HandOver", "subject": "s1", "transfer": "t1", "arrest": "a1", "from_holder": "somebody-else",
    "to_holder": "field-1", "kind": "officer",
}  # fmt: skip


async def handed_over(site: Site) -> tuple[str, str]:
    """An arrest by somebody whose id says nothing; the commander's cookie."""
    cookie = await site.sign_in("commander")
    incident = await site.open(cookie)
    for answer in await send(site, incident, cookie, VEGA, {**CARD, "officer": "p-17"}):
        assert answer["status"] == "accepted", answer
    return incident, cookie


async def test_a_finding_comes_back_in_words_and_is_stored_as_it_was_judged(site: Site) -> None:
    """Sent again, the first answer is told in words too, and is the same one."""
    incident, cookie = await handed_over(site)
    over = submission(OVER)
    path = f"/api/incidents/{incident}/commands"
    answer, again = [await site.call("POST", path, over, cookie=cookie) for _ in range(2)]
    [told], [repeated] = answer.json["answers"], again.json["answers"]
    (reason,) = told["finding"]["reasons"]
    assert reason.startswith("given over by somebody-else; the log has them with Sgt. Vega since "), reason
    assert repeated["status"] == "duplicate" and repeated["first"] == told
    (kept,) = await site.services.service.recorded(incident, told["seq"] - 1, 1)
    assert kept.header.finding is not None and "the log has them with p-17 since" in kept.header.finding.reasons[0]
    assert told["finding"]["rules"] == [{**one} for one in told["finding"]["rules"]] != []


async def test_what_was_committed_is_answered_where_its_words_cannot_be_found(site: Site) -> None:
    """The log cannot be read for the names: the answer goes out as it was judged, and is no failure."""
    incident, cookie = await handed_over(site)
    state = site.services.service.state

    async def away(log: str) -> object:
        raise Unavailable("the database is away")

    taken = site.services.service.submit

    async def then_away(*given: object) -> object:
        answers = await taken(*given)  # type: ignore[arg-type]  # as the handler gave them
        site.services.service.state = away  # type: ignore[method-assign,assignment]  # from here on
        return answers

    site.services.service.submit = then_away  # type: ignore[method-assign,assignment]  # from its answer on
    try:
        answer = await site.call("POST", f"/api/incidents/{incident}/commands", submission(OVER), cookie=cookie)
    finally:
        site.services.service.state = state  # type: ignore[method-assign]  # it is back
    [told] = answer.json["answers"]
    assert told["status"] == "accepted" and "with p-17 since" in told["finding"]["reasons"][0]
