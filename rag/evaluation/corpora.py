"""Index the documents that a set brings along, once, and locate its gold passages in them."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import yaml
from filelock import FileLock

from index.text.spelling import composed
from rag.evaluation.fingerprints import code_fingerprint
from rag.evaluation.types import DatasetError
from rag.inference.weights.cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from rag.client import RAG
    from rag.evaluation.types import Dataset, Passage, Question


_CLUSTER = re.compile(r"[\s\S][\u0300-\u036f]*")
# Characters that no text file has: with them, a file would be taken for binary.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class PreparedSet:
    """
    A set that is ready to be asked.

    Parameters
    ----------
    rag
        Client over the corpus, or over the set's own documents.
    questions
        Questions of the set, with sources as paths of the index.
    gold
        Places of each question's gold passages, by question id: path, start, end.
    restricted
        Paths that a question may be answered from, by question id; a question that has no entry may use all.
    points
        Places of the quotes of each key point, by question id, in the order of its key points.

    """

    rag: RAG
    questions: tuple[Question, ...]
    gold: dict[str, tuple[tuple[str, int, int], ...]]
    restricted: dict[str, frozenset[str]]
    points: dict[str, tuple[tuple[tuple[str, int, int], ...], ...]] = field(default_factory=dict)


def prepare(rag: RAG, dataset: Dataset) -> PreparedSet:
    """
    Make the documents of a set searchable.

    Documents that a set brings along are indexed into the cache, under a key made of their content, the
    embedding model and the code of the index: a second run embeds nothing.

    Raises
    ------
    DatasetError
        A source or a gold quote does not exist, or a document cannot be indexed.

    """
    passages = tuple(dict.fromkeys((*dataset.documents, *(one for q in dataset.questions for one in q.passages))))
    if not passages:
        of_corpus = _in_corpus(rag, dataset)
        gold_places = _gold_in_corpus(rag, dataset.name, of_corpus)
        return PreparedSet(rag, of_corpus, gold_places, {}, _points_in_corpus(rag, dataset.name, of_corpus))
    if not dataset.documents:
        for question in dataset.questions:
            if not question.passages:
                raise DatasetError(
                    f"{question.where or dataset.name}: question {question.id!r} has no passages, while others have.",
                    hint="Put questions to the corpus into a set of their own.",
                )
    texts = [_file_text(passage) for passage in passages]
    folder = cache_folder() / "evaluation" / _key(texts, rag.embedding_fingerprint)
    with _alone(folder):
        own = rag.over(_written(folder, texts), folder / "index")
        report = own.sync()
    if report.skipped:
        first = report.skipped[0]
        passage = passages[_number(first.path)]
        raise DatasetError(
            f"{passage.where or dataset.name}: the document {passage.id!r} cannot be indexed: {first.reason}"
        )
    places = {passage: (_path(number), len(_header(passage))) for number, passage in enumerate(passages)}
    shared = {passage.id: places[passage] for passage in dataset.documents}
    questions: list[Question] = []
    gold: dict[str, tuple[tuple[str, int, int], ...]] = {}
    restricted: dict[str, frozenset[str]] = {}
    points: dict[str, tuple[tuple[tuple[str, int, int], ...], ...]] = {}
    for question in dataset.questions:
        known = {passage.id: places[passage] for passage in question.passages} or shared
        spans = [(known[name][0], known[name][1] + a, known[name][1] + b) for name, a, b in question.gold_spans]
        for quote in question.gold_quotes:
            for passage in question.passages or dataset.documents:
                start = passage.text.find(quote) if not question.sources or passage.id in question.sources else -1
                if start >= 0:
                    path, offset = known[passage.id]
                    spans.append((path, offset + start, offset + start + len(quote)))
        gold[question.id] = tuple(spans)
        if question.passages:
            restricted[question.id] = frozenset(path for path, _ in known.values())
            given = {passage.id: passage.text for passage in question.passages}
            points[question.id] = tuple(
                tuple(
                    (known[one.path][0], start, start + len(one.quote))
                    for one in point.quotes
                    for start in (known[one.path][1] + given[one.path].find(one.quote),)
                )
                for point in question.key_points
            )
        questions.append(replace(question, sources=tuple(known[name][0] for name in question.sources)))
    return PreparedSet(own, tuple(questions), gold, restricted, points)


def _in_corpus(rag: RAG, dataset: Dataset) -> tuple[Question, ...]:
    """Return the questions, with sources as the index names them."""
    paths = _paths(rag)
    found: list[Question] = []
    for question in dataset.questions:
        sources = [(source, paths.get(source) or paths.get(composed(source))) for source in question.sources]
        for source, path in sources:
            if path is None:
                raise DatasetError(
                    f"{question.where or dataset.name}: question {question.id!r} names the source {source!r}, "
                    "which is not in the index.",
                    hint="Bring the index up to date with `rag index`, or correct the set.",
                )
        found.append(replace(question, sources=tuple(path for _, path in sources if path is not None)))
    return tuple(found)


def _paths(rag: RAG) -> dict[str, str]:
    """Return the paths of the index, keyed by the path itself and by its composed form; no text is read."""
    there = [one.path for one in rag.listed()]
    return {**{composed(path): path for path in there}, **dict(zip(there, there, strict=True))}


def _gold_in_corpus(rag: RAG, name: str, questions: Sequence[Question]) -> dict[str, tuple[tuple[str, int, int], ...]]:
    found: dict[str, tuple[tuple[str, int, int], ...]] = {}
    for question in questions:
        spans: list[tuple[str, int, int]] = []
        for quote in question.gold_quotes:
            places = [
                (source, *place)
                for source in question.sources
                if (place := _place(rag.document(source).text, quote)) is not None
            ]
            if not places:
                raise DatasetError(
                    f"{question.where or name}: question {question.id!r} has a gold quote that stands in none of its sources: "
                    f"{quote[:60]!r}.",
                    hint="Correct the set: quotes must be copied exactly.",
                )
            spans += places
        found[question.id] = tuple(spans)
    return found


def _points_in_corpus(
    rag: RAG, name: str, questions: Sequence[Question]
) -> dict[str, tuple[tuple[tuple[str, int, int], ...], ...]]:
    paths = _paths(rag)

    def find(question: Question, source: str, quote: str) -> tuple[str, int, int]:
        path = paths.get(source) or paths.get(composed(source)) or ""
        place = _place(rag.document(path).text, quote) if path else None
        if place is None:
            missing = f"in {source!r}" if path else f"in {source!r}, which is not in the index"
            raise DatasetError(
                f"{question.where or name}: question {question.id!r} has a key point whose quote does not stand "
                f"{missing}: {quote[:60]!r}.",
                hint="Correct the set: quotes must be copied exactly." if path else "Bring the index up to date.",
            )
        return (path, *place)

    return {
        question.id: tuple(
            tuple(find(question, one.path, one.quote) for one in point.quotes) for point in question.key_points
        )
        for question in questions
    }


def _place(text: str, quote: str) -> tuple[int, int] | None:
    """Return where a quote stands: to the letter or, failing that, regardless of how umlauts are composed."""
    start = text.find(quote)
    if start >= 0:
        return start, start + len(quote)
    if unicodedata.is_normalized("NFC", text) and unicodedata.is_normalized("NFC", quote):
        return None
    # Compose each letter with its marks separately, so that its place in the text stays known.
    places: list[int] = []
    letters: list[str] = []
    for cluster in _CLUSTER.finditer(text):
        one = composed(cluster.group())
        letters.append(one)
        places += [cluster.start()] * len(one)
    places.append(len(text))
    wanted = composed(quote)
    start = "".join(letters).find(wanted)
    return None if start < 0 else (places[start], places[start + len(wanted)])


def _header(passage: Passage) -> str:
    # Always written, so that a text that begins with a rule is not taken for front matter.
    return f"---\n{yaml.safe_dump({'title': passage.title}, allow_unicode=True, width=10**6)}---\n"


def _file_text(passage: Passage) -> str:
    # Replace each character by exactly one other, so that the set's offsets stay valid.
    return _header(passage) + _CONTROL.sub(" ", passage.text)


def _path(number: int) -> str:
    return f"{number:06d}.txt"


def _number(path: str) -> int:
    return int(path.removesuffix(".txt"))


def _key(texts: Iterable[str], embedding: str) -> str:
    digest = hashlib.sha256(json.dumps([embedding, code_fingerprint("index")]).encode())
    for text in texts:
        digest.update(hashlib.sha256(text.encode(errors="surrogatepass")).digest())
    return digest.hexdigest()[:20]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    # A second run of the same set waits until the first has embedded it, and then finds it there.
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock"):
            yield
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise DatasetError(f"The cache folder {folder} cannot be used: {error.strerror}.") from error


def _written(folder: Path, texts: Iterable[str]) -> Path:
    corpus = folder / "corpus"
    if corpus.is_dir():
        return corpus
    unfinished = folder / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir()
        for number, text in enumerate(texts):
            (unfinished / _path(number)).write_bytes(text.encode())
        unfinished.rename(corpus)
    except (OSError, UnicodeEncodeError) as error:
        raise DatasetError(f"The documents of the set cannot be written to {folder}: {error}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return corpus
