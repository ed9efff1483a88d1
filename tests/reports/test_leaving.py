"""What somebody in custody is given in writing: the plan's words in their language, the record's facts, nothing translated here."""

from __future__ import annotations

from datetime import UTC, datetime

from command.reports.leaving import LABELS, languages, leaving_paper
from command.views.plan_words import TextWord, plan_words
from command.views.record_rows import RecordView
from tests.support.given import model_stack

TEXTS = plan_words(model_stack()).texts
NOON = datetime(2016, 5, 1, 12, tzinfo=UTC)


def test_labels_are_there_in_each_language_that_has_any() -> None:
    """A label that is missing would be an empty place on somebody's only paper."""
    assert all(set(labels) == set(LABELS["en"]) for labels in LABELS.values())


def test_the_model_holds_both_papers_in_english_and_spanish() -> None:
    """As the duty asks that the model takes them from."""
    assert languages(TEXTS, "notice of options") == languages(TEXTS, "release papers") == ("en", "es")


def test_a_plan_without_words_prints_the_facts_and_says_so() -> None:
    """An agency that has not written any yet."""
    view = _view()
    paper = leaving_paper(view, "notice of options", "es", (), "America/Los_Angeles", "foot")
    assert "holds no words" in paper.marks[0]
    assert paper.language == "en"
    assert any("W-1" in value for section in paper.sections for _, value in section.lines)


def test_words_in_a_language_without_labels_stand_alone_before_the_english() -> None:
    """Facts with English labels would be there twice; the words are the person's, and are read from their side."""
    texts = (TextWord("x", "x", {"en": "You are free.", "ar": "أنت حر"}, use="release papers"),)
    paper = leaving_paper(_view(), "release papers", "ar", texts, "UTC", "foot")
    assert (paper.title, paper.language, paper.marks) == ("Release papers", "ar", ())
    assert [(one.heading, one.language) for one in paper.sections] == [
        ("العربية", "ar"), ("Release papers", "en"), ("What this is about", "en"),
    ]  # fmt: skip
    spanish = leaving_paper(_view(), "release papers", "es", TEXTS, "UTC", "foot")
    assert [one.language for one in spanish.sections] == ["es", "es", "en", "en"]


def test_spoken_words_are_no_paper() -> None:
    """An order to disperse is not handed to anybody as their release."""
    spoken = (TextWord("x", "x", {"en": "Leave now."}),)
    paper = leaving_paper(_view(), "release papers", "en", spoken, "UTC", "foot")
    assert not any("Leave now." in text for section in paper.sections for text in section.texts)


def _view() -> RecordView:
    from command.views.row import Who
    from command.views.rows_arrest import ArrestRow

    officer = Who(person="o", name="A. Lopez", agency="spd", position="")
    row = ArrestRow(id="a1", number="W-1", subject="s1", at=NOON, recorded_at=NOON, officer=officer, agency="spd")
    return RecordView(record=row, basis="own conduct", versions=(), now=NOON)
