"""The plan's sentences as people read them: by the names of people, sectors and agencies, and by a grant's number.

A decision and a finding are kept as they were judged, and the pure core knows ids only. Names are joined here, where a
sentence speaks of one: an id is looked for in the places where the plan's sentences have one, and nowhere else, since an
id may be a plain word ("officer", "north") that a sentence also uses as one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from command.domain.state import State
from command.domain.submission import Answer
from command.policy.decision import Decision, Finding
from command.views.lines_arrest import holder_words
from command.views.names import agency_name, person_name, sector_name

_ID = r"(?P<id>[A-Za-z0-9](?:[\w.:@-]*\w)?)"
_ALONE = r"(?P<before>(?<![\w.:@-]))"  # nothing before it that belongs to the same word


def _after(*before: str) -> str:
    """An id after one of these."""
    return rf"(?P<before>\b(?:{'|'.join(before)}) ){_ID}"


# What follows a person's id where a sentence begins with one, or goes on with one after ";".
_DOES = (
    "ha[sd] checked out|has seen it with|was not checked in|was checked in for|is signed in|is at the place"
    "|is in the sector|is of [^;]+; .+ is always of|is said to have spoken|is not one of those|commands units|confirmed it in person"
    r"|is (?:signed in as )?[\w-]+(?:, below|; it is delegated)|(?:does not hold|already holds) the position"
    "|says that they never gave|ordered, authorized or took part|signs for an arrest that|is not among those whom"
    "|is not on duty here"
)

_PEOPLE = (
    re.compile(rf"{_ALONE}{_ID}(?= (?:{_DOES}))"),
    re.compile(
        _after(
            "check-in of", "confirmed rank of", "written delegation to", "training in date of", "confirmation by",
            "read back to", "not yet confirmed by", "granted by", "the order of", "signed by", "an arrest that",
        )
        + r"(?=: |$| by [\w -]+ or above| for | in person| was relayed| made$)"
    ),
    re.compile(rf"(?P<before>, and ){_ID}(?= of )"),
)  # fmt: skip
_AGENCIES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_ALONE}{_ID}(?= (?:is not the lead agency|had not accepted the plan))",
        rf"(?P<before>\bis of ){_ID}(?=; .+ is always of the lead agency)",
        rf"(?P<before>\bthe unit is of ){_ID}(?=, and )",
        rf"(?P<before>\bthe unit is of .+, and .+ of ){_ID}$",
        rf"{_ALONE}{_ID}(?= does not open an incident)",
        rf"(?P<before>\bdoes not open an incident that ){_ID}(?= leads$)",
        _after("signed in for", "checked in for", "reported for", "acceptance of the plan by"),
    )
)
_SECTORS = (re.compile(_after("the sector")), re.compile(_after("no way out of") + "(?= is open)"))
_GRANTS = (
    re.compile(_after("the grant") + r"(?= (?:came|has|had|began|is) )"),
    re.compile(r"(?P<before>\bgranted by .+: |\bthey never gave the order )" + _ID + "$"),
)


_HOLDERS = (
    re.compile(_after("given over by") + "(?=; the log has)"),
    re.compile(_after("the log has them with") + "(?= since |; nobody recorded)"),
    re.compile(_after("nobody recorded a hand-over to") + "(?=$|;)"),
    re.compile(_after("the log has (?:them|it) with") + "$"),
    re.compile(rf"(?P<before>\bon record with ){_ID}(?=$|, [0-9]+ of them)"),
    re.compile(rf"{_ALONE}{_ID}(?= (?:has them|has not got them); the log has)"),
    re.compile(rf"(?P<before>\bthe run overlaps another one, which ){_ID}(?= has$)"),
    re.compile(rf"(?P<before>\breassigned from ){_ID}(?= to )"),
    re.compile(rf"(?P<before>\breassigned from .+ to ){_ID}$"),
    re.compile(rf"(?P<before>^unit ){_ID}(?= released$)"),
)  # a person, a unit or a site
_WORD = r"(?P<id>[a-z][a-z0-9]*(?:-[a-z0-9]+)+)"
_KEYS = (
    re.compile(rf"(?P<before>^|[;:] ){_WORD}(?=: )"),  # of which warning or sign the rest of the sentence speaks
    re.compile(rf"(?P<before>\bwith the finding ){_WORD}(?=$|;)"),
    # What it says follows in brackets.
    re.compile(rf"(?P<before>(?:one of the indicators: |the indicator: |; | and )){_WORD}(?= \()"),
    re.compile(rf"(?P<before>\bis (?:signed in as )?){_WORD}(?=, below )"),  # ranks
    re.compile(rf"(?P<before>, below ){_WORD}(?=$|;)"),
    re.compile(rf"(?P<before>^the plan prohibits ){_WORD}(?=[;:]|$)"),  # tools
    re.compile(rf"(?P<before>^it was granted for ){_WORD}$"),
    re.compile(rf"(?P<before>^relieved as ){_WORD}$"),  # positions
    re.compile(rf"(?P<before>^training in date of .+ for ){_WORD}(?=: )"),
)
"""Where a sentence has a key of the plan: it is read as words. The rules that spoke stay named by their ids."""


_ASK_DENIED = re.compile(f"^ask {_ID} denied$")
_LEFT = re.compile(
    "^(?:left before: )?(?:complete reports of force|munitions that agree|an end to the authorizations|that (?:those in"
    " custody are|restraints are|property is|whoever took people over)).*?: "
)
"""How a sentence begins that lists what somebody leaves open; the list is items with their ids."""
_LISTED = r"(?=,|$| and [0-9]+ more$)"
_ITEMS: tuple[tuple[re.Pattern[str], Callable[[State, str], str]], ...] = (
    (re.compile(rf"(?P<before>\breport ){_ID}{_LISTED}"), lambda state, key: _report_words(state, key)),
    (re.compile(rf"(?P<before>\bgrant ){_ID}{_LISTED}"), lambda state, key: _grant_words(state, key)),
    (re.compile(rf"(?P<before>^|, ){_WORD}(?= with )"), lambda _state, key: _spaced(key)),
    (re.compile(rf"(?P<before> with | to ){_ID}{_LISTED}"), holder_words),
    (re.compile(rf"(?P<before> from ){_ID}(?= to )"), holder_words),
)


def in_words(state: State, sentence: str, *, people: bool = True) -> str:
    """One sentence of a decision or a finding. `people` False: offices only are named, and no person's name comes in."""
    told = _join(sentence, _GRANTS, partial(_grant_words, state))
    told = _join(told, _SECTORS, partial(sector_name, state))
    told = _join(told, _AGENCIES, partial(agency_name, state))
    if _ASK_DENIED.match(told):
        return "an ask of theirs denied"
    if people and (begins := _LEFT.match(told)):
        return begins[0] + listed(state, told[begins.end() :])
    if people:
        told = _join(told, _PEOPLE, partial(person_name, state))
        told = _join(told, _HOLDERS, partial(holder_words, state))
    return _join(told, _KEYS, _spaced)


def decision_in_words(state: State, decision: Decision, *, people: bool = True) -> Decision:
    """A decision with its sentences in words; rules, who may and times as they are."""
    say = partial(in_words, state, people=people)
    return replace(decision, reasons=tuple(map(say, decision.reasons)), missing=tuple(map(say, decision.missing)))


def finding_in_words(state: State, finding: Finding, *, people: bool = True) -> Finding:
    """A finding with its reasons in words."""
    return replace(finding, reasons=tuple(in_words(state, why, people=people) for why in finding.reasons))


def answer_in_words(state: State, answer: Answer, *, people: bool = True) -> Answer:
    """An answer to its author, and the first answer where this one repeats it; all else as it was given."""
    return replace(
        answer,
        decision=decision_in_words(state, answer.decision, people=people) if answer.decision else None,
        finding=finding_in_words(state, answer.finding, people=people) if answer.finding else None,
        first=answer_in_words(state, answer.first, people=people) if answer.first else None,
    )


def listed(state: State, items: str) -> str:
    """What somebody leaves open: reports and grants by their numbers in the log, tools in words, holders by name."""
    for place, name in _ITEMS:
        items = _join(items, (place,), partial(name, state))
    return items


def _report_words(state: State, report: str) -> str:
    found = state.force.reports.get(report)
    return f"#{found.seq}" if found else report


def _spaced(key: str) -> str:
    return key.replace("-", " ")


def _join(sentence: str, places: tuple[re.Pattern[str], ...], name: Callable[[str], str]) -> str:
    for place in places:
        sentence = place.sub(lambda found: found["before"] + name(found["id"]), sentence)
    return sentence


def _grant_words(state: State, grant: str) -> str:
    """A grant by its place in the log, as the feed numbers it; one that is not on record by its id."""
    found = state.grants.all.get(grant)
    return f"#{found.seq}" if found else grant
