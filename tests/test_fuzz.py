"""Bent bytes at every parser that takes bytes from outside: each refuses them in its own words, and soon.

Short here; `MUSTER_LONG=1` goes on to a million inputs with a seed of its own, which is printed (bench/fuzz.py).
"""

from __future__ import annotations

import os
import random
import time

import pytest

from bench import fuzz
from bench.fuzz import Found, bent, run, tried
from bench.fuzz_targets import TARGETS, Target
from command.errors import MusterError, Unreadable
from command.exercise.mapping import load_mapping
from command.ledger import checkpoint
from command.stream.client import _decode
from command.web import tus

LONG = bool(os.environ.get("MUSTER_LONG"))
SLOW = {"packs", "mappings", "exports"}  # a few hundred to a few thousand inputs a second
SEED = time.time_ns() % 1_000_000_007 if LONG else 1


def inputs_of(name: str) -> int:
    """About a third of a second each; a million over all of them in the long form."""
    return 1_000_000 // len(TARGETS) + 1 if LONG else 150 if name in SLOW else 1_000


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.name)
def test_bent_bytes_are_refused_in_our_own_words(target: Target) -> None:
    found = list(run(target, SEED, inputs_of(target.name)))
    assert not found, f"seed {SEED}, {len(found)} found, the shortest: {min(found, key=lambda one: len(one.input))}"


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.name)
def test_most_examples_are_taken_as_they_are(target: Target) -> None:
    """A target that refuses everything finds nothing: each is shown what its parser reads."""
    for example in target.examples:
        try:
            target.take(example)
        except MusterError:
            continue
        return
    assert target.name in {"backups", "keys", "mappings"}, "no example is taken"


def test_a_defect_is_found_and_named() -> None:
    """With its seed and number, by which it is made again; one of our own errors is none."""

    def fails(data: bytes) -> None:
        if b"\xff" in data:
            raise KeyError("defect")
        raise Unreadable("as it should be")

    target = Target("frail", fails, (b"abc",))
    (first, *_) = run(target, 3, 2_000)
    assert first.what.startswith("KeyError") and (first.target, first.seed) == ("frail", 3)
    assert [one for one in run(target, 3, first.number + 1)] == [first]


def test_what_takes_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "SLOW_S", -1.0)
    assert tried(Target("slow", lambda data: None, (b"",)), b"").startswith("took")


def test_the_same_seed_makes_the_same_inputs() -> None:
    """On any machine: the generator is the standard library's, seeded by a text."""
    made = [[bent(random.Random("x/1"), (b"abc", b"[1,2]")) for _ in range(3)] for _ in range(2)]
    assert made[0] == made[1]
    assert isinstance(Found("a", 1, 2, "b", b"c").input, bytes)


# What the long form found --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload-Checksum": "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBw\udcff="},
        {"Upload-Checksum": "sha1 \u00e9"},
    ],
)
def test_a_checksum_beyond_ascii_is_unreadable(headers: dict[str, str]) -> None:
    with pytest.raises(Unreadable):
        tus.checksum(headers)


@pytest.mark.parametrize("text", ["subj\udc80ect YQ==", "subject Y\u00e9=="])
def test_metadata_beyond_ascii_are_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        tus.metadata(text)


def test_a_verifier_key_with_a_lone_surrogate_in_its_name_is_none() -> None:
    with pytest.raises(Unreadable):
        checkpoint.read_verifier_key("mu\udca9ster+64cd8ce0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")


def test_a_frame_that_is_nested_without_an_end_is_unreadable_to_a_client() -> None:
    with pytest.raises(Unreadable):
        _decode('{"t":"hello","resume":' + "[" * 100_000)


def test_a_mapping_that_is_nested_without_an_end_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="nested"):
        load_mapping("record = " + "[" * 5_000, "m.toml")
