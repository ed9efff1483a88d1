"""What only shows when packs stand on each other: words of one that are another's, misspelt."""

from __future__ import annotations

from collections.abc import Iterator

from command.policy.model import Pack
from command.policy.problems import Problem
from command.policy.stack import Stack
from command.policy.stated import TOOLS, misspelt


def check_stack(stack: Stack) -> tuple[Problem, ...]:
    """Every tool and course that no pack of the stack knows and that is nearly one that some pack does know.

    A word of its own is no problem: a law may speak of a tool that no plan here has, and then nobody may use it.
    """
    tools = (*stack.tools, *TOOLS)
    courses = dict.fromkeys(course for post in stack.positions.values() for course in post.training)
    return tuple(
        problem
        for pack in stack.packs
        for problem in (
            *_words(pack, _tools(pack), tools, "a tool of the stack or a measure"),
            *_words(pack, _courses(pack), tuple(courses), "a course as the positions of the stack call it"),
        )
    )


def _words(pack: Pack, said: Iterator[tuple[str, str]], known: tuple[str, ...], expected: str) -> Iterator[Problem]:
    for where, word in said:
        if guess := misspelt(word, known):
            yield Problem(pack.name, 0, where, expected, f'"{word}"', guess)


def _tools(pack: Pack) -> Iterator[tuple[str, str]]:
    for rule in pack.tactic:
        yield from ((f'tactic "{rule.id}": tools', tool) for tool in rule.tools)
    for bar in pack.prohibition:
        yield from ((f'prohibition "{bar.id}": tools', tool) for tool in bar.tools)
    for duty in pack.duty:
        yield from ((f'duty "{duty.id}": starts.tools', tool) for tool in duty.starts.tools)


def _courses(pack: Pack) -> Iterator[tuple[str, str]]:
    for rule in pack.tactic:
        yield from ((f'tactic "{rule.id}": user_training', course) for course in rule.user_training)
        for way in rule.authorizer:
            yield from ((f'tactic "{rule.id}": authorizer.training', course) for course in way.training)
