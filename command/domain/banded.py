"""Who is meant by what a tablet knew of them: the number on a wristband, or of a record, in the place of the person's id.

Whoever takes somebody over may have their band and no more, as long as the tablet of the arrest has no network. Their
reports stand in the log as they were signed, the band being the subject; from the arrest on they are that person's.
An id that is somebody's own is never looked up as a band. A band that two records claim is the first one's.
"""

from __future__ import annotations

import typing
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from command.domain import commands_arrest as ca
from command.domain import commands_custody as cc
from command.domain import events_arrest as ea
from command.domain import events_custody as ec
from command.domain.deciding import Draft
from command.domain.state import State
from command.domain.state_arrest import Arrest

T = TypeVar("T")

_KINDS: Final = (
    *typing.get_args(ca.ArrestCommand), *typing.get_args(cc.CustodyCommand),
    *typing.get_args(ea.ArrestEvent), *typing.get_args(ec.CustodyEvent),
)  # fmt: skip
_OWN: Final = (ca.RecordArrest, ca.AddAttachment, ea.ArrestRecorded, ea.AttachmentAdded)
"""A card says whose it is; a file lies under the key of the subject with which it was sent."""
_OF_SOMEBODY: Final = frozenset(kind for kind in _KINDS if "subject" in kind.__struct_fields__ and kind not in _OWN)
_FILES: Final = (ca.AddAttachment, ea.AttachmentAdded)
_KEPT: Final = _OF_SOMEBODY | {ea.AttachmentAdded}


def person_of(state: State, subject: str) -> str:
    """The person's own id, where a subject is the number of their band or record; else the subject."""
    if subject in state.custody.people or subject in state.arrests.by_subject:
        return subject
    found = state.arrests.all.get(record_for(state, subject))
    return subject if found is None else found.subject


def record_for(state: State, name: str) -> str:
    """The record, by its number or that of the band on it; the name itself, where there is none yet."""
    if name in state.arrests.all:
        return name
    return state.arrests.wristbands.get(name) or name


def record_named(state: State, event: Any) -> Arrest | None:
    """The record that an event is about: the one that it names, as a record or as a band."""
    name = getattr(event, "arrest", None)
    if name is None and type(event) in _OF_SOMEBODY:
        name = state.arrests.by_subject.get(person_of(state, event.subject))
    return None if name is None else state.arrests.all.get(record_for(state, name))


def meant(state: State, said: T) -> T:
    """A command or an event as it is of the person and the record; itself, where it names them or nobody."""
    whose: Any = said
    if isinstance(said, _FILES):
        record = record_for(state, whose.record) if whose.belongs_to == "arrest" else whose.record
        return said if record == whose.record else typing.cast(T, replace(whose, record=record))
    if type(said) not in _OF_SOMEBODY:
        return said
    subject, named = person_of(state, whose.subject), getattr(whose, "arrest", None)
    if named is None:
        return said if subject == whose.subject else typing.cast(T, replace(whose, subject=subject))
    record = record_for(state, named)
    if subject == whose.subject and record == named:
        return said
    return typing.cast(T, replace(whose, subject=subject, arrest=record))


def as_signed(drafts: tuple[Draft, ...], cmd: Any, of: Any) -> tuple[Draft, ...]:
    """What a command brings about, with the subject that it was signed with: its values lie under that one's key."""
    if cmd is of or cmd.subject == of.subject:
        return drafts
    return tuple(
        replace(draft, event=replace(draft.event, subject=cmd.subject))
        if type(draft.event) in _OF_SOMEBODY and getattr(draft.event, "subject", None) == of.subject
        else draft
        for draft in drafts
    )


def noted(state: State, event: Any) -> State:
    """The state, in which it is known that something was told under a name that is, so far, nobody's own."""
    arrests = state.arrests
    if type(event) not in _KEPT or event.subject in arrests.by_subject or event.subject in arrests.loose:
        return state
    return replace(state, arrests=replace(arrests, loose=arrests.loose.insert(event.subject, None)))


def bearer(state: State, band: str, seq: int) -> str | None:
    """The record whose band it was when this event was told; a report from before its first record is that one's."""
    history = state.arrests.worn.get(band)
    if history is None:
        return record_for(state, band)
    return next((arrest for since, arrest in reversed(history) if since <= seq), None)


def names_of(state: State, found: Arrest) -> tuple[str, ...]:
    """The names beside their own id under which something is told of a person: the record's number, and their bands."""
    worn = sorted(
        band for band, history in state.arrests.worn.items() if found.arrest in (whose for _, whose in history)
    )
    band = found.wristband
    mine = (band,) if band is not None and state.arrests.wristbands.get(band) == found.arrest else ()
    names = dict.fromkeys((found.arrest, *mine, *worn))
    return tuple(name for name in names if name in state.arrests.loose and name not in state.arrests.by_subject)


def only_theirs(state: State, subject: str) -> tuple[str, ...]:
    """Those names of a person, by their own id, that were never anybody else's."""
    found = state.arrests.all.get(state.arrests.by_subject.get(subject) or "")
    if found is None:
        return ()
    worn = state.arrests.worn
    return tuple(
        name
        for name in names_of(state, found)
        if all(arrest == found.arrest for _, arrest in worn.get(name) or ((0, found.arrest),))
    )
