"""Articles for answers of several sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag.grounding.reader import Bearing

if TYPE_CHECKING:
    from rag import RAG
    from rag.types import EvidenceSentence

ARTICLES = {
    "hafen.md": (
        "---\ntitle: Der Hafen von Talheim\ndate: 2024-05-02\n---\n\n# Der Hafen von Talheim\n\n"
        "Der Hafen von Talheim wird bis 2027 um drei Becken erweitert. Die Reederei Nordlicht zahlt dafür zwölf Millionen "
        "Euro. Die Stadt baut im nächsten Jahr eine Brücke zum Hafen. Der Hafen von Talheim liegt an der Auer. Fischer "
        "fürchten um den Lachs im Hafen. Der Hafenmeister Otto Brand nennt den Ausbau im Jahr 2019 überfällig.\n"
    ),
    "werft.md": (
        "---\ntitle: Die Werft in Auheim\ndate: 2023-11-20\n---\n\n# Die Werft in Auheim\n\n"
        "Die Werft in Auheim baut Fähren aus Aluminium. Ihre Fähren fahren mit Strom. Die Werft beschäftigt seit 2021 "
        "neunzig Menschen in zwei Hallen. Die Reederei Nordlicht hat dort vier Fähren bestellt.\n"
    ),
}


def quotes_are_the_sources(rag: RAG, answer: Any) -> bool:
    return all(rag.document(one.path).text[one.start : one.end] == one.quote for one in answer.citations)


class Reading:
    """A reader that gives each window the same odds."""

    def __init__(self, odds: float) -> None:
        self._odds = odds

    def judge(self, query: object, evidence: object) -> None:
        return None

    def bearings(self, query: object, sentences: list[EvidenceSentence]) -> list[Bearing]:
        return [Bearing(self._odds, self._odds) for _ in sentences]
