"""A local plan drawn up from the model by questions: what the model leaves open, and what every place calls differently.

The answers are put into the model's own text, so that its comments, sentences and sources stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from command.policy.load import read_pack
from command.policy.problems import PackProblems, Problem, nearest

USED_RANK = re.compile(r'"([a-z][a-z-]*) or above"')
_TABLE = re.compile(r"\[\[?([a-z_]+)\]?\]")


class Question(NamedTuple):
    """One question. `key` names the answer; `open`: the model's own value, "" where one must be given."""

    key: str
    asks: str
    open: str


def questions(model: str) -> tuple[Question, ...]:
    """What there is to decide about a model's text: names, ranks, and every number that it leaves unknown."""
    head = (
        Question("id", "a short id of the plan, such as springfield-2027", ""),
        Question("title", "the plan's title", ""),
        Question("jurisdiction", "whose plan it is, such as US-IL-Springfield", ""),
        Question("ranks", "the agency's ranks, lowest first, with commas", _ranks(model)),
    )
    used = dict.fromkeys(USED_RANK.findall(model))
    ranks = (Question(f"rank.{word}", f'which of your ranks stands for "{word}"', word) for word in used)
    unknown = (
        Question(
            f"{table}.{key}.{field}",
            f'{says} How long? (the model: "unknown", which denies or sets no clock)',
            "unknown",
        )
        for table, key, field, says in _unknown(model)
    )
    return (*head, *ranks, *unknown)


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
        if not question.open and not answers.get(key, "").strip()
    )
    if problems:
        raise PackProblems(problems)
    text = _filled(model, {key: answers.get(key, question.open) for key, question in asked.items()})
    read_pack(text, f"{answers['id']}.toml")
    return text


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
        elif table == "pack" and field == "kind" and equals:
            line = 'kind = "plan"'
        elif value == '"unknown"' and f"{table}.{key}.{field}" in answers:
            line = f"{field} = {_quoted(answers[f'{table}.{key}.{field}'])}"
        lines.append(USED_RANK.sub(lambda match: _quoted(f"{answers[f'rank.{match[1]}']} or above"), line))
    text = "\n".join(lines) + "\n"
    order = ", ".join(_quoted(rank.strip()) for rank in answers["ranks"].split(",") if rank.strip())
    return re.sub(
        r"^order\s*=\s*\[.*?\]", lambda _: f"order = [{order}]", text, count=1, flags=re.DOTALL | re.MULTILINE
    )


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
