"""What asks and reports state in words that every place shares: grounds, parts of the body, tools.

A plan says what it bars in these words; a word that nobody knows lifts no bar. A pack's own words stand in
its `[words]`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

GROUNDS = {
    "violence": "Violence against a person, now or about to happen",
    "assault": "Assault on a person",
    "armed": "A weapon, or a thing used as one",
    "property-damage": "Serious damage to property",
    "escape": "Flight from a lawful arrest",
}
"""Grounds that reports everywhere tell apart. They permit nothing; what a plan says of one is said with it."""

WEAK_GROUNDS = (
    "curfew", "verbal-threat", "non-compliance", "no-permit", "no-approved-plan", "speech", "punishment", "retaliation",
)  # fmt: skip
"""What the packs that come with Muster call grounds that are none, or not enough."""

COMMON_GROUNDS = (*GROUNDS, *WEAK_GROUNDS)

ZONES = {"legs": "Legs", "arms": "Arms", "thighs": "Thighs", "buttocks": "Buttocks"}
"""Parts of the body that a form offers beside those that the plan bars."""

WITHIN: dict[str, tuple[str, ...]] = {
    "face": ("head",),
    "eyes": ("face", "head"),
    "ears": ("head",),
    "mouth": ("face", "head"),
    "skull": ("head",),
    "throat": ("neck",),
    "chest": ("torso",),
    "heart": ("chest", "torso"),
    "sternum": ("chest", "torso"),
    "abdomen": ("torso",),
    "back": ("torso",),
    "spine": ("back", "torso"),
    "kidneys": ("back", "torso"),
    "groin": ("pelvis",),
    "anterior-pelvis": ("pelvis",),
    "genitals": ("groin", "anterior-pelvis", "pelvis"),
    "buttocks": (),
    "shoulders": (),
    "hands": ("arms",),
    "thighs": ("legs",),
    "knees": ("legs",),
    "feet": ("legs",),
}
"""A part of the body, and the larger parts that it lies in. Aiming at one is aiming at all of them."""

KNOWN_ZONES = frozenset((*ZONES, *WITHIN, *(whole for wholes in WITHIN.values() for whole in wholes)))

TOOLS = (
    "physical-control", "baton", "bicycle", "conducted-energy", "oc-hand", "kinetic-direct", "chemical-area",
    "stun-grenade", "neck-restraint", "shot-at-vehicle", "shot-at-one-who-flees", "firearm", "indiscriminate-projectile",
    "encirclement", "mass-arrest", "wrist-to-ankle-restraint",
)  # fmt: skip
"""What the packs that come with Muster call tools and measures: a law without a [[tool]] of its own speaks of these."""

BODIES = (
    "city",
    "county",
    "county-sheriff",
    "county-executive",
    "county-council",
    "state",
    "federal",
    "tribal",
    "campus",
    "transit",
)
"""What kinds of bodies are commonly called, for `binds`: a near miss of one would bind nobody."""

_TYPING_ERROR, _IN_A_SHORT_WORD = 0.82, 0.7
"""How like a known word another one is where it is that word, misspelt, rather than a word of its own."""


def overlapping(zone: str) -> frozenset[str]:
    """Every word for a part of the body that lies in this one, or that this one lies in; itself too.

    Who aims at the face aims at the head; who aims at the torso does not spare the back.
    """
    inside = (part for part, wholes in WITHIN.items() if zone in wholes)
    return frozenset((zone, *WITHIN.get(zone, ()), *inside))


def misspelt(word: str, known: Iterable[str]) -> str:
    """The known word that this one is with a typing error in it; "" where it is a known word, or one of its own."""
    words = tuple(dict.fromkeys(known))
    if word in words:
        return ""
    plain = word.lower().replace("_", "-")
    if plain in words:
        return plain
    like = _IN_A_SHORT_WORD if len(plain) < 6 else _TYPING_ERROR  # two letters changed places are half of a short one
    return next(iter(difflib.get_close_matches(plain, words, n=1, cutoff=like)), "")
