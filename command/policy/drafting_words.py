"""What a place says in its own words when a plan is drawn up: texts by language, offences and statutes, the prosecutor's word."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
_ID = re.compile(r"[a-z][a-z0-9-]{0,63}")
CITES = ("first", "allowed", "never")
WORDS_OF = ("supported", "citation", "declined")
MORE = "charge.more"

Asked = tuple[str, str, str]
"""Key, what is asked, the model's own value."""


def asked(model: str) -> Iterable[Asked]:
    """A question for each approved text, each offence's statute, further offences, and the prosecutor's word on each."""
    parsed = tomllib.loads(model)
    for text in parsed.get("text", ()):
        words = " | ".join(f"{language}: {said}" for language, said in text["words"].items())
        yield f"text.{text['id']}.words", f"{text['says']} In which words, by language, as en: … | es: …", words
    for charge in parsed.get("charge", ()):
        name = charge["id"]
        yield f"charge.{name}.statute", f"{charge['says']} Under which statute here?", charge.get("statute", "")
    yield MORE, "further offences, as id | what it is | statute | first, allowed or never cited; semicolons between", ""
    ruled = {rule["offence"] for rule in parsed.get("guideline", ())}
    for charge in parsed.get("charge", ()):
        if (name := charge["id"]) not in ruled:
            word = f"what the prosecutor wants of {name}: {', '.join(WORDS_OF)}; none: nothing was said"
            yield f"guideline.{name}.charge", word, ""


def wrong(key: str, said: str) -> str:
    """What is wrong with an answer to one of these, as "expected …"; "" where nothing is."""
    table, _, field = key.partition(".")
    if table == "text" and field.endswith(".words"):
        parts = [each.partition(":") for each in said.split(" | ")]
        if not all(LANGUAGE.fullmatch(tongue.strip()) and words.strip() for tongue, _, words in parts):
            return "expected a language, a colon and the words of each, such as en: Leave now. | es: Váyanse."
        if len({tongue.strip() for tongue, _, _ in parts}) < len(parts):
            return "expected each language once"
    if table == "guideline" and said not in WORDS_OF:
        return f"expected {', '.join(WORDS_OF[:-1])} or {WORDS_OF[-1]}"
    if key == MORE:
        return _wrong_offences(said)
    return ""


def _wrong_offences(said: str) -> str:
    rows = _offences(said)
    if not all(len(row) == 4 and _ID.fullmatch(row[0]) and row[1] and row[3] in CITES for row in rows):
        return "expected id | what it is | statute | first, allowed or never, with semicolons between offences"
    return "" if len({row[0] for row in rows}) == len(rows) else "expected each offence once"


def _offences(said: str) -> list[list[str]]:
    return [[part.strip() for part in each.split("|")] for each in said.split(";") if each.strip()]


def words_table(said: str) -> str:
    """Texts by language as the plan's table."""
    parts = (each.partition(":") for each in said.split(" | "))
    return "{ " + ", ".join(f"{quoted(tongue.strip())} = {quoted(words.strip())}" for tongue, _, words in parts) + " }"


def statutes(lines: list[str], answers: Mapping[str, str]) -> list[str]:
    """The model's lines with the statute that an answer gives under each offence, in place of its own."""
    found: list[str] = []
    table = given = ""
    for line in lines:
        field, equals, value = (part.strip() for part in line.partition("="))
        if line.startswith("["):
            table, given = line.strip("[] "), ""
        if table == "charge" and equals and field == "statute" and given:
            continue
        found.append(line)
        if table == "charge" and equals and field == "id":
            given = answers.get(f"charge.{value.strip(chr(34))}.statute", "")
            if given:
                found.append(f"statute  = {quoted(given)}")
    return found


def added(answers: Mapping[str, str]) -> str:
    """The rules that the model has none of: further offences, and what the prosecutor said."""
    rows = [
        f"\n[[charge]]\nid = {quoted(row[0])}\nsays = {quoted(row[1])}\n"
        + (f"statute = {quoted(row[2])}\n" if row[2] else "")
        + f"cite = {quoted(row[3])}\n"
        for row in _offences(answers.get(MORE, ""))
    ]
    for key, said in answers.items():
        table, _, rest = key.partition(".")
        if table == "guideline" and said:
            name = rest.removesuffix(".charge")
            says = f"What the prosecutor said before the event of {name}: {said}."
            rows.append(
                f"\n[[guideline]]\nid = {quoted(f'prosecutor-{name}')}\nsays = {quoted(says)}\n"
                f"offence = {quoted(name)}\ncharge = {quoted(said)}\n"
            )
    return "".join(rows)


def quoted(text: str) -> str:
    """A TOML string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
