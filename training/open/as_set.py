"""
Write bundles as articles and sets of questions for `rag eval`, to measure on bundles that the networks have not seen.

    python -m training.open.as_set FOLDER BUNDLE [BUNDLE ...]
    RAG_CORPUS=FOLDER/articles RAG_INDEX=FOLDER/index rag index
    RAG_CORPUS=FOLDER/articles RAG_INDEX=FOLDER/index rag eval FOLDER/questions.jsonl --fresh

``questions.jsonl`` has the open questions, ``facts.jsonl`` those for a fact, each with a near miss. Each question is
asked of its bundle's articles alone: the bundle's name is their source. The kinds of questions are learnt from all
bundles, so figures measured with guessed kinds are a little too good.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.open.bundles import bundles_named
from training.open.pairs import pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from training.open.bundles import Bundle
    from training.open.pairs import Pair

_SOURCE = re.compile(r"^source: .*$", re.MULTILINE)


def write(folder: Path, names: Sequence[str]) -> int:
    """
    Write the articles and the questions of some bundles.

    Parameters
    ----------
    folder
        Where they are written; what is there is replaced.
    names
        Names of the bundles.

    Returns
    -------
    The number of open questions.

    Raises
    ------
    ValueError
        There is no bundle of one of the names.

    """
    chosen = bundles_named(names)
    articles = folder / "articles"
    if articles.exists():
        shutil.rmtree(articles)
    articles.mkdir(parents=True)
    rows = [row for bundle in chosen for row in _rows(bundle)]
    for bundle in chosen:
        for path, text in bundle.texts.items():
            told = _SOURCE.sub(f"source: {_source(bundle)}", text, count=1)
            (articles / f"{bundle.name}-{path}").write_text(told, encoding="utf-8")
    of_bundle = pairs()
    facts = [row for bundle in chosen for row in _facts(bundle, of_bundle.get(bundle.name, ()))]
    _write_rows(folder / "questions.jsonl", rows)
    _write_rows(folder / "facts.jsonl", facts)
    return len(rows)


def _write_rows(file: Path, rows: Sequence[dict[str, Any]]) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _source(bundle: Bundle) -> str:
    return f"Bündel {bundle.name}"


def _rows(bundle: Bundle) -> Iterator[dict[str, Any]]:
    for number, asked in enumerate(bundle.questions):
        points = [
            {
                "answers": [],
                "quotes": [
                    {"path": f"{bundle.name}-{place.path}", "quote": bundle.texts[place.path][place.start : place.end]}
                    for place in (bundle.places[key] for key in point)
                ],
            }
            for point in asked.points
        ]
        yield {
            "id": f"{bundle.name}-{number}",
            "question": asked.question,
            "kind": asked.kind,
            "answerable": bool(points),
            "sources": sorted({quote["path"] for point in points for quote in point["quotes"]}),
            "key_points": points,
            "filter": {"source": _source(bundle)},
        }


def _facts(bundle: Bundle, asked: Sequence[Pair]) -> Iterator[dict[str, Any]]:
    for number, pair in enumerate(asked):
        place = bundle.places[pair.key]
        path = f"{bundle.name}-{place.path}"
        shared = {"kind": "fact", "filter": {"source": _source(bundle)}}
        yield {
            "id": f"{bundle.name}-fact-{number}",
            "question": pair.question,
            "answerable": True,
            "answers": [],
            "sources": [path],
            "gold_quotes": [bundle.texts[place.path][place.start : place.end]],
        } | shared
        if pair.near_miss:
            yield {
                "id": f"{bundle.name}-near-{number}",
                "question": pair.near_miss,
                "answerable": False,
                "answers": [],
                "sources": [],
            } | shared


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("bundles", nargs="+")
    given = parser.parse_args()
    print(write(given.folder, given.bundles), "questions")
