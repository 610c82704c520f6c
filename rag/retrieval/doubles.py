"""Documents by name and by text: what lies in a folder more than once is found, shown and cited once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from index.errors import CorpusError
from index.reading.front_matter import front_matter
from index.reading.spelled_paths import known
from index.text.spelling import wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from index.types import Document
    from rag.types import Hit


def named(path: str, documents: Mapping[str, Document]) -> Document:
    """Return the document of a path, however its umlauts are put together; raises `CorpusError` where there is none."""
    name = path if path in documents else known(path, documents)
    if name is None:
        raise CorpusError(f"There is no document {path} in the index.", hint="See `rag index`.")
    return documents[name]


def doubles_of(document: Document, documents: Iterable[Document]) -> tuple[str, ...]:
    """Return the paths of the other documents with the same text, whatever their front matter and line ends."""
    body = _body(document)
    return tuple(one.path for one in documents if one.path != document.path and _body(one) == body)


def distinct_hits(hits: Sequence[Hit]) -> list[Hit]:
    """
    Return hits, each text once.

    Parameters
    ----------
    hits
        Best first.

    Returns
    -------
    Best first. Of the same passage in several documents the one of the document with the best hit, at the best score;
    the others are in its ``also``.

    """
    best = {path: rank for rank, path in reversed(list(enumerate(hit.path for hit in hits)))}
    same: dict[str, list[Hit]] = {}
    for hit in hits:
        same.setdefault(wording(hit.text), []).append(hit)
    found: list[Hit] = []
    for group in same.values():
        first = min(group, key=lambda hit: (best[hit.path], hit.chunk_id))
        others = tuple(dict.fromkeys(hit.path for hit in group if hit.path != first.path))
        found.append(replace(first, score=group[0].score, also=others) if others else first)
    return found


def _body(document: Document) -> str:
    return wording(document.text[front_matter(document.text)[1] :])
