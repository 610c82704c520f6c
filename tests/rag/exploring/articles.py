"""Small collections of articles as indexes in memory, made with the hashing embedder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.client import RAG
from rag.settings import Settings
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from index.storage.reader import Index


def article(title: str, body: str, *, date: str = "", source: str = "", language: str = "de") -> str:
    front = {"title": title, "date": date, "source": source, "language": language}
    lines = "".join(f"{name}: {value}\n" for name, value in front.items() if value)
    return f"---\n{lines}---\n\n# {title}\n\n{body}\n"


def opened(folder: Path, files: Mapping[str, str]) -> RAG:
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (corpus / name).write_text(text, encoding="utf-8")
    settings = Settings(corpus=corpus, index=folder / "index")
    rag = RAG(settings, embedder=HashingEmbedder(), engine=ScriptedEngine("x"))
    rag.sync()
    return rag


def index_of(rag: RAG) -> Index:
    return rag._index()[0]


BUSES = {
    "bus.md": article(
        "Die Stadt Ulm kauft Elektrobusse",
        "Ulm will bis 2030 alle Dieselbusse ersetzen. Der Hersteller Solaris liefert 40 Elektrobusse. "
        "Die Elektrobusse kosten 30 Millionen Euro. Solaris baut die Elektrobusse in Posen. "
        "Anna Weber, die Leiterin der Stadtwerke, lobt den Kauf.\n\n"
        "## Elektrobusse im Alltag\n\nDie Fahrer von Ulm üben mit Solaris und Daimler. "
        "Solaris und Daimler stellen Lader auf. Ein Bus von Daimler fährt mit Strom.",
        date="2025-03-02",
        source="Südpresse (nach dpa)",
    ),
    "lader.md": article(
        "Lader für Elektrobusse",
        "Daimler liefert die Lader. Ulm hat mit Daimler einen Vertrag. Die Unternehmen hoffen auf mehr Aufträge. "
        "Andere Unternehmen folgen.",
        date="2025-05-01",
        source="Südpresse",
    ),
    "linie.md": article("Neue Linie in Ulm", "Die Linie 7 fährt ab Mai. Elektrobusse bedienen die Linie."),
}
