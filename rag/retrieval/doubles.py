"""
Recognise duplicate texts, so that what lies in a folder more than once is found, shown and cited once.

The same text under several names is one document with several paths. If several documents print the same report, each
with words of its own around it, each sentence of it counts once, and its citation names the other documents.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from index.errors import CorpusError
from index.markup.front_matter import front_matter
from index.reading.spelled_paths import known
from index.text.spelling import comparable, wording
from rag.limits import MOST_DOUBLES

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from index.storage.reader import Index
    from index.types import Document
    from rag.types import Citation, Hit

# Shorter sentences ("Das ist falsch.") also occur in documents that have nothing else in common.
_INFORMATIVE = 5  # words
_BEGINNING, _COMPARED = 200, 12  # characters taken of a text, and compared of these without white space
_CANDIDATES = 200  # passages searched for a sentence: those with most of its words
_MOST_REMEMBERED = 50_000
# Newspapers print the same words with different quotation marks, or none.
_QUOTES = re.compile(r"[\"'„“”‘’‚«»‹›*_]+")
# And they print a news agency's report after a dateline: "Auheim (dpa/lhe) - ".
_DATELINE = re.compile(
    r"[^().!?]{0,60}\((?:dpa|afp|ap|apa|awp|rtr|reuters|epd|kna|sid|sda|keystone-sda|dts|ots|dow jones|bloomberg)"
    r"(?:\s?[-/,&]\s?[\w.]{1,12}){0,3}\)\s*[-‐–—:.]*\s*",
    re.IGNORECASE,
)


def named(path: str, documents: Mapping[str, Document]) -> Document:
    """Return the document at a path, however its umlauts are composed; raises `CorpusError` if there is none."""
    name = path if path in documents else known(path, documents)
    if name is None:
        raise CorpusError(f"There is no document {path} in the index.", hint="See `rag index`.")
    return documents[name]


def doubles_of(document: Document, index: Index) -> tuple[str, ...]:
    """Return the paths of other documents with the same text, regardless of front matter and line endings."""
    return tuple(path for path in index.rows.with_text_of(document.text) if path != document.path)


def same_text(one: Document, other: Document) -> bool:
    """Tell whether two documents have the same text, regardless of front matter and line endings."""
    return _body(one) == _body(other)


def said(text: str) -> str:
    """Return a sentence without case, quotation marks and dateline, so that equal wordings compare equal."""
    words = " ".join(_QUOTES.sub("", comparable(text)).split())
    return (words[found.end() :] if (found := _DATELINE.match(words)) else words).casefold()


def distinct_hits(
    index: Index, ranked: Sequence[tuple[int, float]], k: int, hit: Callable[[int, float], Hit]
) -> list[Hit]:
    """
    Return hits, each text once.

    Parameters
    ----------
    index, ranked
        The index, and its passages found: ids and scores, best first.
    k
        Number of hits wanted.
    hit
        Makes a hit from a passage's id and score.

    Returns
    -------
    At most ``k`` hits, best first. If several documents contain the same passage, the one of the document with the best
    hit is returned, with the best score. If several documents have the same text, only passages of the one with the
    best hit are returned, even if the others are cut into passages differently. The other paths are in ``also``.

    """
    # Only texts of returned hits are read: for all others it is enough to know which are equal.
    best: dict[Hashable, int] = {}
    same: dict[Hashable, list[tuple[int, int]]] = {}
    for rank, (id_, _) in enumerate(ranked):
        document, words = index.rows.marks(id_)
        best.setdefault(document, rank)
        same.setdefault(words, []).append((best[document], id_))
    scores = dict(ranked)
    found: list[Hit] = []
    copies = _Copies(index)
    for group in same.values():
        first = index.chunks[min(group)[1]]
        path = first.chunk.path
        if next(iter(copies.of(path))) != path:
            continue
        if len(found) == k:
            break
        paths = (index.chunks[id_].chunk.path for _, id_ in group) if len(group) > 1 else ()
        others = tuple(dict.fromkeys(other for other in paths if other != path))
        found.append(replace(hit(first.id, scores[group[0][1]]), also=others))
    return [_with_doubles(one, tuple(copies.of(one.path))) for one in found]


class _Copies:
    """Groups the documents of a search by text: compares their beginnings, and the whole texts if those are alike."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[str, dict[str, None]] = {}
        self._alike: dict[str, list[dict[str, None]]] = {}

    def of(self, path: str) -> dict[str, None]:
        """Return those of the paths asked for so far that have the same text, in the order of asking."""
        if path not in self._known:
            documents = self._index.documents
            alike = self._alike.setdefault(self._beginning(path), [])
            copies = next((one for one in alike if _body(documents[next(iter(one))]) == _body(documents[path])), None)
            if copies is None:
                alike.append(copies := {})
            copies[path] = None
            self._known[path] = copies
        return self._known[path]

    def _beginning(self, path: str) -> str:
        # In plain text, heading marks are part of the text. Few letters, so that white space does not matter.
        first = self._index.chunks[self._index.passages[path][0]].chunk.text
        return wording(first[:_BEGINNING]).lstrip("#>*_- ")[:_COMPARED]


def _with_doubles(hit: Hit, paths: tuple[str, ...]) -> Hit:
    also = tuple(path for path in dict.fromkeys((*hit.also, *paths)) if path != hit.path)
    return replace(hit, also=also) if also != hit.also else hit


def informative_hits(index: Index, hits: Sequence[Hit], k: int) -> list[Hit]:
    """
    Return hits until ``k`` of them say something new.

    A passage at least half of which stands in better ones does not count towards ``k`` but is kept for what it adds.

    Parameters
    ----------
    index, hits
        The index, and the hits found in it, best first.
    k
        Number of passages wanted that say something new; if none repeats another, these are the first ``k``.

    """
    known_: set[str] = set()
    kept: list[Hit] = []
    new = 0
    for hit in hits:
        if new == k:
            break
        text = index.documents[hit.path].text
        sentences = [said(text[span.start : span.end]) for span in index.chunks[hit.chunk_id].chunk.sentences]
        length = sum(map(len, sentences))
        new += sum(len(one) for one in sentences if one not in known_) * 2 > length or not length
        known_.update(sentences)
        kept.append(hit)
    return kept


def also_in(index: Index, citation: Citation, admits: Callable[[Document], bool]) -> tuple[str, ...]:
    """
    Return the paths of other documents that hold a cited sentence in the same words.

    Parameters
    ----------
    index
        The index to search.
    citation
        Its whole sentence is looked for, even if only a clause of it is cited. A sentence of few words counts only if
        the other document has the same text as a whole.
    admits
        Tells which documents count.

    Returns
    -------
    Sorted paths, at most `rag.limits.MOST_DOUBLES`.

    """
    document = index.documents[citation.path]
    sentence = _sentence_around(index, citation)
    wanted = said(sentence)
    found: set[str] = set()
    for id_, _ in index.lexical.search(sentence, _CANDIDATES):
        chunk = index.chunks[id_].chunk
        other = index.documents[chunk.path]
        if chunk.path in found or chunk.path == citation.path or not admits(other):
            continue
        if any(said(other.text[span.start : span.end]) == wanted for span in chunk.sentences) and (
            len(wanted.split()) >= _INFORMATIVE or _body(other) == _body(document)
        ):
            found.add(chunk.path)
    return tuple(sorted(found)[:MOST_DOUBLES])


def _sentence_around(index: Index, citation: Citation) -> str:
    text = index.documents[citation.path].text
    for id_ in index.passages.get(citation.path, ()):
        for span in index.chunks[id_].chunk.sentences:
            if span.start <= citation.start < span.end:
                return text[span.start : span.end]
    return citation.quote


class _Bodies:
    """Digests of the texts of documents, remembered because the same texts are compared with each question."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes] = {}
        self._lock = threading.Lock()

    def __call__(self, document: Document) -> bytes:
        key = hash(document.text), len(document.text)  # a string keeps its hash
        found = self._known.get(key)
        if found is None:
            text = wording(document.text[front_matter(document.text)[1] :])
            found = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            with self._lock:
                if len(self._known) >= _MOST_REMEMBERED:
                    self._known.clear()
                self._known[key] = found
        return found


_body = _Bodies()
