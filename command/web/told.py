"""Answers as their authors read them: the plan's sentences with names where the core knows ids.

What is stored, repeated and compared is the answer as it was judged; only what goes out over HTTP and the socket is put
into words, by the names that the incident has now.
"""

from __future__ import annotations

from collections.abc import Iterable

from command.domain.submission import Answer
from command.errors import MusterError
from command.service.api import ServiceApi
from command.views.said import answer_in_words


async def told(service: ServiceApi, log: str, answers: Iterable[Answer], *, people: bool = True) -> tuple[Answer, ...]:
    """The answers in words. `people` False: nobody is named, for whoever signs without anyone signed in.

    What was committed has been committed: where the state cannot be read now, the answers go out as they are.
    """
    found = tuple(answers)
    if not any(map(_says, found)):
        return found
    try:
        state = await service.state(log)
    except MusterError:
        return found
    return tuple(answer_in_words(state, one, people=people) for one in found)


def _says(answer: Answer) -> bool:
    return any(one.decision or one.finding for one in (answer, answer.first) if one is not None)
