"""A local plan drawn up from the model by questions: what the model leaves open, and what every place calls differently.

The answers are put into the model's own text, so that its comments, sentences and sources stay.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple
from zoneinfo import available_timezones

from command.policy import drafting_words
from command.policy.drafting_words import quoted as _quoted
from command.policy.durations import meant, span
from command.policy.load import read_pack
from command.policy.problems import PackProblems, Problem, nearest
from command.policy.reader import MOST

USED_RANK = re.compile(r'"([a-z][a-z-]*) or above"')
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HOLIDAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} +\S.*")
_OPENING = re.compile(r"\A#[^\n]*\n")
_DRAWN_UP = (
    "# Drawn up from Muster's model plan by questions. Read it, change what does not fit, and check it with counsel.\n"
)
SAYS = "Drawn up from Muster's model plan. Not legal advice: check with counsel, and with the law of the place."
_TABLE = re.compile(r"\[\[?([a-z_]+)\]?\]")


class Question(NamedTuple):
    """One question. `key` names the answer; `open`: the model's own value; `needed`: there is none, and one must be given."""

    key: str
    asks: str
    open: str
    needed: bool = False


def questions(model: str) -> tuple[Question, ...]:
    """What there is to decide about a model's text: names, ranks, and every number that it leaves unknown."""
    head = (
        Question("id", "a short id of the plan, such as springfield-2027", "", needed=True),
        Question("title", "the plan's title", "", needed=True),
        Question("jurisdiction", "whose plan it is, such as US-IL-Springfield", "", needed=True),
        Question("ranks", "the agency's ranks, lowest first, with commas", _ranks(model)),
    )
    used = dict.fromkeys(USED_RANK.findall(model))
    ranks = (Question(f"rank.{word}", f'which of your ranks stands for "{word}"', word) for word in used)
    unknown = (
        Question(
            f"{table}.{key}.{field}",
            f"{says} How long? (unknown denies, or sets no clock)",
            "unknown",
        )
        for table, key, field, says in _unknown(model)
    )
    local = (Question(*each) for each in drafting_words.asked(model))
    return (*head, *ranks, *CALENDAR, *CHOICES, *unknown, *_given(model), *local)


CALENDAR = (
    Question(
        "calendar.time_zone", "the time zone, such as America/Chicago; without one, business days set no clock", ""
    ),
    Question("calendar.known_to", "the last day for which the holidays are known, such as 2027-12-31", ""),
    Question("calendar.holidays", "the holidays, as 2027-01-01 New Year, 2027-07-05 Independence Day", ""),
)


WORTHS = ("nothing until confirmed", "authorizes with read-back")
RELAY, COSIGNER, FROM = "relay.worth", "tactic.area-tools.cosigner", "in_force.from"
DIRECTLY, LEAVES = "level.targeted.skip", ("not allowed", "allowed")
CHOICES = (
    Question(FROM, "the first day on which the plan is in force, such as 2027-01-01; none: from now on", ""),
    Question(
        RELAY,
        f"what a spoken order is worth that another wrote down: {' or '.join(WORTHS)}",
        "nothing until confirmed",
    ),
    Question(COSIGNER, "which elected official must also sign for gas over an area, such as mayor; none: nobody", ""),
    Question(
        DIRECTLY,
        "whether particular persons may be dealt with directly from any lower level, as New York's order lets tier 3 "
        f"follow on tier 1: {' or '.join(LEAVES)}",
        "not allowed",
    ),
)

_LOCAL = {
    "limits": ("ask_age", "ask_expires", "grant", "warnings", "exits"),
    "level": ("name", "review"),
    "warning": ("count", "interval", "wait", "imminent_count"),
    "posture": ("review",),
    "tactic": ("lasts",),
    "site": ("staff", "arrival", "items"),
    "suspension": ("longest",),
    "duty": ("within",),
}
"""What the model gives and another place may give otherwise, by table. A law of the stack stays the strictest all the same."""


def _given(model: str) -> Iterable[Question]:
    """A question for each number that the model gives, and for what a site must have."""
    parsed = tomllib.loads(model)
    for table, fields in _LOCAL.items():
        held = parsed.get(table, ())
        for rule in [held] if isinstance(held, dict) else held:
            for field in fields:
                said = rule.get(field)
                if said is None or said == "unknown":
                    continue
                where = ".".join(word for word in (table, rule.get("id", ""), field) if word)
                if isinstance(said, list):
                    yield Question(where, f"{rule['says']} What? With semicolons", "; ".join(said))
                else:
                    asks = (
                        _LIMITS.get(field, "")
                        if table == "limits"
                        else f"{rule['says']} {_ASKS.get(field, 'How long?')}"
                    )
                    yield Question(where, asks, str(said))


_LIMITS = {
    "ask_age": "how old an ask may be when it is judged",
    "ask_expires": "after how long an ask that nobody decided is a no",
    "grant": "how long a grant runs where neither its rule nor the ask says",
    "warnings": "for how long warnings count after the last one",
    "exits": "for how long a look at the ways out counts",
}
_ASKS = {
    "name": "What is it called here?",
    "review": "After how long does it lapse?",
    "count": "How many warnings?",
    "interval": "How long between two?",
    "wait": "How long do people have to leave?",
    "imminent_count": "How many in imminent danger?",
    "lasts": "How long may one grant run?",
    "staff": "How many trained on duty?",
    "arrival": "Within which time must it arrive?",
    "longest": "For how long at most?",
    "within": "Within which time?",
}


def mistake(question: Question, said: str, answers: Mapping[str, str]) -> str:
    """What is wrong with one answer, as "expected …"; "" where nothing is. `answers`: those given before it."""
    if not said:
        return "expected an answer" if question.needed else ""
    if question.key == "id" and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", said):
        return "expected letters, digits and . _ : - and no blanks"
    if question.key.startswith("rank."):
        ranks = [rank.strip() for rank in answers.get("ranks", "").split(",") if rank.strip()]
        if ranks and said not in ranks:
            guess = nearest(said, ranks)
            return f"expected one of your ranks, {', '.join(ranks)}" + (f"; did you mean {guess}?" if guess else "")
    if question.key == RELAY and said not in WORTHS:
        return f"expected {' or '.join(WORTHS)}"
    if question.key == DIRECTLY and said not in LEAVES:
        return f"expected {' or '.join(LEAVES)}"
    if question.key == FROM and not _is_day(said):
        return "expected a day such as 2027-01-01"
    if (
        question.open.isdigit()
        and said != "unknown"
        and not (said.isascii() and said.isdigit() and 0 < int(said) <= MOST)
    ):
        return f"expected a whole number from 1 to {MOST}, or unknown"
    if local := drafting_words.wrong(question.key, said):
        return local
    if question.key.endswith(".items") and not all(each.strip() for each in said.split(";")):
        return "expected what has to be there, with semicolons between"
    if question.open == "unknown" or _is_span(question.open):
        try:
            span(said)
        except ValueError as error:
            guess = meant(said)
            return str(error) + (f"; did you mean {guess}?" if guess else "")
    if question.key == "calendar.time_zone" and said not in available_timezones():
        guess = nearest(said, available_timezones())
        return "expected a time zone such as America/Chicago" + (f"; did you mean {guess}?" if guess else "")
    if question.key == "calendar.known_to" and not _is_day(said):
        return "expected a day such as 2027-12-31"
    if question.key == "calendar.holidays" and not all(_HOLIDAY.fullmatch(each.strip()) for each in said.split(",")):
        return "expected days with their names and commas between them, such as 2027-01-01 New Year"
    return ""


def _is_day(said: str) -> bool:
    try:
        return bool(_DAY.fullmatch(said)) and date.fromisoformat(said) is not None
    except ValueError:
        return False


def _is_span(said: str) -> bool:
    try:
        return span(said).text != "unknown"
    except ValueError:
        return False


def draft(model: str, answers: Mapping[str, str]) -> str:
    """The plan's text. Raises PackProblems: an answer to no question, one that is missing, or a plan that does not read."""
    asked = {question.key: question for question in questions(model)}
    problems = [
        Problem(
            "answers",
            0,
            key,
            "one of the questions of `muster protocol new --questions`",
            f'"{key}"',
            nearest(key, asked),
        )
        for key in answers
        if key not in asked
    ]
    problems.extend(
        Problem("answers", 0, key, question.asks, "no answer")
        for key, question in asked.items()
        if question.needed and not answers.get(key, "").strip()
    )
    given = {key: answers.get(key, question.open) for key, question in asked.items()}
    kept = frozenset(key for key, question in asked.items() if given[key] == question.open)
    problems.extend(
        Problem("answers", 0, key, wrong.removeprefix("expected "), f'"{given[key]}"')
        for key, question in asked.items()
        if given[key] and (wrong := mistake(question, given[key], given))
    )
    problems.extend(_half_a_calendar(given))
    if problems:
        raise PackProblems(problems)
    text = _filled(model, given, kept)
    read_pack(text, f"{answers['id']}.toml")
    return text


def _half_a_calendar(given: Mapping[str, str]) -> Iterable[Problem]:
    if given["calendar.holidays"] or given["calendar.known_to"] or given["calendar.time_zone"]:
        for key in ("calendar.time_zone", "calendar.known_to"):
            if not given[key]:
                yield Problem("answers", 0, key, "an answer, where there is a calendar", "none")


def _calendar(given: Mapping[str, str]) -> str:
    if not given["calendar.time_zone"]:
        return ""
    days = (each.strip().partition(" ") for each in given["calendar.holidays"].split(",") if each.strip())
    rows = "".join(f"  {{ on = {day}, says = {_quoted(name.strip())} }},\n" for day, _, name in days)
    return (
        f"\n[calendar]\ntime_zone = {_quoted(given['calendar.time_zone'])}\nknown_to  = {given['calendar.known_to']}\n"
        f"holidays  = [\n{rows}]\n"
    )


def _ranks(model: str) -> str:
    match = re.search(r"^order\s*=\s*\[(.*?)\]", model, re.DOTALL | re.MULTILINE)
    return ", ".join(re.findall(r'"([^"]+)"', match[1])) if match else ""


def _unknown(model: str) -> Iterable[tuple[str, str, str, str]]:
    """(table, id, field, sentence) of every duration that is unknown, apart from signs, which no clock belongs to."""
    table = key = says = ""
    for line in model.splitlines():
        if header := _TABLE.fullmatch(line.strip()):
            table = header[1]
            continue
        field, _, value = (part.strip() for part in line.partition("="))
        if field == "id":
            key = value.strip('"')
        elif field == "says":
            says = value.strip('"')
        elif value == '"unknown"' and table != "indicator":
            yield table, key, field, says


def _filled(model: str, answers: Mapping[str, str], kept: frozenset[str]) -> str:
    """The model's text with the answers in it; what is `kept` stands as it is, with its comments."""
    lines, table, key, inside = [], "", "", False
    if answers[FROM]:
        model = model.replace(
            'kind         = "template"\n', f'kind = "template"\nin_force = {{ from = {answers[FROM]} }}\n', 1
        )
    for line in model.splitlines():
        if inside:  # the rest of a list that was given anew
            inside = line.strip() != "]"
            continue
        if header := _TABLE.fullmatch(line.strip()):
            table = header[1]
        field, equals, value = (part.strip() for part in line.partition("="))
        if equals and field == "id" and table != "pack":
            key = value.strip('"')
        if table == "pack" and field in ("id", "title", "jurisdiction") and equals:
            line = f"{field} = {_quoted(answers[field])}"
        elif table == "pack" and field == "says" and equals:
            line = f"says = {_quoted(SAYS)}"
        elif table == "pack" and field == "kind" and equals:
            line = 'kind = "plan"'
        elif equals and (said := _said(table, key, field, answers, kept)):
            line = f"{field} = {said}"
            inside = value.startswith("[") and "]" not in value
        lines.append(USED_RANK.sub(lambda match: _quoted(f"{answers[f'rank.{match[1]}']} or above"), line))
    if answers[COSIGNER]:
        _after("area-tools", f"cosigner = {{ office = {_quoted(answers[COSIGNER])} }}", lines)
    if answers[DIRECTLY] == "allowed":
        _after("targeted", 'skip = "allowed"', lines)
    new = {key: said for key, said in answers.items() if key not in kept}
    text = _OPENING.sub(_DRAWN_UP, "\n".join(drafting_words.statutes(lines, new)) + "\n", count=1)
    text += drafting_words.added(new) + _calendar(answers)
    order = ", ".join(_quoted(rank.strip()) for rank in answers["ranks"].split(",") if rank.strip())
    return re.sub(
        r"^order\s*=\s*\[.*?\]", lambda _: f"order = [{order}]", text, count=1, flags=re.DOTALL | re.MULTILINE
    )


def _after(key: str, line: str, lines: list[str]) -> None:
    """Put a line after the id of a rule of the model."""
    at = next(place for place, held in enumerate(lines) if held.replace(" ", "") == f'id="{key}"')
    lines.insert(at + 1, line)


def _said(table: str, key: str, field: str, answers: Mapping[str, str], kept: frozenset[str]) -> str:
    """The value as it stands in the plan, where an answer gives another than the model; "" where none does."""
    name = f"{table}.{field}" if table in ("limits", "relay") else f"{table}.{key}.{field}"
    said = answers.get(name)
    if said is None or name in kept:
        return ""
    if (table, field) == ("text", "words"):
        return drafting_words.words_table(said)
    if field == "items":
        return f"[{', '.join(_quoted(each.strip()) for each in said.split(';'))}]"
    return said if said.isdigit() else _quoted(said)
