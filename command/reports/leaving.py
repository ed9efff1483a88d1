"""What somebody in custody is given in writing, in their language: the notice of options, and release papers. Pure.

The words are the plan's, approved by language ([[text]] with `use`); the facts beside them are the record's. Where the plan
holds no words in the person's language the paper says so, in English, and what that asks for: an interpreter who reads it to
them. Nothing is translated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from command.reports.document import Clock, Document, Section, filled, kept
from command.views.plan_words import TextWord
from command.views.record_rows import RecordView

Paper = Literal["notice of options", "release papers"]

_ENGLISH: Final = {
    "notice of options": "What you can choose", "release papers": "Release papers", "facts": "What this is about",
    "arrest": "Arrest number", "time": "Time of the arrest", "officer": "Arresting officer", "agency": "Agency",
    "offence": "Offence", "none": "no offence is named yet", "became": "What became of it", "citation": "Citation",
    "receipts": "Receipts for your property", "person": "received by the person", "given": "given by: name, badge, time",
    "cited": "cited, and free to go", "released": "released", "detention only": "detention only: no arrest on the record",
    "diverted": "diverted to help", "custody": "kept in custody", "transferred": "transferred",
}  # fmt: skip

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": _ENGLISH,
    "es": {
        "notice of options": "Lo que usted puede elegir", "release papers": "Papeles de puesta en libertad",
        "facts": "De qué se trata", "arrest": "Número de arresto", "time": "Hora del arresto",
        "officer": "Oficial que hizo el arresto", "agency": "Agencia", "offence": "Delito o infracción",
        "none": "todavía no se ha indicado ninguno", "became": "Cómo terminó", "citation": "Citación",
        "receipts": "Recibos de sus cosas", "person": "recibido por la persona",
        "given": "entregado por: nombre, placa, hora", "cited": "citado y en libertad", "released": "puesto en libertad",
        "detention only": "solo detención: sin arresto en el registro", "diverted": "derivado a ayuda",
        "custody": "permanece detenido", "transferred": "trasladado",
    },
}  # fmt: skip
"""What stands before the facts, where it is known in the language; else English."""

_TONGUES: Final = {
    "am": "አማርኛ", "ar": "العربية", "de": "Deutsch", "fa": "فارسی", "fr": "Français", "he": "עברית", "hi": "हिन्दी", "hmn": "Hmoob",
    "ht": "Kreyòl ayisyen", "ja": "日本語", "ko": "한국어", "pl": "Polski", "pt": "Português", "ru": "Русский", "so": "Soomaali",
    "th": "ไทย", "tl": "Tagalog", "uk": "Українська", "ur": "اردو", "vi": "Tiếng Việt", "zh": "中文",
}  # fmt: skip
"""Languages as those who read them call them."""


def leaving_paper(
    view: RecordView, paper: Paper, language: str, texts: tuple[TextWord, ...], zone: str, foot: str
) -> Document:
    """The paper in a language, and again in English for whoever else reads it. `language` is a tag such as `es`."""
    found = next((one for one in texts if one.use == paper), None)
    words = found.words.get(language, "") if found else ""
    own = words and language != "en"
    marks = () if words else (_no_words(paper, language, found),)
    english = found.words.get("en", "") if found else ""
    labels = LABELS.get(language, _ENGLISH) if own else _ENGLISH
    return Document(
        title=_ENGLISH[paper] if labels is _ENGLISH else f"{labels[paper]} · {_ENGLISH[paper]}",
        under=f"{view.record.number}. {Clock(zone).at(view.now)}",
        foot=foot,
        marks=marks,
        language=language if words else "en",
        sections=kept(
            *(_own(view, paper, language, words, zone) if own else ()),
            *_part(view, paper, english, _ENGLISH, zone),
        ),
        sign=(labels["person"], labels["given"]),
    )


def languages(texts: tuple[TextWord, ...], paper: Paper) -> tuple[str, ...]:
    """In which languages the plan holds the paper."""
    return tuple(sorted({language for one in texts if one.use == paper for language in one.words}))


def _no_words(paper: Paper, language: str, found: TextWord | None) -> str:
    if found is None:
        return f"The plan holds no words for the {paper}: what is printed here are the facts alone."
    return (
        f"The plan holds no approved words for the {paper} in the language {language!r}. "
        "An interpreter reads this to the person; write down who."
    )


def _own(view: RecordView, paper: Paper, language: str, words: str, zone: str) -> tuple[Section, ...]:
    """The words in the person's language, and the facts as well where their labels are known in it."""
    if language in LABELS:
        said = _part(view, paper, words, LABELS[language], zone)
        return tuple(msgspec.structs.replace(one, language=language) for one in said)
    heading = _TONGUES.get(language.partition("-")[0], language)
    return (Section(heading, texts=(words,), language=language),)


def _part(view: RecordView, paper: Paper, words: str, labels: Mapping[str, str], zone: str) -> tuple[Section, Section]:
    row, clock = view.record, Clock(zone)
    standing = [one for one in view.offences if not one.withdrawn]
    offences = [" · ".join(part for part in (one.says or one.charge, one.statute) if part) for one in standing]
    became = _became(view)
    said = filled(
        (labels["arrest"], row.number),
        (labels["time"], clock.at(row.at)),
        (labels["officer"], row.officer.name if row.officer else ""),
        (labels["agency"], row.agency),
        *((labels["offence"], one) for one in offences or (labels["none"],)),
        (labels["became"], labels.get(became, became)),
        (labels["citation"], _citation(view)),
        (labels["receipts"], ", ".join(one.receipt or one.bag for one in view.property if not one.evidence)),
    )
    return Section(labels[paper], texts=(words,) if words else ()), Section(labels["facts"], lines=said)


def _became(view: RecordView) -> str:
    """The newest disposition, in the log's own word; "" where nobody has decided."""
    return next((str(one.public.get("disposition", "")) for one in reversed(view.dispositions)), "")


def _citation(view: RecordView) -> str:
    return next((one.said["citation"] for one in reversed(view.dispositions) if "citation" in one.said), "")
