"""Answerable questions in words that differ from the source's are not refused, with real weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag import RAG, Settings
from rag.evaluation.measuring.metrics import is_verbatim

if TYPE_CHECKING:
    from pathlib import Path

    from rag.inference import Engine

pytestmark = pytest.mark.models

ARTICLES = {
    "seilbahn.md": (
        "# Neue Seilbahn am Kahlenstein\n\nDie Seilbahn am Kahlenstein wurde am 14. September 2021 eröffnet. "
        "Sie hat dreizehn Kabinen und kostete 8,5 Millionen Euro. "
        "Der Bau hat sich verzögert, weil im Hang seltene Fledermäuse überwintern. "
        "Am Karfreitag bleibt die Bahn jedes Jahr geschlossen.\n"
    ),
    "molkerei.md": (
        "# Molkerei Almgut investiert\n\nDie Molkerei Almgut baut in Rettenau eine Käserei. "
        "Im dritten Quartal stieg ihr Umsatz auf 42 Millionen Euro. "
        "Durch eine neue Heizung spart der Betrieb 900 Tonnen CO₂ im Jahr.\n"
    ),
    "bibliothek.md": (
        "# Bücherbus für Grunow\n\nIn Grunow hält seit Mai ein Bücherbus mit viertausend Bänden. "
        "Gefahren wird er von der Bibliothekarin Henrike Plath.\n"
    ),
}


@pytest.fixture(scope="module")
def rag(tmp_path_factory: pytest.TempPathFactory, language_model: Engine) -> RAG:
    folder: Path = tmp_path_factory.mktemp("refused")
    (folder / "articles").mkdir()
    for name, text in ARTICLES.items():
        (folder / "articles" / name).write_text(text, encoding="utf-8", newline="")
    return RAG(Settings(corpus=folder / "articles", index=folder / "index"), engine=language_model)


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("Was wurde am 14.09.2021 am Kahlenstein eröffnet?", "Seilbahn am Kahlenstein"),
        ("Welche Seilbahn hat 13 Kabinen?", "Seilbahn am Kahlenstein"),
        ("Was kostete die Bahn mit den 13 Kabinen?", "8,5 Millionen Euro"),
        ("Wie viel EUR kostete die Seilbahn am Kahlenstein?", "8,5 Millionen Euro"),
        ("WIE HOCH WAR DER UMSATZ DER MOLKEREI ALMGUT IN Q3?", "42 Millionen Euro"),
        ("Warum hat sich der Bau der Seilbahn verzögert?", "weil im Hang seltene Fledermäuse überwintern"),
        ("Wann bleibt die Bahn am Kahlenstein jedes Jahr geschlossen?", "Karfreitag"),
        ("Wie viel CO2 spart die Molkerei Almgut GmbH im Jahr?", "900 Tonnen CO₂"),
        ("Wie viele Bücher hat der Bücherbus in Grunow, mehr als 3000?", "viertausend Bänden"),
    ],
)
def test_what_the_sources_say_in_other_words_is_answered(rag: RAG, question: str, shown: str) -> None:
    answer = rag.ask(question)
    assert not answer.abstained
    assert shown in answer.text
    assert all(is_verbatim(sentence, answer.citations) for sentence in answer.sentences)
