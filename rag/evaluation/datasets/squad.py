"""Read SQuAD files (v1.1 and v2.0), each paragraph of which becomes a document."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from index.text.sentences import split
from rag.evaluation.datasets._fields import Record, read_whole
from rag.evaluation.types import Dataset, DatasetError, Passage, Question

if TYPE_CHECKING:
    from pathlib import Path


def load_squad(file: Path) -> Dataset:
    """
    Read a set in the format of SQuAD.

    A paragraph with ``sentence_breaks`` keeps them (XQuAD-R has them); other paragraphs are split into sentences here.

    Raises
    ------
    DatasetError
        The file is missing, not of this format or has no questions, or an answer starts outside of its
        paragraph; the message names the file and the path in it.

    """
    value = read_whole(file)
    if not isinstance(value, dict):
        raise DatasetError(f"{file}: not a JSON object.", hint="A SQuAD file is one object with a list 'data'.")
    reading = _Reading()
    for article in Record(value, str(file)).records("data"):
        title = article.optional_text("title")
        for paragraph in article.records("paragraphs"):
            reading.add(title, paragraph)
    if not reading.questions:
        raise DatasetError(f"The evaluation set {file} has no questions.", hint="Fill the lists 'qas'.")
    return Dataset(file.name, "squad", tuple(reading.questions.values()), tuple(reading.documents.values()))


class _Reading:
    """What was read so far: questions by id, documents by title and text."""

    def __init__(self) -> None:
        self.questions: dict[str, Question] = {}
        self.documents: dict[tuple[str, str], Passage] = {}
        self._numbers: Counter[str] = Counter()

    def add(self, title: str, paragraph: Record) -> None:
        document = self._document(title, paragraph.text("context"))
        sentences: list[tuple[int, int]] | None = None
        for record in paragraph.records("qas"):
            identifier = record.unused(record.identifier("id"), self.questions, field="id")
            text = record.text("question")
            if record.truth("is_impossible", default=False):
                # Its answers, if it has any, are only plausible.
                self.questions[identifier] = Question(identifier, text, answerable=False)
                continue
            if sentences is None:
                sentences = _sentences(paragraph, document.text)
            self.questions[identifier] = _answerable(identifier, text, record, document, sentences)

    def _document(self, title: str, text: str) -> Passage:
        known = self.documents.get((title, text))
        if known is not None:
            return known
        number = self._numbers[title]
        self._numbers[title] += 1
        # The number comes last and has no slash, so no two titles can lead to the same id.
        identifier = f"{title}/{number}" if title else str(number)
        document = self.documents[title, text] = Passage(identifier, title.replace("_", " "), text)
        return document


def _answerable(
    identifier: str, text: str, record: Record, document: Passage, sentences: list[tuple[int, int]]
) -> Question:
    answers: dict[str, None] = {}
    spans: dict[tuple[int, int], None] = {}
    for answer in record.records("answers"):
        words, start = answer.text("text"), answer.integer("answer_start")
        if not 0 <= start < len(document.text):
            raise answer.wrong("answer_start", f"lies outside of the context of {len(document.text)} characters")
        # The words need not stand at that place: a few do not, even in published sets.
        answers[words] = None
        between = (start, min(start + len(words), len(document.text)))
        spans[next((span for span in sentences if span[0] <= start < span[1]), between)] = None
    if not answers:
        raise record.wrong("answers", "is empty", hint="Give one, or set 'is_impossible' to true.")
    return Question(
        identifier,
        text,
        answers=tuple(answers),
        sources=(document.id,),
        gold_spans=tuple((document.id, start, end) for start, end in spans),
    )


def _sentences(paragraph: Record, text: str) -> list[tuple[int, int]]:
    if "sentence_breaks" not in paragraph.data:
        return [(span.start, span.end) for span in split(text)]
    breaks = paragraph.data["sentence_breaks"]
    if not isinstance(breaks, list) or not all(_is_span(pair, len(text)) for pair in breaks):
        raise paragraph.wrong("sentence_breaks", "must be a list of [start, end] pairs within the context")
    return [(start, end) for start, end in breaks]


def _is_span(pair: object, length: int) -> bool:
    if not isinstance(pair, list) or len(pair) != 2 or not all(type(offset) is int for offset in pair):
        return False
    start, end = pair
    return bool(0 <= start <= end <= length)
