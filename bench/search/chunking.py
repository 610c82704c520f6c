"""
Compare sizes of passages, and what is embedded with them, on long documents.

    python -m bench.search.chunking SQUAD.json [--limit 400] [--sizes 300,450,600,900,1400]

The paragraphs of each article are joined into one document, so that we cut the passages. Prints for each size, with and
without title and headings in the embedded text: the number of passages, and the share of questions whose gold answer is
in the evidence, in the part of it that the model reads, and in its best sentence. Only the embedding model is run. The
size in the product is the default of `index.segmenting.chunking.chunk`.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from index.segmenting import chunking
from index.syncing import preparation
from rag import RAG
from rag.evaluation.datasets import load
from rag.query.condense import condense
from rag.retrieval.evidence import READ, nearest

if TYPE_CHECKING:
    from rag.evaluation.types import Dataset, Question
    from rag.types import EvidenceSentence

Gold = list[tuple[str, int, int]]


def joined(dataset: Dataset, folder: Path) -> dict[str, tuple[str, int]]:
    """Write one file per article; return where each paragraph begins, by its id."""
    texts: dict[str, str] = {}
    places: dict[str, tuple[str, int]] = {}
    for passage in dataset.documents:
        name = f"{list(dict.fromkeys([*texts, passage.title])).index(passage.title):04d}.txt"
        header = f"---\n{yaml.safe_dump({'title': passage.title}, allow_unicode=True, width=10**6)}---\n"
        before = texts.get(passage.title, header)
        places[passage.id] = name, len(before)
        texts[passage.title] = f"{before}{passage.text}\n\n"
        (folder / name).write_text(texts[passage.title], encoding="utf-8", newline="")
    return places


def measure(rag: RAG, questions: list[tuple[Question, Gold]]) -> str:
    view = rag._view()
    held = [0, 0, 0]
    for question, gold in questions:
        evidence = rag._pipeline.find(
            condense(question.question, (), max_chars=1000), view, k=rag.settings.retrieval.passages
        )
        best = max(evidence, key=lambda one: one.score, default=None)
        for i, some in enumerate((evidence, nearest(evidence, READ), (best,) if best else ())):
            held[i] += _holds(some, gold)
    shares = " | ".join(f"{count / len(questions):.3f}" for count in held)
    return f"{len(view.index.chunks)} | {shares}"


def _holds(sentences: tuple[EvidenceSentence, ...], gold: Gold) -> bool:
    return any(one.path == path and one.start <= start < one.end for one in sentences for path, start, _ in gold)


def main(file: Path, limit: int, sizes: list[int]) -> None:
    dataset = load(file)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "articles"
        folder.mkdir()
        places = joined(dataset, folder)
        asked = [
            (
                one,
                [
                    (places[name][0], places[name][1] + start, places[name][1] + end)
                    for name, start, end in one.gold_spans
                ],
            )
            for one in dataset.questions
            if one.gold_spans
        ]
        drawn = random.Random(1).sample(asked, min(limit, len(asked)))
        print(f"{file.name}: {len(drawn)} questions, {len(set(places.values()))} paragraphs")
        print(
            "| characters | embedded with | passages | evidence | what is read | best sentence |\n|---|---|---|---|---|---|"
        )
        with_context = preparation._embedded_text
        for size in sizes:
            for context in ("title and headings", "nothing"):
                preparation._embedded_text = with_context if context != "nothing" else lambda _, chunk: chunk.text
                chunking.chunk.__kwdefaults__["max_chars"] = size
                rag = RAG().over(folder, Path(temporary) / f"{size}{context[0]}")
                rag.sync()
                print(f"| {size} | {context} | {measure(rag, drawn)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--limit", type=int, default=400)
    parser.add_argument("--sizes", default="300,450,600,900,1400")
    given = parser.parse_args()
    main(given.set, given.limit, [int(size) for size in given.sizes.split(",")])
