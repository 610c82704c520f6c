"""The built-in stages: each calls the module that does its work."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from rag import prompts
from rag.grounding.anchoring import Anchor, anchor, foreseen, second_place
from rag.grounding.other_values import other_value
from rag.grounding.quotation import context_of, is_table_row, quote
from rag.grounding.reader import judge
from rag.query.decompose import decompose
from rag.retrieval.doubles import informative_hits
from rag.retrieval.evidence import select
from rag.retrieval.hybrid import retrieve
from rag.retrieval.recency import asks_for_newest, prefer_recent

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from rag.grounding.quotation import Quotation
    from rag.grounding.reader import Bearing, EvidenceReader, Judgement
    from rag.grounding.state_reader import StateReading
    from rag.inference.protocol import Engine, Reading
    from rag.kinds import Kind
    from rag.pipeline.protocols import Reader
    from rag.pipeline.values import Asked
    from rag.retrieval.view import View
    from rag.types import EvidenceSentence, Filter, Hit, Query

# The first words of a draft are enough to point: of 340 drafts cut after 80 characters, as many lead to the right
# sentence as of whole ones.
_MOST_POINTING_TOKENS = 32
# Passages that are looked at for each one wanted, because some repeat others.
_ROOM = 3
# A translation takes seconds for each quote. Two cores write ten tokens a second and read a hundred, so that
# `_LONGEST_TRANSLATED` characters of an answer of several sentences are translated in less than twelve seconds.
_MOST_TRANSLATED = 4
_LONGEST_TRANSLATED = 330
_FEWEST_TRANSLATED_TOKENS = 32


class ConjunctionSplitter:
    """Splits a question at a conjunction between two question words, see `rag.query.decompose`."""

    def split(self, query: Query) -> Sequence[Query]:
        """Return the parts of the question, in order."""
        return decompose(query)


class WholeQuestion:
    """Splits no question."""

    def split(self, query: Query) -> Sequence[Query]:
        """Return the question alone."""
        return (query,)


class HybridRetriever:
    """
    Dense and lexical search as one score, see `rag.retrieval.hybrid`.

    Parameters
    ----------
    prefer_newest
        Put recent passages before older ones if a question asks for the latest.

    """

    def __init__(self, *, prefer_newest: bool = True) -> None:
        self._prefer_newest = prefer_newest

    def retrieve(self, query: Query, view: View, *, restrict: Filter | None, k: int) -> Sequence[Hit]:
        """Return at most ``k`` passages, best first."""
        text = query.searched
        found = retrieve(view.index, text, view.vector(text), k=_ROOM * k, scale=view.scale, restrict=restrict)
        hits = informative_hits(view.index, found, k)
        if self._prefer_newest and asks_for_newest(query.question):
            return prefer_recent(hits, view.index.documents)
        return hits


class SentenceSelector:
    """
    The sentences of the passages that are nearest to the question, see `rag.retrieval.evidence`.

    Parameters
    ----------
    budget
        Most tokens of all sentences together.
    contexts
        Whether `context` returns what a sentence points back to; it returns nothing otherwise.

    """

    def __init__(self, *, budget: int, contexts: bool = True) -> None:
        self._budget = budget
        self._contexts = contexts

    def select(self, query: Query, hits: Sequence[Hit], view: View) -> tuple[EvidenceSentence, ...]:
        """Return verbatim sentences within the budget."""
        return select(
            view.index,
            hits,
            query.standalone,
            view.vector(query.standalone),
            scale=view.scale,
            count_tokens=_estimate_tokens,
            budget=self._budget,
        )

    def context(self, query: Query, sentence: EvidenceSentence, view: View) -> tuple[EvidenceSentence, ...]:
        """Return the sentence that this one points back to, and the names of a table's columns."""
        return context_of(view.index, sentence, query.standalone) if self._contexts else ()


class EvidenceJudge:
    """
    The small reader, see `rag.grounding.reader`.

    Parameters
    ----------
    reader
        Returns the reader, or None if there is none for the embedding model in use.

    """

    def __init__(self, reader: Callable[[], EvidenceReader | None]) -> None:
        self._reader = reader

    def judge(self, query: Query, evidence: Sequence[EvidenceSentence]) -> Judgement | None:
        """Return which sentence answers, and how likely that is."""
        reader = self._reader() if evidence else None
        if reader is None:
            return None
        return judge(query.standalone, evidence, reader.read(query.standalone, evidence))

    def words(self, query: Query, sentence: EvidenceSentence) -> tuple[int, int] | None:
        """Return which words of a sentence answer if it is read by itself; None if probably none do."""
        judgement = self.judge(query, (sentence,))
        return (judgement.start, judgement.end) if judgement is not None and judgement.answers > 0 else None

    def bearings(self, query: Query, sentences: Sequence[EvidenceSentence]) -> Sequence[Bearing] | None:
        """Return how each sentence bears on an open question; None without a reader or sentences."""
        reader = self._reader() if sentences else None
        return None if reader is None else reader.read_open(query.standalone, sentences)


def bearings_of(reader: Reader, query: Query, sentences: Sequence[EvidenceSentence]) -> Sequence[Bearing] | None:
    """Return how each sentence bears on an open question; None if the reader is a plug-in that does not say."""
    bearings = getattr(reader, "bearings", None)
    return None if bearings is None else bearings(query, sentences)


def words_of(reader: Reader, query: Query, sentence: EvidenceSentence) -> tuple[int, int] | None:
    """Return which words of a sentence answer; None if none do or the reader is a plug-in that does not say."""
    words = getattr(reader, "words", None)
    return None if words is None else words(query, sentence)


class NoReader:
    """Leaves everything to the language model."""

    def judge(self, query: Query, evidence: Sequence[EvidenceSentence]) -> Judgement | None:  # noqa: ARG002 - it reads nothing
        """Return None."""
        return None


class NoSecondReader:
    """Leaves answers of several sentences as the small reader chose them."""

    def read(self, question: str, kind: Kind, sentences: Sequence[EvidenceSentence]) -> StateReading | None:  # noqa: ARG002 - it reads nothing
        """Return None."""
        return None


class PointingGenerator:
    """
    A language model that reads the nearest sentences once and is asked two things about them.

    Parameters
    ----------
    engine
        The model.
    max_tokens
        Most tokens of an answer.

    """

    def __init__(self, engine: Engine, *, max_tokens: int) -> None:
        self._engine = engine
        self._max_tokens = max_tokens

    @property
    def fingerprint(self) -> str:
        """Identifies the model."""
        return self._engine.fingerprint

    @contextmanager
    def read(self, asked: Asked) -> Iterator[_Pointing]:
        """Return the model after it has read the nearest sentences."""
        with self._engine.read(prompts.prefix(asked.query, asked.read)) as reading:
            yield _Pointing(reading, asked.query, min(_MOST_POINTING_TOKENS, self._max_tokens))


class _Pointing:
    def __init__(self, reading: Reading, query: Query, max_tokens: int) -> None:
        self._reading = reading
        self._query = query
        self._max_tokens = max_tokens

    def confirmation(self) -> tuple[float, float]:
        yes, no = self._reading.preferences(prompts.confirm(self._query), prompts.YES_OR_NO[self._query.language])
        return yes, no

    def draft(self) -> Generator[str]:
        return self._reading.stream(prompts.answer(self._query), max_tokens=self._max_tokens)


class AnchoringVerifier:
    """Looks for the draft's words in the sentences that were read, see `rag.grounding.anchoring`."""

    def foresee(self, asked: Asked) -> Anchor | None:
        """Return the sentence far nearer to the question than all others; None if none is, or a reader has read."""
        return None if asked.odds else foreseen(asked.read, asked.contexts)

    def place(self, draft: str, asked: Asked) -> Anchor | None:
        """Return the likeliest place of a draft."""
        question = asked.query.standalone
        return anchor(draft, asked.read, question=question, contexts=asked.contexts, odds=asked.odds)


class QuotingPresenter:
    """
    Quotes the source's own sentence, cut only where nothing of its meaning is lost, see `rag.grounding.quotation`.

    Parameters
    ----------
    second_places
        Show a second sentence for words of the draft that the first lacks.
    other_values
        Show a sentence that gives another value for the same thing.

    """

    def __init__(self, *, second_places: bool = True, other_values: bool = True) -> None:
        self._second_places = second_places
        self._other_values = other_values

    def present(self, asked: Asked, place: Anchor, draft: str) -> tuple[Quotation, ...]:
        """Return the quotation, after those that have to be shown before it."""
        return quote(
            asked.view.index,
            asked.read[place.sentence],
            place,
            asked.contexts[place.sentence],
            draft=draft,
            question=asked.query.standalone,
        )

    def further(self, asked: Asked, place: Anchor, draft: str) -> Iterator[tuple[Quotation, ...]]:
        """Yield the second place, then the other value."""
        question, index = asked.query.standalone, asked.view.index
        if self._second_places:
            second = second_place(draft, place, asked.read, question=question, contexts=asked.contexts)
            if second is not None:
                yield self.present(asked, second, draft)
        if self._other_values:
            texts = {one.path: index.documents[one.path].text for one in asked.evidence}
            words = () if is_table_row(index, asked.read[place.sentence]) else place.words
            other = other_value(asked.read[place.sentence], words, asked.evidence, question=question, texts=texts)
            if other is not None:
                whole = Anchor(0, 0, len(other.sentence.text), 1.0, other.words)
                yield quote(index, other.sentence, whole, context_of(index, other.sentence, question))


def few(quotes: Sequence[str], *, composed: bool) -> Sequence[str]:
    """
    Return the quotes that are translated: the first few.

    Parameters
    ----------
    quotes
        All quotes in another language than the question.
    composed
        Whether the answer has several sentences. The first of them are the nearest, so that the rest may be left out.

    """
    taken = quotes[:_MOST_TRANSLATED]
    while composed and len(taken) > 1 and sum(map(len, taken)) > _LONGEST_TRANSLATED:
        taken = taken[:-1]
    return taken


class ModelTranslator:
    """
    Lets the language model translate.

    Parameters
    ----------
    engine
        The model.
    max_tokens
        Most tokens of the translation of one quote.

    """

    def __init__(self, engine: Engine, *, max_tokens: int) -> None:
        self._engine = engine
        self._max_tokens = max_tokens

    def translate(self, quotes: Sequence[str], language: str) -> str:
        """Return the translation in one line."""
        # A translation with half as many tokens again as its source is not one: a small model repeats itself.
        most = sum(map(len, quotes)) // 2 + _FEWEST_TRANSLATED_TOKENS
        with (
            self._engine.read(prompts.translation(quotes, language)) as reading,
            closing(
                reading.stream("", max_tokens=min(most, self._max_tokens * min(len(quotes), _MOST_TRANSLATED)))
            ) as pieces,
        ):
            return " ".join("".join(pieces).split())


class NoTranslator:
    """Leaves the sources' sentences as they are."""

    def translate(self, quotes: Sequence[str], language: str) -> str:  # noqa: ARG002 - it writes nothing
        """Return an empty text."""
        return ""


def _estimate_tokens(text: str) -> int:
    # The evidence must be on screen before the language model has loaded, so its tokenizer is not asked.
    # German runs at 2.9 to 3.5 characters a token in the vocabularies of today's models.
    return len(text) // 3 + 1
