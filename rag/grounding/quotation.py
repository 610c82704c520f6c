"""Turn a place in the sources into what is shown: the clause, and before it the sentence it points back to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.errors import IndexDamagedError
from index.storage.failures import MEND
from index.types import Span
from rag.grounding.anchoring import words_that_answer
from rag.grounding.clause import marked_cuts
from rag.grounding.context import FARTHEST, context
from rag.retrieval.lead import led_by
from rag.types import AnswerSentence, Citation, EvidenceSentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.storage.reader import Index
    from rag.grounding.anchoring import Anchor
    from rag.types import Role


@dataclass(frozen=True, slots=True)
class Quotation:
    """
    A piece of a source as it is shown.

    Parameters
    ----------
    sentence
        Its text is the quote of ``citation``, with an ellipsis where words were left out.
    citation
        The characters shown.

    """

    sentence: AnswerSentence
    citation: Citation


def context_of(index: Index, sentence: EvidenceSentence, question: str) -> tuple[EvidenceSentence, ...]:
    """Return what has to be shown before a sentence, in reading order, see `rag.grounding.context`."""
    text = index.documents[sentence.path].text
    before = index.sentences_before(sentence.path, sentence.start, FARTHEST)
    needed = context(text, Span(sentence.start, sentence.end), before, question=question)
    if (lead := led_by(index, sentence.path, sentence.start)) is not None:
        needed = tuple(sorted({*needed, lead}))
    return tuple(replace(sentence, start=one.start, end=one.end, text=text[one.start : one.end]) for one in needed)


def quote(
    index: Index,
    source: EvidenceSentence,
    place: Anchor,
    before: Sequence[EvidenceSentence] = (),
    *,
    draft: str = "",
    question: str = "",
) -> tuple[Quotation, ...]:
    """
    Return what is shown for a place, in the order of the source.

    Parameters
    ----------
    index
        The index that holds the source.
    source, place
        The evidence sentence, and where in it the answer stands.
    before
        From `context_of`. Shown whole, since any part of it may qualify the rest; its words that answer are
        emphasised too.
    draft, question
        What the model wrote, and the question it answered.

    """
    shown = [
        _quotation(index, one, 0, len(one.text), words_that_answer(draft, one.text, question=question), role="context")
        for one in before
    ]
    return (*shown, _quotation(index, source, place.start, place.end, place.words))


def is_table_row(index: Index, source: EvidenceSentence) -> bool:
    """Tell whether a sentence is the row of a table, in which no words answer alone."""
    block = index.documents[source.path].block_at(source.start)
    return block is not None and block.kind == "row" and block.is_whole


def _quotation(
    index: Index,
    source: EvidenceSentence,
    start: int,
    end: int,
    answering: Sequence[tuple[int, int]],
    role: Role = "answer",
) -> Quotation:
    document = index.documents[source.path]
    if document.text[source.start : source.end] != source.text:
        # The document agreed with its digest when the index was opened; no other words may be shown as its own.
        raise IndexDamagedError(f"What was found in {source.path} is not what stands there.", hint=MEND)
    if is_table_row(index, source):  # the cells around a value say what it is
        start, end, answering = 0, len(source.text), ()
    text = marked_cuts(source.text, start, end)
    moved = text.index(source.text[start:end]) - start
    # Words in several places are those of a draft that says something else as well: together they answer nothing.
    emphasis = tuple((first + moved, last + moved) for first, last in answering) if len(answering) == 1 else ()
    page = document.page(source.start + start)
    citation = Citation(
        source.path,
        source.start + start,
        source.start + end,
        source.text[start:end],
        source.title,
        document.sha256,
        page,
        document.label(page),
        machine_read=document.is_machine_read(source.start + start, source.start + end),
    )
    return Quotation(AnswerSentence(text, 1.0, "kept", (0,), emphasis=emphasis, role=role), citation)
