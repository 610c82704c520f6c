"""
Time the stages of a question on evidence from one document of a given size.

    python -m bench.speed.question_cost [--megabytes N]

Retrieval looks at all passages, so its time grows with them. Later stages look only at the evidence: theirs must not.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine import described
from rag import RAG, Settings
from rag.pipeline import Asked
from rag.query.condense import condense
from rag.retrieval.evidence import READ, nearest
from tests.rag.fakes import HashingEmbedder, ScriptedEngine

if TYPE_CHECKING:
    from collections.abc import Callable

VERBS = "liefert plant baut kauft verkauft steigert senkt meldet".split()
NOUNS = "Speicher Anlagen Werke Fabriken Geräte Filialen Aktien Anteile".split()


def text(characters: int) -> str:
    """Return paragraphs about many firms, of at least this length."""
    chance = random.Random(0)
    parts: list[str] = []
    length = 0
    while length < characters:
        sentences = [
            f"Die Firma Nr{chance.randint(1, 999)} {chance.choice(VERBS)} {chance.choice(NOUNS)} für "
            f"{chance.randint(2, 9999)} Millionen Euro im Jahr {chance.randint(1990, 2025)}."
            for _ in range(6)
        ]
        parts.append(" ".join(sentences))
        length += len(parts[-1])
    return "# Bericht\n\n" + "\n\n".join(parts) + "\n"


def milliseconds(work: Callable[[], object]) -> float:
    """Return the median of five runs, after one that is not counted."""
    taken = []
    for _ in range(6):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken[1:])


def main(megabytes: float) -> None:
    print(f"{described()}\n")
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        (corpus / "bericht.md").write_text(text(int(megabytes * 1e6)), encoding="utf-8")
        settings = Settings(corpus=corpus, index=Path(folder) / "index")
        rag = RAG(settings, embedder=HashingEmbedder(), engine=ScriptedEngine("Millionen Euro"))
        rag.sync()
        pipeline, view = rag._pipeline, rag._view()
        query = condense("Für wie viele Millionen Euro kauft die Firma Nr5 Anlagen?", (), max_chars=1000)
        evidence = pipeline.find(query, view, k=settings.retrieval.passages)
        read = nearest(evidence, READ)
        contexts = tuple(pipeline.selector.context(query, one, view) for one in read)
        asked = Asked(query, view, evidence, read, contexts)
        place = pipeline.verifier.place(read[0].text, asked)
        assert place is not None
        rows: dict[str, Callable[[], object]] = {
            "retrieval and evidence": lambda: pipeline.find(query, view, k=settings.retrieval.passages),
            "context": lambda: [pipeline.selector.context(query, one, view) for one in read],
            "gate": lambda: pipeline.gate.admits(asked, (0.9, 0.1), share=1.0, strictness=0.5),
            "verifier": lambda: pipeline.verifier.place(read[0].text, asked),
            "presenter": lambda: list(pipeline.presenter.further(asked, place, read[0].text)),
        }
        print(f"one document of {megabytes:g} MB, {len(view.index.chunks)} passages\n| stage | ms |\n|---|---|")
        for name, work in rows.items():
            print(f"| {name} | {milliseconds(work):.1f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=5)
    main(parser.parse_args().megabytes)
