"""
Measure what lists of vectors cost in quality: a set's texts among many others, searched exactly and by lists.

    python -m bench.scale.quality --set xquad_r_de.json --source articles.jsonl --articles 1000 --folder /tmp/quality

Prints ndcg@10 over the questions of a SQuAD file, whose paragraphs are documents. The embedding model is the stand-in
of `bench.scale.articles`: two ways to search the same vectors are compared.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from pathlib import Path

from bench.scale.articles import WordEmbedder, write
from index.storage.reader import Index
from index.storage.vectors import approximate, exact
from index.syncing.sync import sync
from rag.retrieval.hybrid import Scale, retrieve

_AT = 10


def main(questions_file: Path, source: Path, articles: int, folder: Path, most: int) -> None:
    """Build what is missing and print the figures."""
    corpus, questions = folder / "corpus", []
    paragraphs = [
        one for article in json.loads(questions_file.read_text("utf-8"))["data"] for one in article["paragraphs"]
    ]
    new = not corpus.exists()
    if new:
        write(corpus, articles, source)
    for number, paragraph in enumerate(paragraphs):
        name = f"gold/{number:04}.txt"
        if new:
            (corpus / "gold").mkdir(exist_ok=True)
            (corpus / name).write_text(f"{paragraph['context']}\n", encoding="utf-8")
        questions += [(one["question"], name) for one in paragraph["qas"]]
    embedder = WordEmbedder()
    sync(corpus, folder / "index", embedder)
    step = max(1, len(questions) // most)
    questions = questions[::step]
    index = Index.open(folder / "index", embedding=embedder.fingerprint)
    print(f"{len(index.chunks)} passages, {len(questions)} questions")
    print(f"ndcg@10 exact {_ndcg(index, embedder, questions):.4f}")
    ids = list(index.chunks)
    with tempfile.TemporaryDirectory() as place:
        exact.MOST_EXACT, approximate.FEW = 0, 0
        exact.FaissStore().write(Path(place, "v"), ids, index.vectors.rows(ids))
        lists = exact.FaissStore().open(Path(place, "v"))
        (segment,) = index.documents.picture.segments  # type: ignore[attr-defined]
        segment.__dict__["vectors"] = lists
        print(f"ndcg@10 lists {_ndcg(index, embedder, questions):.4f}")


def _ndcg(index: Index, embedder: WordEmbedder, questions: list[tuple[str, str]]) -> float:
    scale, total = Scale(index.cosine_floor), 0.0
    for question, name in questions:
        hits = retrieve(index, question, embedder.embed_query(question), k=_AT, scale=scale)
        paths = list(dict.fromkeys(path for hit in hits for path in (hit.path, *hit.also)))
        total += 1 / math.log2(paths.index(name) + 2) if name in paths[:_AT] else 0.0
    return total / len(questions)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--most", type=int, default=400)
    given = parser.parse_args()
    main(given.set, given.source, given.articles, given.folder, given.most)
