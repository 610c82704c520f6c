"""
Compare engines for keyword search over our own terms with scores computed at once over all passages.

    python -m bench.search.lexical_engines articles.jsonl --passages 4000

Each gets the same terms (German stems, parts of compounds, numbers). Measured are the processor time to make the index,
to add one more passage, and to query the 200 best; the size on disk; and how many of the ten best are also among those
of BM25 in Lucene's form, which the product has used from the beginning. Tantivy has no wheel in this environment.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
from pathlib import Path

import bm25s
import numpy as np

from index.storage.columns.files import write
from index.storage.lexical import LexicalIndex, fresh

K = 200


def main(source: Path, passages: int) -> None:
    """Print a table."""
    texts = _passages(source, passages + 1)
    *known, further = texts
    queries = [" ".join(text.split()[5:12]) for text in texts[:: max(1, passages // 100)]]
    began = time.process_time()
    postings = fresh(enumerate(known))
    ours = LexicalIndex([(postings, None)])
    terms = [ours.passage_terms(text) for text in known]
    asked = [ours.query_terms(query) for query in queries]
    analysis = time.process_time() - began
    print(f"{passages} passages, {len(queries)} queries; reading them twice takes {analysis:.1f} s\n")
    print("| engine | made | one more | query | on disk | ten best as BM25 |")
    print("|---|---|---|---|---|---|")
    plain = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    best = []
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        plain.index(terms, show_progress=False)
        made = time.process_time() - began
        began = time.process_time()
        for of in asked:
            scores = plain.get_scores([term for term in dict.fromkeys(of) if term in plain.vocab_dict])
            order = np.argsort(-scores, kind="stable")[:K]
            best.append({int(row) for row in order[:10] if scores[row] > 0})
        asking = time.process_time() - began
        plain.save(f"{folder}/bm25s", show_progress=False)
        _print("bm25s, made whole", made, made, asking / len(queries), _size(Path(folder, "bm25s")), 1.0)

        began = time.process_time()
        write(Path(folder, "ours"), {name: column.all() for name, column in postings.columns.items()})
        made = time.process_time() - began
        began = time.process_time()
        fresh([(passages, further)])
        more = time.process_time() - began
        began = time.process_time()
        found = [{id_ for id_, _ in ours.search(query, K)[:10]} for query in queries]
        asking = time.process_time() - began
        _print("segments of ours", made, more, asking / len(queries), _size(Path(folder, "ours")), _alike(found, best))

        connection = sqlite3.connect(f"{folder}/fts")
        connection.execute("CREATE VIRTUAL TABLE p USING fts5(t, content='', tokenize=\"ascii\")")
        hexed = [" ".join(_word(term) for term in of) for of in terms]
        began = time.process_time()
        connection.executemany("INSERT INTO p(rowid, t) VALUES (?, ?)", enumerate(hexed))
        connection.commit()
        made = time.process_time() - began
        began = time.process_time()
        connection.execute("INSERT INTO p(rowid, t) VALUES (?, ?)", (passages, hexed[0]))
        connection.commit()
        more = time.process_time() - began
        began = time.process_time()
        found = [{row for (row,) in _matching(connection, of)[:10]} for of in asked]
        asking = time.process_time() - began
        _print("SQLite FTS5", made, more, asking / len(queries), _size(Path(folder, "fts")), _alike(found, best))


def _matching(connection: sqlite3.Connection, terms: list[str]) -> list[tuple[int]]:
    match = " OR ".join(f'"{_word(term)}"' for term in dict.fromkeys(terms))
    return connection.execute("SELECT rowid FROM p WHERE p MATCH ? ORDER BY rank LIMIT ?", (match, K)).fetchall()


def _word(term: str) -> str:
    """Return a term as letters that no tokenizer splits."""
    return term.encode().hex()


def _alike(found: list[set[int]], best: list[set[int]]) -> float:
    return sum(len(one & other) for one, other in zip(found, best, strict=True)) / max(1, sum(map(len, best)))


def _size(place: Path) -> float:
    files = [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files) / 1e6


def _print(name: str, made: float, more: float, query: float, size: float, alike: float) -> None:
    print(f"| {name} | {made:.2f} s | {1000 * more:.1f} ms | {1000 * query:.2f} ms | {size:.1f} MB | {alike:.3f} |")


def _passages(source: Path, count: int) -> list[str]:
    with source.open(encoding="utf-8") as lines:
        texts = (json.loads(line)["text"] for line in lines)
        found = [text[start : start + 900] for text in texts for start in range(0, max(1, len(text) - 300), 900)]
    return found[:count]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--passages", type=int, default=4000)
    given = parser.parse_args()
    main(given.source, given.passages)
