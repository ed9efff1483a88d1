"""Plans that differ from the model in one thing each, for incidents that go over from one to the other."""

from __future__ import annotations

import functools

from command.policy.load import Stack, read_pack
from command.policy.model import Pack
from tests.support.packs import MODEL, changed

ILLINOIS = MODEL.parents[1] / "us-il" / "force-and-citation.toml"

BATON = (
    'id       = "baton"\nsays     = "A baton at a gathering needs a grant."\ngrant    = "needed"\nexigent  = "accepted"'
)
NEVER = BATON.replace("needs a grant", "is not used").replace('"needed"', '"never"').replace('"acc', '"not acc')
ENGAGED = '"engage"'


def model_text() -> str:
    """The model pack as text."""
    return MODEL.read_text()


def without_batons() -> str:
    """The model, in which a baton is never granted."""
    return changed('["baton", ', "[", changed(BATON, NEVER, model_text()))


def with_another_rung() -> str:
    """The model, whose third rung has another name."""
    return model_text().replace(ENGAGED, '"talk"')


@functools.cache
def pack_of(text: str, name: str = "our-plan.toml") -> Pack:
    """The pack of a text."""
    return read_pack(text, name)


@functools.cache
def stack_of(*texts: str) -> Stack:
    """The stack of packs as text, the most general first."""
    return Stack.of([pack_of(text) for text in texts])


def illinois() -> str:
    """Two statutes of Illinois, which stand on a plan."""
    return ILLINOIS.read_text()
