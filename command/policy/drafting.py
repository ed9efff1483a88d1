"""A local plan drawn up from the model by questions: what the model leaves open, and what every place calls differently.

The answers are put into the model's own text, so that its comments, sentences and sources stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from zoneinfo import available_timezones

from command.policy.durations import meant, span
from command.policy.load import read_pack
from command.policy.problems import PackProblems, Problem, nearest

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
    return (*head, *ranks, *CALENDAR, *unknown)


CALENDAR = (
    Question(
        "calendar.time_zone", "the time zone, such as America/Chicago; without one, business days set no clock", ""
    ),
    Question("calendar.known_to", "the last day for which the holidays are known, such as 2027-12-31", ""),
    Question("calendar.holidays", "the holidays, as 2027-01-01 New Year, 2027-07-05 Independence Day", ""),
)


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
    if question.open == "unknown":
        try:
            span(said)
        except ValueError as error:
            guess = meant(said)
            return str(error) + (f"; did you mean {guess}?" if guess else "")
    if question.key == "calendar.time_zone" and said not in available_timezones():
        guess = nearest(said, available_timezones())
        return "expected a time zone such as America/Chicago" + (f"; did you mean {guess}?" if guess else "")
    if question.key == "calendar.known_to" and not _DAY.fullmatch(said):
        return "expected a day such as 2027-12-31"
    if question.key == "calendar.holidays" and not all(_HOLIDAY.fullmatch(each.strip()) for each in said.split(",")):
        return "expected days with their names and commas between them, such as 2027-01-01 New Year"
    return ""


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
    problems.extend(
        Problem("answers", 0, key, wrong.removeprefix("expected "), f'"{given[key]}"')
        for key, question in asked.items()
        if given[key] and (wrong := mistake(question, given[key], given))
    )
    problems.extend(_half_a_calendar(given))
    if problems:
        raise PackProblems(problems)
    text = _filled(model, given)
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


def _filled(model: str, answers: Mapping[str, str]) -> str:
    lines, table, key = [], "", ""
    for line in model.splitlines():
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
        elif value == '"unknown"' and f"{table}.{key}.{field}" in answers:
            line = f"{field} = {_quoted(answers[f'{table}.{key}.{field}'])}"
        lines.append(USED_RANK.sub(lambda match: _quoted(f"{answers[f'rank.{match[1]}']} or above"), line))
    text = _OPENING.sub(_DRAWN_UP, "\n".join(lines) + "\n", count=1) + _calendar(answers)
    order = ", ".join(_quoted(rank.strip()) for rank in answers["ranks"].split(",") if rank.strip())
    return re.sub(
        r"^order\s*=\s*\[.*?\]", lambda _: f"order = [{order}]", text, count=1, flags=re.DOTALL | re.MULTILINE
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
