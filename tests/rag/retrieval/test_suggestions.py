"""Questions made from sentences: which sentences are turned into questions and which are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.exploring.suggestions import LONGEST, Suggestion, suggest, supports
from rag.types import Answer, Citation, Timings


def questions(*sentences: str) -> list[str]:
    return [item.question for item in suggest(("a.md", n, n + 1, text) for n, text in enumerate(sentences))]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Die Stadt will bis 2030 alle Busse ersetzen.", "Bis wann will die Stadt alle Busse ersetzen?"),
        ("Bis Ende 2026 will der Verein ein Haus bauen.", "Bis wann will der Verein ein Haus bauen?"),
        ("Seit 2019 betreibt Siemens ein Werk in Leipzig.", "Seit wann betreibt Siemens ein Werk in Leipzig?"),
        ("Zudem hat Bayern im Mai 2024 ein Gesetz erlassen.", "Wann hat Bayern ein Gesetz erlassen?"),
        ("Bosch will 300 Millionen Euro investieren.", "Wie viele Euro will Bosch investieren?"),
        ("Rund 40 Millionen Euro hat Porsche verloren.", "Wie viele Euro hat Porsche verloren?"),
        ("Der Umsatz sank um 5 Prozent.", None),
        ("Der Umsatz steigt um 5 Prozent im Jahr.", "Um wie viel Prozent steigt der Umsatz im Jahr?"),
        ("Infineon baut ein Werk in Dresden.", "Wer baut ein Werk in Dresden?"),
        ("Forscher wollten das neue Gesetz in Bonn kippen.", None),  # "Wer" does not ask for a plural
        ("Die Regierung verbietet den Verkauf an Kinder.", "Wer verbietet den Verkauf an Kinder?"),
        ("Anna Weber, die Chefin von Bosch, sprach in Köln.", "Wer ist die Chefin von Bosch?"),
        ("He met Anna Webb, the head of Acme, in York.", "Who is the head of Acme?"),
        ("Zum Angebot von Miele zählt ein Herd.", "Was zählt zum Angebot von Miele?"),
        ("Neu ist dies: Opel will Autos in Eisenach bauen.", "Wer will Autos in Eisenach bauen?"),
        ("Das Werk bleibt vorerst geschlossen, weil Teile fehlen.", "Warum bleibt das Werk vorerst geschlossen?"),
    ],
)
def test_a_statement_is_turned_round(sentence: str, question: str | None) -> None:
    assert questions(sentence) == ([question] if question else [])


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("Siemens baut ein Werk in Leipzig.", "Wer baut ein Werk in Leipzig?"),
        ("Chinas Regierung will Autos von Opel verbieten.", "Wer will Autos von Opel verbieten?"),
        ("Die Werft in Husum baut Fähren aus Stahl.", "Wer baut Fähren aus Stahl?"),
        ("Die CDU will das Gesetz in Bonn kippen.", "Wer will das Gesetz in Bonn kippen?"),
        ("Bis 2030 will Siemens alle Busse ersetzen.", "Bis wann will Siemens alle Busse ersetzen?"),
        ("Das Unternehmen will bis 2030 alle Busse ersetzen.", None),
        ("Bis 2030 will das Unternehmen alle Busse von Siemens ersetzen.", None),
        (
            "Bis 2030 will die Werft in Husum alle Busse ersetzen.",
            "Bis wann will die Werft in Husum alle Busse ersetzen?",
        ),
        ("Das Management des Unternehmens will alle Busse ersetzen.", None),
        (
            "Siemens-Chef Busch will bis 2030 alle Dieselbusse ersetzen.",
            "Bis wann will Siemens-Chef Busch alle Dieselbusse ersetzen?",
        ),
        ("Zum Angebot von Siemens zählt ein Herd.", "Was zählt zum Angebot von Siemens?"),
        ("Trotzdem wird ein Programm eingerichtet.", None),
        ("Dem Verein geht ein Teil der Mittel verloren.", None),
        ("Siemens rechnet mit 300 Gästen am Tag.", "Mit wie vielen Gästen rechnet Siemens am Tag?"),
        ("Siemens zahlt den 300 Mitarbeitern in Bonn mehr.", "Wer zahlt den 300 Mitarbeitern in Bonn mehr?"),
        (
            "Siemens baut das Werk innerhalb von 12 Monaten in Bonn.",
            "Wer baut das Werk innerhalb von 12 Monaten in Bonn?",
        ),
        ("Siemens bohrt nach Wärme aus 300 Metern Tiefe.", "Wer bohrt nach Wärme aus 300 Metern Tiefe?"),
    ],
)
def test_a_statement_says_whom_it_is_about_if_the_names_are_known(sentence: str, question: str | None) -> None:
    found = suggest([("a.md", 0, 1, sentence)], names={"Siemens", "China"})
    assert [one.question for one in found] == ([question] if question else [])


def test_a_headline_is_no_statement() -> None:
    assert questions("Verein wächst Bosch und Opel bauen ein Werk") == []
    assert questions("Bosch baut ein Werk in Dresden") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "Dann wird sich auch herausstellen, ob es gelingt.",
        "Sie will bis 2030 alle Busse ersetzen.",
        "Bosch will noch 300 Busse kaufen.",
        "Trotzdem wird für den Hafen ein Programm eingerichtet.",
        "Dazu gehört ein kühnes Vorhaben.",
        "Dieses Werk soll 2027 fertig werden.",
        "Wird die Stadt bis 2030 fertig?",
        "„Wir wollen bis 2030 fertig sein“, sagt er.",
        "In China ist ein neuer Konkurrent erwachsen.",
        "Abschied von alter Technik",
        "Nicht jetzt.",
        "The city plans to replace its buses by 2030.",
    ],
)
def test_what_has_not_plainly_the_form_is_left_alone(sentence: str) -> None:
    assert questions(sentence) == []


def test_articles_take_turns_and_no_question_comes_twice() -> None:
    rows = [
        ("a.md", 0, 1, "Bosch baut ein Werk in Dresden."),
        ("a.md", 1, 2, "Opel baut ein Auto in Eisenach."),
        ("b.md", 0, 1, "Miele baut ein Werk in Dresden."),
        ("b.md", 1, 2, "Miele baut einen Herd in Lehrte."),
    ]
    assert [(item.path, item.question) for item in suggest(rows)] == [
        ("a.md", "Wer baut ein Werk in Dresden?"),
        ("b.md", "Was baut Miele?"),
        ("a.md", "Wer baut ein Auto in Eisenach?"),
        ("b.md", "Wer baut einen Herd in Lehrte?"),
    ]


@given(st.text(alphabet="AbBosch will bis 2030 ein, weil: ; ßü.", max_size=300))
def test_any_text_gives_short_questions_or_none(text: str) -> None:
    for question in questions(text):
        assert question.endswith("?")
        assert len(question) <= LONGEST
        assert question[0].isupper()


def test_only_an_answer_from_its_own_sentence_counts() -> None:
    suggestion = Suggestion("Wer baut?", "a.md", 10, 20)

    def answer(path: str, start: int, end: int, *, abstained: bool = False) -> Answer:
        citation = Citation(path, start, end, "x", "T", "0")
        return Answer(
            "q", "q", "x", abstained, generated=True, language="de", sentences=(), citations=(citation,), evidence=(),
            timings=Timings(1.0, None, 1.0),
        )  # fmt: skip

    assert supports(suggestion, answer("a.md", 15, 30))
    assert not supports(suggestion, answer("a.md", 20, 30))
    assert not supports(suggestion, answer("b.md", 15, 30))
    assert not supports(suggestion, answer("a.md", 15, 30, abstained=True))
