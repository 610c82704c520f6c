"""
Write bundles as articles and a set of questions for `rag eval`, to measure on bundles that the network has not seen.

    python -m training.open.as_set FOLDER BUNDLE [BUNDLE ...]
    RAG_CORPUS=FOLDER/articles RAG_INDEX=FOLDER/index rag index
    RAG_CORPUS=FOLDER/articles RAG_INDEX=FOLDER/index rag eval FOLDER/questions.jsonl --fresh

Each question is asked of its bundle's articles alone: the bundle's name is their source. The kinds of questions are
learnt from all bundles, so figures measured with guessed kinds are a little too good.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.open.bundles import bundles_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from training.open.bundles import Bundle

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
    The number of questions.

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
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "questions.jsonl").write_text(lines, encoding="utf-8")
    return len(rows)


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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("bundles", nargs="+")
    given = parser.parse_args()
    print(write(given.folder, given.bundles), "questions")
